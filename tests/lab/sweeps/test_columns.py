"""Columns of a table of trials, and the filter that names them."""

from __future__ import annotations

import itertools
import math

import pytest

from graphlab.errors import ConditionError
from graphlab.lab.columns import in_order
from graphlab.lab.sweeps.columns import column_for, columns_of, matching
from graphlab.lab.sweeps.kept import KeptSweep

from .made import made_sweep


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    return KeptSweep(made_sweep(tmp_path_factory.mktemp("sweeps")))


@pytest.fixture(scope="module")
def columns(sweep):
    return columns_of(sweep.head, sweep.trials)


def test_every_hyperparameter_has_a_column_of_its_kind(columns):
    kinds = {column.key: column.kind for column in columns}
    assert [kinds[key] for key in ("hidden.units", "lr", "optimizer", "score")] == [
        "number",
        "number",
        "text",
        "percent",
    ]


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("score", "score"),
        ("accuracy", "score"),
        ("acc", "score"),
        ("units", "hidden.units"),
        ("hidden.units", "hidden.units"),
        ("opt", "optimizer"),
        ("time", "seconds"),
        ("s", None),  # several begin so
        ("nothing", None),
    ],
)
def test_a_column_is_meant_by_key_title_or_how_it_begins_or_ends(columns, word, key):
    found = column_for(word, columns)
    assert (found.key if found is not None else None) == key


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("lr<0.01", lambda t: t.values["lr"] < 0.01),
        ("units=32 adam", lambda t: t.values["hidden.units"] == 32 and t.values["optimizer"] == "Adam"),
        ("-failed -pruned", lambda t: t.state not in ("failed", "pruned")),
        ("acc>90%", lambda t: t.score > 0.9),
        ("state:running", lambda t: t.state == "running"),
        ('"loss became NaN"', lambda t: "became NaN" in t.error),
        ("trial>=20", lambda t: t.number >= 20),
    ],
)
def test_a_filter_lets_through_what_its_words_say(sweep, columns, text, holds):
    trials = list(sweep.trials.values())
    wanted = [trial.number for trial in trials if holds(trial)]
    assert wanted
    assert [trial.number for trial in matching(trials, text, columns)] == wanted


def test_a_column_that_there_is_not_is_told_with_the_nearest(sweep, columns):
    with pytest.raises(ConditionError, match=r"Trials have no 'optimiser'.*Did you mean optimizer"):
        matching(list(sweep.trials.values()), "optimiser=Adam", columns)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("key", ["score", "optimizer", "lr"])
def test_trials_stand_in_order_those_without_a_value_last_and_equals_as_they_came(
    sweep, columns, key, falling
):
    column = column_for(key, columns)
    found = in_order(sweep.trials.values(), column, descending=falling)
    values = [column.value(trial) for trial in found]
    known = [value for value in values if isinstance(value, str) or not math.isnan(value)]
    assert values[: len(known)] == known == sorted(known, reverse=falling)
    pairs = itertools.pairwise(found)
    assert all(a.number < b.number for a, b in pairs if column.value(a) == column.value(b))


def test_what_was_never_measured_is_not_nothing(sweep, columns):
    failed = next(trial for trial in sweep.trials.values() if trial.state == "failed")
    costs = {column.key: column.value(failed) for column in columns}
    assert all(math.isnan(costs[key]) for key in ("flops", "parameters", "score"))
