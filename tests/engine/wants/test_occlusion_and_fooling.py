"""Covered patches and adversarial steps, against what the network says of each picture made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.engine.wants.answer import answer_of
from graphlab.engine.wants.eye import Tones, Unit
from graphlab.engine.wants.fooling import PLACES, fool, shown
from graphlab.engine.wants.looker import Looker
from graphlab.engine.wants.occlusion import Occlusion
from graphlab.errors import SettingsError
from graphlab.graph import Graph
from tests.engine.wants.nets import ByHand, end, one_hot, picture, run_of, small


def finished(work: Occlusion) -> Occlusion:
    for _ in work.work():
        pass
    return work


@pytest.mark.parametrize(("patch", "stride"), [(1, 1), (2, 1), (3, 2), (4, 3), (6, 5)])
def test_each_drop_is_that_of_the_covered_picture(patch: int, stride: int) -> None:
    run = run_of(small(), seed=1)
    looker, x, hand = Looker(run, end(run, "scores")), picture(2, 6, 6), ByHand(run)
    found = finished(Occlusion(looker, x, Unit(looker.end, (2,)), patch, stride, 0.3))
    assert found.rows[-1] == found.columns[-1] == 6 - patch
    whole = hand.forward(x[0])[2]
    total, count = np.zeros((6, 6)), np.zeros((6, 6))
    for i, y in enumerate(found.rows):
        for j, left in enumerate(found.columns):
            covered = x[0].copy()
            covered[:, y : y + patch, left : left + patch] = 0.3
            drop = whole - hand.forward(covered)[2]
            assert found.drops[i, j] == pytest.approx(drop, abs=1e-12)
            total[y : y + patch, left : left + patch] += drop
            count[y : y + patch, left : left + patch] += 1
    np.testing.assert_allclose(found.map, total / np.maximum(count, 1), atol=1e-12)
    assert found.done == found.total == found.drops.size


def test_a_network_that_says_always_the_same_loses_nothing() -> None:
    run = run_of(small())
    run.set("conv.weight", np.zeros((3, 2, 3, 3)))
    looker = Looker(run, end(run, "scores"))
    found = finished(Occlusion(looker, picture(2, 6, 6), Unit(looker.end, (0,)), 2, 2, 0.0))
    np.testing.assert_allclose(found.drops, 0, atol=1e-15)
    np.testing.assert_allclose(found.map, 0, atol=1e-15)


@pytest.mark.parametrize(
    ("patch", "stride", "said"), [(0, 1, "patch of 0"), (7, 1, "patch of 7"), (2, 0, "by 0")]
)
def test_impossible_patches_are_refused(patch: int, stride: int, said: str) -> None:
    run = run_of(small())
    looker = Looker(run, end(run, "scores"))
    with pytest.raises(SettingsError, match=said):
        Occlusion(looker, picture(2, 6, 6), Unit(looker.end, (0,)), patch, stride, 0.0)


@pytest.mark.parametrize("seed", range(4))
def test_the_step_goes_up_the_loss_of_what_is_there(seed: int) -> None:
    run = run_of(small(), seed=seed)
    answer = answer_of(run.plan.inference)
    looker, x, hand = Looker(run, answer.scores), picture(2, 6, 6, seed=seed), ByHand(run)
    label = int(hand.forward(x[0]).argmax())
    found = fool(looker, x, label, answer.loss, Tones())
    chances = np.exp(hand.forward(x[0]))
    chances /= chances.sum()
    np.testing.assert_array_equal(found.direction, np.sign(hand.backward(chances - one_hot(label))))
    assert found.sizes.shape == (PLACES,)
    assert (found.sizes[0], found.sizes[-1]) == (0.0, 0.3)
    np.testing.assert_allclose(found.chances[0], chances, atol=1e-12)
    assert (np.diff(found.losses[:10]) > 0).all()
    assert found.losses[-1] > found.losses[0]
    moved = shown(x, found.direction, found.sizes[20], Tones())
    assert moved.min() >= 0
    assert moved.max() <= 1
    again = np.exp(hand.forward(moved[0]))
    np.testing.assert_allclose(found.chances[20], again / again.sum(), atol=1e-12)


def test_towards_a_class_its_loss_falls() -> None:
    run = run_of(small(), seed=3)
    answer = answer_of(run.plan.inference)
    looker, x = Looker(run, answer.scores), picture(2, 6, 6)
    label = int(looker.values(x)[0][0].argmin())
    found = fool(looker, x, label, answer.loss, Tones(), towards=True, widest=1.0)
    assert (np.diff(found.losses[:10]) < 0).all()
    flips = found.flips
    assert flips is None or (found.said[flips] == label and label not in found.said[:flips])


@pytest.mark.parametrize("loss", ["CrossEntropyLoss", "MultiMarginLoss"])
def test_the_gradient_is_that_of_the_documents_own_loss(loss: str) -> None:
    g = small(loss=False)
    target = g.add("Input", name="target", shape=("N",), dtype="int")
    g.add(loss, g.document.node("scores").id, target, name="loss")
    run = run_of(g, seed=1)
    answer = answer_of(run.plan.inference)
    assert type(answer.loss).__name__ == loss
    x = picture(2, 6, 6)
    found = fool(Looker(run, answer.scores), x, 1, answer.loss, Tones())
    run.feed(x=x, target=np.array([1]))
    run.backward()
    np.testing.assert_array_equal(found.direction, np.sign(run.grad("x"))[0])


def test_without_a_loss_it_is_the_cross_entropy_of_the_softmax() -> None:
    with_loss, without = run_of(small(), seed=1), run_of(small(loss=False), seed=1)
    x, found = picture(2, 6, 6), []
    for run in (with_loss, without):
        run.load_state({**run.state(), "parameters": with_loss.state()["parameters"]})
        answer = answer_of(run.plan.inference)
        found.append(fool(Looker(run, answer.scores), x, 1, answer.loss, Tones()))
    np.testing.assert_array_equal(found[0].direction, found[1].direction)
    np.testing.assert_allclose(found[0].chances, found[1].chances, atol=1e-12)


@pytest.mark.parametrize("loss", ["BCEWithLogitsLoss", "MSELoss", "BCELoss"])
def test_one_number_alone_tells_two_classes_apart(loss: str) -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 4, 4))
    said = g.add("Linear", g.add("Flatten", x), name="scores", units=1)
    said = said if loss != "BCELoss" else g.add("Sigmoid", said, name="chance")
    target = g.add("Input", name="target", shape=("N", 1))
    g.add(loss, said, target, name="loss")
    run = Run(g, dtype="float64")
    answer = answer_of(run.plan.inference)
    assert answer.classes == 2
    x = picture(1, 4, 4)
    for label in (0, 1):
        found = fool(Looker(run, answer.scores), x, label, answer.loss, Tones(), widest=0.05)
        run.feed(x=x, target=np.array([[float(label)]]))
        run.backward()
        np.testing.assert_array_equal(found.direction, np.sign(run.grad("x"))[0])
        assert found.chances.shape == (PLACES, 2)
