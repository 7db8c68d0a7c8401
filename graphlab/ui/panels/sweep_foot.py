"""Below the table of trials: what two of them differ by, what is done with one, and the sealed test rows."""

from __future__ import annotations

import time
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ...lab.sweeps.columns import is_share
from ...lab.sweeps.intervals import Interval
from ...lab.sweeps.kept import KeptSweep
from ...lab.sweeps.records import Opening
from ...lab.sweeps.statistics import amount, compare
from ...lab.sweeps.trials import Trial, rises
from .. import numbers
from ..icons import icon
from ..inspector.parts import Elided, quiet
from ..notice import of_error
from ..session import Session
from .sweep_setup import enable

ASKED = (
    "The test rows tell how good trial {number} is on rows that nothing was chosen by. That figure counts once: "
    "whoever chooses again after seeing it has a second validation set, and none to test with. Each look is counted."
)
AGAIN = (
    "The test rows have been opened {times} already, so this figure is no longer of rows that nothing was chosen by. "
    "It is counted all the same."
)


class SweepFoot(QWidget):
    """`opened`, `taken`: the chosen trial is to be opened, or its values made the document's."""

    opened = Signal()
    taken = Signal()

    def __init__(self, session: Session, refuge: QWidget) -> None:
        super().__init__()
        self._refuge = refuge  # where the keyboard goes from what is hidden, or switched off
        self._session, self._sweeping = session, session.sweeping
        self.differs, self.sealed = Elided(), Elided()
        self.open = self._button(
            "Open", "open", "Opens its graph with its weights in a tab of its own (Enter)"
        )
        self.take = self._button(
            "Use its settings", "check", "Makes its values those of the document; Undo takes that back (S)"
        )
        self.final = self._button(
            "Final evaluation …", "", "Choose one trial to measure it once on the sealed test rows"
        )
        self.question, self.asks = quiet(), QWidget()
        self.yes, self.no = QPushButton("Open the test rows"), QPushButton("Leave them sealed")
        self._openings: list[Opening] = []
        self._compared: tuple[object, ...] = ()
        self._build()
        self.open.clicked.connect(self.opened)
        self.take.clicked.connect(self.taken)
        self.final.clicked.connect(self.ask)
        self.yes.clicked.connect(self._evaluate)
        self.no.clicked.connect(self._leave)
        self._sweeping.chosen.connect(self.tell)
        self._sweeping.opened.connect(self._another)
        self._sweeping.sittings.changed.connect(self.tell)
        self._sweeping.sittings.evaluated.connect(self._evaluated)
        self._sweeping.use.changed.connect(self.tell)
        session.sealing.changed.connect(self.look)

    def _button(self, text: str, picture: str, tip: str) -> QPushButton:
        made = QPushButton(text)
        if picture:
            made.setIcon(icon(picture))
        made.setProperty("role", "small")
        made.setToolTip(tip)
        return made

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(6)
        for label in (self.differs, self.sealed):
            label.setProperty("role", "secondary")
        row.addWidget(self.open)
        row.addWidget(self.take)
        row.addWidget(self.sealed, 1)
        row.addWidget(self.final)
        column.addWidget(self.differs)
        column.addLayout(row)
        asked = QHBoxLayout(self.asks)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(6)
        asked.addWidget(self.question, 1)
        asked.addWidget(self.yes)
        asked.addWidget(self.no)
        self.asks.hide()
        column.addWidget(self.asks)

    # What it shows

    def tell(self, *_: object) -> None:
        """Trials are others, or others are chosen."""
        trial = self.chosen()
        sittings = self._sweeping.sittings
        for button in (self.open, self.take):
            enable(button, trial is not None, self._refuge)
        can = trial is not None and bool(trial.done) and not self._sweeping.is_running
        enable(self.final, can and not sittings.is_evaluating, self._refuge)
        self.final.setText("Evaluating …" if sittings.is_evaluating else "Final evaluation …")
        self._tell_difference()
        self._tell_sealed()

    def chosen(self) -> Trial | None:
        """The one trial that is chosen; None for none or several."""
        numbers_ = self._sweeping.selection
        return self._sweeping.trial(numbers_[0]) if len(numbers_) == 1 else None

    def _tell_difference(self) -> None:
        kept, chosen = self._sweeping.kept, self._sweeping.selection
        if kept is None or len(chosen) != 2:
            self.differs.hide()
            return
        self.differs.show()
        first, second = (kept.trials[number] for number in sorted(chosen))
        key = kept.path, first, second
        if self._compared == key:
            return
        self._compared = key
        self.differs.setText("…")
        self._sweeping.do(partial(_compared, kept, first, second), self._take_difference, self._no_difference)

    def _take_difference(self, found: tuple[KeptSweep, Trial, Trial, Interval]) -> None:
        kept, first, second, interval = found
        if self._compared == (kept.path, first, second):
            text = difference_words(first, second, interval, kept.metric)
            self.differs.setText(text)
            self.differs.more = resampled(interval)

    def _no_difference(self, error: GraphlabError) -> None:
        self.differs.setText(str(error))
        self.differs.more = ""

    def _tell_sealed(self) -> None:
        found = self._openings
        text = "Test rows: sealed" if not found else f"Test rows: opened {numbers.times(len(found))}"
        self.sealed.setText(text)
        self.sealed.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.sealed.setProperty("role", "secondary" if len(found) < 2 else "warning")
        self.sealed.style().polish(self.sealed)
        lines = [opening_words(opening) for opening in found[-5:]]
        self.sealed.more = "\n".join(lines)

    # The sealed rows

    def _another(self) -> None:
        self._leave()
        self._compared = ()
        self.look()

    def look(self) -> None:
        """Has it read how often the test rows were opened."""
        kept = self._sweeping.kept
        if kept is None:
            self._take_openings([])
        else:
            self._sweeping.do(
                kept.openings, self._take_openings, lambda error: self._session.tell(of_error(error))
            )

    def _take_openings(self, found: list[Opening]) -> None:
        self._openings = found
        self._tell_sealed()

    def ask(self) -> None:
        """Says what the look means, and asks whether it is wanted."""
        trial = self.chosen()
        if trial is None:
            return
        text = ASKED.format(number=trial.number)
        if self._openings:
            text = AGAIN.format(times=numbers.times(len(self._openings)))
        self.question.setText(text)
        self.asks.show()
        self.no.setFocus()

    def _leave(self) -> None:
        if self.yes.hasFocus() or self.no.hasFocus():
            self._refuge.setFocus(Qt.FocusReason.OtherFocusReason)
        self.asks.hide()

    def _evaluate(self) -> None:
        self._leave()
        trial = self.chosen()
        if trial is not None:
            self._sweeping.sittings.evaluate(trial.number)

    def _evaluated(self, opening: Opening) -> None:
        self.look()
        self._session.notify(
            "info",
            opening_words(opening),
            "It is counted." if len(self._openings) else "Let it be the last look.",
        )


def _compared(kept: KeptSweep, first: Trial, second: Trial) -> tuple[KeptSweep, Trial, Trial, Interval]:
    return kept, first, second, compare(kept, first, second)


def difference_words(first: Trial, second: Trial, found: Interval, metric: str) -> str:
    """Which of two is better, by how much, and within which bounds."""
    better, worse = (first, second) if (found.mean >= 0) == rises(metric) else (second, first)
    if not found.mean:
        return f"#{first.number} and #{second.number} are equally good."
    text = f"#{better.number} is better than #{worse.number} by {amount(abs(found.mean), metric)}"
    if not found.is_known:
        return f"{text}; one seed and no kept rows say nothing of chance."
    ends = sorted((abs(found.mean) / found.mean * found.low, abs(found.mean) / found.mean * found.high))
    low, high = (signed(end, metric) for end in ends)
    verdict = "more than chance" if found.excludes_zero else "that may be chance"
    return f"{text} (95 %: {low} to {high}): {verdict}."


def signed(value: float, metric: str) -> str:
    sign = numbers.MINUS if value < 0 else "+"
    return f"{sign}{amount(abs(value), metric).removesuffix(' points')}"


def resampled(found: Interval) -> str:
    """What the interval rests on."""
    if found.over == "nothing":
        return "There is one number of each only."
    seeds, rows = numbers.count(found.seeds, "seed"), numbers.count(found.rows, "held-out row")
    what = {"rows and seeds": f"{rows} and {seeds}", "rows": rows, "seeds": seeds}[found.over]
    return f"Bootstrap over {what}." if found.over != "seeds" else f"Student's t over {what}."


def opening_words(opening: Opening) -> str:
    """A look at the test rows, in words."""
    write = numbers.percent if is_share(opening.metric) else numbers.number
    when = time.strftime("%d %b, %H:%M", time.localtime(opening.when))
    if not opening.metric:
        return f"A look in the window at {opening.rows:,} test rows, {when}."
    told = "no number" if opening.score is None else write(opening.score)
    ends = ""
    if opening.low is not None and opening.high is not None:
        ends = f" (95 %: {write(opening.low)} to {write(opening.high)})"
    what = "A training" if opening.by == "training" else f"Trial {opening.trial}"
    return f"{what} on {opening.rows:,} test rows: {opening.metric} {told}{ends}, {when}."
