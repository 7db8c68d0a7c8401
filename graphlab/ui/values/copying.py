"""What of a tensor somebody takes along: as text on the clipboard, exactly, or whole in a .npy file."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from ...engine.regions import MOST
from .. import numbers, settings
from ..notice import Level
from .supply import Array, FromEngine, Part, shown
from .texts import as_numpy, as_rows

if TYPE_CHECKING:
    from ...engine.messages import Exported, TensorKey
    from ..session import Session
    from .tensor_view import TensorView

KINDS = {"numpy": "NumPy", "csv": "CSV", "tsv": "a table"}
_PLACE = "values/folder"


def copy(view: TensorView, kind: str, *, whole: bool = False) -> None:
    """Puts the range that is chosen, the slice that is seen, or with `whole` all of the tensor on the clipboard."""
    supply, arrangement, sight = view.supply, view.arrangement, view.sight()
    if supply is None or sight is None:
        return
    shape = arrangement.shape
    rows, columns = arrangement.size
    if whole:
        spans = tuple((0, size, 1) for size in shape)
    else:
        spans = arrangement.spans(sight.chosen() or (0, rows, 0, columns))
    if math.prod(stop - start for start, stop, _ in spans) > MOST:
        view.told.emit("warning", *_too_many())
        return

    def taken(part: Part) -> None:
        if part.array is None:
            view.told.emit("warning", part.message, "")
            return
        array = part.array if whole else shown(part.array, arrangement.order(), min(len(shape), 2))
        array = np.asarray(array)
        _put(array, kind)
        view.told.emit("info", f"Copied {numbers.shape(array.shape)} as {KINDS[kind]}.", "")

    supply.part(spans, "extreme", taken, lane="copy")


def _put(array: Array, kind: str) -> None:
    text = as_numpy(array) if kind == "numpy" else as_rows(array, "," if kind == "csv" else "\t")
    QApplication.clipboard().setText(text)


def _too_many() -> tuple[str, str]:
    return (
        f"This is more than {MOST:,} numbers, too many for the clipboard.",
        "Choose a range in the table, or export the tensor as .npy.",
    )


def export(session: Session, key: TensorKey, title: str, parent: QWidget) -> None:
    """Asks where to, and has the engine write the whole tensor there."""
    folder = settings.text(_PLACE)
    name = "".join(c if c.isalnum() or c in "-_." else "-" for c in title) or "values"
    path, _ = QFileDialog.getSaveFileName(
        parent, "Export as .npy", str(Path(folder) / f"{name}.npy"), "NumPy array (*.npy)"
    )
    if path:
        settings.settings().setValue(_PLACE, str(Path(path).parent))
        export_to(session, key, title, Path(path if path.endswith(".npy") else f"{path}.npy"))


def export_to(session: Session, key: TensorKey, title: str, path: Path) -> None:
    """The same with the path at hand; says so when it is done, or why it is not."""
    supply = FromEngine(session, key, session)

    def done(told: Exported) -> None:
        supply.leave()
        if told.message:
            session.notify("error", told.message, told.hint)
        else:
            session.notify(
                "info", f"Wrote {title} to {path.name}, {numbers.size_of(told.size)}.", str(path.parent)
            )

    session.notify("info", f"Writing {title} to {path.name} …")
    supply.export(path, done)


def copy_all(supply: FromEngine, title: str, kind: str, tell: Callable[[Level, str, str], None]) -> None:
    """Puts a whole tensor on the clipboard, whatever its shape is now; `tell` says so, or why not."""

    def known(whole: Part) -> None:
        if whole.array is None and not whole.shape:
            tell("warning", f"{title}: {whole.message}", "")
            supply.leave()
            return
        if math.prod(whole.shape) > MOST:
            tell("warning", *_too_many())
            supply.leave()
            return
        supply.part(tuple((0, size, 1) for size in whole.shape), "extreme", taken, lane="copy")

    def taken(part: Part) -> None:
        supply.leave()
        if part.array is None:
            tell("warning", f"{title}: {part.message}", "")
        else:
            _put(part.array, kind)
            tell("info", f"Copied {title}, {numbers.shape(part.shape)}, as {KINDS[kind]}.", "")

    supply.part((), "extreme", known, lane="shape")  # no part of it, but its shape
