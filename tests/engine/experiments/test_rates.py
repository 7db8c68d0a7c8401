"""The learning-rate finder: rates evenly apart on a logarithmic scale, and suggestions that mathematics bears out."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Trainer
from graphlab.engine.experiments.rates import RateFinder, plain_rate, smoothed, suggest, told
from graphlab.errors import SettingsError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph


def bowl(curvature: float = 4.0) -> Trainer:
    """½ · curvature · w², by plain gradient descent: w ← (1 − lr · curvature) · w."""
    g = Graph("bowl")
    w = g.add("Parameter", name="w", value=1.0)
    half = g.add("Constant", value=curvature / 2)
    g.add("Mul", g.add("Square", w), half, name="f")
    g.configure(goal="f", optimizer="SGD", momentum=0.0, lr=0.1)
    return Trainer(g)


def done(finder: RateFinder) -> RateFinder:
    for _ in finder.work():
        pass
    return finder


def test_each_step_has_the_rate_that_it_says() -> None:
    finder = done(RateFinder(bowl(4.0), 1e-3, 1.0, 31))
    rates = np.geomspace(1e-3, 1.0, 31)
    w = np.concatenate([[1.0], np.cumprod(1 - rates * 4.0)[:-1]])
    made = len(finder.losses)
    assert finder.rates == pytest.approx(rates[:made])
    assert finder.losses == pytest.approx((2 * w**2)[:made], rel=1e-4)


def test_it_ends_where_a_rate_is_too_high() -> None:
    """Above 2/curvature each step makes it worse; what is suggested lies below."""
    finder = done(RateFinder(bowl(4.0), 1e-4, 1e4, 200))
    assert finder.why == "the loss rose"
    assert finder.rates[-1] > 0.5
    found = finder.suggestion
    assert found is not None
    assert 1e-4 < found.steepest < 0.5
    assert 1e-4 < found.tenth < 0.5


def test_the_network_keeps_every_bit_and_trains_on_as_if_nothing_had_been() -> None:
    tried, alone = Trainer(winding_graph()), Trainer(winding_graph())
    for trainer in (tried, alone):
        trainer.advance(3)
    before = tried.run.state()
    done(RateFinder(tried, 1e-5, 10.0, 40))
    after = tried.run.state()
    assert all(np.array_equal(before[name], after[name]) for name in ("parameters", "states", "step"))
    assert all(np.array_equal(v, after["optimizer"][k]) for k, v in before["optimizer"].items())
    for trainer in (tried, alone):
        trainer.advance(3)
    assert np.array_equal(tried.run.store.flat, alone.run.store.flat)


def test_the_same_is_found_twice() -> None:
    one, two = (done(RateFinder(Trainer(winding_graph()))) for _ in range(2))
    assert np.array_equal(one.losses, two.losses)


def test_the_mean_is_corrected_for_its_beginning() -> None:
    assert smoothed(np.full(5, 3.0)) == pytest.approx(3.0)
    assert smoothed(np.array([1.0, 0.0])) == pytest.approx([1.0, 0.09 / 0.19])


def test_steepest_and_least_are_found_on_a_known_curve() -> None:
    """A logistic step down around 10⁻², and up again from 10⁰ on."""
    rates = np.geomspace(1e-5, 1e1, 241)
    x = np.log10(rates)
    losses = 1 - 1 / (1 + np.exp(-4 * (x + 2))) + np.maximum(x, 0) * 5
    found = suggest(rates, losses)
    assert found is not None
    assert found.steepest == pytest.approx(1e-2, rel=0.2)
    assert found.tenth == pytest.approx(1e-1, rel=0.3)


@pytest.mark.parametrize(
    "losses",
    [np.linspace(1, 2, 50), np.full(50, 1.0), np.linspace(1, 0.99, 50), np.array([1.0, 0.5])],
    ids=["rising", "flat", "hardly falling", "too few"],
)
def test_no_rate_is_suggested_where_the_loss_did_not_fall(losses: np.ndarray) -> None:
    found = suggest(np.geomspace(1e-5, 1, len(losses)), losses)
    assert found is None
    text, hint = told(found)
    assert text
    assert hint


def test_rates_are_said_to_one_digit() -> None:
    assert [plain_rate(r) for r in (0.0312, 0.96, 1.2e-5, 3.0)] == [0.03, 1.0, 1e-5, 3.0]


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [(0.0, 1.0, 50), (1.0, 1.0, 50), (1.0, 0.1, 50), (1e-5, np.inf, 50), (1e-5, 1, 3), (1e-5, 1, 10**6)],
)
def test_impossible_bounds_are_refused(low: float, high: float, steps: int) -> None:
    with pytest.raises(SettingsError) as caught:
        RateFinder(bowl(), low, high, steps)
    assert caught.value.hint


def test_an_infinite_loss_ends_it() -> None:
    finder = done(RateFinder(bowl(), 1e-2, 1e6, 10))
    assert finder.why in ("the loss became infinite", "the loss rose")
    assert np.isfinite(finder.losses).all()
