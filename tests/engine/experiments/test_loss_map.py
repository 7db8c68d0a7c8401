"""A loss surface: each of its numbers is what evaluation says there, and the run keeps every bit."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Trainer
from graphlab.engine.experiments import loss_map
from graphlab.engine.experiments.cut import parameter_cut, random_cut
from graphlab.engine.experiments.loss_map import Losses, LossMap
from graphlab.errors import ExperimentError
from tests.engine.experiments.test_cut import valley
from tests.engine.networks import winding_graph


def measured(found: LossMap) -> LossMap:
    for _ in found.work():
        pass
    return found


@pytest.fixture
def trained() -> Trainer:
    trainer = Trainer(winding_graph())
    trainer.advance(3)
    trainer.advance(3)
    return trainer


@pytest.mark.parametrize("at_once", [1024, 7])
def test_each_number_is_what_evaluation_says_of_those_weights(trained, monkeypatch, at_once) -> None:
    monkeypatch.setattr(loss_map, "SIDES", (5, 9))
    monkeypatch.setattr(loss_map, "rows_at_once", lambda plan: at_once)
    cut = random_cut(trained.run.plan, trained.run.store.trainable)
    found = measured(LossMap(Losses(trained), cut, (-1.0, -0.5, 1.0, 1.0)))
    assert found.losses is not None
    assert (found.side, found.losses.shape, found.done, found.total) == (9, (9, 9), 81, 81)
    other = Trainer(winding_graph())
    for i, j in ((0, 0), (3, 5), (8, 8)):
        other.run.store.trainable[...] = cut.at(-1 + 2 * j / 8, -0.5 + 1.5 * i / 8)
        assert found.losses[i, j] == pytest.approx(other.evaluate("train").loss, rel=1e-5)
    assert found.here == pytest.approx(trained.evaluate("train").loss, rel=1e-6)


def test_a_toy_function_is_what_its_formula_says() -> None:
    trainer = Trainer(valley())
    cut = parameter_cut(trainer.run.plan, trainer.run.store.trainable)
    found = measured(LossMap(Losses(trainer), cut, (-2.0, -1.0, 2.0, 3.0)))
    side = found.side
    x, y = np.meshgrid(np.linspace(-2, 2, side), np.linspace(-1, 3, side))
    assert found.losses == pytest.approx((x - 1) ** 2 + 10 * (y - x**2) ** 2, rel=1e-4, abs=1e-4)


def test_the_run_goes_on_as_if_nobody_had_looked() -> None:
    looked_at, alone = Trainer(winding_graph()), Trainer(winding_graph())
    for trainer in (looked_at, alone):
        trainer.advance(3)
    cut = random_cut(looked_at.run.plan, looked_at.run.store.trainable)
    before = looked_at.run.state()
    work = LossMap(Losses(looked_at), cut, (-1.0, -1.0, 1.0, 1.0)).work()
    for _ in range(20):
        next(work)
    after = looked_at.run.state()
    assert all(np.array_equal(before[name], after[name]) for name in ("parameters", "states"))
    for _ in range(6):  # and while it is measured
        looked_at.advance(1)
        alone.advance(1)
        next(work)
    assert np.array_equal(looked_at.run.store.flat, alone.run.store.flat)


def test_a_map_that_would_take_too_long_stays_coarse(trained) -> None:
    cut = random_cut(trained.run.plan, trained.run.store.trainable)
    found = measured(LossMap(Losses(trained), cut, (-1.0, -1.0, 1.0, 1.0), seconds=0.0))
    assert (found.side, found.done, found.total) == (5, 25, 25)


def test_what_is_not_finite_is_infinite_and_stays_so_in_finer_grids(trained) -> None:
    cut = random_cut(trained.run.plan, trained.run.store.trainable)
    found = measured(LossMap(Losses(trained), cut, (-1e38, -1e38, 1e38, 1e38), seconds=0.5))
    assert found.losses is not None
    assert np.isinf(found.losses[0, 0])
    assert np.isfinite(found.losses[found.side // 2, found.side // 2])
    assert not np.isnan(found.losses).any()


def test_the_gradient_over_the_rows_is_that_of_differences(trained) -> None:
    losses = Losses(trained)
    place = trained.run.store.trainable.astype(np.float64)
    losses.place[...] = place
    gradient = losses.gradient()
    direction = gradient / np.linalg.norm(gradient)
    step = 1e-2
    slope = (losses.at(place + step * direction) - losses.at(place - step * direction)) / (2 * step)
    assert slope == pytest.approx(float(gradient @ direction), rel=1e-2)


def test_an_impossible_part_of_the_plane_is_refused(trained) -> None:
    cut = random_cut(trained.run.plan, trained.run.store.trainable)
    with pytest.raises(ExperimentError, match="no part of a plane"):
        LossMap(Losses(trained), cut, (0.0, 0.0, 0.0, 1.0))
