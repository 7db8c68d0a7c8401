"""Weights as safetensors bytes: names, shapes and raw numbers, no code."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import BrokenFileError, SaveError, TooLargeError
from . import strict_json

Array = npt.NDArray[Any]

LONGEST_HEADER = 16 << 20
MOST_AXES = 32
_TYPES = {
    "F32": "<f4",
    "F64": "<f8",
    "F16": "<f2",
    "BF16": "<u2",
    "I8": "<i1",
    "I16": "<i2",
    "I32": "<i4",
    "I64": "<i8",
    "U8": "<u1",
    "BOOL": "<u1",
}


def to_bytes(weights: Mapping[str, Any]) -> bytes:
    """The arrays by name, sorted. float32 and float64 are kept as they are; anything else becomes float32.

    Raises:
        SaveError: one of them is no array of numbers.
    """
    from safetensors.numpy import save

    return save({name: _plain(name, weights[name]) for name in sorted(weights)})


def from_bytes(data: bytes) -> dict[str, Array]:
    """The arrays by name, writable: float64 where the file has that, else float32, which holds what is shorter exactly.

    Whole numbers, such as the counters that PyTorch keeps among its weights, become float32 as well.

    Raises:
        BrokenFileError: the header and the numbers do not fit together.
        TooLargeError: the header is longer than any model needs.
    """
    header, start = _header(data)
    end = 0
    arrays: dict[str, Array] = {}
    entries = sorted(((name, *_entry(name, entry)) for name, entry in header.items()), key=lambda e: e[3])
    for name, dtype, shape, begin, stop in entries:
        count = math.prod(shape)
        size = count * np.dtype(_TYPES[dtype]).itemsize
        if start + stop > len(data):
            raise _broken(f"they are cut short, in {name}")
        if begin != end or stop - begin != size:
            raise _broken(
                f"{name} declares {'×'.join(map(str, shape)) or 'one number'}, which is not what it holds"
            )
        numbers = np.frombuffer(data, _TYPES[dtype], count, start + begin)
        arrays[name] = _as_floats(numbers, dtype).reshape(shape)
        end = stop
    if start + end != len(data):
        raise _broken("there are bytes left over")
    return dict(sorted(arrays.items()))


def _as_floats(numbers: Array, dtype: str) -> Array:
    """A copy as float32, or float64 where they are that."""
    if dtype == "BF16":  # the upper half of a float32
        return (numbers.astype(np.uint32) << np.uint32(16)).view(np.float32)
    return numbers.astype(np.float64 if dtype == "F64" else np.float32)


def _header(data: bytes) -> tuple[dict[str, Any], int]:
    """The entries by name, and where the numbers begin."""
    if len(data) < 8:
        raise _broken("they are cut short")
    (length,) = struct.unpack_from("<Q", data)
    if length > LONGEST_HEADER:
        raise TooLargeError(f"The weights declare a header of {length:,} bytes.", hint="The file is damaged.")
    if 8 + length > len(data):
        raise _broken("they are cut short")
    header = strict_json.parse(data[8 : 8 + length], "The list of weights")
    if not isinstance(header, dict):
        raise _broken("the list of them is none")
    header.pop("__metadata__", None)
    return header, 8 + int(length)


def _entry(name: str, entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    """(dtype, shape, begin, end) of one array, each of the right type."""
    if not isinstance(entry, dict) or entry.get("dtype") not in _TYPES:
        raise _broken(f"{name} is of an unknown type")
    shape, offsets = _sizes(entry.get("shape")), _sizes(entry.get("data_offsets"))
    if shape is None or offsets is None or len(offsets) != 2 or len(shape) > MOST_AXES:
        raise _broken(f"{name} has an impossible shape or place")
    return entry["dtype"], shape, offsets[0], offsets[1]


def _sizes(value: Any) -> tuple[int, ...] | None:
    """The list as a tuple, when it holds whole numbers from 0 on only."""
    if not isinstance(value, list) or not all(type(v) is int and v >= 0 for v in value):
        return None
    return tuple(value)


def _plain(name: str, value: Any) -> Array:
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"it is of type {array.dtype}")
    except (TypeError, ValueError) as error:
        raise SaveError(
            f"The weights {name} cannot be saved: {error}.", hint="Give arrays of numbers."
        ) from error
    dtype = array.dtype if array.dtype in (np.float32, np.float64) else np.dtype(np.float32)
    return np.ascontiguousarray(array, dtype).reshape(array.shape)


def _broken(what: str) -> BrokenFileError:
    return BrokenFileError(f"The weights are damaged: {what}.", hint="Try an older copy of the file.")
