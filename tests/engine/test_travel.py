"""Any step of a training is reached again, to the bit, whatever was changed while it ran."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from graphlab.engine.messages import SetElements
from graphlab.engine.travel import Travel
from graphlab.engine.workspace import Workspace
from graphlab.errors import GraphlabError
from graphlab.graph import Graph

Noted = dict[int, bytes]
LONGER = int(os.environ.get("GRAPHLAB_TEST_TRAVEL", "1"))  # times as many steps and hops


def network(**training: Any) -> Graph:
    """All that a step may depend on besides its weights: batches, dropout, running statistics."""
    g = Graph("travelled")
    data = g.add("Dataset", name="data", dataset="moons", samples=60)
    hidden = g.add("Linear", data["x"], name="hidden", units=6)
    normed = g.add("BatchNorm1d", hidden, name="bn")
    h = g.add("Dropout", g.add("Tanh", normed), name="dropout", p=0.3)
    g.add("BCEWithLogitsLoss", g.add("Linear", h, name="out", units=1), data["target"], name="loss")
    g.configure(**{"lr": 0.01, "batch_size": 16, "validation": 0.2, "test": 0.0} | training)
    return g


def held(space: Workspace) -> bytes:
    """All that training has made until now."""
    run = space.run
    vectors = [run.optimizer.state[name].tobytes() for name in sorted(run.optimizer.state)]
    return b"".join([run.store.flat.tobytes(), run.store.states.tobytes(), *vectors])


def train(space: Workspace, steps: int, noted: Noted, stride: int = 7) -> None:
    """So many steps, in runs of some; what was held after each run."""
    end = space.run.steps_done + steps
    while space.run.steps_done < end:
        space.train(min(stride, end - space.run.steps_done))
        noted[space.run.steps_done] = held(space)


def go(space: Workspace, step: int) -> None:
    for _ in space.travel.go(step):
        pass


def adjust(space: Workspace, graph: Graph, **settings: Any) -> None:
    graph.configure(**settings)
    space.load(graph.document)


def assert_hops(space: Workspace, noted: Noted, hops: int, seed: int = 0) -> None:
    """Goes to noted steps here and there; each is what it was."""
    for step in np.random.default_rng(seed).choice(list(noted), hops).tolist():
        go(space, step)
        assert space.run.steps_done == step
        assert held(space) == noted[step], step


CASES: dict[str, dict[str, Any]] = {
    "SGD with momentum": {"optimizer": "SGD", "momentum": 0.9, "nesterov": True},
    "Adam under a plateau": {"optimizer": "Adam", "schedule": "ReduceLROnPlateau", "patience": 1},
    "NAdam under a cosine": {"optimizer": "NAdam", "schedule": "CosineAnnealingLR", "warmup": 9},
    "RMSprop, clipped": {"optimizer": "RMSprop", "clip_norm": 0.5, "centered": True},
    "Lion with decay": {"optimizer": "Lion", "weight_decay": 0.01},
}


@pytest.mark.parametrize("settings", CASES.values(), ids=CASES)
def test_every_step_is_reached_to_the_bit_though_settings_changed_on_the_way(
    settings: dict[str, Any],
) -> None:
    g = network(**settings)
    space, noted = Workspace(g.document), {}
    train(space, 200 * LONGER, noted)
    adjust(space, g, lr=0.003)
    train(space, 100 * LONGER, noted)
    adjust(space, g, batch_size=10)
    train(space, 100 * LONGER, noted)
    g.set_flags("hidden", frozen=True)
    space.load(g.document)
    noted[space.run.steps_done] = held(space)
    train(space, 100 * LONGER, noted)
    end = space.run.steps_done
    assert_hops(space, noted, 40 * LONGER)
    go(space, 10**9)
    assert (space.run.steps_done, held(space)) == (end, noted[end])
    space.train(1)  # and on from there as if one had never left
    went_on = held(space)
    go(space, end)
    space.train(1)
    assert held(space) == went_on
    assert not space.travel.left


@pytest.mark.parametrize("change", ["optimizer", "weight", "data", "in the middle of a step", "a layer"])
def test_what_cannot_be_made_again_is_kept(change: str) -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 50, noted)
    hidden, data = g["hidden"].id, g["data"].id
    changes: dict[str, Callable[[], object]] = {
        "optimizer": lambda: adjust(space, g, optimizer="SGD"),
        "weight": lambda: space.set_elements(SetElements(1, hidden, "weight", ((0, 0),), (3.0,))),
        "data": lambda: space.set_elements(SetElements(1, data, "x", ((0, 0),), (3.0,))),
        "in the middle of a step": lambda: (space.step(4), adjust(space, g, batch_size=5)),
        "a layer": lambda: (g.set("dropout", p=0.6), space.load(g.document)),
    }
    changes[change]()
    noted.pop(50, None)
    train(space, 50, noted)
    assert_hops(space, noted, 30)


def test_a_long_training_keeps_few_states_and_still_reaches_every_step() -> None:
    space, noted = Workspace(network().document), {}
    space.travel.set_limit(20 * space.travel.trail.bytes)
    train(space, 600, noted, 3)
    trail = space.travel.trail
    assert trail.bytes <= trail.limit
    assert len(trail.checkpoints) <= 20
    assert trail.spacing > 10
    assert (trail.first, trail.end) == (0, 600)
    assert_hops(space, noted, 40)


def test_memory_is_flat_however_long_it_trains() -> None:
    space = Workspace(network().document)
    space.travel.trail._most = 24

    def grown(steps: int) -> int:
        before = tracemalloc.get_traced_memory()[0]
        train(space, steps, {})
        list(space.take_losses())
        space.report()
        return tracemalloc.get_traced_memory()[0] - before

    tracemalloc.start()
    try:
        grown(300)
        assert grown(600) < 60_000
    finally:
        tracemalloc.stop()
    assert len(space.travel.trail.checkpoints) <= 24


def test_fixed_states_beyond_the_limit_go_from_the_beginning() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    space.train(1)
    space.travel.begin()
    space.travel.set_limit(6 * space.travel.trail.bytes)
    for k in range(10):
        space.set_element(g["hidden"].id, "weight", (0, 0), float(k))
        noted[space.run.steps_done] = held(space)
        train(space, 6, noted)
    trail = space.travel.trail
    assert trail.forgotten
    assert trail.first > 20
    assert trail.bytes <= trail.limit
    assert_hops(space, {step: bits for step, bits in noted.items() if step > trail.first}, 20)


def test_states_that_grow_beyond_the_limit_leave_the_first_one_in_peace() -> None:
    """Adam keeps two numbers more for each weight from its first update on."""
    space, noted = Workspace(network(optimizer="Adam").document), Noted()
    noted[0] = held(space)
    assert space.travel.trail is not None
    space.travel.set_limit(2 * space.travel.trail.bytes)
    train(space, 20, noted)
    trail = space.travel.trail
    assert trail is not None
    assert [checkpoint.step for checkpoint in trail.checkpoints] == [0]
    for step in (6, 0, 15):
        go(space, step)
        assert held(space)[: len(noted[0])] == noted[step][: len(noted[0])]


def test_a_state_above_the_limit_is_told_with_numbers() -> None:
    space = Workspace(network().document)
    space.train(2)
    space.travel.set_limit(100)
    assert space.travel.trail is None
    space.train(2)
    with pytest.raises(GraphlabError, match="One state of this network takes"):
        go(space, 1)
    space.travel.set_limit(1 << 20)
    space.train(2)
    go(space, 5)
    assert space.run.steps_done == 5


def test_one_stands_as_if_training_had_been_paused_there() -> None:
    space = Workspace(network().document)
    space.train(3)
    space.train(1)
    shown = {name: np.array(space.run.value(name)) for name in ("hidden", "bn", "loss")}
    gradient = np.array(space.run.grad("hidden"))
    space.train(5)
    go(space, 4)
    assert space.run.cursor == len(space.run.schedule)
    for name, value in shown.items():
        assert np.array_equal(space.run.value(name), value)
    assert np.array_equal(space.run.grad("hidden"), gradient)


def test_training_along_the_known_way_tells_nothing_twice_and_leaves_no_branch() -> None:
    space, noted = Workspace(network().document), {}
    train(space, 40, noted)
    list(space.take_losses())
    go(space, 10)
    space.train(9)
    space.step(2)
    assert space.travel.is_past
    assert not list(space.take_losses())
    train(space, 30, noted)
    told = list(space.take_losses())
    assert [first for first, _ in told] == [40]
    assert not space.travel.left
    assert_hops(space, noted, 10)


def test_training_on_from_the_past_with_other_settings_is_a_branch_and_the_old_way_can_be_taken_up() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 40, noted)
    list(space.take_losses())
    go(space, 20)
    adjust(space, g, lr=0.5)
    assert space.travel.trail.end == 40  # looking on is still possible
    branch: Noted = {step: bits for step, bits in noted.items() if step <= 20}
    train(space, 10, branch)
    ((number, at, end),) = [(left.number, left.at, left.end) for left in space.travel.left]
    assert (at, end) == (20, 40)
    assert next(first for first, _ in space.take_losses()) == 20
    assert_hops(space, branch, 20)
    assert space.travel.join(number) == 20
    assert_hops(space, noted, 20)
    other = space.travel.left[-1]
    assert (other.at, other.end) == (20, 30)
    space.travel.join(other.number)
    assert_hops(space, branch, 20)
    assert space.document.training.lr == (0.5 if space.run.steps_done >= 20 else 0.01)


def test_settings_that_are_put_back_in_the_past_change_nothing() -> None:
    g = network()
    space = Workspace(g.document)
    train(space, 8, {})
    go(space, 3)
    adjust(space, g, lr=0.5)
    adjust(space, g, lr=0.01)
    space.train(2)
    assert not space.travel.left
    assert space.travel.trail.end == 8


def test_training_past_a_change_without_making_it_leaves_the_way_there() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 20, noted)
    adjust(space, g, lr=0.5)
    train(space, 20, noted)
    go(space, 10)
    assert space.document.training.lr == 0.01
    plain = Workspace(network().document)
    expected: Noted = {}
    train(plain, 30, expected)
    while space.run.steps_done < 30:
        space.train(4)
    assert [(left.at, left.end) for left in space.travel.left] == [(20, 40)]
    assert held(space) == expected[30]


def test_a_change_in_the_past_is_dropped_by_going_elsewhere() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 30, noted)
    go(space, 14)
    space.set_element(g["hidden"].id, "weight", (0, 0), 9.0)
    assert_hops(space, noted, 10)
    assert not space.travel.left


def test_another_network_makes_a_branch_of_the_whole_training() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 30, noted)
    g.set("hidden", units=9)
    space.load(g.document)
    assert space.run.steps_done == 0
    other: Noted = {}
    train(space, 12, other)
    (left,) = space.travel.left
    assert (left.at, left.end) == (0, 30)
    assert_hops(space, other, 8)
    space.travel.join(left.number)
    assert_hops(space, noted, 8)


def test_stepping_back_goes_over_updates_that_nobody_stepped_over() -> None:
    space, noted = Workspace(network().document), {}
    train(space, 12, noted, 1)
    entries = len(space.run.schedule)
    space.back(4 * entries)
    assert (space.run.steps_done, space.run.cursor) == (8, 0)
    assert held(space) == noted[8]
    space.step(4 * entries)
    assert (space.run.steps_done, held(space)) == (12, noted[12])


def test_stepping_back_ends_at_the_beginning() -> None:
    space = Workspace(network().document)
    space.train(2)
    space.back(1000)
    assert (space.run.steps_done, space.run.cursor) == (0, 0)


def test_a_change_at_the_end_and_then_a_step_back_over_it() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 10, noted, 1)
    adjust(space, g, lr=0.5)
    space.back(2)
    assert space.run.steps_done == 9
    space.step(2)  # with the new rate, so that it is another step 10
    noted[10] = held(space)
    train(space, 5, noted, 1)
    assert_hops(space, noted, 20)


def test_weights_that_came_at_the_end_are_left_out_by_stepping_back_over_it() -> None:
    space, noted, expected = Workspace(network().document), {}, {}
    train(space, 10, noted, 1)
    train(Workspace(network().document), 14, expected, 1)
    space.set_weights({"hidden.bias": np.ones(6, np.float32)}, {})
    space.back(2)
    space.step(2)
    assert (space.run.steps_done, held(space)) == (10, expected[10])
    train(space, 4, noted, 1)
    assert noted[14] == expected[14]
    assert_hops(space, noted, 20)


def test_reset_and_weights_that_are_loaded_begin_anew() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    space.train(9)
    kept = space.weights()
    space.reset()
    assert (space.travel.trail.first, space.travel.trail.end) == (0, 0)
    space.set_weights(kept, {})
    train(space, 30, noted)
    assert_hops(space, noted, 10)
    go(space, 0)
    assert all(np.array_equal(space.weights()[name], kept[name]) for name in kept)


def test_an_update_under_a_question_leaves_the_way_as_it_was() -> None:
    g = network()
    space, noted = Workspace(g.document), {}
    train(space, 10, noted, 1)
    space.asking.ask(g["out"].id, "y", None)
    go(space, 6)
    assert space.asking.run is None
    assert held(space) == noted[6]
    assert isinstance(space.travel, Travel)
