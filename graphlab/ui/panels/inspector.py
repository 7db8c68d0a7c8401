"""The inspector: everything about what is selected, or about the document when nothing is."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from ...graph import Document
from .. import frame_edits
from ..inspector.document_page import DocumentPage
from ..inspector.frame_page import FramePage
from ..inspector.node_page import NodePage
from ..inspector.several_page import SeveralPage
from ..session import Session
from .registry import panel


class _Area(QScrollArea):
    """As wide as there is room, with or without its scroll bar: a page never goes on beyond the edge."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.widget().setMaximumWidth(self.viewport().width())


@panel("inspector", "Inspector", "right", order=0, icon="inspector")
class InspectorPanel(QWidget):
    """Turns to the page that the selection asks for and keeps it up to date."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.document_page = DocumentPage(session)
        self.node_page = NodePage(session)
        self.several_page = SeveralPage(session)
        self.frame_page = FramePage(session)
        self._pages = (self.document_page, self.node_page, self.several_page, self.frame_page)
        self._lay_out()
        session.selection_changed.connect(self._refresh)
        session.inference_changed.connect(self._refresh)
        session.saved.connect(self._refresh)
        session.document_changed.connect(self._follow_frame)
        session.whole_changed.connect(self._follow_searches)
        self._refresh()

    def _lay_out(self) -> None:
        self._inside = QWidget()
        column = QVBoxLayout(self._inside)
        column.setContentsMargins(14, 12, 14, 16)
        for page in self._pages:
            column.addWidget(page)
        self._area = _Area()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it takes the keyboard, and scrolls it
        self._area.setWidget(self._inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._area)
        self.setMinimumWidth(290)

    def page(self) -> QWidget:
        """The page that shows."""
        return next(page for page in self._pages if not page.isHidden())

    def _follow_frame(self, *_: Any) -> None:
        """What lies in a frame changes with places, of which inference says nothing."""
        if not self.frame_page.isHidden():
            self._refresh()

    def _follow_searches(self, old: Document, new: Document) -> None:
        """What is searched is no matter of the engine's, so nobody infers anything."""
        if old.sweep is not new.sweep and old.sweep != new.sweep:
            self._refresh()

    def _refresh(self, *_: Any) -> None:
        nodes = frozenset(i for i in self._session.selection if i in self._session.document.nodes)
        if len(nodes) == 1:
            self._turn_to(self.node_page)
            self.node_page.show_node(next(iter(nodes)))
            return
        self.node_page.show_node("")
        if nodes:
            self._turn_to(self.several_page)
            self.several_page.show_nodes(nodes)
        elif frame := frame_edits.one_selected(self._session):
            self._turn_to(self.frame_page)
            self.frame_page.show_frame(frame)
        else:
            self._turn_to(self.document_page)
            self.document_page.show_document()

    def _turn_to(self, shown: QWidget) -> None:
        for page in self._pages:
            page.setVisible(page is shown)
