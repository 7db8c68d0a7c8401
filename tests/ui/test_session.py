"""The session with the real engine in its own process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from graphlab.engine import messages as m
from graphlab.engine.messages import TensorKey
from graphlab.errors import ConditionError
from graphlab.graph import Graph
from graphlab.ui.notice import Notice
from graphlab.ui.player import SPEEDS
from graphlab.ui.session import Session

PATIENCE = 20_000


def xor() -> Graph:
    graph = Graph("xor")
    data = graph.add("Dataset", name="data", dataset="xor")
    hidden = graph.add("Tanh", graph.add("Linear", data["x"], name="hidden", units=8), name="act")
    out = graph.add("Linear", hidden, name="out", units=1)
    graph.add("BCEWithLogitsLoss", out, data["target"], name="loss")
    graph.configure(epochs=10_000_000, lr=0.05)
    return Graph(graph.document)


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    made = Session(xor())
    qtbot.waitUntil(lambda: made.loaded is not None, timeout=PATIENCE)
    yield made
    made.close()


def wait(qtbot: Any, condition: Any) -> None:
    qtbot.waitUntil(condition, timeout=PATIENCE)


def id_of(session: Session, name: str) -> str:
    return session.document.node(name).id


@pytest.mark.own_engine
def test_a_step_brings_the_value_that_is_watched(session: Session, qtbot: Any) -> None:
    data = id_of(session, "data")
    session.watch(session, [TensorKey("value", data, "x")])
    session.step()
    wait(qtbot, lambda: session.tensor("value", data) is not None and session.tensor("value", data).fresh)
    assert session.status.cursor == 1
    tensor = session.tensor("value", data)
    assert tensor is not None
    assert tensor.array.shape[1] == 2


def test_what_nobody_watches_any_more_is_not_sent(session: Session, qtbot: Any) -> None:
    data, hidden = id_of(session, "data"), id_of(session, "hidden")
    session.watch(session, [TensorKey("value", data, "x")])
    session.unwatch(session)
    watcher = session.player
    session.watch(watcher, [TensorKey("value", hidden, "y")])
    session.phase("forward")
    wait(qtbot, lambda: session.tensor("value", hidden) is not None)
    assert session.tensor("value", data) is None


def test_back_undoes_a_step(session: Session, qtbot: Any) -> None:
    session.step(3)
    wait(qtbot, lambda: session.status.cursor == 3)
    session.back()
    wait(qtbot, lambda: session.status.cursor == 2)


def test_the_phases_end_where_they_say(session: Session, qtbot: Any) -> None:
    session.phase("forward")
    wait(
        qtbot,
        lambda: session.status.entry is not None and session.status.entry.node == id_of(session, "loss"),
    )
    session.phase("backward")
    wait(qtbot, lambda: session.status.entry is not None and session.status.entry.phase == "backward")
    session.phase("update")
    wait(qtbot, lambda: session.status.step == 1)
    assert session.losses.values.shape == (1,)


def test_training_delivers_every_loss_and_pauses(session: Session, qtbot: Any) -> None:
    session.train()
    wait(qtbot, lambda: len(session.losses) > 200)
    session.pause()
    wait(qtbot, lambda: session.status.state != "training")
    wait(qtbot, lambda: len(session.losses) == session.status.step)
    assert np.isfinite(session.losses.values).all()
    assert session.losses.last < session.losses.values[0]


def test_an_edit_during_training_keeps_training_with_the_new_graph(session: Session, qtbot: Any) -> None:
    session.train()
    wait(qtbot, lambda: session.status.step > 50)
    session.graph.set("hidden", units=12)
    wait(qtbot, lambda: session.loaded is not None and session.loaded.parameters == 12 * 2 + 12 + 12 + 1)
    before = session.status.step
    wait(qtbot, lambda: session.status.step > before + 50)
    assert session.status.state == "training"


def test_a_setting_changed_before_the_engine_answered_keeps_the_schedule(qtbot: Any) -> None:
    made = Session(xor())
    made.graph.configure(lr=0.2)
    made.step()
    wait(qtbot, lambda: made.loaded is not None and made.status.cursor == 1)
    made.close()


def test_slow_motion_plays_the_schedule_entry_by_entry(session: Session, qtbot: Any) -> None:
    seen = []
    session.status_changed.connect(lambda status: seen.append(status.cursor))
    session.player.set_level(5)
    session.train()
    assert session.is_running
    wait(qtbot, lambda: len(set(seen)) > 4)
    session.pause()
    assert not session.is_running


def test_a_breakpoint_stops_training_at_its_node(session: Session, qtbot: Any) -> None:
    act = id_of(session, "act")
    session.toggle_breakpoint(act, "backward")
    session.train()
    wait(qtbot, lambda: session.status.state == "paused")
    assert session.status.entry is not None
    assert (session.status.entry.node, session.status.entry.phase) == (act, "backward")


def test_deleting_a_node_takes_its_breakpoint_and_selection_along(session: Session) -> None:
    act = id_of(session, "act")
    session.select([act])
    session.toggle_breakpoint(act)
    session.graph.remove("act")
    assert session.breakpoints == frozenset()
    assert session.selection == frozenset()


def test_a_refused_edit_becomes_a_notice_and_changes_nothing(session: Session, qtbot: Any) -> None:
    before = session.document
    with qtbot.waitSignal(session.notice) as heard:
        assert not session.attempt(session.graph.connect, "out", "hidden")
    notice: Notice = heard.args[0]
    assert "cycle" in notice.text
    assert notice.node_id == id_of(session, "hidden")
    assert session.document is before


def test_the_engine_refuses_in_words_what_cannot_be_trained(session: Session, qtbot: Any) -> None:
    session.graph.remove("loss")
    with qtbot.waitSignal(session.notice, timeout=PATIENCE) as heard:
        session.train()
    assert heard.args[0].level == "error"


def test_weights_come_back_as_they_were_set(session: Session, qtbot: Any) -> None:
    session.set_element(id_of(session, "hidden"), "weight", (0, 1), 0.25)
    weights = session.weights()
    assert set(weights) == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}
    assert weights["hidden.weight"][0, 1] == 0.25
    other = Session(engine=True)
    try:
        other.open(xor(), None, weights)
        again = other.weights()
        assert all(np.array_equal(weights[name], again[name]) for name in weights)
    finally:
        other.close()


@pytest.mark.own_engine
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_the_engine_killed_while_training_is_restarted_and_nothing_is_lost(
    session: Session, qtbot: Any
) -> None:
    told: list[Notice] = []
    session.notice.connect(told.append)
    session.train()
    wait(qtbot, lambda: bool(session.engine._weights))  # the first checkpoint has arrived
    document, old, step = session.document, session.engine.link.pid, session.engine._state["step"]
    os.kill(old, signal.SIGKILL)
    wait(qtbot, lambda: any("restarted" in n.text for n in told))
    assert any("The engine stopped" in n.text for n in told)
    assert session.document is document
    assert session.engine.link.pid not in (0, old)
    session.train()
    wait(qtbot, lambda: session.status.step > step + 50)
    assert session.losses.last < 0.69  # it went on from the checkpoint, not from fresh weights


@pytest.mark.own_engine
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_an_engine_that_dies_again_and_again_is_started_less_and_less_often(
    session: Session, qtbot: Any
) -> None:
    told: list[Notice] = []
    session.notice.connect(told.append)
    for death in (1, 2):
        wait(qtbot, lambda: session.engine.is_up)
        os.kill(session.engine.link.pid, signal.SIGKILL)
        wait(qtbot, lambda death=death: sum("stopped" in n.text for n in told) == death)
    assert session.engine.link._timer.isActive()
    assert session.engine.link._timer.interval() > 0
    wait(qtbot, lambda: session.engine.is_up)


@pytest.mark.own_engine
def test_closing_leaves_no_process(qtbot: Any) -> None:
    made = Session(xor())
    wait(qtbot, lambda: made.engine.is_up)
    popen: subprocess.Popen[bytes] = made.engine.link._process.popen
    made.close()
    assert popen.poll() is not None


@pytest.mark.own_engine
def test_an_engine_that_does_not_listen_is_killed(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graphlab.ui.engine_link.PATIENCE", 0.2)
    monkeypatch.setattr("graphlab.ui.engine_link.HOST", "import time\nwhile True: time.sleep(1)")
    made = Session(xor())
    popen = made.engine.link._process.popen
    made.close()
    assert popen.poll() is not None


def test_a_command_without_an_engine_is_no_error(qtbot: Any) -> None:
    made = Session(xor(), engine=False)
    made.step()
    made.train()
    made.pause()
    assert made.weights() == {}
    made.close()


def test_the_engine_is_told_what_an_edit_changed_and_the_whole_only_where_it_must(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    loads: list[m.Load] = []
    send = session.engine.link.send

    def listen(command: Any) -> None:
        if isinstance(command, m.Load):
            loads.append(command)
        send(command)

    monkeypatch.setattr(session.engine.link, "send", listen)

    def edit(units: int) -> m.Load:
        session.graph.set("hidden", units=units)
        session.phase("forward")
        hidden = id_of(session, "hidden")
        session.watch(session, [TensorKey("value", hidden, "y")])
        wait(
            qtbot,
            lambda: (t := session.tensor("value", hidden)) is not None and t.fresh and t.shape[-1] == units,
        )
        return loads[-1]

    first = edit(5)
    assert first.since == first.run - 1
    assert edit(6).since == first.run
    os.kill(session.engine.link.pid, signal.SIGKILL)
    wait(qtbot, lambda: session.engine.is_up is False)
    wait(qtbot, lambda: session.engine.is_up)
    assert loads[-1].since == 0
    assert edit(7).since == loads[-1].run - 1
    session.open(xor())
    assert loads[-1].since == 0


def test_training_pauses_where_a_condition_is_met_and_says_with_which_numbers(
    session: Session, qtbot: Any
) -> None:
    hidden = id_of(session, "hidden")
    session.set_condition(hidden, "backward", "weight.grad.norm > 0 and step >= 5")
    assert session.breakpoints == {(hidden, "backward")}
    session.train()
    wait(qtbot, lambda: bool(session.status.hit))
    assert session.status.state == "paused"
    assert session.status.step == 5
    assert session.status.hit.startswith(
        "hidden, backward: weight.grad.norm > 0 and step >= 5 (weight.grad.norm = "
    )
    session.step()
    wait(qtbot, lambda: not session.status.hit)


def test_slow_motion_stops_at_a_breakpoint_and_not_beyond(session: Session, qtbot: Any) -> None:
    act = id_of(session, "act")
    session.set_breakpoints({(act, "forward")})
    session.player.set_level(len(SPEEDS) - 2)  # many entries at a time
    session.train()
    wait(qtbot, lambda: bool(session.status.hit))
    assert session.status.entry is not None
    assert (session.status.entry.node, session.status.entry.phase) == (act, "forward")
    assert not session.player.is_playing


def test_a_condition_goes_with_its_breakpoint(session: Session, qtbot: Any) -> None:
    hidden = id_of(session, "hidden")
    with pytest.raises(ConditionError):
        session.set_condition(hidden, "forward", "grad.norm > 1")
    assert not session.breakpoints
    session.set_condition(hidden, "backward", "grad.norm > 1e9")
    session.set_condition(hidden, "backward", "")
    assert session.breakpoints == {(hidden, "backward")}
    assert session.condition(hidden, "backward") == ""
    session.set_condition(hidden, "backward", "grad.norm > 1e9")
    session.toggle_breakpoint(hidden, "backward")
    assert session.all_conditions == {}


def test_who_looks_no_more_after_the_end_is_not_listened_to(quiet_session: Session) -> None:
    """Panels go after the session has closed, and say then that they need not be sent anything."""
    quiet_session.close()
    panel = QObject()
    quiet_session.watch(panel, [TensorKey("value", "n1", "x")])
    quiet_session.unwatch(panel)
    assert not quiet_session.engine._soon.isActive()


def test_slow_motion_goes_on_from_a_breakpoint_to_the_next_time_it_is_hit(
    session: Session, qtbot: Any
) -> None:
    session.set_breakpoints({(id_of(session, "act"), "forward")})
    session.player.set_level(len(SPEEDS) - 3)
    for step in range(3):
        session.train()
        wait(qtbot, lambda n=step: bool(session.status.hit) and session.status.step == n)
        wait(qtbot, lambda: not session.player.is_playing)
