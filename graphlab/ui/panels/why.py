"""Why this answer: which pixels of a picture a decision rests on, and which small step would change it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QStackedWidget, QVBoxLayout, QWidget

from ...data.handwriting import as_image, like_rows
from ...engine import messages as m
from ...engine.wants.answer import Answer, answer_of
from ...engine.wants.eye import Tones, eye_of
from ...engine.wants.why import METHODS
from ...errors import GraphlabError
from .. import numbers
from ..experiments import Experiment
from ..fooling_view import FoolingView
from ..map_images import flat, map_over, picture_image
from ..own_picture import OwnPicture
from ..samples import samples_of
from ..session import Session
from ..wanting import wanting_of
from ..why_options import WhyOptions
from ..widgets.chance_bars import ChanceBars
from ..widgets.draw_pad import DrawPad
from ..widgets.filter_picture import FilterPicture
from ..widgets.picture_button import picture_button, step_buttons
from ..widgets.split_choice import SplitChoice
from .live import LivePanel, header_choice
from .registry import panel

PAUSE, AGAIN = 40, 1000  # milliseconds after the last change of a hand; between two answers while it trains
SHARE = 0.05  # of the time that answers may take then
ROW, DRAWN, OWN = "a sample", "drawn", "your picture"
SAID = "what it says"
TOLD = {
    "gradient": "blue: brighter here would speak for {name}, orange: against it",
    "times-input": "blue: what is there speaks for {name}, orange: against it",
    "guided": "what the units on the way look for when they see {name}",
    "grad-cam": "where {layer} speaks for {name}",
    "occlusion": "covered here, the score of {name} falls (blue) or rises (orange)",
}


@panel("why", "Why this answer", "bottom", 49, icon="why", shown=False, tabbed=True)
class WhyPanel(LivePanel):
    """What goes in on the left, what the answer rests on beside it, the answer on the right."""

    picture = "why"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.told: m.Because | None = None
        self._fault, self._is_waiting, self._is_blank = "", False, False
        self._answer: tuple[object, Answer | None, str] = (None, None, "")
        self._asked_at = self._took = 0.0
        self.samples = samples_of(session)
        self.samples.arrived.connect(self.changed)
        self.samples.arrived.connect(self._take_row)
        self.samples.pointed.connect(self._point_at)
        self.wanting = wanting_of(session)
        self.wanting.why_asked.connect(self._take_row)
        self.experiment = Experiment(session, self)
        self.experiment.told.connect(self._take)
        self.experiment.lost.connect(self._forget)
        self._soon, self._again = _timer(self, PAUSE, self._ask), _timer(self, AGAIN, self._ask)
        self.own = OwnPicture(session, self)
        self.own.changed.connect(lambda: self._choose_source(OWN))
        self.split = SplitChoice(self.samples)
        self.split.chosen.connect(self.ask)
        self.source = header_choice(
            (ROW, DRAWN, OWN), "Picture", "Which picture is looked at", self._choose_source
        )
        self.method = header_choice(
            tuple(METHODS.values()),
            "Method",
            "How it is found out what the answer rests on",
            self._choose_method,
            12,
        )
        self.label = header_choice((SAID,), "Class", "Whose score is looked at", self.ask, 8)
        self.set_content(self._build())
        session.opened.connect(self._forget)
        session.compiled.connect(self._renew)
        session.engine.recomputed.connect(self.ask)

    # Building

    def _build(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(10, 2, 8, 6)
        row.setSpacing(14)
        self.before, self.over = FilterPicture("What goes in"), FilterPicture("What it rests on")
        self.over.hovered.connect(self._read)
        self.before.hovered.connect(self._read_before)
        self.fooling, self.options = FoolingView(), WhyOptions()
        self.options.changed.connect(self.ask)
        self.options.towards.toggled.connect(self.fooling.set_towards)
        self.fooling.moved.connect(self._show_answer)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.over)
        self.pages.addWidget(self.fooling)
        self.bars, self.said = ChanceBars(), QLabel()
        self.bars.setMaximumWidth(300)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setProperty("role", "secondary")
        self.said.setMinimumWidth(1)
        self.said.setWordWrap(True)
        middle = QVBoxLayout()
        middle.setSpacing(4)
        middle.addWidget(self.options)
        middle.addWidget(self.pages, 1)
        middle.addWidget(self.said)
        row.addLayout(self._left(), 2)
        row.addLayout(middle, 4)
        row.addWidget(self.bars, 2)
        return content

    def _left(self) -> QVBoxLayout:
        """Which row, or the paper, or where one's own picture comes from; and what goes in."""
        column, steps = QVBoxLayout(), QHBoxLayout()
        column.setSpacing(4)
        steps.setSpacing(2)
        self.number = QSpinBox()
        self.number.setAccessibleName("Sample")
        self.number.setToolTip("Which row of the part, counted from 0 (Page Up and Page Down step)")
        self.number.valueChanged.connect(self.ask)
        before, after = step_buttons(self.number)
        self.pad = DrawPad()
        self.pad.drawn.connect(self.ask)
        self.clear = picture_button("delete", "Clear the paper (Delete on the paper)", self.pad.clear)
        self.open = picture_button("open", "Open a picture of your own …", self.own.ask)
        self.paste = picture_button("paste", "Paste a picture (Ctrl+V)", self.own.paste)
        self._for: dict[str, tuple[QWidget, ...]] = {
            ROW: (before, self.number, after),
            DRAWN: (self.clear,),
            OWN: (self.open, self.paste),
        }
        for widgets in self._for.values():
            for widget in widgets:
                steps.addWidget(widget, 1 if widget is self.number else 0)
        steps.addStretch(0)
        both = QHBoxLayout()
        self.pad.setMinimumWidth(150)
        both.addWidget(self.pad, 3)
        both.addWidget(self.before, 2)
        column.addLayout(steps)
        column.addLayout(both, 1)
        self._show_source()
        return column

    def header_tools(self) -> list[QWidget]:
        return [self.split, self.source, self.method, self.label]

    # What is chosen

    @property
    def how(self) -> str:
        """The method, as `METHODS` names it."""
        return list(METHODS)[max(self.method.currentIndex(), 0)]

    def choose(self, method: str) -> None:
        """Another method."""
        self.method.setCurrentIndex(list(METHODS).index(method))
        self._choose_method()

    def _choose_method(self, *_: object) -> None:
        self.options.show_for(self.how)
        self.pages.setCurrentIndex(1 if self.how == "fool" else 0)
        self.ask()

    def _choose_source(self, name: str) -> None:
        self.source.setCurrentText(name)
        self._show_source()
        if name == OWN and self.own.pixels is None:
            self.own.ask()
        if name == DRAWN:
            self.pad.setFocus()
        self.ask()

    def _show_source(self) -> None:
        chosen = self.source.currentText()
        for name, widgets in self._for.items():
            for widget in widgets:
                widget.setVisible(name == chosen)
        self.pad.setVisible(chosen == DRAWN)
        self.split.setVisible(chosen == ROW)

    def _point_at(self, row: int) -> None:
        """Another panel wants to see that row."""
        there = np.flatnonzero(self._rows() == row)
        if len(there):
            self._choose_source(ROW)
            self.number.setMaximum(len(self._rows()) - 1)
            self.number.setValue(int(there[0]))

    def _take_row(self) -> None:
        """Another panel has asked why of a row; what is not read yet is taken when it is."""
        row = self.wanting.row
        if row is not None and self.isVisible() and row in self._rows():
            self.wanting.row = None
            self._point_at(row)

    def _rows(self) -> Any:
        look = self.samples.look
        return look.splits.get(self.samples.split, np.zeros(0, np.int64)) if look is not None else np.zeros(0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is not None:
            self.number.setValue(self.number.value() + by)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.own.enter(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.own.drop(event)

    # Asking

    def ask(self, *_: object) -> None:
        """Something about the question is another."""
        if self.isVisible():
            self._soon.start()

    def _ask(self) -> None:
        if not self.isVisible() or self.answer is None:
            return
        try:
            picture = self._picture()
        except GraphlabError as error:
            self._say_fault(f"{error.message} {error.hint}".strip())
            return
        if picture is None and self.source.currentText() != ROW:
            wanted = (
                "Draw something on the paper."
                if self.source.currentText() == DRAWN
                else "Open, paste or drop a picture."
            )
            self._show_nothing()
            self._say_fault(wanted)
            return
        if picture is None and not len(self._rows()) and self.samples.look is not None:
            return
        label = self.label.currentIndex() - 1
        method, split, place = self.how, self.samples.split, self.number.value()
        more = self.options.settings()
        self._is_waiting, self._asked_at = True, time.monotonic()
        self.experiment.begin(lambda n: m.AskWhy(n, method, picture, split, place, label, **more))

    def _picture(self) -> Any:
        """(C, H, W) of what is drawn or brought; None for a row, or where there is nothing yet. DataError."""
        chosen = self.source.currentText()
        if chosen == ROW:
            return None
        shape = eye_of(self.session.seen.whole).shape
        low, high = self.told.tones if self.told is not None else (0.0, 1.0)
        if chosen == OWN:
            return None if self.own.pixels is None else Tones(low, high).toned(self.own.fitted(*shape))
        if self.pad.is_empty:
            return None
        made = as_image(self.pad.ink(), *shape[1:])
        look = self.samples.look
        made = (
            like_rows(made, look.x[:200]) if look is not None and len(look) else Tones(low, high).toned(made)
        )
        return np.repeat(made[None], shape[0], axis=0)

    def _take(self, event: Any) -> None:
        if not isinstance(event, m.Because):
            return
        self._is_waiting = self._is_waiting and not event.is_done
        self._took = time.monotonic() - self._asked_at
        if event.message:
            self.told = None
            self._say_fault(f"{event.message} {event.hint}".strip())
        elif event.picture is not None:
            was_empty, self._fault, self.told = self.told is None, "", event
            self._is_blank = False
            self.changed() if was_empty else self._draw()
        self._follow()

    def _follow(self) -> None:
        """Asks again where the weights have gone on: at once when it rests, in a while when it trains."""
        told = self.told
        if told is None or self._is_waiting or not self.isVisible() or told.step == self.session.status.step:
            return
        if not self._again.isActive():
            rest = max(AGAIN, round(1000 * self._took / SHARE))
            self._again.start(rest if self.session.status.state == "training" else PAUSE)

    def _forget(self, *_: object) -> None:
        self.told, self._is_waiting = None, False
        self.experiment.forget()
        self.changed()

    def _say_fault(self, text: str) -> None:
        self._fault = text
        if self.told is None:
            self.changed()
        else:
            self.said.setText(text)

    # What is shown

    @property
    def answer(self) -> Answer | None:
        """Where the graph gives its answer; found once an edit."""
        whole = self.session.seen.whole
        if self._answer[0] is not whole:
            try:
                self._answer = (whole, answer_of(whole), "")
            except GraphlabError as error:
                self._answer = (whole, None, f"{error.message} {error.hint}".strip())
        return self._answer[1]

    def missing(self) -> bool:
        if self.answer is None:
            what = "What an answer rests on is told of networks that look at pictures. "
            self.empty.say(
                what + self._answer[2]
                if wanting_of(self.session).is_possible
                else what + "This graph has none."
            )
            return True
        self.split.refresh()
        self.number.setMaximum(max(len(self._rows()) - 1, 0))
        if self.told is None:
            if not self._is_waiting and not self._soon.isActive() and not self._fault:
                self.ask()
            self.empty.say(self._fault or "Asking the network …", *self._step_out())
            return True
        return False

    def _step_out(self) -> tuple[Any, ...]:
        """What helps where there are no rows: a picture of one's own."""
        return ("Open a picture", self.own.ask, "open") if self._fault else ()

    def _renew(self, *_: object) -> None:
        """The engine has another graph, or is another: what was on its way will not come."""
        self._fault, self._is_waiting = "", False
        self.ask()

    def redraw(self) -> None:
        self._draw()
        self._follow()

    def _draw(self) -> None:
        told = self.told
        if told is None or self._is_blank:
            return
        self.label.refill([SAID, *told.classes])
        self.options.set_layers(told.layers)
        low, high = told.tones
        self.before.title = self._title(told)
        self.before.show_image(picture_image(told.picture, low, high))
        if told.map is not None and told.method == "fool":
            self.fooling.show_told(told)
        elif told.map is not None:
            self.over.title = METHODS[told.method]
            self.over.show_image(map_over(flat(told.map), told.picture, low, high))
        self._read(None)
        self._read_before(None)
        self._show_answer()

    def _eye_key(self) -> str:
        """The engine's key of the input where pictures go in."""
        return self.answer.source if self.answer is not None else ""

    def _show_nothing(self) -> None:
        """What was told is of another picture than the one that is waited for."""
        self._is_blank = True
        self.before.title = self.source.currentText().capitalize()
        for shown in (self.before, self.over, self.fooling.after, self.fooling.difference):
            shown.show_image(QImage())
        self.bars.show_chances((), np.zeros(0), None)

    def _title(self, told: m.Because) -> str:
        if told.row < 0:
            eye = self.session.name_of(self._eye_key())
            return {OWN: self.own.name, DRAWN: "Your drawing"}.get(self.source.currentText(), eye)
        return f"Row {told.row:,}" + (f": {told.classes[told.true]}" if told.true >= 0 else "")

    def _show_answer(self) -> None:
        told = self.told
        if told is None or self._is_blank:
            return
        true = told.true if told.true >= 0 else None
        chances = np.asarray(told.chances)
        if told.method == "fool" and told.by_size is not None and self.fooling.chances is not None:
            chances = self.fooling.chances
        self.bars.show_chances(told.classes, chances, true)
        self.said.setText(self._words(told))

    def _words(self, told: m.Because) -> str:
        """What the map says, in one line or two."""
        name = told.classes[told.label]
        if told.map is None:
            return "Asking the network …"
        if told.method == "fool":
            return self.fooling.said()
        if told.method == "integrated":
            total, gap = numbers.number(told.difference, sign=True), numbers.plain(abs(told.gap), 2)
            adds = f"blue adds to the score of {name}, orange takes away; together {total}"
            return f"{adds}, the score less that of nothing, within {gap} ({told.steps} steps)"
        layer = next((text for key, text in told.layers if key == told.layer), "")
        words = TOLD[told.method].format(name=name, layer=layer)
        is_going = not told.is_done and told.total > 1
        going = f"  ·  {told.done:,} of {told.total:,} patches" if is_going else ""
        return f"{words}  ·  score {numbers.number(told.score)}  ·  step {told.step:,}{going}"

    def _read(self, pixel: tuple[int, int] | None) -> None:
        told = self.told
        if told is None or told.map is None:
            return
        values = flat(told.map)
        self.over.mark(*(() if pixel is None else ((pixel[0], pixel[0] + 1, pixel[1], pixel[1] + 1),)))
        if pixel is None:
            low, high = float(values.min()), float(values.max())
            self.over.tell(f"{numbers.number(low, sign=True)} … {numbers.number(high, sign=True)}")
        else:
            self.over.tell(f"[{pixel[0]}, {pixel[1]}]  {numbers.number(float(values[pixel]), 4, sign=True)}")

    def _read_before(self, pixel: tuple[int, int] | None) -> None:
        told = self.told
        if told is None:
            return
        _, height, width = told.picture.shape
        if pixel is None:
            self.before.tell(f"{height}×{width}")
        else:
            values = "  ".join(
                numbers.number(value) for value in told.picture[(slice(None), *pixel)].tolist()
            )
            self.before.tell(f"[{pixel[0]}, {pixel[1]}]  {values}")

    def dress(self, *_: object) -> None:
        self._draw()
        super().dress()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.read_for(self)
        self._take_row()
        self._follow()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.samples.leave(self)
        self.experiment.stop()
        self._is_waiting = False
        self._soon.stop()
        self._again.stop()

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every pixel of the map, with what goes in there."""
        if self.told is None or self.told.map is None:
            return ["y", "x", "pixel", "map"], iter(())
        pixels = self.told.picture.mean(axis=0)
        rows = ([*at, float(pixels[at]), float(value)] for at, value in np.ndenumerate(flat(self.told.map)))
        return ["y", "x", "pixel", "map"], rows


def _timer(parent: QWidget, wait: int, run: Any) -> QTimer:
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(wait)
    made.timeout.connect(run)
    return made
