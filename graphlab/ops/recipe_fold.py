"""What of a recipe the constants alone decide: `if training:`, `a if reduction == "mean" else b`, `1.0 * x`, `b - 1`.

Only tests made of constants, comparisons and and/or/not are decided, and only such sums worked out as stay short;
whatever else is left as it is written.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

import numpy as np

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}

OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mod: operator.mod,
}

SHORT = 6  # characters of a number that is put in the place of a sum
OPEN = object()  # what is only known when the script runs


def folded(statements: Sequence[ast.stmt], constants: Mapping[str, Any]) -> list[ast.stmt]:
    """The statements without the branches that are not taken. The trees are changed."""
    visitor = _Folding(constants)
    found: list[ast.stmt] = []
    for statement in statements:
        kept = visitor.visit(statement)
        found.extend(kept if isinstance(kept, list) else [kept])
    return found


class _Folding(ast.NodeTransformer):
    def __init__(self, constants: Mapping[str, Any]) -> None:
        self.constants = constants

    def visit_If(self, node: ast.If) -> Any:
        test = value_of(node.test, self.constants)
        if test is OPEN:
            return self.generic_visit(node)
        return folded(node.body if test else node.orelse, self.constants)

    def visit_Call(self, node: ast.Call) -> Any:
        """`np.where(test, a, b)` is a choice, too; a function of numbers alone is a number."""
        name = ast.unparse(node.func)
        if name == "np.where" and len(node.args) == 3:
            return self._choice(node)
        node.keywords = [word for word in node.keywords if not self._goes_without_saying(word)]
        is_number = isinstance(getattr(np, name.removeprefix("np."), None), np.ufunc) and not node.keywords
        if is_number and all(_is_number(value_of(part, self.constants)) for part in node.args):
            return ast.Call(
                ast.Name("float", ast.Load()), [node], []
            )  # NumPy's own would make float64 of float32
        return self.generic_visit(node)

    def _choice(self, node: ast.Call) -> Any:
        test, *results = (value_of(part, self.constants) for part in node.args)
        if test is not OPEN:
            return self.visit(node.args[1] if test else node.args[2])
        found = self.generic_visit(node)
        if all(map(_is_number, results)):  # two numbers make float64 of whatever the test is about
            dtype = ast.Constant(self.constants.get("dtype", "float64"))
            return ast.Call(ast.Attribute(node, "astype", ast.Load()), [dtype], [])
        return found

    def _goes_without_saying(self, word: ast.keyword) -> bool:
        value = value_of(word.value, self.constants)
        return (word.arg == "axis" and value is None) or (word.arg == "keepdims" and value is False)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> Any:
        value = self._param(node)
        if isinstance(node.op, ast.USub) and not math.isnan(value):
            return ast.parse(repr(value_of(node, self.constants)), mode="eval").body
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Times 1 is left out, `b - 1` is worked out; what the text itself has as numbers stays."""
        left, right = self._param(node.left), self._param(node.right)
        if isinstance(node.op, ast.Mult) and abs(left) == 1:
            return _signed(left, self.visit(node.right))
        if isinstance(node.op, ast.Mult | ast.Div) and abs(right) == 1:
            return _signed(right, self.visit(node.left))
        if isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant) and node.right.value == 1:
            return self.visit(node.left)
        if isinstance(node.op, ast.Add) and left == 0:
            return self.visit(node.right)
        if isinstance(node.op, ast.Add | ast.Sub) and right == 0:
            return self.visit(node.left)
        return _sum(node, self.constants) or self.generic_visit(node)

    def _param(self, node: ast.expr) -> float:
        """The number that a param (or minus a param) is; NaN for all else."""
        inner = node.operand if isinstance(node, ast.UnaryOp) else node
        value = value_of(node, self.constants) if isinstance(inner, ast.Name) else OPEN
        return float(value) if _is_number(value) else math.nan

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        test = value_of(node.test, self.constants)
        if test is OPEN:
            return self.generic_visit(node)
        return self.visit(node.body if test else node.orelse)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _signed(sign: float, node: ast.expr) -> ast.expr:
    return node if sign > 0 else ast.UnaryOp(ast.USub(), node)


def _sum(node: ast.BinOp, constants: Mapping[str, Any]) -> ast.expr | None:
    """A sum, difference or remainder of two numbers that is a short number itself."""
    operation = OPERATIONS.get(type(node.op))
    if operation is None:
        return None
    left, right = value_of(node.left, constants), value_of(node.right, constants)
    if not (_is_number(left) and _is_number(right)):
        return None
    found = operation(left, right)
    return ast.parse(repr(found), mode="eval").body if len(repr(found)) <= SHORT else None


def value_of(node: ast.expr, constants: Mapping[str, Any]) -> Any:
    """What a test comes to, OPEN where constants do not tell."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return constants.get(node.id, OPEN)
    if isinstance(node, ast.UnaryOp):
        return _of_unary(node, constants)
    if isinstance(node, ast.BoolOp):
        return _of_several(node, constants)
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARISONS:
        sides = [value_of(side, constants) for side in (node.left, node.comparators[0])]
        return OPEN if OPEN in sides else COMPARISONS[type(node.ops[0])](*sides)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd | ast.BitOr):
        return _of_masks(node, constants)
    return OPEN


def _of_masks(node: ast.BinOp, constants: Mapping[str, Any]) -> Any:
    """`(b == 0) & (a > 0)` where constants decide it."""
    joined = ast.And() if isinstance(node.op, ast.BitAnd) else ast.Or()
    return _of_several(ast.BoolOp(joined, [node.left, node.right]), constants)


def _of_unary(node: ast.UnaryOp, constants: Mapping[str, Any]) -> Any:
    value = value_of(node.operand, constants)
    if value is not OPEN and isinstance(node.op, ast.Not):
        return not value
    if isinstance(node.op, ast.USub) and isinstance(value, int | float):
        return -value
    return OPEN


def _of_several(node: ast.BoolOp, constants: Mapping[str, Any]) -> Any:
    """`and` and `or`, which one side may decide."""
    decisive = isinstance(node.op, ast.Or)
    values = [value_of(part, constants) for part in node.values]
    if any(value is not OPEN and bool(value) is decisive for value in values):
        return decisive
    return OPEN if OPEN in values else not decisive
