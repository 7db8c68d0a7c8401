"""What a unit wants: the picture at which it says most, growing as it climbs, beside the samples it says most at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...engine import messages as m
from ...engine.wants.climb import Knobs
from ...engine.wants.eye import Eye, Tones, eye_of, layers_of_units, low_middle_high
from ...errors import GraphlabError
from ..climb_knobs import ClimbKnobs
from ..experiments import Experiment
from ..icons import icon
from ..own_picture import OwnPicture
from ..samples import samples_of
from ..session import Session
from ..unit_column import LayerOfUnits, UnitColumn
from ..wanting import wanting_of
from ..widgets.split_choice import SplitChoice
from .live import LivePanel, header_button, header_choice, header_switch
from .registry import panel

PAUSE = 150  # milliseconds after the last change of a hand
BEST = 9
NOISE, SAMPLE, OWN, DREAM = "noise", "the best sample", "your picture", "a dream"
BEGIN_TOLD = {
    NOISE: "The picture climbs from noise",
    SAMPLE: "The picture climbs from the marked sample",
    OWN: "The picture climbs from one of your own: open, paste or drop it",
    DREAM: "Your picture is made more like what the layer sees in it, in ever larger sizes (deep dream)",
}


@panel("wants", "What a unit wants", "bottom", 43, icon="wants", shown=False, tabbed=True)
class WantsPanel(LivePanel):
    """One unit, or three of a low, a middle and a high layer side by side. It follows the selected node."""

    picture = "wants"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._fault, self._going = "", ""
        self._tones = (0.0, 1.0)
        self._eye: tuple[object, Eye | None, str] = (None, None, "")
        self.climbed: m.Climbed | None = None
        self.dreamt: m.Dreamt | None = None
        self.found: m.FoundBest | None = None
        self.samples = samples_of(session)
        self.samples.arrived.connect(self._rows_are_here)
        self.wanting = wanting_of(session)
        self.wanting.asked.connect(self._take_wish)
        self.climb, self.best = self._experiment(), self._experiment()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(PAUSE)
        self._soon.timeout.connect(self.start)
        self.own = OwnPicture(session, self)
        self.own.changed.connect(self._begin_with_own)
        self.split = SplitChoice(self.samples)
        self.split.chosen.connect(self.find_best)
        self.begin = header_choice(tuple(BEGIN_TOLD), "Begin with", BEGIN_TOLD[NOISE], self._choose_begin, 9)
        for k, told in enumerate(BEGIN_TOLD.values()):
            self.begin.setItemData(k, told, Qt.ItemDataRole.ToolTipRole)
        self.three = header_switch(
            "low · middle · high", "Three layers side by side", False, lambda _: self._show_columns()
        )
        self.knobs = ClimbKnobs()
        self.knobs.changed.connect(self.ask)
        self.run = header_button("Stop", "stop", "Stop the climb, or begin it anew", self.toggle)
        self.set_content(self._build())
        session.opened.connect(self._forget)
        session.compiled.connect(self._renew)

    def _experiment(self) -> Experiment:
        made = Experiment(self.session, self)
        made.told.connect(self._take)
        made.lost.connect(self._forget)
        return made

    def _build(self) -> QWidget:
        content = QWidget()
        column, row = QVBoxLayout(content), QHBoxLayout()
        column.setContentsMargins(10, 2, 8, 6)
        column.setSpacing(4)
        row.setSpacing(18)
        self.columns = [UnitColumn() for _ in range(3)]
        for each in self.columns:
            each.changed.connect(self._choose_unit)
            each.sample_chosen.connect(self.samples.point_at)
            row.addWidget(each, 1)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setProperty("role", "secondary")
        self.said.setMinimumWidth(1)
        column.addLayout(row, 1)
        column.addWidget(self.said)
        self._show_columns()
        return content

    def header_tools(self) -> list[QWidget]:
        return [self.run, self.begin, self.knobs, self.split, self.three]

    # What is chosen

    @property
    def shown(self) -> list[UnitColumn]:
        return self.columns if self.three.isChecked() else self.columns[:1]

    def _show_columns(self) -> None:
        for k, each in enumerate(self.columns):
            each.setVisible(k == 0 or self.three.isChecked())
        if self.three.isChecked():
            self._spread()
        self.ask()

    def _spread(self) -> None:
        """Low, middle and high, whatever was chosen before."""
        layers = self.columns[0].layers
        if not layers:
            return
        places = low_middle_high(self.session.seen.whole, [(each.end, each.sizes) for each in layers])
        for column, place in zip(self.columns, places, strict=True):
            column.blockSignals(True)
            column.choose(layers[place].end, (0,))
            column.blockSignals(False)

    def _choose_unit(self) -> None:
        for each in self.shown:
            each.clear()
        self.ask()

    def _choose_begin(self, name: str) -> None:
        self.begin.setToolTip(BEGIN_TOLD[name])
        if name in (OWN, DREAM) and self.own.pixels is None and not self.own.ask():
            self.begin.setCurrentText(NOISE)
        self.ask()

    def _begin_with_own(self) -> None:
        if self.begin.currentText() not in (OWN, DREAM):
            self.begin.setCurrentText(OWN)
        self.ask()

    def _take_wish(self, *_: object) -> None:
        """Another part of the window has asked about a unit; what is not shown yet takes it when it is."""
        wish = self.wanting.wished
        if wish is None or not self.isVisible() or self.eye is None:
            return
        self._fill_layers()
        self._selected, self.wanting.wished = self.session.selected_node, None
        if not self.columns[0].choose(*wish):
            self.session.notify("info", "That layer does not look at pictures.", "Choose one that does.")

    _selected = ""

    def _follow_selection(self) -> None:
        """The layer that has been selected on the canvas is looked into, unless three are compared."""
        node = self.session.selected_node
        if node == self._selected:
            return
        self._selected = node
        key = self.session.seen.key(node) if node else ""
        ends = [each.end for each in self.columns[0].layers]
        end = next((end for end in ends if end[0] == key), None)
        chosen = self.columns[0].chosen()
        if end is not None and not self.three.isChecked() and (chosen is None or chosen[0] != end):
            self.columns[0].choose(end, (0,))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.own.enter(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.own.drop(event)

    # Asking

    def ask(self, *_: object) -> None:
        """Begins anew in a moment."""
        if self.isVisible():
            self._soon.start()

    def toggle(self) -> None:
        """Stops the climb that is under way, or begins another."""
        self.stop() if self._going else self.start()

    def stop(self) -> None:
        """The pictures stay as they are."""
        self.climb.stop()
        self._set_going("")

    def start(self) -> None:
        """Begins to climb, and to look for the best samples."""
        units = self._sought()
        if not units or not self.isVisible():
            return
        self._soon.stop()
        try:
            self._begin(units)
        except GraphlabError as error:
            self._say_fault(f"{error.message} {error.hint}".strip())
        self.find_best()

    def _sought(self) -> tuple[m.Sought, ...]:
        if self.eye is None:
            return ()
        self._fill_layers()
        found = tuple(sought for each in self.shown if (sought := each.sought()) is not None)
        return found if len(found) == len(self.shown) else ()

    def _begin(self, units: tuple[m.Sought, ...]) -> None:
        """DataError: one's own picture does not fit."""
        begin, settings, eye = self.begin.currentText(), self.knobs.settings(), self.eye
        assert eye is not None
        self.dreamt = None
        if begin == DREAM and self.own.pixels is not None:
            picture = Tones(*self._tones).toned(self.own.as_it_is())
            sleep = self.knobs.sleep()
            self.climb.begin(lambda n: m.StartDream(n, units[0], picture, sleep, eye.end[0]))
        else:
            start = self._start_picture(begin, eye)
            self.climb.begin(lambda n: m.StartClimb(n, units, settings, start, eye.end[0]))
        self._set_going(begin)

    def _start_picture(self, begin: str, eye: Eye) -> Any:
        """What it begins with, (C, H, W); None for noise. DataError."""
        if begin == OWN and self.own.pixels is not None:
            return Tones(*self._tones).toned(self.own.fitted(*eye.shape))
        if begin == SAMPLE and self.found is not None and len(self.found.best[0].pictures):
            pictures = self.found.best[0].pictures
            return np.asarray(pictures[min(self.columns[0].tiles.at, len(pictures) - 1)])
        return None

    def find_best(self, *_: object) -> None:
        """Looks for the samples at which the units say most."""
        units, eye = self._sought(), self.eye
        if units and eye is not None and self.isVisible() and self.samples.look is not None:
            split = self.samples.split
            self.best.begin(lambda n: m.FindBest(n, units, split, BEST, eye.end[0]))

    def _rows_are_here(self) -> None:
        """The rows of the data may have been read only now."""
        self._filled = None
        if (
            self.found is None
            and self.samples.look is not None
            and not self.best.is_on
            and not self._soon.isActive()
        ):
            self.find_best()
        self.changed()

    def _set_going(self, begin: str) -> None:
        self._going = begin
        self.run.setText("Stop" if begin else "Climb")
        self.run.setIcon(icon("stop" if begin else "train"))
        self.run.setEnabled(True)

    # What comes

    def _take(self, event: Any) -> None:
        if event.is_done and not isinstance(event, m.FoundBest):
            self._set_going("")
        if event.message:
            if not isinstance(event, m.FoundBest):
                self._say_fault(f"{event.message} {event.hint}".strip())
            return
        if isinstance(event, m.FoundBest):
            self.found = event
        elif isinstance(event, m.Dreamt):
            self.dreamt, self._tones = event, event.tones
        elif isinstance(event, m.Climbed):
            self.climbed, self._tones = event, event.tones
        self._fault = ""
        self.changed()

    def _say_fault(self, text: str) -> None:
        self._fault = text
        self._set_going("")
        self.changed()

    def _forget(self, *_: object) -> None:
        self.climbed = self.dreamt = self.found = None
        self.climb.forget()
        self.best.forget()
        self._set_going("")
        for each in self.columns:
            each.clear()
        self.changed()

    # What is shown

    @property
    def eye(self) -> Eye | None:
        """Where pictures go in; found once an edit."""
        whole = self.session.seen.whole
        if self._eye[0] is not whole:
            try:
                self._eye = (whole, eye_of(whole), "")
            except GraphlabError as error:
                self._eye = (whole, None, f"{error.message} {error.hint}".strip())
        return self._eye[1]

    def _fill_layers(self) -> None:
        whole, eye = self.session.seen.whole, self.eye
        if eye is None or self._filled is whole:
            return
        self._filled = whole
        found = layers_of_units(whole, eye)
        named = self._class_names()
        layers = [LayerOfUnits(end, _name(whole, end), sizes, named.get(end, ())) for end, sizes in found]
        if not layers:
            return
        places = low_middle_high(whole, found)
        for column, place in zip(self.columns, places, strict=True):
            column.set_layers(layers, place)

    _filled: object = None

    def _class_names(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """What the units of the layer are called that tells classes apart."""
        look, where = self.samples.look, self.samples.decision
        return {} if look is None or where is None else {where.scores: look.classes}

    def missing(self) -> bool:
        if self.eye is None:
            self.empty.say(f"What a unit wants is told of networks that look at pictures. {self._eye[2]}")
            return True
        self._fill_layers()
        if not self.columns[0].layers:
            self.empty.say("Nothing looks at the pictures yet. Add a layer, such as Conv2d.")
            return True
        self._take_wish()
        self._follow_selection()
        self.split.refresh()
        if self.climbed is None and self.dreamt is None and not self._fault:
            if not self._going and not self._soon.isActive():
                self.ask()
            self.empty.say("Asking the network …")
            return True
        return False

    def _renew(self, *_: object) -> None:
        """The engine has another graph, or is another: what was under way is over."""
        self._fault = ""
        self._set_going("")
        self.ask()

    def redraw(self) -> None:
        self._draw()

    def _draw(self) -> None:
        climbed, dreamt, found = self.climbed, self.dreamt, self.found
        shown = self.shown
        if dreamt is not None:
            shown[0].show_climb(dreamt.picture, dreamt.curve, dreamt.total, dreamt.tones)
            shown[0].image.title = f"{self.own.name}, as {shown[0].name()} dreams it"
        elif climbed is not None and len(climbed.pictures) == len(shown):
            steps = climbed.total // max(len(shown), 1)
            for column, picture, curve in zip(shown, climbed.pictures, climbed.curves, strict=True):
                column.show_climb(picture, curve, steps, climbed.tones)
        if found is not None and len(found.best) == len(shown):
            for column, best in zip(shown, found.best, strict=True):
                column.show_best(best, self._tones, self._class_of)
        self.said.setText(self._fault or "  ·  ".join(self._words()))

    def _words(self) -> Iterator[str]:
        told = self.dreamt if self.dreamt is not None else self.climbed
        if told is not None:
            seed = int(self.knobs.settings().get("seed", Knobs().seed))
            begin = f"noise of seed {seed}" if self.begin.currentText() == NOISE else self.begin.currentText()
            begin = f"from {begin}" if self.dreamt is None else f"a dream upon {self.own.name}"
            yield f"{begin}: {told.done:,} of {told.total:,} steps"
            now = self.session.status.step
            yield f"weights of step {told.step:,}" + (f" (now {now:,})" if now != told.step else "")
        if self.found is not None:
            part = f"{self.found.done:,}" + (
                f" of {self.found.of:,}" if self.found.done < self.found.of else ""
            )
            yield f"best of {part} {self.found.split} rows"

    def _class_of(self, row: int) -> str:
        look = self.samples.look
        if look is None or look.labels is None or not 0 <= row < len(look.labels) or look.labels[row] < 0:
            return ""
        return look.classes[look.labels[row]]

    def dress(self, *_: object) -> None:
        self._draw()
        super().dress()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.samples.read_for(self)
        if self._was_cut_short:
            self.ask()
        elif self._was_looking:
            self.find_best()

    _was_cut_short = _was_looking = False  # when it was hidden, as it is when it is torn off

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._was_cut_short = bool(self._going) or self._soon.isActive()
        self._was_looking = self.best.is_on
        self.samples.leave(self)
        self._soon.stop()
        self.stop()
        self.best.stop()

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every pixel of every picture."""
        pictures = self.climbed.pictures if self.climbed is not None else ()
        names = [column.name() for column in self.shown]
        rows = (
            [name, *at, float(value)]
            for name, picture in zip(names, pictures, strict=False)
            for at, value in np.ndenumerate(picture)
        )
        return ["unit", "channel", "y", "x", "value"], rows


def _name(whole: Any, end: tuple[str, str]) -> str:
    """What people call an output."""
    node = whole.nodes[end[0]]
    return str(node.path) if len(node.op.results()) == 1 else f"{node.path}.{end[1]}"
