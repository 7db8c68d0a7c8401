"""What matters most, on functions whose shares are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.errors import SettingsError
from graphlab.graph.sweep import Space
from graphlab.lab.sweeps import importance as module
from graphlab.lab.sweeps.axes import axis, rows_of_values
from graphlab.lab.sweeps.fanova import main_effects
from graphlab.lab.sweeps.importance import importance
from graphlab.lab.sweeps.records import Fit, Key
from graphlab.lab.sweeps.trials import Trial

UNIT = Space("range", (), 0.0, 1.0)


def made(number, values, score):
    return Trial(number, values, (Fit(Key(number), "done", 0, "loss", score),), 1, "loss")


def sampled(count, function, **spaces):
    rng, trials = np.random.default_rng(0), []
    for k in range(count):
        values = {name: drawn(space, rng) for name, space in spaces.items()}
        trials.append(made(k, values, function(values)))
    return trials, [axis(name, [], space) for name, space in spaces.items()]


def drawn(space, rng):
    if space.kind in ("list", "choice"):
        return space.values[rng.integers(len(space.values))]
    if space.kind == "log":
        return float(10 ** rng.uniform(math.log10(space.low), math.log10(space.high)))
    return float(rng.uniform(space.low, space.high))


@pytest.fixture(params=["fANOVA", "alone"])
def way(request, monkeypatch):
    if request.param == "alone":
        monkeypatch.setattr(module, "has_forest", lambda: False)
    else:
        pytest.importorskip("sklearn")
    return request.param


def test_shares_are_those_of_the_variance(way):
    """y = 3a + b, both uniform: variances 9 to 1."""
    trials, axes = sampled(
        3000 if way == "alone" else 400, lambda v: 3 * v["a"] + v["b"], a=UNIT, b=UNIT, c=UNIT
    )
    found = importance(trials, "loss", axes)
    assert found.method.startswith("fANOVA" if way == "fANOVA" else "ε²")
    assert list(found.shares)[:2] == ["a", "b"]
    assert found.shares["a"] == pytest.approx(0.9, abs=0.04)
    assert found.shares["b"] == pytest.approx(0.1, abs=0.04)
    assert found.shares["c"] == pytest.approx(0.0, abs=0.02)
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert importance(trials, "loss", axes) == found


def test_a_log_range_counts_by_its_decades_and_words_have_no_order(way):
    spaces = {"lr": Space("log", (), 1e-4, 1e-1), "op": Space("choice", ("ReLU", "Tanh", "GELU"))}
    worth = {"ReLU": 0.0, "Tanh": 1.0, "GELU": 0.0}
    trials, axes = sampled(1000, lambda v: math.log10(v["lr"]) / 3**0.5 + worth[v["op"]], **spaces)
    # variances: 9/12/3 = 0.25 of the decades, 2/9 of the words
    found = importance(trials, "loss", axes)
    assert found.shares["lr"] == pytest.approx(0.25 / (0.25 + 2 / 9), abs=0.06)


def test_what_has_one_value_has_no_share(way):
    trials, axes = sampled(40, lambda v: v["a"], a=UNIT, units=Space("list", (8,)))
    assert importance(trials, "loss", axes).shares == {"a": pytest.approx(1.0), "units": 0.0}


def test_forest_says_what_optunas_says_of_it():
    """FanovaImportanceEvaluator, which goes through the trees place by place, on the same trials and seed."""
    pytest.importorskip("sklearn")
    optuna = pytest.importorskip("optuna")
    trials, axes = sampled(40, lambda v: v["a"] * v["b"] + 0.3 * v["c"], a=UNIT, b=UNIT, c=UNIT)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study()
    space = {name: optuna.distributions.FloatDistribution(0, 1) for name in "abc"}
    for trial in trials:
        made = optuna.trial.create_trial(params=trial.values, distributions=space, value=trial.score)
        study.add_trial(made)
    theirs = optuna.importance.FanovaImportanceEvaluator(n_trees=16, seed=5).evaluate(study)
    places, scores = rows_of_values(trials, axes), np.array([trial.score for trial in trials])
    ours = main_effects(places, scores, axes, 5, trees=16)
    assert dict(zip("abc", ours, strict=True)) == pytest.approx(theirs, rel=1e-9)


def test_too_few_trials_say_how_many_it_takes():
    trials, axes = sampled(3, lambda v: v["a"], a=UNIT)
    with pytest.raises(SettingsError, match="3 trials are done: too few") as caught:
        importance(trials, "loss", axes)
    assert "4 or more" in caught.value.hint


def test_scores_that_are_all_alike_and_values_that_are_all_alike_are_told():
    trials, axes = sampled(8, lambda v: 1.0, a=UNIT)
    with pytest.raises(SettingsError, match="same score"):
        importance(trials, "loss", axes)
    trials, axes = sampled(8, lambda v: 1.0, a=Space("list", (8,)))
    with pytest.raises(SettingsError, match="Nothing was varied"):
        importance(trials, "loss", axes)
