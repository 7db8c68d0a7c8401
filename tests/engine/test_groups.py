"""Groups, shared weights, muted and frozen nodes and reroute points, as the engine computes them."""

from __future__ import annotations

import random

import numpy as np
import pytest

from graphlab.engine import SGD, Run, Trainer, check_gradients, infer
from graphlab.engine.workspace import Workspace
from graphlab.errors import GraphError
from graphlab.graph import Graph, groups

from .networks import winding_graph


def chain(units: int = 4) -> Graph:
    g = Graph("chain")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=units), name="act")
    out = g.add("Linear", act, name="out", units=1)
    g.add("MSELoss", out, g.add("Input", name="t", shape=("N", 1)), name="loss")
    return g


def feed(seed: int = 0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {"x": rng.normal(size=(5, 3)), "t": rng.normal(size=(5, 1))}


def ran(g: Graph, like: Run | None = None) -> Run:
    run = Run(g, dtype="float64", seed=1)
    if like is not None:
        for mine, its in zip(run.parameters.values(), like.parameters.values(), strict=True):
            mine[...] = its
    run.feed(**feed())
    run.forward()
    run.backward()
    return run


def test_a_group_computes_what_its_nodes_did_under_readable_names() -> None:
    plain, g = chain(), chain()
    g.group("lin", "act", name="cell")
    before = ran(plain)
    run = ran(g, like=before)
    assert list(run.parameters) == ["cell/lin.weight", "cell/lin.bias", "out.weight", "out.bias"]
    assert run.loss == before.loss
    np.testing.assert_array_equal(run.store.gradient, before.store.gradient)
    np.testing.assert_array_equal(run.value("cell/act"), before.value("act"))
    np.testing.assert_array_equal(run.grad("cell/act"), before.grad("act"))
    np.testing.assert_array_equal(run.value("cell"), before.value("act"))
    np.testing.assert_array_equal(run.grad("cell.y"), before.grad("act"))


def test_random_groups_in_groups_leave_every_number_as_it_was() -> None:
    for seed in range(40):
        choose = random.Random(seed)
        g = winding_graph()
        plain = Trainer(g, seed=3, dtype="float64")
        start = {name: value.copy() for name, value in plain.run.parameters.items()}
        for _ in range(4):
            names = [n.name for n in g.document.nodes.values() if n.name != "data"]
            try:
                g.group(*choose.sample(names, choose.randint(1, 4)))
            except GraphError:
                continue  # a path would come back
        trainer = Trainer(g, seed=3, dtype="float64")
        ours = {name.rpartition("/")[2]: value for name, value in trainer.run.parameters.items()}
        for name, value in ours.items():
            value[...] = start[name]
        masked = any("dropout" in node.path and "/" in node.path for node in trainer.run.plan.nodes.values())
        if not masked:  # a mask is drawn for the node's key, which a group changes
            assert trainer.train_step() == plain.train_step()
            for name, value in ours.items():
                np.testing.assert_array_equal(value, plain.run.parameters[name])


def twice(weights: str) -> Graph:
    """The same cell used two times in a row."""
    g = Graph("twice")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=3), name="act")
    g.add("Mean", act, name="loss")
    first = g.group("lin", "act", name="cell")
    second = g.add_use("g1", (500.0, 0.0))
    g.connect(first, second, "x")
    g.connect(second, "loss", "x")
    for node in (first, second):
        g.set(node, weights=weights)
    return g


def test_own_weights_are_two_sets_shared_weights_one() -> None:
    assert len(Run(twice("own")).parameters) == 4
    assert list(Run(twice("shared")).parameters) == [
        "cell (shared)/lin weight.value",
        "cell (shared)/lin bias.value",
    ]


def test_the_gradient_of_shared_weights_is_the_sum_of_the_uses_and_each_is_told() -> None:
    own, shared = Run(twice("own"), dtype="float64"), Run(twice("shared"), dtype="float64")
    x = np.random.default_rng(0).normal(size=(4, 3))
    for name, value in own.parameters.items():
        value[...] = shared.parameters[f"cell (shared)/lin {name.rpartition('.')[2]}.value"]
    for run in (own, shared):
        run.feed(x=x)
        run.forward()
        run.backward()
    assert own.loss == shared.loss
    total = own.gradients["cell/lin.weight"] + own.gradients["cell2/lin.weight"]
    np.testing.assert_allclose(shared.gradients["cell (shared)/lin weight.value"], total, rtol=1e-12)
    terms = shared.contributions("cell (shared)/lin weight")
    assert set(terms) == {"cell/lin.weight", "cell2/lin.weight"}
    np.testing.assert_array_equal(sum(terms.values()), shared.gradients["cell (shared)/lin weight.value"])


def test_shared_weights_agree_with_finite_differences_and_begin_as_the_op_says() -> None:
    run = Run(twice("shared"), dtype="float64", seed=0)
    run.feed(x=np.random.default_rng(0).normal(size=(4, 3)))
    assert check_gradients(run).passed
    assert np.abs(run.parameters["cell (shared)/lin weight.value"]).max() <= 1 / np.sqrt(3)


def test_uses_that_cannot_share_are_told_with_both_shapes() -> None:
    g = twice("shared")
    g.set("x", shape=("N", 2))
    (problem,) = infer(g).problems
    assert problem.node == "cell2/lin"
    assert "3×3" in problem.message
    assert "3×2" in problem.message


def test_a_muted_node_hands_on_its_first_input() -> None:
    g = chain(units=3)
    g.set_flags("act", muted=True)
    run = ran(g)
    assert "act" not in [node.path for node in run.plan.nodes.values()]
    np.testing.assert_allclose(
        run.value("out"), run.value("lin") @ run.parameters["out.weight"].T + run.parameters["out.bias"]
    )
    assert infer(g).specs[g["act"].id, "y"] == infer(g).specs[g["lin"].id, "y"]


def test_a_muted_group_is_a_plain_wire() -> None:
    g = chain()
    g.set_flags(g.group("lin", "act", name="cell"), muted=True)
    run = ran(g)
    assert list(run.parameters) == ["out.weight", "out.bias"]
    assert run.parameters["out.weight"].shape == (1, 3)


def test_a_reroute_point_changes_nothing_and_costs_nothing() -> None:
    g = chain()
    plain = ran(g)
    point = g.add("Reroute", "lin", name="point")
    g.connect(point, "act", "x")
    run = ran(g, like=plain)
    assert run.loss == plain.loss
    assert len(run.schedule) == len(plain.schedule)


def test_frozen_parameters_stay_and_the_others_learn_as_before() -> None:
    g, free = chain(), chain()
    g.set_flags("lin", frozen=True)
    run = Run(g, optimizer=SGD(lr=0.1, momentum=0.9), dtype="float64")
    other = Run(free, optimizer=SGD(lr=0.1, momentum=0.9), dtype="float64")
    for name, value in run.parameters.items():
        value[...] = other.parameters[name]
    before = {name: value.copy() for name, value in run.parameters.items()}
    for it in (run, other):
        it.feed(**feed())
        it.train_step()
    for name, value in run.parameters.items():
        if name.startswith("lin"):
            np.testing.assert_array_equal(value, before[name])
            assert np.abs(run.gradients[name]).max() > 0, "its gradient is shown all the same"
        else:
            np.testing.assert_array_equal(value, other.parameters[name])


def test_a_graph_all_frozen_has_nothing_to_learn() -> None:
    g = chain()
    g.set_flags("lin", "out", frozen=True)
    assert all(entry.phase != "update" for entry in Run(g).schedule)


def test_a_frozen_group_freezes_what_is_inside() -> None:
    g = chain()
    g.set_flags(g.group("lin", "act", name="cell"), frozen=True)
    assert Run(g).plan.trainable_size == 5


def test_an_unplugged_socket_of_a_group_is_told_where_it_is_missed() -> None:
    g = chain()
    g.group("lin", "act", name="cell")
    g.disconnect("cell", "x")
    assert [str(p) for p in infer(g).problems] == ["cell/lin.x: x is not connected. Drag a wire to it."]


def test_ports_outside_any_group_are_told() -> None:
    g = Graph()
    g.add("Tanh", g.add("GroupInput", name="in"), name="act")
    assert "outside any group" in infer(g).problems[0].message


def test_the_loss_may_lie_in_a_group_and_be_the_goal() -> None:
    g = chain()
    end = g.group("out", "t", "loss", name="end")
    assert ran_at(g, {"x": "x", "t": "end/t"}).loss is not None
    g.configure(goal=end.id)
    assert Run(g).plan.goal == f"{end.id}/{groups.sheet(g.document, 'g1').node('loss').id}"


def test_ungrouping_the_goal_leaves_the_choice_to_the_graph() -> None:
    g = chain()
    end = g.group("out", "t", "loss", name="end")
    g.configure(goal=end.id)
    g.ungroup(end)
    assert g.document.training.goal == ""
    assert Run(g).plan.goal == g["loss"].id


def test_a_goal_behind_which_there_is_nothing_is_none() -> None:
    g = chain()
    point = g.add("Reroute", name="point")
    g.configure(goal=point.id)
    assert infer(g).goal == ""


def ran_at(g: Graph, names: dict[str, str]) -> Run:
    run = Run(g)
    run.feed(**{names[name]: value for name, value in feed().items()})
    run.forward()
    return run


def test_grouping_and_ungrouping_keep_what_was_learnt() -> None:
    g = winding_graph()
    space = Workspace(g.document)
    space.train(3)
    learnt = {name: value.copy() for name, value in space.run.parameters.items()}
    momentum = space.run.state()["optimizer"]
    group = g.group("first", "tanh", "scores", "both", "skip", "dropout", name="inside")
    space.load(g.document)
    for name, value in learnt.items():
        mine = next(v for n, v in space.run.parameters.items() if n.rpartition("/")[2] == name)
        np.testing.assert_array_equal(mine, value)
    assert space.run.steps_done == 3
    g.ungroup(group)
    space.load(g.document)
    for name, value in learnt.items():
        np.testing.assert_array_equal(space.run.parameters[name], value)
    for name, value in momentum.items():
        if isinstance(value, np.ndarray):
            assert np.abs(space.run.state()["optimizer"][name]).sum() == pytest.approx(np.abs(value).sum())


def test_freezing_keeps_what_was_learnt_and_how_far_the_others_came() -> None:
    g = winding_graph()
    space = Workspace(g.document)
    space.train(3)
    learnt = {name: value.copy() for name, value in space.run.parameters.items()}
    g.set_flags("scores", frozen=True)
    space.load(g.document)
    assert space.run.steps_done == 3
    for name, value in learnt.items():
        np.testing.assert_array_equal(space.run.parameters[name], value)
    space.train(2)
    np.testing.assert_array_equal(space.run.parameters["scores.weight"], learnt["scores.weight"])
    assert not np.array_equal(space.run.parameters["bias.value"], learnt["bias.value"])
