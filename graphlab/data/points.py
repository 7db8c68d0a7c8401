"""Points of one's own in the plane, each of a class: as the rows of a Table. Painting is for the window."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import store
from .looking import require_same_shape

FILE = "painted points"
COLUMNS = ("x₁", "x₂", "class")
CLASSES = ("blue", "orange")
MORE_CLASSES = ("green", "violet", "yellow", "red", "teal", "grey")
MOST_POINTS = 100_000


def params_of(
    points: Any,
    labels: Any,
    classes: tuple[str, ...] = CLASSES,
    columns: tuple[str, ...] = COLUMNS,
    form: str = "auto",
    file: str = FILE,
) -> dict[str, Any]:
    """The params of a Table that holds these points (rows, 2) with the index of the class of each. DataError.

    There may be none: such a table says that it has no rows yet.
    """
    require_same_shape(points, labels)
    cells = np.concatenate(
        [np.asarray(points, np.float32), np.asarray(labels, np.float32)[:, None]], axis=1
    ).reshape(-1, 3)
    return {
        "file": file,
        "content": store.keep(cells),
        "rows": len(cells),
        "unnamed": 0,
        "columns": columns,
        "whole": (),
        "categories": ((columns[2], tuple(classes)),),
        "gaps": (),
        "features": (),
        "target": columns[2],
        "form": form,
        "shape": (),
        "dtype": "float",
    }


def are_in(op: Any) -> bool:
    """Whether a source holds points that can be painted: rows of two numbers, and a class."""
    if op.brings != "content" or op.unnamed or op.dtype != "float" or op.shape or op.gaps or not op.target:
        return False
    used = [name for name in op.columns if name != op.target]
    return (
        len(used) == 2
        and op.columns[2:] == (op.target,)
        and not op.features
        and op.is_words(op.target)
        and not any(op.is_words(name) for name in used)
        and not op.standardise
    )


def next_class(classes: tuple[str, ...]) -> str:
    """What one more class is called; "" when there are enough."""
    return next((name for name in (*CLASSES, *MORE_CLASSES) if name not in classes), "")
