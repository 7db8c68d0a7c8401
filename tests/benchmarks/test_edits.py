"""The benchmark of edits measures what it says: each kind changes the graph, and shapes are kept up to date."""

from __future__ import annotations

import pytest

from benchmarks import edits
from benchmarks.canvas import document
from graphlab.engine import infer


@pytest.mark.parametrize("kind", edits.KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_of_edit_is_one_entry_that_changes_the_graph_and_can_be_taken_back(kind) -> None:
    made = document(100)
    desk = edits.Desk(made)
    for _ in range(5):
        assert desk.carry_out(kind(desk)) > 0
        assert len(desk.graph.history) == 2
        assert desk.graph.document != made
        assert desk.inference == infer(desk.graph.document)
        desk.carry_out(desk.graph.undo)
        assert desk.graph.document is made
        assert desk.inference == infer(made)


def test_the_graph_is_healthy_so_that_all_of_it_is_inferred() -> None:
    assert not infer(document(1000)).problems
