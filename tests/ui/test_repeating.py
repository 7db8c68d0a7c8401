"""A group that a person drew is repeated along a sequence, and used once again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from graphlab.errors import GraphError
from graphlab.graph import Graph
from graphlab.ui import repeating
from graphlab.ui.session import Session


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    """A cell drawn by hand, x and h_prev to y and h, that is fed a sequence of 6 steps."""
    g = Graph("drawn")
    seq = g.add("Input", name="seq", shape=("N", 6, 3))
    before = g.add("Input", name="before", shape=("N", 4))
    total = g.add("Add", g.add("Linear", seq, units=4), g.add("Linear", before, units=4), name="sum")
    g.add("Tanh", g.add("Tanh", total, name="state"), name="after")
    g.group("linear", "linear2", "sum", "state", name="cell")
    inside = g.inside("cell")
    for old, new in (("x2", "h_prev"), ("y", "h")):
        inside.rename(old, new)
    found = Session(Graph(g.document), engine=False)
    yield found
    found.close()


def test_it_has_as_many_steps_as_the_sequence_and_its_wires_stay(session: Session) -> None:
    document = session.document
    session.select([document.node("cell").id])
    assert not repeating.is_repeated(session)
    before = len(session.graph.history)
    repeating.toggle(session)
    node = session.document.node("cell")
    assert (node.op, node.params["steps"]) == ("Unroll", 6)
    assert session.graph.history[before:] == ["Repeat along a sequence"]
    assert not session.inference.problems
    assert str(session.inference.specs[node.id, "h"]) == "N×6×4"
    assert session.document.edges.keys() == document.edges.keys()
    assert repeating.is_repeated(session)
    repeating.toggle(session)
    assert session.graph.history[before + 1 :] == ["Use once"]
    assert session.document.node("cell").op == "Group"
    session.graph.undo()
    session.graph.undo()
    assert session.document == document


def test_a_node_that_is_no_group_is_not_repeated(session: Session) -> None:
    session.select([session.document.node("after").id])
    with pytest.raises(GraphError, match="No group is selected"):
        repeating.toggle(session)


def test_one_without_a_state_says_what_it_lacks(session: Session) -> None:
    session.graph.inside("cell").rename("h_prev", "memory")
    session.select([session.document.node("cell").id])
    repeating.toggle(session)
    problems = session.inference.problems_of(session.document.node("cell").id)
    assert any("nothing is carried on" in problem.message for problem in problems)
