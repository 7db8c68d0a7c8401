"""`Reading`: what was found in somebody's own file, as the params of a Table; and the rows of a Table as `Data`."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from . import store
from .dataset import Data
from .givers import gives, rows_of

Floats = npt.NDArray[np.float32]
Array = npt.NDArray[Any]

MOST_CLASSES = 1000  # different words of one column; beyond that it tells rows apart, not classes
FEW_CLASSES = 20  # different whole numbers that are taken for classes unless somebody says otherwise
TARGETS = ("target", "class", "label", "labels", "y", "species", "targets", "classes")
LONGEST_NAME = 60
SMALL_SET = 10  # rows; of fewer none are held out


@dataclass(frozen=True, eq=False)
class Reading(Mapping[str, Any]):
    """What a file holds. As a mapping it is the params of a Table: `graph.add("Table", **gl.data.read("iris.csv"))`.

    cells: (rows, numbers) float32; NaN where a number is missing, the index of its class where a column holds words.
    unnamed: how many columns come first that have no name. whole: the columns that hold whole numbers from 0 on.
    categories: the classes of a column. target: the column that seems to be predicted, "" for none.
    dtype: "int" where x is to hold whole numbers, as an Embedding takes them.
    value: a small array as it was, for what may as well be an Input. notes: what a person should know.
    """

    file: str
    cells: Floats
    columns: tuple[str, ...] = ()
    unnamed: int = 0
    whole: tuple[str, ...] = ()
    categories: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    target: str = ""
    shape: tuple[int, ...] = ()
    value: Array | None = None
    notes: tuple[str, ...] = ()
    dtype: str = "float"
    op: ClassVar[str] = "Table"  # whose params these are

    def __post_init__(self) -> None:
        object.__setattr__(self, "cells", store.plain(self.cells))
        if not len(self.cells):
            raise DataError(f"{self.file} has no rows.", hint="Choose another file.")

    def __repr__(self) -> str:
        target = f", target {self.target}" if self.target else ""
        return f"Reading({self.file}: {len(self.cells):,} rows × {self.cells.shape[1]:,} columns{target})"

    def with_target(self, name: str) -> Self:
        """The same with another column as target, "" for none. DataError for a column that is not there."""
        if name and name not in self.columns:
            raise DataError(f"{self.file} has no column '{name}'.", hint=f"It has {', '.join(self.columns)}.")
        return replace(self, target=name)

    @functools.cached_property
    def params(self) -> dict[str, Any]:
        """The params of a Table that shows these rows, which are kept in the store from now on."""
        categories = dict(self.categories)
        if self.target and self.target not in categories:
            classes = classes_of(self._column(self.target)) if self.target in self.whole else ()
            if 0 < len(classes) <= FEW_CLASSES:
                categories[self.target] = classes
        return {
            "file": self.file,
            "content": store.keep(self.cells),
            "rows": len(self.cells),
            "unnamed": self.unnamed,
            "columns": self.columns,
            "whole": self.whole,
            "categories": tuple(sorted(categories.items())),
            "gaps": self._gaps(),
            "target": self.target,
            "shape": self.shape,
            **({"dtype": self.dtype} if self.dtype != "float" else {}),
        }

    @property
    def data(self) -> Data:
        """The rows with their targets, to be given to a Trainer. DataError when a number is missing."""
        from ..ops import make

        return rows_of(make("Table", self.params))

    def _column(self, name: str) -> Floats:
        return self.cells[:, self.unnamed + self.columns.index(name)]

    def _gaps(self) -> tuple[tuple[str, tuple[int, int]], ...]:
        missing = np.isnan(self.cells[:, self.unnamed :])
        places = np.flatnonzero(missing.any(axis=0))
        found = {self.columns[k]: (int(missing[:, k].argmax()) + 1, int(missing[:, k].sum())) for k in places}
        return tuple(sorted(found.items()))

    def __getitem__(self, name: str) -> Any:
        return self.params[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.params)

    def __len__(self) -> int:
        return len(self.params)


def from_arrays(
    x: Any,
    target: Any = None,
    classes: Sequence[str] = (),
    name: str = "arrays",
    notes: Sequence[str] = (),
) -> Reading:
    """Rows of arrays: x (rows, …), and a target of one number or class index for each. DataError when they misfit."""
    features, value = as_numbers(name, x), None
    if not features.ndim or not features.size:
        raise DataError(f"{name} has no rows.", hint="Give an array whose first axis counts examples.")
    store.require_room(features.size, name)
    rows = features.reshape(len(features), -1)
    columns: tuple[str, ...] = ()
    if target is None and features.ndim <= 2 and rows.shape[1] <= MOST_CLASSES:
        columns = tuple(f"column {k + 1}" for k in range(rows.shape[1]))
    unnamed = 0 if columns else rows.shape[1]
    made = _found(name, rows, columns, unnamed)
    value = features
    shape = tuple(features.shape[1:]) if features.ndim > 2 else ()
    if target is None:
        return replace(made, shape=shape, value=value, notes=tuple(notes))
    goal = as_numbers(f"The target of {name}", target)
    if goal.shape not in ((len(rows),), (len(rows), 1)):
        raise DataError(
            f"{name} has {len(rows):,} examples, but its target has the shape {goal.shape}.",
            hint="Give one number or class index for each.",
        )
    goal = goal.reshape(-1, 1)
    joined = np.concatenate([rows.astype(np.float32, copy=False), goal.astype(np.float32)], axis=1)
    word = "class" if classes else "target"
    with_goal = _found(name, joined, (word,), unnamed)
    categories = {word: tuple(clean_name(c) for c in classes)} if classes else {}
    whole = () if classes else with_goal.whole
    return replace(
        with_goal, shape=shape, target=word, categories=categories, whole=whole, notes=tuple(notes)
    )


def _found(name: str, cells: Array, columns: tuple[str, ...], unnamed: int) -> Reading:
    made = Reading(name, store.plain(cells), columns, unnamed)
    holes = np.argwhere(np.isnan(made.cells[:, :unnamed]))
    if len(holes):
        row, place = (int(k) for k in holes[0])
        raise DataError(
            f"Row {row + 1:,} of {name} has no finite number at place {place + 1:,}.",
            hint="Clean the array first, e.g. with np.nan_to_num.",
        )
    whole = tuple(c for k, c in enumerate(columns) if is_whole(made.cells[:, unnamed + k]))
    return replace(made, whole=whole)


def as_numbers(name: str, values: Any) -> Array:
    """`values` as an array of real numbers. DataError that says what it holds instead."""
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        words = {"c": "complex numbers", "U": "text", "S": "text", "M": "dates", "V": "records"}
        what = words.get(array.dtype.kind, "objects")
        raise DataError(f"{name} holds {what}, not real numbers.", hint="Save it as numbers, e.g. float32.")
    return array


def is_whole(column: Floats) -> bool:
    """Whether a column holds whole numbers from 0 on, small enough for float32 to be exact."""
    seen = column[~np.isnan(column)]
    return bool(len(seen)) and bool(
        (seen == np.floor(seen)).all() and seen.min() >= 0 and seen.max() <= 2**24
    )


def classes_of(column: Floats) -> tuple[str, ...]:
    """The different whole numbers of a column, in order, as words; () when there are too many."""
    values = np.unique(column[~np.isnan(column)])
    return tuple(str(int(v)) for v in values) if len(values) <= MOST_CLASSES else ()


def clean_name(text: str) -> str:
    """A name that a column may have: printable, of at most 60 characters."""
    word = "".join(c if c.isprintable() else " " for c in text).strip()
    return word if len(word) <= LONGEST_NAME else word[: LONGEST_NAME - 1] + "…"


def likely_target(columns: Sequence[str]) -> str:
    """The column that is most likely to be predicted: by its name, else the last of several."""
    by_name = {name.casefold(): name for name in reversed(columns)}
    found = next((by_name[word] for word in TARGETS if word in by_name), "")
    return found or (columns[-1] if len(columns) > 1 else "")


def retargeted(op: Any, name: str) -> dict[str, Any]:
    """The params of a Table that make another column its target, "" for none: of whole numbers the classes are told."""
    changes: dict[str, Any] = {"target": name}
    cells = store.find(op.content)
    if name in op.whole and not op.classes(name) and cells is not None:
        classes = classes_of(cells[:, _at(op, name)])
        if 0 < len(classes) <= FEW_CLASSES:
            changes["categories"] = tuple(sorted({**dict(op.categories), name: classes}.items()))
    if name in op.features:
        changes["features"] = tuple(feature for feature in op.features if feature != name)
    return changes


@gives("content")
def _of_table(op: Any) -> Data:
    """The rows of a Table node. DataError when they are not here, or a number is missing."""
    cells = store.find(op.content)
    lack, advice = op.lack()
    if lack or cells is None:
        raise DataError(lack or f"The rows of {op.title} are not here.", hint=advice)
    if cells.shape != (op.rows, op.width):
        raise DataError(
            f"The rows of {op.title} are {cells.shape}, not {op.rows} × {op.width}.",
            hint="Read the file again.",
        )
    store.require_room(len(cells) * op.feature_count(), op.title, "with a feature for each word ")
    x, target = _features(op, cells), _target(op, cells)
    kept = ~np.isnan(target) if op.missing != "refuse" else np.ones(len(x), bool)
    if op.missing == "drop":
        kept &= ~np.isnan(x).any(axis=1)
    if not kept.any():
        raise DataError(f"Every row of {op.title} lacks a number.", hint="Set missing to mean.")
    if not kept.all():
        x, target = x[kept], target[kept]
    if op.missing == "mean" and np.isnan(x).any():
        x = _filled(x)
    shape = op.shape or x.shape[1:]
    is_class = bool(op.target) and op.target_form() != "column"
    data = Data(
        x.reshape(len(x), *shape),
        target.astype(np.int64) if is_class or _tells_two(op) else target,
        op.title,
        op.classes(op.target) if is_class or _tells_two(op) else (),
        held_out=0.2 if len(x) >= SMALL_SET else 0.0,
    )
    return data.with_target(op.target_form()) if data.classes and op.target else data


def _tells_two(op: Any) -> bool:
    return bool(op.target) and op.target_form() == "column" and op.is_words(op.target)


def _at(op: Any, name: str) -> int:
    columns: tuple[str, ...] = op.columns
    return int(op.unnamed) + columns.index(name)


def _features(op: Any, cells: Floats) -> Floats:
    """(rows, features): unnamed columns, then numbers as they are and words as columns of 0 and 1."""
    used = op.used()
    if op.dtype == "int" or not any(op.is_words(name) for name in used):
        places = [*range(op.unnamed if not op.features else 0), *(_at(op, name) for name in used)]
        if places == list(range(cells.shape[1])):
            return cells
        if places == list(range(len(places))):
            return np.ascontiguousarray(cells[:, : len(places)])
        return cells[:, places]
    parts = [cells[:, : op.unnamed if not op.features else 0]]
    for name in used:
        column, count = cells[:, _at(op, name)], len(op.classes(name))
        parts.append(_ones(column, count) if op.is_words(name) else column[:, None])
    return np.concatenate(parts, axis=1)


def _ones(column: Floats, count: int) -> Floats:
    """(rows, count): a 1 at each class; NaN where the class is missing."""
    places = np.arange(count, dtype=np.float32)
    ones: Floats = (column[:, None] == places).astype(np.float32)
    ones[np.isnan(column)] = np.nan
    return ones


def _target(op: Any, cells: Floats) -> Floats:
    """(rows,): the numbers, or the class indices; zeros when nothing is to be predicted. DataError."""
    if not op.target:
        return np.zeros(len(cells), np.float32)
    column: Floats = cells[:, _at(op, op.target)]
    classes = op.classes(op.target)
    if op.target not in op.whole or op.target_form() == "column" or not classes:
        return column
    values = np.array([int(word) for word in classes], np.float32)
    place = np.searchsorted(values, np.nan_to_num(column, nan=values[0]))
    strange = ~np.isnan(column) & (values[np.minimum(place, len(values) - 1)] != column)
    if strange.any():
        row = int(strange.argmax())
        raise DataError(
            f"Row {row + 1:,} of {op.title} has {op.target} {column[row]:g}, which is no class of it."
        )
    indices = place.astype(np.float32)
    indices[np.isnan(column)] = np.nan
    return indices


def _filled(x: Floats) -> Floats:
    """With the mean of its column in every gap, measured on all rows."""
    there = ~np.isnan(x)
    sums = np.where(there, x, 0).sum(axis=0, dtype=np.float64)
    means = sums / np.maximum(there.sum(axis=0), 1)
    return np.where(there, x, means).astype(np.float32)
