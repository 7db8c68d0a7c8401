"""A form commits each edit once, keeps what is wrong with its reason below it, and follows undo."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox

from graphlab.ops import Param
from graphlab.ui.widgets.fields import MIXED, StepBox
from graphlab.ui.widgets.param_form import ParamForm


class Edits(list):
    """Commits, as (name, value, stepped); refuses when `problem` says so."""

    problem = ""

    def __call__(self, name: str, value: Any, stepped: bool) -> str:
        self.append((name, value, stepped))
        return self.problem


def named(**params: Param) -> dict[str, Param]:
    for name, param in params.items():
        param.name = name
    return params


@pytest.fixture
def params() -> dict[str, Param]:
    return named(
        units=Param(32, low=1, high=4096),
        slope=Param(0.01, low=0.0),
        bias=Param(True),
        mode=Param("zeros", choices=("zeros", "same")),
        shape=Param(("N", 2), kind="shape"),
        samples=Param(None, kind="int", low=2),
        lr=Param(0.01, low=0.0, low_open=True, log=True),
    )


@pytest.fixture
def edits() -> Edits:
    return Edits()


@pytest.fixture
def form(qtbot, params: dict[str, Param], edits: Edits) -> ParamForm:
    form = ParamForm(edits)
    qtbot.addWidget(form)
    form.show_params("Thing", params, {name: param.default for name, param in params.items()})
    form.show()
    return form


def type_in(qtbot, form: ParamForm, name: str, text: str, key: Qt.Key = Qt.Key.Key_Return) -> None:
    line = form.field(name).line()
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, key)


def test_enter_commits_once(form: ParamForm, qtbot, edits: Edits) -> None:
    type_in(qtbot, form, "units", "16")
    form.field("units").line().clearFocus()
    assert edits == [("units", 16, False)]


def test_leaving_the_field_commits(form: ParamForm, qtbot, edits: Edits) -> None:
    type_in(qtbot, form, "shape", "N, 5", Qt.Key.Key_Tab)
    assert edits == [("shape", ("N", 5), False)]


def test_an_unchanged_field_commits_nothing(form: ParamForm, qtbot, edits: Edits) -> None:
    type_in(qtbot, form, "units", "32")
    assert edits == []


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [("units", "0", "1 to 4096"), ("units", "many", "whole"), ("lr", "0", "above 0")],
)
def test_what_is_wrong_stays_as_typed_with_its_reason_below(
    form: ParamForm, qtbot, edits: Edits, name: str, text: str, word: str
) -> None:
    type_in(qtbot, form, name, text)
    field = form.field(name)
    assert edits == []
    assert word in field.error()
    assert field.line().text() == text
    assert field.line().property("invalid")
    type_in(qtbot, form, name, "7")
    assert field.error() == ""
    assert not field.line().property("invalid")


def test_what_the_graph_refuses_stands_below_the_field(form: ParamForm, qtbot, edits: Edits) -> None:
    edits.problem = "Those two do not go together."
    type_in(qtbot, form, "units", "16")
    assert form.field("units").error() == "Those two do not go together."


def test_escape_takes_back_what_was_typed(form: ParamForm, qtbot, edits: Edits) -> None:
    line = form.field("shape").line()
    line.selectAll()
    qtbot.keyClicks(line, "9, 9")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == "N, 2"
    assert edits == []


def test_check_box_and_choice_commit_at_once(form: ParamForm, qtbot, edits: Edits) -> None:
    box, combo = form.field("bias").editor, form.field("mode").editor
    assert isinstance(box, QCheckBox)
    assert isinstance(combo, QComboBox)
    box.click()
    qtbot.keyClick(combo, Qt.Key.Key_Down)
    assert edits == [("bias", False, False), ("mode", "same", False)]


def test_an_optional_param_can_be_emptied(
    form: ParamForm, qtbot, params: dict[str, Param], edits: Edits
) -> None:
    type_in(qtbot, form, "samples", "50")
    line = form.field("samples").line()
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert edits == [("samples", 50, False), ("samples", None, False)]


@pytest.mark.parametrize(
    ("name", "steps", "values"),
    [
        ("units", 1, [33, 34]),
        ("slope", 1, [0.011, 0.012]),
        ("slope", -1, [0.0099, 0.0098]),
        ("lr", 1, [0.02, 0.05]),
        ("lr", -1, [0.005, 0.002]),
    ],
)
def test_steps_of_a_number(form: ParamForm, edits: Edits, name: str, steps: int, values: list[float]) -> None:
    box = form.field(name).editor
    assert isinstance(box, StepBox)
    box.stepBy(steps)
    box.stepBy(steps)
    assert [value for _, value, _ in edits] == pytest.approx(values)
    assert all(stepped for _, _, stepped in edits)


def test_steps_stop_at_the_range(form: ParamForm, qtbot, edits: Edits) -> None:
    type_in(qtbot, form, "units", "1")
    form.field("units").editor.stepBy(-1)
    assert edits == [("units", 1, False)]


def test_undo_shows_in_the_same_fields(form: ParamForm, params: dict[str, Param]) -> None:
    field = form.field("units")
    form.show_params("Thing", params, {n: p.default for n, p in params.items()} | {"units": 8, "bias": False})
    assert form.field("units") is field
    assert field.line().text() == "8"
    assert not form.field("bias").editor.isChecked()


def test_what_is_being_typed_is_not_overwritten(form: ParamForm, qtbot, params: dict[str, Param]) -> None:
    line = form.field("units").line()
    form.activateWindow()
    line.setFocus()
    qtbot.waitUntil(line.hasFocus)
    line.selectAll()
    qtbot.keyClicks(line, "12")
    form.show_params("Thing", params, {n: p.default for n, p in params.items()})
    assert line.text() == "12"


def test_values_that_differ_are_said_to(
    form: ParamForm, qtbot, params: dict[str, Param], edits: Edits
) -> None:
    values = {n: p.default for n, p in params.items()} | {"units": MIXED, "bias": MIXED, "mode": MIXED}
    form.show_params("Thing", params, values)
    line = form.field("units").line()
    assert (line.text(), line.placeholderText()) == ("", "different")
    assert form.field("bias").editor.checkState() == Qt.CheckState.PartiallyChecked
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert edits == []


def test_a_param_with_suggestions_offers_them_and_takes_other_text(qtbot, edits: Edits) -> None:
    form = ParamForm(edits)
    qtbot.addWidget(form)
    known = named(dataset=Param("xor", kind="text", suggest=lambda: ("xor", "spirals")))
    form.show_params("Dataset", known, {"dataset": "xor"})
    form.show()
    combo = form.field("dataset").editor
    assert [combo.itemText(i) for i in range(combo.count())] == ["xor", "spirals"]
    type_in(qtbot, form, "dataset", "mine")
    assert edits == [("dataset", "mine", False)]
