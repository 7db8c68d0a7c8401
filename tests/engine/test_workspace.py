"""One document being run: what survives an edit, and what commands do to the run."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine.breakpoints import Breakpoints, understood
from graphlab.engine.messages import Breakpoint, TensorKey
from graphlab.engine.workspace import Workspace
from graphlab.errors import (
    ConditionError,
    FeedError,
    MemoryBudgetError,
    ProblemsError,
    SettingsError,
    UnknownNodeError,
)
from graphlab.graph import Graph


def moons() -> Graph:
    g = Graph("moons")
    data = g.add("Dataset", dataset="moons", samples=64, name="data")
    h = g.add("Tanh", g.add("Linear", data, name="hidden", units=4))
    y = g.add("Linear", h, name="out", units=1)
    g.add("BCEWithLogitsLoss", y, data["target"], name="loss")
    return g


def test_a_graph_without_a_loss_steps_forward_but_says_why_it_cannot_train() -> None:
    g = moons()
    g.remove("loss")
    space = Workspace(g.document)
    space.phase("forward")
    assert space.run.value("out").shape == (32, 1)
    with pytest.raises(ProblemsError, match="goal"):
        space.train(1)


def test_the_healthy_part_of_a_faulty_graph_runs_on_real_batches() -> None:
    g = moons()
    g.add("Tanh", name="lonely")
    space = Workspace(g.document)
    space.phase("forward")
    assert np.abs(space.run.value("hidden")).max() > 0
    with pytest.raises(ProblemsError, match=r"lonely\.x: x is not connected"):
        space.train(1)


def test_weights_survive_edits_elsewhere_and_a_change_of_shape_starts_that_layer_anew() -> None:
    g = moons()
    space = Workspace(g.document)
    space.train(3)
    hidden, out = (space.run.value(f"{name}.weight") for name in ("hidden", "out"))
    g.set("out", units=1, bias=False)
    space.load(g.document)
    assert np.array_equal(space.run.value("hidden.weight"), hidden)
    assert np.array_equal(space.run.value("out.weight"), out)
    g.rename("hidden", "layer")
    g.set("layer", units=5)
    space.load(g.document)
    assert space.run.value("layer.weight").shape == (5, 2)


def test_settings_change_without_compiling_and_without_losing_the_optimizer_state() -> None:
    g = moons()
    space = Workspace(g.document)
    space.train(2)
    run, m = space.run, space.run.optimizer.state["m"]
    g.configure(lr=0.5, batch_size=8)
    assert space.load(g.document) is False
    assert space.run is run
    assert space.run.optimizer.lr == 0.5
    assert space.run.optimizer.state["m"] is m
    space.phase("forward")
    space.train(1)
    assert len(space.run.value("out")) == 8


def test_a_move_or_a_new_name_changes_nothing_but_what_things_are_called() -> None:
    g = moons()
    space = Workspace(g.document)
    space.train(2)
    run, buffers, before = space.run, space.run.buffers, space.weights()
    cursor, m = run.cursor, run.optimizer.state["m"]
    g.move({"hidden": (50.0, 60.0)})
    assert space.load(g.document) is False
    g.rename("hidden", "layer")
    g.configure(lr=0.5)
    assert space.load(g.document) is False
    assert (space.run, space.run.buffers, space.run.cursor) == (run, buffers, cursor)
    assert run.optimizer.lr == 0.5
    assert run.optimizer.state["m"] is m
    assert [name.replace("layer", "hidden") for name in space.weights()] == list(before)
    assert np.array_equal(space.weights()["layer.weight"], before["hidden.weight"])
    assert run.report(run.schedule[1]).node == "layer"
    assert run.value("layer").shape == (12, 4)  # the last batch of 44 rows
    with pytest.raises(UnknownNodeError, match="hidden"):
        run.value("hidden")
    assert set(space.check_gradients().errors) == {"layer.weight", "layer.bias", "out.weight", "out.bias"}


def test_an_obstacle_is_told_with_the_name_that_the_node_has_now() -> None:
    g = moons()
    lonely = g.add("Tanh", name="lonely")
    space = Workspace(g.document)
    run = space.run
    g.rename(lonely, "alone")
    assert space.load(g.document) is False
    with pytest.raises(ProblemsError, match=r"alone\.x: x is not connected"):
        space.train(1)
    g.add("MSELoss", g.add("Linear", g.add("Input", name="unfed", shape=("N", 2))), "data", name="other")
    g.remove(lonely)
    space.load(g.document)
    assert space.run is not run
    run = space.run
    g.rename("unfed", "hungry")
    assert space.load(g.document) is False
    assert space.run is run
    with pytest.raises(FeedError, match="hungry has not been fed"):
        space.train(1)


def test_what_ran_for_want_of_memory_or_an_optimizer_is_compiled_anew_once_there_is_one(monkeypatch) -> None:
    g = moons()
    strange = g.document.with_(training=type(g.document.training)(optimizer="Lioness"))
    space = Workspace(strange)
    assert isinstance(space.obstacle, SettingsError)
    assert space.load(g.document) is True
    space.train(1)
    monkeypatch.setattr("graphlab.engine.plan.default_budget", lambda: 10)
    space.load(g.document, keep=False)
    assert isinstance(space.obstacle, MemoryBudgetError)
    monkeypatch.undo()
    g.rename("hidden", "layer")
    assert space.load(g.document) is True
    space.train(1)


def test_an_edit_keeps_the_values_on_show() -> None:
    g = moons()
    space = Workspace(g.document)
    space.phase("backward")
    g.add("ReLU", "hidden")
    space.load(g.document)
    assert space.run.cursor == space.run.backward_end
    assert space.array(TensorKey("grad", g["hidden"].id, "y")) is not None


def test_losses_are_handed_out_once_and_none_is_missing() -> None:
    space = Workspace(moons().document)
    for _ in range(3):
        space.train(5)
    space.phase("update")
    space.step(1)
    space.phase("update")
    found = list(space.take_losses())
    steps = [first + k for first, losses in found for k in range(len(losses))]
    assert steps == list(range(space.run.steps_done))
    assert list(space.take_losses()) == []


def test_training_stops_just_after_a_breakpoint() -> None:
    g = moons()
    space = Workspace(g.document)
    space.breakpoints = Breakpoints([Breakpoint(g["hidden"].id, "backward")])
    assert space.step_to_breakpoint(100)
    entry = space.last_entry
    assert entry is not None
    assert (entry.node, entry.phase) == ("hidden", "backward")


@pytest.mark.parametrize(
    ("phase", "condition", "word", "step"),
    [
        ("backward", "weight.grad.norm > 0 and step >= 3", "step = 3", 3),
        ("forward", "x.max > 0 and weight.abs.max > 0 and step == 2", "weight.abs.max = ", 2),
        (
            "backward",
            "grad.norm >= 0 and x.size == 64 and loss > 0 and step > 0",
            "loss = ",
            2,
        ),  # batch 1 is a short one
    ],
)
def test_training_stops_at_a_breakpoint_once_its_condition_is_met(
    phase: str, condition: str, word: str, step: int
) -> None:
    g = moons()
    space = Workspace(g.document)
    space.breakpoints = Breakpoints([Breakpoint(g["hidden"].id, phase, condition)])
    for _ in range(4):
        if why := space.step_to_breakpoint(len(space.run.schedule)):
            break
    assert why.startswith(f"hidden, {phase}: {condition} (")
    assert word in why
    entry = space.last_entry
    assert entry is not None
    assert (entry.node, entry.phase) == ("hidden", phase)
    assert space.run.steps_done == step


def test_a_condition_that_cannot_be_answered_says_so_at_its_node() -> None:
    g = moons()
    space = Workspace(g.document)
    space.breakpoints = Breakpoints([Breakpoint(g["hidden"].id, "forward", "value > 1")])
    with pytest.raises(ConditionError, match="hidden, forward: value is an array of 128 numbers"):
        space.step_to_breakpoint(20)
    op = space.run.plan.op(g["hidden"].id)
    with pytest.raises(ConditionError, match="no gradient yet in the forward pass"):
        understood("grad.norm > 1", "forward", op)
    with pytest.raises(ConditionError, match="There is no wieght here"):
        understood("wieght.norm > 1", "forward", op)


def test_the_last_step_of_training_can_be_taken_back() -> None:
    g = moons()
    space = Workspace(g.document)
    space.train(1)
    before = space.run.parameters["hidden.weight"].copy()
    space.train(1)
    space.back(1)
    assert np.array_equal(space.run.parameters["hidden.weight"], before)
    assert space.run.steps_done == 1


def test_setting_one_weight_recomputes_up_to_the_cursor() -> None:
    g = moons()
    space = Workspace(g.document)
    space.run_to("tanh", "forward")
    cursor, before = space.run.cursor, space.run.value("tanh")
    space.set_element(g["hidden"].id, "weight", (0, 1), 3.0)
    assert space.run.cursor == cursor
    assert space.run.value("hidden.weight")[0, 1] == 3.0
    changed = (space.run.value("tanh") != before).any(axis=0)
    assert changed.tolist() == [True, False, False, False]


def test_setting_an_element_of_the_batch_recomputes_too() -> None:
    g = moons()
    space = Workspace(g.document)
    space.phase("forward")
    space.set_element(g["data"].id, "x", (0, 0), 9.0)
    assert space.run.value("data")[0, 0] == 9.0
    assert not np.array_equal(space.run.value("hidden")[0], space.run.value("hidden")[1])


def test_impossible_elements_are_refused() -> None:
    g = moons()
    space = Workspace(g.document)
    space.phase("forward")
    with pytest.raises(FeedError, match="no element"):
        space.set_element(g["hidden"].id, "weight", (9, 9), 1.0)
    with pytest.raises(FeedError, match="cannot hold nan"):
        space.set_element(g["hidden"].id, "weight", (0, 0), float("nan"))
    with pytest.raises(UnknownNodeError, match="computed"):
        space.set_element(g["hidden"].id, "y", (0, 0), 1.0)


def test_weights_of_a_file_that_fit_nothing_are_named() -> None:
    space = Workspace(moons().document)
    strays = space.set_weights({"hidden.weight": np.ones((4, 2)), "gone.weight": np.ones(3)}, {})
    assert strays == ["gone.weight"]
    assert (space.run.value("hidden.weight") == 1).all()


def test_a_checkpoint_brings_weights_optimizer_and_step_back() -> None:
    g = moons()
    space = Workspace(g.document)
    space.train(3)
    weights, state = space.weights(), space.state()
    space.train(3)
    after = space.weights()
    other = Workspace(g.document)
    assert other.set_weights(weights, state) == []
    other.train(1)
    other.train(2)
    assert all(np.array_equal(after[name], other.weights()[name]) for name in after)


def test_what_was_never_computed_is_not_shown_as_zeros() -> None:
    g = moons()
    space = Workspace(g.document)
    hidden, out = (g[name].id for name in ("hidden", "out"))
    unknown = (
        TensorKey("value", out, "y"),
        TensorKey("grad", hidden, "weight"),
        TensorKey("term", hidden, f"{g['tanh'].id}.x"),
    )
    space.run_to("hidden", "forward")
    assert [space.array(key) for key in unknown] == [None, None, None]
    assert space.array(TensorKey("value", hidden, "weight")) is not None
    space.phase("backward")
    assert all(space.array(key) is not None for key in unknown)


def test_freshness_follows_the_cursor() -> None:
    g = moons()
    space = Workspace(g.document)
    key, grad = (TensorKey(kind, g["hidden"].id, "y") for kind in ("value", "grad"))
    assert space.array(key) is None
    space.run_to("hidden", "forward")
    assert [found[1] for k in (key, grad) if (found := space.array(k))] == [True]
    space.phase("backward")
    assert [found[1] for k in (key, grad) if (found := space.array(k))] == [True, True]
    space.back(1)
    space.go_to(0)
    assert [found[1] for k in (key, grad) if (found := space.array(k))] == [False, False]


def test_losses_that_nobody_has_taken_go_with_their_document() -> None:
    space = Workspace(moons().document)
    space.train(3)
    space.load(Graph("another").document, keep=False)
    assert list(space.take_losses()) == []
