"""One sample in place of the batch: whatever is looked at of values is of it, while the run stands as it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import DataError
from . import messages as m
from .beside import Beside
from .feeding import make_feed, source_ends
from .flatten import End
from .plan import Plan

if TYPE_CHECKING:
    from .workspace import Workspace

Array = npt.NDArray[Any]
Found = tuple[Array, bool]


class Single:
    """The values of a forward pass over the sample that a LookAtSample names, on the weights as they are.

    Raises:
        DataError, FeedError: there is no such row, or what is given does not fit. MemoryBudgetError.
    """

    def __init__(self, space: Workspace, wish: m.LookAtSample) -> None:
        self.title = wish.title
        self._wish, self._beside = wish, Beside(space.run)
        self._plan = space.run.plan
        self.values: dict[End, Array] = {}
        self.renew(space)

    def renew(self, space: Workspace) -> None:
        """The weights are others."""
        wish = self._wish
        if wish.split:
            if space.trainer is None:
                raise space.obstacle or DataError("There are no rows.")
            place = np.array([wish.place])
            found = self._beside.of_rows(space.trainer, wish.split, place, _ends(self._plan))
        else:
            split = (name.rpartition(".") for name in wish.given)
            given = {(key, output): wish.given[f"{key}.{output}"] for key, _, output in split}
            found = self._beside.of_arrays(given, _ends(self._plan, given))
        self.values = found.values

    def instead(self, key: m.TensorKey, found: Found | None) -> Found | None:
        """What is shown under a key in place of what the run has there; what is not of the sample is not fresh."""
        end = (key.node, key.socket)
        if key.kind == "value" and end in self.values:
            return self.values[end], True
        if found is None or (
            key.kind == "value" and (end in self._plan.parameters or end in self._plan.states)
        ):
            return found
        return found[0], False


def _ends(plan: Plan, given: Mapping[End, Array] | None = None) -> list[End]:
    """Every output; with `given`, those that need no source that is neither given nor has something of its own."""
    unknown: set[End] = set()
    if given is not None:
        known = {*given, *make_feed(plan, {}).arrays}
        unknown = {end for end in source_ends(plan) if end not in known}
    found: list[End] = []
    for key, node in plan.nodes.items():  # in topological order
        is_unknown = any(source in unknown for source in node.inputs.values())
        for end in ((key, output) for output in plan.op(key).results()):
            if is_unknown:
                unknown.add(end)
            elif end not in unknown and end in plan.inference.specs:
                found.append(end)
    return found
