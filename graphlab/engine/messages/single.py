"""One sample that is looked at by itself, in place of the batch."""

from __future__ import annotations

from typing import Any

import msgspec


class LookAtSample(msgspec.Struct, frozen=True, tag=True):
    """From now on show what one sample becomes in place of the batch, with dropout off; answered by SampleShown.

    Either `given` holds arrays of one row for sources, by "key.output", or it is the row at `place` of a `split`. With
    neither, the batch again. Whatever goes on in the run ends it; the run itself is not touched.
    """

    title: str = ""
    given: dict[str, Any] = {}
    split: str = ""
    place: int = 0


class SampleShown(msgspec.Struct, frozen=True, tag=True):
    """What is shown in place of the batch, by its title; "" for the batch. Or why it cannot be: `message`, `hint`."""

    run: int
    title: str
    message: str = ""
    hint: str = ""
