"""One way to see a tensor: a widget, what it needs of the numbers, and where in it an element stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPointF
from PySide6.QtWidgets import QWidget

from .arrangement import Arrangement

if TYPE_CHECKING:
    from .tensor_view import TensorView

Index = tuple[int, ...]
Array = NDArray[Any]


class Sight(QObject):
    """Base of all. `refresh` shows what there is, and asks for what it lacks; answers may come at once or later."""

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    widget: QWidget

    def __init__(self, view: TensorView) -> None:
        super().__init__(view)
        self.view = view

    @property
    def arrangement(self) -> Arrangement:
        return self.view.arrangement

    @property
    def taker(self) -> QWidget:
        """The widget that takes the keyboard."""
        return self.widget

    def can_show(self, shape: tuple[int, ...]) -> bool:
        """Whether a tensor of that shape can be seen so."""
        return len(shape) > 0

    def refresh(self) -> None:
        """Shows the newest numbers."""

    def index_at(self, point: QPointF) -> Index | None:
        """The full index of the element under a point of the widget."""
        return None

    def select(self, index: Index | None) -> None:
        """Outlines an element that the arrangement shows."""

    def selected(self) -> Index | None:
        """The full index of the outlined element."""
        return None

    def point_at(self, index: Index | None) -> None:
        """Marks an element as if the pointer were over it."""

    def value_at(self, index: Index) -> float | None:
        """The element's number, if it is here exactly."""
        return None

    def chosen(self) -> tuple[int, int, int, int] | None:
        """The area of the matrix that would be copied; None for all of it."""
        return None

    def told(self) -> str:
        """What a legend has to say of how the numbers came about."""
        return ""

    def is_signed(self) -> bool:
        """Whether it is drawn in the colours that the legend explains."""
        return False


def tell(signal: Any, translate: Callable[[Any], Index | None]) -> Callable[[Any], None]:
    """A slot that passes a position on as a full index."""
    return lambda at: signal.emit(None if at is None else translate(at))
