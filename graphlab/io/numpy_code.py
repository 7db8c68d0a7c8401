"""A graph as one Python script that runs with NumPy alone: data, forward, backward and update, with the run's numbers.

Every line knows of which entry of the schedule it is, so that it can be lit while that entry is carried out. How an
operation says itself is its own affair (`ops/recipe`).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import Run, Trainer
from ..engine.flatten import End
from ..engine.goals import At
from ..engine.optimizers import Optimizer
from ..engine.plan import Edge, Entry, Plan
from ..engine.symbols import stands_for_parameter
from ..errors import GraphlabError
from ..graph import Document, Graph
from ..ops.recipe import Recipe, Written, constants_of, sources, written
from .numpy_data import Data, called, constants
from .numpy_script import Array, Line, Numbers, Script
from .numpy_update import Learnt, update_lines, update_of
from .python_literals import quoted
from .python_names import Variables

_STEP = re.compile(r"\bstep\b")


def to_numpy(source: Graph | Document | Run, path: str | Path | None = None) -> str:
    """A graph, document or run as a Python script that needs NumPy alone, and comes to the same numbers.

    With `path` it is written there, and large arrays into a `.npz` of that name beside it. A graph begins with fresh
    weights and the first batch of its data set.

    Raises:
        FeedError: an input has nothing to give. SaveError.
    """
    script = script_of(source if isinstance(source, Run) else _fresh(source))
    if path is not None:
        script.save(Path(path))
    return script.text


def script_at(
    document: Document,
    weights: Mapping[str, Array],
    state: Mapping[str, Any],
    fed: Mapping[End, Array] | None = None,
    aim: tuple[str, At] | None = None,
) -> Script:
    """The script of a document at a moment of its training: weights by name, and what else goes on with them.

    `state` has the optimizer's and the step ({} for the beginning), `fed` what is fed if it is not what the data set or
    the inputs themselves give. `aim` asks about an element, or "sum", of an output instead of the loss. FeedError when
    an input has nothing to give.
    """
    run = _fresh(document)
    for name, values in weights.items():
        if name in run.weights and run.weights[name].shape == np.shape(values):
            run.set(name, values)
    if state:
        run.load_state({"parameters": run.store.flat, **state})
    return script_of(run, fed or {}, aim)


def _fresh(source: Graph | Document) -> Run:
    """A run with fresh weights that is fed by its data set, if it has one."""
    try:
        return Trainer(source, input_gradients=True, healthy_only=True).run
    except GraphlabError:
        return Run(source)  # it cannot be trained; what has values of its own runs all the same


def numbers_of(run: Run) -> Numbers:
    """Those of the step that the run is in; between two steps, of the next. FeedError when an input has nothing."""
    is_between = run.cursor in (0, len(run.schedule))
    feed = run.feeder(run.clock.step) if run.feeder and is_between else run.present_feed()
    slots = {**run.plan.parameters, **run.plan.states}
    weights = run.weights
    arrays = {end: weights[slot.name] for end, slot in slots.items()} | feed.arrays
    return Numbers(
        dict(feed.sizes),
        {end: np.array(array) for end, array in arrays.items()},
        {name: vector.copy() for name, vector in run.optimizer.state.items()},
        run.clock.seed,
        run.clock.step,
        run.clock.training,
    )


def script_of(run: Run, fed: Mapping[End, Array] | None = None, aim: tuple[str, At] | None = None) -> Script:
    """The script of the step that a run is in; `aim` and `fed` as for `script_at`."""
    numbers, plan = numbers_of(run), run.plan
    if aim is not None:
        plan = Plan(run.document, aim[0], at=aim[1], dtype=str(plan.dtype), previous=plan)
    same = {
        end: a
        for end, a in (fed or {}).items()
        if end in numbers.arrays and numbers.arrays[end].shape == a.shape
    }
    writer = Writer(plan, replace(numbers, arrays={**numbers.arrays, **same}), run.optimizer)
    for _ in writer.work():
        pass
    return writer.script()


class Writer:
    """Writes the script of a plan, node by node: drain `work()`, then ask for `script()`.

    So a window can do it in slices.
    """

    def __init__(self, plan: Plan, numbers: Numbers, optimizer: Optimizer | None = None) -> None:
        self._plan, self._numbers, self._optimizer = plan, numbers, optimizer
        self._update = update_of(optimizer) if optimizer is not None and plan.trains else None
        self._incoming: dict[End, list[Edge]] = {}
        for edge in reversed(plan.edges):  # as they are summed
            self._incoming.setdefault(edge.source, []).append(edge)
        self._targets = {edge.target: edge for edge in plan.edges}
        self._tools: dict[str, Any] = {}
        self._blocks: dict[tuple[str, str], list[str]] = {}
        self._data = Data(plan, numbers, {})
        self._counts_steps = False

    def renumber(self, numbers: Numbers) -> bool:
        """Takes other numbers of the same sizes: what is written stays, `script` has them. Whether they are others."""
        if _alike(numbers, self._numbers):
            return False
        self._numbers = numbers
        return True

    @cached_property
    def variables(self) -> Variables:
        return Variables(self._plan, self._reserved())

    @cached_property
    def _recipes(self) -> dict[str, Recipe | None]:
        plan = self._plan
        given = {key for key, _ in self._constants}
        given |= {key for key in plan.nodes if plan.op(key).source or stands_for_parameter(plan, key)}
        return {key: plan.op(key).recipe(self._shapes(key)) for key in plan.nodes if key not in given}

    @cached_property
    def _constants(self) -> dict[End, Array]:
        return constants(self._plan, self._numbers.sizes, self._numbers.seed)

    def _reserved(self) -> list[str]:
        """The names of the functions in the script."""
        tools = {tool for recipe in self._recipes.values() if recipe is not None for tool in recipe.tools}
        found = [source[len("def ") : source.index("(")] for source in sources(tools)]
        return found if self._update is None else [*found, self._update.rule.__name__]

    def work(self) -> Iterator[None]:
        """Writes one node after the other."""
        for key in self._plan.nodes:
            self._write_node(key)
            yield

    # One node

    def _shapes(self, key: str) -> dict[str, tuple[int, ...]]:
        plan, sizes = self._plan, self._numbers.sizes
        op, node = plan.op(key), plan.nodes[key]
        shapes = {s: plan.inference.specs[end].at(sizes) for s, end in node.inputs.items()}
        for socket in op.sockets():
            if socket.name in shapes:
                continue
            slot = plan.parameters.get((key, socket.name))
            if slot is not None:
                shapes[socket.name] = slot.shape
            elif not socket.learnable:
                shapes[socket.name] = ()
        return shapes | {name: plan.inference.specs[key, name].at(sizes) for name in op.results()}

    def _write_node(self, key: str) -> None:
        plan = self._plan
        op = plan.op(key)
        recipe = self._recipes.get(key)
        self._blocks["forward", key], self._blocks["backward", key] = [], self._sums(key)
        if recipe is not None:
            try:
                self._write_out(key, recipe)
            except (ValueError, TypeError) as error:  # of a package of someone else's; ours are tested
                self._blocks["forward", key] = [
                    _lack(f"The text of {type(op).__name__} is at fault: {error}")
                ]
        elif key in self._recipes:
            self._blocks["forward", key] = [_lack(f"{type(op).__name__} has no text in NumPy.")]

    def _write_out(self, key: str, recipe: Recipe) -> None:
        plan = self._plan
        op = plan.op(key)
        names, wanted = self._names(key)
        names["step"] = "step"
        numbers = self._numbers
        constants = constants_of(
            op,
            training=numbers.training,
            dtype=str(plan.dtype),
            seed=numbers.seed,
            step=numbers.step,
            node=key,
        )
        prefix = self.variables.prefix((key, op.results()[0]))
        wanted = wanted if key in plan.active else set()
        known = tuple((name, value) for name, value in constants.items() if name not in names)
        found = _written(recipe, tuple(names.items()), _Literals(known), frozenset(wanted), prefix)
        self._tools |= {tool.__name__: tool for tool in found.tools}
        self._counts_steps |= any(_STEP.search(text) for text in (*found.forward, *found.backward))
        self._blocks["forward", key] = found.forward
        self._blocks["backward", key] += found.backward

    def _names(self, key: str) -> tuple[dict[str, str], set[str]]:
        """The variables for the letters of an operation, and the inputs that want a gradient."""
        plan, variables = self._plan, self.variables
        op, node = plan.op(key), plan.nodes[key]
        names: dict[str, str] = {}
        wanted: set[str] = set()
        for socket in op.sockets():
            source, edge = node.inputs.get(socket.name), self._targets.get((key, socket.name))
            if source is not None:
                names[socket.name] = variables.value(source)
                if edge is not None:
                    names[f"d{socket.name}"] = variables.term(edge)
                    wanted.add(socket.name)
            elif (key, socket.name) in plan.parameters:
                names[socket.name] = variables.value((key, socket.name))
                names[f"d{socket.name}"] = variables.gradient((key, socket.name))
                wanted.add(socket.name)
        for output in op.results():
            names[output] = variables.value((key, output))
            if (key, output) in self._incoming or self._is_goal((key, output)):
                names[f"d{output}"] = variables.gradient((key, output))
        states = {name: variables.value((k, name)) for k, name in plan.states if k == key}
        return names | states, wanted

    def _sums(self, key: str) -> list[str]:
        """What comes back along several wires, added up; 1 for the goal itself."""
        lines = []
        for output in self._plan.op(key).results():
            edges = self._incoming.get((key, output), [])
            if self._is_goal((key, output)):
                lines += self._start((key, output))
            elif len(edges) > 1:
                lines += _sum(self.variables.gradient((key, output)), [self.variables.term(e) for e in edges])
        return lines

    def _is_goal(self, end: End) -> bool:
        return bool(self._plan.goal) and end == self._plan.goal_end

    def _start(self, end: End) -> list[str]:
        """What backward starts with: 1; of an element that is asked about, 1 there and 0 elsewhere."""
        value, gradient, asked = self.variables.value(end), self.variables.gradient(end), self._plan.question
        if asked is None or not asked.at:
            return [f"{gradient} = np.ones_like({value})"]
        return [f"{gradient} = np.zeros_like({value})", f"{gradient}[{', '.join(map(str, asked.at))}] = 1"]

    # The whole

    def script(self) -> Script:
        """The script, when all is written."""
        self._data = Data(self._plan, self._numbers, self._constants)
        lines = [*self._head(), *self._data.lines(self.variables), *self._forward(), *self._backward()]
        lines += [*self._said(), *self._updates()]
        return Script(tuple(lines), self._data.arrays, tuple(self._data.outside), dict(self._handed()))

    @property
    def _keeps_much(self) -> bool:
        """Whether the optimizer remembers anything yet."""
        return self._update is not None and any(map(np.any, self._numbers.kept.values()))

    def _handed(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """For each node whose gradient one other node hands it: which one, and the variable."""
        for (key, _), edges in self._incoming.items():
            if len(edges) == 1:
                yield key, (edges[0].target[0], self.variables.term(edges[0]))

    def _head(self) -> Iterator[Line]:
        name = self._plan.document.name or "A graph"
        yield Line(
            f'"""{quoted(name)}: one step, forward, backward and update, in NumPy alone. Written by graphlab."""'
        )
        yield Line("")
        needs_file = self._data.needs_file or self._keeps_much
        if needs_file:
            yield Line("from pathlib import Path")
            yield Line("")
        yield Line("import numpy as np")
        yield Line("")
        yield Line(f"dtype = np.{self._plan.dtype}")
        if self._counts_steps:
            yield Line(f"step = {self._numbers.step}  # which random numbers are drawn")
        tools = [*self._tools.values(), *([self._update.rule] if self._update else [])]
        for source in sources(tools):
            yield from (Line(""), Line(""))
            yield from (Line(_plain(text)) for text in source.splitlines())
        if tools:
            yield Line("")
        yield Line("")
        if needs_file:
            yield Line('arrays = np.load(Path(__file__).with_suffix(".npz"))')
            yield Line("")

    def _comment(self, entry: Entry) -> str:
        """Which node a block is about, and what it is."""
        op, node = self._plan.op(entry.id), self._plan.nodes[entry.id]
        spec = self._plan.inference.specs[entry.id, op.results()[0]]
        sizes = "×".join(map(str, spec.at(self._numbers.sizes)))
        return f"# {node.path}: {node.op_name}{f', {sizes}' if sizes else ''}"

    def _blocks_of(self, phase: str) -> Iterator[Line]:
        for entry in self._plan.schedule:
            block = self._blocks[phase, entry.id] if entry.phase == phase else []
            if block:
                yield Line(self._comment(entry), phase, entry.id)
                yield from (Line(text, phase, entry.id) for text in block)
                yield Line("")

    def _forward(self) -> Iterator[Line]:
        yield Line("# --- forward ---")
        yield Line("")
        yield from self._blocks_of("forward")

    def _backward(self) -> Iterator[Line]:
        if self._plan.active:
            yield Line(f"# --- backward: d_x is how {self._plan.goal_title} changes with x ---")
            yield Line("")
            yield from self._blocks_of("backward")

    def _said(self) -> Iterator[Line]:
        """What the script prints: the goal and the length of every gradient; without a goal, where the graph ends."""
        plan, variables = self._plan, self.variables
        if not plan.active:
            fed = {source for node in plan.nodes.values() for source in node.inputs.values()}
            ends = [
                (key, name) for key in plan.nodes for name in plan.op(key).results() if (key, name) not in fed
            ]
            yield from (Line(f'print("{quoted(variables.value(e))} =", {variables.value(e)})') for e in ends)
            return
        goal, asked = variables.value(plan.goal_end), plan.question
        if asked is not None:
            goal += ".sum()" if asked.at is None else f"[{', '.join(map(str, asked.at))}]" if asked.at else ""
        yield Line(f'print("{quoted(plan.goal_title)} =", {goal})')
        if not plan.parameters:
            return
        yield Line("gradients = {")
        for end in plan.parameters:
            if end[0] in plan.active:
                name = called(self._plan, end)
                yield Line(f'    "{quoted(name)}": {variables.gradient(end)},', "", end[0])
        yield Line("}")
        yield Line("for name, gradient in gradients.items():")
        yield Line('    print(f"|d {name}| = {np.linalg.norm(gradient):.6g}")')

    def _updates(self) -> Iterator[Line]:
        """The update of every parameter that training changes."""
        plan, variables = self._plan, self.variables
        if not plan.trains or self._optimizer is None:
            return
        learns = [end for end in plan.parameters if end[0] in plan.active and not plan.nodes[end[0]].frozen]
        parameters = [
            Learnt(called(self._plan, end), variables.value(end), variables.gradient(end), self._kept(end))
            for end in learns
        ]
        yield Line("")
        everything = len([end for end in plan.parameters if end[0] in plan.active]) == len(learns)
        yield from (Line(text, "update") for text in update_lines(self._optimizer, parameters, everything))

    def _kept(self, end: End) -> list[str]:
        """What the optimizer keeps of a parameter, as text: the number that fills it at first, or where it is read."""
        assert self._optimizer is not None
        found, slot = [], self._plan.parameters[end]
        for name, first in self._optimizer.kept().items():
            vector = self._numbers.kept.get(name)
            if vector is None or not self._keeps_much:
                found.append(repr(first))
            else:
                part = vector[slot.window].reshape(slot.shape)
                found.append(self._data.put_outside(f"{called(self._plan, end)}.{name}", part))
        return found


def _lack(why: str) -> str:
    """The line that stands for an operation that cannot be written."""
    return f"raise NotImplementedError({why!r})"


class _Literals:
    """Constants as what they are written as: to a cache 1, 1.0 and True are the same, in a script they are not."""

    def __init__(self, items: tuple[tuple[str, Any], ...]) -> None:
        self.items, self._text = items, repr(items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Literals) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@functools.lru_cache(maxsize=8192)
def _written(
    recipe: Recipe, names: tuple[tuple[str, str], ...], known: _Literals, wanted: frozenset[str], prefix: str
) -> Written:
    """Kept, because an edit leaves most nodes of a graph as they were."""
    return written(recipe, dict(names), dict(known.items), wanted, prefix)


def _alike(one: Numbers, other: Numbers) -> bool:
    if (one.seed, one.step, one.training, len(one.kept)) != (
        other.seed,
        other.step,
        other.training,
        len(other.kept),
    ):
        return False
    return one.arrays.keys() == other.arrays.keys() and all(
        np.array_equal(array, other.arrays[end]) for end, array in one.arrays.items()
    )


def _sum(result: str, terms: list[str]) -> list[str]:
    """`result = a + b + …`, a term to a line where there are many."""
    if len(terms) <= 4:
        return [f"{result} = {' + '.join(terms)}"]
    return [f"{result} = (", *(f"    {'+ ' if k else ''}{term}" for k, term in enumerate(terms)), ")"]


def _plain(line: str) -> str:
    """A line of a tool without what only its own file needs."""
    return line.split("  # type:")[0].split("  # noqa")[0]
