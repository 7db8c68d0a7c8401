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
from .recipe_fold import THERE, folded
from .recipe_statements import bound_inside, changed, loaded, of_all, serving, stored, without_aliases

if TYPE_CHECKING:
    from .base import Op

Tool = Callable[..., Any]
MARK = "\0"  # stands around a letter in a line until it gets its name


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
        ValueError: the recipe is wrong: it uses a name that means nothing, or overwrites what it was given, or has
            nothing to say of a gradient that is wanted.
    """
    used = _used(recipe)
    known = tuple(
        (name, repr(value), value) for name, value in constants.items() if name in used and name not in names
    )
    lines = _lines(recipe, frozenset(names), known, frozenset(wanted))
    own = {name: f"{prefix}_{name}" if prefix else name for name in lines.own}
    words = own | {letter: _as_word(letter, names[letter], lines.computed) for letter in lines.letters}
    forth, back = ([_named(line, words) for line in part] for part in (lines.forward, lines.backward))
    return Written(forth, back, lines.tools)


class _Lines(NamedTuple):
    """A recipe written out but for the names, which stand as letters between marks."""

    forward: tuple[str, ...]
    backward: tuple[str, ...]
    letters: frozenset[str]  # that were given, and are used
    computed: frozenset[str]  # of all letters those that are assigned to
    own: frozenset[str]  # letters that are the recipe's own
    tools: tuple[Tool, ...]


@functools.lru_cache(maxsize=4096)
def _lines(
    recipe: Recipe,
    letters: frozenset[str],
    constants: tuple[tuple[str, str, Any], ...],
    wanted: frozenset[str],
) -> _Lines:
    """All that does not depend on what things are called; nodes that are alike share it."""
    known = {name: value for name, _, value in constants}
    forth, back = _statements(recipe, letters, known, wanted)
    forth, back = without_aliases(forth, back, letters)
    _refuse_overwriting(forth, back, letters, wanted)
    computed, used = set(of_all(ast.Store, [*forth, *back])), set(of_all(None, [*forth, *back]))
    own = computed - letters - {"_"}
    tools = {tool.__name__: tool for tool in recipe.tools}
    marking = _Marking(letters | own, known, set(tools))
    first, then = (
        tuple(line for statement in part for line in marking.lines(statement)) for part in (forth, back)
    )
    called = tuple(tools[name] for name in sorted(marking.called))
    return _Lines(first, then, letters & used, frozenset(computed), frozenset(own), called)


def _statements(
    recipe: Recipe, letters: frozenset[str], known: Mapping[str, Any], wanted: frozenset[str]
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """The statements that are needed, with the choices made."""
    forth = folded(parsed(recipe.forward), known)
    upstream = {f"d{name}": THERE if f"d{name}" in letters else None for name in letters}
    back = folded(parsed(recipe.backward), upstream | dict(known))
    back = [*_zeros(forth, back, letters), *back]
    told = set(of_all(ast.Store, back))
    if silent := sorted(name for name in wanted if f"d{name}" not in told):
        raise ValueError(f"A recipe says nothing of d{silent[0]}, which is wanted.")
    back, read = serving(back, {f"d{name}" for name in wanted})
    forth, _ = serving(forth, (set(of_all(ast.Store, forth)) & letters) | read)
    return forth, back


def _zeros(
    forth: Sequence[ast.stmt], back: Sequence[ast.stmt], letters: frozenset[str]
) -> Iterator[ast.stmt]:
    """`dy = np.zeros_like(y)` for each upstream gradient that is read but has no name."""
    strange = {name for statement in back for name in loaded(statement)}
    strange -= set(of_all(ast.Store, [*forth, *back])) | letters
    for name in sorted(strange):
        if name[0] == "d" and name[1:] in letters:
            yield from parsed(f"{name} = np.zeros_like({name[1:]})")


def _refuse_overwriting(
    forth: Sequence[ast.stmt], back: Sequence[ast.stmt], letters: frozenset[str], wanted: frozenset[str]
) -> None:
    """Inputs, upstream gradients and results are not to be changed once they are there."""
    inputs = letters - set(of_all(ast.Store, forth))
    others = letters - {f"d{name}" for name in wanted}
    for statement in forth:
        if bad := inputs & changed(statement):
            raise ValueError(f"A recipe changes {min(bad)}, which it was given: {ast.unparse(statement)}")
    for statement in back:
        if bad := others & (stored(statement) | changed(statement)):
            raise ValueError(f"A recipe changes {min(bad)}, which it was given: {ast.unparse(statement)}")


# Text and trees


@functools.lru_cache(maxsize=4096)
def _tree(text: str) -> ast.Module:
    return ast.parse(inspect.cleandoc(text))


def parsed(text: str) -> list[ast.stmt]:
    """The statements of a text, for oneself to change."""
    return copy.deepcopy(_tree(text).body)


@functools.lru_cache(maxsize=4096)
def expression(text: str) -> ast.expr:
    """The tree of an expression. It is not to be changed."""
    return ast.parse(text, mode="eval").body


@functools.lru_cache(maxsize=4096)
def _used(recipe: Recipe) -> frozenset[str]:
    """Every name in a recipe; of two numbers that are chosen from, the dtype is told, too."""
    implied = {"dtype"} if "np.where" in recipe.forward + recipe.backward else set()
    return frozenset(implied).union(of_all(None, [*_tree(recipe.forward).body, *_tree(recipe.backward).body]))


class _Marking(ast.NodeTransformer):
    """Puts marks around letters, and literals in the place of constants; `called` gathers the tools."""

    def __init__(
        self, letters: Collection[str], constants: Mapping[str, Any], tools: Collection[str]
    ) -> None:
        self.letters, self.constants, self.tools = letters, constants, tools
        self.inside: set[str] = set()
        self.called: set[str] = set()

    def lines(self, statement: ast.stmt) -> list[str]:
        marked = ast.fix_missing_locations(self.visit(statement))
        if isinstance(marked, ast.Assign) and isinstance(marked.value, ast.Tuple):
            return [f"{_without_brackets(marked.targets[0])} = {_without_brackets(marked.value)}"]
        return ast.unparse(marked).splitlines()

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.inside or node.id == "_":
            return node
        if node.id in self.letters:
            return ast.Name(f"{MARK}{node.id}{MARK}", node.ctx)
        if node.id in self.constants and isinstance(node.ctx, ast.Load):
            return literal(self.constants[node.id])
        if node.id in self.tools:
            self.called.add(node.id)
        elif node.id != "np" and not hasattr(builtins, node.id):
            raise ValueError(f"A recipe uses {node.id}, which means nothing.")
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        bound = {name for child in ast.iter_child_nodes(node) for name in bound_inside(child)}
        outer, self.inside = self.inside, self.inside | bound | set(bound_inside(node))
        super().generic_visit(node)
        self.inside = outer
        return node


def _without_brackets(node: ast.expr) -> str:
    """`a, b` for a tuple of two."""
    return ", ".join(map(ast.unparse, node.elts)) if isinstance(node, ast.Tuple) else ast.unparse(node)


def _named(line: str, words: Mapping[str, str]) -> str:
    pieces = line.split(MARK)
    pieces[1::2] = [words[letter] for letter in pieces[1::2]]
    return "".join(pieces)


def _as_word(letter: str, name: str, computed: Collection[str]) -> str:
    """The name as it stands in a line: an expression in brackets. ValueError for one that is assigned to."""
    if name.isidentifier():
        return name
    is_place = isinstance(expression(name), ast.Subscript | ast.Attribute)
    if letter in computed and not is_place:
        raise ValueError(f"{letter} is computed, so it cannot be called {name}.")
    return name if is_place else f"({name})"


def literal(value: Any) -> ast.expr:
    """The value as it is written in Python; infinity and NaN as NumPy has them. TypeError for what has no literal."""
    if isinstance(value, tuple | list):
        return ast.Tuple([literal(part) for part in value], ast.Load())
    if isinstance(value, float) and not math.isfinite(value):
        text = "np.nan" if math.isnan(value) else "np.inf" if value > 0 else "-np.inf"
        return copy.deepcopy(expression(text))
    if value is None or isinstance(value, bool | int | float | str):
        return copy.deepcopy(expression(repr(value)))
    raise TypeError(f"{value!r} cannot be written as a literal.")


# The source of tools


def sources(tools: Iterable[Tool]) -> list[str]:
    """The source of each tool and of what it calls, each once, what is called before what calls."""
    found: dict[str, str] = {}
    for tool in tools:
        _add_source(tool, found)
    return list(found.values())


def _add_source(tool: Any, found: dict[str, str]) -> None:
    if tool.__name__ in found:
        return
    found[tool.__name__] = ""  # so that a tool may call itself
    for used in _global_names(tool.__code__):
        other = tool.__globals__.get(used)
        if inspect.isfunction(other):
            _add_source(other, found)
    del found[tool.__name__]
    found[tool.__name__] = _source(tool)


@functools.cache
def _source(tool: Tool) -> str:
    return inspect.getsource(tool).strip()


def _global_names(code: CodeType) -> Iterator[str]:
    """The global names that a function uses, in its comprehensions, too."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _global_names(inner)
