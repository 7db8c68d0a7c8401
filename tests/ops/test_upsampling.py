"""Sequences and images of another size: PyTorch's numbers for any size and factor, and the forms of ONNX's Resize."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError, Unsupported
from graphlab.ops import Dim, Spec, make
from graphlab.ops.interchange import from_onnx
from tests.ops.op_trial import Trial, recorded, run

N = Dim("N")
MODES = ["nearest", "nearest-exact", "bilinear", "bicubic"]


def forms(mode):
    """The settings of align_corners that a mode has."""
    return ({},) if mode.startswith("nearest") else ({"align_corners": False}, {"align_corners": True})


def agree(x, params):
    torch = pytest.importorskip("torch")
    expected = torch.nn.functional.interpolate(torch.tensor(x), **params)
    np.testing.assert_allclose(run("Upsample", params, x=x), expected.numpy(), rtol=0, atol=1e-12)


@pytest.mark.parity
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("before", "after"), [(5, 12), (7, 3), (4, 4), (3, 10), (1, 5), (8, 1)])
def test_any_size_is_that_of_pytorch(mode, before, after):
    x = np.random.default_rng(0).standard_normal((1, 2, before, 6))
    for form in forms(mode):
        agree(x, {"mode": mode, "size": (after, 9)} | form)


@pytest.mark.parity
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("factor", [0.3, 0.5, 0.75, 1.0, 1.4, 2.0, 2.5, 3.0])
def test_any_factor_is_that_of_pytorch(mode, factor):
    x = np.random.default_rng(0).standard_normal((1, 2, 5, 7))
    for form in forms(mode):
        agree(x, {"mode": mode, "scale_factor": (factor, 1.5)} | form)


@pytest.mark.parity
@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "linear"])
@pytest.mark.parametrize(
    "target", [{"size": 3}, {"size": 14}, {"scale_factor": 2.0}, {"scale_factor": 0.7}], ids=str
)
def test_sequences_are_those_of_pytorch(mode, target):
    x = np.random.default_rng(0).standard_normal((2, 3, 7))
    for form in forms(mode):
        agree(x, {"mode": mode} | target | form)


def test_a_factor_that_is_rounded_down_repeats_by_the_factor():
    """Twice 1.4 leaves two places, both of which lie in the first pixel."""
    trial = Trial("Upsample", {"scale_factor": 1.4}, {"x": np.array([[[1.0, 2.0]]])})
    trial.forward()
    np.testing.assert_array_equal(trial.y, [[[1, 1]]])
    np.testing.assert_array_equal(trial.backward(np.array([[[3.0, 4.0]]]))["x"], [[[7, 0]]])


@pytest.mark.parametrize(
    ("params", "shape", "message"),
    [
        ({"mode": "bilinear"}, (N, 3, 4), r"Mode bilinear is not for sequences N×C×L such as x \(N×3×4\)"),
        ({"mode": "linear"}, (N, 3, 4, 4), r"Mode linear is not for images N×C×H×W such as x \(N×3×4×4\)"),
        ({}, (N, 3), "not a batch of images"),
        ({"scale_factor": 0.2}, (N, 1, 4, 5), "scale_factor 0.2 leaves nothing of 4×5"),
        ({"size": (3, 3)}, (N, 1, 4), r"size \(3, 3\) has 2 numbers for the one axis L"),
        ({"scale_factor": (1, 2, 3)}, (N, 1, 4, 4), "has 3 numbers for the two axes H×W"),
        ({}, (2, 3, 0, 4), "have no pixels"),
        ({}, (2, 3, 0), "have no places"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(params, shape, message):
    with pytest.raises(ShapeError, match=message) as caught:
        make("Upsample", params).infer(Spec(shape))
    assert caught.value.hint


def test_align_corners_of_nearest_is_refused():
    with pytest.raises(ParamError, match="means nothing for mode nearest-exact"):
        make("Upsample", {"align_corners": True, "mode": "nearest-exact"})


@pytest.mark.parametrize(
    "params", [{}, {"mode": "bilinear"}, {"mode": "bicubic", "scale_factor": 1.5}], ids=str
)
def test_it_can_be_recorded(params):
    assert recorded("Upsample", params, x=np.random.default_rng(0).standard_normal((2, 6, 7, 7)))


X = np.zeros((1, 1, 4, 4), np.float32)


@pytest.mark.parametrize(
    ("attributes", "scales", "found"),
    [
        ({"mode": "cubic"}, (1.5, 0.5), {"mode": "bicubic", "scale_factor": (1.5, 0.5)}),
        (
            {"mode": "linear", "coordinate_transformation_mode": "pytorch_half_pixel"},
            (2, 2),
            {"mode": "bilinear"},
        ),
        ({"nearest_mode": "round_prefer_ceil"}, (0.6, 2), {"mode": "nearest-exact"}),
        (
            {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
            (2, 2),
            {"mode": "nearest"},
        ),
    ],
    ids=str,
)
def test_resize_becomes_the_mode_that_means_the_same(attributes, scales, found):
    op, _ = from_onnx("Resize", attributes, [X, None, np.array((1, 1, *scales), np.float32)])
    assert found.items() <= op.params.items()


@pytest.mark.parametrize(
    ("attributes", "scales", "reason"),
    [
        ({}, (0.5, 0.5), "equally near"),
        ({"mode": "linear", "antialias": 1}, (0.5, 0.5), "antialias"),
        ({"mode": "cubic", "cubic_coeff_a": -0.5}, (2, 2), "another cubic"),
        (
            {"mode": "linear", "coordinate_transformation_mode": "align_corners"},
            (0.6, 2),
            "not come out even",
        ),
        ({"mode": "linear", "coordinate_transformation_mode": "asymmetric"}, (2, 2), "blends by asymmetric"),
        ({"keep_aspect_ratio_policy": "not_larger"}, (2, 2), "aspect ratio"),
        ({"mode": "linear", "axes": (1, 2)}, (2, 2), r"axes \(1, 2\)"),
    ],
    ids=str,
)
def test_a_resize_that_means_something_else_is_refused(attributes, scales, reason):
    numbers = scales if "axes" in attributes else (1, 1, *scales)
    with pytest.raises(Unsupported, match=reason):
        from_onnx("Resize", attributes, [X, None, np.array(numbers, np.float32)])


def test_channels_become_pixels_and_back():
    x = np.random.default_rng(0).standard_normal((2, 9, 2, 3))
    large = run("PixelShuffle", {"upscale_factor": 3}, x=x)
    assert large.shape == (2, 1, 6, 9)
    np.testing.assert_array_equal(large[0, 0, :3, :3].ravel(), x[0, :, 0, 0])  # one block holds the channels
    np.testing.assert_array_equal(run("PixelUnshuffle", {"downscale_factor": 3}, x=large), x)


@pytest.mark.parametrize(
    ("op", "shape", "message"),
    [
        ("PixelShuffle", (N, 6, 2, 2), r"The 6 channels of x \(N×6×2×2\) cannot be spread over 2×2 pixels"),
        ("PixelUnshuffle", (N, 1, 4, 5), r"Images of 4×5 \(x is N×1×4×5\) cannot be cut into blocks of 2×2"),
    ],
)
def test_blocks_that_do_not_come_out_even_are_refused(op, shape, message):
    with pytest.raises(ShapeError, match=message):
        make(op, {}).infer(Spec(shape))
