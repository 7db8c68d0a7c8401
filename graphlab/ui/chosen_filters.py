"""The filters of the selected convolution: one of them is taken out, or put in, as one entry of the history."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.messages import TensorKey, Watched
from ..errors import GraphlabError, ShapeError
from ..ops.convolution import Filters
from .editing import Target

if TYPE_CHECKING:
    from .session import Session

Floats = NDArray[np.float64]

WHOLE = 1 << 18  # numbers of a weight up to which it is looked at whole
ALL = -1  # all inputs at once


@dataclass(frozen=True)
class ChosenFilters:
    """title: of the node. end: whose parameter the weight is, by the engine's keys. shape: (outputs, inputs, …)."""

    node: str
    title: str
    end: tuple[str, str]
    shape: tuple[int, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a filter; along a sequence it has one row."""
        return (self.shape[2], self.shape[3]) if len(self.shape) == 4 else (1, self.shape[2])

    @property
    def watched(self) -> Watched:
        return Watched(TensorKey("value", *self.end), WHOLE)

    def take(self, session: Session, output: int, channel: int) -> Floats:
        """One filter; of all inputs their sum, which is what a picture of one brightness meets.

        GraphlabError where its numbers are not here.
        """
        tensor = session.tensor_at(TensorKey("value", *self.end))
        if tensor is None:
            raise GraphlabError(
                f"The weights of {self.title} are not here yet.", hint="Run a step forward first."
            )
        values = np.asarray(tensor.array, np.float64)
        if values.shape != self.shape:
            raise GraphlabError(
                f"{self.title} has {int(np.prod(self.shape)):,} weights; the bench looks at {WHOLE:,} at most.",
                hint="Choose a smaller convolution.",
            )
        found = values[output].sum(axis=0) if channel == ALL else values[output, channel]
        return np.asarray(found.reshape(self.size))

    def put(self, session: Session, kernel: Floats, output: int, channel: int) -> None:
        """Sets the numbers of one filter; of all inputs each gets its share. ShapeError where the sizes differ."""
        if kernel.shape != self.size:
            (rows, columns), (high, wide) = kernel.shape, self.size
            raise ShapeError(
                f"The filter here is {rows}×{columns}, those of {self.title} are {high}×{wide}.",
                hint=f"Choose the size {high}×{wide} here, or set kernel_size of {self.title}.",
            )
        channels = range(self.shape[1]) if channel == ALL else [channel]
        values = kernel.reshape(-1) / (self.shape[1] if channel == ALL else 1)
        places = list(self._places(output, channels))
        session.editing.set(
            Target(self.node, self.end, f"{self.title}.weight"), places, [*values.tolist()] * len(channels)
        )

    def _places(self, output: int, channels: range | list[int]) -> Iterator[tuple[int, ...]]:
        for channel in channels:
            for place in product(*map(range, self.shape[2:])):
                yield (output, channel, *place)


def chosen_filters(session: Session) -> ChosenFilters | None:
    """Those of the one selected node; None where it is no convolution."""
    node = session.selected_node
    flat = session.inference.nodes.get(node) if node else None
    if flat is None or not isinstance(flat.op, Filters):
        return None
    end = session.seen.end(node, "weight")
    learnables = session.seen.whole.learnables
    owner = session.seen.whole.nodes.get(end[0])  # None inside a group that is muted
    if end not in learnables and owner is not None and (source := owner.inputs.get("weight")):
        end = source  # a Parameter is plugged in
    sizes = learnables.get(end)
    if sizes is None or len(sizes) not in (3, 4) or sizes[0] != flat.op.out_channels:
        return None
    return ChosenFilters(node, session.document.nodes[node].name, end, tuple(int(k) for k in sizes))
