"""The list of weights on their way: what gets which array, whether it is taken, and why not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ...lab.transfer import Row, Transfer
from ...ops import shape_text
from ..theme import mono_font, theme, ui_font
from .own_keys import OwnKeys

LEAVE = "leave as it is"
MOST_CHOICES = 300  # arrays that are offered for one
TALL, LINE = 40, 17
_ROW = Qt.ItemDataRole.UserRole
_BAD = ("misfit", "broken")
Index = QModelIndex | QPersistentModelIndex


class TransferModel(QAbstractListModel):
    """The rows of a `Transfer`."""

    ticked = Signal(str, bool)  # name here, whether it is to be taken
    assigned = Signal(str, str)  # name here, name there ("" for none)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[Row, ...] = ()
        self.shapes: dict[str, tuple[int, ...]] = {}

    def show_transfer(self, found: Transfer, given: Mapping[str, Any]) -> None:
        """Another choice of the same rows keeps the place; other rows begin anew."""
        same = [row.target for row in self.rows] == [row.target for row in found.rows]
        if not same:
            self.beginResetModel()
        self.rows = found.rows
        self.shapes = {name: tuple(array.shape) for name, array in given.items()}
        if not same:
            self.endResetModel()
        elif self.rows:
            self.dataChanged.emit(self.index(0), self.index(len(self.rows) - 1))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  (Qt's own default)
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        found = flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable
        return found | flag.ItemIsUserCheckable if self.rows[index.row()].fits else found

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.target
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{row.target} {shape_text(row.shape)}\n{told(row)}"
        if role == Qt.ItemDataRole.CheckStateRole and row.fits:
            return Qt.CheckState.Checked if row.is_chosen else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.target}, {'taken' if row.is_chosen else 'not taken'}, {told(row)}"
        return row if role == _ROW else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and row.fits:
            self.ticked.emit(row.target, Qt.CheckState(value) == Qt.CheckState.Checked)
            return True
        if role == Qt.ItemDataRole.EditRole:
            if value != row.source:
                self.assigned.emit(row.target, value)
            return True
        return False

    def choices(self, row: Row) -> list[str]:
        """The names there that may be chosen: those that fit first, all of its shape before any other."""
        fit = [name for name, shape in self.shapes.items() if shape == row.shape]
        rest = [name for name in self.shapes if name not in set(fit)]
        return (fit + rest)[:MOST_CHOICES]


def told(row: Row) -> str:
    """Where it comes from, or why not."""
    return f"from {row.source}: {row.words}" if row.source else row.words


class TransferList(QListView):
    """Space ticks, F2 or Enter chooses another array, Ctrl+A selects all; a tick is for all that are selected."""

    moved = Signal()  # another row is current

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = TransferModel(self)
        self.setModel(self.rows)
        self.setUniformItemSizes(True)
        self.setMinimumHeight(2 * TALL + 4)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setAccessibleName("Weights: what is taken from where. Space ticks, F2 chooses another array")
        OwnKeys(self, "Space", "F2", "Return", "Ctrl+A", "Home", "End")
        self.setItemDelegate(_Sources(self))

    def show_transfer(self, found: Transfer, given: Mapping[str, Any]) -> None:
        """See `TransferModel`."""
        self.rows.show_transfer(found, given)
        if not self.currentIndex().isValid():
            self.setCurrentIndex(self.rows.index(0))

    @property
    def current(self) -> Row | None:
        index = self.currentIndex()
        return self.rows.rows[index.row()] if index.isValid() else None

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self.moved.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row = self.current
        if event.key() == Qt.Key.Key_Space and row is not None:
            self._tick(not row.is_chosen)
        elif event.key() in (Qt.Key.Key_F2, Qt.Key.Key_Return) and row is not None:
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _tick(self, on: bool) -> None:
        for index in self.selectionModel().selectedIndexes():
            row = self.rows.rows[index.row()]
            if row.fits and row.is_chosen != on:
                self.rows.ticked.emit(row.target, on)


class _Sources(QStyledItemDelegate):
    """The name and the shape; below where it comes from or why not. Edited by a combo box with what there is."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(_ROW)
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        bare.text = ""
        bare.widget.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, bare.widget)
        now = theme()
        place = QRect(option.rect.left() + 30, option.rect.top() + 3, 0, LINE)
        place.setRight(option.rect.right() - 6)
        painter.save()
        painter.setFont(mono_font(11))
        painter.setPen(now.secondary)
        shape = shape_text(row.shape)
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shape)
        room = place.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(shape) - 8, 0)
        painter.setPen(now.text)
        self._line(painter, room, row.target, Qt.TextElideMode.ElideMiddle)
        painter.setFont(ui_font(11))
        painter.setPen(now.error if row.how in _BAD else now.secondary)
        words = f"⚠ {told(row)}" if row.how in _BAD else told(row)
        self._line(painter, place.translated(0, LINE), words, Qt.TextElideMode.ElideRight)
        painter.restore()

    def _line(self, painter: QPainter, place: QRect, text: str, cut: Qt.TextElideMode) -> None:
        short = painter.fontMetrics().elidedText(text, cut, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, short)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        box = QComboBox(parent)
        row = self._model(index).rows[index.row()]
        box.addItem(LEAVE, "")
        for name in self._model(index).choices(row):
            box.addItem(f"{name}   {shape_text(self._model(index).shapes[name])}", name)
        box.setAccessibleName(f"Array for {row.target}")
        box.activated.connect(lambda _: self._take(box))
        return box

    def _take(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        row = self._model(index).rows[index.row()]
        editor.setCurrentIndex(max(editor.findData(row.source), 0))

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        assert isinstance(editor, QComboBox)
        model.setData(index, editor.currentData(), Qt.ItemDataRole.EditRole)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(26, TALL // 2 - 13, -4, 0))
        editor.resize(editor.width(), 26)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(120, TALL)

    def _model(self, index: Index) -> TransferModel:
        model = index.model()
        assert isinstance(model, TransferModel)
        return model
