"""Loop: batch, forward, loss, backward, update as a cycle, what each holds now, and steps by stage, batch and epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from ...engine.circuit import STAGES
from .. import numbers
from ..circuit import Circuit
from ..icons import icon
from ..inspector.parts import Elided
from ..player import FULL
from ..session import Session
from ..theme import mono_font
from ..widgets.loop_track import Holding, LoopTrack
from .live import LivePanel
from .registry import panel

WORDY, ROOMY = (
    620,
    260,
)  # pixels of width and height from which there is room for words, and for a second line
_TIPS = {
    "batch": "The rows that go in next. Click to take the next batch.",
    "forward": "Every value up to the loss. Click to run to the end of it.",
    "loss": "How wrong the network is on this batch. Click to run up to it.",
    "backward": "Every gradient, back from the loss. Click to run to the end of it.",
    "update": "The optimizer changes the parameters. Click to run to the end of it.",
}


@panel("loop", "Loop", "right", 20, shown=False, tabbed=True)
class LoopPanel(LivePanel):
    """The track of stages, and above it what one steps and runs with."""

    picture = "loop"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.circuit = Circuit(session, self)
        self.track, self.counter = LoopTrack(), Elided()
        self.slider, self.speed = QSlider(Qt.Orientation.Horizontal), QLabel()
        self.buttons: dict[str, QToolButton] = {}
        self.set_content(self._build())
        self.circuit.changed.connect(self.changed)
        self.track.chosen.connect(session.to_stage)
        session.player.changed.connect(self.changed)
        self._show_speed()

    def _build(self) -> QWidget:
        page, bar = QWidget(), QHBoxLayout()
        bar.setSpacing(4)
        for name, picture, title, tip, run in (
            (
                "stage",
                "step",
                "Stage",
                "To the end of the next stage (Ctrl+F7)",
                lambda: self.session.to_stage(),
            ),
            ("batch", "run-to-end", "Batch", "One whole step: one batch (Ctrl+F5)", self.session.train_step),
            ("epoch", "loop", "Epoch", "To the end of this epoch (Ctrl+Shift+F7)", self.session.train_epoch),
            ("run", "train", "Run", "Train on, at the speed of the slider (F5)", self._run_or_pause),
        ):
            bar.addWidget(self._button(name, picture, title, tip, run))
        self.slider.setRange(0, FULL)
        self.slider.setPageStep(1)
        self.slider.setFixedWidth(84)
        self.slider.setAccessibleName("Speed of training")
        self.slider.valueChanged.connect(self.session.player.set_level)
        self.speed.setProperty("role", "secondary")
        self.speed.setFixedWidth(84)
        self.counter.setFont(mono_font(11))
        bar.addSpacing(6)
        bar.addWidget(self.slider)
        bar.addWidget(self.speed)
        bar.addStretch(1)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._head.setSpacing(4)
        self._head.addLayout(bar)
        self._head.addWidget(self.counter, 1)
        column = QVBoxLayout(page)
        column.setContentsMargins(10, 2, 10, 6)
        column.setSpacing(6)
        column.addLayout(self._head)
        column.addWidget(self.track, 1)
        return page

    def _button(
        self, name: str, picture: str, title: str, tip: str, run: Callable[[], object]
    ) -> QToolButton:
        button = self.buttons[name] = QToolButton()
        button.setIcon(icon(picture))
        button.setIconSize(QSize(15, 15))
        button.setText(title)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setFixedHeight(24)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda *_: run())
        return button

    def _run_or_pause(self) -> None:
        if self.session.is_running:
            self.session.pause()
        else:
            self.session.train()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        style = Qt.ToolButtonStyle
        wordy = self.width() >= WORDY
        for button in self.buttons.values():
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if wordy else style.ToolButtonIconOnly)
        is_tall = self.height() >= ROOMY
        self.speed.setVisible(wordy or is_tall)
        self.slider.setVisible(wordy or is_tall)
        below = is_tall and not wordy
        direction = QBoxLayout.Direction
        self._head.setDirection(direction.TopToBottom if below else direction.LeftToRight)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        self.counter.setAlignment((left if below else right) | Qt.AlignmentFlag.AlignVCenter)

    # -- what it shows -------------------------------------------------------------------------------------------

    def missing(self) -> bool:
        if self.session.schedule:
            return False
        if not self.session.whole.nodes:
            self.empty.say("The loop of training goes round here. Open an example, or add nodes.")
        else:
            self.say_nothing_runs("Nothing can be computed yet.", "forward")
        return True

    def changed(self, *args: object) -> None:
        super().changed(*args)
        if self.isVisible() and self.sender() is not self.circuit:
            self.circuit.ask()

    def graph_changed(self, *args: object) -> None:
        super().graph_changed(*args)
        if self.isVisible():
            self.circuit.ask()

    def redraw(self) -> None:
        turning = self.session.status.state == "training"
        self.track.show_holdings({name: self._holding(name, turning) for name in STAGES}, turning)
        self.counter.setText(self._counted())
        running = self.session.is_running
        run = self.buttons["run"]
        run.setText("Pause" if running else "Run")
        run.setIcon(icon("pause" if running else "train"))
        run.setToolTip(
            "Pause where it is (Ctrl+F6)" if running else "Train on, at the speed of the slider (F5)"
        )
        run.setAccessibleName("Pause" if running else "Run")
        self._show_speed()
        is_able = self.session.loaded is not None and self.session.loaded.trainable
        self.buttons["epoch"].setEnabled(is_able)
        self.buttons["batch"].setEnabled("update" in self.circuit.ends)
        self.buttons["stage"].setToolTip(f"To the end of the next stage: {self.circuit.following} (Ctrl+F7)")

    def _show_speed(self) -> None:
        player = self.session.player
        self.speed.setText(player.text)
        self.slider.setToolTip(f"How fast it runs: {player.text}")
        self.slider.blockSignals(True)
        self.slider.setValue(player.level)
        self.slider.blockSignals(False)

    def _counted(self) -> str:
        status, told = self.session.status, self.circuit.told
        parts = [f"step {numbers.figures(self.session.step_number)}"]
        if told is not None and told.batches:
            wanted = self.session.whole.training.epochs
            parts.append(f"in epoch {told.epoch + 1}" + (f" of {wanted}" if told.epoch < wanted else ""))
        if status.steps_per_second:
            parts.append(f"{numbers.short(status.steps_per_second)} steps/s")
        return "  ·  ".join(parts)

    def _holding(self, stage: str, turning: bool) -> Holding:
        state = self.circuit.state(stage)
        if state == "none":
            return Holding("none", "no loss", "add one at the end", 0.0, "Add a loss, such as MSELoss.")
        done, count = self.circuit.progress(stage)
        head, more = getattr(self, f"_of_{stage}")(done, count)
        share = 0.0 if turning or state != "now" or not count else done / count
        return Holding("later" if turning else state, head, more, share, self._tip(stage))

    def _tip(self, stage: str) -> str:
        told = self.circuit.told
        if stage != "batch" or told is None or not told.rows:
            return _TIPS[stage]
        more = f" and {told.size - len(told.rows)} more" if told.size > len(told.rows) else ""
        return f"{_TIPS[stage]}\nRows {', '.join(map(str, told.rows))}{more}."

    def _of_batch(self, done: int, count: int) -> tuple[str, str]:
        told = self.circuit.told
        if told is None or not told.is_fed:
            return "not taken", "click to take it"
        if not told.size:
            return "as given", "no data set"
        rows = ", ".join(map(str, told.rows[:3])) + (" …" if told.size > 3 else "")
        return f"{told.batch + 1} of {told.batches}", f"{numbers.count(told.size, 'row')}: {rows}"

    def _of_forward(self, done: int, count: int) -> tuple[str, str]:
        return f"{done} of {count}", "nodes computed"

    def _of_loss(self, done: int, count: int) -> tuple[str, str]:
        told = self.circuit.told
        value = math.nan if told is None else told.loss
        is_known = done > 0 and not math.isnan(value)
        goal = self.session.seen.whole.nodes.get(self.session.seen.whole.goal)
        return numbers.number(value, 5) if is_known else "not yet", goal.path if goal else ""

    def _of_backward(self, done: int, count: int) -> tuple[str, str]:
        told = self.circuit.told
        size = math.nan if told is None else told.gradient
        return f"{done} of {count}", "gradients" if math.isnan(size) else f"‖g‖ {numbers.number(size)}"

    def _of_update(self, done: int, count: int) -> tuple[str, str]:
        told = self.circuit.told
        if told is None:
            return self.session.whole.training.optimizer, ""
        rule = f"{told.optimizer}, lr {numbers.plain(told.rate)}"
        return rule, "‖Δw‖ –" if math.isnan(told.update) else f"‖Δw‖ {numbers.number(told.update)}"

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """What each stage holds, a line for each."""
        held = {name: self._holding(name, False) for name in STAGES}
        rows = [(name, each.state, each.head, each.more) for name, each in held.items()]
        return ["stage", "state", "holds", "more"], rows
