"""What recipes are put together from: sums over what was broadcast, letters in the place of others, sizes as text."""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Mapping, Sequence

from .recipe import Recipe, expression, parsed


def summing(recipe: Recipe | None, shapes: Mapping[str, tuple[int, ...]], *letters: str) -> Recipe | None:
    """The recipe of an op that broadcasts: the gradient of what was repeated is summed to the shape that it had.

    `letters`: the inputs that may be repeated; all if none are named.
    """
    if recipe is None:
        return None
    given = {letter: shapes[letter] for letter in letters or shapes if letter in shapes}
    ways = tuple((f"d{letter}", _way(letter, shape, shapes["y"])) for letter, shape in given.items())
    return _summing(recipe, ways) if any(way for _, way in ways) else recipe


def summed(text: str, letter: str, shape: tuple[int, ...], whole: tuple[int, ...]) -> str:
    """The expression for an array of shape `whole`, summed to the shape of that letter, which was broadcast."""
    return ast.unparse(_put(expression(text), _way(letter, shape, whole)))


def sizes_text(sizes: Sequence[int]) -> str:
    """The arguments of a reshape: `4, 6`; `()` for those of a single number."""
    return ", ".join(map(str, sizes)) or "()"


def _way(letter: str, shape: tuple[int, ...], whole: tuple[int, ...]) -> str:
    """How `_` of shape `whole` is summed to that shape, e.g. `_.sum(axis=0)`; "" for not at all."""
    new = len(whole) - len(shape)
    ones = tuple(i for i, size in enumerate(shape, new) if size == 1 != whole[i])
    axes = (*range(new), *ones)
    if not axes:
        return ""
    text = f"_.sum(axis={axes[0] if len(axes) == 1 else axes}" + (")" if new else ", keepdims=True)")
    return f"{text}.reshape({letter}.shape)" if new and ones else text


@functools.lru_cache(maxsize=1024)
def _summing(recipe: Recipe, ways: tuple[tuple[str, str], ...]) -> Recipe:
    statements, way = parsed(recipe.backward), dict(ways)
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            statement.value = _put(statement.value, way.get(statement.targets[0].id, ""))
    return Recipe(recipe.forward, "\n".join(map(ast.unparse, statements)), recipe.tools)


def _put(value: ast.expr, into: str) -> ast.expr:
    """The expression in the place of `_` in that text."""
    return _Putting({"_": value}).visit(copy.deepcopy(expression(into))) if into else value


def rewritten(recipe: Recipe, both: Mapping[str, str], backward: Mapping[str, str]) -> Recipe:
    """The recipe with expressions in the place of letters that are read: in both texts, and in `backward` alone."""
    return _rewritten(recipe, tuple(both.items()), tuple({**both, **backward}.items()))


@functools.lru_cache(maxsize=1024)
def _rewritten(recipe: Recipe, *ways: tuple[tuple[str, str], ...]) -> Recipe:
    texts = []
    for text, way in zip((recipe.forward, recipe.backward), ways, strict=True):
        putting = _Putting({name: expression(put) for name, put in way})
        texts.append("\n".join(ast.unparse(putting.visit(statement)) for statement in parsed(text)))
    forward, backward = texts
    return Recipe(forward, backward, recipe.tools)


class _Putting(ast.NodeTransformer):
    """Puts expressions in the place of names that are read."""

    def __init__(self, expressions: Mapping[str, ast.expr]) -> None:
        self.expressions = expressions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = self.expressions.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return copy.deepcopy(found) if found else node
