"""Where the numbers of a tensor come from: an array that is at hand, or the engine, which sends parts of any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from ...engine import messages as m
from ...engine import survey as surveying
from ...engine.regions import MOST, Span, region

if TYPE_CHECKING:
    from ..session import Session

Array = NDArray[Any]


@dataclass(frozen=True)
class Part:
    """A part of a tensor as it came, with as many axes as the tensor; `array` None: `message` says why."""

    spans: tuple[Span, ...]
    pool: str
    array: Array | None
    shape: tuple[int, ...]
    message: str = ""


@dataclass(frozen=True)
class Whole:
    """What is known of a tensor as a whole (see `messages.Surveyed`)."""

    stats: m.Stats
    nans: int = 0
    infinities: int = 0
    bad: tuple[int, ...] | None = None
    low: tuple[int, ...] | None = None
    high: tuple[int, ...] | None = None
    counts: Array | None = None
    edges: Array | None = None


Take = Callable[[Part], None]
Know = Callable[[Whole], None]


class Supply(Protocol):
    """Answers at once or later; of several questions in one lane only the newest need be answered."""

    @property
    def is_at_hand(self) -> bool:
        """Whether everything is answered at once, so that nothing has to be pooled for speed."""
        ...

    def part(self, spans: tuple[Span, ...], pool: str, take: Take, lane: str = "part") -> None: ...

    def whole(self, bins: int, quick: bool, know: Know, lane: str = "whole") -> None: ...


class AtHand:
    """An array that is here whole."""

    is_at_hand = True

    def __init__(self, array: Array) -> None:
        self.array = array

    def part(self, spans: tuple[Span, ...], pool: str, take: Take, lane: str = "part") -> None:
        array = self.array
        exact = all(block == 1 for _, _, block in spans)
        found = array[tuple(slice(a, b) for a, b, _ in spans)] if exact else region(array, spans, pool)
        take(Part(spans, pool, found, array.shape))

    def whole(self, bins: int, quick: bool, know: Know, lane: str = "whole") -> None:
        told = surveying.survey(self.array)
        counts = edges = None
        if bins and told.stats.count > told.stats.bad:
            counts, edges = surveying.spread(self.array, told.stats.low, told.stats.high, bins)
        know(Whole(told.stats, told.nans, told.infinities, told.bad, told.low, told.high, counts, edges))


class FromEngine(QObject):
    """An array of the run, by the engine's key; asked for what is looked at, and for no more than one message holds."""

    is_at_hand = False

    def __init__(self, session: Session, key: m.TensorKey, parent: QObject) -> None:
        super().__init__(parent)
        self.session, self.key = session, key

    def part(self, spans: tuple[Span, ...], pool: str, take: Take, lane: str = "part") -> None:
        def taken(looked: m.Looked) -> None:
            take(Part(looked.spans, looked.pool, looked.array, looked.shape, looked.message))

        self.session.looking.ask(self, lane, lambda request: m.Look(request, self.key, spans, pool), taken)

    def whole(self, bins: int, quick: bool, know: Know, lane: str = "whole") -> None:
        def taken(told: m.Surveyed) -> None:
            if told.stats is not None:
                places = told.bad, told.low, told.high
                know(Whole(told.stats, told.nans, told.infinities, *places, told.counts, told.edges))

        self.session.looking.ask(
            self,
            f"{lane} quickly" if quick else lane,
            lambda request: m.Survey(request, self.key, quick, bins),
            taken,
            patience=20_000,
        )

    def export(self, path: Path, then: Callable[[m.Exported], None]) -> None:
        """Has the engine write the whole array into a file."""
        self.session.looking.ask(
            self, "export", lambda request: m.Export(request, self.key, str(path)), then, patience=600_000
        )

    def leave(self) -> None:
        """Nobody looks any more."""
        self.session.looking.forget(self)
        self.deleteLater()


def shown(array: Array, order: tuple[int, ...], kept: int) -> Array:
    """A part turned so that its last `kept` axes are those one sees; the others hold one index each."""
    turned = np.transpose(array, order)
    return turned.reshape(turned.shape[turned.ndim - kept :])


__all__ = ["MOST", "Array", "AtHand", "FromEngine", "Part", "Supply", "Whole", "shown"]
