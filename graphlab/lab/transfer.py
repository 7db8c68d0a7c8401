"""Which weights of a file, or of another graph, go where: by name and shape, by shape alone, or why not at all."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from ..errors import FeedError
from ..ops import shape_text
from .cell_names import by_cell
from .spelling import by_spelling

Sizes = tuple[int, ...]
How = Literal["name", "shape", "hand", "misfit", "broken", "missing", "left"]

COUNTER = ".num_batches_tracked"
_AXES = ("outputs", "inputs")  # of a weight, as PyTorch lays it out


@dataclass(frozen=True)
class Row:
    """One parameter here and what there is for it.

    source: the name of the array there, "" for none. how: found by "name" or by "shape", chosen by "hand"; or it cannot
    be taken: a "misfit", "broken" (numbers that are not finite), "missing", or "left" as it is by choice.
    words: the same for people. is_chosen: whether it is to be taken.
    """

    target: str
    shape: Sizes
    source: str
    how: How
    words: str
    is_chosen: bool = False

    @property
    def fits(self) -> bool:
        return self.how in ("name", "shape", "hand")

    @property
    def is_counter(self) -> bool:
        """Whether it is a count of batches that is not there: older files have none, and it changes no prediction."""
        return self.how == "left" and self.target.endswith(COUNTER)


@dataclass(frozen=True)
class Transfer:
    """The rows, in the order of the graph; `strays`: what is there and has no place here."""

    rows: tuple[Row, ...]
    strays: tuple[str, ...]

    @property
    def chosen(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_chosen)

    @property
    def is_whole(self) -> bool:
        """Whether every parameter here gets its own by name, and nothing is left over."""
        return bool(self.rows) and all(r.how == "name" or r.is_counter for r in self.rows) and not self.strays

    def choose(self, targets: Iterable[str]) -> Transfer:
        """The same with exactly these chosen, as far as they fit."""
        wanted = set(targets)
        rows = tuple(dataclasses.replace(r, is_chosen=r.fits and r.target in wanted) for r in self.rows)
        return dataclasses.replace(self, rows=rows)

    def taken(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The arrays to be taken, under the names that they get here."""
        return {row.target: given[row.source] for row in self.chosen}


def match(
    given: Mapping[str, Any],
    own: Mapping[str, Sizes],
    by_hand: Mapping[str, str] | None = None,
    broken: Mapping[str, int] | None = None,
) -> Transfer:
    """What of `given` (arrays by name) goes into `own` (shapes by name).

    Names count first, also without what all of one side begin with ("model."), in another spelling (block1/conv.weight
    and block1.conv.weight), and those that recurrent layers have elsewhere. Where these do not fit, what is left over
    is offered if whole layers have the same shapes, in order; it is not chosen by itself.

    Args:
        by_hand: {name here: name there, "" for none}, before all else.
        broken: how many numbers of an array are not finite.
    """
    shapes = {name: tuple(np.shape(array)) for name, array in given.items()}
    bad, hand = broken or {}, by_hand or {}
    named = _by_name(own, [name for name in shapes if name not in hand.values()], hand)
    named |= _of_cells(own, shapes, {*named, *hand}, {*named.values(), *hand.values()})
    free = [name for name in shapes if name not in named.values() and name not in hand.values()]
    wanted = [name for name in own if name not in hand and shapes.get(named.get(name, "")) != own[name]]
    alike = _by_shape(own, shapes, wanted, free)
    rows = []
    for target, shape in own.items():
        source, how = _found_for(target, hand, alike, named)
        rows.append(_row(target, shape, source, shapes.get(source), how, bad.get(source, 0)))
    used = {row.source for row in rows}
    return Transfer(tuple(rows), tuple(name for name in shapes if name not in used))


def _found_for(
    target: str, hand: Mapping[str, str], alike: Mapping[str, str], named: Mapping[str, str]
) -> tuple[str, How]:
    """What there is for it: by hand, of the same name and shape, of the same shape, or else of the same name."""
    if target in hand:
        return hand[target], "hand"
    if target in alike:
        return alike[target], "shape"
    return named.get(target, ""), "name"


def require_fit(name: str, shape: Sizes, array: Any) -> None:
    """FeedError when an array has another shape, or numbers that are not finite."""
    given = tuple(np.shape(array))
    if given != shape:
        raise FeedError(f"{name} does not fit: {why_not(shape, given, name)}.", node=name.rpartition(".")[0])
    count = int(np.size(array) - np.isfinite(array).sum())
    if count:
        raise FeedError(f"{name}: {_broken(count, int(np.size(array)))}.", node=name.rpartition(".")[0])


def why_not(here: Sizes, there: Sizes, name: str = "") -> str:
    """What keeps an array of one shape from going where another is wanted."""
    text = f"{shape_text(there)} there, {shape_text(here)} here"
    if len(here) != len(there):
        return f"{text}: {_axes(len(there))} against {_axes(len(here))}"
    if len(here) == 2 and here == there[::-1]:
        return f"{text}: it lies on its side there"
    is_weight = name.rpartition(".")[2] == "weight" and len(here) > 1
    differ = [k for k, (a, b) in enumerate(zip(here, there, strict=True)) if a != b]
    words = [
        f"{there[k]:,} instead of {here[k]:,} {_AXES[k] if is_weight and k < len(_AXES) else f'along axis {k}'}"
        for k in differ
    ]
    return f"{text}: {', '.join(words)}" if len(here) > 1 else text


def _row(target: str, shape: Sizes, source: str, there: Sizes | None, how: How, bad: int) -> Row:
    if there is None:
        if how == "hand" or target.endswith(COUNTER):
            return Row(target, shape, "", "left", "left as it is")
        return Row(target, shape, "", "missing", "nothing there is like it")
    if there != shape:
        return Row(target, shape, source, "misfit", why_not(shape, there, target))
    if bad:
        return Row(target, shape, source, "broken", _broken(bad, int(np.prod(shape, dtype=np.int64))))
    words = {"name": "same name and shape", "shape": "same shape, another name", "hand": "as you chose"}[how]
    return Row(target, shape, source, how, words, is_chosen=how != "shape")


def _broken(count: int, size: int) -> str:
    return f"{count:,} of {size:,} numbers {'is' if count == 1 else 'are'} NaN or infinite"


def _axes(count: int) -> str:
    return f"{count} {'axis' if count == 1 else 'axes'}"


def _by_name(own: Mapping[str, Sizes], there: list[str], hand: Mapping[str, str]) -> dict[str, str]:
    """{name here: name there} of those that are called alike, or spelt otherwise only."""
    found = _called_alike(own, there, hand)
    used = set(found.values())
    wanted = [name for name in own if name not in hand and name not in found]
    return found | by_spelling(wanted, [name for name in there if name not in used])


def _called_alike(own: Mapping[str, Sizes], there: list[str], hand: Mapping[str, str]) -> dict[str, str]:
    wanted = [name for name in own if name not in hand]
    for ours, theirs in ((0, 0), (0, _common(there)), (_common(list(own)), 0)):
        known = {name[theirs:]: name for name in there}
        found = {name: known[name[ours:]] for name in wanted if name[ours:] in known}
        if found:
            return found
    return {}


def _of_cells(
    own: Mapping[str, Sizes], there: Mapping[str, Sizes], settled: Collection[str], used: Collection[str]
) -> dict[str, str]:
    """{name here: name there} of cells of recurrent layers, which are called otherwise elsewhere."""
    return by_cell(
        {name: shape for name, shape in own.items() if name not in settled},
        {name: shape for name, shape in there.items() if name not in used},
    )


def _common(names: list[str]) -> int:
    """How long the beginning is that all names have, as whole steps of a path: 6 of "model.conv1.weight", …"""
    shared = 0
    while len(names) > 0:
        steps = {
            name[: min(ends) + 1]
            for name in names
            if (ends := [k for sign in "./" if (k := name.find(sign, shared)) >= 0])
        }
        (step,) = steps if len(steps) == 1 else ("",)
        if not step or not all(name.startswith(step) and "." in name[len(step) :] for name in names):
            break
        shared = len(step)
    return shared


def _by_shape(
    own: Mapping[str, Sizes], there: Mapping[str, Sizes], wanted: list[str], free: list[str]
) -> dict[str, str]:
    """{name here: name there} of layers whose parameters all have the same shapes, in the order in which they stand."""
    layers = _layers(sorted(free, key=_in_order))
    found: dict[str, str] = {}
    for names in _layers(wanted).values():
        shapes = _told(names, own)
        for layer, others in layers.items():
            if _told(others, there) == shapes:
                found |= {names[socket]: others[socket] for socket in names}
                del layers[layer]
                break
    return found


def _layers(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """{layer: {socket: full name}} of names such as "hidden.weight"."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        layer, _, socket = name.rpartition(".")
        found.setdefault(layer, {})[socket] = name
    return found


def _in_order(name: str) -> list[tuple[int, str]]:
    """Numbers in a name count as numbers: layer2 before layer10."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


def _told(names: Mapping[str, str], shapes: Mapping[str, Sizes]) -> dict[str, Sizes]:
    return {socket: shapes[name] for socket, name in names.items()}
