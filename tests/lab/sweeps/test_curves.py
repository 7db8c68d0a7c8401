"""Curves of trials side by side: means over their fits, without gaps where an epoch was not measured."""

from __future__ import annotations

import numpy as np

from graphlab.lab.sweeps.curves import Curves
from graphlab.lab.sweeps.records import Epoch, Fit, Key
from graphlab.lab.sweeps.trials import Trial


def fit(repeat: int, **at: float) -> Fit:
    """A fit whose accuracy was measured after these epochs ("e3")."""
    epochs = [Epoch(int(name[1:]), 1, 0.5, {}, 0.5, {"accuracy": value}) for name, value in at.items()]
    return Fit(Key(0, repeat), "done", repeat, "accuracy", epochs=epochs)


def test_a_curve_goes_straight_over_epochs_that_were_not_measured_and_ends_where_its_trial_does():
    trials = [
        Trial(0, {}, (fit(0, e1=0.2, e4=0.8), fit(1, e1=0.4, e4=0.6)), 2, "accuracy"),
        Trial(1, {}, (fit(0, e2=0.5),), 1, "accuracy"),
    ]
    curves = Curves("accuracy")
    first, second = curves.matrix(trials)
    assert np.allclose(first, [0.3, 0.3 + 0.4 / 3, 0.3 + 0.8 / 3, 0.7])
    assert np.array_equal(second, [np.nan, 0.5, np.nan, np.nan], equal_nan=True)
    assert np.isnan(curves.of(trials[0])[1:3]).all()
