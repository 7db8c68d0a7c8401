"""Ready-made parts: how they come into a document, and that each of them is drawn as it should be."""

from __future__ import annotations

import pytest

from graphlab.engine import infer
from graphlab.errors import NameTakenError, ParamError, UnknownNodeError
from graphlab.graph import Document, Graph, parts
from graphlab.graph.codec import from_bytes, to_bytes
from graphlab.graph.groups import settings_of, sockets_of

every = pytest.mark.parametrize("key", parts.parts())
WIDTH, HEIGHT = 160.0, 60.0  # about what a node takes


def test_a_part_comes_in_once_however_often_it_is_used() -> None:
    g = Graph()
    one, two = g.add_part("gru-cell"), g.add_part("GRU cell", hidden=8)
    assert list(g.document.definitions) == ["g1"]
    assert (one.name, two.name) == ("GRU cell", "GRU cell2")
    assert settings_of(g.document, one.node) == {"hidden": 32}
    assert settings_of(g.document, two.node) == {"hidden": 8}


def test_a_part_made_of_parts_comes_in_once_with_them() -> None:
    g = Graph()
    g.add_part("gpt-block")
    names = [d.name for d in g.document.definitions.values()]
    assert names == ["Causal self-attention", "MLP", "Transformer block"]
    second = g.add_part("gpt-block", heads=2)
    g.add_part("causal-self-attention")
    assert [d.name for d in g.document.definitions.values()] == names
    assert settings_of(g.document, second.node) == {"width": 32, "heads": 2, "hidden": 128, "causal": True}


def test_one_that_was_changed_stays_and_the_part_comes_in_beside_it() -> None:
    g = Graph()
    mine = g.add_part("elman-cell")
    g.inside(mine).set("hh", bias=False)
    fresh = g.add_part("elman-cell")
    again = g.add_part("elman-cell")
    names = {i: d.name for i, d in g.document.definitions.items()}
    assert names == {"g1": "Elman cell", "g2": "Elman cell2"}
    assert [node.node.params["definition"] for node in (mine, fresh, again)] == ["g1", "g2", "g2"]


def test_one_that_has_another_name_here_is_the_part_still() -> None:
    from graphlab.graph.groups import rename_definition

    g = Graph()
    g.add_part("elman-cell")
    g.replace(rename_definition(g.document, "g1", "memory"), "Rename group")
    g.add_part("elman-cell")
    assert [d.name for d in g.document.definitions.values()] == ["memory"]


def test_sources_and_settings_are_given_at_once_as_one_undo_entry() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    h = g.add("Input", name="h", shape=("N", 8))
    cell = g.add_part("elman-cell", x, h_prev=h, hidden=8, name="cell")
    assert g.history[-1] == "Add Elman cell"
    assert str(infer(g.document).specs[cell.id, "y"]) == "N×8"
    before = g.document
    for wrong, error in (
        ({"hidden": 0}, ParamError),
        ({"name": "x"}, NameTakenError),
        ({"hiden": 8}, ParamError),
    ):
        with pytest.raises(error):
            g.add_part("elman-cell", **wrong)  # type: ignore[arg-type]
        assert g.document is before


def test_an_unknown_part_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNodeError, match="lstm-cel") as told:
        Graph().add_part("lstm-cel")
    assert "lstm-cell" in str(told.value.hint)


@every
def test_a_part_is_written_and_read_as_it_is(key: str) -> None:
    g = Graph()
    g.add_part(key)
    assert from_bytes(to_bytes(g.document)) == g.document


@every
def test_nothing_in_a_part_lies_over_another_thing(key: str) -> None:
    sheet = parts.named(key).document
    boxes = [(n.name, *n.position, WIDTH, HEIGHT) for n in sheet.nodes.values()]
    boxes += [("a note", *n.position, *n.size) for n in sheet.notes.values()]
    for k, (one, x, y, w, h) in enumerate(boxes):
        for other, x2, y2, w2, h2 in boxes[k + 1 :]:
            apart = x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
            assert apart, f"{one} lies over {other}"


@every
def test_a_part_says_what_it_is_and_every_socket_is_led_somewhere(key: str) -> None:
    part = parts.named(key)
    sheet = part.document
    assert len(part.about) > 100
    assert part.formula
    assert sheet.notes, "nothing explains it inside"
    for node in sheet.nodes.values():
        made = node.make()
        ends = sheet.consumers(node.id), sheet.inputs_of(node.id)
        assert ends[0] or made.role == "port out", f"nobody uses {node.name}"
        missing = [s.name for s in made.sockets() if s.must_be_wired and s.name not in ends[1]]
        assert not missing, f"{node.name} lacks {missing}"


@every
def test_the_sockets_that_a_part_tells_are_those_that_are_drawn(key: str) -> None:
    part = parts.named(key)
    assert part.sockets == sockets_of(part.document)


def test_a_part_needs_no_document_of_its_own() -> None:
    assert parts.definition(Document(), "lstm-cell")[1] == "g1"
