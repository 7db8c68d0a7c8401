"""What lies in frames, and frames that follow what they are around."""

from __future__ import annotations

from collections import Counter

import pytest

from graphlab.errors import ParamError, UnknownNodeError
from graphlab.graph import Document, Graph, Node, diff, edits, framing, layout
from graphlab.graph.codec import from_bytes, to_bytes


def rows() -> Graph:
    """a, b, c in a row, 240 apart; a and b in "inner", which lies in "outer" with c; d outside."""
    g = Graph("rows")
    for k, name in enumerate("abc"):
        g.add("Input", name=name, position=(240.0 * k, 0.0))
    g.add("Input", name="d", position=(0.0, 900.0))
    g.add_frame("inner", "a", "b")
    g.add_frame("outer", "c", next(iter(g.document.frames)))
    return g


def frame(g: Graph, title: str) -> str:
    return next(i for i, f in g.document.frames.items() if f.title == title)


def names(g: Graph, ids: list[str]) -> set[str]:
    """Nodes by name, frames by title, notes by text."""
    d = g.document
    return {
        d.nodes[i].name if i in d.nodes else d.frames[i].title if i in d.frames else d.notes[i].text
        for i in ids
    }


def test_for_many_frames_the_nodes_are_looked_at_once() -> None:
    nodes = {
        f"n{k}": Node(f"n{k}", "Input", f"i{k}", {}, (300.0 * (k % 40), 200.0 * (k // 40)))
        for k in range(800)
    }
    before = Document(nodes=nodes, next_id=800)
    for k in range(0, 800, 20):
        x, y = nodes[f"n{k}"].position
        before, _ = edits.add_frame(before, "row", (x - 20, y - 40), (300.0 * 20 - 40, 180))
    after = edits.move(before, {i: (node.position[0] * 1.5, node.position[1]) for i, node in nodes.items()})
    asked = Counter[str]()

    def size_of(node: Node) -> tuple[float, float]:
        asked[node.id] += 1
        return layout.size_of(node)

    found = framing.refitted(before, after, size_of)
    assert all(found.frames[i].size != after.frames[i].size for i in after.frames)
    assert max(asked.values()) <= 2  # to see where it lies, and to draw a frame around it


def test_a_frame_is_put_around_things_with_room_for_its_title() -> None:
    g = rows()
    inner = g.document.frames[frame(g, "inner")]
    assert inner.position == (-framing.ROOM, -framing.ROOM - framing.TITLE)
    assert inner.size == (240 + 160 + 2 * framing.ROOM, 116 + 2 * framing.ROOM + framing.TITLE)


def test_what_has_its_middle_in_a_frame_lies_in_it_and_nested_frames_bring_theirs() -> None:
    g = rows()
    assert names(g, framing.content(g.document, [frame(g, "inner")])) == {"a", "b"}
    assert names(g, framing.content(g.document, [frame(g, "outer")])) == {"a", "b", "c", "inner"}
    g.move({"b": (240.0 + 110, 0.0)})  # its left edge still is in "inner", its middle is not
    assert names(g, framing.content(g.document, [frame(g, "inner")])) == {"a"}


def test_a_frame_never_lies_in_one_that_is_not_larger() -> None:
    g = Graph()
    one = g.add_frame("one", position=(0, 0), size=(300, 300))
    two = g.add_frame("two", position=(0, 0), size=(300, 300))
    assert framing.content(g.document, [one.id]) == [two.id]
    assert framing.content(g.document, [two.id]) == []
    assert framing.homes(g.document) == {two.id: one.id}


def test_what_sticks_out_of_an_inner_frame_still_moves_with_the_outer_one() -> None:
    g = rows()
    g.edit_frame(frame(g, "inner"), size=(900, 700))  # its middle is still in "outer"
    g.edit_frame(frame(g, "outer"), size=(1000, 660))
    note = g.add_note("low", (100.0, 620.0), (100.0, 20.0))
    outer, low = (framing.box_of(x) for x in (g.document.frames[frame(g, "outer")], note))
    assert not outer.holds(low.centre)
    assert "low" in names(g, framing.content(g.document, [frame(g, "outer")]))


def test_home_is_the_smallest_frame_around() -> None:
    g = rows()
    inner, outer = frame(g, "inner"), frame(g, "outer")
    assert framing.homes(g.document) == {
        g["a"].id: inner,
        g["b"].id: inner,
        g["c"].id: outer,
        inner: outer,
    }


def test_a_frame_is_fitted_to_its_content_and_an_empty_one_stays() -> None:
    g = rows()
    inner = frame(g, "inner")
    before = g.document.frames[inner]
    g.edit_frame(inner, position=(-80, -90), size=(560, 300))
    assert framing.fitted(g.document, inner).frames[inner] == before
    empty = g.add_frame("empty", position=(0, 2000), size=(300, 200))
    assert framing.fitted(g.document, empty.id).frames == g.document.frames
    with pytest.raises(UnknownNodeError):
        framing.fitted(g.document, "t99")


def test_after_a_new_layout_frames_are_around_what_they_were_around() -> None:
    g = rows()
    g.add_note("by a", (0.0, 120.0), (100.0, 20.0))
    before = g.document
    after = edits.move(before, {g["a"].id: (1000, 500), g["b"].id: (1000, 700), g["c"].id: (1300, 600)})
    fitted = framing.refitted(before, after)
    for title in ("inner", "outer"):
        assert framing.content(fitted, [frame(g, title)]) == framing.content(before, [frame(g, title)])
    (note,) = fitted.notes.values()
    assert note.position == (1000, 620), "it went along with the nodes around it"
    assert fitted.nodes == after.nodes


def test_frames_whose_nodes_stayed_stay_as_a_person_drew_them() -> None:
    g = rows()
    inner = frame(g, "inner")
    g.edit_frame(inner, position=(-40, -70))
    g.add_note("by a", (0.0, 120.0), (100.0, 20.0))
    empty = g.add_frame("empty", position=(500, 150), size=(40, 40))
    g.edit_frame(frame(g, "outer"), size=(800, 400))
    before = g.document
    after = edits.move(before, {g["c"].id: (560, 40)})
    fitted = framing.refitted(before, after)
    assert fitted.frames[inner] == before.frames[inner]
    assert fitted.notes == before.notes
    assert fitted.frames[empty.id] == before.frames[empty.id], (
        "the corner of the nodes around it has not moved"
    )
    assert framing.refitted(before, before) == before


def test_a_frame_that_lost_nodes_or_is_gone_does_no_harm() -> None:
    g = rows()
    before = g.document
    after = edits.remove(before, [g["a"].id, frame(g, "outer")])
    after = edits.move(after, {g["b"].id: (0, 400)})
    fitted = framing.refitted(before, after)
    assert framing.content(fitted, [frame(g, "inner")]) == [g["b"].id]


def test_frames_are_edited_undone_and_told_apart() -> None:
    g = rows()
    inner, before = frame(g, "inner"), g.document
    g.edit_frame(inner, title="encoder", colour="green")
    change = diff(before, g.document)
    assert change.changed_frames == (inner,)
    assert not change.computes_differently
    assert g.history[-1] == "Edit frame"
    g.undo()
    assert g.document == before
    g.remove(inner)
    assert diff(before, g.document).removed_frames == (inner,)
    assert len(g) == 4
    g.undo()
    assert diff(Graph().document, g.document).added_frames == tuple(g.document.frames)


def test_edits_with_one_key_are_one_entry() -> None:
    g = rows()
    entries = len(g.history)
    for width in (500.0, 510.0, 520.0):
        g.edit_frame(frame(g, "inner"), key="drag", size=(width, 200.0))
    assert len(g.history) == entries + 1
    g.move({frame(g, "inner"): (5.0, 5.0)})
    assert g.document.frames[frame(g, "inner")].position == (5.0, 5.0)


@pytest.mark.parametrize(
    "wrong", [{"size": (0, 10)}, {"colour": "pink"}, {"title": 5}, {"position": (float("nan"), 0)}]
)
def test_a_frame_refuses_what_it_cannot_be(wrong: dict) -> None:
    g = rows()
    before = g.document
    with pytest.raises(ParamError):
        g.edit_frame(frame(g, "inner"), **wrong)
    with pytest.raises(ParamError):
        g.add_frame(**{"title": "new", **wrong})
    assert g.document is before


def test_frames_go_through_a_file() -> None:
    g = rows()
    g.edit_frame(frame(g, "inner"), title="Größe ⊕", colour="violet")
    assert from_bytes(to_bytes(g.document)) == g.document
