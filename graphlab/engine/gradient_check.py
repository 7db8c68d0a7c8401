"""Back-propagation against finite differences, parameter by parameter, in float64."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..ops import stream
from .feeding import Feed
from .run import Run

Array = npt.NDArray[Any]
STEP = 6e-6  # near the cube root of float64's epsilon, best for central differences
TOLERANCE = 1e-6
MOST = 200  # elements tried of each parameter


@dataclass(frozen=True, slots=True)
class GradientReport:
    """The greatest relative error of each parameter's gradient, by "hidden.weight"; `passed` when all are ≤ 1e-6.

    The error of one element is |analytic − numeric| / max(|analytic|, |numeric|, scale), where the scale is the
    greatest element of that parameter's gradient.
    """

    errors: Mapping[str, float]
    tolerance: float = TOLERANCE

    @property
    def passed(self) -> bool:
        return all(error <= self.tolerance for error in self.errors.values())

    @property
    def worst(self) -> float:
        return max(self.errors.values(), default=0.0)


def check_gradients(run: Run, most: int = MOST) -> GradientReport:
    """Checks a copy of the run, in float64, at its present weights and inputs, by central differences.

    At most `most` elements of each parameter are tried, drawn at random from the run's seed. Kinks (ReLU at 0, a tie in
    max pooling) within 6e-6 of the point show as errors although nothing is wrong.

    Raises:
        ProblemsError: there is no goal. FeedError: an input has nothing to give.
    """
    exact = _in_float64(run)
    exact.forward()
    exact.backward()
    rng = stream(run.clock.seed, "gradient check")
    analytic = {name: gradient.copy() for name, gradient in exact.gradients.items()}
    return GradientReport(
        {name: _error(exact, exact.parameters[name], analytic[name], rng, most) for name in analytic}
    )


def _in_float64(run: Run) -> Run:
    run.plan.require_goal()
    goal, at = run.plan.aim
    exact = Run(run.document, goal, at=at, seed=run.clock.seed, dtype="float64")
    exact.clock.step = run.clock.step
    for name, values in run.parameters.items():
        exact.parameters[name][...] = values
    exact.store.set_states(run.store.states)
    exact.clock.training = run.clock.training
    feed = run.present_feed()
    arrays = {end: a.astype(np.float64) if a.dtype.kind == "f" else a for end, a in feed.arrays.items()}
    exact.take(Feed(arrays, feed.sizes))
    return exact


def _error(run: Run, parameter: Array, analytic: Array, rng: np.random.Generator, most: int) -> float:
    flat, gradient = parameter.reshape(-1), analytic.reshape(-1)
    chosen = np.arange(flat.size) if flat.size <= most else rng.choice(flat.size, most, replace=False)
    scale = max(float(np.abs(gradient).max(initial=0.0)), 1e-8)
    return max((abs(_slope(run, flat, int(i)) - float(gradient[i])) / scale for i in chosen), default=0.0)


def _slope(run: Run, flat: Array, i: int) -> float:
    kept = float(flat[i])
    step = STEP * max(1.0, abs(kept))
    losses = []
    for value in (kept + step, kept - step):
        flat[i] = value
        losses.append(run.forward() or 0.0)
    flat[i] = kept
    return (losses[0] - losses[1]) / (2 * step)
