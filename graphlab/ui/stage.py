"""The middle of the window: the canvas, and what lies over it: the start page, messages, the offer to recover."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from .canvas import CanvasView
from .notice import Notice
from .session import Session
from .start_page import StartPage
from .strip import Choice, Strip

STRIP = 640
GAP = 12


class Stage(QWidget):
    """Keeps its overlays in place. Which message shows and what its buttons do is told from outside."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setMinimumSize(240, 160)
        self.canvas = CanvasView(session, self)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.start_page = StartPage(self)
        self.banner, self.strip, self.work = Strip(self), Strip(self), Strip(self)
        for strip in (self.banner, self.strip, self.work):
            strip.resized.connect(self._place)
            strip.closed.connect(self._place)
        self._left = False
        self.start_page.left.connect(self.leave_start_page)
        session.document_changed.connect(self._show_start_page)
        session.opened.connect(self._enter)
        session.entered.connect(self._place)
        self.canvas.find_bar.placed.connect(self._place)
        self.canvas.goal_chip.placed.connect(self._place)
        self.canvas.sample_chip.placed.connect(self._place)
        self._show_start_page()

    def leave_start_page(self) -> None:
        """The person wants the canvas, empty as it is."""
        self._left = True
        self._show_start_page()
        self.canvas.setFocus()

    def tell(self, notice: Notice, choices: list[Choice]) -> None:
        """Shows a notice on the strip."""
        self.strip.say(notice.level, notice.sentence, choices)

    def show_work(self, title: str, share: float) -> None:
        """Says what is being done, how far that is if it is known, and how to stop it; "" says that it is over."""
        if not title:
            self.work.close_up()
            return
        words = f"{title} …" + (f" {round(100 * share)} %" if share else "")
        if self.work.isVisible():
            self.work.reword(words)
        else:
            self.work.say("info", words, [("Cancel", self._session.worker.stop)], stays=True)

    def _enter(self) -> None:
        self._left = False
        self._show_start_page()

    def _show_start_page(self, *_: object) -> None:
        empty = self._session.document.is_empty and self._session.path is None
        show = empty and not self._left
        if show and self.start_page.isHidden():
            self.start_page.refresh()
        self._left = self._left or not empty  # an emptied graph is somebody's work, not a fresh start
        self.start_page.setVisible(show)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self, *_: object) -> None:
        self.canvas.setGeometry(self.rect())
        self.start_page.setGeometry(self.rect())
        top = GAP + self.canvas.covered
        for strip in (self.banner, self.strip, self.work):
            if strip.isVisible():
                width = min(STRIP, self.width() - 2 * GAP)
                height = strip.height_for(width)
                strip.setGeometry((self.width() - width) // 2, top, width, height)
                strip.raise_()
                top += height + 6
            if strip is self.banner and strip.isVisible():  # it stays, so nothing may lie under it
                self.start_page.setGeometry(self.rect().adjusted(0, top, 0, 0))
