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
    textures, digits = example("textures").path, example("digits-cnn").path
    yield "img-windows", digits, 100, _played
    yield "img-bench", digits, 100, partial(_wide, id="filter-bench")
    yield "img-field", digits, 100, _field
    yield "img-resnet", digits, -1, _resnet
    yield "img-filters-before", textures, 0, _filters
    yield "img-filters-after", textures, EPOCHS, _filters
    yield "img-wants", example("lenet-mnist").path, DIGITS, _wanted
    yield "img-why", example("lenet-mnist").path, DIGITS, _told_why
    yield "img-textures", textures, EPOCHS, partial(_wide, id="data")


def _played(window: MainWindow) -> None:
    """The first convolution, at a window in the middle of the digit."""
    session = window.session
    session.select({session.document.node("conv1").id})
    _wide(window, "windows")
    panel: Any = window.docks["windows"].build()
    wait(window, lambda: panel.found is not None)
    panel.go((3, 4))
    wait(window, lambda: False, 1.0)


def _field(window: MainWindow) -> None:
    """What a unit of the second convolution sees, and layer by layer how much."""
    _wide(window, "feature-maps")
    panel: Any = window.docks["feature-maps"].build()
    panel.layer.setCurrentIndex(max(panel.layer.findText("conv2"), 0))
    panel.tabled.setChecked(True)
    wait(window, lambda: False, 3.0)


def _resnet(window: MainWindow) -> None:
    """ResNet-18 as a group in a group: one of its stages, opened."""
    from ..graph import Graph

    graph = Graph("ResNet-18")
    picture = graph.add("Input", name="picture", shape=("N", 3, 224, 224))
    net = graph.add_part("resnet-18", picture, name="resnet")
    window.session.open(Graph(graph.document))
    only(window, "inspector", "outline")
    window.session.go_inside((net.id,))
    wait(window, lambda: False, 2.0)
    window.canvas.frame_all()
    wait(window, lambda: False, 1.0)


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
