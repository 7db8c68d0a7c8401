"""One picture of a person's own, as what a graph begins with. Its pixels lie in `data.store`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ParamError
from .base import Example, Op, Param, Spec
from .contents import PRESENT, rows_of
from .registry import register

CHOOSE = "Choose one in the inspector, paste one, or drop one on the canvas."

# the hash of the picture that comes with graphlab: see `data.photo`
SAMPLE = "7c57da3a0f62ec92a1bdf39c92d98c97536d59f827a3cd1e508f597c6203ad8f"
SAMPLE_SIZE = (3, 96, 96)


@register
class Picture(Op):
    """A picture of your own: 1×C×H×W numbers from 0 (black) to 1 (white), grey (C is 1) or red, green and blue (3).

    Until you choose one it is a house under the sun. Drop a PNG, JPEG, BMP, GIF or WebP file on the node or on the
    canvas, paste one with Ctrl+V, choose one in the inspector, or draw one there. It travels inside the file, so
    pictures of more than 512×512 pixels are made smaller. Resize, CenterCrop, Grayscale, RGB and NormalizeChannels
    make it fit a network.
    """

    synonyms = ("Image", "Photo", "Load image", "PNG", "JPEG")
    category = "Input"
    formula = "y = the picture"
    latex = r"y = \mathrm{the\ picture}"
    source = True
    file = Param("sample.png", shown=False, help="The file that the picture was read from.")
    content = Param(SAMPLE, shown=False, help="The hash of its pixels.")
    size = Param(SAMPLE_SIZE, kind="shape", shown=False, help="Channels, height and width.")
    examples = (
        Example(),
        Example({"file": "a.png", "content": "ab", "size": (1, 28, 28)}),
    )
    cost = 0

    def check(self) -> None:
        sizes = self.size
        if len(sizes) != 3 or any(isinstance(n, str) or n < 1 for n in sizes) or sizes[0] not in (1, 3):
            raise ParamError(
                f"Picture.size cannot be {sizes}.", hint="It is 1 or 3 channels, the height and the width."
            )

    @property
    def title(self) -> str:
        """What to call it in a message."""
        return self.file or "the picture"

    def lack(self) -> tuple[str, str]:
        if self.content in PRESENT:
            return "", ""
        return f"{self.title} is not here: this file was saved or copied without its pixels.", CHOOSE

    def infer(self) -> Spec:
        return Spec((1, *self.size))

    def literal(self) -> Any:
        rows = rows_of(self.content)
        shape = (1, *self.size)
        return rows.reshape(shape) if rows is not None and rows.size == int(np.prod(shape)) else None

    def contents(self) -> tuple[str, ...]:
        return (self.content,) if self.content not in ("", SAMPLE) else ()
