"""Calibration and Residuals in the window's hands, on a real engine: figures, bins, points, rows, keys, tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.data.delimited import read_text
from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.panels.calibration import CalibrationPanel
from graphlab.ui.panels.residuals import ResidualsPanel
from graphlab.ui.samples import samples_of
from graphlab.ui.session import Session
from tests.ui.panels.test_confusion import WAIT, shown

LINE = "x,y\n" + "\n".join(f"{k / 40},{2 * k / 40 + (5 if k == 17 else 0)}" for k in range(80))


def line() -> Graph:
    """y = 2x but for one row, and a layer for it."""
    graph = Graph("line")
    rows = graph.add("Table", name="rows", **read_text(LINE, "line.csv"))
    out = graph.add("Linear", rows["x"], name="out", units=1)
    graph.add("MSELoss", out, rows["target"], name="loss")
    graph.configure(validation=0.0)
    return graph


@pytest.fixture
def digits(qtbot: Any) -> Iterator[Session]:
    made = Session(load(example("digits-mlp").path)[0])
    qtbot.waitUntil(lambda: made.engine.loaded is not None, timeout=WAIT)
    yield made
    made.close()


@pytest.fixture
def numbers(qtbot: Any) -> Iterator[Session]:
    made = Session(line())
    qtbot.waitUntil(lambda: made.engine.loaded is not None, timeout=WAIT)
    made.engine.bring({"out.weight": np.full((1, 1), 2.0), "out.bias": np.zeros(1)})
    yield made
    made.close()


def test_a_bin_shows_its_rows_and_the_table_adds_up_to_the_error(digits: Session, qtbot: Any) -> None:
    panel = shown(qtbot, CalibrationPanel(digits))
    digits.engine.send(m.Train(40))
    qtbot.waitUntil(lambda: "step 40" in panel.said.text(), timeout=WAIT)
    header, rows = panel.table()
    lines = [row for row in rows if row[2]]
    assert header[2:] == ["rows", "mean probability", "share right", "gap"]
    assert sum(row[2] for row in lines) == 270
    ece = sum(row[2] * abs(row[3] - row[4]) for row in lines) / 270
    assert f"ECE {ece:.3f}" in panel.said.text()
    view, fullest = panel.view, int(panel.calibration.counts.argmax())
    spot = view.column(fullest, view.upper).center().toPoint()
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=spot)
    count = int(panel.calibration.counts[fullest])
    qtbot.waitUntil(lambda: len(panel.cards.cards._order) == count)
    verdicts = panel.samples.verdicts
    assert (verdicts.sureness[panel.cards.cards._order] > fullest / 10).all()
    QTest.keyClick(view, Qt.Key.Key_Left)
    assert view.picked == max(fullest - 1, 0)
    QTest.keyClick(view, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "wrong" in panel.title.text())
    assert not verdicts.right[panel.cards.cards._order].any()


def test_residuals_name_the_row_that_is_off_and_it_is_a_click_away(numbers: Session, qtbot: Any) -> None:
    panel = shown(qtbot, ResidualsPanel(numbers))
    fit = panel.fit
    worst = int(fit.worst(1)[0])
    assert fit.rows[worst] == 17
    assert [panel.rows.rows.text(0, k) for k in (0, 1)] == ["17", "+5.000"]
    pointed: list[int] = []
    panel.samples.pointed.connect(pointed.append)
    place = panel.rows.visualRect(panel.rows.rows.index(0, 0)).center()
    QTest.mouseClick(panel.rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pointed == [17]
    assert panel.view.accessibleDescription().startswith("row 17: said 0.85")
    panel.view.choose(None)
    spot = QPoint(*(round(value) for value in panel.view.places()[worst].tolist()))
    QTest.mouseClick(panel.view, Qt.MouseButton.LeftButton, pos=spot)
    assert pointed == [17, 17]
    header, rows = panel.table()
    assert header == ["row", "true", "said", "true - said"]
    np.testing.assert_allclose(next(rows), [17, 5.85, 0.85, 5.0], atol=1e-5)
    QTest.keyClick(panel.view, Qt.Key.Key_Right)
    assert panel.view.picked == fit.worst(2)[1]
    QTest.keyClick(panel.view, Qt.Key.Key_Escape)
    assert panel.view.picked is None


def test_each_says_where_the_other_is_what_to_look_at(numbers: Session, qtbot: Any) -> None:
    panel = CalibrationPanel(numbers)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "The panel Residuals" in panel.empty.label.text(), timeout=WAIT)
    assert "Confusion and Calibration" not in samples_of(numbers).missing_for("numbers")
