"""Keeps copies of the filters of a network while it trains, for whoever wants to see how they came about."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..engine.inference import Inference
from ..lab.film import Film
from ..lab.filters import filters

if TYPE_CHECKING:
    from .session import Session

Floats = NDArray[np.float64]

ROOM = 1 << 15  # numbers of all parameters of which copies are kept
REST = 200  # milliseconds without an edit after which a graph is gone through


def pictured(found: Inference) -> list[tuple[m.TensorKey, tuple[int, ...]]]:
    """The parameters that hold pictures, the first layers first, as many as there is room for."""
    kept, room = [], ROOM
    for end, sizes in found.learnables.items():
        shape = tuple(int(size) for size in sizes)
        count = math.prod(shape)
        is_seen = len(shape) >= 2 and filters(np.broadcast_to(0.0, shape), shape) is not None
        if is_seen and max(shape[-2:]) > 1 and 0 < count <= room:
            kept.append((m.TensorKey("value", *end), shape))
            room -= count
    return kept


class Films(QObject):
    """`film(key)` is what was kept of a parameter, from the first step on, until another training begins."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._films: dict[m.TensorKey, Film] = {}
        self._of: Inference | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(REST)
        self._soon.timeout.connect(self.settle)
        session.inference_changed.connect(lambda: self._soon.start())
        session.opened.connect(self._forget)
        session.values_changed.connect(self._take)
        session.status_changed.connect(self._follow)
        self.settle()

    @classmethod
    def of(cls, session: Session) -> Films:
        """Those of a session."""
        found = session.findChild(cls)
        return found if isinstance(found, cls) else cls(session)

    @property
    def keys(self) -> list[m.TensorKey]:
        """The parameters of which copies are kept, in the order of the layers."""
        return list(self._films)

    def film(self, key: m.TensorKey) -> Film | None:
        return self._films.get(key)

    def now(self, key: m.TensorKey) -> tuple[int, Floats] | None:
        """The step and the numbers as they are at present."""
        tensor = self._session.tensor_at(key)
        film = self._films.get(key)
        if tensor is None or film is None or np.shape(tensor.array) != film.shape:
            return None
        return self._session.engine.tensors.step, np.asarray(tensor.array, np.float64)

    def settle(self) -> None:
        """The graph may have other filters. What was kept of those that are the same stays."""
        whole = self._session.seen.whole
        if whole is self._of:
            return
        self._of = whole
        before, self._films = self._films, {}
        for key, shape in pictured(whole):
            known = before.get(key)
            self._films[key] = known if known is not None and known.shape == shape else Film(shape)
        wishes = [m.Watched(key, math.prod(film.shape)) for key, film in self._films.items()]
        self._session.watch_keys(self, wishes, 0)
        self.changed.emit()

    def _take(self, *_: object) -> None:
        """New numbers have come; those of a step that is only gone back to are nothing new."""
        step = self._session.engine.tensors.step
        if self._session.travel.knows(step):
            return
        is_new = False
        for key, film in self._films.items():
            if film.size and film.steps[-1] >= step:
                continue
            now = self.now(key)
            if now is not None:
                film.take(step, now[1])
                is_new = True
        if is_new:
            self.changed.emit()

    def _follow(self, status: m.Status) -> None:
        """Before the first step there is nothing but how it begins."""
        grown = any(film.size and film.steps[-1] > 0 for film in self._films.values())
        if not status.step and grown and not self._session.travel.is_past:
            self._forget()

    def _forget(self, *_: object) -> None:
        self._films = {key: Film(film.shape) for key, film in self._films.items()}
        self._of = None
        self.settle()
        self._take()
        self.changed.emit()
