"""Numbers set by hand: typed, stepped or dragged. One undo entry each, in one row with the edits of the document.

What the document holds (a constant, the value of an input) is an edit of it; while it is dragged, the engine alone is
told. What only the run holds (weights, the batch) is set in the engine, and undo sets it back for as long as no step of
training has changed it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from ..engine import messages as m
from ..errors import GraphlabError
from . import numbers
from .notice import of_error

if TYPE_CHECKING:
    from .session import Session

Place = tuple[int, ...]
Values = tuple[float, ...]

GLOW = 1200  # milliseconds for which nodes are marked that were computed again
TELL = 6000  # milliseconds for which the status line says how many
KEEP = 1000  # milliseconds after the last edit of a weight, when all are fetched so that a crash loses none
PATIENCE = 0.3  # seconds that undo, and the next edit, wait for what has just been set


@dataclass(frozen=True)
class Target:
    """Numbers that can be set: `end` by the engine's keys. param: the param of `node` that holds them, "" for none."""

    node: str
    end: tuple[str, str]
    title: str
    param: str = ""
    whole: bool = False


@dataclass
class _Drag:
    """What is under way: the elements, what they were before, and what they are to be."""

    target: Target
    places: tuple[Place, ...]
    before: Values = ()
    wanted: Values = ()
    after: Values = ()
    step: int = -1
    is_over: bool = False


@dataclass
class NumberEdit:
    """An undo entry: numbers of the run that were set by hand in one step of training."""

    editing: Editing
    era: int
    step: int
    end: tuple[str, str]
    places: tuple[Place, ...]
    before: Values
    after: Values

    @property
    def is_past(self) -> bool:
        return self.era != self.editing.era or not self.editing.is_at(self.step, self.end)

    def replay(self, forward: bool) -> None:
        self.editing.put_back(self.end, self.places, self.after if forward else self.before)


@dataclass(frozen=True)
class Fresh:
    """What was computed again: the keys of the nodes, and out of how many."""

    nodes: frozenset[str] = field(default_factory=frozenset)
    total: int = 0


class Editing(QObject):
    """Sets numbers and says what was computed again. Widgets call it, listen and read."""

    recomputed = Signal()  # `fresh` is another; it is empty again after a moment
    noted = Signal()  # the history has another entry
    weights_set = Signal()  # by hand, or all at once, rather than by training
    refused = Signal(str, str)  # why a number was not set, and what to try

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.fresh, self.told = Fresh(), ""
        self.has_set_weights = False
        self.era = 0  # since the weights began anew
        self._drag: _Drag | None = None
        self._titles: dict[int, Target] = {}  # requests whose answer makes an undo entry
        self._request = 0
        self._was_tried = False  # a number that the document holds was dragged to where it has now been set
        self._busy = 0  # a request of the drag that is not answered yet
        self._fade, self._hush, self._keep = (self._timer(ms) for ms in (GLOW, TELL, KEEP))
        self._fade.timeout.connect(self._forget)
        self._hush.timeout.connect(self._fall_silent)
        self._keep.timeout.connect(lambda: session.engine.send(m.Snapshot(0)))
        session.engine.edited.connect(self._take)
        session.engine.recomputed.connect(self._mark)
        session.engine.link.lost.connect(self._lost)
        session.opened.connect(self._begin_anew)
        session.saved.connect(self._saved)

    def _timer(self, milliseconds: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        return timer

    # One edit

    def set(self, target: Target, places: Sequence[Place], values: Sequence[float]) -> None:
        """Sets elements, as one undo entry."""
        self.settle()
        if target.param:
            self._write(target, tuple(places), tuple(values))
            return
        self._titles[self._send(target.end, places, values)] = target

    def _send(self, end: tuple[str, str], places: Sequence[Place], values: Sequence[float]) -> int:
        self._request += 1
        whole = tuple(tuple(int(i) for i in place) for place in places)
        self._session.engine.send(m.SetElements(self._request, *end, whole, tuple(map(float, values))))
        return self._request

    def _write(self, target: Target, places: tuple[Place, ...], values: Values) -> bool:
        """Numbers that the document holds; whether they could be set."""
        try:
            whole = self._held(target)
            before = [_element(whole, place) for place in places]
            for place, value in zip(places, values, strict=True):
                whole = with_element(whole, place, int(value) if target.whole else value)
            with self._session.graph.edit(label(target, places, before, values)):
                self._session.graph.set(target.node, "", **{target.param: whole})
        except GraphlabError as error:
            self._session.tell(of_error(error))
            return False
        return True

    def _held(self, target: Target) -> Any:
        return self._session.document.node(target.node).make().params[target.param]

    # A drag

    @property
    def is_dragging(self) -> bool:
        return self._drag is not None and not self._drag.is_over

    def begin(self, target: Target, places: Sequence[Place]) -> None:
        """From now on these elements follow a hand, until `finish` or `cancel`."""
        self.settle()
        self._busy = 0
        drag = _Drag(target, tuple(places))
        if target.param:
            try:
                whole = self._held(target)
                drag.before = tuple(_element(whole, place) for place in drag.places)
            except GraphlabError as error:
                self._session.tell(of_error(error))
                return
        self._drag = drag

    def move(self, values: Sequence[float]) -> None:
        """They are to be these now. Of what comes faster than the engine computes, the latest counts."""
        drag = self._drag
        if drag is not None and not drag.is_over:
            drag.wanted = tuple(values)
            self._go_on()

    def finish(self) -> None:
        """What they are now is kept, as one undo entry."""
        drag = self._drag
        if drag is None or drag.is_over:
            return
        drag.is_over = True
        if drag.target.param:
            self._drag, self._busy, values = None, 0, drag.wanted
            if values and values != drag.before:
                self._was_tried = True  # what follows from it has been computed, and is marked
                if not self._write(drag.target, drag.places, values):
                    self.put_back(drag.target.end, drag.places, drag.before)
                self._session.engine.hurry()  # the engine has the numbers already: an undo must not go unseen
        elif not self._busy and not self._is_behind(drag):
            self._note_drag(drag)

    def cancel(self) -> None:
        """They are again what they were, and nothing is noted."""
        drag = self._drag
        if drag is None or drag.is_over:
            return
        drag.is_over, was_moved, drag.wanted = True, bool(drag.wanted), ()
        if was_moved and not drag.before and self._busy:
            return  # what they were is on its way
        self._drag, self._busy = None, 0
        if was_moved and drag.before:
            self.put_back(drag.target.end, drag.places, drag.before)

    def _is_behind(self, drag: _Drag) -> bool:
        return bool(drag.wanted) and drag.wanted != drag.after

    def _go_on(self) -> None:
        drag = self._drag
        if drag is None or self._busy or not self._is_behind(drag) or not self._session.engine.link.is_up:
            return
        drag.after = drag.wanted
        self._busy = self._send(drag.target.end, drag.places, drag.wanted)

    def _take_of_drag(self, drag: _Drag, event: m.Edited) -> None:
        self._busy = 0
        if event.message:
            self._drag = None
            self._refuse(event)
            return
        drag.before = drag.before or event.before
        drag.step = event.step
        if drag.is_over and not drag.wanted:  # taken back meanwhile
            self._drag = None
            self.put_back(drag.target.end, drag.places, drag.before)
        elif self._is_behind(drag):
            self._go_on()
        elif drag.is_over:
            self._note_drag(drag, event.after)

    def _note_drag(self, drag: _Drag, after: Values = ()) -> None:
        self._drag = None
        if drag.before and drag.step >= 0:
            self._note(drag.target, drag.step, drag.places, drag.before, after or drag.after)

    # What the engine says

    def _take(self, event: m.Edited) -> None:
        if event.request and event.request == self._busy and self._drag is not None:
            self._take_of_drag(self._drag, event)
            return
        target = self._titles.pop(event.request, None)
        if target is None:
            return
        if event.message:
            self._refuse(event)
        else:
            self._note(target, event.step, event.places, event.before, event.after)

    def _refuse(self, event: m.Edited) -> None:
        self._session.notify("warning", event.message, event.hint, event.node)
        self.refused.emit(event.message, event.hint)

    def _note(
        self, target: Target, step: int, places: tuple[Place, ...], before: Values, after: Values
    ) -> None:
        if before == after:
            return
        edit = NumberEdit(self, self.era, step, target.end, places, before, after)
        self._session.root.note(edit, label(target, places, before, after))
        self._weights_changed(target.end)
        self.noted.emit()

    def _weights_changed(self, end: tuple[str, str]) -> None:
        if end in self._session.seen.whole.learnables or end in self._session.seen.whole.states:
            self.weights_replaced()

    def weights_replaced(self) -> None:
        """Many weights are others, by another hand: a file would lose them, and so would a crash."""
        self.has_set_weights = True
        self._keep.start()
        self.weights_set.emit()

    def _mark(self, event: m.Recomputed) -> None:
        nodes = frozenset(event.nodes)
        if self._was_tried and nodes <= self.fresh.nodes:
            nodes = self.fresh.nodes
        self._was_tried = False
        self.fresh = Fresh(nodes, event.total)
        count, total = len(nodes), max(event.total, len(nodes))
        self.told = f"{count:,} of {numbers.count(total, 'node')} computed anew" if total else ""
        self._fade.start()
        self._hush.start()
        self.recomputed.emit()

    def _forget(self) -> None:
        self.fresh = Fresh()
        self.recomputed.emit()

    def _fall_silent(self) -> None:
        self.told = ""
        self.recomputed.emit()

    def _lost(self, reason: str) -> None:
        self._busy, self._drag = 0, None
        self._titles.clear()

    def _begin_anew(self) -> None:
        self._lost("")
        self._keep.stop()
        self._forget()
        self._fall_silent()

    def _saved(self) -> None:
        self.has_set_weights = False

    # Undo

    def settle(self) -> None:
        """Ends a drag, and waits a moment for what was set and is not answered, so that undo takes it back."""
        self.finish()
        link, end = self._session.engine.link, time.monotonic() + PATIENCE
        while (self._busy or self._titles) and link.is_up and (left := end - time.monotonic()) > 0:
            link.pump(left)

    def begin_anew(self) -> None:
        """The weights have begun anew: what was set before cannot be taken back any more."""
        self.settle()
        self.era += 1
        self.noted.emit()

    def is_at(self, step: int, end: tuple[str, str]) -> bool:
        """Whether the run is still in that step of training, and has that array."""
        session = self._session
        return session.status.step == step and end[0] in session.seen.whole.nodes

    def put_back(self, end: tuple[str, str], places: tuple[Place, ...], values: Values) -> None:
        """Sets elements without another undo entry."""
        self._send(end, places, values)
        self._weights_changed(end)
        self.noted.emit()


def label(target: Target, places: Sequence[Place], before: Sequence[float], after: Sequence[float]) -> str:
    """What the history calls an edit: "Set hidden.weight[0, 3] 0.12 → 0.5"."""
    if len(places) == 1:
        was, now = (numbers.number(values[0], 4) for values in (before, after))
        return f"Set {target.title}{numbers.index(places[0])} {was} → {now}"
    return f"Set {len(places):,} numbers of {target.title}"


def with_element(value: object, index: tuple[int, ...], number: float) -> object:
    """Nested tuples with the element at `index` replaced. GraphlabError where there is no such element."""
    if not index:
        return number
    if not isinstance(value, tuple) or not 0 <= index[0] < len(value):
        raise GraphlabError("There is no such element any more.")
    first, rest = index[0], index[1:]
    return (*value[:first], with_element(value[first], rest, number), *value[first + 1 :])


def _element(value: Any, index: Place) -> float:
    for i in index:
        if not isinstance(value, tuple) or not 0 <= i < len(value):
            raise GraphlabError("There is no such element any more.")
        value = value[i]
    return float(value)
