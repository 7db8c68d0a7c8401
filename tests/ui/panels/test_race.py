"""The optimizer race: who races is chosen in the table, curves and places come, the first is taken over and undone."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from graphlab.engine import Trainer
from graphlab.engine import messages as m
from graphlab.engine.experiments import loss_map
from graphlab.engine.experiments.race import Racer
from graphlab.graph import Graph
from graphlab.ui.panels.race import PRESENT, RacePanel
from graphlab.ui.panels.surface import SurfacePanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.racer_table import LOSS, OPTIMIZER, PLACE, RATE
from tests.engine.experiments.test_cut import valley
from tests.engine.networks import winding_graph
from tests.ui.experiments_trial import Beside

Open = Callable[..., tuple[RacePanel, Beside]]


@pytest.fixture
def shown(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """A shown panel of a graph, and what answers it; with `over`, once its race is."""
    made: list[Session] = []

    def begin(graph: Graph | None = None, over: bool = True) -> tuple[RacePanel, Beside]:
        session = Session(graph or winding_graph(epochs=5), engine=False)
        made.append(session)
        beside = Beside(session, monkeypatch)
        panel = RacePanel(session)
        qtbot.addWidget(panel)
        tools = panel.header_tools()
        for tool in tools:
            tool.setParent(panel)
        panel.resize(620, 260)
        panel.show()
        qtbot.waitExposed(panel)
        qtbot.waitUntil(lambda: panel.chart is not None)
        if over:
            panel.run_button.click()
            beside.work()
            qtbot.waitUntil(lambda: panel.table_of.item(0, PLACE).text() != "")
        return panel, beside

    yield begin
    for session in made:
        session.close()


def write_rate(panel: RacePanel, row: int, text: str) -> None:
    """Types into a cell as a hand does."""
    table = panel.table_of
    table.setCurrentCell(row, RATE)
    table.editItem(table.item(row, RATE))
    field = table.viewport().findChild(QLineEdit)
    field.clear()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the field


def test_a_race_shows_each_ones_losses_and_who_is_first(shown: Open) -> None:
    panel, beside = shown()
    assert [racer.optimizer for racer in panel.running] == ["Adam", "SGD", "RMSprop", "AdamW"]
    assert panel.raced is not None
    for racer, losses in zip(panel.running, panel.losses, strict=True):
        alone = Trainer(winding_graph(optimizer=racer.optimizer, lr=racer.lr, epochs=5))
        found = np.concatenate([alone.advance(100) for _ in range(5)])
        assert losses.values.tolist() == found.tolist()
    places = [panel.table_of.item(row, PLACE).text() for row in range(4)]
    assert sorted(places) == ["1.", "2.", "3.", "4."]
    first = panel.running[places.index("1.")]
    assert panel.read_out.text() == f"{first.name} is first after {beside.asked[0].steps:,} steps."


def test_the_first_is_taken_over_with_one_click_and_one_undo(shown: Open) -> None:
    panel, _ = shown(valley(epochs=30))
    panel.table_of.selectRow(1)
    training = panel.session.root.document.training
    QTest.mouseClick(panel.use, Qt.MouseButton.LeftButton)
    now = panel.session.root.document.training
    assert Racer(now.optimizer, now.lr) == panel.table_of.racers()[1]
    assert not panel.use.isEnabled()
    panel.session.root.undo()
    assert panel.session.root.document.training == training


def test_racers_are_edited_added_and_removed(shown: Open) -> None:
    panel, beside = shown(over=False)
    table = panel.table_of
    write_rate(panel, 1, "0.5")
    table.editItem(table.item(0, OPTIMIZER))
    combo = table.viewport().findChild(QComboBox)
    combo.setCurrentText("Lion")
    combo.activated.emit(combo.currentIndex())
    QApplication.processEvents()
    QTest.mouseClick(panel.add_button, Qt.MouseButton.LeftButton)
    table.selectRow(2)
    QTest.keyClick(table, Qt.Key.Key_Delete)
    lr = panel.session.whole.training.lr
    assert table.racers() == [Racer("Lion", lr), Racer("SGD", 0.5), Racer("AdamW", lr), Racer("Adam", lr)]
    panel.start.setCurrentText(PRESENT)
    panel._enter_epochs(2, False)
    panel.run_button.click()
    asked = beside.asked[0]
    assert asked.racers == (("Lion", lr), ("SGD", 0.5), ("AdamW", lr), ("Adam", lr))
    assert asked.steps == 2 * 3
    assert not asked.fresh


def test_a_rate_that_cannot_be_is_not_taken(shown: Open) -> None:
    panel, _ = shown(over=False)
    table = panel.table_of
    before = table.racers()
    for text in ("0", "-1", "quick", ""):
        write_rate(panel, 1, text)
    assert table.racers() == before


def test_two_alike_are_refused_in_place(shown: Open, qtbot: Any) -> None:
    panel, beside = shown(over=False)
    panel.table_of.set_racers([Racer("SGD", 0.1), Racer("SGD", 0.1)])
    panel.run_button.click()
    beside.work()
    qtbot.waitUntil(lambda: "races twice" in panel.read_out.text())
    assert panel.read_out.property("role") == "error"
    panel.table_of.remove()
    assert "races twice" not in panel.words()


def test_who_diverges_is_out_and_says_when(shown: Open, qtbot: Any) -> None:
    panel, beside = shown(valley(epochs=30), over=False)
    panel.table_of.set_racers([Racer("SGD", 100.0), Racer("SGD", 0.01)])
    panel.run_button.click()
    beside.work()
    qtbot.waitUntil(lambda: panel.table_of.item(0, PLACE).text() == "out")
    assert "diverged at step" in panel.table_of.item(0, PLACE).toolTip()
    assert panel.table_of.item(1, PLACE).text() == "1."
    assert panel.table_of.item(1, LOSS).text()


def test_it_can_be_stopped_and_keeps_what_it_has(shown: Open, qtbot: Any) -> None:
    panel, beside = shown(valley(epochs=100_000), over=False)
    panel.run_button.click()
    while panel.raced is None or not panel.raced.done:
        beside.events += beside.experiments.go_on(beside.space, 0, 0.02, False)
        beside.tell()
    qtbot.waitUntil(lambda: panel.run_button.text() == "Stop")
    panel.run_button.click()
    assert not beside.experiments.is_busy
    qtbot.waitUntil(lambda: panel.run_button.text() == "Race")
    assert panel.read_out.text().startswith("stopped at")
    assert len(panel.losses[0])


def test_held_out_losses_take_the_place_of_the_steps(shown: Open, qtbot: Any) -> None:
    panel, _ = shown()
    assert panel.raced is not None
    panel.show_held_out(True)
    steps, values = panel._curve(0)
    assert steps[-1] == panel.raced.total
    assert values[-1] == pytest.approx(panel.raced.laps[0].validation_loss)


def test_the_arrow_keys_read_all_curves(shown: Open) -> None:
    panel, _ = shown()
    panel.chart.setFocus()
    QTest.keyClick(panel.chart, Qt.Key.Key_Right)
    told = panel.read_out.toolTip()
    assert told.startswith("step ")
    assert all(racer.name in told for racer in panel.running)


def test_curves_are_drawn_over_the_loss_and_saved(shown: Open) -> None:
    panel, _ = shown()
    panel.draw_over_the_loss()
    assert [each.name for each in panel.session.overlays.all] == [racer.name for racer in panel.running]
    rows = list(csv.reader(io.StringIO(panel._numbers(".csv").decode())))
    assert rows[0] == ["optimizer", "learning rate", "step", "loss", "held-out loss"]
    assert len(rows) == 1 + sum(len(losses) for losses in panel.losses)
    assert panel._picture(".svg").find(b"<svg") >= 0


def test_a_race_of_a_toy_function_is_drawn_on_its_surface(
    shown: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loss_map, "SIDES", (5, 9, 17))
    panel, beside = shown(valley(epochs=30), over=False)
    surface = SurfacePanel(panel.session)
    qtbot.addWidget(surface)
    surface.show()
    qtbot.waitUntil(lambda: bool(beside.asked))
    beside.work()
    panel.run_button.click()
    beside.work()
    names = [racer.name for racer in panel.running]
    assert isinstance(beside.asked[-1], m.MapLoss)  # laid anew, so that all ways are in view
    assert surface.shown is not None
    assert list(surface.shown.ways) == ["", *names]
    for name, runner in zip(names, panel.losses, strict=True):
        way = surface.shown.ways[name]
        x, y = way.flat.T
        losses = (x - 1) ** 2 + 10 * (y - x**2) ** 2
        assert losses[:30] == pytest.approx(runner.values[: len(losses)][:30], rel=1e-4, abs=1e-5)
    low_x, low_y, high_x, high_y = surface.shown.view
    ends = np.array([surface.shown.ways[name].flat[-1] for name in names])
    assert ((ends > [low_x, low_y]) & (ends < [high_x, high_y])).all()


def test_an_edit_ends_it_and_says_so(shown: Open, qtbot: Any) -> None:
    panel, beside = shown(valley(epochs=100_000), over=False)
    panel.run_button.click()
    beside.tell()
    beside.events += beside.experiments.drop(0)
    beside.tell()
    qtbot.waitUntil(lambda: "The graph was edited" in panel.read_out.text())
    assert panel.run_button.text() == "Race"
