"""Pictures of the whole window and of every panel, for the examples and in both themes, to be looked at.

`python -m graphlab.ui.shots FOLDER` writes them.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

TRAINED = {
    "xor": 300,
    "spirals": 2000,
    "digits-mlp": 400,
    "digits-cnn": 150,
}  # steps; others are stepped once through


def shots(folder: str | os.PathLike[str], only: str = "") -> Iterator[Path]:
    """Renders one picture after the other into `folder`; `only` is a part of the file names wanted."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from ..io.templates import SETTINGS
    from . import theme
    from .app import shot

    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="graphlab-shots-") as own:
        os.environ[SETTINGS] = own  # where sweeps of examples lie
        for name in theme.NAMES:
            for title, source, steps, prepare in _scenes():
                path = place / f"{title}-{name}.png"
                if only in path.name:
                    shot(source, path, theme_name=name, train_steps=steps, prepare=prepare)
                    yield path


def _scenes() -> Iterator[tuple[str, Path | None, int, Callable | None]]:
    """(title, file, training steps, what to do before the picture is taken)."""
    from ..io.examples import example, examples
    from . import shots_debugger, shots_images, shots_lab, shots_sequences, shots_sweeps
    from .panels.registry import panels

    yield "start", None, -1, None
    for each in examples():
        yield each.name, each.path, TRAINED.get(each.name, 0), None
    xor = example("xor").path
    yield "not-yet-run", xor, -1, None
    yield "palette", xor, 0, lambda window: window.finder.open("lin")
    yield "message", xor, 0, _message
    yield "selected", example("digits-cnn").path, 150, lambda window: _select(window, "conv1")
    yield from shots_debugger.scenes()
    yield from shots_lab.scenes()
    yield from shots_sequences.scenes()
    yield from shots_images.scenes()
    yield from shots_sweeps.scenes()
    for shown in panels():
        yield f"panel-{shown.id}", example("digits-mlp").path, 200, partial(_enlarge, id=shown.id)


def _select(window, name: str) -> None:
    window.session.select([window.session.document.node(name).id])


def _message(window) -> None:
    node = window.session.document.node("hidden").id
    window.session.attempt(window.session.graph.connect, "out", "hidden")
    window.session.select([node])


def _enlarge(window, id: str) -> None:
    """The panel alone beside the canvas, as if torn off."""
    for other in window.docks.by_id.values():
        other.setVisible(other.panel.id == id)
    window.docks.show(id)


if __name__ == "__main__":
    for written in shots(sys.argv[1] if len(sys.argv) > 1 else "shots", *sys.argv[2:3]):
        sys.stdout.write(f"{written}\n")
