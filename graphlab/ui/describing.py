"""A node, note or frame in a sentence: what screen readers say of it, in the outline and on the canvas."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..graph import Document
from ..graph.groups import definition_of, is_use, role, size_of
from .canvas.looks import LookBook
from .numbers import count

MOST = 6  # neighbours that are named
MANY = 100  # selected at once: they are counted and no longer named


def node_sentence(looks: LookBook, node_id: str, *, stops: bool = False) -> str:
    """ "hidden, Linear, output N by 32, 2,080 parameters, from x, feeds act". `stops`: the run pauses at it."""
    document, look = looks.document, looks.of(node_id)
    node = document.nodes[node_id]
    parameters = looks.parameters(node_id)
    sources = [document.nodes[e.source].name for e in document.inputs_of(node_id).values()]
    targets = [document.nodes[e.target].name for e in document.consumers(node_id)]
    parts = [
        node.name,
        _kind(document, node_id),
        f"output {spoken(look.result)}" if look.result else "",
        f"{parameters:,} parameter{'' if parameters == 1 else 's'}" if parameters else "",
        f"from {listed(sources)}" if sources else "",
        f"feeds {listed(targets)}" if targets else "",
        "muted" if look.muted else "",
        "frozen" if look.frozen else "",
        "training makes it small" if look.is_goal else "",
        "the run pauses here" if stops else "",
        look.needs,
        f"fault: {look.fault}" if look.fault else "",
    ]
    return ", ".join(part for part in parts if part)


def _kind(document: Document, node_id: str) -> str:
    node = document.nodes[node_id]
    inner = definition_of(document, node) if is_use(node) else None
    if inner is not None and role(node) == "unroll":
        return f"cell {inner.name} unrolled in {count(int(node.make().params['steps']), 'step')}"
    return f"group of {count(size_of(inner), 'node')}" if inner is not None else node.op


def note_sentence(text: str) -> str:
    words = " ".join(text.split())
    return f"note: {words}" if words else "empty note"


def frame_sentence(title: str) -> str:
    return f"frame {title}" if title.strip() else "frame without a title"


def spoken(shape: str) -> str:
    """A shape as one says it: "N by 32"."""
    return shape.replace("×", " by ")


def listed(names: Iterable[str]) -> str:
    """ "a, b and c", each once; of very many the first ones, and how many more."""
    once = list(dict.fromkeys(names))
    if len(once) > MOST:
        return f"{', '.join(once[:MOST])} and {len(once) - MOST:,} more"
    return " and ".join(part for part in (", ".join(once[:-1]), once[-1]) if part) if once else ""


def selection_sentence(looks: LookBook, selection: Collection[str]) -> str:
    """What is selected on a sheet, for the canvas as a whole."""
    document = looks.document
    chosen = sorted(selection) if len(selection) <= MANY else selection
    about = f"{count(len(document.nodes), 'node')}, {count(len(document.edges), 'wire')}"
    if len(chosen) == 1:
        (item,) = chosen
        if item in document.nodes:
            return f"Selected: {node_sentence(looks, item)}. {about}."
        if item in document.notes:
            return f"Selected: {note_sentence(document.notes[item].text)}. {about}."
        if item in document.frames:
            return f"Selected: {frame_sentence(document.frames[item].title)}. {about}."
    if chosen:
        names = [document.nodes[i].name for i in chosen if i in document.nodes] if len(chosen) <= MANY else []
        return f"{len(chosen):,} selected{': ' if names else ''}{listed(names)}. {about}."
    return f"Nothing selected. {about}."
