"""What copies of a cell do alike is done by one call, and not a bit of the result is another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from graphlab.engine import SGD, Run
from graphlab.engine.blocks import Blocks, in_one_block, stacked
from graphlab.engine.lean import add_all, add_up
from graphlab.engine.plan import Plan
from graphlab.engine.together import together
from graphlab.graph import Graph
from tests.engine.cells import elman, gru, jordan, lstm, unrolled
from tests.engine.test_lean import trained_alike

Numbers = np.random.default_rng


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("cell", [elman, lstm, gru, jordan])
def test_full_speed_and_stepping_come_to_the_same_bits(cell: Callable[[], Graph], dtype: str) -> None:
    x = Numbers(0).standard_normal((7, 5, 3))
    runs = [Run(unrolled(cell()), optimizer=SGD(lr=0.1), seed=1, dtype=dtype) for _ in range(2)]
    for run in runs:
        run.feed(x=x)
    trained_alike(*runs, steps=6)


def calls_of(run: Run) -> tuple[int, int]:
    """How many calls a step takes, and how many if every node makes its own."""
    run.train(3)
    run.train(3)
    own = [len(calls) for part in ("needed", "lean") for calls in run.buffers.recorded(part).values()]
    return len(run.buffers._drains["step"]), sum(own)


def test_what_the_inputs_add_takes_one_product_for_all_steps() -> None:
    run = Run(unrolled(elman(hidden=64), steps=9), optimizer=SGD(lr=0.1))
    run.feed(x=Numbers(0).standard_normal((32, 9, 3)))
    together, apart = calls_of(run)
    assert (
        together < apart - 6 * 8
    )  # taking apart, product, bias; gradients of both weights and of their biases


def test_a_network_without_copies_is_left_as_it_is() -> None:
    g = Graph("plain")
    h = g.add("Input", name="x", shape=("N", 4))
    for _ in range(3):
        h = g.add("Tanh", g.add("Linear", h, units=4))
    g.add("Mean", h, name="loss")
    run = Run(g, optimizer=SGD(lr=0.1))
    run.feed(x=np.ones((2, 4)))
    together, apart = calls_of(run)
    assert together == apart


# The calls by themselves

Listed = list[tuple[str, list[Any]]]


def copies(count: int, *calls: Callable[[int], Any]) -> Listed:
    """A node that each copy has, with its calls."""
    return [(f"n1/t={t}/n2", [call(t) for call in calls]) for t in range(count)]


def test_products_with_one_matrix_are_one_call() -> None:
    x, y = (in_one_block(4, (3, 5), np.float32) for _ in range(2))
    w = Numbers(1).standard_normal((5, 5)).astype(np.float32)
    for array in x:
        array[...] = Numbers(0).standard_normal((3, 5))
    (call,) = together(copies(4, lambda t: partial(x[t].dot, w, y[t])))
    call()
    assert all(np.array_equal(after, before.dot(w)) for before, after in zip(x, y, strict=True))


def test_a_chain_stays_a_chain() -> None:
    x = in_one_block(5, (3, 3), np.float32)
    assert len(together(copies(4, lambda t: partial(np.add, x[t], x[t], x[t + 1])))) == 4


def test_nothing_is_moved_past_what_it_reads_or_what_reads_it() -> None:
    x, y, z = (in_one_block(3, (4,), np.float32) for _ in range(3))
    for between in (
        lambda t: partial(np.exp, y[t], x[(t + 1) % 3]),  # makes what the next copy reads
        lambda t: partial(np.exp, y[1], z[0]),  # reads what the second copy makes, before and after
        lambda t: partial(np.exp, z[t], y[(t + 2) % 3]),  # writes where another copy has written
    ):
        assert len(together(copies(3, lambda t: partial(np.add, x[t], x[t], y[t]), between))) == 6


def test_a_call_that_nobody_knows_is_not_passed() -> None:
    x, y = (in_one_block(3, (4,), np.float32) for _ in range(2))
    unknown = partial(list, y[1])
    assert len(together(copies(3, lambda t: partial(np.add, x[t], x[t], y[t]), lambda t: unknown))) == 6


def test_the_first_copy_may_begin_elsewhere() -> None:
    begin, x, y = np.ones(4, np.float32), in_one_block(5, (4,), np.float32), in_one_block(5, (4,), np.float32)
    calls = together(
        copies(5, lambda t: partial(np.multiply, x[t - 1] if t else begin, x[t - 1] if t else begin, y[t]))
    )
    assert len(calls) < 4
    for call in calls:
        call()
    assert y[0].tolist() == [1, 1, 1, 1]


FUNCTIONS = (np.add, np.subtract, np.multiply, np.maximum)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_put_together_comes_to_the_same(seed: int) -> None:
    """Programs of any calls on any arrays, many of which hinder one another."""
    random = Numbers(seed)
    count, shape = int(random.integers(2, 6)), ((3,), (2, 3), (3, 3))[seed % 3]
    arrays = [in_one_block(count, shape, np.float32) for _ in range(4)]
    whole = np.zeros((*shape[:1], count, *shape[1:]), np.float32)
    arrays.append([whole[:, t] for t in range(count)])
    kept = [array for block in arrays for array in block]
    program: list[list[Any]] = [[] for _ in range(count)]
    for _ in range(int(random.integers(2, 7))):
        a, b, c = random.integers(0, len(arrays), 3)
        shift, kind = int(random.choice([0, 0, 0, 1])), int(random.integers(0, 6))
        for t in range(count):
            x, y, z = arrays[a][t], arrays[b][(t + shift) % count], arrays[c][t]
            if kind < 4:
                program[t].append(partial(FUNCTIONS[kind], x, y, out=z))
            elif kind == 5 and x.ndim == 2 and x.shape[0] == x.shape[1] and c not in (a, b, 4):
                program[t].append(partial(x.dot, y, z))
            else:
                program[t].append(partial(np.copyto, z, y))
    plain = [call for calls in program for call in calls]
    found = together([(f"n1/t={t}/n2", calls) for t, calls in enumerate(program)])
    results = []
    for calls in (plain, found):
        for k, array in enumerate(kept):
            array[...] = Numbers(k).standard_normal(shape)
        for call in calls:
            call()
        results.append([array.tobytes() for array in kept])
    assert results[0] == results[1]


# Blocks and sums


def test_arrays_of_copies_lie_at_equal_distances() -> None:
    plan = Plan(unrolled(elman(hidden=5)))
    blocks = Blocks(plan)
    keys = [key for key in plan.nodes if plan.nodes[key].path.endswith("/act")]
    found = [blocks.give((key, "y"), (2, 5), np.float32) for key in keys]
    whole = stacked(found)
    assert len(keys) == 5
    assert whole is not None
    assert whole.shape == (5, 2, 5)
    found[3].fill(7)
    assert np.all(whole[3] == 7)
    assert np.count_nonzero(whole) == 10
    again = blocks.give((keys[0], "y"), (2, 5), np.float32)
    assert not any(np.shares_memory(again, array) for array in found)


def test_a_stack_counts_from_its_first_array_on_also_backwards() -> None:
    arrays = in_one_block(3, (2,), np.float64)
    for t, array in enumerate(arrays):
        array.fill(t)
    backwards = stacked(arrays[::-1])
    assert backwards is not None
    assert backwards.tolist() == [[2, 2], [1, 1], [0, 0]]
    assert stacked([arrays[0], arrays[0]]) is arrays[0]
    assert stacked([arrays[0], arrays[2], arrays[1]]) is None


@pytest.mark.parametrize("size", [2, 3, 7, 8, 16, 33, 600])
@pytest.mark.parametrize("count", [3, 4, 17, 40, 300])
def test_terms_are_summed_one_after_the_other_also_at_once(count: int, size: int) -> None:
    terms = in_one_block(count, (size,), np.float32)
    for k, term in enumerate(terms):
        term[...] = Numbers(k).standard_normal(size)
    one, other = np.zeros((2, size), np.float32)
    block = stacked(terms)
    assert block is not None
    add_all(terms, one)
    add_up(block, other)
    assert one.tobytes() == other.tobytes()
