"""What the inspector says of a picture: itself, its size, and the ways to another: file, clipboard, hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QGridLayout, QPushButton, QSizePolicy, QWidget

from ...data.photo import Photo, photo_of, pixels_of, told
from ...data.pictures import SUFFIXES, to_png
from ..icons import icon
from ..pictures import pixels_of as pixels_of_image
from ..saving import save_as
from ..session import Session
from ..widgets.drawing_dialog import DrawingDialog
from ..widgets.picture import Picture
from .parts import Elided, column, quiet

TALLEST = 180
FILES = f"Pictures ({' '.join(f'*{suffix}' for suffix in SUFFIXES)})"


class PicturePart(QWidget):
    """Follows one node of the session's sheet that is a picture; hidden for any other node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self._shown: object = None
        self.choose: Callable[[], str] = self._choose
        self.draw: Callable[[], Photo | None] = lambda: DrawingDialog.ask(self)
        self.file, self.extent, self.view = Elided(), quiet(), Picture(side=TALLEST)
        self.view.setAccessibleName("The picture")
        self.view.bounds = 0.0, 1.0
        self.view.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.change = self._button("open", "Change …", "Choose a picture file", self.ask_for_file)
        self.paste = self._button("paste", "Paste", "Take the picture that was copied", self.take_pasted)
        self.by_hand = self._button("brush", "Draw …", "Draw a grey picture by hand", self.take_drawn)
        self.export = self._button("export", "Save as …", "Write it as a PNG file", self.save)
        outer = column(self, spacing=8)
        for part in (self.file, self.extent, self.view):
            outer.addWidget(part)
        buttons = QGridLayout()
        buttons.setSpacing(6)
        for k, button in enumerate((self.change, self.paste, self.by_hand, self.export)):
            buttons.addWidget(button, k // 2, k % 2)
        outer.addLayout(buttons)
        self.hide()

    def _button(self, drawing: str, words: str, tip: str, act: Callable[[], object]) -> QPushButton:
        made = QPushButton(icon(drawing), words)
        made.setProperty("role", "small")
        made.setToolTip(tip)
        made.clicked.connect(act)
        return made

    def show_picture(self, id: str, op: Any) -> None:
        """Show this node if it is a picture, "" for none."""
        is_one = op is not None and type(op).__name__ == Photo.op
        self._id = id if is_one else ""
        self.setVisible(is_one)
        if not is_one:
            return
        pixels = pixels_of(op)
        self.file.setText(op.file or "no file")
        self.extent.setText(told(op.size) if pixels is not None else op.lack()[0])
        for widget in (self.view, self.export):
            widget.setVisible(pixels is not None)
        if pixels is None or self._shown == op.params:
            return
        self._shown = op.params
        values = op.literal()[0]
        self.view.set_array(values if len(values) == 3 else values[0])
        self.view.setFixedHeight(min(TALLEST, max(48, round(240 * op.size[1] / op.size[2]))))

    # Another picture

    def ask_for_file(self) -> None:
        """Asks for a file and reads it into the node."""
        name = self.choose()
        if name:
            self._session.intake.replace(self._id, Path(name))

    def take_pasted(self) -> None:
        """Takes what is on the clipboard, a copied picture or a copied file of one."""
        mime = QGuiApplication.clipboard().mimeData()
        paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        files = [path for path in paths if path.suffix.lower() in SUFFIXES]
        image = QGuiApplication.clipboard().image() if mime.hasImage() else QImage()
        if files:
            self._session.intake.replace(self._id, files[0])
        elif image.isNull():
            self._session.notify("info", "There is no picture on the clipboard.", "Copy one first.")
        else:
            self._session.attempt(self._take, photo_of(pixels_of_image(image), "picture"))

    def take_drawn(self) -> None:
        """Lets a person draw, and takes that."""
        drawn = self.draw()
        if drawn is not None:
            self._take(drawn)

    def _take(self, found: Photo) -> None:
        self._session.intake.take_photo(self._id, found)

    def save(self) -> None:
        """Writes the picture as a PNG file where the person says."""
        op = self._session.document.nodes[self._id].make()
        pixels = pixels_of(op)
        if pixels is not None:
            name = f"{Path(op.params['file']).stem or 'picture'}.png"
            save_as(self, self._session, name, "PNG (*.png)", lambda: to_png(pixels))

    def _choose(self) -> str:
        return QFileDialog.getOpenFileName(self, "Choose a picture", "", FILES)[0]
