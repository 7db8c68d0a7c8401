"""JAX: a whole step as one compiled function, weights and optimizer state handed through."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from ..networks.workload import LR, Workload
from .contender import Contender, Unavailable
from .functional import loss_of
from .weights import by_parameter, first_weights


def contender(workload: Workload) -> Contender:
    try:
        import jax
    except ImportError:
        raise Unavailable("not installed") from None
    numbers = _Numbers()
    loss = loss_of(workload, numbers)
    parameters, states = first_weights(workload)
    batch = [jax.numpy.asarray(array) for array in workload.batch.values()]
    if workload.does == "forward":
        evaluate, weights = jax.jit(loss), jax.device_put(parameters | states)
        return Contender(lambda: [float(evaluate(weights, *batch)) for _ in range(workload.steps)])
    slope = jax.value_and_grad(_with_key(loss, numbers))
    if workload.does == "gradients":
        return _differentiating(workload, jax.jit(slope), jax.device_put(parameters), batch)
    return _training(workload, slope, jax.device_put(parameters), batch)


def limit_threads(count: int) -> None:
    """How many threads the CPU backend may take; before JAX is first used, and never again."""
    os.environ["NPROC"] = str(count)


class _Numbers:
    def __init__(self) -> None:
        import jax

        self.np, self.lax, self.random = jax.numpy, jax.lax, jax.random
        self.key: Any = None

    def scan(self, step: Callable[[Any, Any], tuple[Any, Any]], state: Any, x: Any) -> Any:
        return self.lax.scan(step, state, x)[1]

    def convolve(self, x: Any, weight: Any, stride: Any, padding: Any, groups: int) -> Any:
        edges = [(size, size) for size in padding]
        return self.lax.conv_general_dilated(x, weight, stride, edges, feature_group_count=groups)

    def pool(self, x: Any, kind: str, size: Any, stride: Any, padding: Any) -> Any:
        edges = [(0, 0), (0, 0), *((pad, pad) for pad in padding)]
        start, join = (-float("inf"), self.lax.max) if kind == "max" else (0.0, self.lax.add)
        return self.lax.reduce_window(x, start, join, (1, 1, *size), (1, 1, *stride), edges)

    def drop(self, x: Any, p: float) -> Any:
        self.key, now = self.random.split(self.key)
        return self.np.where(self.random.bernoulli(now, 1 - p, x.shape), x / (1 - p), 0)


def _with_key(loss: Callable[..., Any], numbers: _Numbers) -> Callable[..., Any]:
    """The loss as a function of a seed too, which dropout draws from."""

    def seeded(weights: Any, seed: Any, *batch: Any) -> Any:
        numbers.key = numbers.random.key(seed)
        return loss(weights, *batch)

    return seeded


def _differentiating(
    workload: Workload, slope: Callable[..., Any], weights: Any, batch: list[Any]
) -> Contender:
    last: dict[str, Any] = {}

    def steps() -> list[float]:
        losses = []
        for _ in range(workload.steps):
            loss, gradients = slope(weights, 0, *batch)
            losses.append(loss)
        last.update(gradients)
        return [float(loss) for loss in losses]

    return Contender(steps, lambda: by_parameter(workload, last))


def _training(workload: Workload, slope: Callable[..., Any], weights: Any, batch: list[Any]) -> Contender:
    import jax

    begin, update = {"SGD": (_no_state, _sgd), "Adam": (_adam_state, _adam)}[workload.optimizer]

    def whole(weights: Any, state: Any, time: Any, *batch: Any) -> Any:
        loss, gradients = slope(weights, time, *batch)
        weights, state = update(weights, gradients, state, time + 1)
        return loss, weights, state, time + 1

    step = jax.jit(whole, donate_argnums=(0, 1, 2))
    kept = [weights, begin(weights), jax.numpy.int32(0)]

    def steps() -> list[float]:
        losses = []
        for _ in range(workload.steps):
            loss, *kept[:] = step(*kept, *batch)
            losses.append(loss)
        return [float(loss) for loss in losses]

    return Contender(steps)


def _no_state(weights: Any) -> Any:
    return ()


def _sgd(weights: Any, gradients: Any, state: Any, time: Any) -> Any:
    import jax

    return jax.tree.map(lambda w, d: w - LR * d, weights, gradients), state


def _adam_state(weights: Any) -> Any:
    import jax

    return tuple(jax.tree.map(jax.numpy.zeros_like, weights) for _ in range(2))


def _adam(weights: Any, gradients: Any, state: Any, time: Any) -> Any:
    import jax

    first = jax.tree.map(lambda m, d: 0.9 * m + 0.1 * d, state[0], gradients)
    second = jax.tree.map(lambda v, d: 0.999 * v + 0.001 * d * d, state[1], gradients)
    rate, scale = LR / (1 - 0.9**time), 1 / (1 - 0.999**time)
    moved = jax.tree.map(
        lambda w, m, v: w - rate * m / (jax.numpy.sqrt(v * scale) + 1e-8), weights, first, second
    )
    return moved, (first, second)
