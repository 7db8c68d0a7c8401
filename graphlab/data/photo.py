"""One picture as the params of a Picture, and its pixels again."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import DataError
from ..ops.picture import SAMPLE
from ..resources import resource
from . import store
from .pictures import Bytes, Source, read_picture, size_of, within
from .reading import Reading

MOST_PIXELS = 512 * 512  # of a picture that travels inside a document: 3 MB in colour


@dataclass(frozen=True, eq=False, repr=False)
class Photo(Reading):
    """A picture as it was read. As a mapping it is the params of a Picture.

    cells: (1, channels·height·width), each pixel a whole number of 255ths. size: (channels, height, width).
    """

    size: tuple[int, int, int] = (1, 1, 1)
    op: ClassVar[str] = "Picture"

    def __repr__(self) -> str:
        return f"Photo({self.file}: {told(self.size)})"

    @functools.cached_property
    def params(self) -> dict[str, Any]:
        """The params of a Picture that shows it; its pixels are kept in the store from now on."""
        return {"file": self.file, "content": store.keep(self.cells), "size": self.size}

    def in_place_of(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The params of a Picture that showed another."""
        return dict(self.params)


def picture(source: Source, name: str = "") -> Photo:
    """A picture file of one's own: `graph.add("Picture", **gl.data.picture("cat.jpg"))`.

    Of more than 512×512 pixels it is scaled down in proportion, and a note says so. Errors as `pictures.read_picture`.
    """
    title = name or ("picture" if isinstance(source, bytes) else Path(source).name)
    width, height = size_of(source, title)
    return photo_of(read_picture(source, title), title, (height, width))


def photo_of(pixels: Bytes, name: str, size: Sequence[int] = ()) -> Photo:
    """The same of (1 or 3, height, width) bytes at hand; `size` is what it was before, where that is known."""
    fitting = within(pixels, MOST_PIXELS)
    notes = []
    if fitting is not pixels:
        height, width = size or pixels.shape[1:]
        notes.append(
            f"It was {width:,}×{height:,} pixels and is kept as {fitting.shape[2]}×{fitting.shape[1]}: "
            f"a document carries {MOST_PIXELS:,} at most."
        )
    channels, rows, columns = fitting.shape
    cells = fitting.reshape(1, -1).astype(np.float32) / np.float32(255)
    return Photo(name, cells, unnamed=cells.shape[1], notes=tuple(notes), size=(channels, rows, columns))


def pixels_of(op: Any) -> Bytes | None:
    """The (channels, height, width) bytes that a Picture shows; None when they are not here."""
    found = op.literal()
    return None if found is None else np.rint(found[0] * 255).astype(np.uint8)


def told(size: Sequence[int]) -> str:
    """ "640×480 pixels, in colour"."""
    channels, height, width = size
    return f"{width:,}×{height:,} pixels, {'grey' if channels == 1 else 'in colour'}"


def _sample() -> Any:
    path = resource("data", "sample.png")
    try:
        return photo_of(read_picture(path.read_bytes()), "sample.png").cells
    except OSError as error:
        raise DataError(f"{path} cannot be read.", hint="Install graphlab again.") from error


store.offer(SAMPLE, _sample)
