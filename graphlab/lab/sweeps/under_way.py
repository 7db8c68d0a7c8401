"""A trial under way: which of its fits are to be done next, in which parts, and what is final of them.

Fits go on in parts, all of a trial to the next rung and then, if it is worth it, on; without pruning the one part is
the whole fit. What is written of a trial does not depend on which of its fits ends first: fits count in the order of
their keys, up to the first that fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from msgspec.structs import replace

from .records import Done, Fit, Task, number
from .trials import Trial


@dataclass
class Course:
    """A fit under way. task: as for the whole of it. parts: where it stood at the end of each part. whole: the fit,
    once it is done or has failed, in part `ended`. state: to go on from, b"" to begin anew. line: as it is written.
    """

    task: Task
    parts: dict[int, Fit] = field(default_factory=dict)
    whole: Fit | None = None
    ended: int = 0
    state: bytes = b""
    running: bool = False
    line: Fit | None = None

    def at(self, part: int) -> Fit | None:
        """The fit as of the end of a part; None while it is not there."""
        whole = self.whole if self.whole is not None and self.ended <= part else None
        return self.parts.get(part, whole)

    def is_there(self, part: int) -> bool:
        """Whether nothing more is to come of it in that part."""
        return self.line is not None or self.at(part) is not None

    def has_failed(self, part: int) -> bool:
        """By the end of that part."""
        return self.whole is not None and self.whole.state == "failed" and self.ended <= part

    def take(self, done: Done, part: int) -> None:
        self.running = False
        fit = done.fit
        if done.refused or fit.state == "cut":
            return
        self.state = done.state
        if fit.state == "failed":
            self._fail(fit, part)
        elif done.state:
            self.parts[part] = fit
        else:
            self.whole, self.ended = fit, part

    def _fail(self, fit: Fit, part: int) -> None:
        """What failed before its next epoch, or with its worker, has the epochs of the part before all the same."""
        before = self.parts.get(part - 1)
        epochs = before.epochs if before is not None and len(fit.epochs) < len(before.epochs) else fit.epochs
        self.whole, self.ended = replace(fit, epochs=epochs, rungs=part), part

    def take_kept(self, fit: Fit) -> None:
        """As it was written down in an earlier sitting."""
        self.line = fit
        if fit.state != "done":
            self.parts = dict.fromkeys(range(fit.rungs), fit)
        if fit.state != "pruned":
            self.whole, self.ended = fit, fit.rungs

    def write(self, fit: Fit | None, rungs: int) -> Iterator[Fit]:
        """Its line, where it has none yet: the fit, as pruned at so many rungs if it has not ended."""
        if fit is None or self.line is not None:
            return
        self.line = fit if fit is self.whole else replace(fit, state="pruned", rungs=rungs)
        yield self.line


class UnderWay:
    """A trial from its proposal to its end.

    tasks: of each of its fits, by key, as for the whole fit. rungs: after how many epochs it is judged. kept: fits
    that were written down already.
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        tasks: Sequence[Task],
        rungs: tuple[int, ...],
        kept: Iterable[Fit] = (),
    ) -> None:
        self.number, self.values, self.rungs = tasks[0].key.trial, values, rungs
        self.came = 0  # to so many rungs
        self.part = 0
        self.is_over = False
        self._courses = {task.key: Course(task) for task in tasks}
        for fit in kept:
            if fit.key in self._courses:
                self._courses[fit.key].take_kept(fit)

    def tasks(self) -> Iterator[Task]:
        """What could be done now, in order; each is taken to run from then on."""
        for course in self._courses.values():
            if self.is_over or course.has_failed(self.part):
                return
            if not course.running and not course.is_there(self.part):
                course.running = True
                until = self.rungs[self.part] if self.part < len(self.rungs) else 0
                yield replace(course.task, until=until, state=course.state)

    def take(self, done: Done) -> None:
        """What a worker gave back. What was not asked for is passed over."""
        course = self._courses.get(done.fit.key)
        if course is not None and course.running and not self.is_over:
            course.take(done, self.part)

    def advance(self) -> tuple[list[Fit], float | None]:
        """The lines that are final now, and its score at a rung that it has just come to, None for none."""
        courses = list(self._courses.values())
        if self.is_over or self.came > self.part:
            return [], None
        failed = self._first_failed()
        if failed is not None:
            return self._fail(failed), None
        is_there = all(course.is_there(self.part) for course in courses)
        fits = [fit for course in courses if (fit := course.at(self.part)) is not None]
        if is_there and len(fits) < len(courses):  # some were written down as pruned before this part
            return self._end(course.write(course.at(self.part), self.part) for course in courses), None
        if self.part == len(self.rungs):
            return self._whole(), None
        if not is_there:
            return [], None
        self.came = self.part + 1
        return [], float(np.mean([_score(fit, self.rungs[self.part]) for fit in fits]))

    def judge(self, rung: int, goes_on: bool) -> list[Fit]:
        """The verdict at the rung that it has come to; the lines that are final now."""
        if self.is_over or rung != self.part:
            return []
        if goes_on:
            self.part += 1
            return []
        return self._end(course.write(course.at(rung), rung + 1) for course in self._courses.values())

    def trial(self, metric: str) -> Trial:
        """As its lines tell of it."""
        lines = [course.line for course in self._courses.values()]
        fits = tuple(line for line in lines if line is not None)
        return Trial(self.number, self.values, fits, len(lines), metric)

    @property
    def weight(self) -> int:
        """Bytes of what its fits are to go on from."""
        return sum(len(course.state) for course in self._courses.values())

    def drop(self) -> None:
        """Forgets what its fits are to go on from: they will begin anew, and come to the same."""
        for course in self._courses.values():
            course.state = b""

    def _first_failed(self) -> Course | None:
        """In the order of keys, once all before it are there: another may fail as well."""
        for course in self._courses.values():
            if course.has_failed(self.part):
                return course
            if not course.is_there(self.part):
                break
        return None

    def _fail(self, failed: Course) -> list[Fit]:
        """Fits before it count as they are now, those after it as they were at the last rung; its own line comes last,
        so that the others are never missing beside it.
        """
        courses = list(self._courses.values())
        place = courses.index(failed)
        others = [course.write(course.at(self.part), self.part) for course in courses[:place]]
        others += [course.write(course.at(self.part - 1), self.part) for course in courses[place + 1 :]]
        return self._end([*others, failed.write(failed.whole, self.part)])

    def _whole(self) -> list[Fit]:
        """All epochs of the fits that are next by key."""
        found: list[Fit] = []
        for course in self._courses.values():
            if course.whole is None:
                return found
            found.extend(course.write(course.whole, self.part))
        self.is_over = True
        return found

    def _end(self, lines: Iterable[Iterator[Fit]]) -> list[Fit]:
        self.is_over = True
        return [line for written in lines for line in written]


def _score(fit: Fit, epochs: int) -> float:
    """The metric on held-out rows after so many epochs, or at the end of a fit that had fewer; NaN for none."""
    past = [epoch for epoch in fit.epochs if epoch.epoch <= epochs]
    if not past:
        return number(None)
    last = past[-1]
    return number(last.validation_loss if fit.metric == "loss" else last.validation_metrics.get(fit.metric))
