"""What a person wants to see changed a little: one number, by how much, and what the engine says the goal would be."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..ops.places import bracketed
from .editing import Target
from .inspector.sockets import Place, places, target
from .scrubbing import size_of

if TYPE_CHECKING:
    from .session import Session

POINTS = 41  # of the curve; an odd number, so that one of them is what is
FEW = 9  # while the run goes on by itself
AT_ONCE = 7  # points asked for in one question, so that other questions get their turn
PATIENCE = 2000  # milliseconds after which an answer is thought to be lost
DECADES = 4.0  # that the slider goes through on either side
NOTCHES = 100  # of the slider on either side


@dataclass(frozen=True)
class Element:
    """A number of the run, by the engine's own names."""

    node: str
    socket: str
    index: tuple[int, ...]


@dataclass(frozen=True)
class Answer:
    """What the goal is (`before`), and what it would be with `delta` added to a number that is `value` now.

    gradient: None where backward has not come.
    """

    value: float
    goal: str
    before: float
    delta: float
    after: float
    gradient: float | None

    @property
    def change(self) -> float:
        return self.after - self.before

    @property
    def predicted(self) -> float | None:
        """What the derivative says of the change."""
        return None if self.gradient is None else self.gradient * self.delta


class Supposing(QObject):
    """Widgets ask it, listen to `changed` and read. `problem` (and `hint`) say why there is no `answer`."""

    changed = Signal()
    asked = Signal()  # somebody wants to know: whoever shows it should come to the front

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.element: Element | None = None
        self.delta = 0.0
        self.answer: Answer | None = None
        self.curve: dict[float, float] = {}  # δ → the goal
        self.problem = self.hint = ""
        self._request, self._first, self._waits = 0, 1, False
        self._fresh_from = 0  # the first request since numbers of the run may be new; 0 when it is answered
        self._is_stale = False
        self._wanted: list[float] = []  # points of the curve that are to be asked for
        self._lost = QTimer(self)
        self._lost.setSingleShot(True)
        self._lost.setInterval(PATIENCE)
        self._lost.timeout.connect(self._give_up)
        session.engine.supposed.connect(self._take)
        session.opened.connect(self.forget)

    def ask(self, node: str, socket: str, index: Sequence[int]) -> None:
        """Asks about an element, by the engine's names."""
        element = Element(node, socket, tuple(int(i) for i in index))
        if element != self.element:
            self.element, self.answer, self.delta = element, None, 0.0
            self._begin()
        self.refresh()
        self.asked.emit()

    def ask_about(self, node: str) -> None:
        """Asks about the largest element of what a node on the sheet owns, else of its first output."""
        found = places(self._session, node)
        if found:
            place = next((p for p in found if p.learnable), found[0])
            tensor = self._session.tensor("value", node, place.socket)
            self.ask_of(place, self._session.explainer.largest(tensor, (node, place.socket)))

    def ask_of(self, place: Place, index: Sequence[int]) -> None:
        """Asks about an element of a tensor of a node on the sheet."""
        socket = place.edits if place.learnable and place.edits else place.socket
        self.ask(*self._session.seen.end(place.node, socket), index)

    def set_delta(self, delta: float) -> None:
        """By how much the number is to be larger."""
        if delta != self.delta and math.isfinite(delta):
            before, self.delta = self.span, delta
            if self.span != before:
                self.curve = {}
            self._ask_again()

    def refresh(self) -> None:
        """Numbers of the run may be new: all is asked anew; what is shown stays until then."""
        if self.element is not None:
            self._fresh_from = self._request + 1
            self._wanted = []
            self._ask_again()

    def forget(self) -> None:
        """Another document: nothing is asked any more."""
        self.element = None
        self._begin()

    # What there is

    @property
    def title(self) -> str:
        """What people call the element: "hidden.weight[0, 3]"."""
        if self.element is None:
            return ""
        name = self._session.name_of(self.element.node) or self.element.node
        flat = self._session.seen.whole.nodes.get(self.element.node)
        outputs = flat.op.results() if flat is not None and flat.op is not None else ()
        socket = "" if outputs == (self.element.socket,) else f".{self.element.socket}"
        return f"{name}{socket}{bracketed(self.element.index)}"

    @property
    def scale(self) -> float:
        """A power of ten near the size of the number; the slider goes from a thousandth of it to ten times it."""
        return size_of(self.answer.value) if self.answer is not None else 0.1

    @property
    def span(self) -> float:
        """How far the curve goes to either side: a round number beyond δ."""
        size = abs(self.delta) or self.scale
        power = 10.0 ** math.floor(math.log10(size))
        return next(float(f"{k * power:.6g}") for k in (1.5, 3, 6, 15) if k * power >= 1.2 * size)

    def delta_at(self, notch: int) -> float:
        """The δ of a place of the slider: logarithmic, 0 in the middle."""
        if not notch:
            return 0.0
        exponent = 1.0 + DECADES * (abs(notch) - NOTCHES) / NOTCHES
        return math.copysign(float(f"{self.scale * 10.0**exponent:.2g}"), notch)

    def notch_of(self, delta: float) -> int:
        """The place of the slider that is nearest to a δ."""
        if not delta:
            return 0
        exponent = math.log10(abs(delta) / self.scale)
        notch = round(NOTCHES + (exponent - 1.0) / DECADES * NOTCHES)
        return int(math.copysign(min(max(notch, 1), NOTCHES), delta))

    # Doing it

    def settable(self) -> tuple[Target, Place] | None:
        """What would set the number for good; None where it is computed."""
        element = self.element
        here = self._session.seen.here(element.node) if element is not None else ""
        for place in places(self._session, here) if here else ():
            found = target(self._session, place)
            ends = {self._session.seen.end(place.node, place.socket), found.end if found else ("", "")}
            if found is not None and element is not None and (element.node, element.socket) in ends:
                return found, place
        return None

    def do_it(self) -> None:
        """Adds δ to the number, as one undo entry; δ is 0 again."""
        found = self.settable()
        if found is None or self.answer is None or self.element is None:
            return
        value = self.answer.value + self.delta
        self.delta = 0.0
        self._session.editing.set(found[0], (self.element.index,), (value,))
        self.refresh()

    # Questions and answers

    def _begin(self) -> None:
        self.answer, self.curve, self.problem, self.hint = None, {}, "", ""
        self._first = self._request + 1
        self._waits, self._wanted = False, []
        self._lost.stop()
        self.changed.emit()

    def _ask_again(self) -> None:
        if self._waits:
            self._is_stale = True
        else:
            self._send((self.delta,))

    def _send(self, deltas: Sequence[float]) -> None:
        element = self.element
        if element is None:
            return
        self._request += 1
        self._waits, self._is_stale = True, False
        self._lost.start()
        question = m.Suppose(self._request, element.node, element.socket, element.index, tuple(deltas))
        self._session.engine.send(question)

    def _take(self, event: m.Supposed) -> None:
        if event.request < self._first or self.element is None:
            return
        self._waits = event.request != self._request
        self._lost.stop()
        if event.message:
            self.answer, self.curve, self._wanted = None, {}, []
            self.problem, self.hint = event.message, event.hint
        else:
            self._take_numbers(event)
        self.changed.emit()
        self._go_on()

    def _take_numbers(self, event: m.Supposed) -> None:
        self.problem = self.hint = ""
        if self._fresh_from and event.request >= self._fresh_from:
            self._fresh_from, self.curve = 0, {}
        self.curve |= dict(zip(event.deltas, event.after, strict=True))
        after = self.curve.get(self.delta)
        if after is None:  # a point of the curve, while δ has moved on
            return
        self.curve[0.0] = event.before
        self.answer = Answer(event.value, event.goal, event.before, self.delta, after, event.gradient)
        self._wanted = self._missing()

    def _missing(self) -> list[float]:
        """The points of the curve that are not known, from the middle outwards."""
        span, half = self.span, (FEW if self._session.is_running else POINTS) // 2
        deltas = [sign * span * k / half for k in range(1, half + 1) for sign in (1, -1)]
        return [delta for delta in deltas if delta not in self.curve]

    def _go_on(self) -> None:
        """Numbers or δ may have changed since the engine was asked; else the curve goes on."""
        if self._is_stale:
            self._send((self.delta,))
        elif self._wanted and not self._waits:
            now, self._wanted = self._wanted[:AT_ONCE], self._wanted[AT_ONCE:]
            self._send(now)

    def _give_up(self) -> None:
        """An answer was lost, with an engine or with an edit."""
        self._waits = False
        self._go_on()
