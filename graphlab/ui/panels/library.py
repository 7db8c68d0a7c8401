"""The library: every operation by family, searched by typing, dragged or entered onto the canvas."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QDrag, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ... import ops
from ...graph.groups import use_counts
from .. import icons, offers
from ..fuzzy import Match, match
from ..painting import painting
from ..session import Session
from ..theme import theme, theme_changed, ui_font
from ..widgets.library_rows import CATEGORY, LETTERS, LibraryRows
from .registry import panel

OP_MIME = "application/x-graphlab-op"  # the key (see `offers`) in UTF-8
_OP = Qt.ItemDataRole.UserRole


class OpTree(QTreeWidget):
    """The rows of the library. `chosen` says the op that was double-clicked or entered."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.families: dict[str, list[type[ops.Op]]] = {}
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setItemDelegate(LibraryRows(self))
        self.setExpandsOnDoubleClick(False)
        self.setAccessibleName("Operations")
        self.itemClicked.connect(self._toggle_family)
        self.itemDoubleClicked.connect(lambda item: self._choose(item))

    def fill(self, query: str) -> None:
        """All families, or for a query the ops that fit it, best first."""
        closed = {item.text(0) for item in self._families() if not item.isExpanded()}
        self.clear()
        if query.strip():
            for match_, op in found(query, self.families):
                self.addTopLevelItem(_row(op, match_.positions))
            self.go_to_first()
            return
        for category, members in self.families.items():
            family = QTreeWidgetItem([category])
            family.setData(0, CATEGORY, category)
            family.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            self.addTopLevelItem(family)
            family.addChildren([_row(op) for op in members])
            family.setExpanded(category not in closed)

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
        rows = self._top()
        flat = [child for row in rows for child in (row, *(row.child(i) for i in range(row.childCount())))]
        return [row.data(0, _OP) for row in flat if row.data(0, _OP)]

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self._choose(item)
        else:
            super().keyPressEvent(event)

    def _families(self) -> list[QTreeWidgetItem]:
        return [row for row in self._top() if row.data(0, CATEGORY)]

    def _top(self) -> list[QTreeWidgetItem]:
        rows = (self.topLevelItem(i) for i in range(self.topLevelItemCount()))
        return [row for row in rows if row is not None]

    def _toggle_family(self, item: QTreeWidgetItem) -> None:
        if item.data(0, CATEGORY):
            item.setExpanded(not item.isExpanded())

    def _choose(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _OP):
            self.chosen.emit(item.data(0, _OP))
        elif not item.isSelected():
            item.setExpanded(not item.isExpanded())


@panel("library", "Library", "left", order=0, icon="library")
class LibraryPanel(QWidget):
    """Search box and rows. Enter or a double-click adds the op in the middle of the canvas."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.search, self.tree = QLineEdit(), OpTree()
        self._nothing = QLabel("No operation fits. Try another word, such as “relu” or “pool”.")
        self._lay_out()
        self.search.textChanged.connect(self._search)
        self.search.installEventFilter(self)
        self.tree.chosen.connect(self._add)
        theme_changed.connect(self._redraw)
        self._offered: tuple[object, ...] = ()
        session.whole_changed.connect(self._look)
        session.entered.connect(self._look)
        self._look()

    def _lay_out(self) -> None:
        self.search.setPlaceholderText("Search operations")
        self.search.setAccessibleName("Search operations")
        self.search.setClearButtonEnabled(True)
        lens = QAction(icons.icon("search"), "", self.search)
        self.search.addAction(lens, QLineEdit.ActionPosition.LeadingPosition)
        self._nothing.setWordWrap(True)
        self._nothing.setProperty("role", "secondary")
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 6, 4)
        column.setSpacing(8)
        column.addWidget(self.search)
        column.addWidget(self._nothing)
        column.addWidget(self.tree, 1)
        self.setFocusProxy(self.search)
        self.setMinimumWidth(150)

    def _look(self, *_: object) -> None:
        """What can be added may be another now: other groups, or another sheet."""
        session = self._session
        now = session.inside, session.whole.definitions, use_counts(session.whole)
        if now != self._offered:
            self._offered = now
            self.tree.families = offers.families(session)
            self._search(self.search.text())

    def _search(self, query: str) -> None:
        self.tree.fill(query)
        self._nothing.setVisible(self.tree.topLevelItemCount() == 0)

    def _add(self, op: str) -> None:
        self._session.add_requested.emit(op)

    def _redraw(self, _: object) -> None:
        """Tool tips and letters carry colours in them."""
        self._search(self.search.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key_in_search(event)
        return False

    def _key_in_search(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape and self.search.text():
            self.search.clear()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.tree.current_op():
            self._add(self.tree.current_op())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._walk_into_rows(down=key == Qt.Key.Key_Down)
        else:
            return False
        return True

    def _walk_into_rows(self, *, down: bool) -> None:
        """From the search box into the rows; a search has put the first row forward already."""
        self.tree.setFocus()
        here = self.tree.currentItem()
        if here is None:
            self.tree.go_to_first()
        elif self.search.text() and down and (below := self.tree.itemBelow(here)) is not None:
            self.tree.setCurrentItem(below)


def found(
    query: str, families: Mapping[str, list[type[ops.Op]]] | None = None
) -> list[tuple[Match, type[ops.Op]]]:
    """The ops that fit a query, best first: by name, then by another name, family or words of the help."""
    hits: list[tuple[Match, type[ops.Op]]] = []
    for members in (ops.by_category() if families is None else families).values():
        for op in members:
            fits = [
                hit for hit in (match(query, op.__name__), _beside_the_name(query, op)) if hit is not None
            ]
            if fits:
                hits.append((max(fits), op))
    return sorted(hits, key=lambda hit: -hit[0].score)


def _beside_the_name(query: str, op: type[ops.Op]) -> Match | None:
    word, others = query.strip().lower(), [name.lower() for name in op.other_names()]
    if len(word) < 3:
        return None
    if word in others:
        return Match(150.0)  # more than a piece of a name, less than its beginning
    if any(name.startswith(word) for name in others):
        return Match(90.0)  # more than letters scattered over a name, less than a piece of one
    return Match(-50.0) if word in " ".join((*others, op.category, op.help())).lower() else None


def _row(op: type[ops.Op], letters: tuple[int, ...] = ()) -> QTreeWidgetItem:
    row = QTreeWidgetItem([op.__name__])
    row.setData(0, _OP, offers.key(op))
    row.setData(0, LETTERS, letters)
    row.setIcon(0, icons.op_icon(op))
    row.setToolTip(0, tool_tip(op))
    return row


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
