"""Gradients of the states of fused recurrent layers, moment by moment, against what changing the states does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.ops import Clock, Context, Spec, make
from graphlab.ops.state_flow import held, state_gradients

T, N, H = 6, 2, 3


class Layer:
    """A layer with random weights and a loss that weighs everything it gives."""

    def __init__(self, op: str, time_major: bool = True, **params: Any) -> None:
        rng = np.random.default_rng(3)
        self.op = make(op, {"hidden_size": H, "batch_first": not time_major, **params})
        x = rng.standard_normal((T, N, 4) if time_major else (N, T, 4))
        shapes = self.op.learnable(x=Spec(x.shape))
        self.inputs: dict[str, Any] = dict.fromkeys(s.name for s in self.op.sockets())
        self.inputs |= {"x": x} | {n: 0.7 * rng.standard_normal(s) for n, s in shapes.items()}
        self.outputs = self.forward({})
        self.upstream = {n: rng.standard_normal(a.shape) for n, a in self.outputs.items()}

    def ctx(self) -> Context:
        return Context("layer", Clock(), np.float64)

    def forward(self, changed: dict[str, Any]) -> dict[str, Any]:
        inputs = self.inputs | changed
        specs = [None if a is None else _spec(a) for a in inputs.values()]
        found = self.op.infer(*specs[:1], **dict(zip(list(inputs)[1:], specs[1:], strict=True)))
        outputs = {n: np.zeros(s.shape) for n, s in zip(self.op.results(), found, strict=True)}
        self.op.forward(self.ctx(), *inputs.values(), **outputs)
        return outputs

    def gradients(self, **more: Any) -> list[Any]:
        return state_gradients(self.op, self.ctx(), self.inputs, self.outputs, self.upstream, **more)

    def loss_after(self, t: int, states: dict[str, Any], *, last_alone: bool) -> float:
        """What the loss is, as far as it depends on the states after moment t, when they are these."""
        y = states["h"] * (0.0 if last_alone and t < T - 1 else self.upstream["y"][t])
        loss = y.sum()
        if t == T - 1:
            return float(loss + sum((states[s] * self.upstream[f"{s}_n"][0]).sum() for s in states))
        starts = {f"{s}_0": states[s][None] for s in states}
        later = self.forward({"x": self.inputs["x"][t + 1 :], **starts})
        weighed = later["y"] * self.upstream["y"][t + 1 :]
        loss += (weighed[-1:] if last_alone else weighed).sum()
        return float(loss + sum((later[f"{s}_n"] * self.upstream[f"{s}_n"]).sum() for s in states))


def _spec(array: Any) -> Spec:
    return Spec(array.shape)


@pytest.mark.parametrize("last_alone", [False, True])
@pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])
def test_the_gradient_of_a_state_is_what_changing_it_does(op: str, last_alone: bool) -> None:
    layer = Layer(op)
    (flow,) = layer.gradients(last_alone=last_alone)
    (values,) = held(layer.op, layer.ctx(), layer.inputs)
    names = layer.op.states_of
    assert set(flow.arrays) == set(names)
    for t in (0, 2, T - 1):
        states = {s: values.arrays[s][t] for s in names}
        for name in names:
            for at in ((0, 0), (1, 2)):
                ends = []
                for step in (1e-6, -1e-6):
                    moved = {s: a.copy() for s, a in states.items()}
                    moved[name][at] += step
                    if name == "c":  # which is seen in the state of the same moment
                        moved["h"] = values.arrays["o"][t] * np.tanh(moved["c"])
                    ends.append(layer.loss_after(t, moved, last_alone=last_alone))
                slope = (ends[0] - ends[1]) / 2e-6
                assert flow.arrays[name][t][at] == pytest.approx(slope, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])
def test_rows_first_and_reading_backwards_come_to_the_same(op: str) -> None:
    there = Layer(op)
    (expected,) = there.gradients()
    turned = Layer(op, time_major=False)
    turned.inputs = there.inputs | {"x": there.inputs["x"].swapaxes(0, 1)}
    turned.outputs, turned.upstream = turned.forward({}), dict(there.upstream)
    turned.upstream["y"] = there.upstream["y"].swapaxes(0, 1)
    for name, array in turned.gradients()[0].arrays.items():
        np.testing.assert_allclose(array, expected.arrays[name], atol=1e-14)
    both = Layer(op, bidirectional=True)
    weights = {n: a for n, a in there.inputs.items() if n.startswith(("weight", "bias"))}
    both.inputs |= {"x": there.inputs["x"][::-1]} | {f"{n}_reverse": a for n, a in weights.items()}
    both.outputs = both.forward({})
    both.upstream = {n: np.zeros_like(a) for n, a in both.outputs.items()}
    both.upstream["y"][:, :, H:] = there.upstream["y"][::-1]
    for name in there.op.states_of:
        both.upstream[f"{name}_n"][1] = there.upstream[f"{name}_n"][0]
    forth, back = both.gradients()
    assert back.tag == "_l0_reverse"
    assert not any(array.any() for array in forth.arrays.values())
    for name, array in back.arrays.items():
        np.testing.assert_allclose(array, expected.arrays[name], atol=1e-14)


@pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])
def test_a_lower_layer_gets_what_the_upper_hands_down(op: str) -> None:
    """Two layers in one node, and the same two one after another."""
    both = Layer(op, num_layers=2)
    lower, upper = Layer(op), Layer(op)
    for layer, at in ((lower, "_l0"), (upper, "_l1")):
        layer.inputs |= {
            n.replace(at, "_l0"): a for n, a in both.inputs.items() if n.endswith(at) and a is not None
        }
    lower.inputs["x"] = both.inputs["x"]
    lower.outputs = lower.forward({})
    upper.inputs["x"] = lower.outputs["y"]
    upper.outputs = upper.forward({})
    dx = np.zeros_like(upper.inputs["x"])
    states = {s: both.upstream[f"{s}_n"] for s in both.op.states_of}
    upper.upstream = {"y": both.upstream["y"]} | {f"{s}_n": a[1:] for s, a in states.items()}
    lower.upstream = {"y": dx} | {f"{s}_n": a[:1] for s, a in states.items()}
    nothing = {f"d{n}": None for n in upper.inputs} | {"dx": dx}
    upper.op.backward(upper.ctx(), *upper.upstream.values(), **upper.inputs, **upper.outputs, **nothing)
    for found, layer in zip(both.gradients(), (lower, upper), strict=True):
        for name, array in layer.gradients()[0].arrays.items():
            np.testing.assert_allclose(found.arrays[name], array, atol=1e-13)


def test_of_a_linear_network_it_is_the_power_of_its_weight() -> None:
    """hₜ = 0.8 hₜ₋₁ + xₜ: the gradient is 0.8 to the power of the lag."""
    layer = Layer("RNN", nonlinearity="relu", bias=False)
    layer.op = make("RNN", {"hidden_size": 1, "nonlinearity": "relu", "bias": False})
    layer.inputs |= {
        "x": np.ones((T, 1, 1)),
        "weight_ih_l0": np.ones((1, 1)),
        "weight_hh_l0": np.full((1, 1), 0.8),
    }
    layer.outputs = layer.forward({})
    layer.upstream = {"y": np.ones((T, 1, 1)), "h_n": None}
    (flow,) = layer.gradients(last_alone=True)
    np.testing.assert_allclose(flow.arrays["h"][::-1, 0, 0], 0.8 ** np.arange(T), rtol=1e-14)


def test_what_it_held_is_what_it_gave() -> None:
    layer = Layer("LSTM", batch_first=False)
    (found,) = held(layer.op, layer.ctx(), layer.inputs)
    assert list(found.arrays) == ["f", "i", "g", "o", "c", "h"]
    np.testing.assert_array_equal(found.arrays["h"], layer.outputs["y"])
    np.testing.assert_allclose(found.arrays["h"], found.arrays["o"] * np.tanh(found.arrays["c"]), atol=1e-15)
    np.testing.assert_array_equal(found.arrays["c"][-1], layer.outputs["c_n"][0])
    assert set(found.arrays) == set(layer.op.gate_words)
