"""What is not well with a network, told at its node with evidence, and mended by the fix that is offered."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.health import MOST_MENDED, PRIORITY, Complaint, of_batch, of_graph
from graphlab.engine.inference import infer
from graphlab.engine.vitals import units_of, vitals
from graphlab.engine.workspace import Workspace
from graphlab.graph import Document, Graph
from graphlab.io import examples, load


def classifier(
    activation: str = "ReLU", depth: int = 1, last: str = "", loss: str = "CrossEntropyLoss"
) -> Graph:
    g = Graph()
    data = g.add("Dataset", dataset="digits", name="data")
    h = data["x"]
    for k in range(depth):
        h = g.add("Linear", h, units=16, name=f"hidden {k}")
        if activation:
            h = g.add(activation, h, name=f"act {k}")
    y = g.add("Linear", h, units=10, name="out")
    if last:
        y = g.add(last, y, name="last")
    g.add(loss, y, data["target"], name="loss")
    return g


def examined(graph: Graph | Document, change: dict[str, np.ndarray] | None = None) -> list[Complaint]:
    document = graph.document if isinstance(graph, Graph) else graph
    space = Workspace(document)
    for name, array in (change or {}).items():
        space.run.set(name, array)
    space.phase("backward")
    return of_batch(document, space.run.plan.inference, vitals(space))


def static(graph: Graph) -> list[Complaint]:
    return of_graph(graph.document, infer(graph.document))


def of_kind(found: list[Complaint], kind: str) -> list[Complaint]:
    return [c for c in found if c.kind == kind]


def mended(graph: Graph, complaint: Complaint, at: int = 0) -> Graph:
    return Graph(complaint.fixes[at].apply(graph.document))


def test_a_healthy_network_has_no_complaint() -> None:
    g = classifier()
    assert static(g) == []
    assert [c for c in examined(g) if c.kind != "dead"] == []


@pytest.mark.parametrize("example", [e.path for e in examples.examples()], ids=lambda path: path.stem)
def test_the_examples_are_well(example) -> None:
    graph, _ = load(example)
    assert [c for c in static(graph) if c.kind != "no activation"] == []


@pytest.mark.parametrize(
    ("last", "loss", "given", "wanted", "labels"),
    [
        ("Softmax", "CrossEntropyLoss", "probabilities", "scores", ["Leave last out"]),
        (
            "LogSoftmax",
            "CrossEntropyLoss",
            "log-probabilities",
            "scores",
            ["Leave last out", "Replace loss by NLLLoss"],
        ),
        ("", "NLLLoss", "scores", "log-probabilities", ["Replace loss by CrossEntropyLoss"]),
    ],
)
def test_a_wrong_loss_is_told_and_mended(
    last: str, loss: str, given: str, wanted: str, labels: list[str]
) -> None:
    g = classifier(last=last, loss=loss)
    (complaint,) = of_kind(static(g), "wrong loss")
    assert complaint.node == g["loss"].id
    assert f"takes {wanted}, but" in complaint.text
    assert f"gives {given}" in complaint.text
    assert [fix.label for fix in complaint.fixes] == labels
    for at in range(len(labels)):
        assert of_kind(static(mended(g, complaint, at)), "wrong loss") == []


@pytest.mark.parametrize(
    ("last", "loss", "other"),
    [("Sigmoid", "BCEWithLogitsLoss", "BCELoss"), ("", "BCELoss", "BCEWithLogitsLoss")],
)
def test_two_classes_likewise(last: str, loss: str, other: str) -> None:
    g = Graph()
    data = g.add("Dataset", dataset="moons", name="data")
    y = g.add("Linear", data["x"], units=1, name="out")
    y = g.add(last, y, name="last") if last else y
    g.add(loss, y, data["target"], name="loss")
    (complaint,) = of_kind(static(g), "wrong loss")
    assert f"Replace loss by {other}" in [fix.label for fix in complaint.fixes]


def test_layers_without_an_activation_between_them() -> None:
    g = classifier(activation="", depth=2)
    found = of_kind(static(g), "no activation")
    assert [c.node for c in found] == [g["hidden 0"].id, g["hidden 1"].id]
    assert found[0].fixes[0].label == "Insert ReLU between hidden 0 and hidden 1"
    assert len(of_kind(static(mended(g, found[0])), "no activation")) == 1


def test_what_the_loss_does_not_depend_on_is_unused() -> None:
    g = classifier()
    g.add("Linear", "act 0", units=3, name="stray")
    (complaint,) = static(g)
    assert (complaint.kind, complaint.node) == ("unused", g["stray"].id)


def test_dead_units_are_counted() -> None:
    g = classifier()
    bias = np.zeros(16)
    bias[:6] = -100
    (complaint,) = of_kind(
        examined(g, {"hidden 0.bias": bias, "hidden 0.weight": np.full((16, 64), 0.1)}), "dead"
    )
    assert complaint.node == g["act 0"].id
    assert complaint.text.startswith("6 of 16 units of act 0 gave 0 for all 32 rows")
    assert complaint.fixes[0].label == "Replace act 0 by LeakyReLU"
    after = mended(g, complaint)
    assert of_kind(examined(after, {"hidden 0.bias": bias}), "dead") == []


def test_saturated_units_are_told() -> None:
    g = classifier("Tanh")
    (complaint,) = of_kind(examined(g, {"hidden 0.weight": np.full((16, 64), 5.0)}), "saturated")
    assert complaint.node == g["act 0"].id
    assert "% of what act 0 gives" in complaint.text
    assert complaint.fixes[0].label == "Replace act 0 by ReLU"


def test_a_gradient_that_vanishes_through_sigmoids_and_what_helps() -> None:
    g = classifier("Sigmoid", depth=8)
    found = of_kind(examined(g), "vanishing")
    assert found[0].node == g["hidden 0"].id
    assert "of that at" in found[0].text
    (fix,) = found[0].fixes
    assert fix.label == "Replace 8 activations by ReLU"
    assert of_kind(examined(fix.apply(g.document)), "vanishing") == []


def test_a_gradient_that_explodes_is_clipped() -> None:
    g = Graph()
    w = g.add("Parameter", value=(200.0, 300.0), name="w")
    g.add("Sum", g.add("Mul", g.add("Square", w), w), name="goal")
    found = of_kind(examined(g), "exploding")
    assert found
    after = mended(g, found[0])
    assert after.document.training.clip_norm == 1.0


def test_outputs_that_are_the_same_for_every_example() -> None:
    g = classifier()
    found = of_kind(examined(g, {"hidden 0.weight": np.zeros((16, 64))}), "constant")
    assert found[0].node == g["hidden 0"].id


def test_units_are_channels_or_the_last_axis() -> None:
    image = np.arange(2 * 3 * 4 * 5.0).reshape(2, 3, 4, 5)
    assert units_of(image).shape == (40, 3)
    assert np.array_equal(units_of(image)[:, 1], image[:, 1].reshape(-1))
    assert units_of(np.zeros((7, 2))).shape == (7, 2)
    assert units_of(np.float64(3.0)).shape == (1, 1)


def test_the_worst_comes_first() -> None:
    g = classifier("Sigmoid", depth=8, last="Softmax")
    kinds = [c.kind for c in [*static(g), *examined(g)]]
    assert kinds == sorted(kinds, key=PRIORITY.index) or kinds[0] == "wrong loss"


def test_of_many_complaints_the_first_have_fixes() -> None:
    found = static(classifier(activation="", depth=MOST_MENDED + 5))
    assert [bool(c.fixes) for c in found] == [True] * MOST_MENDED + [False] * 5
    assert {len(c.fixes) for c in found} == {2, 0}
