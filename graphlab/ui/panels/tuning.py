"""Tuning: everything that can be changed while a network learns. Each change counts from the next step on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ...graph import Document, diff
from .. import numbers
from ..inspector.document_page import has_data, settings
from ..inspector.parts import column, heading, quiet
from ..knobs import MOST, Knob, Learner, knobs_of, learners_of, rate_now, warning_of
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import labelled
from ..widgets.log_slider import LogSlider, QuietSlider
from ..widgets.param_form import ParamForm
from .live import LivePanel
from .registry import panel

LOW, HIGH = -6, 2  # powers of ten between which the learning rate slides
NOTCHES = 200  # of a knob's slider
_APART = ("seed", "validation", "test", "stratified", "order", "lr")  # what makes another experiment of it
_RATE = ("lr",)


@panel("tuning", "Tuning", "right", 22, icon="scrub", shown=False, tabbed=True)
class TuningPanel(LivePanel):
    """The learning rate with its slider, the other settings, knobs of nodes, and what learns at all."""

    picture = "scrub"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.rate = LogSlider(LOW, HIGH, "Learning rate")
        self.rate_form, self.form = ParamForm(self._commit), ParamForm(self._commit)
        self.warning, self.present = QLabel(), quiet(mono=True)
        self.knobs: dict[tuple[str, ...], tuple[QuietSlider, QLabel]] = {}
        self.learners: dict[str, QCheckBox] = {}
        self._has_other_settings = self._has_other_nodes = True
        self._listed: tuple[object, ...] = ()
        self.set_content(self._build())
        self.rate.moved.connect(self._slide)
        self.rate.released.connect(self._end)
        session.whole_changed.connect(self._edited)

    def _build(self) -> QWidget:
        page = self._page = QWidget()
        rows = column(page, spacing=6)
        rows.setContentsMargins(12, 4, 12, 10)
        self.warning.setProperty("role", "warning")
        self.warning.setWordWrap(True)
        rows.addWidget(self.rate_form)
        rows.addWidget(self.rate)
        rows.addWidget(self.warning)
        rows.addWidget(self.present)
        rows.addWidget(self.form)
        self._lists = QVBoxLayout()
        self._lists.setSpacing(6)
        rows.addLayout(self._lists)
        rows.addStretch(1)
        self.present.setFont(mono_font(11))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        return area

    def pictured(self) -> QWidget:
        return self._page

    # -- what it shows -------------------------------------------------------------------------------------------

    def missing(self) -> bool:
        if self.session.whole.nodes:
            return False
        self.empty.say(
            "What can be changed while a network learns stands here. Open an example, or add nodes."
        )
        return True

    def redraw(self) -> None:
        self._show_present()
        if self._has_other_settings:
            self._has_other_settings = False
            self._show_settings()
        if self._has_other_nodes:  # which it has not while a rate is dragged
            self._has_other_nodes = False
            self._show_lists()

    def _edited(self, old: Document, new: Document) -> None:
        change = diff(old, new)
        self._has_other_nodes |= change.computes_differently or bool(change.renamed)
        self._has_other_settings = True
        self.changed()

    def _show_settings(self) -> None:
        whole = self.session.whole
        training = whole.training
        params = settings(training.optimizer, training.schedule)
        kept = {name: param for name, param in params.items() if name not in _APART}
        if not has_data(whole):
            kept.pop("shuffle", None)
        values = {name: getattr(training, name) for name in params}
        self.rate_form.show_params("Training", {name: params[name] for name in _RATE}, values)
        self.form.show_params("Training", kept, values)
        self.rate.show_number(training.lr)
        self.warning.setText(warning_of(training, self.session.loaded))
        self.warning.setVisible(bool(self.warning.text()))

    def _show_present(self) -> None:
        """What the schedule makes of the learning rate, where it makes something else of it."""
        session, training = self.session, self.session.whole.training
        batches = session.loaded.batches_per_epoch if session.loaded is not None else 1
        rate = rate_now(training, batches, session.status.step)
        told = "" if rate is None or rate == training.lr else f"next step: {numbers.plain(rate, 4)}"
        self.present.setText(told)
        self.present.setVisible(bool(told))

    def _show_lists(self) -> None:
        whole = self.session.whole
        knobs, learners = knobs_of(whole), learners_of(whole, self.session.seen.whole)
        listed = (
            [(k.way, k.node, k.name, k.title) for k in knobs],
            [(each.node, each.title, each.size) for each in learners],
        )
        if listed != self._listed:
            self._listed = listed
            self._lay_out(knobs, learners)
        for knob in knobs[:MOST]:
            self._show_knob(knob)
        for learner in learners[:MOST]:
            box = self.learners[learner.node]
            box.setChecked(not learner.frozen)
            box.setToolTip(
                "Frozen: the update leaves it as it is" if learner.frozen else "The update changes it"
            )

    def _lay_out(self, knobs: list[Knob], learners: list[Learner]) -> None:
        while self._lists.count():
            widget = self._lists.takeAt(0).widget()
            widget.hide()
            widget.deleteLater()
        self.knobs, self.learners = {}, {}
        if knobs:
            self._lists.addWidget(heading("Chance and noise"))
        for knob in knobs[:MOST]:
            self._lists.addWidget(self._make_knob(knob))
        if learners:
            self._lists.addWidget(heading("Learns"))
        for learner in learners[:MOST]:
            self._lists.addWidget(self._make_learner(learner))
        more = max(len(knobs) - MOST, 0) + max(len(learners) - MOST, 0)
        if more:
            self._lists.addWidget(quiet(f"and {numbers.figures(more)} more, in the inspector"))

    def _make_knob(self, knob: Knob) -> QWidget:
        holder, slider, told = QWidget(), QuietSlider(), QLabel()
        slider.setRange(0, NOTCHES)
        slider.setPageStep(NOTCHES // 10)
        slider.setAccessibleName(knob.title)
        slider.valueChanged.connect(partial(self._turn, (*knob.way, knob.node, knob.name)))
        slider.sliderReleased.connect(self._end)
        told.setFont(mono_font(11))
        told.setFixedWidth(52)
        told.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label = QLabel(knob.title)
        label.setProperty("role", "secondary")
        label.setToolTip(knob.title)
        field = QWidget()
        row = QHBoxLayout(field)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(slider, 1)
        row.addWidget(told)
        holder.setLayout(labelled(label, field))
        holder.layout().setContentsMargins(0, 0, 0, 0)
        self.knobs[*knob.way, knob.node, knob.name] = slider, told
        return holder

    def _show_knob(self, knob: Knob) -> None:
        slider, told = self.knobs[*knob.way, knob.node, knob.name]
        told.setText(numbers.plain(knob.value, 3))
        slider.setProperty("bounds", (knob.low, knob.high))
        if not slider.isSliderDown():
            slider.blockSignals(True)
            slider.setValue(round(NOTCHES * (knob.value - knob.low) / (knob.high - knob.low)))
            slider.blockSignals(False)

    def _make_learner(self, learner: Learner) -> QWidget:
        box = QCheckBox(f"{learner.title}  ·  {numbers.count(learner.size, 'parameter')}")
        box.setAccessibleName(f"{learner.title} learns")
        box.clicked.connect(lambda on: self._freeze(learner.node, on))
        self.learners[learner.node] = box
        return box

    # -- hands ---------------------------------------------------------------------------------------------------

    def _commit(self, name: str, value: Any, stepped: bool) -> str:
        try:
            self.session.root.configure(f"step training.{name}" if stepped else "", **{name: value})
        except GraphlabError as error:
            return str(error)
        return ""

    def _slide(self, value: float) -> None:
        """One undo entry for as long as a hand goes on."""
        if value != self.session.whole.training.lr:
            self.session.attempt(self.session.root.configure, "slide training.lr", lr=value)

    def _turn(self, place: tuple[str, ...], notch: int) -> None:
        slider, told = self.knobs[place]
        low, high = slider.property("bounds")
        value = float(f"{low + (high - low) * notch / NOTCHES:.3g}")
        told.setText(numbers.plain(value, 3))
        *way, node, name = place
        self.session.attempt(
            lambda: self.session.root.inside(*way).set(node, f"turn {place}", **{name: value})
        )

    def _end(self) -> None:
        """What comes after is another entry of the history."""
        self.session.root.seal()

    def _freeze(self, node: str, learns: bool) -> None:
        self.session.attempt(self.session.root.set_flags, node, frozen=not learns)

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """Every setting and its value, a line for each."""
        whole = self.session.whole
        training = whole.training
        params = settings(training.optimizer, training.schedule)
        rows: list[tuple[str, Any]] = [(name, getattr(training, name)) for name in params]
        rows += [(knob.title, knob.value) for knob in knobs_of(whole)]
        rows += [
            (f"{each.title} learns", not each.frozen) for each in learners_of(whole, self.session.seen.whole)
        ]
        return ["setting", "value"], rows
