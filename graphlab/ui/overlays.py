"""Curves of other runs that are drawn over those of the training under way."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from ..engine.messages import ReportRecord, Scalars
from .losses import Losses


@dataclass(frozen=True, eq=False)
class Overlay:
    """The losses of every step of a run, and its reports. `stroke`: see `widgets.strokes`; the run at hand has 0."""

    name: str
    curve: Losses
    stroke: int = 1
    is_shown: bool = True
    key: Any = field(default=None)


def overlay(
    name: str, losses: Any, reports: Sequence[ReportRecord] = (), first: int = 1, key: Any = None
) -> Overlay:
    """A curve of the losses of the steps `first`, `first`+1, … `key`: whatever its owner knows it by."""
    curve = Losses()
    curve.take(Scalars(0, first - 1, np.asarray(losses, dtype=np.float64), tuple(reports)))
    return Overlay(name, curve, key=name if key is None else key)


class Overlays(QObject):
    """The curves of a session, in the order in which they came. One of the same key replaces the one before."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.all: tuple[Overlay, ...] = ()

    def add(self, new: Overlay) -> None:
        """Draws it as well, in the first stroke that is free."""
        before = next((each for each in self.all if each.key == new.key), None)
        taken = {each.stroke for each in self.all}
        stroke = before.stroke if before else next(k for k in count(1) if k not in taken)
        new = dataclasses.replace(new, stroke=stroke)
        if before is None:
            self._set((*self.all, new))
        else:
            self._set(tuple(new if each is before else each for each in self.all))

    def remove(self, key: Any) -> None:
        self._set(tuple(each for each in self.all if each.key != key))

    def clear(self) -> None:
        self._set(())

    def show(self, key: Any, on: bool) -> None:
        """Whether its curves are drawn; it stays in the legend."""
        self._set(
            tuple(dataclasses.replace(each, is_shown=on) if each.key == key else each for each in self.all)
        )

    def _set(self, curves: tuple[Overlay, ...]) -> None:
        if curves != self.all:
            self.all = curves
            self.changed.emit()
