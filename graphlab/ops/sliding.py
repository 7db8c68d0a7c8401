"""How an operation that moves a window says so: where each of its windows lies on the input, and what becomes of it.

Sequences N×C×L are images of one row, as in `windows`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .recipe_windows import shares
from .windows import Pair, Window

Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Axis:
    """The windows along one axis.

    size: how long the input is. starts, lengths: where each window begins and how many places it looks at, `spacing`
    apart. Places before 0 and from `size` on are padding. counted: from where to where a mean counts them.
    """

    size: int
    starts: tuple[int, ...]
    lengths: tuple[int, ...]
    spacing: int = 1
    counted: Pair = (0, 0)

    @staticmethod
    def of_window(window: Window, axis: int, size: int, counts_padding: bool = True) -> Axis:
        """Those of a window of one size that moves by equal steps."""
        count, padding = window.fitting(axis, size), window.padding[axis]
        starts = tuple(i * window.stride[axis] - padding for i in range(count))
        edge = padding if counts_padding else 0
        lengths = (window.kernel[axis],) * count
        return Axis(size, starts, lengths, window.dilation[axis], (-edge, size + edge))

    @staticmethod
    def shared(count: int, size: int) -> Axis:
        """So many windows that share the axis among them, as adaptive pooling does."""
        parts = shares(count, size)
        starts = tuple(part.start for part in parts)
        return Axis(size, starts, tuple(part.stop - part.start for part in parts), 1, (0, size))

    @property
    def count(self) -> int:
        """How many windows there are."""
        return len(self.starts)

    @property
    def longest(self) -> int:
        """How many places a window looks at, at most."""
        return max(self.lengths, default=0)

    def places(self, window: int) -> Places:
        """Where a window looks, padding included."""
        return self.starts[window] + self.spacing * np.arange(self.lengths[window])

    def grid(self) -> tuple[Places, npt.NDArray[np.bool_]]:
        """(windows × longest) places of all windows, and which of them are on the input; shorter windows end in
        places that are not.
        """
        taps = np.arange(self.longest)
        places = np.array(self.starts, np.int64)[:, None] + self.spacing * taps
        inside = (taps < np.array(self.lengths, np.int64)[:, None]) & (places >= 0) & (places < self.size)
        return places, inside

    def seen_by(self, place: int) -> list[Pair]:
        """(window, tap) of each window that looks at a place."""
        found = []
        for window, (start, length) in enumerate(zip(self.starts, self.lengths, strict=True)):
            tap, rest = divmod(place - start, self.spacing)
            if not rest and 0 <= tap < length:
                found.append((window, tap))
        return found

    def margins(self) -> Pair:
        """How far windows reach beyond the input, before and behind."""
        before = -min(self.starts, default=0)
        ends = (s + (n - 1) * self.spacing + 1 for s, n in zip(self.starts, self.lengths, strict=True))
        return max(before, 0), max(max(ends, default=0) - self.size, 0)


@dataclass(frozen=True)
class Sliding:
    """Windows over images of `channels` channels.

    kind: what becomes of a window: "sum" (of its products with a filter), "max" or "mean". field: 1 for a sequence.
    groups: in how many groups channels are kept apart; pooling has as many as channels. window: its sizes, where all
    windows are alike.
    """

    kind: str
    rows: Axis
    columns: Axis
    field: int
    channels: int
    outputs: int
    groups: int
    window: Window | None = None

    @staticmethod
    def filtering(window: Window, x: tuple[int, ...], outputs: int, groups: int) -> Sliding:
        """A convolution of an x of that shape."""
        rows, columns = (Axis.of_window(window, axis, size) for axis, size in enumerate(image_of(x)))
        return Sliding("sum", rows, columns, len(x) - 2, x[1], outputs, groups, window)

    @staticmethod
    def pooling(kind: str, window: Window, x: tuple[int, ...], counts_padding: bool = True) -> Sliding:
        """Every channel by itself."""
        height, width = image_of(x)
        rows = Axis.of_window(window, 0, height, counts_padding)
        columns = Axis.of_window(window, 1, width, counts_padding)
        return Sliding(kind, rows, columns, len(x) - 2, x[1], x[1], x[1], window)

    @staticmethod
    def sharing(kind: str, size: Pair, x: tuple[int, ...]) -> Sliding:
        """Pooling down to that size."""
        height, width = image_of(x)
        rows, columns = Axis.shared(size[0], height), Axis.shared(size[1], width)
        return Sliding(kind, rows, columns, len(x) - 2, x[1], x[1], x[1])

    @property
    def size(self) -> Pair:
        """How many windows there are, (down, across)."""
        return self.rows.count, self.columns.count

    @property
    def image(self) -> Pair:
        """The size of the input."""
        return self.rows.size, self.columns.size

    def group(self, output: int) -> range:
        """The channels of the input that make a channel of the result."""
        each = self.channels // self.groups
        first = output // (self.outputs // self.groups) * each
        return range(first, first + each)

    def made_of(self, channel: int) -> range:
        """The channels of the result that a channel of the input goes into."""
        each = self.outputs // self.groups
        first = channel // (self.channels // self.groups) * each
        return range(first, first + each)


def image_of(x: tuple[int, ...]) -> Pair:
    """Height and width of an x of that shape."""
    return (1, x[2]) if len(x) == 3 else (x[2], x[3])
