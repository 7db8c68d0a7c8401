"""Text: what a network that foresees characters writes, live while it trains, and what it thinks comes next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ...data.text import encode, signs, unknown_words
from ...engine import messages as m
from ...engine.language import Language, of_row
from ...errors import GraphlabError
from ...lab.generating import AHEAD, NOT_AHEAD, Floats, Manner, Writing, looks_ahead, probes
from .. import numbers
from ..data_view.slide import Slide
from ..evaluating import Evaluation
from ..language_panel import LanguagePanel
from ..session import Session
from ..widgets.chance_bars import ChanceBars
from ..widgets.writing_view import WritingView, Written
from .live import header_button, header_choice
from .registry import panel

LENGTHS = {"40": 40, "100": 100, "300": 300, "1000": 1000}  # characters of a text
AT_ONCE = {"1 text": 1, "4 texts": 4, "8 texts": 8}
KEPT = 12  # times that it wrote before
MOST_CHANCES = 12
HOTTEST = 2.0
LABEL = 92  # pixels
TIPS = {
    "temperature": "Scores are divided by it: below 1 it dares less, 0 always takes the likeliest",
    "top k": "Draw from so many of the likeliest characters only; 0 for all",
    "top p": "Draw from the fewest likeliest characters that have this share together (nucleus)",
}


@panel("text", "Text", "bottom", 49, shown=False, tabbed=True)
class TextPanel(LanguagePanel):
    """On the left how it draws, in the middle what it writes, on the right a prompt and what may come next."""

    picture = "text"
    about = "What a network writes stands here."
    needs = "It takes a Text, and a loss that judges the next character."
    example_of = "names-gru"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.ahead: bool | None = None  # whether the network looks ahead; None until that is known
        self.manner = Manner()
        self.length, self.at_once = LENGTHS["40"], 4
        self.start: Writing | None = None  # the prompt
        self.writings: list[Writing] = []
        self.before: deque[Written] = deque(maxlen=KEPT)
        self.thought: Floats | None = None  # scores of what comes after the prompt
        self.view, self.bars = WritingView(), ChanceBars(marked=False)
        self.prompt, self.unknown, self.said = QLineEdit(), QLabel(), QLabel()
        self.temperature = Slide("temperature", TIPS["temperature"], 0.0, HOTTEST)
        self.top_k = Slide("top k", TIPS["top k"], 0, 40, whole=True)
        self.top_p = Slide("top p", TIPS["top p"], 0.05, 1.0, percent=True)
        self.count = header_choice(
            list(AT_ONCE), "How many texts at once", "How many texts are written at once", self._set_count
        )
        self.long = header_choice(
            list(LENGTHS), "How many characters", "How many characters each text has", self._set_length, 4
        )
        self.again = header_button(
            "Write", "reset", "Other texts from the weights as they are now", self.write
        )
        self.set_content(self._build())
        self.listen()

    def _build(self) -> QWidget:
        content = QWidget()
        row = QHBoxLayout(content)
        row.setContentsMargins(10, 2, 10, 6)
        row.setSpacing(14)
        row.addLayout(self._controls(), 3)
        row.addWidget(self.view, 5)
        row.addLayout(self._next(), 3)
        self.count.setCurrentText("4 texts")
        self.long.setCurrentText("40")
        return content

    def _controls(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        self.said.setProperty("role", "secondary")
        self.said.setWordWrap(True)
        for slide, value in ((self.temperature, 1.0), (self.top_k, 0.0), (self.top_p, 1.0)):
            slide.set_value(value)
            slide.label.setFixedWidth(LABEL)
            slide.moved.connect(lambda _: self._set_manner())
            column.addWidget(slide)
        column.addWidget(self.said)
        column.addStretch(1)
        return column

    def _next(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(4)
        self.prompt.setPlaceholderText("Prompt: how the text begins")
        self.prompt.setAccessibleName("Prompt")
        self.prompt.setToolTip("What each text begins with. Below: how likely each next character is drawn")
        self.prompt.textEdited.connect(lambda _: self._set_prompt())
        self.prompt.returnPressed.connect(self.write)
        self.unknown.setProperty("role", "error")
        self.unknown.setWordWrap(True)
        self.unknown.hide()
        self.bars.setAccessibleName("Next characters")
        column.addWidget(self.prompt)
        column.addWidget(self.unknown)
        column.addWidget(self.bars, 1)
        return column

    def header_tools(self) -> list[QWidget]:
        return [self.count, self.long, self.again]

    # What a hand does

    def write(self) -> None:
        """Other texts, from the weights as they are now."""
        self.manner = replace(self.manner, seed=self.manner.seed + max(self.at_once, 1))
        self._restart()

    def _set_manner(self) -> None:
        self.manner = Manner(
            self.temperature.value, round(self.top_k.value), self.top_p.value, self.manner.seed
        )
        self._restart()

    def _set_prompt(self) -> None:
        codes, unknown = encode(self.prompt.text(), self.alphabet)
        self.unknown.setText(unknown_words(unknown))
        self.unknown.setVisible(bool(unknown))
        if self.where is not None:
            self.start = Writing(self.alphabet, self.where.length, tuple(codes.tolist()), manner=self.manner)
            self.thought = None
            self._restart()

    def _set_count(self, word: str) -> None:
        self.at_once = AT_ONCE[word]
        self._restart()

    def _set_length(self, word: str) -> None:
        self.length = LENGTHS[word]
        self._restart()

    def _restart(self) -> None:
        """What is being written is begun anew."""
        self.asker.forget()
        self.writings = []
        self.asker.want(now=True)
        self.changed()

    # What is asked

    def _renew(self) -> None:
        """The graph may be another."""
        before = self.where, self.alphabet
        if not self.find():
            return
        self.ahead = None
        if (self.where, self.alphabet) != before:
            self._forget()
            self.top_k.set_range(0, max(len(self.alphabet), 1))
            self._set_prompt()

    def _forget(self, *_: object) -> None:
        self.asker.forget()
        self.writings, self.thought = [], None
        self.before.clear()

    def _ask(self, asked: Evaluation) -> object:
        where, start = self.where, self.start
        if where is None or start is None or not self.alphabet or self.ahead or not self.isVisible():
            return None
        ends = [where.scores]
        if self.ahead is None and where.at_each:
            asked.of_arrays({where.reads: probes(where.length)}, ends)
            return "probe"
        if not self.writings:
            self._begin(start)
        going = tuple(self._unfinished())
        filled = not where.at_each
        rows = [start.row(filled), *(self.writings[k].row(filled) for k in going)]
        asked.of_arrays({where.reads: np.concatenate(rows)}, ends)
        return start, going

    def _begin(self, start: Writing) -> None:
        seeds = range(self.manner.seed, self.manner.seed + self.at_once)
        self.writings = [replace(start, manner=replace(self.manner, seed=seed)) for seed in seeds]
        self.step = self.session.status.step

    def _unfinished(self) -> list[int]:
        return [k for k, writing in enumerate(self.writings) if len(writing.written) < self.length]

    def _take(self, about: Any, event: m.Evaluated) -> None:
        where = self.where
        if where is None:
            return
        try:
            if event.message:
                raise GraphlabError(event.message, hint=event.hint)
            self._go_on(where, about, np.asarray(event.values[0]))
            self.fault = ""
        except GraphlabError as error:
            self.fault = f"{error.message} {error.hint}".strip()
        self.changed()

    def _go_on(self, where: Language, about: Any, scores: Any) -> None:
        if about == "probe":
            self.ahead = looks_ahead(scores, where.length, len(self.alphabet))
            self.asker.want()
            return
        start, going = about
        if start is not self.start:
            return
        filled, rows = not where.at_each, 1 + len(going)
        thought, before = start.scores(of_row(scores, 0, rows), filled), self.thought
        self.thought, self.is_stale = thought, False
        for row, k in enumerate(going, 1):
            self.writings[k] = self.writings[k].going_on(of_row(scores, row, rows), filled)
        if not going and before is not None and not np.array_equal(thought, before):
            self._next_texts()  # the weights are others, at the same step: somebody has set them
        if self._unfinished() or not self.writings:
            self.asker.want()

    def _next_texts(self) -> None:
        """What was written moves down, and other texts begin."""
        self.before.extendleft(self._now())
        self.writings = []
        self.manner = replace(self.manner, seed=self.manner.seed + self.at_once)

    # What is shown

    def missing(self) -> bool:
        self._renew()
        if self.where is None or not self.alphabet:
            self.say_nothing_reads()
            return True
        if self.ahead:
            self.empty.say(f"{AHEAD} {NOT_AHEAD}")
            return True
        if self.thought is None:
            self.asker.want()
            self.empty.say(self.fault or "Asking the network …")
            return self.prompt.text() == ""
        return False

    def redraw(self) -> None:
        self._follow()
        self.view.show_written([*self._now(), *self.before])
        self.said.setText(self.fault or self._measured())
        if self.thought is None:
            return
        try:
            chances = self.manner.chances(self.thought)
        except GraphlabError:
            chances = np.full(len(self.alphabet), np.nan)
        order = np.argsort(-chances, kind="stable")[:MOST_CHANCES]
        names = [signs(self.alphabet)[k] for k in order]
        self.bars.show_chances(names, chances[order], None)

    def _follow(self) -> None:
        """While it trains, a text that is done is followed by one of the weights as they are by then."""
        is_new = self.session.status.step != self.step
        if self.writings and not self._unfinished() and is_new:
            self._next_texts()
        if not self.writings or is_new or self.is_stale:
            self.asker.want()

    def _now(self) -> list[Written]:
        if not self.writings:
            return []
        prompt = "".join(self.alphabet[k] for k in self.writings[0].prompt)
        texts = tuple((prompt, w.text, len(w.written) < self.length) for w in self.writings)
        return [Written(f"step {self.step:,}", texts)]

    def _measured(self) -> str:
        """How well it foresees characters, at the last epoch."""
        reports = self.session.losses.reports
        if not reports:
            return ""
        name = "bits per character"
        last = reports[-1]
        held_out = last.validation_metrics.get(name)
        bits = last.metrics.get(name) if held_out is None else held_out
        if bits is None:
            return ""
        where = "on text that is trained on" if held_out is None else "on held-out text"
        among = numbers.number(2.0**bits, 2)
        return (
            f"{numbers.number(bits, 3)} bits per character {where}: as if among {among} equally likely ones."
        )

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """A line for each text."""
        lines = (
            (written.when, prompt, text)
            for written in (*self._now(), *self.before)
            for prompt, text, _ in written.texts
        )
        return ["when", "prompt", "text"], lines
