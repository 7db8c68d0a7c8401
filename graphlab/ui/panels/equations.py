"""Equations: the whole graph as formulas in the order of computing, the current one lit."""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, QModelIndex, QPoint, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMenu, QToolButton, QTreeView, QWidget

from ...engine.equations import Equations
from ..icons import icon
from ..plans import entries, optimizer_of, plan_of, shown_keys
from ..session import Session
from ..widgets.own_keys import OwnKeys
from .equations_model import ROW, EquationsModel, Row
from .equations_rows import EquationRows
from .live import LivePanel
from .registry import panel

EMPTY = "What each node computes stands here as an equation, and how the loss changes with it."


@panel("equations", "Equations", "bottom", 61, icon="equations", shown=False, stretch=60)
class EquationsPanel(LivePanel):
    """A click selects the node, Enter or a double-click goes to that entry of the schedule, Ctrl+C copies LaTeX."""

    picture = "equations"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.model = EquationsModel(self)
        self.tree = _Tree(self.model, self)
        self.set_content(self.tree)
        self.setFocusProxy(self.tree)
        self._plan: object = None
        self._settings: object = None
        self._schedule: object = ()
        self._cursor = -1
        self._folded: set[tuple[str, str]] = set()
        self._is_following = False  # the selection moves rows, rows move the selection
        session.selection_changed.connect(self._follow_selection)
        self.tree.selectionModel().currentChanged.connect(self._select_node)
        self.tree.clicked.connect(lambda index: self._select_node(index, index))
        self.tree.activated.connect(self._go)
        self.tree.entered.connect(self._point)
        self.tree.collapsed.connect(lambda index: self._folded.add(_name(index)))
        self.tree.expanded.connect(lambda index: self._folded.discard(_name(index)))
        self.tree.rows.typesetter.ready.connect(lambda *_: self.tree.viewport().update())
        OwnKeys(self.tree, "Ctrl+C", run=self.copy)

    def header_tools(self) -> list[QWidget]:
        button = QToolButton()
        button.setIcon(icon("copy"))
        button.setIconSize(QSize(14, 14))
        button.setAutoRaise(True)
        button.setToolTip("Copy all equations as LaTeX")
        button.setAccessibleName("Copy all equations as LaTeX")
        button.clicked.connect(lambda *_: self.copy_all())
        return [button]

    # Showing

    def missing(self) -> bool:
        plan = plan_of(self.session)
        if plan.nodes:
            return False
        faults = plan.problems
        if not self.session.whole.nodes:
            self.empty.say(f"{EMPTY} Add nodes, or open an example.")
        else:
            self.empty.say(f"{faults[0].node}: {faults[0].message}" if faults else EMPTY)
        return True

    def redraw(self) -> None:
        self._read()
        cursor = self.session.status.cursor
        self.tree.rows.cursor = cursor
        if cursor != self._cursor:
            was, self._cursor = self._cursor, cursor
            if self.session.status.state != "training" and cursor and was >= 0:
                for row in reversed(
                    self.model.at(cursor - 1)
                ):  # the first one last: it is to be seen in any case
                    self._bring(row)
        self.tree.viewport().update()

    def _read(self) -> None:
        """Takes over another graph, or another schedule of the same."""
        plan, schedule, settings = plan_of(self.session), self.session.schedule, self.session.whole.training
        places = entries(self.session)
        if plan is not self._plan or settings != self._settings:
            self._plan, self._settings, self._schedule = plan, settings, schedule
            self.tree.rows.typesetter.forget_waiting()
            self.model.show(Equations(plan, optimizer_of(self.session)), lambda entry: places.get(entry, -1))
            self._unfold()
            self._follow_selection(self.session.selection)
        elif schedule is not self._schedule:
            self._schedule = schedule
            self.model.replace(lambda entry: places.get(entry, -1))

    def _unfold(self) -> None:
        """Everything is open but what was folded by hand."""
        folded = set(self._folded)
        self.tree.expandAll()
        for heading in self.model.headings:
            for row in (heading, *(child for child in heading.children if child.kind == "group")):
                if (row.phase, row.title) in folded:
                    self.tree.collapse(self.model.index_of(row))

    def _bring(self, row: Row) -> None:
        """Into view, without opening what was folded."""
        host = row.parent
        while host is not None:
            if not self.tree.isExpanded(self.model.index_of(host)):
                row = host
            host = host.parent
        self.tree.scrollTo(self.model.index_of(row), QAbstractItemView.ScrollHint.EnsureVisible)

    # Selection, both ways

    def _follow_selection(self, chosen: frozenset[str]) -> None:
        equations = self.model.equations
        if equations is None:
            return
        keys = shown_keys(self.session, chosen, equations.plan.nodes)
        self.tree.rows.selected = keys
        self.tree.viewport().update()
        if self._is_following or len(keys) != 1:
            return
        current = self.tree.currentIndex().data(ROW) if self.tree.currentIndex().isValid() else None
        node = next(iter(keys))
        if current is not None and current.node == node:
            return
        phase = current.phase if current is not None else self._phase_now()
        row = self.model.row_of(node, phase)
        if row is not None:
            self._is_following = True
            self.tree.selectionModel().setCurrentIndex(
                self.model.index_of(row), QItemSelectionModel.SelectionFlag.ClearAndSelect
            )
            self._bring(row)
            self._is_following = False

    def _phase_now(self) -> str:
        entry = self.session.status.entry
        return entry.phase if entry is not None else "forward"

    def _select_node(self, index: QModelIndex, before: QModelIndex) -> None:
        """A row became the current one; the first does by itself when the tree gets the focus, which means nothing."""
        row = index.data(ROW) if index.isValid() else None
        if self._is_following or not before.isValid() or row is None or not row.node:
            return
        self._is_following = True
        self.session.select_key(row.node)
        self._is_following = False

    def _point(self, index: QModelIndex) -> None:
        """The node of the row under the pointer is lit on the canvas."""
        row = index.data(ROW)
        self.session.hovered.emit(self.session.seen.here(row.node) if row.node else "")

    def _go(self, index: QModelIndex) -> None:
        row = index.data(ROW)
        place = self.model.place(row) if row.line is not None else -1
        if place >= 0:
            self.session.go_to(place + 1)

    # Copying

    def copy(self) -> None:
        """The current row as LaTeX; of a heading, all that is in it."""
        index, equations = self.tree.currentIndex(), self.model.equations
        if equations is None or not index.isValid():
            return
        lines = [equations.latex(row.line) for row in _lines(index.data(ROW)) if row.line is not None]
        QApplication.clipboard().setText("\n".join(lines))

    def copy_all(self) -> None:
        """The whole graph, as LaTeX that can be pasted into a paper."""
        if self.model.equations is not None:
            QApplication.clipboard().setText(self.model.equations.document())
            count = len(self.model.lines)
            self.session.notify("info", f"{count:,} equations were copied as LaTeX.")

    def menu(self, row: Row, place: QPoint) -> QMenu:
        """What can be done with a row."""
        menu = QMenu(self)
        menu.addAction(icon("copy"), "Copy as LaTeX", self.copy)
        menu.addAction("Copy all as LaTeX", self.copy_all)
        if row.line is not None and self.model.place(row) >= 0:
            index = self.model.index_of(row)
            menu.addSeparator()
            menu.addAction(icon("run-to-node"), "Go to this entry", lambda: self._go(index))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)
        return menu


class _Tree(QTreeView):
    """The rows; as wide as the widest formula that was seen."""

    def __init__(self, model: EquationsModel, parent: EquationsPanel) -> None:
        super().__init__(parent)
        self._panel = parent
        self._widest = 0
        self.rows = EquationRows(model, self)
        self.setModel(model)
        self.setItemDelegate(self.rows)
        self.setHeaderHidden(True)
        self.header().setStretchLastSection(False)
        self.setIndentation(18)
        self.setMouseTracking(True)
        self.setExpandsOnDoubleClick(False)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setAccessibleName("Equations of the graph")
        OwnKeys(self, "Home")
        OwnKeys(self, "End")
        self.rows.widened.connect(self._widen)
        model.modelReset.connect(self._narrow)

    def _widen(self, width: int) -> None:
        if width > self._widest:
            self._widest = width
            self._fit()

    def _narrow(self) -> None:
        self._widest = 0
        self._fit()

    def _fit(self) -> None:
        width = max(self.viewport().width(), self._widest)
        if self.columnWidth(0) != width:
            self.setColumnWidth(0, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def leaveEvent(self, event: object) -> None:
        self._panel.session.hovered.emit("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes to the entry on every system, not only where that is the custom."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.data(ROW).line is not None:
            self.activated.emit(index)
        else:
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        if index.isValid():
            self.setCurrentIndex(index)
            below = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft() + QPoint(20, 0))
            self._panel.menu(index.data(ROW), below if by_key else event.globalPos())


def _name(index: QModelIndex) -> tuple[str, str]:
    row: Row = index.data(ROW)
    return row.phase, row.title


def _lines(row: Row) -> list[Row]:
    """The equations in a row."""
    return [row] if row.line is not None else [line for child in row.children for line in _lines(child)]
