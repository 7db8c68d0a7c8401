"""Every operation on arrays of a layer's size, where some compute in another way than on a few numbers."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.op_cases import SIZES, cases, measured
from tests.ops.op_trial import (
    RANDOM,
    Trial,
    assert_agrees_with_pytorch,
    assert_may_lie_scattered,
    assert_rounded_is_close,
)

CASES = [pytest.param(cases(op)[1], id=op.__name__) for op in measured()]
STEEP = ("Tan", "RNN", "LSTM", "GRU", "MultiheadAttention")  # near a pole, or with weights of variance 1
every_operation = pytest.mark.parametrize("case", CASES)


def trial_of(case, dtype="float64"):
    rng = np.random.default_rng(0)
    arrays = {name: draw.sample(rng) for name, draw in case.arguments.items()}
    training = case.op.__name__ not in RANDOM
    return Trial(case.op.__name__, case.params, arrays, dtype, training=training)


def test_the_size_is_a_layers():
    assert SIZES[1].rows * SIZES[1].columns == 32768


@pytest.mark.parity
@every_operation
def test_it_agrees_with_pytorch(case):
    pytest.importorskip("torch")
    assert_agrees_with_pytorch(trial_of(case))


@every_operation
def test_what_comes_in_may_lie_scattered_in_memory(case):
    assert_may_lie_scattered(trial_of(case))


@every_operation
def test_float32_is_close_to_float64(case):
    if case.op.__name__ in STEEP:
        return
    assert_rounded_is_close(trial_of(case), trial_of(case, "float32"))
