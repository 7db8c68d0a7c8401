"""Shapes with symbolic sizes: what inference computes with before any array exists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import ShapeError

Monomial = tuple[str, ...]


class Dim:
    """A size that is known only when data arrives, such as the batch size N, or 2·N + 1.

    A polynomial with integer coefficients in named sizes. It adds, subtracts, multiplies and divides (when the
    division is exact for every size) like an int. Comparisons with an int treat the symbol as large: `N > 5` holds
    and `N == 5` does not, so that a rule written for ints works unchanged.
    """

    __slots__ = ("terms",)

    def __init__(self, name: str | None = None, *, terms: Mapping[Monomial, int] | None = None) -> None:
        if name is not None:
            terms = {(name,): 1}
        self.terms: dict[Monomial, int] = {m: c for m, c in sorted((terms or {}).items()) if c}

    def at(self, sizes: Mapping[str, int]) -> int:
        """The size as an int, once the named sizes are known. KeyError for a name that is missing."""
        total = 0
        for monomial, factor in self.terms.items():
            for name in monomial:
                factor *= sizes[name]
            total += factor
        return total

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for monomial in self.terms for name in monomial)

    def __add__(self, other: Size) -> Size:
        terms = dict(self.terms)
        for monomial, factor in _terms(other).items():
            terms[monomial] = terms.get(monomial, 0) + factor
        return _simplest(terms)

    def __neg__(self) -> Size:
        return self * -1

    def __sub__(self, other: Size) -> Size:
        return self + (-1 * other)

    def __rsub__(self, other: int) -> Size:
        return other + (self * -1)

    def __mul__(self, other: Size) -> Size:
        terms: dict[Monomial, int] = {}
        for a, i in self.terms.items():
            for b, j in _terms(other).items():
                key = tuple(sorted(a + b))
                terms[key] = terms.get(key, 0) + i * j
        return _simplest(terms)

    __radd__ = __add__
    __rmul__ = __mul__

    def __floordiv__(self, other: Size) -> Size:
        quotient = _divide(self, other)
        if quotient is None:
            raise ShapeError(f"{self} cannot be divided evenly by {other}.", hint="Use a fixed size there.")
        return quotient

    def __rfloordiv__(self, other: int) -> Size:
        raise ShapeError(
            f"{other} cannot be divided by the open size {self}.", hint="Use a fixed size there."
        )

    def __mod__(self, other: Size) -> int:
        if _divide(self, other) is None:
            raise ShapeError(f"{self} cannot be divided evenly by {other}.", hint="Use a fixed size there.")
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dim) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(tuple(self.terms.items()))

    def __gt__(self, other: object) -> bool:
        return isinstance(other, int)

    def __lt__(self, other: object) -> bool:
        return False

    __ge__ = __gt__
    __le__ = __lt__

    def __str__(self) -> str:
        text = ""
        for monomial, factor in sorted(self.terms.items(), key=lambda item: -len(item[0])):
            number = [] if monomial and abs(factor) == 1 else [str(abs(factor))]
            text += ("−" if factor < 0 else "+") + "·".join([*number, *monomial])
        return text.removeprefix("+")

    __repr__ = __str__


Size = int | Dim
Shape = tuple[Size, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """What is known of an array before it exists: its shape and its kind ("float", or "int" for class indices)."""

    shape: Shape
    kind: str = "float"

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def names(self) -> frozenset[str]:
        """The names of the sizes that are open, such as N."""
        return frozenset(name for size in self.shape if isinstance(size, Dim) for name in size.names)

    def at(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape in ints, once the named sizes are known."""
        return tuple(d.at(sizes) if isinstance(d, Dim) else d for d in self.shape)

    def with_shape(self, *shape: Size) -> Spec:
        return Spec(tuple(shape), self.kind)

    def __str__(self) -> str:
        return shape_text(self.shape)


def shape_text(shape: Sequence[Size]) -> str:
    """`(N, 3)` as people write it: "N×3"; "scalar" for the empty shape."""
    return "×".join(str(d) for d in shape) or "scalar"


def broadcast(first: Spec, second: Spec, *, names: tuple[str, str] = ("a", "b")) -> Shape:
    """The shape NumPy gives an elementwise operation of the two.

    Raises:
        ShapeError: the two sizes of an axis differ and neither is 1.
    """
    a, b = first.shape, second.shape
    shape: list[Size] = []
    for back in range(1, max(len(a), len(b)) + 1):
        p = a[-back] if back <= len(a) else 1
        q = b[-back] if back <= len(b) else 1
        if p != q and p != 1 and q != 1:
            raise ShapeError(
                f"{names[0]} ({first}) and {names[1]} ({second}) do not fit: {p} against {q} "
                f"in {'the last axis' if back == 1 else f'axis {-back}'}.",
                hint="Sizes must be equal, or one of them 1.",
                socket=names[1],
            )
        shape.append(q if p == 1 else p)
    return tuple(reversed(shape))


def broadcast_all(specs: Mapping[str, Spec]) -> Shape:
    """The shape of an elementwise operation of several, given by socket name. ShapeError naming the one at fault."""
    (before, whole), *others = specs.items()
    for name, spec in others:
        whole = Spec(broadcast(whole, spec, names=(before, name)))
        before = "what stands before it"
    return whole.shape


def product(shape: Sequence[Size]) -> Size:
    """The number of elements of an array of that shape."""
    total: Size = 1
    for size in shape:
        total = total * size
    return total


def require_filled(x: Spec, axes: Iterable[int], socket: str = "x") -> None:
    """ShapeError when one of these axes of x has no elements."""
    empty = next((axis for axis in axes if x.shape[axis] == 0), None)
    if empty is not None:
        raise ShapeError(
            f"{socket} ({x}) has no elements: its axis {empty} is 0 long.",
            hint="Feed something that is not empty.",
            socket=socket,
        )


def sequence_width(x: Spec, socket: str = "x") -> int:
    """How many features a sequence N×T×features has. ShapeError when x is none, or that is open."""
    width: Size = x.shape[-1] if x.ndim else 0
    if x.ndim != 3 or not isinstance(width, int):
        raise ShapeError(
            f"{socket} ({x}) should be N×T×features.", hint="Reshape it to three axes.", socket=socket
        )
    return width


def require_comparable(query: Spec, key: Spec) -> None:
    """ShapeError unless queries and keys have the same number of features."""
    if query.shape[-1] != key.shape[-1]:
        raise ShapeError(
            f"query ({query}) and key ({key}) differ in their last size, "
            f"{query.shape[-1]} and {key.shape[-1]}.",
            hint="Give the layers that make them the same units.",
            socket="key",
        )


def axis_of(axis: int, ndim: int, *, socket: str = "") -> int:
    """`axis` counted from the front. ShapeError when the array has no such axis."""
    if not -ndim <= axis < ndim:
        raise ShapeError(
            f"There is no axis {axis} in an array of {ndim} {'axis' if ndim == 1 else 'axes'}.",
            hint=f"Choose one from {-ndim} to {ndim - 1}." if ndim else "A scalar has none.",
            socket=socket,
        )
    return axis % ndim


def _terms(value: Size) -> dict[Monomial, int]:
    return value.terms if isinstance(value, Dim) else {(): value}


def _simplest(terms: Mapping[Monomial, int]) -> Size:
    kept = {m: c for m, c in terms.items() if c}
    if set(kept) <= {()}:
        return kept.get((), 0)
    return Dim(terms=kept)


def _divide(value: Dim, by: Any) -> Size | None:
    """The exact quotient by an int or by a single-term Dim, else None."""
    if isinstance(by, Dim):
        if by == value:
            return 1
        if len(by.terms) != 1:
            return None
        (gone, factor) = next(iter(by.terms.items()))
    else:
        gone, factor = (), by
    terms: dict[Monomial, int] = {}
    for monomial, count in value.terms.items():
        rest = list(monomial)
        for name in gone:
            if name not in rest:
                return None
            rest.remove(name)
        if factor == 0 or count % factor:
            return None
        terms[tuple(rest)] = count // factor
    return _simplest(terms)
