"""The row of tools over the stage on which windows are played: playing, the row of the batch, and the channels."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from ..icons import icon
from ..widgets.log_slider import QuietSlider
from ..widgets.picture_button import picture_button, step_buttons
from ..window_player import SPEEDS, USUAL, WindowPlayer

FIELD = 58  # pixels


class WindowTools(QWidget):
    """`stepped` tells of −1 and 1, and of 0 for the first; `chosen` of another channel, `rowed` of another row."""

    stepped = Signal(int)
    toggled = Signal()
    chosen = Signal()
    rowed = Signal()

    def __init__(self, player: WindowPlayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(1)
        self._player = player
        self.row, self.out, self.channel = QSpinBox(), QSpinBox(), QSpinBox()
        self.speed, self._pace = QuietSlider(), QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._add_playing(row)
        row.addStretch(1)
        self._add_choices(row)
        player.changed.connect(self._tell_player)
        self._tell_player()

    def _add_playing(self, row: QHBoxLayout) -> None:
        self.begin = picture_button(
            "run-to-start", "To the first window (Home)", lambda: self.stepped.emit(0)
        )
        self.before = picture_button("step-back", "One window back (←)", lambda: self.stepped.emit(-1))
        self.play = picture_button("train", "Play (Space)", lambda: self.toggled.emit())
        self.after = picture_button("step", "One window on (→)", lambda: self.stepped.emit(1))
        for button in (self.begin, self.before, self.play, self.after):
            row.addWidget(button)
        self.speed.setRange(0, len(SPEEDS) - 1)
        self.speed.setPageStep(1)
        self.speed.setValue(USUAL)
        self.speed.setFixedWidth(80)
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("How many windows are played in a second")
        self.speed.valueChanged.connect(self._player.set_level)
        self._pace.setProperty("role", "secondary")
        row.addWidget(self.speed)
        row.addWidget(self._pace)

    def _add_choices(self, row: QHBoxLayout) -> None:
        before, after = step_buttons(self.row)
        label = self._labelled(row, "row", self.row, "Which row of the batch (Page Up and Page Down)")
        for button in (before, after):
            row.addWidget(button)
        self._of_row: tuple[QWidget, ...] = (label, self.row, before, after)
        self._out_label = self._labelled(row, "of y", self.out, "Which channel of the result is made")
        tip = "Which channel of the input is looked at; all: their sums are added up"
        self._channel_label = self._labelled(row, "of x", self.channel, tip)
        self.channel.setRange(-1, 0)
        self.channel.setValue(-1)
        self.channel.setSpecialValueText("all")
        self.row.valueChanged.connect(lambda: self.rowed.emit())
        for field in (self.out, self.channel):
            field.valueChanged.connect(lambda: self.chosen.emit())

    def _labelled(self, row: QHBoxLayout, words: str, field: QSpinBox, tip: str) -> QLabel:
        label = QLabel(words)
        label.setProperty("role", "secondary")
        label.setContentsMargins(8, 0, 2, 0)
        field.setFixedWidth(FIELD)
        field.setToolTip(tip)
        field.setAccessibleName(tip.partition(" (")[0].partition(";")[0])
        label.setBuddy(field)
        row.addWidget(label)
        row.addWidget(field)
        return label

    def show_channels(self, outputs: int, inputs: int, is_sum: bool) -> None:
        """What there is to choose from; pooling has each channel by itself."""
        for field, count in ((self.out, outputs), (self.channel, inputs)):
            with QSignalBlocker(field):
                field.setMaximum(max(count - 1, 0))
        with QSignalBlocker(self.channel):
            self.channel.setValue(-1)
        for each in (self.out, self._out_label):
            each.setVisible(outputs > 1)
        for each in (self.channel, self._channel_label):
            each.setVisible(is_sum and inputs > 1)
        self._out_label.setText("of y" if is_sum else "channel")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where room is short, what keys do goes, and last what tells which row it is."""
        of_row = self._of_row if self.row.maximum() > 0 else ()
        going = (self._pace, self.speed, *of_row[2:], self.begin, self.before, self.after, *of_row[:2])
        for each in going:
            each.show()
        layout = self.layout()
        for each in going:
            if layout is None or layout.sizeHint().width() <= self.width():
                break
            each.hide()

    def show_rows(self, count: int) -> None:
        """How many rows the batch has."""
        with QSignalBlocker(self.row):
            self.row.setMaximum(max(count - 1, 0))
        for each in self._of_row:
            each.setVisible(count > 1)
        self._fit()

    def _tell_player(self) -> None:
        playing = self._player.is_playing
        self.play.setIcon(icon("pause" if playing else "train"))
        self.play.setToolTip("Pause (Space)" if playing else "Play (Space)")
        self.play.setAccessibleName("Pause" if playing else "Play")
        self._pace.setText(self._player.text)
