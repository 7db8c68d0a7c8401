"""Other orders of computing: valid, different, and the same numbers."""

from __future__ import annotations

import random

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.engine.inference import infer
from graphlab.engine.ordering import Place, place_of
from graphlab.engine.training import Trainer
from graphlab.engine.workspace import Workspace
from graphlab.errors import SettingsError
from graphlab.graph import Document, Graph
from graphlab.graph.document import ORDERS
from graphlab.io import load
from graphlab.resources import resource

EXAMPLES = ("colah", "tanh-by-hand", "xor", "digits-mlp")


def diamond() -> Graph:
    """Two branches of two nodes from one input, summed; then a loss."""
    g = Graph()
    x = g.add("Constant", value=(0.3, -0.7), name="x")
    a1, b1 = g.add("Tanh", x, name="above"), g.add("Sin", x, name="below")
    a2, b2 = g.add("Square", a1, name="above again"), g.add("Cos", b1, name="below again")
    g.add("Mean", g.add("Add", a2, b2, name="sum"), name="goal")
    return g


def ordered(document: Document, order: str) -> Document:
    graph = Graph(document)
    graph.configure(order=order)
    return graph.document


def names(document: Document) -> list[str]:
    return [document.nodes[key].name for key in infer(document).order]


def test_three_orders_of_a_diamond() -> None:
    g = diamond()
    assert names(ordered(g.document, "created")) == [
        "x",
        "above",
        "below",
        "above again",
        "below again",
        "sum",
        "goal",
    ]
    assert names(ordered(g.document, "depth")) == [
        "x",
        "above",
        "above again",
        "below",
        "below again",
        "sum",
        "goal",
    ]
    late = Graph(ordered(g.document, "layers"))
    late.add("Neg", "x", name="late")
    assert names(late.document)[:4] == ["x", "above", "below", "late"]
    with pytest.raises(SettingsError, match="no order 'random'"):
        g.configure(order="random")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_order_steps_and_trains_to_the_same_numbers(name: str, order: str) -> None:
    graph, _ = load(resource("examples", f"{name}.graphlab"))
    runs = []
    for document in (graph.document, ordered(graph.document, order)):
        has_data = any(node.op == "Dataset" for node in document.nodes.values())
        run = Trainer(document, dtype="float64").run if has_data else Run(document, dtype="float64")
        for _ in range(len(run.schedule) if run.plan.goal else 0):
            run.step()
        run.backward()
        runs.append(run)
    plain, other = runs
    assert set(plain.plan.nodes) == set(other.plan.nodes)
    assert plain.loss == other.loss
    for key in plain.gradients:
        assert other.gradients[key] == pytest.approx(plain.gradients[key], rel=1e-12, abs=1e-15)
    assert list(plain.parameters) == list(other.parameters)


def layered(seed: int) -> Graph:
    """A random graph with much fan-out."""
    choose, g = random.Random(seed), Graph()
    values = [g.add("Parameter", value=(0.1 * k, -0.4), name=f"p_{k}") for k in range(3)]
    for k in range(30):
        if choose.random() < 0.5:
            values.append(g.add(choose.choice(("Tanh", "Sin", "Cos")), choose.choice(values), name=f"u_{k}"))
        else:
            values.append(g.add("Mul", choose.choice(values), choose.choice(values), name=f"m_{k}"))
    g.add("Sum", g.add("AddN", *values[-6:], name="all"), name="goal")
    return g


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("order", ORDERS[1:])
def test_random_graphs_have_valid_orders_and_full_speed_equals_stepping(seed: int, order: str) -> None:
    document = ordered(layered(seed).document, order)
    inference = infer(document)
    at = {key: k for k, key in enumerate(inference.order)}
    assert sorted(at) == sorted(document.nodes)
    assert all(at[e.source] < at[e.target] for e in document.edges.values())
    stepped, fast, plain = Run(document), Run(document), Run(layered(seed).document, dtype="float64")
    for _ in range(3 * len(stepped.schedule)):
        stepped.step()
    fast.train(3)
    assert all(np.array_equal(stepped.parameters[n], fast.parameters[n]) for n in fast.parameters)
    again = Run(document, dtype="float64")
    for run in (plain, again):
        run.backward()
    for name in plain.gradients:
        assert again.gradients[name] == pytest.approx(plain.gradients[name], rel=1e-10, abs=1e-12)


def test_a_node_can_say_why_it_stands_where_it_stands() -> None:
    document = diamond().document
    inference = infer(document)
    key = document.node("below again").id
    place = place_of(inference.nodes, inference.order, key)
    assert place == Place(5, 3, 5, (document.node("below").id,))
    assert place_of(inference.nodes, inference.order, document.node("x").id) == Place(1, 1, 1, ())
    assert place_of(inference.nodes, inference.order, document.node("sum").id).latest == 6


def test_another_order_keeps_weights_and_place_in_training() -> None:
    graph, _ = load(resource("examples", "xor.graphlab"))
    space = Workspace(graph.document)
    for _ in range(3):
        space.train(1)
    before = {name: value.copy() for name, value in space.run.parameters.items()}
    graph.configure(order="depth")
    assert space.load(graph.document)
    assert space.run.steps_done == 3
    assert all(np.array_equal(before[name], value) for name, value in space.run.parameters.items())
