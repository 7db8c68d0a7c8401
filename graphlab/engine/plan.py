"""Plan: a document compiled for running, with every shape known but nothing allocated yet."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from ..errors import MemoryBudgetError, ProblemsError, SettingsError
from ..graph import Document, Graph
from ..ops import Op, Socket
from .costs import Cost, costs
from .finding import Problem
from .flatten import End, FlatNode
from .goals import SUM, At, Question, question, title
from .inference import Inference, infer

Array = npt.NDArray[Any]
DTYPES = ("float32", "float64")
OPTIMIZER_VECTORS = 2  # that an optimizer keeps besides parameters and gradients; Adam's m and v
STATE_VECTORS = 2  # what is kept now, and what is to be after the update


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the schedule: phase "forward", "backward" or "update"; node id and name ("" for the update)."""

    index: int
    phase: str
    id: str
    node: str


@dataclass(frozen=True, slots=True)
class ParameterSlot:
    """Where a learnable parameter, or a state such as a running mean, lies in the flat vector of its kind."""

    name: str
    key: End
    shape: tuple[int, ...]
    offset: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def window(self) -> slice:
        """Its part of the flat vector."""
        return slice(self.offset, self.offset + self.size)


class Edge(NamedTuple):
    """What one wire carries back: from the socket of `target` to the output `source`."""

    source: End
    target: End


class Plan:
    """Compiles a graph or document. A faulty graph has a plan as well: `problems` lists every fault, the rest runs.

    Attributes:
        nodes: the healthy nodes by key, in topological order.
        goal: key of the node that `backward` starts from; "" when there is none.
        question: what is asked about instead of the loss, if anything is; such a plan trains nothing.
        learns: keys of the nodes whose result depends on a parameter.
        active: keys of the nodes that the backward phase visits; `edges` are the wires that carry a gradient.
        parameters: the slots of all learnable values, in one flat vector of `parameter_size` numbers; those that
            training changes come first, `trainable_size` numbers of them.
        states: the slots of what ops keep from step to step, in another of `state_size` numbers.
        schedule: forward entries in topological order, backward entries in reverse, then the update.

    `at` makes of the goal a question: the element of that output, or "sum" for the sum of all its elements. `previous`
    is the plan of another version of the document; it makes no difference but to the time it takes.

    Raises:
        UnknownNodeError: `goal` names no node. GoalError: there is no such element, or it has no gradient.
        SettingsError: `dtype` is neither float32 nor float64.
    """

    def __init__(
        self,
        graph: Graph | Document,
        goal: str | None = None,
        *,
        at: At | None = None,
        dtype: str = "float32",
        input_gradients: bool = True,
        previous: Plan | None = None,
    ) -> None:
        self.document = graph.document if isinstance(graph, Graph) else graph
        if dtype not in DTYPES:
            raise SettingsError(f"A run cannot compute in {dtype!r}.", hint="Choose float32 or float64.")
        self.dtype = np.dtype(dtype)
        self._wish = self.document.node(goal).id if goal and at is None else None  # a name may change
        found = infer(self.document, self._wish, previous.inference if previous else None)
        self.inference: Inference = found
        self.nodes: dict[str, FlatNode] = {key: found.nodes[key] for key in found.healthy}
        self.goal = found.goal
        self.problems: tuple[Problem, ...] = found.problems
        self.parameters = self._slots(self._frozen_last(found.learnables))
        self.trainable_size = sum(
            s.size for (key, _), s in self.parameters.items() if not self.nodes[key].frozen
        )
        self.parameter_size = sum(slot.size for slot in self.parameters.values())
        self.states = self._slots(found.states)
        self.state_size = sum(slot.size for slot in self.states.values())
        self.names = {node.path: key for key, node in self.nodes.items()}
        self.question: Question | None = question(self, goal, at) if goal and at is not None else None
        if self.question is not None:
            self.goal = self.question.end[0]
        self.learns = frozenset(self._needed(False))
        needed = self._needed(True) if input_gradients else self.learns
        self.edges = self._backward_edges(needed)
        self.active = self._active(needed)
        self.schedule = self._schedule()
        self.places = {(entry.phase, entry.id): entry.index for entry in self.schedule}

    def rename(self, document: Document) -> None:
        """Takes over the names of a document that differs in names, places, notes and settings alone.

        Shapes, order and offsets stay as they are, and so does what runs the plan.
        """
        self.take_over(self.of_version(document))

    def of_version(self, document: Document) -> Plan:
        """The plan of another version of the document, with the same goal and dtype asked for."""
        goal, at = self.aim
        return Plan(document, goal, at=at, dtype=str(self.dtype), previous=self)

    def take_over(self, new: Plan) -> None:
        """Takes over nodes and names of a plan that is laid out alike."""
        for name in ("document", "inference", "nodes", "problems", "parameters", "states", "names"):
            setattr(self, name, getattr(new, name))
        self.schedule[:] = new.schedule

    @property
    def aim(self) -> tuple[str | None, At | None]:
        """`goal` and `at` that make a plan of another version, or in another dtype, go back from the same number."""
        if self.question is None:
            return self._wish, None
        (key, output), at = self.question.end, self.question.at
        return f"{key}.{output}", SUM if at is None else at

    @property
    def goal_end(self) -> End:
        """The output that backward starts from; only where there is a goal."""
        return (self.goal, self.op(self.goal).results()[0]) if self.question is None else self.question.end

    @property
    def goal_title(self) -> str:
        """What people call the number that backward starts from: "loss", "hidden[0, 2]", "Σ hidden"; "" for none."""
        if self.question is not None:
            return title(self.end_name(self.question.end), self.question.at)
        return self.nodes[self.goal].path if self.goal else ""

    def goal_part(self, values: Array) -> Array:
        """Of the values of `goal_end`, the number that backward starts from, or those whose sum is asked about."""
        asked = self.question
        return values if asked is None else asked.part(values, self.end_name(asked.end))

    def end_name(self, end: End) -> str:
        """What people call an output: the node alone where it has no other."""
        key, output = end
        path = self.nodes[key].path
        return path if len(self.op(key).results()) == 1 else f"{path}.{output}"

    @property
    def symbols(self) -> set[str]:
        """The names of all sizes that are open until something is fed, such as N."""
        specs = (self.inference.specs[key, name] for key in self.nodes for name in self.op(key).results())
        return {name for spec in specs for name in spec.names}

    def op(self, key: str) -> Op:
        op = self.nodes[key].op
        assert op is not None  # healthy nodes have one
        return op

    def sockets(self, key: str) -> tuple[Socket, ...]:
        return self.op(key).sockets()

    def require_healthy(self) -> None:
        """ProblemsError, naming the first fault and counting the others, when there is any."""
        if self.problems:
            first, more = self.problems[0], len(self.problems) - 1
            where = f"{first.node}.{first.socket}" if first.socket else first.node
            tail = f" ({more} more fault{'s' if more > 1 else ''}.)" if more else ""
            raise ProblemsError(
                f"{where}: {first.message}", hint=first.hint + tail, node=first.node, problems=self.problems
            )

    @property
    def trains(self) -> bool:
        """Whether there is something to learn: the schedule then ends with an update."""
        return bool(self.schedule) and self.schedule[-1].phase == "update"

    def require_goal(self) -> str:
        """The goal's key. ProblemsError when nothing in the graph is a scalar to go back from."""
        if not self.goal:
            self.require_healthy()
            raise ProblemsError(
                "There is no goal to go back from.", hint="Add a loss, a Sum or a Mean at the end."
            )
        return self.goal

    def memory(self, sizes: Mapping[str, int]) -> dict[str, int]:
        """Bytes each node will take with those batch sizes: values, gradients, parameters and scratch space."""
        item = self.dtype.itemsize
        bytes_of: dict[str, int] = {}
        kept: Counter[str] = Counter()
        for (owner, _), slot in self.states.items():
            kept[owner] += slot.size
        fan_out = Counter(edge.source for edge in self.edges)
        for key, node in self.nodes.items():
            op = self.op(key)
            numbers = 0
            for output in op.results():
                count = math.prod(self.inference.specs[key, output].at(sizes))
                consumers = fan_out[key, output]
                numbers += count * (1 + (key in self.active) + (consumers if consumers > 1 else 0))
            if type(op).workspace is not Op.workspace:  # most take none
                shapes = {s: self.inference.specs[end].at(sizes) for s, end in node.inputs.items()}
                numbers += op.workspace(**shapes)
            owned = self.inference.parameter_count(key)
            bytes_of[key] = (numbers + owned * (2 + OPTIMIZER_VECTORS) + kept[key] * STATE_VECTORS) * item
        return bytes_of

    def costs(self, sizes: Mapping[str, int]) -> dict[str, Cost]:
        """What each node takes in one step of these sizes: see `costs.costs`."""
        return costs(self, sizes)

    def check_memory(self, sizes: Mapping[str, int], budget: int | None = None) -> int:
        """The bytes a run will take. MemoryBudgetError, naming the greediest node, when they exceed the budget."""
        need = self.memory(sizes)
        total = sum(need.values())
        limit = default_budget() if budget is None else budget
        if total > limit:
            worst = max(need, key=lambda key: need[key])
            name = self.nodes[worst].path
            raise MemoryBudgetError(
                f"The graph would take {_bytes(total)}, but only {_bytes(limit)} may be used; "
                f"{name} alone takes {_bytes(need[worst])}.",
                hint="Make it smaller, or use a smaller batch.",
                node=name,
            )
        return total

    def _frozen_last(self, shapes: Mapping[End, tuple[int, ...]]) -> dict[End, tuple[int, ...]]:
        healthy = {end: shape for end, shape in shapes.items() if end[0] in self.nodes}
        return dict(sorted(healthy.items(), key=lambda item: self.nodes[item[0][0]].frozen))

    def _slots(self, shapes: Mapping[End, tuple[int, ...]]) -> dict[End, ParameterSlot]:
        slots: dict[End, ParameterSlot] = {}
        offset = 0
        for (key, socket), shape in shapes.items():
            if key in self.nodes:
                slot = ParameterSlot(f"{self.nodes[key].path}.{socket}", (key, socket), shape, offset)
                slots[key, socket] = slot
                offset += slot.size
        return slots

    def _needed(self, input_gradients: bool) -> set[str]:
        """Nodes whose result depends on something that wants a gradient."""
        needed: set[str] = set()
        owners = {key for key, _ in self.parameters}
        for key, node in self.nodes.items():
            from_inputs = any(source in needed for source, _ in node.inputs.values())
            leaf = input_gradients and not node.inputs and self._is_float(key)
            if key in owners or from_inputs or leaf:
                needed.add(key)
        return needed

    @cached_property
    def needed(self) -> frozenset[str]:
        """The nodes without which a step would come to something else: what the goal and what is kept depend on."""
        found: set[str] = set()
        todo = [self.goal, *(key for key, _ in self.states)]
        while todo:
            key = todo.pop()
            if key and key not in found:
                found.add(key)
                todo.extend(source for source, _ in self.nodes[key].inputs.values())
        return frozenset(found)

    def _is_float(self, key: str) -> bool:
        return any(self.inference.specs[key, output].kind == "float" for output in self.op(key).results())

    def _backward_edges(self, needed: AbstractSet[str]) -> list[Edge]:
        """The wires that carry a gradient, in the order in which their sources' gradients are summed."""
        if not self.goal:
            return []
        leads = {self.goal}
        found: list[Edge] = []
        for key in reversed(self.nodes):
            if key not in leads:
                continue
            for socket in reversed(self.sockets(key)):
                end = self.nodes[key].inputs.get(socket.name)
                if end is not None and end[0] in needed and self._carries(end, socket):
                    leads.add(end[0])
                    found.append(Edge(end, (key, socket.name)))
        return found[::-1]

    def _carries(self, source: End, socket: Socket) -> bool:
        return socket.kind not in ("int", "constant") and self.inference.specs[source].kind == "float"

    def _active(self, needed: AbstractSet[str]) -> frozenset[str]:
        """Nodes that the backward phase visits."""
        if not self.goal or self.goal not in needed:
            return frozenset()
        return frozenset({self.goal} | {edge.source[0] for edge in self.edges})

    def _schedule(self) -> list[Entry]:
        lines = [("forward", key) for key in self.nodes]
        lines += [("backward", key) for key in reversed(self.nodes) if key in self.active]
        learns = any(key in self.active and not self.nodes[key].frozen for key, _ in self.parameters)
        if learns and self.question is None:
            lines.append(("update", ""))
        return [
            Entry(i, phase, key, self.nodes[key].path if key else "") for i, (phase, key) in enumerate(lines)
        ]


def default_budget() -> int:
    """60 % of the memory that is free now, in bytes; 4 GiB where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration, ValueError):
        free = _free_elsewhere()
    return int(free * 0.6)


def _free_elsewhere() -> int:
    import os

    try:
        return int(os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, OSError, ValueError):
        return 4 << 30


def _bytes(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError
