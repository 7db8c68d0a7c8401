"""What is not well with a network, told at its node with evidence, and mended by the fix that is offered."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from graphlab.engine.health import MOST_MENDED, PRIORITY, Complaint, of_batch, of_graph
from graphlab.engine.inference import infer
from graphlab.engine.row_order import _order
from graphlab.engine.training import Trainer
from graphlab.engine.vitals import MANY, units_of, vitals
from graphlab.engine.workspace import Workspace
from graphlab.graph import Document, Graph
from graphlab.io import examples, load
from graphlab.io.templates import Template, templates


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


EXAMPLES = [e.path for e in examples.examples()]
VANISHING = {
    ("remember", "vanishing"),
    ("unet-shapes", "vanishing"),
}  # the bridges of a U-Net lead past its lowest level
STEPS = 125  # of an epoch, where it has more


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
@pytest.mark.parametrize("epochs", [0, 1])
def test_nothing_wrong_is_said_of_the_examples(example: Path, epochs: int) -> None:
    """Before training and after an epoch, or the first steps of a long one.

    Dead units are told where there are such for every row trained on; one example shows how gradients vanish.
    """
    document = load(example)[0].document
    assert of_graph(document, infer(document)) == []
    space = Workspace(document)
    trainer = space.trainer if space.obstacle is None else None
    steps = min(trainer.steps_per_epoch, STEPS) if trainer and space.run.plan.parameters else 0
    for _ in range(epochs * steps):
        trainer.train_step()
    space.phase("backward")
    for complaint in of_batch(document, space.run.plan.inference, vitals(space)):
        if (example.stem, complaint.kind) in VANISHING:
            continue
        assert complaint.kind == "dead", complaint.text
        dead, units = (int(word) for word in re.findall(r"\d+", complaint.text)[:2])
        assert dead / units >= 0.1
        found, rows = truly_dead(trainer, complaint.node), trainer.batches.count("train")
        if rows <= MANY:
            assert found == pytest.approx(dead, abs=1)
        else:  # a unit that none of the rows looked at wakes may answer to another
            assert 0.65 * dead - 1 <= found <= dead


def truly_dead(trainer: Trainer, node: str) -> int:
    """Units that give 0 for every single row of the training split."""
    alive: np.ndarray | bool = False
    for values in trainer.passes(10**9):
        alive = alive | (units_of(values[node, "y"]) != 0).any(axis=0)
    return int(np.count_nonzero(~np.asarray(alive)))


@pytest.mark.parametrize("template", templates(), ids=lambda each: each.name)
def test_nothing_wrong_shows_in_the_graphs_one_begins_with(template: Template) -> None:
    document = template.graph().document
    assert of_graph(document, infer(document)) == []


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


def test_a_wrong_loss_is_told_also_when_its_target_was_wired_first() -> None:
    g = classifier(last="", loss="CrossEntropyLoss")
    before = g.document.inputs_of(g["loss"].id)["input"].source
    g.connect(g.add("Softmax", before, name="squash"), "loss")
    (complaint,) = of_kind(static(g), "wrong loss")
    assert "squash gives probabilities" in complaint.text


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
    assert "learns nothing" in complaint.text
    after = mended(g, complaint)
    assert "stray" not in after
    assert static(after) == []


def test_a_branch_that_nobody_reads_is_told_at_its_end_and_deleted_whole() -> None:
    g = classifier()
    twice = g.add("Mul", "act 0", b=2.0, name="twice")
    g.add("Square", twice, name="end")
    (complaint,) = static(g)
    assert (complaint.kind, complaint.node) == ("unused", g["end"].id)
    assert complaint.text.startswith("Nothing comes of end")
    (fix,) = complaint.fixes
    assert fix.label == "Delete end and 1 other that serves nothing else"
    after = mended(g, complaint)
    assert {"twice", "end"}.isdisjoint(node.name for node in after.nodes)
    assert "act 0" in after
    assert static(after) == []


@pytest.mark.parametrize("op", ["Softmax", "ArgMax"])
def test_a_result_to_look_at_is_not_unused(op: str) -> None:
    g = classifier()
    g.add(op, "out", name="prediction")
    assert static(g) == []


def test_an_output_of_a_repeated_cell_that_is_wired_to_nothing_is_not_unused() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3, 2))
    target = g.add("Input", name="target", shape=("N", 3, 4))
    y = g.unroll("lstm-cell", x, steps=3, hidden=4, name="lstm")
    g.add("MSELoss", y, target, name="loss")
    assert of_kind(static(g), "unused") == []


def test_what_is_unused_in_a_group_used_twice_has_no_fix() -> None:
    g = classifier()
    g.add("Square", "act 0", name="end")
    group = g.group("act 0", "end", name="cell")
    inner = g.document.node("cell").params["definition"]
    assert [c.fixes[0].label for c in static(g)] == ["Delete cell/end"]
    mended_once = mended(g, static(g)[0])
    assert static(mended_once) == []
    assert group.name == "cell"
    assert inner in mended_once.document.definitions


def unshuffled(dataset: str, **settings: object) -> Graph:
    g = Graph()
    data = g.add("Dataset", dataset=dataset, name="data")
    y = g.add("Linear", data["x"], units=3 if dataset == "iris" else 10, name="out")
    g.add("CrossEntropyLoss", y, data["target"], name="loss")
    g.configure(shuffle=False, validation=0.0, test=0.0, **settings)
    return g


def test_rows_that_lie_sorted_by_class_and_are_not_shuffled_are_told_and_shuffled() -> None:
    g = unshuffled("iris", batch_size=16)
    (complaint,) = of_kind(examined(g), "unshuffled")
    assert complaint.node == g["data"].id
    assert (
        "its 150 rows come in 3 runs of one class, so a batch of 16 shows 1.2 of 3 classes" in complaint.text
    )
    (fix,) = complaint.fixes
    assert fix.label == "Shuffle the rows in each epoch"
    after = mended(g, complaint)
    assert after.document.training.shuffle
    assert of_kind(examined(after), "unshuffled") == []


def test_rows_that_lie_mixed_are_well_without_shuffling() -> None:
    assert of_kind(examined(unshuffled("digits")), "unshuffled") == []


def test_one_batch_of_all_rows_has_no_order() -> None:
    assert of_kind(examined(unshuffled("iris", batch_size=150)), "unshuffled") == []


def test_targets_that_are_numbers_in_order_are_told() -> None:
    targets = np.linspace(0, 1, 64)
    assert _order(targets, 8).kinship > 0.9
    assert abs(_order(np.random.default_rng(0).permutation(targets), 8).kinship) < 0.4
    assert _order(np.zeros(64), 8).kinship == 0
    assert _order(np.repeat(np.eye(2), 32, axis=0), 8).runs == 2
    assert _order(np.tile([[0.0], [1.0]], (32, 1)), 8).seen == 2


def test_training_takes_the_rows_as_they_lie_without_shuffle() -> None:
    trainer = Trainer(unshuffled("iris", batch_size=16))
    batches = trainer.batches.order(0, 16, 0, shuffle=False)
    assert np.array_equal(np.concatenate(batches), np.arange(150))
    shuffled = trainer.batches.order(0, 16, 0)
    assert sorted(np.concatenate(shuffled)) == list(range(150))
    assert not np.array_equal(np.concatenate(shuffled), np.arange(150))
    trainer.train_step()
    assert set(trainer.run.value("data.target").tolist()) == {0}


def test_dead_units_are_counted() -> None:
    g = classifier()
    bias = np.zeros(16)
    bias[:6] = -100
    (complaint,) = of_kind(
        examined(g, {"hidden 0.bias": bias, "hidden 0.weight": np.full((16, 64), 0.1)}), "dead"
    )
    assert complaint.node == g["act 0"].id
    assert complaint.text == "6 of 16 units of act 0 gave 0 for all 1,024 rows of many batches."
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
    (complaint,) = of_kind(examined(g, {"hidden 0.weight": np.zeros((16, 64))}), "constant")
    assert complaint.node == g["hidden 0"].id  # what comes after merely follows


def test_weights_that_begin_alike_are_made_to_begin_at_random() -> None:
    g = classifier()
    g.set("hidden 0", weight_init="zeros")
    (complaint,) = of_kind(examined(g), "constant")
    (fix,) = complaint.fixes
    assert fix.label == "Let the weights of hidden 0 begin at random"
    assert of_kind(examined(mended(g, complaint)), "constant") == []


def test_a_bottleneck_is_meant() -> None:
    g = Graph()
    data = g.add("Dataset", dataset="digits", name="data")
    code = g.add("Linear", data["x"], units=4, name="code")
    wide = g.add("Linear", code, units=64, name="decoder")
    g.add("MSELoss", wide, data["x"], name="loss")
    assert static(g) == []
    g.set("code", units=64)
    assert [c.kind for c in static(g)] == ["no activation"]


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
