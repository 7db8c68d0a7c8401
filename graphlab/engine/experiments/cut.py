"""Planes through the space of parameters, and where a network lies on them: what a loss surface is drawn over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import ExperimentError
from ...ops.context import stream
from ..plan import ParameterSlot, Plan

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
View = tuple[float, float, float, float]  # low x, low y, high x, high y
MARGIN = 0.25  # around a way, in parts of its extent
NARROWEST = 0.2  # of the longer side
KINDS = ("random", "path", "gradient", "parameters")


@dataclass(frozen=True, eq=False)
class Cut:
    """The plane `origin` + a·`across` + b·`up`; all three are as long as what is trained. `names`: of a and b.

    shares: how much of the variance of the way lies along each, NaN where that means nothing. exact: all there is to
    learn lies in the plane.
    """

    kind: str
    origin: Floats
    across: Floats
    up: Floats
    names: tuple[str, str]
    shares: tuple[float, float] = (np.nan, np.nan)
    exact: bool = False

    def at(self, a: float, b: float) -> Floats:
        """The parameters at a point of the plane."""
        place: Floats = self.origin + a * self.across + b * self.up
        return place

    def find(self, places: Array) -> Floats:
        """(n, 3) of places (n, parameters): the nearest point of the plane, and how far that is away."""
        away = np.asarray(places, np.float64) - self.origin
        both = np.stack([self.across, self.up])
        points = away @ both.T @ np.linalg.pinv(both @ both.T)
        off = np.linalg.norm(away - points @ both, axis=1)
        return np.concatenate([points, off[:, None]], axis=1)


def random_cut(plan: Plan, here: Array, seed: int = 0) -> Cut:
    """Two random directions, normalised filter by filter (Li et al. 2018, "Visualizing the Loss Landscape of Neural
    Nets"): each filter, or row of a matrix, is as long as that of the weights; biases and other vectors stay.

    So 1 means the same for networks of any scale. Where all there is are vectors and single numbers, these are
    normalised as a whole.
    """
    here = np.asarray(here, np.float64)
    across, up = (_random(plan, here, stream(seed, "loss surface", name)) for name in ("across", "up"))
    return Cut("random", here, across, up, ("random direction 1", "random direction 2"))


def _trained(plan: Plan) -> list[ParameterSlot]:
    return [slot for slot in plan.parameters.values() if slot.offset < plan.trainable_size]


def _random(plan: Plan, here: Floats, rng: np.random.Generator) -> Floats:
    found = np.zeros(plan.trainable_size)
    slots = _trained(plan)
    has_filters = any(len(slot.shape) > 1 for slot in slots)
    for slot in slots:
        if has_filters and len(slot.shape) < 2:
            continue
        filters = slot.shape[0] if len(slot.shape) > 1 else 1
        drawn = rng.standard_normal((filters, slot.size // max(filters, 1)))
        own = here[slot.window].reshape(drawn.shape)
        lengths = np.linalg.norm(drawn, axis=1, keepdims=True)
        wanted = np.linalg.norm(own, axis=1, keepdims=True)
        if not has_filters:
            wanted = np.where(wanted > 0, wanted, 1.0)
        found[slot.window] = (drawn * wanted / np.where(lengths > 0, lengths, 1.0)).reshape(-1)
    return found


def path_cut(plan: Plan, here: Array, places: Array) -> Cut:
    """The two directions along which a way varies most: the principal components of its places (Li et al. 2018, 7).

    Each points to the side where the way began. ExperimentError where there is no way yet.
    """
    here = np.asarray(here, np.float64)
    centred = np.asarray(places, np.float64)
    if len(centred) < 2 or not np.ptp(centred, axis=0).any():
        raise ExperimentError("There is no way travelled yet.", hint="Train some steps first.")
    centred = centred - centred.mean(axis=0)
    sizes, turned = np.linalg.eigh(centred @ centred.T)  # there are few places, and perhaps many parameters
    total = float((centred**2).sum())
    axes: list[Floats] = []
    for k in (-1, -2):
        if len(sizes) < 2 or sizes[k] <= 1e-12 * total or len(axes) >= plan.trainable_size:
            break
        axis = centred.T @ turned[:, k]
        axis /= np.linalg.norm(axis)
        began = float((centred[0] - (here - np.asarray(places, np.float64).mean(axis=0))) @ axis)
        axes.append(-axis if began < 0 else axis)
    shares = [float(((centred @ axis) ** 2).sum() / total) for axis in axes]
    if len(axes) < 2:
        axes.append(_across(plan, here, axes[0]))
        shares.append(0.0)
    return Cut("path", here, axes[0], axes[1], ("component 1", "component 2"), (shares[0], shares[1]))


def gradient_cut(plan: Plan, here: Array, gradient: Array, update: Array | None) -> Cut:
    """Down the gradient, and along what of the last update does not lie on it; both of length 1.

    Without an update, or where it lies along the gradient, a random direction takes its place. ExperimentError where
    the gradient is 0.
    """
    here = np.asarray(here, np.float64)
    down = -np.asarray(gradient, np.float64)
    length = float(np.linalg.norm(down))
    if not np.isfinite(length) or length == 0:
        raise ExperimentError("The gradient is 0 here, so it shows no direction.", hint="Choose others.")
    down /= length
    rest, name = np.zeros_like(down), "last update"
    if update is not None:
        rest = np.asarray(update, np.float64)
        whole = float(np.linalg.norm(rest))
        rest = rest - (rest @ down) * down
        if np.linalg.norm(rest) <= 1e-6 * max(whole, 1e-300):
            rest = np.zeros_like(down)
    if not rest.any():
        rest, name = _across(plan, here, down), "random direction"
    size = float(np.linalg.norm(rest))
    return Cut("gradient", here, down, rest / size if size else rest, ("down the gradient", name))


def parameter_cut(plan: Plan, here: Array) -> Cut:
    """The two numbers of a graph that learns just two: the plane is all there is, and its axes are their values.

    ExperimentError where there are more, or fewer.
    """
    if plan.trainable_size != 2:
        raise ExperimentError(
            f"The graph learns {plan.trainable_size:,} numbers; a plane has room for two.",
            hint="Choose other directions.",
        )
    names = []
    for (key, socket), slot in plan.parameters.items():
        if slot.offset < plan.trainable_size:
            path = plan.nodes[key].path
            name = path if socket == "value" else f"{path}.{socket}"  # that of a Parameter node is itself
            names += [name] if slot.size == 1 else [f"{name}[{k}]" for k in range(slot.size)]
    one, two = np.eye(2)
    return Cut("parameters", np.zeros(2), one, two, (names[0], names[1]), exact=True)


def _across(plan: Plan, here: Floats, axis: Floats) -> Floats:
    """Some direction of length 1 at a right angle to an axis; zeros where there is none."""
    drawn = stream(0, "loss surface", "rest").standard_normal(plan.trainable_size)
    drawn -= (drawn @ axis) * axis
    size = float(np.linalg.norm(drawn))
    return drawn / size if plan.trainable_size > 1 and size > 0 else np.zeros_like(drawn)


def view_of(cut: Cut, points: Floats) -> View:
    """The part of the plane to look at first, given points (n, 2) of the way that are to be in it.

    Around random directions that is one filter's length each way.
    """
    if cut.kind == "random":
        return (-1.0, -1.0, 1.0, 1.0)
    points = points[np.isfinite(points).all(axis=1)]
    if cut.kind != "parameters":
        points = np.concatenate([points, np.zeros((1, 2))])
    low, high = points.min(axis=0), points.max(axis=0)
    span = high - low
    if cut.kind == "parameters":
        span = np.maximum(span, 2.0)
    elif not span.any():
        span = np.full(2, 0.1 * float(np.linalg.norm(cut.origin)) or 1.0)
    span = np.maximum(span, NARROWEST * span.max())
    middle, half = (low + high) / 2, span * (0.5 + MARGIN)
    (x0, y0), (x1, y1) = (middle - half).tolist(), (middle + half).tolist()
    return (x0, y0, x1, y1)
