"""What an empty window offers: an example, an empty graph, a recent file. It covers the canvas until one is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QTextLayout
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..io.examples import Example
from ..io.templates import BLANK, Template, templates
from . import icons, settings
from .icons import icon
from .painting import painting
from .shelf import shelf
from .theme import theme, theme_changed, ui_font

WIDTH = 760


class Tile(QAbstractButton):
    """One thing to open: a drawing, a title and so many lines about it; with none, a few words beside the title."""

    def __init__(self, picture: str, title: str, about: str, lines: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._picture, self._title, self._about, self._lines = picture, title, about, lines
        self.setAccessibleName(title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setToolTip(about)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(38 + 16 * lines if lines else 38)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        warm = self.underMouse() or self.hasFocus()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            edge = 2.0 if self.hasFocus() else 1.0  # the keyboard is seen under the pointer, too
            painter.setPen(QPen(now.accent if warm else now.line, edge))
            painter.setBrush(now.hover if warm else now.raised)
            rim = QMarginsF(edge, edge, edge, edge) / 2
            painter.drawRoundedRect(QRectF(self.rect()).marginsRemoved(rim), 8, 8)
            place = QRectF(14, self.height() / 2 - 10, 20, 20)
            icons.paint(painter, self._picture, place, now.accent if warm else now.secondary)
            self._paint_words(painter, QRectF(self.rect()).adjusted(46, 9, -12, -9))

    def _paint_words(self, painter: QPainter, room: QRectF) -> None:
        painter.setPen(theme().text)
        painter.setFont(ui_font(13, ui_font().Weight.DemiBold))
        cut = Qt.TextElideMode.ElideRight
        middle = Qt.AlignmentFlag.AlignVCenter if not self._lines else Qt.AlignmentFlag.AlignTop
        title = painter.fontMetrics().elidedText(self._title, cut, int(room.width()))
        painter.drawText(room, middle, title)
        used = painter.fontMetrics().horizontalAdvance(title) + 16
        painter.setPen(theme().secondary)
        painter.setFont(ui_font(12))
        if not self._lines:
            beside = room.adjusted(used, 0, 0, 0)
            short = painter.fontMetrics().elidedText(
                self._about, Qt.TextElideMode.ElideMiddle, int(beside.width())
            )
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | middle, short)
        for k, line in enumerate(wrapped(self._about, ui_font(12), room.width(), self._lines)):
            painter.drawText(room.adjusted(0, 20 + 16 * k, 0, 0), line)


def folder_text(path: Path) -> str:
    """Where a file lies, with ~ for the home folder."""
    try:
        return str(Path("~") / path.parent.relative_to(Path.home()))
    except (ValueError, RuntimeError):
        return str(path.parent)


def wrapped(text: str, font: QFont, width: float, most: int) -> list[str]:
    """At most `most` lines of a text, broken between words; the last ends in … if there is more."""
    layout = QTextLayout(text, font)
    layout.beginLayout()
    found: list[str] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        start = line.textStart()
        if len(found) == most - 1:
            found.append(QFontMetrics(font).elidedText(text[start:], Qt.TextElideMode.ElideRight, int(width)))
            break
        found.append(text[start : start + line.textLength()].rstrip())
    layout.endLayout()
    return found


class StartPage(QScrollArea):
    """Covers the canvas. `left` is emitted when the person chose an empty graph."""

    left = Signal()
    open_wanted = Signal()
    drawing_wanted = Signal()
    file_wanted = Signal(object)  # Path
    example_wanted = Signal(object)  # Example
    template_wanted = Signal(object)  # Template

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("startPage")
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its tiles and buttons take the keyboard
        self.setAcceptDrops(True)
        self._fill()
        self._dress()
        theme_changed.connect(self._dress)

    def refresh(self) -> None:
        """Looks at the examples and recent files anew."""
        self._fill()

    def _dress(self, *_: object) -> None:
        self.setStyleSheet(
            f"#startPage, #startPage > QWidget > QWidget {{ background: {theme().canvas.name()}; }}"
        )

    def _fill(self) -> None:
        page = QWidget()
        outer = QHBoxLayout(page)
        outer.addStretch(1)
        inner = QWidget(page)
        inner.setMaximumWidth(WIDTH)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        column = QVBoxLayout(inner)
        column.setSpacing(8)
        column.setContentsMargins(24, 16, 24, 16)
        column.addStretch(1)
        column.addLayout(self._head(inner))
        column.addSpacing(12)
        recent = settings.recent()[:4]
        if recent:
            column.addWidget(_heading("Recent files", inner))
            column.addLayout(_grid([self._recent(path, inner) for path in recent]))
            column.addSpacing(8)
        column.addWidget(_heading("Examples", inner))
        column.addLayout(self._shelf(inner))
        column.addSpacing(8)
        column.addWidget(_heading("Templates", inner))
        column.addLayout(_grid([self._template(template, inner) for template in _offered()]))
        column.addStretch(2)
        outer.addWidget(inner, 20)
        outer.addStretch(1)
        self.setWidget(page)

    def _head(self, parent: QWidget) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        picture = QLabel(parent)
        picture.setPixmap(icons.app_icon().pixmap(QSize(44, 44)))
        row.addWidget(picture)
        words = QVBoxLayout()
        words.setSpacing(0)
        title = QLabel("graphlab", parent)
        title.setFont(ui_font(20, ui_font().Weight.DemiBold))
        title.setStyleSheet("font-size: 20px; font-weight: 600;")
        about = QLabel("Build a graph, step through it, train it.", parent)
        about.setProperty("role", "secondary")
        words.addWidget(title)
        words.addWidget(about)
        row.addLayout(words)
        row.addStretch(1)
        draw = _button("Draw a digit", "brush", self.drawing_wanted.emit, parent)
        draw.setToolTip("Watch it go through LeNet, which has learnt MNIST already")
        row.addWidget(draw)
        row.addWidget(_button("Start empty", "add", self.left.emit, parent))
        row.addWidget(_button("Open …", "open", self.open_wanted.emit, parent))
        return row

    def _shelf(self, parent: QWidget) -> QGridLayout | QVBoxLayout:
        found = shelf()
        if found:
            return _grid([self._example(example, parent) for example in found])
        column = QVBoxLayout()
        none = QLabel("No examples are installed.", parent)
        none.setProperty("role", "secondary")
        column.addWidget(none)
        return column

    def _example(self, example: Example, parent: QWidget) -> Tile:
        tile = Tile("examples", example.title, example.description, 2, parent)
        tile.clicked.connect(lambda: self.example_wanted.emit(example))
        return tile

    def _template(self, template: Template, parent: QWidget) -> Tile:
        tile = Tile("template", template.title, template.description, 1, parent)
        tile.clicked.connect(lambda: self.template_wanted.emit(template))
        return tile

    def _recent(self, path: Path, parent: QWidget) -> Tile:
        tile = Tile("recent", path.stem, folder_text(path), 0, parent)
        tile.clicked.connect(lambda: self.file_wanted.emit(path))
        return tile

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Whoever drags something here wants the canvas (files are taken by the window)."""
        event.ignore()
        if not event.mimeData().hasUrls():
            self.left.emit()


def _offered() -> list[Template]:
    """All but the blank one, which the page has a button for."""
    found = templates(settings.templates_folder())
    return [template for template in found if template.is_own or template.name != BLANK]


def _heading(text: str, parent: QWidget) -> QLabel:
    label = QLabel(text.upper(), parent)
    label.setProperty("role", "heading")
    return label


def _grid(tiles: list[Tile]) -> QGridLayout:
    grid = QGridLayout()
    grid.setSpacing(8)
    for k, tile in enumerate(tiles):
        grid.addWidget(tile, k // 2, k % 2)
    if len(tiles) == 1:
        grid.addWidget(QWidget(), 0, 1)  # a lonely tile is as wide as the others
    for column in (0, 1):
        grid.setColumnStretch(column, 1)
    return grid


def _button(title: str, picture: str, run: Callable[[], object], parent: QWidget) -> QPushButton:
    button = QPushButton(icon(picture), title, parent)
    button.clicked.connect(lambda: run())
    return button
