"""Pictures of images and what looks at them; the documentation shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.examples import example
from .shots_lab import only, wait

if TYPE_CHECKING:
    from .window import MainWindow

Prepare = Callable[["MainWindow"], object]
EPOCHS = 600  # steps: all that the example wants


def scenes() -> Iterator[tuple[str, Path, int, Prepare]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    textures = example("textures").path
    yield "img-filters-before", textures, 0, partial(_wide, id="weights")
    yield "img-filters-after", textures, EPOCHS, partial(_wide, id="weights")
    yield "img-textures", textures, EPOCHS, partial(_wide, id="data")


def _wide(window: MainWindow, id: str) -> None:
    """One panel over the whole width below."""
    only(window, id)
    window.docks.show_wide(id)
    wait(window, lambda: False, 1.5)
