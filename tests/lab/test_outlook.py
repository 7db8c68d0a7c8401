"""The way from features to prediction, and scores as probabilities."""

import numpy as np
import pytest

from graphlab.engine.inference import infer
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.chances import chances, confidence, margins
from graphlab.lab.outlook import Outlook, cuts_at_zero, outlook


def of(graph: Graph) -> Outlook:
    found = outlook(infer(graph))
    assert found is not None
    return found


def classifier(loss: str, units: int, dataset: str = "spirals") -> Graph:
    graph = Graph("c")
    data = graph.add("Dataset", name="data", dataset=dataset)
    out = graph.add("Linear", data, name="out", units=units)
    graph.add(loss, out, "data.target", name="loss")
    return graph


def test_layers_stand_in_order_and_those_before_an_activation_bend() -> None:
    found = of(load(example("spirals").path)[0])
    assert [layer.path for layer in found.layers] == [
        "spirals.x",
        "hidden1",
        "tanh1",
        "hidden2",
        "tanh2",
        "out",
    ]
    assert [layer.path for layer in found.bending] == ["hidden1", "hidden2", "out"]
    assert (found.features, found.width) == (2, 1)
    assert found.loss is not None
    assert found.loss.op_name == "BCEWithLogitsLoss"


def test_features_made_on_the_way_stand_between_the_data_and_the_layers() -> None:
    graph = Graph("polar")
    data = graph.add("Dataset", name="data", dataset="spirals")
    polar = graph.add("PolarCoordinates", data, name="polar")
    graph.add(
        "BCEWithLogitsLoss", graph.add("Linear", polar, name="out", units=1), "data.target", name="loss"
    )
    assert [layer.path for layer in of(graph).layers] == ["data.x", "polar", "out"]


def test_without_a_loss_the_last_value_with_rows_is_the_prediction() -> None:
    graph = Graph("no loss")
    x = graph.add("Input", name="x", shape=("N", 2))
    graph.add("Tanh", graph.add("Linear", x, name="h", units=3), name="t")
    found = of(graph)
    assert found.loss is None
    assert found.layers[-1].path == "t"


def test_there_is_no_outlook_without_rows() -> None:
    assert outlook(infer(Graph("empty"))) is None
    assert outlook(infer(load(example("gates").path)[0])) is None


@pytest.mark.parametrize(
    ("loss", "at_zero"),
    [("BCEWithLogitsLoss", True), ("SoftMarginLoss", True), ("BCELoss", False), ("MSELoss", False)],
)
def test_the_loss_says_where_a_single_score_turns(loss: str, at_zero: bool) -> None:
    found = of(classifier(loss, 1))
    assert cuts_at_zero(found.loss) is at_zero
    turn = 0.0 if at_zero else 0.5
    assert np.allclose(margins(found, np.array([[turn]])), 0)
    assert np.allclose(chances(found, np.array([[turn]])), 0.5)


def test_scores_become_probabilities_that_add_up_to_one() -> None:
    found = of(classifier("CrossEntropyLoss", 3, "iris"))
    scores = np.random.default_rng(0).normal(size=(20, 3)) * 50
    likely = chances(found, scores)
    assert np.allclose(likely.sum(axis=1), 1)
    assert np.array_equal(likely.argmax(axis=1), scores.argmax(axis=1))
    leads = margins(found, scores)
    assert np.array_equal((leads > 0).argmax(axis=1), scores.argmax(axis=1))
    assert ((leads > 0).sum(axis=1) == 1).all()


def test_confidence_is_nought_where_all_are_even_and_one_where_it_is_certain() -> None:
    assert np.allclose(confidence(np.array([[1 / 3, 1 / 3, 1 / 3], [1, 0, 0]])), [0, 1])
