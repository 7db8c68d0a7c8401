"""The weights of the best trials, as files of bounded size; those of others are taken away as trials come to an end."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable
from pathlib import Path

from .kept import WEIGHTS
from .records import Key
from .trials import Trial

KEEP_WEIGHTS = 10  # trials
MOST_BYTES = 500_000_000
SUFFIX = ".safetensors"


class Shelf:
    """Weights of the fits of a sweep. The best trial's are never taken away.

    put: writes a file of the sweep by name, whole. rises: whether more of the score is better.
    """

    def __init__(
        self,
        path: Path,
        put: Callable[[str, bytes], None],
        rises: bool,
        keep: int = KEEP_WEIGHTS,
        most: int = MOST_BYTES,
    ) -> None:
        self._folder, self._put, self._sign = path / WEIGHTS, put, -1.0 if rises else 1.0
        self._keep, self._most = keep, most
        self._sizes: dict[int, int] = {}  # bytes, by trial
        self._ranks: dict[int, tuple[float, int]] = {}  # of trials that are done; the least is the best

    def take_stock(self, trials: Iterable[Trial]) -> None:
        """What lies there from earlier sittings, now that so much is known of the trials."""
        for file in self._folder.glob(f"*{SUFFIX}"):
            trial = file.name.partition(".")[0]
            if trial.isdigit():
                self._sizes[int(trial)] = self._sizes.get(int(trial), 0) + file.stat().st_size
        for one in trials:
            if one.state not in ("waiting", "running"):
                self.judge(one)

    def put(self, key: Key, data: bytes) -> None:
        """Weights of a fit, whose trial is judged later. SaveError."""
        self._put(f"{WEIGHTS}/{key}{SUFFIX}", data)
        self._sizes[key.trial] = self._sizes.get(key.trial, 0) + len(data)
        self._make_room()

    def judge(self, trial: Trial) -> None:
        """A trial is over: its weights stay as long as it is among the best."""
        if trial.number not in self._sizes:
            return
        if trial.state != "done" or math.isnan(trial.score):
            self._drop(trial.number)
            return
        self._ranks[trial.number] = (self._sign * trial.score, trial.number)
        self._make_room()

    def _make_room(self) -> None:
        while len(self._ranks) > 1 and (
            len(self._ranks) > self._keep or sum(self._sizes.values()) > self._most
        ):
            self._drop(max(self._ranks, key=self._ranks.__getitem__))

    def _drop(self, trial: int) -> None:
        self._ranks.pop(trial, None)
        self._sizes.pop(trial, None)
        for file in self._folder.glob(f"{trial}.*{SUFFIX}"):
            with contextlib.suppress(OSError):
                file.unlink()
