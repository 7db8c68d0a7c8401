"""Which tensors the canvas looks at, and what it says of a node's part in the running computation."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from ...engine.health import Complaint
from ...engine.messages import THUMB, Tensor, TensorKey, Watched
from ...engine.preview import is_large, step_of
from ...graph.drawn.shapes import Form
from ...graph.groups import role
from ...ops import Dim, Spec
from .. import numbers
from ..ledger import Account
from .detail import Detail, bears_all
from .order_marks import OrderMark, order_mark
from .scene import Scene
from .spotlight import Spot, Spotlight
from .unrolls import Unrolls

if TYPE_CHECKING:
    from ...graph import Edge
    from ..session import Session

LIMIT = 256
PICTURE = 1024
SMALL_PICTURE = 8192  # of one made small
LOOKS = "weights"  # the output of attention that says where it looks
MOST = 150  # nodes whose pictures are live at a time
Place = tuple[int, ...]
_STATES = {"done": "done in this pass", "now": "just computed", "waits": "not yet in this pass"}


class Flow(NamedTuple):
    """What comes back along a wire: how it is written on it, and its Euclidean norm, which its width tells."""

    text: str
    norm: float


def as_flow(tensors: Iterable[Tensor | None]) -> Flow | None:
    """Of one tensor, or of the sum of several; None while none is there."""
    here = [tensor for tensor in tensors if tensor is not None]
    if not here:
        return None
    if len(here) == 1:
        return Flow(flow_text(here[0]), here[0].stats.norm)
    if any(
        np.shape(tensor.array) != tensor.shape for tensor in here
    ):  # parts do not tell the norm of the sum
        return Flow(f"{len(here)} terms", max(tensor.stats.norm for tensor in here))
    total = np.sum([np.asarray(tensor.array, dtype=np.float64) for tensor in here], axis=0)
    norm = float(np.linalg.norm(total))
    return Flow(
        numbers.number(float(total), sign=True) if not total.ndim else f"‖{numbers.number(norm, 2)}‖", norm
    )


def flow_text(tensor: Tensor) -> str:
    """One number as itself, an array by its Euclidean norm."""
    if tensor.stats.count == 1:
        return numbers.number(float(np.asarray(tensor.array).reshape(-1)[0]), sign=True)
    return f"‖{numbers.number(tensor.stats.norm, 2)}‖"


def pictured(outputs: Sequence[str]) -> str:
    """Which output a node's picture shows: of attention where it looks, of any other the first."""
    return LOOKS if LOOKS in outputs[1:] else outputs[0]


def as_map(tensor: Tensor) -> Tensor:
    """Weights of attention, N×queries×keys, as one picture for each row, like those of several heads."""
    if np.ndim(tensor.array) != 3:
        return tensor
    return msgspec.structs.replace(tensor, array=np.asarray(tensor.array)[:, None])


def in_map(tensor: Tensor, place: Place) -> Place:
    """Where an element stands in what `as_map` made of its array, or in a large picture made small."""
    if tensor.key.kind == THUMB and len(place) == 4:
        step = step_of(tensor.shape)
        return (*place[:2], place[2] // step, place[3] // step)
    return (place[0], 0, *place[1:]) if _is_map(tensor) and len(place) == 3 else place


def out_of_map(tensor: Tensor, place: Place) -> Place:
    """Which element stands at a place in what `as_map` made of its array; of a small picture, in the middle of it."""
    if tensor.key.kind == THUMB and len(place) == 4:
        step = step_of(tensor.shape)
        return (*place[:2], place[2] * step + step // 2, place[3] * step + step // 2)
    return (place[0], *place[2:]) if _is_map(tensor) else place


def _is_map(tensor: Tensor) -> bool:
    return len(tensor.shape) == 3 and np.ndim(tensor.array) == 4


def _sizes(spec: Spec | None) -> tuple[int, ...]:
    """Channels, height and width of a batch of pictures; () for anything else."""
    sizes = spec.shape[1:] if spec is not None and spec.ndim == 4 else ()
    return tuple(size for size in sizes if not isinstance(size, Dim)) if len(sizes) == 3 else ()


def _colours(spec: Spec | None) -> int:
    """How many numbers a picture in colour holds; 0 for anything else."""
    sizes = _sizes(spec)
    return math.prod(sizes) if sizes[:1] == (3,) and not is_large((1, *sizes)) else 0


class Live:
    """Reads tensors of a session for the nodes in view."""

    def __init__(self, session: Session, owner: object) -> None:
        self._session = session
        self._owner = owner
        self._spotlight = Spotlight(session)
        self.unrolls = Unrolls(session)
        self._maps: dict[str, tuple[Tensor, Tensor]] = {}  # of attention: as it came, and as it is drawn

    def watch(self, scene: Scene, visible: Iterable[str], detail: Detail) -> None:
        """Asks for what will be drawn of these nodes, and for nothing else."""
        wishes: list[Watched] = []
        if bears_all(detail, len(scene.ids)):
            for node in list(visible)[:MOST]:
                wishes.extend(self._wishes(scene, node))
        self._session.watch(self._owner, wishes, LIMIT)

    def _wishes(self, scene: Scene, node: str) -> list[Watched]:
        outputs = scene.shape(node).outputs
        if scene.shape(node).form is Form.UNROLLED:
            return list(self.unrolls.wishes(node))
        shown = self._shown_end(scene, node)
        if shown is None:
            return []
        spec = self._session.inference.specs.get(shown)
        is_picture = spec is not None and (spec.ndim == 4 or shown[1] == LOOKS)
        limit = PICTURE if is_picture else LIMIT
        kind = self._kind(shown)
        limit = SMALL_PICTURE if kind == THUMB else max(limit, _colours(spec))
        wishes = [Watched(TensorKey(kind, *shown), limit)]
        wishes += [Watched(TensorKey("grad", node, output), LIMIT) for output in outputs]
        weight = self._session.inference.learnables.get((node, "weight"), ())
        if len(weight) == 4:
            wishes.append(Watched(TensorKey("value", node, "weight"), PICTURE))
        for output in outputs:
            keys = self._session.ledger.keys(node, output)
            wishes.extend(Watched(key, LIMIT) for key in keys if len(keys) > 1)
        return wishes

    def value(self, scene: Scene, node: str) -> Tensor | None:
        """The newest of what a node's picture shows; of a port that gives, of what is plugged in."""
        end = self._shown_end(scene, node)
        tensor = self._session.tensor(self._kind(end), *end) if end is not None else None
        if tensor is None or end is None or end[1] != LOOKS:
            return tensor
        if self._maps.get(node, (None,))[0] is not tensor:
            self._maps[node] = (tensor, as_map(tensor))
        return self._maps[node][1]

    def _kind(self, end: tuple[str, str]) -> str:
        """Under which kind the picture of an output comes: a large one is made small."""
        sizes = _sizes(self._session.inference.specs.get(end))
        return THUMB if sizes and is_large((1, *sizes)) else "value"

    def _shown_end(self, scene: Scene, node: str) -> tuple[str, str] | None:
        shape = scene.shape(node)
        if shape.outputs:
            return node, pictured(shape.outputs)
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

    def flow(self, scene: Scene, edge: Edge) -> Flow | None:
        """What comes back along a wire in this step: its own term at a fan-out, else the gradient of its source.

        A wire into a group may lead to several places: then all that has come from them.
        """
        ledger = self._session.ledger
        mine = ledger.along(*edge)
        if not mine:
            return None
        if len(ledger.keys(edge.source, edge.output)) < 2:
            return as_flow([self.grad(scene, edge.source, edge.output)])
        return as_flow([ledger.term(key) for key in mine])

    def accounts(self, scene: Scene, node: str) -> list[Account]:
        """What has come in at the fan-outs of a node in this step, of its outputs that are one."""
        found = (self.account(node, output) for output in scene.shape(node).outputs)
        return [account for account in found if account is not None]

    def account(self, node: str, output: str) -> Account | None:
        """What has come in at one output of a node in this step; None where there is no fan-out, or nothing yet."""
        return self._session.ledger.account(node, output)

    def used_for(self, node: str) -> tuple[str, ...]:
        """Whose gradients are made with the saved one of the node."""
        return self._session.ledger.reuse(node).used_for

    def fed_by(self, node: str) -> list[str]:
        """The fan-outs on the sheet that an entry of this node adds a term to."""
        seen, ledger = self._session.seen, self._session.ledger
        edges = self._session.document.inputs_of(node).values()
        fed = [e for e in edges if ledger.along(*e) and len(ledger.keys(e.source, e.output)) > 1]
        found = (
            seen.here(seen.end(e.source, e.output)[0]) or e.source for e in fed
        )  # behind what hands it on
        return list(dict.fromkeys(found))

    def is_fan_out(self, node: str) -> bool:
        """Whether the gradient of one of its outputs is a sum, and no other node's."""
        document = self._session.document
        found = document.nodes[node]
        if found.muted or role(found) == "wire":
            return False
        outputs = {edge.output for edge in document.consumers(node)}
        return any(len(self._session.ledger.keys(node, output)) > 1 for output in outputs)

    @property
    def asked(self) -> tuple[str, str, str]:
        """(node on the sheet, its output, what of it) whose gradients are asked for; ("", "", "") for none here."""
        asking = self._session.asking
        if asking.asked is None:
            return "", "", ""
        here = self._session.seen.here(asking.asked.node)
        return here, asking.asked.socket, asking.title

    @property
    def lit(self) -> tuple[str, str]:
        """(node id, phase) of the entry that was computed last; ("", "") for none or while training runs."""
        progress = self._session.progress
        return self._session.seen.here(progress.current), progress.phase

    @property
    def spot(self) -> Spot:
        """What takes part in that entry: the wires that are read and written, and where what is read comes from."""
        return self._spotlight.spot

    @property
    def stage(self) -> int:
        """How far the pass is, where that decides how wires and numbers look; −1 where nothing is under way."""
        progress = self._session.progress
        return self._session.status.cursor if progress.is_under_way else -1

    def is_there(self, node: str, output: str) -> bool:
        """Whether the present pass has computed an output; True where no pass is under way."""
        session = self._session
        if not session.progress.is_under_way:
            return True
        key, _ = session.seen.end(node, output)
        return session.progress.is_done(key, "forward") or session.progress.place(key, "forward") < 0

    def order_mark(self, node: str, number: int) -> OrderMark | None:
        """What number a node of the sheet wears; `number`: what it is by its wires, while nothing is compiled."""
        return order_mark(self._session.progress, node, number if not self._session.schedule else 0)

    def order_lines(self, node: str, number: int) -> list[str]:
        """Its places in the order of computing, and whether its turn has come in this pass, in words."""
        progress = self._session.progress
        forward, backward = (progress.span(node, phase) for phase in ("forward", "backward"))
        if forward is None:
            return [f"number {number} in the order"] if number and not self._session.schedule else []
        words = f"number {forward.text} forward" + (f", {backward.text} backward" if backward else "")
        mark = self.order_mark(node, number)
        if mark is None or not mark.state:
            return [words]
        return [words, f"{mark.phase}: {_STATES[mark.state]}"]

    @property
    def breakpoints(self) -> dict[tuple[str, str], bool]:
        """(node id, phase) of each entry at which the run pauses, and whether that hangs on a condition."""
        session = self._session
        return {place: bool(session.condition(*place)) for place in session.breakpoints}

    @property
    def ailing(self) -> dict[str, list[Complaint]]:
        """What is not well, by the node of the sheet."""
        return self._session.health.ailing()

    @property
    def flows_back(self) -> bool:
        """Whether gradients are on show: the run stands in the backward phase or just after it."""
        return self.lit[1] in ("backward", "update")
