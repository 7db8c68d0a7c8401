"""The trace: a row for every entry of the schedule, with what it reads and what came out. A click selects the node."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from ...engine.messages import Profiled, TensorKey
from .. import watch_menu
from ..session import Session
from ..widgets.own_keys import OwnKeys
from .live import LivePanel, header_button
from .registry import panel
from .trace_model import COLUMNS, LIMIT, TraceModel, key_of

ROW = 22


@panel("trace", "Trace", "bottom", 60, icon="timeline", shown=False)
class TracePanel(LivePanel):
    """The schedule as a table. Enter or a double-click goes to that entry; the arrows select the nodes on the way."""

    picture = "timeline"
    limit = LIMIT
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.model = TraceModel(session, self)
        self.grid = _Table(self.model, self)
        self.set_content(self.grid)
        self._cursor = -1
        self._is_following = False  # the selection moves rows, rows move the selection
        session.selection_changed.connect(self._select_rows)
        session.profiled.connect(self._measured)
        self.grid.verticalScrollBar().valueChanged.connect(self.graph_changed)
        self.grid.selectionModel().currentRowChanged.connect(self._select_node)
        self.grid.clicked.connect(lambda index: self._select_node(index, index))
        self.grid.activated.connect(lambda index: session.go_to(index.row() + 1))
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(lambda at: self._menu(self.grid.indexAt(at).row(), at))

    def header_tools(self) -> list[QWidget]:
        tip = "Time every node as it runs in training, for about a second; the present step begins anew"
        button = header_button("measure", "timer", tip, self.session.measure)
        button.setIconSize(QSize(13, 13))
        return [button]

    def graph_changed(self, *_: object) -> None:
        self.model.compile()
        super().graph_changed()

    def keys(self) -> list[TensorKey]:
        """What the rows in view tell of."""
        return [key for row in self.rows_in_view() if (key := key_of(self.session, row)) is not None]

    def rows_in_view(self) -> Iterator[int]:
        first = max(self.grid.rowAt(0), 0)
        last = self.grid.rowAt(self.grid.viewport().height() - 1)
        yield from range(first, (last if last >= 0 else self.model.rowCount() - 1) + 1)

    def missing(self) -> bool:
        if self.session.schedule:
            return False
        self.say_nothing_runs(
            "What each node reads and gives stands here, in the order of computing.", "forward"
        )
        return True

    def redraw(self) -> None:
        self.model.refresh(self.rows_in_view())
        cursor = self.session.status.cursor
        if cursor != self._cursor and self.session.status.state != "training":
            self._cursor = cursor
            self.grid.scrollTo(self.model.index(max(cursor - 1, 0), 0))

    def menu(self, row: int) -> QMenu | None:
        """What a right click on a row offers; None where there is no node."""
        schedule = self.session.schedule
        if not 0 <= row < len(schedule) or not schedule[row].node:
            return None
        entry, menu = schedule[row], QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Go to this entry\tReturn", lambda: self.session.go_to(row + 1))
        watch_menu.fill(menu, watch_menu.of_key(self.session, entry.node, entry.phase))
        return menu

    def _menu(self, row: int, at: QPoint) -> None:
        menu = self.menu(row)
        if menu is not None:
            menu.popup(self.grid.viewport().mapToGlobal(at))

    def _measured(self, event: Profiled) -> None:
        self.model.set_seconds(event.seconds)

    def _select_rows(self, chosen: frozenset[str]) -> None:
        """The row of the one selected node becomes the current one, in the phase that one is in."""
        if self._is_following or len(chosen) != 1:
            return
        row = self.model.row_of(self.session.seen.key(next(iter(chosen))), self.grid.currentIndex().row())
        if row >= 0:
            self._is_following = True
            self.grid.setCurrentIndex(self.model.index(row, 0))
            self._is_following = False

    def _select_node(self, index: QModelIndex, before: QModelIndex) -> None:
        """A row became the current one; the first does by itself when the table gets the focus, which means nothing."""
        schedule, row = self.session.schedule, index.row()
        if self._is_following or not before.isValid() or not 0 <= row < len(schedule):
            return
        if not schedule[row].node:
            return
        self._is_following = True
        self.session.select_key(schedule[row].node)
        self._is_following = False


class _Table(QTableView):
    """The rows, all of one height, the last column as wide as there is room."""

    def __init__(self, model: TraceModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName("Trace of the schedule")
        OwnKeys(self, "Home")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setStyleSheet("QTableView::item { padding: 0 6px; }")
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        columns.setHighlightSections(False)
        columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        columns.setStretchLastSection(True)
        for at, column in enumerate(COLUMNS):
            self.setColumnWidth(at, column.width)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the entry on every system, not only where that is the custom."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)
