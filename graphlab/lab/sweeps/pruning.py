"""Which trials are worth going on with: judged at rungs, numbers of epochs, by how good they are there.

What is decided of a trial rests on trials with lower numbers (ASHA), or on all of its bracket (Hyperband), never on
which of them came there first. So a sweep that is done in parallel, or that was broken off and resumed, leaves out the
same trials.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Iterator
from dataclasses import dataclass

from ...graph.sweep import Sweep

Verdict = tuple[int, int, bool]  # trial, rung, whether it goes on


class Pruning:
    """No pruning: all trials go to the end. The base of those that judge.

    Scores are told so that more is better, with minus infinity for what is no number.
    """

    def rungs(self, trial: int) -> tuple[int, ...]:
        """After how many epochs a trial is judged, in order; each fewer than all."""
        return ()

    def reached(self, trial: int, rung: int, score: float) -> None:
        """A trial has come to a rung, counted from 0."""

    def left(self, trial: int, rung: int) -> None:
        """A trial does not come to this rung, nor to those above."""

    def limit(self, trials: int) -> None:
        """There are only so many trials after all."""

    def together(self, trial: int) -> int:
        """The first of the trials that are judged together with this one; its proposal cannot wait for them."""
        return trial

    def verdicts(self) -> list[Verdict]:
        """What has been decided since the last time."""
        return []


class Asha(Pruning):
    """Successive halving that does not wait for a whole rung: a trial goes on from a rung when it is among the best
    1/keep of those with numbers up to its own that came there; the first of all goes on.

    Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2, in the form in which a trial
    is stopped rather than set aside; with the numbers of the trials as the order of arrival.

    first: epochs before the first rung; each further rung is at keep times as many. epochs: of a whole fit.
    """

    def __init__(self, epochs: int, first: int, keep: int) -> None:
        self._at = tuple(_powers(first, keep, epochs))
        self._rungs = [_Rung(keep) for _ in self._at]

    def rungs(self, trial: int) -> tuple[int, ...]:
        return self._at

    def reached(self, trial: int, rung: int, score: float) -> None:
        self._rungs[rung].waiting[trial] = score

    def left(self, trial: int, rung: int) -> None:
        for above in self._rungs[rung:]:
            above.waiting[trial] = None

    def verdicts(self) -> list[Verdict]:
        return [(trial, k, goes_on) for k, rung in enumerate(self._rungs) for trial, goes_on in rung.judged()]


def _powers(first: int, keep: int, below: int) -> Iterator[int]:
    while first < below:
        yield first
        first *= keep


class _Rung:
    """waiting: by number, those that have come or never will (None), and are not judged yet."""

    def __init__(self, keep: int) -> None:
        self.waiting: dict[int, float | None] = {}
        self._keep, self._next = keep, 0
        self._scores: list[float] = []

    def judged(self) -> Iterator[tuple[int, bool]]:
        while self._next in self.waiting:
            score = self.waiting.pop(self._next)
            if score is not None:
                yield self._next, self._is_among_best(score)
            self._next += 1

    def _is_among_best(self, score: float) -> bool:
        """Of equals the one with the lower number is better."""
        better = len(self._scores) - bisect_left(self._scores, score)
        insort(self._scores, score)
        return score > -math.inf and better < max(1, len(self._scores) // self._keep)


@dataclass
class Bracket:
    """Trials `start` up to `start` + `sizes[0]`: how many come to each rung, which is at `epochs`; the last rung is the
    end. s: how many rungs are judged.
    """

    start: int
    sizes: tuple[int, ...]
    epochs: tuple[int, ...]

    @property
    def s(self) -> int:
        return len(self.sizes) - 1

    @property
    def end(self) -> int:
        return self.start + self.sizes[0]

    def cut(self, end: int, keep: int) -> Bracket:
        """The same with fewer trials."""
        count = end - self.start
        sizes = (count, *(max(1, count // keep**i) for i in range(1, len(self.sizes))))
        return Bracket(self.start, sizes, self.epochs)


def brackets(most: int, keep: int, least: int = 1) -> list[Bracket]:
    """One round of Hyperband: brackets from many trials that are judged early to a few that are trained to the end.

    Li et al. 2018, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization", algorithm 1: R = `most`
    and r in epochs, η = `keep`; and `least`, the fewest epochs that tell anything (there: 1).
    """
    s_max = 0
    while least * keep ** (s_max + 1) <= most:
        s_max += 1
    found: list[Bracket] = []
    for s in range(s_max, -1, -1):
        n = -(-(s_max + 1) * keep**s // (s + 1))
        sizes = tuple(n // keep**i for i in range(s + 1))
        epochs = tuple(most // keep ** (s - i) for i in range(s + 1))
        found.append(Bracket(found[-1].end if found else 0, sizes, epochs))
    return found


class Hyperband(Pruning):
    """Rounds of brackets, one after the other; a rung is judged when all of the bracket are there.

    The last bracket is cut to the trials that there are (`trials`, 0 for no end).
    """

    def __init__(self, epochs: int, first: int, keep: int, trials: int = 0) -> None:
        self._keep, self._trials = keep, trials or math.inf
        self._round = brackets(epochs, keep, first)
        self._scores: dict[tuple[int, int], dict[int, float | None]] = {}  # by bracket's start and rung
        self._changed: set[int] = set()

    def bracket(self, trial: int) -> Bracket:
        """The one that a trial is in."""
        length = self._round[-1].end
        found = next(b for b in self._round if trial % length < b.end)
        start = trial - trial % length + found.start
        moved = Bracket(start, found.sizes, found.epochs)
        return moved.cut(int(self._trials), self._keep) if self._trials < moved.end else moved

    def rungs(self, trial: int) -> tuple[int, ...]:
        return self.bracket(trial).epochs[:-1]

    def together(self, trial: int) -> int:
        return self.bracket(trial).start

    def limit(self, trials: int) -> None:
        self._trials = min(self._trials, trials)
        if trials:
            self._changed.add(trials - 1)

    def reached(self, trial: int, rung: int, score: float) -> None:
        self._note(trial, rung, score)

    def left(self, trial: int, rung: int) -> None:
        for k in range(rung, self.bracket(trial).s):
            self._note(trial, k, None)

    def _note(self, trial: int, rung: int, score: float | None) -> None:
        self._scores.setdefault((self.bracket(trial).start, rung), {})[trial] = score
        self._changed.add(trial)

    def verdicts(self) -> list[Verdict]:
        changed = {bracket.start: bracket for bracket in map(self.bracket, self._changed)}
        self._changed.clear()
        return [
            (trial, rung, goes_on)
            for bracket in changed.values()
            for rung in range(bracket.s)
            for trial, goes_on in self._judged(bracket, rung)
        ]

    def _judged(self, bracket: Bracket, rung: int) -> Iterator[tuple[int, bool]]:
        scores = self._scores.get((bracket.start, rung), {})
        if len(scores) < bracket.sizes[0]:
            return
        del self._scores[bracket.start, rung]
        there = [(-score, trial) for trial, score in scores.items() if score is not None]
        for place, (worse, trial) in enumerate(sorted(there)):
            yield trial, place < bracket.sizes[rung + 1] and worse < math.inf


def pruning(sweep: Sweep, epochs: int, trials: int) -> Pruning:
    """As the sweep says; `epochs` of a whole fit; `trials` in all, 0 unknown."""
    if sweep.pruning == "asha":
        return Asha(epochs, sweep.rung, sweep.keep)
    if sweep.pruning == "hyperband":
        return Hyperband(epochs, sweep.rung, sweep.keep, trials)
    return Pruning()


def round_of(sweep: Sweep, epochs: int) -> int:
    """How many trials there are where a sweep names neither trials nor time: one round of Hyperband, else 0, no end."""
    if sweep.pruning != "hyperband" or sweep.method == "grid" or sweep.seconds:
        return 0
    return brackets(epochs, sweep.keep, sweep.rung)[-1].end
