"""Fully connected networks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from torch import nn

from .workload import Workload, classes, numbers


def mlp(
    sizes: Sequence[int], activation: str, batch: int, optimizer: str = "SGD", name: str = "MLP"
) -> Workload:
    """A single output is trained with the squared error, several with cross-entropy."""

    def make() -> nn.Module:
        layers: list[nn.Module] = []
        for k, (before, units) in enumerate(itertools.pairwise(sizes)):
            layers += [getattr(nn, activation)()] if k else []
            layers.append(nn.Linear(before, units))
        return nn.Sequential(*layers)

    regression = sizes[-1] == 1
    target = numbers(batch, 1, seed=1) if regression else classes(batch, count=sizes[-1])
    return Workload(
        f"{name} {'-'.join(map(str, sizes))}, batch {batch}, {optimizer}",
        make,
        nn.MSELoss() if regression else nn.CrossEntropyLoss(),
        {"x": numbers(batch, sizes[0]), "target": target},
        optimizer,
    )
