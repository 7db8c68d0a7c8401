"""Another operation in the place of the selected nodes: which ones would do, and which wires could not be kept.

In the place of a group, or of a cell that is repeated, another group may stand: one of the document, or a ready part.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from ...engine import Inference
from ...errors import GraphlabError, ShapeError
from ...graph import Document, Edge, rewire
from ...graph.groups import USES, is_use, role
from ...ops import Op, Spec, get
from .. import numbers, offers, swapping
from ..favourites import favourites
from . import surgery
from .fitting import op_misfit, outcome_at, specs_at

if TYPE_CHECKING:
    from .commands import Commands

CELLS = "Recurrent"  # the category of ready cells
_MOST = 40  # nodes of a selection that are asked whether an operation would do


def ask(view: Commands, screen: QPointF | None) -> None:
    """Opens the search at a pixel, or at the first of the selected nodes; what is chosen takes their place."""
    document, inference = view.session.document, view.session.inference
    nodes = [i for i in document.nodes if i in view.session.selection and _may_go(document, i)]
    if not nodes:
        view.session.notify(
            "info", "The ports of a group cannot be replaced.", "Delete them, or rename them."
        )
        return
    name = document.nodes[nodes[0]].name if len(nodes) == 1 else numbers.count(len(nodes), "node")
    corner = view.camera.screen_rect(view.scene.rect(nodes[0])).topLeft() + QPointF(24, 24)

    def replace(op: type[Op]) -> None:
        view.session.attempt(_replace, view, nodes, op)

    def accepts(op: type[Op]) -> bool:
        return all(would_do(document, inference, node, op) for node in nodes[:_MOST])

    first = document.nodes[nodes[0]]
    kin = get(first.op).category if first.is_known else ""
    kin = CELLS if role(first) == "unroll" else kin
    view.open_search(screen or corner, replace, accepts, f"Replace {name} by", kin=kin)


def _may_go(document: Document, node: str) -> bool:
    return not role(document.nodes[node]).startswith("port")


def _replace(view: Commands, nodes: Sequence[str], op: type[Op]) -> None:
    """One undo entry. The wires that have no place any more are told."""
    session, name = view.session, op.__name__
    before = session.document
    there = [node for node in nodes if node in before.nodes]
    if op.role in USES:
        with session.graph.edit(f"Replace by {name}"):
            swapping.swap(session, there, op)
            for node in there:
                surgery.fit_width(session.graph, node, session.inference)
    else:
        after, lost = rewire.replace_all(before, there, name)
        session.graph.replace(after, f"Replace by {name}")
        favourites.use(session.root, name)
        swapping.tell_lost(session, before, lost)
    view.setFocus()


def would_do(document: Document, inference: Inference, node: str, op: type[Op]) -> bool:
    """Whether an operation, a group or a ready part would do in the place of a node."""
    if op.role == "group" and is_use(document.nodes[node]):
        return offers.can_swap(document, document.nodes[node], op)
    if role(document.nodes[node]) == "unroll" and op.category == CELLS:
        return False  # the fused layers read time first, where a cell that is repeated has the batch in front
    return can_replace(document, inference, node, op)


def can_replace(document: Document, inference: Inference, node: str, op: type[Op]) -> bool:
    """Whether an operation would do in the place of a node: it takes what is wired there, and gives what is asked for.

    It need not keep every wire, but one of those that enter and one of those that leave, if there are any.
    """
    old = document.nodes[node]
    if old.op == op.__name__ or op.role not in ("", "group"):
        return False
    try:
        swapped, new = _swapped(_around(document, node), node, op)
        specs = specs_at(swapped, inference, node)
        results = dict(zip(new.results(), outcome_at(new, specs) or (), strict=False))
    except (ShapeError, GraphlabError):
        return False
    had, keeps = document.inputs_of(node), swapped.inputs_of(node)
    fed, feeds = document.consumers(node), swapped.consumers(node)
    if (
        (had and not keeps)
        or (fed and not feeds)
        or (_lacks(new, keeps) and not (old.is_known and _lacks(old.make(), had)))
    ):
        return False
    return all(_goes_on(document, inference, edge, results) for edge in feeds)


def _swapped(document: Document, node: str, op: type[Op]) -> tuple[Document, Op]:
    """With an operation, or what stands for a group, in the place of a node; and what is there then."""
    if op.role == "group":
        params = {name: op.params_of[name].default for name in ("definition", "takes", "gives")}
        return rewire.become_use(document, node, params).document, op()
    swapped, _ = rewire.replace(document, node, op.__name__)
    return swapped, swapped.nodes[node].make()


def _lacks(op: Op, wired: Container[str]) -> bool:
    """Whether an input that must be wired is not."""
    return any(socket.must_be_wired and socket.name not in wired for socket in op.sockets())


def _goes_on(
    document: Document, inference: Inference, edge: Edge, results: Mapping[str, Spec | None]
) -> bool:
    """Whether what takes a result takes the new one too, or did not take the old one either.

    A result of which too little is known, such as that of a port that nothing is wired to, may do.
    """
    target, spec = document.nodes[edge.target], results.get(edge.output)
    if spec is None or not target.is_known or edge.target in inference.unhealthy:
        return True
    specs = {**specs_at(document, inference, edge.target), edge.input: spec}
    return not op_misfit(target.make(), specs, edge.input)


def _around(document: Document, node: str) -> Document:
    """The node with its wires and their other ends, and nothing else: quick to edit however large the graph."""
    edges = [*document.inputs_of(node).values(), *document.consumers(node)]
    near = dict.fromkeys([node, *(e.source for e in edges), *(e.target for e in edges)])
    return document.with_(
        nodes={i: document.nodes[i] for i in near}, edges={(e.target, e.input): e for e in edges}
    )
