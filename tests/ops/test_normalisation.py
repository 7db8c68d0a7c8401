"""Normalisation: what it promises of its results, PyTorch's modules in training and evaluation, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError, Unsupported
from graphlab.ops import Dim, Spec, make
from graphlab.ops.interchange import from_onnx
from tests.ops.op_trial import Trial

N = Dim("N")


@pytest.mark.parametrize(
    ("name", "params", "shape", "axes"),
    [
        ("BatchNorm1d", {}, (50, 3), 0),
        ("BatchNorm1d", {}, (20, 3, 7), (0, 2)),
        ("BatchNorm2d", {}, (8, 3, 5, 5), (0, 2, 3)),
        ("LayerNorm", {}, (4, 50), 1),
        ("GroupNorm", {"num_groups": 1}, (4, 3, 20), (1, 2)),
        ("InstanceNorm2d", {}, (4, 3, 5, 6), (2, 3)),
    ],
)
@pytest.mark.parametrize("offset", [0.0, 1000.0])
def test_results_have_mean_zero_and_variance_one(name, params, shape, axes, offset):
    x = np.random.default_rng(0).normal(offset, 3, shape)
    trial = Trial(name, params, {"x": x}, "float32")
    if trial.inputs.get("weight") is not None:
        trial.inputs["weight"][...], trial.inputs["bias"][...] = 1, 0
    trial.forward()
    np.testing.assert_allclose(trial.y.mean(axes), 0, atol=2e-4 if offset else 1e-6)
    np.testing.assert_allclose(trial.y.var(axes), 1, rtol=1e-4)


def test_a_constant_channel_gives_the_bias_and_no_nan():
    trial = Trial("BatchNorm1d", {}, {"x": np.full((4, 2), 7.0)})
    trial.forward()
    np.testing.assert_array_equal(trial.y, np.broadcast_to(trial.inputs["bias"], (4, 2)))


def test_a_group_norm_of_one_group_is_a_layer_norm_and_of_all_an_instance_norm():
    x = np.random.default_rng(1).normal(size=(2, 4, 3, 3))
    outs = {}
    for name, params in {
        "LayerNorm": {"normalized_shape": (4, 3, 3), "elementwise_affine": False},
        "InstanceNorm2d": {},
        "one": {"num_groups": 1, "affine": False},
        "all": {"num_groups": 4, "affine": False},
    }.items():
        trial = Trial(name if "Norm" in name else "GroupNorm", params, {"x": x})
        trial.forward()
        outs[name] = trial.y
    np.testing.assert_allclose(outs["one"], outs["LayerNorm"], rtol=1e-12)
    np.testing.assert_allclose(outs["all"], outs["InstanceNorm2d"], rtol=1e-12)


@pytest.mark.parity
@pytest.mark.parametrize("momentum", [0.1, 0.7, None])
@pytest.mark.parametrize(
    ("name", "shape"), [("BatchNorm1d", (6, 3)), ("BatchNorm1d", (4, 3, 5)), ("BatchNorm2d", (3, 2, 4, 2))]
)
@pytest.mark.parametrize("affine", [True, False])
def test_running_statistics_and_evaluation_are_pytorchs(name, shape, momentum, affine):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(3)
    module = getattr(torch.nn, name)(shape[1], momentum=momentum, affine=affine, dtype=torch.float64)
    trial = Trial(name, {"momentum": momentum, "affine": affine}, {"x": rng.normal(2, 3, shape)})
    if affine:
        module.weight.data[...] = torch.tensor(trial.inputs["weight"])
        module.bias.data[...] = torch.tensor(trial.inputs["bias"])
    for _ in range(4):
        trial.inputs["x"][...] = rng.normal(2, 3, shape)
        trial.forward()
        module(torch.tensor(trial.inputs["x"]))
        for key, after in trial.next_states.items():
            np.testing.assert_allclose(after, getattr(module, key).numpy(), rtol=1e-12, err_msg=key)
            trial.states[key][...] = after
    trial.ctx.clock.training = False
    module.eval()
    before = {key: array.copy() for key, array in trial.next_states.items()}
    x = torch.tensor(rng.normal(size=shape), requires_grad=True)
    trial.inputs["x"][...] = x.detach().numpy()
    trial.forward()
    expected = module(x)
    np.testing.assert_allclose(trial.y, expected.detach().numpy(), rtol=1e-10, atol=1e-12)
    dy = rng.normal(size=shape)
    expected.backward(torch.tensor(dy))
    gradients = trial.backward(dy)
    np.testing.assert_allclose(gradients["x"], x.grad.numpy(), rtol=1e-10)
    if affine:
        np.testing.assert_allclose(gradients["weight"], module.weight.grad.numpy(), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(gradients["bias"], module.bias.grad.numpy(), rtol=1e-10)
    for key, array in trial.next_states.items():
        np.testing.assert_array_equal(array, before[key])


def test_a_gradient_that_lies_scattered_in_memory_is_written_all_the_same():
    for name, params in (
        ("BatchNorm2d", {}),
        ("GroupNorm", {"num_groups": 2}),
        ("LayerNorm", {}),
        ("RMSNorm", {}),
    ):
        trial = Trial(name, params, {"x": np.random.default_rng(5).normal(size=(3, 4, 2, 5))})
        trial.forward()
        dy = np.random.default_rng(6).normal(size=(3, 4, 2, 5))
        expected = trial.backward(dy)["x"]
        scattered = np.zeros((4, 5, 3, 2)).transpose(2, 0, 3, 1)
        d = {f"d{socket}": None for socket in trial.inputs} | {"dx": scattered}
        trial.op.backward(trial.ctx, dy, **trial.inputs, **trial.outputs, **d)
        np.testing.assert_array_equal(scattered, expected)


@pytest.mark.parametrize(
    ("name", "params", "shape", "message"),
    [
        ("BatchNorm1d", {}, (N, 3, 4, 4), r"4 axes; BatchNorm1d takes \(N, C\) or \(N, C, L\)"),
        ("BatchNorm2d", {}, (N, 3), r"2 axes; BatchNorm2d takes \(N, C, H, W\)"),
        ("BatchNorm1d", {}, (3, N), "open number of channels"),
        (
            "GroupNorm",
            {"num_groups": 4},
            (N, 6, 2),
            "6 channels of x .* cannot be divided into 4 equal groups",
        ),
        ("GroupNorm", {}, (5,), "no fixed channels"),
        ("InstanceNorm2d", {}, (N, 3, 1, 1), "one value in each channel"),
        ("InstanceNorm2d", {}, (N, 3), "no batch of images"),
        ("LayerNorm", {"normalized_shape": (3, 5)}, (N, 3, 4), r"x \(N×3×4\) does not end in 3×5"),
        ("LayerNorm", {}, (), "does not end in an axis"),
        ("RMSNorm", {}, (2, N), "open size"),
        ("GroupNorm", {"num_groups": 2}, (3, 0, 4), r"x \(3×0×4\) has no elements"),
        ("BatchNorm2d", {}, (N, 3, 0, 4), r"its axis 2 is 0 long"),
        ("LayerNorm", {}, (2, 0), r"x \(2×0\) has no elements: its axis 1 is 0 long"),
        ("RMSNorm", {}, (2, 0), r"x \(2×0\) has no elements: its axis 1 is 0 long"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_before_anything_runs(name, params, shape, message):
    with pytest.raises(ShapeError, match=message):
        make(name, params).learnable(Spec(shape))


def test_learnt_arrays_of_another_size_are_refused():
    for name in ("BatchNorm1d", "GroupNorm", "LayerNorm"):
        with pytest.raises(ShapeError, match="weight is 4, but x"):
            make(name, {}).infer(Spec((N, 3)), Spec((4,)), None)


def test_a_batch_of_one_is_refused_in_training_only():
    trial = Trial("BatchNorm1d", {}, {"x": np.ones((1, 3))})
    with pytest.raises(ShapeError, match=r"x \(1×3\) has one value a channel"):
        trial.forward()
    trial.ctx.clock.training = False
    trial.forward()
    assert np.isfinite(trial.y).all()


def test_an_empty_batch_leaves_the_running_statistics_alone():
    trial = Trial("BatchNorm1d", {}, {"x": np.ones((0, 3))})
    trial.forward()
    np.testing.assert_array_equal(trial.next_states["running_var"], 1)
    assert trial.next_states["num_batches_tracked"] == 0


def test_onnx_counts_the_share_of_the_old_and_knows_groups():
    x, one = np.zeros((2, 4, 3)), np.ones(4)
    op, arrays = from_onnx("BatchNormalization", {"momentum": 0.8, "epsilon": 1e-3}, [x, one, one, one, one])
    assert op.momentum == pytest.approx(0.2)
    assert op.eps == 1e-3
    assert set(arrays) == {"x", "weight", "bias", "running_mean", "running_var"}
    op, arrays = from_onnx(
        "GroupNormalization", {"num_groups": 2}, [x, np.array([1.0, 2.0]), np.array([0.0, 1.0])]
    )
    np.testing.assert_array_equal(arrays["weight"], [1, 1, 2, 2])
    with pytest.raises(Unsupported, match="training_mode"):
        from_onnx("BatchNormalization", {"training_mode": 1}, [x, one, one, one, one])
