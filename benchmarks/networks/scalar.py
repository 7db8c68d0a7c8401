"""Number by number: the network of micrograd's demo, each weight and each product a node of its own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from graphlab.graph import Graph

from .drawing import Ends, draw
from .workload import Workload, numbers


class ScalarNetwork(nn.Module):
    """Fully connected layers with ReLU between them, computed with single numbers as micrograd does.

    `leaves` holds each neuron's weights and bias in turn, 0-d.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        super().__init__()
        self.sizes = tuple(sizes)
        count = sum((before + 1) * after for before, after in itertools.pairwise(sizes))
        self.leaves = nn.ParameterList(nn.Parameter(torch.empty(()).uniform_(-1, 1)) for _ in range(count))

    def forward(self, *x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = evaluate(self.sizes, list(self.leaves), x, torch.relu)
        return output


class SquaredError(nn.Module):
    """(y − target)² of single numbers."""

    def forward(self, y: Any, target: Any) -> Any:
        return (y - target) ** 2


def evaluate(
    sizes: Sequence[int], leaves: Sequence[Any], x: Sequence[Any], relu: Callable[[Any], Any]
) -> Any:
    """The network's one output, with whatever numbers can be multiplied and added."""
    rest: Iterator[Any] = iter(leaves)
    values = list(x)
    for after in sizes[1:]:
        sums = [_neuron(rest, values) for _ in range(after)]
        values = sums if after == 1 else [relu(number) for number in sums]
    return values[0]


def _neuron(leaves: Iterator[Any], values: Sequence[Any]) -> Any:
    products = [next(leaves) * value for value in values]
    total = products[0]
    for product in products[1:]:
        total = total + product
    return total + next(leaves)


class _Drawn:
    """A number that is a node: adding and multiplying it adds nodes."""

    def __init__(self, g: Graph, end: Ends) -> None:
        self.g, self.end = g, end

    def __add__(self, other: _Drawn) -> _Drawn:
        return _Drawn(self.g, self.g.add("Add", self.end, other.end))

    def __mul__(self, other: _Drawn) -> _Drawn:
        return _Drawn(self.g, self.g.add("Mul", self.end, other.end))

    def relu(self) -> _Drawn:
        return _Drawn(self.g, self.g.add("ReLU", self.end))


@draw.register
def _(module: ScalarNetwork, g: Graph, path: str, *x: Ends) -> Ends:
    leaves = [_Drawn(g, g.add("Parameter", name=f"leaves_{k}", shape=())) for k in range(len(module.leaves))]
    output: _Drawn = evaluate(module.sizes, leaves, [_Drawn(g, end) for end in x], _Drawn.relu)
    return output.end


@draw.register
def _(module: SquaredError, g: Graph, path: str, y: Ends, target: Ends) -> Ends:
    return g.add("Square", g.add("Sub", y, target), name=path)


def micrograd_demo(sizes: Sequence[int] = (2, 16, 16, 1)) -> Workload:
    """Karpathy's micrograd, demo.ipynb: MLP(2, [16, 16, 1]), 337 parameters, on one example with its squared error."""
    x, y, target = (numbers(seed=seed) for seed in range(3))
    return Workload(
        "1,000 scalar nodes (micrograd's demo 2-16-16-1), forward + backward",
        lambda: ScalarNetwork(sizes),
        SquaredError(),
        {"x": x, "y": y, "target": target},
        does="gradients",
    )
