"""The cards of the sequence tasks that the `Sequences` operation can name.

What makes the rows lives in graphlab/data, which adds its cards here when it is imported.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import DataError
from .catalogue import Bounds
from .spec import Spec


@dataclass(frozen=True)
class Task:
    """What is known of a task before rows are made of it.

    pattern: which of the four uses of a recurrent network it is for: "encoder", "generator", "transducer" or
    "encoder-decoder". parameters: what can be set besides the seed. specs: the shape of one row of every output, in the
    order of the outputs, given the parameters that were set; DataError where they cannot be.
    """

    name: str
    title: str
    description: str
    pattern: str
    outputs: tuple[str, ...]
    parameters: Mapping[str, Bounds]
    specs: Callable[[Mapping[str, int]], tuple[Spec, ...]]


TASKS: dict[str, Task] = {}


def task(name: str) -> Task:
    """The card of that task. DataError, with the nearest name, when there is none."""
    if name in TASKS:
        return TASKS[name]
    near = difflib.get_close_matches(name.lower(), TASKS, n=1, cutoff=0.5)
    hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(TASKS)}."
    raise DataError(f"There is no sequence task '{name}'.", hint=hint)
