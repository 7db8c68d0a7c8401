"""Recurrent layers: sizes that stay open, states that are shared or learnt, and the same network drawn step by step."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run, infer
from graphlab.errors import ParamError, ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial

N, T = Dim("N"), Dim("T")
layers = pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])


def specs(op, x):
    made = make(op, {"hidden_size": 4})
    learnable = {name: Spec(shape) for name, shape in made.learnable(x=x).items()}
    return made.infer(x, **{s.name: learnable.get(s.name) for s in made.sockets()[1:]})


@layers
def test_batch_and_length_may_stay_open(op):
    y, h_n, *_ = specs(op, Spec((T, N, 3)))
    assert y == Spec((T, N, 4))
    assert h_n == Spec((1, N, 4))


@layers
@pytest.mark.parametrize("shape", [(5, 3), (T, N, Dim("E")), (0, 2, 3)])
def test_an_x_without_steps_or_features_is_refused(op, shape):
    with pytest.raises(ShapeError):
        specs(op, Spec(shape))


@layers
def test_a_state_of_another_size_is_refused_with_the_numbers(op):
    g = Graph()
    x = g.add("Input", name="x", shape=("T", "N", 3))
    state = g.add("Input", name="state", shape=(1, "N", 5))
    layer = g.add(op, x, name="layer", hidden_size=4)
    g.connect(state, "layer.h_0")
    problem = infer(g).problems_of(layer.id)[0]
    assert problem.socket == "h_0"
    assert "1×N×5" in problem.message
    assert "1×N×4" in problem.message


@layers
def test_all_weights_begin_between_plus_and_minus_one_over_the_root_of_hidden(op):
    g = Graph()
    g.add(op, g.add("Input", name="x", shape=("T", "N", 200)), name="layer", hidden_size=16, num_layers=2)
    for name, values in Run(g).parameters.items():
        assert np.abs(values).max() <= 0.25, name
        assert np.abs(values).max() > 0.15, name


@layers
def test_a_learnt_initial_state_begins_at_zero_and_is_learnt(op):
    g = Graph()
    x = g.add("Input", name="x", shape=("T", "N", 2))
    layer = g.add(op, x, name="layer", hidden_size=3, initial_state="learnable")
    g.add("Mean", g.add("Tanh", layer), name="goal")
    run = Run(g, dtype="float64")
    run.feed(x=np.random.default_rng(0).standard_normal((4, 5, 2)))
    assert not run.parameters["layer.h_0"].any()
    run.train_step()
    assert run.parameters["layer.h_0"].shape == (1, 1, 3)
    assert run.parameters["layer.h_0"].all()


@layers
def test_reading_backwards_is_reading_the_turned_sequence(op):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((5, 2, 3))
    both = Trial(op, {"hidden_size": 4, "bidirectional": True}, {"x": x})
    weights = {n: a for n, a in both.inputs.items() if n.endswith("_reverse")}
    alone = Trial(
        op, {"hidden_size": 4}, {"x": x[::-1]} | {n.removesuffix("_reverse"): a for n, a in weights.items()}
    )
    assert np.array_equal(both.forward()["y"][:, :, 4:], alone.forward()["y"][::-1])


@layers
def test_a_layer_that_reads_from_the_end_is_the_turned_half_of_one_that_reads_both_ways(op):
    x = np.random.default_rng(0).standard_normal((5, 2, 3))
    both = Trial(op, {"hidden_size": 4, "bidirectional": True}, {"x": x})
    names = {n.removesuffix("_reverse"): a for n, a in both.inputs.items() if n.endswith("_reverse")}
    alone = Trial(op, {"hidden_size": 4, "reverse": True}, {"x": x} | names)
    one, other = both.forward(), alone.forward()
    assert np.array_equal(one["y"][:, :, 4:], other["y"])
    assert np.array_equal(one["h_n"][1:], other["h_n"])
    assert np.array_equal(other["y"][0], other["h_n"][0])
    with pytest.raises(ParamError, match="both ways already"):
        make(op, {"bidirectional": True, "reverse": True})


def test_the_fused_network_is_the_one_drawn_step_by_step():
    steps, rng = 4, np.random.default_rng(1)
    x = rng.standard_normal((steps, 2, 3))
    fused, drawn = Graph("fused"), Graph("drawn")
    layer = fused.add("RNN", fused.add("Input", name="x", shape=("T", "N", 3)), name="rnn", hidden_size=4)
    fused.add("Sum", layer, name="goal")
    weights = {
        n: drawn.add("Parameter", name=n, shape=s) for n, s in {"W": (4, 3), "U": (4, 4), "b": (4,)}.items()
    }
    h, total = drawn.add("Input", name="h", shape=("N", 4)), None
    for t in range(steps):
        seen = drawn.add("Linear", drawn.add("Input", name=f"x{t}", shape=("N", 3)), name=f"in{t}", units=4)
        kept = drawn.add("Linear", h, name=f"back{t}", units=4, bias=False)
        for source, target in (("W", f"in{t}.weight"), ("b", f"in{t}.bias"), ("U", f"back{t}.weight")):
            drawn.connect(weights[source], target)
        h = drawn.add("Tanh", drawn.add("Add", seen, kept), name=f"h{t}")
        part = drawn.add("Sum", h, name=f"sum{t}")
        total = part if total is None else drawn.add("Add", total, part)
    one, many = Run(fused, dtype="float64"), Run(drawn, dtype="float64")
    for name, theirs in (("weight_ih_l0", "W"), ("weight_hh_l0", "U"), ("bias_ih_l0", "b")):
        many.set(f"{theirs}.value", one.parameters[f"rnn.{name}"])
    one.set("rnn.bias_hh_l0", np.zeros(4))
    one.feed(x=x)
    many.feed(h=np.zeros((2, 4)), **{f"x{t}": x[t] for t in range(steps)})
    for run in (one, many):
        run.forward()
        run.backward()
    np.testing.assert_allclose(one.gradients["rnn.weight_hh_l0"], many.gradients["U.value"], atol=1e-12)
    np.testing.assert_allclose(one.gradients["rnn.weight_ih_l0"], many.gradients["W.value"], atol=1e-12)
    np.testing.assert_allclose(
        one.grad("x"), np.stack([many.grad(f"x{t}") for t in range(steps)]), atol=1e-12
    )


@layers
def test_recorded_training_is_bit_for_bit_the_stepped_one(op):
    def trained(steps, one_by_one):
        g = Graph()
        x = g.add("Input", name="x", value=np.random.default_rng(0).standard_normal((3, 2, 2)).tolist())
        g.add(
            "Mean", g.add(op, x, name="layer", hidden_size=3, num_layers=2, bidirectional=True), name="goal"
        )
        run = Run(g)
        for _ in range(steps):
            if one_by_one:
                for _ in run.schedule:
                    run.step()
            else:
                run.train_step()
        return run.state()["parameters"]

    assert np.array_equal(trained(5, True), trained(5, False))
