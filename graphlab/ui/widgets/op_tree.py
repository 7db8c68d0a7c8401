"""The rows of the library: the person's own lists, then every operation by family, or what a search found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QDrag, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QMenu, QToolTip, QTreeWidget, QTreeWidgetItem, QWidget

from ... import ops
from .. import icons, offers
from ..fuzzy import Match
from ..painting import painting
from ..theme import theme, ui_font
from .library_rows import CATEGORY, LETTERS, LIKED, LibraryRows, star_place
from .own_keys import OwnKeys

OP_MIME = "application/x-graphlab-op"  # the key (see `offers`) in UTF-8
_OP = Qt.ItemDataRole.UserRole
_OWN = Qt.ItemDataRole.UserRole + 4  # set on the headings of the person's own lists
_SPOKEN = Qt.ItemDataRole.AccessibleTextRole
Families = Mapping[str, list[type[ops.Op]]]


class OpTree(QTreeWidget):
    """The rows of the library.

    `chosen` says the key of what was double-clicked or entered, `starred` of what is to be a favourite or one no more,
    `asked` of what somebody wants explained. `forget_wanted`: what was used is to be forgotten.
    """

    chosen = Signal(str)
    starred = Signal(str)
    asked = Signal(str)
    forget_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.families: dict[str, list[type[ops.Op]]] = {}
        self.own: dict[str, list[type[ops.Op]]] = {}
        self.liked: frozenset[str] = frozenset()
        self._closed: set[str] = set()
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(28)
        self.setItemDelegate(LibraryRows(self))
        OwnKeys(self, "Home")
        self.setExpandsOnDoubleClick(False)
        self.setAccessibleName("Operations")
        self.itemClicked.connect(self._toggle_family)
        self.itemDoubleClicked.connect(lambda item: self._choose(item))
        self.itemCollapsed.connect(lambda item: self._closed.add(item.text(0)))
        self.itemExpanded.connect(lambda item: self._closed.discard(item.text(0)))

    # What is listed

    def fill(self, hits: Iterable[tuple[Match, type[ops.Op]]] | None = None) -> None:
        """All families under the person's own lists, or, of a search, what it found."""
        self.clear()
        if hits is not None:
            for hit, op in hits:
                self.addTopLevelItem(self._row(op, hit.positions))
            self.go_to_first()
            return
        for title, members in self.own.items():
            self._add_family(self.topLevelItemCount(), title, members, own=True)
        for title, members in self.families.items():
            self._add_family(self.topLevelItemCount(), title, members)

    def show_own(self, own: Families, liked: frozenset[str]) -> None:
        """The person's lists are these now. The families keep their rows, and stay where they are on the screen."""
        self.own, self.liked = dict(own), liked
        if self.families and self._heads():
            self._replace_own()
        for row in self._op_rows():
            _mark(row, row.data(0, _OP) in liked)

    def _replace_own(self) -> None:
        """Other rows under the same headings. What the pointer may be at stays there; a new heading is to be seen."""
        anchor = next((row for row in self._heads() if not row.data(0, _OWN)), None)
        had = [row for row in self._heads() if row.data(0, _OWN)]
        current = self._place_of(self.currentItem())
        before = self.visualItemRect(anchor).top() if anchor is not None else 0
        for row in had:
            self.takeTopLevelItem(self.indexOfTopLevelItem(row))
        for at, (title, members) in enumerate(self.own.items()):
            self._add_family(at, title, members, own=True)
        self._go_to(current)
        bar = self.verticalScrollBar()
        is_at_work = self.underMouse() and len(had) >= len(self.own)
        if anchor is not None and (is_at_work or bar.value() > 0):
            self.scheduleDelayedItemsLayout()
            self.executeDelayedItemsLayout()
            bar.setValue(bar.value() + self.visualItemRect(anchor).top() - before)

    def _add_family(self, at: int, title: str, members: list[type[ops.Op]], *, own: bool = False) -> None:
        family = QTreeWidgetItem([title])
        family.setData(0, CATEGORY, title)
        family.setData(0, _OWN, own)
        family.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
        self.insertTopLevelItem(at, family)
        family.addChildren([self._row(op) for op in members])
        family.setExpanded(title not in self._closed)

    def _row(self, op: type[ops.Op], letters: tuple[int, ...] = ()) -> QTreeWidgetItem:
        row = QTreeWidgetItem([op.__name__])
        row.setData(0, _OP, offers.key(op))
        row.setData(0, LETTERS, letters)
        row.setIcon(0, icons.op_icon(op))
        row.setToolTip(0, tool_tip(op))
        _mark(row, offers.key(op) in self.liked)
        return row

    def _place_of(self, item: QTreeWidgetItem | None) -> tuple[str, str]:
        """(heading, key) of a row, to find its successor by."""
        if item is None:
            return "", ""
        head = item.parent() or item
        return head.text(0), item.data(0, _OP) or ""

    def _go_to(self, place: tuple[str, str]) -> None:
        """Makes that row the current one again, or its heading; nothing when both are gone."""
        for head in self._heads():
            if head.text(0) == place[0]:
                found = next((row for row in _children(head) if row.data(0, _OP) == place[1]), head)
                if found is not self.currentItem():
                    self.setCurrentItem(found)
                return

    def ask(self) -> None:
        """Wants the current row explained, if it is an operation; a group explains itself inside."""
        op = self.current_op()
        if op and offers.is_op(op):
            self.asked.emit(op)

    def go_to_first(self) -> None:
        """Make the first row the current one, if there is any."""
        first = self.topLevelItem(0)
        if first is not None:
            self.setCurrentItem(first)

    def current_op(self) -> str:
        """The key (see `offers`) of what the current row offers, "" on a family."""
        item = self.currentItem()
        return (item.data(0, _OP) or "") if item else ""

    def op_names(self) -> list[str]:
        """The keys of what is listed, from top to bottom, that of closed families included."""
        return [row.data(0, _OP) for row in self._op_rows()]

    def headings(self) -> list[str]:
        return [row.text(0) for row in self._heads()]

    def _op_rows(self) -> list[QTreeWidgetItem]:
        return [row for top in self._top() for row in (top, *_children(top)) if row.data(0, _OP)]

    def _heads(self) -> list[QTreeWidgetItem]:
        return [row for row in self._top() if row.data(0, CATEGORY)]

    def _top(self) -> list[QTreeWidgetItem]:
        rows = (self.topLevelItem(i) for i in range(self.topLevelItemCount()))
        return [row for row in rows if row is not None]

    # Dragging

    def mime(self, op: str) -> QMimeData:
        """What a drag of the row with that key carries."""
        data = QMimeData()
        data.setData(OP_MIME, QByteArray(op.encode()))
        data.setText(op)
        return data

    def startDrag(self, actions: Qt.DropAction) -> None:
        op = self.current_op()
        if not op:
            return
        drag = QDrag(self)
        drag.setMimeData(self.mime(op))
        dragged = next(c for family in self.families.values() for c in family if offers.key(c) == op)
        picture = drag_picture(dragged, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(16, 14))
        drag.exec(Qt.DropAction.CopyAction)

    # Keys and clicks

    def event(self, event: QEvent) -> bool:
        if is_f1(event) and self.current_op():  # else the window explains the selected node
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        key = Qt.Key(event.key())
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._choose(item)
        elif key == Qt.Key.Key_F1:
            self.ask()
        elif event.text() == "*":
            if self.current_op():
                self.starred.emit(self.current_op())
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and item is not None and not item.data(0, CATEGORY):
            self._leave_row(item, key)
        else:
            super().keyPressEvent(event)

    def _leave_row(self, item: QTreeWidgetItem, key: Qt.Key) -> None:
        """Left goes from a row to its heading, as everywhere; without indentation Qt does not."""
        head = item.parent()
        if key == Qt.Key.Key_Left and head is not None:
            self.setCurrentItem(head)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        key = self._star_at(event.position().toPoint())
        if key and event.button() == Qt.MouseButton.LeftButton:
            self.starred.emit(key)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if not self._star_at(event.position().toPoint()):
            super().mouseDoubleClickEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and (key := self._star_at(event.pos())):
            words = "Remove from favourites" if key in self.liked else "Add to favourites"
            QToolTip.showText(event.globalPos(), f"{words}  (*)", self)
            return True
        return super().viewportEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        item = self.currentItem() if by_key else self.itemAt(event.pos())
        if item is not None:
            self.setCurrentItem(item)
            at = self.visualItemRect(item).center() if by_key else event.pos()
            self.menu(item).popup(self.viewport().mapToGlobal(at))

    def menu(self, item: QTreeWidgetItem) -> QMenu:
        """What a right click on a row offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        key = item.data(0, _OP)
        if not key:
            menu.addAction("Close" if item.isExpanded() else "Open", lambda: self._toggle_family(item))
            if item.data(0, _OWN) and item.text(0) == RECENT:
                menu.addAction("Forget what was used", self.forget_wanted.emit)
            return menu
        menu.addAction(icons.icon("add"), "Add to the graph\tReturn", lambda: self.chosen.emit(key))
        title = "Remove from favourites" if key in self.liked else "Add to favourites"
        menu.addAction(icons.icon("star"), f"{title}\t*", lambda: self.starred.emit(key))
        if offers.is_op(key):
            menu.addSeparator()
            title = f"What is {item.text(0)}?\tF1"
            menu.addAction(icons.icon("help"), title, lambda: self.asked.emit(key))
        return menu

    def _star_at(self, at: QPoint) -> str:
        """The key of the row whose star is under that pixel, "" for none."""
        item = self.itemAt(at)
        key = item.data(0, _OP) if item is not None else ""
        if item is None or not key:
            return ""
        row = QRectF(self.visualItemRect(item)).adjusted(0, 1, -4, -1)
        return key if star_place(row).adjusted(-5, -7, 6, 7).contains(at) else ""

    def _toggle_family(self, item: QTreeWidgetItem) -> None:
        if item.data(0, CATEGORY):
            item.setExpanded(not item.isExpanded())

    def _choose(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _OP):
            self.chosen.emit(item.data(0, _OP))
        elif not item.isSelected():
            item.setExpanded(not item.isExpanded())


def is_f1(event: QEvent) -> bool:
    """Whether Qt asks if somebody wants F1 before the window's shortcut gets it."""
    asks = event.type() == QEvent.Type.ShortcutOverride
    return asks and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_F1


LIKED_TITLE, RECENT = "Favourites", "Recently used"


def _children(row: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (row.child(k) for k in range(row.childCount()))
    return [child for child in found if child is not None]


def _mark(row: QTreeWidgetItem, liked: bool) -> None:
    if row.data(0, LIKED) != liked:
        row.setData(0, LIKED, liked)
        row.setData(0, _SPOKEN, f"{row.text(0)}, favourite" if liked else row.text(0))


def tool_tip(op: type[ops.Op]) -> str:
    """Name, formula and the first paragraph of the help."""
    first = op.help().partition("\n\n")[0].replace("\n", " ").replace("`", "")
    grey = theme().secondary.name()
    return (
        f"<table width='260'><tr><td><b>{escape(op.__name__)}</b>&nbsp; <span style='color:{grey}'>"
        f"{escape(op.category)}</span><br><i>{escape(op.formula)}</i>"
        f"<p style='margin-top:5px'>{escape(first)}</p></td></tr></table>"
    )


def drag_picture(op: type[ops.Op], ratio: float) -> QPixmap:
    """What hangs at the pointer during a drag: the head of the node to be."""
    name, now = op.__name__, theme()
    width = 48 + 8 * len(name)
    picture = QPixmap(round(width * ratio), round(30 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(now.family(op.category))
        painter.setBrush(now.tint(now.family(op.category)))
        painter.drawRoundedRect(QRectF(0.5, 0.5, width - 1, 29), 7, 7)
        icons.paint(painter, icons.op_drawing(op), QRectF(9, 6, 18, 18), now.family(op.category))
        painter.setPen(now.text)
        painter.setFont(ui_font(13))
        painter.drawText(QRectF(35, 0, width - 35, 30), Qt.AlignmentFlag.AlignVCenter, name)
    return picture
