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

from ...engine.messages import ScheduleEntry
from .. import numbers
from ..painting import painting
from ..session import Session
from ..theme import mono_font, theme, theme_changed, ui_font
from ..widgets.own_keys import OwnKeys
from ..widgets.pin_button import PinButton
from .live import Pace
from .registry import panel
from .timeline_cells import CellPainter
from .timeline_columns import Columns, Header

ROW, GAP, TOP = 20, 4, 9
HEAD = 16  # height of the headers of groups
HEADER, TRAILER = 84, 196
CELL_LEAST, CELL_MOST = 34, 112
ROWS = {"forward": 0, "backward": 1, "update": 0}


@panel("timeline", "Timeline", "timeline", 0)
class TimelinePanel(QAbstractScrollArea):
    """Forward above, backward below, each node in one column. Only what is in view is painted, whatever the length.

    Click: run (or go back) to that entry; drag: back and forth along the entries. Right-click: breakpoint. Arrows:
    entry by entry, with Ctrl over groups; Home and End: to the ends of the step. A click on the header of a group folds
    it to one column and spreads it out again; so does Space, where the run is in one.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._columns = Columns()
        self.cells = CellPainter(session)
        self._folded: set[str] = set()
        self._laid: tuple[tuple[ScheduleEntry, ...], frozenset[str]] = ((), frozenset())
        self._wanted = self._asked = -1  # where a hand that drags wants to be, and where it asked to be last
        self._waits = False  # for the answer
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
        OwnKeys(self, "Home", "End", "Space")
        self.pin = PinButton(session, self)
        session.compiled.connect(self._compile)
        session.document_changed.connect(self._compile)
        session.status_changed.connect(self._ask)
        session.status_changed.connect(self._drag_on)
        for signal in (session.breakpoints_changed, session.selection_changed, theme_changed):
            signal.connect(self._repaint)
        session.hovered.connect(self._light)
        self._compile()

    # Geometry

    def sizeHint(self) -> QSize:
        bar = 12 if self.horizontalScrollBar().maximum() else 0
        return QSize(600, self._top + TOP + 2 * ROW + GAP + bar)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    @property
    def _top(self) -> int:
        """Where the rows begin: below the headers of groups, if there are any."""
        return TOP + (HEAD if self._columns.headers else 0)

    def cell(self, index: int) -> QRectF:
        """Where an entry of the schedule is drawn, in the viewport's pixels."""
        entry = self._session.schedule[index]
        left, top = self._left(self._columns.column(entry)), self._top
        if entry.phase == "update":
            return QRectF(left + 2, top, self._cell - 4, 2 * ROW + GAP)
        return QRectF(left + 2, top + ROWS[entry.phase] * (ROW + GAP), self._cell - 4, ROW)

    def header_rect(self, header: Header) -> QRectF:
        """Where the header of a group is drawn; of a long one, what of it is in view."""
        left, right = self._left(header.first) + 2, self._left(header.last + 1) - 2
        shown = max(left, HEADER + 2.0)
        return QRectF(shown, TOP - 4, max(right - shown, 0.0), HEAD)

    def _left(self, column: int) -> float:
        return HEADER + column * self._cell - self._offset

    def _column_at(self, x: float) -> int:
        """The column there; −1 beside them."""
        if x < HEADER or x > self.viewport().width() - TRAILER:
            return -1
        column = int((x - HEADER + self._offset) // self._cell)
        return column if 0 <= column <= self._columns.count else -1

    def at(self, point: QPointF) -> int:
        """The index of the entry there, of a folded group its last; −1 for none."""
        column = self._column_at(point.x())
        if column < 0 or point.y() < self._top - GAP:
            return -1
        phase = "forward" if point.y() < self._top + ROW + GAP / 2 else "backward"
        return self._columns.last(column, phase)

    def header_under(self, point: QPointF) -> Header | None:
        """The header of a group there."""
        if not self._columns.headers or point.y() >= self._top - GAP:
            return None
        return self._columns.header_at(self._column_at(point.x()))

    @property
    def _offset(self) -> int:
        return self.horizontalScrollBar().value()

    def _compile(self, *_: object) -> None:
        """The schedule is another, or what is said of it: columns in the order of the forward entries."""
        now = self._session.schedule, frozenset(self._folded)
        if now[0] is not self._laid[0] or now[1] != self._laid[1]:
            self._laid = now
            self._columns = self.cells.columns = Columns(*now)
        self._hover = -1
        self._lay_out()

    def fold(self, group: str) -> None:
        """Makes a group one column, or spreads it out again."""
        self._folded ^= {group}
        self._compile()
        self._move()

    def _lay_out(self) -> None:
        columns = self._columns.count + 1
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
            for header in self._columns.headers:
                rect = self.header_rect(header)
                if rect.width() > 0 and rect.left() < self.viewport().width() - TRAILER:
                    self.cells.paint_header(painter, rect, header)
            for index in self.in_view():
                self.cells.paint(painter, self.cell(index), index, self._is_pointed_at(index))
            painter.restore()
            self._paint_place(painter)

    def in_view(self) -> list[int]:
        """The entries that can be seen; of a folded group, the last."""
        first = int(self._offset // self._cell)
        last = int((self._offset + self.viewport().width() - HEADER - TRAILER) // self._cell) + 1
        found = [
            self._columns.last(column, phase)
            for column in range(first, min(last, self._columns.count))
            for phase in ("forward", "backward")
        ]
        update = self._columns.last(self._columns.count, "update")
        found += [update] if last > self._columns.count else []
        return [index for index in found if index >= 0]

    def _why_empty(self) -> str:
        if not self._session.document.nodes:
            return "The order in which nodes are computed stands here once there are nodes."
        problems = self._session.seen.whole.problems
        return f"{problems[0].node}: {problems[0].message}" if problems else "Compiling …"

    def _paint_titles(self, painter: QPainter) -> None:
        painter.setFont(ui_font(10, ui_font().Weight.DemiBold))
        for phase in ("forward", "backward"):
            painter.setPen(theme().phase(phase))
            frame = QRectF(12, self._top + ROWS[phase] * (ROW + GAP), HEADER - 12, ROW)
            painter.drawText(frame, Qt.AlignmentFlag.AlignVCenter, phase.upper())

    def _is_pointed_at(self, index: int) -> bool:
        """Whether the pointer is on that cell, or elsewhere on its node."""
        if index == self._hover or not self._lit:
            return index == self._hover
        key = self._session.schedule[index].node
        return bool(key) and self._session.seen.here(key) == self._lit

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
                f"step {self._session.step_number:,} · {numbers.count(status.epoch, 'epoch')}",
            )
        ):
            painter.setPen(theme().text if row == 0 else theme().secondary)
            frame = QRectF(left, self._top + row * (ROW + GAP), TRAILER - 20, ROW)
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
        if event.buttons() & Qt.MouseButton.LeftButton and self._wanted >= 0 and hover >= 0:
            self._drag_to(hover + 1)
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
        if self._is_folded(index):
            return self._tip_of_group(index)
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

    def _tip_of_group(self, index: int) -> str:
        entry = self._session.schedule[index]
        column = self._columns.column(entry)
        header = self._columns.header_at(column)
        count = len(self._columns.cells[column, entry.phase])
        title = self.cells.title(header.group) if header is not None else ""
        return f"{entry.phase} {title}: {count} nodes\nclick to compute all of them; click its name to spread them out"

    def leaveEvent(self, event: QEvent) -> None:
        self._hover = -1
        self._session.hovered.emit("")
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        header = self.header_under(event.position())
        index = self.at(event.position())
        if header is not None and event.button() == Qt.MouseButton.LeftButton:
            self.fold(header.group)
        if index < 0:
            return
        entry = self._session.schedule[index]
        if event.button() == Qt.MouseButton.LeftButton:
            if entry.node and not self._is_folded(index):
                self._session.show(entry.node)
            self._go(index + 1)
        elif event.button() == Qt.MouseButton.RightButton and entry.node and not self._is_folded(index):
            self._session.toggle_breakpoint_at(entry.node, entry.phase)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A scroll area would pass it on to whatever lies behind."""
        self._wanted = -1

    def _is_folded(self, index: int) -> bool:
        header = self._columns.header_at(self._columns.column(self._session.schedule[index]))
        return header is not None and header.folded

    def _go(self, cursor: int) -> None:
        self._wanted = self._asked = cursor
        self._waits = True
        self._session.go_to(cursor)

    def _drag_to(self, cursor: int) -> None:
        """The hand has come to another entry: the run follows, as soon as it has answered."""
        self._wanted = cursor
        if cursor != self._asked and not self._waits:
            self._go(cursor)

    def _drag_on(self, *_: object) -> None:
        self._waits = False
        if self._wanted >= 0 and self._wanted != self._asked:
            self._go(self._wanted)

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
        over = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        session, strides = self._session, self._session.strides
        steps = {
            Qt.Key.Key_Right: strides.over if over else session.step,
            Qt.Key.Key_Left: strides.back if over else session.back,
            Qt.Key.Key_Home: lambda: session.go_to(0),
            Qt.Key.Key_End: lambda: session.go_to(len(session.schedule)),
            Qt.Key.Key_Space: self._fold_here,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            step()

    def _fold_here(self) -> None:
        """Folds or unfolds the group that the run is in."""
        status = self._session.status
        if status.entry is None:
            return
        header = self._columns.header_at(self._columns.column(status.entry))
        if header is not None:
            self.fold(header.group)
