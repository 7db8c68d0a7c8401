"""What an ONNX file computes from what is known beforehand: the arithmetic of shapes, weights that are turned round.

Only what stays small, or is a view of what is there, is worked out; everything else becomes a node of the graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...errors import ShapeError, Unsupported
from ...ops import Dim
from .tensors import MOST_NUMBERS, Array
from .values import FEW, Filled, Value, Wire, is_open, settled, sizes

MOST_ADDED = 1 << 22  # numbers of a result that is no view
MOST_WRITTEN = 1 << 27  # of all results of a file together
Fold = Callable[[Mapping[str, Any], list[Array]], Array]
_folds: dict[str, Fold] = {}

_DTYPES = {
    1: np.float32,
    6: np.int32,
    7: np.int64,
    9: np.bool_,
    10: np.float32,
    11: np.float64,
    16: np.float32,
}


def folded(kind: str, attributes: Mapping[str, Any], inputs: Sequence[Value]) -> list[Array | Filled] | None:
    """The results, where they are known beforehand; None where the graph has to compute them. Unsupported."""
    if kind == "Shape":
        found = _shape(attributes, inputs[0])
        return None if found is None else [found]
    if kind == "ConstantOfShape" and isinstance(inputs[0], np.ndarray) and is_open(inputs[0]):
        return [Filled(float(np.ravel(attributes.get("value", 0.0))[0]))]
    if kind == "Size" and isinstance(inputs[0], np.ndarray):
        return [np.array(inputs[0].size, np.int64)]
    if kind not in _folds or not all(each is None or isinstance(each, np.ndarray) for each in inputs):
        return None
    arrays = [each for each in inputs if isinstance(each, np.ndarray)]
    try:
        with np.errstate(all="ignore"):
            result = _folds[kind](attributes, arrays)
    except (ShapeError, ValueError, TypeError, IndexError, KeyError, ZeroDivisionError, OverflowError):
        return None  # it is drawn, and the fault shows at its node
    return [settled(np.asarray(result))]


def _shape(attributes: Mapping[str, Any], x: Value) -> Array | None:
    shape = x.spec.shape if isinstance(x, Wire) and x.spec is not None else None
    if isinstance(x, np.ndarray):
        shape = x.shape
    if shape is None:
        return None
    return sizes(shape[attributes.get("start", 0) : attributes.get("end")])


def _fold(*kinds: str) -> Callable[[Fold], Fold]:
    def enter(fold: Fold) -> Fold:
        _folds.update(dict.fromkeys(kinds, fold))
        return fold

    return enter


def _small(*arrays: Array) -> None:
    """ValueError where working it out would take long or much memory."""
    if any(array.size > MOST_ADDED for array in arrays):
        raise ValueError("too large to be worked out beforehand")


@_fold("Constant")
def _constant(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    for name in ("value_float", "value_floats"):
        if name in attributes:
            return np.array(attributes[name], np.float32)
    for name in ("value_int", "value_ints"):
        if name in attributes:
            return np.array(attributes[name], np.int64)
    value = attributes["value"]
    if not isinstance(value, np.ndarray):
        raise TypeError("no array of numbers")
    return value


@_fold("ConstantOfShape")
def _constant_of_shape(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    value = attributes.get("value", np.zeros(1, np.float32))
    shape = [int(size) for size in arrays[0]]
    if math.prod(shape) > MOST_NUMBERS:
        raise Unsupported(f"It would be {math.prod(shape):.1e} numbers; {MOST_NUMBERS:.1e} are the most.")
    return np.broadcast_to(np.reshape(value, ()), shape)  # nothing is written out


@_fold("Identity", "Dropout")
def _identity(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    return arrays[0]


@_fold("Cast")
def _cast(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    _small(arrays[0])
    return arrays[0] if is_open(arrays[0]) else arrays[0].astype(_DTYPES[attributes["to"]])


@_fold("Reshape")
def _reshape(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    x, shape = arrays
    wanted = [x.shape[i] if size == 0 else int(size) for i, size in enumerate(shape)]
    return x.reshape(wanted)


@_fold("Flatten")
def _flatten(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    axis = attributes.get("axis", 1)
    return arrays[0].reshape(int(np.prod(arrays[0].shape[:axis])), -1)


@_fold("Transpose")
def _transpose(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    return arrays[0].transpose(attributes.get("perm"))


@_fold("Unsqueeze")
def _unsqueeze(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    return np.expand_dims(arrays[0], tuple(int(axis) for axis in arrays[1]))


@_fold("Squeeze")
def _squeeze(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    return np.squeeze(arrays[0], tuple(int(axis) for axis in arrays[1]) if len(arrays) > 1 else None)


@_fold("Concat")
def _concat(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    _small(*arrays)
    return np.concatenate(arrays, attributes["axis"])


@_fold("Gather")
def _gather(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    _small(*arrays)
    if arrays[0].size > FEW and arrays[1].size > FEW:
        raise ValueError("not worth it")
    return np.take(arrays[0], arrays[1].astype(np.int64), attributes.get("axis", 0))


@_fold("Slice")
def _slice(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    x, starts, ends, *more = arrays
    axes = more[0] if more else np.arange(len(starts))
    steps = more[1] if len(more) > 1 else np.ones(len(starts), np.int64)
    window = [slice(None)] * x.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        low = -x.shape[int(axis)] - 1
        window[int(axis)] = slice(int(start), None if step < 0 and end < low else int(end), int(step))
    return x[tuple(window)]


@_fold("Range")
def _range(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    start, end, step = (array.item() for array in arrays)
    if abs((end - start) / step) > MOST_ADDED:
        raise ValueError("too long")
    return np.arange(start, end, step, dtype=arrays[0].dtype)


@_fold("Expand")
def _expand(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    x, wanted = arrays
    shape = np.broadcast_shapes(x.shape, tuple(int(size) for size in wanted))
    if x.size > 1 and math.prod(shape) > MOST_ADDED:
        raise ValueError("the graph does that")
    return np.broadcast_to(x, shape)


def _arithmetic(of: Callable[..., Array]) -> Fold:
    def fold(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
        _small(*arrays)
        return np.asarray(of(*arrays))

    return fold


def _divide(a: Array, b: Array) -> Array:
    whole = all(array.dtype.kind in "iuO" for array in (a, b))
    return a // b if whole else np.divide(a, b)


def _equal(a: Array, b: Array) -> Array:
    """An open size is no number that is known."""
    a, b = np.broadcast_arrays(a, b)
    pairs = zip(a.ravel().tolist(), b.ravel().tolist(), strict=True)
    return np.array([not isinstance(p, Dim) and p == q for p, q in pairs], bool).reshape(a.shape)


_ARITHMETIC: dict[str, Callable[..., Array]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": _divide,
    "Equal": _equal,
    "Where": np.where,
    "Neg": np.negative,
    "Sqrt": np.sqrt,
    "Reciprocal": np.reciprocal,
    "Pow": np.power,
    "Not": np.logical_not,
    "Greater": np.greater,
    "Less": np.less,
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Abs": np.abs,
    "Mod": np.mod,
}
for _kind, _of in _ARITHMETIC.items():
    _fold(_kind)(_arithmetic(_of))


@_fold("ReduceProd")
def _product(attributes: Mapping[str, Any], arrays: list[Array]) -> Array:
    if arrays[0].ndim != 1:
        raise ValueError("only of a list of sizes")
    found = np.array(np.prod(arrays[0]))
    return found.reshape(1) if attributes.get("keepdims", 1) else found
