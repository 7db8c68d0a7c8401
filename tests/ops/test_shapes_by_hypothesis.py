"""Shapes that nobody would have thought of: broadcasting, joining, slicing, convolution, pooling against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.errors import GraphlabError
from tests.ops.op_trial import Trial, run

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.parity
sizes = st.sampled_from([0, 1, 1, 2, 3])
shapes = st.lists(sizes, max_size=4).map(tuple)
seeds = st.integers(0, 2**32 - 1)


def agrees(name, params, arrays):
    """Whether values and gradients are PyTorch's; None where both refuse."""
    try:
        trial = Trial(name, params, arrays)
        trial.inferred()
    except GraphlabError:
        return None
    trial.forward()
    names = {n: "None" if a is None else f"t_{n}" for n, a in trial.inputs.items()}
    tensors = {
        n: torch.tensor(a, requires_grad=a.dtype.kind == "f")
        for n, a in trial.inputs.items()
        if a is not None
    }
    scope = {"torch": torch, "F": torch.nn.functional}
    y = eval(trial.op.emit_torch(**names), scope | {f"t_{n}": t for n, t in tensors.items()})
    np.testing.assert_allclose(trial.y, y.detach().numpy(), rtol=1e-9, atol=1e-9)
    dy = trial.upstream()
    y.backward(torch.tensor(dy[0]))
    for socket, gradient in trial.backward(dy).items():
        np.testing.assert_allclose(
            gradient, tensors[socket].grad.numpy(), rtol=1e-9, atol=1e-9, err_msg=socket
        )
    return True


def repeatable(shape, draw):
    """A shape that broadcasts with `shape`: leading axes left out, some sizes 1."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(1 if draw(st.booleans()) else size for size in kept)


@st.composite
def pairs(draw):
    shape = draw(shapes)
    return draw(st.permutations([shape, repeatable(shape, draw)]))


@settings(max_examples=150, deadline=None)
@given(pairs(), seeds, st.sampled_from(["Add", "Sub", "Mul", "Div", "Maximum", "Minimum", "Atan2", "Pow"]))
def test_broadcasting(pair, seed, op):
    rng = np.random.default_rng(seed)
    arrays = {name: rng.uniform(0.5, 2, shape) for name, shape in zip("ab", pair, strict=True)}
    assert agrees(op, {}, arrays)


@settings(max_examples=80, deadline=None)
@given(st.lists(sizes, min_size=1, max_size=4), st.data(), seeds)
def test_joining(shape, data, seed):
    rng = np.random.default_rng(seed)
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    count = data.draw(st.integers(1, 4))
    arrays = {}
    for k in range(count):
        shape[dim] = data.draw(sizes)
        arrays[f"x{k + 1}"] = rng.standard_normal(shape)
    assert agrees("Concat", {"count": count, "dim": dim}, arrays)


@settings(max_examples=120, deadline=None)
@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), st.data(), seeds)
def test_slicing(shape, data, seed):
    dim = data.draw(st.integers(-len(shape), len(shape) - 1))
    bounds = st.integers(-7, 7)
    params = {
        "dim": dim,
        "start": data.draw(bounds),
        "end": data.draw(bounds),
        "step": data.draw(st.sampled_from([1, 2, 3, -1, -2])),
    }
    x = np.random.default_rng(seed).standard_normal(shape)
    if params["step"] > 0:
        assert agrees("Slice", params, {"x": x}) in (True, None)
    else:  # which PyTorch does not do
        cut = [slice(None)] * x.ndim
        cut[dim] = slice(params["start"], params["end"], params["step"])
        np.testing.assert_array_equal(run("Slice", params, x=x), x[tuple(cut)])


@settings(max_examples=80, deadline=None)
@given(st.data(), seeds)
def test_convolution(data, seed):
    axes = data.draw(st.sampled_from([1, 2]))
    groups = data.draw(st.sampled_from([1, 1, 2]))
    small = st.integers(1, 3)
    params = {
        "out_channels": groups * data.draw(small),
        "kernel_size": data.draw(small),
        "stride": data.draw(small),
        "padding": data.draw(st.integers(0, 2)),
        "dilation": data.draw(small),
        "groups": groups,
        "bias": data.draw(st.booleans()),
    }
    shape = (
        data.draw(small),
        groups * data.draw(small),
        *(data.draw(st.integers(3, 8)) for _ in range(axes)),
    )
    x = np.random.default_rng(seed).standard_normal(shape)
    assert agrees(f"Conv{axes}d", params, {"x": x}) in (True, None)


@settings(max_examples=60, deadline=None)
@given(st.data(), seeds)
def test_transposed_convolution(data, seed):
    axes, groups = data.draw(st.sampled_from([1, 2])), data.draw(st.sampled_from([1, 1, 2]))
    small = st.integers(1, 3)
    params = {
        "out_channels": groups * data.draw(small),
        "kernel_size": data.draw(small),
        "stride": data.draw(small),
        "padding": data.draw(st.integers(0, 2)),
        "output_padding": data.draw(st.integers(0, 2)),
        "dilation": data.draw(small),
        "groups": groups,
        "bias": data.draw(st.booleans()),
    }
    shape = (
        data.draw(small),
        groups * data.draw(small),
        *(data.draw(st.integers(1, 5)) for _ in range(axes)),
    )
    x = np.random.default_rng(seed).standard_normal(shape)
    assert agrees(f"ConvTranspose{axes}d", params, {"x": x}) in (True, None)


@settings(max_examples=80, deadline=None)
@given(st.data(), seeds, st.sampled_from(["MaxPool", "AvgPool"]))
def test_pooling(data, seed, op):
    axes, small = data.draw(st.sampled_from([1, 2])), st.integers(1, 3)
    kernel = data.draw(st.integers(1, 4))
    params = {
        "kernel_size": kernel,
        "stride": data.draw(small),
        "padding": data.draw(st.integers(0, kernel // 2)),
        "ceil_mode": data.draw(st.booleans()),
    }
    if op == "MaxPool":
        params["dilation"] = data.draw(small)
    else:
        params["count_include_pad"] = data.draw(st.booleans())
    shape = (data.draw(small), data.draw(small), *(data.draw(st.integers(1, 8)) for _ in range(axes)))
    x = np.random.default_rng(seed).standard_normal(shape)
    assert agrees(f"{op}{axes}d", params, {"x": x}) in (True, None)
