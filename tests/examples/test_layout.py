"""Every example is laid out so that one can read it: nothing overlaps, wires run free, notes hold their text."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.graph.codec import from_bytes
from graphlab.io.examples import examples
from graphlab.ui.canvas.draw_notes import NotePainter
from graphlab.ui.canvas.scene import Scene


@pytest.fixture(params=examples(), ids=lambda example: example.name)
def scene(request):
    scene = Scene()
    scene.show(from_bytes(request.param.path.read_bytes()))
    return scene


def overlap(a, b, margin=0.0):
    return (
        a.left() < b.right() + margin
        and b.left() < a.right() + margin
        and a.top() < b.bottom() + margin
        and b.top() < a.bottom() + margin
    )


def test_nodes_stand_apart_and_flow_to_the_right(scene):
    rects = [scene.rect(i) for i in scene.ids]
    assert not any(overlap(a, b, 20) for k, a in enumerate(rects) for b in rects[:k])
    for edge in scene.edges:
        assert scene.rect(edge.target).left() >= scene.rect(edge.source).right() + 20


def test_no_wire_runs_through_a_node_and_none_needs_a_detour(scene):
    for k, edge in enumerate(scene.edges):
        others = [scene.rect(i) for i in scene.ids if i not in (edge.source, edge.target)]
        inside = [p for p in scene.wires.points[k].tolist() for r in others if r.contains(*p)]
        assert inside == []
        assert np.isnan(scene.wires.lane[k])


def test_the_note_covers_nothing_and_holds_its_text(scene):
    (note,) = scene.document.notes.values()
    rect = scene.note_rect(note.id)
    assert not any(overlap(rect, scene.rect(i), 20) for i in scene.ids)
    assert not any(rect.contains(*p) for points in scene.wires.points.tolist() for p in points)


def test_the_note_holds_its_text_and_can_be_read_when_the_graph_is_opened(scene, qapp):
    """The window frames the graph in about 1,000 by 560 pixels of canvas."""
    (note,) = scene.document.notes.values()
    bounds = scene.bounds()
    zoom = min(1000 / bounds.width(), 560 / bounds.height(), 1.0)
    notes = NotePainter(scene.boards)
    assert notes.fitting_size(note.id)[1] <= note.size[1]
    assert notes.px(note.id, zoom) * zoom >= 9
