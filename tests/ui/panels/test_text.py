"""The Text panel: what a network writes, and what it thinks comes next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.engine.messages import Evaluate, Evaluated, ReportRecord, Scalars, Status
from graphlab.graph import Graph, rewire
from graphlab.ui.panels.text import TextPanel
from graphlab.ui.session import Session
from graphlab.ui.theme import Theme
from tests.engine.language_trial import WORDS, writer

ALPHABET = "".join(sorted(set(WORDS)))


class Oracle:
    """Stands in for the engine: it is sure of the character that follows in the alphabet."""

    def __init__(self, session: Session) -> None:
        self.session, self.asked, self.message = session, 0, ""
        self.ahead, self.tilt = False, 0.0

    def send(self, command: Any) -> None:
        if isinstance(command, Evaluate):
            self.asked += 1
            (rows,) = command.given.values()
            scores = 40 * np.eye(len(ALPHABET))[(rows + 1) % len(ALPHABET)].transpose(0, 2, 1)
            scores[:, 0] += self.tilt
            if self.ahead:
                scores = scores + np.asarray(rows).sum(axis=1)[:, None, None]
            answer = Evaluated(0, command.request, self.session.status.step, (scores,), message=self.message)
            self.session.in_a_moment(lambda: self.session.engine.evaluated.emit(answer))


@pytest.fixture
def session(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    made = Session(writer(), engine=False)
    made.oracle = Oracle(made)  # type: ignore[attr-defined]
    monkeypatch.setattr(made.engine, "send", made.oracle.send)  # type: ignore[attr-defined]
    made.engine.status = Status(0, "paused", 7, 2, 3, None)
    yield made
    made.close()


def shown(session: Session, qtbot: Any) -> TextPanel:
    panel = TextPanel(session)
    qtbot.addWidget(panel)
    panel.resize(900, 240)
    panel.show()
    return panel


def is_done(panel: TextPanel) -> bool:
    return bool(panel.writings) and not panel._unfinished()


def after(prompt: str, count: int) -> str:
    place = ALPHABET.index(prompt[-1]) + 1
    return "".join(ALPHABET[(place + k) % len(ALPHABET)] for k in range(count))


def test_it_writes_several_texts_and_then_rests(session: Session, qtbot: Any, each_theme: Theme):
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: is_done(panel))
    assert [w.text for w in panel.writings] == [after("\n", 40)] * 4
    qtbot.waitUntil(lambda: "step 7" in panel.view.toPlainText())
    asked = session.oracle.asked  # type: ignore[attr-defined]
    qtbot.wait(80)
    assert session.oracle.asked == asked  # type: ignore[attr-defined]
    assert len(list(panel.table()[1])) == 4


def test_typing_a_prompt_shows_what_comes_next_and_begins_the_texts_anew(session: Session, qtbot: Any):
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: panel.thought is not None)
    QTest.keyClicks(panel.prompt, "fo")
    qtbot.waitUntil(lambda: panel.bars.classes[:1] == ("p",))
    assert panel.bars.chances[0] == pytest.approx(1)
    qtbot.waitUntil(lambda: is_done(panel))
    assert panel.writings[0].text == after("o", 40)
    assert "fo" in panel.view.toPlainText()
    assert not panel.unknown.isVisible()
    QTest.keyClicks(panel.prompt, "9")
    assert panel.unknown.text() == "The text that was learnt has no character 9. It is left out."


def test_sliders_change_what_is_drawn_from(session: Session, qtbot: Any):
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: panel.thought is not None)
    panel.thought = np.log(np.arange(1.0, len(ALPHABET) + 1))
    panel.top_k.slider.setFocus()
    panel.top_k.slider.setValue(panel.top_k._place(2))
    assert panel.manner.top_k == 2
    panel.redraw()
    assert np.count_nonzero(panel.bars.chances) == 2
    panel.temperature.slider.setValue(0)
    assert panel.manner.temperature == 0
    panel.top_p.slider.setValue(panel.top_p._place(0.5))
    assert panel.manner.top_p == pytest.approx(0.5, abs=0.02)


def test_enter_writes_other_texts(session: Session, qtbot: Any):
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: is_done(panel))
    seeds = {w.manner.seed for w in panel.writings}
    QTest.keyClick(panel.prompt, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: is_done(panel))
    assert seeds.isdisjoint(w.manner.seed for w in panel.writings)


def test_new_weights_write_anew_and_what_was_written_stays_below(session: Session, qtbot: Any):
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: is_done(panel))
    panel.length = 8
    session.engine.status = Status(0, "training", 20, 2, 3, None)
    report = ReportRecord(1, 20, 0.5, {"bits per character": 2.4}, 0.6, {"bits per character": 2.5}, 0.1)
    session.engine.scalars.emit(Scalars(0, 0, np.ones(20), (report,)))
    panel.changed()
    qtbot.waitUntil(lambda: is_done(panel) and panel.step == 20)
    panel.redraw()
    text = panel.view.toPlainText()
    assert text.index("step 20") < text.index("step 7")
    assert panel.said.text().startswith("2.50 bits per character on held-out text")


def test_weights_that_are_set_at_the_same_step_are_written_with(session: Session, qtbot: Any):
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: is_done(panel))
    session.oracle.tilt = 0.5  # type: ignore[attr-defined]
    session.values_changed.emit({"n1"})
    qtbot.waitUntil(lambda: len(panel.before) == 1 and is_done(panel))
    asked = session.oracle.asked  # type: ignore[attr-defined]
    qtbot.wait(80)
    assert session.oracle.asked == asked  # type: ignore[attr-defined]


def test_how_many_texts_and_how_long(session: Session, qtbot: Any):
    panel = shown(session, qtbot)
    panel.count.textActivated.emit("1 text")
    panel.long.textActivated.emit("100")
    qtbot.waitUntil(lambda: is_done(panel))
    assert [len(w.text) for w in panel.writings] == [100]


def test_a_network_that_looks_ahead_is_told_that_it_cannot_write(session: Session, qtbot: Any):
    session.oracle.ahead = True  # type: ignore[attr-defined]
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: "cannot write" in panel.empty.label.text())
    assert panel.writings == []


def test_what_the_engine_cannot_do_is_said_in_place(session: Session, qtbot: Any):
    session.oracle.message = "Not even one row has room."  # type: ignore[attr-defined]
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: "Not even one row" in panel.empty.label.text())


def test_without_a_text_it_says_what_it_takes_and_opens_an_example(qtbot: Any):
    session = Session(Graph(), engine=False)
    panel = shown(session, qtbot)
    opened: list[Any] = []
    session.file_wanted.connect(opened.append)
    qtbot.waitUntil(lambda: "What a network writes" in panel.empty.label.text())
    panel.empty.button.click()
    assert opened[0].name == "names-gru.graphlab"
    session.close()


def test_the_engine_answers_and_another_layer_can_take_over(qtbot: Any):
    session = Session(writer("RNN"))
    panel = shown(session, qtbot)
    qtbot.waitUntil(lambda: panel.thought is not None, timeout=20_000)
    before = panel.thought
    found = session.document.node("layer")
    session.graph.replace(rewire.replace_all(session.document, [found.id], "GRU")[0], "Replace by GRU")
    qtbot.waitUntil(lambda: panel.thought is not None and panel.thought is not before, timeout=20_000)
    session.close()
