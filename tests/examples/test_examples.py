"""Every example opens without a fault, runs both ways, learns, and is laid out so that one can read it."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from graphlab.engine import Run, Trainer, infer
from graphlab.engine.beside import Beside
from graphlab.errors import FileError
from graphlab.graph import rewire
from graphlab.graph.codec import from_bytes
from graphlab.io.examples import example, examples
from graphlab.ops import get
from graphlab.ui.canvas.replacing import can_replace
from tests.cases.drawn import figures
from tests.examples import build

NAMES = [
    *("tanh-by-hand", "colah", "cs231n-neuron", "gates"),
    *("vector", "window", "pooling", "filter-layer", "valley"),
    *("perceptron", "logistic", "squares", "products", "polar"),
    *("xor", "spirals", "digits-mlp", "digits-cnn", "lenet-mnist", "textures"),
    *("names-rnn", "names-lstm", "names-gru"),
    *("loop", "languages", "brackets", "copy", "dates", "writer", "reverse", "captions"),
    *("remember", "adding"),
    *("names-gpt", "digits-vit"),
    *("resnet-shapes", "unet-shapes", "autoencoder"),
]


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def document(name):
    return from_bytes(example(name).path.read_bytes())


def run_of(name):
    """A run that is fed: by the data set where there is one, else by the literals."""
    found = document(name)
    has_data = any(node.make().brings for node in found.nodes.values())
    return Trainer(found, input_gradients=True).run if has_data else Run(found)


def accuracies(name, *splits):
    trainer = Trainer(document(name))
    for _ in trainer.fit():
        pass
    return [trainer.evaluate(split).metrics["accuracy"] for split in splits]


# The list


def test_the_examples_come_in_the_order_of_the_lecture():
    assert [each.name for each in examples()] == NAMES


def test_every_document_in_the_folder_is_listed():
    folder = example("xor").path.parent
    assert {path.stem for path in folder.glob("*.graphlab")} == set(NAMES)


def test_a_misspelt_example_is_named_with_the_nearest():
    with pytest.raises(FileError, match=r"no example 'digit-cnn'. Did you mean digits-cnn\?"):
        example("digit-cnn")


def test_an_unlike_name_gets_the_whole_list():
    with pytest.raises(FileError, match="There are: tanh-by-hand, colah"):
        example("?")


def test_the_files_are_what_the_builder_draws(name):
    drawing = next(d for d in build.drawings if d.name == name)
    assert example(name).path.read_bytes() == build.build(drawing), "run: python -m tests.examples.build"


def test_the_list_is_what_the_builder_writes():
    assert (example("xor").path.parent / "index.json").read_bytes() == build.index()


# What they do


def test_it_has_no_faults_and_a_goal(name):
    found = infer(document(name))
    assert found.problems == ()
    assert found.goal


def test_it_runs_forward_and_backward_entry_by_entry(name):
    run = run_of(name)
    reports = list(run.steps())
    assert {report.phase for report in reports} >= {"forward", "backward"}
    assert all(report.value_summary for report in reports if report.phase != "backward")
    assert np.isfinite(run.loss)


def test_the_network_by_hand_computes_what_the_lecture_writes():
    run = run_of("tanh-by-hand")
    run.forward()
    w, x, b, v, a = (run.value(n).astype(float) for n in ("W", "x", "b", "V", "a"))
    assert np.allclose(run.value("h"), np.tanh(w @ x + b), atol=1e-6)
    assert np.allclose(run.value("y"), v @ np.tanh(w @ x + b) + a, atol=1e-6)


def test_the_network_by_hand_learns_its_target():
    *_, last = Trainer(document("tanh-by-hand")).fit()
    assert last.loss < 1e-4


def test_the_figures_of_colah():
    run = run_of("colah")
    run.backward()
    assert [float(run.value(n)) for n in "cde"] == [3, 2, 6]
    assert [float(run.grad(n)) for n in "abcd"] == [2, 5, 2, 3]
    assert sorted(float(t) for t in run.contributions("b").values()) == [2, 3]


def test_the_figures_of_the_neuron():
    run = run_of("cs231n-neuron")
    run.backward()
    assert float(run.value("f")) == pytest.approx(0.73, abs=0.005)
    grads = {n: float(run.grad(n)) for n in ("w0", "x0", "w1", "x1", "w2")}
    assert grads == pytest.approx({"w0": -0.2, "x0": 0.39, "w1": -0.39, "x1": -0.59, "w2": 0.2}, abs=0.007)


def test_the_figures_of_the_gates():
    run, expected = run_of("gates"), figures("cs231n_gate_patterns")["expected"]
    run.backward()
    for name in ("mul", "max", "f"):
        assert run.value(name) == expected[name]
    for name in ("x", "y", "z", "w", "mul", "max"):
        assert run.grad(name) == expected[f"d{name}"]


def test_the_figures_of_the_window():
    run, case = run_of("window"), figures("d2l_corr2d")
    run.backward()
    assert run.value("X").tolist() == [[case["given"]["X"]]]
    assert run.value("Y").tolist() == [[case["expected"]["Y"]]]
    assert run.explain("Y", (0, 0, 0, 0)).numbers == "4 · 3 + 3 · 2 + 1 · 1 + 0 · 0"
    middle = run.explain("X", (0, 0, 1, 1), "grad").term
    assert len(middle.parts) == 4  # it lies in all four windows


def test_the_figures_of_the_vector_and_of_its_poolings():
    run = run_of("vector")
    run.backward()
    assert run.value("y").tolist() == [[[9, 8, 9, 8]]]
    assert run.grad("x").tolist() == [[[1, 3, 4, 4, 3, 1]]]
    run = run_of("pooling")
    run.backward()
    assert run.value("max3").tolist() == [[[3, 3, 3, 3]]]
    assert np.allclose(run.value("mean3"), [[[2, 7 / 3, 2, 2]]])
    assert (run.value("max").tolist(), run.value("mean").tolist()) == ([[[3]]], [[[2]]])


def test_filters_that_are_pooled_say_that_and_not_where():
    run = run_of("filter-layer")
    run.forward()
    assert run.value("p").tolist() == [
        [[0, 1, 0.5, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0.5], [0, 0, 0.75, 0, 0.25, 0.25, 0]]
    ]
    assert run.value("pooled").ravel().tolist() == [1, 1, 0.75]


def test_the_valley_leads_to_its_deepest_point():
    trainer = Trainer(document("valley"))
    assert trainer.train_step() == pytest.approx((1 + 1.2) ** 2 + 10 * (1 - 1.2**2) ** 2)
    for _ in trainer.fit():
        pass
    assert [float(trainer.run.value(name)) for name in "xy"] == pytest.approx([1, 1], abs=0.02)


def right_of(trainer, split, *outs):
    """The share of the rows of a split that each of these scores tells right."""
    found = Beside(trainer.run)
    document = trainer.run.document
    data = next(node.id for node in document.nodes.values() if node.op == "Dataset")
    ends = [(document.node(name).id, "y") for name in outs]
    values = found.of_rows(trainer, split, None, [*ends, (data, "target")]).values
    return [float(np.mean((values[end] > 0) == (values[data, "target"] > 0.5))) for end in ends]


def trained(name, seed=0, **params):
    """A trainer that has done the epochs of the document, with these params of one node changed."""
    drawn = document(name)
    for node_name, changed in params.items():
        node = drawn.node(node_name)
        drawn = drawn.with_(nodes={**drawn.nodes, node.id: _with_params(node, **changed)})
    trainer = Trainer(drawn, seed=seed)
    for _ in trainer.fit():
        pass
    return trainer


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_perceptron_finds_a_line_and_never_does_where_there_is_none(seed):
    trainer = trained("perceptron", seed)
    assert right_of(trainer, "train", "out") == [1.0]
    assert right_of(trainer, "validation", "out") == [1.0]
    if seed == 0:
        assert right_of(trained("perceptron", clouds={"noise": 1.0}), "train", "out")[0] < 0.95


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_logistic_regression_is_as_good_as_a_line_can_be(seed):
    """The borders of two clouds 2.24 apart, each 0.6 wide, leave 96.9 of 100 on their side: Φ(1.118 / 0.6)."""
    trainer = trained("logistic", seed)
    assert right_of(trainer, "train", "out")[0] == pytest.approx(0.969, abs=0.015)
    assert right_of(trainer, "validation", "out")[0] >= 0.9


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize(
    ("name", "split", "least"),
    [("squares", "validation", 0.97), ("products", "train", 1.0), ("polar", "validation", 0.95)],
)
def test_both_ways_learn_it_the_made_feature_and_the_learnt_ones(name, split, least, seed):
    assert min(right_of(trained(name, seed), split, "line", "out")) >= least


def test_without_the_square_a_threshold_gets_stuck():
    drawn = document("squares")
    node = drawn.node("features")
    muted = drawn.with_(nodes={**drawn.nodes, node.id: dataclasses.replace(node, muted=True)})
    trainer = Trainer(muted)
    for _ in trainer.fit():
        pass
    assert right_of(trainer, "train", "line")[0] < 0.8


def test_two_cuts_do_not_close_a_ring():
    assert right_of(trained("polar", hidden={"units": 2}), "train", "out")[0] < 0.95


def test_the_product_counts_against_the_sum():
    weight = trained("products").run.weights["line.weight"][0]
    assert weight[0] > 0
    assert weight[2] / weight[:2].mean() == pytest.approx(-2, abs=0.3)


def test_xor_is_learnt_and_its_note_is_right_that_one_unit_cannot():
    assert accuracies("xor", "train") == [1.0]
    drawn = document("xor")
    node = drawn.node("hidden")
    small = drawn.with_(nodes={**drawn.nodes, node.id: _with_params(node, units=1)})
    trainer = Trainer(small)
    for _ in trainer.fit():
        pass
    assert trainer.evaluate("train").metrics["accuracy"] < 1


def _with_params(node, **params):
    return dataclasses.replace(node, params={**node.params, **params})


def test_the_spirals_are_unwound():
    assert accuracies("spirals", "train")[0] >= 0.97


def test_digits_are_read_by_the_mlp():
    assert min(accuracies("digits-mlp", "validation", "test")) >= 0.95


def test_digits_are_read_better_by_the_cnn():
    assert min(accuracies("digits-cnn", "validation", "test")) >= 0.97


def test_lenet_trains_on_4000_digits_and_reads_most_of_1000_others_after_an_epoch():
    trainer = Trainer(document("lenet-mnist"))
    assert [trainer.batches.count(split) for split in ("train", "validation", "test")] == [4000, 1000, 0]
    (report,) = trainer.fit(1)
    assert report.validation_metrics["accuracy"] > 0.85


@pytest.mark.parametrize("name", ["names-rnn", "names-lstm", "names-gru"])
def test_names_are_foreseen_better_after_an_epoch_than_by_how_often_each_character_comes(name):
    trainer = Trainer(document(name))
    assert [trainer.batches.count(split) for split in ("train", "validation", "test")] == [1478, 185, 185]
    (report,) = trainer.fit(1)
    counts = np.bincount(trainer.batches.data.part("train")[1].ravel())
    share = counts / counts.sum()
    alone = -(share * np.log2(share)).sum()
    assert report.validation_metrics["bits per character"] < alone - 0.5


def test_a_small_gpt_soon_foresees_names_better_than_by_how_often_each_character_comes():
    trainer = Trainer(document("names-gpt"))
    before = trainer.evaluate("validation").metrics["bits per character"]
    for _ in range(80):
        trainer.train_step()
    counts = np.bincount(trainer.batches.data.part("train")[1].ravel())
    share = counts / counts.sum()
    alone = -(share * np.log2(share)).sum()
    assert before > alone > trainer.evaluate("validation").metrics["bits per character"] + 0.3


def test_a_vision_transformer_reads_most_digits_after_two_epochs():
    *_, report = Trainer(document("digits-vit")).fit(2)
    assert report.validation_metrics["accuracy"] > 0.5  # chance is 0.1


@pytest.mark.parametrize("other", ["LSTM", "GRU"])
def test_another_recurrent_layer_takes_the_place_of_the_elman_network(other):
    found = document("names-rnn")
    node = found.node("rnn")
    assert can_replace(found, infer(found), node.id, get(other))
    after, lost = rewire.replace_all(found, [node.id], other)
    assert (lost, infer(after).problems) == ((), ())
    assert after.nodes[node.id].params == node.params


# What they say


def test_title_and_description_are_those_of_the_document(name):
    found, listed = document(name), example(name)
    (note,) = found.notes.values()
    assert found.name == listed.title
    assert note.text.splitlines()[0] == listed.description


def test_its_note_says_what_to_try(name):
    (note,) = document(name).notes.values()
    sentences = re.findall(r"[.:!?](?:\s|$)", note.text)
    assert 2 <= len(note.text.splitlines()) <= 4
    assert len(sentences) <= 9
    assert re.search(r"Press F\d+", note.text)


def test_the_notes_name_only_nodes_that_exist(name):
    found = document(name)
    (note,) = found.notes.values()
    for mentioned in re.findall(r"(?:Click|of|Delete) ([a-z]+\d|hidden|out|W)\b", note.text):
        assert mentioned in found.ids_by_name


def test_names_are_short_words(name):
    for node in document(name).nodes.values():
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]{0,7}", node.name)
