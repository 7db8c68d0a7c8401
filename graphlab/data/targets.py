"""The forms a target can take (class index, column, one-hot) and the way from each to the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from ..ops.catalogue import TARGET_FORMS

Array = npt.NDArray[Any]
NONE = -100  # where a target of a step holds this, nothing is asked: the usual ignore_index of the losses


def as_target(
    name: str, values: Any, classes: tuple[str, ...], by_step: bool = False
) -> tuple[Array, tuple[str, ...]]:
    """`values` as read-only int64 (rows, …) or float32 (rows, …), and the class names.

    Whole numbers in one dimension are class indices; `by_step` in more, one for each step or pixel of a row, where NONE
    says that nothing is asked. Class indices without names are called "0", "1", …. DataError for what is not a number,
    not finite, or a class index without a class.
    """
    array = _numbers(name, values)
    if array.dtype.kind in "iub" and (array.ndim > 1) == by_step:
        return _class_indices(name, array, classes, by_step)
    with np.errstate(over="ignore"):
        floats = array.astype(np.float32, copy=array.flags.writeable)
    if floats.ndim == 1:
        floats = floats[:, None]  # (rows,) minus (rows, 1) would silently be (rows, rows) in a loss
    bad = np.flatnonzero(~np.isfinite(floats.reshape(len(floats), -1)).all(axis=1))
    if bad.size:
        raise DataError(f"Target {bad[0]:,} of {name} is not finite.")
    if classes and floats.shape[1:] not in ((len(classes),), (1,) if len(classes) == 2 else ()):
        raise DataError(
            f"A target of shape {floats.shape} cannot tell the {len(classes)} classes of {name} apart.",
            hint="Give class indices (rows,) or one-hot (rows, classes).",
        )
    floats.flags.writeable = False
    return floats, classes


def renamed(classes: tuple[str, ...], names: Sequence[str]) -> tuple[str, ...]:
    """The classes by other names, in order; those beyond the last name keep theirs."""
    return (*names, *classes[len(names) :])[: len(classes)]


def as_form(name: str, target: Array, form: str, classes: tuple[str, ...]) -> Array:
    """`target` as "class" int64 (rows,), "column" float32 (rows, 1) or "one-hot" float32 (rows, classes)."""
    if form not in TARGET_FORMS:
        raise DataError(f"There is no target form '{form}'.", hint=f"Choose {', '.join(TARGET_FORMS)}.")
    if not classes:
        if form == "column" and target.ndim == 2 and target.shape[1] == 1:
            return target
        raise DataError(f"{name} has no classes, so its target cannot be '{form}'.")
    indices = _indices(target)
    if form == "class":
        return indices
    if form == "one-hot":
        return np.eye(len(classes), dtype=np.float32)[indices]
    if len(classes) != 2:
        raise DataError(
            f"{name} has {len(classes)} classes; a single column tells two apart.",
            hint="Choose class or one-hot.",
        )
    return indices.astype(np.float32)[:, None]


def _numbers(name: str, values: Any) -> Array:
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.empty(0, dtype=object)
    if array.dtype.kind not in "fiub" or array.ndim == 0 or array.size == 0:
        raise DataError(f"The target of {name} is not an array of numbers.")
    return array


def _class_indices(
    name: str, array: Array, classes: tuple[str, ...], by_step: bool = False
) -> tuple[Array, tuple[str, ...]]:
    classes = classes or tuple(str(index) for index in range(min(int(array.max()), 10_000) + 1))
    strange = (array < 0) | (array >= len(classes))
    wrong = np.argwhere(strange & (array != NONE) if by_step else strange)
    if wrong.size:
        row, last = wrong[0][0], len(classes) - 1
        value = array[tuple(wrong[0])]
        raise DataError(f"Target {row:,} of {name} is class {value}; the classes are 0 to {last}.")
    indices = array.astype(np.int64, copy=array.flags.writeable)
    indices.flags.writeable = False
    return indices, classes


def _indices(target: Array) -> npt.NDArray[np.int64]:
    """The class index of each row, whatever the form."""
    if target.ndim == 1:
        return np.asarray(target, dtype=np.int64)
    if target.shape[1] == 1:
        return np.asarray(target[:, 0] >= 0.5, dtype=np.int64)
    return np.asarray(target.argmax(axis=1), dtype=np.int64)
