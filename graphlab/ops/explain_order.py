"""How what puts elements in order, or picks by order, explains its numbers: by who came before and after."""

from __future__ import annotations

import numpy as np

from .explaining import Call
from .explanation import Array, Elements, Term, made, number
from .explanation_text import figure

_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


def ranked(found: Elements, order: Array, rank: int, word: str, keep: int, is_place: bool = False) -> Term:
    """The element that is number `rank` (from 0) of those in `order`, and all of them as they come.

    `word`: "smallest" or "largest". With `is_place` what is told is where it stands, not what it is.
    """
    chosen = found.term(int(order[rank]))
    others = [found.term(int(k)) for k in _around(order, rank, keep)]
    which = word if rank == 0 else f"{ordinal(rank + 1)} {word}"
    name = f"the {which} of {len(order)}"
    first = number(float(order[rank]), "place") if is_place else chosen
    symbols = f"where {chosen.label} stands: {name}" if is_place else f"{chosen.label}, {name}"
    sign = " ≤ " if word == "smallest" else " ≥ "
    return made(
        "same",
        [first, *([chosen] if is_place else []), *others],
        symbols=symbols,
        numbers=_line(found, order, rank, sign),
    )


def winner(found: Elements, at: int, word: str, keep: int, value: Term, symbols: str) -> Term:
    """A number that hangs on which element wins: it, the winner at `at`, and the others, the nearest first."""
    sizes = -found.values if word == "largest" else found.values
    order = np.argsort(sizes, kind="stable")
    others = [found.term(int(k)) for k in order if k != at][: max(0, keep - 1)]
    sign = " ≥ " if word == "largest" else " ≤ "
    first = np.concatenate([[at], order[order != at]]).astype(np.intp)
    return made(
        "same", [value, found.term(at), *others], symbols=symbols, numbers=_line(found, first, 0, sign)
    )


def one_or_nothing(found: Elements, own: int, at: int, keep: int) -> Term:
    """1 for the largest of some elements, 0 for any other."""
    best = found.term(at)
    if own == at:
        return winner(found, at, "largest", keep, number(1.0, "1"), f"1, because {best.label} is the largest")
    mine = found.term(own).label
    value = number(0.0, "0")
    return winner(found, at, "largest", keep, value, f"0, because {best.label} comes before {mine}")


def whether(call: Call, name: str, at: tuple[int, ...], place: int) -> Term:
    """1 where an index of an input is that place, else 0."""
    index = call.at(name, *at)
    is_it = int(index.value) == place
    symbols = f"{int(is_it)}, because {index.label} {'=' if is_it else '≠'} {place}"
    return made(
        "same", [number(float(is_it), str(int(is_it))), index], symbols=symbols, numbers=figure(float(is_it))
    )


def ordinal(rank: int) -> str:
    """1 as "1st", 12 as "12th"."""
    return f"{rank}{'th' if rank % 100 in (11, 12, 13) else _SUFFIXES.get(rank % 10, 'th')}"


def _around(order: Array, rank: int, keep: int) -> Array:
    """The others in order: all of them, or so many on either side of the one asked about."""
    first = max(0, min(rank - keep // 2, len(order) - keep))
    near = np.arange(first, min(len(order), first + keep))
    others: Array = order[near[near != rank]]
    return others


def _line(found: Elements, order: Array, rank: int, sign: str) -> str:
    """The element between its neighbours: "… ≤ 0.2 ≤ [0.5] ≤ 0.7 ≤ …"."""
    first, last = max(0, rank - 2), min(len(order), rank + 3)
    words = [figure(float(found.values[order[k]])) for k in range(first, last)]
    words[rank - first] = f"[{words[rank - first]}]"
    return sign.join([*(["…"] if first else []), *words, *(["…"] if last < len(order) else [])])
