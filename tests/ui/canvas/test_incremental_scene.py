"""A scene that has followed a person's edits, and drags in between, is in nothing different from one made afresh."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from graphlab.graph import Document
from graphlab.ui.canvas.scene import Scene
from tests.graph.random_edits import Editor, Grouper

TABLES = ("rects", "families", "forms", "muted", "sources", "targets", "_offsets", "_numbers", "_sides")
CURVES = ("ends", "lane", "points", "boxes")


def fresh(document: Document) -> Scene:
    scene = Scene()
    scene.show(document)
    return scene


def require_same(scene: Scene, document: Document, chance: Random) -> None:
    """The same rows in every table, and the same answers to everything that is asked of a scene."""
    other = fresh(document)
    assert scene.ids == other.ids == list(document.nodes)
    assert scene.index == other.index
    assert scene.shapes == other.shapes
    assert scene.edges == other.edges == list(document.edges.values())
    assert scene.wire_index == other.wire_index
    assert list(scene.wire_index) == list(document.edges)
    for name in TABLES:
        assert np.array_equal(getattr(scene, name), getattr(other, name)), name
        assert getattr(scene, name).dtype == getattr(other, name).dtype, name
    for name in CURVES:
        mine, its = getattr(scene.wires, name), getattr(other.wires, name)
        assert np.array_equal(mine, its, equal_nan=True), name
    for item in (*document.notes, *document.frames):
        assert scene.boards.rect(item) == other.boards.rect(item)
    require_same_raster(scene, other)
    require_same_answers(scene, other, chance)


def require_same_raster(scene: Scene, other: Scene) -> None:
    assert scene._obstacles.cell == other._obstacles.cell
    rects = other.rects[other.forms >= 0]
    if len(rects):
        low, high = rects[:, :2].min(axis=0) - 900, (rects[:, :2] + rects[:, 2:]).max(axis=0) + 900
        axes = [np.linspace(a, b, 60) for a, b in zip(low, high, strict=True)]
        points = np.stack(np.meshgrid(*axes), axis=2)
        assert np.array_equal(scene._obstacles.count(points), other._obstacles.count(points))


def require_same_answers(scene: Scene, other: Scene, chance: Random) -> None:
    whole = other.bounds()
    assert scene.bounds() == whole
    found, places = scene.sockets()
    assert (found, places.tolist()) == (other.sockets()[0], other.sockets()[1].tolist())
    aims = [QPointF(*place) for place in places.tolist()]
    aims += [other.middle(k) for k in range(len(other.edges))]
    for aim in chance.sample(aims, min(len(aims), 12)):
        at = aim + QPointF(chance.uniform(-12, 12), chance.uniform(-12, 12))
        assert scene.node_at(at) == other.node_at(at)
        assert scene.socket_at(at, 9) == other.socket_at(at, 9)
        assert scene.wire_at(at, 8) == other.wire_at(at, 8)
        area = QRectF(at, at + QPointF(300, 200))
        assert scene.nodes_in(area).tolist() == other.nodes_in(area).tolist()
        assert scene.wires_in(area).tolist() == other.wires_in(area).tolist()
        assert scene.wires_cut_by(at, at + QPointF(200, 90)) == other.wires_cut_by(at, at + QPointF(200, 90))


def hold(scene: Scene, document: Document, chance: Random) -> None:
    """What a hand does between edits: lifts nodes, drags them, perhaps lets go without an edit."""
    items = [*document.nodes, *document.notes]
    held = chance.sample(items, min(len(items), chance.choice((0, 1, 1, 3))))
    if chance.random() < 0.7:
        scene.lift(held)
    for _ in range(chance.choice((0, 1, 2))):
        scene.displace({i: (chance.uniform(-600, 600), chance.uniform(-400, 400)) for i in held})
    if chance.random() < 0.3:
        scene.settle()
        require_same(scene, document, chance)


def follow(editor: Editor, steps: int, chance: Random) -> None:
    scene = fresh(editor.document)
    for _ in range(steps):
        hold(scene, editor.document, chance)
        for _ in range(chance.choice((1, 1, 1, 4))):
            editor.step()
            spread(editor, chance)
        scene.show(editor.document)
        require_same(scene, editor.document, chance)


def spread(editor: Editor, chance: Random) -> None:
    """Moves that matter to wires: across others' ways, and far away, so that the raster is another."""
    nodes = list(editor.document.nodes)
    if nodes and chance.random() < 0.5:
        far = chance.choice((1, 1, 1, 1, 60))
        place = chance.uniform(-900, 900) * far, chance.uniform(-500, 500) * far
        editor.graph.move({chance.choice(nodes): place})


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from((Editor, Grouper)), st.integers(0, 25))
def test_a_scene_that_followed_random_edits_equals_one_made_afresh(
    seed: int, kind: type[Editor], nodes: int
) -> None:
    follow(kind(seed, nodes), 12, Random(seed))


def test_a_scene_goes_from_one_document_to_quite_another_and_to_nothing() -> None:
    one, two, chance = Editor(1, 30).document, Grouper(2, 40).document, Random(3)
    scene = fresh(one)
    for document in (two, one, Document(), two, Document(), one):
        scene.show(document)
        require_same(scene, document, chance)


def test_many_nodes_that_move_at_once_are_followed() -> None:
    editor, chance = Editor(5, 260), Random(6)
    scene = fresh(editor.document)
    for _ in range(3):
        places = {i: (chance.uniform(0, 4000), chance.uniform(0, 3000)) for i in editor.document.nodes}
        editor.graph.move(places)
        scene.show(editor.document)
        require_same(scene, editor.document, chance)


def test_deleting_a_wire_leaves_the_others_where_they_are() -> None:
    editor, chance = Editor(11, 60), Random(12)
    editor.graph.move({i: (chance.uniform(0, 2500), chance.uniform(0, 900)) for i in editor.document.nodes})
    scene = fresh(editor.document)
    lay = {key: scene.wires.points[k].copy() for key, k in scene.wire_index.items()}
    gone = list(lay)[len(lay) // 3]
    source = editor.document.edges[gone].source
    editor.graph.disconnect(*gone)
    scene.show(editor.document)
    assert gone not in scene.wire_index
    assert len(scene.wire_index) == len(lay) - 1 > 10
    assert np.isfinite(scene.wires.lane).any()
    others = [k for k, e in enumerate(scene.edges) if e.target != gone[0] and e.source != source]
    assert len(others) > 10
    for k in others:  # those at the same nodes may pass at another side now
        edge = scene.edges[k]
        assert np.array_equal(scene.wires.points[k], lay[edge.target, edge.input])


def test_a_crowd_takes_the_wires_among_it_along_and_leads_those_that_leave_it() -> None:
    editor, chance = Editor(7, 300), Random(8)
    editor.graph.move({i: (chance.uniform(0, 6000), chance.uniform(0, 4000)) for i in editor.document.nodes})
    scene = fresh(editor.document)
    crowd = set(list(editor.document.nodes)[:200])
    inner = [k for k, e in enumerate(scene.edges) if {e.source, e.target} <= crowd]
    assert len(inner) > 20
    lay = scene.wires.points[inner].copy()
    places = {i: scene.place(i) for i in crowd}
    scene.lift(crowd)
    for k in range(1, 4):
        scene.displace({i: (x + 31 * k, y - 17 * k) for i, (x, y) in places.items()})
        assert np.allclose(scene.wires.points[inner], lay + np.array([31 * k, -17 * k]))
        assert np.allclose(scene.wires.ends, scene._ends(np.arange(len(scene.edges))))
    assert scene.node_at(scene.rect(min(crowd)).center())
    scene.settle()
    require_same(scene, editor.document, chance)


@pytest.mark.parametrize("seed", range(4))
def test_a_drag_that_is_taken_back_has_changed_nothing(seed: int) -> None:
    editor, chance = Grouper(seed, 30), Random(seed)
    editor.graph.move({i: (chance.uniform(0, 1500), chance.uniform(0, 700)) for i in editor.document.nodes})
    scene = fresh(editor.document)
    held = chance.sample(list(editor.document.nodes), 3)
    scene.lift(held)
    for k in range(5):
        scene.displace(dict.fromkeys(held, (k * 97.0, 300.0 - k * 50)))
    assert not np.array_equal(scene.rects, fresh(editor.document).rects)
    scene.settle()
    require_same(scene, editor.document, chance)
