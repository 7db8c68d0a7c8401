"""Back-propagation: sums over outgoing edges, agreement with PyTorch on random graphs, the gradient check."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.engine import Run, Trainer, check_gradients
from graphlab.errors import FeedError, ProblemsError, UnknownNodeError
from graphlab.graph import Graph
from graphlab.ops import get
from tests.engine.networks import winding_graph, xor_feed, xor_graph

# Contributions


def test_every_gradient_is_the_sum_of_what_its_edges_contribute():
    run = Trainer(winding_graph(), input_gradients=True, dtype="float64").run
    run.backward()
    sums = 0
    for key in run.plan.active:
        name = run.plan.nodes[key].path
        for output in run.plan.op(key).results():
            terms = run.contributions(f"{name}.{output}")
            if terms:
                what_came_first_is_added_first = sum(reversed(terms.values()))
                assert np.array_equal(what_came_first_is_added_first, run.grad(f"{name}.{output}"))
                sums += len(terms) > 1
    assert sums >= 4  # data, shared, bias, both


def test_contributions_are_named_by_consumer_and_socket_in_the_order_of_the_schedule():
    run = Trainer(winding_graph(), input_gradients=True).run
    run.backward()
    assert list(run.contributions("shared")) == ["first.weight", "second.weight"]
    assert list(run.contributions("both")) == ["dropout.x", "skip.b"]
    assert list(run.contributions("loss")) == []


def test_one_node_plugged_twice_into_the_same_consumer_contributes_twice():
    g = Graph()
    x = g.add("Input", name="x", value=(3.0, -2.0))
    g.add("Sum", g.add("Mul", x, x, name="square"), name="total")
    run = Run(g, dtype="float64")
    run.backward()
    assert {n: t.tolist() for n, t in run.contributions("x").items()} == {
        "square.a": [3, -2],
        "square.b": [3, -2],
    }
    assert run.grad("x").tolist() == [6, -4]


def test_a_shared_parameter_gets_the_gradient_of_both_layers():
    run = Trainer(winding_graph(), input_gradients=True, dtype="float64").run
    run.backward()
    terms = run.contributions("shared")
    assert np.array_equal(run.gradients["shared.value"], terms["first.weight"] + terms["second.weight"])
    assert np.array_equal(run.grad("shared"), run.grad("shared.value"))


def test_what_the_goal_ignores_has_a_gradient_of_zeros():
    g = xor_graph()
    g.add("Tanh", "hidden", name="aside")
    run = Run(g)
    run.feed(**xor_feed())
    run.backward()
    assert not run.grad("aside").any()
    assert run.grad("hidden").any()


def test_without_input_gradients_only_what_leads_to_parameters_is_computed():
    run = Run(xor_graph(), input_gradients=False)
    run.feed(**xor_feed())
    run.backward()
    assert not run.grad("x").any()
    assert run.grad("hidden.weight").any()
    assert "backward x" not in [f"{e.phase} {e.node}" for e in run.schedule]


def test_another_goal_gives_other_gradients():
    g = Graph()
    a, b = (g.add("Input", name=n, value=v) for n, v in (("a", 2.0), ("b", 5.0)))
    g.add("Mul", a, b, name="product")
    g.add("Add", a, b, name="sum")
    for goal, expected in (("product", 5), ("sum", 1)):
        run = Run(g, goal=goal)
        run.backward()
        assert run.grad("a") == expected
    with pytest.raises(UnknownNodeError, match="Did you mean 'product'"):
        Run(g, goal="produkt")


# Random graphs against PyTorch

SHAPES = [(), (3,), (2, 1), (2, 3)]
UNARY = ("Tanh", "Sigmoid", "Neg", "Exp", "ReLU")
BINARY = ("Add", "Sub", "Mul")


@st.composite
def plans(draw):
    """A random DAG: leaves with shapes, then operations on anything before them."""
    leaves = draw(st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4))
    steps = []
    for k in range(draw(st.integers(1, 12))):
        before = st.integers(0, len(leaves) + k - 1)
        if draw(st.booleans()):
            steps.append((draw(st.sampled_from(UNARY)), (draw(before),)))
        else:
            steps.append((draw(st.sampled_from(BINARY)), (draw(before), draw(before))))
    return leaves, steps, draw(st.integers(0, 2**32 - 1))


def build(leaves, steps, seed):
    """The graph of a plan: leaves are Parameters and Inputs in turn; what nobody uses is added up into the goal."""
    g, rng = Graph(), np.random.default_rng(seed)
    ops = ("Parameter", "Input")
    numbers = [rng.uniform(-1, 1, shape) for shape in leaves]
    nodes = [
        g.add(ops[k % 2], name=f"leaf{k}", value=tuple(n.tolist()) if n.ndim == 1 else n.tolist())
        for k, n in enumerate(numbers)
    ]
    used = set()
    for k, (op, sources) in enumerate(steps):
        if op == "Exp":  # of something small, so that towers of it stay finite
            nodes.append(g.add("Exp", g.add("Tanh", nodes[sources[0]])))
        else:
            nodes.append(g.add(op, *(nodes[i] for i in sources), name=f"step{k}"))
        used.update(sources)
    ends = [node for i, node in enumerate(nodes) if i not in used]
    totals = [g.add("Sum", end) for end in ends]
    goal = totals[0]
    for total in totals[1:]:
        goal = g.add("Add", goal, total)
    return g, g.add("Mul", goal, b=1.0, name="goal"), numbers


def torch_gradients(torch, leaves, steps, numbers):
    tensors = [torch.tensor(n, dtype=torch.float64, requires_grad=True) for n in numbers]
    values, used = list(tensors), set()
    unary = {
        "Tanh": torch.tanh,
        "Sigmoid": torch.sigmoid,
        "Neg": torch.neg,
        "Exp": lambda x: torch.exp(torch.tanh(x)),
        "ReLU": torch.relu,
    }
    binary = {"Add": torch.add, "Sub": torch.sub, "Mul": torch.mul}
    for op, sources in steps:
        values.append((unary.get(op) or binary[op])(*(values[i] for i in sources)))
        used.update(sources)
    goal = sum(value.sum() for i, value in enumerate(values) if i not in used)
    goal.backward()
    return goal, [t.grad if t.grad is not None else torch.zeros_like(t) for t in tensors]


@pytest.mark.parity
@settings(max_examples=60, deadline=None)
@given(plan=plans())
def test_random_graphs_agree_with_pytorch(plan):
    torch = pytest.importorskip("torch")
    leaves, steps, seed = plan
    g, _, numbers = build(leaves, steps, seed)
    run = Run(g, goal="goal", dtype="float64")
    run.backward()
    goal, expected = torch_gradients(torch, leaves, steps, numbers)
    assert run.loss == pytest.approx(goal.item(), rel=1e-12, abs=1e-12)
    for k, gradient in enumerate(expected):
        np.testing.assert_allclose(run.grad(f"leaf{k}"), gradient.numpy(), rtol=1e-9, atol=1e-12)
    for node in run.plan.nodes.values():
        terms = run.contributions(node.path)
        if terms:
            np.testing.assert_allclose(sum(terms.values()), run.grad(node.path), rtol=1e-12, atol=1e-14)


@settings(max_examples=30, deadline=None)
@given(plan=plans())
def test_random_graphs_step_and_run_alike(plan):
    g, _, _ = build(*plan)
    fast, slow = Run(g, goal="goal"), Run(g, goal="goal")
    fast.backward()
    for _ in range(slow.backward_end):
        slow.step()
    for node in fast.plan.nodes.values():
        assert slow.value(node.path).tobytes() == fast.value(node.path).tobytes()
        assert slow.grad(node.path).tobytes() == fast.grad(node.path).tobytes()


# The gradient check


@pytest.mark.parametrize("activation", ["Tanh", "Sigmoid"])
def test_the_gradient_check_passes_on_a_sound_network(activation):
    g = xor_graph()
    g.add(activation, "tanh", name="more")
    g.connect("more", "out.x")
    run = Run(g, dtype="float32")
    run.feed(**xor_feed())
    report = check_gradients(run)
    assert report.passed
    assert report.errors.keys() == run.parameters.keys()
    assert report.worst <= 1e-7


def test_the_gradient_check_works_with_dropout_and_leaves_the_run_as_it_was():
    run = Trainer(winding_graph(), input_gradients=True).run
    run.train(3)
    before = run.state()
    assert check_gradients(run).passed
    after = run.state()
    assert after["parameters"].tobytes() == before["parameters"].tobytes()
    assert after["step"] == before["step"]


def test_the_gradient_check_finds_a_wrong_gradient(monkeypatch):
    right = get("Tanh").backward

    def wrong(self, ctx, dy, *, x, y, dx):
        right(self, ctx, dy, x=x, y=y, dx=dx)
        if dx is not None:
            np.multiply(dx, 1.001, dx)

    monkeypatch.setattr(get("Tanh"), "backward", wrong)
    run = Run(xor_graph())
    run.feed(**xor_feed())
    report = check_gradients(run)
    assert not report.passed
    assert report.errors["hidden.weight"] > 1e-4
    assert report.errors["out.weight"] <= 1e-7  # behind the tanh nothing is wrong


def test_the_gradient_check_needs_a_goal_and_a_feed():
    g = Graph()
    g.add("Linear", g.add("Input", name="x", shape=("N", 2)))
    with pytest.raises(ProblemsError, match="no goal"):
        check_gradients(Run(g))
    with pytest.raises(FeedError, match="x has not been fed"):
        check_gradients(Run(xor_graph()))
