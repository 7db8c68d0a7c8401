"""LaTeX of a formula as a small tree, so that its letters can be put to other things one by one.

`e^{x}` and `\\exp` both hold an x as text; only the first is the letter. So a formula is read before a letter of it is
replaced, and a name with a subscript of its own takes in the one that the letter had.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

_ATOM = re.compile(
    r"\\(?:mathrm|mathbb|mathcal|text|operatorname)\s*\{[^{}]*\}"  # a word, as one letter
    r"|\\(?:begin|end)\s*\{\w+\}"
    r"|\\(?:left|right)\s*(?:\\[A-Za-z]+|\\.|.)"
    r"|\\[A-Za-z]+|\\."
    r"|\d+(?:\.\d+)?"
    r"|\s+|."
)
_ACCENTS = {r"\bar", r"\hat", r"\tilde", r"\overline", r"\vec"}
_COMMAND = re.compile(r"\\[A-Za-z]+$")  # a letter that followed would be read as part of it
_OPERATORS = ("+", r"\cdot", r"\,")


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a formula with its subscript and superscript; `body`: what stands in braces, or under an accent."""

    text: str
    body: Items | None = None
    sub: Items | None = None
    sup: Items | None = None

    @property
    def is_space(self) -> bool:
        return not self.text.strip() and self.body is None


Items = tuple[Item, ...]


class Name(NamedTuple):
    """What a node is called in a formula: a letter or an upright word, and what stands below it."""

    base: str
    sub: str = ""

    def __str__(self) -> str:
        return f"{self.base}_{{{self.sub}}}" if self.sub else self.base

    @property
    def is_letter(self) -> bool:
        return len(self.base) == 1 or bool(re.fullmatch(r"\\[A-Za-z]+", self.base))

    @property
    def barred(self) -> str:
        """With a bar over it: how the goal changes with it."""
        bar = r"\bar" if self.is_letter else r"\overline"
        return f"{bar}{{{self.base}}}" + (f"_{{{self.sub}}}" if self.sub else "")


@lru_cache(maxsize=2048)
def read(latex: str) -> Items:
    """The pieces of a formula, in order. Braces that do not match close where the formula ends."""
    return _Reader(latex).items()


def write(items: Items | None) -> str:
    """The formula as text again."""
    text = ""
    for item in items or ():
        piece = _write(item)
        text += " " + piece if _COMMAND.search(text) and piece[:1].isalpha() else piece
    return text


def _write(item: Item) -> str:
    text = item.text
    if item.body is not None:
        text += f"{{{write(item.body)}}}"
    for sign, script in (("_", item.sub), ("^", item.sup)):
        if script is not None:
            text += f"{sign}{{{write(script)}}}"
    return text


class _Reader:
    def __init__(self, latex: str) -> None:
        self._tokens = [match.group() for match in _ATOM.finditer(latex)]
        self._at = 0

    def items(self, until: str = "") -> Items:
        found: list[Item] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            if token == until:
                self._at += 1
                break
            if token in ("_", "^"):
                self._at += 1
                script = self._argument()
                host = found.pop() if found and not found[-1].is_space else Item("")
                found.append(replace(host, sub=script) if token == "_" else replace(host, sup=script))
            else:
                found.append(self._item())
        return tuple(found)

    def _item(self) -> Item:
        token = self._tokens[self._at]
        self._at += 1
        if token == "{":
            return Item("", self.items("}"))
        if token in _ACCENTS:
            return Item(token, self._argument())
        return Item(token)

    def _argument(self) -> Items:
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at >= len(self._tokens):
            return ()
        item = self._item()
        return item.body if item.text == "" and item.body is not None else (item,)


# Letters, and what is put in their place

Found = Name | str | None  # a name, a number as LaTeX, or nothing: the letter stays
Lookup = Callable[[str], Found]


def letter_of(item: Item) -> str:
    """The letter itself, that of an accented one too: `x` of `x_i` and of `\\bar{x}_i`; "" for anything else."""
    if item.body is None:
        return item.text.strip()
    return letter_of(item.body[0]) if item.text in _ACCENTS and len(item.body) == 1 else ""


def letters_in(items: Items | None) -> Iterable[str]:
    """Every letter, and with its subscript: `W_{o,c}` gives `W` and `W_{o,c}`. Those of subscripts come as well."""
    for item in items or ():
        letter = letter_of(item)
        if letter:
            yield letter
            if item.sub is not None:
                yield f"{letter}_{_short(item.sub)}"
        elif item.body is not None:
            yield from letters_in(item.body)
        yield from letters_in(item.sub)
        yield from letters_in(item.sup)


def substitute(items: Items, lookup: Lookup, below: Lookup | None = None) -> Items:
    """The formula with every letter put to what `lookup` has for it; in subscripts to what `below` has.

    Both are asked for the letter with its subscript first (`x_1`), then for the letter alone; what the letter had below
    it goes below what takes its place.
    """
    return _spaced(tuple(_put(item, lookup, below or lookup) for item in items))


_OPENING = ("(", "[", ",", "=", "<", ">", r"\leq", r"\geq")


def _spaced(items: Items) -> Items:
    """With a space where two factors stood apart by a blank, and one of them is a word now; a dot between numbers.

    A negative number needs no brackets where it comes first.
    """
    found = list(items)
    for at, item in enumerate(found):
        before_it = _next(found, at, -1)
        if item.text.startswith("(-") and (before_it is None or found[before_it].text in _OPENING):
            found[at] = replace(item, text=item.text.strip("()"))
    for at in range(1, len(found) - 1):
        before, after = found[at - 1], found[at + 1]
        is_between = _is_factor(before) and _is_factor(after)
        if found[at].is_space and is_between and (_is_word(before) or _is_word(after)):
            found[at] = Item(r"\,")
        elif found[at].is_space and before.text[-1:].isdigit() and after.text[:1].isdigit():
            found[at] = Item(r" \cdot ")
    for at in range(len(found) - 1, 0, -1):
        if found[at].text[:1].isdigit() and found[at - 1].text[-1:].isdigit():
            found.insert(at, Item(r" \cdot "))
    return tuple(found)


def _is_word(item: Item) -> bool:
    return item.text.startswith(r"\mathrm") or (item.text in _ACCENTS and item.body is not None)


def _is_factor(item: Item) -> bool:
    return _is_word(item) or (len(item.text) == 1 and item.text.isalpha())


def _put(item: Item, lookup: Lookup, below: Lookup) -> Item:
    def deeper(inner: Items | None, found: Lookup = lookup) -> Items | None:
        return None if inner is None else substitute(inner, found, below)

    letter = letter_of(item)
    if letter:
        for asked, rest in _askings(letter, item.sub):
            found = lookup(asked)
            if found is not None:
                return _in_place(item, found, deeper(rest, below), deeper(item.sup))
    body = item.body if letter else deeper(item.body)
    return replace(item, body=body, sub=deeper(item.sub, below), sup=deeper(item.sup))


def _askings(letter: str, sub: Items | None) -> Iterable[tuple[str, Items | None]]:
    """What a letter with a subscript may stand for, and what of the subscript is left then."""
    if sub is not None:
        yield f"{letter}_{_short(sub)}", None
        if len(sub) > 2 and sub[1].text == "," and sub[0].text.isdigit():
            yield f"{letter}_{sub[0].text}", sub[2:]
    yield letter, sub


def _short(sub: Items) -> str:
    return write(sub).replace(" ", "")


def _in_place(item: Item, found: Name | str, sub: Items | None, sup: Items | None) -> Item:
    if isinstance(found, str):
        return Item(found, None, sub, sup)
    below = ",".join(part for part in (found.sub, write(sub).strip()) if part)
    script = (Item(below),) if below else None
    if item.body is None:
        return Item(found.base, None, script, sup)
    accent = r"\overline" if item.text == r"\bar" and not found.is_letter else item.text
    return Item(accent, (Item(found.base),), script, sup)


def without(items: Items, is_absent: Callable[[str], bool]) -> Items:
    """The formula without the summands and factors that are not there, such as the bias of a layer that has none.

    A letter goes with the plus or the dot beside it; one that stands otherwise stays.
    """
    kept = list(items)
    for at in range(len(kept) - 1, -1, -1):
        item = kept[at]
        if item.text and item.body is None and is_absent(letter_of(item)):
            before, after = _next(kept, at, -1), _next(kept, at, 1)
            if before is not None and kept[before].text in _OPERATORS:
                del kept[before : at + 1]
            elif after is not None and kept[after].text in _OPERATORS:
                del kept[at : after + 1]
        elif item.body is not None:
            kept[at] = replace(item, body=without(item.body, is_absent))
    return tuple(kept)


def _next(items: list[Item], at: int, way: int) -> int | None:
    at += way
    while 0 <= at < len(items) and items[at].is_space:
        at += way
    return at if 0 <= at < len(items) else None


def clauses(items: Items) -> list[Items]:
    """The parts of a line such as `y = f,\\quad f = …`, at whose top a comma and a wide space stand."""
    found: list[list[Item]] = [[]]
    at = 0
    while at < len(items):
        following = _next(list(items), at, 1)
        if items[at].text == "," and following is not None and items[following].text == r"\quad":
            found.append([])
            at = following
        else:
            found[-1].append(items[at])
        at += 1
    return [_trimmed(part) for part in found if _trimmed(part)]


def sides(items: Items) -> tuple[Items, Items]:
    """What stands left and right of the first `=`; () on the left where there is none."""
    for at, item in enumerate(items):
        if item.text == "=" and item.body is None:
            return _trimmed(items[:at]), _trimmed(items[at + 1 :])
    return (), items


def fraction(items: Items) -> tuple[Items, Items] | None:
    """Numerator and denominator where that is all there is."""
    bare = [item for item in items if not item.is_space]
    if len(bare) == 3 and bare[0].text == r"\frac" and bare[1].body is not None and bare[2].body is not None:
        return bare[1].body, bare[2].body
    return None


def is_sum(items: Items) -> bool:
    """Whether it needs brackets to be a factor: a plus, a minus or a relation stands on its top."""
    bare = [item for item in items if not item.is_space]
    depth = 0
    for at, item in enumerate(bare):
        if item.text in ("(", "[", r"\{", r"\lfloor", r"\lceil") or item.text.startswith(
            (r"\left", r"\begin")
        ):
            depth += 1
        elif item.text in (")", "]", r"\}", r"\rfloor", r"\rceil") or item.text.startswith(
            (r"\right", r"\end")
        ):
            depth -= 1
        elif not depth and item.text in ("+", "-", ",") and (at or item.text == ","):
            return True
    return False


def _trimmed(items: Iterable[Item]) -> Items:
    kept = list(items)
    while kept and kept[-1].is_space:
        kept.pop()
    while kept and kept[0].is_space:
        kept.pop(0)
    return tuple(kept)


# Names

_ALPHABET = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi"
_GREEK = frozenset(f"{_ALPHABET} psi omega".split())
_SPECIAL = {
    **{sign: f"\\{sign}" for sign in "_%&#$"},
    "{": r"\{",
    "}": r"\}",
    "^": r"\hat{\ }",
    "~": r"\sim ",
    " ": r"\ ",
}
_INDEXED = re.compile(r"([A-Za-z]|" + "|".join(sorted(_GREEK)) + r")(\d+)")


def word(text: str) -> str:
    """A name set upright, whatever signs are in it."""
    return rf"\mathrm{{{''.join(_SPECIAL.get(sign, sign) for sign in text)}}}"


def named(name: str) -> Name:
    """How a name is set: `h` italic, `w1` and `h_prev` with a subscript, `alpha` as α, longer words upright."""
    indexed = _INDEXED.fullmatch(name)
    if indexed:
        return Name(_base(indexed[1]), indexed[2])
    base, _, below = name.partition("_")
    if base and below:
        return Name(_base(base), below if below.isdigit() or len(below) == 1 else word(below))
    return Name(_base(name))


def _base(text: str) -> str:
    if text in _GREEK:
        return f"\\{text}"
    return text if len(text) == 1 and text.isalnum() else word(text)


def number(value: float) -> str:
    """A number as LaTeX; a negative one in brackets, so that it can stand where a letter stood."""
    if value == int(value) and abs(value) < 1e6:
        text = str(int(value))
    else:
        text = f"{value:.4g}"
        mantissa, e, exponent = text.partition("e")
        if e:
            power = f"10^{{{int(exponent)}}}"
            text = power if mantissa == "1" else rf"{mantissa} \cdot {power}"
    return f"({text})" if text.startswith("-") else text
