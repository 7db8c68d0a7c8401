"""Convolution: published figures, shapes, and what it says when images do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Dim, Spec, make
from graphlab.ops.windows import Window
from tests.ops.op_trial import Trial, published, run


def conv(x, k, **params):
    """The convolution of one image (rows × columns, or channels first) with filters, without bias."""
    x, k = np.atleast_3d(np.asarray(x, float)), np.asarray(k, float)
    x = x.reshape(1, *x.shape) if x.ndim == 3 and k.ndim == 4 else np.moveaxis(x, -1, 0)[None]
    k = k.reshape((1,) * (4 - k.ndim) + k.shape)
    params = {"out_channels": len(k), "kernel_size": k.shape[2:], "bias": False, **params}
    return run("Conv2d", params, x=x, weight=k)[0]


@pytest.mark.parametrize("case", ["d2l_corr2d", "d2l_edge"])
def test_published_cross_correlation(case):
    figures = published(case)
    given, expected = figures["given"], figures["expected"]
    np.testing.assert_array_equal(conv(given["X"], given["K"])[0], expected["Y"])
    if "Y_of_transpose" in expected:
        np.testing.assert_array_equal(
            conv(np.transpose(given["X"]), given["K"])[0], expected["Y_of_transpose"]
        )


def test_published_channels_are_summed():
    figures = published("d2l_multi_in")
    x, k = np.array(figures["given"]["X"]), np.array(figures["given"]["K"])
    np.testing.assert_array_equal(conv(x, k[None])[0], figures["expected"]["Y"])


def test_published_several_filters():
    one, several = published("d2l_multi_in"), published("d2l_multi_in_out")
    k = np.array(one["given"]["K"])
    result = conv(np.array(several["given"]["X"]), np.stack([k, k + 1, k + 2]))
    np.testing.assert_array_equal(result, several["expected"]["Y"])


def test_published_arithmetic_with_padding_and_stride():
    figures = published("conv_arithmetic_numeric")
    x, k = figures["given"]["X"], figures["given"]["K"]
    np.testing.assert_array_equal(conv(x, k)[0], figures["expected"]["valid"])
    np.testing.assert_array_equal(conv(x, k, padding=1, stride=2)[0], figures["expected"]["pad1_stride2"])


def test_published_one_dimensional_convolution_is_not_flipped():
    figures = published("riptutorial_conv1d")
    result = conv([figures["given"]["x"]], [figures["given"]["k"]])
    np.testing.assert_array_equal(result[0, 0], figures["expected"])


def test_published_output_sizes():
    figures = published("conv_arithmetic_shapes")
    rows = zip(figures["given"]["list"], figures["expected"], strict=True)
    undilated = [(row, expected) for row, expected in rows if row[4] == 1]
    assert len(undilated) == 7
    for (size, k, s, p, _), expected in undilated:
        assert Window((k, k), (s, s), (p, p)).output_size((size, size)) == (expected, expected)


def test_published_padding_and_stride_shapes():
    figures = published("d2l_pad_stride_shapes")
    settings = {
        "a": {"kernel_size": 3, "padding": 1},
        "b": {"kernel_size": (5, 3), "padding": (2, 1)},
        "c": {"kernel_size": 3, "padding": 1, "stride": 2},
        "d": {"kernel_size": (3, 5), "padding": (0, 1), "stride": (3, 4)},
    }
    for name, params in settings.items():
        found = inferred(params, (Dim("N"), 1, *figures["given"]["in"]))
        assert list(found.shape[2:]) == figures["expected"][name]


def test_published_alexnet_first_layer():
    figures = published("cs231n_alexnet_conv1")
    params = {"out_channels": 96, "kernel_size": 11, "stride": 4}
    found = inferred(params, (Dim("N"), 3, 227, 227))
    assert [*found.shape[2:], found.shape[1]] == figures["expected"]["out"]
    shapes = make("Conv2d", params).learnable(Spec((1, 3, 227, 227)))
    assert np.prod(shapes["weight"]) == figures["expected"]["weights"]
    assert sum(int(np.prod(s)) for s in shapes.values()) == figures["expected"]["params"]


def test_an_open_batch_stays_open():
    found = inferred({"out_channels": 4, "kernel_size": 3, "padding": 1}, (Dim("N"), 1, 8, 8))
    assert str(found) == "N×4×8×8"


def test_a_window_that_does_not_fit_says_both_sizes():
    with pytest.raises(ShapeError, match="5×5 window does not fit into images of 3×3") as caught:
        inferred({"kernel_size": 5}, (2, 1, 3, 3))
    assert caught.value.socket == "x"
    assert "kernel_size to 3" in caught.value.hint


def test_flat_rows_are_refused_with_the_way_out():
    with pytest.raises(ShapeError, match=r"x \(N×64\) is not a batch of images") as caught:
        inferred({}, (Dim("N"), 64))
    assert "image" in caught.value.hint


def test_a_shared_weight_of_the_wrong_shape_is_named():
    op = make("Conv2d", {"out_channels": 2})
    with pytest.raises(ShapeError, match=r"weight is 2×1×5×5, .*ask for 2×1×3×3") as caught:
        op.infer(Spec((1, 1, 8, 8)), Spec((2, 1, 5, 5)), None)
    assert caught.value.socket == "weight"


def test_three_kernel_sizes_are_refused():
    with pytest.raises(ParamError, match="kernel_size has 3 sizes"):
        make("Conv2d", {"kernel_size": (3, 3, 3)})


def test_bias_can_be_left_out():
    assert set(make("Conv2d", {"bias": False}).learnable(Spec((1, 1, 8, 8)))) == {"weight"}


def test_padding_stays_zero_when_the_batch_changes_size():
    trial = Trial("Conv2d", {"out_channels": 1, "padding": 1, "bias": False}, {"x": np.ones((4, 1, 3, 3))})
    trial.forward()
    trial.backward(np.ones((4, 1, 3, 3)))
    first = trial.y[:2].copy()
    trial.inputs["x"] = trial.inputs["x"][:2].copy()
    trial.forward()
    np.testing.assert_array_equal(trial.y, first)


def inferred(params, shape):
    op = make("Conv2d", params)
    x = Spec(shape)
    shapes = op.learnable(x)
    return op.infer(x, Spec(shapes["weight"]), Spec(shapes["bias"]) if "bias" in shapes else None)
