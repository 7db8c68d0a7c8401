"""What is asked and said of remembered moments: copies of all that a run held, to be compared later."""

from __future__ import annotations

import msgspec

from .records import ScheduleEntry, TensorKey

NOW = 0  # in place of a number: the run as it is


class Remember(msgspec.Struct, frozen=True, tag=True):
    """Keep copies of what this pass has computed, under that number (from 1); answered by Remembered."""

    number: int


class Forget(msgspec.Struct, frozen=True, tag=True):
    """Keep these no longer; () for all. Answered by Forgotten."""

    numbers: tuple[int, ...] = ()


class Compare(msgspec.Struct, frozen=True, tag=True):
    """How far all arrays are apart in two moments, NOW among them; answered by Compared with the same `request`."""

    request: int
    a: int
    b: int


class LookAt(msgspec.Struct, frozen=True, tag=True):
    """One array in two moments, at most `limit` elements of it; answered by Pair with the same `request`."""

    request: int
    a: int
    b: int
    key: TensorKey
    limit: int = 4096


class Remembered(msgspec.Struct, frozen=True, tag=True):
    """A moment is kept: where the run stood (see `Status`), and how much of it.

    bytes: that this moment added; `room`: that are left for others. left_out: arrays that there was no room for, of
    `left_bytes` bytes. loss: NaN where there is none.
    """

    run: int
    number: int
    step: int
    epoch: int
    cursor: int
    entry: ScheduleEntry | None
    loss: float
    arrays: int
    bytes: int
    room: int
    left_out: int = 0
    left_bytes: int = 0


class Forgotten(msgspec.Struct, frozen=True, tag=True):
    """So many bytes are free again for others."""

    run: int
    room: int


class Apart(msgspec.Struct, frozen=True):
    """One array in two moments, by its key in B (in A, where B lacks it).

    a, b, difference: Euclidean norms of A, B and B − A. relative: ‖B − A‖ / ‖A‖; cosine: of the angle between A and B.
    NaN where there is none. state: "" when it is in both with one shape, else "only A", "only B" or "other shape".
    """

    key: TensorKey
    name: str
    shape: tuple[int, ...]
    a: float
    b: float
    difference: float
    relative: float
    cosine: float
    state: str = ""
    learnt: bool = False


class Compared(msgspec.Struct, frozen=True, tag=True):
    """All arrays of both moments, the largest relative change first. `message`: why there is no answer."""

    run: int
    request: int
    rows: tuple[Apart, ...]
    message: str = ""
