"""What a unit wants: the picture grows as it climbs, the best samples stand beside it, knobs and beginnings count."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.io.trained import trained_example
from graphlab.ui.canvas.menus import menu_of_selection
from graphlab.ui.panels.wants import DREAM, OWN, SAMPLE, WantsPanel
from graphlab.ui.session import Session
from graphlab.ui.unit_column import LayerOfUnits, UnitColumn
from graphlab.ui.wanting import wanting_of
from tests.ui.experiments_trial import Beside
from tests.ui.window_trial import Make

Shown = tuple[WantsPanel, Beside]


@pytest.fixture
def shown(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Shown]]:
    """A shown panel on the trained digits with short climbs, and what answers it."""
    made: list[Session] = []

    def begin(wish: tuple[str, tuple[int, ...]] | None = None) -> Shown:
        graph, weights = trained_example("digits-cnn").read()
        session = Session(graph, engine=False)
        made.append(session)
        beside = Beside(session, monkeypatch)
        beside.space.set_weights(weights, {})
        if wish is not None:
            wanting_of(session).ask(beside.space.run.names.end(wish[0]), wish[1])
        panel = WantsPanel(session)
        panel.knobs.fields["steps"].setValue(8)
        qtbot.addWidget(panel)
        panel.resize(1000, 270)
        panel.show()
        answered(panel, beside, qtbot)
        return panel, beside

    yield begin
    for session in made:
        session.close()


def answered(panel: WantsPanel, beside: Beside, qtbot: Any) -> Any:
    """Waits for the climb (or dream) that is due, and has it done; returns what was asked for."""
    before = len(_climbs(beside))
    qtbot.waitUntil(lambda: len(_climbs(beside)) > before)
    beside.work()
    panel._redraw()
    return _climbs(beside)[-1]


def _climbs(beside: Beside) -> list[Any]:
    return [each for each in beside.asked if isinstance(each, (m.StartClimb, m.StartDream))]


def test_at_once_a_unit_of_the_first_layer_climbs_with_its_best_samples_beside_it(shown: Any) -> None:
    panel, beside = shown()
    column = panel.columns[0]
    assert column.name() == "conv1 [0]"
    assert column.image.title == "conv1 [0] wants"
    assert len(column.curve.values) == 9
    assert column.curve.values[-1] > column.curve.values[0]
    assert len(column.tiles.images) == 9
    best = panel.found.best[0]
    assert sorted(best.values, reverse=True) == list(best.values)
    assert "8 of 8 steps" in panel.said.text()
    assert "rows" in panel.said.text()
    assert panel.run.text() == "Climb"
    header, lines = panel.table()
    assert header == ["unit", "channel", "y", "x", "value"]
    assert len(list(lines)) == 64
    assert not beside.experiments.is_busy


def test_another_unit_begins_anew_and_a_click_on_a_sample_shows_it(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    column = panel.columns[0]
    column.layer.setCurrentText("out")
    column.layer.activated.emit(column.layer.currentIndex())
    column.unit.setValue(3)
    asked = answered(panel, beside, qtbot)
    assert asked.units == (m.Sought(*beside.space.run.names.end("out"), (3,)),)
    assert column.tiles.words[0].endswith("(3)")
    seen: list[int] = []
    panel.samples.pointed.connect(seen.append)
    QTest.mouseClick(column.tiles, Qt.MouseButton.LeftButton, pos=column.tiles.tiles()[2].center().toPoint())
    QTest.keyClick(column.tiles, Qt.Key.Key_Right)
    QTest.keyClick(column.tiles, Qt.Key.Key_Return)
    assert seen == panel.found.best[0].rows[2:4].tolist()


def test_low_middle_and_high_stand_side_by_side(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    QTest.mouseClick(panel.three, Qt.MouseButton.LeftButton)
    asked = answered(panel, beside, qtbot)
    names = [beside.space.run.plan.nodes[unit.node].path for unit in asked.units]
    assert names == ["conv1", "conv2", "out"]
    assert [column.isVisible() for column in panel.columns] == [True] * 3
    assert all(len(column.curve.values) == 9 and len(column.tiles.images) == 9 for column in panel.columns)


def test_a_class_is_called_by_its_name(qtbot: Any) -> None:
    column = UnitColumn()
    qtbot.addWidget(column)
    layers = [
        LayerOfUnits(("a", "y"), "conv", (2, 3, 3)),
        LayerOfUnits(("b", "y"), "out", (3,), ("ant", "1", "bee")),
    ]
    column.set_layers(layers, 0)
    assert (column.name(), column.unit.suffix()) == ("conv [0]", "")
    column.choose(("b", "y"), (2,))
    assert (column.name(), column.unit.suffix()) == ("out [2] bee", "  bee")
    column.unit.setValue(1)
    assert (column.name(), column.unit.suffix()) == ("out [1]", "")
    column.unit.setValue(-1)
    assert (column.name(), column.chosen()) == ("out", (("b", "y"), ()))


def test_it_can_be_stopped_and_goes_on_from_the_beginning(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    panel.knobs.fields["steps"].setValue(5000)
    qtbot.waitUntil(lambda: beside.experiments.is_busy)
    beside.events += beside.experiments.go_on(beside.space, 0, 0.02, False)
    beside.tell()
    assert panel.run.text() == "Stop"
    QTest.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    assert panel.run.text() == "Climb"
    assert isinstance(beside.asked[-1], m.StopExperiment)
    beside.work()
    assert panel.climbed.done < 5000
    panel.knobs.fields["steps"].setValue(4)
    panel._soon.stop()
    QTest.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    beside.work()
    assert panel.climbed.done == 4


def test_knobs_and_beginnings_are_part_of_the_question(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    panel.knobs.bare()
    panel.knobs.fields["seed"].setValue(7)
    asked = answered(panel, beside, qtbot)
    bare = {"decay": 0, "blur": 0, "smooth": 0, "jitter": 0, "clip": 0}
    assert asked.knobs == {**bare, "steps": 8, "seed": 7}
    assert "noise of seed 7" in panel.said.text()
    panel.knobs.reset()
    assert panel.knobs.settings() == {}
    panel.knobs.fields["steps"].setValue(3)
    panel.begin.setCurrentText(SAMPLE)
    panel.begin.textActivated.emit(SAMPLE)
    asked = answered(panel, beside, qtbot)
    assert np.array_equal(asked.begin, panel.found.best[0].pictures[0])
    panel.own.pixels, panel.own.name = np.full((3, 30, 20), 200, np.uint8), "own.png"
    panel.own.changed.emit()
    asked = answered(panel, beside, qtbot)
    assert panel.begin.currentText() == OWN
    np.testing.assert_allclose(asked.begin, np.full((1, 8, 8), 200 / 255), atol=1e-6)
    panel.begin.setCurrentText(DREAM)
    panel.begin.textActivated.emit(DREAM)
    asked = answered(panel, beside, qtbot)
    assert isinstance(asked, m.StartDream)
    assert asked.sleep == {}
    panel.knobs.fields["octaves"].setValue(2)
    asked = answered(panel, beside, qtbot)
    assert asked.sleep == {"octaves": 2}
    assert "a dream upon own.png" in panel.said.text()
    assert panel.dreamt.picture.shape == (1, 30, 20)
    assert panel.columns[0].image.title == "own.png, as conv1 [0] dreams it"


def test_it_looks_into_what_another_part_of_the_window_asks_about(shown: Any, qtbot: Any) -> None:
    panel, beside = shown(("conv2", (5,)))
    assert panel.columns[0].name() == "conv2 [5]"
    QTest.mouseClick(panel.columns[0].one, Qt.MouseButton.LeftButton)
    assert answered(panel, beside, qtbot).units[0].at == (5, 2, 2)  # in the middle of a map of 4×4
    wanting_of(panel.session).ask(beside.space.run.names.end("conv1"), (2,), (1, 3))
    assert answered(panel, beside, qtbot).units[0].at == (2,)
    QTest.mouseClick(panel.columns[0].one, Qt.MouseButton.LeftButton)
    assert answered(panel, beside, qtbot).units[0].at == (2, 1, 3)
    wanting_of(panel.session).ask(beside.space.run.names.end("conv1"), (2, 1, 3))
    asked = answered(panel, beside, qtbot)
    assert asked.units[0].at == (2, 1, 3)
    wanting_of(panel.session).ask(("nowhere", "y"), (0,))
    assert "does not look at pictures" in panel.session.notices[-1].text


def test_a_climb_that_was_cut_short_by_hiding_begins_anew_when_it_is_seen(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    before = len(_climbs(beside))
    panel.hide()
    panel.show()
    qtbot.wait(200)
    assert len(_climbs(beside)) == before  # it was done
    panel.start()
    assert panel.run.text() == "Stop"
    panel.hide()
    panel.show()
    answered(panel, beside, qtbot)
    assert "8 of 8 steps" in panel.said.text()


def test_it_follows_the_selected_layer(shown: Any, qtbot: Any) -> None:
    panel, beside = shown()
    document = panel.session.document
    panel.session.select({document.node("conv2").id})
    assert answered(panel, beside, qtbot).units == (m.Sought(*beside.space.run.names.end("conv2"), (0,)),)
    assert panel.columns[0].name() == "conv2 [0]"
    panel.session.select({document.node("digits").id})  # has no units: the layer stays
    panel._redraw()
    assert panel.columns[0].name() == "conv2 [0]"
    wanting_of(panel.session).ask(beside.space.run.names.end("conv1"), (2,))
    assert panel.columns[0].name() == "conv1 [2]"


def test_without_pictures_or_layers_it_says_what_it_is_for(qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    panel = WantsPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "No picture goes into this graph" in panel.empty.label.text())
    session.graph.add("Input", name="x", shape=("N", 1, 6, 6))
    qtbot.waitUntil(lambda: "Add a layer, such as Conv2d" in panel.empty.label.text())
    session.close()


def test_menu_and_maps_lead_to_it_and_an_answer_to_why(make: Make, qtbot: Any) -> None:
    window = make(load(example("digits-cnn").path)[0])
    session, docks = window.session, window.docks
    session.select({session.document.node("conv2").id})
    menu = menu_of_selection(window.canvas)
    next(entry for entry in menu.actions() if entry.text() == "What does it want?").trigger()
    assert docks["wants"].isVisible()
    panel = docks["wants"].build()
    qtbot.waitUntil(lambda: panel.columns[0].name() == "conv2 [0]")
    docks["wants"].hide()
    wanting_of(session).ask((session.document.node("conv1").id, "y"), (2,))
    assert docks["wants"].isVisible()
    qtbot.waitUntil(lambda: panel.columns[0].name() == "conv1 [2]")
    wanting_of(session).ask_why(0)
    assert docks["why"].isVisible()
    session.select({session.document.node("digits").id})
    window.actions_.run("tools.wants")  # a source has no units: the panel stays at what it had
    assert panel.columns[0].name() == "conv1 [2]"
