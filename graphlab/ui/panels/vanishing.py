"""Vanishing gradient: how much of a loss reaches the states of earlier steps, run by run, lag by lag."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QVBoxLayout, QWidget

from ...engine import messages as m
from ...engine.sequences import readers
from .. import numbers
from ..reach import AFTER, BEFORE, RADIUS, Floats, ReachRun, ReachRuns, per_step, success_of
from ..sequences import SequenceAsker
from ..session import Session
from ..theme import mono_font
from .live import LivePanel, header_button, header_choice, header_switch
from .registry import panel

LOSSES = ("the last step", "all steps")
NARROW = 520  # pixels from which on there is room for what stands beside


@dataclass(frozen=True)
class Line:
    """A curve and its place in the legend."""

    key: int
    name: str
    stroke: int
    is_shown: bool


@panel("vanishing", "Vanishing gradient", "bottom", 26, shown=False, tabbed=True)
class VanishingPanel(LivePanel):
    """‖∂L/∂h‖ against the lag on a logarithmic axis; beside it the spectral radius and the clipping, over the steps."""

    picture = "vanishing"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.runs = ReachRuns()
        self.state, self.relative, self.last_alone = "", False, True
        self._at: float | None = None  # the lag under the pointer
        self._told: m.Reached | None = None
        self._known: tuple[object, bool] = (
            None,
            False,
        )  # whether there is a recurrent layer, in which inference
        self.asked = SequenceAsker(session, self._question, m.Reached, self)
        self.asked.arrived.connect(self._take)
        session.opened.connect(self._forget)
        session.scalars_arrived.connect(self.changed)
        self.set_content(self._build())
        self._make_tools()
        self.dress()

    # What it is made of

    def _build(self) -> QWidget:
        from ..widgets.norm_plot import NormPlot  # brings pyqtgraph, which is slow to load
        from ..widgets.run_legend import RunLegend

        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(4, 0, 8, 4)
        column.setSpacing(0)
        self.words = self._label("")
        self.curves = NormPlot(content)
        self.curves.setAccessibleName("Gradient at the states, by lag; the arrow keys read it")
        self.curves.pointed.connect(self._point)
        self.radius_words, self.norm_words = self._label("spectral radius"), self._label("gradient norm")
        self.radius, self.norms = NormPlot(content), NormPlot(content)
        self.radius.setAccessibleName("Spectral radius of the recurrent matrix over the steps")
        self.norms.setAccessibleName("Norm of all gradients over the steps, before and after clipping")
        self.radius.set_logarithmic(False)
        self.radius.set_guide(1.0)
        self._beside = QWidget()
        small = QVBoxLayout(self._beside)
        small.setContentsMargins(0, 0, 0, 0)
        small.setSpacing(0)
        for each in (self.radius_words, self.radius, self.norm_words, self.norms):
            small.addWidget(each, 1 if isinstance(each, NormPlot) else 0)
        left = QWidget()
        large = QVBoxLayout(left)
        large.setContentsMargins(0, 0, 0, 0)
        large.setSpacing(0)
        large.addWidget(self.words)
        large.addWidget(self.curves, 1)
        both = QSplitter(Qt.Orientation.Horizontal)
        both.addWidget(left)
        both.addWidget(self._beside)
        both.setStretchFactor(0, 5)
        both.setStretchFactor(1, 3)
        both.setChildrenCollapsible(False)
        column.addWidget(both, 1)
        self.legend = RunLegend(content)
        self.legend.toggled.connect(self._show_run)
        column.addWidget(self.legend)
        return content

    def _label(self, text: str) -> QLabel:
        made = QLabel(text)
        made.setProperty("role", "secondary")
        made.setFont(mono_font(11))
        made.setMinimumWidth(1)
        made.setContentsMargins(8, 0, 0, 0)
        return made

    def _make_tools(self) -> None:
        self.layer = header_choice((), "Layer", "Which recurrent layer is looked at", self.changed, 7)
        self.which = header_choice((), "State", "Which state of the cell", self._choose_state, 2)
        self.loss = header_choice(
            LOSSES,
            "Loss",
            "Whether the loss of the last step alone is followed back, or that of all steps together",
            self._choose_loss,
            7,
        )
        self.ratio = header_switch(
            "relative",
            "Each curve beginning at 1, so that only its fall is compared",
            False,
            self.set_relative,
        )
        self.keep = header_button(
            "keep", "pin", "Keep the curve of this run, so that the next can be laid over it", self.keep_run
        )

    def header_tools(self) -> list[QWidget]:
        return [self.layer, self.which, self.loss, self.ratio, self.keep]

    def fill_header_menu(self, menu: QMenu) -> None:
        menu.addAction("Keep the curve of this run", self.keep_run).setEnabled(self.runs.now is not None)
        gone = menu.addAction("Remove the kept curves", self.remove_kept)
        gone.setEnabled(bool(self.runs.kept))
        menu.addAction("Show the whole curves", self.show_all)
        menu.addSeparator()
        super().fill_header_menu(menu)

    # What is chosen

    def set_relative(self, on: bool) -> None:
        self.relative = on
        self.changed()

    def keep_run(self) -> None:
        """The curve as it is now stays; what is trained next has one of its own."""
        self.runs.keep()
        self.changed()

    def remove_kept(self) -> None:
        self.runs.remove_kept()
        self.changed()

    def show_all(self) -> None:
        """Takes zoom and pan back."""
        for plot in (self.curves, self.radius, self.norms):
            plot.show_all()

    def _choose_state(self, state: str) -> None:
        self.state = state
        self.changed()

    def _choose_loss(self, words: str) -> None:
        self.last_alone = words == LOSSES[0]
        self.asked.want(now=True)

    def _show_run(self, key: object, on: bool) -> None:
        self.runs.show(key, on)
        self.changed()

    def _point(self, lag: float | None) -> None:
        self._at = lag
        self._tell()

    # Asking

    def _question(self, request: int) -> m.Reach | None:
        return m.Reach(request, self.last_alone) if self.isVisible() else None

    def _take(self, told: m.Reached) -> None:
        was_empty = not self.runs.all
        self._told = told
        self.runs.take(told, success_of(self.session.losses.reports), max(self.layer.currentIndex(), 0))
        if was_empty or not told.layers:
            self.pace.ask()  # something else is on top now
        elif self.isVisible():
            self._draw()

    def _forget(self) -> None:
        self.runs.clear()
        self._told = None

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.asked.forget()

    def missing(self) -> bool:
        why = self._why()
        if not why:
            self.asked.want()
        if self.runs.all:
            return False
        told = self._told
        if not why and told is not None and not told.layers:
            why = f"{told.message} {told.hint}".strip() or "The loss does not depend on any recurrent layer."
        self.empty.say(why or "Asking the network …")
        return True

    def _why(self) -> str:
        """What has to be there before anything can be asked; "" when all is."""
        whole = self.session.seen.whole
        if self._known[0] is not whole:  # a large graph is gone through once an edit
            self._known = (whole, bool(readers(whole)))
        if not self._known[1]:
            return "No layer here reads a sequence. Add one, such as RNN, LSTM or GRU, or unroll a cell."
        if not whole.goal:
            return self.no_loss("There is no loss to go back from.")
        return ""

    # Drawing

    def redraw(self) -> None:
        self._beside.setVisible(self.width() >= NARROW)
        self._draw()

    def _draw(self) -> None:
        self._fill_choices()
        runs = [run for run in self.runs.all if run.is_shown]
        strokes = [run.stroke for run in runs]
        self.curves.set_curves(strokes)
        self.curves.show_curves([self._curve(run) for run in runs])
        self.radius.set_curves(strokes)
        self.radius.show_curves([(run.trace.steps, run.trace.values[:, RADIUS]) for run in runs])
        self._draw_norms(runs)
        self._tell()

    def _draw_norms(self, runs: Sequence[ReachRun]) -> None:
        """Before clipping as its run is drawn; after it, where that changes anything, in the strokes that follow."""
        limit = self.session.whole.training.clip_norm
        clipped = [run for run in runs if _is_clipped(run)]
        self.norms.set_curves([*(run.stroke for run in runs), *(run.stroke + 7 for run in clipped)])
        self.norms.show_curves(
            [
                *((run.trace.steps, run.trace.values[:, BEFORE]) for run in runs),
                *((run.trace.steps, run.trace.values[:, AFTER]) for run in clipped),
            ]
        )
        self.norms.set_guide(limit or None)

    def _fill_choices(self) -> None:
        now = self.runs.all[-1]
        self.layer.refill([layer.name for layer in now.layers])
        layer = now.layer(self._layer)
        self.which.refill(list(layer.norms) if layer is not None else [])
        self.layer.setVisible(self.layer.count() > 1)
        self.which.setVisible(self.which.count() > 1)

    @property
    def _layer(self) -> int:
        return max(self.layer.currentIndex(), 0)

    def _norms(self, run: ReachRun) -> Floats:
        found = run.norms(self._layer, self.which.currentText())
        if self.relative and len(found) and found[0] > 0:
            return found / found[0]
        return found

    def _curve(self, run: ReachRun) -> tuple[Floats, Floats]:
        norms = self._norms(run)
        return np.arange(len(norms), dtype=np.float64), np.where(norms > 0, norms, np.nan)

    def _tell(self) -> None:
        """The numbers in words: at the lag under the pointer, or at the largest."""
        runs = self.runs.all
        if not runs:
            return
        lines, values = [], []
        for run in runs:
            success = "" if math.isnan(run.success) else f" · {run.success:.0%} right"
            norms = self._norms(run)
            at = len(norms) - 1 if self._at is None else min(max(round(self._at), 0), len(norms) - 1)
            lines.append(Line(run.key, run.name + success, run.stroke, run.is_shown))
            values.append(float(norms[at]) if len(norms) else math.nan)
        self.legend.show_runs(lines, values)
        self._tell_above(runs[-1])

    def _tell_above(self, run: ReachRun) -> None:
        norms, radius = self._norms(run), run.radius(self._layer)
        last = max(len(norms) - 1, 0)
        lag = last if self._at is None else min(max(round(self._at), 0), last)
        factor = per_step(norms)
        fall = "" if math.isnan(factor) else f" · ×{factor:.3g} a step"
        of = LOSSES[not self.last_alone]
        state = self.which.currentText() or "h"
        self.words.setText(f"‖∂L/∂{state}‖ of {of} by lag · at lag {lag}{fall} · step {run.step:,}")
        self.words.setToolTip(
            "How large the gradient is at the state of so many steps before the last. Where it has vanished, "
            "nothing is learnt of what was read then."
        )
        self.radius_words.setText(f"spectral radius {numbers.number(radius, 3)}")
        layer = run.layer(self._layer)
        told = (
            ", ".join(f"{g or 'U'} {numbers.number(r, 3)}" for g, r in layer.radii.items()) if layer else ""
        )
        self.radius_words.setToolTip(
            f"The largest eigenvalue of what the state is multiplied by at each step ({told}). Below 1 an Elman "
            "network forgets."
        )
        self._tell_clipping(run)

    def _tell_clipping(self, run: ReachRun) -> None:
        known = run.trace.values[np.isfinite(run.trace.values[:, BEFORE]), BEFORE:]
        if not len(known):
            self.norm_words.setText("gradient norm")
            return
        before, after = known[-1]
        tail = f" → {numbers.number(float(after), 3)} clipped" if after < before else ""
        settings = self.session.whole.training
        tail = tail or ("" if settings.clip_norm or settings.clip_value else " · not clipped")
        self.norm_words.setText(f"gradient norm {numbers.number(float(before), 3)}{tail}")

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A line for each run, layer, state and lag."""
        return ["run", "step", "layer", "state", "lag", "norm", "success"], self._rows()

    def _rows(self) -> Iterator[Sequence[Any]]:
        for run in self.runs.all:
            success = None if math.isnan(run.success) else run.success
            for layer in run.layers:
                for state, norms in layer.norms.items():
                    for lag, norm in enumerate(np.asarray(norms).tolist()):
                        yield [run.name, run.step, layer.name, state, lag, norm, success]

    def dress(self, *_: object) -> None:
        for plot in (self.curves, self.radius, self.norms):
            plot.dress()
        self.changed()


def _is_clipped(run: ReachRun) -> bool:
    values = run.trace.values
    return bool((values[:, AFTER] < 0.999 * values[:, BEFORE]).any())
