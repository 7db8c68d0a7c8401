"""What a unit of a layer sees of the picture: in theory at once, in effect as the engine finds out beside the run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from ..engine import messages as m
from ..engine.wants.field import side
from ..lab.receptive import Box, Field, LayerField, fields, layer_by_layer
from . import numbers
from .experiments import Experiment
from .session import Session

End = tuple[str, str]
ROWS = 32  # pictures over which slopes are averaged


class FieldPart(QObject):
    """`look_at` says which unit is meant; `changed` when there is more to tell of it."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._experiment = Experiment(session, self)
        self._experiment.told.connect(self._take)
        self._experiment.lost.connect(self._forget_slopes)
        self._known: tuple[object, ...] = ()
        self._fields: Mapping[End, Field] = {}
        self._layers: tuple[LayerField, ...] = ()
        self._asked: tuple[object, ...] = ()
        self._is_under_way = False
        self.end: End | None = None
        self.at: tuple[int, ...] = ()
        self.slopes: NDArray[np.float64] | None = None
        self.why = ""

    # In theory

    def learn(self, source: End, picture: tuple[int, ...] | None) -> None:
        """Where pictures go in, and their sizes; None where what goes in is none."""
        found = self._session.seen.whole
        known = (found, source, picture)
        if self._known and all(a is b or a == b for a, b in zip(self._known, known, strict=True)):
            return
        self._known = known
        self._fields = fields(found, source, picture) if picture is not None else {}
        self._layers = tuple(layer_by_layer(found, self._fields))

    @property
    def layers(self) -> tuple[LayerField, ...]:
        """The layers at which units see more than before."""
        return self._layers

    def field(self, end: End) -> Field | None:
        return self._fields.get(end)

    # A unit

    def look_at(
        self,
        end: End | None,
        at: tuple[int, ...],
        split: str,
        pictures: Any = None,
        only_in_theory: bool = False,
    ) -> None:
        """A unit (channel, row, column) of a layer; None for none.

        Slopes are those at `pictures`, or else at rows of a split.
        """
        if end is None or end not in self._fields:
            self.leave()
            return
        self.end, self.at = end, at
        of = split if pictures is None else float(np.sum(pictures))
        asked = (end, at, of, self._session.status.step, self._session.seen.whole)
        is_other = asked[:3] != self._asked[:3]
        if is_other:
            self.slopes = None
        is_due = is_other or (
            asked != self._asked and not self._is_under_way
        )  # one that trains is let finish
        if is_due and not only_in_theory and self._session.engine.link.is_up:
            self._asked, self._is_under_way, self.why = asked, True, ""
            self._experiment.begin(
                lambda request: m.MapField(
                    request, m.Sought(*end, at), split, ROWS, self._known_source(), pictures
                )
            )
        self.changed.emit()

    def _known_source(self) -> str:
        source: Any = self._known[1] if self._known else ("", "")
        return str(source[0])

    def leave(self) -> None:
        """Nobody looks any more."""
        if self.end is not None:
            self._experiment.stop()
            self._is_under_way = False
            self.end, self.at, self._asked, self.slopes = None, (), (), None
            self.changed.emit()

    @property
    def box(self) -> Box | None:
        """The pixels that the unit can see."""
        field = self.field(self.end) if self.end is not None else None
        if field is None:
            return None
        row, column = self.at[-2:] if len(self.at) > 2 else (0, self.at[-1])
        rows, columns = field.shape
        return field.box(min(row, rows - 1), min(column, columns - 1))

    def boxes_before(self) -> tuple[Box, ...]:
        """What units of the layers before see that look at the same place: they grow with depth."""
        box = self.box
        if box is None or self.end is None:
            return ()
        middle = (box[0] + box[1] - 1) / 2, (box[2] + box[3] - 1) / 2
        found: list[Box] = []
        for layer in self._layers:
            if layer.end == self.end:
                break
            smaller = _looking_at(layer.field, middle)
            inside = smaller[0] >= box[0] and smaller[1] <= box[1]
            if inside and smaller[2] >= box[2] and smaller[3] <= box[3] and smaller not in (box, *found):
                found.append(smaller)
        return tuple(found)

    def told(self) -> str:
        """What is seen, in a line; "" without a unit."""
        field, box = (self.field(self.end) if self.end is not None else None), self.box
        if field is None or box is None or self.end is None:
            return ""
        name = self._session.seen.whole.nodes[self.end[0]].path
        down, across = box[1] - box[0], box[3] - box[2]
        words = f"{name}{list(self.at)} sees {down} × {across} pixels"
        if (down, across) != field.size and (field.rows.reach or field.columns.reach):
            words += f" (of {field.size[0]} × {field.size[1]}, the rest lies beyond the edge)"
        if self.why:
            return f"{words}  ·  {self.why}"
        if self.slopes is None:
            return words
        size = side(self.slopes)
        if not size:
            return f"{words}  ·  it is silent at every sample"
        return f"{words}, in effect about {numbers.plain(size, 2)} × {numbers.plain(size, 2)}"

    def _take(self, event: object) -> None:
        if not isinstance(event, m.FieldMapped):
            return
        self._is_under_way = not event.is_done
        if event.message:
            self.slopes, self.why = None, f"{event.message} {event.hint}".strip()
        elif event.map is not None and (event.is_done or self.slopes is None):
            self.slopes = np.asarray(event.map, np.float64)
        self.changed.emit()

    def _forget_slopes(self) -> None:
        self.slopes, self._asked, self._is_under_way = None, (), False
        self.changed.emit()


def _looking_at(field: Field, middle: tuple[float, float]) -> Box:
    """The box of the unit whose own middle is nearest to a place."""
    places = []
    for line, wanted in zip((field.rows, field.columns), middle, strict=True):
        spans = [line.span(k) for k in range(len(line.seen))]
        centres = np.array([(first + last - 1) / 2 for first, last in spans])
        sizes = np.array([last - first for first, last in spans])
        off = np.abs(centres - wanted) - 1e-3 * sizes  # of two that are as near, the one that sees more
        places.append(int(off.argmin()))
    return field.box(*places)
