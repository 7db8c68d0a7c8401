"""The history: every edit since the document was opened. A click goes back or forward to it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QFont, QIcon, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from ..compare_with import earlier
from ..icons import icon
from ..session import Session
from ..theme import theme, theme_changed
from ..widgets.own_keys import OwnKeys
from .registry import panel

_NOW, _SAVED = "chevron-right", "save"


@panel("history", "History", "left", 50, icon="undo", shown=False)
class HistoryPanel(QWidget):
    """The labels of all undo entries, oldest first; what was taken back is faint, the saved one carries a disk."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = QListWidget(self)
        self.list.setIconSize(QSize(13, 13))
        self.list.setUniformItemSizes(True)
        nothing = QPixmap(self.list.iconSize())
        nothing.fill(Qt.GlobalColor.transparent)
        self._no_mark = QIcon(nothing)  # keeps the place of a mark free
        self.list.setAccessibleName("History of edits")
        OwnKeys(self.list, "Home")
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        session.whole_changed.connect(self.refresh)
        session.saved.connect(self.refresh)
        session.editing.noted.connect(self.refresh)
        theme_changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Writes down what there is; only what differs is touched."""
        graph = self._session.root
        labels, now, saved = graph.history, graph.position, graph.saved_position
        while self.list.count() > len(labels):
            self.list.takeItem(self.list.count() - 1)
        while self.list.count() < len(labels):
            self.list.addItem(QListWidgetItem())
        for at, label in enumerate(labels):
            self._write(self.list.item(at), label, at, now, saved)
        self.list.setCurrentRow(now)
        self.list.scrollToItem(self.list.item(now))

    def _write(self, item: QListWidgetItem, label: str, at: int, now: int, saved: int | None) -> None:
        font = QFont(self.list.font())
        font.setBold(at == now)
        if item.font() != font:
            item.setFont(font)
        if item.text() != label:
            item.setText(label)
        item.setForeground(theme().text if at <= now else theme().secondary)
        mark = _SAVED if at == saved else _NOW if at == now else ""
        item.setIcon(icon(mark) if mark else self._no_mark)
        state = "the document now" if at == now else "done" if at < now else "taken back"
        item.setToolTip(f"{label}: {state}" + (", as it was saved" if at == saved else ""))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.toolTip())

    def menu(self, row: int) -> QMenu:
        """What a right click on an entry offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Go to this state", lambda: self._go(self.list.item(row)))
        compare = menu.addAction("Compare with this state", lambda: earlier(self._session, row))
        compare.setEnabled(row != self._session.root.position)
        return menu

    def _menu(self, at: QPoint) -> None:
        row = self.list.indexAt(at).row()
        if row >= 0:
            self.menu(row).popup(self.list.viewport().mapToGlobal(at))

    def _go(self, item: QListWidgetItem) -> None:
        self._session.attempt(self._session.root.go_to, self.list.row(item))
