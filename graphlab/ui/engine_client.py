"""What the window knows of the engine: the compiled document, the status, the tensors, the last checkpoint.

It turns events into this state, and says everything again to a new process after the old one died.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from ..data import store
from ..engine import messages as m
from ..graph import Document, codec, patch
from ..graph.contents import contents_of
from .engine_link import EngineLink
from .notice import Notice
from .numbers import count as counted
from .tensors import Tensors, Wish, Wishes

START = m.Status(0, "idle", 0, 0, 0, None)
PAUSE = 400  # milliseconds without an edit until the graph's totals are asked for


class EngineClient(QObject):
    """The engine as the session sees it.

    Commands are sent in order; a changed document goes ahead of the command that follows it, once however many edits
    came before.
    """

    frame = Signal(object)  # set of node ids
    status_changed = Signal(object)
    scalars = Signal(object)
    compiled = Signal(object)
    checked = Signal(object)
    explained = Signal(object)
    evaluated = Signal(object)
    looked = Signal(object)
    surveyed = Signal(object)
    ranged = Signal(object)
    exported = Signal(object)
    tallied = Signal(object)
    profiled = Signal(object)
    examined = Signal(object)
    probed = Signal(object)
    edited = Signal(object)
    recomputed = Signal(object)
    supposed = Signal(object)
    weighed = Signal(object)  # messages.Weights: asked for, or a checkpoint
    answered = Signal(object)  # any other event that one part of the window has asked for
    told = Signal(object)  # Notice

    def __init__(self, parent: QObject, document: Document, *, start: bool) -> None:
        super().__init__(parent)
        self.tensors, self.wishes = Tensors(), Wishes()
        self.status, self.loaded, self.totals = START, None, None
        self.vitals: tuple[m.Vital, ...] = ()
        self.is_up = False
        self._document, self._keep = document, False
        self._run = self._opened = 0  # numbers of the last Load, and of the last one of another document
        self._sent: Document | None = None  # what the engine has; None when that is not sure
        self._stale = self._watch_stale = False
        self.adopts = 0  # the Travelled whose document is being put in place
        self._given: set[str] = set()  # contents that the process has
        self._was_lost = False
        self._weights: dict[str, Any] = {}
        self._state: dict[str, Any] = {}
        self._kept_step = 0
        self._breakpoints: tuple[m.Breakpoint, ...] = ()
        self._probes: tuple[m.Probe, ...] = ()
        self._request = 0
        self._answer: dict[int, dict[str, Any]] = {}
        self._closed = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._flush)
        self._tally = QTimer(self)
        self._tally.setSingleShot(True)
        self._tally.setInterval(PAUSE)
        self._tally.timeout.connect(self._ask_for_totals)
        self.link = EngineLink(self)
        self.link.received.connect(self._take)
        self.link.lost.connect(self._lost)
        self.link.started.connect(self._started)
        if start:
            self.link.start()

    status: m.Status
    loaded: m.Loaded | None
    totals: m.Totals | None

    @property
    def has_learnt(self) -> bool:
        """Whether training went on since the weights were last kept in a file."""
        return self.status.step != self._kept_step

    @property
    def state(self) -> dict[str, Any]:
        """What goes with the last weights that the engine sent: the optimizer's state and the step."""
        return self._state

    def mark_kept(self) -> None:
        self._kept_step = self.status.step

    # To the engine

    def send(self, command: m.Command) -> None:
        self._flush()
        self.link.send(command)

    def load(self, document: Document, alive: Container[str]) -> None:
        """The document computes differently now; the weights of what stayed stay. `alive`: the keys that there are."""
        self._document, self._keep = document, True
        self.tensors.outdate(alive)
        self._later(stale=True)
        if not self._closed:
            self._tally.start()

    def open(self, document: Document, weights: dict[str, Any]) -> None:
        """Another document, with the weights from its file."""
        self._document, self._keep = document, False
        self._weights, self._state = dict(weights), {}
        self.tensors.clear()
        self.status, self.loaded, self.totals, self.vitals, self._kept_step = START, None, None, (), 0
        self._stale = True
        self._flush()
        if weights:
            self.link.send(m.SetWeights(self._weights))
        self.status_changed.emit(self.status)

    def bring(self, arrays: dict[str, Any]) -> None:
        """Parameters that have just come into the document begin with these values, by "node name.socket"."""
        if not arrays:
            return
        self._weights = {**self._weights, **arrays}  # said again to another process
        self.send(m.SetWeights(arrays))

    def watch(self, owner: object, wishes: Iterable[Wish], limit: int) -> None:
        if self.wishes.set(owner, wishes, limit):
            self._watch_stale = True
            self._later()

    def set_breakpoints(self, entries: Iterable[m.Breakpoint]) -> None:
        self._breakpoints = tuple(sorted(entries))
        self.send(m.Breakpoints(self._breakpoints))

    def set_probes(self, entries: Iterable[m.Probe]) -> None:
        self._probes = tuple(entries)
        self.send(m.Probes(self._probes))

    def pause(self) -> None:
        self.send(m.Pause())

    def reset(self) -> None:
        self._weights, self._state = {}, {}
        self.send(m.Reset())

    def ask_for_weights(self) -> None:
        """Has all weights sent; they are told of by `weighed`."""
        if self.link.is_up:
            self._request += 1
            self.send(m.Snapshot(self._request))

    def fetch_weights(self, patience: float) -> dict[str, Any]:
        """Asks for all weights and waits for them; the last checkpoint when there is no answer in time."""
        if not self.link.is_up:
            return self._weights
        self._request += 1
        self.send(m.Snapshot(self._request))
        end = time.monotonic() + patience
        while self._request not in self._answer and (left := end - time.monotonic()) > 0 and self.link.is_up:
            self.link.pump(min(left, 0.1))
        return self._answer.pop(self._request, self._weights)

    def close(self) -> None:
        self._closed = True
        self._soon.stop()
        self._tally.stop()
        self.link.close()

    def _later(self, stale: bool = False) -> None:
        self._stale = self._stale or stale
        if (
            self._closed
        ):  # panels that go with the window still say that they look no more, when the timer may be gone
            return
        if not self._soon.isActive():
            self._soon.start(0)

    def hurry(self) -> None:
        """Sends the document as it is now, before another edit may take this one back."""
        self._flush()

    def _flush(self) -> None:
        self._soon.stop()
        if self._stale and self.link.is_up:
            self._stale = False
            self._send_rows()
            self._send_document()
        if self._watch_stale and self.link.is_up:
            self._watch_stale = False
            self.link.send(m.Watch(self.wishes.union()))

    def _send_rows(self) -> None:
        """The rows that the document needs, as far as they are here and the process has not got them yet."""
        for content in contents_of(self._document):
            cells = None if content in self._given else store.find(content)
            if cells is not None:
                self._given.add(content)
                self.link.send(m.Rows(content, cells))

    def _send_document(self) -> None:
        """What was edited since the last time; the whole where the engine has nothing that it could be made of."""
        since, last, self._run = self._run, self._sent, self._run + 1
        if not self._keep:
            self._opened, last = self._run, None
        data = codec.to_bytes(self._document) if last is None else patch.to_bytes(last, self._document)
        self.link.send(m.Load(self._run, data, self._keep, 0 if last is None else since, self.adopts))
        self._sent, self._keep = self._document, True

    # From the engine

    def _take(self, events: list[m.Event]) -> None:
        fresh: set[str] = set()
        for event in events:
            if isinstance(event, m.Frame):
                if event.run == self._run:
                    fresh |= self.tensors.take(event)
            elif getattr(event, "run", self._run) == self._run or self._still_holds(event):
                self._hear(event)
        if fresh:
            self.frame.emit(fresh)

    def _hear(self, event: m.Event) -> None:
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(self, event)
        else:
            getattr(self, self._passed_on.get(type(event), "answered")).emit(event)

    def _still_holds(self, event: m.Event) -> bool:
        """A schedule of an earlier version of this document holds until a newer one comes: not every edit makes one.

        What was learnt in the meantime, and moments that were kept, are of any version.
        """
        kinds = m.Loaded | m.Scalars | m.Remembered | m.Forgotten | m.Trail | m.Parted | m.Joined
        return isinstance(event, kinds) and event.run >= self._opened

    def _take_ready(self, event: m.Ready) -> None:
        self.is_up = True
        if self._was_lost:
            self._was_lost = False
            step = f"; the weights are those of step {self._state_step()}" if self._state else ""
            self.told.emit(Notice("info", f"The engine was restarted{step}.", "Go on where you were."))
        self.status_changed.emit(self.status)

    def _ask_for_totals(self) -> None:
        if self.link.is_up:
            self.send(m.Tally())

    def _take_totals(self, event: m.Totals) -> None:
        self.totals = event
        self.tallied.emit(event)

    def _take_examined(self, event: m.Examined) -> None:
        self.vitals = event.vitals
        self.examined.emit(event)

    def _take_loaded(self, event: m.Loaded) -> None:
        self.loaded = event
        self.vitals = ()  # they were of another graph
        self._tally.start()
        self.compiled.emit(event)

    def _take_status(self, event: m.Status) -> None:
        self.status = event
        self.status_changed.emit(event)

    def _take_weights(self, event: m.Weights) -> None:
        self._weights, self._state = event.arrays, event.state
        if event.request:
            self._answer = {event.request: event.arrays}
        self.weighed.emit(event)

    def _take_failed(self, event: m.Failed) -> None:
        self._sent = None  # perhaps it could not be read
        step = event.step
        go = ("Go to the step before", partial(self.send, m.Travel(step))) if step else None
        self.told.emit(Notice("error", event.message, event.hint, event.node, choice=go))

    _handlers: dict[type, Callable[[EngineClient, Any], None]] = {
        m.Ready: _take_ready,
        m.Loaded: _take_loaded,
        m.Status: _take_status,
        m.Weights: _take_weights,
        m.Totals: _take_totals,
        m.Examined: _take_examined,
        m.Failed: _take_failed,
    }
    _passed_on: dict[type, str] = {  # by which signal; any other by `answered`
        m.Scalars: "scalars",
        m.Checked: "checked",
        m.Explained: "explained",
        m.Evaluated: "evaluated",
        m.Looked: "looked",
        m.Surveyed: "surveyed",
        m.Ranged: "ranged",
        m.Exported: "exported",
        m.Profiled: "profiled",
        m.Probed: "probed",
        m.Edited: "edited",
        m.Recomputed: "recomputed",
        m.Supposed: "supposed",
    }

    # Death and birth

    def _lost(self, reason: str) -> None:
        self.is_up = False
        self._was_lost = True
        self.tensors.outdate()
        self.status = m.Status(self._run, "idle", self.status.step, self.status.epoch, 0, None)
        self.told.emit(
            Notice(
                "warning",
                f"The engine stopped: {reason}.",
                "The document is untouched; another engine starts.",
            )
        )
        self.status_changed.emit(self.status)

    def _started(self) -> None:
        self._given.clear()
        self._stale = self._watch_stale = True
        self._keep, self._sent = False, None
        self._flush()
        if self._weights:
            self.link.send(m.SetWeights(self._weights, self._state))
        if self._breakpoints:
            self.link.send(m.Breakpoints(self._breakpoints))
        if self._probes:
            self.link.send(m.Probes(self._probes))

    def _state_step(self) -> str:
        step = self._state.get("step")
        return f"{step:,}" if isinstance(step, int) else counted(len(self._weights), "parameter")
