"""Conditions of breakpoints (`grad.norm > 10`) and watched numbers (`grad.norm`): a language with Python's grammar.

    value, grad          the node's first output and its gradient
    weight, x, h …       any of its sockets and outputs; `.grad` is the gradient that it gets or sends back
    .norm .min .max .mean .std .size .zeros .abs      of an array; `zeros` is the share of zeros, `abs` is an array
    value[0, 3]          one element; negative indices count from the end
    weight.exp_avg …     what the optimizer keeps of a parameter, by PyTorch's names
    step epoch loss lr   numbers of the run
    + - * / **  < <= > >= == !=  and or not  abs() sqrt() log() log10() exp()

Nothing is ever evaluated as Python: the text becomes a tree of the few kinds below, all else is refused by name.
"""

from __future__ import annotations

import ast
import contextlib
import math
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import ConditionError
from .optimizer_state import STATES

Array = npt.NDArray[Any]
Read = Callable[[str, bool], Array]  # a name and whether its gradient is meant → the array
LONGEST = 200  # characters
NUMBERS = ("step", "epoch", "loss", "lr")
COUNTS = ("step", "epoch", "lr")  # never an array; what a loss gives is called loss, too
OWN = {"value": False, "grad": True}  # the node's own first output, and whether its gradient is meant


def _std(array: Array) -> float:
    return float(array.std(dtype=np.float64))


def _norm(array: Array) -> float:
    """Euclidean, of all elements."""
    return float(np.sqrt(np.square(array, dtype=np.float64).sum()))


MEASURES: dict[str, Callable[[Array], float]] = {
    "norm": _norm,
    "min": lambda a: float(a.min()),
    "max": lambda a: float(a.max()),
    "mean": lambda a: float(a.mean(dtype=np.float64)),
    "std": _std,
    "size": lambda a: float(a.size),
    "zeros": lambda a: float(np.count_nonzero(a == 0) / a.size),
}
ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
FUNCTIONS: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "sqrt": math.sqrt,
    "log": math.log,
    "log10": math.log10,
    "exp": math.exp,
}


@dataclass(frozen=True)
class Expression:
    """A number that can be had of a node. Make one with `parse_number`."""

    text: str
    _tree: ast.expr

    @property
    def names(self) -> frozenset[str]:
        """The sockets and outputs that it reads, `value` and `grad` among them."""
        return frozenset(n.id for n in _parts(self._tree) if isinstance(n, ast.Name) and n.id not in NUMBERS)

    @property
    def needs_gradient(self) -> bool:
        """Whether it can be answered in the backward pass only."""
        return any(
            (isinstance(n, ast.Name) and n.id == "grad")
            or (isinstance(n, ast.Attribute) and n.attr == "grad")
            for n in ast.walk(self._tree)
        )

    @property
    def whole(self) -> tuple[str, bool] | None:
        """What it names if it is an array and nothing more, as (name, whether its gradient is meant); else None."""
        tree = self._tree
        if isinstance(tree, ast.Name) and tree.id not in NUMBERS:
            return tree.id, OWN.get(tree.id, False)
        if isinstance(tree, ast.Attribute) and isinstance(tree.value, ast.Name):
            if tree.attr == "grad":
                return tree.value.id, True
            return (f"{tree.value.id}.{tree.attr}", False) if tree.attr in STATES else None
        return None

    def require_names(self, there: Iterable[str]) -> None:
        """ConditionError when it reads what a node with those sockets and outputs has not."""
        known = (*OWN, *there)
        for name in sorted(self.names - set(known)):
            raise ConditionError(
                f"There is no {name} here.", hint=f"There are {', '.join((*dict.fromkeys(known), *NUMBERS))}."
            )

    def number(self, read: Read, numbers: Mapping[str, float]) -> float:
        """What it comes to; NaN where there is no such number (log of 0, ÷ 0). ConditionError as for `holds`."""
        try:
            with np.errstate(all="ignore"):
                return float(_Reading(read, numbers).number(self._tree))
        except (ArithmeticError, TypeError, ValueError):
            return math.nan

    def readings(self, read: Read, numbers: Mapping[str, float]) -> dict[str, float]:
        """The numbers that it looks at, by the words it has for them; those that cannot be had are left out."""
        reading, found = _Reading(read, numbers), dict[str, float]()
        for leaf in _leaves(self._tree):
            with contextlib.suppress(
                ConditionError
            ):  # "value.max > 1 or weight.grad.norm > 1" may need no gradient
                found[ast.unparse(leaf)] = float(reading.number(leaf))
        return found


class Condition(Expression):
    """A condition that was read and understood. Make one with `parse`."""

    def holds(self, read: Read, numbers: Mapping[str, float]) -> bool:
        """Whether it is met. A number that cannot be had (log of 0, ÷ 0) meets nothing.

        Raises:
            ConditionError: an array stands where a number should, or an index is out of range.
        """
        try:
            with np.errstate(all="ignore"):
                return bool(_Reading(read, numbers).number(self._tree))
        except (ArithmeticError, TypeError, ValueError):  # a TypeError is a root of a negative number
            return False


def parse(text: str) -> Condition:
    """The condition in a text. ConditionError says what in it cannot be understood."""
    tree = _tree(text, sample := "For example: grad.norm > 10")
    if not _is_condition(tree):
        raise ConditionError(f"“{text}” compares nothing.", hint=sample)
    return Condition(text.strip(), tree)


def parse_number(text: str) -> Expression:
    """The number that a text names. ConditionError says what in it cannot be understood."""
    tree = _tree(text, sample := "For example: grad.norm, or weight[0, 2]")
    if any(_is_condition(part) for part in _parts(tree)):
        raise ConditionError(f"“{text}” is a condition, not a number.", hint=sample)
    return Expression(text.strip(), tree)


def _tree(text: str, sample: str) -> ast.expr:
    """What a text says, if it says something in this language. ConditionError."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ConditionError(f"Write 1 to {LONGEST} characters.", hint=sample)
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConditionError(f"“{text}” cannot be read.", hint=sample) from error
    _check(tree)
    return tree


def _is_condition(tree: ast.expr) -> bool:
    is_not = isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not)
    return is_not or isinstance(tree, (ast.Compare, ast.BoolOp))


def _check(tree: ast.expr) -> None:
    """ConditionError for whatever is not of this language."""
    for part in _parts(tree):
        if isinstance(part, ast.Attribute) and part.attr not in (*MEASURES, "abs", "grad", *STATES):
            raise ConditionError(
                f"There is no .{part.attr}.", hint=f"There are .{', .'.join((*MEASURES, 'abs', 'grad'))}."
            )
        if isinstance(part, (ast.Attribute, ast.Subscript)):
            _check_taken_of(part)
        if isinstance(part, ast.Constant) and type(part.value) not in (int, float):
            raise ConditionError(f"{part.value!r} is no number.")


def _check_taken_of(part: ast.Attribute | ast.Subscript) -> None:
    """ConditionError for what is taken of a number, as in step.norm or value.norm.max, or a gradient of no name."""
    of = part.value
    if isinstance(part, ast.Attribute) and part.attr == "grad":
        fits = isinstance(of, ast.Name) and of.id not in (*COUNTS, "grad")
        if not fits:
            raise ConditionError(f"{ast.unparse(of)} has no gradient.", hint="For example: weight.grad.norm")
    elif isinstance(part, ast.Attribute) and part.attr in STATES:
        if not isinstance(of, ast.Name) or of.id in (*COUNTS, "grad"):
            raise ConditionError(
                f"The optimizer keeps nothing of {ast.unparse(of)}.", hint="For example: weight.exp_avg.norm"
            )
    elif not _is_array(of):
        raise ConditionError(
            f"{ast.unparse(part)} is not possible: {ast.unparse(of)} is one number.",
            hint="For example: grad.norm, or weight[0, 2]",
        )


def _is_array(part: ast.expr) -> bool:
    """Whether a part names an array, or what it names may be one."""
    if isinstance(part, ast.Name):
        return part.id not in COUNTS
    return isinstance(part, ast.Subscript) or (isinstance(part, ast.Attribute) and part.attr not in MEASURES)


def _parts(tree: ast.expr) -> Iterator[ast.expr]:
    """All parts of it, each of a kind that is known. ConditionError."""
    todo: list[ast.expr] = [tree]
    while todo:
        part = todo.pop()
        yield part
        todo.extend(_inside(part))


def _inside(part: ast.expr) -> list[ast.expr]:
    if isinstance(part, ast.BoolOp):
        return part.values
    if isinstance(part, ast.UnaryOp) and isinstance(part.op, (ast.Not, ast.USub, ast.UAdd)):
        return [part.operand]
    if isinstance(part, ast.Compare) and all(type(op) in _COMPARISONS for op in part.ops):
        return [part.left, *part.comparators]
    if isinstance(part, ast.BinOp) and type(part.op) in ARITHMETIC:
        return [part.left, part.right]
    if isinstance(part, ast.Call) and _is_function(part):
        return part.args
    if isinstance(part, ast.Attribute):
        return [part.value]
    if isinstance(part, ast.Subscript) and _index(part) is not None:
        return [part.value]
    if isinstance(part, (ast.Name, ast.Constant)):
        return []
    raise ConditionError(
        f"“{ast.unparse(part)}” is not possible in a condition.", hint="For example: grad.norm > 10"
    )


def _is_function(call: ast.Call) -> bool:
    is_known = isinstance(call.func, ast.Name) and call.func.id in FUNCTIONS
    return is_known and len(call.args) == 1 and not call.keywords


def _index(part: ast.Subscript) -> tuple[int, ...] | None:
    """The whole numbers in the brackets; None when there is something else."""
    items = part.slice.elts if isinstance(part.slice, ast.Tuple) else [part.slice]
    found = []
    for item in items:
        sign = -1 if isinstance(item, ast.UnaryOp) and isinstance(item.op, ast.USub) else 1
        plain = item.operand if isinstance(item, ast.UnaryOp) else item
        if not isinstance(plain, ast.Constant) or type(plain.value) is not int:
            return None
        found.append(sign * plain.value)
    return tuple(found)


def _leaves(tree: ast.expr) -> list[ast.expr]:
    """The largest parts that name something and do no arithmetic, from left to right."""
    if isinstance(tree, (ast.Name, ast.Attribute, ast.Subscript)):
        return [tree]
    return [leaf for part in _inside(tree) for leaf in _leaves(part)]


class _Reading:
    """Evaluates trees with what is read of a run."""

    def __init__(self, read: Read, numbers: Mapping[str, float]) -> None:
        self._read, self._numbers = read, numbers

    def number(self, part: ast.expr) -> Any:
        """The number or truth that a part comes to."""
        if isinstance(part, ast.Constant):
            return part.value
        if isinstance(part, ast.BoolOp):
            together = all if isinstance(part.op, ast.And) else any
            return together(self.number(value) for value in part.values)
        if isinstance(part, ast.UnaryOp):
            value = self.number(part.operand)
            return (
                not value
                if isinstance(part.op, ast.Not)
                else -value
                if isinstance(part.op, ast.USub)
                else value
            )
        if isinstance(part, ast.Compare):
            return self._compare(part)
        if isinstance(part, ast.BinOp):
            return ARITHMETIC[type(part.op)](float(self.number(part.left)), float(self.number(part.right)))
        if isinstance(part, ast.Call):
            assert isinstance(part.func, ast.Name)
            return FUNCTIONS[part.func.id](float(self.number(part.args[0])))
        return self._measured(part)

    def _compare(self, part: ast.Compare) -> bool:
        values = [self.number(value) for value in (part.left, *part.comparators)]
        pairs = zip(part.ops, values, values[1:], strict=False)
        return all(_COMPARISONS[type(op)](a, b) for op, a, b in pairs)

    def _measured(self, part: ast.expr) -> float:
        """A number of the run, a measure of an array, or the one number that an array holds."""
        if isinstance(part, ast.Name) and part.id in NUMBERS:
            return self._numbers.get(part.id, math.nan)
        if isinstance(part, ast.Attribute) and part.attr in MEASURES:
            array = self._array(part.value)
            return MEASURES[part.attr](array) if array.size else math.nan
        array = self._array(part)
        if array.size != 1:
            word = ast.unparse(part)
            raise ConditionError(
                f"{word} is an array of {array.size:,} numbers.",
                hint=f"Say {word}.norm, {word}.max or one element, such as {word}[{', '.join('0' * array.ndim)}].",
            )
        return float(array.reshape(()))

    def _array(self, part: ast.expr) -> Array:
        if isinstance(part, ast.Name):
            return self._read(part.id, OWN.get(part.id, False))
        if isinstance(part, ast.Attribute) and part.attr == "grad" and isinstance(part.value, ast.Name):
            return self._read(part.value.id, True)
        if isinstance(part, ast.Attribute) and part.attr in STATES and isinstance(part.value, ast.Name):
            return self._read(f"{part.value.id}.{part.attr}", False)
        if isinstance(part, ast.Attribute) and part.attr == "abs":
            return np.abs(self._array(part.value))
        if isinstance(part, ast.Subscript):
            index, array = _index(part), self._array(part.value)
            try:
                return np.asarray(array[index])
            except IndexError:
                size = "×".join(map(str, array.shape)) or "a single number"
                raise ConditionError(f"{ast.unparse(part)} is out of range: it is {size}.") from None
        raise ConditionError(f"“{ast.unparse(part)}” is no array.")
