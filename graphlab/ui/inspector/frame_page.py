"""The inspector's page for a frame: title, colour, size, and what lies in it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QLabel, QPushButton, QWidget

from ...errors import GraphlabError
from ...graph.document import FRAME_COLOURS
from ...ops import Param
from .. import frame_edits, marks
from ..icons import icon
from ..painting import painting
from ..session import Session
from ..theme import theme
from ..widgets.param_form import ParamForm
from .parts import column, heading, quiet

_LEAST = 40.0


def _params() -> dict[str, Param]:
    made = {
        "title": Param("", help="What the frame is called; it is drawn in its title bar."),
        "width": Param(400.0, low=_LEAST, help="In units of the canvas; a node is 160 wide."),
        "height": Param(300.0, low=_LEAST, help="In units of the canvas."),
    }
    for name, param in made.items():
        param.name = name
    return made


class Swatch(QAbstractButton):
    """A colour of frames to choose, with its sign. The chosen one is ringed; the one with the focus dotted."""

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = colour
        self.setCheckable(True)
        self.setToolTip(colour.capitalize())
        self.setAccessibleName(f"Colour {colour}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(30, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, box = theme(), QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5)
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = now.accent if self.isChecked() else now.secondary if self.underMouse() else now.line
            painter.setPen(QPen(edge, 2 if self.isChecked() else 1))
            painter.setBrush(now.tint(now.frame(self._colour), 0.18, now.panel))
            painter.drawRoundedRect(box, 6, 6)
            marks.paint(painter, self._colour, QPointF(box.center()), 6.0)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(now.text, 1, Qt.PenStyle.DotLine))
                painter.drawRoundedRect(box.adjusted(3, 3, -3, -3), 4, 4)


class FramePage(QWidget):
    """Follows a frame of the session; `show_frame` says which."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._frame = session, ""
        self.title, self.counts = QLabel("Frame"), quiet()
        self.title.setProperty("role", "title")
        self._params = _params()
        self.form = ParamForm(self._commit)
        outer = column(self, spacing=10)
        outer.addWidget(self.title)
        outer.addWidget(self.counts)
        outer.addWidget(self.form)
        outer.addWidget(heading("Colour"))
        outer.addLayout(self._swatches())
        outer.addSpacing(4)
        outer.addWidget(heading("Content"))
        outer.addLayout(self._buttons())
        outer.addStretch(1)

    def _swatches(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        self._one_of = QButtonGroup(self)  # arrows go from one to the next
        self.swatches = {colour: Swatch(colour) for colour in FRAME_COLOURS}
        for colour, swatch in self.swatches.items():
            self._one_of.addButton(swatch)
            row.addWidget(swatch)
            swatch.clicked.connect(partial(self._paint, colour))
        row.addStretch(1)
        return row

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.fit = QPushButton(icon("fit"), "Fit to content")
        self.select = QPushButton(icon("select-all"), "Select content")
        for button, work in ((self.fit, frame_edits.fit), (self.select, frame_edits.select_content)):
            button.setProperty("role", "small")
            button.clicked.connect(partial(self._do, work))
            row.addWidget(button)
        row.addStretch(1)
        return row

    def show_frame(self, frame: str) -> None:
        """Show this frame; "" for none."""
        self._frame = frame
        found = self._session.document.frames.get(frame)
        if found is None:
            return
        self.counts.setText(frame_edits.summary(self._session, frame))
        width, height = found.size
        values = {"title": found.title, "width": width, "height": height}
        self.form.show_params("Frame", self._params, values)
        swatch = self.swatches.get(found.colour)
        if swatch is not None:
            swatch.setChecked(True)
        is_any = bool(frame_edits.content_of(self._session, [frame]))
        self.fit.setEnabled(is_any)
        self.select.setEnabled(is_any)

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        found = self._session.document.frames.get(self._frame)
        if found is None:
            return ""
        sizes = {"width": (value, found.size[1]), "height": (found.size[0], value)}
        changes = {"size": sizes[name]} if name in sizes else {"title": value.strip()}
        key = f"step {self._frame}.{name}" if stepped else ""
        try:
            if name in sizes:
                value = self._params[name].check(value, "Frame")
            frame_edits.change(self._session, [self._frame], key, **changes)
        except GraphlabError as error:
            return str(error)
        return ""

    def _paint(self, colour: str, *_: object) -> None:
        self._do(partial(frame_edits.change, colour=colour))

    def _do(self, work: Any, *_: object) -> None:
        if self._frame in self._session.document.frames:
            self._session.attempt(work, self._session, [self._frame])
