"""Tidying up: asks the layout for new places and takes the nodes there. A large graph is laid out in slices between
other events, with a strip that shows how far it is; until it is done, nothing has changed.
"""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from ...graph import Document, Point
from ...graph.layout import laying_out
from ...graph.steps import Steps
from ..numbers import count
from ..painting import painting
from ..theme import theme

if TYPE_CHECKING:
    from .commands import Commands
    from .scene import Key

AT_ONCE = 500  # nodes; so many are laid out before one can look up
SLICE = 0.008  # seconds of layout between other events
_PATIENCE = 200  # milliseconds before the strip is shown
_STEPS = 1000


class Tidying(QObject):
    """The layout of one canvas: at most one is under way."""

    def __init__(self, view: Commands) -> None:
        super().__init__(view)
        self._view = view
        self._steps: Steps[dict[str, Point]] | None = None
        self._document, self._graph = Document(), view.session.graph
        self._whole = True
        self._above: dict[str, float] = {}  # by node, the height of what is drawn over it
        self.strip = TidyStrip(view)
        self.strip.cancel.clicked.connect(self.cancel)
        self._go_on = QTimer(self)
        self._go_on.timeout.connect(self._slice)
        self._show = QTimer(self)
        self._show.setSingleShot(True)
        self._show.setInterval(_PATIENCE)
        self._show.timeout.connect(self._show_strip)
        view.session.document_changed.connect(self._document_changed)

    @property
    def is_running(self) -> bool:
        return self._steps is not None

    def start(self) -> None:
        """Lays out the selected nodes, or all when fewer than two are selected."""
        view, document = self._view, self._view.session.document
        if self.is_running or not document.nodes:
            return
        view.motion.stop_gliding()
        chosen = [i for i in document.nodes if i in view.session.selection]
        self._whole = len(chosen) < 2
        ids = None if self._whole else chosen
        self._document, self._graph = document, view.session.graph
        self._above = {i: shape.above for i, shape in zip(view.scene.ids, view.scene.shapes, strict=True)}
        sizes, levels = self._with_loops(view.scene.sizes(), view.scene.levels())
        self._steps = laying_out(self._raised(document), ids, sizes=sizes, levels=levels)
        nodes = len(document.nodes if self._whole else chosen)
        if nodes <= AT_ONCE:
            self._run()
        else:
            self.strip.tell(f"Tidying up {count(nodes, 'node')} …")
            self._go_on.start(0)
            self._show.start()

    def _with_loops(
        self, sizes: dict[str, Point], levels: dict[Key, Point]
    ) -> tuple[dict[str, Point], dict[Key, Point]]:
        """Sizes and levels as if what is drawn over a node belonged to it."""
        above, edges = self._above, self._document.edges
        if not any(above.values()):
            return sizes, levels
        high = {i: (width, height + above[i]) for i, (width, height) in sizes.items()}
        low = {
            key: (leaves + above[edges[key].source], enters + above[key[0]])
            for key, (leaves, enters) in levels.items()
        }
        return high, low

    def _raised(self, document: Document) -> Document:
        """The document with each node beginning where what is drawn over it does."""
        nodes = [document.nodes[i] for i, above in self._above.items() if above]
        places = {n.id: (n.position[0], n.position[1] - self._above[n.id]) for n in nodes}
        return document.with_nodes(dataclasses.replace(n, position=places[n.id]) for n in nodes)

    def cancel(self) -> None:
        """Ends a layout under way; nothing has moved."""
        if self.is_running:
            self._stop()
            self._view.session.notify("info", "Tidying up was cancelled.", "Nothing has moved.")

    def _run(self, until: float = float("inf")) -> None:
        """Goes on until that time, or to the end."""
        steps = self._steps
        if steps is None:
            return
        try:
            part = next(steps)
            while time.perf_counter() < until:
                part = next(steps)
        except StopIteration as end:
            self._stop()
            self._finish(end.value)
            return
        self.strip.bar.setValue(round(part * _STEPS))

    def _slice(self) -> None:
        self._run(time.perf_counter() + SLICE)

    def _stop(self) -> None:
        had_focus = self.strip.cancel.hasFocus()
        self._steps = None
        self._document = Document()
        self._go_on.stop()
        self._show.stop()
        self.strip.hide()
        if had_focus:
            self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _finish(self, places: dict[str, Point]) -> None:
        places = {i: (x, y + self._above.get(i, 0.0)) for i, (x, y) in places.items()}
        if not self._view.arrive(places, "Tidy up", frame=self._whole, refit=True):
            self._view.session.notify("info", "Everything is tidy already.")

    def _document_changed(self, old: Document, new: Document) -> None:
        if self.is_running and new is not self._document:
            self._stop()
            is_here = self._view.session.graph is self._graph
            what = "The graph was edited meanwhile" if is_here else "Another sheet is shown by now"
            self._view.session.notify("info", f"{what}, so nothing was tidied up.", "Press L to begin anew.")

    def _show_strip(self) -> None:
        self.strip.place()
        self.strip.show()
        self.strip.raise_()


class TidyStrip(QWidget):
    """At the foot of the canvas: what is under way, how far it is, and a way to end it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._label = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMinimumWidth(90)
        self.bar.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.bar.setAccessibleName("Tidying up: how far it is")
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setToolTip("End this; nothing has moved yet (Esc)")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.setSpacing(12)
        row.addWidget(self._label)
        row.addWidget(self.bar, 1)
        row.addWidget(self.cancel)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    def tell(self, text: str) -> None:
        self._label.setText(text)
        self.bar.setValue(0)

    @property
    def text(self) -> str:
        return self._label.text()

    def place(self) -> None:
        """In the middle of the foot of the canvas."""
        around, hint = self.parentWidget().size(), self.sizeHint()
        width = min(max(hint.width() + 80, 400), max(around.width() - 24, hint.width()))
        top = around.height() - hint.height() - 16
        self.setGeometry((around.width() - width) // 2, top, width, hint.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(now.line)
            painter.setBrush(now.raised)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
