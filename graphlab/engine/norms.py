"""How large gradients, updates and weights are, parameter by parameter: read from the flat vectors, after a step.

While one steps, after every step; at full speed, the first steps of a training one by one and then one with each frame.
A step at which nobody looks costs nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from . import messages as m
from .flatten import End
from .quiet import quiet
from .run import Run

MOST = 1 << 14  # readings that may wait to be told
GRADIENT, UPDATE, WEIGHT = range(3)
Array = npt.NDArray[np.float64]


class Norms:
    """The norms of chosen parameters after steps, until they are told."""

    def __init__(self) -> None:
        self._request = 0
        self._ends: tuple[End, ...] = ()
        self._steps: list[int] = []
        self._values: list[Array] = []
        self._last = -1

    def set(self, wish: m.WatchNorms) -> None:
        """From now on those of these parameters, and no others."""
        self._request, self._ends, self._last = wish.request, wish.ends, -1
        self._drop()

    def __bool__(self) -> bool:
        return bool(self._ends)

    def note(self, run: Run) -> None:
        """Reads them, if a step has just ended and was not read yet."""
        if not self._ends or run.steps_done == self._last or len(self._steps) >= MOST:
            return
        found = norms_of(run, self._ends)
        if found is not None:
            self._last = run.steps_done
            self._steps.append(run.steps_done)
            self._values.append(found)

    def take(self, run_id: int) -> m.Norms | None:
        """What has been read since the last call; None when nothing was."""
        if not self._steps:
            return None
        told = m.Norms(run_id, self._request, np.array(self._steps, np.int64), np.stack(self._values))
        self._drop()
        return told

    def _drop(self) -> None:
        self._steps, self._values = [], []


def norms_of(run: Run, ends: tuple[End, ...]) -> Array | None:
    """(parameters, 3) Euclidean norms of gradient, update and weights (after it) of the step that has just ended.

    NaN for what is no trainable parameter. None where no step has just ended: its update is not known, or its
    gradients have been overwritten by the next.
    """
    moment = run.moment
    if moment is None or run.cursor % max(len(run.schedule), 1) > run.forward_end:
        return None
    store, slots = run.store, run.plan.parameters
    found = np.full((len(ends), 3), np.nan)
    for row, end in zip(found, ends, strict=True):
        slot = slots.get(end)
        if slot is None or slot.offset >= run.plan.trainable_size or not slot.size:
            continue
        part = slot.window
        now = store.flat[part]
        for at, vector in (
            (GRADIENT, store.gradient[part]),
            (UPDATE, now - moment.parameters[part]),
            (WEIGHT, now),
        ):
            row[at] = _norm(vector)
    return found


def _norm(vector: npt.NDArray[np.floating]) -> float:
    """Without overflow or underflow of the squares, which a float32 of 10⁻²³ would have."""
    with quiet():
        squared = float(vector.dot(vector))
    if 1e-30 < squared < 1e30:
        return float(np.sqrt(squared))
    return float(np.linalg.norm(vector.astype(np.float64)))
