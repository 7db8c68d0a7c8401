"""A picture that somebody brings, dropped, pasted or chosen as a file, made to fit what a network looks at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from ..data.pictures import SUFFIXES, Bytes, as_floats, fitted, read_picture, with_channels, within
from .filter_sources import is_picture
from .pictures import pixels_of
from .widgets.own_keys import OwnKeys

if TYPE_CHECKING:
    from .session import Session

Floats = NDArray[np.float64]
MOST = 512 * 512  # pixels


class OwnPicture(QObject):
    """`pixels` are (C, H, W) bytes, None without. Files may be dropped on `widget`; Ctrl+V there pastes."""

    changed = Signal()

    def __init__(self, session: Session, widget: QWidget) -> None:
        super().__init__(widget)
        self._session, self._widget = session, widget
        self.pixels: Bytes | None = None
        self.name = ""
        widget.setAcceptDrops(True)
        OwnKeys(widget, "Ctrl+V", run=self.paste)

    def fitted(self, channels: int, height: int, width: int) -> Floats:
        """(C, H, W) from 0 to 1, scaled to cover that size and cut to it. DataError for other channels than 1 or 3."""
        assert self.pixels is not None
        made = fitted(with_channels(self.pixels, channels), height, width)
        return np.asarray(as_floats(made)[0], np.float64)

    def as_it_is(self, most: int = MOST) -> Floats:
        """(C, H, W) from 0 to 1, in its own size, or in proportion with so many pixels at most."""
        assert self.pixels is not None
        return np.asarray(as_floats(within(self.pixels, most))[0], np.float64)

    # Ways in

    def bring(self, path: Path) -> bool:
        """From a file; a notice says what is wrong with it."""
        return self._session.attempt(lambda: self._keep(read_picture(path), path.name))

    def paste(self) -> bool:
        """From the clipboard: a picture, or the file of one."""
        mime = QGuiApplication.clipboard().mimeData()
        files = [Path(url.toLocalFile()) for url in mime.urls()] if mime is not None else []
        if any(map(is_picture, files)):
            return self.bring(next(filter(is_picture, files)))
        return self._session.attempt(self._take, QGuiApplication.clipboard().image())

    def ask(self) -> bool:
        """Asks for a file."""
        kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
        chosen = QFileDialog.getOpenFileName(self._widget, "Open a picture", "", f"Pictures ({kinds})")[0]
        return bool(chosen) and self.bring(Path(chosen))

    def enter(self, event: QDragEnterEvent) -> None:
        """Something is dragged over the widget."""
        if any(is_picture(Path(url.toLocalFile())) for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def drop(self, event: QDropEvent) -> None:
        """It is let go."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        files = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
        self.bring(next(filter(is_picture, files)))

    def _take(self, image: QImage) -> None:
        self._keep(pixels_of(image), "the clipboard")

    def _keep(self, pixels: Bytes, name: str) -> None:
        self.pixels, self.name = pixels, name
        self.changed.emit()
