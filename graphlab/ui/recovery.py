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
        self._session.document_changed.connect(self._edited)
        self._session.saved.connect(self._saved)

    def _edited(self, *_: object) -> None:
        if not self._timer.isActive():  # not started anew: who edits without a pause is saved too
            self._timer.start(SOON)

    def _saved(self) -> None:
        if self._session.graph.is_saved:
            self.clear()

    def write_now(self) -> None:
        """Keeps the document if no file holds it. That this fails is told once, and stops nothing."""
        self._timer.stop()
        if self._session.graph.is_saved:
            self.clear()
            return
        try:
            self._autosave = self._autosave or Autosave(folder())
            self._autosave.write(self._session.document, self._session.path)
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
        """The window closes, and nothing is left to keep."""
        self._timer.stop()
        if self._autosave:
            self._autosave.close()
            self._autosave = None

    # After a crash

    def offer(self) -> None:
        """Offers what dead programs left, one after the other, on the banner over the canvas."""
        if not self._orphans:
            self._orphans = orphans(folder())
        if not self._orphans:
            return
        orphan = self._orphans[0]
        name = orphan.origin.stem if orphan.origin else orphan.document.name
        when = time.strftime("%d %b, %H:%M", time.localtime(orphan.saved_at))
        self._window.stage.banner.say(
            "warning",
            f"graphlab ended unexpectedly. “{name}” was kept as it was on {when}.",
            [("Recover", self._recover), ("Discard", self._discard)],
            stays=True,
        )

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
