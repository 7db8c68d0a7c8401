"""Breakpoints, conditions and watches stay with their nodes: into groups, out of them, and through undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.ui.session import Session
from tests.ui.test_session import PATIENCE, xor


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    made = Session(xor(), engine=False)
    yield made
    made.close()


def key(session: Session, path: str) -> str:
    """The engine's key of a node."""
    return next(k for k, node in session.seen.whole.nodes.items() if node.path == path)


def pinned(session: Session) -> tuple[set[str], set[str], list[str]]:
    """By path: breakpoints as "act, forward", conditions, watches."""
    name, conditions = session.name_of, session.all_conditions
    return (
        {f"{name(k)}, {phase}" for k, phase in session.all_breakpoints},
        {f"{name(k)}, {phase}: {text}" for (k, phase), text in conditions.items()},
        [session.watches.title(watch) for watch in session.watches.all],
    )


@pytest.fixture
def pin(session: Session) -> Session:
    """A breakpoint, a conditional one and a watch at act and hidden; one at out that nothing happens to."""
    id = session.document.node
    session.toggle_breakpoint(id("act").id, "forward")
    session.set_condition(id("hidden").id, "backward", "weight.grad.norm > 3")
    session.watches.add(id("hidden").id, "weight.norm")
    session.toggle_breakpoint(id("out").id, "forward")
    return session


BEFORE = (
    {"act, forward", "hidden, backward", "out, forward"},
    {"hidden, backward: weight.grad.norm > 3"},
    ["hidden: weight.norm"],
)
WITHIN = (
    {"cell/act, forward", "cell/hidden, backward", "out, forward"},
    {"cell/hidden, backward: weight.grad.norm > 3"},
    ["cell/hidden: weight.norm"],
)


def test_they_go_into_a_group_and_come_out_of_it(pin: Session) -> None:
    assert pinned(pin) == BEFORE
    pin.graph.group("hidden", "act", name="cell")
    assert pinned(pin) == WITHIN
    pin.graph.undo()
    assert pinned(pin) == BEFORE
    pin.graph.redo()
    assert pinned(pin) == WITHIN
    pin.graph.ungroup("cell")
    assert pinned(pin) == BEFORE
    pin.graph.undo()
    assert pinned(pin) == WITHIN


def test_they_go_into_a_group_within_a_group(pin: Session) -> None:
    pin.graph.group("hidden", "act", name="cell")
    pin.graph.group("cell", "out", name="outer")
    assert pinned(pin)[0] == {"outer/cell/act, forward", "outer/cell/hidden, backward", "outer/out, forward"}
    pin.graph.undo()
    pin.graph.undo()
    assert pinned(pin) == BEFORE


def test_a_deleted_node_that_comes_back_brings_its_own_back(pin: Session) -> None:
    pin.graph.remove("hidden")
    assert pinned(pin) == ({"act, forward", "out, forward"}, set(), [])
    pin.graph.undo()
    assert pinned(pin) == BEFORE
    pin.graph.redo()
    pin.toggle_breakpoint(pin.document.node("act").id)
    pin.graph.undo()
    assert pinned(pin)[0] == {"hidden, backward", "out, forward"}  # one that was taken away stays away


def test_a_muted_node_keeps_them(pin: Session) -> None:
    act = pin.document.node("act").id
    pin.graph.set_flags(act, muted=True)
    assert "act, forward" not in pinned(pin)[0]
    pin.graph.set_flags(act, muted=False)
    assert pinned(pin) == BEFORE


def test_another_node_that_gets_the_same_id_gets_nothing(session: Session) -> None:
    added = session.graph.add("Tanh", session.document.node("out").id, name="more")
    session.toggle_breakpoint(added.id)
    session.graph.undo()
    other = session.graph.add("Sin", session.document.node("out").id, name="other")
    assert other.id == added.id
    assert session.all_breakpoints == frozenset()


def test_of_two_places_that_a_node_could_have_gone_to_none_is_guessed(pin: Session) -> None:
    cell = pin.graph.group("hidden", "act", name="cell")
    definition = str(pin.document.nodes[cell.id].params["definition"])
    use = pin.graph.add_use(definition, (400.0, 300.0))
    assert pinned(pin) == WITHIN
    pin.graph.remove(use)
    assert pinned(pin) == WITHIN


def test_another_document_has_none_of_them(pin: Session) -> None:
    pin.graph.remove("hidden")
    pin.open(Graph(xor().document))
    assert pinned(pin) == (set(), set(), [])
    pin.graph.remove("out")
    pin.graph.undo()
    assert pinned(pin) == (set(), set(), [])


def test_a_curve_goes_on_where_its_node_is(pin: Session) -> None:
    (watch,) = pin.watches.all
    watch.note(0, 1.0)
    pin.graph.group("hidden", "act", name="cell")
    (watch,) = pin.watches.all
    watch.note(1, 2.0)
    pin.graph.undo()
    (watch,) = pin.watches.all
    assert (watch.steps, watch.values) == ([0, 1], [1.0, 2.0])


def test_the_engine_stops_in_the_group_where_the_breakpoint_was_carried(qtbot: Any) -> None:
    session = Session(xor())
    wait: Callable[[Any], None] = lambda done: qtbot.waitUntil(done, timeout=PATIENCE)  # noqa: E731
    wait(lambda: session.loaded is not None)
    session.toggle_breakpoint(session.document.node("act").id, "forward")
    session.graph.group("hidden", "act", name="cell")
    wait(lambda: any("/" in entry.node for entry in session.schedule))
    session.train()
    wait(lambda: session.status.hit == "cell/act, forward")
    session.close()
