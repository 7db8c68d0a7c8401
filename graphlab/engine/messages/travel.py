"""What is asked and said of time travel: going to a step of the training, and the ways that were left."""

from __future__ import annotations

from typing import Any

import msgspec


class Travel(msgspec.Struct, frozen=True, tag=True):
    """Go to that step, forward or back, to stand as after the one before it; answered by Travelled.

    hurry: no further than can be gone in a tenth of a second, for a hand that drags.
    """

    step: int
    hurry: bool = False


class Rejoin(msgspec.Struct, frozen=True, tag=True):
    """Take up a branch again that was left, at the step at which it begins; answered by Joined, then Travelled."""

    branch: int


class Part(msgspec.Struct, frozen=True, tag=True):
    """Leave the known steps after this one, which become a branch."""


class KeepStates(msgspec.Struct, frozen=True, tag=True):
    """All states that are kept for going back may take so many bytes."""

    limit: int


class BestRecord(msgspec.Struct, frozen=True):
    """The best epoch until now: what was measured, how good it was, and after which step."""

    name: str
    epoch: int
    step: int
    value: float


class Stopped(msgspec.Struct, frozen=True, tag=True):
    """Training has ended by itself, before all epochs were done, for that `reason`; `returns`: to the best epoch."""

    run: int
    step: int
    epoch: int
    reason: str
    best: BestRecord | None = None
    returns: bool = False


class Improved(msgspec.Struct, frozen=True, tag=True):
    """An epoch was better than all before it, and its weights are to be saved: `arrays` by name."""

    run: int
    best: BestRecord
    arrays: dict[str, Any]


class BranchRecord(msgspec.Struct, frozen=True):
    """A way that was left at step `at` and is known to step `end`."""

    number: int
    at: int
    end: int


class Trail(msgspec.Struct, frozen=True, tag=True):
    """Which steps can be reached: `first` to `end`; none where both are 0.

    ticks: the steps of which a state is kept, `bytes` in all of at most `limit`. changes: the steps from which on
    something else was trained with. too_large: what a single state takes, where that is above the limit. forgotten:
    whether earlier steps were known once.
    """

    run: int
    first: int
    end: int
    ticks: Any
    bytes: int
    limit: int
    changes: tuple[int, ...] = ()
    branches: tuple[BranchRecord, ...] = ()
    too_large: int = 0
    forgotten: bool = False


class Parted(msgspec.Struct, frozen=True, tag=True):
    """The steps after `at`, up to `end`, are a branch of that number now; what is trained next comes in their place."""

    run: int
    number: int
    at: int
    end: int


class Joined(msgspec.Struct, frozen=True, tag=True):
    """That branch was taken up again: its steps come after `at`."""

    run: int
    number: int
    at: int
    end: int


class Travelling(msgspec.Struct, frozen=True, tag=True):
    """On the way to a step that takes a while: so many steps of `whole` are still to be made."""

    run: int
    left: int
    whole: int


class Travelled(msgspec.Struct, frozen=True, tag=True):
    """The run is at that step.

    document: what it was trained with then, as JSON bytes, where that is not what the window has; b"" where it is. The
    window then sends it back with this `number` (see `Load.adopted`).
    """

    run: int
    step: int
    number: int = 0
    document: bytes = b""
