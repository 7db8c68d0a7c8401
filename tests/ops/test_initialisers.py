"""Initialisers: the bounds, means and spreads that PyTorch defines, and exact properties."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from graphlab.ops import INITIALISERS, fill, initialisers, stream

SHAPE, FAN_IN, FAN_OUT = (300, 200), 200, 300
ROOT3 = math.sqrt(3)

# name → (standard deviation, mean, lowest, highest) for fans of 200 in and 300 out
MOMENTS = {
    "fan_in_uniform": (1 / math.sqrt(200) / ROOT3, 0, -1 / math.sqrt(200), 1 / math.sqrt(200)),
    "xavier_uniform": (math.sqrt(2 / 500), 0, -math.sqrt(6 / 500), math.sqrt(6 / 500)),
    "xavier_normal": (math.sqrt(2 / 500), 0, -math.inf, math.inf),
    "kaiming_uniform": (math.sqrt(2 / 200), 0, -math.sqrt(6 / 200), math.sqrt(6 / 200)),
    "kaiming_normal": (math.sqrt(2 / 200), 0, -math.inf, math.inf),
    "normal": (1, 0, -math.inf, math.inf),
    "trunc_normal": (0.8796, 0, -2, 2),
    "uniform": (1 / math.sqrt(12), 0.5, 0, 1),
    "orthogonal": (1 / math.sqrt(300), 0, -1, 1),
    "constant": (0, 1, 1, 1),
    "zeros": (0, 0, 0, 0),
    "ones": (0, 1, 1, 1),
}


def draw(name, shape=SHAPE, seed=0):
    fan_in = math.prod(shape[1:]) if len(shape) > 1 else 1
    return INITIALISERS[name](stream(seed, name), shape, fan_in, shape[0] if shape else 1)


def test_every_initialiser_is_measured_here():
    assert set(MOMENTS) == set(INITIALISERS)


@pytest.mark.parametrize("name", INITIALISERS)
def test_mean_spread_and_bounds(name):
    std, mean, low, high = MOMENTS[name]
    values = draw(name)
    count = values.size
    assert values.shape == SHAPE
    assert values.dtype == np.float64
    assert abs(values.mean() - mean) <= 5 * std / math.sqrt(count)  # five standard errors
    assert values.std() == pytest.approx(std, rel=5 / math.sqrt(count) + 1e-4, abs=1e-15)
    assert low <= values.min()
    assert values.max() <= high
    if math.isfinite(high) and name not in ("orthogonal", "constant", "zeros", "ones"):
        assert values.max() > high - 0.01 * (high - low)  # the whole range is used
        assert values.min() < low + 0.01 * (high - low)


@pytest.mark.parity
@pytest.mark.parametrize("name", sorted(set(INITIALISERS) - {"fan_in_uniform", "constant"}))
def test_spread_is_that_of_pytorch(name):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    more = {"nonlinearity": "relu"} if name.startswith("kaiming") else {}
    theirs = getattr(torch.nn.init, name + "_")(torch.empty(SHAPE, dtype=torch.float64), **more).numpy()
    ours = draw(name)
    assert ours.std() == pytest.approx(theirs.std(), rel=0.03, abs=1e-12)
    assert ours.mean() == pytest.approx(
        theirs.mean(), abs=5 * max(theirs.std(), 1e-12) / math.sqrt(ours.size) * 2
    )
    assert np.quantile(ours, [0.1, 0.3, 0.9]) == pytest.approx(
        np.quantile(theirs, [0.1, 0.3, 0.9]), abs=0.05 * max(theirs.std(), 1e-12)
    )


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (4, 2, 3, 3), (1, 6), (6, 1)])
def test_orthogonal_has_rows_or_columns_at_right_angles(shape):
    matrix = draw("orthogonal", shape).reshape(shape[0], -1)
    rows, columns = matrix.shape
    product = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    np.testing.assert_allclose(product, np.eye(min(rows, columns)), atol=1e-14)


def test_orthogonal_takes_every_orientation():
    """Without the signs of R, a 2×2 matrix would have a first column that points up in no more than half of them."""
    firsts = [draw("orthogonal", (2, 2), seed)[0, 0] for seed in range(400)]
    assert 150 < sum(first > 0 for first in firsts) < 250
    determinants = [np.linalg.det(draw("orthogonal", (3, 3), seed)) for seed in range(100)]
    assert 30 < sum(d > 0 for d in determinants) < 70


@pytest.mark.parametrize("name", INITIALISERS)
@pytest.mark.parametrize("shape", [(), (4,), (0, 3)])
def test_odd_shapes_are_filled(name, shape):
    values = draw(name, shape)
    assert values.shape == shape
    assert np.isfinite(values).all()
    if name == "orthogonal" and shape in ((), (4,)):
        assert np.linalg.norm(values) == pytest.approx(1)


@pytest.mark.parametrize("name", INITIALISERS)
def test_the_same_stream_gives_the_same_values(name):
    np.testing.assert_array_equal(draw(name), draw(name))


def test_the_gain_multiplies_what_a_node_begins_with():
    g = Graph()
    x = g.add("Input", shape=("N", 4))
    settings = {"weight_init": "orthogonal", "bias_init": "constant"}
    one = g.add("Linear", x, name="h", units=3, **settings)
    weight = Run(g, dtype="float64").parameters["h.weight"].copy()
    g.set(one, weight_gain=0.5, bias_gain=-0.25)
    run = Run(g, dtype="float64")
    np.testing.assert_array_equal(run.parameters["h.weight"], weight / 2)
    assert run.parameters["h.bias"].tolist() == [-0.25] * 3


LAYERS = [
    ("Linear", {"units": 300}, (200,), lambda nn: nn.Linear(200, 300)),
    ("Bilinear", {"units": 40}, (30,), lambda nn: nn.Bilinear(30, 30, 40)),
    ("Conv1d", {"out_channels": 60, "kernel_size": 5}, (40, 9), lambda nn: nn.Conv1d(40, 60, 5)),
    (
        "Conv2d",
        {"out_channels": 60, "groups": 2},
        (40, 9, 9),
        lambda nn: nn.Conv2d(40, 60, 3, groups=2),
    ),
    (
        "ConvTranspose1d",
        {"out_channels": 60, "kernel_size": 5},
        (40, 9),
        lambda nn: nn.ConvTranspose1d(40, 60, 5),
    ),
    (
        "ConvTranspose2d",
        {"out_channels": 60, "groups": 2},
        (40, 9, 9),
        lambda nn: nn.ConvTranspose2d(40, 60, 3, groups=2),
    ),
    ("RNN", {"hidden_size": 60}, (5, 40), lambda nn: nn.RNN(40, 60)),
    (
        "LSTM",
        {"hidden_size": 60, "bidirectional": True},
        (5, 40),
        lambda nn: nn.LSTM(40, 60, bidirectional=True),
    ),
    ("GRU", {"hidden_size": 60, "num_layers": 2}, (5, 40), lambda nn: nn.GRU(40, 60, 2)),
    ("MultiheadAttention", {"num_heads": 4}, (5, 80), lambda nn: nn.MultiheadAttention(80, 4)),
    ("BatchNorm1d", {}, (20,), lambda nn: nn.BatchNorm1d(20)),
    ("LayerNorm", {}, (20,), lambda nn: nn.LayerNorm(20)),
    ("GroupNorm", {"num_groups": 2}, (20, 3), lambda nn: nn.GroupNorm(2, 20)),
    ("RMSNorm", {}, (20,), lambda nn: nn.RMSNorm(20)),
    ("PReLU", {"num_parameters": 7}, (7,), lambda nn: nn.PReLU(7)),
]


@pytest.mark.parity
@pytest.mark.parametrize(("op", "params", "shape", "module"), LAYERS, ids=[layer[0] for layer in LAYERS])
def test_a_layer_begins_as_pytorchs_does(op, params, shape, module):
    """Every parameter by its name: the shape, the spread and the largest value, or the very constant."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    theirs = {name.replace(".", "_"): p.detach().numpy() for name, p in module(torch.nn).named_parameters()}
    g = Graph()
    x = g.add("Input", shape=("N", *shape))
    g.add(op, *[x] * (2 if op == "Bilinear" else 1), name="it", **params)
    ours = {name.removeprefix("it."): values for name, values in Run(g).parameters.items()}
    assert ours.keys() == theirs.keys()
    for name, values in theirs.items():
        assert ours[name].shape == values.shape, name
        if np.ptp(values) == 0:
            np.testing.assert_array_equal(ours[name], values, err_msg=name)
            continue
        few = 3 / math.sqrt(values.size)  # the fewer numbers, the looser their moments
        assert ours[name].std() == pytest.approx(values.std(), rel=few + 0.01), name
        assert np.abs(ours[name]).max() == pytest.approx(np.abs(values).max(), rel=few + 0.01), name


@pytest.mark.parametrize("name", INITIALISERS)
def test_a_large_parameter_begins_as_if_drawn_at_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shape, fans = (7, 5, 3), (15, 7)
    at_once = (INITIALISERS[name](stream(3, name), shape, *fans) * 0.5).astype(np.float32)
    monkeypatch.setattr(initialisers, "_BLOCK", 32)
    out = np.empty(shape, np.float32)
    fill(out, name, stream(3, name), *fans, 0.5)
    assert np.array_equal(out, at_once)


@pytest.mark.parametrize("name", sorted(INITIALISERS))
def test_a_layer_without_inputs_has_no_weights_and_is_no_fault(name: str):
    fill(np.empty((4, 0)), name, stream(0, "empty"), 0, 4)
    bias = np.full(4, np.nan)
    fill(bias, name, stream(0, "bias"), 0, 4) if name != "orthogonal" else bias.fill(0)
    assert np.isfinite(bias).all()
