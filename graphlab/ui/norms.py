"""How large gradients, updates and weights were over the steps, of each parameter and of each layer.

When there are too many readings, neighbours are joined, and of each quantity the least and the greatest
are kept, so that memory stays what it is and no peak goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine import messages as m
from ..lab.thinned import Thinned
from .reading import Reading

if TYPE_CHECKING:
    from .session import Session

Floats = NDArray[np.float64]
End = tuple[str, str]
QUANTITIES = ("gradient", "update", "weights", "update ÷ weights")
MOST = 4096  # readings, or joins of some
MOST_ENDS = 64  # parameters


class History(Thinned):
    """(n, curves, quantities) of low and high over steps."""

    def __init__(self, curves: int) -> None:
        super().__init__(MOST)
        shape = (MOST, curves, len(QUANTITIES))
        self._low, self._high = np.zeros(shape, np.float32), np.zeros(shape, np.float32)

    @property
    def last(self) -> NDArray[np.float32]:
        """(curves, quantities) of the newest; the greatest where it stands for several."""
        return self._high[self.size - 1]

    def put(self, at: int, values: Floats) -> None:
        self._low[at] = self._high[at] = values

    def mix(self, at: int, values: Floats) -> None:
        np.fmin(self._low[at], values, out=self._low[at])
        np.fmax(self._high[at], values, out=self._high[at])

    def join(self, half: int) -> None:
        self._low[:half] = np.fmin(self._low[::2], self._low[1::2])
        self._high[:half] = np.fmax(self._high[::2], self._high[1::2])

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
        found = self.place_of(step)
        return self._high[found] if found >= 0 else np.full(self._high.shape[1:], np.nan, np.float32)


class NormHistory(Reading):
    """Curves: first every layer, then every parameter."""

    def __init__(self, session: Session) -> None:
        self.ends: tuple[End, ...] = ()
        self.layers: tuple[str, ...] = ()
        self.left_out = 0
        self.history = History(0)
        super().__init__(session)

    def renew(self) -> None:
        every = [end for end in self.session.seen.whole.learnables if self._learns(end)]
        ends = tuple(every[:MOST_ENDS])
        self.left_out = len(every) - len(ends)
        if ends != self.ends:
            self.ends, self.layers = ends, tuple(dict.fromkeys(node for node, _ in ends))
            self.forget()
        self.read(self.ends)

    def command(self, request: int, wanted: tuple[Any, ...]) -> m.Command:
        return m.WatchNorms(request, wanted)

    def _learns(self, end: End) -> bool:
        node = self.session.seen.whole.nodes.get(end[0])
        return node is not None and not node.frozen

    def empty(self) -> None:
        self.history = History(len(self.layers) + len(self.ends))

    @property
    def has_steps(self) -> bool:
        return self.history.size > 0

    def take(self, event: m.Event) -> bool:
        if not isinstance(event, m.Norms) or event.request != self.request:
            return False
        for step, values in zip(event.steps.tolist(), np.asarray(event.values), strict=True):
            self.history.take(step, with_layers(values, self.ends, self.layers))
        return True


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
