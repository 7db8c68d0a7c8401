"""Gradients of something else than the loss: an element of an output, or the sum of all its elements."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run, Trainer, check_gradients
from graphlab.engine import messages as m
from graphlab.engine.asked import Asked, ask, jacobian
from graphlab.engine.messages import TensorKey
from graphlab.engine.workspace import Workspace
from graphlab.errors import FeedError, GoalError, ProblemsError, UnknownNodeError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph, xor_feed, xor_graph


def by_hand() -> Graph:
    """x → lin → h, which feeds both ends of a product and a reroute point; W is used twice."""
    g = Graph("by hand")
    x = g.add("Input", name="x", value=((0.5, -1.0, 2.0), (1.5, 0.25, -0.75)))
    w = g.add("Parameter", name="W", value=((0.1, -0.4, 0.3), (0.7, 0.2, -0.6), (-0.5, 0.9, 0.8)))
    h = g.add("Tanh", g.add("MatMul", x, w, name="first"), name="h")
    second = g.add("MatMul", h, w, name="second")
    out = g.add("Mul", second, g.add("Reroute", h, name="point"), name="out")
    g.add("Softmax", out, name="soft")
    g.add("Mean", out, name="loss")
    return g


def in_a_group() -> Graph:
    """x → cell [lin → act] → loss, used twice, with weights of its own each time."""
    g = Graph("grouped")
    x = g.add("Input", name="x", value=((0.5, -1.0), (1.5, 0.25), (0.0, 2.0)))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=3), name="act")
    g.add("Mean", act, name="loss")
    g.group("lin", "act", name="cell")
    return g


# What comes of it


@pytest.mark.parity
def test_every_row_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    run = Run(by_hand(), dtype="float64")
    x, w = (torch.tensor(run.value(name), requires_grad=True) for name in ("x", "W"))
    run.forward()
    h = torch.tanh(x @ w)
    out = (h @ w) * h
    for name, value in (("h", h), ("out", out), ("soft", torch.softmax(out, -1))):
        asked = Asked(run, name, "sum")
        for at in np.ndindex(2, 3):
            asked.turn_to(at)
            asked.backward()
            rows = torch.autograd.grad(value[at], (x, w), retain_graph=True)
            for leaf, row in zip(("x", "W"), rows, strict=True):
                np.testing.assert_allclose(asked.grad(leaf), row.numpy(), rtol=1e-12, atol=1e-12)
        asked.turn_to("sum")
        asked.backward()
        (row,) = torch.autograd.grad(value.sum(), x, retain_graph=True)
        np.testing.assert_allclose(asked.grad("x"), row.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parity
def test_rows_of_a_convolution_are_those_of_pytorch():
    torch = pytest.importorskip("torch")
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 1, 6, 6))
    conv = g.add("Conv2d", x, name="conv", out_channels=2, kernel_size=3)
    pool = g.add("MaxPool2d", g.add("ReLU", conv, name="relu"), name="pool")
    g.add("Flatten", pool, name="flat")
    run = Run(g, dtype="float64")
    run.feed(x=np.random.default_rng(0).normal(size=(3, 1, 6, 6)))
    run.forward()
    image = torch.tensor(run.value("x"), requires_grad=True)
    weight, bias = (torch.tensor(run.value(f"conv.{n}"), requires_grad=True) for n in ("weight", "bias"))
    flat = torch.nn.functional.max_pool2d(torch.relu(torch.conv2d(image, weight, bias)), 2).flatten(1)
    asked = Asked(run, "flat", (0, 0))
    for at in np.ndindex(*flat.shape):
        asked.turn_to(at)
        asked.backward()
        rows = torch.autograd.grad(flat[at], (image, weight, bias), retain_graph=True)
        for name, row in zip(("x", "conv.weight", "conv.bias"), rows, strict=True):
            np.testing.assert_allclose(asked.grad(name), row.numpy(), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("of", ["h", "second", "point", "soft"])
def test_all_rows_together_are_the_jacobian_by_finite_differences(of):
    run = Run(by_hand(), dtype="float64")
    run.forward()
    found = jacobian(run, of, "x")
    x = run.value("x")
    for at in np.ndindex(2, 3):
        sides = []
        for step in (1e-6, -1e-6):
            moved = x.copy()
            moved[at] += step
            run.feed(x=moved)
            run.forward()
            sides.append(run.value(of))
        np.testing.assert_allclose(found[..., at[0], at[1]], (sides[0] - sides[1]) / 2e-6, atol=1e-8)


def test_the_elements_of_the_goal_get_one_at_its_place_and_nothing_else():
    run = Run(by_hand(), goal="h", at=(0, 2))
    run.backward()
    assert run.grad("h").tolist() == [[0, 0, 1], [0, 0, 0]]
    assert not run.grad("loss").any()
    assert not run.grad("second").any()
    assert [entry.node for entry in run.schedule if entry.phase == "backward"] == ["h", "first", "W", "x"]
    assert run.loss == pytest.approx(float(run.value("h")[0, 2]))


def test_the_sum_of_all_starts_with_ones():
    run = Run(by_hand(), goal="h", at="sum")
    run.backward()
    assert (run.grad("h") == 1).all()
    assert run.loss == pytest.approx(float(run.value("h").sum()), rel=1e-6)
    assert run.plan.goal_title == "Σ h"


def test_a_scalar_is_asked_about_without_an_index_and_is_not_trained():
    run = Run(xor_graph(), goal="loss", at=())
    run.feed(**xor_feed())
    run.backward()
    trained = Run(xor_graph())
    trained.feed(**xor_feed())
    trained.backward()
    assert np.array_equal(run.grad("hidden.weight"), trained.grad("hidden.weight"))
    assert run.schedule[-1].phase == "backward"
    with pytest.raises(ProblemsError, match="Gradients of loss are asked for; that trains nothing"):
        run.train_step()


def test_one_of_several_outputs_leaves_the_others_alone():
    g = Graph()
    x = g.add("Input", name="x", value=((1.0, 2.0, 3.0, 4.0),))
    split = g.add("Split", g.add("Tanh", x, name="t"), name="split", sections=(2, 2))
    outputs = split.node.make().results()
    g.add("Add", split[outputs[0]], split[outputs[1]], name="both")
    run = Run(g, goal=f"split.{outputs[1]}", at=(0, 1))
    run.backward()
    assert run.plan.goal_title == f"split.{outputs[1]}[0, 1]"
    assert np.flatnonzero(run.grad("x")).tolist() == [3]


def test_a_view_and_a_parameter_may_be_asked_about():
    g = Graph()
    x = g.add("Input", name="x", value=((1.0, 2.0), (3.0, 4.0)))
    square = g.add("Square", x, name="square")
    g.add("Flatten", square, name="flat", start_dim=0)
    g.add("Parameter", name="p", value=(5.0, 6.0))
    run = Run(g, goal="flat", at=(2,))
    run.backward()
    assert run.grad("x").tolist() == [[0, 0], [6, 0]]
    run = Run(g, goal="p", at=(1,))
    run.backward()
    assert run.grad("p.value").tolist() == [0, 1]


def test_a_node_in_a_group_is_asked_about_by_its_path_and_a_group_by_its_output():
    run = Run(in_a_group(), dtype="float64")
    run.forward()
    inside = ask(run, "cell/act", (1, 2))
    outside = ask(run, "cell", (1, 2))
    assert inside.plan.goal_title == outside.plan.goal_title == "cell/act[1, 2]"
    assert inside.grad("x")[1].any()
    assert np.array_equal(inside.grad("x"), outside.grad("x"))
    assert not inside.grad("x")[[0, 2]].any()


def test_negative_indices_count_from_the_end():
    run = Run(by_hand())
    run.forward()
    assert np.array_equal(ask(run, "h", (-1, -1)).grad("x"), ask(run, "h", (1, 2)).grad("x"))


# What cannot be asked


@pytest.mark.parametrize(
    ("of", "at", "words"),
    [
        ("h", (2, 0), r"h is 2×3 and has no element \[2, 0\]\. Indices go from \[0, 0\] to \[1, 2\]\."),
        ("h", (), "h is not one number but many"),
        ("h", (1,), r"has no element \[1\]\. Give 2 whole numbers"),
        ("h", (0.5, 1), "is no index"),
        ("loss", (0,), r"loss has no element \[0\]\. Give no index"),
        ("first.weight", (0, 0), "has no 'weight'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(of, at, words):
    with pytest.raises((GoalError, UnknownNodeError), match=words):
        Run(by_hand(), goal=of, at=at).forward()


def test_whole_numbers_and_parameters_by_their_socket_are_refused_with_the_reason():
    g = winding_graph()
    with pytest.raises(GoalError, match="whole numbers, which do not change little by little"):
        Run(g, goal="data.target", at=(0,))
    with pytest.raises(GoalError, match=r"scores\.weight is no output"):
        Run(g, goal="scores.weight", at=(0, 0))


def test_an_index_beyond_a_smaller_batch_is_refused_when_that_comes():
    run = Run(xor_graph(), goal="hidden", at=(3, 0))
    run.feed(**xor_feed())
    run.backward()
    with pytest.raises(GoalError, match=r"hidden is 2×8 and has no element \[3, 0\]"):
        run.feed(**{name: array[:2] for name, array in xor_feed().items()})


def test_a_refused_turn_leaves_the_question_as_it_was():
    run = Run(by_hand())
    run.forward()
    asked = ask(run, "h", (0, 0))
    row = asked.grad("x")
    with pytest.raises(GoalError):
        asked.turn_to((0, 7))
    asked.backward()
    assert np.array_equal(asked.grad("x"), row)


# Beside a run


def everything(run: Run) -> dict[str, object]:
    """All that a run holds."""
    buffers = run.buffers
    arrays = {
        **{f"value {end}": array for end, array in buffers.values.items()},
        **{f"grad {end}": array for end, array in buffers.gradients.items()},
        **{f"term {edge}": array for edge, array in buffers.terms.items()},
        "parameters": run.store.flat,
        "gradient": run.store.gradient,
        "states": run.store.states,
    }
    state = run.state()["optimizer"]
    return {name: np.array(value) for name, value in (arrays | state).items()} | {
        "place": (run.cursor, run.steps_done)
    }


def assert_same(a: dict[str, object], b: dict[str, object]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        assert np.array_equal(a[name], b[name]), name


@pytest.mark.parametrize("cursor", [0, 5, 14, 20, 1000])
def test_a_question_leaves_the_run_as_it_is_wherever_that_stands(cursor):
    space = Workspace(winding_graph().document)
    space.train(2)
    space.run.step()
    space.run.go_to(len(space.run.schedule))
    space.run.go_to(min(cursor, len(space.run.schedule)))
    before = everything(space.run)
    after_now = space.run.cursor
    space.asking.ask(space.document.node("skip").id, "y", (0, 2))
    assert space.run.plan.goal_title == "skip[0, 2]"
    assert space.run.cursor == space.run.backward_end
    assert space.run.grad("shared.value").any()
    space.back(3)
    space.step(5)
    space.asking.leave()
    assert space.run.cursor == after_now
    if cursor >= 14:  # else the question has gone on where the run has not come yet
        assert_same(everything(space.run), before)
    space.train(3)
    other = Workspace(winding_graph().document)
    other.train(2)
    other.run.step()
    other.run.go_to(len(other.run.schedule))
    other.run.go_to(min(cursor, len(other.run.schedule)))
    other.train(3)
    assert np.array_equal(space.run.store.flat, other.run.store.flat)


def test_the_numbers_asked_about_are_those_that_were_shown_before_the_update():
    space = Workspace(winding_graph().document)
    space.train(1)
    shown = space.run.value("skip")
    weights = space.run.store.flat.copy()
    space.asking.ask(space.document.node("skip").id, "y", None)
    assert np.array_equal(space.run.value("skip"), shown)
    assert not np.array_equal(space.run.store.flat, weights)
    assert space.run.steps_done == 0
    space.asking.leave()
    assert np.array_equal(space.run.store.flat, weights)
    assert space.run.steps_done == 1
    assert space.run.back().phase == "update"


def test_a_number_set_while_asking_stays_set():
    space = Workspace(xor_with_values().document)
    space.phase("backward")
    hidden = space.document.node("hidden").id
    space.asking.ask(hidden, "y", (0, 1))
    row = space.run.grad("x").copy()
    space.set_element(hidden, "weight", (1, 0), 5.0)
    assert space.run.grad("x")[0, 0] == 5.0 != row[0, 0]
    space.set_element(space.document.node("x").id, "y", (0, 0), 3.0)
    space.asking.leave()
    assert space.run.value("hidden.weight")[1, 0] == 5.0
    assert space.run.value("x")[0, 0] == 3.0
    assert space.run.cursor == space.run.backward_end
    fresh = Run(space.document)
    for name, values in space.run.parameters.items():
        fresh.set(name, values)
    fresh.feed(x=space.run.value("x"))
    fresh.backward()
    for name in fresh.gradients:
        assert np.array_equal(fresh.grad(name), space.run.grad(name))


def xor_with_values() -> Graph:
    g = Graph("xor")
    x = g.add("Input", name="x", value=((0.0, 1.0), (1.0, 1.0)))
    h = g.add("Tanh", g.add("Linear", x, name="hidden", units=3), name="tanh")
    g.add("Mean", g.add("Linear", h, name="out", units=1), name="loss")
    return g


def test_stepping_in_a_question_goes_round_in_the_same_pass():
    run = Run(by_hand(), goal="h", at=(0, 0))
    run.forward()
    run.backward()
    row = run.grad("x")
    assert run.step().phase == "forward"
    assert (run.cursor, run.steps_done) == (1, 0)
    assert run.back().phase == "forward"
    assert run.back() is None
    for _ in run.steps():
        pass
    assert np.array_equal(run.grad("x"), row)


# Edits while a question is open


def test_a_question_goes_on_after_an_edit_and_follows_its_node_into_a_group():
    g = by_hand()
    space = Workspace(g.document)
    h = g["h"].id
    space.asking.ask(h, "y", (0, 2))
    g.set("x", value=((1.0, 1.0, 1.0), (0.0, 0.0, 0.0)))
    _, over = space.asking.around(space.load, g.document)
    assert over is None
    assert space.run.grad("h").tolist() == [[0, 0, 1], [0, 0, 0]]
    group = g.group("first", "h", name="cell")
    _, over = space.asking.around(space.load, g.document)
    assert over is None
    assert space.asking.told() == m.Asked(f"{group.id}/{h}", "y", (0, 2))
    assert space.run.plan.goal_title == "cell/h[0, 2]"
    g.rename("cell", "block")
    space.asking.around(space.load, g.document)
    assert space.run.plan.goal_title == "block/h[0, 2]"


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda g: g.set("x", value=((1.0, 1.0, 1.0),)), r"h is 1×3 and has no element \[1, 2\]"),
        (lambda g: g.remove("h"), "There is no node"),
        (lambda g: g.disconnect("first", "a"), "h cannot run"),
    ],
)
def test_a_question_that_an_edit_makes_impossible_is_over_and_says_why(edit, words):
    g = by_hand()
    space = Workspace(g.document)
    space.asking.ask(g["h"].id, "y", (1, 2))
    edit(g)
    _, over = space.asking.around(space.load, g.document)
    assert isinstance(over, (GoalError, UnknownNodeError))
    assert words.replace("\\", "") in str(over)
    assert space.asking.told() is None
    assert space.run is space.asking.trained


def test_what_cannot_be_asked_leaves_the_open_question_open():
    g = by_hand()
    space = Workspace(g.document)
    space.asking.ask(g["h"].id, "y", (1, 2))
    row = space.run.grad("x").copy()
    for node, at in ((g["out"].id, (9, 9)), (g["h"].id, (9, 9))):
        with pytest.raises(GoalError):
            space.asking.ask(node, "y", at)
    assert space.run.plan.goal_title == "h[1, 2]"
    assert np.array_equal(space.run.grad("x"), row)


def test_nothing_fed_is_said():
    space = Workspace(xor_graph().document)
    with pytest.raises(FeedError):
        space.asking.ask(space.document.node("hidden").id, "y", None)
    assert space.asking.told() is None


# What else speaks of the goal


def test_the_gradient_check_is_of_what_is_asked():
    for at in ((1, 2), "sum"):
        report = check_gradients(Run(by_hand(), goal="out", at=at))
        assert report.passed
        assert report.errors
    run = Run(in_a_group())
    run.forward()
    assert check_gradients(ask(run, "cell/act", (0, 1))).passed


def test_a_gradient_is_explained_as_one_of_what_is_asked():
    run = Run(by_hand(), goal="h", at=(0, 2), dtype="float64")
    run.backward()
    found = run.explain("x", (0, 1), "grad")
    assert found.title == "∂h[0, 2]/∂x.y[0, 1]"
    assert found.term.value == pytest.approx(run.grad("x")[0, 1], abs=1e-12)
    own = run.explain("h", (0, 2), "grad")
    assert own.term.value == own.shown == 1
    assert "itself, which is asked about" in own.note
    other = run.explain("h", (1, 2), "grad")
    assert other.term.value == other.shown == 0
    assert "another element" in other.note
    assert "h[0, 2] does not depend on it" in run.explain("out", (0, 0), "grad").note


def test_conditions_still_mean_the_loss_of_the_document():
    from graphlab.engine.breakpoints import numbers_of

    space = Workspace(by_hand().document)
    space.phase("forward")
    loss = space.run.loss
    space.asking.ask(space.document.node("h").id, "y", (0, 0))
    assert numbers_of(space)["loss"] == loss != space.run.loss


def test_arrays_that_the_question_does_not_reach_are_not_there():
    space = Workspace(by_hand().document)
    space.phase("backward")
    key = TensorKey("grad", space.document.node("second").id, "y")
    assert space.array(key) is not None
    space.asking.ask(space.document.node("h").id, "y", (0, 0))
    assert space.array(key) is None
    space.asking.leave()
    assert space.array(key) is not None


def test_a_trained_run_with_only_parameter_gradients_is_asked_about_its_inputs_too():
    run = Trainer(winding_graph()).run
    run.forward()
    assert ask(run, "scores", (0, 0)).grad("data.x").any()
