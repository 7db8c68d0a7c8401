"""Which value has the full colour: the largest of what is shown, of a tensor, a node or the graph, or a fixed one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from .colour import magnitude
from .display import display, display_changed

if TYPE_CHECKING:
    from .session import Session

REST = 200  # milliseconds between two questions to the engine for the largest of all


def of_stats(stats: m.Stats) -> float:
    """The largest magnitude that the statistics tell of; 0 where there is no finite element."""
    size = max(abs(stats.low), abs(stats.high))
    return size if math.isfinite(size) else 0.0


class Scales(QObject):
    """Of one document. Asks the engine for what is larger than a tensor, while that is wanted."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.ranged: m.Ranged | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST)
        self._soon.timeout.connect(self._ask)
        session.values_changed.connect(self._values_changed)
        session.opened.connect(self._forget)
        display_changed.connect(self._display_changed)

    def of(self, key: m.TensorKey, stats: m.Stats, shown: ArrayLike | None = None) -> float:
        """The value of full colour for a tensor, by the engine's key; `shown` is what one sees of it."""
        kind, now = ("value" if key.kind == "value" else "grad"), display()
        if now.scale == "fixed":
            return now.fixed
        if now.scale == "shown" and shown is not None:
            return magnitude(shown)
        own = of_stats(stats)
        if self.ranged is None or now.scale not in ("node", "graph"):
            return own
        found = self.ranged.whole if now.scale == "graph" else self.ranged.nodes.get(kind, {})
        return max(found.get(kind if now.scale == "graph" else key.node, 0.0), 0.0) or own

    def of_tensor(self, tensor: m.Tensor) -> float:
        """The same for a tensor of which a leading block is shown."""
        return self.of(tensor.key, tensor.stats, tensor.array)

    @property
    def _is_wanted(self) -> bool:
        return display().scale in ("node", "graph")

    def _values_changed(self, *_: object) -> None:
        if self._is_wanted and not self._soon.isActive():
            self._soon.start()

    def _display_changed(self, *_: object) -> None:
        if self._is_wanted:
            self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        self._session.looking.ask(self, "range", m.Range, self._take)

    def _take(self, ranged: m.Ranged) -> None:
        before, self.ranged = self.ranged, ranged
        if before is None or (before.whole, before.nodes) != (ranged.whole, ranged.nodes):
            self.changed.emit()

    def _forget(self) -> None:
        self.ranged = None
        self._values_changed()
