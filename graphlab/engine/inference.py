"""Shapes of everything, and every fault of a graph, found before any array exists.

Fast enough to run after each edit in the window's own process.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property

from ..errors import ShapeError
from ..graph import Document, Graph
from ..ops import Dim, Shape, Socket, Spec, product, shape_text
from .flatten import End, FlatNode, flatten
from .sharing import VALUE, shared_node

LARGEST = 2**40  # elements of one array: beyond any machine this runs on


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault: at which node (id and name) and socket ("" for the node as a whole), what it is, and what to try."""

    node_id: str
    node: str
    socket: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        where = f"{self.node}.{self.socket}" if self.socket else self.node
        return f"{where}: {self.message} {self.hint}".strip()


@dataclass
class Inference:
    """What is known of a document without running it.

    order: the keys of all nodes in topological order. aliases: what stands for the outputs of groups, ports, reroute
    points and muted nodes. specs: of each healthy output, aliases too, by (key, output).
    learnables: the shapes of unplugged learnable sockets, by (key, socket). states: those of what ops keep from step to
    step, by (key, name). problems: every fault, in topological
    order. unhealthy: nodes that cannot run, because of a fault of their own or of one upstream. goal: key of the
    scalar that training makes small, "" when there is none.
    """

    nodes: dict[str, FlatNode] = field(default_factory=dict)
    aliases: dict[End, End | None] = field(default_factory=dict)
    specs: dict[End, Spec] = field(default_factory=dict)
    learnables: dict[End, tuple[int, ...]] = field(default_factory=dict)
    states: dict[End, tuple[int, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unhealthy: frozenset[str] = frozenset()
    goal: str = ""

    @property
    def order(self) -> list[str]:
        return list(self.nodes)

    @property
    def healthy(self) -> list[str]:
        return [key for key in self.nodes if key not in self.unhealthy]

    def parameter_count(self, key: str) -> int:
        """How many learnable numbers the node owns."""
        return self._counts[key]

    @cached_property
    def _counts(self) -> Counter[str]:
        counts: Counter[str] = Counter()
        for (owner, _), shape in self.learnables.items():
            counts[owner] += math.prod(shape)
        return counts

    @property
    def total_parameters(self) -> int:
        return self._counts.total()

    def problems_of(self, key: str) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.node_id == key)


def infer(source: Document | Graph, goal: str | None = None) -> Inference:
    """Infers all shapes of a document (or graph). Never raises for a faulty graph: faults are in `.problems`.

    `goal` names a node to take instead of the document's own.
    """
    document = source.document if isinstance(source, Graph) else source
    return _Inferrer(document, goal).result


class _Inferrer:
    """One pass over the nodes in topological order."""

    def __init__(self, document: Document, goal: str | None) -> None:
        flat = flatten(document)
        self.result = Inference(aliases=flat.aliases)
        self.problems: list[Problem] = []
        self.unhealthy: set[str] = set()
        for node in flat.nodes.values():
            if not self._visit(node):
                self.unhealthy.add(node.key)
            self.result.nodes.setdefault(node.key, node)
        self._know_aliases()
        self.result.unhealthy = frozenset(self.unhealthy)
        wish = document.training.goal if goal is None else (document.node(goal).id if goal else "")
        self.result.goal = self._goal(document, wish)
        self.result.problems = tuple(self.problems)

    def _blame(self, node: FlatNode, socket: str, message: str, hint: str = "") -> None:
        self.problems.append(Problem(node.key, node.path, socket, message, hint))

    def _visit(self, node: FlatNode) -> bool:
        """Infers one node; False when it is faulty or hangs on one that is."""
        if node.op is None:
            self._blame(
                node,
                "",
                f"This graphlab does not know the operation {node.op_name}.",
                "Install what provides it.",
            )
            return False
        specs, complete = self._inputs(node)
        if not complete:
            return False
        try:
            self._learn(node, specs)
            results = node.op.infer(**specs)
        except ShapeError as error:
            self._blame(node, error.socket, error.message, error.hint)
            return False
        return self._keep(node, results if isinstance(results, tuple) else (results,))

    def _inputs(self, node: FlatNode) -> tuple[dict[str, Spec | None], bool]:
        """The specs of the sockets (None for learnables as yet), and whether all that are needed are there."""
        specs: dict[str, Spec | None] = {}
        complete = True
        assert node.op is not None
        for socket in node.op.sockets():
            end = node.inputs.get(socket.name)
            if end is not None:
                specs[socket.name] = spec = self.result.specs.get(end)
                complete &= spec is not None and self._kind_fits(node, socket, spec)
            elif socket.must_be_wired:
                self._blame(node, socket.name, f"{socket.name} is not connected.", "Drag a wire to it.")
                complete = False
            else:
                specs[socket.name] = None if socket.learnable else Spec(())
        return specs, complete

    def _kind_fits(self, node: FlatNode, socket: Socket, spec: Spec) -> bool:
        if socket.kind in ("any", spec.kind):
            return True
        if socket.kind == "int":
            what, hint = (
                "takes class indices (whole numbers), not measured numbers",
                "Set its source's dtype to int.",
            )
        else:
            what, hint = "takes measured numbers, not class indices", "Set its source's dtype to float."
        self._blame(node, socket.name, f"{socket.name} {what}.", hint)
        return False

    def _learn(self, node: FlatNode, specs: dict[str, Spec | None]) -> None:
        """Fills in the specs of unplugged learnable sockets, and the shapes of what the op keeps. ShapeError."""
        assert node.op is not None
        learnable = {s.name for s in node.op.sockets() if s.learnable}
        if not learnable and not node.op.states:
            return
        data = {name: spec for name, spec in specs.items() if name not in learnable}
        for name, shape in (node.op.state_shapes(**data) if node.op.states else {}).items():
            self.result.states[node.key, name] = _fixed(shape, name)
        shapes = node.op.learnable(**data) if learnable else {}
        owned = {name: _fixed(shapes[name], name) for name in shapes if specs[name] is None}
        specs.update({name: Spec(shape) for name, shape in owned.items()})
        if node.is_shared:
            self._share(node, owned, specs)
        else:
            self.result.learnables.update({(node.key, name): shape for name, shape in owned.items()})

    def _share(
        self, node: FlatNode, owned: dict[str, tuple[int, ...]], specs: dict[str, Spec | None]
    ) -> None:
        """Feeds the sockets from the nodes that stand for them in every use of the group. ShapeError."""
        shapes = {
            name: tuple(size for size in spec.shape if isinstance(size, int))
            for name, spec in specs.items()
            if spec is not None
        }
        sources: dict[str, End] = {}
        for name, shape in owned.items():
            source = shared_node(node, name, shape, shapes)
            known = self.result.learnables.get((source.key, VALUE))
            if known is None:
                self.result.nodes[source.key] = source
                self.result.learnables[source.key, VALUE] = shape
                self.result.specs[source.key, "y"] = Spec(shape)
            elif known != shape:
                raise ShapeError(
                    f"{name} would be {shape_text(shape)} here, but another use of the group has "
                    f"{shape_text(known)}, and they share it.",
                    hint="Give the group weights of its own, or feed all uses alike.",
                    socket=name,
                )
            sources[name] = (source.key, "y")
        self.result.nodes[node.key] = dataclasses.replace(node, inputs={**node.inputs, **sources})

    def _know_aliases(self) -> None:
        """What stands for an output tells its spec."""
        for end, real in self.result.aliases.items():
            if real is not None and real in self.result.specs:
                self.result.specs[end] = self.result.specs[real]

    def _keep(self, node: FlatNode, results: tuple[Spec, ...]) -> bool:
        assert node.op is not None
        for name, spec in zip(node.op.results(), results, strict=True):
            fixed = [size for size in spec.shape if not isinstance(size, Dim)]
            size = (
                math.prod(fixed) if len(fixed) == len(spec.shape) else 0
            )  # an open one is the batch's affair
            if size > LARGEST:
                self._blame(
                    node, "", f"Its result ({spec}) would have {size:.1e} numbers.", "Make it smaller."
                )
                return False
            self.result.specs[node.key, name] = spec
        return True

    def _goal(self, document: Document, wish: str) -> str:
        healthy = self.result.healthy
        if wish:
            wish = self._behind(document, wish)
            node = self.result.nodes.get(wish)
            if node is None:
                return ""
            if wish in self.unhealthy:
                return ""
            if not self._is_scalar(node):
                spec = self.result.specs.get((wish, node.op.results()[0] if node.op else ""))
                self._blame(
                    node,
                    "",
                    f"The goal must be one number; {node.path} is {spec}.",
                    "Add a Sum, a Mean or a loss.",
                )
                return ""
            return wish
        scalars = [k for k in healthy if self._is_scalar(self.result.nodes[k])]
        losses = [k for k in scalars if (op := self.result.nodes[k].op) is not None and op.scalar_loss]
        ends = [k for k in scalars if not document.consumers(k)]
        computed = [k for k in ends if self.result.nodes[k].inputs]  # before a number that merely lies about
        return (losses or computed or ends or [""])[-1]

    def _behind(self, document: Document, wish: str) -> str:
        """The node that computes the wished goal: of a group, or of what only hands a value on, the one behind it."""
        node = document.nodes.get(wish)
        outputs = node.make().results() if node is not None and node.is_known else ()
        ends = [self.result.aliases.get((wish, output)) for output in outputs]
        return next((end[0] for end in ends if end is not None), wish)

    def _is_scalar(self, node: FlatNode) -> bool:
        assert node.op is not None
        outputs = node.op.results()
        spec = self.result.specs.get((node.key, outputs[0])) if outputs else None
        return spec is not None and spec.shape == () and spec.kind == "float"


def _fixed(shape: Shape, socket: str) -> tuple[int, ...]:
    sizes = tuple(size for size in shape if not isinstance(size, Dim))
    if len(sizes) != len(shape):
        raise ShapeError(
            f"{socket} would have the open shape {shape_text(shape)}.",
            hint="Give the input fixed sizes.",
            socket=socket,
        )
    if product(sizes) > LARGEST:
        raise ShapeError(
            f"{socket} would have the shape {shape_text(shape)}.", hint="Make it smaller.", socket=socket
        )
    return sizes
