"""The pre-trained parameters that travel along fit their examples, and are as good as the list says."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.targets import TARGETS, held_out
from graphlab.engine import Trainer
from graphlab.errors import FileError
from graphlab.io import weight_files
from graphlab.io.trained import trained, trained_example
from tests.examples import train


def test_the_list_is_that_of_the_maker():
    assert tuple(each.name for each in trained()) == train.NAMES


@pytest.mark.parametrize("name", train.NAMES)
def test_they_fit_and_tell_as_many_rows_right_as_the_list_says(name):
    found = trained_example(name)
    graph, weights = found.read()
    trainer = Trainer(graph, seed=None)
    assert {n: a.shape for n, a in weights.items()} == {n: a.shape for n, a in trainer.run.weights.items()}
    assert not weight_files.bad_numbers(weights)
    for each, array in weights.items():
        trainer.run.set(each, array)
    share, _ = held_out(trainer)
    assert share == pytest.approx(found.accuracy, abs=0.005)
    assert 100 * share >= TARGETS[name]


def test_a_name_that_has_none_is_told_what_there_is():
    with pytest.raises(FileError, match="There are spirals, digits-mlp"):
        trained_example("xor")


def test_spirals_are_solved_from_every_seed():
    from benchmarks.targets import trained as anew

    shares = [held_out(anew("spirals", seed))[0] for seed in range(3)]
    assert np.min(shares) >= TARGETS["spirals"] / 100
