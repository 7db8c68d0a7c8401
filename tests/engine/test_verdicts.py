"""Verdicts and what is counted from them, against figures made by hand."""

import numpy as np
import pytest

from graphlab import ops
from graphlab.engine import infer
from graphlab.engine.confusion import Confusion
from graphlab.engine.verdicts import Verdicts, decision, judge, layers
from graphlab.errors import DataError
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load

THREE = ("a", "b", "c")


def verdicts(true, said, sure=0.8, classes=THREE):
    true, said = np.array(true), np.array(said)
    rest = (1 - np.broadcast_to(sure, said.shape)) / (len(classes) - 1)
    chances = np.tile(rest[:, None], (1, len(classes)))
    chances[np.arange(len(said)), said] = sure
    return Verdicts(classes, chances, true, said, np.arange(len(true)) + 100, np.arange(len(true)))


def loss(name, **params):
    return ops.get(name)(**params)


def judged(name, scores, target, classes=THREE):
    n = len(scores)
    return judge(loss(name), np.array(scores), np.array(target), classes, np.arange(n), np.arange(n))


def test_scores_become_the_probabilities_of_a_softmax():
    found = judged("CrossEntropyLoss", [[0.0, np.log(3), 0.0], [1000.0, 0.0, 0.0]], [1, 2])
    assert np.allclose(found.chances, [[0.2, 0.6, 0.2], [1, 0, 0]])
    assert found.said.tolist() == [1, 0]
    assert found.right.tolist() == [True, False]
    assert found.losses[0] == pytest.approx(-np.log(0.6))
    assert np.isfinite(found.losses).all()


def test_logarithms_and_single_scores_and_probabilities_are_read_as_what_they_are():
    assert np.allclose(judged("NLLLoss", np.log([[0.1, 0.2, 0.7]]), [2]).chances, [[0.1, 0.2, 0.7]])
    two = ("no", "yes")
    scored = judged("BCEWithLogitsLoss", [[np.log(4)], [-900.0]], [[1.0], [1.0]], two)
    assert np.allclose(scored.chances, [[0.2, 0.8], [1, 0]])
    assert scored.right.tolist() == [True, False]
    assert np.allclose(judged("BCELoss", [[0.3]], [[0.0]], two).chances, [[0.7, 0.3]])
    assert judged("HingeLoss", [[0.5], [-2.0]], [[1.0], [-1.0]], two).right.all()


def test_a_loss_of_numbers_is_read_where_the_rows_have_classes():
    found = judged("MSELoss", [[0.9], [0.2]], [[1.0], [1.0]], ("0", "1"))
    assert found.said.tolist() == [1, 0]


def test_one_hot_targets_are_classes_too():
    assert judged("CrossEntropyLoss", np.eye(3), np.eye(3, dtype=np.float32)).right.all()


def test_too_few_scores_are_told_with_the_remedy():
    with pytest.raises(DataError, match="3 classes, but the network gives 2 numbers") as caught:
        judged("CrossEntropyLoss", np.zeros((2, 2)), [0, 1])
    assert "3 units" in caught.value.hint


def test_a_score_that_is_not_a_number_is_the_worst_and_never_right_by_chance():
    found = judged("CrossEntropyLoss", [[np.nan, 0.0, 1.0], [0.0, 1.0, 0.0]], [0, 1])
    assert found.losses[0] > 20
    assert found.right.tolist() == [False, True]
    counted = Confusion.of(found)
    assert (counted.total, counted.lost) == (1, 1)


def test_the_figures_of_a_hand_made_matrix():
    found = Confusion.of(verdicts([0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 0, 2]))
    assert found.counts.tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 1]]
    assert (found.total, found.wrong) == (6, 2)
    assert found.accuracy == pytest.approx(4 / 6)
    assert found.recall == pytest.approx([2 / 3, 1 / 2, 1])
    assert found.precision == pytest.approx([2 / 3, 1 / 2, 1])
    assert found.f1 == pytest.approx([2 / 3, 1 / 2, 1])
    assert found.shares[0] == pytest.approx([2 / 3, 1 / 3, 0])
    assert found.macro_f1 == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)


def test_a_class_without_rows_has_no_recall():
    found = Confusion.of(verdicts([0, 0], [0, 1]))
    assert np.isnan(found.recall[1:]).all()
    assert found.precision[1] == 0
    assert np.isnan(found.precision[2])


def test_wrong_ones_come_first_the_worst_of_them_at_the_top():
    found = verdicts([0, 1, 2, 0], [0, 0, 1, 0], sure=np.array([0.5, 0.6, 0.9, 0.7]))
    assert found.arranged("wrong first").tolist() == [2, 1, 0, 3]
    assert found.arranged("surest first").tolist() == [2, 3, 1, 0]
    assert found.arranged("least sure first").tolist() == [0, 1, 3, 2]
    assert found.arranged("as they come", true=0).tolist() == [0, 3]
    assert found.arranged("as they come", true=1, said=0).tolist() == [1]


def test_the_decision_of_each_example_is_found():
    for name, scores in (("xor", "out"), ("digits-mlp", "out"), ("digits-cnn", "out")):
        document = load(example(name).path)[0].document
        found = decision(infer(document))
        assert found is not None
        assert document.nodes[found.scores[0]].name == scores
        assert document.nodes[found.source].op == "Dataset"


def test_a_penalty_on_top_does_not_hide_the_decision():
    g = Graph()
    data = g.add("Dataset", name="data", dataset="blobs")
    out = g.add("Linear", data["x"], name="out", units=3)
    judged_by = g.add("CrossEntropyLoss", out, data["target"], name="ce")
    g.add("Add", judged_by, g.add("L2Penalty", out, name="l2"), name="goal")
    g.configure(goal="goal")
    found = decision(infer(g))
    assert found is not None
    assert g.document.nodes[found.loss].name == "ce"


def test_of_two_decisions_the_one_preferred_is_taken():
    document = load(example("polar").path)[0].document
    ids = document.ids_by_name
    found = infer(document)
    for prefer, loss in (("", "byhand"), (ids["learnt"], "learnt"), (ids["out"], "learnt"), ("?", "byhand")):
        made = decision(found, prefer)
        assert made is not None
        assert made.loss == ids[loss]


def test_the_layers_are_those_between_the_rows_and_the_scores():
    document = load(example("polar").path)[0].document
    found = infer(document)
    where = decision(found, document.ids_by_name["out"])
    assert where is not None
    assert [document.nodes[key].name for key, _ in layers(found, where)] == ["hidden", "tanh", "out"]


def test_a_graph_without_rows_decides_nothing():
    assert decision(infer(load(example("tanh-by-hand").path)[0])) is None
