"""A run that was kept: a folder of plain files, read as untrusted.

    run.json             when it began, settings, seed, graph, machine; written once, at the beginning
    labels.json          name, tags and note, which a person changes
    steps.jsonl          losses, epochs.jsonl reports, marks.jsonl what was changed meanwhile (see `lines`)
    graph.json           the document that the weights are of, as in a .graphlab file
    weights.safetensors  the newest weights, best.safetensors those of the best epoch
    end.json             how it ended, and what it came to; missing while it runs, and after a crash

Rows of a person's own files, which a document names by their hash, lie beside the folders of the runs.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from ...engine.training import Report
from ...errors import BrokenFileError, FileError, TooLargeError, VersionError
from ...graph import Document
from ...io import from_bytes, rows
from ...io import weights as tensors
from ...io.files import MOST_JSON
from . import lines
from .figures import NAN, Figures, Tally

HEAD, LABELS, END, LOCK = "run.json", "labels.json", "end.json", "run.lock"
STEPS, EPOCHS, MARKS = "steps.jsonl", "epochs.jsonl", "marks.jsonl"
GRAPH, WEIGHTS, BEST = "graph.json", "weights.safetensors", "best.safetensors"
FORMAT, VERSION = "graphlab-run", 1
SMALL = 4 << 20  # bytes of run.json, labels.json or end.json at most
MOST_WEIGHTS = 4 << 30

State = Literal["running", "finished", "stopped", "failed", "interrupted"]
Which = Literal["final", "best"]
T = TypeVar("T")


class Head(msgspec.Struct, frozen=True):
    """What was known at the beginning. `began`: seconds since 1970. origin: the document's file, "" for none.

    training: the settings, as the document's record has them. first: updates made before. parent: the run that this one
    branched from, after `parent_step` steps of it.
    """

    id: str
    began: float
    graph: str
    training: dict[str, Any]
    format: str = FORMAT
    version: int = VERSION
    number: int = 0
    origin: str = ""
    parameters: int = 0
    first: int = 0
    parent: str = ""
    parent_step: int = 0
    machine: dict[str, Any] = {}
    graphlab: str = ""

    @property
    def seed(self) -> int:
        seed = self.training.get("seed")
        return seed if isinstance(seed, int) else 0


class Labels(msgspec.Struct, frozen=True):
    """What a person says of a run. An empty name stands for "run 7"."""

    name: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""


class End(msgspec.Struct, frozen=True):
    """How it ended, and the steps that the weights are of, −1 where none were kept. `figures`: see `figures_record`."""

    state: str
    ended: float
    figures: dict[str, Any] = {}
    reason: str = ""
    weights_step: int = -1
    best_step: int = -1


@dataclass(frozen=True)
class Curve:
    """The loss of every step from number `first` on (the first of all is 1), the epochs, and what was changed when."""

    first: int
    losses: lines.Floats
    epochs: list[Report]
    marks: list[tuple[int, str]]
    seconds: float

    def figures(self) -> Figures:
        tally = Tally()
        tally.take_losses(self.first - 1, self.losses, self.seconds)
        for epoch in self.epochs:
            tally.take_epoch(epoch)
        return tally.figures()


@dataclass(frozen=True, repr=False)
class KeptRun:
    """One run as its files tell of it now; `size` in bytes."""

    path: Path
    head: Head
    labels: Labels
    state: State
    figures: Figures
    size: int
    end: End | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        figures = self.figures
        return f"<{self.name} of {self.head.graph}: {self.state}, {figures.steps:,} steps, loss {figures.loss:.4g}>"

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def name(self) -> str:
        return self.labels.name or f"run {self.head.number}"

    @property
    def training(self) -> Mapping[str, Any]:
        return self.head.training

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    # What is read when it is wanted. FileError, BrokenFileError

    def curve(self) -> Curve:
        return read_curve(self.path)

    @cached_property
    def _document(self) -> Document:
        found = from_bytes(read_bytes(self.path / GRAPH, MOST_JSON))
        rows.read_beside(self.path.parent, found)
        return found

    def document(self) -> Document:
        """The graph that the weights are of. The rows of its tables are at hand from then on."""
        return self._document

    def weights(self, which: Which = "final") -> dict[str, tensors.Array]:
        """The arrays by name, of the last step or of the best epoch. FileError when none were kept."""
        path = self.path / (WEIGHTS if which == "final" else BEST)
        if not path.is_file():
            raise FileError(f"{self.name} kept no {which} weights.", hint="It ended before there were any.")
        return tensors.from_bytes(read_bytes(path, MOST_WEIGHTS))

    def has_weights(self, which: Which = "final") -> bool:
        return (self.path / (WEIGHTS if which == "final" else BEST)).is_file()


def read_curve(path: Path) -> Curve:
    """The curve in the folder of a run."""
    first, losses, seconds = lines.read_losses(path / STEPS)
    epochs, marks = lines.read_epochs(path / EPOCHS), lines.read_marks(path / MARKS)
    return Curve(first + 1, losses, epochs, marks, seconds)


def read_head(path: Path) -> Head:
    """BrokenFileError, VersionError, FileError."""
    head = read_record(path / HEAD, Head)
    if head.format != FORMAT:
        raise BrokenFileError(f"{path / HEAD} is not a run's.")
    if head.version > VERSION:
        raise VersionError(f"{path.name} was kept by a newer graphlab.", hint="Update graphlab.")
    return head


def read_record(path: Path, kind: type[T]) -> T:
    """A small JSON file. BrokenFileError that names it, FileError."""
    data = read_bytes(path, SMALL)
    try:
        return msgspec.convert(json.loads(data), kind)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        reason = str(error) if isinstance(error, msgspec.ValidationError) else "it is not valid JSON"
        raise BrokenFileError(f"{path} is damaged: {reason}.") from error


def read_bytes(path: Path, most: int) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > most:
        raise TooLargeError(f"{path} has more than {most:,} bytes.", hint="The file is damaged.")
    return data


def figures_record(figures: Figures) -> dict[str, Any]:
    """The figures as JSON has them."""
    record: dict[str, Any] = {}
    for name in Figures.__dataclass_fields__:
        value = getattr(figures, name)
        if isinstance(value, Mapping):
            record[name] = {k: lines.written(v) for k, v in value.items()}
        else:
            record[name] = value if isinstance(value, int) else lines.written(value)
    return record


def figures_of(record: Mapping[str, Any]) -> Figures:
    """The other way round; what is missing or no number is NaN."""
    whole: Callable[[str], int] = lambda name: int(number(record.get(name, 0), 0.0))  # noqa: E731
    real: Callable[[str], float] = lambda name: number(record.get(name))  # noqa: E731
    metrics = record.get("metrics")
    return Figures(
        whole("steps"),
        whole("epochs"),
        real("loss"),
        real("best_loss"),
        whole("best_step"),
        real("validation_loss"),
        real("best_validation_loss"),
        {str(k): number(v) for k, v in metrics.items()} if isinstance(metrics, dict) else {},
        real("seconds"),
    )


def number(value: Any, otherwise: float = NAN) -> float:
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return otherwise
    return found if otherwise != otherwise or math.isfinite(found) else otherwise
