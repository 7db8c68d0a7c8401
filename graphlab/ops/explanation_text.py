"""An explanation as it is told: written in symbols and in numbers, and line by line."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from .explanation import FUNCTIONS, Origin, Term
from .places import bracketed

SHOWN = 4  # terms of a sum that its formula writes out; beyond, it says how many there are


@dataclass(frozen=True, slots=True)
class Explanation:
    """How one element of a value or gradient came about.

    title: which element, "hidden.y[0, 3]"; `origin` the same for a program.
    formula, latex: what the operation computes, in general. symbols, numbers: this element, with the names of the
    elements that it was made of, and with their numbers.
    shown: the number in the array; `term` comes to the same, but for rounding.
    note: what else there is to say, such as that weights have changed since.
    """

    title: str
    origin: Origin
    shape: tuple[int, ...]
    formula: str
    latex: str
    symbols: str
    numbers: str
    shown: float
    term: Term
    note: str = ""
    names: dict[str, str] = field(default_factory=dict)  # of the nodes that origins name, by key

    def lines(self, most: int = 20) -> Iterator[str]:
        """The explanation in lines of text, with so many rows of terms at most."""
        yield f"{self.title} = {figure(self.shown)}"
        if self.formula:
            yield f"  {self.formula}"
        if self.term.parts:
            yield f"  = {self.symbols}"
            yield f"  = {self.numbers}"
        if self.note:
            yield f"  {self.note}"
        shown = list(rows(self.term))
        width = max((len(row.symbols) + 2 * row.depth for row in shown[:most]), default=0)
        for row in shown[:most]:
            text = "  " * row.depth + row.symbols
            value = figure(row.term.value) if row.is_number else ""
            where = ", ".join(self.place_of(origin) for origin in row.links)
            yield f"  {value:>13}  {text:<{width}}  {where}".rstrip()
        if len(shown) > most:
            yield f"  {'':>13}  … and {len(shown) - most} more rows"

    def place_of(self, origin: Origin) -> str:
        """Which element of which node an origin is: "hidden.weight[3, 1]"."""
        sign = "" if origin.kind == "value" else "∂"
        node = self.names.get(origin.node, origin.node)
        return f"{sign}{node}.{origin.name}{bracketed(origin.index)}"

    def __str__(self) -> str:
        return "\n".join(self.lines())


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an explanation: a term, how deep it stands, and the elements that it names itself.

    names: what its symbols call those elements, in the same order.
    """

    term: Term
    depth: int
    symbols: str
    numbers: str
    links: tuple[Origin, ...]
    names: tuple[str, ...]
    has_more: bool

    @property
    def is_number(self) -> bool:
        """Whether the term has a number of its own. (What an operation does not tell apart has none.)"""
        return self.term.how != "rest" or self.term.value != 0


def rows(term: Term) -> Iterator[Row]:
    """What a term is made of, the largest first, and under each what that is made of in turn."""
    if not term.parts and term.origin is not None:
        text = "the same number as " + term.label
        yield Row(term, 0, text, figure(term.value), (term.origin,), (term.label,), False)
    yield from _rows(term, 0)


def _rows(term: Term, depth: int) -> Iterator[Row]:
    for part in _made_of(term):
        inner = list(_rows(part, depth + 1)) if part.label else _rows_of_named(part, depth + 1)
        named = [part] if part.origin else [leaf for leaf in _own_leaves(part) if leaf.origin]
        if inner and part.label and not part.origin:
            named = []  # the lines below tell them
        yield _row(part, depth, named, bool(inner))
        yield from inner


def _row(term: Term, depth: int, named: Sequence[Term] = (), has_more: bool = False) -> Row:
    links = tuple(leaf.origin for leaf in named if leaf.origin)
    names = tuple(leaf.label for leaf in named)
    return Row(term, depth, _symbol_of_row(term), in_numbers(term), links, names, has_more)


def _rows_of_named(term: Term, depth: int) -> list[Row]:
    """What stands under a row of several factors: those that have a name of their own, or say nothing else."""
    found: list[Row] = []
    for part in _gathered(term) if term.parts else ():
        if part.parts and part is not term:
            inner = list(_rows(part, depth + 1))
            found += [_row(part, depth, has_more=bool(inner)), *inner]
    return found


def _made_of(term: Term) -> list[Term]:
    """The terms of a sum, the rivals of a winner; of any other formula the numbers that stand in it."""
    if term.how in ("sum", "largest", "smallest", "op"):
        return ordered(term)
    return [piece for part in term.parts for piece in _gathered(part)]


def _gathered(term: Term) -> list[Term]:
    """The numbers and named terms in a formula; a sum of many in it is told term by term."""
    if not term.parts or term.label or term.how in ("op", "largest", "smallest"):
        return [term]
    if term.how == "call" and not term.parts[0].parts:
        return [term]
    if term.how == "sum" and len(term.parts) > 2:
        return ordered(term)
    return [piece for part in term.parts for piece in _gathered(part)]


def ordered(term: Term) -> list[Term]:
    """The parts, those of a sum by their size, those on which an operation depends by what they change."""
    if term.how == "op":
        return sorted(term.parts, key=lambda p: (p.how == "rest", -abs(p.value * (p.slope or 1.0))))
    if term.how != "sum":
        return list(term.parts)
    return sorted(term.parts, key=lambda part: (part.how == "rest", -abs(part.value)))


def _own_leaves(term: Term) -> Iterator[Term]:
    """The elements that a row names itself, not those of named terms in it."""
    if not term.parts:
        yield term
    for part in term.parts:
        if not (part.label and part.parts):
            yield from _own_leaves(part)


def _symbol_of_row(term: Term) -> str:
    text = in_symbols(term)
    return f"{term.label} = {text}" if term.label and term.parts and term.label != text else text


# Writing


_writer: Callable[[float], str] | None = None


def write_figures_by(writer: Callable[[float], str] | None) -> None:
    """From now on this writes the numbers of explanations, as the window's precision wants them; None: as at first."""
    global _writer
    _writer = writer


def figure(value: float) -> str:
    """Six significant digits, with a true minus sign; or as the window wants it."""
    if _writer is not None:
        return _writer(value)
    if math.isinf(value):
        return "−∞" if value < 0 else "∞"
    return f"{value + 0.0:.6g}".replace("-", "−")


def in_symbols(term: Term) -> str:
    """The term with the names of the elements that it is made of."""
    return term.symbols or _written(term, _symbol)


def in_numbers(term: Term) -> str:
    """The term with their numbers."""
    return term.numbers or _written(term, _number)


Write = Callable[[Term], str]

_LOOSE = {"sum": 1, "minus": 2, "product": 2, "quotient": 2, "power": 3}


def _symbol(term: Term) -> str:
    if term.how in ("element", "number"):
        return term.label or figure(term.value)
    return in_symbols(term)


def _number(term: Term) -> str:
    is_leaf = term.how in ("element", "number", "rest") or bool(term.label)
    return figure(term.value) if is_leaf else in_numbers(term)


def _inside(term: Term, write: Write) -> str:
    """A part as another formula writes it: what has a name is called by it."""
    if term.label and term.parts and write is _symbol:
        return term.label
    return write(term)


def _tight(term: Term, write: Write, than: int) -> str:
    """A part, in brackets where it would otherwise be read wrong."""
    text = _inside(term, write)
    loose = _LOOSE.get(_looks(term).how, 9) <= than and not term.label
    return f"({text})" if loose or (text.startswith("−") and than > 1) else text


def _looks(term: Term) -> Term:
    """A sum of one term looks like that term."""
    while term.how == "sum" and len(term.parts) == 1 and not term.label and not term.symbols:
        term = term.parts[0]
    return term


def _bracketed(term: Term, write: Write) -> str:
    """A factor that is not the first."""
    text = _tight(term, write, 1)
    return f"({text})" if text.startswith("−") else text


def _written(term: Term, write: Write) -> str:
    how, parts = term.how, term.parts
    if how in ("element", "number", "rest"):
        return f"{term.count} more" if how == "rest" else write(term)
    if how == "sum":
        return _sum(term, write)
    if how == "product":
        first, *others = parts
        return " · ".join([_tight(first, write, 1), *(_bracketed(part, write) for part in others)])
    if how == "quotient":
        return f"{_tight(parts[0], write, 1)} / {_tight(parts[1], write, 2)}"
    if how == "power":
        return f"{_tight(parts[0], write, 3)} ^ {_tight(parts[1], write, 3)}"
    if how == "minus":
        return f"−{_bracketed(parts[0], write)}"
    if how == "call" and term.function == "square":
        return f"{_tight(parts[0], write, 3)}²"
    if how == "call":
        return FUNCTIONS[term.function][0].format(*(_inside(part, write) for part in parts))
    if how == "same":
        return _inside(parts[0], write)
    return f"{'max' if how == 'largest' else 'min'}({_listed(parts, write)})"


def _sum(term: Term, write: Write) -> str:
    text = ""
    many = len(term.parts) > SHOWN + 2
    for part in term.parts[:SHOWN] if many else term.parts:
        is_minus = part.how == "minus"
        piece = _bracketed(part.parts[0], write) if is_minus else _inside(part, write)
        if not is_minus and piece.startswith("−") and part.how != "sum":
            is_minus, piece = True, piece[1:]
        sign = (" − " if is_minus else " + ") if text else ("−" if is_minus else "")
        text += sign + piece
    hidden = term.parts[SHOWN:] if many else ()
    count = sum(part.count or 1 for part in hidden)
    return f"{text or '0'}{f' + … ({count} more)' if count else ''}"


def _listed(parts: Sequence[Term], write: Write) -> str:
    texts = [_inside(part, write) for part in parts[:SHOWN]]
    count = sum(part.count or 1 for part in parts[SHOWN:])
    return ", ".join(texts) + (f", … ({count} more)" if count else "")
