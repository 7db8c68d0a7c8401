"""Setting elements of the tensor that the inspector shows: in the small field over them, or dragged in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget

from ...engine.messages import Tensor
from .. import numbers
from ..editing import Target
from ..scrubbing import Scrub
from ..widgets.big_number import BigNumber
from ..widgets.scrub_grip import ScrubGrip
from .element_editor import ElementEditor, Scope
from .sockets import Place, target
from .tensor_pane import TensorPane

if TYPE_CHECKING:
    from ..session import Session

Index = tuple[int, ...]
Shown = Callable[[], tuple[Place | None, Tensor | None]]
MOST = 10_000  # elements that are set together at most


class ElementSetter(QObject):
    """Belongs to one pane; `shown` tells which tensor is in it."""

    def __init__(self, session: Session, pane: TensorPane, shown: Shown) -> None:
        super().__init__(pane)
        self._session, self._pane, self._shown = session, pane, shown
        self._target: Target | None = None  # of what is edited
        self._scrub: Scrub | None = None
        self.editor = ElementEditor(pane)
        self.editor.tried.connect(self._try)
        self.editor.entered.connect(self._enter)
        self.editor.left.connect(
            lambda stays: session.editing.finish() if stays else session.editing.cancel()
        )
        self.grip = ScrubGrip(pane.view, self._under, self._is_plain)
        self.grip.began.connect(self._begin)
        self.grip.moved.connect(self._drag)
        self.grip.ended.connect(self._end)

    # The field

    def open(self, index: Index) -> bool:
        """Opens the field over an element; False where it cannot be set."""
        place, tensor = self._shown()
        found = None if place is None else target(self._session, place)
        if place is None or tensor is None or found is None:
            return False
        self._target = found
        self.editor.open(scopes(tensor, index), self._beside(index), found.whole)
        return True

    def _beside(self, index: Index) -> QPoint:
        """A point of the screen below the element, if it is a cell; else below the pointer."""
        heat = self._pane.view.heat_map()
        cell = heat.selected() if self._pane.view.shown() is heat else None
        if cell is not None:
            return heat.mapToGlobal(heat.cell_rect(*cell).bottomLeft().toPoint() + QPoint(0, 3))
        return QCursor.pos() + QPoint(-20, 12)

    def _try(self, scope: Scope, values: tuple[float, ...]) -> None:
        if self._target is None:
            return
        if not self._session.editing.is_dragging:
            self._session.editing.begin(self._target, scope.places)
        self._session.editing.move(values)

    def _enter(self, scope: Scope, values: tuple[float, ...]) -> None:
        if self._target is None:
            return
        if self._session.editing.is_dragging:
            self._session.editing.move(values)
            self._session.editing.finish()
        else:
            self._session.editing.set(self._target, scope.places, values)

    # Dragging in place

    def _under(self, position: QPointF) -> Index | None:
        place, tensor = self._shown()
        if place is None or tensor is None or not place.is_editable:
            return None
        index = self._pane.view.index_at(position)
        return index if _element(tensor, index) is not None else None

    def _is_plain(self, widget: QWidget) -> bool:
        """Whether a drag means nothing else there, so that it needs no Alt."""
        return isinstance(widget, BigNumber)

    def _begin(self, index: Index) -> None:
        place, tensor = self._shown()
        value = None if tensor is None else _element(tensor, index)
        found = None if place is None else target(self._session, place)
        if value is None or found is None:
            return
        self._pane.view.select_index(index)
        self._scrub = Scrub((value,), found.whole)
        self._session.editing.begin(found, (index,))

    def _drag(self, pixels: float, modifiers: Qt.KeyboardModifier) -> None:
        if self._scrub is not None:
            self._session.editing.move(self._scrub.move(pixels, modifiers))

    def _end(self, stays: bool) -> None:
        self._scrub = None
        if stays:
            self._session.editing.finish()
        else:
            self._session.editing.cancel()


def scopes(tensor: Tensor, index: Index) -> list[Scope]:
    """The element, its row, its column, and all, as far as they are here whole and more than one number."""
    array = tensor.array
    found = [_scope(numbers.index(index), array, (index,))]
    whole = [size == full for size, full in zip(array.shape, tensor.shape, strict=True)]
    if array.ndim >= 2:
        row, column = index[-2], index[-1]
        if whole[-1] and array.shape[-1] > 1:
            places = [(*index[:-1], j) for j in range(array.shape[-1])]
            found.append(_scope(f"row {row} · {len(places)}", array, places))
        if whole[-2] and array.shape[-2] > 1:
            places = [(*index[:-2], i, column) for i in range(array.shape[-2])]
            found.append(_scope(f"column {column} · {len(places)}", array, places))
    if all(whole) and array.size > 1 and len(found) != 2:
        every = (
            [tuple(int(i) for i in place) for place in np.ndindex(array.shape)] if array.size <= MOST else []
        )
        found += [_scope(f"all {array.size:,}", array, every)] if every else []
    return [scope for scope in found if len(scope.places) <= MOST]


def _scope(title: str, array: npt.NDArray[Any], places: Iterable[Index]) -> Scope:
    where = tuple(places)
    return Scope(title, where, tuple(float(array[place]) for place in where))


def _element(tensor: Tensor, index: Index | None) -> float | None:
    """The element, None if it is not there or not of this step."""
    if index is None or len(index) != tensor.array.ndim:
        return None
    if any(i >= size for i, size in zip(index, tensor.array.shape, strict=True)):
        return None
    return float(tensor.array[index])
