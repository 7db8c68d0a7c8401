"""`Data`: the rows of one data set, their targets, and which rows are for training. It never changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from .batches import batches
from .checks import fraction
from .splits import SPLITS, check_splits, split_in_order, split_rows
from .targets import as_form, as_target, renamed

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Data:
    """Rows and targets, checked and read-only.

    x: float32, (rows, features) or, as images, (rows, channels, height, width).
    target: int64 (rows,) class indices, or float32 (rows, 1) numbers, or float32 (rows, classes) one-hot.
        Whole numbers in one dimension are taken as class indices; other one-dimensional targets become a
        column.
    classes: the names of the classes, by index; () when the target is a number.
    splits: {"train", "validation", "test"} → row indices (int64). All rows are for training until `split`.
    held_out: the share of rows that `split` keeps for validation when it is not told.
    alphabet: what the whole numbers in x stand for, where they are characters.
    by_step: whether target is int64 (rows, steps), a class for each step of a row, or (rows, height, width), one for
        each pixel; −100 where nothing is asked.
    gap: None for rows that stand by themselves. Rows of one text lie in order: what is held out is its end, and between
        two parts so many rows are left out, because they share characters with both.
    more: further columns by name, such as the lengths of sequences, with as many rows.

    DataError says what is wrong: lengths that differ, values that are not finite, a class index without a
    name.
    """

    x: Floats
    target: npt.NDArray[Any]
    name: str = "data"
    classes: tuple[str, ...] = ()
    splits: Mapping[str, Indices] = field(default_factory=dict)
    description: str = ""
    licence: str = ""
    image_shape: tuple[int, ...] | None = None
    held_out: float = 0.2
    alphabet: tuple[str, ...] = ()
    by_step: bool = False
    gap: int | None = None
    more: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        x = _as_rows(self.name, self.x)
        target, classes = as_target(self.name, self.target, tuple(self.classes), self.by_step)
        if len(x) != len(target):
            raise DataError(f"{self.name} has {len(x):,} rows but {len(target):,} targets.")
        for name, column in self.more.items():
            if len(column) != len(x):
                raise DataError(f"{self.name} has {len(x):,} rows but {len(column):,} of {name}.")
        splits = check_splits(self.splits or {"train": np.arange(len(x))}, len(x))
        for name, value in (
            ("x", x),
            ("target", target),
            ("classes", classes),
            ("splits", MappingProxyType(splits)),
        ):
            object.__setattr__(self, name, value)

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        shape = "×".join(map(str, self.x.shape[1:]))
        parts = ", ".join(f"{name} {len(rows):,}" for name, rows in self.splits.items() if len(rows))
        kind = f"{len(self.classes)} classes" if self.classes else "numbers"
        return f"Data({self.name}: {len(self):,} rows of {shape} → {kind}; {parts})"

    def column(self, name: str) -> npt.NDArray[Any]:
        """All rows of "x", "target" or one of `more`. KeyError for another name."""
        found: npt.NDArray[Any] = {"x": self.x, "target": self.target, **self.more}[name]
        return found

    def part(self, split: str) -> tuple[Floats, npt.NDArray[Any]]:
        """The rows and targets of one split, in the order of its indices (new arrays)."""
        rows = self._rows(split)
        return self.x[rows], self.target[rows]

    def split(
        self,
        validation: float | None = None,
        test: float = 0.0,
        seed: int = 0,
        stratified: bool | None = None,
    ) -> Self:
        """The same rows, divided at random: shares `validation` and `test` held out, the rest for training.

        `stratified` keeps the classes in proportion in every part; by default that is done wherever there
        are classes. A share above 0 gets at least one row. DataError for a share outside [0, 1), shares
        that leave nothing to train on, or a seed below 0.
        """
        shares = {
            "validation": self.held_out if validation is None else fraction("validation", validation),
            "test": fraction("test", test),
        }
        if self.gap is not None:
            return replace(self, splits=split_in_order(len(self), shares, self.gap))
        if stratified and (not self.classes or self.by_step):
            raise DataError(
                f"{self.name} has no classes to keep in proportion.", hint="Leave out stratified."
            )
        has_strata = bool(self.classes) and not self.by_step and stratified is not False
        strata = self.with_target("class").target if has_strata else None
        return replace(self, splits=split_rows(len(self), shares, seed, strata))

    def batches(
        self,
        epoch: int,
        size: int,
        seed: int = 0,
        split: str = "train",
        drop_last: bool = False,
        shuffle: bool = True,
    ) -> Iterator[Indices]:
        """Row indices of each mini-batch of one epoch: see `graphlab.data.batches.batches`."""
        return batches(self._rows(split), epoch, size, seed, drop_last, shuffle)

    def with_target(self, form: str) -> Self:
        """The same rows with their targets in another form.

        "class" is int64 (rows,), "column" float32 (rows, 1), "one-hot" float32 (rows, classes). DataError
        if the set has no such form: only two classes fit in a column, and a number has no class.
        """
        if self.by_step:
            if form == "class":
                return self
            raise DataError(f"{self.name} has a class for each step, so its target cannot be '{form}'.")
        return replace(self, target=as_form(self.name, self.target, form, self.classes))

    def called(self, names: Sequence[str]) -> Self:
        """The same rows, their classes by other names, in order; those beyond the last name keep theirs."""
        if not names or not self.classes or self.alphabet:
            return self
        return replace(self, classes=renamed(self.classes, names))

    def with_layout(self, layout: str) -> Self:
        """The same rows, "flat" (rows, features) or "image" (rows, channels, height, width).

        DataError for a set without images.
        """
        if layout == "flat":
            return replace(self, x=self.x.reshape(len(self), -1))
        if layout != "image":
            raise DataError(f"There is no layout '{layout}'.", hint="Choose flat or image.")
        if self.image_shape is None:
            raise DataError(f"{self.name} has no images.", hint="Choose layout flat.")
        return replace(self, x=self.x.reshape(len(self), *self.image_shape))

    def standardised(self) -> Self:
        """The same rows, every feature shifted and scaled to mean 0 and standard deviation 1 over the training rows.

        Of images the features are the channels. A feature that never changes becomes 0.
        """
        axes = (0, *range(2, self.x.ndim)) if self.x.ndim > 2 else 0
        seen = self.x[self.splits["train"]]
        mean = seen.mean(axis=axes, keepdims=True, dtype=np.float64)
        spread = seen.std(axis=axes, keepdims=True, dtype=np.float64)
        return replace(self, x=((self.x - mean) / np.where(spread > 0, spread, 1)).astype(np.float32))

    def _rows(self, split: str) -> Indices:
        if split not in self.splits:
            raise DataError(f"There is no split '{split}'.", hint=f"Choose {', '.join(SPLITS)}.")
        return self.splits[split]


def _as_rows(name: str, values: Any) -> Floats:
    """`values` as a read-only float32 array of at least two dimensions, all finite."""
    try:
        with np.errstate(
            over="ignore"
        ):  # what float32 cannot hold becomes infinite, and is then refused by name
            x = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError):
        raise DataError(f"x of {name} is not an array of numbers.") from None
    if x.ndim < 2 or x.size == 0:
        raise DataError(f"x of {name} must be rows × features, not of shape {x.shape}.")
    bad = np.flatnonzero(~np.isfinite(x.reshape(len(x), -1)).all(axis=1))
    if bad.size:
        raise DataError(f"Row {bad[0]:,} of {name} is not finite.", hint="Drop such rows or fill them in.")
    if x.flags.writeable:
        x = x.copy()
        x.flags.writeable = False
    return x
