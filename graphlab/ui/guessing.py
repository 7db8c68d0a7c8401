"""Predict first: the filter is shown, and a person says which of four pictures it makes. The window keeps the score."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..errors import DataError
from ..lab.filter_bench import grey
from ..lab.filter_quiz import Question, Quiz
from .session import Session
from .theme import ui_font
from .widgets.answer_cards import AnswerCards
from .widgets.filter_picture import seen

Floats = NDArray[np.float64]
LINES = 4  # of what is told after an answer


def score_of(session: Session) -> Score:
    """That of a session."""
    found = session.findChild(Score)
    return found if isinstance(found, Score) else Score(session)


class Score(QObject):
    """How many answers were right, of how many, and how many in a row at the end."""

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.right = self.asked = self.streak = 0

    def count(self, is_right: bool) -> None:
        self.asked += 1
        self.right += is_right
        self.streak = self.streak + 1 if is_right else 0
        self.changed.emit()

    @property
    def told(self) -> str:
        if not self.asked:
            return ""
        row = f", {self.streak} in a row" if self.streak > 1 else ""
        return f"{self.right} of {self.asked} right{row}"


class Guessing(QWidget):
    """The four answers; `foot`, which goes below, says what became of the one that was chosen."""

    asked = Signal(object)  # Question: another filter is to be shown

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.score = score_of(session)
        self.cards, self.foot = AnswerCards(), QWidget()
        self.verdict, self.tally = QLabel(), QLabel()
        self.next = QPushButton("Next")
        self.next.setToolTip("Another filter (Enter)")
        self.question: Question | None = None
        self.seed = int(time.time())
        self._quiz: Quiz | None = None
        self._of: tuple[int, int] = (0, 0)
        self._picture: Floats | None = None
        self._build()
        self.cards.chosen.connect(self._answer)
        self.cards.going_on.connect(self.go_on)
        self.next.clicked.connect(self.go_on)

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.cards)
        row = QHBoxLayout(self.foot)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        self.verdict.setWordWrap(True)
        self.verdict.setMinimumWidth(1)
        self.verdict.setFont(ui_font(12))
        self.verdict.setFixedHeight(LINES * self.verdict.fontMetrics().lineSpacing() + 2)
        self.verdict.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.tally.setProperty("role", "secondary")
        aside = QVBoxLayout()
        aside.setSpacing(2)
        aside.addWidget(self.next)
        aside.addWidget(self.tally, 0, Qt.AlignmentFlag.AlignRight)
        aside.addStretch(1)
        row.addWidget(self.verdict, 1)
        row.addLayout(aside)

    def begin(self, picture: Floats, size: int) -> None:
        """Asks about this picture; goes on with the present question where it is the same one."""
        if self._picture is picture and self._of[1] == size and self.question is not None:
            self.asked.emit(self.question)
            return
        self._picture, self._of = picture, (id(picture), size)
        try:
            self._quiz = Quiz(grey(picture), self.seed, size)
        except DataError as error:
            self._quiz = self.question = None
            self.cards.ask(())
            self.next.setEnabled(False)
            self.verdict.setText(f"{error.message} {error.hint}")
            return
        self.go_on()

    def go_on(self) -> None:
        """The next question."""
        if self._quiz is None:
            return
        self.question = self._quiz.ask()
        self.cards.ask([seen(choice.result, choice.kernel) for choice in self.question.choices])
        self.next.setEnabled(False)
        self.verdict.setText("Which of these does the filter make? Click one, or press 1 to 4.")
        self.tally.setText(self.score.told)
        self.asked.emit(self.question)
        if self.isVisible():
            self.cards.setFocus()

    def dress(self) -> None:
        """The theme is another."""
        if self.question is not None:
            self.cards.repaint_images(
                [seen(choice.result, choice.kernel) for choice in self.question.choices]
            )

    def _answer(self, given: int) -> None:
        question = self.question
        if question is None:
            return
        self.score.count(given == question.right)
        self.cards.answer(given, question.right)
        self.verdict.setText(question.verdict(given))
        self.tally.setText(self.score.told)
        self.next.setEnabled(True)
