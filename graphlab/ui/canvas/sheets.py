"""Where one looks on each sheet: remembered when one leaves it, found again when one comes back, and flown to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QRectF

from ...graph import Point
from ...graph.copies import bare, node_of
from ..group_edits import here
from .camera import LEAST, MOST

if TYPE_CHECKING:
    from .commands import Commands


class Sight(NamedTuple):
    """The canvas point in the middle of the view, the zoom, and whether all is to be seen whatever the size."""

    centre: Point
    zoom: float
    shows_all: bool


class Sheets(QObject):
    """Follows the session from sheet to sheet. A group is one sheet, whichever of its uses was entered."""

    def __init__(self, view: Commands) -> None:
        super().__init__(view)
        self._view = view
        self._sights: dict[str, Sight] = {}
        self._path, self._sheet = view.session.inside, self._name()
        self._from: QRectF | None = None  # pixels of the group that was entered
        view.session.entered.connect(self._arrive)
        view.session.opened.connect(self._sights.clear)

    def _name(self) -> str:
        return here(self._view.session)

    def follow(self) -> None:
        """To be called when the session shows another document, before the scene does: on another sheet, ends what
        the hand was doing on the one before."""
        view, path = self._view, self._view.session.inside
        if bare(path) == bare(self._path):
            return
        view.leave_sheet()
        self._sights[self._sheet] = self.sight()
        entered = node_of(path[len(self._path)]) if path[: len(self._path)] == self._path else ""
        known = entered in view.scene.index
        self._from = view.camera.screen_rect(view.scene.rect(entered)) if known else None

    def sight(self) -> Sight:
        """Where one looks; after a flight that is under way."""
        view = self._view
        x, y, zoom = view.motion.destination
        middle = view.middle
        return Sight(((middle.x() - x) / zoom, (middle.y() - y) / zoom), zoom, view.shows_all)

    def _arrive(self, path: tuple[str, ...]) -> None:
        view, before = self._view, self._path
        if path == before:
            return
        self._path, self._sheet = path, self._name()
        if bare(path) == bare(before):  # another copy of the same: one goes on looking at the same place
            return
        self._start(node_of(before[len(path)]) if before[: len(path)] == path else "")
        sight = self._sights.get(self._sheet)
        if sight is None or sight.shows_all or not view.was_framed:
            view.frame_all()
        else:
            self._fly(sight.centre, sight.zoom)

    def go(self, path: tuple[str, ...], centre: Point, zoom: float) -> None:
        """Shows a sheet, and of it that place in the middle. GraphError when the sheet is not there."""
        self._view.session.go_inside(path)
        self._fly(centre, min(max(zoom, LEAST), MOST))

    def _fly(self, centre: Point, zoom: float) -> None:
        view, (x, y) = self._view, centre
        view.was_framed, view.shows_all = True, False
        view.motion.fly_to(
            (view.middle.x() - x * zoom, view.middle.y() - y * zoom, zoom),
            view.middle,
            at_once=not view.isVisible(),
        )

    def _start(self, left: str) -> None:
        """Where the flight begins: on the way in, with all as small as the group was; out, close before the group."""
        view, scene = self._view, self._view.scene
        bounds = scene.bounds()
        if self._from is not None and not bounds.isEmpty() and self._from.width() > 1:
            zoom = min(self._from.width() / bounds.width(), self._from.height() / bounds.height())
            centre, at = bounds.center(), self._from.center()
        elif left in scene.index:
            rect = scene.rect(left)
            zoom = min(view.width() / rect.width(), view.height() / rect.height(), MOST)
            centre, at = rect.center(), view.middle
        else:
            return
        view.camera.set((at.x() - centre.x() * zoom, at.y() - centre.y() * zoom, zoom))
        self._from = None
