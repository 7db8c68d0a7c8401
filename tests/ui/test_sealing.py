"""The test rows in the window: opened when somebody says so, and counted once for the weights that they are of."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from graphlab.engine import Trainer
from graphlab.engine import messages as m
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.sweeps.seal import TEST, note, opening_by, read_openings
from graphlab.ui.panels.confusion import ConfusionPanel
from graphlab.ui.panels.embedding import EmbeddingPanel
from graphlab.ui.panels.gates import GatesPanel
from graphlab.ui.panels.sweep_foot import opening_words
from graphlab.ui.session import Session
from graphlab.ui.widgets.part_choice import PartChoice
from graphlab.ui.widgets.seal_popup import SealPopup

WAIT = 20_000
LEFT = Qt.MouseButton.LeftButton
ROWS = 270


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    made = Session(load(example("digits-mlp").path)[0])
    qtbot.waitUntil(lambda: made.engine.loaded is not None, timeout=WAIT)
    yield made
    made.close()


@pytest.fixture
def choice(quiet_session: Session, qtbot: Any) -> Iterator[PartChoice]:
    """A choice of three parts in a window, in a session without an engine."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(500, 300)
    column = QVBoxLayout(window)
    made = PartChoice(quiet_session)
    column.addWidget(made)
    made.show_parts({"validation": 20, "train": 60, TEST: 30}, "validation")
    window.show()
    qtbot.waitExposed(window)
    yield made
    window.close()


def in_window(qtbot: Any, *panels: Any) -> QWidget:
    """Panels below their choices, as their docks show them."""
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(900, 700)
    column = QVBoxLayout(window)
    for panel in panels:
        for tool in panel.header_tools():
            column.addWidget(tool)
        column.addWidget(panel, 1)
    window.show()
    qtbot.waitExposed(window)
    return window


def openings(session: Session) -> list[Any]:
    return read_openings(session.sweeping.folder)


def moved_on(session: Session, step: int, run: int = 0, state: str = "paused") -> None:
    """The engine tells of other weights."""
    session.engine.status = m.Status(run, state, step, 0, 0, None)
    session.engine.status_changed.emit(session.engine.status)


def opened(choice: PartChoice, qtbot: Any) -> None:
    """As a hand opens them."""
    choice.choose(TEST)
    popup = SealPopup.of(choice)
    if popup.isVisible():
        QTest.mouseClick(popup.yes, LEFT)
    qtbot.waitUntil(lambda: choice.part == TEST, timeout=WAIT)


def test_whoever_chooses_them_is_asked_first_and_may_leave_them_sealed(
    choice: PartChoice, quiet_session: Session, qtbot: Any
) -> None:
    told: list[str] = []
    choice.chosen.connect(told.append)
    assert choice.itemText(choice.findData(TEST)) == "test (sealed)"
    choice.choose(TEST)
    popup = SealPopup.of(choice)
    assert popup.isVisible()
    assert "is counted" in popup.question.text()
    assert popup.no.hasFocus()
    for leave in (
        lambda: QTest.mouseClick(popup.no, LEFT),
        lambda: QTest.keyClick(popup.no, Qt.Key.Key_Escape),
    ):
        choice.choose(TEST)
        assert popup.isVisible()
        leave()
        assert (popup.isVisible(), choice.part, choice.currentText()) == (False, "validation", "validation")
    quiet_session.sweeping._clerk.wait()
    assert (told, openings(quiet_session)) == ([], [])


def test_it_is_written_down_and_the_choice_says_how_often(
    choice: PartChoice, quiet_session: Session, qtbot: Any
) -> None:
    told: list[str] = []
    choice.chosen.connect(told.append)
    opened(choice, qtbot)
    (look,) = openings(quiet_session)
    assert (look.by, look.trial, look.sweep, look.rows, look.score) == ("window", -1, "", 30, None)
    assert opening_words(look).startswith("A look in the window at 30 test rows, ")
    assert told == [TEST]
    assert choice.currentText() == "test (opened once)"


def test_further_looks_at_the_same_weights_are_none(
    choice: PartChoice, quiet_session: Session, qtbot: Any
) -> None:
    opened(choice, qtbot)
    for _ in range(2):
        choice.choose("train")
        choice.choose(TEST)
        assert choice.part == TEST
    other = PartChoice(quiet_session)
    qtbot.addWidget(other)
    other.show_parts({"train": 60, TEST: 30}, "train")
    other.choose(TEST)
    assert other.part == TEST
    quiet_session.sweeping._clerk.wait()
    assert len(openings(quiet_session)) == 1


def test_with_other_weights_they_are_sealed_again_and_the_next_look_counts_unasked(
    choice: PartChoice, quiet_session: Session, qtbot: Any
) -> None:
    opened(choice, qtbot)
    told: list[str] = []
    choice.chosen.connect(told.append)
    moved_on(quiet_session, 5)
    assert (told, choice.part) == (["validation"], "validation")
    assert "sealed again" in quiet_session.notices[-1].text
    choice.choose(TEST)
    assert not SealPopup.of(choice).isVisible()
    qtbot.waitUntil(lambda: choice.part == TEST, timeout=WAIT)
    assert choice.currentText() == "test (opened twice)"
    moved_on(quiet_session, 0)  # back in time, to weights that they were looked at with
    choice.choose(TEST)
    assert (choice.part, len(openings(quiet_session))) == (TEST, 2)
    quiet_session.editing.weights_replaced()
    assert (choice.part, quiet_session.sealing.is_open) == ("validation", False)


def test_while_it_trains_they_stay_sealed(choice: PartChoice, quiet_session: Session, qtbot: Any) -> None:
    opened(choice, qtbot)
    moved_on(quiet_session, 1, state="training")
    choice.choose(TEST)
    assert choice.part == "validation"
    assert "not looked at while it trains" in quiet_session.notices[-1].text
    assert not SealPopup.of(choice).isVisible()
    assert len(openings(quiet_session)) == 1


def test_what_cannot_be_written_down_is_not_opened(
    choice: PartChoice, quiet_session: Session, qtbot: Any
) -> None:
    folder = quiet_session.sweeping.folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("a file where the folder should be")
    choice.choose(TEST)
    QTest.mouseClick(SealPopup.of(choice).yes, LEFT)
    qtbot.waitUntil(lambda: any("stay sealed" in n.text for n in quiet_session.notices), timeout=WAIT)
    assert (choice.part, quiet_session.sealing.is_open) == ("validation", False)


def test_other_programs_count_as_well_and_another_document_begins_anew(
    choice: PartChoice, quiet_session: Session, qtbot: Any
) -> None:
    note(quiet_session.sweeping.folder, *(opening_by("training", 30, "accuracy", 0.9) for _ in range(3)))
    quiet_session.sealing.look()
    qtbot.waitUntil(lambda: choice.itemText(choice.findData(TEST)) == "test (opened 3 times)", timeout=WAIT)
    choice.choose(TEST)
    assert "opened 3 times already" in SealPopup.of(choice).question.text()
    QTest.mouseClick(SealPopup.of(choice).yes, LEFT)
    qtbot.waitUntil(lambda: choice.part == TEST, timeout=WAIT)
    quiet_session.open(load(example("xor").path)[0])
    sealing = quiet_session.sealing
    assert (sealing.count, sealing.is_granted, sealing.label) == (0, False, "test (sealed)")


def test_looks_go_along_when_the_document_is_saved_elsewhere(
    choice: PartChoice, quiet_session: Session, qtbot: Any, tmp_path: Path
) -> None:
    opened(choice, qtbot)
    quiet_session.path = tmp_path / "mine.graphlab"
    quiet_session.saved.emit()
    quiet_session.sweeping._clerk.wait()
    assert len(read_openings(tmp_path / "mine.sweeps")) == 1


def test_panels_show_the_test_rows_of_the_weights_that_they_were_opened_at(
    session: Session, qtbot: Any
) -> None:
    matrix, dots = ConfusionPanel(session), EmbeddingPanel(session)
    window = in_window(qtbot, matrix, dots)
    assert window.isVisible()
    qtbot.waitUntil(lambda: matrix.samples.verdicts is not None and dots.answer is not None, timeout=WAIT)
    assert matrix.split.parts == ("validation", "train", TEST)
    assert dots.split_choice.parts == ("train", "validation", TEST)
    opened(matrix.split, qtbot)
    trainer = Trainer(session.root)
    qtbot.waitUntil(
        lambda: matrix.samples.split == TEST and matrix.samples.verdicts is not None, timeout=WAIT
    )
    assert sorted(matrix.samples.verdicts.rows.tolist()) == trainer.batches.rows(TEST).tolist()
    assert matrix.samples.verdicts.accuracy == pytest.approx(trainer.evaluate(TEST).metrics["accuracy"])
    dots.choose(split=TEST)
    qtbot.waitUntil(lambda: dots.asked_of[1] == TEST, timeout=WAIT)
    assert len(openings(session)) == 1
    session.engine.send(m.Train(3))
    qtbot.waitUntil(lambda: session.status.step == 3 and session.status.state != "training", timeout=WAIT)
    qtbot.waitUntil(
        lambda: matrix.samples.verdicts is not None and matrix.samples.step == 3 and dots.answer.step == 3,
        timeout=WAIT,
    )
    assert (matrix.samples.split, matrix.split.part, dots.asked_of[1]) == (3 * ("validation",))
    assert len(openings(session)) == 1


def test_a_panel_of_sequences_asks_for_test_rows_when_they_are_open(
    quiet_session: Session, qtbot: Any
) -> None:
    panel = GatesPanel(quiet_session)
    window = in_window(qtbot, panel)
    assert window.isVisible()
    panel._keys = ["n1"]
    panel.node.addItem("gru")
    told = m.Unfolded(
        0, 1, 0, arrays={"h": np.zeros((2, 3))}, counts={"validation": 5, TEST: 4}, split="validation", row=0
    )
    panel._take(told)
    panel._draw()
    assert panel.split.parts == ("validation", TEST)
    panel.split.choose(TEST)
    assert panel._question(1).split == "validation"
    QTest.mouseClick(SealPopup.of(panel.split).yes, LEFT)
    qtbot.waitUntil(lambda: panel._question(1).split == TEST, timeout=WAIT)
    assert openings(quiet_session)[0].rows == 4


def test_it_looks_alright_in_each_theme(choice: PartChoice, each_theme: Any, qtbot: Any) -> None:
    choice.choose(TEST)
    popup = SealPopup.of(choice)
    assert popup.question.height() >= popup.question.heightForWidth(popup.question.width())
    assert not choice.window().grab().isNull()
