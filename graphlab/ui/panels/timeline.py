"""The timeline: the schedule of one step as two rows and the update, with the cursor. A click runs to that entry."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QSizePolicy, QWidget

from .. import numbers
from ..painting import painting
from ..session import Session
from ..theme import mono_font, theme, theme_changed, ui_font
from ..widgets.pin_button import PinButton
from .live import Pace
from .registry import panel

ROW, GAP, TOP = 20, 4, 9
HEADER, TRAILER = 84, 196
CELL_LEAST, CELL_MOST = 34, 112
ROWS = {"forward": 0, "backward": 1, "update": 0}


@panel("timeline", "Timeline", "timeline", 0)
class TimelinePanel(QAbstractScrollArea):
    """Forward above, backward below, each node in one column. Only what is in view is painted, whatever the length.

    Click: run (or go back) to that entry. Right-click: breakpoint. Arrows: entry by entry.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._column: dict[str, int] = {}
        self._names: list[str] = []
        self._index: dict[tuple[str, str], int] = {}
        self._hover = -1
        self._lit = ""
        self._cell = float(CELL_MOST)
        self._pace = Pace(self._move, self, 33)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Timeline of the schedule")
        self.pin = PinButton(session, self)
        session.compiled.connect(self._compile)
        session.document_changed.connect(self._compile)
        session.status_changed.connect(self._ask)
        for signal in (session.breakpoints_changed, session.selection_changed, theme_changed):
            signal.connect(self._repaint)
        session.hovered.connect(self._light)
        self._compile()

    # Geometry

    def sizeHint(self) -> QSize:
        return QSize(600, 2 * TOP + 2 * ROW + GAP + (12 if self.horizontalScrollBar().maximum() else 0))

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def cell(self, index: int) -> QRectF:
        """Where an entry of the schedule is drawn, in the viewport's pixels."""
        entry = self._session.schedule[index]
        if entry.phase == "update":
            left = HEADER + len(self._column) * self._cell - self._offset
            return QRectF(left + 2, TOP, self._cell - 4, 2 * ROW + GAP)
        left = HEADER + self._column.get(entry.node, 0) * self._cell - self._offset
        return QRectF(left + 2, TOP + ROWS[entry.phase] * (ROW + GAP), self._cell - 4, ROW)

    def at(self, point: QPointF) -> int:
        """The index of the entry there; −1 for none."""
        if point.x() < HEADER or point.x() > self.viewport().width() - TRAILER:
            return -1
        column = int((point.x() - HEADER + self._offset) // self._cell)
        if column == len(self._column):
            return self._index.get(("", "update"), -1)
        if not 0 <= column < len(self._names):
            return -1
        phase = "forward" if point.y() < TOP + ROW + GAP / 2 else "backward"
        return self._index.get((self._names[column], phase), -1)

    @property
    def _offset(self) -> int:
        return self.horizontalScrollBar().value()

    def _compile(self, *_: object) -> None:
        """The schedule is another: columns in the order of the forward entries."""
        schedule = self._session.schedule
        self._names = [entry.node for entry in schedule if entry.phase == "forward"]
        self._column = {node: k for k, node in enumerate(self._names)}
        self._index = {(e.node, e.phase): k for k, e in enumerate(schedule)}
        self._hover = -1
        self._lay_out()

    def _lay_out(self) -> None:
        columns = len(self._column) + 1
        room = max(self.viewport().width() - HEADER - TRAILER, 60)
        self._cell = min(max(room / columns, CELL_LEAST), CELL_MOST)
        bar = self.horizontalScrollBar()
        bar.setRange(0, max(0, round(columns * self._cell - room)))
        bar.setPageStep(room)
        bar.setSingleStep(round(self._cell))
        self.updateGeometry()
        self.setMaximumHeight(self.sizeHint().height())
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._lay_out()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        with painting(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.viewport().rect(), theme().panel)
            if self.hasFocus():
                painter.setPen(QPen(theme().accent, 1.5))
                painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 4, 4)
            self._paint_titles(painter)
            schedule = self._session.schedule
            if not schedule:
                painter.setPen(theme().secondary)
                painter.setFont(ui_font(12))
                room = self.viewport().rect().adjusted(HEADER, 0, 0, 0)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._why_empty())
                return
            painter.save()
            painter.setClipRect(
                QRect(HEADER, 0, self.viewport().width() - HEADER - TRAILER, self.viewport().height())
            )
            for index in self.in_view():
                self._paint_cell(painter, index)
            painter.restore()
            self._paint_place(painter)

    def in_view(self) -> list[int]:
        """The entries that can be seen."""
        first = int(self._offset // self._cell)
        last = int((self._offset + self.viewport().width() - HEADER - TRAILER) // self._cell) + 1
        found = [
            self._index[node, phase]
            for node in self._names[first:last]
            for phase in ("forward", "backward")
            if (node, phase) in self._index
        ]
        update = self._index.get(("", "update"), -1)
        return [*found, update] if update >= 0 and last > len(self._names) else found

    def _why_empty(self) -> str:
        if not self._session.document.nodes:
            return "The order in which nodes are computed stands here once there are nodes."
        problems = self._session.seen.whole.problems
        return f"{problems[0].node}: {problems[0].message}" if problems else "Compiling …"

    def _paint_titles(self, painter: QPainter) -> None:
        painter.setFont(ui_font(10, ui_font().Weight.DemiBold))
        for phase in ("forward", "backward"):
            painter.setPen(theme().phase(phase))
            frame = QRectF(12, TOP + ROWS[phase] * (ROW + GAP), HEADER - 12, ROW)
            painter.drawText(frame, Qt.AlignmentFlag.AlignVCenter, phase.upper())

    def _paint_cell(self, painter: QPainter, index: int) -> None:
        now, entry, status = theme(), self._session.schedule[index], self._session.status
        rect, colour = self.cell(index), now.phase(entry.phase)
        done, current = index < status.cursor, index == status.cursor - 1
        fill = now.tint(colour, 0.24 if done else 0.05, now.panel)
        here = self._session.seen.here(entry.node) if entry.node else ""
        if index == self._hover or (here and here == self._lit):
            fill = now.tint(colour, 0.36 if done else 0.16, now.panel)
        painter.setBrush(fill)
        painter.setPen(QPen(colour, 1.6) if current else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(rect.adjusted(0.8, 0.8, -0.8, -0.8) if current else rect, 4, 4)
        if here in self._session.selection and not current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.accent, 1))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(ui_font(11, ui_font().Weight.DemiBold if current else ui_font().Weight.Normal))
        painter.setPen(now.text if current else colour if done else now.secondary)
        text = self._session.name_of(entry.node) or entry.phase
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) - 6)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, cut)
        if (entry.node, entry.phase) in self._session.all_breakpoints:
            conditional = (entry.node, entry.phase) in self._session.all_conditions
            painter.setPen(QPen(now.error if conditional else now.panel, 1.5))
            painter.setBrush(now.panel if conditional else now.error)  # a ring: it may pause
            painter.drawEllipse(QPointF(rect.left() + 5, rect.top() + 5), 4, 4)

    def _light(self, node: str) -> None:
        """The pointer is on that node, here or elsewhere."""
        if node != self._lit:
            self._lit = node
            self.viewport().update()

    @property
    def _hovered_node(self) -> str:
        schedule = self._session.schedule
        key = schedule[self._hover].node if 0 <= self._hover < len(schedule) else ""
        return self._session.seen.here(key) if key else ""

    def _paint_place(self, painter: QPainter) -> None:
        status, total = self._session.status, len(self._session.schedule)
        left = self.viewport().width() - TRAILER + 16
        painter.setFont(mono_font(11))
        for row, text in enumerate(
            (
                f"entry {status.cursor} of {total}",
                f"step {self._session.step_number:,} · epoch {status.epoch:,}",
            )
        ):
            painter.setPen(theme().text if row == 0 else theme().secondary)
            frame = QRectF(left, TOP + row * (ROW + GAP), TRAILER - 20, ROW)
            painter.drawText(frame, Qt.AlignmentFlag.AlignVCenter, text)

    # Following the run, and hands

    def _ask(self, *_: object) -> None:
        self._pace.ask()

    def _repaint(self, *_: object) -> None:
        self.viewport().update()

    def _move(self) -> None:
        """Keeps the cursor in view while one steps; training is too fast for that."""
        status = self._session.status
        if status.state != "training" and 0 < status.cursor <= len(self._session.schedule):
            rect = self.cell(status.cursor - 1)
            right = self.viewport().width() - TRAILER
            if rect.left() < HEADER or rect.right() > right:
                bar = self.horizontalScrollBar()
                bar.setValue(round(self._offset + rect.center().x() - (HEADER + right) / 2))
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hover = self.at(event.position())
        if hover == self._hover:
            return
        self._hover = hover
        self._session.hovered.emit(self._hovered_node)
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if hover >= 0 else Qt.CursorShape.ArrowCursor
        )
        self.viewport().setToolTip(self.tip(hover))

    def tip(self, index: int) -> str:
        """What stands beside the pointer at an entry."""
        if index < 0:
            return ""
        entry = self._session.schedule[index]
        flat = self._session.seen.whole.nodes.get(entry.node)
        what = (
            f"{entry.phase} {flat.path}: {flat.op_name}"
            if flat
            else "update: the optimizer changes the parameters"
        )
        done = index < self._session.status.cursor
        condition = self._session.all_conditions.get((entry.node, entry.phase), "")
        what += f"\npauses when {condition}" if condition else ""
        return f"{what}\nentry {numbers.number(index + 1)}; click to go {'back ' if done else ''}here"

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self._session.hovered.emit("")
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.at(event.position())
        if index < 0:
            return
        entry = self._session.schedule[index]
        if event.button() == Qt.MouseButton.LeftButton:
            if entry.node:
                self._session.show(entry.node)
            self._session.go_to(index + 1)
        elif event.button() == Qt.MouseButton.RightButton and entry.node:
            self._session.toggle_breakpoint_at(entry.node, entry.phase)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A scroll area would pass it on to whatever lies behind."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - turn)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Right:
            self._session.step()
        elif event.key() == Qt.Key.Key_Left:
            self._session.back()
        else:
            super().keyPressEvent(event)
