"""The test rows at the end of a training: sealed, or opened because that was asked for, which is counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..engine import Evaluation, Trainer
from ..errors import DataError
from ..lab.sweeps.fit import score_of
from ..lab.sweeps.names import sweeps_folder
from ..lab.sweeps.seal import TEST, Book, opening_by, read_openings
from . import sources
from .show import plural


@dataclass(frozen=True)
class Tests:
    """rows: how many are held back. opened: how often they have been by now. is_open: whether they were this time."""

    rows: int
    opened: int
    is_open: bool = False

    @property
    def words(self) -> str:
        """The line at the end."""
        if self.is_open:
            return f"Test rows: opened {times(self.opened)}."
        rows = plural(self.rows, "row")
        if not self.opened:
            return f"Test rows: sealed ({rows}; --test opens them)."
        return f"Test rows: opened {times(self.opened)} before, not this time ({rows}; --test opens them)."


def times(count: int) -> str:
    """How often: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count:,} times")


def require_tests(trainer: Trainer, source: sources.Source) -> None:
    """Before it trains: there are some, and their opening can be written down. DataError, SaveError."""
    if not trainer.batches.count(TEST):
        raise DataError(
            "The document holds back no test rows.",
            hint="Leave out --test, or hold some back: --set test=0.15.",
        )
    with Book(_folder(source)):
        pass


def sealed_of(trainer: Trainer, source: sources.Source) -> Tests:
    """They are left alone. FileError."""
    rows = trainer.batches.count(TEST)
    return Tests(rows, len(read_openings(_folder(source))) if rows else 0)


def tests_of(trainer: Trainer, source: sources.Source, results: dict[str, Evaluation]) -> Tests:
    """Measures on them and adds that to the results; written down. Where that cannot be, nothing is measured.

    Raises:
        SaveError, FileError.
    """
    folder = _folder(source)
    with Book(folder) as book:
        found = results[TEST] = trainer.evaluate(TEST)
        metric, score = score_of("", found.loss, found.metrics)
        book.write(opening_by("training", found.count, metric, score))
    return Tests(found.count, len(read_openings(folder)), is_open=True)


def _folder(source: sources.Source) -> Path:
    return sweeps_folder(source.path, source.graph.name)
