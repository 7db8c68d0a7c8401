"""Every operation by itself: forward and backward against PyTorch eager, at three sizes, one thread, interleaved.

Ours is what training does with the operation: the calls that the engine has bound, recorded and replays. Theirs is the
PyTorch expression of the same operation with autograd, beginning from the same upstream gradient. Gradients are taken
for measured inputs and parameters, not for targets and conditions. Before anything is timed, both must agree.

    python3 -m benchmarks.ops                  # all
    python3 -m benchmarks.ops GELU LayerNorm   # some
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import threadpoolctl
import torch

from benchmarks.op_cases import SIZES, Case, cases, measured
from benchmarks.peers.race import title, undisturbed
from benchmarks.report import Report, Row, interleaved
from graphlab.engine import Run
from graphlab.engine.quiet import quiet
from graphlab.engine.record import record_all
from graphlab.graph import Graph
from graphlab.ops import Op

TARGET = 1  # nothing should be slower than PyTorch
ROUNDS = 31
SECONDS = 0.006  # of one contender's turn: short, so that a busy moment of the machine hits few
CHANCE = ("AlphaDropout", "Dropout", "Dropout1d", "Dropout2d")  # draw other numbers than PyTorch

Array = np.ndarray[Any, Any]
Calls = Sequence[Callable[[], Any]]


class Ours(NamedTuple):
    """An operation in a run: its arrays by socket, its results, and its calls as the engine replays them."""

    op: Op
    arrays: dict[str, Array]
    results: dict[str, Array]
    upstream: dict[str, Array]
    gradients: dict[str, Array]
    calls: Calls

    def step(self) -> None:
        for call in self.calls:
            call()


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    heading = "Operations, forward and backward, graphlab against PyTorch eager, one thread, interleaved"
    report = Report("ops-chosen" if options.names else "ops", heading)
    torch.set_num_threads(1)
    with threadpoolctl.threadpool_limits(1, "blas"), quiet():
        report.rows.extend(sorted(measure(options.names), key=lambda row: row.value))
    return report.finish(["--check"] if options.check else [])


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ops", description=__doc__)
    parser.add_argument("names", nargs="*", help="operations to measure; nothing: all")
    parser.add_argument("--check", action="store_true", help="exit 1, naming each target that is missed")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - {op.__name__ for op in measured()}:
        parser.error(f"nothing is measured by the name of {', '.join(sorted(unknown))}")
    return options


def measure(names: Sequence[str]) -> Iterator[Row]:
    """One row for each operation and size; none for an operation that is only another look at its input."""
    peer = title("PyTorch")
    for op in measured():
        for size, case in zip(SIZES, cases(op), strict=True):
            if names and op.__name__ not in names:
                continue
            ours = our_side(case)
            theirs = their_side(ours)
            check_same(ours, theirs)
            if ours.calls:
                times = undisturbed(*interleaved(ours.step, theirs.step, rounds=ROUNDS, seconds=SECONDS))
                yield Row.ratio(f"{op.__name__}, {size.name}", *times, target=TARGET, peer=peer)


def our_side(case: Case) -> Ours:
    """The operation between parameters (inputs where no gradient is taken) and a sum, after one whole pass."""
    rng = np.random.default_rng(0)
    drawn = {socket: draw.sample(rng, np.float32) for socket, draw in case.arguments.items()}
    g, fed = Graph(case.op.__name__), {}
    sources: dict[str, Any] = {}
    for socket, array in drawn.items():
        if socket in case.differentiable:
            sources[socket] = g.add("Parameter", name=socket, shape=array.shape)
        else:
            kind = "int" if array.dtype.kind == "i" else "float"
            sources[socket] = g.add("Input", name=socket, shape=array.shape, dtype=kind)
            fed[socket] = array
    g.add(case.op.__name__, name="op", **case.params, **sources)
    key = g.document.node("op").id
    goal = _summed(g, case) if case.has_gradient else None
    run = Run(g, goal=goal, input_gradients=False)
    for socket in case.differentiable:
        run.set(f"{socket}.value", drawn[socket])
    run.feed(**fed)
    run.forward()
    if goal:
        run.backward()
    return _bound(run, key, rng)


def _summed(g: Graph, case: Case) -> str:
    """The name of a node that adds up all that is used of what the operation gives."""
    sums = [g.add("Sum", f"op.{name}") for name in case.used]
    for k, one in enumerate(sums[1:], 1):
        sums.append(g.add("Add", sums[0] if k == 1 else sums[-1], one))
    return str(sums[-1].name)


def _bound(run: Run, key: str, rng: np.random.Generator) -> Ours:
    buffers, op = run.buffers, run.plan.op(key)
    given = zip(op.sockets(), buffers.inputs(key), strict=True)
    arrays = {socket.name: array for socket, array in given if array is not None}
    results = {name: buffers.values[key, name] for name in op.results()}
    upstream: dict[str, Array] = {}
    gradients: dict[str, Array] = {}
    forward, backward = buffers.forward[key], buffers.forward[key][:0]
    if run.plan.goal:
        upstream = {name: buffers.gradients[key, name] for name in results if buffers.incoming((key, name))}
        for gradient in upstream.values():
            gradient[...] = rng.standard_normal(gradient.shape)
        found = {name: buffers.gradient_target(key, name) for name in arrays}
        gradients = {name: array for name, array in found.items() if array is not None}
        backward = buffers.backward.get(key, ())
    buffers.carry_out((*forward, *backward))
    replayed = record_all(forward, lambda _: list(results.values()))
    replayed += record_all(backward, lambda _: list(gradients.values()))
    return Ours(op, arrays, results, upstream, gradients, replayed)


class Theirs:
    """PyTorch's expression of the same operation on copies of the same arrays."""

    def __init__(self, ours: Ours) -> None:
        self.tensors = {name: torch.tensor(array) for name, array in ours.arrays.items()}
        self.leaves = [self.tensors[name].requires_grad_(True) for name in ours.gradients]
        states = {name: torch.full(shape, value) for name, shape, value in _states(ours)}
        known = self.tensors | states
        expression = ours.op.emit_torch(**{name: name for name in known})
        scope = {"torch": torch, "F": torch.nn.functional, "self": SimpleNamespace(training=True)}
        self.function = eval(f"lambda {', '.join(known)}: {expression}", scope)
        self.arguments = list(known.values())
        self.upstream = [torch.tensor(array) for array in ours.upstream.values()]
        self.results: Any = None

    def step(self) -> None:
        for leaf in self.leaves:
            leaf.grad = None
        self.results = self.function(*self.arguments)
        results = self.results if isinstance(self.results, (tuple, list)) else (self.results,)
        if len(self.upstream) == 1 and results[0].requires_grad:
            results[0].backward(self.upstream[0])
        elif len(self.upstream) > 1:
            torch.autograd.backward(results, self.upstream)


def their_side(ours: Ours) -> Theirs:
    theirs = Theirs(ours)
    theirs.step()
    return theirs


def _states(ours: Ours) -> Iterator[tuple[str, tuple[int, ...], float]]:
    """What the operation keeps, as it begins; one number for each channel is all there is of that kind."""
    channels = ours.arrays["weight"].shape if ours.op.states else ()
    for name, value in ours.op.states.items():
        yield name, channels, value


def check_same(ours: Ours, theirs: Theirs) -> None:
    """AssertionError when the two do not do the same."""
    name = type(ours.op).__name__
    if name in CHANCE:
        return
    ours.step()
    results = theirs.results if isinstance(theirs.results, (tuple, list)) else (theirs.results,)
    pairs = list(zip(ours.results.values(), (result.detach() for result in results), strict=False))
    for socket, gradient in ours.gradients.items():
        other = theirs.tensors[socket].grad
        pairs.append((gradient, torch.zeros(gradient.shape) if other is None else other))
    for mine, its in pairs:
        scale = float(np.abs(mine).max(initial=1.0))
        np.testing.assert_allclose(mine, its.numpy(), rtol=2e-3, atol=1e-4 * scale, err_msg=name)


if __name__ == "__main__":
    raise SystemExit(main())
