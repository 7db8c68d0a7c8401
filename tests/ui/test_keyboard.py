"""Everything by keyboard alone: keys go to whatever has the focus, and nothing else touches the window."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from graphlab.graph import Graph
from graphlab.io import load
from graphlab.ui.window import MainWindow
from tests.ui.typist import CTRL, SHIFT, Key, Typist
from tests.ui.window_trial import PATIENCE, Make, small


def wires(window: MainWindow) -> set[str]:
    """ "x.y → hidden.x" for each wire."""
    nodes = window.session.document.nodes
    return {
        f"{nodes[e.source].name}.{e.output} → {nodes[e.target].name}.{e.input}"
        for e in window.session.document.edges.values()
    }


def save_as(typist: Typist, path: Path) -> None:
    """Ctrl+S, then the name into Qt's own file dialog, which runs a loop of its own."""

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        typist.press(Key.Key_A, CTRL)
        typist.type(str(path))

    QTimer.singleShot(300, answer)
    typist.press(Key.Key_S, CTRL)


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)  # offscreen: a dialog that is modal
def test_xor_is_built_wired_trained_and_saved_by_keys_alone(make: Make, qtbot: Any, tmp_path: Path) -> None:
    window = make(engine=True)
    window.canvas.motion.enabled = False
    hands = Typist(window)

    hands.press(Key.Key_A, SHIFT)
    hands.type("dataset")
    hands.press(Key.Key_I, CTRL)
    hands.tab_to_field("dataset")
    hands.press(Key.Key_A, CTRL)
    hands.type("xor")
    hands.press(Key.Key_Escape)

    for op, units in (("linear", "8"), ("tanh", ""), ("linear", "1"), ("mseloss", "")):
        hands.press(Key.Key_W)
        hands.press(Key.Key_Tab)
        hands.type(op)
        if units:
            hands.press(Key.Key_I, CTRL)
            hands.tab_to_field("units")
            hands.press(Key.Key_A, CTRL)
            hands.type(units)
            hands.press(Key.Key_Escape)

    hands.press(Key.Key_W, SHIFT)
    hands.type("dataset")
    assert wires(window) == {
        "dataset.x → linear.x",
        "linear.y → tanh.x",
        "tanh.y → linear2.x",
        "linear2.y → loss.input",
        "dataset.target → loss.target",
    }
    assert not window.session.inference.problems

    hands.press(Key.Key_Escape)
    hands.press(Key.Key_I, CTRL)
    hands.tab_to_field("optimizer")
    hands.type("Adam", None)  # letters go to the next that begins so, which may be AdamW
    for _ in range(5):
        if hands.focus.currentText() != "Adam":
            hands.press(Key.Key_Up)
    hands.tab_to_field("learning rate")
    hands.press(Key.Key_A, CTRL)
    hands.type("0.05")
    hands.tab_to_field("epochs")
    hands.press(Key.Key_A, CTRL)
    hands.type("300")
    hands.press(Key.Key_Escape)
    training = window.session.document.training
    assert (training.optimizer, training.lr, training.epochs) == ("Adam", 0.05, 300)

    qtbot.waitUntil(lambda: bool(window.session.schedule), timeout=PATIENCE)
    hands.press(Key.Key_F5)
    qtbot.waitUntil(lambda: window.session.status.epoch >= 300, timeout=PATIENCE)
    assert window.session.losses.last < 0.01

    path = tmp_path / "xor.graphlab"
    save_as(hands, path)
    assert not window.session.is_modified
    graph, weights = load(path)
    assert graph.document == window.session.document
    assert weights


def test_tab_walks_the_inspector_from_top_to_bottom_though_its_form_was_made_last(make: Make) -> None:
    window = make(small())
    hands = Typist(window)
    window.session.select([window.session.document.node("hidden").id])
    hands.press(Key.Key_I, CTRL)
    heights = []
    inspector = window.docks["inspector"]
    page = inspector.content.page()
    while inspector.isAncestorOf(hands.focus):
        heights.append(hands.focus.mapTo(page, hands.focus.rect().center()).y())
        hands.press(Key.Key_Tab)
    assert len(heights) > 8
    assert all(b > a - 12 for a, b in pairwise(heights))


def test_a_choice_that_changes_the_form_keeps_the_keyboard_where_it_is(make: Make) -> None:
    window = make(small())
    hands = Typist(window)
    hands.press(Key.Key_I, CTRL)
    hands.tab_to_field("optimizer")
    before = hands.focus
    hands.press(Key.Key_Down)
    assert window.session.document.training.optimizer != Graph().document.training.optimizer
    assert hands.focus is not before
    assert hands.focus.accessibleName() == "optimizer"


def test_f6_leads_to_every_open_panel_and_back_and_esc_to_the_canvas(make: Make) -> None:
    window = make(small())
    window.canvas.setFocus()
    hands = Typist(window)
    seen = []
    for _ in range(20):
        hands.press(Key.Key_F6)
        part = next((d.panel.id for d in window.docks.by_id.values() if d.isAncestorOf(hands.focus)), "")
        seen.append(part or ("toolbar" if window.toolbar.isAncestorOf(hands.focus) else "canvas"))
        if seen[-1] == "canvas":
            break
    opened = {d.panel.id for d in window.docks.by_id.values() if d.panel.shown}
    assert {*seen} >= {"inspector", "timeline", "library", "loss", "toolbar", "canvas"}
    assert opened <= {*seen} | {
        "weights",
        "filters",
    }  # a panel that has nothing to show yet has nothing to stop at
    hands.press(Key.Key_F6)
    assert not window.canvas.hasFocus()
    hands.press(Key.Key_Escape)
    assert window.canvas.hasFocus()
    hands.press(Key.Key_F6, SHIFT)
    assert window.toolbar.isAncestorOf(hands.focus)
