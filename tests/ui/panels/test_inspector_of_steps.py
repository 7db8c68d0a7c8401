"""The inspector of a repeated cell: what each of its ports is given at a step, chosen by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.inspector.steps_part import StepsPart
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from tests.engine.test_unroll_feeding import writer


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    """Characters that go through a writer's cell, which gives the next one back as a token."""
    g = Graph("writing")
    rnn = g.unroll(writer(), g.add("Input", name="x", shape=("N", 6), dtype="int"), name="rnn", steps=6)
    g.add("Mean", g.add("Square", rnn["y"]), name="loss")
    found = Session(Graph(g.document), engine=False)
    yield found
    found.close()


@pytest.fixture
def part(qtbot: Any, session: Session) -> Iterator[StepsPart]:
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(330, 900)
    panel.show()
    session.select([session.document.node("rnn").id])
    yield panel.node_page.steps
    panel.close()


def test_it_says_of_each_port_what_it_is_given(part: StepsPart, session: Session) -> None:
    assert part.isVisible()
    assert part.inputs["x"].currentText() == "the sequence"
    assert part.inputs["h_prev"].currentText() == "state: h"
    assert set(part.outputs) == {"y", "token", "h"}
    assert part.outputs["y"].currentText() == "as the node: all"
    assert part.inputs["x"].accessibleName() == "Input x"
    session.select([session.document.node("loss").id])
    assert not part.isVisible()


def test_an_output_is_fed_back_by_keyboard_each_choice_an_undo_entry(
    part: StepsPart, session: Session
) -> None:
    before = len(session.graph.history)
    combo = part.inputs["x"]
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_End)
    QTest.keyClick(combo, Qt.Key.Key_Up)
    assert combo.currentText() == "fed back: token"
    assert session.document.node("rnn").params["feedback"] == (("token", "x"),)
    session.graph.undo()
    assert combo.currentText() == "fed back: h"
    session.graph.redo()
    node = session.document.node("rnn")
    assert node.params["feedback"] == (("token", "x"),)
    assert len(session.graph.history) == before + 2
    session.graph.undo()
    session.graph.undo()
    assert part.inputs["x"].currentText() == "the sequence"


def test_an_output_is_given_as_its_last_step(part: StepsPart, session: Session) -> None:
    combo = part.outputs["h"]
    combo.setCurrentIndex(2)
    combo.activated.emit(2)
    assert session.document.node("rnn").params["each_as"] == (("h", "last"),)
    assert combo.currentText() == "last"
    combo.activated.emit(0)
    assert "each_as" not in session.document.node("rnn").params
