"""What if one number were a little larger? The goal before and after, beside gradient × δ, and the curve between."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ...errors import ConditionError
from .. import numbers, typed
from ..session import Session
from ..supposing import NOTCHES, Answer
from ..theme import mono_font, theme_changed
from ..widgets.fields import TextBox
from ..widgets.what_if_bars import WhatIfBars
from ..widgets.what_if_curve import WhatIfCurve
from .live import EmptyState, Pace
from .registry import panel

WIDE = 560  # pixels from which numbers and curve stand side by side
RESTING = 120  # milliseconds between two questions while the run goes on
ASK = "Which number should be another? Press D on one in the inspector or its menu, or the button in Explain."


@panel("what_if", "What if", "bottom", 65, icon="what-if", shown=False, stretch=40)
class WhatIfPanel(QWidget):
    """Shows what the session's `supposing` says of one number, and follows the run."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._supposing = session, session.supposing
        self.empty = EmptyState("what-if", self)
        self.title, self.goal, self.note = QLabel(), QLabel(), QLabel()
        self.slider, self.delta = QSlider(Qt.Orientation.Horizontal), TextBox()
        self.bars, self.curve = WhatIfBars(), WhatIfCurve()
        self.do_it, self.help = QPushButton(), QPushButton("Backward")
        self._pace = Pace(self._supposing.refresh, self, fastest=RESTING)
        self._build()
        self._listen()
        self._show()

    # -- put together --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        for label, role in ((self.title, "title"), (self.goal, "plain"), (self.note, "secondary")):
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setMinimumWidth(1)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.goal.setFont(mono_font(12))
        self.goal.setAccessibleName("The goal before and after")
        self.slider.setRange(-NOTCHES, NOTCHES)
        self.slider.setPageStep(10)
        self.slider.setAccessibleName("By how much, on a logarithmic scale")
        self.slider.setToolTip("By how much: small in the middle, ten times the number at the ends")
        self.delta.setFont(mono_font(12))
        self.delta.setFixedWidth(96)
        self.delta.setAccessibleName("δ, by how much the number is larger")
        self.delta.setToolTip(
            "δ: a number, a fraction, or an expression of x, the number itself: 0.01, -x, x/100"
        )
        sign = QLabel("δ")
        sign.setFont(mono_font(13))
        sign.setBuddy(self.delta)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(sign)
        row.addWidget(self.delta)
        row.addWidget(self.slider, 1)
        buttons = QHBoxLayout()
        for button in (self.do_it, self.help):
            button.setProperty("role", "small")
            buttons.addWidget(button)
        buttons.addStretch(1)
        told = QVBoxLayout()
        told.setSpacing(5)
        told.addWidget(self.title)
        told.addLayout(row)
        told.addWidget(self.goal)
        told.addWidget(self.bars)
        told.addWidget(self.note)
        told.addLayout(buttons)
        told.addStretch(1)
        left = QWidget()
        left.setLayout(told)
        told.setContentsMargins(0, 0, 0, 0)
        left.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setContentsMargins(12, 4, 12, 8)
        self._both.setSpacing(12)
        self._both.addWidget(left, 1)
        self._both.addWidget(self.curve, 1)
        page = QWidget()
        page.setLayout(self._both)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(page)

    def _listen(self) -> None:
        session = self._session
        self._supposing.changed.connect(self._show)
        self.slider.valueChanged.connect(
            lambda notch: self._supposing.set_delta(self._supposing.delta_at(notch))
        )
        self.delta.returnPressed.connect(self._typed)
        self.delta.cancelled.connect(self._show)
        self.curve.chosen.connect(self._supposing.set_delta)
        self.curve.stepped.connect(lambda step: self.slider.setValue(self.slider.value() + step))
        self.do_it.clicked.connect(lambda: self._supposing.do_it())
        self.help.clicked.connect(lambda: session.phase(self._next_phase()))
        for signal in (session.status_changed, session.values_changed, session.inference_changed):
            signal.connect(self._run_moved)
        theme_changed.connect(self._show)

    # -- showing -------------------------------------------------------------------------------------------------

    def _show(self, *_: object) -> None:
        supposing = self._supposing
        if supposing.element is None:
            self.empty.say(ASK)
            self._stack.setCurrentIndex(0)
            return
        self._stack.setCurrentIndex(1)
        answer = supposing.answer
        for widget in (self.goal, self.bars, self.curve):
            widget.setVisible(answer is not None)
        self.slider.setEnabled(answer is not None)
        self.delta.setEnabled(answer is not None)
        if answer is None:
            self.title.setText(f"What if {supposing.title} were another?")
            self._say(f"{supposing.problem} {supposing.hint}".strip())
            self.do_it.hide()
        else:
            self._show_answer(answer)

    def _say(self, words: str) -> None:
        self.note.setText(words)
        self.note.setVisible(bool(words))
        self.help.setVisible(bool(words) and bool(self._next_phase()))
        self.help.setText(self._next_phase().capitalize())

    def _next_phase(self) -> str:
        """What the run lacks for an answer: "forward", "backward", or "" for nothing."""
        answer = self._supposing.answer
        if answer is not None:
            return "backward" if answer.gradient is None else ""
        return "forward" if "computed" in self._supposing.problem else ""

    def _show_answer(self, answer: Answer) -> None:
        supposing = self._supposing
        delta = supposing.delta
        with QSignalBlocker(self.slider):
            self.slider.setValue(supposing.notch_of(delta))
        if not (self.delta.hasFocus() and self.delta.isModified()):
            self.delta.setText(numbers.exact(delta))
            self.delta.setModified(False)
        now, then = numbers.number(answer.value, 4), numbers.number(answer.value + answer.delta, 4)
        self.title.setText(f"What if {supposing.title} were {then} instead of {now}?")
        self.goal.setText(
            f"{answer.goal}  {numbers.number(answer.before, 6)} → {numbers.number(answer.after, 6)}"
        )
        self.bars.show_numbers(answer.goal, answer.change, answer.predicted)
        self.curve.show_curve(
            supposing.curve,
            supposing.span,
            (answer.delta, answer.after),
            answer.before,
            answer.gradient,
            answer.goal,
        )
        self._say(_meaning(answer))
        settable = supposing.settable() is not None
        self.do_it.setVisible(settable and bool(delta))
        self.do_it.setText(f"Set it to {then}")

    # -- following -----------------------------------------------------------------------------------------------

    def _run_moved(self, *_: object) -> None:
        if self.isVisible() and self._supposing.element is not None:
            self._pace.ask()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_moved()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._pace.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        way = QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom
        if way != self._both.direction():
            self._both.setDirection(way)

    # -- hands ---------------------------------------------------------------------------------------------------

    def _typed(self) -> None:
        answer = self._supposing.answer
        try:
            delta = typed.number(self.delta.text(), None if answer is None else answer.value)
        except ConditionError as error:
            self._session.notify("warning", error.message, error.hint)
            return
        self.delta.setModified(False)
        self._supposing.set_delta(delta)


def _meaning(answer: Answer) -> str:
    """What the two numbers say together."""
    if answer.gradient is None:
        return "The backward pass has not come here yet, so there is no gradient to compare with."
    if not answer.delta:
        return (
            f"The gradient is {numbers.number(answer.gradient, 4, sign=True)}: move δ and see what it says."
        )
    if not answer.change and not answer.gradient:
        return f"{answer.goal} does not change with it."
    if not answer.gradient:
        return f"The gradient is 0: {answer.goal} is flat here, and bends further away."
    error = abs(answer.change - (answer.predicted or 0.0))
    size = max(abs(answer.change), abs(answer.predicted or 0.0))
    if error <= 0.01 * size:
        return "So near, the goal runs along its tangent: gradient × δ is what happens."
    if answer.change * answer.gradient * answer.delta < 0:
        return "So far away the goal has turned round: the gradient holds near the number only."
    return "What is missing is the bend of the curve: half of δ makes a quarter of it."
