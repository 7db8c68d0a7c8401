"""Whole arrays of one row of the batch: those that have come anyway, and those that the engine is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.regions import MOST, Span
from .session import Session

LARGEST = 1 << 23  # numbers of an array that are asked for
PATIENCE = 6000  # milliseconds after which answers are thought to be lost


@dataclass(frozen=True)
class Wanted:
    """shape: that of the array, without the rows of the batch where it is taken of one `row`; None: it has none."""

    key: m.TensorKey
    shape: tuple[int, ...]
    row: int | None = None


@dataclass
class _Coming:
    """An array of which parts are on their way."""

    wanted: Wanted
    array: Any
    left: int
    fault: str = ""
    rows: int = 1


@dataclass
class Found:
    """The arrays by name; why one is not here; and how many rows the batch has."""

    arrays: dict[str, Any] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    rows: int = 1


class SampleArrays(QObject):
    """One question at a time: what is wanted meanwhile is asked when all parts of the one before are here."""

    arrived = Signal(object)  # Found

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._coming: dict[str, _Coming] = {}
        self._next: Mapping[str, Wanted] | None = None
        self._turn = 0
        self._waiting = QTimer(self)
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(PATIENCE)
        self._waiting.timeout.connect(self._go_on)

    def want(self, wanted: Mapping[str, Wanted]) -> None:
        """Asks for these, by names of one's own."""
        if self._waiting.isActive():
            self._next = wanted
            return
        self._turn += 1
        self._coming = {name: self._begun(each) for name, each in wanted.items()}
        self._waiting.start()
        for name, each in wanted.items():
            if self._coming[name].left:
                self._ask(name, each, self._turn)
        self._end_if_all()

    def forget(self) -> None:
        """Nothing is wanted any more, or it is of another graph."""
        self._turn += 1
        self._coming, self._next = {}, None
        self._waiting.stop()
        self._session.looking.forget(self)

    # Parts

    def _begun(self, wanted: Wanted) -> _Coming:
        """With the array, if it has come whole by itself; else empty."""
        tensor = self._session.tensor_at(wanted.key)
        given = None if tensor is None or not tensor.fresh else np.asarray(tensor.array)
        if given is not None and tensor is not None and given.shape == tuple(tensor.shape):
            row = wanted.row
            part = given if row is None else given[min(row, len(given) - 1)] if len(given) else given[:0]
            if part.shape == wanted.shape:
                return _Coming(wanted, part, 0, rows=len(given) if row is not None else 1)
        if math.prod(wanted.shape) > LARGEST:
            return _Coming(wanted, None, 0, f"{math.prod(wanted.shape):,} numbers are too many to be shown.")
        return _Coming(wanted, np.zeros(wanted.shape), len(list(pieces(wanted.shape, MOST))))

    def _ask(self, name: str, wanted: Wanted, turn: int) -> None:
        row: tuple[Span, ...] = () if wanted.row is None else ((wanted.row, wanted.row + 1, 1),)
        for k, spans in enumerate(pieces(wanted.shape, MOST)):
            make = partial(_question, wanted.key, (*row, *spans))
            self._session.looking.ask(self, f"{name} {k}", make, lambda told: self._take(name, told, turn))

    def _take(self, name: str, told: m.Looked, turn: int) -> None:
        coming = self._coming.get(name)
        if turn != self._turn or coming is None or not coming.left:
            return
        coming.left -= 1
        skipped = 0 if coming.wanted.row is None else 1
        if told.array is None:
            coming.fault = f"{told.message} {told.hint}".strip()
        elif tuple(told.shape[skipped:]) != coming.wanted.shape:
            coming.fault = "Its shape is another by now."
        else:
            part = np.asarray(told.array)
            where = tuple(slice(a, b) for a, b, _ in told.spans[skipped:])
            coming.array[where] = part[0] if skipped else part
            coming.rows = told.shape[0] if skipped else 1
        self._end_if_all()

    def _end_if_all(self) -> None:
        if any(each.left for each in self._coming.values()):
            return
        found = Found()
        for name, each in self._coming.items():
            if each.fault:
                found.faults[name] = each.fault
            else:
                found.arrays[name] = each.array
                found.rows = max(found.rows, each.rows)
        self._waiting.stop()
        self._coming = {}
        self.arrived.emit(found)
        self._go_on()

    def _go_on(self) -> None:
        if self._next is not None:
            wanted, self._next = self._next, None
            self.want(wanted)


def _question(key: m.TensorKey, spans: tuple[Span, ...], request: int) -> m.Look:
    return m.Look(request, key, spans)


def pieces(shape: tuple[int, ...], most: int) -> Iterator[tuple[Span, ...]]:
    """An array cut into parts of at most so many elements, along its first axes."""
    if math.prod(shape) <= most:
        yield tuple((0, size, 1) for size in shape)
        return
    inner = math.prod(shape[1:])
    if inner <= most:
        step = max(1, most // inner)
        for start in range(0, shape[0], step):
            yield (start, min(start + step, shape[0]), 1), *((0, size, 1) for size in shape[1:])
        return
    for i in range(shape[0]):
        for rest in pieces(shape[1:], most):
            yield (i, i + 1, 1), *rest
