"""Weights are kept of the best trials alone, and never of more than fits."""

from __future__ import annotations

import pytest

from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.records import Fit, Key
from graphlab.lab.sweeps.shelf import Shelf
from graphlab.lab.sweeps.trials import Trial


def trial(number, score, state="done"):
    return Trial(number, {}, (Fit(Key(number), state, 0, "accuracy", score),), 1, "accuracy")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / kept.WEIGHTS).mkdir()
    return tmp_path


def shelf(folder, **more):
    return Shelf(folder, lambda name, data: (folder / name).write_bytes(data), True, **more)


def there(folder):
    return sorted(int(file.name.split(".")[0]) for file in (folder / kept.WEIGHTS).iterdir())


def filled(made, scores, size=10):
    for number, score in enumerate(scores):
        made.put(Key(number), b"w" * size)
        made.judge(trial(number, score))
    return made


def test_the_best_are_kept_and_others_taken_away(folder):
    filled(shelf(folder, keep=3), [0.5, 0.9, 0.1, 0.7, 0.8, 0.2])
    assert there(folder) == [1, 3, 4]


def test_where_less_is_better_the_least_are_kept(folder):
    made = Shelf(folder, lambda name, data: (folder / name).write_bytes(data), False, keep=2)
    filled(made, [0.5, 0.9, 0.1, 0.7])
    assert there(folder) == [0, 2]


def test_of_a_failed_or_pruned_trial_none_are_kept(folder):
    made = shelf(folder)
    made.put(Key(0), b"w")
    made.put(Key(1), b"w")
    made.judge(trial(0, None, "failed"))
    made.judge(trial(1, 0.9, "pruned"))
    assert there(folder) == []


def test_no_more_bytes_are_kept_than_fit_but_always_the_best(folder):
    filled(shelf(folder, most=25), [0.5, 0.9, 0.7])
    assert there(folder) == [1, 2]
    filled(shelf(folder, most=5), [0.5, 0.9, 0.7])
    assert there(folder) == [1]


def test_weights_of_a_trial_under_way_stay_until_it_is_judged(folder):
    made = filled(shelf(folder, keep=1), [0.5])
    made.put(Key(7), b"w")
    assert there(folder) == [0, 7]
    made.judge(trial(7, 0.6))
    assert there(folder) == [7]


def test_a_later_sitting_knows_what_lies_there(folder):
    filled(shelf(folder, keep=2), [0.5, 0.9])
    made = shelf(folder, keep=2)
    made.take_stock([trial(0, 0.5), trial(1, 0.9)])
    made.put(Key(2), b"w")
    made.judge(trial(2, 0.7))
    assert there(folder) == [1, 2]
