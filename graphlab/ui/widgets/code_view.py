"""Code that is read: line numbers, colours, lines that are lit, marks beside them. Knows nothing of graphs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QTextBlock,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ..painting import painting
from ..theme import mono_font, theme, theme_changed
from .code_colours import begins_in_text, lit, ranges
from .own_keys import OwnKeys

SIZE = 12
MARK = 16  # pixels for the marks beside the numbers


@dataclass(frozen=True)
class Light:
    """Which lines are carried out now, in which phase; and which belong to what is selected."""

    lines: frozenset[int] = frozenset()
    phase: str = ""
    chosen: frozenset[int] = frozenset()


class CodeView(QPlainTextEdit):
    """Shows lines of Python. Only those in view are coloured, so that ten thousand cost nothing.

    pointed: the caret was put into a line, by hand. taken: Enter or Ctrl and a double-click in a line.
    """

    pointed = Signal(int)
    taken = Signal(int)
    passed = Signal(int)  # the pointer is over that line now; −1 when it has left

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: list[str] = []
        self._in_text: list[bool] = []
        self._light = Light()
        self._coloured: dict[int, str] = {}
        self._by_hand = False
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        self.setFont(mono_font(SIZE))
        self.setUndoRedoEnabled(False)
        self.setAccessibleName("The graph as NumPy code")
        self.document().setDocumentMargin(3)
        self.numbers = _Numbers(self)
        self._under = -1
        self.viewport().setMouseTracking(True)
        self.updateRequest.connect(self._move_numbers)
        self.cursorPositionChanged.connect(self._tell)
        theme_changed.connect(self._dress)
        for keys in ("Home", "End", "Ctrl+C", "Ctrl+A", "Ctrl+Home", "Ctrl+End"):
            OwnKeys(self, keys)
        self._dress()

    # The text

    def set_lines(self, lines: Sequence[str]) -> None:
        """Puts other lines in place; where only some differ, the place in the text stays."""
        lines = list(lines)
        if lines == self._lines:
            return
        same_length = len(lines) == len(self._lines)
        before, self._lines = self._lines, lines
        self._in_text = begins_in_text(lines)
        self._coloured.clear()
        if same_length:
            self._patch([at for at, (old, new) in enumerate(zip(before, lines, strict=True)) if old != new])
        else:
            top = self.verticalScrollBar().value()
            self.setPlainText("\n".join(lines))
            self.verticalScrollBar().setValue(top)
        self._make_room()

    def _patch(self, places: list[int]) -> None:
        cursor = QTextCursor(self.document())
        for at in places:
            cursor.setPosition(self.document().findBlockByNumber(at).position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(self._lines[at])

    @property
    def lines(self) -> list[str]:
        return self._lines

    # What is lit

    def set_light(self, light: Light) -> None:
        if light != self._light:
            self._light = light
            self.viewport().update()
            self.numbers.update()

    @property
    def light(self) -> Light:
        return self._light

    def bring(self, lines: Collection[int]) -> None:
        """Scrolls so that these lines can be seen, the first of them in any case."""
        if not lines:
            return
        first, last = min(lines), max(lines)
        top, bottom = self.firstVisibleBlock().blockNumber(), self._last_visible()
        if top <= first and last <= bottom:
            return
        room = max(bottom - top, 1)
        bar = self.verticalScrollBar()
        bar.setValue(first - 2 if last - first >= room or first < top else last - room + 2)

    def _last_visible(self) -> int:
        return (
            self.firstVisibleBlock().blockNumber() + int(self.viewport().height() // self._line_height()) - 1
        )

    def _line_height(self) -> float:
        return max(self.blockBoundingRect(self.document().firstBlock()).height(), 1.0)

    def put_caret(self, line: int) -> None:
        """The caret goes there; nobody is told."""
        cursor = QTextCursor(self.document().findBlockByNumber(line))
        was, self._by_hand = self._by_hand, False
        self.setTextCursor(cursor)
        self._by_hand = was

    def visible(self) -> list[tuple[int, QTextBlock, QRectF]]:
        """The lines in view: number, block, and where it is in the viewport."""
        found = []
        block = self.firstVisibleBlock()
        while block.isValid():
            rect = self.blockBoundingGeometry(block).translated(self.contentOffset())
            if rect.top() > self.viewport().height():
                break
            found.append((block.blockNumber(), block, rect))
            block = block.next()
        return found

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        visible = self.visible()
        now, light = theme(), self._light
        with painting(self.viewport()) as painter:
            for at, block, rect in visible:
                self._colour(at, block)
                row = QRectF(0, rect.top(), self.viewport().width(), rect.height())
                if at in light.lines:
                    painter.fillRect(row, lit(now, light.phase))
                elif at in light.chosen:
                    painter.fillRect(row, now.selection)
        super().paintEvent(event)

    def _colour(self, at: int, block: QTextBlock) -> None:
        if self._coloured.get(at) != theme().name and at < len(self._lines):
            self._coloured[at] = theme().name
            block.layout().setFormats(ranges(self._lines[at], self._in_text[at], theme()))

    def _dress(self, *_: object) -> None:
        now = theme()
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {now.well.name()}; color: {now.text.name()};"
            f" border: 1px solid {now.well.name()}; border-radius: 0; padding: 0;"
            f" selection-background-color: {now.accent.name()}; selection-color: {now.on_accent.name()}; }}"
            f"QPlainTextEdit:focus {{ border-color: {now.accent.name()}; }}"
        )
        self._coloured.clear()
        self.viewport().update()

    # The column of numbers

    def _make_room(self) -> None:
        self.setViewportMargins(self.numbers.sizeHint().width(), 0, 0, 0)
        self._place_numbers()

    def _place_numbers(self) -> None:
        inside = self.contentsRect()
        width = self.numbers.sizeHint().width()
        self.numbers.setGeometry(QRect(inside.left(), inside.top(), width, inside.height()))

    def _move_numbers(self, rect: QRect, by: int) -> None:
        self.numbers.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    # Hands

    def _tell(self) -> None:
        if self._by_hand and not self.textCursor().hasSelection():
            self.pointed.emit(self.textCursor().blockNumber())

    def _handled(self, work: Callable[[], object]) -> None:
        self._by_hand = True
        work()
        self._by_hand = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        before = self.textCursor().position()
        self._handled(lambda: super(CodeView, self).mousePressEvent(event))
        if event.button() == Qt.MouseButton.LeftButton and self.textCursor().position() == before:
            self.pointed.emit(self.textCursor().blockNumber())  # once more into the same place

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._pass(self.cursorForPosition(event.position().toPoint()).blockNumber())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._pass(-1)

    def _pass(self, line: int) -> None:
        if line != self._under:
            self._under = line
            self.passed.emit(line)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.taken.emit(self.textCursor().blockNumber())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.taken.emit(self.textCursor().blockNumber())
        else:
            self._handled(lambda: super(CodeView, self).keyPressEvent(event))


class _Numbers(QWidget):
    """Line numbers, a triangle beside what is carried out now, a bar beside what is selected."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view
        self.setFont(mono_font(SIZE - 1))

    def sizeHint(self) -> QSize:
        digits = max(len(str(len(self._view.lines))), 2)
        return QSize(MARK + self.fontMetrics().horizontalAdvance("9") * digits + 10, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        now, light = theme(), self._view.light
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), now.panel)
            painter.setFont(self.font())
            for at, _, rect in self._view.visible():
                row = QRectF(0, rect.top(), self.width(), rect.height())
                is_now = at in light.lines
                if is_now:
                    painter.fillRect(row, lit(now, light.phase))
                    self._triangle(painter, QPointF(MARK / 2 + 1, row.center().y()), light.phase)
                if at in light.chosen:
                    painter.fillRect(QRectF(0, row.top(), 3, row.height()), now.accent)
                painter.setPen(QPen(now.text if is_now else now.secondary))
                room = row.adjusted(MARK, 0, -7, 0)
                painter.drawText(
                    room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, str(at + 1)
                )

    def _triangle(self, painter: QPainter, middle: QPointF, phase: str) -> None:
        """It points the way that the pass goes."""
        way = -1 if phase == "backward" else 1
        colour: QColor = theme().phase(phase)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tip = QPolygonF([QPointF(-3 * way, -4.5), QPointF(4.5 * way, 0), QPointF(-3 * way, 4.5)])
        painter.drawPolygon(tip.translated(middle))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a number is one into its line."""
        for at, _, rect in self._view.visible():
            if rect.top() <= event.position().y() < rect.bottom():
                self._view.setFocus()
                self._view.put_caret(at)
                self._view.pointed.emit(at)
                return
