"""Aligning, spreading and straightening rectangles."""

from __future__ import annotations

import pytest

from graphlab.graph.arrange import LEAST_GAP, Level, aligned, distributed, straightened
from graphlab.graph.rect import Rect

THREE = {"a": Rect(0, 0, 100, 50), "b": Rect(30, 200, 60, 80), "c": Rect(300, 90, 200, 20)}


@pytest.mark.parametrize(
    ("side", "places"),
    [
        ("left", {"a": (0, 0), "b": (0, 200), "c": (0, 90)}),
        ("right", {"a": (400, 0), "b": (440, 200), "c": (300, 90)}),
        ("top", {"a": (0, 0), "b": (30, 0), "c": (300, 0)}),
        ("bottom", {"a": (0, 230), "b": (30, 200), "c": (300, 260)}),
        ("column", {"a": (200, 0), "b": (220, 200), "c": (150, 90)}),
        ("row", {"a": (0, 115), "b": (30, 100), "c": (300, 130)}),
    ],
)
def test_edges_and_middles_come_to_one_line(side, places):
    assert aligned(THREE, side) == places


def test_gaps_become_equal_and_the_outer_two_stay():
    rects = {
        "b": Rect(130, 7, 60, 10),
        "a": Rect(0, 0, 100, 50),
        "c": Rect(300, 90, 200, 20),
        "d": Rect(700, 0, 50, 50),
    }
    places = distributed(rects, "row")
    assert places["a"] == (0, 0)
    assert places["d"] == (700, 0)
    starts = [places[i][0] for i in "abcd"]
    ends = [places[i][0] + rects[i].width for i in "abcd"]
    gaps = [start - end for start, end in zip(starts[1:], ends, strict=False)]
    assert gaps == pytest.approx([(750 - 410) / 3] * 3)
    assert [places[i][1] for i in "abcd"] == [0, 7, 90, 0]


def test_where_there_is_no_room_the_last_ones_give_way():
    rects = {"a": Rect(0, 0, 50, 100), "b": Rect(0, 20, 50, 100), "c": Rect(0, 60, 50, 100)}
    places = distributed(rects, "column")
    assert [places[i][1] for i in "abc"] == [0, 100 + LEAST_GAP, 200 + 2 * LEAST_GAP]


def test_a_chain_is_straightened_from_its_beginning():
    rects = {"c": Rect(400, 90, 100, 50), "a": Rect(0, 10, 100, 50), "b": Rect(200, 200, 100, 80)}
    wires = [Level("a", "b", 25, 40), Level("b", "c", 30, 20)]
    assert straightened(rects, wires) == {"a": (0, 10), "b": (200, -5), "c": (400, 5)}


def test_of_two_wires_the_one_that_is_nearest_to_level_is_straightened():
    rects = {"x": Rect(0, 0, 100, 50), "near": Rect(200, 10, 100, 50), "far": Rect(200, 100, 100, 50)}
    wires = [Level("x", "far", 25, 25), Level("x", "near", 25, 25)]
    assert straightened(rects, wires) == {"x": (0, 0), "near": (200, 0), "far": (200, 100)}


def test_a_circle_of_wires_is_no_trouble():
    rects = {"a": Rect(0, 0, 100, 50), "b": Rect(200, 30, 100, 50)}
    assert straightened(rects, [Level("a", "b", 5, 5), Level("b", "a", 5, 5)])["b"] == (200, 0)


def test_long_chains_do_not_run_out_of_stack():
    rects = {f"n{k}": Rect(200 * k, 7 * (k % 5), 100, 50) for k in range(5000)}
    wires = [Level(f"n{k}", f"n{k + 1}", 25, 25) for k in range(4999)]
    assert {y for _, y in straightened(rects, wires).values()} == {0}


def test_nothing_is_arranged_into_nothing():
    assert aligned({}, "left") == distributed({}, "row") == straightened({}, []) == {}
