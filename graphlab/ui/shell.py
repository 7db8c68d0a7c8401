"""Tabs: several documents in one frame, each a whole window of its own with its engine, panels and undo.

While there is one document no tab is seen. Training goes on in tabs that are not in front.
"""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QTabWidget

from ..graph import Graph
from . import settings
from .session import Session
from .window import MainWindow

UNSAVED = "●"


class Shell(QMainWindow):
    """The frame on the screen. It closes with its last document."""

    added = Signal(object)  # MainWindow

    def __init__(self) -> None:
        super().__init__()
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.setTabsClosable(True)
        self.tabs.setMovable(True)
        self.tabs.setTabBarAutoHide(True)
        self.tabs.tabCloseRequested.connect(lambda at: self.tabs.widget(at).close())
        self.tabs.currentChanged.connect(self._name)
        bar = self.tabs.tabBar()
        bar.setExpanding(False)
        bar.setElideMode(Qt.TextElideMode.ElideMiddle)
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        bar.customContextMenuRequested.connect(self._menu)
        self.setCentralWidget(self.tabs)
        self.resize(1440, 900)
        self.setMinimumSize(960, 600)
        geometry = settings.settings().value("window/geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    @property
    def windows(self) -> list[MainWindow]:
        """The documents' windows, from left to right."""
        found = (self.tabs.widget(at) for at in range(self.tabs.count()))
        return [window for window in found if isinstance(window, MainWindow)]

    @property
    def current(self) -> MainWindow | None:
        window = self.tabs.currentWidget()
        return window if isinstance(window, MainWindow) else None

    def add(self, window: MainWindow | None = None) -> MainWindow:
        """Puts a window, by default an empty one, into a tab of its own and brings it to the front."""
        window = window or MainWindow(Session(Graph()))
        window.setWindowFlags(Qt.WindowType.Widget)
        window.shell = self
        window.named.connect(self._name)
        window.closed.connect(self._closed)
        self.tabs.addTab(window, "")
        self.tabs.setCurrentWidget(window)
        self._name()
        self.added.emit(window)
        return window

    def turn(self, steps: int) -> None:
        """Goes so many tabs to the right, round the end."""
        if self.tabs.count():
            self.tabs.setCurrentIndex((self.tabs.currentIndex() + steps) % self.tabs.count())

    def close_others(self, kept: MainWindow) -> None:
        """Closes all documents but one; stops where somebody wants to keep one."""
        for window in self.windows:
            if window is not kept and not self._close(window):
                return

    def _close(self, window: MainWindow) -> bool:
        if window.session.is_modified:
            self.tabs.setCurrentWidget(window)  # whoever is asked should see what it is about
        return window.close()

    def _closed(self, window: MainWindow) -> None:
        self.tabs.removeTab(self.tabs.indexOf(window))
        window.deleteLater()
        if not self.tabs.count():
            self.close()

    def _name(self, *_: object) -> None:
        for at, window in enumerate(self.windows):
            window.actions_.refresh_soon()  # what there is to turn to
            name = window.files.name
            text = f"{UNSAVED} {name}" if window.session.is_modified else name
            if self.tabs.tabText(at) != text:
                self.tabs.setTabText(at, text)
                self.tabs.setTabToolTip(at, str(window.session.path or f"{name}, not saved yet"))
        if self.current is not None:
            self.setWindowTitle(self.current.windowTitle())
            self.setWindowModified(self.current.isWindowModified())

    def _menu(self, place: QPoint) -> None:
        at = self.tabs.tabBar().tabAt(place)
        window = self.tabs.widget(at)
        if isinstance(window, MainWindow):
            menu = QMenu(self)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.addAction("Close", window.close)
            others = menu.addAction("Close others", lambda: self.close_others(window))
            others.setEnabled(self.tabs.count() > 1)
            menu.popup(self.tabs.tabBar().mapToGlobal(place))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Every document is asked about; one that stays keeps the frame open."""
        for window in self.windows:
            if not self._close(window):
                event.ignore()
                return
        event.accept()
