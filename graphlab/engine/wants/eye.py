"""The eye of a graph: the input where pictures go in, and what a unit is that looks through it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ...errors import FeedError, GoalError, ProblemsError
from ...ops import Spec
from ...ops.catalogue import CARDS
from ...ops.places import bracketed
from ..flatten import End
from ..inference import Inference

if TYPE_CHECKING:
    from ..training import Trainer

Array = npt.NDArray[Any]
Shape = tuple[int, int, int]  # channels, height, width
NONE = "No picture goes into this graph."
HINT = "Give it an input of N×C×H×W, such as images of a data set."


@dataclass(frozen=True)
class Eye:
    """Where pictures go in: an output of a source. shape: of one picture. rows: of every pass, None where it is open.

    flat: whether a picture goes in as one line of numbers.
    """

    end: End
    shape: Shape
    rows: int | None = None
    flat: bool = False

    def rows_of(self, pictures: Array) -> Array:
        """Pictures (n, C, H, W) as what the source gives."""
        return pictures.reshape(len(pictures), -1) if self.flat else pictures

    def pictures_of(self, rows: Array) -> Array:
        """What the source gives, or its gradient, as pictures (n, C, H, W)."""
        return rows.reshape(len(rows), *self.shape)

    def taken(self, picture: Any) -> Array:
        """One picture as (1, C, H, W) of floats: (H, W) and (C, H, W) will do too. FeedError where it does not fit."""
        found = np.asarray(picture, np.float64)
        wide = found.reshape((1,) * max(4 - found.ndim, 0) + found.shape)
        if wide.shape != (1, *self.shape):
            wanted, given = _sizes(self.shape), _sizes(found.shape)
            raise FeedError(
                f"The network looks at pictures of {wanted}, and this one is {given}.",
                hint="Resize it, or turn its colours into grey.",
            )
        if not np.isfinite(wide).all():
            raise FeedError("The picture holds a number that is not finite.", hint="Choose another.")
        return wide


def eye_of(found: Inference, before: str = "", prefer: str = "") -> Eye:
    """The eye of a graph; with `before`, that which this node (by key) looks through.

    prefer: key of a source that is taken where several have pictures. ProblemsError where there is none.
    """
    seen = upstream(found, [before]) if before else set(found.healthy)
    keys = [key for key in found.healthy if key in seen]
    eyes = [eye for key in keys for eye in _eyes(found, key)]
    if not eyes:
        raise ProblemsError(NONE, hint=HINT)
    return next((eye for eye in eyes if eye.end[0] == prefer), eyes[0])


def has_eye(found: Inference) -> bool:
    """Whether pictures go in somewhere."""
    return any(True for key in found.healthy for _ in _eyes(found, key))


def _eyes(found: Inference, key: str) -> Iterator[Eye]:
    op = found.nodes[key].op
    if op is None or not op.source:
        return
    for output in op.results():
        spec = found.specs.get((key, output))
        if spec is None or spec.kind != "float":
            continue
        shape = _picture_shape(op, output, spec)
        if shape is not None:
            rows = spec.shape[0] if isinstance(spec.shape[0], int) else None
            yield Eye((key, output), shape, rows, spec.ndim != 4)


def _picture_shape(op: Any, output: str, spec: Spec) -> Shape | None:
    sizes: Sequence[Any] = spec.shape[1:]
    if spec.ndim == 2 and output == op.results()[0]:  # rows of numbers that are pixels
        card = CARDS.get(op.params.get("dataset", "")) if op.brings else None
        image = card.image_shape if card is not None else None
        if image is None or (math.prod(image),) != tuple(sizes):
            return None
        sizes = image
    if len(sizes) != 3 or not all(isinstance(size, int) for size in sizes) or min(sizes) < 1:
        return None
    channels, height, width = sizes
    return (channels, height, width) if min(height, width) > 1 else None


def upstream(found: Inference, keys: Iterable[str]) -> set[str]:
    """These nodes and all on which they depend."""
    seen = set(keys)
    todo = list(seen)
    while todo:
        for source, _ in found.nodes[todo.pop()].inputs.values():
            if source not in seen:
                seen.add(source)
                todo.append(source)
    return seen


@dataclass(frozen=True)
class Unit:
    """What is looked for: a part of the output `end`, the same in every row.

    at: () for the whole layer, (c,) for a channel, a class or a unit of a dense layer, (c, y, x) for one unit of a map.
    What it says of a row is the mean of its numbers.
    """

    end: End
    at: tuple[int, ...] = ()

    def check(self, spec: Spec | None, name: str) -> None:
        """GoalError where there is no such unit in a layer of that spec."""
        if spec is None or spec.kind != "float" or spec.ndim < 2:
            raise GoalError(
                f"{name} has no units.", hint="Choose a layer that gives numbers for each row.", node=name
            )
        sizes = spec.shape[1:]
        fits = len(self.at) <= len(sizes) and all(
            isinstance(n, int) and 0 <= i < n for i, n in zip(self.at, sizes, strict=False)
        )
        if not fits:
            last = ", ".join(f"0…{n - 1}" if isinstance(n, int) else "…" for n in sizes)
            raise GoalError(
                f"{name} has no unit {bracketed(self.at)}.", hint=f"They go from {last}.", node=name
            )

    def part(self, values: Array) -> Array:
        """(rows, numbers) of the unit."""
        place: Any = (slice(None), *self.at)
        found: Array = values[place].reshape(len(values), -1)
        return found

    def says(self, values: Array) -> npt.NDArray[np.float64]:
        """What it says of each row."""
        found: npt.NDArray[np.float64] = self.part(values).mean(axis=1, dtype=np.float64)
        return found

    def seed(self, values: Array) -> Array:
        """The gradient of what it says with respect to its layer."""
        gradient = np.zeros_like(values)
        place: Any = (slice(None), *self.at)
        part = gradient[place]
        part[...] = 1 / max(part[0].size, 1) if len(part) else 0
        return gradient

    def title(self, name: str) -> str:
        return f"{name}{bracketed(self.at)}" if self.at else name


@dataclass(frozen=True)
class Tones:
    """What numbers pixels have: least and greatest, and mean and standard deviation of all."""

    low: float = 0.0
    high: float = 1.0
    mean: float = 0.5
    spread: float = 0.25

    @property
    def span(self) -> float:
        return self.high - self.low

    def toned(self, picture: Array) -> Array:
        """A picture from 0 to 1 in these tones."""
        found: Array = self.low + self.span * np.asarray(picture, np.float64)
        return found


def tones_of(trainer: Trainer | None, eye: Eye) -> Tones:
    """Those of the data that a graph is trained on; from 0 to 1 where there is none."""
    column = None if trainer is None else trainer.batches.columns.get(eye.end)
    if column is None or not column.size:
        return Tones()
    some = column[:: max(1, len(column) // 2000)]
    low, high = float(some.min()), float(some.max())
    if low == high:
        return Tones(low, low + 1, low, 0.25)
    return Tones(low, high, float(some.mean(dtype=np.float64)), float(some.std(dtype=np.float64)))


def _sizes(shape: Sequence[int]) -> str:
    """ "28×28 in 1 channel", or what it is otherwise."""
    if len(shape) == 3:
        return f"{shape[1]}×{shape[2]} in {shape[0]} channel{'s' if shape[0] > 1 else ''}"
    return "×".join(map(str, shape)) or "a single number"


def layers_of_units(found: Inference, eye: Eye) -> list[tuple[End, tuple[int, ...]]]:
    """Everything that looks through the eye and gives numbers for each picture, in order, with the sizes of that."""
    behind = {eye.end[0]}
    layers: list[tuple[End, tuple[int, ...]]] = []
    for key in found.healthy:
        node = found.nodes[key]
        if node.op is None or not any(source in behind for source, _ in node.inputs.values()):
            continue
        behind.add(key)
        for output in node.op.results():
            spec = found.specs.get((key, output))
            if spec is None or spec.kind != "float" or spec.ndim < 2:
                continue
            sizes = tuple(size for size in spec.shape[1:] if isinstance(size, int))
            if len(sizes) == spec.ndim - 1 and min(sizes) > 0:
                layers.append(((key, output), sizes))
    return layers


def low_middle_high(found: Inference, layers: Sequence[tuple[End, tuple[int, ...]]]) -> tuple[int, int, int]:
    """Places of three of these layers: early, half way (through the maps, where there are some), and late.

    Of those that learn, where there are enough.
    """
    learns = [k for k, (end, _) in enumerate(layers) if found.parameter_count(end[0])]
    places = learns if len(learns) > 1 else list(range(len(layers)))
    low, high = places[0], places[-1]
    maps = [k for k in places if len(layers[k][1]) == 3]
    if len(maps) > 1:
        return low, maps[len(maps) // 2], high
    return low, places[(len(places) - 1) // 2] if len(places) > 2 else (low + high) // 2, high
