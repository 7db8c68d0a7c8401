"""What a node says of itself in a drawing without values: kind, settings, shape of the result, parameters, fault."""

from __future__ import annotations

from typing import NamedTuple

from ...engine.inference import Inference
from ...engine.seen import Seen
from ...engine.summary import figure
from ...graph import Document, Node
from ...graph.drawn.shapes import NodeShape, shape_of
from ...graph.folding import is_unrolled
from ...graph.groups import definition_of, is_use, role, size_of
from ...ops import get
from ..icons import op_drawing

_QUIET = {
    "definition",
    "takes",
    "gives",
    "rows",
    "name",
    "classes",
    "called",
    "drawn",
}  # params for no reader
LONGEST = 28  # letters of a setting's value


class Told(NamedTuple):
    """category, drawing: "" and "help" for an operation that is unknown here. settings: (name, value)."""

    node: Node
    shape: NodeShape
    kind: str
    category: str
    drawing: str
    settings: tuple[tuple[str, str], ...]
    result: str
    parameters: int
    fault: str
    wired: frozenset[str]  # names of the inputs that are
    used: frozenset[str]  # and of the outputs
    part: str  # in the whole: "goal", "input", or ""
    passes: str  # of a muted node, the input that comes out of it
    inner: Document | None  # of a use of a group, what is inside


def tell(document: Document, node: Node, seen: Seen, faults: dict[str, str]) -> Told:
    """What there is to say of a node on the sheet."""
    cls = get(node.op) if node.is_known else None
    shape = shape_of(node, document)
    wired = document.inputs_of(node.id)
    spec = seen.inference.specs.get((node.id, shape.outputs[0])) if shape.outputs else None
    return Told(
        node,
        shape,
        _kind(document, node),
        cls.category if cls else "",
        op_drawing(cls) if cls else "help",
        _settings(node),
        "" if spec is None else str(spec),
        _parameters(seen.whole, seen.prefix + node.id, is_use(node)),
        faults.get(node.id, ""),
        frozenset(wired),
        frozenset(edge.output for edge in document.consumers(node.id)),
        _part(node, cls.category if cls else "", bool(wired), seen),
        next((name for name in shape.inputs if name in wired), "") if node.muted else "",
        definition_of(document, node) if is_use(node) else None,
    )


def faults_of(seen: Seen) -> dict[str, str]:
    """Why nodes on the sheet cannot be computed."""
    return {problem.node_id: str(problem.message) for problem in reversed(seen.inference.problems)}


def count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _kind(document: Document, node: Node) -> str:
    inner = definition_of(document, node) if is_use(node) else None
    if inner is None:
        return node.op
    if role(node) == "unroll":
        return inner.name if is_unrolled(node) else f"T = {node.make().params['steps']:,}"
    return count(size_of(inner), "node")


def _part(node: Node, category: str, wired: bool, seen: Seen) -> str:
    """What a node is to the whole graph: where rows come from, or what is made small."""
    if seen.inference.goal == node.id and not node.muted:
        return "goal"
    return "input" if category == "Input" and not wired and not node.muted else ""


def _settings(node: Node) -> tuple[tuple[str, str], ...]:
    """What was set otherwise than usual, and can be said in a few letters."""
    if not node.is_known or role(node) not in ("", "unroll"):
        return ()
    cls = get(node.op)
    found = []
    for name, value in node.params.items():
        param = cls.params_of.get(name)
        if name in _QUIET or param is None or value == param.default:
            continue
        text = value_text(value)
        if len(text) <= LONGEST:
            found.append((name, text))
    return tuple(found)


def value_text(value: object) -> str:
    """A setting's value for a reader: 0.001, 3 × 3, "mean"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, list | tuple):
        between = " × " if value and all(isinstance(v, int) for v in value) else ", "
        return between.join(map(value_text, value))
    return str(value)


def _parameters(whole: Inference, key: str, is_group: bool) -> int:
    if not is_group:
        return whole.parameter_count(key)
    inside = f"{key}/"
    return sum(whole.parameter_count(other) for other in whole.nodes if other.startswith(inside))
