"""Every operation explains its numbers: what an explanation is made of comes to the number that is shown."""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.ops.explaining import Call, gradient
from graphlab.ops.explanation import evaluated
from graphlab.ops.explanation_text import in_numbers, in_symbols
from tests.ops.op_trial import Trial

CALLED = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role in ("", "wire") and cls().sockets()
]
EXAMPLES = [
    pytest.param(cls, e, id=f"{cls.__name__}-{i}") for cls in CALLED for i, e in enumerate(cls.examples)
]
every_example = pytest.mark.parametrize(("op", "example"), [p for p in EXAMPLES if p.values[1].arguments])
both_kinds = pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-6)])

TRIED = 2  # random elements of each array


def called(trial, upstream=None, **more):
    dys = dict(zip(trial.outputs, upstream or (), strict=False))
    return Call(trial.op, trial.ctx, trial.inputs, trial.outputs, dys, **more)


def some(array, rng):
    """The places of a few random elements."""
    count = min(TRIED, array.size)
    flat = rng.choice(array.size, count, replace=False) if count else []
    return [tuple(int(i) for i in np.unravel_index(k, array.shape)) for k in flat]


def leaves(term):
    return [leaf for part in term.parts for leaf in leaves(part)] if term.parts else [term]


def scale(term):
    """How large the numbers are that were put together: rounding is in proportion to these."""
    values, inner = [abs(part.value) for part in term.parts], [scale(part) for part in term.parts]
    if term.how == "sum":
        return sum(inner)
    if term.how == "product":
        return max(s * math.prod(values[:k] + values[k + 1 :]) for k, s in enumerate(inner))
    if term.how == "quotient" and values[1]:
        return inner[0] / values[1] + values[0] * inner[1] / values[1] ** 2
    if term.how == "call" and term.function == "exp":
        return abs(term.value) * (1 + inner[0]) if term.value else 0.0
    is_kept = term.how in ("minus", "call", "largest", "smallest", "same")
    return max([abs(term.value), *(inner if is_kept else [])])


def assert_comes_to(term, array, at, tolerance, at_least=0.0):
    """The term is worth its leaves, and what the array shows, but for rounding on the scale of what was added up."""
    assert evaluated(term) == pytest.approx(term.value, rel=1e-15, abs=0, nan_ok=True)
    shown = float(array[at])
    if math.isfinite(shown):
        size = max(scale(term), at_least, float(np.abs(array[np.isfinite(array)]).max()))
        assert abs(term.value - shown) <= tolerance * size, in_numbers(term)


def assert_leaves_are_what_they_say(term, call):
    for leaf in leaves(term):
        if leaf.origin is not None:
            store = call.upstream if leaf.origin.kind == "grad" else None
            name = leaf.origin.name
            if store is None and name in trial_states(call):
                array = call.ctx.state(name)
            else:
                array = store[name] if store is not None else call.array(name)
            assert float(array[leaf.origin.index]) == leaf.value, leaf.label


def trial_states(call):
    return call.op.states


@every_example
@both_kinds
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluating"])
def test_its_values_are_explained(op, example, dtype, tolerance, training):
    trial = Trial.of(op, example, dtype, training=training)
    rng = np.random.default_rng(3)
    for name, array in trial.forward().items():
        call = called(trial)
        for at in some(array, rng):
            term = trial.op.explain(call, name, at)
            assert_comes_to(term, array, at, tolerance)
            assert_leaves_are_what_they_say(term, call)
            assert in_symbols(term)
            assert in_numbers(term)


@every_example
@both_kinds
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluating"])
def test_its_gradients_are_explained(op, example, dtype, tolerance, training):
    trial = Trial.of(op, example, dtype, training=training)
    rng = np.random.default_rng(4)
    trial.forward()
    upstream = tuple(None if dy is None else dy.astype(dtype) for dy in trial.upstream())
    call = called(trial, upstream)
    largest = max(float(np.abs(dy).max()) if dy is not None and dy.size else 0.0 for dy in upstream)
    for name, found in trial.backward(upstream).items():
        for at in some(found, rng):
            term = gradient(call, name, at)
            assert_comes_to(term, found, at, tolerance, largest)
            assert_leaves_are_what_they_say(term, call)
