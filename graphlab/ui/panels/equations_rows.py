"""Paints the rows of the equations: a mark that tells how far the run is, the formula, and the shape of the result."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ..theme import mono_font, theme, ui_font
from ..widgets.typesetter import Typesetter
from .equations_model import ROW, EquationsModel, Index, Row

SIZE = 16  # pixels of the formulas
LOW, TALL, HEADING = 32, 50, 30  # heights of rows
GUTTER, INDENT, BESIDE = 26, 18, 18
FAINT = 0.66  # of what is not computed yet; its contrast stays above 4.5:1


class EquationRows(QStyledItemDelegate):
    """Rows know their height without being typeset. `widened`: a formula is so many pixels wide, with all around it."""

    widened = Signal(int)

    def __init__(self, model: EquationsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.typesetter = Typesetter(self, SIZE)
        self.cursor = 0  # entries of the schedule that are done
        self.selected: set[str] = set()  # the engine's keys of what is selected

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: Row = index.data(ROW)
        if row.line is None:
            return QSize(120, HEADING)
        equations = self._model.equations
        return QSize(120, TALL if equations is not None and equations.is_tall(row.line) else LOW)

    def state(self, row: Row) -> str:
        """ "now" at the entry that was carried out last, "done" before it, "ahead" behind it."""
        if row.kind != "line":
            return "now" if self.cursor - 1 in row.places else ""
        place = self._model.place(row)
        if place == self.cursor - 1 and place >= 0:
            return "now"
        return "done" if 0 <= place < self.cursor else "ahead"

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        state = self.state(row)
        self._ground(painter, option, rect, row, state)
        if row.kind == "line":
            self._line(painter, rect, row, state)
        else:
            self._title(painter, rect, row, state)
        painter.restore()

    def _ground(
        self, painter: QPainter, option: QStyleOptionViewItem, rect: QRectF, row: Row, state: str
    ) -> None:
        now, room = theme(), rect.adjusted(0.5, 1, -2, -1)
        colour = now.phase(row.phase)
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected) or row.node in self.selected
        fill: QColor | None = None
        if state == "now" and row.kind == "line":
            fill = now.tint(colour, 0.24, now.panel)
        elif is_chosen and row.kind == "line":
            fill = now.selection
        elif option.state & QStyle.StateFlag.State_MouseOver:
            fill = now.hover
        if fill is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(room, 5, 5)
        has_keys = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if has_keys or (state == "now" and is_chosen and row.kind == "line"):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.accent, 1))
            painter.drawRoundedRect(room.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)

    def _title(self, painter: QPainter, rect: QRectF, row: Row, state: str) -> None:
        now, is_phase = theme(), row.kind == "heading"
        colour = now.phase(row.phase) if is_phase or state == "now" else now.secondary
        painter.setFont(ui_font(12, QFont.Weight.DemiBold))
        painter.setPen(colour)
        title = row.title.upper() if is_phase else row.title
        painter.drawText(rect.adjusted(4, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, title)
        right = rect.left() + 4 + painter.fontMetrics().horizontalAdvance(title) + 10
        painter.setFont(ui_font(11))
        painter.setPen(now.secondary)
        painter.drawText(
            rect.adjusted(right - rect.left(), 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, self._count(row)
        )
        if is_phase and row.phase == "backward" and self._model.equations is not None:
            right += painter.fontMetrics().horizontalAdvance(self._count(row)) + BESIDE
            self._formula(
                painter,
                QRectF(right, rect.top(), rect.right() - right, rect.height()),
                self._model.equations.bar(),
                1.0,
            )

    def _count(self, row: Row) -> str:
        lines = sum(len(child.children) if child.kind == "group" else 1 for child in row.children)
        return "" if row.phase == "update" else f"{lines:,} equation{'s' if lines != 1 else ''}"

    def _line(self, painter: QPainter, rect: QRectF, row: Row, state: str) -> None:
        equations = self._model.equations
        assert equations is not None
        assert row.line is not None
        self._mark(painter, QPointF(rect.left() + 11, rect.center().y()), row, state)
        left = rect.left() + GUTTER + (INDENT if row.line.kind == "term" else 0)
        room = QRectF(left, rect.top() + 3, rect.right() - left, rect.height() - 6)
        opacity = 1.0 if state in ("now", "done") else FAINT
        right = self._formula(painter, room, equations.latex(row.line), opacity)
        shape = equations.shape(row.line)
        if shape:
            painter.setFont(mono_font(11))
            painter.setPen(theme().secondary)
            painter.drawText(
                QRectF(right + BESIDE, room.top(), 400, room.height()), Qt.AlignmentFlag.AlignVCenter, shape
            )
            right += BESIDE + painter.fontMetrics().horizontalAdvance(shape)
        if self.typesetter.has(equations.latex(row.line)):
            self.widened.emit(int(right) + 12)

    def _mark(self, painter: QPainter, middle: QPointF, row: Row, state: str) -> None:
        """A triangle at what was just carried out, a dot at what is done, a ring at what is to come."""
        colour = theme().phase(row.phase)
        painter.setPen(QPen(colour, 1.2))
        painter.setBrush(colour if state != "ahead" else Qt.BrushStyle.NoBrush)
        if state == "now":
            way = -1 if row.phase == "backward" else 1
            tip = QPolygonF([QPointF(-4 * way, -6), QPointF(6 * way, 0), QPointF(-4 * way, 6)])
            painter.drawPolygon(tip.translated(middle))
        else:
            size = 3.0 if state == "done" else 3.5
            painter.drawEllipse(middle, size, size)

    def _formula(self, painter: QPainter, room: QRectF, latex: str, opacity: float) -> float:
        """Draws it at the left, scaled down where it is too high; where it ends. Until it is typeset, a hint of it."""
        now = theme()
        picture = self.typesetter.get(latex, now.text.name())
        painter.setOpacity(opacity)
        if picture is None:
            painter.setPen(now.secondary)
            painter.setFont(mono_font(10))
            hint = min(painter.fontMetrics().horizontalAdvance(latex), int(room.width()))
            cut = painter.fontMetrics().elidedText(latex, Qt.TextElideMode.ElideRight, hint + 4)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, cut)
            painter.setOpacity(1.0)
            return room.left() + hint
        box = picture.viewBoxF()
        factor = min(1.0, room.height() / box.height())
        width, height = box.width() * factor, box.height() * factor
        picture.render(painter, QRectF(room.left(), room.center().y() - height / 2, width, height))
        painter.setOpacity(1.0)
        return room.left() + width
