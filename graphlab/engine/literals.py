"""An edit of numbers that stand in the document, a constant or a slope: the run goes on with them where it is.

Compiling anew would come to the same, but computes everything. Here only what depends on the edited nodes is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..graph import Diff, Document
from ..ops import Op
from .buffers import Buffers
from .changing import follow_up
from .feeding import Feed, make_feed
from .flatten import End
from .partial import Anew
from .plan import Plan
from .run import Run

Array = npt.NDArray[Any]


def take_over(run: Run, document: Document, change: Diff) -> Anew | None:
    """Puts the edited operations of that document into the run; None where the run has to be made anew.

    It has to where more than params of nodes was edited, or where an edited param changes a shape, an initialiser, what
    a view looks at, or the beginning of a parameter that has been trained.
    """
    if change.added or change.removed or change.added_edges or change.removed_edges:
        return None
    if change.definitions or change.training or not change.reworked or not run.has_buffers:
        return None
    old, new = run.plan, run.plan.of_version(document)
    if not _alike(old, new):
        return None
    edits = [_Edit(run, key, old.op(key), new.op(key)) for key in new.nodes if old.op(key) is not new.op(key)]
    if not edits or not all(edit.is_possible() for edit in edits):
        return None
    return _put(run, new, edits)


def _alike(old: Plan, new: Plan) -> bool:
    """Whether all that is laid out by a plan is laid out alike: order, shapes, offsets, the way back."""
    same = ("goal", "parameters", "states", "edges", "active", "learns", "problems", "schedule")
    is_same = all(getattr(old, name) == getattr(new, name) for name in same)
    return is_same and all(
        old.inference.specs[key, output] == new.inference.specs[key, output]
        for key in new.nodes
        for output in new.op(key).results()
    )


def _put(run: Run, new: Plan, edits: list[_Edit]) -> Anew:
    cursor, changed = run.cursor, []
    run.plan.take_over(new)
    run.document = new.document
    run._moments.clear()  # what one would step back to was computed by other operations
    for edit in edits:
        for buffers in run.store.kept():
            buffers.rebind(edit.key)
        changed += edit.put()
    return follow_up(run, changed, cursor)


@dataclass
class _Edit:
    """One node whose operation is another."""

    run: Run
    key: str
    old: Op
    new: Op

    def is_possible(self) -> bool:
        old, new = self.old, self.new
        same = type(old) is type(new) and old.sockets() == new.sockets() and old.transposes == new.transposes
        return (
            same and self._feeds_alike() and self._begins_well() and all(map(self._looks_alike, self._all()))
        )

    def _all(self) -> list[Buffers]:
        return self.run.store.kept()

    def _feeds_alike(self) -> bool:
        """A source gives what it says itself, of the same size."""
        if not self.new.source:
            return True
        was, now = self.old.literal(), self.new.literal()
        return was is not None and now is not None and np.shape(was) == np.shape(now) and not self.new.brings

    def _begins_well(self) -> bool:
        """Its parameters begin as before, or with other numbers that are given, and nothing is learnt yet."""
        return all(self._begins_alike(s) or self._can_begin(s) for s in self._owned())

    def _owned(self) -> list[str]:
        return [socket for key, socket in self.run.plan.parameters if key == self.key]

    def _begins_alike(self, socket: str) -> bool:
        old, new = self.old, self.new
        init = f"{socket}_init"
        return (
            np.array_equal(old.start(socket), new.start(socket))
            and old.params.get(init) == new.params.get(init)
            and old.gain(socket) == new.gain(socket)
        )

    def _can_begin(self, socket: str) -> bool:
        return self.run.clock.step == 0 and self.new.start(socket) is not None

    def _looks_alike(self, buffers: Buffers) -> bool:
        """A view looks at the same numbers in the same order."""
        inputs = buffers.inputs(self.key)
        was = self.old.view(*inputs) if inputs else None
        now = self.new.view(*inputs) if inputs else None
        if was is None or now is None:
            return was is now
        return _where(was) == _where(now)

    def put(self) -> list[End]:
        """Puts its numbers where they lie; the ends that are others now."""
        run, key = self.run, self.key
        if self.new.source:
            path, feed = run.plan.nodes[key].path, run.present_feed()
            end = (key, self.new.results()[0])
            literal = make_feed(run.plan, {path: self.new.literal()}, feed).arrays[end]
            run.take(Feed({**feed.arrays, end: literal}, feed.sizes))
            return [end]
        begun = [socket for socket in self._owned() if not self._begins_alike(socket)]
        for socket in begun:
            run.store.value(run.plan.parameters[key, socket])[...] = self.new.start(socket)
        return [(key, socket) for socket in begun] or [(key, "")]


def _where(array: Array) -> tuple[Any, ...]:
    return array.__array_interface__["data"], array.strides, array.shape
