"""Losses of a whole training: kept, rewound, drawn small."""

import time

import numpy as np

from graphlab.engine.messages import ReportRecord, Scalars
from graphlab.ui.losses import BLOCK, Losses, smooth


def scalars(done: int, losses: list[float] | np.ndarray, reports: tuple[ReportRecord, ...] = ()) -> Scalars:
    return Scalars(1, done, np.asarray(losses, dtype=np.float64), reports)


def report(epoch: int, step: int) -> ReportRecord:
    return ReportRecord(epoch, step, 0.5, {}, None, {}, 0.0)


def test_every_loss_is_kept_in_order() -> None:
    losses = Losses()
    losses.take(scalars(0, [3, 2]))
    losses.take(scalars(2, [1]))
    assert losses.values.tolist() == [3, 2, 1]
    assert losses.last == 1


def test_steps_done_anew_replace_their_former_selves() -> None:
    losses = Losses()
    losses.take(scalars(0, np.arange(200.0)))
    losses.take(scalars(100, [7.0], (report(4, 101),)))
    assert len(losses) == 101
    assert losses.last == 7.0
    assert losses.envelope(10).high.max() == 99.0


def test_a_new_training_from_step_zero_starts_a_new_curve() -> None:
    losses = Losses()
    losses.take(scalars(0, np.arange(200.0), (report(1, 100),)))
    losses.take(scalars(0, [5.0]))
    assert losses.values.tolist() == [5.0]
    assert losses.reports == []


def test_the_envelope_of_many_steps_holds_every_extreme() -> None:
    values = np.random.default_rng(0).normal(size=300_000)
    values[123_456], values[7] = 50.0, -50.0
    losses = Losses()
    for begin in range(0, len(values), 7_001):
        losses.take(scalars(begin, values[begin : begin + 7_001]))
    drawn = losses.envelope(700)
    assert len(drawn.step) == 700
    assert drawn.high.max() == 50.0
    assert drawn.low.min() == -50.0
    at = drawn.step[int(np.argmax(drawn.high))]
    assert abs(at - 123_457) < 300_000 / 700
    assert np.isclose(drawn.mean.mean(), values.mean(), atol=0.01)


def test_few_steps_are_drawn_one_by_one() -> None:
    losses = Losses()
    losses.take(scalars(10, [4.0, 3.0, 2.0]))
    drawn = losses.envelope(1000)
    assert drawn.step.tolist() == [11, 12, 13]
    assert drawn.mean.tolist() == [4, 3, 2]


def test_losses_that_are_not_numbers_are_left_out_of_the_curve() -> None:
    losses = Losses()
    losses.take(scalars(0, [1.0, np.nan, np.inf] + [2.0] * (3 * BLOCK)))
    drawn = losses.envelope(2)
    assert np.isfinite(drawn.mean).all()
    assert drawn.high.max() == 2.0


def test_a_million_losses_are_decimated_within_two_milliseconds() -> None:
    losses = Losses()
    losses.take(scalars(0, np.random.default_rng(1).random(1_000_000)))
    best = 1.0
    for _ in range(10):
        begin = time.perf_counter()
        losses.envelope(700)
        best = min(best, time.perf_counter() - begin)
    assert best < 2e-3


def test_smoothing_bridges_gaps_and_keeps_a_constant() -> None:
    values = np.array([1.0, np.nan, 1.0, 1.0, np.nan, 1.0])
    assert smooth(values, 3).tolist() == [1.0] * 6
