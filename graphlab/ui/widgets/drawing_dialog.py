"""A sheet of paper in a window of its own: what is drawn there becomes a grey picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from ...data.handwriting import as_image, averaged
from ...data.photo import Photo, photo_of
from .draw_pad import DrawPad
from .fields import QuietCombo

SIDES = (8, 28, 32, 64, 128)
USUAL = 28


class DrawingDialog(QDialog):
    """Paper; how many pixels it makes; whether ink is white; and whether what is drawn is centred as MNIST's digits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Draw a picture")
        self.pad = DrawPad()
        self.pad.setMinimumSize(QSize(280, 280))
        self.side = QuietCombo()
        self.side.addItems([f"{side}×{side} pixels" for side in SIDES])
        self.side.setCurrentIndex(SIDES.index(USUAL))
        self.side.setAccessibleName("Size of the picture")
        self.dark = QCheckBox("Dark ink on white paper")
        self.centred = QCheckBox("Cut out, scale and centre it, as the digits of MNIST are")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(10)
        column.addWidget(self.pad, 1)
        form = QFormLayout()
        form.addRow(QLabel("Size"), self.side)
        column.addLayout(form)
        for part in (self.dark, self.centred, buttons):
            column.addWidget(part)
        self.pad.setFocus()

    @classmethod
    def ask(cls, parent: QWidget) -> Photo | None:
        """What was drawn; None for nothing, or when it was given up."""
        dialog = cls(parent)
        is_wanted = dialog.exec() == QDialog.DialogCode.Accepted
        return dialog.photo() if is_wanted and not dialog.pad.is_empty else None

    def photo(self) -> Photo:
        """The drawing as it is now."""
        side = SIDES[self.side.currentIndex()]
        make = as_image if self.centred.isChecked() else averaged
        ink = np.clip(make(self.pad.ink(), side, side), 0, 1)
        if self.dark.isChecked():
            ink = 1 - ink
        return photo_of(np.rint(255 * ink)[None].astype(np.uint8), "drawing")
