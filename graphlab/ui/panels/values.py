"""The values of the selected node, large; from here any number of windows of their own."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ..session import Session
from ..values.page import ValuesPage
from .live import header_button
from .registry import panel


@panel("values", "Values", "right", 60, shown=False, tabbed=True)
class ValuesPanel(ValuesPage):
    """A page of values in a dock."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)

    def header_tools(self) -> list[QWidget]:
        return [header_button("Window", "float", "Open this tensor in a window of its own", self._open)]

    def _open(self) -> None:
        key = self.key()
        if key is not None:
            self.session.looking.large_wanted.emit(key)
