"""The rows of people's own files while graphlab runs, by the hash of their content: the same rows are kept once.

They are never changed and never dropped, so that undo, a copied node and another tab find them again. Which files they
are saved in is the business of `io`; the engine process has a store of its own, filled by messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError, TooLargeError
from ..ops.contents import FINDERS, PRESENT

Floats = npt.NDArray[np.float32]

MOST = 50_000_000  # numbers of one table: 200 MB
_kept: dict[str, Floats] = {}
_offered: dict[str, Callable[[], Any]] = {}


def keep(cells: Any) -> str:
    """Keeps rows (rows, numbers), as float32 and read-only; returns the hash that they are found by."""
    rows = plain(cells)
    content = digest(rows)
    _kept.setdefault(content, rows)
    PRESENT.add(content)
    return content


def keep_as(content: str, cells: Any) -> None:
    """Keeps rows of which the hash is known. DataError when it is that of other rows."""
    rows = plain(cells)
    if digest(rows) != content:
        raise DataError(
            f"The rows called {content[:12]}… are not what they were.", hint="Read the file again."
        )
    _kept.setdefault(content, rows)
    PRESENT.add(content)


def offer(content: str, make: Callable[[], Any]) -> None:
    """Rows that come with graphlab, by their hash: they are made when somebody asks for them."""
    _offered[content] = make
    PRESENT.add(content)


def find(content: str) -> Floats | None:
    """The rows of that hash; None when they are not here."""
    if content in _offered:
        keep_as(content, _offered.pop(content)())
    return _kept.get(content)


FINDERS.append(find)


def holds(op: Any) -> bool:
    """Whether all is here that an operation takes from files."""
    return all(content in PRESENT for content in op.contents())


def digest(rows: Floats) -> str:
    """The hash of rows as they are kept: of their shape and of every number."""
    found = hashlib.sha256(f"graphlab rows {rows.shape[0]} {rows.shape[1]}\n".encode())
    found.update(np.ascontiguousarray(rows, "<f4").data if rows.size else b"")
    return found.hexdigest()


def plain(cells: Any) -> Floats:
    """(rows, numbers) in float32, read-only; what is not finite becomes NaN. TooLargeError, DataError."""
    array = np.asarray(cells)
    if array.ndim != 2:
        raise DataError(f"Rows are kept as a table, not with the shape {array.shape}.")
    require_room(array.size)
    with np.errstate(over="ignore", invalid="ignore"):
        rows = np.ascontiguousarray(array, np.float32)
    endless = np.isinf(rows)
    if endless.any():
        rows = np.where(endless, np.float32(np.nan), rows)
    if rows.flags.writeable:
        rows = rows.copy() if np.may_share_memory(rows, array) else rows
        rows.flags.writeable = False
    return rows


def require_room(count: int, name: str = "The file", about: str = "") -> None:
    """TooLargeError when there are more numbers than one table may have."""
    if count > MOST:
        raise TooLargeError(
            f"{name} holds {about}{count:,} numbers; {MOST:,} are the most.",
            hint="Take fewer rows or columns, or smaller images.",
        )
