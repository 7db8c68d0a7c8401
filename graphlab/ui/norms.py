"""How large gradients, updates and weights were over the steps, of each parameter and of each layer.

When there are too many readings, neighbours are joined, and of each quantity the least and the greatest
are kept, so that memory stays what it is and no peak goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ..engine import messages as m

if TYPE_CHECKING:
    from .session import Session

Floats = NDArray[np.float64]
End = tuple[str, str]
QUANTITIES = ("gradient", "update", "weights", "update ÷ weights")
MOST = 4096  # readings, or joins of some
MOST_ENDS = 64  # parameters
_requests = count(1)


class History:
    """(n, curves, quantities) of low and high over steps. `stride`: how many readings each but the last stands for."""

    def __init__(self, curves: int) -> None:
        shape = (MOST, curves, len(QUANTITIES))
        self._steps = np.zeros(MOST)
        self._low, self._high = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        self.size, self.stride, self._in_last = 0, 1, 0

    @property
    def steps(self) -> Floats:
        """The first step that each stands for."""
        return self._steps[: self.size]

    @property
    def last(self) -> NDArray[np.float32]:
        """(curves, quantities) of the newest; the greatest where it stands for several."""
        return self._high[self.size - 1]

    def take(self, step: int, values: Floats) -> None:
        """Enters (curves, quantities). What lies at that step or after it has been taken back, and is forgotten."""
        while self.size and self._steps[self.size - 1] >= step:
            self.size, self._in_last = self.size - 1, self.stride
        if self.size and self._in_last < self.stride:
            np.fmin(self._low[self.size - 1], values, out=self._low[self.size - 1])
            np.fmax(self._high[self.size - 1], values, out=self._high[self.size - 1])
            self._in_last += 1
            return
        if self.size == MOST:
            self._join()
        self._steps[self.size] = step
        self._low[self.size] = self._high[self.size] = values
        self.size, self._in_last = self.size + 1, 1

    def _join(self) -> None:
        """Every two become one."""
        half = MOST // 2
        self._steps[:half] = self._steps[::2]
        self._low[:half] = np.fmin(self._low[::2], self._low[1::2])
        self._high[:half] = np.fmax(self._high[::2], self._high[1::2])
        self.size, self.stride = half, 2 * self.stride

    def curve(self, at: int, quantity: int, buckets: int) -> tuple[Floats, Floats]:
        """A curve of at most two points a bucket, its least and its greatest, for drawing; one where they are one."""
        steps, low, high = (
            self.steps,
            self._low[: self.size, at, quantity],
            self._high[: self.size, at, quantity],
        )
        if self.size > buckets:
            edges = np.unique(np.linspace(0, self.size, buckets + 1).astype(np.intp))[:-1]
            steps, low, high = steps[edges], np.fmin.reduceat(low, edges), np.fmax.reduceat(high, edges)
        if np.array_equal(low, high, equal_nan=True):
            return steps.copy(), high.astype(np.float64)
        return np.repeat(steps, 2), np.stack([low, high], axis=1).reshape(-1).astype(np.float64)

    def at(self, step: float) -> NDArray[np.float32]:
        """(curves, quantities) at that step or, where it was not read, at the one read before it; NaN before all."""
        found = int(np.searchsorted(self.steps, step, side="right")) - 1
        return self._high[found] if found >= 0 else np.full(self._high.shape[1:], np.nan, np.float32)


class NormHistory(QObject):
    """What a panel has the engine read while it is seen. Curves: first every layer, then every parameter."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._request = 0
        self._wanted: tuple[End, ...] = ()
        self.ends: tuple[End, ...] = ()
        self.layers: tuple[str, ...] = ()
        self.left_out = 0
        self.history = History(0)
        session.engine.answered.connect(self._take)
        session.status_changed.connect(self._follow)
        session.compiled.connect(self._ask)
        session.opened.connect(self._forget)

    def look(self, on: bool) -> None:
        """Whether somebody looks. What was read before is kept while the parameters are the same."""
        every = [end for end in self._session.seen.whole.learnables if self._learns(end)]
        ends = tuple(every[:MOST_ENDS])
        self.left_out = len(every) - len(ends)
        if ends != self.ends:
            self.ends, self.layers = ends, tuple(dict.fromkeys(node for node, _ in ends))
            self._forget()
        wanted = self.ends if on else ()
        if wanted != self._wanted:
            self._wanted = wanted
            self._request = next(_requests)
            self._session.engine.send(m.WatchNorms(self._request, wanted))

    def _ask(self, *_: object) -> None:
        """Another engine, or the same with another schedule, is told again."""
        if self._wanted:
            self._session.engine.send(m.WatchNorms(self._request, self._wanted))

    def _learns(self, end: End) -> bool:
        node = self._session.seen.whole.nodes.get(end[0])
        return node is not None and not node.frozen

    def _forget(self) -> None:
        self.history = History(len(self.layers) + len(self.ends))
        self.changed.emit()

    def _follow(self, status: m.Status) -> None:
        """Before the first step there is nothing."""
        if not status.step and self.history.size:
            self._forget()

    def _take(self, event: m.Event) -> None:
        if not isinstance(event, m.Norms) or event.request != self._request:
            return
        for step, values in zip(event.steps.tolist(), np.asarray(event.values), strict=True):
            self.history.take(step, with_layers(values, self.ends, self.layers))
        self.changed.emit()


def with_layers(norms: Floats, ends: Sequence[End], layers: Sequence[str]) -> Floats:
    """(layers + parameters, quantities) of (parameters, 3): those of a layer are of all its parameters together."""
    place = {layer: k for k, layer in enumerate(layers)}
    owner = np.array([place[node] for node, _ in ends], np.intp)
    squares = np.zeros((len(layers), 3))
    np.add.at(squares, owner, np.nan_to_num(norms) ** 2)
    both = np.concatenate([np.sqrt(squares), norms])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = both[:, 1] / both[:, 2]
    return np.concatenate([both, ratio[:, None]], axis=1)
