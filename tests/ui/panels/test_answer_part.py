"""The inspector's part for scores: which class a network sees, by its name."""

from __future__ import annotations

from typing import Any

from graphlab.engine.inference import infer
from graphlab.engine.told_classes import told_by
from graphlab.graph import Graph
from graphlab.io.trained import trained_example
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from tests.ui.window_trial import PATIENCE


def reader(**params: Any) -> Graph:
    graph = Graph()
    data = graph.add("Dataset", name="data", dataset="iris", **params)
    scores = graph.add("Linear", data["x"], name="out", units=3)
    graph.add("CrossEntropyLoss", scores, data["target"], name="loss")
    return graph


def test_a_loss_is_told_of_the_classes_of_its_targets_by_their_names():
    graph = reader(called=("a", "b"))
    found = told_by(infer(graph.document), graph.document.node("loss").id)
    assert found is not None
    assert found.classes == ("a", "b", "virginica")
    assert found.end == (graph.document.node("out").id, "y")
    assert told_by(infer(graph.document), graph.document.node("out").id) is None


def test_what_a_trained_network_sees_is_told_by_name(qtbot: Any):
    graph, weights = trained_example("digits-mlp").read()
    names = ("nought", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    data = next(node.node for node in graph.nodes if node.node.op == "Dataset")
    graph.set(data.id, called=names)
    session = Session()
    session.open(graph, weights=dict(weights))
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    session.select([session.document.node("out").id])
    part = panel.node_page.answer
    assert part.said.text() == "Its classes are told here after a forward pass."
    qtbot.waitUntil(lambda: session.engine.loaded is not None, timeout=PATIENCE)
    session.phase("forward")
    qtbot.waitUntil(lambda: "% sure, the first of" in part.said.text(), timeout=PATIENCE)
    assert part.said.text().split(",")[0] in names
    assert part.bars.classes == names
    session.select([session.document.node("loss").id])
    assert not part.isVisible()
    session.close()
