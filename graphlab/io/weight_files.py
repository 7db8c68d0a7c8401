"""Files of weights alone: safetensors, NumPy's archives, and what a graph's file holds. Read as untrusted."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..data import arrays
from ..errors import BrokenFileError, FileError, SaveError, TooLargeError
from . import weights as tensors
from .files import load
from .saving import write_atomically
from .weights import Array

SAFETENSORS, NUMPY, GRAPH, ONNX = ".safetensors", ".npz", ".graphlab", ".onnx"
READABLE = (SAFETENSORS, NUMPY, GRAPH, ONNX)
WRITABLE = (SAFETENSORS, NUMPY)
PICKLES = (".pt", ".pth", ".bin", ".ckpt", ".pkl", ".pickle")
MOST = 4 << 30  # bytes of a file
_EPOCH = (1980, 1, 1, 0, 0, 0)


def read(path: str | os.PathLike[str]) -> dict[str, Array]:
    """The arrays in a file of weights by name, as it has them: "hidden.weight".

    Raises:
        FileError: there is no such file, it cannot be read, is of another kind, or holds no weights.
        BrokenFileError, FeedError: it is damaged, or holds what is no number. TooLargeError: more than anybody needs.
    """
    place = Path(path).expanduser()
    suffix = place.suffix.lower()
    if suffix in PICKLES:
        raise FileError(
            f"{place.name} is a pickle, which may run any code when it is opened; graphlab opens none.",
            hint="Where PyTorch is, turn it into safetensors: import torch, safetensors.torch as st; "
            f'st.save_file(torch.load("{place.name}", weights_only=True), "{place.stem}.safetensors")',
        )
    if suffix not in READABLE:
        raise FileError(
            f"{place.name} is no file of weights.", hint=f"Take one that ends in {', '.join(READABLE)}."
        )
    try:
        found = _read(place, suffix)
    except BrokenFileError as error:
        raise BrokenFileError(f"{place.name} is damaged. {error.message}", hint=error.hint) from error
    if not found:
        what = "was saved without weights" if suffix == GRAPH else "holds no weights"
        raise FileError(f"{place.name} {what}.", hint="Take another file.")
    return found


def _read(place: Path, suffix: str) -> dict[str, Array]:
    if suffix in (GRAPH, ONNX):
        return load(place)[1]
    if suffix == NUMPY:
        _require_size(place)
        _require_room(place)
        return {name: _as_floats(array) for name, array in sorted(arrays.members(place).items())}
    data = _bytes(place)
    try:
        return tensors.from_bytes(data)
    except TooLargeError as error:
        raise BrokenFileError(error.message, hint="Try another copy of the file.") from error


def write(path: str | os.PathLike[str], weights: Mapping[str, Any]) -> None:
    """Writes arrays by name to .safetensors or .npz, as the suffix says; the same bytes for the same arrays.

    Raises:
        SaveError: it could not be written, or the suffix is another; an old file is untouched.
    """
    target = Path(path).expanduser()
    suffix = target.suffix.lower()
    if suffix not in WRITABLE:
        raise SaveError(
            f"{target.name} says not what kind of file it is.",
            hint=f"Let it end in {' or '.join(WRITABLE)}.",
        )
    if not weights:
        raise SaveError("There are no weights to save.", hint="Add a layer that learns.")
    write_atomically(target, tensors.to_bytes(weights) if suffix == SAFETENSORS else _npz(weights))


def bad_numbers(found: Mapping[str, Array]) -> dict[str, int]:
    """How many numbers are NaN or infinite, of those arrays that have any."""
    counts = {name: int(array.size - np.isfinite(array).sum()) for name, array in found.items()}
    return {name: count for name, count in counts.items() if count}


def _as_floats(array: Array) -> Array:
    return np.ascontiguousarray(array, np.float64 if array.dtype == np.float64 else np.float32).reshape(
        array.shape
    )


def _npz(weights: Mapping[str, Any]) -> bytes:
    import zipfile

    store = io.BytesIO()
    with zipfile.ZipFile(store, "w", zipfile.ZIP_STORED) as archive:
        for name, array in sorted(tensors.from_bytes(tensors.to_bytes(weights)).items()):
            member = io.BytesIO()
            np.lib.format.write_array(member, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _EPOCH), member.getvalue())
    return store.getvalue()


def _bytes(path: Path) -> bytes:
    _require_size(path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _require_size(path: Path) -> None:
    """FileError when it is not there; TooLargeError before anything is read."""
    try:
        size = path.stat().st_size if path.is_file() else -1
    except (OSError, ValueError) as error:
        raise FileError(f"{path} cannot be read: {error}.") from error
    if size < 0:
        what = "is not a file" if path.exists() else "does not exist"
        raise FileError(f"{path} {what}.", hint="Check the name.")
    if size > MOST:
        raise TooLargeError(
            f"{path.name} has {size:,} bytes; {MOST:,} are the most.", hint=_smaller(size / MOST)
        )


def _require_room(path: Path) -> None:
    """TooLargeError when the arrays of an archive, which may be packed, are too much together."""
    count = sum(math.prod(head.shape) for head in arrays.heads(path).values())
    if 4 * count > MOST:
        raise TooLargeError(f"{path.name} holds {count:,} numbers.", hint=_smaller(4 * count / MOST))


def _smaller(times: float) -> str:
    return f"Save {math.ceil(times)} parts of it by themselves."
