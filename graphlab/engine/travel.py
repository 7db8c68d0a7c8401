"""Time travel: any step of a training is reached again, exactly, and what came after it is not forgotten.

A step is a function of (document, data, seed, step, state before it). So a few states are kept (`trail`), with the
documents that were trained with; a step is reached by going on from the nearest state before it. Whoever trains on in
the past with something changed, or past a change without it, leaves the way there: the rest becomes a branch.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import GraphlabError
from ..graph import Document, diff
from ..graph.document import STOPPING
from . import messages as m
from .trail import LIMIT, Branch, Checkpoint, Trail, bytes_of

if TYPE_CHECKING:
    from .run import Run
    from .workspace import Workspace

SHARE = 0.01  # of the time of training at most goes into keeping states
SLICE = 0.01  # seconds of going on between looks at whether that is still wanted
LONGEST = 4096  # steps of a slice


def _trains_alike(a: Document, b: Document) -> bool:
    """Whether the settings are the same but for when to stop."""
    same = {name: getattr(a.training, name) for name in STOPPING}
    return a.training == dataclasses.replace(b.training, **same)


@dataclass(frozen=True, slots=True)
class Left:
    """A branch was left: its number, the step at which, and its last step."""

    number: int
    at: int
    end: int


class Travel:
    """The way of a workspace's run through its steps. `trail` is None where a single state is above the limit."""

    def __init__(self, space: Workspace, limit: int = LIMIT) -> None:
        self._space = space
        self._limit = limit
        self.trail: Trail | None = None
        self.left: list[Left] = []  # branches that nobody was told of yet
        self._document = space.document  # what is trained with now
        self._edited: Checkpoint | None = (
            None  # in the past: the state that a hand made, until it is trained on
        )
        self._applied = 0  # the step whose fixed state is in force
        self._is_odd = False  # the step under way was fed, or begun, otherwise than it would be again
        self._is_going = False
        self._rests_until = 0.0
        self.begin()

    # What the workspace tells

    def begin(self) -> None:
        """A training begins with the state as it is; nothing before it is known."""
        self._document, self._edited, self._is_odd = self._space.document, None, False
        self._applied, self.trail = self._run.steps_done, None
        if self._size_now() <= self._limit:
            self.trail = Trail(self._state(fixed=False), self._document, self._limit)

    def set_limit(self, limit: int) -> None:
        """From now on all states together take so many bytes at most."""
        self._limit = limit
        if self.trail is None:
            self.begin()
        elif self._size_now() > limit:
            self.trail = None
        else:
            self.trail.limit = limit
            self.trail.make_room()

    def note_document(self, hard: bool) -> None:
        """Another version of the document is in place. `hard`: more than numbers of the settings is another."""
        before, self._document = self._document, self._space.document
        if self._is_going:
            return
        if not hard and _trains_alike(before, self._document):
            self._document = before  # as far as training goes
        elif hard or before.training.optimizer != self._document.training.optimizer:
            self.note_change()
        else:
            self._note(None)
            self._recognise()

    def _recognise(self) -> None:
        """In the past: whether the settings are those of then again."""
        trail = self.trail
        if trail is None or not self.is_past:
            return
        then, now = trail.document(self._run.steps_done), self._document
        if _trains_alike(then, now) and not diff(then, now).computes_differently:
            self._document = then

    def note_change(self, by_hand: bool = False) -> None:
        """The state was changed, or `by_hand` perhaps what the step under way is fed."""
        trail, here = self.trail, self._run.steps_done
        self._is_odd = self._is_odd or by_hand
        if trail is None or self._size_now() > self._limit or not trail.first <= here <= trail.end:
            self.begin()
        else:
            self._note(self._state(fixed=True))

    def _note(self, state: Checkpoint | None) -> None:
        trail, run = self.trail, self._run
        self._is_odd = self._is_odd or run.has_next_batch
        if trail is None:
            return
        if run.steps_done < trail.end:
            self._edited = state or self._edited
            return
        trail.change(run.steps_done, self._document)
        if state is not None:
            trail.put(state)
            self._applied = state.step

    def note_steps(self, first: int) -> int:
        """Steps from number `first` on were done. From which step on what came of them is new."""
        trail, now = self.trail, self._space.run.clock.step
        if trail is None or now <= first:
            return first
        if first == trail.end and not self._is_odd and self._is_in_force(trail, first):  # as nearly always
            trail.end = now
            if time.perf_counter() >= self._rests_until:
                self._keep(trail, now, fixed=False)
            return first
        if first < trail.first or first > trail.end:
            self.begin()
            return first
        if first < self._applied <= now:  # gone back over, and come to again by steps
            self._applied = -1
        self._part(trail, first, now)
        was_odd, self._is_odd, self._edited = self._is_odd, False, None
        new_from, trail.end = trail.end, max(trail.end, now)
        if new_from < now and (was_odd or time.perf_counter() >= self._rests_until):
            self._keep(trail, now, was_odd)
        return new_from

    def note_back(self) -> None:
        """An entry was taken back; over an update, one stands at the step before as it was then."""
        trail, step = self.trail, self._run.steps_done
        if trail is None or self._run.cursor != len(self._run.schedule) - 1:
            return
        self._applied = step
        if not trail.first <= step < trail.end:
            return
        if trail.document(step) is not self._document:  # whose settings may have had a hand in the state
            self._edited, self._is_odd = self._state(fixed=True), True
        elif trail.fixed_at(step + 1) is not None:  # perhaps because this step was fed by hand
            self._is_odd = True

    def _part(self, trail: Trail, first: int, now: int) -> None:
        """Leaves the way where the steps from `first` to `now` were others than the known ones."""
        in_force = self._is_in_force(trail, first)
        if first >= trail.end and in_force:
            return
        if not in_force or self._edited is not None or self._is_odd:
            self._diverge(trail, first)
            return
        change = trail.next_change(first)
        if change is not None and change < now:
            self._leave(trail.cut(change, keep=False))

    def _is_in_force(self, trail: Trail, step: int) -> bool:
        """Whether that step is begun with what is known of it: the document, and a state that was made for it."""
        last = trail.last
        fixed = (
            (last if last.is_fixed and last.step == step else None)
            if step >= last.step
            else trail.fixed_at(step)
        )
        return trail.document(step) is self._document and (fixed is None or self._applied == step)

    def _diverge(self, trail: Trail, at: int) -> None:
        """Leaves the way at a step, with what is in force there now."""
        self._leave(trail.cut(at, keep=self._applied == at))
        trail.change(at, self._document)
        if self._edited is not None and self._edited.step == at:
            trail.put(self._edited)
            self._applied = at
        self._edited = None

    def _leave(self, branch: Branch | None) -> None:
        if branch is not None:
            self.left.append(Left(branch.number, branch.at, branch.end))

    def _keep(self, trail: Trail, now: int, fixed: bool) -> None:
        """A state, if the last is far enough and it has room; a fixed one in any case.

        With what the optimizer has come to keep, a state may take more than the first one did.
        """
        if not fixed and (now - trail.last.step < trail.spacing or self._size_now() > self._limit):
            return
        began = time.thread_time()  # which does not count what others on the machine took meanwhile
        trail.put(self._state(fixed))
        if fixed:
            self._applied = now
        cost = time.thread_time() - began
        self._rests_until = time.perf_counter() + cost / SHARE

    def at_most(self, steps: int) -> int:
        """How many of these steps may be made at a time: one that was fed by hand is made by itself."""
        return 1 if self._is_odd else steps

    # Going

    @property
    def is_past(self) -> bool:
        """Whether steps after the present one are known."""
        return self.trail is not None and self._run.steps_done < self.trail.end

    def go(self, step: int, before: bool = False) -> Iterator[int]:
        """Goes to a step, to stand as after the one before it; tells between slices how many are still to be made.

        Steps that are not known stand for the nearest that is. before: what was changed at that step is left out.

        Raises:
            GraphlabError: nothing is known, or the documents of then cannot be run any more.
        """
        trail = self._known()
        step = min(max(step, trail.first), trail.end)
        fixed = None if before else trail.fixed_at(step)
        self._space.asking.leave()
        if fixed is not None or step == trail.first:
            self._put(trail, fixed or trail.checkpoints[0])
            self.show_pass()
            return
        start = trail.nearest(step - 1)
        if not self._is_on_the_way(trail, start.step, step):
            self._put(trail, start)
        yield from self._make(trail, step - 1)
        self._run.train(1, remember=True)
        self._edited, self._is_odd = None, False
        if not before:
            self._under(trail.document(step))

    def back(self) -> bool:
        """Takes back the update that led to this step, though nobody stepped over it; whether it could."""
        run, trail = self._run, self.trail
        is_between = run.cursor in (0, len(run.schedule)) and run is self._space.run
        if trail is None or not is_between or not trail.first < run.steps_done <= trail.end:
            return False
        for _ in self.go(run.steps_done, before=True):
            pass
        return self._run.back() is not None

    def join(self, number: int) -> int:
        """Takes up a branch again; the step at which it begins. GraphlabError when it is gone."""
        trail = self._known()
        branch = trail.branch(number)
        if branch is None:
            raise GraphlabError(
                "That branch is not kept any more.", hint="Allow more memory for checkpoints."
            )
        self._leave(trail.join(branch))
        self._edited = None
        return branch.at

    def part(self) -> None:
        """Leaves the known way here, before anything is changed."""
        trail = self._known()
        if self.is_past:
            self._diverge(trail, self._run.steps_done)

    def told(self, run: int) -> m.Trail:
        """Which steps can be reached, as the window is told."""
        trail = self.trail
        if trail is None:
            return m.Trail(run, 0, 0, np.zeros(0, np.int64), 0, self._limit, too_large=self._size_now())
        ticks = np.array([checkpoint.step for checkpoint in trail.checkpoints], np.int64)
        fixed = {c.step for c in trail.checkpoints[1:] if c.is_fixed}
        changes = tuple(sorted(fixed | {version.step for version in trail.versions[1:]}))
        branches = tuple(m.BranchRecord(b.number, b.at, b.end) for b in trail.branches)
        return m.Trail(
            run,
            trail.first,
            trail.end,
            ticks,
            trail.bytes,
            trail.limit,
            changes,
            branches,
            0,
            trail.forgotten,
        )

    def _known(self) -> Trail:
        if self.trail is None:
            size = self._size_now()
            raise GraphlabError(
                f"One state of this network takes {size / 1e6:,.0f} MB, more than the "
                f"{self._limit / 1e6:,.0f} MB that are allowed for going back.",
                hint="Allow more memory for checkpoints.",
            )
        return self.trail

    def _size_now(self) -> int:
        run = self._run
        vectors = run.optimizer.state.values()
        return sum(a.nbytes for a in (run.store.flat, run.store.states, *vectors))

    def _is_on_the_way(self, trail: Trail, start: int, step: int) -> bool:
        """Whether the run can simply go on to that step, and is nearer to it than the checkpoint at `start`."""
        run, clean = self._run, self._edited is None and not self._is_odd
        here = run.steps_done
        known = clean and trail.document(here) is self._document and run is self._space.run
        applied = trail.fixed_at(here) is None or self._applied == here
        return known and applied and start <= here < step

    def _make(self, trail: Trail, step: int) -> Iterator[int]:
        """The steps up to that number, under the settings of then."""
        count = 1
        while (here := self._run.steps_done) < step:
            self._under(trail.document(here))
            change = trail.next_change(here)
            stop = step if change is None else min(step, change)
            began = time.perf_counter()
            self._run.train(min(count, stop - here))
            seconds = time.perf_counter() - began
            self._stand((0.0 if self._space.trainer is None else self._space.trainer.seconds) + seconds)
            if seconds < SLICE / 2:
                count = min(count * 2, LONGEST)
            elif seconds > SLICE:
                count = max(1, count // 2)
            self._edited, self._is_odd = None, False
            yield step - self._run.steps_done
        self._under(trail.document(step))

    def _put(self, trail: Trail, checkpoint: Checkpoint) -> None:
        self._under(trail.document(checkpoint.step))
        self._run.load_state(checkpoint.state)
        self._edited, self._is_odd, self._applied = None, False, checkpoint.step
        self._stand(checkpoint.seconds)

    def _stand(self, seconds: float) -> None:
        if self._space.trainer is not None:
            self._space.trainer.stand(seconds)

    def _under(self, document: Document) -> None:
        """Puts the document of then in place, if it is another."""
        if document is self._document:
            return
        self._is_going = True
        try:
            self._space.load(document)
        finally:
            self._is_going = False
        self._document = document

    def show_pass(self) -> None:
        """Where a step begins with what no step before it comes to, its own pass is shown."""
        run = self._run
        if run.steps_done and run.plan.trains:
            run.backward()

    # Inside

    @property
    def _run(self) -> Run:
        return self._space.asking.trained

    def _state(self, fixed: bool) -> Checkpoint:
        trainer = self._space.trainer
        state: dict[str, Any] = self._run.state()
        seconds = 0.0 if trainer is None else trainer.seconds
        return Checkpoint(state["step"], state, seconds, fixed, bytes_of(state))
