"""Convolution: published figures, shapes, and what it says when images do not fit."""

from __future__ import annotations

from functools import cache
from importlib import import_module

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Dim, Spec, correlation, get, make
from graphlab.ops.neighbourhoods import Sizes
from graphlab.ops.windows import Window
from tests.ops.op_trial import Trial, published, recorded, run


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
    x, k = (np.array([[figures["given"][name]]], float) for name in "xk")
    along = run("Conv1d", {"out_channels": 1, "bias": False}, x=x, weight=k)
    np.testing.assert_array_equal(along[0, 0], figures["expected"])


def test_the_lectures_filter_over_a_vector():
    x, k = np.array([[[2.0, 3, 1, 3, 2, 1]]]), np.array([[[1.0, 2, 1]]])
    result = run("Conv1d", {"out_channels": 1, "bias": False}, x=x, weight=k)
    np.testing.assert_array_equal(result[0, 0], [9, 8, 9, 8])


def test_published_output_sizes():
    figures = published("conv_arithmetic_shapes")
    assert len(figures["expected"]) == 8
    for (size, k, s, p, d), expected in zip(figures["given"]["list"], figures["expected"], strict=True):
        window = Window((k, k), (s, s), (p, p), (d, d))
        assert window.output_size((size, size)) == (expected, expected)


def test_published_transposed_output_sizes():
    figures = published("conv_arithmetic_transposed_shapes")
    for (size, k, s, p, extra), expected in zip(figures["given"]["list"], figures["expected"], strict=True):
        params = {"kernel_size": k, "stride": s, "padding": p, "output_padding": extra}
        for name, shape in (
            ("ConvTranspose2d", (Dim("N"), 1, size, size)),
            ("ConvTranspose1d", (2, 1, size)),
        ):
            assert set(inferred(params, shape, name).shape[2:]) == {expected}


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
    trial.inputs["weight"][...] = np.arange(9.0).reshape(
        1, 1, 3, 3
    )  # whole numbers: any order gives the same sum
    trial.forward()
    trial.backward(np.ones((4, 1, 3, 3)))
    first = trial.y[:2].copy()
    trial.inputs["x"] = trial.inputs["x"][:2].copy()
    trial.forward()
    np.testing.assert_array_equal(trial.y, first)


def inferred(params, shape, name="Conv2d"):
    op = make(name, params)
    x = Spec(shape)
    shapes = op.learnable(x)
    return op.infer(x, Spec(shapes["weight"]), Spec(shapes["bias"]) if "bias" in shapes else None)


# The ways of computing it

ROW = {"correlation.WORTH": 10**9, "correlation.FEW": 10**9}
IMAGE = {"correlation.FEW": 0}
PIXELS_TOGETHER = {"neighbourhoods.WIDE": 1}
IMAGES_TOGETHER = {"neighbourhoods.WIDE": 10**9}
ROW_PORTIONS = {"correlation_by_row.PORTION": 300, "correlation_by_row.ENOUGH": 1}
WAYS = {
    "row by row": ROW,
    "row by row, pixels together": ROW | PIXELS_TOGETHER,
    "row by row, in portions": ROW | ROW_PORTIONS,
    "row by row, in light portions": ROW | {"correlation_by_row.LIGHT": 60, "correlation_by_row.ENOUGH": 1},
    "all images at once": IMAGE | IMAGES_TOGETHER,
    "all images at once, pixels together": IMAGE | PIXELS_TOGETHER,
    "some images at once": IMAGE | {"correlation_by_image.CACHE": 700, "correlation_by_image.MANY": 1},
    "some rows of an image at once": IMAGE
    | {"correlation_by_image.CACHE": 40, "correlation_by_image.MANY": 1},
    "filters turned": IMAGE | {"correlation_by_image.TURN": 1, "correlation_by_image.CACHE": 700},
}


def take(monkeypatch, settings):
    """Sets the thresholds that decide between ways of computing."""
    for name, value in settings.items():
        module, constant = name.split(".")
        monkeypatch.setattr(import_module(f"graphlab.ops.{module}"), constant, value)


def gradients(name, example):
    """Result and gradients, computed twice: what is kept from the first time must not spoil the second."""
    trial = Trial.of(get(name), example)
    for _ in range(2):
        trial.forward()
        found = trial.backward(trial.upstream())
    return [trial.y, *found.values()]


@cache
def by_definition(name, number):
    """The same, a product at a time."""
    trial = Trial.of(get(name), get(name).examples[number])
    trial.forward()
    (dy,) = trial.upstream()
    op, (x, weight, bias) = trial.op, trial.inputs.values()
    y, dx, dweight = np.zeros_like(trial.y), np.zeros_like(x), np.zeros_like(weight)
    arrays = (y, dx, x, dy) if name.startswith("ConvTranspose") else (dx, y, dy, x)
    to_pixels, to_windows, windows, pixels = (op.as_image(a) for a in arrays)
    filters, dfilters = op.as_image(weight), op.as_image(dweight)
    (down, right), (ph, pw), (dh, dw) = op.window.stride, op.window.padding, op.window.dilation
    for o, i, j, c, u, v in np.ndindex(*windows.shape[1:], *filters.shape[1:]):
        row, column = i * down + u * dh - ph, j * right + v * dw - pw
        channel = o // (len(filters) // op.groups) * filters.shape[1] + c
        if 0 <= row < pixels.shape[2] and 0 <= column < pixels.shape[3]:
            to_pixels[:, channel, row, column] += filters[o, c, u, v] * windows[:, o, i, j]
            to_windows[:, o, i, j] += filters[o, c, u, v] * pixels[:, channel, row, column]
            dfilters[o, c, u, v] += windows[:, o, i, j] @ pixels[:, channel, row, column]
    if bias is None:
        return [y, dx, dweight]
    channels = (-1, *[1] * (y.ndim - 2))
    return [y + bias.reshape(channels), dx, dweight, dy.sum(axis=(0, *range(2, y.ndim)))]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "number"),
    [
        (name, number)
        for name in ("Conv1d", "Conv2d", "ConvTranspose1d", "ConvTranspose2d")
        for number in range(len(get(name).examples))
    ],
)
def test_every_way_gives_what_the_definition_says(monkeypatch, name, number, way):
    take(monkeypatch, WAYS[way])
    found = gradients(name, get(name).examples[number])
    for mine, right in zip(found, by_definition(name, number), strict=True):
        np.testing.assert_allclose(mine, right, rtol=0, atol=1e-12)


def test_each_way_is_taken_where_it_is_asked_for(monkeypatch):
    """So that the test above compares what it says."""
    calls = []
    for module in ("correlation_by_row", "correlation_by_image"):
        way = import_module(f"graphlab.ops.{module}")
        original = way.correlate
        monkeypatch.setattr(way, "correlate", lambda *a, m=module, o=original: (calls.append(m), o(*a)))
    for settings in (ROW, IMAGE):
        take(monkeypatch, settings)
        run("Conv2d", {"bias": False}, x=np.ones((2, 1, 4, 4)))
    assert calls == ["correlation_by_row", "correlation_by_image"]


def test_few_filters_go_by_row_and_many_by_image():
    def is_by_row(filters, channels, kernel, images, columns, dilation=1):
        window = Window((kernel, kernel), (1, 1), (0, 0), (dilation, dilation))
        sizes = Sizes(window, 1, channels, filters, (columns, columns), (columns, columns))
        return correlation._is_by_row(sizes, images)

    assert is_by_row(16, 6, 5, images=2, columns=10)  # LeNet
    assert not is_by_row(16, 6, 5, images=1, columns=10)  # with nothing to lie side by side
    assert is_by_row(32, 64, 3, images=8, columns=16)
    assert not is_by_row(32, 64, 3, images=2, columns=8)  # too few windows in a row
    assert not is_by_row(256, 384, 3, images=800, columns=13)  # AlexNet
    assert not is_by_row(1, 1, 3, images=2, columns=8, dilation=2)  # whose rows do not lie together


@pytest.mark.parity
@pytest.mark.parametrize("batch", [1, 5])
@pytest.mark.parametrize(
    ("channels", "size", "params"),
    [
        (1, 28, {"out_channels": 6, "kernel_size": 5, "padding": 2}),
        (6, 14, {"out_channels": 16, "kernel_size": 5}),
        (3, 113, {"out_channels": 8, "kernel_size": 11, "stride": 4, "padding": 2}),
        (8, 27, {"out_channels": 12, "kernel_size": 5, "padding": 2, "groups": 2}),
        (8, 13, {"out_channels": 8, "padding": "same", "groups": 8}),
        (4, 24, {"out_channels": 6, "kernel_size": 1}),
        (4, 30, {"out_channels": 4, "dilation": 2, "padding": "same"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("way", [ROW, IMAGE], ids=["by row", "by image"])
def test_layers_of_real_size_agree_with_pytorch(monkeypatch, channels, size, params, batch, way):
    torch = pytest.importorskip("torch")
    take(monkeypatch, way)
    trial = Trial(
        "Conv2d", params, {"x": np.random.default_rng(1).standard_normal((batch, channels, size, size))}
    )
    tensors = {name: torch.tensor(a, requires_grad=True) for name, a in trial.inputs.items()}
    y = eval(
        trial.op.emit_torch(**{n: f"tensors['{n}']" for n in tensors}),
        {"F": torch.nn.functional, "tensors": tensors},
    )
    trial.forward()
    np.testing.assert_allclose(trial.y, y.detach().numpy(), rtol=1e-9, atol=1e-9)
    (dy,) = trial.upstream()
    y.backward(torch.tensor(dy))
    for name, gradient in trial.backward(dy).items():
        np.testing.assert_allclose(gradient, tensors[name].grad.numpy(), rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("way", [ROW, IMAGE], ids=["by row", "by image"])
@pytest.mark.parametrize("shape", [(4, 2, 6, 6), (1, 2, 6, 6), (2, 2, 30, 30)])
def test_it_can_be_recorded(monkeypatch, shape, way):
    take(monkeypatch, way)
    for name, params in (
        ("Conv2d", {"padding": 1}),
        ("Conv2d", {"kernel_size": 1}),
        ("Conv2d", {"kernel_size": 1, "stride": 2}),
        ("Conv2d", {"stride": 2}),
        ("ConvTranspose2d", {"stride": 2}),
    ):
        assert recorded(name, params, x=np.ones(shape)), (name, params)


# What cannot be


def test_same_keeps_the_size():
    found = inferred({"kernel_size": (3, 5), "padding": "same", "dilation": (3, 1)}, (Dim("N"), 2, 8, 9))
    assert found.shape[2:] == (8, 9)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"kernel_size": 4, "padding": "same"}, "kernel_size 4 with dilation 1 asks for 3 together"),
        ({"stride": 2, "padding": "same"}, "stride 2 does not"),
        ({"out_channels": 4, "groups": 3}, "out_channels 4 cannot be divided into 3 groups"),
        ({"padding": "full"}, "padding cannot be 'full'"),
        ({"padding": -1}, "padding cannot be -1"),
        ({"dilation": (1, 2, 3)}, "dilation has 3 sizes"),
    ],
)
def test_params_that_cannot_be_are_refused_with_their_numbers(params, message):
    with pytest.raises(ParamError, match=message) as caught:
        make("Conv2d", params)
    assert caught.value.hint


def test_an_even_kernel_with_same_works_where_dilation_makes_it_even():
    assert inferred({"kernel_size": 4, "padding": "same", "dilation": 2}, (1, 1, 9, 9)).shape[2:] == (9, 9)


def test_channels_that_do_not_come_out_even_are_refused():
    with pytest.raises(ShapeError, match=r"The 3 channels of x \(2×3×8×8\) cannot be divided into 2 groups"):
        inferred({"groups": 2}, (2, 3, 8, 8))


def test_a_dilated_window_that_does_not_fit_says_how_far_it_reaches():
    with pytest.raises(
        ShapeError, match=r"3×3 window \(dilated to 7×7\) does not fit into images of 6×6"
    ) as caught:
        inferred({"dilation": 3}, (1, 1, 6, 6))
    assert "kernel_size to 2" in caught.value.hint


def test_images_for_a_sequence_layer_are_refused():
    with pytest.raises(ShapeError, match=r"not a batch of sequences N×C×L"):
        inferred({}, (1, 1, 6, 6), "Conv1d")


def test_too_much_output_padding_is_refused():
    with pytest.raises(ParamError, match="output_padding 2 must be smaller than stride 2"):
        make("ConvTranspose2d", {"output_padding": 2, "stride": 2})


def test_a_transposed_convolution_that_cuts_everything_off_is_refused():
    with pytest.raises(ShapeError, match="padding 2 cuts everything off"):
        inferred({"padding": 2}, (1, 1, 1, 1), "ConvTranspose2d")


def test_transposed_convolution_is_the_adjoint_of_convolution():
    """⟨conv(a), b⟩ = ⟨a, convᵀ(b)⟩, with one and the same weight."""
    rng = np.random.default_rng(0)
    params = {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1, "bias": False}
    a, weight = rng.standard_normal((2, 3, 7, 5)), rng.standard_normal((4, 3, 3, 2))
    there = run("Conv2d", {"out_channels": 4, **params}, x=a, weight=weight)
    b = rng.standard_normal(there.shape)
    back = run("ConvTranspose2d", {"out_channels": 3, **params}, x=b, weight=weight)
    assert back.shape == a.shape
    assert np.sum(there * b) == pytest.approx(np.sum(a * back), rel=1e-12)
