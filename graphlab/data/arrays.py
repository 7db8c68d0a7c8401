"""Arrays from NumPy's own files, read as untrusted: no pickled objects, and sizes checked before there is an array."""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import BrokenFileError, DataError, FeedError, FileError
from . import store
from .reading import Reading, as_numbers, from_arrays

Array = npt.NDArray[Any]

EXAMPLES = ("x", "data", "images", "features", "inputs", "x_train")
TARGETS = ("y", "target", "targets", "labels", "label", "y_train", "classes")
_BROKEN = (
    ValueError,
    EOFError,
    OSError,
    KeyError,
    MemoryError,
    OverflowError,
    RuntimeError,  # an archive that is encrypted, or packed in a way that is not known here
    SyntaxError,
    tokenize.TokenError,  # NumPy reads the head of an array as Python's literals
    zipfile.BadZipFile,
    zlib.error,
)


class Head(NamedTuple):
    """What an array in an archive says of itself."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def open_array(path: Path) -> Array:
    """The array of a .npy file, mapped rather than read, so that a header which lies about its size costs nothing.

    Raises:
        FileError: it cannot be read. BrokenFileError: it is no array file. FeedError: it holds Python objects.
    """
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise FileError(f"There is no file '{path}'.") from None
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error
    except _BROKEN as error:
        raise _fault(path, error) from error
    if not isinstance(found, np.ndarray):
        found.close()
        raise FeedError(f"{path} is an archive of arrays.", hint="Save the one array with np.save.")
    return found


def read_npy(path: Path) -> Reading:
    """The rows of a .npy file; its first axis counts examples. DataError, FileError."""
    array = as_numbers(path.name, open_array(path))
    store.require_room(array.size, path.name)
    return _reading(np.array(array, order="C"), None, path.name)


def heads(path: Path) -> dict[str, Head]:
    """The arrays in an .npz file by name, without reading them. FileError, BrokenFileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if name.endswith(".npy")]
            return {name.removesuffix(".npy"): _head(archive, name) for name in names}
    except FileNotFoundError:
        raise FileError(f"There is no file '{path}'.") from None
    except _BROKEN as error:
        raise _fault(path, error) from error


def members(path: Path) -> dict[str, Array]:
    """All arrays in an .npz file by name. FileError, BrokenFileError, FeedError, DataError, TooLargeError."""
    return {name: _member(path, name, head) for name, head in heads(path).items()}


def choices(found: Mapping[str, Head]) -> tuple[str, ...]:
    """The names among which a person has to choose; () when it is clear what is meant."""
    if _pair(found) or len(found) < 2:
        return ()
    return tuple(found)


def read_npz(path: Path, array: str = "") -> Reading:
    """The rows of an .npz file: of the array of that name, else of its examples with their targets.

    DataError when it does not tell which array is meant.
    """
    found = heads(path)
    if not found:
        raise DataError(f"{path.name} holds no arrays.", hint="Write it with np.savez.")
    if array and array not in found:
        raise DataError(f"{path.name} has no array '{array}'.", hint=f"It has {', '.join(found)}.")
    pair = ("", "") if array else _pair(found) or ("", "")
    if not array and not pair[0] and len(found) > 1:
        raise DataError(f"{path.name} holds several arrays: {', '.join(found)}.", hint="Say which one.")
    name = array or pair[0] or next(iter(found))
    x = _member(path, name, found[name])
    target = _member(path, pair[1], found[pair[1]]) if pair[1] else None
    return _reading(x, target, path.name)


def _reading(array: Array, target: Array | None, name: str) -> Reading:
    if not array.ndim:
        if not np.isfinite(array):
            raise DataError(f"{name} is not finite.", hint="Save a finite number.")
        return Reading(name, np.asarray(array, np.float32).reshape(1, 1), ("value",), value=array)
    return from_arrays(array, target, name=name)


def _pair(found: Mapping[str, Head]) -> tuple[str, str] | None:
    """The names of examples and their targets, when there are both and they fit."""
    by_name = {name.casefold(): name for name in found}
    x = next((by_name[word] for word in EXAMPLES if word in by_name), None)
    y = next((by_name[word] for word in TARGETS if word in by_name), None)
    if x is None or y is None or not found[x].shape or not found[y].shape:
        return None
    rows = found[x].shape[0]
    return (x, y) if found[y].shape in ((rows,), (rows, 1)) else None


def _head(archive: zipfile.ZipFile, name: str) -> Head:
    with archive.open(name) as member:
        return _read_head(member)


def _read_head(member: IO[bytes]) -> Head:
    version = np.lib.format.read_magic(member)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    if version not in readers:
        raise ValueError(f"version {version} is unknown")
    shape, _, dtype = readers[version](member)
    return Head(shape, dtype)


def _member(path: Path, name: str, head: Head) -> Array:
    as_numbers(f"{name} of {path.name}", np.empty(0, head.dtype))
    store.require_room(math.prod(head.shape), f"{name} of {path.name}")
    try:
        with np.load(path, allow_pickle=False) as archive:
            return np.asarray(archive[name])
    except _BROKEN as error:
        raise _fault(path, error) from error


def _fault(path: Path, error: Exception) -> FileError | FeedError:
    words = str(error)
    if "pickle" in words or "Object arrays" in words or "Python objects" in words:
        return FeedError(
            f"{path} holds Python objects, not numbers.", hint="Save numbers: objects could run any program."
        )
    return BrokenFileError(
        f"{path} is not a NumPy array file, or it is damaged.", hint="Write it with np.save or np.savez."
    )
