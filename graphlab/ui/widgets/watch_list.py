"""The list of what is watched: the stroke of each curve, its name, its number; of an array a small picture, too."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QFontMetrics, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ...engine.messages import Tensor
from .. import numbers
from ..theme import mono_font, theme, ui_font
from ..watches import Watch
from .own_keys import OwnKeys
from .strokes import HEIGHT, WIDTH, stroke

ROW, TALL = 22, 40
PICTURE = QSize(44, 30)
_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class WatchList(QTreeWidget):
    """The watches by name. Delete removes, the menu offers the rest; `fill_menu` adds to it."""

    removed = Signal(object)  # list of Watch
    visited = Signal(object)  # Watch

    def __init__(self, parent: QWidget, tensor: Callable[[Watch], Tensor | None]) -> None:
        super().__init__(parent)
        self.tensor = tensor
        self.fill_menu: Callable[[QMenu], object] = lambda menu: None
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setIconSize(QSize(WIDTH, HEIGHT))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName("Watched numbers; Delete removes")
        OwnKeys(self, "Delete", "Backspace", "Ctrl+A", "Home")
        self.setItemDelegateForColumn(0, _Titles(self))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.itemActivated.connect(lambda item, _: self.visited.emit(watch_of(item)))

    def show_watches(self, watches: list[Watch]) -> None:
        self.clear()
        for watch in watches:
            item = QTreeWidgetItem()
            item.setData(0, _ROLE, watch)
            item.setFont(1, mono_font(11))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setSizeHint(0, QSize(60, ROW if watch.whole is None else TALL))
            self.addTopLevelItem(item)
        self.write(watches)

    def name(self, titles: list[str]) -> None:
        """What the rows are called."""
        for at, title in enumerate(titles):
            self.topLevelItem(at).setText(0, title)
            self.topLevelItem(at).setToolTip(0, title)

    def write(self, watches: list[Watch], step: float | None = None) -> None:
        """The numbers as they are now, or were at a step."""
        for at, watch in enumerate(watches):
            value = watch.now if step is None else watch.at(step)
            text = ("not yet" if step is None else "–") if math.isnan(value) else numbers.number(value, 4)
            item = self.topLevelItem(at)
            item.setText(1, text if watch.whole is None or math.isnan(value) else f"‖{text}‖")
            item.setToolTip(1, "" if watch.whole is None else "Its Euclidean norm; the curve is that, too")
        self.viewport().update()

    def mark(self) -> None:
        """Puts the strokes of the theme before the names."""
        for at in range(self.topLevelItemCount()):
            self.topLevelItem(at).setIcon(0, stroke(at, self.devicePixelRatioF()))

    def chosen(self) -> list[Watch]:
        return [watch_of(item) for item in self.selectedItems()]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(self.chosen())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def menu(self) -> QMenu:
        """What is offered for the selected rows."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        chosen = self.chosen()
        if len(chosen) == 1:
            menu.addAction("Show the node", lambda: self.visited.emit(chosen[0]))
        if chosen:
            menu.addAction("Watch no longer\tDelete", lambda: self.removed.emit(chosen))
            menu.addSeparator()
        self.fill_menu(menu)
        return menu


def watch_of(item: QTreeWidgetItem) -> Watch:
    found: Watch = item.data(0, _ROLE)
    return found


def statistics(tensor: Tensor) -> str:
    """Of an array, in one short line."""
    s = tensor.stats
    bad = f" · {numbers.count(s.bad, 'bad number')}" if s.bad else ""
    spread = " … ".join(numbers.number(v, 2) for v in (s.low, s.mean, s.high))
    return f"{numbers.shape(tensor.shape)} · {spread}{bad}"


class _Titles(QStyledItemDelegate):
    """The stroke and the name; of an array its picture, and its shape, least, mean and greatest below."""

    def __init__(self, view: WatchList) -> None:
        super().__init__(view)
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        watch: Watch = index.data(_ROLE)
        if watch.whole is None:
            super().paint(painter, option, index)
            return
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        title, mark = bare.text, QIcon(bare.icon)
        bare.text, bare.icon = "", QIcon()
        self._view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, self._view)
        painter.save()
        painter.setClipRect(option.rect)
        left = option.rect.left() + 5
        middle = option.rect.center().y()
        mark.paint(painter, QRect(left, middle - HEIGHT // 2, WIDTH, HEIGHT))
        tensor = self._view.tensor(watch)
        frame = QRectF(left + WIDTH + 6, middle - PICTURE.height() / 2 + 1, PICTURE.width(), PICTURE.height())
        _paint_picture(painter, frame, tensor)
        words = QRect(round(frame.right()) + 8, option.rect.top() + 3, 0, 17)
        words.setRight(option.rect.right() - 4)
        self._line(painter, words, title, theme().text, 12)
        text = statistics(tensor) if tensor is not None else "not computed yet"
        self._line(painter, words.translated(0, 17), text, theme().secondary, 11)
        painter.restore()

    def _line(self, painter: QPainter, place: QRect, text: str, colour: QColor, size: int) -> None:
        font = ui_font(size) if size > 11 else mono_font(10)
        painter.setFont(font)
        painter.setPen(colour)
        short = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)


def _paint_picture(painter: QPainter, frame: QRectF, tensor: Tensor | None) -> None:
    from ..canvas.thumbnails import draw_value  # the canvas, too, shows what is watched

    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    scale = 0.0 if tensor is None else max(abs(tensor.stats.low), abs(tensor.stats.high))
    draw_value(painter, frame, tensor, False, 0.5, scale)
