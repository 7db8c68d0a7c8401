"""HIPS autograd: NumPy functions, differentiated by tracing each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..networks.workload import LR, Workload
from .contender import Contender, Incapable, Unavailable
from .functional import loss_of
from .weights import by_parameter, first_weights


def contender(workload: Workload) -> Contender:
    try:
        import autograd
    except ImportError:
        raise Unavailable("not installed") from None
    loss = loss_of(workload, _Numbers())
    weights, states = first_weights(workload)
    weights = {name: array.copy() for name, array in weights.items()}
    batch = list(workload.batch.values())
    if workload.does == "forward":
        return Contender(lambda: [float(loss(weights | states, *batch)) for _ in range(workload.steps)])
    slope = autograd.value_and_grad(loss)
    update = _Adam(weights) if workload.optimizer == "Adam" else _sgd
    last: dict[str, Any] = {}

    def steps() -> list[float]:
        losses = []
        for _ in range(workload.steps):
            value, gradients = slope(weights, *batch)
            if workload.does == "train":
                update(weights, gradients)
            losses.append(float(value))
        last.update(gradients)
        return losses

    return Contender(steps, lambda: by_parameter(workload, last))


class _Numbers:
    def __init__(self) -> None:
        from autograd import numpy

        self.np = numpy

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], state: Any, x: Any) -> Any:
        results = []
        for now in x:
            state, result = step(state, now)
            results.append(result)
        return self.np.stack(results)

    def convolve(self, x: Any, weight: Any, stride: Any, padding: Any, groups: int) -> Any:
        raise Incapable("it has no fast convolution")

    def pool(self, x: Any, kind: str, size: Any, stride: Any, padding: Any) -> Any:
        raise Incapable("it has no pooling")

    def drop(self, x: Any, p: float) -> Any:
        raise Incapable("it has no dropout")


def _sgd(weights: dict[str, Any], gradients: dict[str, Any]) -> None:
    for name, weight in weights.items():
        weight -= LR * gradients[name]


class _Adam:
    def __init__(self, weights: dict[str, Any]) -> None:
        self.time = 0
        self.first, self.second = (
            {name: np.zeros_like(weight) for name, weight in weights.items()} for _ in range(2)
        )

    def __call__(self, weights: dict[str, Any], gradients: dict[str, Any]) -> None:
        self.time += 1
        rate, scale = LR / (1 - 0.9**self.time), 1 / (1 - 0.999**self.time)
        for name, weight in weights.items():
            gradient, first, second = gradients[name], self.first[name], self.second[name]
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient * gradient - second)
            weight -= rate * first / (np.sqrt(second * scale) + 1e-8)
