"""The search at the pointer: type, choose an operation, Enter adds it. Offers only what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ...ops import Op
from .. import icons
from ..theme import theme
from .card import Card
from .habits import End
from .ink import metrics, text_font
from .ranking import ranked

_WIDTH, _ROWS, _ROW = 340, 9, 30
_LINE = 62  # height of all that is not the list
_OP = Qt.ItemDataRole.UserRole


class SearchPopup(Card):
    """A line and a list, laid over the canvas. `chosen` tells the op; it closes by itself."""

    chosen = Signal(object)  # type[Op]
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ops: list[type[Op]] = []
        self._end: End | None = None
        self._kin = ""
        self.line = QLineEdit(self)
        self.line.setPlaceholderText("Search operations")
        self.line.setClearButtonEnabled(True)
        self.line.setAccessibleName("Search operations")
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Row(self.list))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self.list.itemClicked.connect(lambda item: self._choose())
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
        accepts: Callable[[type[Op]], bool] | None = None,
        title: str = "",
        end: End | None = None,
        ops: Iterable[type[Op]] = (),
        kin: str = "",
    ) -> None:
        """Shows the search at a pixel of the parent, with those of `ops` that `accepts` lets through.

        `end`: the socket from which a wire was drawn; what usually follows it comes first. `kin`: a category whose ops
        come before others.
        """
        self._end, self._kin = end, kin
        everything = list(ops)
        self._ops = [op for op in everything if accepts is None or accepts(op)]
        self.line.setPlaceholderText(title or "Search operations")
        self.line.clear()
        self._fill("")
        room = self.parentWidget().rect().adjusted(4, 4, -4, -4)
        self.resize(_WIDTH, self._fitting_height())
        place = QRect(at, QSize(_WIDTH, min(_ROWS * _ROW + _LINE, room.height())))
        place.moveRight(min(place.right(), room.right()))
        place.moveBottom(min(place.bottom(), room.bottom()))
        place.moveTopLeft(QPoint(max(place.left(), room.left()), max(place.top(), room.top())))
        self.move(place.topLeft())
        self.show()
        self.raise_()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fitting_height(self) -> int:
        rows = min(max(self.list.count(), 1), _ROWS)
        return min(rows * _ROW + _LINE, self.parentWidget().height() - 8)

    def dismiss(self) -> None:
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def _fill(self, text: str) -> None:
        self.list.clear()
        for op in ranked(self._ops, text, self._end, self._kin):
            item = QListWidgetItem(op.__name__)
            item.setData(_OP, op)
            item.setToolTip(op.help().partition("\n")[0])
            item.setSizeHint(QSize(100, _ROW))
            self.list.addItem(item)
        found = self.list.count() > 0
        self.list.setVisible(found)
        self.nothing.setVisible(not found)
        if found:
            self.list.setCurrentRow(0)
        self.resize(_WIDTH, self._fitting_height())

    def _choose(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.hide()
            self.chosen.emit(item.data(_OP))
            self.closed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event.key())
        if watched is self.line and event.type() == QEvent.Type.FocusOut and not self.line.hasFocus():
            self.dismiss()
        return False

    def _key(self, key: int) -> bool:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(
            Qt.Key(key)
        )
        if step is not None:
            count = self.list.count()
            self.list.setCurrentRow((self.list.currentRow() + step) % count if count else -1)
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
            return True
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            self.parentWidget().setFocus()
            return True
        return False


class _Row(QStyledItemDelegate):
    """Icon, name, and the formula at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        op: type[Op] = index.data(_OP)
        rect: QRect = option.rect
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme().selection if state & QStyle.StateFlag.State_Selected else theme().hover)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 5, 5)
        middle = Qt.AlignmentFlag.AlignVCenter
        icons.op_icon(op).paint(painter, rect.left() + 8, rect.center().y() - 9, 18, 18)
        painter.setFont(text_font(13, 600))
        painter.setPen(theme().text)
        painter.drawText(rect.adjusted(34, 0, 0, 0), middle, op.__name__)
        used = 34 + metrics(13, 600).horizontalAdvance(op.__name__) + 16
        room = rect.adjusted(round(used), 0, -10, 0)
        painter.setFont(text_font(11))
        painter.setPen(theme().secondary)
        formula = metrics(11).elidedText(op.formula, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, formula)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, _ROW)
