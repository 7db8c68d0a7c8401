"""The editor of a space: what is typed becomes a space, what is wrong with it is said, and Enter and Escape do."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt

from graphlab.errors import SettingsError
from graphlab.graph.spaces import parse_space, space_text
from graphlab.graph.sweep import Space
from graphlab.ui.widgets.space_editor import Question, SpaceEditor


def question(
    space: str, kinds: tuple[str, ...] = ("list", "range", "log", "integer"), **more: Any
) -> Question:
    more.setdefault("fit", lambda found: found)
    return Question("hidden.units", "64", kinds, parse_space(space), more.pop("is_searched", False), **more)


@pytest.fixture
def editor(qtbot: Any) -> SpaceEditor:
    found = SpaceEditor()
    qtbot.addWidget(found)
    found.show()
    return found


def type_in(line: Any, text: str) -> None:
    line.selectAll()
    line.insert(text)
    line.textEdited.emit(text)


@pytest.mark.parametrize(
    "text", ["8,16,32", "0:0.5", "log:0.0001:0.1", "int:8:64:8", "intlog:4:256", "choice:a,b", "null,8"]
)
def test_it_gives_back_the_space_that_it_shows(editor: SpaceEditor, text: str) -> None:
    editor.ask(question(text))
    assert editor.space() == parse_space(text)
    assert editor.line.text() == f"hidden.units={space_text(parse_space(text))}"


def test_what_is_typed_is_counted_and_entered(editor: SpaceEditor, qtbot: Any) -> None:
    editor.ask(question("8,16", grid=lambda space: 3 * len(space.grid())))
    type_in(editor.values.line, "8, 16, 32,64")
    assert editor.says.text() == "4 values · a grid of all that is searched has 12 points"
    with qtbot.waitSignal(editor.entered) as told:
        qtbot.keyClick(editor.values.line, Qt.Key.Key_Return)
    assert told.args == [Space("list", (8, 16, 32, 64))]


def test_what_is_wrong_is_said_in_place_and_not_entered(editor: SpaceEditor, qtbot: Any) -> None:
    editor.ask(question("8,16"))
    with qtbot.assertNotEmitted(editor.entered):
        type_in(editor.values.line, "8,,16")
        assert "no value between two commas" in editor.says.text()
        assert editor.says.property("role") == "error"
        assert not editor.enter.isEnabled()
        qtbot.keyClick(editor.values.line, Qt.Key.Key_Return)
    type_in(editor.values.line, "−1, 0.5")
    assert editor.space() == Space("list", (-1, 0.5))
    assert editor.enter.isEnabled()


def test_what_the_document_does_not_take_is_said(editor: SpaceEditor) -> None:
    def fit(space: Space) -> Space:
        raise SettingsError("hidden.units cannot be 0.", hint="It takes a whole number from 1.")

    editor.ask(question("0,8", fit=fit))
    assert editor.says.text() == "hidden.units cannot be 0. It takes a whole number from 1."


def test_another_kind_begins_with_about_the_same_numbers(editor: SpaceEditor) -> None:
    editor.ask(question("8,16,64"))
    words = [editor.kinds.tabText(k) for k in range(editor.kinds.count())]
    assert words == ["List", "Range", "Log", "Whole"]
    editor.kinds.setCurrentIndex(3)
    assert editor.space() == parse_space("int:8:64")
    assert not editor.ends.step.isHidden()
    editor.ends.log.click()
    type_in(editor.ends.high, "128")
    assert editor.space() == parse_space("intlog:8:128")
    editor.kinds.setCurrentIndex(2)
    assert editor.space() == parse_space("log:8:128")
    assert "no end" not in editor.says.text()
    assert editor.says.text().startswith("Any number in between, each factor as likely")
    type_in(editor.ends.low, "0")
    assert "A log range cannot reach 0" in editor.says.text()


def test_choices_are_ticked_and_others_added(editor: SpaceEditor, qtbot: Any) -> None:
    asked = question(
        "ReLU,Tanh", ("choice",), choices=("ReLU", "Tanh", "GELU"), more=("ReLU", "Mish"), is_searched=True
    )
    editor.ask(asked)
    assert editor.kinds.isHidden()
    assert (editor.enter.text(), editor.clear.isHidden()) == ("Change", False)
    editor.choices.list.item(2).setCheckState(Qt.CheckState.Checked)
    qtbot.keyClicks(editor.choices.more, "Mish")
    qtbot.keyClick(editor.choices.more, Qt.Key.Key_Return)
    assert editor.space() == Space("choice", ("ReLU", "Tanh", "GELU", "Mish"))
    with qtbot.waitSignal(editor.entered):
        qtbot.keyClick(editor.choices.list, Qt.Key.Key_Return)
    for row in range(4):
        editor.choices.list.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert "empty" in editor.says.text()


def test_a_switch_is_on_or_off(editor: SpaceEditor) -> None:
    editor.ask(question("true,false", ("choice",), choices=(True, False)))
    assert [editor.choices.list.item(k).text() for k in range(2)] == ["on", "off"]
    assert editor.choices.more.isHidden()
    assert editor.space() == Space("choice", (True, False))


def test_escape_leaves_and_the_button_forgets(editor: SpaceEditor, qtbot: Any) -> None:
    editor.ask(question("8,16", is_searched=True))
    with qtbot.waitSignal(editor.left):
        qtbot.keyClick(editor.values.line, Qt.Key.Key_Escape)
    with qtbot.waitSignal(editor.cleared):
        qtbot.mouseClick(editor.clear, Qt.MouseButton.LeftButton)


def test_of_several_each_is_named(editor: SpaceEditor) -> None:
    editor.ask(question("8,16", texts=("a.units", "b.units", "c.units", "d.units")))
    assert editor.line.text().splitlines() == ["a.units=8,16", "b.units=8,16", "c.units=8,16", "…"]
