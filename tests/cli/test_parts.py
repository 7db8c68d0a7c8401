"""`graphlab parts`."""

from __future__ import annotations

from graphlab.graph import parts


def test_every_part_is_listed(call):
    done = call("parts")
    assert done.code == 0
    for key in parts.parts():
        assert key in done.out


def test_json_tells_what_can_be_set(call):
    found = {part["part"]: part for part in call("parts", "--json").json}
    assert list(found) == list(parts.parts())
    assert found["lstm-cell"]["settings"] == ["hidden"]
    assert found["lstm-cell"]["is_cell"]
    assert not found["stacked-lstm"]["is_cell"]
