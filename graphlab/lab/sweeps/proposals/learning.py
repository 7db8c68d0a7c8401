"""Trials that Optuna proposes from the results of those before: by TPE, and by CMA-ES. Imported only when asked for.

Optuna is asked and told: `Study.ask` for a trial, `Study.tell` when it may be known. The study lies in a journal beside
the files of the sweep. What our own files tell is what holds: a journal that says something else, or is damaged, is
made again.

Values are put to Optuna as numbers: those of a list and of a choice by their place.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

from ....errors import SaveError, SettingsError
from ....graph.sweep import Space
from ....ops.context import stream_key
from ..trials import Trial
from . import cube
from .proposer import Fresh, Spaces, Values, finite_values

STUDY = "sweep"
OURS = "trial"  # the user attribute that has our number; trials without are repetitions
MOST_TRIES = 20  # until a setting is found that was not tried; then any
ENDED = ("done", "pruned", "failed")
MOST_JOURNAL = 1 << 30  # bytes; what is larger is made again
Params = dict[str, Any]
Outcome = tuple[Any, float | None]  # state and value, as a study has them


class Learning(Fresh):
    """A study of Optuna's. `rising`: more of the score is better. ahead: as in `Sweep`."""

    learns = True
    keeps_journal = True  # whether the journal of an earlier sitting can be gone on with

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        trials: int,
        rising: bool,
        ahead: int,
        journal: Path | None,
        kept: Mapping[int, Trial],
    ) -> None:
        super().__init__(spaces, seed, trials)
        self._ahead = ahead
        self._direction = "maximize" if rising else "minimize"
        self._distributions = {name: _distribution(space) for name, space in spaces.items()}
        self.idents: dict[int, int] = {}  # by our number: the study's
        with _quiet():
            self._open(journal, kept)

    def needs(self, k: int) -> int:
        return max(0, k + 1 - self._ahead)

    def sampler(self, seed: int) -> Any:
        """One that has been used for nothing yet: what it proposes depends on the study and on `seed` alone."""
        raise NotImplementedError

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        if known is None and len(self._seen) >= self._count:
            return None
        with _quiet():
            if known is not None and k not in self.idents:
                self.again(k, known)
            values = self._ask(k) if known is None else known
        self.saw(values)
        return values

    def tell(self, trial: Trial) -> None:
        ident = self.idents.get(trial.number)
        if ident is not None and not self._storage.get_trial(ident).state.is_finished():
            with _quiet():
                self.finish(ident, *self.outcome(trial), trial.epochs)

    def outcome(self, trial: Trial) -> Outcome:
        """What the study is told of a trial."""
        if trial.score != trial.score or trial.state == "failed":
            return TrialState.FAIL, None
        return (TrialState.COMPLETE if trial.state == "done" else TrialState.PRUNED), trial.score

    # Asking

    def _ask(self, k: int) -> Values:
        """What the sampler says, or, when it says again and again what was tried before, anything else."""
        for attempt in range(MOST_TRIES):
            self._study.sampler = self.sampler(_seed(self.seed, k, attempt))
            asked = self._study.ask(self._distributions)
            values: Values = {name: _value(space, asked.params[name]) for name, space in self.spaces.items()}
            if not self.is_seen(values):
                self._enter(k, asked._trial_id)
                return values
            self.repeat(asked._trial_id, values)
        values = self.anything(k)
        self.add(k, values)
        return values

    def again(self, k: int, known: Values) -> None:
        """A trial that was proposed in an earlier sitting, and is not in the journal."""
        self.add(k, known)

    def repeat(self, ident: int, values: Values) -> None:
        """The sampler proposed what was tried before: the study learns nothing of it."""
        self.finish(ident, TrialState.FAIL)

    def add(self, k: int, values: Values) -> None:
        """A trial that is not the sampler's."""
        params = self._params(values)
        if params is not None:
            trial = create_trial(state=TrialState.RUNNING, params=params, distributions=self._distributions)
            self._enter(k, self._storage.create_new_trial(self._study._study_id, trial))

    def _enter(self, k: int, ident: int) -> None:
        self.idents[k] = ident
        self._storage.set_trial_user_attr(ident, OURS, k)

    def finish(self, ident: int, state: Any, value: float | None = None, step: int = 0) -> None:
        if state == TrialState.PRUNED:
            self._storage.set_trial_intermediate_value(ident, step, value)
        number = self._storage.get_trial(ident).number
        self._study.tell(number, value if state == TrialState.COMPLETE else None, state)

    def _params(self, values: Values) -> Params | None:
        """As the study has them. None for a setting that is none of these spaces, as a file may have."""
        try:
            found = {name: _param(space, values[name]) for name, space in self.spaces.items()}
            fits = all(d._contains(d.to_internal_repr(found[n])) for n, d in self._distributions.items())
        except (KeyError, ValueError, TypeError):
            return None
        return found if fits else None

    # The journal

    def _open(self, journal: Path | None, kept: Mapping[int, Trial]) -> None:
        if journal is None:
            self._create(InMemoryStorage())
        elif not (self.keeps_journal and self._take_up(journal, kept)):
            journal.unlink(missing_ok=True)
            self.idents.clear()
            self._create(_storage(journal))

    def _create(self, storage: Any) -> None:
        self._storage = storage
        self._study = optuna.create_study(
            storage=storage, study_name=STUDY, direction=self._direction, load_if_exists=True
        )

    def _take_up(self, journal: Path, kept: Mapping[int, Trial]) -> bool:
        """Whether there is a journal that says the same as what was kept. Anything may be in a file."""
        try:
            if not journal.is_file() or journal.stat().st_size > MOST_JOURNAL or not _is_whole(journal):
                return False
            self._create(_storage(journal))
            return self._agrees(kept)
        except Exception:
            return False

    def _agrees(self, kept: Mapping[int, Trial]) -> bool:
        trials = self._study.get_trials(deepcopy=False)
        ours = {t.user_attrs[OURS]: t for t in trials if OURS in t.user_attrs}
        self.idents = {k: t._trial_id for k, t in ours.items()}
        left = [t for t in trials if OURS not in t.user_attrs]
        return (
            self._study.direction.name.lower() == self._direction
            and list(ours) == list(range(len(ours)))
            and all(t.state == TrialState.FAIL for t in left)
            and all(k in kept and self._is(t, kept[k]) for k, t in ours.items())
        )

    def _is(self, frozen: Any, trial: Trial) -> bool:
        if frozen.params != self._params(trial.values) or frozen.distributions != self._distributions:
            return False
        if not frozen.state.is_finished():
            return True
        return trial.state in ENDED and (frozen.state, frozen.value) == self.outcome(trial)


class Tpe(Learning):
    """Tree-structured Parzen estimator of all hyperparameters together, with trials that go on counted as bad ones so
    that others are proposed (Bergstra et al. 2011, "Algorithms for Hyper-Parameter Optimization"; Watanabe 2023,
    "Tree-Structured Parzen Estimator"). The first ten are at random.
    """

    def sampler(self, seed: int) -> Any:
        return optuna.samplers.TPESampler(seed=seed)


class CmaEs(Learning):
    """Covariance matrix adaptation (Hansen 2016, "The CMA Evolution Strategy: A Tutorial"), after a first trial at
    random. All of a generation are judged before the next is proposed; it has at least `ahead` trials. What was pruned
    counts as it was then; in place of what failed there come others.

    Optuna keeps the state of CMA-ES pickled, so that a journal is only written, and what it has is worked out again
    from the results.

    SettingsError: a search is a choice, or there is one alone.
    """

    keeps_journal = False

    def __init__(self, spaces: Spaces, *more: Any, **named: Any) -> None:
        for name, space in spaces.items():
            if space.kind == "choice" and len(space.values) > 1:
                raise SettingsError(
                    f"CMA-ES searches numbers, and {name} is a choice.",
                    hint=f"Choose tpe, or leave {name} out of the search.",
                )
        sides = sum(cube.size(space) > 1 for space in spaces.values())
        if sides < 2:
            raise SettingsError(
                "CMA-ES searches two hyperparameters or more.",
                hint="Choose tpe, or search another one as well.",
            )
        super().__init__(spaces, *more, **named)
        self._population = max(4 + int(3 * math.log(sides)), self._ahead)
        self._asked = self._told = self._good = 0  # trials in all; _good: of this generation, with a score
        self._scores: dict[bytes, float] = {}  # by setting
        self._others: set[int] = set()  # trials that are not of a generation

    def needs(self, k: int) -> int:
        """All before it where a generation is full, or the first has not come."""
        is_full = self._good + self._asked - self._told >= self._population
        return k if is_full or not self._scores else self._told

    def sampler(self, seed: int) -> Any:
        if self._good >= self._population:
            self._good = 0  # it begins another generation
        return optuna.samplers.CmaEsSampler(
            seed=seed, popsize=self._population, warn_independent_sampling=False
        )

    def outcome(self, trial: Trial) -> Outcome:
        state, value = super().outcome(trial)
        return (TrialState.COMPLETE, value) if state == TrialState.PRUNED else (state, value)

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        self._asked = k + 1
        return super().propose(k, known)

    def again(self, k: int, known: Values) -> None:
        """The sampler is gone through once more, to come to the state that it had."""
        values = self._ask(k)
        if cube.mark(values) != cube.mark(known):
            self.finish(self.idents.pop(k), TrialState.FAIL)
            self.add(k, known)

    def add(self, k: int, values: Values) -> None:
        self._others.add(k)
        super().add(k, values)

    def repeat(self, ident: int, values: Values) -> None:
        """Its score is the one it had, where that may be known already."""
        score = self._scores.get(cube.mark(values))
        if score is None:
            super().repeat(ident, values)
        else:
            self.finish(ident, TrialState.COMPLETE, score)
            self._good += 1

    def tell(self, trial: Trial) -> None:
        super().tell(trial)
        self._told += 1
        _, score = self.outcome(trial)
        if score is not None:
            self._good += bool(self._scores) and trial.number not in self._others
            self._scores[cube.mark(trial.values)] = score


def _distribution(space: Space) -> Any:
    """Values of lists and choices by their place: Optuna takes 1 and True for the same."""
    if space.kind == "choice":
        return CategoricalDistribution(tuple(range(len(space.values))))
    if space.kind == "integer" and (space.step == 1 or not space.log):
        last = finite_values(space)[-1]
        return IntDistribution(int(space.low), last, log=space.log, step=space.step)
    if space.is_finite:
        return IntDistribution(0, int(cube.size(space)) - 1)
    return FloatDistribution(float(space.low), float(space.high), log=space.kind == "log")


def _is_by_place(space: Space) -> bool:
    return space.is_finite and not (space.kind == "integer" and (space.step == 1 or not space.log))


def _value(space: Space, param: Any) -> Any:
    return finite_values(space)[param] if _is_by_place(space) else param


def _param(space: Space, value: Any) -> Any:
    """ValueError: it is none of the space's."""
    if not _is_by_place(space):
        return int(value) if space.kind == "integer" else float(value)
    return [cube.mark({"": v}) for v in finite_values(space)].index(cube.mark({"": value}))


def _seed(seed: int, k: int, attempt: int) -> int:
    """Of the sampler that is asked for trial k."""
    word = np.random.Philox(key=stream_key(seed, "sampler", str(attempt)), counter=[0, 0, 0, k]).random_raw()
    return int(word) >> 32


class _Backend:
    """Optuna's journal in a file, whose lines are not forced to the disk one by one: should the power fail, the journal
    is made again. Nor is it locked, as the sweep is.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self.read_logs = JournalFileBackend(str(path)).read_logs

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        try:
            with open(self._path, "ab") as file:
                file.write(lines.encode())
        except OSError as error:
            raise SaveError(f"{self._path} cannot be written: {error.strerror or error}.") from error


def _storage(path: Path) -> Any:
    return JournalStorage(_Backend(path))


def _is_whole(path: Path) -> bool:
    """Whether its last line is."""
    with open(path, "rb") as file:
        return file.seek(0, 2) > 0 and file.seek(-1, 2) >= 0 and file.read() == b"\n"


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna tells of each step otherwise."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)
