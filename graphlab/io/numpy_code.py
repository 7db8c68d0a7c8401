"""A graph as one Python script that runs with NumPy alone: data, forward, backward and update, with the run's numbers.

Every line knows of which entry of the schedule it is, so that it can be lit while that entry is carried out. How an
operation says itself is its own affair (`ops/recipe`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import Run, Trainer
from ..engine.flatten import End
from ..engine.optimizers import Optimizer
from ..engine.plan import Edge, Entry, Plan
from ..engine.symbols import stands_for_parameter
from ..errors import GraphlabError
from ..graph import Document, Graph
from ..ops.recipe import Recipe, constants_of, sources, written
from .numpy_script import Array, Line, Numbers, Script
from .numpy_update import Learnt, update_lines, update_of
from .python_literals import INLINE, array_lines, quoted
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
) -> Script:
    """The script of a document at a moment of its training: weights by name, and what else goes on with them.

    `state` has the optimizer's and the step ({} for the beginning), `fed` what is fed if it is not what the data set or
    the inputs themselves give. FeedError when an input has nothing to give.
    """
    run = _fresh(document)
    for name, values in weights.items():
        if name in run.weights and run.weights[name].shape == np.shape(values):
            run.set(name, values)
    if state:
        run.load_state({"parameters": run.store.flat, **state})
    return script_of(run, fed or {})


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


def script_of(run: Run, fed: Mapping[End, Array] | None = None) -> Script:
    """The script of the step that a run is in."""
    numbers = numbers_of(run)
    same = {
        end: a
        for end, a in (fed or {}).items()
        if end in numbers.arrays and numbers.arrays[end].shape == a.shape
    }
    writer = Writer(run.plan, replace(numbers, arrays={**numbers.arrays, **same}), run.optimizer)
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
        self._arrays: dict[str, Array] = {}
        self._outside: list[str] = []
        self._counts_steps = False

    def renumber(self, numbers: Numbers) -> bool:
        """Takes other numbers of the same sizes: what is written stays, `script` has them. Whether they are others."""
        if _alike(numbers, self._numbers):
            return False
        self._numbers = numbers
        self.__dict__.pop("_keeps_much", None)
        return True

    @cached_property
    def variables(self) -> Variables:
        return Variables(self._plan, self._reserved())

    @cached_property
    def _recipes(self) -> dict[str, Recipe | None]:
        plan = self._plan
        computing = (k for k in plan.nodes if not (plan.op(k).source or stands_for_parameter(plan, k)))
        return {key: plan.op(key).recipe(self._shapes(key)) for key in computing}

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
        if recipe is None:
            lack = f"raise NotImplementedError({f'{type(op).__name__} has no text in NumPy.'!r})"
            self._blocks["forward", key] = [lack] if key in self._recipes else []
            self._blocks["backward", key] = self._sums(key)
            return
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
        found = written(recipe, names, constants, wanted if key in plan.active else (), prefix)
        self._tools |= {tool.__name__: tool for tool in found.tools}
        self._counts_steps |= any(_STEP.search(text) for text in (*found.forward, *found.backward))
        self._blocks["forward", key] = found.forward
        self._blocks["backward", key] = [*self._sums(key), *found.backward]

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
            if (key, output) in self._incoming or key == plan.goal:
                names[f"d{output}"] = variables.gradient((key, output))
        states = {name: variables.value((k, name)) for k, name in plan.states if k == key}
        return names | states, wanted

    def _sums(self, key: str) -> list[str]:
        """What comes back along several wires, added up; 1 for the goal itself."""
        lines = []
        for output in self._plan.op(key).results():
            edges = self._incoming.get((key, output), [])
            if key == self._plan.goal:
                value, gradient = self.variables.value((key, output)), self.variables.gradient((key, output))
                lines.append(f"{gradient} = np.ones_like({value})")
            elif len(edges) > 1:
                lines += _sum(self.variables.gradient((key, output)), [self.variables.term(e) for e in edges])
        return lines

    # The whole

    def script(self) -> Script:
        """The script, when all is written."""
        self._arrays, self._outside = {}, []
        lines = [*self._head(), *self._data(), *self._forward(), *self._backward()]
        lines += [*self._said(), *self._updates()]
        return Script(tuple(lines), self._arrays, tuple(self._outside), dict(self._handed()))

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
        if self._needs_file():
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

    def _ends(self) -> dict[End, tuple[str, str, tuple[int, ...]]]:
        """All that the script begins with: (name in the file, phase of its line, shape), sources first."""
        plan, sizes = self._plan, self._numbers.sizes
        found: dict[End, tuple[str, str, tuple[int, ...]]] = {}
        for key, node in plan.nodes.items():
            op = plan.op(key)
            if op.source:
                several = len(op.results()) > 1
                for output in op.results():
                    name = f"{node.path}.{output}" if several else node.path
                    found[key, output] = name, "forward", plan.inference.specs[key, output].at(sizes)
        for end, slot in (*plan.parameters.items(), *plan.states.items()):
            name = self._called(end)
            found[end] = name, "" if name == slot.name else "forward", slot.shape
        return found

    def _called(self, end: End) -> str:
        """The name of a parameter or state for people: "hidden.weight", and "W" for a parameter drawn by itself."""
        slot = self._plan.parameters.get(end)
        if slot is None:
            return self._plan.states[end].name
        return self._plan.nodes[end[0]].path if stands_for_parameter(self._plan, end[0]) else slot.name

    def _needs_file(self) -> bool:
        return (
            any(self._is_large(end, shape) for end, (_, _, shape) in self._ends().items()) or self._keeps_much
        )

    def _is_large(self, end: End, shape: tuple[int, ...]) -> bool:
        return end not in self._numbers.arrays or int(np.prod(shape)) > INLINE

    @cached_property
    def _keeps_much(self) -> bool:
        return self._update is not None and any(np.any(vector) for vector in self._numbers.kept.values())

    def _data(self) -> Iterator[Line]:
        ends = self._ends()
        if self._needs_file():
            yield Line('arrays = np.load(Path(__file__).with_suffix(".npz"))')
            yield Line("")
        titles: dict[str, list[End]] = {
            "what is fed": [],
            "what is learnt": [],
            "what is kept from step to step": [],
        }
        for end in ends:
            kind = 0 if self._plan.op(end[0]).source else 1 if end in self._plan.parameters else 2
            list(titles.values())[kind].append(end)
        for title, members in titles.items():
            if members:
                yield Line(f"# {title}")
                for end in members:
                    name, phase, shape = ends[end]
                    yield from self._array(end, name, phase, shape)
                yield Line("")

    def _array(self, end: End, name: str, phase: str, shape: tuple[int, ...]) -> Iterator[Line]:
        variable, array = self.variables.value(end), self._numbers.arrays.get(end)
        if self._is_large(end, shape):
            sizes = "×".join(map(str, shape)) or "a number"
            yield Line(f'{variable} = arrays["{quoted(name)}"]  # {sizes}', phase, end[0])
            self._outside.append(name)
            if array is not None:
                self._arrays[name] = array
        else:
            assert array is not None
            yield from (Line(text, phase, end[0]) for text in array_lines(variable, array))

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
            goal = self._plan.nodes[self._plan.goal].path
            yield Line(f"# --- backward: d_x is how {goal} changes with x ---")
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
        goal = (plan.goal, plan.op(plan.goal).results()[0])
        yield Line(f'print("{quoted(plan.nodes[plan.goal].path)} =", {variables.value(goal)})')
        if not plan.parameters:
            return
        yield Line("gradients = {")
        for end in plan.parameters:
            if end[0] in plan.active:
                name = self._called(end)
                yield Line(f'    "{quoted(name)}": {variables.gradient(end)},', "backward", end[0])
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
            Learnt(self._called(end), variables.value(end), variables.gradient(end), self._kept(end))
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
                stored = f"{self._called(end)}.{name}"
                self._arrays[stored] = vector[slot.window].reshape(slot.shape)
                self._outside.append(stored)
                found.append(f'arrays["{quoted(stored)}"]')
        return found


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
