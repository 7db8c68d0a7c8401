"""The panels of gates and of attention: maps step by step of the chosen node and row, with what was read along them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.unfolding import unfolded
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from graphlab.ui.panels.attention import AttentionPanel
from graphlab.ui.panels.gates import GatesPanel
from graphlab.ui.session import Session

T, WAIT = 4, 20_000


def reading() -> Graph:
    """A GRU and an LSTM over the rows of digits, and attention over them."""
    graph = Graph("reading")
    data = graph.add("Dataset", name="data", dataset="digits", samples=60)
    rows = graph.add("Reshape", data["x"], name="rows", shape=(-1, 8, 8))
    graph.add("GRU", rows, name="gru", hidden_size=3, batch_first=True)
    graph.add("LSTM", rows, name="lstm", hidden_size=2, batch_first=True)
    graph.add("MultiheadAttention", rows, name="look", num_heads=2, batch_first=True)
    return graph


def shown(qtbot: Any, panel: Any) -> Any:
    qtbot.addWidget(panel)
    panel.resize(900, 360)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    made = Session(reading(), engine=False)
    yield made
    made.close()


def gates(row: int | None = 0, **more: Any) -> m.Unfolded:
    arrays = {"z": np.full((T, 3), 0.25), "h": np.arange(12.0).reshape(T, 3)}
    words = {"z": "update gate: what is kept", "h": "state"}
    return m.Unfolded(
        0,
        0,
        7,
        arrays,
        words,
        ("all",),
        counts={"validation": 12, "train": 48},
        split="validation",
        row=row,
        **more,
    )


def test_gates_are_told_with_the_characters_that_were_read(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, GatesPanel(session))
    tokens = {"x": np.array([1, 0, 2, 9])}
    panel._take(gates(tokens=tokens, symbols={"x": ("a", "b", "c")}))
    panel._redraw()
    assert list(panel.shown) == ["z update gate: what is kept", "h state"]
    map_of = panel.shown["h state"]
    assert map_of.array().shape == (3, T)
    assert map_of.read_out((2, 0)).startswith("[2, b]  +2")
    assert map_of.read_out((0, 3)).startswith("[0, 9]")
    assert "row 0 of 12 validation rows" in panel.words.text()
    assert "step 7" in panel.words.text()
    header, lines = panel.table()
    kept = list(lines)
    assert header == ["gate", "step", "read", "unit", "value"]
    assert kept[0] == ["z", 0, "b", 0, 0.25]
    assert len(kept) == 24


def test_node_row_part_and_mean_are_asked_for(
    session: Session, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[m.Unfold] = []
    monkeypatch.setattr(session.engine, "send", lambda c: sent.append(c) if isinstance(c, m.Unfold) else None)
    panel = shown(qtbot, GatesPanel(session))
    qtbot.waitUntil(lambda: bool(sent))
    assert [panel.node.itemText(k) for k in range(panel.node.count())] == ["gru", "lstm"]
    panel._take(gates())
    panel._redraw()

    def question() -> m.Unfold:
        found = panel._question(1)
        assert found is not None
        return found

    QTest.keyClick(panel, Qt.Key.Key_PageDown)
    assert (question().row, question().split) == (1, "validation")
    panel.node.setCurrentIndex(1)
    panel.node.textActivated.emit("lstm")
    assert question().node == session.document.node("lstm").id
    panel.mean.click()
    assert question().row is None
    assert not panel.row.isEnabled()
    panel.hide()
    assert panel._question(1) is None


def test_heads_stand_side_by_side_and_tell_who_looks_where(session: Session, qtbot: Any) -> None:
    panel = shown(qtbot, AttentionPanel(session))
    weights = {f"head {k}": np.eye(3, T) * k / 2 for k in (1, 2)}
    tokens = {"query": np.array([0, 1, 1]), "key": np.array([1, 0, 1, 0])}
    signs = {"query": ("x", "y"), "key": ("p", "q")}
    told = m.Unfolded(0, 0, 0, weights, tokens=tokens, symbols=signs, row=0)
    panel._take(told)
    panel._redraw()
    first, second = (panel.shown[f"head {k}"] for k in (1, 2))
    assert first._scale == second._scale == 1.0
    assert second.read_out((1, 0)).startswith("[y, q]")
    places = [panel._grid.getItemPosition(k)[:2] for k in range(2)]
    assert places == [(0, 0), (0, 1)]
    panel.resize(300, 360)
    panel._redraw()
    assert [panel._grid.getItemPosition(k)[:2] for k in range(2)] == [(0, 0), (1, 0)]
    header, lines = panel.table()
    assert header == ["head", "query", "query reads", "key", "key reads", "weight"]
    assert next(iter(lines)) == ["head 1", 0, "x", 0, "q", 0.5]


@pytest.mark.parametrize("kind", [GatesPanel, AttentionPanel])
def test_empty_they_say_what_would_fill_them(kind: Any, qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    panel = shown(qtbot, kind(session))
    qtbot.waitUntil(lambda: panel.empty.label.text() != "")
    assert any(word in panel.empty.label.text() for word in ("LSTM", "MultiheadAttention"))
    panel._take(m.Unfolded(0, 0, 0, message="There are no rows.", hint="Add some."))
    session.graph.add("GRU", session.graph.add("Input", name="x", shape=("N", 2, 3)), batch_first=True)
    session.graph.add("MultiheadAttention", "x", name="look", num_heads=1, batch_first=True)
    qtbot.waitUntil(lambda: panel.empty.label.text() == "There are no rows. Add some.")
    session.close()


def test_the_engine_answers_both_with_the_row_that_is_chosen(qtbot: Any) -> None:
    """With the real engine, and the same numbers as a workspace beside it."""
    graph = reading()
    session, space = Session(graph), Workspace(graph.document)
    panels = [shown(qtbot, kind(session)) for kind in (GatesPanel, AttentionPanel)]
    qtbot.waitUntil(lambda: all(panel.told is not None for panel in panels), timeout=WAIT)
    for panel, name in zip(panels, ("gru", "look"), strict=True):
        panel.row.setValue(2)
        qtbot.waitUntil(lambda panel=panel: panel.told.row == 2, timeout=WAIT)
        expected = unfolded(space, 0, m.Unfold(1, graph.document.node(name).id, row=2))
        for each, array in expected.arrays.items():
            np.testing.assert_allclose(panel.told.arrays[each], array, atol=1e-6)
    session.close()
