"""Axes of 0 and of 1 element, NaN and infinity: an operation computes with them, or refuses them in words."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.errors import FeedError, GraphlabError
from graphlab.ops import Draw
from tests.ops.op_trial import Trial

CALLED = [op for family in ops.by_category().values() for op in family if not op.source]


def odd_shapes(example, size):
    """The arguments with one axis of that size: of one argument, or of all that are equally long there."""
    draws = example.arguments
    for name, draw in draws.items():
        for axis, old in enumerate(draw.shape):
            yield {name: axis}, old
            yield {other: axis for other, d in draws.items() if d.shape[axis : axis + 1] == (old,)}, old


def resized(draw, axis, size):
    return Draw((*draw.shape[:axis], size, *draw.shape[axis + 1 :]), draw.low, draw.high, draw.kind)


@pytest.mark.parametrize("size", [0, 1])
@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_an_axis_of_so_few_elements_works_or_is_refused(op, size):
    for example in op.examples:
        for axes, old in odd_shapes(example, size):
            rng = np.random.default_rng(0)
            draws = example.arguments | {n: resized(example.arguments[n], a, size) for n, a in axes.items()}
            arrays = {name: draw.sample(rng) for name, draw in draws.items()}
            if size != old:
                run_or_refuse(op, example, arrays)


def run_or_refuse(op, example, arrays):
    """Forward and backward, as quietly as the engine does it: the mean of nothing is NaN."""
    try:
        trial = Trial(op.__name__, example.params, arrays)
        inferred = trial.inferred()
    except GraphlabError:
        return
    with np.errstate(all="ignore"):
        try:
            found = trial.forward()
        except GraphlabError:
            return
        assert {name: array.shape for name, array in found.items()} == {
            n: s.shape for n, s in inferred.items()
        }
        trial.backward(trial.upstream())


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_numbers_that_are_none_break_nothing(op, number):
    """A whole phase is carried out before its numbers are looked at, so that the first node at fault can be named."""
    for example in op.examples:
        for name in example.arguments:
            trial = Trial.of(op, example)
            if trial.inputs[name].dtype.kind != "f" or not trial.inputs[name].size:
                continue
            trial.inputs[name].reshape(-1)[0] = number
            with np.errstate(all="ignore"):
                try:
                    trial.forward()
                except FeedError:  # infinity where a probability should be
                    assert np.isinf(number)
                    continue
                trial.backward(trial.upstream())


def test_a_diagonal_needs_equal_sizes():
    with pytest.raises(GraphlabError, match=r"Axis i is 1 in x1 \(1×3\), but 3 in x1"):
        Trial("Einsum", {"equation": "ii->i"}, {"x1": np.ones((1, 3))}).inferred()
    Trial("Einsum", {"equation": "i,ii->i"}, {"x1": np.ones(1), "x2": np.ones((3, 3))}).forward()
