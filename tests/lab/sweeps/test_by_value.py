"""Learning curves, bias and variance: means, bands and what they say in words."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.lab.sweeps.axes import axis
from graphlab.lab.sweeps.by_value import by_value, capacity_words, learning_words
from graphlab.lab.sweeps.curves import Curves
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Fit, Key
from graphlab.lab.sweeps.trials import Trial

from .made import made_sweep


def trial(number, value, scores, train, rows=100, name="units"):
    fits = tuple(
        Fit(Key(number, k), "done", k, "accuracy", score, train, train_rows=rows)
        for k, score in enumerate(scores)
    )
    return Trial(number, {name: value}, fits, len(fits), "accuracy")


def found(*trials, name="units"):
    return by_value(trials, axis(name, [t.values[name] for t in trials]), "accuracy")


def test_values_come_in_order_with_mean_and_spread():
    first, second = found(trial(0, 16, (0.8, 0.9), 0.95), trial(1, 8, (0.7, 0.7), 0.75))
    assert (first.value, second.value) == (8, 16)
    assert second.held_out.value == pytest.approx(0.85)
    assert second.held_out.spread == pytest.approx(np.std([0.8, 0.9], ddof=1))
    assert second.gap == pytest.approx(0.1)
    assert second.held_out.ends == pytest.approx((0.85 - 0.0707107, 0.85 + 0.0707107))


def test_learning_by_heart_is_said_where_held_out_error_rises_and_training_error_falls():
    said = capacity_words(
        found(
            trial(0, 4, (0.7, 0.71), 0.72), trial(1, 16, (0.9, 0.91), 0.95), trial(2, 256, (0.8, 0.81), 1.0)
        ),
        "accuracy",
    )
    assert said.startswith("Held-out error is least at 16; from there on it learns by heart")
    assert "Gap to training error there 4.5 points" in said


def test_error_that_still_falls_at_the_largest_says_that_more_may_do_better():
    said = capacity_words(found(trial(0, 4, (0.7, 0.71), 0.72), trial(1, 16, (0.9, 0.91), 0.95)), "accuracy")
    assert "the largest tried: it still falls" in said


def test_a_rise_within_the_spread_is_no_learning_by_heart():
    said = capacity_words(
        found(
            trial(0, 4, (0.7, 0.8), 0.8), trial(1, 16, (0.85, 0.95), 0.95), trial(2, 64, (0.84, 0.94), 1.0)
        ),
        "accuracy",
    )
    assert "beyond, it changes by less than the seeds do" in said


def test_learning_curve_says_whether_more_rows_would_help():
    some = trial(0, 0.5, (0.8, 0.81), 0.95, rows=100, name="rows")
    all_rows = trial(1, 1.0, (0.9, 0.91), 0.94, rows=200, name="rows")
    said = learning_words(found(some, all_rows, name="rows"), "accuracy")
    assert said.startswith("Held-out rows still gain 10 points for 2 times the rows: more rows would help")
    even = trial(1, 1.0, (0.8, 0.815), 0.94, rows=200, name="rows")
    assert "hardly help" in learning_words(found(some, even, name="rows"), "accuracy")


def test_a_last_step_that_is_large_and_unsure_is_not_called_the_end_of_the_gains():
    few = trial(0, 0.1, (0.2, 0.22), 0.3, rows=100, name="rows")
    some = trial(1, 0.5, (0.6, 0.9), 0.75, rows=500, name="rows")
    whole = trial(2, 1.0, (0.85, 0.85), 0.84, rows=1000, name="rows")
    said = learning_words(found(few, some, whole, name="rows"), "accuracy")
    assert said.startswith("The last step, 10 points, is within the seeds' spread: train more seeds")
    flat = trial(2, 1.0, (0.76, 0.76), 0.84, rows=1000, name="rows")
    assert "hardly help" in learning_words(found(few, some, flat, name="rows"), "accuracy")


def test_curves_are_means_over_fits_and_end_where_a_trial_ended(tmp_path):
    sweep = KeptSweep(made_sweep(tmp_path, trials=8))
    curves = Curves("accuracy")
    matrix = curves.matrix(sweep.trials.values())
    assert matrix.shape == (8, 5)
    assert np.isnan(matrix[6, 2:]).all()  # pruned after two epochs
    fits = sweep.trials[0].fits
    assert matrix[0, 4] == pytest.approx(
        np.mean([fit.epochs[4].validation_metrics["accuracy"] for fit in fits])
    )
    assert curves.of(sweep.trials[0]) is curves.of(sweep.trials[0])
