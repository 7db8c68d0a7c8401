"""The small window over a row in which its space is edited: Enter keeps, Escape or a click elsewhere leaves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QWidget

from ...graph.sweep import Space
from .popup import Popup
from .space_editor import Question, SpaceEditor


class SpacePopup(Popup):
    """Lies over the window while it is open."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("What to search")
        self.editor = SpaceEditor()
        self.column.addWidget(self.editor)
        self._keep: Callable[[Space], object] = lambda space: None
        self._forget: Callable[[], object] = lambda: None
        self.editor.entered.connect(self._entered)
        self.editor.cleared.connect(self._cleared)
        self.editor.left.connect(self.close_)

    def open(
        self,
        question: Question,
        anchor: QWidget,
        keep: Callable[[Space], object],
        forget: Callable[[], object],
        area: QRect | None = None,
    ) -> None:
        """Asks that beside a widget; `keep` gets the space, `forget` is called when it is to be searched no longer."""
        self._keep, self._forget = keep, forget
        self.editor.ask(question)
        self.open_at(anchor, area)

    def focus(self) -> None:
        self.editor.focus()

    def stops(self) -> Sequence[QWidget]:
        return self.editor.stops()

    def _entered(self, space: Space) -> None:
        self.close_()
        self._keep(space)

    def _cleared(self) -> None:
        self.close_()
        self._forget()
