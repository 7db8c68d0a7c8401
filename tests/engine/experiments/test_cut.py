"""Planes through the parameters: components against numpy's SVD, lengths filter by filter, and points found again."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Trainer
from graphlab.engine.experiments import travelled
from graphlab.engine.experiments.cut import (
    gradient_cut,
    parameter_cut,
    path_cut,
    random_cut,
    view_of,
)
from graphlab.engine.experiments.travelled import Travelled
from graphlab.errors import ExperimentError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph


@pytest.fixture
def trained() -> tuple[Trainer, Travelled]:
    trainer, way = Trainer(winding_graph()), Travelled()
    way.note(trainer.run)
    for _ in range(20):
        trainer.advance(1)
        way.note(trainer.run)
    return trainer, way


def valley(**training) -> Graph:
    """f = (x − 1)² + 10·(y − x²)², the two numbers of which start at (−1, 1)."""
    g = Graph("valley")
    x, y = g.add("Parameter", name="x", value=-1.0), g.add("Parameter", name="y", value=1.0)
    one = g.add("Square", g.add("Sub", x, g.add("Constant", value=1.0)))
    two = g.add("Square", g.add("Sub", y, g.add("Square", x)))
    ten = g.add("Constant", value=10.0)
    g.add("Add", one, g.add("Mul", two, ten), name="f")
    g.configure(**{"goal": "f", "optimizer": "SGD", "lr": 0.01, "momentum": 0.0, "epochs": 40} | training)
    return g


def test_the_axes_of_a_way_are_the_components_of_numpys_svd(trained) -> None:
    trainer, way = trained
    here, places = trainer.run.store.trainable, way.array().astype(np.float64)
    cut = path_cut(trainer.run.plan, here, places)
    _, sizes, axes = np.linalg.svd(places - places.mean(axis=0), full_matrices=False)
    assert abs(cut.across @ axes[0]) == pytest.approx(1, abs=1e-6)
    assert abs(cut.up @ axes[1]) == pytest.approx(1, abs=1e-6)
    assert cut.shares == pytest.approx(tuple(sizes[:2] ** 2 / (sizes**2).sum()))
    points = cut.find(places)
    assert points[-1] == pytest.approx([0, 0, 0], abs=1e-6)  # it is laid through where the weights are
    assert points[0, 0] > 0


def test_a_random_direction_is_as_long_as_the_weights_filter_by_filter(trained) -> None:
    trainer, _ = trained
    plan, here = trainer.run.plan, trainer.run.store.trainable
    cut = random_cut(plan, here, seed=3)
    again = random_cut(plan, here, seed=3)
    assert np.array_equal(cut.across, again.across)
    assert not np.array_equal(cut.across, random_cut(plan, here, seed=4).across)
    for slot in plan.parameters.values():
        own, drawn = here[slot.window].reshape(slot.shape), cut.across[slot.window].reshape(slot.shape)
        if len(slot.shape) < 2:
            assert not drawn.any()
        else:
            assert np.linalg.norm(drawn, axis=1) == pytest.approx(np.linalg.norm(own, axis=1), rel=1e-5)


def test_points_of_directions_that_are_not_at_right_angles_are_found_again(trained) -> None:
    trainer, _ = trained
    cut = random_cut(trainer.run.plan, trainer.run.store.trainable)
    assert abs(cut.across @ cut.up) > 1e-3
    away = np.random.default_rng(0).normal(size=len(cut.origin))
    both = np.stack([cut.across, cut.up])
    away -= away @ np.linalg.pinv(both) @ both
    places = np.stack([cut.at(0.3, -0.7), cut.at(0.3, -0.7) + away])
    assert cut.find(places)[0] == pytest.approx([0.3, -0.7, 0], abs=1e-9)
    assert cut.find(places)[1] == pytest.approx([0.3, -0.7, np.linalg.norm(away)])


def test_the_gradients_plane_goes_down_and_along_the_last_update(trained) -> None:
    trainer, way = trained
    here = trainer.run.store.trainable.astype(np.float64)
    gradient = trainer.run.store.trainable_gradient
    update = way.places[-1].astype(np.float64) - way.places[-2]
    cut = gradient_cut(trainer.run.plan, here, gradient, update)
    assert cut.across == pytest.approx(-gradient / np.linalg.norm(gradient), abs=1e-6)
    assert cut.up @ cut.across == pytest.approx(0, abs=1e-9)
    in_plane = cut.across * (update @ cut.across) + cut.up * (update @ cut.up)
    assert in_plane == pytest.approx(update, abs=1e-9)
    assert cut.names[1] == "last update"


def test_without_an_update_or_with_one_along_the_gradient_another_direction_is_taken(trained) -> None:
    trainer, _ = trained
    here, gradient = trainer.run.store.trainable, trainer.run.store.trainable_gradient
    for update in (None, -0.1 * gradient):
        cut = gradient_cut(trainer.run.plan, here, gradient, update)
        assert cut.names[1] == "random direction"
        assert np.linalg.norm(cut.up) == pytest.approx(1)
        assert cut.up @ cut.across == pytest.approx(0, abs=1e-9)


def test_two_numbers_are_their_own_plane() -> None:
    trainer = Trainer(valley())
    cut = parameter_cut(trainer.run.plan, trainer.run.store.trainable)
    assert (cut.names, cut.exact) == (("x", "y"), True)
    assert cut.find(trainer.run.store.trainable[None])[0] == pytest.approx([-1, 1, 0])
    low_x, low_y, high_x, high_y = view_of(cut, np.array([[-1.0, 1.0]]))
    assert low_x < -1 < high_x
    assert low_y < 1 < high_y


def test_what_cannot_be_cut_says_so(trained) -> None:
    trainer, _ = trained
    plan, here = trainer.run.plan, trainer.run.store.trainable
    with pytest.raises(ExperimentError, match="no way travelled"):
        path_cut(plan, here, here[None])
    with pytest.raises(ExperimentError, match="gradient is 0"):
        gradient_cut(plan, here, np.zeros_like(here), None)
    with pytest.raises(ExperimentError, match="room for two"):
        parameter_cut(plan, here)


def test_a_straight_way_has_a_second_axis_all_the_same(trained) -> None:
    trainer, _ = trained
    here = trainer.run.store.trainable.astype(np.float64)
    step = np.random.default_rng(1).normal(size=len(here))
    cut = path_cut(trainer.run.plan, here, here + np.arange(5)[::-1, None] * step)
    assert cut.shares == pytest.approx((1, 0))
    assert cut.up @ cut.across == pytest.approx(0, abs=1e-9)


def test_a_long_way_is_kept_evenly_in_bounded_memory(trained) -> None:
    trainer, _ = trained
    size = trainer.run.store.trainable.nbytes
    way = Travelled(room=10 * size)
    way.note(trainer.run)
    for _ in range(100):
        assert way.until_next(trainer.run) >= 1
        trainer.advance(1)
        way.note(trainer.run)
    gaps = set(np.diff(way.steps).tolist())
    assert len(way.steps) <= 10
    assert gaps == {way.stride}
    assert way.steps[0] == 20
    trainer.reset()
    way.note(trainer.run)
    assert way.steps == [0]


def test_a_network_too_large_for_its_way_keeps_none(trained) -> None:
    trainer, _ = trained
    way = Travelled(room=3 * trainer.run.store.trainable.nbytes)
    way.note(trainer.run)
    assert way.steps == []
    assert way.until_next(trainer.run) > 1_000_000


def test_after_the_first_places_a_training_stops_for_them_now_and_then(trained, monkeypatch) -> None:
    trainer, _ = trained
    now = [0.0]
    monkeypatch.setattr(travelled.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(travelled, "AT_FIRST", 5)
    monkeypatch.setattr(travelled, "FEW", 0)
    way = Travelled(pause=0.5)
    stops = []
    for _ in range(12):
        stops.append(way.until_next(trainer.run))
        way.note(trainer.run)
        trainer.advance(1)
    assert stops == [1] * 5 + [travelled.FAR] * 7
    assert len(way.steps) == 12  # where it stops by itself, the place is kept all the same
    now[0] = 1.0
    assert way.until_next(trainer.run) == 1


def test_other_parameters_begin_another_way(trained) -> None:
    _trainer, way = trained
    assert len(way.steps) == 21
    way.note(Trainer(valley()).run)
    assert way.steps == [0]
    assert way.array().shape == (1, 2)
