"""Training steps: graphlab against PyTorch eager, same threads, interleaved in one process.

Both sides do the same on a batch that is already in place: forward, the loss as a Python float, backward, and an SGD
update. Before anything is timed, both start from the same weights and must come to the same losses. Steps are taken ten
at a time, as training does: ours by `Run.train`, theirs by a loop.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import threadpoolctl
import torch
from torch import nn

from benchmarks.report import Report, Row, interleaved
from graphlab.engine import SGD, Run
from graphlab.engine.threads import VARIABLE
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example

THREADS = (1, 2)  # of BLAS and PyTorch alike; one is what graphlab takes by itself
LR = 0.01
STEPS = 10
ROUNDS = 61
SECONDS = 0.02  # of one contender's turn: short, so that a busy moment of the machine hits few
CALM = (
    1.25  # a turn that took so many times as long as the contender's quickest was disturbed by other programs
)

Layers = list[tuple[str, dict[str, Any]]]


class Workload(NamedTuple):
    """What is trained: our graph, PyTorch's model and loss, one batch, and how many times faster we want to be."""

    name: str
    graph: Graph
    model: nn.Module
    loss: nn.Module
    batch: dict[str, np.ndarray[Any, Any]]
    target: float | None


def main() -> int:
    report = Report("engine", "Training steps, graphlab against PyTorch eager, same threads, interleaved")
    for threads in THREADS:
        torch.set_num_threads(threads)
        os.environ[VARIABLE] = str(threads)
        with threadpoolctl.threadpool_limits(threads, "blas"):
            measure(report, f"{threads} thread{'s' if threads > 1 else ''}")
    return report.finish()


def measure(report: Report, threads: str) -> None:
    peer = f"PyTorch {torch.__version__.split('+')[0]}"
    for workload in workloads():
        ours, theirs = our_steps(workload), their_steps(workload)
        check_same(workload, ours, theirs)
        times = undisturbed(*interleaved(ours, theirs, rounds=ROUNDS, seconds=SECONDS))
        report.add(Row.ratio(f"{workload.name}, {threads}", *times, target=workload.target, peer=peer))


def workloads() -> list[Workload]:
    return [
        network("XOR-size MLP 2-8-1, batch 4", [2, 8, 1], "Tanh", 4, target=10),
        network("MLP 2-8-8-1, batch 32", [2, 8, 8, 1], "Tanh", 32),
        network("MLP 784-256-128-10, batch 64", [784, 256, 128, 10], "ReLU", 64, target=1),
        digits_cnn("small CNN (digits-cnn, 8×8), batch 16", 16, target=2),
        lenet("LeNet-5 28×28, batch 16", 16),
    ]


def our_steps(workload: Workload) -> Callable[[], list[float]]:
    run = Run(workload.graph, optimizer=SGD(lr=LR), input_gradients=False)
    for parameter, values in zip(workload.model.parameters(), run.parameters.values(), strict=True):
        values[...] = parameter.detach().numpy()
    run.feed(**workload.batch)

    def steps() -> list[float]:
        run.train(STEPS)
        return run.losses

    return steps


def their_steps(workload: Workload) -> Callable[[], list[float]]:
    model, measure = workload.model, workload.loss
    optimizer = torch.optim.SGD(model.parameters(), lr=LR)
    x, target = (torch.from_numpy(array) for array in workload.batch.values())

    def steps() -> list[float]:
        losses = []
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss = measure(model(x), target)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return losses

    return steps


def check_same(
    workload: Workload, ours: Callable[[], list[float]], theirs: Callable[[], list[float]]
) -> None:
    """AssertionError when the two do not do the same: the first steps must give the same losses."""
    np.testing.assert_allclose(ours(), theirs(), rtol=1e-3, err_msg=workload.name)


def undisturbed(ours: list[float], theirs: list[float]) -> tuple[list[float], list[float]]:
    """The rounds in which neither side was disturbed by other programs; at least the calmest eleven."""
    best = (min(ours), min(theirs))
    noise = [max(mine / best[0], its / best[1]) for mine, its in zip(ours, theirs, strict=True)]
    order = sorted(range(len(noise)), key=noise.__getitem__)
    calm = [k for place, k in enumerate(order) if place < 11 or noise[k] <= CALM]
    return [ours[k] for k in calm], [theirs[k] for k in calm]


def network(
    name: str, sizes: list[int], activation: str, batch: int, target: float | None = None
) -> Workload:
    """Fully connected layers; a single output is trained with the squared error, several with cross-entropy."""
    g = Graph(name)
    last = g.add("Input", name="x", shape=("N", sizes[0]))
    modules: list[nn.Module] = []
    for k, (before, units) in enumerate(itertools.pairwise(sizes)):
        if k:
            last = g.add(activation, last)
            modules.append(getattr(nn, activation)())
        last = g.add("Linear", last, units=units)
        modules.append(nn.Linear(before, units))
    x = np.random.default_rng(0).standard_normal((batch, sizes[0])).astype(np.float32)
    loss, fed = closing(g, last, sizes[-1], batch)
    return Workload(name, g, nn.Sequential(*modules), loss, {"x": x, "target": fed}, target)


def closing(g: Graph, last: Any, outputs: int, batch: int) -> tuple[nn.Module, np.ndarray[Any, Any]]:
    """Adds the loss; PyTorch's loss and a batch of targets."""
    rng = np.random.default_rng(1)
    if outputs == 1:
        g.add("MSELoss", last, g.add("Input", name="target", shape=("N", 1)))
        return nn.MSELoss(), rng.standard_normal((batch, 1)).astype(np.float32)
    g.add("CrossEntropyLoss", last, g.add("Input", name="target", shape=("N",), dtype="int"))
    return nn.CrossEntropyLoss(), rng.integers(0, outputs, batch)


def digits_cnn(name: str, batch: int, target: float) -> Workload:
    """The very graph of the example."""
    g, _ = load(example("digits-cnn").path)
    data = g.document.node("digits").name
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(128, 10),
    )
    rng = np.random.default_rng(0)
    x = rng.random((batch, 1, 8, 8), np.float32)
    fed: dict[str, np.ndarray[Any, Any]] = {f"{data}.x": x, f"{data}.target": rng.integers(0, 10, batch)}
    return Workload(name, g, model, nn.CrossEntropyLoss(), fed, target)


def lenet(name: str, batch: int) -> Workload:
    """LeCun et al. 1998, as d2l.ai writes it, with tanh."""
    layers: Layers = [
        ("Conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
        ("Tanh", {}),
        ("AvgPool2d", {"kernel_size": 2}),
        ("Conv2d", {"out_channels": 16, "kernel_size": 5}),
        ("Tanh", {}),
        ("AvgPool2d", {"kernel_size": 2}),
        ("Flatten", {}),
        ("Linear", {"units": 120}),
        ("Tanh", {}),
        ("Linear", {"units": 84}),
        ("Tanh", {}),
        ("Linear", {"units": 10}),
    ]
    g = Graph(name)
    last = g.add("Input", name="x", shape=("N", 1, 28, 28))
    for op, params in layers:
        last = g.add(op, last, **params)
    model = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, 10),
    )
    x = np.random.default_rng(0).random((batch, 1, 28, 28), np.float32)
    loss, fed = closing(g, last, 10, batch)
    return Workload(name, g, model, loss, {"x": x, "target": fed}, None)


if __name__ == "__main__":
    raise SystemExit(main())
