"""Trials that Optuna proposes from the results of those before. Imported only when asked for.

Optuna is asked and told: `Study.ask` for a trial, `Study.tell` when it may be known. The study lies in a journal beside
the files of the sweep. What our own files tell is what holds: a journal that says something else, or is damaged, is
made again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.storages import InMemoryStorage
from optuna.trial import TrialState, create_trial

from ....ops.context import stream_key
from ..trials import Trial
from .distributions import distribution, param, value
from .journal import MOST_JOURNAL, is_whole, quiet, storage
from .proposer import Fresh, Spaces, Values

STUDY = "sweep"
OURS = "trial"  # the user attribute that has our number; trials without are repetitions
MOST_TRIES = 20  # until a setting is found that was not tried; then any
ENDED = ("done", "pruned", "failed")
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
        expected: int,
        rising: bool,
        ahead: int,
        journal: Path | None,
        kept: Mapping[int, Trial],
    ) -> None:
        super().__init__(spaces, seed, expected)
        self._ahead = ahead
        self._direction = "maximize" if rising else "minimize"
        self._distributions = {name: distribution(space) for name, space in spaces.items()}
        self.idents: dict[int, int] = {}  # by our number: the study's
        with quiet():
            self._open(journal, kept)

    def needs(self, k: int) -> int:
        return max(0, k + 1 - self._ahead)

    def sampler(self, seed: int) -> Any:
        """One that has been used for nothing yet: what it proposes depends on the study and on `seed` alone."""
        raise NotImplementedError

    def propose(self, k: int, known: Values | None = None) -> Values | None:
        if known is None and len(self._seen) >= self._count:
            return None
        with quiet():
            if known is not None and k not in self.idents:
                self.again(k, known)
            values = self._ask(k) if known is None else known
        self.saw(values)
        return values

    def tell(self, trial: Trial) -> None:
        ident = self.idents.get(trial.number)
        if ident is not None and not self._storage.get_trial(ident).state.is_finished():
            with quiet():
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
            values: Values = {name: value(space, asked.params[name]) for name, space in self.spaces.items()}
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
            found = {name: param(space, values[name]) for name, space in self.spaces.items()}
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
            self._create(storage(journal))

    def _create(self, storage: Any) -> None:
        self._storage = storage
        self._study = optuna.create_study(
            storage=storage, study_name=STUDY, direction=self._direction, load_if_exists=True
        )

    def _take_up(self, journal: Path, kept: Mapping[int, Trial]) -> bool:
        """Whether there is a journal that says the same as what was kept. Anything may be in a file."""
        try:
            if not journal.is_file() or journal.stat().st_size > MOST_JOURNAL or not is_whole(journal):
                return False
            self._create(storage(journal))
            return self._agrees(kept)
        except Exception:  # whatever Optuna says to what may be in a file
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


def _seed(seed: int, k: int, attempt: int) -> int:
    """Of the sampler that is asked for trial k."""
    word = np.random.Philox(key=stream_key(seed, "sampler", str(attempt)), counter=[0, 0, 0, k]).random_raw()
    return int(word) >> 32
