"""How an operation says itself in plain NumPy, and how that text is put into the names of a graph.

A recipe is text that people read and that a script can hold. It is rewritten as a syntax tree and never run here.
Whole scripts are not made here.
"""

from __future__ import annotations

import ast
import builtins
import copy
import functools
import inspect
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from .context import stream_key
from .recipe_fold import folded

if TYPE_CHECKING:
    from .base import Op

Tool = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Recipe:
    """An operation in a few lines of NumPy: `Recipe("y = np.tanh(x)", "dx = dy * (1 - y**2)")`.

    The letters are those of its sockets, outputs, params and states; `dy` is the gradient of y. `training`, `dtype`
    ("float32"), `step` and `key` (of its random numbers) are known, too. `backward` may read what `forward` computed on
    its way. A choice that params alone decide (`if training:`, `… if reduction == "mean" else …`) is made when the text
    is written out.

    `tools` are functions that the text calls: plain NumPy, without annotations, because their source goes into the
    script. What they call comes along.
    """

    forward: str
    backward: str = ""
    tools: tuple[Tool, ...] = ()


class Written(NamedTuple):
    """A recipe in the names of a graph: lines of Python, and the tools that they call."""

    forward: list[str]
    backward: list[str]
    tools: tuple[Tool, ...]


def constants_of(
    op: Op, *, training: bool = True, dtype: str = "float64", seed: int = 0, step: int = 0, node: str = ""
) -> dict[str, Any]:
    """What the letters of a recipe besides arrays stand for, at that step of a run. `node`: its key in the run."""
    key = tuple(int(part) for part in stream_key(seed, node))
    return {**op.params, "training": training, "dtype": dtype, "step": step, "key": key}


def written(
    recipe: Recipe,
    names: Mapping[str, str],
    constants: Mapping[str, Any],
    wanted: Collection[str],
    prefix: str = "",
) -> Written:
    """The lines of a recipe in the variables of a graph.

    names: for each letter (x, y, dy, dx, running_mean) the variable, or any expression for what is only read. It goes
        before a constant of the same name. An upstream gradient that has no name is zero; a recipe may say what then is
        shorter by `… if dy is None else …`.
    constants: what other letters stand for; see `constants_of`. They become literals.
    wanted: the inputs whose gradients are to be computed; lines that serve no other purpose are left out.
    prefix: what begins the names of everything else that the text computes.

    Raises:
        ValueError: the recipe is wrong: it uses a name that means nothing, or overwrites what it was given.
    """
    known = {name: value for name, value in constants.items() if name not in names}
    forth = folded(_parsed(recipe.forward), known)
    missing = {f"d{name}": None for name in names if f"d{name}" not in names}
    back = folded(_parsed(recipe.backward), missing | known)
    back = [*_zeros(forth, back, names), *back]
    back, read = _serving(back, {f"d{name}" for name in wanted})
    results = {name for statement in forth for name in _stored(statement) if name in names}
    forth, _ = _serving(forth, results | read)
    _refuse_overwriting(forth, back, names, wanted)
    tools = {_name(tool): tool for tool in recipe.tools}
    local = {name for statement in (*forth, *back) for name in _stored(statement)} - set(names)
    own = {name: f"{prefix}_{name}" if prefix else name for name in local if name != "_"}
    renaming = _Renaming({**own, **names}, known, set(tools))
    first, then = ([line for s in part for line in _lines(renaming, s)] for part in (forth, back))
    return Written(first, then, tuple(tools[name] for name in sorted(renaming.called)))


def summing(recipe: Recipe | None, shapes: Mapping[str, tuple[int, ...]], *letters: str) -> Recipe | None:
    """The recipe of an op that broadcasts: the gradient of what was repeated is summed to the shape that it had.

    `letters`: the inputs that may be repeated; all if none are named.
    """
    if recipe is None:
        return None
    given = {letter: shapes[letter] for letter in letters or shapes if letter in shapes}
    ways = tuple((f"d{letter}", _way(letter, shape, shapes["y"])) for letter, shape in given.items())
    return _summing(recipe, ways) if any(way for _, way in ways) else recipe


def summed(expression: str, letter: str, shape: tuple[int, ...], whole: tuple[int, ...]) -> str:
    """The expression for an array of shape `whole`, summed to the shape of that letter, which was broadcast."""
    return ast.unparse(_put(_expression(expression), _way(letter, shape, whole)))


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
    statements, way = _parsed(recipe.backward), dict(ways)
    for statement in statements:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            statement.value = _put(statement.value, way.get(statement.targets[0].id, ""))
    return Recipe(recipe.forward, "\n".join(map(ast.unparse, statements)), recipe.tools)


def _put(expression: ast.expr, into: str) -> ast.expr:
    """The expression in the place of `_` in that text."""
    return _Putting({"_": expression}).visit(copy.deepcopy(_expression(into))) if into else expression


def rewritten(recipe: Recipe, both: Mapping[str, str], backward: Mapping[str, str]) -> Recipe:
    """The recipe with expressions in the place of letters that are read: in both texts, and in `backward` alone."""
    return _rewritten(recipe, tuple(both.items()), tuple({**both, **backward}.items()))


@functools.lru_cache(maxsize=1024)
def _rewritten(recipe: Recipe, *ways: tuple[tuple[str, str], ...]) -> Recipe:
    texts = []
    for text, way in zip((recipe.forward, recipe.backward), ways, strict=True):
        putting = _Putting({name: _expression(expression) for name, expression in way})
        texts.append("\n".join(ast.unparse(putting.visit(statement)) for statement in _parsed(text)))
    forward, backward = texts
    return Recipe(forward, backward, recipe.tools)


class _Putting(ast.NodeTransformer):
    """Puts expressions in the place of names that are read."""

    def __init__(self, expressions: Mapping[str, ast.expr]) -> None:
        self.expressions = expressions

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = self.expressions.get(node.id) if isinstance(node.ctx, ast.Load) else None
        return copy.deepcopy(found) if found else node


def sources(tools: Iterable[Tool]) -> list[str]:
    """The source of each tool and of what it calls, each once, what is called before what calls."""
    found: dict[str, str] = {}
    for tool in tools:
        _add_source(tool, found)
    return list(found.values())


def _add_source(tool: Any, found: dict[str, str]) -> None:
    name = _name(tool)
    if name in found:
        return
    found[name] = ""  # so that a tool may call itself
    for used in _named(tool.__code__):
        other = tool.__globals__.get(used)
        if inspect.isfunction(other):
            _add_source(other, found)
    del found[name]
    found[name] = inspect.getsource(tool).strip()


def _name(tool: Any) -> str:
    return str(tool.__name__)


def _named(code: CodeType) -> Iterator[str]:
    """The global names that a function uses, in its comprehensions, too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _named(inner)


@functools.lru_cache(maxsize=4096)
def _tree(text: str) -> ast.Module:
    return ast.parse(inspect.cleandoc(text))


def _parsed(text: str) -> list[ast.stmt]:
    return copy.deepcopy(_tree(text).body)


@functools.lru_cache(maxsize=4096)
def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _lines(renaming: _Renaming, statement: ast.stmt) -> list[str]:
    return ast.unparse(ast.fix_missing_locations(renaming.visit(statement))).splitlines()


# Which lines are needed


def _zeros(
    forth: Sequence[ast.stmt], back: Sequence[ast.stmt], names: Mapping[str, str]
) -> Iterator[ast.stmt]:
    """`dy = np.zeros_like(y)` for each upstream gradient that is read but has no name."""
    stored = {name for statement in (*forth, *back) for name in _stored(statement)}
    for name in sorted({n for statement in back for n in _loaded(statement)} - stored - set(names)):
        if name[0] == "d" and name[1:] in names:
            yield from _parsed(f"{name} = np.zeros_like({name[1:]})")


def _serving(statements: Sequence[ast.stmt], wanted: set[str]) -> tuple[list[ast.stmt], set[str]]:
    """Those statements on which a wanted name depends, and the names that they need from elsewhere."""
    kept, needed = [], set(wanted)
    for statement in reversed(statements):
        if not needed & (_stored(statement) | _changed(statement)):
            continue
        if isinstance(statement, ast.Assign):
            statement.targets = [_only(target, needed) for target in statement.targets]
            needed -= _stored(statement)
        needed |= _loaded(statement)
        kept.append(statement)
    return kept[::-1], needed


def _only(target: ast.expr, needed: set[str]) -> ast.expr:
    """The target of an assignment with `_` for what nobody needs of several results."""
    if isinstance(target, ast.Tuple):
        target.elts = [_only(part, needed) for part in target.elts]
    elif isinstance(target, ast.Name) and target.id not in needed:
        return ast.Name("_", ast.Store())
    return target


def _names(tree: ast.AST) -> Iterator[ast.Name]:
    """The names in it, without those that live in a comprehension or a lambda only."""
    inner = {name for node in ast.walk(tree) for name in _bound_inside(node)}
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in inner)


def _bound_inside(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.comprehension):
        yield from (name.id for name in ast.walk(node.target) if isinstance(name, ast.Name))
    elif isinstance(node, ast.Lambda):
        yield from (argument.arg for argument in node.args.args)


def _stored(tree: ast.AST) -> set[str]:
    return {name.id for name in _names(tree) if isinstance(name.ctx, ast.Store)}


def _loaded(tree: ast.AST) -> set[str]:
    """The names that it reads; `x += 1` reads x, too."""
    augmented = {name for node in ast.walk(tree) if isinstance(node, ast.AugAssign) for name in _stored(node)}
    return augmented | {name.id for name in _names(tree) if isinstance(name.ctx, ast.Load)}


def _changed(tree: ast.AST) -> set[str]:
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


def _refuse_overwriting(
    forth: Sequence[ast.stmt], back: Sequence[ast.stmt], names: Mapping[str, str], wanted: Collection[str]
) -> None:
    """Inputs, upstream gradients and results are not to be changed once they are there."""
    results = {name for statement in forth for name in _stored(statement)}
    inputs = set(names) - results
    own = {f"d{name}" for name in wanted}
    for statement in forth:
        if bad := inputs & _changed(statement):
            raise ValueError(f"A recipe changes {min(bad)}, which it was given: {ast.unparse(statement)}")
    for statement in back:
        if bad := (set(names) - own) & (_stored(statement) | _changed(statement)):
            raise ValueError(f"A recipe changes {min(bad)}, which it was given: {ast.unparse(statement)}")


# Whose names they are


class _Renaming(ast.NodeTransformer):
    """Letters become variables, constants become literals; `called` gathers the tools."""

    def __init__(
        self, names: Mapping[str, str], constants: Mapping[str, Any], tools: Collection[str]
    ) -> None:
        self.names, self.constants, self.tools = names, constants, tools
        self.inside: set[str] = set()
        self.called: set[str] = set()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.inside or node.id == "_":
            return node
        if node.id in self.names:
            return self._renamed(node)
        if node.id in self.constants and isinstance(node.ctx, ast.Load):
            return literal(self.constants[node.id])
        if node.id in self.tools:
            self.called.add(node.id)
        elif node.id != "np" and not hasattr(builtins, node.id):
            raise ValueError(f"A recipe uses {node.id}, which means nothing.")
        return node

    def _renamed(self, node: ast.Name) -> ast.expr:
        found = copy.deepcopy(_expression(self.names[node.id]))
        if isinstance(node.ctx, ast.Store):
            if not isinstance(found, ast.Name | ast.Subscript | ast.Attribute):
                raise ValueError(f"{node.id} is computed, so it cannot be called {self.names[node.id]}.")
            found.ctx = ast.Store()
        return found

    def generic_visit(self, node: ast.AST) -> ast.AST:
        bound = {name for child in ast.iter_child_nodes(node) for name in _bound_inside(child)}
        bound |= set(_bound_inside(node))
        outer, self.inside = self.inside, self.inside | bound
        super().generic_visit(node)
        self.inside = outer
        return node


def literal(value: Any) -> ast.expr:
    """The value as it is written in Python; infinity and NaN as NumPy has them. TypeError for what has no literal."""
    if isinstance(value, tuple | list):
        return ast.Tuple([literal(part) for part in value], ast.Load())
    if isinstance(value, float) and not math.isfinite(value):
        text = "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
        return copy.deepcopy(_expression(text))
    if value is None or isinstance(value, bool | int | float | str):
        return copy.deepcopy(_expression(repr(value)))
    raise TypeError(f"{value!r} cannot be written as a literal.")
