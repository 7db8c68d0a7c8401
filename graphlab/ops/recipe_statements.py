"""The statements of a recipe: which names they read and write, which of them are needed, and names for nothing.

Recipes are short and plain: assignments, changes in place, here and there an `if` or a loop.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

Statements = list[ast.stmt]


def stored(tree: ast.AST) -> set[str]:
    """The names that it gives a value."""
    return {name.id for name in _names(tree) if isinstance(name.ctx, ast.Store)}


def loaded(tree: ast.AST) -> set[str]:
    """The names that it reads; `x += 1` reads x, too."""
    augmented = {name for node in ast.walk(tree) if isinstance(node, ast.AugAssign) for name in stored(node)}
    return augmented | {name.id for name in _names(tree) if isinstance(name.ctx, ast.Load)}


def changed(tree: ast.AST) -> set[str]:
    """The arrays that it changes in place: `dx[i] = …`, `np.add.at(dx.reshape(-1), …)`."""
    found = set()
    for node in ast.walk(tree):
        target: ast.AST | None = None
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            target = node
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and node.value.args:
            target = node.value.args[0]
        while isinstance(target, ast.Subscript | ast.Attribute | ast.Call):
            target = target.func if isinstance(target, ast.Call) else target.value
        if isinstance(target, ast.Name):
            found.add(target.id)
    return found


def of_all(what: type[ast.AST] | None, statements: Sequence[ast.stmt]) -> list[str]:
    """Every name that is written (ast.Store) or read (ast.Load) in the statements, as often as it is."""
    return [name.id for s in statements for name in _names(s) if what is None or isinstance(name.ctx, what)]


def bound_inside(node: ast.AST) -> Iterator[str]:
    """The names that live in that comprehension or lambda only."""
    if isinstance(node, ast.comprehension):
        yield from (name.id for name in ast.walk(node.target) if isinstance(name, ast.Name))
    elif isinstance(node, ast.Lambda):
        yield from (argument.arg for argument in node.args.args)


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    nodes = list(ast.walk(tree))
    inner = {name for node in nodes for name in bound_inside(node)}
    yield from (node for node in nodes if isinstance(node, ast.Name) and node.id not in inner)


# What is needed


def serving(statements: Sequence[ast.stmt], wanted: set[str]) -> tuple[Statements, set[str]]:
    """Those statements on which a wanted name depends, and the names that they need from elsewhere."""
    kept, needed = [], set(wanted)
    for statement in reversed(statements):
        if not needed & (stored(statement) | changed(statement)):
            continue
        if isinstance(statement, ast.Assign):
            statement.targets = [_only(target, needed) for target in statement.targets]
            needed -= stored(statement)
        needed |= loaded(statement)
        kept.append(statement)
    return kept[::-1], needed


def _only(target: ast.expr, needed: set[str]) -> ast.expr:
    """The target of an assignment with `_` for what nobody needs of several results."""
    if isinstance(target, ast.Tuple):
        target.elts = [_only(part, needed) for part in target.elts]
    elif isinstance(target, ast.Name) and target.id not in needed:
        return ast.Name("_", ast.Store())
    return target


# Names for nothing


def without_aliases(
    forth: Statements, back: Statements, given: frozenset[str]
) -> tuple[Statements, Statements]:
    """The statements without `share = dloss` and `y = result`: one of the two names does for both.

    given: the names that are not the recipe's own, and stay.
    """
    while (found := _alias([*forth, *back], given)) is not None:
        statement, old, new = found
        forth, back = ([s for s in part if s is not statement] for part in (forth, back))
        for other in (*forth, *back):
            _rename(other, old, new)
    return forth, back


def _alias(statements: Sequence[ast.stmt], given: frozenset[str]) -> tuple[ast.stmt, str, str] | None:
    """(an assignment of one name to another, the name that can go, the one that stays)"""
    writes = of_all(ast.Store, statements)
    in_place = {name for statement in statements for name in changed(statement)}
    for statement in statements:
        if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)):
            continue
        target, source = statement.targets[0], statement.value.id
        if not isinstance(target, ast.Name) or writes.count(target.id) > 1 or writes.count(source) > 1:
            continue
        if {target.id, source} & in_place:
            continue
        if target.id not in given:
            return statement, target.id, source
        if source not in given and source in writes:
            return statement, source, target.id
    return None


def _rename(tree: ast.AST, old: str, new: str) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == old:
            node.id = new
