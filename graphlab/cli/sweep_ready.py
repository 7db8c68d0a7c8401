"""Ready-made sweeps of `graphlab sweep`: --learning-curve and --capacity, and what they say in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import SettingsError
from ..graph import Document
from ..graph.searching import read_search, target_text
from ..lab.sweeps.ready import CAPACITY, LEARNING_CURVE, SEEDS, capacity, capacity_target, learning_curve
from ..lab.sweeps.whole import with_searches

FIXED = {
    "method": "--method",
    "trials": "--trials",
    "pruning": "--pruning",
    "rung": "--rung",
    "keep": "--keep",
}
FIRST = "first size"  # --capacity without a value


def ready_made(
    document: Document, of_rows: bool, size: str | None, searches: Sequence[str], changes: dict[str, Any]
) -> tuple[Document, str]:
    """The document set for a learning curve, or for growing capacity, and the kind of the sweep.

    size: "hidden.units", "hidden.units=4,16,64", or FIRST. SettingsError, UnknownNodeError, ParamError.
    """
    if of_rows and size is not None:
        raise SettingsError(
            "A sweep is a learning curve or one of capacity.", hint="Begin one after the other."
        )
    name = "--learning-curve" if of_rows else "--capacity"
    given = ["--search"] * bool(searches) + [FIXED[key] for key in changes if key in FIXED]
    if given:
        raise SettingsError(
            f"{name} says what is tried, so {given[0]} cannot.", hint=f"Leave {given[0]} out, or {name}."
        )
    document, seeds = with_searches(document, {}, **changes), int(changes.get("seeds", SEEDS))
    if of_rows:
        return learning_curve(document, seeds=seeds), LEARNING_CURVE
    assert size is not None
    if "=" in size:
        search = read_search(document, size)
        return capacity(document, target_text(document, search), search.space.grid(), seeds), CAPACITY
    target = capacity_target(document) if size == FIRST else size
    return capacity(document, target, seeds=seeds), CAPACITY
