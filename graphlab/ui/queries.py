"""What a person types to find something: words, and tokens such as op:Conv2d, shape:N×64, fault, params>1000."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .finding import Catalogue, Entry, Kind

Sizes = tuple[str, ...]
Test = Callable[["Catalogue", "Entry"], "int | None"]  # how far from the best it fits; None: it does not


class Term(NamedTuple):
    """One word of a query. `word` is set when it is a plain one."""

    test: Test
    word: str = ""


class Query(NamedTuple):
    """What is looked for: all terms must fit. `mistake`: what of it makes no sense, and what would."""

    terms: tuple[Term, ...] = ()
    mistake: str = ""
    asks_for_faults: bool = False

    def rank(self, catalogue: Catalogue, entry: Entry) -> int | None:
        """How far from the best an entry fits, 0 for none better; None when it does not."""
        total = 0
        for term in self.terms:
            rank = term.test(catalogue, entry)
            if rank is None:
                return None
            total += rank
        return total


_WORD = re.compile(r"""-?\w+:"[^"]*"?|-?"[^"]*"?|\S+""")
_SIZE = re.compile(r"[×✕*,]|(?<=[0-9A-Z?_])x(?=[0-9A-Z?_])")  # x between sizes; a name may have one in it
_SHAPE = re.compile(r"\d+|[\w?]+([×✕*][\w?]+)+|[0-9A-Z?]+(x[0-9A-Z?]+)+")
_PARAMS = re.compile(r"param(?:eter)?s?(>=|<=|≥|≤|>|<|=|:)(.*)", re.IGNORECASE)
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9}
_ANY = {"?", "_", ""}
FLAGS: dict[str, Callable[[Catalogue, Entry], bool]] = {
    "fault": lambda catalogue, e: catalogue.faulty(e) is not None,
    "muted": lambda catalogue, e: e.muted,
    "frozen": lambda catalogue, e: e.frozen,
    "breakpoint": lambda catalogue, e: e.key in catalogue.stops,
    "group": lambda catalogue, e: bool(e.inner),
    "note": lambda catalogue, e: e.kind == "note",
    "frame": lambda catalogue, e: e.kind == "frame",
}
TOKENS = ("op:", "shape:", "fault", "frozen", "muted", "params>", "note:")


def parse(text: str) -> Query:
    """What a person typed. It is never refused: what makes no sense is left out, and told of in `mistake`."""
    terms: list[Term] = []
    mistake, faults = "", False
    for word in _WORD.findall(text):
        negated = word.startswith("-") and len(word) > 1
        plain = word[1:] if negated else word
        try:
            term = _term(plain)
        except ValueError as error:
            mistake = str(error)
            continue
        if term is not None:
            faults |= plain.lower().removeprefix("is:") == "fault" and not negated
            terms.append(_not(term) if negated else term)
    return Query(tuple(terms), mistake, faults)


def _term(word: str) -> Term | None:
    """None for a token that is not finished, such as "op:"."""
    if found := _PARAMS.fullmatch(word):
        return _params(found[1], found[2])
    head, colon, tail = word.partition(":")
    head, tail = head.lower(), tail.strip('"')
    if colon and head in _TOKENS:
        return _TOKENS[head](tail) if tail else None
    if colon and head == "is":
        if tail and tail not in FLAGS:
            raise ValueError(f"There is no is:{tail}; there are {', '.join(FLAGS)}.")
        return Term(_flag(tail)) if tail else None
    text = word.strip('"')
    return _plain(text) if text else None


def _not(term: Term) -> Term:
    def test(catalogue: Catalogue, entry: Entry) -> int | None:
        return 0 if term.test(catalogue, entry) is None else None

    return Term(test)


def _flag(name: str) -> Test:
    return lambda catalogue, entry: 0 if FLAGS[name](catalogue, entry) else None


def _plain(word: str) -> Term:
    """A word is looked for in everything; first come names that are it, then those that begin with it."""
    low = word.lower()
    flag = FLAGS.get(low)
    shape = _sizes(word) if _SHAPE.fullmatch(word) else None

    def test(catalogue: Catalogue, entry: Entry) -> int | None:
        if low in entry.text:
            name = entry.name.lower()
            return 0 if name == low else 1 if name.startswith(low) else 2 if low in name else 3
        if (flag is not None and flag(catalogue, entry)) or (
            shape is not None and _has_shape(catalogue, entry, shape)
        ):
            return 4
        return None

    return Term(test, word)


def _op(word: str) -> Term:
    low = word.lower()

    def test(catalogue: Catalogue, entry: Entry) -> int | None:
        op = entry.op.lower()
        if low in op:
            return 0 if op == low else 1
        return 2 if entry.kind == "node" and low == entry.category.lower() else None

    return Term(test)


def _name(word: str) -> Term:
    low = word.lower()
    return Term(lambda catalogue, e: 0 if e.kind == "node" and low in e.name.lower() else None)


def _written(kind: Kind) -> Callable[[str], Term]:
    def made(word: str) -> Term:
        low = word.lower()
        return Term(lambda catalogue, e: 0 if e.kind == kind and low in e.text[len(kind) + 1 :] else None)

    return made


def _shape(word: str) -> Term:
    sizes = _sizes(word)
    return Term(lambda catalogue, e: 0 if _has_shape(catalogue, e, sizes) else None)


_TOKENS: dict[str, Callable[[str], Term]] = {
    "op": _op,
    "name": _name,
    "shape": _shape,
    "note": _written("note"),
    "frame": _written("frame"),
}


def _sizes(word: str) -> Sizes:
    """ "N×64", "Nx64", "(N, 64)" and "N * 64" are the same; () is a scalar."""
    bare = word.strip().strip("()[]").replace(" ", "")
    if not bare or bare.lower() == "scalar":
        return ()
    return tuple(size.lower() for size in _SIZE.split(bare))


def _has_shape(catalogue: Catalogue, entry: Entry, wanted: Sizes) -> bool:
    """Whether a shape of its outputs has these sizes one after another; "?" is any size, none at all is a scalar."""
    if entry.kind != "node":
        return False
    return any(_fits(shape, wanted) for shape in catalogue.shapes.get(entry.key, ()))


def _fits(shape: Sizes, wanted: Sizes) -> bool:
    if not wanted:
        return not shape
    starts = range(len(shape) - len(wanted) + 1)
    return any(
        all(want in _ANY or want == size.lower() for want, size in zip(wanted, shape[k:], strict=False))
        for k in starts
    )


def _params(sign: str, value: str) -> Term | None:
    if not value:
        return None
    unit = value[-1].lower() if value[-1].isalpha() else ""
    try:
        number = float(value[: len(value) - len(unit)].replace(",", "")) * _UNITS[unit]
    except (ValueError, KeyError):
        number = math.nan
    if math.isnan(number):
        raise ValueError(f"params takes a number, such as params>1000 or params>2k, not “{value}”.")
    compare: dict[str, Callable[[int], bool]] = {
        ">": lambda n: n > number,
        "<": lambda n: n < number,
        "=": lambda n: n == number,
        ":": lambda n: n == number,
        ">=": lambda n: n >= number,
        "≥": lambda n: n >= number,
        "<=": lambda n: n <= number,
        "≤": lambda n: n <= number,
    }
    return Term(
        lambda catalogue, e: 0 if e.kind == "node" and compare[sign](catalogue.parameters(e)) else None
    )
