"""What a sweep does next: which trials begin, which of their fits, and what is final.

Pure: no clock, no file but Optuna's journal, no worker. All that it says is a function of the sweep's seed and of the
results of trials with lower numbers, never of the order in which results come in. So a sweep in one process, on a
cluster, or broken off and resumed has the same trials with the same fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ...graph import Document
from ...graph.searching import target_text
from ...graph.sweep import Sweep
from .proposals import Values, extent, proposer
from .pruning import pruning
from .records import Done, Fit, Key, Proposal, Task, fit_seed
from .trials import Trial, rises
from .under_way import UnderWay

MOST_OPEN = 64  # trials under way that are not judged together; more would wait for one another
MOST_STATE = 512 << 20  # bytes of states that are kept to go on from; what is beyond begins anew


class Known(Protocol):
    """What was kept of a sweep; `KeptSweep` is such."""

    @property
    def trials(self) -> Mapping[int, Trial]: ...


class Planner:
    """Plans a sweep from its beginning, or from what was kept of it.

    document, sweep: what is searched, and how. metric: what trials are compared by. epochs: of a whole fit. kept: of
    earlier sittings. journal: where Optuna keeps what it knows; only methods of Optuna write it. digest: what tasks
    name the document by.

    SettingsError: the method cannot search these spaces, or would never end, or needs a package that is missing.
    """

    def __init__(
        self,
        document: Document,
        sweep: Sweep,
        metric: str,
        epochs: int,
        kept: Known | None = None,
        journal: Path | None = None,
        *,
        digest: str = "",
    ) -> None:
        self._sweep, self._metric, self._digest = sweep, metric, digest
        self._seed = document.training.seed
        self._spaces = {target_text(document, search): search.space for search in sweep.searches}
        self._kept: Mapping[int, Trial] = kept.trials if kept is not None else {}
        expected = extent(self._spaces, sweep, epochs)
        self._proposer = proposer(self._spaces, sweep, expected, rises(metric), journal, self._kept)
        self._pruning = pruning(sweep, epochs, expected)
        self._open: dict[int, UnderWay] = {}
        self._next = self._told = 0  # the trial that begins next, the one that the proposer is told next
        self._is_exhausted = False
        self._ended: dict[int, Trial] = {}
        self._lines: list[Fit] = []
        self._replay()

    @property
    def expected(self) -> int:
        """How many trials there are going to be; 0 unknown."""
        return self._proposer.expected

    @property
    def is_over(self) -> bool:
        """Whether all trials have ended, and all their lines were given out."""
        return self._are_all_begun and not self._open and not self._lines

    @property
    def _are_all_begun(self) -> bool:
        return self._is_exhausted or 0 < self.expected <= self._next

    def tasks(self, most: int) -> tuple[list[Proposal], list[Task]]:
        """What to write down, and then to begin, now: `most` tasks at most. None: wait for results, or it is over."""
        proposals: list[Proposal] = []
        tasks: list[Task] = []
        while True:
            for trial in list(self._open.values()):
                while len(tasks) < most and (task := next(trial.tasks(), None)) is not None:
                    tasks.append(task)
            if len(tasks) >= most or not self._may_begin():
                return proposals, tasks
            proposals.extend(self._begin())

    def take(self, done: Done) -> list[Fit]:
        """Takes in what a worker gave back. Returns the lines that are final now, to be written all together: of this
        fit, of others that waited for it, or none yet.
        """
        trial = self._open.get(done.fit.key.trial)
        if trial is not None:
            trial.take(done)
            self._settle(trial)
            self._forget()
        return self.lines()

    def lines(self) -> list[Fit]:
        """Lines that are final and were not given out yet; there may be some after `tasks`."""
        found, self._lines = self._lines, []
        return found

    # Trials begin

    def _replay(self) -> None:
        """Goes through what was kept."""
        while self._next in self._kept and self._may_begin():
            self._begin()

    def _may_begin(self) -> bool:
        k = self._next
        if self._are_all_begun:
            return False
        lowest = next(iter(self._open), k)
        if self._proposer.learns:
            return lowest >= self._needs(k)
        return k in self._kept or len(self._open) < MOST_OPEN or lowest >= self._pruning.together(k)

    def _needs(self, k: int) -> int:
        """How many trials, from 0, have to have ended before trial k can be proposed."""
        return min(self._proposer.needs(k), self._pruning.together(k))

    def _begin(self) -> list[Proposal]:
        """Begins the next trial; its proposal where it is a new one."""
        k = self._next
        self._tell(k)
        kept = self._kept.get(k)
        values = self._proposer.propose(k, None if kept is None else kept.values)
        if values is None:
            self._is_exhausted = True
            self._pruning.limit(k)
            self._judge()
            return []
        self._next += 1
        rungs = self._pruning.rungs(k)
        trial = UnderWay(values, self._tasks_of(k, values), rungs, () if kept is None else kept.fits)
        self._open[k] = trial
        self._settle(trial)
        return [Proposal(k, dict(values))] if kept is None else []

    def _tell(self, k: int) -> None:
        if not self._proposer.learns:
            return
        for number in range(self._told, self._needs(k)):
            self._proposer.tell(self._ended.pop(number))
            self._told = number + 1

    def _tasks_of(self, k: int, values: Values) -> list[Task]:
        sweep = self._sweep
        keys = [Key(k, repeat, fold) for repeat in range(sweep.seeds) for fold in range(max(1, sweep.folds))]
        return [self._task(key, values) for key in keys]

    def _task(self, key: Key, values: Values) -> Task:
        return Task(
            key,
            self._digest,
            dict(values),
            fit_seed(self._seed, values.get("seed"), key.repeat),
            self._sweep.folds,
            metric=self._metric,
            weights=key.repeat == key.fold == 0,
        )

    # Trials go on, and end

    def _settle(self, trial: UnderWay) -> None:
        self._advance(trial)
        self._judge()

    def _judge(self) -> None:
        while verdicts := self._pruning.verdicts():
            for number, rung, goes_on in verdicts:
                trial = self._open.get(number)
                if trial is not None:
                    self._lines.extend(trial.judge(rung, goes_on))
                    self._advance(trial)

    def _advance(self, trial: UnderWay) -> None:
        lines, score = trial.advance()
        self._lines.extend(lines)
        if score is not None:
            self._pruning.reached(trial.number, trial.came - 1, self._goodness(score))
        if trial.is_over and self._open.pop(trial.number, None) is not None:
            if trial.came < len(trial.rungs):
                self._pruning.left(trial.number, trial.came)
            if self._proposer.learns:
                self._ended[trial.number] = trial.trial(self._metric)

    def _goodness(self, score: float) -> float:
        """More is better, with minus infinity for what is no number."""
        good = score if rises(self._metric) else -score
        return good if good == good else -float("inf")

    def _forget(self) -> None:
        """Drops what later trials are to go on from, where all together is too much."""
        total = sum(trial.weight for trial in self._open.values())
        for trial in reversed(list(self._open.values())):
            if total <= MOST_STATE:
                return
            total -= trial.weight
            trial.drop()
