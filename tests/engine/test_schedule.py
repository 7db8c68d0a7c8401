"""One schedule for stepping, running and training: its order, its bits, and the way back."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from functools import wraps

import numpy as np
import pytest

from graphlab.engine import SGD, Adam, Run, Trainer
from graphlab.engine.quiet import BUFFER
from graphlab.errors import ProblemsError, UnknownNodeError
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import examples
from graphlab.ops import get
from tests.engine.networks import learning_examples, winding_graph, xor_feed, xor_graph


def lines(run):
    return [f"{entry.phase} {entry.node}".strip() for entry in run.schedule]


def snapshot(run):
    """Everything that a place in the schedule determines, bit by bit: what is done of the step, and what lasts."""
    cursor = (
        0 if run.cursor == len(run.schedule) else run.cursor
    )  # the end of a step is the beginning of the next
    state = run.state()
    optimizer = {k: v.tobytes() if isinstance(v, np.ndarray) else v for k, v in state["optimizer"].items()}
    seen = {}
    for entry in run.schedule[:cursor]:
        if entry.phase == "forward":
            seen[entry.phase, entry.node] = run.value(entry.node).tobytes()
        elif entry.phase == "backward":
            seen[entry.phase, entry.node] = run.grad(entry.node).tobytes()
            seen["terms", entry.node] = [term.tobytes() for term in run.contributions(entry.node).values()]
    return state["step"], cursor, state["parameters"].tobytes(), optimizer, seen


# Order


def test_the_schedule_is_forward_then_backward_in_reverse_then_the_update():
    run = Run(xor_graph())
    forward = ["x", "target", "hidden", "tanh", "out", "loss"]
    assert lines(run) == [
        *(f"forward {name}" for name in forward),
        *(f"backward {name}" for name in reversed(forward)),
        "update",
    ]
    assert [entry.index for entry in run.schedule] == list(range(13))


def test_the_order_of_a_graph_drawn_out_of_order_is_frozen():
    """Kahn's algorithm, the node created first wherever there is a choice."""
    g = Graph()
    g.add("Sum", name="total")
    g.add("Add", name="join")
    for name in ("b", "a"):
        g.add("Input", name=name, value=1.0)
    g.add("Neg", "a", name="left")
    g.add("Exp", "a", name="right")
    g.add("Neg", "b", name="aside")
    g.connect("join", "total")
    g.connect("right", "join.a")
    g.connect("left", "join.b")
    assert lines(Run(g, goal="total")) == [
        *(f"forward {name}" for name in ("b", "a", "left", "right", "join", "total", "aside")),
        *(f"backward {name}" for name in ("total", "join", "right", "left", "a")),
    ]


def test_every_node_comes_after_all_it_depends_on():
    run = Run(winding_graph())
    place = {key: k for k, key in enumerate(run.plan.nodes)}
    for edge in run.document.edges.values():
        assert place[edge.source] < place[edge.target]


def test_without_anything_to_learn_there_is_no_update():
    g = Graph()
    g.add("Sum", g.add("Input", name="x", value=(1.0, 2.0)), name="total")
    assert lines(Run(g)) == ["forward x", "forward total", "backward total", "backward x"]


def test_nodes_that_the_goal_ignores_are_not_visited_backward():
    g = xor_graph()
    g.add("Softmax", "out", name="aside")
    assert "backward aside" not in lines(Run(g))
    assert "forward aside" in lines(Run(g))


# Stepping is running


@pytest.mark.parametrize("name", [each.name for each in learning_examples()])
def test_stepping_to_the_end_equals_full_speed_bit_for_bit(name):
    graph = load(next(e.path for e in examples() if e.name == name))[0]
    assert_stepping_equals_training(lambda: Trainer(graph, input_gradients=True), steps=4)


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_stepping_equals_training_with_dropout_sharing_and_fan_outs(optimizer):
    graph = winding_graph(optimizer=optimizer, weight_decay=0.01)
    assert_stepping_equals_training(lambda: Trainer(graph, input_gradients=True), steps=12)


def assert_stepping_equals_training(make, steps):
    fast, slow, phased = make(), make(), make()
    losses = [fast.train_step() for _ in range(steps)]
    for k in range(steps):
        for report in slow.run.steps():
            last = report
        assert last.phase == "update"
        assert slow.run.loss == losses[k]
        phased.run.forward()
        phased.run.backward()
        phased.run.update()
        assert phased.run.loss == losses[k]
    bits = fast.run.state()["parameters"].tobytes()
    assert slow.run.state()["parameters"].tobytes() == bits
    assert phased.run.state()["parameters"].tobytes() == bits
    for node in fast.run.plan.nodes.values():
        assert slow.run.value(node.path).tobytes() == fast.run.value(node.path).tobytes()
        assert slow.run.grad(node.path).tobytes() == fast.run.grad(node.path).tobytes()


def test_training_in_one_go_equals_training_step_by_step():
    one, many = Trainer(winding_graph()), Trainer(winding_graph())
    together = one.run.train(20)
    single = [many.train_step() for _ in range(20)]
    assert together.tolist() == single
    assert one.run.state()["parameters"].tobytes() == many.run.state()["parameters"].tobytes()


def test_weights_do_not_depend_on_whether_input_gradients_are_computed():
    lean, whole = (Trainer(winding_graph(), input_gradients=wish) for wish in (False, True))
    lean.run.train(10)
    whole.run.train(10)
    assert lean.run.state()["parameters"].tobytes() == whole.run.state()["parameters"].tobytes()


# The way back


@pytest.mark.parametrize("seed", range(4))
def test_two_hundred_random_commands_and_every_step_back_finds_the_same_bits(seed):
    run = Trainer(winding_graph(optimizer=("SGD", "Adam")[seed % 2]), input_gradients=True).run
    rng = random.Random(seed)
    history = [snapshot(run)]
    updates_undone = 0
    for _ in range(200):
        if len(history) > 1 and rng.random() < 0.45:
            entry = run.back()
            history.pop()
            updates_undone += entry.phase == "update"
            assert snapshot(run) == history[-1]
        else:
            run.step()
            history.append(snapshot(run))
    while len(history) > 1:
        run.back()
        history.pop()
        assert snapshot(run) == history[-1]
    assert run.back() is None
    assert run.steps_done == 0


def test_going_back_over_updates_restores_weights_and_optimizer_and_going_on_repeats_them():
    run = Trainer(winding_graph(optimizer="Adam"), input_gradients=True).run
    marks = [snapshot(run)]
    for _ in range(3):
        list(run.steps())
        marks.append(snapshot(run))
    for mark in reversed(marks[:-1]):
        for _ in run.schedule:
            run.back()
        assert snapshot(run) == mark
    for mark in marks[1:]:
        list(run.steps())
        assert snapshot(run) == mark


def test_history_that_is_gone_ends_quietly():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    run.train(2)
    before = snapshot(run)
    assert run.back() is None
    assert snapshot(run) == before


def test_go_to_moves_both_ways_within_the_step():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    run.go_to(7)
    assert run.cursor == 7
    run.go_to(2)
    assert run.cursor == 2
    run.go_to(99)
    assert run.cursor == len(run.schedule)


def test_run_to_stops_right_after_that_entry_and_goes_on_into_the_next_step():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    assert run.run_to("tanh").node == "tanh"
    assert run.cursor == 4
    report = run.run_to("tanh", "backward")
    assert (report.phase, run.cursor) == ("backward", 9)
    run.run_to("hidden")
    assert (run.steps_done, run.cursor) == (1, 3)


def test_run_to_what_is_not_in_the_schedule_says_why():
    g = xor_graph()
    g.add("Softmax", "out", name="aside")
    with pytest.raises(
        UnknownNodeError, match=r"aside has no backward entry\. The goal does not depend on it."
    ):
        Run(g).run_to("aside", "backward")
    with pytest.raises(UnknownNodeError, match=r"There is no node 'tan'\. Did you mean 'tanh'"):
        Run(g).run_to("tan")


def test_phases_repeat_when_they_are_done():
    run = Run(xor_graph(), seed=3)
    run.feed(**xor_feed())
    first = run.forward()
    assert run.forward() == first
    run.backward()
    gradient = run.grad("hidden.weight")
    run.backward()
    assert np.array_equal(run.grad("hidden.weight"), gradient)


def test_setting_a_weight_begins_the_pass_anew():
    run = Run(xor_graph())
    run.feed(**xor_feed())
    run.backward()
    run.set("out.weight", np.zeros((1, 8)))
    assert run.cursor == 0
    run.set("out.bias", [0.25])
    run.forward()
    assert np.array_equal(run.value("out"), np.full((4, 1), 0.25))


def test_reset_begins_again_with_the_same_or_another_seed():
    run = Run(xor_graph(), optimizer=Adam(0.1), seed=5)
    run.feed(**xor_feed())
    start = run.state()["parameters"]
    run.train(3)
    run.reset()
    assert run.state()["parameters"].tobytes() == start.tobytes()
    assert (run.steps_done, run.cursor) == (0, 0)
    run.reset(seed=6)
    assert not np.array_equal(run.state()["parameters"], start)


def test_a_saved_state_goes_on_exactly_where_it_was():
    one = Trainer(winding_graph(optimizer="Adam"))
    one.run.train(7)
    state = one.run.state()
    ahead = one.run.train(5)
    other = Trainer(winding_graph(optimizer="Adam"), seed=0)
    other.run.load_state(state)
    assert other.run.train(5).tolist() == ahead.tolist()


def test_numpy_has_small_buffers_while_it_computes_and_is_left_as_it_was(monkeypatch):
    sizes, before = [], (np.getbufsize(), np.geterr())
    original = get("Tanh").forward

    @wraps(original)
    def forward(*args, **named):
        sizes.append(np.getbufsize())
        original(*args, **named)

    monkeypatch.setattr(get("Tanh"), "forward", forward)
    run = Run(xor_graph())
    run.feed(**xor_feed())
    run.train(1)
    run.forward()
    run.go_to(0)
    run.run_to("tanh")
    assert sizes == [BUFFER] * 3
    assert (np.getbufsize(), np.geterr()) == before


def test_an_empty_graph_says_so():
    with pytest.raises(ProblemsError, match=r"There is nothing to run. Add a node."):
        Run(Graph()).step()


def test_updating_without_a_goal_or_parameters_says_what_to_add():
    g = Graph()
    g.add("Input", name="x", value=(1.0, 2.0))
    with pytest.raises(ProblemsError, match="There is no goal to go back from"):
        Run(g).backward()
    g.add("Sum", "x", name="total")
    with pytest.raises(ProblemsError, match="There is nothing to learn"):
        Run(g).update()


def test_optimizer_settings_can_be_changed_between_steps():
    run = Run(xor_graph(), optimizer=SGD(lr=0.1))
    run.feed(**xor_feed())
    run.train(1)
    run.optimizer.lr = 1e-30
    before = run.state()["parameters"]
    run.train(1)
    assert np.array_equal(run.state()["parameters"], before)


# Determinism


SCRIPT = """
import hashlib
from graphlab.engine import Trainer
from tests.engine.networks import winding_graph
trainer = Trainer(winding_graph())
losses = trainer.run.train(30)
print([(e.phase, e.node) for e in trainer.run.schedule])
print(hashlib.sha256(trainer.run.state()["parameters"].tobytes() + losses.tobytes()).hexdigest())
"""


def test_processes_with_different_hash_seeds_agree_on_order_and_bits():
    outputs = set()
    for seed in ("0", "1", "4242"):
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_the_same_seed_gives_the_same_weights_and_another_one_others():
    bits = []
    for seed in (1, 1, 2):
        trainer = Trainer(winding_graph(), seed=seed)
        trainer.run.train(10)
        bits.append(trainer.run.state()["parameters"].tobytes())
    assert bits[0] == bits[1] != bits[2]
