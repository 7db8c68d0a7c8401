"""Stepping over, into and out of groups: how far each leads, forward, backward and back again."""

from __future__ import annotations

import pytest

from graphlab.engine import strides
from graphlab.engine.breakpoints import Breakpoints
from graphlab.engine.messages import Breakpoint
from graphlab.engine.plan import Entry
from graphlab.engine.strides import stride
from graphlab.engine.workspace import Workspace
from graphlab.errors import ProblemsError
from graphlab.graph import Graph
from tests.engine.stepping_graphs import by_turns, recurrent


def schedule(forward: str, backward: str = "") -> list[Entry]:
    """ "x g/a g/b y": one entry for each word; then those of backward, and an update."""
    lines = [("forward", key) for key in forward.split()] + [("backward", key) for key in backward.split()]
    return [Entry(k, phase, key, key) for k, (phase, key) in enumerate([*lines, ("update", "")])]


LINES = schedule("x g/a g/in/b g/in/c g/d y", "y g/d g/in/c g/in/b g/a x")


@pytest.mark.parametrize(
    ("sheet", "cursor", "end"),
    [
        ("", 0, 1),  # x
        ("", 1, 5),  # all of g
        ("", 3, 5),  # what is left of it
        ("", 5, 6),  # y
        ("", 6, 7),  # backward begins
        ("", 7, 11),
        ("", 12, 13),  # the update
        ("", 13, 1),  # the next step
        ("g/", 1, 2),
        ("g/", 2, 4),  # a group in the group
        ("g/", 0, 1),  # elsewhere: a step of the sheet around
        ("g/in/", 2, 3),
        ("g/in/", 4, 5),  # g/d, on the sheet around
        ("h/", 1, 5),  # the run is in another group: a step of the document
    ],
)
def test_a_step_over_takes_a_group_on_the_sheet_at_once(sheet: str, cursor: int, end: int) -> None:
    assert strides.over(LINES, cursor, sheet) == end


def test_a_group_that_is_computed_by_turns_takes_a_step_for_each_turn() -> None:
    lines = schedule("x g/a h/a g/b h/b y")
    assert [strides.over(lines, k, "") for k in (1, 2, 3, 4)] == [2, 3, 4, 5]
    assert [strides.back_over(lines, k, "") for k in (5, 4, 3, 2)] == [4, 3, 2, 1]


def test_forward_and_backward_of_a_group_that_ends_the_graph_are_two_steps() -> None:
    lines = schedule("x g/a g/loss", "g/loss g/a x")
    assert strides.over(lines, 1, "") == 3
    assert strides.over(lines, 3, "") == 5


def test_a_step_back_mirrors_a_step_over() -> None:
    for sheet in ("", "g/", "g/in/"):
        forth = [0]
        while forth[-1] < len(LINES):
            forth.append(strides.over(LINES, forth[-1], sheet))
        back = [len(LINES)]
        while back[-1] > 0:
            back.append(strides.back_over(LINES, back[-1], sheet))
        assert back[::-1] == forth


@pytest.mark.parametrize(
    ("sheet", "cursor", "end"),
    [
        ("g/", 2, 5),
        ("g/", 0, 5),  # not there yet: through it
        ("g/", 5, 5),  # nothing is left of it in this phase
        ("g/", 6, 11),  # backward, from before it
        ("g/in/", 3, 4),
        ("g/in/", 4, 4),
        ("g/", 13, 5),
    ],
)
def test_a_step_out_ends_where_the_group_does_in_this_phase(sheet: str, cursor: int, end: int) -> None:
    assert strides.out(LINES, cursor, sheet) == end


def test_a_step_out_of_a_group_computed_by_turns_computes_the_others_on_the_way() -> None:
    assert strides.out(schedule("x g/a h/a g/b h/b y"), 2, "g/") == 4


SHARING = schedule("x g1:a:w n9/a g1:b:w n9/b n10/a y", "y n10/a n9/b g1:b:w n9/a g1:a:w x")


def test_what_uses_of_a_group_share_goes_with_the_use_it_belongs_to() -> None:
    assert strides.over(SHARING, 1, "") == 5
    assert strides.over(SHARING, 5, "") == 6  # another use
    assert strides.back_over(SHARING, 5, "") == 1
    assert strides.over(SHARING, 9, "") == 13  # with the gradient that has come together
    assert strides.back_over(SHARING, 13, "") == 9
    assert strides.out(SHARING, 10, "n9/") == 13
    assert strides.over(SHARING, 1, "n9/") == 3  # inside, with the node that reads it
    assert strides.back_over(SHARING, 3, "n9/") == 1


def test_what_is_shared_and_read_by_no_group_next_is_a_step_of_its_own() -> None:
    lines = schedule("g1:a:w g1:b:w x n9/a")
    assert [strides.over(lines, k, "") for k in (0, 1, 2)] == [1, 2, 3]


def test_what_is_shared_stands_on_no_sheet() -> None:
    assert strides.group_of("", "g1:n3:weight") == strides.sheet_of("g1:n3:weight") == ""
    assert not strides.holds("n9/", "g1:n3:weight")


def test_sheets_lie_around_one_another() -> None:
    assert [strides.outer(s) for s in ("g/in/", "g/", "")] == ["g/", "", ""]
    assert strides.around("g/in/", "g/d") == "g/"
    assert strides.around("g/in/", "y") == ""
    assert strides.sheet_of("g/in/b") == "g/in/"


def names(space: Workspace) -> list[str]:
    """What was computed, by phase and path."""
    return [f"{e.phase} {e.node}" for e in space.run.schedule[: space.run.cursor]]


def keyed(space: Workspace, name: str) -> str:
    """The prefix of the keys in a group of the document."""
    return f"{space.document.node(name).id}/"


def test_the_cell_of_a_recurrent_net_is_one_step_on_the_sheet_and_four_inside() -> None:
    space = Workspace(recurrent().document)
    cell = keyed(space, "cell")
    while not names(space) or not names(space)[-1].startswith("forward cell/"):
        stride(space, "", "over")
    inside = [n for n in names(space) if n.startswith("forward cell/")]
    assert len(inside) == 4
    stride(space, "", "back")
    assert not [n for n in names(space) if n.startswith("forward cell/")]
    stride(space, cell, "over")
    assert len([n for n in names(space) if n.startswith("forward cell/")]) == 1
    stride(space, cell, "out")
    assert len([n for n in names(space) if n.startswith("forward cell/")]) == 4


def test_stepping_over_to_the_end_passes_every_entry_once() -> None:
    space, whole = Workspace(recurrent().document), Workspace(recurrent().document)
    count = 0
    while space.run.steps_done == 0:
        stride(space, "", "over")
        count += 1
    assert count < len(space.run.schedule)
    whole.train(1)
    assert space.run.state()["parameters"].tobytes() == whole.run.state()["parameters"].tobytes()


def test_groups_by_turns_in_a_real_order() -> None:
    space = Workspace(by_turns().document)
    stops = []
    while space.run.cursor < space.run.forward_end:
        stride(space, "", "over")
        stops.append(names(space)[-1].removeprefix("forward "))
    assert stops.count("left/left lin") == stops.count("right/right act") == 1
    space.go_to(0)
    stride(space, keyed(space, "left"), "out")
    assert names(space)[-1] == "forward left/left act"


@pytest.mark.parametrize("way", ["over", "out"])
def test_a_breakpoint_inside_stops_a_stride_and_says_where(way: str) -> None:
    space = Workspace(recurrent().document)
    cell = keyed(space, "cell")
    first = next(e for e in space.run.schedule if e.id.startswith(cell))
    second = space.run.schedule[first.index + 1]
    space.go_to(first.index)
    space.breakpoints = Breakpoints([Breakpoint(second.id, "forward")])
    hit = stride(space, "" if way == "over" else cell, way)
    assert space.run.cursor == second.index + 1
    assert hit == f"{second.node}, forward"
    assert stride(space, "", "over") == ""  # goes on to the end of the group
    assert names(space)[-1].startswith("forward cell/")
    assert not space.run.schedule[space.run.cursor].id.startswith(cell)


def test_a_step_out_where_there_is_no_group_does_nothing() -> None:
    space = Workspace(recurrent().document)
    assert stride(space, "", "out") == ""
    assert space.run.cursor == 0


def test_out_of_no_sheet_leads_to_the_end_of_the_group_that_the_run_is_in() -> None:
    space = Workspace(recurrent().document)
    cell = keyed(space, "cell")
    first = next(e for e in space.run.schedule if e.id.startswith(cell))
    space.go_to(first.index + 1)
    stride(space, "", "out")
    assert not space.run.schedule[space.run.cursor].id.startswith(cell)


def test_an_empty_graph_says_so() -> None:
    with pytest.raises(ProblemsError, match="There is nothing to run"):
        stride(Workspace(Graph().document), "", "over")
    stride(Workspace(Graph().document), "", "back")


# Copies of a cell along a sequence

COPIES = ["n1", "n9/in x", *(f"n9/t={t}/n{k}" for t in range(3) for k in (1, 2)), "n9/out y", "n4"]


@pytest.fixture
def in_time() -> list[Entry]:
    lines = [*(("forward", key) for key in COPIES), *(("backward", key) for key in reversed(COPIES))]
    return [Entry(k, phase, key, key) for k, (phase, key) in enumerate([*lines, ("update", "")])]


def _stops(schedule: list[Entry], sheet: str, apart: tuple[str, ...] = (), start: int = 0) -> list[int]:
    """Where steps over lead, to the end of the forward phase."""
    found, at = [], start
    while at < len(COPIES):
        at = strides.over(schedule, at, sheet, apart)
        found.append(at)
    return found


def test_an_unrolled_node_is_one_step_seen_from_its_sheet(in_time) -> None:
    assert _stops(in_time, "") == [1, 9, 10]


def test_copies_seen_apart_are_steps_by_themselves(in_time) -> None:
    assert _stops(in_time, "", ("n9/",)) == [1, 2, 4, 6, 8, 9, 10]


def test_inside_a_copy_one_goes_node_by_node_and_on_into_the_next(in_time) -> None:
    assert _stops(in_time, "n9/t=0/", start=2) == [3, 4, 5, 6, 7, 8, 9, 10]
    assert strides.around("n9/t=0/", "n9/t=1/n1") == "n9/t=1/"
    assert strides.around("n9/t=0/n7/", "n9/t=1/n7/n1") == "n9/t=1/"
    assert strides.around("n9/t=2/", "n4") == ""


def test_backward_copies_come_in_reverse(in_time) -> None:
    start = len(COPIES)
    ends = [start]
    while ends[-1] < 2 * start:
        ends.append(strides.over(in_time, ends[-1], "", ("n9/",)))
    assert [end - start for end in ends] == [0, 1, 2, 4, 6, 8, 9, 10]
    assert strides.back_over(in_time, start + 4, "", ("n9/",)) == start + 2


def test_out_of_a_copy_leads_to_its_end(in_time) -> None:
    assert strides.out(in_time, 5, "n9/t=1/") == 6


def test_what_stands_around_the_copies_stands_on_the_sheet_of_their_node() -> None:
    assert strides.sheet_of("n9/in x") == ""
    assert strides.sheet_of("n9/t=1/n2") == "n9/t=1/"
    assert strides.outer("n9/t=1/") == ""
    assert strides.outer("n2/n9/t=1/") == "n2/"
