"""What must hold of a window after whatever was done to it. Each check says what disagrees with what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from graphlab.engine import Inference, infer
from graphlab.graph import Document
from graphlab.graph.codec import from_bytes, to_bytes
from graphlab.graph.connect import input_names, output_names
from graphlab.ui.canvas import CanvasView
from graphlab.ui.canvas.scene import Scene
from graphlab.ui.session import Session


def canvas_shows_the_document(view: CanvasView) -> None:
    """With nothing in the hand, the canvas shows what one made afresh for the document would."""
    document, shown, fresh = view.session.document, view.scene, Scene()
    fresh.show(document)
    assert shown.document is document
    assert shown.ids == fresh.ids == list(document.nodes)
    assert shown.shapes == fresh.shapes
    assert np.array_equal(shown.rects, fresh.rects)
    assert np.array_equal(shown.muted, fresh.muted)
    assert shown.edges == fresh.edges
    assert shown.wire_index == fresh.wire_index
    assert shown.wires.ends == pytest.approx(fresh.wires.ends)
    for board in (*document.notes, *document.frames):
        assert shown.boards.rect(board) == fresh.boards.rect(board)


def document_is_whole(document: Document) -> None:
    """Names are unique, wires have both ends, nothing goes in circles, here and in every group."""
    for name, sheet in (("the graph", document), *document.definitions.items()):
        doubles = [n for n, count in Counter(node.name for node in sheet.nodes.values()).items() if count > 1]
        assert not doubles, f"In {name} several nodes are called {doubles}."
        assert all(key == node.id for key, node in sheet.nodes.items()), name
        for key, edge in sheet.edges.items():
            assert key == (edge.target, edge.input), name
            source, target = sheet.nodes[edge.source], sheet.nodes[edge.target]
            assert edge.output in output_names(source), f"{name}: {edge}"
            assert edge.input in input_names(target), f"{name}: {edge}"
        assert not _in_circles(sheet), f"In {name} these go in circles: {_in_circles(sheet)}"


def _in_circles(sheet: Document) -> set[str]:
    """What is left when one takes away, again and again, every node that nothing left feeds."""
    left = set(sheet.nodes)
    while True:
        fed = {e.target for e in sheet.edges.values() if e.source in left}
        free = left - fed
        if not free:
            return left
        left -= free


OF_ONE_PLACE = (
    "SharedParameter",
    "ZeroState",
    "GivenState",
    "LearntState",
)  # operations that are like no other


def _all_of(found: Inference) -> list[object]:
    """Everything an inference says, the order of things included."""
    made_here = {key for key, node in found.nodes.items() if node.op_name in OF_ONE_PLACE}
    nodes = {k: replace(node, op=None) if k in made_here else node for k, node in found.nodes.items()}
    parts = (nodes, found.specs, found.learnables, found.states, found.aliases)
    return [*(list(part.items()) for part in parts), found.problems, found.unhealthy, found.goal]


def inference_is_that_of_the_document(session: Session) -> None:
    """What was inferred edit by edit is what is inferred of an equal document that shares nothing with it."""
    afresh = from_bytes(to_bytes(session.whole))
    for seen, right in zip(_all_of(session.seen.whole), _all_of(infer(afresh)), strict=True):
        assert seen == right, _apart(seen, right)


def _apart(seen: object, right: object) -> str:
    """What one says and the other does not."""
    if not (isinstance(seen, list) and isinstance(right, list)):
        return f"{seen} is not {right}"
    only_seen, only_right = [e for e in seen if e not in right], [e for e in right if e not in seen]
    return f"seen alone {only_seen[:3]}; inferred alone {only_right[:3]}; or they are in another order"


def file_keeps_the_document(document: Document) -> None:
    data = to_bytes(document)
    assert from_bytes(data) == document
    assert to_bytes(from_bytes(data)) == data


def selection_is_there(view: CanvasView) -> None:
    document = view.session.document
    assert view.session.selection <= document.nodes.keys() | document.notes.keys() | document.frames.keys()
    assert view.selected_wires <= document.edges.keys()


def history_is_in_order(session: Session) -> None:
    graph = session.root
    assert 0 <= graph.position < len(graph.history)
    assert graph.can_undo == (graph.position > 0)
    assert session.graph.document is session.document
    assert session.graph.history == graph.history


def all_agree(view: CanvasView) -> None:
    """Everything above."""
    canvas_shows_the_document(view)
    document_is_whole(view.session.whole)
    inference_is_that_of_the_document(view.session)
    file_keeps_the_document(view.session.whole)
    selection_is_there(view)
    history_is_in_order(view.session)


def undo_and_redo_are_exact(view: CanvasView, first: bytes | None = None) -> None:
    """Undoing everything comes to the `first` bytes, redoing everything to the present ones; it leaves things so."""
    graph = view.session.root
    end, position = to_bytes(graph.document), graph.position
    while graph.undo():
        pass
    canvas_shows_the_document(view)
    if first is not None:
        assert to_bytes(graph.document) == first
    graph.go_to(position)
    assert to_bytes(graph.document) == end
    while graph.redo():
        pass
    canvas_shows_the_document(view)
    graph.go_to(position)
    assert to_bytes(graph.document) == end
