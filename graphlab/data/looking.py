"""What there is to see in the data of a source: rows, classes, figures of each feature, and what is odd about them.

The rows are those that the graph is given. Where it cannot be given any, because numbers are missing, they are as read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import DataError, GraphlabError
from ..ops.catalogue import CARDS
from . import store, tasks
from .characters import TARGET as NEXT
from .dataset import Data
from .givers import rows_of
from .splits import SPLITS
from .targets import renamed

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]

APART = 100.0  # how many times as large features may be as others before that is told
MOST_FEATURES = 1000  # whose figures are told one by one
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


class Feature(NamedTuple):
    """One number of each row over all rows: least, greatest, mean, standard deviation, and how many are missing."""

    name: str
    low: float
    high: float
    mean: float
    spread: float
    missing: int


@dataclass(frozen=True, eq=False)
class Look:
    """The rows of a source, flat (rows, numbers), with what they are of.

    shape: that of one row. labels: the class of each row, None without classes; −1 where it is missing. numbers: the
    targets where they are numbers. splits: the rows of each part. fault, hint: why the graph is given none of them.
    alphabet: what the numbers of x stand for, where they are characters.
    """

    title: str
    x: Floats
    shape: tuple[int, ...]
    names: tuple[str, ...] = ()
    target: str = ""
    labels: Indices | None = None
    numbers: Floats | None = None
    classes: tuple[str, ...] = ()
    splits: dict[str, Indices] = field(default_factory=dict)
    fault: str = ""
    hint: str = ""
    image_shape: tuple[int, ...] | None = None
    alphabet: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    def counts(self) -> dict[str, Indices]:
        """How many rows of each class every part has; without splits all stand under "train"."""
        if self.labels is None:
            return {}
        parts = self.splits or {"train": np.arange(len(self.labels))}
        count = len(self.classes)
        return {
            name: np.bincount(self.labels[rows][self.labels[rows] >= 0], minlength=count)
            for name, rows in parts.items()
        }

    def part_of(self, row: int) -> str:
        """The split that a row is in, "" for none."""
        return next((name for name in SPLITS if row in self.splits.get(name, ())), "")

    def features(self) -> list[Feature]:
        """The figures of every feature, of the first thousand."""
        x = self.x[:, :MOST_FEATURES].astype(np.float64)
        if not len(x):
            return []
        there = np.isfinite(x)
        count = np.maximum(there.sum(axis=0), 1)
        mean = np.where(there, x, 0).sum(axis=0) / count
        spread = np.sqrt(np.where(there, (x - mean) ** 2, 0).sum(axis=0) / count)
        low, high = np.where(there, x, np.inf).min(axis=0), np.where(there, x, -np.inf).max(axis=0)
        missing = len(x) - there.sum(axis=0)
        return [
            Feature(
                self.name(k), float(low[k]), float(high[k]), float(mean[k]), float(spread[k]), int(missing[k])
            )
            for k in range(len(low))
        ]

    @property
    def axes(self) -> tuple[str, ...]:
        """By what rows can be drawn as points: features, and a target that is a number."""
        names = tuple(self.name(k) for k in range(self.x.shape[1]))
        return names if self.numbers is None else (*names, self.target)

    def along(self, axis: int) -> Floats:
        """(rows,) the places along one of the axes."""
        if axis < self.x.shape[1] or self.numbers is None:
            found: Floats = self.x[:, axis]
            return found
        return self.numbers

    def name(self, feature: int) -> str:
        """What a feature is called: "x₁" where it has no name."""
        if feature < len(self.names):
            return self.names[feature]
        return f"x{str(feature + 1).translate(_SUBSCRIPT)}"


def look(op: Any, validation: float = 0.0, test: float = 0.0, seed: int = 0, stratified: bool = True) -> Look:
    """What a source gives when its rows are divided so. Never raises for what is wrong with the rows."""
    try:
        return _of_data(op, rows_of(op, validation, test, seed, stratified))
    except GraphlabError as error:
        return _as_read(op, error)


def size_of(op: Any) -> int:
    """How many numbers the rows of a source hold, without looking at them."""
    if op.brings == "content":
        return int(op.rows * op.width)
    if op.brings == "sequences":
        return tasks.size_of(op)
    if op.brings == "text":
        return int(op.rows * op.length)
    chosen = CARDS.get(op.params.get("dataset", ""))
    if chosen is None:
        return 0
    samples = op.params.get("samples") or chosen.samples
    return int(samples * np.prod(chosen.feature_shape))


def _of_data(op: Any, data: Data) -> Look:
    labels: Indices | None = None
    if data.classes and not data.by_step:
        labels = data.target if data.target.ndim == 1 else data.with_target("class").target
    has_target = not data.by_step and (op.brings != "content" or bool(op.target))
    shape = data.x.shape[1:]
    image = shape if len(shape) == 3 else data.image_shape
    return Look(
        data.name,
        data.x.reshape(len(data), -1),
        shape,
        _names(op),
        op.target if op.brings == "content" else "class" if data.classes else "target",
        labels,
        data.target.reshape(len(data), -1)[:, 0] if labels is None and has_target else None,
        data.classes,
        dict(data.splits),
        image_shape=image,
        alphabet=data.alphabet
        or (data.classes if op.brings == "content" and op.unnamed and op.target == NEXT else ()),
    )


def _as_read(op: Any, error: GraphlabError) -> Look:
    """The rows of a table as they were read, where the graph is given none; nothing where there are none."""
    cells = store.find(op.content) if op.brings == "content" else None
    if cells is None or cells.shape != (op.rows, op.width):
        nothing = np.zeros((0, 0), np.float32)
        return Look(getattr(op, "title", ""), nothing, (), fault=error.message, hint=error.hint)
    try:
        used = tuple(op.used())
    except GraphlabError:
        used = op.columns
    places = [*range(op.unnamed if not op.features else 0), *(op.unnamed + op.columns.index(c) for c in used)]
    is_class = op.target in op.columns and bool(op.classes(op.target))
    x = cells[:, places]
    return Look(
        op.title,
        x,
        (x.shape[1],),
        used,
        op.target,
        _labels_as_read(op, cells) if is_class else None,
        classes=renamed(op.classes(op.target), op.called) if is_class else (),
        fault=error.message,
        hint=error.hint,
    )


def _labels_as_read(op: Any, cells: Floats) -> Indices:
    """The class of each row, −1 where it is missing."""
    classes = op.classes(op.target)
    column = cells[:, op.unnamed + op.columns.index(op.target)]
    values = np.array([int(word) for word in classes] if op.target in op.whole else range(len(classes)))
    found = column[:, None] == values
    return np.where(found.any(axis=1), found.argmax(axis=1), -1)


def _names(op: Any) -> tuple[str, ...]:
    """The names of the features of a table, one for each class of a column of words."""
    if op.brings != "content" or (op.unnamed and not op.features):
        return ()
    if op.dtype == "int":
        return tuple(op.used())
    return tuple(
        name if not op.is_words(name) else f"{name} = {word}"
        for name in op.used()
        for word in (op.classes(name) if op.is_words(name) else ("",))
    )


class Remark(NamedTuple):
    """Something odd about data: how bad it is ("error", "warning" or "info"), what it is, and what to try."""

    level: str
    text: str
    hint: str = ""


def remarks(found: Look, batch_size: int, features: Sequence[Feature] | None = None) -> Iterator[Remark]:
    """What a person should know of data before training on them."""
    if found.fault:
        yield Remark("error", found.fault, found.hint)
    if not len(found):
        return
    yield from _of_classes(found)
    yield from _of_splits(found, batch_size)
    yield from _of_features(found.features() if features is None else features, found)


def _of_classes(found: Look) -> Iterator[Remark]:
    if found.labels is None:
        return
    there = np.bincount(found.labels[found.labels >= 0], minlength=len(found.classes))
    if np.count_nonzero(there) == 1:
        only = found.classes[int(there.argmax())]
        yield Remark(
            "warning",
            f"All rows are of the class {only}.",
            "There is nothing to tell apart: add another class.",
        )
    elif empty := [name for name, count in zip(found.classes, there, strict=True) if not count]:
        few = ", ".join(empty[:3]) + (f" and {len(empty) - 3} more" if len(empty) > 3 else "")
        yield Remark("info", f"No row is of the class {few}.")
    unknown = int((found.labels < 0).sum())
    if unknown and not found.fault:
        yield Remark("warning", f"{unknown:,} rows have no class.")


def _of_splits(found: Look, batch_size: int) -> Iterator[Remark]:
    if not found.splits:
        return
    train, held_out = len(found.splits["train"]), len(found.splits["validation"])
    if batch_size > train:
        yield Remark(
            "info",
            f"The batch size {batch_size:,} is larger than the {train:,} rows to train on.",
            "Every step takes all of them.",
        )
    if not held_out and len(found) >= 10:
        yield Remark(
            "info",
            "No rows are kept apart for validation.",
            "How well the network does on what it has not seen stays unknown.",
        )
    counts = found.counts()
    if counts and held_out:
        total = np.sum(list(counts.values()), axis=0)
        lacking = np.flatnonzero((counts["train"] == 0) & (total > 0))
        if lacking.size:
            name = found.classes[int(lacking[0])]
            yield Remark("warning", f"No row to train on is of the class {name}.", "Keep fewer rows apart.")


def _of_features(features: Sequence[Feature], found: Look) -> Iterator[Remark]:
    if found.image_shape is not None or len(features) < 2:
        return
    spreads = np.array([f.spread for f in features])
    moving = spreads[spreads > 0]
    if len(moving) > 1 and moving.max() > APART * moving.min():
        yield Remark(
            "info",
            f"Features differ in spread by a factor of {moving.max() / moving.min():,.0f}.",
            "Normalise them: training is much quicker then.",
        )
    still = [f.name for f in features if f.spread == 0]
    if still:
        few = ", ".join(still[:3]) + (f" and {len(still) - 3} more" if len(still) > 3 else "")
        yield Remark("info", f"{few} never change{'s' if len(still) == 1 else ''}.")


def require_same_shape(points: Any, labels: Any) -> None:
    """DataError unless there is a class for each point in the plane."""
    if np.ndim(points) != 2 or np.shape(points)[1] != 2 or np.shape(labels) != (len(points),):
        raise DataError(f"{np.shape(points)} points need a class each, not {np.shape(labels)}.")
