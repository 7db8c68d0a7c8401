"""The panel that shows what the goal would be if a number were another, beside what its derivative says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from graphlab.ui.panels.what_if import WhatIfPanel
from graphlab.ui.session import Session
from graphlab.ui.supposing import POINTS
from graphlab.ui.widgets.what_if_bars import WhatIfBars
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import PATIENCE, Make


def bowl() -> Graph:
    """loss = (a·b)² at a = 2, b = 1.5: a curve of which everything can be worked out by hand."""
    g = Graph("bowl")
    a = g.add("Input", name="a", value=2.0)
    b = g.add("Parameter", name="b", value=1.5)
    g.add("Square", g.add("Mul", a, b, name="product"), name="loss")
    return Graph(g.document)


@pytest.fixture
def window(make: Make, qtbot: Any) -> MainWindow:
    window = make(bowl(), engine=True)
    window.resize(1200, 800)
    session = window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    session.phase("backward")
    qtbot.waitUntil(lambda: session.status.cursor > 0, timeout=PATIENCE)
    return window


def asked(window: MainWindow, qtbot: Any, name: str = "a", place: tuple[int, ...] = ()) -> WhatIfPanel:
    """The panel, with an answer about the first number of that node."""
    session = window.session
    session.supposing.ask(session.document.node(name).id, "y", place)
    qtbot.waitUntil(lambda: session.supposing.answer is not None, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.docks["what_if"].content is not None, timeout=PATIENCE)
    qtbot.wait(30)  # until everything has its place
    return window.docks["what_if"].content


def answered(window: MainWindow, qtbot: Any, delta: float) -> None:
    def is_there() -> bool:
        answer = window.session.supposing.answer
        return answer is not None and answer.delta == delta

    qtbot.waitUntil(is_there, timeout=PATIENCE)


def write(panel: WhatIfPanel, text: str) -> None:
    panel.delta.selectAll()
    QTest.keyClicks(panel.delta, text)
    QTest.keyClick(panel.delta, Qt.Key.Key_Return)


def test_the_change_stands_beside_gradient_times_delta(window: MainWindow, qtbot: Any) -> None:
    panel = asked(window, qtbot)
    assert window.docks["what_if"].isVisible()
    assert panel.title.text() == "a is 2.000"
    write(panel, "1/2")
    answered(window, qtbot, 0.5)
    assert panel.title.text() == "What if a were 2.500?"
    assert panel.goal.text() == "loss  9.00000 → 14.0625"
    assert panel.bars.rows() == [
        ("change", "+5.062", 5.0625),
        ("gradient × δ", "+4.500", 4.5),
        ("difference", "+0.5625", 0.5625),
    ]
    assert panel.note.text().startswith("What is missing (11 %) is the bend of the curve")


def test_the_smaller_delta_the_truer_the_gradient(window: MainWindow, qtbot: Any) -> None:
    panel = asked(window, qtbot, "b")
    write(panel, "x/1000")
    answered(window, qtbot, 0.0015)
    answer = window.session.supposing.answer
    assert answer is not None
    assert answer.change == pytest.approx(answer.predicted, rel=1e-3)
    assert "along its tangent" in panel.note.text()


def test_the_slider_goes_through_powers_of_ten_on_both_sides(window: MainWindow, qtbot: Any) -> None:
    panel = asked(window, qtbot)
    supposing = window.session.supposing
    deltas = [supposing.delta_at(notch) for notch in (-100, -1, 0, 1, 25, 50, 75, 100)]
    assert deltas == pytest.approx([-10, -0.0011, 0, 0.0011, 0.01, 0.1, 1, 10], rel=0.01)
    assert [supposing.notch_of(delta) for delta in deltas] == [-100, -1, 0, 1, 25, 50, 75, 100]
    panel.slider.setFocus()
    QTest.keyClick(panel.slider, Qt.Key.Key_Left)
    answered(window, qtbot, deltas[1])
    assert panel.slider.value() == -1


def test_the_curve_is_sampled_and_nothing_of_the_run_moves(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    panel = asked(window, qtbot)
    write(panel, "1")
    answered(window, qtbot, 1.0)
    qtbot.waitUntil(lambda: len(session.supposing.curve) >= POINTS, timeout=PATIENCE)
    for delta, goal in session.supposing.curve.items():
        assert goal == pytest.approx(((2 + delta) * 1.5) ** 2, rel=1e-12)
    assert min(session.supposing.curve) == -session.supposing.span == -1.5
    assert session.status.cursor == 8
    assert session.root.history == ["Open"]
    assert session.engine.fetch_weights(3.0)["b.value"] == 1.5


def test_a_press_on_the_curve_chooses_delta(window: MainWindow, qtbot: Any) -> None:
    panel = asked(window, qtbot)
    write(panel, "1")
    answered(window, qtbot, 1.0)
    place = panel.curve.pixel(-0.5, 5.0)
    QTest.mousePress(panel.curve, Qt.MouseButton.LeftButton, pos=QPoint(round(place.x()), 20))
    qtbot.waitUntil(lambda: abs(window.session.supposing.delta + 0.5) < 0.02, timeout=PATIENCE)


def test_it_follows_the_run(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    panel = asked(window, qtbot)
    session.graph.set("a", value=3.0)
    qtbot.waitUntil(lambda: panel.title.text() == "a is 3.000", timeout=PATIENCE)
    assert session.supposing.answer is not None
    assert session.supposing.answer.before == pytest.approx(4.5**2)


def test_it_can_be_done_for_good_and_undone(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    panel = asked(window, qtbot)
    write(panel, "1")
    answered(window, qtbot, 1.0)
    assert panel.do_it.isVisible()
    QTest.mouseClick(panel.do_it, Qt.MouseButton.LeftButton)
    assert session.document.node("a").params["value"] == 3.0
    qtbot.waitUntil(lambda: panel.title.text() == "a is 3.000", timeout=PATIENCE)
    window.actions_.run("edit.undo")
    qtbot.waitUntil(lambda: panel.title.text() == "a is 2.000", timeout=PATIENCE)


def test_a_computed_number_is_nudged_but_not_set(window: MainWindow, qtbot: Any) -> None:
    panel = asked(window, qtbot, "product")
    write(panel, "0.5")
    answered(window, qtbot, 0.5)
    assert panel.goal.text() == "loss  9.00000 → 12.2500"
    assert not panel.do_it.isVisible()


def test_before_backward_it_says_what_is_missing_and_helps(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    session.go_to(4)
    qtbot.waitUntil(lambda: session.status.cursor == 4, timeout=PATIENCE)
    panel = asked(window, qtbot)
    assert "no gradient to compare with" in panel.note.text()
    assert panel.bars.rows()[1][1] == "not yet"
    assert panel.help.text() == "Backward"
    QTest.mouseClick(panel.help, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.bars.rows()[1][1] != "not yet", timeout=PATIENCE)
    session.go_to(1)
    qtbot.waitUntil(lambda: "has not been computed yet" in panel.note.text(), timeout=PATIENCE)
    assert panel.help.text() == "Forward"


def test_nonsense_is_told(window: MainWindow, qtbot: Any) -> None:
    panel = asked(window, qtbot)
    notices: list[str] = []
    window.session.notice.connect(lambda notice: notices.append(notice.sentence))
    write(panel, "1/0")
    assert "divides by zero" in notices[-1]


def test_i_in_the_inspector_and_the_button_in_explain_ask(window: MainWindow, qtbot: Any) -> None:
    session = window.session
    session.select({session.document.node("b").id})
    tensors = window.docks["inspector"].content.node_page.tensors
    qtbot.waitUntil(lambda: tensors._tensor("value") is not None, timeout=PATIENCE)
    tensors.refresh()
    QTest.keyClick(tensors.value.view, Qt.Key.Key_I)
    assert session.supposing.title == "b"
    session.explain("value", session.document.node("product").id, "y", ())
    qtbot.waitUntil(lambda: window.docks["explain"].content is not None, timeout=PATIENCE)
    window.docks["explain"].content.suppose()
    assert session.supposing.title == "product"
    window.actions_.run("tools.what_if")
    assert session.supposing.title == "b"


def test_an_answer_that_is_late_is_put_right(quiet_session: Session) -> None:
    """Answers that belong to another question, or to another δ, are not shown as this one's."""
    supposing, sent = quiet_session.supposing, list[m.Suppose]()
    quiet_session.engine.send = sent.append  # type: ignore[method-assign]
    node = quiet_session.document.node("z").id

    def answer(question: m.Suppose) -> None:
        after = tuple(10 + delta for delta in question.deltas)
        told = m.Supposed(0, question.request, 1.0, "loss", 10.0, question.deltas, after, 1.0)
        quiet_session.engine.supposed.emit(told)

    supposing.ask(node, "y", (0, 0))
    supposing.ask(node, "y", (0, 1))
    answer(sent[0])
    assert supposing.answer is None
    supposing.set_delta(0.5)
    answer(sent[1])
    assert sent[-1].deltas == (0.5,)
    answer(sent[-1])
    assert supposing.answer is not None
    assert (supposing.answer.delta, supposing.answer.after) == (0.5, 10.5)


def test_bars_say_their_numbers_to_a_screen_reader(qtbot: Any) -> None:
    bars = WhatIfBars()
    qtbot.addWidget(bars)
    bars.show_numbers(0.25, None)
    assert bars.accessibleName() == "change: +0.2500. gradient × δ: not yet. difference: not yet"


def test_the_engine_answers_the_same_as_two_full_evaluations() -> None:
    space = Workspace(bowl().document)
    space.phase("backward")
    found = space.run.what_if("a", (), (0.5,))
    again = bowl()
    again.set("a", value=2.5)
    other = Workspace(again.document)
    other.phase("forward")
    assert found.after[0] == pytest.approx(other.run.loss)
    assert np.isclose(found.before, space.run.loss)
