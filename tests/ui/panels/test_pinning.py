"""Watches from wherever a number is seen: inspector, canvas, wires, trace, explanations; arrays, export, reading."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMenu

from graphlab.engine.messages import Probed, Sampled, TensorKey
from graphlab.ui import watch_menu
from graphlab.ui.panels.explain import ExplainPanel
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.panels.trace import TracePanel
from graphlab.ui.panels.watches import WatchesPanel
from graphlab.ui.session import Session
from graphlab.ui.watches import Watch
from tests.ui.panels.test_watches import PATIENCE, rows, xor
from tests.ui.window_trial import Make


def watched(session: Session) -> list[str]:
    return [session.watches.title(watch) for watch in session.watches.all]


def entries(menu: QMenu) -> dict[str, Any]:
    found = {}
    for action in menu.actions():
        found[action.text().partition("\t")[0]] = action
        if action.menu() is not None:
            found |= {f"{action.text()} > {inner.text()}": inner for inner in action.menu().actions()}
    return found


@pytest.fixture
def window(make: Make, qtbot: Any) -> Any:
    made = make(xor(), engine=True)
    qtbot.waitUntil(lambda: made.session.loaded is not None, timeout=PATIENCE)
    made.session.phase("backward")
    qtbot.waitUntil(lambda: made.session.status.cursor > 0, timeout=PATIENCE)
    return made


def test_p_in_the_inspector_pins_an_element_and_shift_p_all_of_it(window: Any, qtbot: Any) -> None:
    session = window.session
    session.select({session.document.node("out").id})
    inspector = window.docks["inspector"].build()
    assert isinstance(inspector, InspectorPanel)
    tensors = inspector.node_page.tensors
    tensors.choose("weight")
    qtbot.waitUntil(
        lambda: tensors.value.view.selected_index() is None and tensors._tensor("value") is not None
    )
    tensors.value.view.select_index((0, 2))
    heat = tensors.value.view.heat_map()
    heat.setFocus()
    QTest.keyClick(heat, Qt.Key.Key_P)
    assert watched(session) == ["out: weight[0, 2]"]
    QTest.keyClick(heat, Qt.Key.Key_P, Qt.KeyboardModifier.ShiftModifier)
    assert watched(session) == ["out: weight[0, 2]", "out: weight"]
    assert window.docks["watches"].isVisible()
    QTest.keyClick(heat, Qt.Key.Key_P)
    assert len(session.watches.all) == 2
    assert "watched already" in session.notices[-1].text
    tensors.show_tab("grad")
    tensors.gradient.elementWatched.emit((0, 1))
    assert watched(session)[-1] == "out: weight.grad[0, 1]"
    tensors.choose("y")
    tensors.gradient.elementWatched.emit((0, 0))
    assert watched(session)[-1] == "out: grad[0, 0]"


def test_an_array_stands_in_the_list_with_its_picture_and_statistics(window: Any, qtbot: Any) -> None:
    session = window.session
    hidden = session.document.node("hidden").id
    session.watches.pin("value", hidden, "weight")
    panel = window.docks.show("watches").build()
    assert isinstance(panel, WatchesPanel)
    (watch,) = session.watches.all
    assert watch.whole == TensorKey("value", hidden, "weight")
    qtbot.waitUntil(lambda: session.watches.tensor(watch) is not None, timeout=PATIENCE)
    tensor = session.watches.tensor(watch)
    assert tensor.shape == (8, 2)
    qtbot.waitUntil(lambda: rows(panel)[0][1].startswith("‖"), timeout=PATIENCE)
    norm = float(np.linalg.norm(tensor.array))
    assert watch.now == pytest.approx(norm, rel=1e-5)
    session.train_step()
    qtbot.waitUntil(lambda: watch.steps[-1:] == [1], timeout=PATIENCE)


def test_a_number_that_becomes_an_array_is_watched_as_one() -> None:
    session = Session(xor(), engine=False)
    node = session.graph.add("Parameter", name="w", value=1.0)
    session.watches.add(node.id, "value")
    (watch,) = session.watches.all
    assert watch.whole is None
    session.graph.set("w", value=(1.0, 2.0))
    assert watch.whole is not None
    assert watch.probe.expression == "value.norm"
    session.close()


def test_the_menu_of_a_node_offers_all_that_it_has(window: Any) -> None:
    session = window.session
    out = session.document.node("out").id
    titles = [title for title, _ in watch_menu.of_node(session, out)]
    own = ["Value", "Gradient", "weight", "Gradient of weight", "bias", "Gradient of bias"]
    kept = [f"{name}.{state}" for name in ("weight", "bias") for state in ("exp_avg", "exp_avg_sq")]
    assert titles == [*own, *(f"{each} (Adam)" for each in kept)]
    for _, run in watch_menu.of_node(session, out):
        run()
    assert watched(session) == [
        f"out: {name}" for name in ("value", "grad", "weight", "weight.grad", "bias", "bias.grad", *kept)
    ]
    data = session.document.node("data").id
    assert [title for title, _ in watch_menu.of_node(session, data)][:1] == ["Value"]


def test_a_wire_can_be_watched_both_ways(window: Any, qtbot: Any) -> None:
    session = window.session
    out = session.document.node("out").id
    choices = dict(watch_menu.of_wire(session, out, "x"))
    choices["Watch what comes back along it"]()
    assert watched(session) == ["out: x.grad"]
    (watch,) = session.watches.all
    assert watch.whole == TensorKey("term", session.document.node("act").id, f"{out}.x")
    choices["Watch what goes along it"]()
    assert watched(session)[-1] == "act: value"
    qtbot.waitUntil(lambda: watch.now > 0, timeout=PATIENCE)


def test_the_menus_of_the_canvas_hold_these(window: Any) -> None:
    from PySide6.QtCore import QPointF

    from graphlab.ui.canvas.menus import menu_at

    canvas, session = window.canvas, window.session
    canvas.motion.enabled = False
    node = session.document.node("act").id
    menu = menu_at(canvas, canvas.camera.screen(canvas.scene.rect(node).center()))
    entries(menu)["Watch > Gradient"].trigger()
    assert watched(session) == ["act: grad"]
    wire = canvas.scene.wire_index[node, "x"]
    menu = menu_at(canvas, QPointF(canvas.camera.screen(canvas.scene.middle(wire))))
    assert "Watch what comes back along it" in entries(menu)


def test_a_row_of_the_trace_offers_its_own_array_first(window: Any) -> None:
    panel = window.docks.show("trace").build()
    assert isinstance(panel, TracePanel)
    schedule = window.session.schedule
    back = next(k for k, e in enumerate(schedule) if e.phase == "backward")
    found = list(entries(panel.menu(back)))
    assert found[2].startswith("Watch > Gradient")
    assert panel.menu(len(schedule) - 1) is None  # the update


def test_an_explained_number_and_its_terms_can_be_pinned(window: Any, qtbot: Any) -> None:
    session = window.session
    out = session.document.node("out").id
    session.explain("value", out, "y", (0, 0))
    panel = window.docks["explain"].build()
    assert isinstance(panel, ExplainPanel)
    qtbot.waitUntil(lambda: session.explainer.found is not None, timeout=PATIENCE)
    panel._tools["watch"].click()
    assert watched(session) == ["out: value[0, 0]"]
    linked = [origin for item in panel.terms._all() for origin in panel.terms.links(item)]
    origin = next(o for o in linked if o.label.startswith("weight"))
    panel.terms.watched.emit(origin)
    assert watched(session)[-1].startswith("out: weight[0, ")


def test_what_was_sampled_between_two_frames_is_on_the_curve(quiet_session: Session) -> None:
    watches = quiet_session.watches
    node = quiet_session.document.node("z").id
    watches.add(node, "value.mean")
    watches.add(node, "weight.norm")
    watches._take(Probed(0, 1, 0, (1.0, 5.0)))
    watches._take_series(Sampled(0, np.array([2, 3]), np.array([[2.0, 6.0], [3.0, 7.0]])))
    watches._take(Probed(0, 4, 0, (4.0, 8.0)))
    assert [watch.values for watch in watches.all] == [[1, 2, 3, 4], [5, 6, 7, 8]]
    watches._take_series(Sampled(0, np.array([5]), np.array([[1.0]])))  # of other watches
    assert watches.all[0].steps == [1, 2, 3, 4]


def test_all_curves_go_into_one_table(
    quiet_session: Session, qtbot: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    watches, node = quiet_session.watches, quiet_session.document.node("z").id
    watches.add(node, "value.mean")
    watches.add(node, "weight")
    first, second = watches.all
    for step, value in ((1, 0.1), (3, 0.25)):
        first.note(step, value)
    second.note(3, 2.0)
    table = list(csv.reader(io.StringIO(watches.csv())))
    assert table == [
        ["step", "z: value.mean", "z: weight (norm)"],
        ["1", "0.1", ""],
        ["3", "0.25", "2.0"],
    ]
    panel = WatchesPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.resize(700, 200)
    panel.show()
    for name, run in (("a.csv", panel.save_numbers), ("b", panel.save_picture)):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, name=name: (str(tmp_path / name), ""))
        run()
    assert (tmp_path / "a.csv").read_text() == watches.csv()
    image = QImage(str(tmp_path / "b.png"))
    assert image.width() >= 640
    panel.copy_table()
    assert QGuiApplication.clipboard().text() == watches.csv()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "no" / "a.csv"), ""))
    panel.save_numbers()
    assert quiet_session.notices[-1].level == "error"


def test_the_list_tells_the_numbers_of_the_step_that_is_read(quiet_session: Session, qtbot: Any) -> None:
    watches, node = quiet_session.watches, quiet_session.document.node("z").id
    watches.add(node, "value.mean")
    (watch,) = watches.all
    for step in range(1, 11):
        watch.note(step, step / 10)
    panel = WatchesPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.resize(700, 200)
    panel.show()
    panel.redraw()
    assert rows(panel)[0][1] == "1.000"
    panel.view.setFocus()
    for _ in range(3):
        QTest.keyClick(panel.view, Qt.Key.Key_Left)
    assert rows(panel)[0][1] == "0.8000"
    assert panel.reading.text() == "at step 8"
    panel.view.point_at(None)
    assert rows(panel)[0][1] == "1.000"


def test_curves_of_different_size_fill_the_height_each_by_itself(quiet_session: Session, qtbot: Any) -> None:
    watches, node = quiet_session.watches, quiet_session.document.node("z").id
    watches.add(node, "value.mean")
    watches.add(node, "weight.norm")
    for step in range(1, 4):
        watches.all[0].note(step, step * 1e-6)
        watches.all[1].note(step, 1000.0 / step)
    panel = WatchesPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.redraw()
    panel.set_apart(True)
    tops = [curve.getData()[1] for curve in panel.view._curves]
    assert [(y.min(), y.max()) for y in tops] == [(0, 1), (0, 1)]
    panel.set_logarithmic(True)
    assert [(y.min(), y.max()) for y in (c.getData()[1] for c in panel.view._curves)] == [(0, 1), (0, 1)]
    panel.set_apart(False)
    assert panel.view._curves[1].getData()[1].max() == pytest.approx(3.0)  # log10 of 1000


def test_a_watch_knows_what_it_was() -> None:
    watch = Watch("n", "loss")
    watch.note(2, 1.0)
    watch.note(5, 2.0)
    assert np.isnan(watch.at(1))
    assert [watch.at(step) for step in (2, 4, 5, 9)] == [1.0, 1.0, 2.0, 2.0]
