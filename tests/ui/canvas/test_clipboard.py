"""Copy, cut, paste, duplicate: JSON text on the clipboard."""

from __future__ import annotations

import json

import pytest
from PySide6.QtGui import QGuiApplication

from graphlab.errors import BrokenFileError
from graphlab.graph import Graph
from graphlab.ui.canvas import clipboard

from .conftest import Hand


def test_pasted_nodes_keep_params_and_inner_wires_and_get_free_names(chain: Hand) -> None:
    chain.graph.set("hidden", units=7)
    chain.view.session.select([chain.id("hidden"), chain.id("act")])
    chain.view.copy()
    before = len(chain.graph.history)
    chain.view.paste()
    document = chain.view.session.document
    assert chain.selected() == {"hidden2", "act2"}
    assert document.node("hidden2").params["units"] == 7
    assert document.edges[chain.id("act2"), "x"].source == chain.id("hidden2")
    assert not document.inputs_of(chain.id("hidden2"))
    assert len(chain.graph.history) == before + 1


def test_paste_with_incoming_wires(chain: Hand) -> None:
    chain.view.session.select([chain.id("hidden")])
    chain.view.copy()
    chain.view.paste(incoming=True)
    assert chain.view.session.document.edges[chain.id("hidden2"), "x"].source == chain.id("x")


def test_paste_lands_at_the_pixel_asked_for(chain: Hand) -> None:
    chain.view.session.select([chain.id("act")])
    chain.view.copy()
    at = chain.pixel(300, 450).toPointF()
    chain.view.paste(at)
    rect = chain.view.camera.screen_rect(chain.view.scene.rect(chain.id("act2")))
    assert rect.contains(at)


def test_cut_takes_away_and_paste_brings_back(chain: Hand) -> None:
    chain.view.session.select([chain.id("act")])
    chain.view.cut()
    assert "act" not in chain.graph
    chain.view.paste()
    assert "act" in chain.graph


def test_duplicate_leaves_the_clipboard_alone_and_keeps_incoming_wires(chain: Hand) -> None:
    QGuiApplication.clipboard().setText("something else")
    chain.view.session.select([chain.id("act")])
    chain.view.duplicate()
    assert QGuiApplication.clipboard().text() == "something else"
    assert chain.view.session.document.edges[chain.id("act2"), "x"].source == chain.id("hidden")
    assert chain.view.session.document.node("act2").position == (520, 140)


def test_foreign_text_on_the_clipboard_is_told_and_changes_nothing(chain: Hand) -> None:
    QGuiApplication.clipboard().setText("hello")
    before = chain.view.session.document
    chain.view.paste()
    assert chain.view.session.document is before
    assert "no nodes" in chain.view.session.notices[-1].text


@pytest.mark.parametrize(
    "damage",
    [
        {"nodes": [{"id": "a", "op": "NoSuchOp", "name": "a"}]},
        {"nodes": [{"id": "a", "op": "Linear", "name": "a", "params": {"units": -1}}]},
        {
            "nodes": [
                {"id": i, "op": "Tanh", "name": i, "position": [float(i), 0]} for i in ("1e300", "-1e300")
            ]
        },
        {"nodes": [{"id": "a"}]},
        {
            "nodes": [{"id": i, "op": "Tanh", "name": i} for i in "ab"],
            "edges": [["a", "y", "b", "x"], ["b", "y", "a", "x"]],
        },
    ],
)
def test_damaged_clipboard_is_told_and_changes_nothing(chain: Hand, damage: dict[str, object]) -> None:
    QGuiApplication.clipboard().setText(json.dumps({"format": clipboard.FORMAT, **damage}))
    before = chain.view.session.document
    chain.view.paste()
    assert chain.view.session.document is before
    assert chain.view.session.notices[-1].level == "error"


def test_text_that_breaks_off_is_refused() -> None:
    with pytest.raises(BrokenFileError, match="damaged"):
        clipboard.from_text('{"format": "graphlab-nodes", "nodes": [')


def test_nodes_travel_between_graphs_with_notes() -> None:
    one, other = Graph("one"), Graph("other")
    h = one.add("Tanh", one.add("Input", name="x"), name="h")
    note = one.add_note("watch h", (10, 20), (100, 50))
    copied = clipboard.from_text(clipboard.to_text(one.document, [h.id, one["x"].id, note.id]))
    assert copied is not None
    clipboard.paste(other, copied, (5, 5))
    assert [n.name for n in other.document.nodes.values()] == ["x", "h"]
    assert next(iter(other.document.notes.values())).position == (15, 25)
    assert len(other.document.edges) == 1
