"""Whatever one does in the debugger, in whatever order: a place in the schedule has one state, bit for bit.

Two hundred random commands (steps, strides, back, breakpoints, phases, training, edits of numbers) go through a
Workspace. Every place is entered with its state when it is first reached, and has to show the same bits whenever it is
reached again, forwards or back; what training at full speed comes to counts as well.
"""

from __future__ import annotations

import os
import random
from typing import Any

import numpy as np
import pytest

from graphlab.engine.breakpoints import Breakpoints
from graphlab.engine.messages import Breakpoint
from graphlab.engine.strides import stride
from graphlab.engine.workspace import Workspace
from tests.engine.stepping_graphs import GRAPHS, digits_cnn, fan_out, recurrent

COMMANDS = 200
SEEDS = int(os.environ.get("GRAPHLAB_TEST_STEPPING", "1"))
Place = tuple[Any, ...]


def bits(space: Workspace) -> dict[str, Any]:
    """What a place determines: what lasts, and what the pass has computed so far."""
    run = space.run
    state = run.state()
    found: dict[str, Any] = {
        "step": state["step"],
        "parameters": state["parameters"].tobytes(),
        "states": state["states"].tobytes(),
        "optimizer": {
            k: v.tobytes() if isinstance(v, np.ndarray) else v for k, v in state["optimizer"].items()
        },
    }
    for entry in run.schedule[: run.cursor % len(run.schedule)]:
        value, gradients = run.buffers.values, run.buffers.gradients
        for output in run.plan.op(entry.id).results():
            end = entry.id, output
            kept = value.get(end) if entry.phase == "forward" else gradients.get(end)
            if kept is not None:
                found[f"{entry.phase} {entry.node}.{output}"] = kept.tobytes()
        if entry.phase == "backward":
            found[f"terms {entry.node}"] = [t.tobytes() for t in run.contributions(entry.node).values()]
    return found


class Debugger:
    """A workspace under random commands, and what was seen at each place. `edits`: (step, what) of numbers changed."""

    def __init__(self, name: str, seed: int) -> None:
        self.rng = random.Random(f"{name} {seed}")
        self.space = Workspace(GRAPHS[name]().document)
        self.seen: dict[Place, dict[str, Any]] = {}
        self.edits: tuple[tuple[int, Any], ...] = ()
        self.done: list[str] = []
        groups = {e.id[: e.id.rfind("/") + 1] for e in self.space.run.schedule if ":" not in e.id}
        self.sheets = sorted({"", *groups})
        self.look()

    @property
    def place(self) -> Place:
        run = self.space.run
        return (self.edits, run.steps_done, run.cursor % len(run.schedule))

    def look(self) -> None:
        """The state here is what it was when one was here before. An edit of a step that was taken back is gone."""
        run = self.space.run
        self.edits = tuple(edit for edit in self.edits if edit[0] <= run.steps_done)
        now = bits(self.space)
        before = self.seen.setdefault(self.place, now)
        different = [name for name in before if before[name] != now.get(name)]
        assert not different, f"{self.place[1:]} after {self.done[-6:]}: {different[:5]}"

    def act(self) -> None:
        names = [name.removeprefix("do_") for name in dir(self) if name.startswith("do_")]
        weights = [WEIGHTS.get(name, 3) for name in names]
        (name,) = self.rng.choices(names, weights)
        self.done.append(name)
        getattr(self, f"do_{name}")()
        self.look()

    # Commands

    def do_step(self) -> None:
        self.space.step(1)

    def do_back(self) -> None:
        self.space.back(self.rng.choice((1, 1, 2, 5)))

    def do_over(self) -> None:
        stride(self.space, self.rng.choice(self.sheets), "over")

    def do_out(self) -> None:
        stride(self.space, self.rng.choice(self.sheets), "out")

    def do_back_over(self) -> None:
        stride(self.space, self.rng.choice(self.sheets), "back")

    def do_run_to(self) -> None:
        entry = self.rng.choice(self.space.run.schedule[:-1])
        self.space.run_to(entry.id, entry.phase)

    def do_go_to(self) -> None:
        self.space.go_to(self.rng.randrange(len(self.space.run.schedule) + 1))

    def do_phase(self) -> None:
        self.space.phase(self.rng.choice(("forward", "backward", "update")))

    def do_train(self) -> None:
        self.space.train(self.rng.choice((1, 1, 2, 4)))

    def do_break(self) -> None:
        places = self.rng.sample(self.space.run.schedule[:-1], 2)
        conditions = ("", "step > 2", "value.norm > 0", "value.max > 1e9")
        points = [Breakpoint(e.id, e.phase, self.rng.choice(conditions)) for e in places]
        self.space.breakpoints = Breakpoints(points)
        self.space.step_to_breakpoint(self.rng.randrange(1, 2 * len(self.space.run.schedule)))

    def do_set_element(self) -> None:
        """Changes a weight: another history from here on, until the step is taken back."""
        run = self.space.run
        if run.cursor == len(run.schedule):  # it would begin the next step, as the next command does
            self.space.step(1)
        slot = self.rng.choice(list(run.plan.parameters.values()))
        index = tuple(self.rng.randrange(size) for size in slot.shape)
        value = self.rng.choice((-0.5, 0.25, 1.0))
        self.edits = (*self.edits, (run.steps_done, (slot.key, index, value)))
        self.space.set_element(*slot.key, index, value)


WEIGHTS = {"step": 8, "back": 8, "over": 8, "back_over": 8, "set_element": 1, "train": 2, "phase": 2}


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("name", GRAPHS)
def test_two_hundred_random_commands_find_each_place_as_it_was(name: str, seed: int) -> None:
    debugger = Debugger(name, seed)
    for _ in range(COMMANDS):
        debugger.act()
    assert len(debugger.seen) > 30
    while debugger.space.run.back() is not None:  # all the way back, as far as is remembered
        debugger.done.append("back")
        debugger.look()
    steps = max(step for edits, step, _ in debugger.seen if not edits)
    fast = Workspace(GRAPHS[name]().document)  # from the beginning at full speed, nobody looking
    for step in range(steps + 1):
        known = debugger.seen.get(((), step, 0))
        if known is not None:
            now = bits(fast)
            assert {k: known[k] for k in now} == now, f"step {step}"
        fast.train(1)


@pytest.mark.parametrize("make", [digits_cnn, recurrent, fan_out])
def test_stepping_over_to_the_end_equals_full_speed_bit_for_bit(make: Any) -> None:
    slow, fast = Workspace(make().document), Workspace(make().document)
    rng = random.Random(make.__name__)
    groups = sorted({"", *(e.id[: e.id.rfind("/") + 1] for e in slow.run.schedule if ":" not in e.id)})
    while slow.run.steps_done < 3:
        stride(slow, rng.choice(groups), rng.choice(("over", "over", "out")))
    fast.train(3)
    assert slow.run.loss == fast.run.loss
    assert {k: v.tobytes() for k, v in slow.weights().items()} == {
        k: v.tobytes() for k, v in fast.weights().items()
    }
