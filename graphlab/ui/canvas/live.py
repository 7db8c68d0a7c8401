"""Which tensors the canvas looks at, and what it says of a node's part in the running computation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...engine.messages import Tensor, TensorKey, Watched
from ...graph import Document, Edge
from .detail import Detail
from .scene import Scene

if TYPE_CHECKING:
    from ..session import Session

LIMIT = 256
PICTURE = 1024
MOST = 150  # nodes whose pictures are live at a time


def fan_out(document: Document, node: str, output: str) -> list[Edge]:
    """The wires that leave an output, if they are several: their terms add up to its gradient."""
    paths = [edge for edge in document.consumers(node) if edge.output == output]
    return paths if len(paths) > 1 else []


class Live:
    """Reads tensors of a session for the nodes in view."""

    def __init__(self, session: Session, owner: object) -> None:
        self._session = session
        self._owner = owner

    def watch(self, scene: Scene, visible: Iterable[str], detail: Detail) -> None:
        """Asks for what will be drawn of these nodes, and for nothing else."""
        wishes: list[Watched] = []
        if detail > Detail.FAR:
            for node in list(visible)[:MOST]:
                wishes.extend(self._wishes(scene, node))
        self._session.watch(self._owner, wishes, LIMIT)

    def _wishes(self, scene: Scene, node: str) -> list[Watched]:
        outputs = scene.shape(node).outputs
        shown = self._shown_end(scene, node)
        if shown is None:
            return []
        spec = self._session.inference.specs.get(shown)
        limit = PICTURE if spec is not None and spec.ndim == 4 else LIMIT
        wishes = [Watched(TensorKey("value", *shown), limit)]
        wishes += [Watched(TensorKey("grad", node, output), LIMIT) for output in outputs]
        weight = self._session.inference.learnables.get((node, "weight"), ())
        if len(weight) == 4:
            wishes.append(Watched(TensorKey("value", node, "weight"), PICTURE))
        for output in outputs:
            paths = fan_out(scene.document, node, output)
            keys = (key for e in paths for key in self._session.term_keys(node, output, e.target, e.input))
            wishes.extend(Watched(key, LIMIT) for key in keys)
        return wishes

    def value(self, scene: Scene, node: str) -> Tensor | None:
        """The newest of a node's first output; of a port that gives, of what is plugged in."""
        end = self._shown_end(scene, node)
        return self._session.tensor("value", *end) if end is not None else None

    def _shown_end(self, scene: Scene, node: str) -> tuple[str, str] | None:
        shape = scene.shape(node)
        if shape.outputs:
            return node, shape.outputs[0]
        edge = next(iter(scene.document.inputs_of(node).values()), None)
        return (edge.source, edge.output) if shape.is_port and edge is not None else None

    def grad(self, scene: Scene, node: str, output: str = "") -> Tensor | None:
        """The gradient of an output (by default the first), when the backward pass has reached it in this step."""
        outputs = (output,) if output else scene.shape(node).outputs
        tensor = self._session.tensor("grad", node, outputs[0]) if outputs else None
        return tensor if tensor is not None and tensor.fresh else None

    def scale(self, tensor: Tensor) -> float:
        """The value that a tensor's full colour stands for."""
        return self._session.scales.of_tensor(tensor)

    def filters(self, node: str) -> Tensor | None:
        if len(self._session.inference.learnables.get((node, "weight"), ())) != 4:
            return None
        return self._session.tensor("value", node, "weight")

    def term(self, source: str, target: str, socket: str) -> Tensor | None:
        """What the wire adds to its source's gradient, when that is known in this step."""
        edge = self._session.document.edges.get((target, socket))
        output = edge.output if edge is not None else ""
        tensor = self._session.term(source, output, target, socket)
        return tensor if tensor is not None and tensor.fresh else None

    @property
    def lit(self) -> tuple[str, str]:
        """(node id, phase) of the entry that was computed last; ("", "") for none or while training runs."""
        status = self._session.status
        if status.entry is None or status.state == "training":
            return "", ""
        return self._session.seen.here(status.entry.node), status.entry.phase

    @property
    def breakpoints(self) -> dict[tuple[str, str], bool]:
        """(node id, phase) of each entry at which the run pauses, and whether that hangs on a condition."""
        session = self._session
        return {place: bool(session.condition(*place)) for place in session.breakpoints}

    @property
    def flows_back(self) -> bool:
        """Whether gradients are on show: the run stands in the backward phase or just after it."""
        return self.lit[1] in ("backward", "update")
