"""Draw: a digit drawn by hand, or a picture brought along, and what the network makes of it, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from ...data.handwriting import SMALL, as_image, as_row, averaged, picture_row
from ...data.pictures import as_floats, fitted, with_channels
from ...engine import messages as m
from ...engine.verdicts import judge
from ...errors import GraphlabError
from ...io.examples import example
from ..asker import Asker
from ..bringing import Bringing
from ..evaluating import Evaluation
from ..samples import samples_of
from ..session import Session
from ..shown_sample import shown_sample_of
from ..widgets.answer_view import TO_CANVAS, AnswerView
from ..widgets.draw_pad import THICKEST, THINNEST, DrawPad
from ..widgets.picture import Picture
from ..widgets.picture_button import picture_button
from .live import LivePanel, header_button
from .registry import panel

DRAWING = "your drawing"
NOT_CENTRED = "The whole paper goes in, as it is."


@panel("draw", "Draw", "bottom", 48, icon="brush", shown=False, tabbed=True)
class DrawPanel(LivePanel):
    """Paper on the left; then the image that goes in, the probabilities, and the layers.

    `on_canvas`: the canvas shows each drawing in place of the batch, without being asked to.
    """

    picture = "brush"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.samples = samples_of(session)
        self.samples.arrived.connect(self.changed)
        self.shown = shown_sample_of(session)
        self.asked = Asker(session, self._ask, self)
        self.asked.arrived.connect(self._take)
        self.on_canvas = False
        self.chances: np.ndarray | None = None
        self.pad = DrawPad()
        self.image = Picture(side=110)
        self.answer = AnswerView(session)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setMinimumWidth(1)
        self.to_canvas = header_button("Show on the canvas", "locate", TO_CANVAS, self.show_on_canvas)
        self.set_content(self._build())
        self.setAcceptDrops(True)
        self.bringing = Bringing(self)
        self.pad.drawn.connect(self._drawn)
        self.pad.paste_wanted.connect(self.bringing.paste)
        self.pad.brush_changed.connect(lambda radius: self.brush.setValue(round(1000 * radius)))

    def _build(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(10, 2, 8, 6)
        row.setSpacing(14)
        row.addLayout(self._tools())
        row.addWidget(self.pad, 2)
        self.pad.setMaximumWidth(320)
        rest = QVBoxLayout()
        rest.setSpacing(4)
        rest.addWidget(self.said)
        below = QHBoxLayout()
        below.setSpacing(14)
        self.image.setFixedWidth(132)
        beside = QVBoxLayout()
        beside.addWidget(self.image, 1)
        beside.addWidget(self.centred)
        below.addLayout(beside, 1)
        below.addWidget(self.answer, 6)
        rest.addLayout(below, 1)
        row.addLayout(rest, 5)
        return content

    def header_tools(self) -> list[QWidget]:
        return [self.to_canvas]

    def _tools(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        self.undo = picture_button("undo", "Take the last stroke back (Ctrl+Z on the paper)", self.pad.undo)
        self.redo = picture_button("redo", "Bring it again (Ctrl+Y on the paper)", self.pad.redo)
        self.clear = picture_button("delete", "Clear the paper (Delete on the paper)", self.pad.clear)
        self.bring = picture_button(
            "image", "Put a picture on the paper: a file here; Ctrl+V or a drop do it, too", self._bring
        )
        self.centred = QCheckBox("centre")
        self.centred.setChecked(True)
        self.centred.toggled.connect(self._drawn)
        self.brush = QSlider(Qt.Orientation.Vertical)
        self.brush.setRange(round(1000 * THINNEST), round(1000 * THICKEST))
        self.brush.setValue(round(1000 * self.pad.brush))
        self.brush.setToolTip("How thick the brush is (+ and − on the paper)")
        self.brush.setAccessibleName("Brush size")
        self.brush.setMinimumHeight(40)
        self.brush.valueChanged.connect(lambda value: self.pad.set_brush(value / 1000))
        for widget in (self.undo, self.redo, self.clear, self.bring):
            column.addWidget(widget)
        column.addWidget(self.brush, 1, Qt.AlignmentFlag.AlignHCenter)
        return column

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.read_for(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)
        self.asked.forget()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.pad.setMaximumWidth(min(max(self.height() - 8, 96), 320))  # the paper is square

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.bringing.takes(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.bringing.take(event.mimeData()):
            event.acceptProposedAction()

    # What is shown

    def missing(self) -> bool:
        samples = self.samples
        if samples.decision is not None and samples.look is not None and samples.look.image_shape is not None:
            return False
        if samples.look is None and samples.why.startswith("Reading"):
            self.empty.say(samples.why)
            return True
        self.empty.say(
            "What you draw here is read by a network that tells images apart. This graph has none.",
            "Open the digits",
            lambda: self.session.file_wanted.emit(example("digits-mlp").path),
            "open",
        )
        return True

    def redraw(self) -> None:
        self._show_tools()
        if self._is_blank():
            return
        self.asked.want()

    def show_on_canvas(self) -> None:
        """Has the canvas show what the drawing becomes in place of the batch, from now on with every stroke."""
        row, where = self.row(), self.samples.decision
        if row is not None and where is not None and not self.pad.is_empty:
            op: Any = self.session.seen.whole.nodes[where.source].op
            self.shown.of_arrays(DRAWING, {(where.source, op.results()[0]): row})

    def _bring(self) -> None:
        self.bringing.ask()

    def _show_tools(self) -> None:
        look = self.samples.look
        is_grey = look is None or look.image_shape is None or look.image_shape[0] != 3
        like = (
            "UCI's" if look is not None and look.image_shape and look.image_shape[-2] <= SMALL else "MNIST's"
        )
        self.centred.setVisible(is_grey)
        told = f"Cut out, scaled and centred as {like} digits are. Off: {NOT_CENTRED.lower()}"
        self.centred.setToolTip(told)
        self.to_canvas.setEnabled(not self.pad.is_empty)
        self.undo.setEnabled(self.pad.can_undo)
        self.redo.setEnabled(self.pad.can_redo)
        self.clear.setEnabled(not self.pad.is_empty)

    def _drawn(self) -> None:
        self._show_tools()
        if not self._is_blank():
            self.asked.want(now=True)
            if self.on_canvas or self.shown.title == DRAWING:
                self.show_on_canvas()

    def row(self) -> np.ndarray | None:
        """The drawing as a row of the data, (1, …); None where there is nothing that reads images."""
        look, where = self.samples.look, self.samples.decision
        if look is None or where is None or look.image_shape is None:
            return None
        lengths = sum(len(stroke.places) for stroke in self.pad.strokes)
        key = (look, tuple(self.pad.strokes), lengths, self.centred.isChecked())
        if self._row is not None and self._row[0] == key:
            return self._row[1]
        training = self.session.whole.training
        how = (training.validation, training.test, training.seed, training.stratified)
        source, shape, print_ = self.samples.target_source(), look.image_shape, self.pad.print
        if shape[0] == 3 and print_ is not None:
            row = picture_row(
                as_floats(with_channels(fitted(print_.pixels, *shape[1:]), 3)), source, shape, how
            )
        else:
            make = as_image if self.centred.isChecked() else averaged
            row = as_row(make(self.pad.ink(), *shape[-2:]), source, shape, how)
        self._row = (key, row.reshape(1, *look.shape))
        shaped = row.reshape(look.image_shape)
        self.image.set_array(shaped if shaped.shape[0] == 3 else shaped[0])
        return self._row[1]

    _row: tuple[object, np.ndarray] | None = None  # what was made of which drawing

    def _is_blank(self) -> bool:
        """Whether nothing is drawn; then it says what could be."""
        if self.row() is None or self.samples.look is None or not self.pad.is_empty:
            return False
        self.chances = None
        self.asked.forget()
        self.answer.clear()
        is_colour = (self.samples.look.image_shape or ())[:1] == (3,)
        words = "Bring a picture of" if is_colour else "Draw"
        self.said.setText(f"{words} one of: {', '.join(self.samples.look.classes[:20])}.")
        return True

    def _ask(self, asked: Evaluation) -> object:
        row, where = self.row(), self.samples.decision
        if row is None or where is None:
            return None
        op: Any = self.session.seen.whole.nodes[where.source].op
        asked.of_arrays({(where.source, op.results()[0]): row}, self.answer.ends(where))
        return where

    def _take(self, _: object, event: m.Evaluated) -> None:
        where, look = self.samples.decision, self.samples.look
        if self.pad.is_empty or where is None or look is None:
            return
        if event.message:
            self.said.setText(f"{event.message} {event.hint}".strip())
            return
        op: Any = self.session.seen.whole.nodes[where.loss].op
        try:
            self.chances = chances_of(op, event.values[-1], look.classes)
        except GraphlabError as error:
            self.said.setText(str(error))
            return
        self.answer.bars.show_chances(look.classes, self.chances, None)
        self.answer.show_layers(where, event.values)
        best = self.answer.bars.best
        if best is None:
            self.said.setText("What comes out is not a number.")
        else:
            self.said.setText(
                f"It reads {look.classes[best]}, {self.chances[best]:.0%} sure  ·  step {event.step:,}"
            )

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The probability of each class."""
        look = self.samples.look
        if look is None or self.chances is None:
            return ["class", "probability"], iter(())
        return ["class", "probability"], zip(look.classes, self.chances.tolist(), strict=False)


def chances_of(op: Any, scores: Any, classes: tuple[str, ...]) -> np.ndarray:
    """The probability of each class from one row of scores."""
    return judge(op, scores, np.zeros(1, np.int64), classes, [0], [0]).chances[0]
