"""The loop drawn: which stage is lit and what it holds, and going round it by mouse and keys."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.circuit import STAGES
from graphlab.engine.plan import Plan
from graphlab.ui.panels.loop import LoopPanel
from graphlab.ui.session import Session
from tests.engine.networks import winding_graph
from tests.ui.window_trial import PATIENCE, Make

LEFT = Qt.MouseButton.LeftButton
ANSWER = m.Circling(0, 0, 0, 0, 2, 3, (4, 9, 1), 16, True, 0.75, 0.5, 0.25, "Adam", 0.05)


class Told:
    """Stands for an engine: says where the run is, and answers what the stages hold."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session, self.sent = session, list[Any]()
        self.answer: m.Circling | None = ANSWER
        plan = Plan(session.whole)
        entries = tuple(m.ScheduleEntry(e.phase, e.id) for e in plan.schedule)
        self.length = len(entries)
        monkeypatch.setattr(session.engine, "send", self.send)
        session.engine.loaded = m.Loaded(0, entries, plan.parameter_size, True, 3)

    def send(self, command: Any) -> None:
        self.sent.append(command)
        if isinstance(command, m.Circuit) and self.answer is not None:
            answer = msgspec.structs.replace(self.answer, request=command.request)
            self.session.engine.answered.emit(answer)

    def at(self, cursor: int, state: str = "paused", step: int = 0) -> None:
        entry = None if not cursor else self.session.schedule[cursor - 1]
        self.session.engine._take_status(m.Status(0, state, step, 0, cursor, entry, 1234.0))


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    session = Session(winding_graph(), engine=False)
    yield session
    session.close()


@pytest.fixture
def engine(session: Session, monkeypatch: pytest.MonkeyPatch) -> Told:
    return Told(session, monkeypatch)


@pytest.fixture
def panel(session: Session, engine: Told, qtbot: Any) -> LoopPanel:
    panel = LoopPanel(session)
    qtbot.addWidget(panel)
    panel.resize(340, 560)
    panel.show()
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel.circuit.told is not None)
    return panel


def lit(panel: LoopPanel) -> list[str]:
    panel.redraw()
    return [name for name, stage in panel.track.stages.items() if stage.holding.state == "now"]


def test_the_stage_of_the_last_entry_is_lit_and_those_before_are_done(panel: LoopPanel, engine: Told) -> None:
    ends = panel.circuit.ends
    for name in STAGES:
        engine.at(ends[name])
        assert lit(panel) == [name]
        states = [panel.track.stages[each].holding.state for each in STAGES]
        at = STAGES.index(name)
        assert states == ["done"] * at + ["now"] + ["later"] * (4 - at)
        assert panel.track.stages[name].accessibleDescription().startswith("the present stage")


def test_each_stage_says_what_it_holds(panel: LoopPanel, engine: Told) -> None:
    ends = panel.circuit.ends
    engine.at(ends["backward"], step=7)
    panel.redraw()
    held = {name: (stage.holding.head, stage.holding.more) for name, stage in panel.track.stages.items()}
    assert held["batch"] == ("3 of 3", "16 rows: 4, 9, 1 …")
    assert held["forward"] == (f"{ends['forward']} of {ends['forward']}", "nodes computed")
    assert held["loss"] == ("0.75000", "loss")
    assert held["backward"][1] == "‖g‖ 0.500"
    assert held["update"] == ("Adam, lr 0.0500", "‖Δw‖ 0.250")
    assert panel.counter.text().startswith("step 8  ·  in epoch 1 of 50")
    assert "Rows 4, 9, 1 and 13 more." in panel.track.stages["batch"].toolTip()
    header, rows = panel.table()
    assert [row[0] for row in rows] == list(STAGES)
    assert header[0] == "stage"


def test_in_the_midst_of_a_stage_it_says_how_far(panel: LoopPanel, engine: Told) -> None:
    engine.at(3)
    panel.redraw()
    forward = panel.track.stages["forward"].holding
    assert forward.head.startswith("3 of ")
    assert 0 < forward.share < 1
    assert panel.track.stages["loss"].holding.head == "not yet"


def test_before_a_batch_is_taken_nothing_is_lit(panel: LoopPanel, engine: Told, qtbot: Any) -> None:
    engine.answer = m.Circling(0, 0, 0, 0, 0, 0, (), 0, False, math.nan, math.nan, math.nan, "Adam", 0.05)
    engine.at(0)
    qtbot.waitUntil(lambda: panel.circuit.told is not None and not panel.circuit.told.is_fed)
    assert lit(panel) == []
    assert panel.track.stages["batch"].holding.head == "not taken"
    assert panel.circuit.following == "batch"


def test_at_full_speed_a_dot_goes_round_instead(panel: LoopPanel, engine: Told) -> None:
    engine.at(engine.length, "training", 900)
    assert lit(panel) == []
    assert panel.track.is_turning
    assert panel.buttons["run"].text() == "Pause"
    assert "steps/s" in panel.counter.text()
    engine.at(engine.length, "paused", 900)
    assert lit(panel) == ["update"]
    assert not panel.track.is_turning


def test_a_click_goes_to_the_end_of_a_stage_and_buttons_step(panel: LoopPanel, engine: Told) -> None:
    engine.sent.clear()
    QTest.mouseClick(panel.track.stages["loss"], LEFT)
    for name in ("stage", "batch", "epoch"):
        QTest.mouseClick(panel.buttons[name], LEFT)
    wanted = [m.ToStage("loss"), m.ToStage(""), m.Train(1), m.Train(epoch=True)]
    assert [c for c in engine.sent if isinstance(c, (m.ToStage, m.Train))] == wanted


def test_by_keys_one_walks_the_stages_and_goes(panel: LoopPanel, engine: Told) -> None:
    engine.sent.clear()
    panel.activateWindow()
    stages = panel.track.stages
    stages["batch"].setFocus()
    QTest.keyClick(stages["batch"], Qt.Key.Key_Down)
    assert stages["forward"].hasFocus()
    QTest.keyClick(stages["forward"], Qt.Key.Key_Return)
    QTest.keyClick(stages["forward"], Qt.Key.Key_Up)
    QTest.keyClick(stages["batch"], Qt.Key.Key_Up)
    assert stages["update"].hasFocus()
    QTest.keyClick(stages["update"], Qt.Key.Key_Space)
    assert [c for c in engine.sent if isinstance(c, m.ToStage)] == [m.ToStage("forward"), m.ToStage("update")]


@pytest.mark.parametrize("size", [(980, 190), (340, 560), (300, 150), (230, 130), (620, 300)])
def test_nothing_lies_outside_or_over_another(panel: LoopPanel, qtbot: Any, size: tuple[int, int]) -> None:
    panel.resize(QSize(*size))

    def laid_out() -> None:
        frames = [stage.geometry() for stage in panel.track.stages.values()]
        assert all(panel.track.rect().contains(frame) for frame in frames)
        assert not any(a.intersects(b) for k, a in enumerate(frames) for b in frames[k + 1 :])

    qtbot.waitUntil(laid_out, timeout=2000)


def test_the_engine_is_not_asked_while_nobody_looks(panel: LoopPanel, engine: Told, qtbot: Any) -> None:
    panel.hide()
    engine.sent.clear()
    for cursor in (1, 2, 3):
        engine.at(cursor)
    qtbot.wait(90)
    assert not [c for c in engine.sent if isinstance(c, m.Circuit)]
    assert not panel.track.is_turning


def test_a_graph_without_a_loss_has_stages_that_cannot_be_reached(qtbot: Any, monkeypatch: Any) -> None:
    graph = winding_graph()
    graph.remove("loss")
    session = Session(graph, engine=False)
    engine = Told(session, monkeypatch)
    panel = LoopPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    engine.at(0)
    panel.redraw()
    assert [stage.isEnabled() for stage in panel.track.stages.values()] == [True, True, False, False, False]
    assert not panel.buttons["batch"].isEnabled()
    session.close()


def test_round_the_loop_in_the_window(make: Make, qtbot: Any) -> None:
    window = make(winding_graph(), engine=True)
    session = window.session
    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    window.docks.show("loop")
    panel = window.docks["loop"].build()
    seen = []
    for _ in range(6):
        before = (session.status.step, session.status.cursor, panel.circuit.is_fed)
        window.actions_["run.stage"].trigger()
        qtbot.waitUntil(
            lambda b=before: (session.status.step, session.status.cursor, panel.circuit.is_fed) != b,
            timeout=PATIENCE,
        )
        seen.append(panel.circuit.stage)
    assert seen == ["batch", "forward", "loss", "backward", "update", "batch"]
    window.actions_["run.epoch"].trigger()
    batches = session.loaded.batches_per_epoch
    qtbot.waitUntil(
        lambda: (session.status.state, session.status.step) == ("finished", batches), timeout=PATIENCE
    )
