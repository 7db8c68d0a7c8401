"""What panels share that look at a network which reads characters and says which comes next."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from ..data.text import characters_of
from ..engine import messages as m
from ..engine.inference import Inference
from ..engine.language import Language, language
from ..errors import GraphlabError
from ..io.examples import example
from .asker import Asker
from .evaluating import Evaluation
from .panels.live import LivePanel
from .session import Session
from .tensors import Wish


class LanguagePanel(LivePanel):
    """Base: knows where the graph reads and scores characters, and whether an answer may be out of date.

    A subclass says `about`, what stands in it, and `needs`, what that takes besides; opens an `example_of` it where
    there is nothing; asks in `_ask`, takes the answer in `_take`, and forgets it in `_forget`.

    where: None while nothing reads characters. alphabet: of the source; empty where that is not known, and `fault` says
    why. is_stale: whether weights or graph may be others than those of the last answer.
    """

    of_whole = True
    limit = 1
    about = needs = example_of = ""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._inference: Inference | None = None
        self.where: Language | None = None
        self.alphabet: tuple[str, ...] = ()
        self.fault = ""
        self.is_stale = True
        self.step = 0
        self.asker = Asker(session, self._ask, self)
        self.asker.arrived.connect(self._take)

    def listen(self) -> None:
        """To be called when everything is there that `_forget` empties."""
        self.session.opened.connect(self._forget)
        for news in (self.session.values_changed, self.session.status_changed, self.session.compiled):
            news.connect(self._doubt)

    def _doubt(self, *_: object) -> None:
        self.is_stale = True

    def find(self) -> bool:
        """Looks where characters are read, if the graph is another than at the last time; whether it was."""
        whole = self.session.seen.whole
        if whole is self._inference:
            return False
        self._inference, self.is_stale, self.fault = whole, True, ""
        self.where = language(whole)
        op = whole.nodes[self.where.source].op if self.where is not None else None
        try:
            self.alphabet = characters_of(op) if op is not None else ()
        except GraphlabError as error:
            self.alphabet, self.fault = (), f"{error.message} {error.hint}".strip()
        return True

    def say_nothing_reads(self) -> None:
        """Says in the empty state what it takes, and offers an example."""
        self.empty.say(
            self.in_the_way(self.about) or self.fault or f"{self.about} {self.needs}",
            f"Open {self.example_of}",
            lambda: self.session.file_wanted.emit(example(self.example_of).path),
            "open",
        )

    def keys(self) -> Iterable[Wish]:
        self._renew()
        return [m.TensorKey("value", *self.where.scores)] if self.where is not None else []

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.asker.forget()

    # For subclasses

    def _renew(self) -> None:
        """The graph may be another: see `find`."""
        self.find()

    def _ask(self, asked: Evaluation) -> object:
        raise NotImplementedError

    def _take(self, about: object, event: m.Evaluated) -> None:
        raise NotImplementedError

    def _forget(self, *_: object) -> None:
        raise NotImplementedError
