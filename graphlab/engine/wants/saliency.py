"""Which pixels a score rests on, by its gradient: as it is, times the input, added up on a way, or guided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import GoalError
from ..flatten import End
from .eye import Unit
from .looker import Looker
from .pixels import resized

Array = npt.NDArray[Any]
FIRST, MOST = 32, 1024  # steps of a way
NEAR = 0.005  # of the difference of scores that may be missing


def gradient(looker: Looker, picture: Array, unit: Unit) -> Array:
    """∂score/∂pixel, (C, H, W). (Simonyan, Vedaldi and Zisserman 2014)"""
    found: Array = looker.slopes(picture, unit.seed).slopes[0]
    return found


def times_input(looker: Looker, picture: Array, unit: Unit) -> Array:
    """Gradient × input: what each pixel would add, if the network were linear. (Shrikumar et al. 2016)"""
    found: Array = gradient(looker, picture, unit) * picture[0]
    return found


def guided(looker: Looker, picture: Array, unit: Unit) -> Array:
    """The gradient where nothing negative goes back through a ReLU. (Springenberg et al. 2015)"""
    found: Array = looker.slopes(picture, unit.seed, guided=True).slopes[0]
    return found


@dataclass(frozen=True)
class Integrated:
    """What each pixel adds to the score on the straight way from a base picture. (Sundararajan, Taly and Yan 2017)

    map: (C, H, W), whose sum is the score less that of the base, if the way was taken in small enough steps.
    before, after: those two scores. steps: how many there were.
    """

    map: Array
    before: float
    after: float
    steps: int

    @property
    def gap(self) -> float:
        """By how much the sum misses the difference of the scores."""
        return float(self.map.sum(dtype=np.float64)) - (self.after - self.before)


def integrated(
    looker: Looker, picture: Array, unit: Unit, base: Array, steps: int = 0, near: float = NEAR
) -> Integrated:
    """Integrated gradients, at the middles of so many steps; with 0, of ever more until the sum comes near enough."""
    found = next(filter(None, integrating(looker, picture, unit, base, steps, near)))
    assert isinstance(found, Integrated)
    return found


def integrating(
    looker: Looker, picture: Array, unit: Unit, base: Array, steps: int = 0, near: float = NEAR
) -> Iterator[Integrated | None]:
    """The same a few steps at a time: None after each, and what was found in the end."""
    values = looker.values(np.concatenate([base, picture]).astype(np.float64))[0]
    before, after = unit.says(values).tolist()
    count = steps or FIRST
    while True:
        total = np.zeros(picture.shape[1:])
        shares = ((np.arange(count) + 0.5) / count).reshape(-1, 1, 1, 1)
        for k in range(0, count, looker.few):
            along = base + shares[k : k + looker.few] * (picture - base)
            total += looker.slopes(along, unit.seed).slopes.sum(axis=0, dtype=np.float64)
            yield None
        found = Integrated(total / count * (picture - base)[0], before, after, count)
        if steps or count >= MOST or abs(found.gap) <= near * max(abs(after - before), 1e-6):
            yield found
            return
        count *= 2


def maps_of(looker: Looker) -> list[End]:
    """The layers of maps on the way from the picture to the scores, in order: what Grad-CAM can look at."""
    plan = looker.run.plan
    behind, specs = {looker.eye.end[0]}, plan.inference.specs
    found = []
    for key in plan.nodes:
        if any(source in behind for source, _ in plan.nodes[key].inputs.values()):
            behind.add(key)
            end = (key, plan.op(key).results()[0])
            spec = specs[end]
            if key in plan.active and key != looker.end[0] and spec.ndim == 4 and spec.shape[2:] != (1, 1):
                found.append(end)
    return found


def grad_cam(looker: Looker, picture: Array, unit: Unit, layer: End | None = None) -> tuple[Array, Array]:
    """Where the maps of a layer speak for the score: (the map as it is, the same as large as the picture).

    Each map counts as much as its mean gradient; what speaks against is left out. (Selvaraju et al. 2017)
    layer: the last one of maps, where none is named. GoalError where there is none.
    """
    if layer is None:
        layer = last_maps(looker)
    elif layer not in maps_of(looker):
        raise GoalError(
            "That layer has no maps on the way to the scores.", hint="Choose one such as the last Conv2d."
        )
    passed = looker.slopes(picture, unit.seed, also=[layer])
    (maps,) = looker.values(picture, [layer])
    counts = passed.more[layer][0].mean(axis=(1, 2), dtype=np.float64)
    found = np.maximum(np.tensordot(counts, maps[0].astype(np.float64), 1), 0)
    return found, resized(found[None, None], *looker.eye.shape[1:])[0, 0]


def last_maps(looker: Looker) -> End:
    """What comes after the last convolution and its activation, before it is made smaller. GoalError for no maps."""
    layers = maps_of(looker)
    if not layers:
        raise GoalError("No layer on the way has maps.", hint="Grad-CAM needs one such as Conv2d.")
    specs, plan = looker.run.plan.inference.specs, looker.run.plan
    convolutions = [
        end for end in layers if (end[0], "weight") in plan.parameters and plan.op(end[0]).factors
    ]
    if not convolutions:
        return layers[-1]
    last = convolutions[-1]
    after = [end for end in layers[layers.index(last) :] if specs[end].shape == specs[last].shape]
    return after[-1]
