"""Sweeps that are ready made: learning curves (more rows), and bias against variance (more capacity)."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from ...engine.inference import Inference, infer
from ...errors import GraphlabError, SettingsError
from ...graph import Document
from ...graph.searching import apply, search_of
from ...graph.sweep import COPIES, ROWS, Search, Space, Sweep
from ...graph.targets import Target, end_of, target_of, targets
from .records import CAPACITY, LEARNING_CURVE

SHARES = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
SEEDS = 3
FACTORS = (-3, -2, -1, 0, 1, 2, 3)  # powers of two around the value that stands there
USUAL = ("units", "out_channels", "hidden_size", "width", COPIES)  # what capacity goes by


def learning_curve(document: Document, shares: Sequence[float] = SHARES, seeds: int = SEEDS) -> Document:
    """The same document, set to be trained on growing shares of its training rows, with several seeds each.

    SettingsError: a share is not above 0 and up to 1, or there are fewer than two.
    """
    if len(shares) < 2:
        raise SettingsError(
            "A learning curve takes two shares of the rows or more.", hint="Write such as 0.1,0.3,1."
        )
    search = search_of(document, ROWS, Space("list", tuple(float(share) for share in sorted(shares))))
    return _with(document, search, seeds)


def capacity(
    document: Document, target: str, values: Sequence[Any] | None = None, seeds: int = SEEDS
) -> Document:
    """The same document, set to be trained with growing values of one hyperparameter, with several seeds each.

    target: such as "hidden.units". values: powers of two times the one that stands there, if not given.

    Raises:
        UnknownNodeError, ParamError, SettingsError: there is no such target, or it takes no such values.
    """
    found = target_of(document, *end_of(document, target))
    chosen = tuple(values) if values is not None else around(document, found)
    if len(chosen) < 2:
        raise SettingsError(
            f"{found.text} has one value to try, so nothing is to be seen of capacity.",
            hint=f"Name some: {found.text}=4,16,64.",
        )
    return _with(document, search_of(document, found.text, Space("list", chosen)), seeds)


def around(document: Document, target: Target) -> tuple[Any, ...]:
    """Powers of two times the value that stands there, as far as they make a network. SettingsError: it is no size."""
    if not target.is_number or not isinstance(target.value, (int, float)) or not target.value > 0:
        raise SettingsError(
            f"{target.text} is no size.", hint="Name something like hidden.units, or its values."
        )
    cast = round if target.is_whole else float
    wanted = dict.fromkeys(cast(target.value * 2.0**k) for k in FACTORS)
    before = infer(document)
    return tuple(value for value in wanted if value and _fits(document, before, target, value))


def capacity_target(document: Document, nodes: Collection[str] = ()) -> str:
    """What capacity goes by where nobody says: the first size of a layer that changes no prediction's shape.

    nodes: as in `Search`; those whose sizes are looked at first. SettingsError: the document has no such size.
    """
    before = infer(document)
    sizes = [
        target for target in targets(document) if target.node and target.is_whole and target.name in USUAL
    ]
    for target in sorted(sizes, key=lambda target: (target.name == COPIES, target.node not in nodes)):
        if isinstance(target.value, int) and _fits(document, before, target, 2 * target.value):
            return target.text
    raise SettingsError("Nothing here has a size that could grow.", hint="Say which: such as hidden.units.")


def _fits(document: Document, before: Inference, target: Target, value: Any) -> bool:
    """Whether it makes a network that predicts the same kind of thing."""
    try:
        found = infer(apply(document, {target.text: value}), previous=before)
    except GraphlabError:
        return False
    return len(found.problems) <= len(before.problems) and _predicted(found) == _predicted(before)


def _predicted(found: Inference) -> list[Any]:
    """What the losses are about: the shapes of what they take."""
    losses = [node for node in found.nodes.values() if node.op is not None and node.op.category == "Loss"]
    ends = [end for node in losses for end in node.inputs.values()]
    return [spec.shape for end in ends if (spec := found.specs.get(end)) is not None]


def _with(document: Document, search: Search, seeds: int) -> Document:
    before = document.sweep
    sweep = Sweep(
        (search,), "grid", 0, before.seconds, seeds, before.folds, metric=before.metric, seed=before.seed
    )
    return dataclasses.replace(document, sweep=sweep)


__all__ = [
    "CAPACITY",
    "LEARNING_CURVE",
    "SEEDS",
    "SHARES",
    "around",
    "capacity",
    "capacity_target",
    "learning_curve",
]
