"""How far back a gradient reaches: of fused layers, against differences and by the power of a weight."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.aside import Aside
from graphlab.engine.reach import by_lag, reach, reached
from graphlab.engine.through_copies import spectral_radius
from graphlab.engine.workspace import Workspace
from graphlab.errors import ProblemsError
from graphlab.graph import Graph
from tests.engine.cells import elman, give, gru, lstm, ports, unrolled

T = 5
RNG = np.random.default_rng(0)


def told(graph: Graph, *, last_alone: bool = True, **fed: Any) -> tuple[Workspace, m.Reached]:
    space = Workspace(graph.document)
    space.run.feed(**fed)
    return space, reached(space, 7, m.Reach(3, last_alone))


def linear(weight: float) -> Graph:
    """hₜ = weight · hₜ₋₁ + xₜ over one number; the loss is the sum of all states."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T, 1))
    layer = graph.add(
        "RNN", x, name="memory", hidden_size=1, nonlinearity="relu", bias=False, batch_first=True
    )
    graph.add("Sum", layer["y"], name="loss")
    return graph


def test_of_a_linear_network_it_is_the_power_of_its_weight() -> None:
    graph = linear(0.5)
    space = Workspace(graph.document)
    space.run.set("memory.weight_hh_l0", [[0.5]])
    space.run.set("memory.weight_ih_l0", [[1.0]])
    space.run.feed(x=np.ones((1, T, 1)))
    last = reached(space, 7, m.Reach(3, True))
    assert (last.run, last.request, last.step, last.message) == (7, 3, 0, "")
    (layer,) = last.layers
    assert (layer.name, layer.title) == ("memory", "RNN")
    np.testing.assert_allclose(layer.norms["h"], 0.5 ** np.arange(T), rtol=1e-6)
    assert layer.radii == {"": pytest.approx(0.5)}
    whole = reached(space, 7, m.Reach(3, False)).layers[0].norms["h"]
    np.testing.assert_allclose(whole, np.cumsum(0.5 ** np.arange(T)), rtol=1e-6)


@pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])
def test_the_run_is_left_as_it_is(op: str) -> None:
    """Its values, gradients and feed are the same to the bit, and so is the training that goes on."""
    graph = Graph()
    data = graph.add("Dataset", name="data", dataset="digits", samples=80, layout="image")
    rows = graph.add("Reshape", data["x"], name="rows", shape=(-1, 8, 8))
    layer = graph.add(op, rows, name="memory", hidden_size=6, batch_first=True)
    last = graph.add("Flatten", graph.add("Slice", layer["y"], dim=1, start=-1), name="last")
    out = graph.add("Linear", last, name="out", units=10)
    graph.add("CrossEntropyLoss", out, data["target"], name="loss")
    graph.configure(batch_size=16)
    spaces = [Workspace(graph.document) for _ in range(2)]
    for space in spaces:
        space.train(3)
    before = {name: a.copy() for name, a in spaces[0].run.weights.items()}
    gradient = spaces[0].run.store.gradient.copy()
    found = reached(spaces[0], 0, m.Reach(1))
    assert found.message == ""
    assert found.split == "validation"
    assert found.rows == len(found_rows(spaces[0]))
    assert np.array_equal(gradient, spaces[0].run.store.gradient)
    assert all(np.array_equal(a, spaces[0].run.weights[n]) for n, a in before.items())
    for space in spaces:
        space.train(3)
    for name, array in spaces[0].run.weights.items():
        np.testing.assert_array_equal(array, spaces[1].run.weights[name])
    assert set(found.layers[0].norms) == ({"h", "c"} if op == "LSTM" else {"h"})
    assert set(found.layers[0].radii) == {"RNN": {""}, "LSTM": set("ifgo"), "GRU": set("rzn")}[op]
    assert found.gradient > 0


def found_rows(space: Workspace) -> Any:
    return space.asking.passes.rows


def test_only_what_reaches_the_last_step_counts_when_it_stands_alone() -> None:
    """The loss looks at the first moment only: of the last step alone there is nothing."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T, 2))
    layer = graph.add("GRU", x, name="memory", hidden_size=3, batch_first=True)
    graph.add("Sum", graph.add("Slice", layer["y"], name="first", dim=1, end=1), name="loss")
    fed = np.random.default_rng(0).standard_normal((2, T, 2))
    _, alone = told(graph, x=fed)
    assert not alone.layers[0].norms["h"].any()
    _, whole = told(graph, x=fed, last_alone=False)
    assert whole.layers[0].norms["h"][:-1].tolist() == [0.0] * (T - 1)
    assert whole.layers[0].norms["h"][-1] > 0


def test_layers_and_directions_have_a_curve_each() -> None:
    graph = Graph()
    x = graph.add("Input", name="x", shape=(T, "N", 2))
    layer = graph.add("LSTM", x, name="memory", hidden_size=3, num_layers=2, bidirectional=True)
    graph.add("Sum", layer["y"], name="loss")
    _, found = told(graph, x=np.random.default_rng(0).standard_normal((T, 2, 2)))
    assert [each.name for each in found.layers] == [
        f"memory · layer {k}, {way}" for k in (1, 2) for way in ("forwards", "backwards")
    ]
    assert len({each.key for each in found.layers}) == 4


def test_what_clipping_does_is_told() -> None:
    graph = linear(0.5)
    graph.configure(clip_norm=0.25)
    space = Workspace(graph.document)
    space.run.set("memory.weight_hh_l0", [[0.5]])
    space.run.set("memory.weight_ih_l0", [[1.0]])
    space.run.feed(x=np.ones((1, T, 1)))
    assert math.isnan(reached(space, 0, m.Reach(1)).gradient)
    space.run.backward()
    found = reached(space, 0, m.Reach(1))
    assert found.gradient > 1
    assert found.clipped == pytest.approx(0.25, rel=1e-5)


def test_without_a_recurrent_layer_it_says_what_is_needed() -> None:
    graph = Graph()
    graph.add("Sum", graph.add("Input", name="x", shape=("N", 2)), name="loss")
    space, found = told(graph, x=np.ones((1, 2)))
    assert found.layers == ()
    assert "reads a sequence" in found.message
    assert "LSTM" in found.hint
    with pytest.raises(ProblemsError):
        reach(Aside(space.run), space, True)


def test_the_spectral_radius_is_the_largest_eigenvalue() -> None:
    rng = np.random.default_rng(1)
    for size in (1, 4, 40):
        matrix = rng.standard_normal((size, size))
        expected = np.abs(np.linalg.eigvals(matrix)).max()
        assert spectral_radius(matrix) == pytest.approx(expected, rel=1e-5)
    turning = np.array([[0.0, -0.9], [0.9, 0.0]])  # two complex eigenvalues
    assert spectral_radius(turning) == pytest.approx(0.9, rel=1e-6)
    assert spectral_radius(np.array([[0.0, 1.0], [0.0, 0.0]])) == 0.0
    assert spectral_radius(np.array([[1.0, 1.0], [0.0, 1.0]])) == pytest.approx(1.0, rel=1e-4)
    assert math.isnan(spectral_radius(np.array([[np.nan]])))


def test_norms_neither_vanish_nor_overflow_before_the_gradients_do() -> None:
    gradients = np.array([[1e-300, 0.0], [3e200, 4e200], [0.0, 0.0]])
    assert by_lag(gradients).tolist() == pytest.approx([0.0, 5e200, 1e-300])


# Cells that are repeated


@pytest.mark.parametrize("last_alone", [True, False])
@pytest.mark.parametrize(("fused", "cell"), [("RNN", elman), ("LSTM", lstm), ("GRU", gru)])
def test_a_repeated_cell_has_the_curve_of_the_fused_layer(fused: str, cell: Any, last_alone: bool) -> None:
    graph = unrolled(cell())
    layer = graph.add(fused, "x", name="fused", hidden_size=4, batch_first=True)
    graph.add("Mean", graph.add("Square", layer["y"]), name="other")
    x = RNG.standard_normal((2, T, 3))
    both = []
    for goal in ("loss", "other"):
        graph.configure(goal=goal)
        space = Workspace(graph.document)
        shapes = {name: numbers_for(name, array.shape) for name, array in space.run.parameters.items()}
        for name, values in shapes.items():
            space.run.set(name, values)
        space.run.feed(x=x)
        found = reached(space, 0, m.Reach(1, last_alone))
        both.append(next(each for each in found.layers if (each.name == "fused") == (goal == "other")))
    drawn, whole = both
    assert drawn.name == "rnn"
    assert set(drawn.norms) == set(whole.norms)
    for state, norms in whole.norms.items():
        np.testing.assert_allclose(drawn.norms[state], norms, rtol=2e-5)
    assert sorted(drawn.radii.values()) == pytest.approx(sorted(whole.radii.values()), rel=1e-5)


def numbers_for(name: str, shape: tuple[int, ...]) -> Any:
    """The same numbers for the weights of both."""
    kind = ("hh" in name, "bias" in name)
    return 0.6 * np.random.default_rng(kind).standard_normal(shape)


def test_of_the_last_step_alone_the_outputs_of_others_do_not_count() -> None:
    """hₜ = 0.5 hₜ₋₁ + xₜ as a cell, every state in the loss: alone 0.5 to the power of the lag, together their sum."""
    cell = Graph("linear")
    x, h = ports(cell, "x", "h_prev")
    kept = cell.add("Linear", h, name="hh", units=1, bias=False)
    give(cell, h=cell.add("Reshape", cell.add("Add", x, kept), shape=(-1, 1)))
    graph = Graph()
    source = graph.add("Input", name="x", shape=("N", T, 1))
    graph.add("Sum", graph.unroll(cell, source, name="rnn", steps=T), name="loss")
    space = Workspace(graph.document)
    space.run.set("rnn/hh weight.value", [[0.5]])
    space.run.feed(x=np.ones((1, T, 1)))
    (alone,) = reached(space, 0, m.Reach(1, True)).layers
    (whole,) = reached(space, 0, m.Reach(1, False)).layers
    np.testing.assert_allclose(alone.norms["h"], 0.5 ** np.arange(T), rtol=1e-6)
    np.testing.assert_allclose(whole.norms["h"], np.cumsum(0.5 ** np.arange(T)), rtol=1e-6)
    assert (alone.title, alone.radii) == ("linear", {"": pytest.approx(0.5)})
