"""What a filter lets through, and in what order a table stands."""

import re

import pytest

from graphlab.errors import ConditionError
from graphlab.lab.runs import KeptRun
from graphlab.lab.runs.columns import column_for, columns_of, sorted_runs
from graphlab.lab.runs.differences import settings_apart
from graphlab.lab.runs.query import matching


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", [1, 2, 3]),
        ("lr<0.01", [1]),
        ("lr<=0.03", [1, 3]),
        ("lr≥0.03 lr<0.1", [3]),
        ("tag:good", [1]),
        ("tag:", [1, 2]),
        ("-tag:", [3]),
        ("acc>0.9", [1]),
        ("acc>90%", [1]),
        ("accuracy<50%", [2]),
        ("adam", [1, 3]),
        ("ADAM -baseline", [3]),
        ("optimizer:sgd", [2]),
        ("optimizer=sg", []),
        ("optimizer!=adam", [2]),
        ("lr<0.01 tag:good acc>0.9", [1]),
        ("name:base", [1]),
        ("note:'two layers'", [1]),
        ('"two layers"', [1]),
        ('"two lay', [1]),
        ("seed=1", [2]),
        ("seed!=1", [1, 3]),
        ("weight_decay>0", [1, 3]),
        ("steps>5", [3]),
        ("batch=32 loss>0.5", [2]),
        ("is:finished", [1, 2, 3]),
        ("best_v>0", []),
        ("nothing-like-it", []),
    ],
)
def test_a_filter_means_what_it_says(runs: list[KeptRun], text: str, numbers: list[int]) -> None:
    assert [run.head.number for run in matching(runs, text)] == numbers


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("optimiser:adam", "Did you mean optimizer"),
        ("lr<fast", "'fast' is no number"),
        ("name<3", "name is no number"),
        ("qqq=1", "There are: name"),
        ("x" * 600, "too long"),
    ],
)
def test_a_filter_that_cannot_be_understood_says_why(runs: list[KeptRun], text: str, said: str) -> None:
    with pytest.raises(ConditionError, match=re.escape(said)):
        matching(runs, text)


def test_metrics_have_columns_of_their_own(runs: list[KeptRun]) -> None:
    titles = [column.title for column in columns_of(runs)]
    assert titles.index("accuracy") == titles.index("validation") + 1
    assert "accuracy" not in [column.title for column in columns_of(runs[2:])]


@pytest.mark.parametrize("descending", [False, True])
def test_runs_without_a_value_come_last_either_way(runs: list[KeptRun], descending: bool) -> None:
    column = column_for("acc", runs)
    assert column is not None
    numbers = [run.head.number for run in sorted_runs(runs, column, descending=descending)]
    assert numbers == ([1, 2, 3] if descending else [2, 1, 3])


def test_the_settings_that_differ_stand_side_by_side(runs: list[KeptRun]) -> None:
    rows = {row.name: row.values for row in settings_apart(runs)}
    assert rows == {
        "optimizer": ("Adam", "SGD", "Adam"),
        "lr": (0.003, 0.1, 0.03),
        "seed": (0, 1, 0),
        "weight_decay": (0.01, 0.0, 0.01),
    }
    assert settings_apart(runs[:1]) == []
