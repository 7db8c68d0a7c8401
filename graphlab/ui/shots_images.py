"""Pictures of images and what looks at them; the documentation shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..io.examples import example
from .shots_lab import only, wait

if TYPE_CHECKING:
    from .window import MainWindow

Prepare = Callable[["MainWindow"], object]
EPOCHS = 528  # steps: all that the example wants
DIGITS = 600  # steps of LeNet, after which it reads most digits


def scenes() -> Iterator[tuple[str, Path, int, Prepare]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    textures = example("textures").path
    yield "img-filters-before", textures, 0, _filters
    yield "img-filters-after", textures, EPOCHS, _filters
    yield "img-wants", example("lenet-mnist").path, DIGITS, _wanted
    yield "img-why", example("lenet-mnist").path, DIGITS, _told_why
    yield "img-textures", textures, EPOCHS, partial(_wide, id="data")


def _wanted(window: MainWindow) -> None:
    """What a unit of a low, a middle and a high layer want."""
    _wide(window, "wants")
    panel: Any = window.docks["wants"].build()
    panel.three.click()
    wait(
        window,
        lambda: panel.climbed is not None and len(panel.climbed.pictures) == 3 and panel.climbed.is_done,
        60.0,
    )
    wait(window, lambda: panel.found is not None and panel.found.is_done)


def _told_why(window: MainWindow) -> None:
    """What the answer to a digit rests on."""
    _wide(window, "why")
    panel: Any = window.docks["why"].build()
    panel.choose("integrated")
    wait(window, lambda: panel.told is not None and panel.told.method == "integrated" and panel.told.is_done)


def _filters(window: MainWindow) -> None:
    """The filters of the first layer, each in its own range."""
    from .panels.weights import WeightsPanel

    session = window.session
    session.select({session.document.node("conv").id})
    panel = window.docks["weights"].build()
    assert isinstance(panel, WeightsPanel)
    panel.switch.setChecked(True)
    _wide(window, "weights")


def _wide(window: MainWindow, id: str) -> None:
    """One panel over the whole width below."""
    only(window, id)
    window.docks.show_wide(id)
    wait(window, lambda: False, 1.5)
