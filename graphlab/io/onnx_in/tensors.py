"""The arrays of an ONNX file: measured before they are made, looked at where they lie rather than copied."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ...errors import BrokenFileError, TooLargeError, Unsupported
from .file import beside, onnx_package

Array = npt.NDArray[Any]
MOST_NUMBERS = 1 << 31  # of one array
MOST_AXES = 8
_PLAIN = {1: "<f4", 2: "<u1", 3: "<i1", 4: "<u2", 5: "<i2", 6: "<i4", 7: "<i8", 9: "?", 10: "<f2", 11: "<f8"}
_PLAIN |= {12: "<u4", 13: "<u8"}
BFLOAT16 = 16


def array_of(tensor: Any, path: Path, name: str = "", raw: memoryview | None = None) -> Array:
    """The numbers of a TensorProto, measured ones as float32 or float64; a view of them where that is possible.

    `raw`: its bytes, where they were not left in the tensor.

    Raises:
        BrokenFileError: the sizes and the numbers do not fit together. TooLargeError: more than anybody needs.
        Unsupported: numbers of another kind, such as text.
    """
    name = name or tensor.name or "a constant"
    shape = tuple(int(size) for size in tensor.dims)
    count = counted(shape, name, path.name)
    kind = int(tensor.data_type)
    if kind not in _PLAIN and kind != BFLOAT16:
        raise Unsupported(f"{name} holds no plain numbers (ONNX's data type {kind}).")
    dtype = np.dtype(_PLAIN.get(kind, "<u2"))
    if int(tensor.data_location) == 1:
        numbers = _external(tensor, path, name, dtype, count)
    elif raw is not None or tensor.HasField("raw_data"):
        raw = memoryview(tensor.raw_data) if raw is None else raw
        _require(len(raw) == count * dtype.itemsize, path, name, shape, f"{len(raw):,} bytes")
        numbers = np.frombuffer(raw, dtype, count)
    else:
        numbers = _typed(tensor, path, name, shape, count)
        return _usable(numbers.reshape(shape), False)
    return _usable(numbers.reshape(shape), kind == BFLOAT16)


def counted(shape: tuple[int, ...], name: str, file: str) -> int:
    """How many numbers such an array has. BrokenFileError, TooLargeError, before any array is made."""
    if any(size < 0 for size in shape) or len(shape) > MOST_AXES:
        raise BrokenFileError(
            f"{file} is damaged: {name} has the shape {list(shape)}.", hint="Export it again."
        )
    count = math.prod(shape)
    if count > MOST_NUMBERS:
        raise TooLargeError(
            f"{file} declares {count:.1e} numbers for {name} ({'×'.join(map(str, shape))}); "
            f"{MOST_NUMBERS:.1e} are the most.",
            hint="Export a smaller model, or check the file: it may be damaged.",
        )
    return count


def _typed(tensor: Any, path: Path, name: str, shape: tuple[int, ...], count: int) -> Array:
    """Numbers that stand in a list of their type."""
    onnx = onnx_package()
    field = onnx.helper.tensor_dtype_to_field(tensor.data_type)
    _require(
        len(getattr(tensor, field)) == count, path, name, shape, f"{len(getattr(tensor, field)):,} numbers"
    )
    found: Array = np.asarray(onnx.numpy_helper.to_array(tensor))
    return found.astype(np.float32) if found.dtype.kind not in "fiub" else found


def _external(tensor: Any, path: Path, name: str, dtype: np.dtype[Any], count: int) -> Array:
    """Numbers in a file beside the model. (Mapped, they would go with the file when somebody writes it anew.)"""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    place = beside(path, entries.get("location", ""), name)
    need = count * dtype.itemsize
    try:
        offset, length = int(entries.get("offset") or 0), int(entries.get("length") or need)
    except ValueError:
        offset, length = -1, -1
    size = place.stat().st_size
    if offset < 0 or length != need or offset + need > size:
        raise BrokenFileError(
            f"{path.name} wants {need:,} bytes for {name} from {offset} of {place.name}, "
            f"which has {size:,} (and says it takes {length:,}).",
            hint="Export it again.",
        )
    if not count:
        return np.empty(0, dtype)
    return np.fromfile(place, dtype, count, offset=offset)


def _require(fits: bool, path: Path, name: str, shape: tuple[int, ...], holds: str) -> None:
    if not fits:
        declared = "×".join(map(str, shape)) or "one number"
        raise BrokenFileError(
            f"{path.name} is damaged: {name} declares {declared}, but holds {holds}.", hint="Export it again."
        )


def _usable(array: Array, is_upper_half: bool) -> Array:
    """As float32 where it is a shorter float; whole numbers and truth values stay."""
    if is_upper_half:
        widened: Array = (array.astype(np.uint32) << np.uint32(16)).view(np.float32)
        return widened
    return array.astype(np.float32) if array.dtype == np.float16 else array
