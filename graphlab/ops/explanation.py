"""How one number came about: a small tree whose leaves are elements of arrays. How it is told: explanation_text.py.

A term is worth what its parts come to, so a tree cannot claim a number that its leaves do not give. How operations
build such trees stands in explaining.py.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from .places import bracketed

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Which element a number is: of a socket, an output, a parameter or a state; its value or its gradient.

    `node` is the flat node's key; "" for the operation that is explained.
    """

    name: str
    index: tuple[int, ...]
    kind: str = "value"
    node: str = ""

    @property
    def label(self) -> str:
        """ "x[0, 3]"; a gradient is "∂x[0, 3]"."""
        sign = "∂" if self.kind == "grad" else ""
        return f"{sign}{self.name}{bracketed(self.index)}"


@dataclass(frozen=True, slots=True)
class Term:
    """A number and what it is made of.

    how: "element" and "number" (no parts), "sum", "product", "quotient", "power", "minus", "largest", "smallest",
        "same" (the first part; the others say why it), "call" (`function` of its parts), "op" (what the
        operation itself gives for its parts), "rest" (so many more terms, `count`, that come to `value`).
    label: what it is called, such as "μ" or "x[0, 3]"; "" where it is just what its parts say.
    function: which of `FUNCTIONS` a "call" is.
    slope: how fast the whole changes with this element, where that is all that can be said of it.
    symbols, numbers: how it is written, where that does not follow from its parts.
    """

    how: str
    value: float
    parts: tuple[Term, ...] = ()
    label: str = ""
    origin: Origin | None = None
    count: int = 0
    function: str = ""
    slope: float | None = None
    symbols: str = ""
    numbers: str = ""

    def __add__(self, other: Term | float) -> Term:
        return total([self, _term(other)])

    def __sub__(self, other: Term | float) -> Term:
        return total([self, minus(_term(other))])

    def __mul__(self, other: Term | float) -> Term:
        return made("product", [self, _term(other)])

    def __truediv__(self, other: Term | float) -> Term:
        return made("quotient", [self, _term(other)])

    def __pow__(self, other: Term | float) -> Term:
        return made("power", [self, _term(other)])

    __radd__ = __add__

    def __rmul__(self, other: float) -> Term:
        return _term(other) * self

    def __rsub__(self, other: float) -> Term:
        return _term(other) - self

    def called(self, name: str) -> Term:
        """The same under a name, which is what formulas around it then write."""
        return replace(self, label=name)


class Elements(NamedTuple):
    """Many elements of one array: their places, one row each, and their numbers. Where `outside`, there is padding."""

    name: str
    places: Array
    values: Array
    kind: str = "value"
    outside: Array | None = None
    label: str = ""  # of numbers that are no elements: what they are called

    def take(self, which: Array) -> Elements:
        outside = None if self.outside is None else self.outside[which]
        return self._replace(places=self.places[which], values=self.values[which], outside=outside)

    def term(self, k: int) -> Term:
        if self.outside is not None and self.outside[k]:
            return number(0.0, "padding")
        value = float(self.values[k])
        if not self.name:
            return number(value, self.label)
        return element(self.name, tuple(int(i) for i in self.places[k]), value, self.kind)


def elements(name: str, array: Array, places: Array, kind: str = "value") -> Elements:
    """The elements of an array at those places (m × axes)."""
    places = np.asarray(places, np.int64).reshape(len(places), array.ndim)
    found = array[tuple(places.T)] if array.ndim else np.broadcast_to(array, (len(places),))
    return Elements(name, places, np.asarray(found, np.float64), kind)


def plain(values: Array, label: str = "") -> Elements:
    """Numbers that are no elements of anything, such as derivatives."""
    values = np.asarray(values, np.float64)
    return Elements("", np.zeros((len(values), 0), np.int64), values, label=label)


# Making terms

FUNCTIONS: dict[str, tuple[str, Callable[..., float]]] = {
    "exp": ("exp({})", np.exp),
    "ln": ("ln({})", np.log),
    "√": ("√({})", np.sqrt),
    "square": ("({})²", np.square),
    "abs": ("|{}|", np.abs),
    "tanh": ("tanh({})", np.tanh),
    "σ": ("σ({})", lambda x: 0.5 + 0.5 * np.tanh(0.5 * x)),
    "positive": ("max({}, 0)", lambda x: max(x, 0.0)),
    "sign": ("sign({})", np.sign),
    "floor": ("⌊{}⌋", np.floor),
    "atan2": ("atan2({}, {})", np.arctan2),
}


def element(name: str, index: Sequence[int], value: Any, kind: str = "value", node: str = "") -> Term:
    """One element of an array."""
    origin = Origin(name, tuple(int(i) for i in index), kind, node)
    return Term("element", float(value), (), origin.label, origin)


def number(value: float, label: str = "") -> Term:
    """A number that stands for itself: a param, a count, padding."""
    return Term("number", float(value), (), label)


def made(how: str, parts: Sequence[Term], label: str = "", **more: Any) -> Term:
    """A term of those parts; its value is what they come to."""
    value = combined(how, more.get("function", ""), [part.value for part in parts])
    return Term(how, value, tuple(parts), label, **more)


def call(function: str, *parts: Term) -> Term:
    """One of `FUNCTIONS` of its parts."""
    return made("call", parts, function=function)


def minus(term: Term) -> Term:
    return made("minus", [term])


def total(parts: Iterable[Term], label: str = "", symbols: str = "") -> Term:
    """The sum; sums without a name among the parts are taken apart."""
    flat: list[Term] = []
    for part in parts:
        flat += part.parts if part.how == "sum" and not part.label and not part.symbols else [part]
    return made("sum", flat, label, symbols=symbols)


def times(*parts: Term) -> Term:
    """The product; products without a name among the parts are taken apart."""
    flat: list[Term] = []
    for part in parts:
        flat += part.parts if part.how == "product" and not part.label else [part]
    return made("product", flat)


def combined(how: str, function: str, values: Sequence[float]) -> float:
    """What values come to that are put together that way."""
    with np.errstate(all="ignore"):
        if how == "sum":
            return math.fsum(values) if all(map(math.isfinite, values)) else float(sum(values))
        if how == "product":
            return float(np.prod(np.asarray(values, np.float64)))
        if how == "quotient":
            return float(np.divide(values[0], values[1]))
        if how == "power":
            return float(np.power(np.float64(values[0]), values[1]))
        if how == "call":
            return float(FUNCTIONS[function][1](*values))
    if how == "minus":
        return -values[0]
    if how == "same":
        return values[0]
    if any(map(math.isnan, values)):  # which neither max nor min of Python sees
        return math.nan
    return max(values) if how == "largest" else min(values)


def evaluated(term: Term) -> float:
    """The term computed anew from its leaves. Of an "op", its leaves are not all that it depends on."""
    if term.how in ("element", "number", "rest", "op"):
        return term.value
    return combined(term.how, term.function, [evaluated(part) for part in term.parts])


def sum_of_products(
    *products: tuple[Elements, ...],
    plus: Sequence[Term] = (),
    keep: int = 50,
    label: str = "",
    symbols: str = "",
) -> Term:
    """The sum of elementwise products, of which the `keep` largest are told one by one and the others together."""
    worth = [_product(factors) for factors in products]
    sizes = np.abs(np.concatenate(worth)) if worth else np.zeros(0)
    starts = np.cumsum([0, *map(len, worth)])
    kept = _largest(sizes, keep)
    parts = list(plus)
    for k in kept:
        which = int(np.searchsorted(starts, k, "right")) - 1
        factors = [column.term(int(k - starts[which])) for column in products[which]]
        parts.append(factors[0] if len(factors) == 1 else times(*factors))
    if len(kept) < len(sizes):
        others = np.ones(len(sizes), bool)
        others[kept] = False
        parts.append(rest(float(np.concatenate(worth)[others].sum()), len(sizes) - len(kept)))
    return total(parts, label, symbols) if len(parts) != 1 or label else parts[0]


def extreme(found: Elements, how: str = "largest", keep: int = 50) -> Term:
    """The largest (or smallest) element, of the first that are equal; then the runners-up by their order.

    NaN comes before all, since it is what such an operation gives.
    """
    sizes = -found.values if how == "largest" else found.values
    order = np.lexsort((sizes, ~np.isnan(sizes)))
    if found.outside is not None:
        order = order[~found.outside[order]]
    parts = [found.term(int(k)) for k in order[:keep]]
    if len(order) > keep:
        parts.append(Term("rest", float(found.values[order[keep]]), count=len(order) - keep))
    return made(how, parts)


def rest(value: float, count: int) -> Term:
    """So many more terms of a sum, told together."""
    return Term("rest", value, count=count)


def _product(factors: Sequence[Elements]) -> Array:
    found = factors[0].values
    for factor in factors[1:]:
        found = found * factor.values
    return found


def _largest(sizes: Array, keep: int) -> Array:
    """The places of the largest, in order; the first of equal ones first."""
    if len(sizes) > keep:
        chosen = np.sort(np.argpartition(-sizes, keep)[:keep])
        return chosen[np.argsort(-sizes[chosen], kind="stable")]
    return np.argsort(-sizes, kind="stable")


def _term(value: Term | float) -> Term:
    return value if isinstance(value, Term) else number(value)
