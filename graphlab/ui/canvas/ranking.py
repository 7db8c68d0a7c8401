"""Which operations a search finds, best first: by the words, by what usually follows, by how often they are used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from ...ops import Op
from .habits import End, habits

used: Counter[str] = Counter()  # how often each op was added in this session of the program
OWN = 3  # what a person did counts so much more than what the examples do


def ranked(ops: Iterable[type[Op]], text: str, end: End | None = None, kin: str = "") -> list[type[Op]]:
    """The ops that match `text`, best first; all of them when it is empty.

    `end`: where a wire comes from. `kin`: a category whose ops come before others that match as well.
    """
    words, known = text.lower().split(), habits()

    def key(op: type[Op], score: int, place: int) -> tuple[int, int, bool, int, int]:
        name = op.__name__
        joins = known.joins(end, name) if end else 0
        if end and op.role in _PORTS:  # the wire may be meant to leave the group, or to come from outside
            joins = _LIKELY
        return score, -joins, op.category != kin, -(OWN * used[name] + known.ops[name]), place

    scored = [
        (key(op, score, place), op) for place, op in enumerate(ops) if (score := _score(op, words)) < _NEVER
    ]
    return [op for _, op in sorted(scored, key=lambda row: row[0])]


_NEVER = 1000
_PORTS, _LIKELY = ("port in", "port out"), 1


def _score(op: type[Op], words: list[str]) -> int:
    return max((_word(op, word) for word in words), default=0)


def _word(op: type[Op], word: str) -> int:
    """0 for the very name, more the looser the match."""
    name = op.__name__.lower()
    if name == word:
        return 0
    if name.startswith(word):
        return 1
    if any(other.lower().startswith(word) for other in op.other_names()):
        return 2
    if word in name:
        return 3
    if op.category.lower().startswith(word):
        return 4
    if _in_order(word, name):
        return 5
    return 6 if len(word) > 2 and word in op.help().lower() else _NEVER


def _in_order(letters: str, name: str) -> bool:
    """Whether the letters occur in the name in this order: "bcel" finds BCEWithLogitsLoss."""
    rest = iter(name)
    return all(letter in rest for letter in letters)
