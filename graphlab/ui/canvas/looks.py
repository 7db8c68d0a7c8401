"""What the unchanging part of a node says: name, op, shape, order, faults; gathered from document and inference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from ...engine.finding import Problem
from ...engine.inference import Inference
from ...graph import Document, Node
from ...graph.drawn.shapes import Form, NodeShape, shape_of
from ...graph.folding import is_unrolled
from ...graph.groups import USES, definition_of, is_use, role, size_of
from ...ops import Op, get
from .. import numbers
from ..icons import op_drawing


class SocketLook(NamedTuple):
    """A socket as drawn. An `owned` one holds a parameter while unplugged, another perhaps a number, its `literal`.

    `lacks`: it must be wired and is not.
    """

    name: str
    wired: bool
    owned: bool = False
    literal: str = ""
    lacks: bool = False


class Look(NamedTuple):
    """Everything the painter of a node's frame needs; equal looks are equal pictures."""

    name: str
    op: str
    category: str
    drawing: str
    shape: NodeShape
    inputs: tuple[SocketLook, ...]
    outputs: tuple[SocketLook, ...]
    result: str  # the output's shape
    parameters: str
    order: int
    is_goal: bool
    fault: str  # the reason, "" if healthy or merely unfinished
    needs: str  # what is still to be done, "" if nothing
    waits: bool  # healthy itself, but something upstream is not
    muted: bool = False
    frozen: bool = False  # itself, or by a group around it
    passes: str = ""  # of a muted node, the input that comes out of it
    is_picture: bool = False  # its value, of one or three channels, is shown in grey or in colour
    part: str = (
        ""  # that it has in the whole: "goal", "parameter", "input", "output", "" for what lies between
    )


class LookBook:
    """Looks of nodes, made when first asked for and forgotten when something they say may have changed."""

    def __init__(self) -> None:
        self.document = Document()
        self.inference = Inference()
        self.version = 0  # counts what was shown
        self._looks: dict[str, Look] = {}
        self._problems: dict[str, list[Problem]] = {}
        self._inside: Callable[[str], int] = lambda node: 0

    def show(
        self,
        document: Document,
        inference: Inference,
        parameters_of: Callable[[str], int] | None = None,
    ) -> None:
        """Follows document and inference; moved nodes keep their looks.

        `parameters_of` tells how many learnable numbers a group holds.
        """
        self.document, self.inference = document, inference
        self.version += 1
        self._inside = parameters_of or (lambda node: 0)
        problems: dict[str, list[Problem]] = defaultdict(list)
        for problem in inference.problems:
            problems[problem.node_id].append(problem)
        self._problems = problems
        self._looks.clear()

    def of(self, node_id: str) -> Look:
        look = self._looks.get(node_id)
        if look is None:
            look = self._looks[node_id] = self._make(node_id)
        return look

    def problems(self, node_id: str) -> list[Problem]:
        return self._problems.get(node_id, [])

    def misfit(self, target: str, socket: str) -> Problem | None:
        """The fault that the wire into that socket causes, None if it fits.

        A fault that names no socket is laid at the door of every wire into its node.
        """
        for problem in self._problems.get(target, ()):
            if problem.socket == socket or (not problem.socket and self._blames_wires(target)):
                return problem
        return None

    def _blames_wires(self, target: str) -> bool:
        """Whether all that enters the node is known, so that a fault of the node is about what enters."""
        edges = self.document.inputs_of(target).values()
        return bool(edges) and all((e.source, e.output) in self.inference.specs for e in edges)

    def shape_text(self, node_id: str, output: str) -> str:
        spec = self.inference.specs.get((node_id, output))
        return "" if spec is None else str(spec)

    def parameters(self, node_id: str) -> int:
        """How many learnable numbers a node owns; of a group, all that are inside."""
        if is_use(self.document.nodes[node_id]):
            return self._inside(node_id)
        return self.inference.parameter_count(node_id)

    def _counted(self, node: Node) -> str:
        count = self.parameters(node.id)
        if not count:
            return ""
        shared = "shared " if node.params.get("weights") == "shared" else ""
        return f"{shared}{numbers.short(count)} par."

    def _kind(self, node: Node) -> str:
        """What stands at the right of the header: the operation; of a group, how much is inside; of a cell with a loop,
        how many steps it makes, which where it is drawn in time a slider says.
        """
        inner = definition_of(self.document, node) if is_use(node) else None
        if inner is not None and role(node) == "unroll":
            return inner.name if is_unrolled(node) else f"T = {node.make().params['steps']:,}"
        return node.op if inner is None else numbers.count(size_of(inner), "node")

    def _make(self, node_id: str) -> Look:
        node = self.document.nodes[node_id]
        shape = shape_of(node, self.document)
        cls: type[Op] | None = get(node.op) if node.is_known else None
        wired, used = self.document.inputs_of(node_id), {e.output for e in self.document.consumers(node_id)}
        problems = self._problems.get(node_id, [])
        literals = _literals(node.make()) if cls else {}
        lacking = {p.socket for p in problems if p.socket and p.socket not in wired} if cls else set()
        faults = [p for p in problems if p.socket not in lacking]
        needs = f"needs {' and '.join(name for name in shape.inputs if name in lacking)}" if lacking else ""
        if shape.form is Form.PORT_OUT and not wired:
            lacking, needs = set(shape.inputs), "gives nothing"
        elif shape.form is Form.PORT_IN and faults:  # nothing to be mended in here
            faults, needs = [], "open outside"
        computes = not node.muted and (cls is None or cls.role in ("", *USES))
        flat = self.inference.nodes.get(node_id)
        return Look(
            node.name,
            self._kind(node),
            cls.category if cls else "",
            op_drawing(cls) if cls else "help",
            shape,
            tuple(
                SocketLook(
                    name,
                    name in wired,
                    owned,
                    "" if name in wired else literals.get(name, ""),
                    name in lacking,
                )
                for name, owned in zip(shape.inputs, shape.owned, strict=True)
            ),
            tuple(SocketLook(name, name in used) for name in shape.outputs),
            self.shape_text(node_id, shape.outputs[0]) if shape.outputs else "",
            self._counted(node),
            self.inference.ranks.get(node_id, -1) + 1 if computes else 0,
            self.inference.goal == node_id,
            f"{faults[0].message} {faults[0].hint}".strip() if faults else "",
            needs,
            not problems and node_id in self.inference.unhealthy,
            node.muted,
            flat.frozen if flat is not None else node.frozen,
            next((name for name in shape.inputs if name in wired), "") if node.muted else "",
            cls is not None and (cls.category == "Input" or cls.pictures),
            self._part(node, bool(wired), bool(used)) if computes else "",
        )

    def _part(self, node: Node, wired: bool, used: bool) -> str:
        """What a node is to the whole graph: where numbers come from, where they go to, what is learnt, the goal."""
        category = get(node.op).category if node.is_known else ""
        if self.inference.goal == node.id:
            return "goal"
        if category == "Parameter":
            return "parameter"
        if category == "Input" and not wired:
            return "input"
        return "" if used else "output"


def _literals(op: Op) -> dict[str, str]:
    return {s.name: numbers.exact(op.params[s.name]) for s in op.sockets() if s.literal is not None}
