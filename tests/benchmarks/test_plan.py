"""The benchmark of compiling measures what it says: a graph that trains, and edits that compile it anew."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from benchmarks import plan
from graphlab.engine.workspace import Workspace

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("edit", [plan.reset, plan.rewire])
def test_after_each_edit_the_engine_compiles_anew_and_can_train(edit):
    graph = plan.drawn()
    workspace = Workspace(graph.document)
    for round in range(2):
        edit(graph, round)
        assert workspace.load(graph.document)
        assert workspace.obstacle is None
