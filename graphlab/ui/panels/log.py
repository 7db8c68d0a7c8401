"""The log: everything the window has said, newest last. A double-click goes to the node it is about."""

from __future__ import annotations

import time

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QStackedLayout,
    QToolButton,
    QWidget,
)

from ..icons import icon
from ..notice import Notice
from ..session import MOST_NOTICES, Session
from ..widgets.own_keys import OwnKeys
from .live import EmptyState
from .registry import panel

_TOKEN = {"info": "accent", "warning": "warning", "error": "error"}


@panel("log", "Log", "bottom", 90, shown=False)
class LogPanel(QWidget):
    """A list of notices."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.list = QListWidget(self)
        self.list.setWordWrap(True)
        self.list.setIconSize(QSize(15, 15))
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.itemDoubleClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        OwnKeys(self.list, "Ctrl+C", run=self.copy)
        OwnKeys(self.list, "Ctrl+A", "Home")
        self.empty = EmptyState("log", self)
        self.empty.say("Messages of the program and the engine are kept here. There are none yet.")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.list)
        for notice in session.notices:
            self._add(notice)
        session.notice.connect(self._add)

    def header_tools(self) -> list[QWidget]:
        button = QToolButton()
        button.setIcon(icon("delete"))
        button.setIconSize(QSize(13, 13))
        button.setFixedSize(20, 20)
        button.setToolTip("Clear the log")
        button.clicked.connect(self.clear)
        return [button]

    def clear(self) -> None:
        self._session.notices.clear()
        self.list.clear()
        self._stack.setCurrentWidget(self.empty)

    def _add(self, notice: Notice) -> None:
        bar = self.list.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        clock = time.strftime("%H:%M:%S", time.localtime(notice.at))
        item = QListWidgetItem(icon(notice.level, _TOKEN[notice.level]), f"{clock}  {notice.sentence}")
        item.setData(Qt.ItemDataRole.UserRole, notice.node_id)
        self.list.addItem(item)
        while self.list.count() > MOST_NOTICES:
            self.list.takeItem(0)
        self._stack.setCurrentWidget(self.list)
        if at_end:
            self.list.scrollToBottom()

    def _go(self, item: QListWidgetItem) -> None:
        node = item.data(Qt.ItemDataRole.UserRole)
        if node:
            self._session.show(node)
            self._session.show_requested.emit()

    def copy(self) -> None:
        """Puts the selected lines on the clipboard."""
        QGuiApplication.clipboard().setText("\n".join(i.text() for i in self.list.selectedItems()))
