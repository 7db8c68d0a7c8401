"""IDX files, plain or packed (.gz): the format of MNIST and Fashion-MNIST. Images are read together with their labels.

The head of a file says what it holds: two zero bytes, the type of its numbers, the number of axes, and their sizes.
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import numpy.typing as npt

from ..errors import BrokenFileError, DataError, FileError
from . import store
from .reading import Reading, from_arrays

Array = npt.NDArray[Any]

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_AXES = 8
_NAME = re.compile(r"(\.idx|[.-]idx\d+(-ubyte)?|-ubyte)(\.gz)?$", re.IGNORECASE)
_WORDS = (("images", "labels"), ("idx3", "idx1"))


def is_idx(path: Path) -> bool:
    """Whether a file is called as IDX files are: train-images-idx3-ubyte, t10k-labels.idx1-ubyte.gz, digits.idx."""
    return _NAME.search(path.name) is not None


def images_with(path: Path) -> Path:
    """The images that a file of labels belongs to, where they lie beside it; else the file itself."""
    partner = _partner(path, back=True)
    return partner if partner is not None else path


def without_labels(paths: Sequence[Path]) -> list[Path]:
    """The files without those of labels whose images are there, too: they are read with them."""
    return [path for path in paths if not is_idx(path) or images_with(path) not in {*paths} - {path}]


def read_idx(path: Path) -> Reading:
    """The rows of an IDX file; of images, with their labels if these lie beside it. Grey values become 0 to 1.

    Raises:
        FileError: it cannot be read. BrokenFileError: it is no such file, or cut short. TooLargeError. DataError: the
            labels are not as many as the images.
    """
    images = images_with(path)
    x = _read(images)
    labels = _partner(images)
    notes = []
    if x.dtype == np.uint8 and x.ndim > 2:
        x = (x if x.ndim > 3 else x[:, None]).astype(np.float32) / np.float32(255)
        if labels is None:
            notes.append("There is no file of labels beside it, so there is nothing to predict.")
    if labels is None:
        return from_arrays(x, name=images.name, notes=notes)
    target = _read(labels)
    if target.shape != x.shape[:1]:
        raise DataError(
            f"{images.name} has {len(x):,} rows, but {labels.name} has {target.shape[0]:,} labels.",
            hint="Put the two files of one set side by side.",
        )
    return from_arrays(x, target, _classes(target, labels.name), images.name, notes)


def _classes(target: Array, name: str) -> tuple[str, ...]:
    """The classes that labels tell apart; () when they are measured numbers."""
    if target.dtype.kind not in "iu":
        return ()
    if len(target) and target.min() < 0:
        row = int((target < 0).argmax())
        raise DataError(f"Label {row + 1:,} of {name} is {target[row]}.", hint="Classes count from 0.")
    most = int(target.max(initial=0))
    return tuple(str(k) for k in range(most + 1)) if most < 1000 else ()


def _partner(path: Path, back: bool = False) -> Path | None:
    """The labels that belong to images (`back`: the images that labels belong to), if there is such a file."""
    name = path.name
    for images, labels in _WORDS:
        name = name.replace(labels, images) if back else name.replace(images, labels)
    if name == path.name:
        return None
    other = name.removesuffix(".gz") if name.endswith(".gz") else f"{name}.gz"
    return next((path.with_name(each) for each in (name, other) if path.with_name(each).is_file()), None)


def _read(path: Path) -> Array:
    try:
        with _open(path) as file:
            return _array(file, path.name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BrokenFileError(f"{path.name} is packed, and damaged.", hint="Fetch it again.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _open(path: Path) -> IO[bytes]:
    with open(path, "rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if is_packed else open(path, "rb")


def _array(file: IO[bytes], name: str) -> Array:
    head = file.read(4)
    if len(head) < 4 or head[:2] != b"\0\0" or head[2] not in TYPES or not 0 < head[3] <= MOST_AXES:
        raise BrokenFileError(
            f"{name} is no IDX file: it begins with {head.hex(' ') or 'nothing'}.",
            hint="Such a file begins with 00 00 08 03 for images, and 00 00 08 01 for labels.",
        )
    sizes = file.read(4 * head[3])
    if len(sizes) < 4 * head[3]:
        raise BrokenFileError(f"{name} is cut short: it ends within its head.", hint="Fetch it again.")
    shape = tuple(int(size) for size in np.frombuffer(sizes, ">u4"))
    kind = np.dtype(TYPES[head[2]])
    count = math.prod(shape)
    if not count:
        raise DataError(f"{name} has no rows.", hint="Choose another file.")
    store.require_room(count, name)
    content = file.read(count * kind.itemsize + 1)
    if len(content) != count * kind.itemsize:
        there = f"only {len(content):,}" if len(content) < count * kind.itemsize else "more"
        raise BrokenFileError(
            f"{name} should hold {count * kind.itemsize:,} bytes after its head; there are {there}.",
            hint="Fetch it again: it is cut short." if there != "more" else "Is it another format?",
        )
    return np.frombuffer(content, kind).reshape(shape).astype(kind.newbyteorder("="))
