"""Autosave of one window, and the offer to recover what a crash left behind."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ..errors import SaveError
from ..graph import Graph
from ..io import Autosave, Orphan, orphans
from . import settings

if TYPE_CHECKING:
    from .window import MainWindow

log = logging.getLogger("graphlab.ui")

SOON = 400  # milliseconds from an edit to its autosave
KEPT = 30 * 24 * 3600  # seconds: what nobody recovered for so long is taken away


def folder() -> Path:
    """Where autosaves lie."""
    return settings.folder() / "autosave"


class Recovery(QObject):
    """Writes the document to a scratch file within a second of each edit, and takes the file away once it is saved."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._autosave: Autosave | None = None
        self._failed = False
        self._orphans: list[Orphan] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.write_now)
        self._session.whole_changed.connect(self._edited)
        self._session.saved.connect(self._saved)

    def _edited(self, *_: object) -> None:
        if not self._timer.isActive():  # not started anew: who edits without a pause is saved too
            self._timer.start(SOON)

    def _saved(self) -> None:
        if self._session.root.is_saved:
            self.clear()

    def write_now(self) -> None:
        """Keeps the document if no file holds it. That this fails is told once, and stops nothing."""
        self._timer.stop()
        if self._session.root.is_saved:
            self.clear()
            return
        try:
            self._autosave = self._autosave or Autosave(folder())
            self._autosave.write(self._session.whole, self._session.path)
            self._failed = False
        except SaveError as error:
            if not self._failed:
                self._session.notify("warning", f"Autosave failed: {error.message}", error.hint)
            self._failed = True

    def clear(self) -> None:
        """Takes the scratch file away: the document is saved, or given up."""
        self._timer.stop()
        if self._autosave:
            self._autosave.clear()

    def close(self) -> None:
        """The window closes, and nothing is left to keep. What was offered and not answered stays where it is."""
        self._timer.stop()
        while self._orphans:
            self._orphans.pop().release()
        if self._autosave:
            self._autosave.close()
            self._autosave = None

    # After a crash

    def offer(self, *, again: bool = False) -> bool:
        """Offers what dead programs left, one after the other, on the banner over the canvas; whether there is any.

        Each is offered once by itself; `again` offers those too that were offered before and not answered. What nobody
        wanted for a month goes.
        """
        if not self._orphans:
            self._orphans = _unanswered(again)
        if not self._orphans:
            return False
        orphan = self._orphans[0]
        _remember(orphan)
        name = orphan.origin.stem if orphan.origin else orphan.document.name
        when = time.strftime("%d %b, %H:%M", time.localtime(orphan.saved_at))
        self._window.stage.banner.say(
            "warning",
            f"graphlab ended unexpectedly. “{name}” was kept as it was on {when}.",
            [("Recover", self._recover), ("Discard", self._discard)],
            stays=True,
        )
        return True

    def _recover(self) -> None:
        if not self._window.files.may_leave():
            self.offer()
            return
        orphan = self._orphans[0]
        graph = Graph(orphan.document)
        graph.mark_unsaved()
        self._session.open(graph, orphan.origin)
        self.write_now()  # first kept anew, then taken away
        self._discard()

    def _discard(self) -> None:
        self._orphans.pop(0).discard()
        if self._orphans:
            self.offer()


def _unanswered(again: bool) -> list[Orphan]:
    found = []
    offered = _offered()
    for orphan in orphans(folder()):
        if time.time() - orphan.saved_at > KEPT:
            orphan.discard()
        elif again or orphan.path.name not in offered:
            found.append(orphan)
        else:
            orphan.release()
    return found


def _offered() -> set[str]:
    """The names of the files that were offered, as far as they are still there."""
    stored = settings.text("recovery/offered").split("\n")
    return {name for name in stored if name and (folder() / name).exists()}


def _remember(orphan: Orphan) -> None:
    names = sorted(_offered() | {orphan.path.name})
    settings.settings().setValue("recovery/offered", "\n".join(names))
