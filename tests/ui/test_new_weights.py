"""Weights replaced all at once: loaded, drawn anew, undone, restored; and the panel in which one chooses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.errors import GraphlabError
from graphlab.graph import Graph
from graphlab.io import load, weight_files
from graphlab.io.examples import example
from graphlab.ui import new_weights
from graphlab.ui.inspector.fresh_part import FreshPart
from graphlab.ui.panels.transfer import TransferPanel
from graphlab.ui.session import Session
from tests.ui.window_trial import PATIENCE, small, windows


def weights_of(session: Session) -> dict[str, Any]:
    return {name: np.array(array) for name, array in session.engine.fetch_weights(5).items()}


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.fixture
def xor(qtbot: Any) -> Any:
    session = Session(load(example("xor").path)[0])
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    yield session
    session.close()


def train(session: Session, qtbot: Any, steps: int) -> None:
    for _ in range(steps):
        until = session.status.step + 1
        session.train_step()
        qtbot.waitUntil(lambda until=until: session.status.step == until, timeout=PATIENCE)


def test_loaded_weights_are_undone_redone_and_restored_after_training(xor, tmp_path, qtbot):
    begun = weights_of(xor)
    other = {name: array + 1 for name, array in begun.items()}
    weight_files.write(tmp_path / "w.safetensors", other)
    xor.transferring.load(tmp_path / "w.safetensors")
    qtbot.waitUntil(lambda: xor.root.can_undo, timeout=PATIENCE)
    assert xor.root.undo_label == "Weights from w.safetensors"
    assert not xor.transferring.is_on  # all fitted: there is nothing to choose
    assert same(weights_of(xor), other)
    assert xor.root.undo()
    assert same(weights_of(xor), begun)
    assert xor.root.redo()
    assert same(weights_of(xor), other)
    train(xor, qtbot, 3)
    learnt = weights_of(xor)
    assert not xor.root.can_undo  # what was learnt since is not thrown away by Ctrl+Z
    xor.new_weights.restore()
    assert same(weights_of(xor), begun)
    qtbot.waitUntil(lambda: xor.status.step == 0, timeout=PATIENCE)
    xor.new_weights.restore()
    assert same(weights_of(xor), learnt)
    qtbot.waitUntil(lambda: xor.status.step == 3, timeout=PATIENCE)


def test_a_layer_begins_anew_and_training_goes_on_as_if_it_had_not(xor, qtbot):
    train(xor, qtbot, 2)
    before = weights_of(xor)
    hidden = xor.document.node("hidden").id
    xor.new_weights.draw_anew(xor.new_weights.of_nodes({hidden}), xor.whole.training.seed)
    assert [(mark.step, mark.text) for mark in xor.marks.all] == [(2, "Re-initialise hidden, seed 0")]
    now = weights_of(xor)
    assert np.array_equal(now["out.weight"], before["out.weight"])
    assert not np.array_equal(now["hidden.weight"], before["hidden.weight"])
    assert xor.root.undo()
    train(xor, qtbot, 2)
    after = weights_of(xor)
    xor.reset()
    qtbot.waitUntil(lambda: xor.status.step == 0, timeout=PATIENCE)
    train(xor, qtbot, 4)
    assert same(after, weights_of(xor))  # the optimizer's state was left alone
    assert not xor.root.can_undo
    assert not xor.root.can_redo


def test_undo_holds_no_more_than_it_may(quiet_session, monkeypatch):
    session = quiet_session
    session.engine._weights = {n: np.zeros(s) for n, s in session.new_weights.shapes().items()}
    monkeypatch.setattr(new_weights, "MOST_KEPT", 1000)
    for k in range(4):
        session.new_weights.put({"z.weight": np.full((4, 3), k, np.float64)}, f"number {k}")
    assert [kept.size for kept in session.new_weights._kept] == [192] * 4
    session.new_weights.put({n: np.ones(s) for n, s in session.new_weights.shapes().items()}, "all")
    assert sum(kept.size for kept in session.new_weights._kept) <= 1000
    assert session.root.undo_label == "all"


def test_what_fits_nothing_or_is_not_there_is_refused(quiet_session):
    with pytest.raises(GraphlabError, match="nothing to replace"):
        quiet_session.new_weights.put({"nix.weight": np.zeros(3)}, "x")
    with pytest.raises(GraphlabError, match="no former weights"):
        quiet_session.new_weights.restore()


def test_the_inspector_draws_a_layer_anew_from_the_seed_that_one_types(quiet_session, qtbot):
    session = quiet_session
    session.engine._weights = {n: np.zeros(s) for n, s in session.new_weights.shapes().items()}
    part = FreshPart(session)
    qtbot.addWidget(part)
    part.show_nodes([session.document.node("h").id])
    assert part.isHidden()  # Tanh owns nothing
    part.show_nodes([session.document.node("z").id])
    part.show()
    part.seed.setFocus()
    part.seed.selectAll()
    QTest.keyClicks(part.seed, "7")
    QTest.mouseClick(part.button, Qt.MouseButton.LeftButton)
    assert session.root.undo_label == "Re-initialise z, seed 7"
    assert session.engine._weights["z.weight"].any()
    assert not session.engine._weights["y.weight"].any()
    session.root.undo()
    assert not session.engine._weights["z.weight"].any()


# In the window


@pytest.fixture
def window(qtbot: Any, tmp_path: Any, monkeypatch: Any) -> Any:
    yield from windows(qtbot, tmp_path, monkeypatch)


def test_a_student_begins_pre_trained_ruins_a_layer_and_gets_it_back(window, qtbot, tmp_path):
    from graphlab.ui.canvas.menus import menu_of_selection

    made = window(engine=True)
    session = made.session
    made.files.ask = lambda name: "discard"
    (menu,) = (a.menu() for a in made.menuBar().actions()[0].menu().actions() if "pre-trained" in a.text())
    next(a for a in menu.actions() if a.text().endswith("Digits with an MLP")).trigger()
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    learnt = weights_of(session)
    assert "97.6 % of the held-out rows" in session.notices[-1].text
    made.weight_files.choose_save = lambda start: str(tmp_path / "kept")
    assert made.weight_files.save()
    assert same(weight_files.read(tmp_path / "kept.safetensors"), dict(sorted(learnt.items())))
    session.select({session.document.node("hidden").id})
    entry = next(a for a in menu_of_selection(made.canvas).actions() if a.text() == "Re-initialise weights")
    entry.trigger()
    assert not np.array_equal(weights_of(session)["hidden.weight"], learnt["hidden.weight"])
    made.actions_.run("edit.undo")
    assert same(weights_of(session), learnt)
    assert made.actions_.run("run.reinitialise")
    made.weight_files.load(tmp_path / "kept.safetensors")
    qtbot.waitUntil(lambda: session.root.undo_label == "Weights from kept.safetensors", timeout=PATIENCE)
    assert same(weights_of(session), learnt)
    assert session.editing.has_set_weights  # closing asks, where there is a file


def test_a_dropped_file_of_weights_that_does_not_fit_opens_the_panel(window, qtbot, tmp_path):
    from graphlab.ui.canvas.file_drops import words_for
    from graphlab.ui.intake import can_take

    path = tmp_path / "w.safetensors"
    weight_files.write(path, {"fc.weight": np.zeros((3, 2)), "fc.bias": np.zeros(3)})
    made = window(small())
    assert can_take(path)
    assert words_for([path], False, False) == "Load weights"
    made.session.intake.take([path], (0, 0))
    qtbot.waitUntil(lambda: made.session.transferring.is_on, timeout=PATIENCE)
    assert made.docks.by_id["transfer"].isVisible()
    assert [row.source for row in made.session.transferring.found.rows] == ["fc.weight", "fc.bias"]


# The panel


@pytest.fixture
def panel(quiet_session: Session, qtbot: Any) -> Any:
    made = TransferPanel(quiet_session)
    qtbot.addWidget(made)
    made.resize(900, 260)
    made.show()
    qtbot.waitExposed(made)
    return made


def arrays() -> dict[str, Any]:
    return {
        "z.weight": np.full((4, 3), 1.0),
        "z.bias": np.array([1.0, np.nan, 1, 1]),
        "fc.weight": np.full((2, 4), 2.0),
        "fc.bias": np.full(2, 2.0),
        "y.weight": np.zeros((2, 5)),
        "y.bias": np.full(2, 3.0),
    }


def test_it_offers_a_file_while_there_is_none(panel, monkeypatch, tmp_path, qtbot):
    panel._redraw()
    assert panel.empty.button.text() == "Choose file …"
    weight_files.write(tmp_path / "w.npz", arrays())
    panel.choose_file = lambda: str(tmp_path / "w.npz")
    QTest.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.content.isVisible(), timeout=PATIENCE)
    assert panel.head.text().startswith("w.npz has 6 arrays; ")


def shown(panel: TransferPanel) -> dict[str, str]:
    return {
        row.target: f"{'+' if row.is_chosen else '-'} {row.source} {row.how}" for row in panel.list.rows.rows
    }


def test_rows_say_what_fits_and_are_ticked_chosen_and_taken_by_keyboard(panel, qtbot):
    session = panel.session
    session.transferring.show("other", arrays())
    panel._redraw()
    assert shown(panel) == {
        "z.weight": "+ z.weight name",
        "z.bias": "- z.bias broken",
        "y.weight": "- y.weight misfit",
        "y.bias": "+ y.bias name",
        "gate.weight": "- fc.weight shape",
        "gate.bias": "- fc.bias shape",
    }
    view = panel.list
    view.setFocus()
    view.setCurrentIndex(view.rows.index(4))
    QTest.keyClick(view, Qt.Key.Key_Space)
    panel._redraw()
    assert shown(panel)["gate.weight"].startswith("+")
    assert panel.take.text() == "Take 3 of 6"
    session.transferring.assign("y.bias", "fc.bias")
    panel._redraw()
    assert shown(panel)["y.bias"] == "+ fc.bias hand"
    session.engine._weights = {n: np.zeros(s) for n, s in session.new_weights.shapes().items()}
    QTest.mouseClick(panel.take, Qt.MouseButton.LeftButton)
    now = session.engine._weights
    assert now["gate.weight"].tolist() == np.full((2, 4), 2.0).tolist()
    assert now["y.bias"].tolist() == [2, 2]
    assert not now["z.bias"].any()
    assert session.root.undo_label == "Weights from other"


def test_a_click_on_the_box_ticks(panel):
    panel.session.transferring.show("other", arrays())
    panel._redraw()
    view = panel.list
    place = view.visualRect(view.rows.index(0))
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place.left() + 12, place.center().y())
    )
    panel._redraw()
    assert shown(panel)["z.weight"].startswith("-")


def test_another_array_is_chosen_in_the_row(panel, qtbot):
    from PySide6.QtWidgets import QComboBox

    panel.session.transferring.show("other", arrays())
    panel._redraw()
    view = panel.list
    view.setFocus()
    view.setCurrentIndex(view.rows.index(3))
    QTest.keyClick(view, Qt.Key.Key_F2)
    box = view.viewport().findChild(QComboBox)
    assert [box.itemText(k).split()[0] for k in range(3)] == ["leave", "fc.bias", "y.bias"]
    box.setCurrentIndex(1)
    box.activated.emit(1)
    panel._redraw()
    assert shown(panel)["y.bias"] == "+ fc.bias hand"


def test_an_edit_of_the_graph_matches_anew(panel):
    panel.session.transferring.show("other", arrays())
    panel.session.graph.set("y", units=3)
    assert "y.weight" in {row.target for row in panel.transfer.found.rows}
    assert next(r for r in panel.transfer.found.rows if r.target == "y.weight").shape == (3, 4)
    panel.session.open(Graph())
    assert not panel.transfer.is_on


def test_the_table_goes_into_a_file(panel):
    panel.session.transferring.show("other", arrays())
    heads, cells = panel.table()
    assert heads[:4] == ["here", "shape", "from", "taken"]
    assert next(iter(cells))[:4] == ("z.weight", "4×3", "z.weight", "yes")


def test_broken_files_are_told_and_change_nothing(quiet_session, tmp_path, qtbot):
    (tmp_path / "w.safetensors").write_bytes(b"nonsense")
    quiet_session.transferring.load(tmp_path / "w.safetensors")
    qtbot.waitUntil(lambda: bool(quiet_session.notices), timeout=PATIENCE)
    assert "w.safetensors is damaged" in quiet_session.notices[-1].text
    assert not quiet_session.transferring.is_on


def test_what_has_no_fit_and_what_is_left_over_are_both_named(panel):
    panel.session.transferring.show("other", {**arrays(), "odd": np.zeros(9)})
    panel.redraw()
    for label, name in ((panel.without, "y.weight"), (panel.left_over, "odd")):
        assert name in label.text()
        assert not label.isHidden()
    assert "z.weight" not in panel.without.text()
