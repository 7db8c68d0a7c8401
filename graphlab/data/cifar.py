"""CIFAR-10 in its binary form: files of records, each a class and a picture of 3×32×32 bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ..errors import BrokenFileError, DataError, FileError
from . import store
from .reading import Reading, from_arrays

RECORD = 1 + 3 * 32 * 32
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
NAMES = "batches.meta.txt"  # lies beside them and says what the classes are called


def batches_in(folder: Path) -> list[Path]:
    """The files of CIFAR-10 to train on in a folder; those to test on where there are no others; [] for none."""
    found = sorted(folder.glob("data_batch_*.bin"))
    return found or sorted(folder.glob("test_batch.bin"))


def read_cifar(
    paths: list[Path], name: str = "", progress: Callable[[float], None] = lambda share: None
) -> Reading:
    """The pictures of these files as one set, N×3×32×32 from 0 to 1, with their classes.

    When there are more than one table can hold, the first are taken, and a note says so.

    Raises:
        FileError: one cannot be read. BrokenFileError: one is no such file, or cut short. DataError: a class that is
            none.
    """
    title, most = name or paths[0].name, store.MOST // RECORD
    parts: list[npt.NDArray[np.uint8]] = []
    taken = 0
    for k, path in enumerate(paths):
        if taken < most:
            parts.append(_records(path)[: most - taken])
            taken += len(parts[-1])
        progress((k + 1) / len(paths))
    records = np.concatenate(parts)
    classes = _classes(paths[0].parent)
    strange = np.flatnonzero(records[:, 0] >= len(classes))
    if strange.size:
        raise DataError(
            f"Picture {strange[0] + 1:,} of {title} is of class {records[strange[0], 0]}; there are 0 to "
            f"{len(classes) - 1}.",
            hint="Is it CIFAR-100? That has another form.",
        )
    x = records[:, 1:].reshape(-1, 3, 32, 32).astype(np.float32) / np.float32(255)
    total = sum(path.stat().st_size for path in paths) // RECORD
    notes = (
        [f"The first {len(x):,} of {total:,} pictures were taken: more do not fit into one table."]
        if total > len(x)
        else []
    )
    return from_arrays(x, records[:, 0].astype(np.int64), classes, title, notes)


def _records(path: Path) -> npt.NDArray[np.uint8]:
    try:
        size = path.stat().st_size
        if not size or size % RECORD:
            raise BrokenFileError(
                f"{path.name} has {size:,} bytes, which is no multiple of {RECORD:,}.",
                hint="CIFAR-10's binary form has so many for each picture. It is cut short, or another format.",
            )
        return np.fromfile(path, np.uint8).reshape(-1, RECORD)
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _classes(folder: Path) -> tuple[str, ...]:
    """What the classes are called: by the file beside, as far as it says ten names."""
    try:
        words = (folder / NAMES).read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        return CLASSES
    return tuple(words) if len(words) == len(CLASSES) else CLASSES
