"""How far back gradients reached, run by run: a run whose cell is put in another's place keeps its curve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..engine import messages as m
from ..lab.thinned import Thinned

Floats = NDArray[np.float64]
MOST = 1024  # readings of a run over its steps
RADIUS, BEFORE, AFTER = range(3)


class Trace(Thinned):
    """(n, 3) over the steps: the spectral radius, the norm of all gradients, and that after clipping.

    Of several readings that became one stand the last radius and the largest norms.
    """

    def __init__(self) -> None:
        super().__init__(MOST)
        self._values = np.full((MOST, 3), np.nan)

    @property
    def values(self) -> Floats:
        return self._values[: self.size]

    def put(self, at: int, values: Floats) -> None:
        self._values[at] = values

    def mix(self, at: int, values: Floats) -> None:
        self._values[at, RADIUS] = values[RADIUS]
        np.fmax(self._values[at, BEFORE:], values[BEFORE:], out=self._values[at, BEFORE:])

    def join(self, half: int) -> None:
        self._values[:half, RADIUS] = self._values[1::2, RADIUS]
        self._values[:half, BEFORE:] = np.fmax(self._values[::2, BEFORE:], self._values[1::2, BEFORE:])


@dataclass
class ReachRun:
    """One run as far as it was looked at.

    title: its cells, which its name begins with. success: of its newest epoch, NaN where nothing is measured.
    """

    key: int
    name: str
    stroke: int
    title: str = ""
    layers: tuple[m.ReachOfLayer, ...] = ()
    step: int = 0
    success: float = float("nan")
    is_shown: bool = True
    trace: Trace = field(default_factory=Trace)

    def layer(self, at: int) -> m.ReachOfLayer | None:
        """That layer, or the last where there are not so many."""
        return self.layers[min(at, len(self.layers) - 1)] if self.layers else None

    def norms(self, at: int, state: str) -> Floats:
        """The norms at each lag of a state, or of the first where the cell has no such state."""
        layer = self.layer(at)
        if layer is None:
            return np.empty(0)
        found = layer.norms.get(state)
        return np.asarray(next(iter(layer.norms.values())) if found is None else found, np.float64)

    def radius(self, at: int) -> float:
        """The largest spectral radius among the matrices of that layer."""
        layer = self.layer(at)
        values = [] if layer is None else [r for r in layer.radii.values() if np.isfinite(r)]
        return max(values, default=float("nan"))


def per_step(norms: Floats) -> float:
    """By which factor the gradient changes from one step to the one before, on average; NaN where it cannot be told."""
    if len(norms) < 2 or not norms[0] > 0 or not norms[-1] > 0:
        return float("nan")
    return float((norms[-1] / norms[0]) ** (1 / (len(norms) - 1)))


class ReachRuns:
    """The run at hand, and those that were kept, the oldest first."""

    def __init__(self) -> None:
        self.kept: list[ReachRun] = []
        self.now: ReachRun | None = None
        self._count = 0

    @property
    def all(self) -> list[ReachRun]:
        return [*self.kept, *([self.now] if self.now is not None else [])]

    def take(self, told: m.Reached, success: float, layer: int = 0) -> None:
        """What the engine tells of the run at hand. With other cells it is another run, and the one before is kept."""
        if not told.layers:
            return
        cells = _cells(told.layers)
        now = self.now
        if now is not None and _cells(now.layers) != cells:
            self.keep()
            now = None
        if now is None:
            now = self._begin(" + ".join(dict.fromkeys(cells)))
        now.layers, now.step, now.success = told.layers, told.step, success
        norms = told.gradient, told.clipped
        if np.isnan(told.gradient) and now.trace.size and now.trace.steps[-1] == told.step:
            norms = tuple(now.trace.values[-1, BEFORE:])  # the gradient of that step is gone meanwhile
        now.trace.take(told.step, np.array([now.radius(layer), *norms]))

    def keep(self) -> None:
        """The run at hand stays as it is; the next answer begins another."""
        if self.now is not None:
            self.kept.append(self.now)
        self.now = None

    def show(self, key: object, on: bool) -> None:
        for run in self.all:
            if run.key == key:
                run.is_shown = on

    def remove_kept(self) -> None:
        self.kept.clear()

    def clear(self) -> None:
        self.kept.clear()
        self.now = None

    def _begin(self, title: str) -> ReachRun:
        """A run of these cells; one of the same that was never trained makes room for it."""
        self.kept = [run for run in self.kept if run.step or run.title != title]
        names = {run.name for run in self.kept}
        name, number = title, 2
        while name in names:
            name, number = f"{title} {number}", number + 1
        strokes = {run.stroke for run in self.kept}
        stroke = next(k for k in range(len(strokes) + 1) if k not in strokes)
        self._count += 1
        self.now = ReachRun(self._count, name, stroke, title)
        return self.now


def _cells(layers: Iterable[m.ReachOfLayer]) -> Sequence[str]:
    return tuple(layer.title for layer in layers)


def success_of(reports: Sequence[m.ReportRecord]) -> float:
    """How many of the held-out rows are told right in the newest epoch, as far as somebody measures it; else NaN."""
    for report in reversed(reports):
        for metrics in (report.validation_metrics or {}, report.metrics or {}):
            for name in ("exact", "accuracy"):
                if name in metrics:
                    return float(metrics[name])
        break
    return float("nan")
