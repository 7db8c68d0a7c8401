"""Units over text: the units by what they go with, and the text in the colours of one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.engine.messages import Evaluate, Evaluated, Status
from graphlab.graph import Graph
from graphlab.lab.tracking import _SIGNS
from graphlab.ui.panels.units import UnitsPanel
from graphlab.ui.session import Session
from graphlab.ui.theme import Theme
from tests.engine.language_trial import WORDS, writer

ALPHABET = "".join(sorted(set(WORDS)))
CODES = np.array([ALPHABET.index(c) for c in WORDS[:320]]).reshape(40, 8)


@pytest.fixture
def panel(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[UnitsPanel]:
    session = Session(writer("LSTM"), engine=False)
    session.engine.status = Status(0, "paused", 7, 2, 3, None)
    states = np.random.default_rng(0).normal(size=(320, 16)) / 4
    states[:, 3] = _SIGNS["vowels"](WORDS[:320]) - 0.5
    states[:, 9] = -_SIGNS["spaces"](WORDS[:320])

    def send(command: Any) -> None:
        if isinstance(command, Evaluate):
            width = 16 if "layer" in session.document.nodes[command.ends[0][0]].name else 8
            values: Any = (states[:, :width].reshape(40, 8, width), CODES)
            if command.split != "validation":
                (rows,) = command.given.values()
                values = (values[0][: len(rows)], rows)
            answer = Evaluated(0, command.request, session.status.step, values, np.arange(40))
            session.in_a_moment(lambda: session.engine.evaluated.emit(answer))

    monkeypatch.setattr(session.engine, "send", send)
    made = UnitsPanel(session)
    qtbot.addWidget(made)
    made.resize(900, 260)
    made.show()
    qtbot.waitUntil(lambda: made.table_of_units.rowCount() > 0)
    yield made
    session.close()


def line(panel: UnitsPanel, row: int) -> list[str]:
    return [panel.table_of_units.item(row, k).text() for k in range(3)]


def test_the_unit_that_goes_with_something_closest_comes_first_and_is_shown(
    panel: UnitsPanel, each_theme: Theme
):
    assert panel.layer.currentText() == "layer"
    first = {tuple(line(panel, row)) for row in range(2)}
    assert first == {("3", "vowels", "+1.0"), ("9", "spaces", "−1.0")}
    assert panel.unit in (3, 9)
    assert panel.said.text().endswith("over 320 characters of validation text  ·  step 7")
    assert panel.cells.characters[:3] == ("a", "␣", "q")
    assert not panel.grab().isNull()


def test_units_are_sorted_by_a_sign_and_walked_through_by_keyboard(panel: UnitsPanel):
    panel.sign.setCurrentText("spaces")
    panel.sign.activated.emit(panel.sign.currentIndex())
    assert line(panel, 0) == ["9", "spaces", "−1.0"]
    assert panel.unit == 9
    panel.table_of_units.setFocus()
    QTest.keyClick(panel.table_of_units, Qt.Key.Key_Down)
    assert panel.unit == int(line(panel, 1)[0]) != 9
    assert np.array_equal(panel.cells.values, panel.values[:, panel.unit])


def test_pointing_at_a_character_tells_its_number(panel: UnitsPanel):
    cells = panel.cells
    cells.point_at(None)
    assert "point at a character" in panel.read_out.text()
    QTest.mouseMove(cells, cells.cell(2).center().toPoint())
    panel.cells.point_at(cells.place_at(cells.cell(2).center().toPoint()))
    assert panel.read_out.text().startswith(f"“q” at 2: unit {panel.unit} is")
    cells.setFocus()
    QTest.keyClick(cells, Qt.Key.Key_Right)
    assert cells.at == 3
    QTest.keyClick(cells, Qt.Key.Key_Down)
    assert cells._rows[cells.at] == 1
    assert cells.place_at(QPoint(cells.width() + 50, 5)) is None


def test_another_layer_has_other_units(panel: UnitsPanel, qtbot: Any):
    names = [panel.layer.itemText(k) for k in range(panel.layer.count())]
    assert names == ["embedding", "layer", "scores"]
    panel.layer.setCurrentText("embedding")
    panel.layer.activated.emit(0)
    qtbot.waitUntil(lambda: panel.values.shape[1] == 8)


def test_a_text_of_ones_own_takes_the_place_of_the_data(panel: UnitsPanel, qtbot: Any):
    QTest.keyClicks(panel.own, "the lazy fox9")
    qtbot.waitUntil(lambda: panel.text == "the lazy fox")
    assert panel.values.shape[0] == 12
    qtbot.waitUntil(lambda: panel.said.text().endswith("has no character 9. It is left out."))
    QTest.keyClick(panel.own, Qt.Key.Key_Backspace)
    qtbot.waitUntil(lambda: "12 characters of your own text" in panel.said.text())
    panel.own.selectAll()
    QTest.keyClicks(panel.own, "9")
    qtbot.waitUntil(lambda: panel.cells.characters == ())
    panel.own.clear()
    panel.own.textEdited.emit("")
    qtbot.waitUntil(lambda: len(panel.text) == 320)


def test_its_numbers_can_be_saved(panel: UnitsPanel):
    header, lines = panel.table()
    rows = list(lines)
    assert header[:3] == ["place", "character", "unit 0"]
    assert (len(rows), len(rows[0])) == (320, 18)
    assert panel._picture("png")[:4] == b"\x89PNG"


def test_short_lines_follow_one_another(panel: UnitsPanel):
    cells = panel.cells
    cells.show_values(tuple("ab⏎") * 30, np.zeros(90), 1.0)
    assert cells._columns[3] == 3
    cells.show_values((*"x" * 40, "⏎", "y"), np.zeros(42), 1.0)
    assert (cells._rows[41], cells._columns[41]) == (1, 0)


def test_without_a_text_it_says_what_it_takes(qtbot: Any):
    session = Session(Graph(), engine=False)
    made = UnitsPanel(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: "What each unit does" in made.empty.label.text())
    assert made.empty.button.text() == "Open names-lstm"
    session.close()
