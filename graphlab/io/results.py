"""What of a graph is the network itself, and what is there to score it: the loss, the targets, and what hangs on them.

Programs that use a network need the first alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Plan, Run
from ..graph import Document, Graph
from ..ops import Op

Key = str
End = tuple[Key, str]
MOST_DEFAULT = 64  # numbers of an input that may be left out
INSIDE = "/"  # in the key of a node of a group or a repeated cell; what ends there nobody asked for


@dataclass(frozen=True)
class Parts:
    """network: the nodes that make predictions, in order. scoring: all others. results: what the network gives, in
    order: what the losses are of, and where it ends otherwise."""

    network: tuple[Key, ...]
    scoring: tuple[Key, ...]
    results: tuple[End, ...]


def parts_of(
    nodes: Mapping[Key, Mapping[str, End]],
    losses: Mapping[Key, str],
    outputs: Mapping[Key, Sequence[str]],
    sources: Collection[Key],
) -> Parts:
    """Parts a graph.

    Args:
        nodes: in topological order, each with what is wired to its sockets.
        losses: the nodes that are losses, each with the socket of what it is of.
        outputs: the outputs of each node.
        sources: nodes that are fed from outside.
    """
    scoring = _downstream(nodes, losses)
    judged = [nodes[key][socket] for key, socket in losses.items() if socket in nodes[key]]
    judged = [end for end in judged if end[0] not in scoring]
    needed = _upstream(nodes, [key for key, _ in judged])
    targets = {key for key in sources if key not in needed} if losses else set()
    aside = scoring | _downstream(nodes, targets)
    used = {source for key, inputs in nodes.items() if key not in aside for source, _ in inputs.values()}
    ends = [key for key in nodes if key not in aside | used and key not in sources]
    ends = [key for key in ends if INSIDE not in key] or ([] if judged else ends)
    results = tuple(dict.fromkeys([*judged, *((key, name) for key in ends for name in outputs[key])]))
    network = _upstream(nodes, [key for key, _ in results])
    return Parts(
        tuple(key for key in nodes if key in network),
        tuple(key for key in nodes if key not in network),
        results,
    )


def default_of(op: Op) -> Any:
    """The number that an input has where nothing is fed; None for nothing, and for pictures: those have to be fed."""
    literal = op.literal() if op.source else None
    return literal if literal is not None and np.size(literal) <= MOST_DEFAULT else None


def dressed(
    source: Graph | Document | Run, weights: Mapping[str, Any]
) -> tuple[Plan, dict[str, npt.NDArray[Any]]]:
    """The plan, and the numbers of all parameters and states by the names of their slots.

    What is not among `weights`, or does not fit, is the run's own, or as it begins. ProblemsError for a graph with
    faults.
    """
    plan = source.plan if isinstance(source, Run) else Plan(source)
    plan.require_healthy()
    shapes = {slot.name: slot.shape for slot in (*plan.parameters.values(), *plan.states.values())}
    found = {
        n: np.asarray(weights[n])
        for n, shape in shapes.items()
        if n in weights and np.shape(weights[n]) == shape
    }
    if len(found) < len(shapes):
        run = source if isinstance(source, Run) else Run(plan)
        found = {**run.weights, **found}
    return plan, found


def _downstream(nodes: Mapping[Key, Mapping[str, End]], starts: Iterable[Key]) -> set[Key]:
    """These, and all that depends on them."""
    found = set(starts)
    for key, inputs in nodes.items():
        if any(source in found for source, _ in inputs.values()):
            found.add(key)
    return found


def _upstream(nodes: Mapping[Key, Mapping[str, End]], ends: Iterable[Key]) -> set[Key]:
    """These, and all that they depend on."""
    found: set[Key] = set()
    todo = list(ends)
    while todo:
        key = todo.pop()
        if key not in found:
            found.add(key)
            todo.extend(source for source, _ in nodes[key].values())
    return found
