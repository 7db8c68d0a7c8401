"""What an operation says of its derivatives, read from its LaTeX: which clause is about which input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from .latex import Item, Items, clauses, fraction, letter_of, read, sides, write

_PARTIAL = r"\partial"


@dataclass(frozen=True)
class Slope:
    """One clause: `\\frac{\\partial of}{\\partial by} = value`.

    of, of_sub: the letter above and its index; by, by_sub: those below. value: the right side, several cases in one.
    """

    of: str
    of_sub: str
    by: str
    by_sub: str
    value: Items

    @property
    def summed(self) -> str:
        """The indices of the result that the input does not have: over them the chain rule sums."""
        return "".join(sign for sign in self.of_sub if sign.isalpha() and sign not in self.by_sub)


@dataclass(frozen=True)
class Slopes:
    """All clauses of an operation, and what it adds to explain a letter in them, such as `t = \\tanh(…)`."""

    clauses: tuple[Slope, ...]
    where: tuple[Items, ...]

    def by(self, letters: tuple[str, ...], grown: str = "") -> Slope | None:
        """The clause about the input with one of these letters; `grown`: that of any of many alike inputs (x_k)."""
        for found in self.clauses:
            if f"{found.by}_{found.by_sub}" in letters or (grown and found.by == grown):
                return replace(found, by_sub="")  # it belongs to the letter, or counts the inputs
            if found.by in letters:
                return found
        return None


@lru_cache(maxsize=512)
def slopes(derivative: str) -> Slopes:
    """What a derivative says, clause by clause. One that is of another form is left out."""
    found: list[tuple[Item, Item, list[Items]]] = []
    where: list[Items] = []
    for part in clauses(read(derivative)):
        left, right = sides(part)
        ends = _ends(left)
        if ends is not None:
            found.append((*ends, [right]))
        elif left and len(left) == 1 and letter_of(left[0]):
            where.append(part)
        elif found:
            found[-1][2].append(part)
    return Slopes(
        tuple(
            Slope(letter_of(of), _sub(of), letter_of(by), _sub(by), _cases(values))
            for of, by, values in found
        ),
        tuple(where),
    )


def _ends(left: Items) -> tuple[Item, Item] | None:
    """What is differentiated, and by what; None where the left side is no such fraction of two letters."""
    parts = fraction(left)
    if parts is None:
        return None
    above, below = ([item for item in part if not item.is_space] for part in parts)
    if len(above) == 2 and len(below) == 2 and above[0].text == below[0].text == _PARTIAL:
        return above[1], below[1]
    return None


def _sub(item: Item) -> str:
    return write(item.sub).replace(" ", "")


def _cases(values: list[Items]) -> Items:
    """Several values, each with the condition that stands in brackets behind it, as one with a brace before it."""
    pairs = [_condition(value) for value in values]
    if len(pairs) == 1 and pairs[0][1] is None:
        return values[0]
    if len(pairs) == 1:
        pairs.append((read("0"), None))
    lines: list[Item] = []
    for value, condition in pairs:
        lines += [*([Item(r"\\"), Item(" ")] if lines else []), *value, Item(" "), Item("&"), Item(" ")]
        lines += condition if condition is not None else read(r"\mathrm{otherwise}")
    return (Item(r"\begin{cases}"), Item(" "), *lines, Item(" "), Item(r"\end{cases}"))


def _condition(value: Items) -> tuple[Items, Items | None]:
    for at, item in enumerate(value):
        rest = [each for each in value[at + 1 :] if not each.is_space]
        if item.text == r"\;" and rest and rest[0].text == "(" and rest[-1].text == ")":
            inner = value[at + 1 :]
            first = next(k for k, each in enumerate(inner) if each.text == "(")
            last = max(k for k, each in enumerate(inner) if each.text == ")")
            return tuple(each for each in value[:at]), inner[first + 1 : last]
    return value, None
