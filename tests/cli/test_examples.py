"""`graphlab examples`."""

from __future__ import annotations

from graphlab.io.examples import examples


def test_every_example_is_listed(call):
    done = call("examples")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines() if line[:1].strip()][
        1 : 1 + len(examples())
    ] == [e.name for e in examples()]


def test_json_lists_objects_with_names(call):
    found = call("examples", "--json").json
    assert [e["name"] for e in found] == [e.name for e in examples()]
    assert all(e["title"] and e["description"] for e in found)
