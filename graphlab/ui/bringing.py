"""A picture put on the paper of the Draw panel: from a file, the clipboard, or a drop. Writing on paper becomes ink."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog

from ..data.handwriting import as_ink
from ..data.pictures import SUFFIXES, Bytes, fitted, read_picture, with_channels, within
from .pictures import pixels_of
from .widgets.draw_pad import FINE
from .widgets.picture import grey_image

if TYPE_CHECKING:
    from .panels.draw import DrawPanel

MOST_PIXELS = 512 * 512
FILES = f"Pictures ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"


class Bringing:
    """Ways onto the paper of a panel. `choose` asks for a file; tests put another in."""

    def __init__(self, panel: DrawPanel) -> None:
        self._panel, self._session = panel, panel.session
        self.choose: Callable[[], str] = self._choose

    def ask(self) -> None:
        """A file that the person chooses."""
        if name := self.choose():
            self._session.attempt(lambda: self.put(read_picture(name)))

    def paste(self) -> None:
        """What was copied."""
        if not self.take(QGuiApplication.clipboard().mimeData()):
            self._session.notify("info", "There is no picture on the clipboard.", "Copy one first.")

    @staticmethod
    def takes(mime: QMimeData) -> bool:
        return bool(_files(mime)) or mime.hasImage()

    def take(self, mime: QMimeData) -> bool:
        """The picture, or the file of one, among what was copied or dropped; False where there is none."""
        if files := _files(mime):
            return self._session.attempt(lambda: self.put(read_picture(files[0])))
        if not mime.hasImage():
            return False
        return self._session.attempt(lambda: self.put(pixels_of(QImage(mime.imageData()))))

    def put(self, pixels: Bytes) -> None:
        """Puts it on the paper: as ink for a network that reads grey pictures, as it is for one that sees colours."""
        look = self._panel.samples.look
        pixels = within(pixels, MOST_PIXELS)
        if look is not None and look.image_shape is not None and look.image_shape[0] == 3:
            shown = grey_image(with_channels(fitted(pixels, FINE, FINE), 3).astype(np.float32), 0, 255)
        else:
            ink = as_ink(with_channels(pixels, 1)[0] / 255, FINE)
            shown = grey_image(ink, 0, 1).convertToFormat(QImage.Format.Format_Grayscale8)
        self._panel.pad.put(shown, pixels)

    def _choose(self) -> str:
        return QFileDialog.getOpenFileName(self._panel, "Choose a picture", "", FILES)[0]


def _files(mime: QMimeData) -> list[Path]:
    paths = (Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())
    return [path for path in paths if path.suffix.lower() in SUFFIXES]
