"""What a sweep has come to, counted as trials come in, and what one is going to take."""

from __future__ import annotations

import itertools
import math

import pytest

from graphlab.lab.sweeps.forecast import Forecast
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.tally import Tally
from graphlab.lab.sweeps.trials import Trial, ranked

from .made import made_sweep


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return list(KeptSweep(made_sweep(tmp_path_factory.mktemp("sweeps"))).trials.values())


def figures(tally: Tally) -> tuple:
    best, second = (None if each is None else each.number for each in (tally.best, tally.second))
    return tally.over, tally.failed, tally.fits, round(tally.seconds_per_epoch, 12), best, second


def test_it_comes_to_the_same_in_any_order_and_however_often_a_trial_changes(trials):
    whole = Tally("accuracy", trials)
    order = ranked(trials, "accuracy")
    assert figures(whole)[:3] == (23, 2, 47)  # one of two trainings of the last trial is missing
    assert figures(whole)[4:] == (order[0].number, order[1].number)
    backwards = Tally("accuracy")
    for trial in reversed(trials):
        for fits in range(len(trial.fits) + 1):
            backwards.take(Trial(trial.number, trial.values, trial.fits[:fits], trial.expected, trial.metric))
    assert figures(backwards) == figures(whole)


def test_the_second_best_has_other_values(trials):
    best = ranked(trials, "accuracy")[0]
    again = Trial(100, {**best.values, "seed": 5}, best.fits, best.expected, "accuracy")
    for order in itertools.permutations([best, again, ranked(trials, "accuracy")[1]]):
        tally = Tally("accuracy", order)
        assert tally.best is best
        assert tally.second is ranked(trials, "accuracy")[1]


def test_less_is_better_of_a_loss(trials):
    as_loss = [Trial(t.number, t.values, t.fits, t.expected, "loss") for t in trials]
    assert Tally("loss", as_loss).best.number == ranked(as_loss, "loss")[0].number
    assert math.isnan(Tally("loss").seconds_per_epoch)


def test_time_is_that_of_the_trainings_that_go_on_side_by_side():
    assert Forecast(10, 3, 5).seconds(0.5, workers=2) == 15 * 5 * 0.5
    assert math.isnan(Forecast(0, 1, 5).seconds(0.5, workers=2))
