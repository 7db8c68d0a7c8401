"""`Workload`: one network, one batch and what is to be done with it. And the choice of batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from graphlab.graph import Graph

from .drawing import draw

Array = npt.NDArray[Any]
Does = Literal["train", "gradients", "forward"]
LR = 0.01
STEPS = 10
PROOF = 3  # steps at least, so that what an update did shows in a loss


@dataclass(frozen=True)
class Workload:
    """What every contender computes.

    name: what it is, in full. make: the PyTorch model, always with the same weights. loss: of its result and the
    target. batch: the inputs by name, the target last. optimizer: "SGD" or "Adam", with a rate of 0.01.
    does: "train": forward, backward and update; "gradients": forward and backward; "forward": forward alone, as in
    evaluation (dropout off, running statistics of BatchNorm). steps: how many such a contender does at a time.
    """

    name: str
    make: Callable[[], nn.Module]
    loss: nn.Module
    batch: dict[str, Array]
    optimizer: str = "SGD"
    does: Does = "train"
    steps: int = STEPS
    batch_first: bool = True

    def model(self) -> nn.Module:
        """The model with its first weights, ready to be trained or evaluated."""
        torch.manual_seed(0)
        return self.make().train(self.does != "forward")

    def skeleton(self) -> nn.Module:
        """The model without its numbers, which takes no memory."""
        with torch.device("meta"):
            return self.make().train(self.does != "forward")

    def graph(self) -> Graph:
        """The same network as a graph, its inputs named as in the batch."""
        g = Graph(self.name)
        ends = [
            g.add("Input", name=name, shape=self._shape(array), dtype=_KINDS[array.dtype.kind])
            for name, array in self.batch.items()
        ]
        with g.edit("Draw"):
            goal = draw(self.loss, g, "loss", draw(self.skeleton(), g, "", *ends[:-1]), ends[-1])
        g.configure(goal=goal)
        return g

    def provable(self) -> Workload:
        """What all must agree on: this, but in training without dropout, and some steps at a time.

        Itself where that is how it is.
        """
        if self.does != "train":
            return self
        drops = any(isinstance(module, nn.Dropout) for module in self.skeleton().modules())
        if not drops and self.steps >= PROOF:
            return self
        return replace(self, make=lambda: _without_dropout(self.make()), steps=max(PROOF, self.steps))

    def _shape(self, array: Array) -> tuple[int | str, ...]:
        return ("N", *array.shape[1:]) if self.batch_first and array.ndim else array.shape


def _without_dropout(model: nn.Module) -> nn.Module:
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    return model


_KINDS = {"f": "float", "i": "int"}


def numbers(*shape: int, seed: int = 0) -> Array:
    """Standard normal float32."""
    return np.asarray(np.random.default_rng(seed).standard_normal(shape), np.float32)


def classes(*shape: int, count: int, seed: int = 1) -> Array:
    """Class indices, int64."""
    return np.random.default_rng(seed).integers(0, count, shape)
