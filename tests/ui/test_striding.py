"""F10, F11 and their kin in the window, with the engine at work: over groups, into them, out of them, and back."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from graphlab.engine.messages import RunTo, TensorKey
from graphlab.graph import Graph
from graphlab.ui.session import Session
from tests.engine.stepping_graphs import fan_out, recurrent
from tests.ui.canvas.conftest import Desk
from tests.ui.window_trial import PATIENCE, Make

F10, F11 = Qt.Key.Key_F10, Qt.Key.Key_F11
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
NONE = Qt.KeyboardModifier.NoModifier


class Stepper(Desk):
    """A desk whose engine is up; keys are answered before the next is pressed."""

    def __init__(self, window: Any, qtbot: Any) -> None:
        super().__init__(window)
        self._qtbot = qtbot
        qtbot.waitUntil(lambda: bool(self.session.schedule), timeout=PATIENCE)
        window.activateWindow()
        self.view.setFocus()

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NONE) -> str:
        """What was computed last after that key, "forward cell/act"."""
        before = self.session.status
        self.key(key, modifiers)
        self._qtbot.waitUntil(
            lambda: (self.session.status.step, self.session.status.cursor) != (before.step, before.cursor),
            timeout=PATIENCE,
        )
        return self.at

    @property
    def at(self) -> str:
        entry = self.session.status.entry
        return f"{entry.phase} {self.session.name_of(entry.node)}".strip() if entry else ""

    def until(self, place: str) -> None:
        """Presses F11 until that was computed."""
        while self.press(F11) != place:
            pass


@pytest.fixture
def stepper(make: Make, qtbot: Any) -> Stepper:
    return Stepper(make(Graph(recurrent().document), engine=True), qtbot)


def test_f10_takes_a_group_at_once_and_shift_f10_takes_it_back(stepper: Stepper) -> None:
    seen = [stepper.press(F10) for _ in range(7)]
    assert seen == [
        "forward data",
        "forward project",
        "forward zero",
        "forward start",
        "forward cell/act",
        "forward cell2/act",
        "forward cell3/act",
    ]
    assert stepper.view.live.spot.node == stepper.id("cell3")
    assert stepper.view.live.spot.inner == "cell3/act"
    assert [stepper.press(F10, SHIFT) for _ in range(3)] == [*seen[-2:-4:-1], "forward start"]
    assert stepper.session.inside == ()


def test_backward_a_group_is_one_step_as_well(stepper: Stepper) -> None:
    stepper.session.phase("forward")
    forward = sum(entry.phase == "forward" for entry in stepper.session.schedule)
    stepper._qtbot.waitUntil(lambda: stepper.session.status.cursor == forward, timeout=PATIENCE)
    seen = [stepper.press(F10) for _ in range(6)]
    assert seen[1:5] == [
        "backward scores",
        "backward cell3/in",
        "backward cell2/in",
        "backward cell (shared)/in weight",
    ]
    assert stepper.press(F10, SHIFT) == "backward cell (shared)/in weight"
    assert stepper.press(F10, SHIFT) == "backward cell2/in"


def test_f11_goes_in_and_shift_f11_comes_out(stepper: Stepper) -> None:
    stepper.until("forward cell2/in")
    cell2 = stepper.session.inside
    assert len(cell2) == 1
    assert stepper.view.live.spot.node == stepper.id("in")
    assert stepper.press(F11, SHIFT) == "forward cell2/act"
    assert stepper.session.inside == ()
    assert stepper.session.selection == set(cell2)


def test_step_out_of_a_group_that_is_done_goes_up_without_computing(stepper: Stepper) -> None:
    stepper.until("forward cell2/act")
    cursor = stepper.session.status.cursor
    assert stepper.session.inside
    stepper.key(F11, SHIFT)
    assert stepper.session.inside == ()
    assert stepper.session.status.cursor == cursor


def test_f10_leaves_a_group_with_the_run_and_back_leaves_it_too(stepper: Stepper) -> None:
    stepper.until("forward cell/act")
    assert stepper.session.inside == (stepper.session.whole.node("cell").id,)
    assert stepper.press(F10) == "forward cell2/act"
    assert stepper.session.inside == ()
    stepper.session.go_inside((stepper.session.whole.node("cell2").id,))
    for _ in range(4):
        stepper.press(F10, SHIFT)
    assert stepper.at == "forward cell/act"
    assert (
        len(stepper.session.inside) == 1
    )  # still there: nothing of it is computed, nothing lies before it yet
    stepper.press(F10, SHIFT)
    assert stepper.session.inside == ()
    assert stepper.at == "forward start"


def test_a_group_that_was_entered_to_wait_for_the_run_is_not_left(stepper: Stepper) -> None:
    path = (stepper.session.whole.node("cell3").id,)
    stepper.session.go_inside(path)
    while stepper.press(F10) != "forward cell3/in":
        assert stepper.session.inside == path
    assert stepper.view.live.spot.node == stepper.id("in")


def test_step_back_into_shows_where_the_run_stands_then(stepper: Stepper) -> None:
    for _ in range(6):
        stepper.press(F10)
    assert stepper.press(F11, CTRL) == "forward cell2/add"
    assert stepper.session.inside == (stepper.session.whole.node("cell2").id,)


def test_a_breakpoint_in_a_group_stops_a_step_over_and_shows_it(stepper: Stepper, qtbot: Any) -> None:
    for _ in range(4):
        stepper.press(F10)
    cell = stepper.session.whole.node("cell").id
    key = f"{cell}/{stepper.session.whole.definitions['g1'].node('state').id}"
    stepper.session.toggle_breakpoint_at(key, "forward")
    assert stepper.press(F10) == "forward cell/state"
    qtbot.waitUntil(lambda: stepper.session.inside == (cell,), timeout=PATIENCE)
    assert stepper.session.status.hit == "cell/state, forward"


def test_step_out_makes_sense_only_where_there_is_something_to_leave(stepper: Stepper) -> None:
    actions = stepper.window.actions_
    stepper.press(F10)
    actions.refresh()
    assert not actions["run.out"].isEnabled()
    while not stepper.at.startswith("forward cell/"):
        stepper.press(F10)
    actions.refresh()
    assert actions["run.out"].isEnabled()


def test_a_group_within_a_group_is_entered_step_by_step(make: Make, qtbot: Any) -> None:
    stepper = Stepper(make(Graph(fan_out().document), engine=True), qtbot)
    stepper.until("forward outer/inner/tanh")
    assert len(stepper.session.inside) == 2
    stepper.press(F11, SHIFT)
    assert stepper.at == "forward outer/inner/both"
    assert len(stepper.session.inside) == 1
    stepper.press(F11, SHIFT)
    assert stepper.at == "forward outer/skip"
    assert stepper.session.inside == ()


def test_keys_pressed_faster_than_they_are_answered_lead_to_the_same_place(
    stepper: Stepper, qtbot: Any
) -> None:
    for _ in range(6):
        stepper.key(F10)
    qtbot.waitUntil(lambda: stepper.at == "forward cell2/act", timeout=PATIENCE)
    for _ in range(2):
        stepper.key(F10, SHIFT)
    qtbot.waitUntil(lambda: stepper.at == "forward start", timeout=PATIENCE)


def test_a_step_right_after_an_edit_is_followed_as_well(stepper: Stepper, qtbot: Any) -> None:
    stepper.until("forward cell/act")
    stepper.session.go_inside(())
    stepper.session.graph.set("scores", bias=False)
    for _ in range(7):  # the edit begins the pass anew
        stepper.key(F11)
    qtbot.waitUntil(lambda: stepper.at == "forward cell/in", timeout=PATIENCE)
    assert stepper.session.inside == (stepper.session.whole.node("cell").id,)


def test_the_whole_session_comes_back_bit_for_bit(stepper: Stepper, qtbot: Any) -> None:
    """Over groups and over an update, back to the beginning, and forth again: the weights are the same numbers."""
    session: Session = stepper.session
    begin = session.weights()
    while session.status.step == 0:
        stepper.press(F10)
    trained = session.weights()
    assert any(trained[name].tobytes() != begin[name].tobytes() for name in begin)
    while session.status.step or session.status.cursor:
        stepper.press(F10, SHIFT)
    assert {n: a.tobytes() for n, a in session.weights().items()} == {
        n: a.tobytes() for n, a in begin.items()
    }
    session.train_step()
    qtbot.waitUntil(lambda: session.status.state == "finished" and session.status.step == 1, timeout=PATIENCE)
    again = session.weights()
    assert {n: a.tobytes() for n, a in again.items()} == {n: a.tobytes() for n, a in trained.items()}


def bits(session: Session) -> dict[str, bytes]:
    """What the engine holds at this place, as the window sees it: weights, and every value and gradient of the pass.

    The weights are answered after all that was asked for before, so nothing else has to be waited for.
    """
    found = {name: array.tobytes() for name, array in session.weights(patience=20.0).items()}
    for watched in session.watching:
        tensor = session.tensor_at(watched.key)
        if tensor is not None and tensor.fresh and session.status.cursor < len(session.schedule):
            found[str(watched.key)] = np.ascontiguousarray(tensor.array).tobytes()
    return found


@pytest.mark.parametrize("make_graph", [recurrent, fan_out])
def test_two_hundred_random_commands_through_the_engine_find_each_place_as_it_was(
    qtbot: Any, make_graph: Any
) -> None:
    session = Session(Graph(make_graph().document))
    qtbot.waitUntil(lambda: bool(session.schedule), timeout=PATIENCE)
    whole, rng = session.seen.whole, random.Random(make_graph.__name__)
    ends = [(k, node.op.results()[0]) for k, node in whole.nodes.items() if node.op is not None]
    session.watch_keys(session, [TensorKey(kind, *end) for end in ends for kind in ("value", "grad")], 1000)
    groups = [node.id for node in session.whole.nodes.values() if "definition" in node.params]
    strides, count = session.strides, len(session.schedule)

    def look_elsewhere() -> None:
        session.go_inside(rng.choice([(), (rng.choice(groups),)]))

    def train() -> None:
        """Training is done between commands, so it has to be waited for."""
        step = session.status.step
        session.train_step()
        qtbot.waitUntil(
            lambda: session.status.step > step and session.status.state == "finished", timeout=PATIENCE
        )

    commands = {
        strides.over: 5,
        strides.back: 5,
        strides.into: 4,
        strides.back_into: 4,
        strides.out: 2,
        session.step: 3,
        session.back: 4,
        lambda: session.go_to(rng.randrange(count + 1)): 2,
        lambda: session.engine.send(RunTo(rng.choice(ends)[0], "forward")): 2,
        lambda: session.phase(rng.choice(("forward", "backward", "update"))): 1,
        train: 1,
        look_elsewhere: 2,
    }
    seen: dict[tuple[int, int], dict[str, bytes]] = {}
    again = 0
    for _ in range(200):
        rng.choices(list(commands), list(commands.values()))[0]()
        now = bits(session)
        place = session.status.step, session.status.cursor % count
        before = seen.setdefault(place, now)
        again += before is not now
        both = before.keys() & now.keys()
        assert [name for name in both if before[name] != now[name]] == [], place
        assert set(session.weights()) <= both
    assert again > 40  # it has been in the same places, indeed
    assert not [n for n in session.notices if n.level == "error"]
    session.close()
