"""Pictures of sequences; the documentation shows them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.examples import example
from .shots_lab import Prepare, only, wait, watched

if TYPE_CHECKING:
    from .window import MainWindow


def scenes() -> Iterator[tuple[str, Path, int, Prepare]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    copy, names, words, gpt = (example(name).path for name in ("copy", "names-lstm", "reverse", "names-gpt"))
    yield "seq-folded", names, 0, partial(_cell, unrolled=False)
    yield "seq-unrolled", names, 0, partial(_cell, unrolled=True)
    yield "seq-text", names, 200, partial(watched, id="text")
    yield "seq-units", names, 200, partial(watched, id="units")
    yield "seq-vanishing", copy, 100, partial(watched, id="vanishing")
    yield "seq-gates", words, 300, partial(watched, id="gates")
    yield "seq-attention", words, 300, partial(watched, id="attention")
    yield "seq-gpt", gpt, 20, _entered


def _cell(window: MainWindow, unrolled: bool) -> None:
    """An LSTM's cell in the place of the layer, stepped through the forward pass."""
    session = window.session
    session.root.remove("lstm")
    cell = session.root.unroll("lstm-cell", "embed", steps=32, name="lstm", hidden=96)
    session.root.connect(cell, "out")
    session.root.tidy()
    session.select({cell.id})
    only(window, "inspector")
    wait(window, lambda: session.loaded is not None and not session.seen.whole.problems)
    session.phase("forward")
    wait(window, lambda: session.status.cursor > 0 and session.status.state != "training")
    if unrolled:
        window.actions_.run("graph.draw_unrolled")
    wait(window, lambda: False, 1.0)
    window.canvas.frame_all()
    wait(window, lambda: False, 1.0)


def _entered(window: MainWindow) -> None:
    """Inside the first block of the small GPT."""
    session = window.session
    only(window, "outline", "inspector")
    session.go_inside((session.document.node("block1").id,))
    wait(window, lambda: False, 1.0)
    window.canvas.frame_all()
    wait(window, lambda: False, 1.0)
