"""The search at the pointer: type, choose an operation, Enter adds it. Offers only what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import (
    QEvent,
    QObject,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from ...ops import Op
from .. import icons, offers
from ..widgets.op_tree import is_f1
from .card import Card
from .ranking import Taste, Wish, parts, ranked
from .search_rows import HEADING_ROW, LIKED, OP, ROW, SearchRows

_WIDTH, _ROWS = 340, 9
_LINE = 62  # height of all that is not the list


class SearchPopup(Card):
    """A line and a list, laid over the canvas. `chosen` tells the op; it closes by itself."""

    chosen = Signal(object)  # type[Op]
    asked = Signal(str)  # the name of an op that somebody wants explained
    starred = Signal(str)  # the key (see `offers`) of what is to be a favourite, or one no more
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation)  # to the canvas below
        self._ops: list[type[Op]] = []
        self._wish, self._person = Wish(), Taste()
        self.line = QLineEdit(self)
        self.setFocusProxy(self.line)  # a press on a row leaves the focus there
        self.line.setPlaceholderText("Search operations")
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Search operations")
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setItemDelegate(SearchRows(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setAccessibleName("Operations found")
        self.list.itemClicked.connect(self._click)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.nothing = QLabel("No operation matches.", self)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for widget in (self.line, self.list, self.nothing):
            column.addWidget(widget)
        self.hide()

    def open_at(
        self,
        at: QPoint,
        ops: Iterable[type[Op]],
        accepts: Callable[[type[Op]], bool] | None = None,
        title: str = "",
        *,
        wish: Wish | None = None,
        person: Taste | None = None,
    ) -> None:
        """Shows the search at a pixel of the parent, with those of `ops` that `accepts` lets through.

        `wish` says what it is for, `person` who asks: both decide what comes first.
        """
        self._wish, self._person = wish or Wish(), person or Taste()
        self._ops = [op for op in ops if accepts is None or accepts(op)]
        self.line.setPlaceholderText(title or "Search operations")
        self.line.clear()
        self._fill("")
        room = self.parentWidget().rect().adjusted(4, 4, -4, -4)
        self.resize(_WIDTH, self._fitting_height())
        place = QRect(at, QSize(_WIDTH, min(_ROWS * ROW + _LINE, room.height())))
        place.moveRight(min(place.right(), room.right()))
        place.moveBottom(min(place.bottom(), room.bottom()))
        place.moveTopLeft(QPoint(max(place.left(), room.left()), max(place.top(), room.top())))
        self.move(place.topLeft())
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def headings(self) -> list[str]:
        """The headings of the parts that are listed."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [item.text() for item in items if item.data(OP) is None]

    def _fitting_height(self) -> int:
        heights = [
            self.list.item(row).sizeHint().height() for row in range(min(self.list.count(), _ROWS + 3))
        ]
        return min(min(max(sum(heights), ROW), _ROWS * ROW) + _LINE, self.parentWidget().height() - 8)

    def dismiss(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _fill(self, text: str) -> None:
        """With nothing typed in parts, else what matches, best first."""
        self.list.clear()
        if text.strip():
            listed = [("", ranked(self._ops, text, self._wish, self._person))]
        else:
            listed = parts(self._ops, self._wish, self._person)
        for title, members in listed:
            if title:
                self.list.addItem(_heading(title))
            for op in members:
                self.list.addItem(_row(op, offers.key(op) in self._person.liked))
        rows = self._rows()
        self.list.setVisible(bool(rows))
        self.nothing.setVisible(not rows)
        if rows:
            self.list.setCurrentRow(rows[0])
            self.list.scrollToTop()
        self.resize(_WIDTH, self._fitting_height())

    def _rows(self) -> list[int]:
        """The numbers of the rows that can be chosen."""
        return [row for row in range(self.list.count()) if self.list.item(row).data(OP) is not None]

    def _current(self) -> type[Op] | None:
        item = self.list.currentItem()
        return item.data(OP) if item is not None else None

    def _click(self, item: QListWidgetItem) -> None:
        if item.data(OP) is not None:
            self._choose()

    def _choose(self) -> None:
        op = self._current()
        if op is not None:
            self.hide()
            self.chosen.emit(op)
            self.closed.emit()

    def _star(self) -> None:
        """Makes the current row a favourite, or one no more; it stays where it is until the search opens again."""
        item, op = self.list.currentItem(), self._current()
        if op is not None:
            item.setData(LIKED, not item.data(LIKED))
            self.starred.emit(offers.key(op))

    def _ask(self) -> None:
        op = self._current()
        if op is not None and offers.has_page(op):
            self.asked.emit(op.__name__)

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None or item.data(OP) is None:
            return
        op: type[Op] = item.data(OP)
        self.list.setCurrentItem(item)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icons.icon("add"), "Add to the graph\tReturn", self._choose)
        title = "Remove from favourites" if item.data(LIKED) else "Add to favourites"
        menu.addAction(icons.icon("star"), f"{title}\t*", self._star)
        if offers.has_page(op):
            menu.addAction(icons.icon("help"), f"What is {op.__name__}?\tF1", self._ask)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _lose(self, reason: Qt.FocusReason) -> None:
        """The focus went elsewhere. From another window, such as a page of help, one comes back."""
        if reason != Qt.FocusReason.ActiveWindowFocusReason and not self.line.hasFocus():
            self.dismiss()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is not self.line:
            return False
        if is_f1(event):  # else the window takes it, for the selected node
            event.accept()
            return False
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            self._lose(event.reason())
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(key)
        if step is not None:
            self._step(step)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif key == Qt.Key.Key_F1:
            self._ask()
        elif event.text() == "*":
            self._star()
        elif key == Qt.Key.Key_Escape:
            self.dismiss()
            self.parentWidget().setFocus()
        else:
            return False
        return True

    def _step(self, step: int) -> None:
        """To the next row, over headings and round the ends."""
        rows = self._rows()
        if not rows:
            return
        here = rows.index(self.list.currentRow()) if self.list.currentRow() in rows else -1
        at = (here + step) % len(rows)
        self.list.setCurrentRow(rows[at])
        if at == 0:
            self.list.scrollToTop()  # its heading, too


def _heading(title: str) -> QListWidgetItem:
    item = QListWidgetItem(title)
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    item.setSizeHint(QSize(100, HEADING_ROW))
    return item


def _row(op: type[Op], liked: bool) -> QListWidgetItem:
    item = QListWidgetItem(op.__name__)
    item.setData(OP, op)
    item.setData(LIKED, liked)
    item.setToolTip(op.help().partition("\n")[0])
    item.setSizeHint(QSize(100, ROW))
    return item
