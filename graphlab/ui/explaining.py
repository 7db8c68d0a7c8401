"""Which numbers a person has asked about, one after the other, and what the engine says of the present one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..ops.explanation import Origin
from ..ops.explanation_text import Explanation
from ..ops.places import bracketed

if TYPE_CHECKING:
    from .session import Session

TERMS = 50  # that are told one by one at first
MORE = 10  # times as many, each time somebody wants more
MOST = 1000
PATIENCE = 1.0  # seconds after which an answer is thought to be lost, with an engine or with an edit
LONGEST = 100  # questions that are remembered


@dataclass(frozen=True)
class Question:
    """An element by the engine's own names: kind "value", "grad", "term" or "update", node, socket and index."""

    kind: str
    node: str
    socket: str
    index: tuple[int, ...]


class Explainer(QObject):
    """The trail of questions and the answer to the present one. Widgets ask it, listen to `changed` and read.

    `found` is None while there is no answer; then `problem` (and `hint`) say why, both "" while one is on the way.
    """

    changed = Signal()  # another question, or another answer
    went = Signal()  # to another question: who shows tensors may show this one
    asked = Signal()  # somebody wants to know: whoever shows explanations should come to the front
    pointed = Signal(object)  # origins of the term under the pointer; () for none

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.trail: list[Question] = []
        self.position = -1
        self.found: Explanation | None = None
        self.problem = self.hint = ""
        self._terms, self._request, self._first = (
            TERMS,
            0,
            1,
        )  # requests from the first are about this question
        self._is_stale = False
        self._waiting = QTimer(self)  # runs while an answer is on its way
        self._waiting.setSingleShot(True)
        self._waiting.setInterval(round(1000 * PATIENCE))
        self._waiting.timeout.connect(self._ask_again)
        session.engine.explained.connect(self._take)
        session.opened.connect(self._forget)

    @property
    def question(self) -> Question | None:
        """The element that is explained at present."""
        return self.trail[self.position] if 0 <= self.position < len(self.trail) else None

    def ask(self, kind: str, node: str, socket: str, index: Sequence[int]) -> None:
        """Explains an element, by the engine's names; the ones before it stay on the trail."""
        question = Question(kind, node, socket, tuple(int(i) for i in index))
        if question != self.question:
            del self.trail[self.position + 1 :]
            self.trail = [*self.trail, question][-LONGEST:]
            self.position = len(self.trail) - 1
            self._begin()
        self.refresh()
        self.asked.emit()

    def ask_about(self, node: str, kind: str = "value") -> None:
        """Explains the largest element of the first output of a node on the sheet, or of its gradient."""
        flat = self._session.inference.nodes.get(node)
        outputs = flat.op.results() if flat is not None and flat.op is not None else ()
        if outputs:
            tensor = self._session.tensor(kind, node, outputs[0])
            self._session.explain(kind, node, outputs[0], self.largest(tensor, (node, outputs[0])))

    def ask_about_update(self, node: str) -> None:
        """Explains the update of the parameter of a node on the sheet, at the element whose gradient is largest."""
        socket = self._learnt(node)
        if socket:
            index = self.largest(self._session.tensor("grad", node, socket), (node, socket))
            self._session.explain("update", node, socket, index)

    def can_ask_about_update(self, node: str) -> bool:
        """Whether the node on the sheet owns a parameter that training changes."""
        return bool(self._learnt(node))

    def _learnt(self, node: str) -> str:
        """The first parameter of a node that the update changes."""
        flat, whole = self._session.inference.nodes.get(node), self._session.seen.whole
        if flat is None or flat.frozen or not whole.goal:
            return ""
        return next((s for owner, s in self._session.inference.learnables if owner == node), "")

    def can_ask_about(self, node: str) -> bool:
        """Whether the node on the sheet has an output, and nothing is wrong with it."""
        flat = self._session.inference.nodes.get(node)
        is_well = flat is not None and node not in self._session.inference.unhealthy
        return bool(is_well and flat is not None and flat.op is not None and flat.op.results())

    def ask_about_wire(self, target: str, socket: str) -> None:
        """Explains the largest of what comes back along a wire on the sheet."""
        edge = self._session.document.inputs_of(target)[socket]
        tensor = self._session.term(edge.source, edge.output, target, socket)
        index = self.largest(tensor, (edge.source, edge.output))
        self._session.explain("term", target, socket, index)

    def can_ask_about_wire(self, target: str, socket: str) -> bool:
        """Whether a gradient may come back along that wire, and is one array."""
        edge = self._session.document.inputs_of(target).get(socket)
        if edge is None or not self._session.asking.key:
            return False
        keys = self._session.term_keys(edge.source, edge.output, target, socket)
        spec = self._session.inference.specs.get((edge.source, edge.output))
        return len(keys) == 1 and spec is not None and spec.kind == "float"

    def largest(self, tensor: m.Tensor | None, end: tuple[str, str]) -> tuple[int, ...]:
        """Where the largest element is that one sees; the first element while nothing is seen."""
        if tensor is not None and tensor.array.size:
            flat = int(np.nanargmax(np.abs(np.nan_to_num(tensor.array))))
            return tuple(int(i) for i in np.unravel_index(flat, tensor.array.shape))
        spec, owned = self._session.inference.specs.get(end), self._session.inference.learnables.get(end)
        if owned is not None:
            return (0,) * len(owned)
        return (0,) * (spec.ndim if spec is not None else 0)

    def follow(self, origin: Origin) -> None:
        """Explains the element that a term came from."""
        self.ask(origin.kind, origin.node, origin.name, origin.index)

    def go(self, position: int) -> None:
        """Back or forward on the trail."""
        if 0 <= position < len(self.trail) and position != self.position:
            self.position = position
            self._begin()
            self.refresh()

    def back(self) -> None:
        self.go(self.position - 1)

    def forward(self) -> None:
        self.go(self.position + 1)

    def tell_more(self) -> None:
        """Tells more terms one by one."""
        self._terms = min(self._terms * MORE, MOST)
        self._waiting.stop()
        self.refresh()

    def refresh(self) -> None:
        """Asks the engine again: numbers may be new."""
        question = self.question
        if question is None:
            return
        if self._waiting.isActive():
            self._is_stale = True  # asked again as soon as the answer is here, or is thought to be lost
            return
        self._request += 1
        self._is_stale = False
        self._waiting.start()
        self._session.engine.send(
            m.Explain(
                self._request, question.kind, question.node, question.socket, question.index, self._terms
            )
        )

    def title(self, question: Question) -> str:
        """What people call the element: "hidden[1, 3]", a gradient "∂hidden[1, 3]"."""
        name = self._session.name_of(question.node) or question.node
        flat = self._session.seen.whole.nodes.get(question.node)
        outputs = flat.op.results() if flat is not None and flat.op is not None else ()
        socket = "" if question.socket in outputs[:1] and len(outputs) == 1 else f".{question.socket}"
        sign = "∂" if question.kind in ("grad", "term") else ""
        words = ", its update" if question.kind == "update" else ""
        return f"{sign}{name}{socket}{bracketed(question.index)}{words}"

    def _begin(self) -> None:
        self.found, self.problem, self.hint, self._terms = None, "", "", TERMS
        self._first = self._request + 1  # an answer that is on its way is to another question
        self._waiting.stop()
        self.pointed.emit(())
        self.changed.emit()
        self.went.emit()

    def _take(self, event: m.Explained) -> None:
        if event.request < self._first:
            return
        if event.request == self._request:
            self._waiting.stop()
        self.found, self.problem, self.hint = event.explanation, event.message, event.hint
        self.changed.emit()
        self._ask_again()

    def _ask_again(self) -> None:
        """Numbers may have changed since the engine was asked."""
        if self._is_stale:
            self.refresh()

    def _forget(self) -> None:
        self.trail, self.position = [], -1
        self._begin()
