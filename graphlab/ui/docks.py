"""The docks around the canvas: made from the panel registry, movable, tearable, remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QByteArray, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QLayout,
    QMainWindow,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from . import settings
from .icons import icon
from .panels.registry import Area, Panel, panels
from .session import Session

_SIDE = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "timeline": Qt.DockWidgetArea.BottomDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
_WIDTH = {"left": 210, "right": 312}
_BOTTOM, _TIMELINE = 206, 62
_TALL = 0.42  # of the window, for panels side by side
_WIDE, _SHARE = 264, 0.48  # height of the bottom row, and part of it, for a panel that has much to tell


class TitleBar(QWidget):
    """The title of a dock with the panel's own tools; dragging it moves the dock."""

    def __init__(self, dock: QDockWidget, panel: Panel) -> None:
        super().__init__(dock)
        self.setObjectName("dockTitle")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 5, 6, 3)
        row.setSpacing(2)
        heading = panel.area in ("left", "right")
        label = QLabel(panel.title.upper() if heading else panel.title)
        label.setProperty("role", "heading")
        label.setMinimumWidth(1)  # in a narrow dock the title gives way, not the tools
        row.addWidget(label)
        row.addStretch(1)
        self._row = row
        row.addWidget(
            self._button("float", f"Tear off {panel.title}", lambda: dock.setFloating(not dock.isFloating()))
        )
        row.addWidget(self._button("close", f"Close {panel.title}; the View menu brings it back", dock.close))

    def add_tools(self, tools: list[QWidget]) -> None:
        """Puts the panel's own controls beside the title."""
        for k, tool in enumerate(tools):
            self._row.insertWidget(2 + k, tool)

    def add_menu(self, title: str, fill: Callable[[QMenu], object]) -> None:
        """Puts a menu behind the panel's controls, filled anew whenever it opens."""
        button = self._button("more", f"More of {title}: save it as a picture or its numbers", lambda: None)
        button.setAccessibleName(f"More of {title}")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        menu.aboutToShow.connect(menu.clear)
        menu.aboutToShow.connect(lambda: fill(menu))
        button.setMenu(menu)
        self._row.insertWidget(self._row.count() - 2, button)
        self.menu = menu

    def _button(self, name: str, tip: str, run) -> QToolButton:
        button = QToolButton(self)
        button.setIcon(icon(name))
        button.setIconSize(QSize(12, 12))
        button.setToolTip(tip)
        button.setAutoRaise(True)
        button.setFixedSize(20, 20)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(run)
        return button


class Dock(QDockWidget):
    """A dock that builds its panel when it is first seen, after the window has painted itself once."""

    def __init__(self, panel: Panel, session: Session, parent: QMainWindow) -> None:
        super().__init__(panel.title, parent)
        self.setObjectName(f"dock-{panel.id}")
        self.panel = panel
        self.content: QWidget | None = None
        self._window, self._is_behind = parent, False
        self.visibilityChanged.connect(self._seen)
        self._session = session
        self._holder = QWidget()
        column = QVBoxLayout(self._holder)
        column.setContentsMargins(0, 0, 0, 0)
        self.setWidget(self._holder)
        self._title = TitleBar(self, panel) if panel.area != "timeline" else QWidget(self)
        self.setTitleBarWidget(self._title)
        if panel.area == "timeline":  # as high as its rows, whatever the window
            column.setSizeConstraint(QLayout.SizeConstraint.SetMinAndMaxSize)
        if panel.area == "bottom":
            self._holder.setMinimumSize(150, 90)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._build_soon()

    def _seen(self, visible: bool) -> None:
        """It came to the front, or went behind another tab; at the start it may do both before anything is painted."""
        self._is_behind = not visible
        if visible:
            self._build_soon()

    def _build_soon(self) -> None:
        if self.content is None:
            QTimer.singleShot(0, self, self._build_if_seen)

    def _build_if_seen(self) -> None:
        if not self.is_behind:
            self.build()

    @property
    def is_behind(self) -> bool:
        """Whether another tab hides it."""
        return self._is_behind and bool(self._window.tabifiedDockWidgets(self))

    def build(self) -> QWidget:
        """The panel itself, made on the first call."""
        if self.content is None:
            self.content = self.panel.make(self._session, self._holder)
            self._holder.layout().addWidget(self.content)
            self.content.show()  # at once, so that it can take the keyboard
            tools = getattr(self.content, "header_tools", None)
            if tools and isinstance(self._title, TitleBar):
                self._title.add_tools(tools())
            fill = getattr(self.content, "fill_header_menu", None)
            if fill and isinstance(self._title, TitleBar):
                self._title.add_menu(self.panel.title, fill)
        return self.content


class Docks(QObject):
    """All docks of a window."""

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window)
        self._window = window
        window.setDockNestingEnabled(True)
        window.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.by_id = {panel.id: Dock(panel, session, window) for panel in panels()}
        self._away: list[Dock] = []
        self.reset()

    def __getitem__(self, id: str) -> Dock:
        return self.by_id[id]

    def toggles(self) -> list[QAction]:
        """For each panel the switch that shows it, for the View menu."""
        found = []
        for dock in self.by_id.values():
            toggle = dock.toggleViewAction()
            toggle.setObjectName(f"view.panel.{dock.panel.id}")
            toggle.setToolTip(f"Show or hide {dock.panel.title}")
            found.append(toggle)
        return found

    def show(self, id: str) -> Dock:
        """Shows a panel, in front of its tabs."""
        dock = self.by_id[id]
        dock.show()
        dock.raise_()
        return dock

    def show_wide(self, id: str, share: float = _SHARE, height: int = _WIDE) -> Dock:
        """Shows a panel that has much to tell; one that was hidden gets a good part of the bottom row's room."""
        was_hidden, dock = not self.by_id[id].isVisible(), self.show(id)
        if was_hidden and not dock.isFloating():
            together = [dock, *self._window.tabifiedDockWidgets(dock)]
            others = [
                d for d in self._of("bottom") if d not in together and d.isVisible() and not d.isFloating()
            ]
            room = self._window.width()
            widths = [round(room * (1 - share) / len(others)) for _ in others]
            self._window.resizeDocks(
                [*others, dock], [*widths, round(room * share)], Qt.Orientation.Horizontal
            )
            self._window.resizeDocks([dock], [height], Qt.Orientation.Vertical)
        return dock

    def side_by_side(self, ids: Sequence[str]) -> None:
        """Shows these panels of the bottom in one row, each with a good part of the window; the others there go."""
        docks = [self.by_id[id] for id in ids]
        for other in self._of("bottom"):
            if other not in docks and not other.isFloating():
                other.hide()
        for dock in docks:  # out of its tabs: beside a tab another would become one
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        self._window.addDockWidget(_SIDE["bottom"], docks[0])
        for above in self._of("timeline"):
            self._window.splitDockWidget(above, docks[0], Qt.Orientation.Vertical)
        for before, dock in pairwise(docks):
            self._window.splitDockWidget(before, dock, Qt.Orientation.Horizontal)
        for dock in docks:
            dock.show()
        self._window.resizeDocks(docks, [1] * len(docks), Qt.Orientation.Horizontal)
        tall = round(self._window.height() * _TALL)
        self._window.resizeDocks(docks[:1], [tall], Qt.Orientation.Vertical)

    def reset(self) -> None:
        """The layout of a fresh window."""
        for dock in self.by_id.values():
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        for area in ("left", "right"):
            self._place_side(area)
        self._place_bottom()
        for dock in self.by_id.values():
            dock.setVisible(dock.panel.shown)
        for dock in (*self._of("left")[:1], *self._of("right")[:1]):
            dock.raise_()  # before what is tabbed with it
        self._size()

    def put_away(self) -> None:
        """Panels torn off leave the screen with their window: Qt would let them stand there alone."""
        self._away += [dock for dock in self.by_id.values() if dock.isFloating() and dock.isVisible()]
        for dock in self._away:
            dock.hide()

    def bring_back(self) -> None:
        """Those put away are seen again."""
        away, self._away = self._away, []
        for dock in away:
            dock.show()

    def save(self) -> None:
        self.bring_back()  # they are remembered as seen
        store = settings.settings()
        store.setValue("window/geometry", self._window.window().saveGeometry())
        store.setValue("window/layout", self._window.saveState(settings.LAYOUT))

    def restore(self) -> bool:
        """Puts the docks where they were last time; False when there is no such memory."""
        store = settings.settings()
        geometry, layout = store.value("window/geometry"), store.value("window/layout")
        if isinstance(geometry, QByteArray):
            self._window.restoreGeometry(geometry)
        return isinstance(layout, QByteArray) and self._window.restoreState(layout, settings.LAYOUT)

    def _of(self, area: Area) -> list[Dock]:
        return [dock for dock in self.by_id.values() if dock.panel.area == area]

    def _place_side(self, area: Area) -> None:
        first: Dock | None = None
        for dock in self._of(area):
            self._window.addDockWidget(_SIDE[area], dock)
            if dock.panel.tabbed and first is not None:
                self._window.tabifyDockWidget(first, dock)
            first = first or dock

    def _place_bottom(self) -> None:
        timeline, row = self._of("timeline"), self._of("bottom")
        for dock in timeline:
            self._window.addDockWidget(_SIDE["timeline"], dock)
        visible = [dock for dock in row if dock.panel.shown]
        for k, dock in enumerate(visible):
            if k:
                self._window.splitDockWidget(visible[k - 1], dock, Qt.Orientation.Horizontal)
            elif timeline:
                self._window.splitDockWidget(timeline[-1], dock, Qt.Orientation.Vertical)
            else:
                self._window.addDockWidget(_SIDE["bottom"], dock)
        for dock in row:
            if not dock.panel.shown and visible:
                self._window.tabifyDockWidget(visible[-1], dock)

    def _size(self) -> None:
        for area in ("left", "right"):
            docks = self._of(area)
            if docks:
                self._window.resizeDocks(docks[:1], [_WIDTH[area]], Qt.Orientation.Horizontal)
        row = [dock for dock in self._of("bottom") if dock.panel.shown]
        self._window.resizeDocks(
            [*self._of("timeline")[:1], *row[:1]], [_TIMELINE, _BOTTOM], Qt.Orientation.Vertical
        )
        shares = [100 + dock.panel.stretch for dock in row]
        self._window.resizeDocks(row, shares, Qt.Orientation.Horizontal)
