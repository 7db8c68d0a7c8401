"""The way round the window by keyboard: F6 from part to part, Tab from one stop to the next as one reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from .docks import Dock

if TYPE_CHECKING:
    from .window import MainWindow

_AREAS = ("right", "timeline", "bottom", "left")
_ROW = 10  # pixels; what differs less in height stands in one row
_BY_KEY = Qt.FocusReason.ShortcutFocusReason


def go_round(window: MainWindow, steps: int) -> None:
    """Gives the keyboard to the next (or with −1 the previous) part of the window that can take it."""
    parts = _parts(window)
    at = _part_of(parts, QApplication.focusWidget())
    for k in range(1, len(parts) + 1):
        if _enter(parts[(at + steps * k) % len(parts)], _BY_KEY):
            return


def go_to(window: MainWindow, panel: str) -> None:
    """Shows a panel and gives it the keyboard."""
    _enter(window.docks[panel], _BY_KEY)


class LastPanel(QObject):
    """Which panel had the keyboard last: a command that the palette runs is meant for that one."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._dock: QWidget | None = None
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._follow)

    @property
    def content(self) -> QWidget | None:
        """The panel itself; None where no panel that is still open has had it."""
        dock = self._dock
        return dock.content if isinstance(dock, Dock) and dock.toggleViewAction().isChecked() else None

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        around = now
        while around is not None and not isinstance(around, Dock):
            around = around.parentWidget()
        found = around if around in self._window.docks.by_id.values() else None
        if found is not None and found is not self._dock:
            self._dock = found
            self._window.actions_.refresh_soon()


def tab(window: MainWindow, forward: bool) -> bool:
    """Gives the keyboard to the next stop in reading order, in the next part after the last of one."""
    reason = Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason
    here = QApplication.focusWidget()
    parts = _parts(window)
    at = _part_of(parts, here)
    inside = stops(parts[at])
    if here in inside:
        k = inside.index(here) + (1 if forward else -1)
        if 0 <= k < len(inside):
            _give(inside[k], reason)
            return True
    step = 1 if forward else -1
    others = (parts[(at + step * k) % len(parts)] for k in range(1, len(parts) + 1))
    return any(_enter(part, reason, last=not forward) for part in others)


def stops(part: QWidget) -> list[QWidget]:
    """What Tab stops at inside a widget, itself included, row by row from the top.

    The order in which widgets were made does not matter: a form that is made anew stays where it stands.
    """
    found = [widget for widget in (part, *part.findChildren(QWidget)) if _takes_tab(widget)]
    places = {widget: widget.mapTo(part, widget.rect().center()) for widget in found if widget is not part}
    rows: list[list[QWidget]] = []
    for widget in sorted(places, key=lambda widget: places[widget].y()):
        if not rows or places[widget].y() > places[rows[-1][0]].y() + _ROW:
            rows.append([])
        rows[-1].append(widget)
    ordered = [widget for row in rows for widget in sorted(row, key=lambda widget: places[widget].x())]
    return [*(widget for widget in found if widget is part), *ordered]


def _takes_tab(widget: QWidget) -> bool:
    by_tab = widget.focusPolicy() & Qt.FocusPolicy.TabFocus == Qt.FocusPolicy.TabFocus
    return by_tab and widget.isEnabled() and widget.isVisible() and widget.focusProxy() is None


def _parts(window: MainWindow) -> list[QWidget]:
    """The canvas (or what covers it), the messages over it, the panels that are open, clockwise, and the toolbar."""
    stage = window.stage
    middle = stage.start_page if stage.start_page.isVisible() else stage.canvas
    messages = [strip for strip in (stage.banner, stage.strip) if strip.isVisible()]
    docks = [d for d in window.docks.by_id.values() if d.toggleViewAction().isChecked()]
    docks.sort(key=lambda d: (_AREAS.index(d.panel.area), _corner(window, d)))
    return [middle, *messages, *docks, window.toolbar]


def _corner(window: MainWindow, dock: Dock) -> int:
    """From left to right; panels that lie behind one another stand where the one in front does."""
    pile = [dock, *window.tabifiedDockWidgets(dock)]
    front = next((d for d in pile if not d.visibleRegion().isEmpty()), dock)
    return front.mapTo(front.window(), QPoint()).x() if front.isVisible() else 1 << 20


def _part_of(parts: list[QWidget], widget: QWidget | None) -> int:
    if widget is None:
        return 0
    return next((k for k, part in enumerate(parts) if part is widget or part.isAncestorOf(widget)), 0)


def _enter(part: QWidget, reason: Qt.FocusReason, *, last: bool = False) -> bool:
    if isinstance(part, Dock):
        part.show()
        part.raise_()
        part.build()
    inside = stops(part)
    if inside:
        _give(inside[-1 if last else 0], reason)
    return bool(inside)


def _give(widget: QWidget, reason: Qt.FocusReason) -> None:
    """Gives it the keyboard and scrolls it into view."""
    widget.setFocus(reason)
    around = widget.parentWidget()
    while around is not None and not around.isWindow():
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget, 12, 24)
        around = around.parentWidget()
