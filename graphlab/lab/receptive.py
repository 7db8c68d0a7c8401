"""Receptive fields in theory: which pixels of a picture a unit can see at all, along every path of the graph.

Along an axis of the picture, a layer has a matrix that says which of its places see which pixels; that of the next is
its product with the footprint of the operation, and where paths meet a place sees what it sees along any of them. The
rule (size, stride, start) is that of Araujo, Norris and Sim 2019, "Computing receptive fields of convolutional neural
networks".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from ..engine.flatten import End, FlatNode
from ..engine.inference import Inference
from ..ops.footprint import Bools, Footprint, Step, itself

Sizes = tuple[int, ...]
Box = tuple[int, int, int, int]  # first and last+1 row, first and last+1 column

LONGEST = 4096  # places along an axis; of longer ones nothing is told


class Reach(NamedTuple):
    """In the midst of an endless picture, place i sees the pixels from i·stride + first to i·stride + last."""

    stride: Fraction
    first: Fraction
    last: Fraction

    def through(self, step: Step) -> Reach:
        """That of the next layer, which looks at this one step by step."""
        last = step.first + step.extent - 1
        return Reach(
            self.stride * step.stride,
            self.first + self.stride * step.first,
            self.last + self.stride * last,
        )

    def beside(self, other: Reach) -> Reach | None:
        """Both together; None where they do not keep step."""
        if self.stride != other.stride:
            return None
        return Reach(self.stride, min(self.first, other.first), max(self.last, other.last))


@dataclass(frozen=True, eq=False)
class Along:
    """Of a layer, along one axis. seen: (places, pixels). reach: the rule, None where there is none."""

    seen: Bools
    reach: Reach | None

    @property
    def size(self) -> int:
        """How many pixels a place sees over, edges of the picture aside."""
        if self.reach is not None:
            return int(self.reach.last - self.reach.first) + 1
        first, last = self.span(len(self.seen) // 2)
        return last - first

    def span(self, place: int) -> tuple[int, int]:
        """First and last+1 pixel that a place sees of this picture; (0, 0) for one that sees none."""
        there = np.flatnonzero(self.seen[place])
        return (int(there[0]), int(there[-1]) + 1) if there.size else (0, 0)

    @property
    def sees_all(self) -> bool:
        """Whether every place sees the whole of the axis."""
        return bool(self.seen.all())


@dataclass(frozen=True, eq=False)
class Field:
    """Of the units of a layer: down and across the picture."""

    rows: Along
    columns: Along

    @property
    def shape(self) -> tuple[int, int]:
        """How many units there are, down and across."""
        return len(self.rows.seen), len(self.columns.seen)

    @property
    def size(self) -> tuple[int, int]:
        """Pixels that a unit in the midst sees over, down and across; more than there are where it could see more."""
        return self.rows.size, self.columns.size

    @property
    def stride(self) -> tuple[float, float] | None:
        """Pixels from the middle of one unit's field to that of the next."""
        if self.rows.reach is None or self.columns.reach is None:
            return None
        return float(self.rows.reach.stride), float(self.columns.reach.stride)

    @property
    def start(self) -> tuple[float, float] | None:
        """Where the middle of the first unit's field lies, in pixels from that of the first pixel."""
        if self.rows.reach is None or self.columns.reach is None:
            return None
        down, right = ((r.first + r.last) / 2 for r in (self.rows.reach, self.columns.reach))
        return float(down), float(right)

    @property
    def sees_all(self) -> bool:
        return self.rows.sees_all and self.columns.sees_all

    def box(self, row: int, column: int) -> Box:
        """The pixels of the picture that a unit sees, as the box around them."""
        return (*self.rows.span(row), *self.columns.span(column))


def fields(found: Inference, source: End, picture: Sizes) -> dict[End, Field]:
    """The fields of all layers that lie along the picture, in topological order.

    source: where pictures go in, by (key, output). picture: (channels, height, width), or (channels, length). A layer
    that has no such axes any more is left out; before it every unit sees what it is made of.
    """
    plane = picture[-2:] if len(picture) == 3 else (1, picture[-1])
    if max(plane) > LONGEST:
        return {}
    made: dict[End, Field] = {}
    for key, node in found.nodes.items():
        if key in found.unhealthy or node.op is None:
            continue
        for output in node.op.results():
            field = _field(found, node, (key, output), made, source, picture)
            if field is not None:
                made[key, output] = field
    return made


def _field(
    found: Inference, node: FlatNode, end: End, made: Mapping[End, Field], source: End, picture: Sizes
) -> Field | None:
    """None where it depends on no pixel, or has no axes of pictures."""
    after = _sizes(found, end, len(picture))
    if after is None or node.op is None:
        return None
    if end == source or _is_picture(node, found, end, source, picture):
        return _whole(picture)
    parts = [(made[wire], _sizes(found, wire, len(picture))) for wire in node.inputs.values() if wire in made]
    axes = (2, 3) if len(picture) == 3 else (2,)
    lines = []
    for axis in axes:
        along = [
            _through(node.op, axis, field.columns if axis == axes[-1] else field.rows, before, after)
            for field, before in parts
            if before is not None
        ]
        if not along:
            return None
        lines.append(_together(along))
    return Field(*lines) if len(lines) == 2 else Field(_single(len(picture)), lines[0])


def _is_picture(node: FlatNode, found: Inference, end: End, source: End, picture: Sizes) -> bool:
    """Whether it gives rows of pixels the shape of pictures."""
    spec, before = found.specs.get(end), found.specs.get(source)
    if spec is None or before is None or before.ndim != 2 or tuple(spec.shape[1:]) != picture:
        return False
    return source in node.inputs.values()


def _whole(picture: Sizes) -> Field:
    lines = [Along(itself(size).taps, Reach(Fraction(1), Fraction(0), Fraction(0))) for size in picture[1:]]
    return Field(lines[0], lines[1]) if len(lines) == 2 else Field(_single(2), lines[0])


def _single(axes: int) -> Along:
    """The one row of a sequence."""
    return Along(np.ones((1, 1), bool), Reach(Fraction(1), Fraction(0), Fraction(0)))


def _sizes(found: Inference, end: End, axes: int) -> Sizes | None:
    """The shape with one row where that is open; None where it has no axes of pictures."""
    spec = found.specs.get(end)
    if spec is None or spec.ndim != axes + 1:
        return None
    sizes: Sequence[Any] = spec.shape[1:]
    if not all(isinstance(size, int) and size > 0 for size in sizes) or max(sizes[1:]) > LONGEST:
        return None
    return (1, *(int(size) for size in sizes))


def _through(op: Any, axis: int, line: Along, before: Sizes, after: Sizes) -> Along:
    """What the places of the result see, through this input."""
    step = footprint_of(op, axis, before, after)
    if step is None:
        seen = np.broadcast_to(line.seen.any(axis=0), (after[axis], line.seen.shape[1]))
        return Along(seen, None)
    seen = step.taps.astype(np.float32) @ line.seen.astype(np.float32) > 0
    reach = line.reach.through(step.step) if line.reach is not None and step.step is not None else None
    return Along(seen, reach)


def footprint_of(op: Any, axis: int, before: Sizes, after: Sizes) -> Footprint | None:
    """As the operation tells it, or as it treats each place by itself; None for everywhere."""
    told: Footprint | None = op.footprint(axis, before, after)
    if told is not None:
        return told
    is_apart = op.elementwise or any(
        places.get("x") == places.get("y") == axis for places in _apart(op, before, after)
    )
    if not is_apart or before[axis] not in (1, after[axis]):
        return None
    if before[axis] == after[axis]:
        return itself(after[axis])
    return Footprint(np.ones((after[axis], 1), bool))


def _apart(op: Any, before: Sizes, after: Sizes) -> Sequence[Mapping[str, int]]:
    """Along which axes an operation of one x treats each place by itself."""
    if [socket.name for socket in op.sockets() if not socket.learnable] != ["x"] or op.results() != ("y",):
        return ()
    found: Sequence[Mapping[str, int]] = op.apart(x=before, y=after)
    return found


def _together(lines: list[Along]) -> Along:
    """Along any of several paths."""
    seen, reach = lines[0].seen, lines[0].reach
    for line in lines[1:]:
        seen = seen | line.seen
        reach = reach.beside(line.reach) if reach is not None and line.reach is not None else None
    return Along(seen, reach)


class LayerField(NamedTuple):
    """A row of the table: what people call the layer, and its field."""

    end: End
    name: str
    field: Field


def layer_by_layer(found: Inference, made: Mapping[End, Field]) -> Iterator[LayerField]:
    """The layers at which units see more than at the ones before them, and where the picture comes in."""
    for end, field in made.items():
        node = found.nodes[end[0]]
        before = [made[wire] for wire in node.inputs.values() if wire in made]
        is_same = any(_alike(field.rows, b.rows) and _alike(field.columns, b.columns) for b in before)
        if not is_same:
            yield LayerField(end, node.path, field)


def _alike(a: Along, b: Along) -> bool:
    if a.reach != b.reach or a.seen.shape != b.seen.shape:
        return False
    return a.reach is not None or bool((a.seen == b.seen).all())
