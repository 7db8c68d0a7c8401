"""The code: the script of the graph, lit line by line as one steps, in step with the canvas, found in, saved."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.ui import theme
from graphlab.ui.colour import READABLE, contrast
from graphlab.ui.panels.code import CodePanel
from graphlab.ui.script_files import save_script
from graphlab.ui.session import Session
from graphlab.ui.widgets.code_colours import begins_in_text, hue, lit, stretches

from .test_equations import two_paths

PATIENCE = 20_000


def shown(qtbot: Any, session: Session) -> CodePanel:
    panel = CodePanel(session)
    qtbot.addWidget(panel)
    panel.resize(900, 500)
    panel.show()
    if session.whole.nodes:
        qtbot.waitUntil(lambda: panel.scripting.script is not None, timeout=PATIENCE)
    return panel


@pytest.fixture
def code(qtbot: Any) -> Any:
    session = Session(two_paths())
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: len(session.schedule) == 10, timeout=PATIENCE)
    yield panel
    session.close()


def line_of(panel: CodePanel, text: str) -> int:
    return panel.view.lines.index(text)


def lit_lines(panel: CodePanel) -> list[str]:
    return [panel.view.lines[at] for at in sorted(panel.view.light.lines)]


def click(panel: CodePanel, at: int) -> None:
    panel.view.put_caret(at)
    panel.view.ensureCursorVisible()
    rect = panel.view.cursorRect(QTextCursor(panel.view.document().findBlockByNumber(at)))
    QTest.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() + QPoint(12, 0))


def test_it_is_there_before_anything_ran_with_the_numbers_of_the_inputs(qtbot: Any) -> None:
    session = Session(two_paths(), engine=False)
    panel = shown(qtbot, session)
    for line in ("a = np.array(2, dtype)", "c = a + b", "d_b = d_b_via_d + d_b_via_c"):
        assert line in panel.view.lines
    assert panel.beside.text() == "All numbers stand in the script."
    session.close()


def test_the_lines_of_what_is_carried_out_are_lit(code: CodePanel, qtbot: Any) -> None:
    session = code.session
    session.step(3)
    qtbot.waitUntil(lambda: lit_lines(code) == ["# c: Add", "c = a + b"], timeout=PATIENCE)
    assert code.view.light.phase == "forward"
    session.go_to(9)
    qtbot.waitUntil(
        lambda: lit_lines(code) == ["# b: Input", "d_b = d_b_via_d + d_b_via_c"], timeout=PATIENCE
    )
    assert code.view.light.phase == "backward"
    first = min(code.view.light.lines)
    assert first in [at for at, _, _ in code.view.visible()]
    session.step()
    qtbot.waitUntil(lambda: lit_lines(code) == ["d_a = d_c"], timeout=PATIENCE)


def test_a_lit_line_is_marked_beside_its_number_too(code: CodePanel, qtbot: Any) -> None:
    code.session.step(3)
    qtbot.waitUntil(lambda: bool(code.view.light.lines), timeout=PATIENCE)
    at = min(code.view.light.lines)
    rect = next(rect for number, _, rect in code.view.visible() if number == at)
    picture = code.view.numbers.grab().toImage()
    ratio = picture.width() / code.view.numbers.width()
    middle = picture.pixelColor(int(8 * ratio), int(rect.center().y() * ratio))
    assert contrast(middle, lit(theme.theme(), "forward")) > 2


def test_selecting_goes_both_ways(code: CodePanel, qtbot: Any) -> None:
    session, node = code.session, code.session.document.node
    click(code, line_of(code, "d = b + 1.0"))
    assert session.selection == {node("d").id}
    chosen = [code.view.lines[at] for at in sorted(code.view.light.chosen)]
    assert chosen == ["# d: Add", "d = b + 1.0", "# d: Add", "d_b_via_d = d_d"]
    session.select({node("e").id})
    assert code.view.lines[code.view.textCursor().blockNumber()] == "# e: Mul"
    QTest.keyClick(code.view, Qt.Key.Key_Down)
    assert session.selection == {node("e").id}
    QTest.keyClick(code.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.status.cursor == 5, timeout=PATIENCE)


def test_a_click_on_a_number_is_one_into_its_line(code: CodePanel) -> None:
    at = line_of(code, "c = a + b")
    code.view.bring([at])
    rect = next(rect for number, _, rect in code.view.visible() if number == at)
    QTest.mouseClick(code.view.numbers, Qt.MouseButton.LeftButton, pos=QPoint(10, int(rect.center().y())))
    assert code.session.selection == {code.session.document.node("c").id}


def test_pointing_at_a_line_lights_its_node_and_leaving_puts_it_out(code: CodePanel, qtbot: Any) -> None:
    told: list[str] = []
    code.session.hovered.connect(told.append)
    at = line_of(code, "d = b + 1.0")
    code.view.bring([at])
    rect = next(rect for number, _, rect in code.view.visible() if number == at)
    QTest.mouseMove(code.view.viewport(), QPoint(20, int(rect.center().y())))
    node = code.session.document.node("d").id
    qtbot.waitUntil(lambda: told[-1:] == [node], timeout=PATIENCE)
    QApplication.sendEvent(code.view, QEvent(QEvent.Type.Leave))
    assert told[-1] == ""


def test_the_menu_of_a_line_goes_to_its_entry(code: CodePanel, qtbot: Any) -> None:
    at = line_of(code, "d = b + 1.0")
    code.view.bring([at])
    rect = next(rect for number, _, rect in code.view.visible() if number == at)
    menu = code.menu(QPoint(20, int(rect.center().y())))
    next(each for each in menu.actions() if each.text() == "Go to this entry").trigger()
    qtbot.waitUntil(lambda: code.session.status.cursor == 4, timeout=PATIENCE)
    menu.deleteLater()


def test_numbers_follow_the_run_and_edits_write_anew(code: CodePanel, qtbot: Any) -> None:
    session = code.session
    session.graph.set("a", value=5.0)
    qtbot.waitUntil(lambda: "a = np.array(5, dtype)" in code.view.lines, timeout=PATIENCE)
    session.graph.rename("c", "total")
    qtbot.waitUntil(lambda: "total = a + b" in code.view.lines, timeout=PATIENCE)


def test_parameters_are_those_of_the_engine(qtbot: Any) -> None:
    g = Graph("learns")
    w = g.add("Parameter", name="w", value=2.0)
    g.add("Square", w, name="loss")
    g.configure(optimizer="SGD", lr=0.25, momentum=0.0)
    session = Session(Graph(g.document))
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: "w = np.array(2, dtype)" in panel.view.lines, timeout=PATIENCE)
    session.phase("update")
    qtbot.waitUntil(lambda: "w = np.array(1, dtype)" in panel.view.lines, timeout=PATIENCE)  # 2 − 0.25·2·2
    session.close()


def test_ctrl_f_searches_round_the_end_and_esc_closes(code: CodePanel) -> None:
    code.view.setFocus()
    QTest.keyClick(code.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert code.search.isVisible()
    code.search.line.setText("d_b_via")
    assert code.search.told.text() == "1 of 4"
    places = [code.view.textCursor().blockNumber()]
    for _ in range(4):
        QTest.keyClick(code.search.line, Qt.Key.Key_Return)
        places.append(code.view.textCursor().position())
    assert code.search.told.text() == "1 of 4"
    QTest.keyClick(code.search.line, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert code.search.told.text() == "4 of 4"
    code.search.line.setText("nowhere at all")
    assert code.search.told.text() == "not found"
    QTest.keyClick(code.search.line, Qt.Key.Key_Escape)
    assert not code.search.isVisible()


def test_the_script_is_copied_whole(code: CodePanel) -> None:
    code.header_tools()[2].click()
    assert QApplication.clipboard().text() == code.scripting.script.text


def test_what_is_saved_runs_alone_and_prints_what_the_window_shows(qtbot: Any, tmp_path: Path) -> None:
    g = Graph("wide")
    x = g.add("Input", name="x", value=(0.5, -1.0))
    g.add("Mean", g.add("Linear", x, name="hidden", units=60), name="loss")
    session = Session(Graph(g.document))
    panel = shown(qtbot, session)
    assert "hidden.weight, hidden.bias: read from wide.npz" in panel.beside.text()
    session.phase("update")
    qtbot.waitUntil(lambda: session.status.step == 1, timeout=PATIENCE)
    told: list[str] = []
    session.notice.connect(lambda notice: told.append(notice.sentence))
    save_script(session, tmp_path / "wide.py")
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert told[0].startswith("Saved the script as wide.py and wide.npz.")
    call = [sys.executable, tmp_path / "wide.py"]
    done = subprocess.run(call, capture_output=True, text=True, timeout=60, check=True)
    weights = session.weights()
    loss = (weights["hidden.weight"] @ [0.5, -1.0] + weights["hidden.bias"]).mean()
    assert float(done.stdout.split("loss = ")[1].split()[0]) == pytest.approx(float(loss), rel=1e-5)
    session.close()


def test_a_script_that_cannot_be_written_is_told(qtbot: Any, tmp_path: Path) -> None:
    session = Session(two_paths(), engine=False)
    told: list[str] = []
    session.notice.connect(lambda notice: told.append(notice.sentence))
    save_script(session, tmp_path / "nowhere" / "code.py")
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE)
    assert "There is no folder" in told[0]
    session.close()


def test_an_empty_graph_says_what_would_be_there(qtbot: Any) -> None:
    session = Session(Graph("empty"), engine=False)
    panel = shown(qtbot, session)
    qtbot.waitUntil(lambda: "script" in panel.empty.label.text(), timeout=PATIENCE)
    session.close()


def test_a_question_is_answered_in_code_too(code: CodePanel, qtbot: Any) -> None:
    session = code.session
    session.asking.ask(session.document.node("c").id, at=())
    qtbot.waitUntil(
        lambda: "# --- backward: d_x is how c changes with x ---" in code.view.lines, timeout=PATIENCE
    )
    assert "d_c = np.ones_like(c)" in code.view.lines
    assert not any("d_e" in line for line in code.view.lines)


# Colours


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("kind", ["comment", "string", "number", "keyword", "call"])
def test_every_word_reads_on_plain_lit_and_selected_lines(name: str, kind: str) -> None:
    now = theme.named(name)
    grounds = [now.well, now.selection, *(lit(now, phase) for phase in ("forward", "backward", "update"))]
    assert min(contrast(hue(kind, now), ground) for ground in grounds) >= READABLE
    assert min(contrast(now.text, ground) for ground in grounds) >= READABLE


def test_words_are_told_apart() -> None:
    line = 'print("x =", np.tanh(x2) + 1.5e-3)  # if it is'
    kinds = {line[s.start : s.start + s.length]: s.kind for s in stretches(line)}
    assert kinds == {
        "print": "call", '"x ="': "string", "tanh": "call", "1.5e-3": "number", "# if it is": "comment",
    }  # fmt: skip
    assert [s.kind for s in stretches("    return lr if m else 0")] == ["keyword"] * 3 + ["number"]


def test_a_text_of_several_lines_is_one_text() -> None:
    lines = ["def f(x):", '    """Says', "    what", '    it does."""', "    return x"]
    assert begins_in_text(lines) == [False, False, True, True, False]
    assert [s.kind for s in stretches(lines[2], in_text=True)] == ["string"]
    assert [s.kind for s in stretches(lines[1])] == ["string"]


def test_the_same_graph_as_a_module_of_pytorch(qtbot: Any, code: CodePanel) -> None:
    """Chosen beside the tools; a node and its lines still find each other, and it is copied as it stands there."""
    code.language.setCurrentIndex(1)
    assert "class " in "\n".join(code.view.lines)
    assert any("def forward(self" in line for line in code.view.lines)
    assert code.beside.text() == "All numbers stand in the module."
    node = next(iter(code.module.nodes[at] for at in range(len(code.module.nodes)) if code.module.nodes[at]))
    code.session.select_key(node)
    chosen = sorted(code.view.light.chosen)
    assert chosen
    assert {code.module.nodes[at] for at in chosen} == {node}
    code.session.select([])
    click(code, chosen[-1])
    assert code.session.selection == {node}
    code.copy_all()
    assert QApplication.clipboard().text() == "\n".join(code.view.lines) + "\n"
    code.session.go_to(len(code.session.schedule))
    code.language.setCurrentIndex(0)
    qtbot.waitUntil(lambda: "import numpy as np" in code.view.lines, timeout=PATIENCE)


def test_what_no_module_can_be_says_why_in_its_place(qtbot: Any) -> None:
    g = Graph("faulty")
    g.add("Tanh", g.add("Input", name="x", value=(0.5, -1.0)), name="fine")
    g.add("ReLU", name="lone")
    session = Session(Graph(g.document), engine=False)
    panel = CodePanel(session)
    qtbot.addWidget(panel)
    panel.language.setCurrentIndex(1)
    assert panel.view.lines[0].startswith("# lone")
    session.close()
