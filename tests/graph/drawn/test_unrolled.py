"""Where the parts of an Unroll node lie: pure functions, without a screen."""

from __future__ import annotations

import pytest

from graphlab.graph import Graph
from graphlab.graph.drawn import unrolled as places
from graphlab.graph.drawn.cell_picture import picture_of
from graphlab.graph.drawn.shapes import between, folded_shape, unrolled_shape
from graphlab.graph.drawn.unrolled import MOST, Pair, Rolled
from graphlab.graph.rect import Rect
from tests.engine.cells import jordan


def _rolled(steps: int, **more: object) -> Rolled:
    base = {
        "states": (Pair("h", "h_prev"),),
        "feeds": ("x",),
        "gives": (("y", "all"), ("h", "last")),
        "lasts": ("h_last",),
    }
    return Rolled(steps, **{**base, **more})


def test_few_copies_are_all_drawn() -> None:
    assert places.chosen(5, 3) == (0, 1, 2, 3, 4)
    assert places.lie(5)[1] == ()


@pytest.mark.parametrize("steps", [8, 9, 16, 1000])
def test_of_many_the_first_the_last_and_those_looked_at_are_drawn(steps: int) -> None:
    for at in (0, 1, steps // 2, steps - 1):
        drawn = places.chosen(steps, at)
        assert len(drawn) == MOST == len(set(drawn))
        assert list(drawn) == sorted(drawn)
        assert {0, at, steps - 1} <= set(drawn)


@pytest.mark.parametrize("steps", [1, 2, 7, 8, 9, 40, 1000])
def test_wherever_one_looks_nothing_jumps(steps: int) -> None:
    """The copies and gaps fill the node from side to side, and its size does not hang on where one looks."""
    size = places.levels(_rolled(steps))
    for at in {0, steps // 3, steps // 2, steps - 1}:
        copies, gaps = places.lie(steps, at)
        assert copies[0].left == places.SIDE
        assert copies[-1].left + places.COPY == pytest.approx(size.width - places.SIDE)
        rights = [0.0, *(copy.left + places.COPY for copy in copies)]
        assert all(copy.left > right for copy, right in zip(copies, rights, strict=False))
        hidden = sum(gap.last - gap.first + 1 for gap in gaps)
        assert hidden == steps - len(copies)


def test_a_thousand_steps_are_as_large_as_eight() -> None:
    assert places.levels(_rolled(1000)) == places.levels(_rolled(8))


def test_sequences_go_in_below_the_copies_and_out_above_and_states_at_their_level() -> None:
    rolled = _rolled(4)
    ins, outs = places.rows(rolled, ("x", "h_prev"), ("y", "h", "h_last"))
    levels = places.levels(rolled)
    assert ins[0] > levels.copies + levels.copy
    assert outs[0] < outs[1] < levels.copies
    assert ins[1] == outs[2] == levels.states[0]
    assert levels.copies < ins[1] < levels.copies + levels.copy
    assert levels.height > ins[0]


def test_the_copy_under_the_pointer_is_told() -> None:
    rolled = _rolled(20)
    copies, (gap, *_) = places.lie(20, 10)
    levels = places.levels(rolled)
    middle = copies[2].left + 5, levels.copies + 5
    assert places.copy_at(rolled, 10, middle) == copies[2].t
    assert places.copy_at(rolled, 10, (gap.left + gap.width / 2, middle[1])) is None


def test_the_line_of_time_leads_there_and_back() -> None:
    rolled = _rolled(500)
    for t in (0, 1, 250, 499):
        assert places.step_at(rolled, places.along(rolled, t)) == t
    assert places.step_at(rolled, -100.0) == 0
    assert places.step_at(rolled, 1e9) == 499


def test_the_slider_has_one_step_at_its_left_end_and_a_thousand_at_its_right() -> None:
    rail = places.slider_box(900.0)
    assert places.steps_for(900.0, rail.x - 5) == 1
    assert places.steps_for(900.0, rail.end(0) + 5) == places.LONGEST
    for steps in (1, 8, 40, 1000):
        assert places.steps_for(900.0, places.knob(900.0, steps)) == steps


def test_cuts_stand_before_every_kth_copy_but_the_first() -> None:
    rolled = _rolled(10, truncate=4)
    assert [t for t in range(10) if rolled.is_cut(t)] == [4, 8]
    assert not any(_rolled(10).is_cut(t) for t in range(10))


def test_the_loop_leads_from_the_output_over_the_card_into_the_input() -> None:
    corners = places.loop(200.0, 90.0, 60.0, 0)
    assert corners[0] == (200, 90)
    assert corners[-1] == (0, 60)
    assert min(y for _, y in corners) < 0
    assert min(y for _, y in places.loop(200.0, 90.0, 60.0, 1)) < min(y for _, y in corners)


def test_a_cell_is_pictured_within_its_room_and_its_nodes_are_found() -> None:
    graph = Graph()
    x = graph.add("GroupInput", name="x", position=(0, 0))
    a = graph.add("Linear", x, units=3, position=(300, 0))
    b = graph.add("Tanh", a, position=(600, 200))
    graph.add("GroupOutput", b, name="h", position=(900, 200))
    room = Rect(10, 20, 110, 52)
    cell = picture_of(graph.document, room)
    assert cell.nodes == (a.id, b.id)
    for x0, y0, width, height in cell.rects.tolist():
        assert room.x - 0.01 <= x0 < x0 + width <= room.end(0) + 0.01
        assert room.y - 0.01 <= y0 < y0 + height <= room.end(1) + 0.01
        assert cell.node_at((x0 + width / 2, y0 + height / 2))
    assert cell.node_at((0, 0)) == ""
    assert len(cell.wires) == 3


def _op(**params: object) -> Rolled:
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", 5, 3))
    return places.rolled(graph.unroll(jordan(4, 3), x, steps=5, **params).node.make())


def test_what_an_unroll_node_says_decides_how_it_is_drawn() -> None:
    rolled = _op(truncate=2, outputs_as="last")
    assert (rolled.steps, rolled.states, rolled.feeds) == (5, (Pair("y", "y_prev"),), ("x",))
    assert (rolled.gives, rolled.lasts) == ((("y", "last"),), ("y_last",))
    assert [t for t in range(5) if rolled.is_cut(t)] == [2, 4]
    assert rolled.more == ("lengths",)
    assert _op(feedback=(("y", "x"),)).backs == (Pair("y", "x"),)


def test_both_drawings_have_the_same_sockets_and_there_is_a_way_between_them() -> None:
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", 5, 3))
    op = graph.unroll(jordan(4, 3), x, steps=5).node.make()
    small, large = folded_shape(op), unrolled_shape(op)
    assert (small.inputs, small.outputs) == (large.inputs, large.outputs)
    for shape in (small, large, between(small, large, 0.5)):
        for rows in (shape.input_rows, shape.output_rows):
            assert all(0 < y < shape.height for y in rows)
            assert len(set(rows)) == len(rows)
    half = between(small, large, 0.5)
    assert small.width < half.width < large.width
