"""Graphs drawn number by number: one function of Python computes them, and every bit is as if it did not exist."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from graphlab.engine import SGD, Run
from graphlab.engine.scalars import LEAST, compiled, is_scalar
from graphlab.errors import FeedError, NumericsError
from graphlab.graph import Graph

UNARY = ("Tanh", "Sigmoid", "ReLU", "Neg", "Exp", "Square", "LeakyReLU", "Abs", "SiLU")
BINARY = ("Add", "Sub", "Mul", "Div", "Maximum", "Minimum")


def scalar_graph(seed, nodes=60, leaves=8):
    """A random DAG of single numbers, of which the last is the goal; each value is used as often as it comes."""
    rng, g = np.random.default_rng(seed), Graph("numbers")
    values = [g.add("Parameter", value=float(v)) for v in rng.uniform(-2, 2, leaves)]
    values.append(g.add("Input", name="x", shape=()))
    for _ in range(nodes):
        a, b = (values[i] for i in rng.integers(max(0, len(values) - 12), len(values), 2))
        op = str(rng.choice(UNARY + BINARY))
        if op in ("Exp", "Div", "Square"):  # of something small, so that towers of it stay finite
            a, b = g.add("Tanh", a), g.add("Add", g.add("Square", g.add("Tanh", b)), b=1.0)
        values.append(g.add(op, a) if op in UNARY else g.add(op, a, b))
    total = values[leaves + 1]
    for value in values[leaves + 2 :]:
        total = g.add("Add", g.add("Tanh", total), g.add("Mul", value, b=0.01))
    g.configure(goal=total)
    return g


def everything(run):
    """All values, gradients, terms and parameters, bit by bit."""
    buffers = run.buffers
    arrays = [*buffers.values.values(), *buffers.gradients.values(), *buffers.terms.values()]
    return [array.tobytes() for array in (*arrays, run.store.flat, run.store.gradient)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(8))
def test_training_at_full_speed_is_training_step_by_step(seed, dtype):
    fast, slow = (Run(scalar_graph(seed), optimizer=SGD(lr=0.01), dtype=dtype) for _ in range(2))
    for run in (fast, slow):
        run.feed(x=0.3)
    assert sum(map(is_scalar, fast.buffers.calls("forward"))) == 0  # operations, before they are noted
    losses = [*fast.train(5), *fast.train(4), *fast.train(1), *fast.train(1)]
    for expected in losses:
        for report in slow.steps():
            if report.phase == "update":
                assert slow.loss == expected
    assert everything(fast) == everything(slow)
    assert all(len(calls) == 1 for calls in fast.buffers._drains.values())  # one function each


def calls_of(*calls):
    """Enough of them to be compiled: the given ones, and others on numbers of their own."""
    spare = [np.array(1.0, np.float32) for _ in range(3)]
    return [*calls, *[partial(np.add, *spare)] * LEAST]


def number(value):
    return np.array(value, np.float32)


def after(calls, *arrays, times=1):
    """What the arrays hold after carrying out the calls."""
    for _ in range(times):
        for call in calls:
            call()
    return [array.tolist() for array in arrays]


def test_few_scalars_stay_as_they_are():
    call = partial(np.add, number(1), number(2), number(0))
    assert compiled([call], None, lambda call: call) == [call]


def test_a_copy_keeps_its_value_when_the_original_changes():
    a, copy, b = number(2), number(0), number(0)
    calls = calls_of(partial(np.copyto, copy, a), partial(np.multiply, a, a, a), partial(np.add, copy, a, b))
    assert after(compiled(calls, None, lambda call: call), a, copy, b) == [4, 2, 6]


def test_other_calls_find_numbers_in_their_arrays_and_may_change_them():
    table = np.array([3, 0, 5], np.float32)
    first, second, third = (table[k : k + 1].reshape(()) for k in range(3))
    result = number(0)
    calls = calls_of(
        partial(np.add, first, third, second),  # 8
        partial(np.multiply, table, np.float32(2), table),  # 6, 16, 10
        partial(np.add, second, first, result),
    )
    assert after(compiled(calls, None, lambda call: call), table, result) == [[6, 16, 10], 22]


def test_what_nobody_asks_for_is_not_written_and_all_else_is():
    x, between, wanted, looked_at, seen = (number(v) for v in (3, 0, 0, 0, 0))
    calls = calls_of(
        partial(np.add, x, x, between),
        partial(np.multiply, between, between, wanted),
        partial(np.add, wanted, x, looked_at),
        partial(seen.reshape(1).put, [0], looked_at),
    )
    assert after(compiled(calls, [wanted], lambda call: call), between, wanted, looked_at) == [0, 36, 39]


def test_what_is_taken_over_from_one_time_to_the_next_is_written():
    total, x = number(0), number(2)
    calls = calls_of(partial(np.add, total, x, total))
    assert after(compiled(calls, [], lambda call: call), total, times=3) == [6]


@pytest.mark.parametrize("function", [np.maximum, np.minimum])
def test_extremes_are_numpys_for_every_kind_of_number(function):
    kinds = [0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan]
    for a in kinds:
        for b in kinds:
            expected, found = number(9), number(9)
            function(number(a), number(b), out=expected)
            calls = calls_of(partial(function, number(a), number(b), out=found))
            after(compiled(calls, None, lambda call: call))
            assert found.tobytes() == expected.tobytes(), (a, b)


def test_numbers_in_a_row_are_read_and_written_together():
    flat = np.arange(1, 7, dtype=np.float32)
    numbers = [flat[k : k + 1].reshape(()) for k in range(6)]
    calls = calls_of(*(partial(np.multiply, n, n, n) for n in numbers))
    assert after(compiled(calls, None, lambda call: call), flat) == [[1, 4, 9, 16, 25, 36]]


def test_a_number_that_overflows_is_named_though_it_was_not_written_back():
    g = Graph("grows")
    x = g.add("Parameter", name="x", value=2.0)
    for k in range(LEAST):
        x = g.add("Mul", g.add("Exp", x, name=f"exp{k}") if k == LEAST // 2 else x, b=1.5)
    g.configure(goal=g.add("Tanh", g.add("Square", x, name="square"), name="goal"))
    run = Run(g, optimizer=SGD(lr=0.0))
    run.train(4)
    run.set("x.value", 5.0)
    with pytest.raises(NumericsError, match="exp8") as error:
        run.train(4)
    assert error.value.phase == "forward"


def test_an_error_of_an_operation_among_numbers_is_named():
    g = Graph("classes")
    scale = g.add("Parameter", name="scale", value=1.0)
    for _ in range(LEAST):
        scale = g.add("Tanh", scale)
    x, target = g.add("Input", name="x", shape=("N", 3)), g.add("Input", name="t", shape=("N",), dtype="int")
    loss = g.add("CrossEntropyLoss", g.add("Mul", x, scale), target, name="loss")
    g.configure(goal=loss)
    run = Run(g)
    run.feed(x=np.eye(3), t=[0, 1, 2])
    run.train(4)
    run.feed(t=[0, 1, 3])
    with pytest.raises(FeedError, match=r"loss: target\[.\] is the class index 3"):
        run.train(4)
