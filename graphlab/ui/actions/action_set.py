"""The actions of one window as QActions, and the menus made of them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from ..icons import exists, icon
from .registry import MENUS, Action, actions

if TYPE_CHECKING:
    from ...engine.messages import Status
    from ..window import MainWindow

log = logging.getLogger("graphlab.ui")

LEISURE = 300  # milliseconds between two looks at all actions while it trains


class ActionSet(QObject):
    """Holds a QAction for each action and keeps `enabled` and `checked` true to `when` and `checked`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._by_id: dict[str, tuple[Action, QAction]] = {}
        for declared in actions():
            self._by_id[declared.id] = declared, self._made(declared)
        self._state = ""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.refresh)

    def __getitem__(self, id: str) -> QAction:
        return self._by_id[id][1]

    def run(self, id: str) -> bool:
        """Runs an action if it makes sense now; whether it did."""
        declared = self._by_id[id][0]
        if not declared.when(self._window):
            return False
        self._run(declared)
        return True

    def refresh(self) -> None:
        """Asks every action anew whether it makes sense."""
        for declared, made in self._by_id.values():
            made.setEnabled(declared.when(self._window))
            if declared.checked:
                made.setChecked(declared.checked(self._window))
        self._name_undo()

    def refresh_soon(self, *_: object) -> None:
        """Refreshes once, when the event loop is idle, however often this is called."""
        if not self._soon.isActive() or self._soon.interval():
            self._soon.start(0)

    def follow(self, status: Status) -> None:
        """The run is elsewhere. While it trains on, that changes little, and is looked at now and then."""
        goes_on = status.state == self._state == "training"
        self._state = status.state
        if not goes_on:
            self.refresh_soon()
        elif not self._soon.isActive():
            self._soon.start(LEISURE)

    def menu_bar(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Fills a menu bar; the menus by title, for what else belongs into them."""
        menus = {title: bar.addMenu(f"&{title}") for title in MENUS}
        section: dict[str, str] = {}
        for declared, made in self._by_id.values():
            if declared.menu not in menus:
                continue
            menu = menus[declared.menu]
            if section.get(declared.menu, declared.section) != declared.section:
                menu.addSeparator()
            section[declared.menu] = declared.section
            self._submenu(menu, declared).addAction(made)
        return menus

    def _submenu(self, menu: QMenu, declared: Action) -> QMenu:
        """The menu itself, or the one in it that the action stands in."""
        if not declared.submenu:
            return menu
        last = menu.actions()[-1].menu() if menu.actions() else None
        if isinstance(last, QMenu) and last.title() == declared.submenu:
            return last
        name = declared.submenu.lower()
        inner = QMenu(declared.submenu, menu)
        if exists(name):
            inner.setIcon(icon(name))
        menu.addMenu(inner)
        return inner

    def _made(self, declared: Action) -> QAction:
        made = QAction(declared.title, self._window)
        made.setObjectName(declared.id)
        if declared.icon:
            made.setIcon(icon(declared.icon))
        if declared.here:
            made.setShortcuts([QKeySequence(text) for text in declared.shortcuts])
        made.setCheckable(declared.checked is not None)
        keys = f"  ({shown(declared.shortcuts[0])})" if declared.shortcuts else ""
        made.setToolTip(f"{declared.tip or declared.title}{keys}")
        made.setStatusTip("")
        made.triggered.connect(lambda: self._triggered(declared))
        self._window.addAction(made)
        return made

    def _triggered(self, declared: Action) -> None:
        """By a key or from a menu, which may have opened before the world changed: what makes no sense is not done."""
        if not self.run(declared.id):
            self.refresh_soon()

    def _run(self, declared: Action) -> None:
        self._window.session.attempt(declared.run, self._window)
        self.refresh_soon()

    def _name_undo(self) -> None:
        graph = self._window.session.graph
        self["edit.undo"].setText(f"Undo {graph.undo_label}".strip())
        self["edit.redo"].setText(f"Redo {graph.redo_label}".strip())


def shown(shortcut: str) -> str:
    """A shortcut as this platform writes it."""
    return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
