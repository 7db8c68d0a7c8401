"""Backward at full speed: what it leaves out nobody misses, and what it comes to has the same bits."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import SGD, Run, Trainer
from graphlab.engine import run as module
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.ops import by_category
from tests.engine.networks import learning_examples, winding_graph
from tests.ops.op_trial import Trial

PASSING_ON = [
    pytest.param(op, example, socket, id=f"{op.__name__}-{k}-{socket}")
    for family in by_category().values()
    for op in family
    for k, example in enumerate(op.examples)
    for socket in op.passes_on
]


@pytest.mark.parametrize(("op", "example", "socket"), PASSING_ON)
def test_operations_send_back_unchanged_what_they_say_they_do(op, example, socket):
    trial = Trial.of(op, example)
    (y,) = trial.forward().values()
    x = trial.inputs.get(socket)
    if x is None or x.shape != y.shape:
        return  # the claim is about equal shapes
    dy = np.random.default_rng(0).standard_normal(y.shape)
    d = {f"d{name}": None for name in trial.inputs} | {f"d{socket}": np.zeros_like(x)}
    trial.op.backward(trial.ctx, dy, **trial.inputs, y=y, **d)
    assert np.array_equal(d[f"d{socket}"], dy)


def tangled_graph():
    """Every way in which gradients meet: many consumers, twice into one, chains of sums, views, sums of views."""
    g = Graph("tangled")
    x = g.add("Input", name="x", shape=("N", 6))
    w = g.add("Parameter", name="w", shape=(6, 6))
    a = g.add("MatMul", x, w, name="a")
    b = g.add("MatMul", g.add("Tanh", a), w, name="b")
    c = g.add("Add", a, g.add("Add", b, b, name="twice"), name="c")
    d = g.add("Sub", g.add("Add", c, a), g.add("Mul", a, a), name="d")
    view = g.add("Reshape", d, name="view", shape=(-1, 3))
    again = g.add("Reshape", d, name="again", shape=(-1, 3))
    e = g.add("Add", g.add("Add", view, again), g.add("Tanh", view), name="e")
    f = g.add("MatMul", g.add("Reshape", e, shape=(-1, 6)), w, name="f")
    column = g.add("Add", f, g.add("Slice", f, dim=1, start=0, end=1), name="broadcast")
    g.add("Mean", g.add("Square", g.add("Add", column, d)), name="goal")
    return g


def trained_alike(fast, slow, steps):
    """Asserts that full speed and stepping come to the same losses, gradients and parameters."""
    losses = fast.train(steps)
    for k in range(steps):
        for _ in slow.steps():
            pass
        assert slow.loss == losses[k], k
    assert fast.store.gradient.tobytes() == slow.store.gradient.tobytes()
    assert fast.store.flat.tobytes() == slow.store.flat.tobytes()


@pytest.mark.parametrize("input_gradients", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_ways_in_which_gradients_meet_come_to_the_same_bits(dtype, input_gradients):
    x = np.random.default_rng(0).standard_normal((5, 6))
    runs = [
        Run(tangled_graph(), "goal", SGD(lr=0.001), seed=1, dtype=dtype, input_gradients=input_gradients)
        for _ in range(2)
    ]
    for run in runs:
        run.feed(x=x)
    trained_alike(*runs, steps=6)


def test_batches_dropout_and_shared_weights_come_to_the_same_bits():
    fast, slow = (Trainer(winding_graph(), input_gradients=True).run for _ in range(2))
    trained_alike(fast, slow, steps=9)


@pytest.mark.parametrize("example", learning_examples(), ids=lambda example: example.name)
def test_every_example_comes_to_the_same_bits(example):
    graph, _ = load(example.path)
    fast, slow = (Trainer(graph, input_gradients=True).run for _ in range(2))
    trained_alike(fast, slow, steps=5)


def unrolled_graph(units=40):
    """A recurrent network drawn step by step: a matrix for Linear and one for MatMul, both used by all steps."""
    g = Graph("unrolled")
    w, u = (g.add("Parameter", name=name, shape=(units, units)) for name in "wu")
    h = g.add("Input", name="x", shape=("N", units))
    for _ in range(4):
        h = g.add("Tanh", g.add("Add", g.add("Linear", h, weight=w, units=units), g.add("MatMul", h, u)))
    g.add("Mean", g.add("Square", h), name="goal")
    return g


def test_matrices_that_many_nodes_transpose_are_transposed_once(monkeypatch):
    x = np.random.default_rng(0).standard_normal((5, 40))
    runs = []
    for in_pieces in (True, True, False):
        monkeypatch.setattr(module, "multiplies_in_pieces", lambda answer=in_pieces: answer)
        runs.append(Run(unrolled_graph(), "goal", SGD(lr=0.1), seed=1))
        runs[-1].feed(x=x)
    fast, slow, plain = runs
    copies = [sum(len(calls) for calls in run.buffers.forward.values()) for run in (fast, plain)]
    assert copies[0] == copies[1] + 2
    trained_alike(fast, slow, steps=6)
    plain.train(6)
    np.testing.assert_allclose(fast.store.flat, plain.store.flat, rtol=1e-4, atol=1e-5)


def test_the_last_step_leaves_every_term_to_be_looked_at():
    run = Run(tangled_graph(), "goal", SGD(lr=0.001), seed=1)
    run.feed(x=np.ones((5, 6)))
    run.train(4)
    for name in ("a", "w", "view", "d"):
        terms = run.contributions(name)
        assert len(terms) > 1
        np.testing.assert_allclose(sum(reversed(terms.values())), run.grad(name), rtol=1e-6)
