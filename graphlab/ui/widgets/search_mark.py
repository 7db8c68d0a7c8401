"""The quiet mark beside what can be searched, and the line below that says in which space it is."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..icons import icon
from ..painting import painting
from ..theme import mono_font

DRAWING = "search-this"
_SIDE, _HIGH = 20, 28  # as high as a field, so that it stands in the middle of one


class SearchMark(QToolButton):
    """Seen while the pointer or the keyboard is at its row, and always where it is lit, because it is searched."""

    def __init__(self, what: str, row: QWidget) -> None:
        super().__init__(row)
        self._row, self._what, self._lit = row, what, False
        self._is_near = False  # the keyboard is in its row
        self.setIconSize(QSize(16, 16))
        self.setFixedSize(_SIDE, _HIGH)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setStyleSheet("padding: 0")
        row.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_space("")

    def set_space(self, text: str) -> None:
        """In which space it is searched, "" for not."""
        self._lit = bool(text)
        self.setIcon(icon(DRAWING, "accent" if text else ""))
        self.setToolTip(f"Searched: {text}" if text else "Search this: name values for a sweep to try")
        self.setAccessibleName(f"{'Change what is searched' if text else 'Search this'}: {self._what}")
        self.update()

    @property
    def is_lit(self) -> bool:
        return self._lit

    @property
    def is_seen(self) -> bool:
        """Whether it is drawn."""
        return self._lit or self._is_near or self.hasFocus() or self._row.underMouse()

    def set_near(self, is_near: bool) -> None:
        """Whether the keyboard is in its row."""
        self._is_near = is_near
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.is_seen:
            super().paintEvent(event)


class SpaceLine(QPushButton):
    """The space of a row, below its field: a link to the editor. It ends in … where there is no room."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "link")
        self.setFont(mono_font(11))
        self.setStyleSheet("padding: 0; min-height: 16px")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the mark is reached by Tab
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_space(self, text: str) -> None:
        self.setText(text)
        self.setToolTip(f"Searched: {text}")
        self.setVisible(bool(text))

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width() - 2
        )
        with painting(self) as painter:
            self._draw(painter, option)

    def _draw(self, painter: QPainter, option: QStyleOptionButton) -> None:
        self.style().drawControl(QStyle.ControlElement.CE_PushButton, option, painter, self)


class SearchRow(QWidget):
    """A row of a form with such a mark at its end, and the line below while it is searched."""

    asked = Signal()
    forgotten = Signal()

    def __init__(self, what: str, row: QHBoxLayout, indent: int = 112) -> None:
        super().__init__()
        self.mark, self.line = SearchMark(what, self), SpaceLine()
        above = QHBoxLayout()
        above.setSpacing(3)
        above.addLayout(row, 1)
        above.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(above)
        below = QHBoxLayout()
        below.setContentsMargins(indent, 0, _SIDE, 0)
        below.addWidget(self.line)
        column.addLayout(below)
        self._is_searched = False
        self.mark.clicked.connect(lambda: self.asked.emit())
        self.line.clicked.connect(lambda: self.asked.emit())
        for widget in (self, *self.findChildren(QWidget)):
            widget.installEventFilter(self)
        self.set_space("")

    def set_space(self, text: str) -> None:
        """In which space it is searched, "" for not."""
        self._is_searched = bool(text)
        self.mark.set_space(text)
        self.line.set_space(text)

    def menu(self, at: QWidget) -> QMenu:
        """What a right click at that widget of the row offers: on a line of text, its own commands as well."""
        line = at.lineEdit() if isinstance(at, QAbstractSpinBox) else at
        menu = line.createStandardContextMenu() if isinstance(line, QLineEdit) else QMenu(at)
        if not menu.isEmpty():
            menu.addSeparator()
        words = "Change what is searched…" if self._is_searched else "Search this…"
        menu.addAction(icon(DRAWING), words, lambda: self.asked.emit())
        if self._is_searched:
            menu.addAction("Do not search", lambda: self.forgotten.emit())
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.mark.set_near(kind == QEvent.Type.FocusIn)
        elif kind in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.mark.update()
        elif isinstance(event, QContextMenuEvent) and isinstance(watched, QWidget):
            menu = self.menu(watched)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())
            event.accept()
            return True
        return False
