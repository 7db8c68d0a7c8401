"""Going to other steps of the training, as the engine process does it: in slices, so that it can be told otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..graph import Document
from ..graph.codec import to_bytes
from . import messages as m
from .pacing import Pace, Stopwatch
from .telling import Teller

HURRIED = 0.08  # seconds that a step under a hand that drags may take
SILENT = 0.3  # seconds on the way before anything is said of it
TOLD = 0.25  # seconds between two accounts of the trail while training
TOLD_SHARE = 0.01


class Journeys(Teller):
    """The part of a `Host` that travels. The window is told the document of then, and sends it back as adopted."""

    def __init__(self) -> None:
        super().__init__()
        self._journey: Iterator[int] | None = None
        self._ends_at = float("inf")  # when a hurried one ends, wherever it is
        self._began = self._said = 0.0
        self._whole = 0
        self._known: Document | None = None  # what the window has
        self._adoption = 0  # the number of the last document that it was told
        self._told_trail: m.Trail | None = None
        self._trails = Pace(TOLD, TOLD_SHARE)

    def _leave_training(self) -> None:
        raise NotImplementedError

    # Commands

    def _do_travel(self, command: m.Travel) -> None:
        self._leave_training()
        self._set_out(command.step, command.hurry)

    def _do_rejoin(self, command: m.Rejoin) -> None:
        self._leave_training()
        self._send_losses()  # those of the way that is left belong to it
        at = self.space.travel.join(command.branch)
        self._tell_parted()
        trail = self.space.travel.trail
        assert trail is not None
        self._send(m.Joined(self.run_id, command.branch, at, trail.end))
        self._set_out(at)

    def _do_part(self, command: m.Part) -> None:
        self._leave_training()
        self.space.travel.part()
        self._show()

    def _do_keepstates(self, command: m.KeepStates) -> None:
        self.space.travel.set_limit(command.limit)
        self._send_trail(at_once=True)

    # On the way

    def _set_out(self, step: int, hurry: bool = False) -> None:
        self._send_losses()
        self._journey = self.space.travel.go(step)
        self._began = self._said = time.perf_counter()
        self._ends_at = self._began + HURRIED if hurry else float("inf")
        self._whole = 0

    def _travel_on(self) -> None:
        """A slice of the way."""
        journey, self._journey = self._journey, None  # what fails is not tried again
        assert journey is not None
        left = next(journey, None)
        now = time.perf_counter()
        if left is None or now >= self._ends_at:
            self._arrive()
            return
        self._journey = journey
        self._whole = self._whole or left
        if now - self._began > SILENT and now - self._said > SILENT:
            self._said = now
            self._send(m.Travelling(self.run_id, left, self._whole))

    def _stop_travelling(self, command: m.Command) -> None:
        """Another command moves the run: it goes on from wherever it is."""
        if self._journey is None:
            return
        self._journey = None
        if not isinstance(command, m.Load):
            self._arrive()

    def _arrive(self) -> None:
        """Says where it is, with the document of then where the window has another."""
        self.state = "paused" if self.space.run.steps_done else "idle"
        self._say_where()

    def _say_where(self) -> None:
        document, step = self.space.document, self.space.run.steps_done
        if document is self._known:
            self._announce_if_new()
            self._send(m.Travelled(self.run_id, step))
        else:
            self._known = document
            self._adoption += 1
            self._announce()
            self._send(m.Travelled(self.run_id, step, self._adoption, to_bytes(document)))
        self._show()

    def _announce_if_new(self) -> None:
        """The question that was open is over, or the graph was another for a while."""
        plan = self.space.run.plan
        if self._announced is not plan:
            self._announce()

    @property
    def _step_before(self) -> int:
        """Where a fault has stopped the run: the step that can be gone back to, 0 where there is none."""
        travel, step = self.space.travel, self.space.run.steps_done
        return step if travel.trail is not None and travel.trail.first < step <= travel.trail.end else 0

    def _is_outdated(self, command: m.Load) -> bool:
        """Whether it is a document of then that the run has left again since."""
        return bool(command.adopted) and (command.adopted != self._adoption or self._journey is not None)

    # Telling

    def _show(self) -> None:
        self._tell_parted()
        self._send_trail(at_once=self.state != "training")  # before the status, which is read by it
        super()._show()

    def _send_norms(self) -> None:
        """Of known steps they are known as well."""
        if self.space.travel.is_past:
            self._sampler.norms.take(self.run_id)
        else:
            super()._send_norms()

    def _send_spreads(self) -> None:
        if self.space.travel.is_past:
            self._sampler.spreads.take(self.run_id)
        else:
            super()._send_spreads()

    def _report(self) -> None:
        """What is known is not reported again."""
        if not self.space.travel.is_past:
            super()._report()

    def _send_losses(self, reports: tuple[m.ReportRecord, ...] = ()) -> None:
        self._tell_parted()
        super()._send_losses(reports)

    def _tell_parted(self) -> None:
        left, self.space.travel.left = self.space.travel.left, []
        for branch in left:
            self._send(m.Parted(self.run_id, branch.number, branch.at, branch.end))

    def _send_trail(self, at_once: bool) -> None:
        if not at_once and not self._trails.is_due():
            return
        watch = Stopwatch()
        trail = self.space.travel.told(self.run_id)
        last = self._told_trail
        if last is None or _seen(trail) != _seen(last):
            self._told_trail = trail
            self._send(trail)
        self._trails.done(watch)


def _seen(trail: m.Trail) -> tuple[object, ...]:
    """What it looks like; its ticks are others whenever their bytes or the last of them are."""
    last = int(trail.ticks[-1]) if len(trail.ticks) else -1
    fields = (trail.run, trail.first, trail.end, last, len(trail.ticks), trail.bytes, trail.limit)
    return (*fields, trail.changes, trail.branches, trail.too_large)
