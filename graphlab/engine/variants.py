"""Values worth trying for a param, so that something else comes out: sizes at hand, other choices, other axes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..errors import GraphlabError
from ..ops import Dim, Op, Param, Size, Spec, make, shape_text


class Clues(NamedTuple):
    """What is known about what might fit.

    sizes: that occur elsewhere at the fault. replacing: those that a size must be among to be exchanged; None for any.
    shapes: whole ones that are wanted. axes: how many there are.
    """

    sizes: Sequence[int] = ()
    replacing: Collection[int] | None = None
    shapes: Sequence[Spec] = ()
    axes: int = 0

    def exchanges(self, size: Any) -> bool:
        """Whether that size is one to be exchanged."""
        return isinstance(size, int) and (self.replacing is None or size in self.replacing)


class Words:
    """What a fault says of itself, as the words that occur in it."""

    def __init__(self, text: str) -> None:
        self._text, self._all = text, frozenset(_words(text))

    def name(self, word: str) -> bool:
        """Whether that word occurs."""
        return word in self._all

    def about(self, param: str) -> list[str]:
        """What is said of a param: the words behind its name in the same clause, as in "Set units to 8"."""
        clauses = re.findall(rf"\b{re.escape(param)}\b([^.,;:]*)", self._text)
        return [word for clause in clauses for word in _words(clause)]


def _words(text: str) -> list[str]:
    return re.findall(r"[\w-]+", text)


class Setting(NamedTuple):
    """A param that could be set otherwise. op: as it would then be. rank: the smaller, the likelier. said: to be tried,
    by the fault's own words.
    """

    param: Param
    value: Any
    op: Op
    rank: float = 0.0
    said: bool = True


def settings(op: Op, clues: Clues, words: Words) -> Iterator[Setting]:
    """The params of an op that could be set otherwise, one at a time."""
    for name, param in op.params_of.items():
        if not param.shown:
            continue
        said = words.about(name)
        more = clues._replace(sizes=[*(int(word) for word in said if word.isdecimal()), *clues.sizes])
        for k, value in enumerate(variants(param, op.params[name], more, words)):
            changed = with_param(op, name, value)
            if changed is None:
                continue
            is_said = text_of(value) in said
            rank = 2.0 + 0.05 * min(k, 10) + (param.kind == "bool")
            rank += 0.75 * (op.source and param.kind == "shape")  # data are as they are
            rank += 0.5 * (value == 1)  # one for all is seldom what was meant
            rank -= 2.5 if is_said else 0.5 * words.name(name)
            yield Setting(param, value, changed, rank, is_said)


def with_param(op: Op, name: str, value: Any) -> Op | None:
    """The op with one param set otherwise; None when it refuses."""
    try:
        return make(type(op).__name__, {**op.params, name: value})
    except GraphlabError:
        return None


def text_of(value: Any) -> str:
    """A value as people name it: "8", "N×1", "true"."""
    if isinstance(value, bool):
        return str(value).lower()
    return shape_text(value) if isinstance(value, tuple) else "nothing" if value is None else str(value)


def variants(param: Param, value: Any, clues: Clues, words: Words) -> list[Any]:
    """Other values of a param that is `value` now, likely ones first. Whether the op takes them is not asked."""
    found = dict.fromkeys(_values(param, value, clues, words))
    return [v for v in found if v != value or type(v) is not type(value)]


def _values(param: Param, value: Any, clues: Clues, words: Words) -> Iterator[Any]:
    if param.kind == "choice":
        yield from (choice for choice in param.choices if choice != param.default)
        yield param.default
    elif param.kind == "bool":
        yield not value
    elif param.kind == "text" and param.suggest is not None:
        yield from (name for name in param.suggest() if words.name(name))
    elif param.kind == "shape":
        yield from _shapes(param, value, clues)
    elif param.kind in ("int", "ints"):
        yield from _numbers(param, value, clues)


def _numbers(param: Param, value: Any, clues: Clues) -> Iterator[Any]:
    if clues.replacing is None:
        yield from param.choices
    if param.low is not None and param.low < 0:  # it counts axes
        yield from range(clues.axes)
    elif isinstance(value, tuple):
        yield from _exchanged(value, clues)
    elif clues.exchanges(value):
        yield from clues.sizes
    if clues.replacing is None:
        yield param.default
        if param.optional:
            yield None


def _shapes(param: Param, value: Any, clues: Clues) -> Iterator[tuple[Any, ...]]:
    for spec in clues.shapes:
        named = tuple(_named(size) for size in spec.shape)
        if None not in named:
            yield named
    yield from _exchanged(value, clues)
    if value[-1:] == (1,):
        yield value[:-1]
    if param.low is not None and param.low < 0:  # it may leave one size open
        for k in range(len(value)):
            yield (*value[:k], -1, *value[k + 1 :])


def _exchanged(value: tuple[Any, ...], clues: Clues) -> Iterator[tuple[Any, ...]]:
    """The value with one size exchanged for another."""
    for k, old in enumerate(value):
        if clues.exchanges(old):
            for size in clues.sizes:
                yield (*value[:k], size, *value[k + 1 :])


def _named(size: Size) -> int | str | None:
    """A size as a shape param writes it; None for one that it cannot, such as 2·N."""
    if not isinstance(size, Dim):
        return size
    return str(size) if str(size).isidentifier() else None


def sizes_of(specs: Iterable[Spec]) -> list[int]:
    """The fixed sizes that occur in some shapes, each once."""
    return list(dict.fromkeys(size for spec in specs for size in spec.shape if isinstance(size, int)))
