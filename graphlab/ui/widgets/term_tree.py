"""The terms of an explanation as rows: a bar by size and sign, the number, the term, and the elements it came from."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QBrush,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from ...ops.explanation import Origin
from ...ops.explanation_text import Explanation, Row, figure, rows
from ..theme import mono_font, theme

MOST = 1000  # rows that are made into items
BAR, NUMBER, TERM, PLACE = range(4)
_ROW = Qt.ItemDataRole.UserRole
_SHARE = Qt.ItemDataRole.UserRole + 1
NARROW = 480  # pixels below which only the terms themselves are told
_BAR_WIDTH = 92


class TermTree(QTreeWidget):
    """Shows the rows of an explanation.

    Arrows walk and open, Enter goes to where a term came from; a click goes to the element clicked at; the menu offers
    each. What stands under the pointer, or is current, is told by `pointed`.
    """

    pointed = Signal(object)  # the origins of a row, () for none
    chosen = Signal(object)  # Origin
    more_wanted = Signal()
    watched = Signal(object)  # Origin that somebody wants to watch

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: Explanation | None = None
        self.setColumnCount(4)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setTreePosition(TERM)
        self.setIndentation(14)
        self.setFont(mono_font(11))
        self.setMouseTracking(True)
        self.setAccessibleName("Terms, the largest first")
        self.setItemDelegateForColumn(BAR, _Bars(self))
        for column in (TERM, PLACE):
            self.setItemDelegateForColumn(column, _Words(self))
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(40)
        for column, mode in (
            (BAR, QHeaderView.ResizeMode.Fixed),
            (NUMBER, QHeaderView.ResizeMode.ResizeToContents),
            (TERM, QHeaderView.ResizeMode.ResizeToContents),
            (PLACE, QHeaderView.ResizeMode.ResizeToContents),
        ):
            header.setSectionResizeMode(column, mode)
        header.resizeSection(BAR, _BAR_WIDTH)
        self.setHorizontalScrollMode(QTreeWidget.ScrollMode.ScrollPerPixel)
        self.itemEntered.connect(lambda item, _: self._point(item))
        self.currentItemChanged.connect(lambda item, _: self._point(item))

    # -- what is shown -------------------------------------------------------------------------------------------

    def show_explanation(self, found: Explanation | None) -> None:
        """Show its terms; the row that was current stays so, and so does what was opened, while the rows are alike."""
        before, opened = (
            self._place_of(self.currentItem()),
            self._opened() if self._found is not None else None,
        )
        self._found = found
        self.clear()
        if found is None:
            return
        parents: list[QTreeWidgetItem] = []
        for number, row in enumerate(rows(found.term)):
            if number == MOST:
                break
            item = self._item(row)
            del parents[row.depth :]
            if parents:
                parents[-1].addChild(item)
            else:
                self.addTopLevelItem(item)
            parents.append(item)
        self._measure(self.invisibleRootItem())
        for item in self._all():
            place = self._place_of(item)
            fresh = len(place) == 1 and self.topLevelItemCount() < 4
            item.setExpanded(fresh if opened is None else place in opened)
            if place == before:
                self.setCurrentItem(item)

    def _item(self, row: Row) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        assert self._found is not None
        text = f"and {row.term.count:,} more" if row.term.how == "rest" else row.symbols
        item.setData(BAR, _ROW, row)
        if row.is_number:
            value = row.term.value
            item.setText(NUMBER, ("+" if value > 0 else "") + figure(value))
            item.setForeground(NUMBER, QBrush(theme().number_colour(value)))
        item.setTextAlignment(NUMBER, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setText(TERM, text)
        if row.term.slope is not None:
            item.setText(TERM, f"{text}   ∂ {figure(row.term.slope)}")
        places = [self._found.place_of(origin) for origin in row.links]
        item.setText(PLACE, "   ".join(places))
        item.setToolTip(TERM, f"{row.symbols}\n= {row.numbers}" if row.term.parts else row.symbols)
        if row.term.how == "rest":
            item.setToolTip(TERM, "Double-click, or press Enter, to tell more of them one by one.")
        return item

    def _measure(self, parent: QTreeWidgetItem | None) -> None:
        """Bars are as long as their share of the largest beside them."""
        children = _children(parent)
        sizes = [_size(_row(child)) for child in children]
        largest = max((size for size in sizes if size < float("inf")), default=0.0)
        for child, size in zip(children, sizes, strict=True):
            child.setData(BAR, _SHARE, min(size / largest, 1.0) if largest else 0.0)
            self._measure(child)

    def _all(self) -> list[QTreeWidgetItem]:
        found: list[QTreeWidgetItem] = []
        queue = _children(self.invisibleRootItem())
        while queue:
            item = queue.pop(0)
            found.append(item)
            queue += _children(item)
        return found

    def _place_of(self, item: QTreeWidgetItem | None) -> tuple[int, ...]:
        place: list[int] = []
        while item is not None:
            parent = item.parent() or self.invisibleRootItem()
            place.append(parent.indexOfChild(item))
            item = item.parent()
        return tuple(reversed(place))

    def _opened(self) -> set[tuple[int, ...]]:
        return {self._place_of(item) for item in self._all() if item.isExpanded()}

    # -- hands ---------------------------------------------------------------------------------------------------

    def links(self, item: QTreeWidgetItem | None) -> tuple[Origin, ...]:
        """The elements that a row names."""
        return _row(item).links if item is not None else ()

    def place_of(self, origin: Origin) -> str:
        return self._found.place_of(origin) if self._found is not None else ""

    def _point(self, item: QTreeWidgetItem | None) -> None:
        self.pointed.emit(self.links(item))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        is_link = self.link_at(event.position().toPoint()) is not None
        self.viewport().setCursor(
            Qt.CursorShape.PointingHandCursor if is_link else Qt.CursorShape.ArrowCursor
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW
        self.setColumnHidden(PLACE, is_narrow)
        self.header().resizeSection(BAR, _BAR_WIDTH // 2 if is_narrow else _BAR_WIDTH)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(self.currentItem() if self.hasFocus() else None)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.pointed.emit(())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        where = event.position().toPoint()
        origin = self.link_at(where) if event.button() == Qt.MouseButton.LeftButton else None
        if origin is not None:
            self.chosen.emit(origin)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._go(self.itemAt(event.position().toPoint()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._go(self.currentItem())
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        item = self.itemAt(event.pos()) if by_mouse else self.currentItem()
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for origin in self.links(item):
            menu.addAction(f"Explain {self.place_of(origin)}", partial(self.chosen.emit, origin))
        for origin in self.links(item):
            menu.addAction(f"Watch {self.place_of(origin)}", partial(self.watched.emit, origin))
        text = f"{item.text(NUMBER)}  {item.text(TERM)}"
        menu.addAction("Copy this line", lambda: QApplication.clipboard().setText(text))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def pieces(
        self, item: QTreeWidgetItem, column: int, cell: QRect
    ) -> list[tuple[str, Origin | None, QRect]]:
        """The text of a cell cut into what is a link and what is not, each with its place."""
        metrics, left = QFontMetrics(self.font()), cell.left() + 5
        found: list[tuple[str, Origin | None, QRect]] = []
        for text, origin in self._words(item, column):
            width = metrics.horizontalAdvance(text)
            found.append((text, origin, QRect(left, cell.top(), width, cell.height())))
            left += width
        return found

    def _words(self, item: QTreeWidgetItem, column: int) -> list[tuple[str, Origin | None]]:
        row, text = _row(item), item.text(column)
        found: list[tuple[str, Origin | None]] = []
        named = [self.place_of(origin) for origin in row.links] if column == PLACE else row.names
        for origin, name in zip(row.links, named, strict=True):
            before, link, text = text.partition(name)
            if not link:  # it is not written out
                text = before
                continue
            found += [(before, None), (link, origin)]
        return [*found, (text, None)]

    def link_at(self, where: QPoint) -> Origin | None:
        """The element named at a point."""
        index, item = self.indexAt(where), self.itemAt(where)
        if item is None or index.column() not in (TERM, PLACE):
            return None
        pieces = self.pieces(item, index.column(), self.visualRect(index))
        return next((origin for _, origin, frame in pieces if frame.contains(where)), None)

    def _go(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        if _row(item).term.how == "rest":
            self.more_wanted.emit()
        elif self.links(item):
            self.chosen.emit(self.links(item)[0])
        else:
            item.setExpanded(not item.isExpanded())


def _children(parent: QTreeWidgetItem | None) -> list[QTreeWidgetItem]:
    found = [parent.child(k) for k in range(parent.childCount())] if parent is not None else []
    return [child for child in found if child is not None]


def _size(row: Row) -> float:
    """How long the bar is; a count, a param or the like is no term that could be compared."""
    is_term = row.is_number and (row.term.how != "number" or row.term.origin is not None)
    return abs(row.term.value) if is_term else 0.0


def _row(item: QTreeWidgetItem) -> Row:
    found: Row = item.data(BAR, _ROW)
    return found


Index = QModelIndex | QPersistentModelIndex


class _Bars(QStyledItemDelegate):
    """A bar to the right of the middle for what adds, to the left for what takes away."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        row, share = index.data(_ROW), index.data(_SHARE) or 0.0
        if row is None or not row.is_number or not share:
            return
        now, frame = theme(), QRectF(option.rect).adjusted(6, 4, -4, -4)
        middle, value = frame.center().x(), row.term.value
        width = max(1.0, frame.width() / 2 * share)
        bar = QRectF(middle if value >= 0 else middle - width, frame.top(), width, frame.height())
        painter.fillRect(bar, now.positive if value >= 0 else now.negative)
        if row.term.how == "rest":
            painter.fillRect(bar, QBrush(now.panel, Qt.BrushStyle.BDiagPattern))
        painter.fillRect(QRectF(middle, frame.top() - 2, 1, frame.height() + 4), now.faint)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(_BAR_WIDTH, 20)


class _Words(QStyledItemDelegate):
    """Text in which the names of elements are links."""

    def __init__(self, tree: TermTree) -> None:
        super().__init__(tree)
        self._tree = tree

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        bare = QStyleOptionViewItem(option)
        self.initStyleOption(bare, index)
        bare.text = ""
        tree, now = self._tree, theme()
        tree.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, bare, painter, tree)
        painter.save()
        painter.setClipRect(option.rect)
        painter.setFont(tree.font())
        for text, origin, frame in tree.pieces(tree.itemFromIndex(index), index.column(), option.rect):
            painter.setPen(now.text if origin is None else now.accent)
            painter.drawText(frame, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        pieces = self._tree.pieces(self._tree.itemFromIndex(index), index.column(), QRect(0, 0, 1, 20))
        return QSize(pieces[-1][2].right() + 12 if pieces else 20, 20)
