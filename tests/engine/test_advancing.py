"""Training past breakpoints: the same bits as stepping, at nearly the speed of training without any."""

from __future__ import annotations

import time

import numpy as np
import pytest

from graphlab.engine.advancing import advance, train_to_breakpoint
from graphlab.engine.breakpoints import Breakpoints
from graphlab.engine.messages import Breakpoint
from graphlab.engine.workspace import Workspace
from graphlab.errors import ConditionError, NumericsError
from graphlab.graph import Graph
from tests.engine.stepping_graphs import digits_cnn, fan_out, xor_mlp


def space(graph: Graph, *places: tuple[str, str, str]) -> Workspace:
    """With breakpoints of (node name, phase, condition)."""
    made = Workspace(graph.document)
    keys = {node.path: key for key, node in made.run.plan.nodes.items()}
    made.breakpoints = Breakpoints(Breakpoint(keys[name], *rest) for name, *rest in places)
    return made


def test_training_that_looks_out_for_a_condition_comes_to_the_same_bits() -> None:
    for make, node in ((xor_mlp, "hidden"), (digits_cnn, "conv"), (fan_out, "scores")):
        watched = space(make(), (node, "backward", "weight.grad.norm > 1e9"), (node, "forward", "step > 99"))
        plain = Workspace(make().document)
        for _ in range(7):
            assert train_to_breakpoint(watched) == ""
        while plain.run.steps_done < 7:
            plain.train(7 - plain.run.steps_done)
        assert watched.run.steps_done == 7
        assert {k: v.tobytes() for k, v in watched.weights().items()} == {
            k: v.tobytes() for k, v in plain.weights().items()
        }
        told, losses = (list(made.take_losses()) for made in (watched, plain))
        assert [first for first, _ in told] == [first for first, _ in losses] == [0]
        assert told[0][1].tolist() == losses[0][1].tolist()


def test_it_pauses_where_the_condition_holds_and_goes_on_from_there() -> None:
    made = space(xor_mlp(), ("hidden", "backward", "step == 3"))
    hits = [train_to_breakpoint(made) for _ in range(4)]
    assert hits == ["", "", "", "hidden, backward: step == 3 (step = 3)"]
    entry = made.run.schedule[made.run.cursor - 1]
    assert (entry.node, entry.phase) == ("hidden", "backward")
    assert train_to_breakpoint(made) == ""
    assert made.run.steps_done == 4
    for _ in range(4 * len(made.run.schedule)):  # and all of it can be taken back
        made.back(1)
    assert (made.run.steps_done, made.run.cursor) == (0, 0)


def test_an_unconditional_breakpoint_is_met_at_each_step() -> None:
    made = space(xor_mlp(), ("act", "forward", ""), ("act", "backward", ""))
    hits = [train_to_breakpoint(made) for _ in range(5)]
    assert hits == ["act, forward", "act, backward", "", "act, forward", "act, backward"]


def test_a_condition_that_cannot_be_answered_names_its_node() -> None:
    made = space(xor_mlp(), ("hidden", "forward", "grad.norm > 1"))
    with pytest.raises(ConditionError, match="hidden, forward: grad is not computed here"):
        train_to_breakpoint(made)


def test_infinity_on_the_way_is_named() -> None:
    g = xor_mlp()
    g.add("Sum", g.add("Exp", g.add("Exp", "hidden", name="twice"), name="thrice"), name="goal")
    g.configure(goal="goal")
    made = space(g, ("hidden", "backward", "step > 99"))
    made.run.set("hidden.weight", made.run.value("hidden.weight") * 0 + 50)
    with pytest.raises(NumericsError, match=r"twice|thrice"):
        train_to_breakpoint(made)


def test_advancing_stops_where_it_is_told_in_either_phase() -> None:
    one, other = Workspace(fan_out().document), Workspace(fan_out().document)
    for end in (3, one.run.forward_end, one.run.forward_end + 2, one.run.backward_end):
        advance(one.run, end)
        other.go_to(end)
        assert one.run.cursor == other.run.cursor == end
    assert one.run.store.gradient.tobytes() == other.run.store.gradient.tobytes()


def test_a_condition_costs_little() -> None:
    """Against stepping entry by entry, side by side: at least three times as fast on a small network."""
    condition = ("hidden", "backward", "weight.grad.norm > 1e9")
    fast, slow = space(xor_mlp(), condition), space(xor_mlp(), condition)
    count = len(slow.run.schedule)
    best = {"fast": 1.0, "slow": 1.0}
    for _ in range(30):
        for name, act in (
            ("fast", lambda: train_to_breakpoint(fast)),
            ("slow", lambda: slow.step_to_breakpoint(count)),
        ):
            began = time.process_time()
            act()
            best[name] = min(best[name], time.process_time() - began)
    assert best["slow"] > 2 * best["fast"], best


def exploding(where: str) -> Workspace:
    """Infinity appears forward in the middle, or only in the gradient of a root of 0."""
    g = Graph(where)
    x = g.add("Parameter", name="x", value=(0.0, 200.0) if where == "forward" else (0.0, 1.0))
    middle = g.add("Exp" if where == "forward" else "Sqrt", g.add("Abs", x, name="size"), name="middle")
    g.add("Mean", g.add("Tanh", middle, name="after"), name="goal")
    return Workspace(g.document)


@pytest.mark.parametrize("where", ["forward", "backward"])
@pytest.mark.parametrize("how", ["step", "phase", "train", "heeding"])
def test_a_run_that_came_to_infinity_stands_at_the_node_that_made_it(where: str, how: str) -> None:
    made = exploding(where)
    made.breakpoints = Breakpoints([Breakpoint(made.run.plan.names["x"], "forward", "step > 99")])
    act = {
        "step": lambda: made.step(99),
        "phase": lambda: made.phase("backward"),
        "train": lambda: made.train(1),
        "heeding": lambda: train_to_breakpoint(made),
    }[how]
    with pytest.raises(NumericsError):
        act()
    entry = made.last_entry
    assert entry is not None
    assert (entry.node, entry.phase) == ("middle", where)
    made.back(1)  # and one can look at what led there
    assert made.run.steps_done == 0
    assert np.isfinite(made.run.value("size")).all()
