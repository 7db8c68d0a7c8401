"""Where names stand that nodes are too small to bear."""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import QRectF

from graphlab.ui.canvas.far_names import place_labels


def width(name: str) -> float:
    return 6.0 * len(name)


def shorten(name: str, room: float) -> str:
    return name[: int(room / 6)]


def row(names: list[str], pitch: float) -> list[tuple[QRectF, str]]:
    return [(QRectF(k * pitch, 100, 40, 30), name) for k, name in enumerate(names)]


def test_short_names_stand_below_their_nodes():
    found = place_labels(row(["conv1", "relu"], 60), width, shorten)
    assert [label.text for label in found] == ["conv1", "relu"]
    assert all(label.rect.top() > 130 for label in found)
    assert [label.rect.center().x() for label in found] == [20, 80]


def test_long_names_of_neighbours_take_turns_below_and_above():
    found = place_labels(row(["fire2 to fire3", "maxpool2d", "fire4 to fire5"], 60), width, shorten)
    assert [label.text for label in found] == ["fire2 to fire3", "maxpool2d", "fire4 to fire5"]
    assert [label.rect.top() > 130 for label in found] == [True, False, True]


def test_where_there_is_no_room_a_name_is_shortened_or_left_out_and_nothing_lies_over_anything():
    nodes = row(["a name that is rather long"] * 6, 50)
    found = place_labels(nodes, width, shorten)
    assert {label.text for label in found} != {"a name that is rather long"}
    rects = [*(rect for rect, _ in nodes), *(label.rect for label in found)]
    assert not any(one.intersects(other) for one, other in combinations(rects, 2))
