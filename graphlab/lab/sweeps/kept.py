"""A sweep that was kept: a folder of plain files, read as untrusted, while it goes on or later.

    sweep.json           the searches, settings, graph, machine (`records.Head`); written once, at the beginning
    document.graphlab    the document and the rows of its tables, as every worker gets them
    trials.jsonl         what each trial tries (`records.Proposal`)
    fits.jsonl           what came of each training (`records.Fit`)
    trials.csv           the same as a table, one line a trial
    weights/K.safetensors, rows/K.npy, logs/K.txt   of the fit K = trial.repeat.fold; not all are kept
    optuna.journal       what the sampler knows, where Optuna proposes
    end.json             how the last sitting ended; sweep.lock is held while one goes on
    stop                 whoever makes this file ends the sitting: what is done stays, and it can go on later

Beside the folders of a document's sweeps lies tests.jsonl, see `seal`. A line is appended in one write; a broken last
line is left out.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from ...errors import BrokenFileError, VersionError
from ...graph import Document
from ...io import load
from ...io import weights as tensors
from ...io.lock import Lock
from ..runs.kept import MOST_WEIGHTS, SMALL, read_bytes
from .records import FORMAT, VERSION, End, Fit, Head, Key, Opening, Proposal
from .seal import read_openings
from .tail import Tail
from .trials import Trial

HEAD, DOCUMENT, END, LOCK, STOP = "sweep.json", "document.graphlab", "end.json", "sweep.lock", "stop"
TRIALS, FITS, TABLE = "trials.jsonl", "fits.jsonl", "trials.csv"
WEIGHTS, ROWS, LOGS, JOURNAL = "weights", "rows", "logs", "optuna.journal"
SUFFIX = ".sweeps"

T = TypeVar("T")


@dataclass(frozen=True)
class News:
    """What was written since the last look."""

    proposals: list[Proposal]
    fits: list[Fit]

    def __bool__(self) -> bool:
        return bool(self.proposals or self.fits)


class KeptSweep:
    """A sweep as its files tell of it. `refresh` reads what has come since.

    Where a window must not wait for the disk, `look` reads in one thread and `take` takes in, in the other.

    Raises:
        BrokenFileError, VersionError, FileError: it is no sweep, or a newer graphlab's.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head = read_head(path)
        self.trials: dict[int, Trial] = {}
        self._proposals, self._fits = Tail(path / TRIALS, Proposal), Tail(path / FITS, Fit)
        self._by_trial: dict[int, dict[Key, Fit]] = {}
        self._values: dict[int, Proposal] = {}
        self.refresh()

    def __repr__(self) -> str:
        """<KeptSweep 0001-20261128-004512: 40 trials, finished>, as a notebook shows it."""
        count = f"{len(self.trials):,} trial{'' if len(self.trials) == 1 else 's'}"
        return f"<KeptSweep {self.path.name}: {count}, {self.state}>"

    @property
    def metric(self) -> str:
        return self.head.metric

    @property
    def fits_each(self) -> int:
        """Trainings of a trial."""
        seeds, folds = self.head.sweep.get("seeds", 1), self.head.sweep.get("folds", 0)
        return int(seeds) * max(1, int(folds))

    def refresh(self) -> set[int]:
        """Takes in what was written since; the numbers of the trials that are others now. FileError."""
        return self.take(self.look())

    def look(self) -> News:
        """What was written since the last look, to be taken in by `take`. One thread looks at a time. FileError."""
        proposals = [one for one in self._proposals.news() if isinstance(one, Proposal)]
        return News(proposals, [one for one in self._fits.news() if isinstance(one, Fit)])

    def take(self, news: News) -> set[int]:
        """The numbers of the trials that are others now."""
        changed: set[int] = set()
        for proposal in news.proposals:
            self._values.setdefault(proposal.trial, proposal)
            changed.add(proposal.trial)
        for fit in news.fits:
            if fit.state != "cut":
                self._by_trial.setdefault(fit.key.trial, {}).setdefault(fit.key, fit)
                changed.add(fit.key.trial)
        for k in changed & self._values.keys():
            self.trials[k] = self._trial(k)
        return changed & self._values.keys()

    def _trial(self, k: int) -> Trial:
        fits = tuple(fit for _, fit in sorted(self._by_trial.get(k, {}).items()))
        return Trial(k, self._values[k].values, fits, self.fits_each, self.metric)

    @property
    def state(self) -> str:
        """ "running", how the last sitting ended, or "interrupted"."""
        return state_of(self.path)

    @property
    def end(self) -> End | None:
        return read_end(self.path)

    @cached_property
    def document(self) -> Document:
        """The document that was searched. The rows of its tables are at hand from then on. FileError,
        BrokenFileError.
        """
        return load(self.path / DOCUMENT)[0].document

    def document_bytes(self) -> bytes:
        """What workers are given of it. FileError."""
        return read_bytes(self.path / DOCUMENT, MOST_WEIGHTS)

    def weights(self, key: Key) -> dict[str, tensors.Array] | None:
        """What a fit has learnt, by name; None where that was not kept. FileError, BrokenFileError."""
        path = self.path / WEIGHTS / f"{key}.safetensors"
        return tensors.from_bytes(read_bytes(path, MOST_WEIGHTS)) if path.is_file() else None

    def rows(self, key: Key) -> tensors.Array | None:
        """How each held-out row did in a fit, float32 (rows,), as `Done.rows` says; None where that was not kept.
        FileError, BrokenFileError.
        """
        path = self.path / ROWS / f"{key}.npy"
        return _row_scores(path) if path.is_file() else None

    def openings(self) -> list[Opening]:
        """Each time that the sealed test rows of the document were looked at, whatever looked. FileError."""
        return read_openings(self.path.parent)


def state_of(path: Path) -> str:
    """How a sweep stands: "running", how its last sitting ended, or "interrupted". FileError."""
    lock = Lock.take(path / LOCK) if (path / LOCK).exists() else None
    if lock is None and (path / LOCK).exists():
        return "running"
    if lock is not None:
        lock.release()
    end = read_end(path)
    return end.state if end is not None else "interrupted"


def read_end(path: Path) -> End | None:
    """How the last sitting ended; None where that is not told, or a power cut has left it damaged: it can go on all
    the same. FileError.
    """
    with suppress(BrokenFileError):
        return _record(path / END, End) if (path / END).is_file() else None
    return None


def read_head(path: Path) -> Head:
    """BrokenFileError, VersionError, FileError."""
    head = _record(path / HEAD, Head)
    if head.format != FORMAT:
        raise BrokenFileError(f"{path / HEAD} is not a sweep's.")
    if head.version > VERSION:
        raise VersionError(f"{path.name} was kept by a newer graphlab.", hint="Update graphlab.")
    return head


def _row_scores(path: Path) -> tensors.Array:
    try:
        found = np.load(io.BytesIO(read_bytes(path, MOST_WEIGHTS)), allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise BrokenFileError(f"{path} is damaged: {error}.") from error
    if not isinstance(found, np.ndarray) or found.ndim != 1 or found.dtype.kind not in "fiub":
        raise BrokenFileError(f"{path} is damaged: it should be one number for each row.")
    return found.astype(np.float32)


def _record(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(read_bytes(path, SMALL), type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BrokenFileError(f"{path} is damaged: {error}.") from error


__all__ = [
    "DOCUMENT",
    "END",
    "FITS",
    "HEAD",
    "JOURNAL",
    "LOCK",
    "LOGS",
    "ROWS",
    "STOP",
    "SUFFIX",
    "TABLE",
    "TRIALS",
    "WEIGHTS",
    "KeptSweep",
    "News",
    "read_end",
    "read_head",
    "state_of",
]
