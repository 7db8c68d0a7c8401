"""Ready-made cells: their numbers and gradients are those of fused layers, of PyTorch, and of the papers' formulas."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from tests.engine.cell_trial import HIDDEN, ROWS, STEPS, Arrays, Sequence, as_in_torch

FUSED = {"elman-cell": "RNN", "lstm-cell": "LSTM", "gru-cell": "GRU"}
alike = pytest.mark.parametrize("key", FUSED)


def close(one: np.ndarray, other: np.ndarray, what: str = "") -> None:
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9, err_msg=what)


@alike
def test_a_cell_is_the_fused_layer_drawn(key: str) -> None:
    drawn = Sequence(key)
    weights = drawn.weights()
    drawn.put(weights)
    g = Graph("fused")
    x = g.add("Input", name="x", shape=("N", "T", 5))
    layer = g.add(FUSED[key], x, name="layer", hidden_size=HIDDEN, batch_first=True)
    for state in drawn.states:
        g.connect(g.add("Input", name=f"{state}_0", shape=(1, "N", HIDDEN)), layer, f"{state}_0")
    g.add("Sum", g.add("Mul", layer, g.add("Input", name="w", shape=("N", "T", HIDDEN))), name="goal")
    fused = Run(g, dtype="float64", input_gradients=True)
    for name, values in as_in_torch(weights).items():
        fused.set(f"layer.{name}", values)
    states = {f"{s}_0": drawn.feed[f"{s}_0"][None] for s in drawn.states}
    fused.feed(x=drawn.x, w=drawn.feed["w"], **states)
    fused.forward()
    fused.backward()
    y, gradients = drawn.results()
    close(y, fused.value("layer"))
    close(gradients["x"], fused.grad("x"))
    for state in states:
        close(gradients[state], fused.grad(state)[0], state)
    for name in weights:
        close(
            gradients[name], fused.gradients[f"layer.{next(iter(as_in_torch({name: weights[name]})))}"], name
        )


@pytest.mark.parity
@alike
def test_a_cell_is_that_of_pytorch_with_its_state_dict(key: str) -> None:
    torch = pytest.importorskip("torch")
    drawn = Sequence(key)
    layer = getattr(torch.nn, FUSED[key])(5, HIDDEN, batch_first=True, dtype=torch.float64)
    ours = {f"{n}.{w}": layer.get_parameter(f"{w}_{n}_l0") for n in ("ih", "hh") for w in ("weight", "bias")}
    drawn.put({name: values.detach().numpy() for name, values in ours.items()})
    x = torch.tensor(drawn.x, requires_grad=True)
    begin = [torch.tensor(drawn.feed[f"{s}_0"][None], requires_grad=True) for s in drawn.states]
    theirs = layer(x, tuple(begin) if len(begin) > 1 else begin[0])[0]
    (theirs * torch.tensor(drawn.feed["w"])).sum().backward()
    y, gradients = drawn.results()
    close(y, theirs.detach().numpy())
    close(gradients["x"], x.grad.numpy())
    for state, tensor in zip(drawn.states, begin, strict=True):
        close(gradients[f"{state}_0"], tensor.grad.numpy()[0], state)
    for name, values in ours.items():
        close(gradients[name], values.grad.numpy(), name)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def rows(w: Arrays, name: str, x: np.ndarray) -> np.ndarray:
    return x @ w[f"{name}.weight"].T + w.get(f"{name}.bias", np.zeros(1))


def peephole_lstm(w: Arrays, x: np.ndarray, state: Arrays) -> tuple[np.ndarray, Arrays]:
    """Graves 2013, equations 7 to 11."""
    h, c = state["h"], state["c"]
    i, f, g, o = np.split(rows(w, "ih", x) + rows(w, "hh", h), 4, axis=1)
    i, f = sigmoid(i + w["p_i.value"] * c), sigmoid(f + w["p_f.value"] * c)
    c = f * c + i * np.tanh(g)
    h = sigmoid(o + w["p_o.value"] * c) * np.tanh(c)
    return h, {"h": h, "c": c}


def minimal_gated(w: Arrays, x: np.ndarray, state: Arrays) -> tuple[np.ndarray, Arrays]:
    """Zhou et al. 2016, equations 5 to 7."""
    h = state["h"]
    of_gate, of_new = np.split(rows(w, "ih", x), 2, axis=1)
    f = sigmoid(of_gate + rows(w, "forget hh", h))
    h = (1 - f) * h + f * np.tanh(of_new + rows(w, "candidate hh", f * h))
    return h, {"h": h}


def original_gru(w: Arrays, x: np.ndarray, state: Arrays) -> tuple[np.ndarray, Arrays]:
    """Cho et al. 2014, equations 5 to 8."""
    h = state["h"]
    r, z, of_new = np.split(rows(w, "ih", x), 3, axis=1)
    r, z = (sigmoid(a + b) for a, b in zip((r, z), np.split(rows(w, "gates hh", h), 2, axis=1), strict=True))
    h = z * h + (1 - z) * np.tanh(of_new + rows(w, "candidate hh", r * h))
    return h, {"h": h}


def jordan(w: Arrays, x: np.ndarray, state: Arrays) -> tuple[np.ndarray, Arrays]:
    y = rows(w, "out", np.tanh(rows(w, "ih", x) + rows(w, "hh", state["y"])))
    return y, {"y": y}


Step = Callable[[Arrays, np.ndarray, Arrays], tuple[np.ndarray, Arrays]]


def goal_of(step: Step, w: Arrays, feed: Arrays) -> tuple[float, np.ndarray]:
    state = {name[0]: values for name, values in feed.items() if name.endswith("_0")}
    given = []
    for t in range(STEPS):
        y, state = step(w, feed[f"x{t}"], state)
        given.append(y)
    y = np.stack(given, axis=1)
    return float((y * feed["w"]).sum()), y


@pytest.mark.parametrize(
    ("key", "step", "states", "settings"),
    [
        ("peephole-lstm-cell", peephole_lstm, "hc", {}),
        ("mgu-cell", minimal_gated, "h", {}),
        ("original-gru-cell", original_gru, "h", {}),
        ("jordan-cell", jordan, "y", {"hidden": 4, "outputs": HIDDEN}),
    ],
)
def test_a_cell_is_what_its_paper_says(key: str, step: Step, states: str, settings: dict[str, int]) -> None:
    """The gradients are compared with differences of the paper's formula in a direction through all weights."""
    drawn = Sequence(key, states, **settings)
    weights = drawn.weights()
    drawn.put(weights)
    y, gradients = drawn.results()
    close(y, goal_of(step, weights, drawn.feed)[1])
    rng = np.random.default_rng(3)
    for name, values in {**weights, **{k: v for k, v in drawn.feed.items() if k.endswith("_0")}}.items():
        way = rng.standard_normal(values.shape)
        sides = []
        for sign in (1e-5, -1e-5):
            moved = {name: values + sign * way}
            sides.append(goal_of(step, {**weights, **moved}, {**drawn.feed, **moved})[0])
        slope = (sides[0] - sides[1]) / 2e-5
        np.testing.assert_allclose((gradients[name] * way).sum(), slope, rtol=1e-6, atol=1e-7, err_msg=name)


@pytest.mark.parametrize(("key", "gates"), ROWS.items())
def test_the_hidden_size_is_one_setting(key: str, gates: int) -> None:
    small = Sequence(key, hidden=HIDDEN)
    assert {n: v.shape for n, v in small.weights().items()} == {
        "ih.weight": (gates * HIDDEN, 5),
        "ih.bias": (gates * HIDDEN,),
        "hh.weight": (gates * HIDDEN, HIDDEN),
        "hh.bias": (gates * HIDDEN,),
    }


LAYERS = {
    "elman-cell": ("RNN", {}, ("_l0",), ("",)),
    "lstm-cell": ("LSTM", {}, ("_l0",), ("",)),
    "gru-cell": ("GRU", {}, ("_l0",), ("",)),
    "stacked-lstm": ("LSTM", {"num_layers": 2}, ("_l0", "_l1"), ("layer 1/", "layer 2/")),
    "bidirectional-lstm": (
        "LSTM",
        {"bidirectional": True},
        ("_l0", "_l0_reverse"),
        ("forwards/", "backwards/"),
    ),
}


@pytest.mark.parametrize("key", LAYERS)
def test_cells_repeated_along_a_sequence_are_the_fused_layer(key: str) -> None:
    op, params, endings, names = LAYERS[key]
    rng = np.random.default_rng(0)
    x, runs = rng.standard_normal((3, 6, 5)), []
    for is_fused in (True, False):
        g = Graph("layer")
        feed = g.add("Input", name="x", shape=("N", 6, 5))
        if is_fused:
            layer = g.add(op, feed, name="layer", hidden_size=4, batch_first=True, **params)
        else:
            add = g.add_layer if key.endswith("cell") else g.add_part
            layer = add(key, feed, name="layer", hidden=4, steps=6)
        g.add("Mean", g.add("Square", layer), name="goal")
        runs.append(Run(g, dtype="float64", input_gradients=True))
    fused, drawn = runs
    ours = {
        f"layer/{name}{part} {kind}.value": f"layer.{kind}_{part}{ending}"
        for name, ending in zip(names, endings, strict=True)
        for part in ("ih", "hh")
        for kind in ("weight", "bias")
    }
    assert set(drawn.parameters) == set(ours)
    for name, other in ours.items():
        fused.set(other, rng.standard_normal(fused.parameters[other].shape) / 2)
        drawn.set(name, fused.parameters[other])
    for run in runs:
        run.feed(x=x)
        run.forward()
        run.backward()
    close(drawn.value("layer.y"), fused.value("layer"))
    close(drawn.grad("x"), fused.grad("x"))
    for name, other in ours.items():
        close(drawn.gradients[name], fused.gradients[other], name)


def test_a_residual_layer_adds_to_what_it_reads() -> None:
    g = Graph("residual")
    layer = g.add_part(
        "residual-lstm", g.add("Input", name="x", shape=("N", 3, 5)), name="r", hidden=4, steps=3
    )
    run = Run(g, dtype="float64")
    run.feed(x=np.random.default_rng(0).standard_normal((2, 3, 5)))
    run.forward()
    parts = run.value("r/in") + run.value("r/layer 1/y") + run.value("r/layer 2/y")
    close(run.value(f"{layer.name}.y"), parts)


def both_ways(key: str, steps: int) -> Run:
    g = Graph("both ways")
    x = g.add("Input", name="x", shape=("N", steps, 5))
    more = [g.add("Input", name="lengths", shape=("N",), dtype="int")] if key.endswith("lengths") else []
    layer = g.add_part(key, x, *more, name="layer", hidden=4, steps=steps)
    g.add("Sum", g.add("Square", layer), name="goal")
    return Run(g, dtype="float64", input_gradients=True)


def test_backwards_a_row_is_read_from_its_own_end() -> None:
    rng = np.random.default_rng(0)
    x, whole = rng.standard_normal((3, 6, 5)), both_ways("bidirectional-lstm-lengths", 6)
    for name, values in whole.parameters.items():
        whole.set(name, rng.standard_normal(values.shape) / 2)
    whole.feed(x=x, lengths=np.array([6, 2, 4]))
    whole.forward()
    whole.backward()
    for row, length in enumerate((6, 2, 4)):
        alone = both_ways("bidirectional-lstm", length)
        for name, values in whole.parameters.items():
            alone.set(name, values)
        alone.feed(x=x[row : row + 1, :length])
        alone.forward()
        alone.backward()
        close(whole.value("layer.y")[row, :length], alone.value("layer.y")[0])
        close(whole.grad("x")[row, :length], alone.grad("x")[0])
        assert not whole.value("layer.y")[row, length:].any()
        assert not whole.grad("x")[row, length:].any()
