"""The loss over a plane through the parameters, on fixed rows, with dropout off: first coarse, then finer and finer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import ExperimentError
from ..beside import Beside, rows_at_once
from ..feeding import Feed
from ..quiet import quiet
from ..threads import blas_threads
from ..training import Trainer
from .cut import Cut, View

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
SIDES = (5, 9, 17, 33, 65)  # points each way; each grid holds every second point of the next
ROWS = 256
SECONDS = 6.0  # of work that a map may take, about


class Losses(Beside):
    """The loss of a trainer's graph at any parameters: of a twin, so `place` may be moved about."""

    def __init__(self, trainer: Trainer, rows: int = ROWS) -> None:
        twin = trainer.twin()
        super().__init__(twin.run)
        self._batches, self.run.clock.training = twin.batches, False
        self._asked = {self.run.plan.goal_end}
        of_split = twin.batches.rows("train")
        self.of = len(of_split) if twin.batches.columns else 0
        chosen = np.unique(np.linspace(0, len(of_split) - 1, min(rows, len(of_split))).astype(np.int64))
        size = rows_at_once(self.run.plan)
        self.rows = of_split[chosen]
        self._parts = [self.rows[k : k + size] for k in range(0, len(self.rows), size)]
        self._fed: Feed | None = None  # where all rows go in at once, they stay in

    @property
    def place(self) -> Array:
        """What is trained: to be changed in place."""
        return self.run.store.trainable

    def at(self, place: Array) -> float:
        """The mean loss over the rows there; NaN or infinite where it is."""
        self.place[...] = place
        return self.here()

    def here(self) -> float:
        """The mean loss over the rows where `place` is."""
        losses = [self._of_part(part) for part in self._parts]
        counts = [len(part) for part in self._parts]
        with quiet():
            return float(np.dot(losses, counts) / sum(counts))

    def gradient(self) -> Array:
        """The gradient of `here`, a copy. NumericsError where it is not finite."""
        run, total = self.run, np.zeros(self.run.plan.trainable_size)
        for part in self._parts:
            run.take(self._batches.feed(part, run.inputs))
            run.backward()
            total += run.store.trainable_gradient.astype(np.float64) * (len(part) / len(self.rows))
        return total

    def _of_part(self, part: Array) -> float:
        if self._fed is None or len(self._parts) > 1:
            self._fed = self._batches.feed(part, self.open)
        buffers, _plan = self._buffers, self.run.plan
        assert buffers is not None
        with quiet(), blas_threads(buffers.bytes):
            buffers.drain("forward")
        return float(buffers.goal_values[()])


class LossMap:
    """Losses over a part of a `cut`. `work` does it in small pieces; after each, `side` tells how fine it is.

    losses: (side, side), from low y upwards; None before the first grid. `done` of `total` points are measured.
    """

    def __init__(self, losses: Losses, cut: Cut, view: View, seconds: float = SECONDS) -> None:
        if not (np.isfinite(view).all() and view[0] < view[2] and view[1] < view[3]):
            raise ExperimentError(f"There is no part of a plane from {view[:2]} to {view[2:]}.")
        self.cut, self.view = cut, view
        self.here = losses.here()
        self.losses: Floats | None = None
        self.side = 0
        self.done, self.total = 0, SIDES[-1] ** 2
        self._of, self._seconds = losses, seconds
        self._finest = SIDES[-1]

    def work(self) -> Iterator[None]:
        """Measures a point at a time, yielding after each."""
        spent = 0.0
        for side in SIDES:
            if side > SIDES[0] and spent / max(self.done, 1) * side**2 > self._seconds:
                self.total = self.done
                break
            grid = self._begun(side)
            for i, j in np.argwhere(np.isnan(grid)).tolist():
                began = time.perf_counter()
                grid[i, j] = self._measured(side, i, j)
                spent += time.perf_counter() - began
                self.done += 1
                yield
            self.losses, self.side = grid, side
            yield

    def _begun(self, side: int) -> Floats:
        """A grid with what the coarser one knows, and NaN for what is to be measured."""
        grid = np.full((side, side), np.nan)
        if self.losses is not None:
            grid[::2, ::2] = np.where(np.isnan(self.losses), np.inf, self.losses)
        return grid

    def _measured(self, side: int, i: int, j: int) -> float:
        """Infinite for whatever is not finite, so that it counts as measured."""
        x0, y0, x1, y1 = self.view
        a, b = x0 + (x1 - x0) * j / (side - 1), y0 + (y1 - y0) * i / (side - 1)
        found = self._of.at(self.cut.at(a, b))
        return found if np.isfinite(found) else np.inf
