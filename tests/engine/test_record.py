"""Recorded calls do what the operation does, bit for bit, and what cannot be recorded is left alone."""

from __future__ import annotations

import gc
import weakref
from functools import partial
from typing import Any

import numpy as np
import pytest

from graphlab.engine.record import Tape, record, record_all
from graphlab.ops import Clock, Context, by_category
from tests.ops.each_example import each_example, examples_of
from tests.ops.op_trial import Trial

EXAMPLES = examples_of(op for family in by_category().values() for op in family if not op.source)


class Bound:
    """An op's forward and backward on arrays that keep their place, as a plan binds them."""

    def __init__(self, op: Any, example: Any) -> None:
        self.trial = Trial.of(op, example)
        self.outputs = self.trial.forward()
        rng = np.random.default_rng(7)
        self.upstream = [rng.normal(size=out.shape) for out in self.outputs.values()]
        wanted = self.trial.differentiable()
        self.gradients = {n: np.zeros_like(self.trial.inputs[n]) for n in wanted}
        d = {f"d{name}": self.gradients.get(name) for name in self.trial.inputs}
        ctx, inputs = self.trial.ctx, self.trial.inputs
        self.forward = partial(self.trial.op.forward, ctx, *inputs.values(), **self.outputs)
        self.backward = partial(self.trial.op.backward, ctx, *self.upstream, **inputs, **self.outputs, **d)

    def draw_anew(self, op: Any, example: Any, seed: int) -> None:
        """Other numbers in the same arrays."""
        for name, array in Trial.of(op, example, seed=seed).inputs.items():
            if array is not None:
                self.trial.inputs[name][...] = array

    def results(self) -> list[Any]:
        return [array.copy() for array in (*self.outputs.values(), *self.gradients.values())]

    def spoil(self) -> None:
        for array in (*self.outputs.values(), *self.gradients.values()):
            array[...] = 99


@each_example(EXAMPLES)
def test_every_operation_gives_the_same_bits_recorded(op: Any, example: Any) -> None:
    bound = Bound(op, example)
    bound.forward()
    bound.backward()
    results = {
        id(bound.forward): list(bound.outputs.values()),
        id(bound.backward): list(bound.gradients.values()),
    }
    recorded = record_all([bound.forward, bound.backward], lambda call: results[id(call)])
    for seed in (3, 4):
        bound.draw_anew(op, example, seed)
        bound.forward()
        bound.backward()
        expected = bound.results()
        bound.spoil()
        for call in recorded:
            call()
        assert all(
            np.array_equal(a, b, equal_nan=True) for a, b in zip(expected, bound.results(), strict=True)
        )


def test_the_usual_operations_are_recorded_as_numpy_calls() -> None:
    small = ("Linear", "Tanh", "ReLU", "Sigmoid", "Add", "Mul", "MSELoss", "CrossEntropyLoss")
    for name in (*small, "MultiheadAttention", "RNN", "LSTM", "GRU"):
        op = next(op for op, _ in EXAMPLES if op.__name__ == name)
        bound = Bound(op, op.examples[0])
        for call, results in ((bound.forward, bound.outputs), (bound.backward, bound.gradients)):
            call()  # what is done once
            assert record(call.func, call.args, call.keywords, results.values()), name


def noted(function: Any, *arrays: Any) -> Any:
    """What `record` makes of a function of (ctx, x, y) that ought to fill y."""
    ctx = Context("n", Clock(), np.float64)
    x, y = np.arange(4.0), np.zeros(4)
    function(ctx, x, y)
    return record(function, (ctx, x, y), {}, [y])


def test_straight_numpy_is_recorded() -> None:
    assert noted(lambda ctx, x, y: np.multiply(x, 2.0, y))
    assert noted(lambda ctx, x, y: x.clip(0.0, 2.0, y))


def test_a_choice_by_a_condition_is_recorded() -> None:
    def keep_small(ctx: Any, x: Any, y: Any) -> None:
        is_large = np.greater(x, 1.5, ctx.scratch("is_large", x.shape, bool))
        np.copyto(y, x)
        np.copyto(y, 0, where=is_large)

    assert len(noted(keep_small)) == 3
    assert noted(lambda ctx, x, y: np.copyto(y, x, where=x > 1)) is None  # a condition made anew


def test_taking_and_putting_at_places_is_recorded() -> None:
    def places(ctx: Any) -> Any:
        found = ctx.scratch("places", (4,), np.intp)
        np.copyto(found, 1)
        return found

    assert noted(lambda ctx, x, y: x.take(places(ctx), None, y, "clip"))
    assert noted(lambda ctx, x, y: y.put(places(ctx), x, "clip"))
    assert noted(lambda ctx, x, y: x.take(places(ctx), None, y)) is None  # might raise
    assert noted(lambda ctx, x, y: y.put([3, 2, 1, 0], x, "clip")) is None  # places made anew


def test_input_and_output_of_a_call_in_place_are_one_object() -> None:
    (call,) = noted(lambda ctx, x, y: np.add(y[:], x, y[:]))
    assert call.args[0] is call.args[2]


def test_a_question_asked_through_the_context_is_asked_again_each_time() -> None:
    def clipped(ctx: Any, x: Any, y: Any) -> None:
        if ctx.holds(all_below, x, 4):
            np.copyto(y, x)
        else:
            y[...] = np.minimum(x, 4)

    def all_below(x: Any, most: float) -> bool:
        return bool((x < most).all())

    ctx, x, y = Context("n", Clock(), np.float64), np.arange(4.0), np.zeros(4)
    bound = partial(clipped, ctx, x, y)
    (call,) = record_all([bound], lambda call: [y])
    assert call.args[0] is ctx  # so that an error is named
    for numbers in ([3, 2, 1, 0], [9, 8, 1, 0], [1, 2, 3, 3]):
        x[...] = numbers
        call()
        assert y.tolist() == np.minimum(numbers, 4).tolist()
    x[...] = 5
    assert record(clipped, (ctx, x, y), {}, [y]) is None  # the answer was no


def test_a_question_about_what_the_operation_has_written_is_not_recorded() -> None:
    def doubled(ctx: Any, x: Any, y: Any) -> None:
        np.multiply(x, 2.0, y)
        if ctx.holds(lambda y: bool(y[0] < 9), y):
            np.add(y, 1.0, y)

    assert noted(doubled) is None


@pytest.mark.parametrize(
    "function",
    [
        lambda ctx, x, y: np.multiply(x, x.sum(), y),
        lambda ctx, x, y: np.multiply(x, float(x[1]), y),
        lambda ctx, x, y: np.multiply(x, x[1], y),
        lambda ctx, x, y: np.multiply(x, 2.0 if x.max() > 1 else 3.0, y),
        lambda ctx, x, y: np.multiply(x, 2.0 if (x > 1).any() else 3.0, y),
        lambda ctx, x, y: np.multiply(x, ctx.rng().random(4), y),
        lambda ctx, x, y: np.multiply(x, float(ctx.clock.step), y),
        lambda ctx, x, y: x.clip(x[0], 2.0, y),
        lambda ctx, x, y: np.copyto(y, x.clip(0.0, 2.0)),
        lambda ctx, x, y: np.multiply(np.where(x > 1, x, 0), 2.0, y),
        lambda ctx, x, y: np.multiply(x * 2.0, 2.0, y),
        lambda ctx, x, y: np.multiply(x[[1, 0, 2, 3]], 2.0, y),
        lambda ctx, x, y: np.multiply(x.copy(), 2.0, y),
        lambda ctx, x, y: np.multiply(sorted(x), 2.0, y),
        lambda ctx, x, y: np.multiply(x.tolist(), 2.0, y),
        lambda ctx, x, y: np.multiply(x, len([v for v in x if v > 1]), y),
        lambda ctx, x, y: np.multiply(x.reshape(2, 2).T.reshape(4), 2.0, y),
        lambda ctx, x, y: np.multiply(np.asarray(x) + 1.0, 2.0, y),
        lambda ctx, x, y: np.multiply(x, np.linalg.norm(x), y),
        lambda ctx, x, y: y.__setitem__(slice(None), x),
        lambda ctx, x, y: np.asarray(y).__setitem__(slice(None), np.asarray(x)),
    ],
)
def test_whatever_looks_at_numbers_or_makes_arrays_is_left_alone(function: Any) -> None:
    assert noted(function) is None


def test_views_of_arrays_are_followed() -> None:
    def reverse(ctx: Context, x: Any, y: Any) -> None:
        np.add(x[::-1], x.reshape(2, 2).T[0, 0:1], y)

    ctx, x, y = Context("n", Clock(), np.float64), np.arange(4.0), np.zeros(4)
    calls = record(reverse, (ctx, x, y), {}, [y])
    assert calls is not None
    x[...] = [5, 6, 7, 8]
    for call in calls:
        call()
    assert y.tolist() == [13, 12, 11, 10]


def test_the_training_flag_and_what_is_kept_may_be_asked() -> None:
    ctx, x, y = Context("n", Clock(), np.float64), np.arange(4.0), np.zeros(4)
    now, after = np.ones(4), np.zeros(4)
    ctx.bind_state("mean", now, after)

    def follow(ctx: Context, x: Any, y: Any) -> None:
        if ctx.training:
            np.add(ctx.state("mean"), x, ctx.next_state("mean"))
        np.subtract(x, ctx.state("mean"), y)

    calls = record(follow, (ctx, x, y), {}, [y])
    assert calls is not None
    assert len(calls) == 2
    now[...] = 10
    for call in calls:
        call()
    assert after.tolist() == [10, 11, 12, 13]
    assert y.tolist() == [-10, -9, -8, -7]


def test_memory_that_nodes_share_may_be_used() -> None:
    def double(ctx: Context, x: Any, y: Any) -> None:
        np.add(x, x, ctx.passing("sum", x.shape))
        np.copyto(y, ctx.passing("sum", x.shape))

    calls = noted(double)
    assert calls is not None
    assert len(calls) == 2


def test_nothing_stays_of_a_recording_that_nobody_needs_any_more() -> None:
    """What was watched, its tape and the noted calls were once a circle that no collector can see through."""
    x, y = np.ones((10, 100)), np.zeros((10, 100))
    gone: list[weakref.ref[Tape]] = []
    made = Tape.__init__

    def noted(tape: Tape, *args: Any) -> None:
        made(tape, *args)
        gone.append(weakref.ref(tape))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tape, "__init__", noted)
        calls = record(lambda a, out: np.add(a.T, 1, out=out.T), (x, y), {}, [y])
    assert calls is not None
    calls[0]()
    assert (y == 2).all()
    del calls
    gc.collect()
    assert [tape() for tape in gone] == [None]
