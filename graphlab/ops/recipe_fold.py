"""Choices in a recipe that constants alone decide: `if training:`, `a if reduction == "mean" else b`, `x if p else y`.

Only tests made of constants, comparisons and and/or/not are decided; whatever else is left as it is written.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

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

    def visit_IfExp(self, node: ast.IfExp) -> Any:
        test = value_of(node.test, self.constants)
        if test is OPEN:
            return self.generic_visit(node)
        return self.visit(node.body if test else node.orelse)


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
    return OPEN


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
