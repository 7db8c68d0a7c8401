"""Pooling: published figures, ties, overlapping and padded windows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Spec, average_pooling, get, make
from tests.ops.op_trial import Trial, published, recorded, run

GRID = np.arange(16.0).reshape(1, 1, 4, 4)


def pool(name, x, **params):
    x = np.asarray(x, float)
    return run(name, params, x=x.reshape(1, 1, *x.shape[-2:]))[0, 0]


def test_published_maximum_and_average():
    figures = published("d2l_pool")
    for name, key in (("MaxPool2d", "max"), ("AvgPool2d", "avg")):
        found = pool(name, figures["given"]["X"], kernel_size=2, stride=1)
        np.testing.assert_array_equal(found, figures["expected"][key])


@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("a", {"kernel_size": 3}),
        ("b", {"kernel_size": 3, "padding": 1, "stride": 2}),
        ("c", {"kernel_size": (2, 3), "stride": (2, 3), "padding": (0, 1)}),
    ],
)
def test_published_strides_and_padding(key, params):
    np.testing.assert_array_equal(
        pool("MaxPool2d", GRID, **params), published("d2l_pool_stride")["expected"][key]
    )


def test_published_three_by_three():
    figures = published("conv_arithmetic_numeric")
    x = figures["given"]["X"]
    np.testing.assert_array_equal(pool("MaxPool2d", x, kernel_size=3, stride=1), figures["expected"]["max3"])
    average = pool("AvgPool2d", x, kernel_size=3, stride=1)
    np.testing.assert_allclose(average, figures["expected"]["avg3"], atol=figures["tolerance"])


@pytest.mark.parity
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"kernel_size": 3},
        {"kernel_size": (1, 3)},
        {"kernel_size": 3, "stride": 1},
        {"kernel_size": 3, "stride": 2, "padding": 1},
        {"kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0)},
        {"kernel_size": 2, "stride": 3},
        {"kernel_size": 5, "stride": 2, "padding": 2},
    ],
    ids=str,
)
def test_where_several_are_equal_pytorch_gives_the_gradient_to_the_same_one(params):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(3).integers(0, 3, (3, 2, 7, 6)).astype(float)  # full of ties
    trial = Trial("MaxPool2d", params, {"x": x})
    trial.forward()
    dy = np.random.default_rng(4).standard_normal(trial.y.shape)
    tensor = torch.tensor(x, requires_grad=True)
    op = trial.op
    y = torch.nn.functional.max_pool2d(tensor, op.kernel_size, op.stride, op.padding)
    y.backward(torch.tensor(dy))
    np.testing.assert_array_equal(trial.y, y.detach().numpy())
    np.testing.assert_allclose(trial.backward(dy)["x"], tensor.grad.numpy(), rtol=0, atol=1e-12)


def test_a_constant_image_sends_each_gradient_to_the_first_pixel_of_its_window():
    trial = Trial("MaxPool2d", {}, {"x": np.zeros((1, 1, 4, 4))})
    trial.forward()
    gradient = trial.backward(np.ones((1, 1, 2, 2)))["x"][0, 0]
    np.testing.assert_array_equal(gradient, np.tile([[1.0, 0.0], [0.0, 0.0]], (2, 2)))


def test_padding_never_wins_over_negative_pixels():
    assert pool("MaxPool2d", [[-5.0]], kernel_size=2, stride=1, padding=1).max() == -5


def test_padding_counts_as_zeros_in_an_average():
    assert pool("AvgPool2d", [[4.0]], kernel_size=3, padding=1, stride=1)[0, 0] == pytest.approx(4 / 9)


@pytest.mark.parametrize("name", ["AvgPool1d", "AvgPool2d"])
def test_averages_by_a_product_are_those_by_passages(monkeypatch, name):
    """The widest images that a product is used for, and some that it never is: none may differ."""
    for example in get(name).examples:
        results = []
        for narrow in (10**9, 0):
            monkeypatch.setattr(average_pooling, "NARROW", narrow)
            trial = Trial.of(get(name), example)
            trial.forward()
            results.append([trial.y, trial.backward(trial.upstream())["x"]])
        for mine, other in zip(*results, strict=True):
            np.testing.assert_allclose(mine, other, rtol=0, atol=1e-14)


@pytest.mark.parametrize(
    ("params", "shape", "is_product"),
    [
        ({}, (2, 3, 28, 28), True),
        ({}, (2, 3, 56, 56), False),  # too wide
        ({}, (2, 3, 5, 6), False),  # the last row of pixels is in no window
        ({"kernel_size": 3, "stride": 2, "padding": 1}, (2, 3, 7, 7), False),  # rows of windows overlap
        ({"kernel_size": (2, 3), "stride": (2, 1), "padding": (0, 1)}, (2, 3, 4, 5), True),
    ],
)
def test_narrow_images_are_averaged_by_a_product(monkeypatch, params, shape, is_product):
    seen = []
    original = average_pooling.total
    monkeypatch.setattr(average_pooling, "total", lambda *args: (seen.append(1), original(*args)))
    run("AvgPool2d", params, x=np.ones(shape))
    assert (not seen) is is_product


def test_pooling_can_be_recorded():
    for name in ("AvgPool2d", "MaxPool2d"):
        for size in (8, 40):
            assert recorded(name, {}, x=np.ones((2, 1, size, size))), (name, size)


def test_more_padding_than_half_a_window_is_refused():
    with pytest.raises(ParamError, match="padding 2 is more than half of kernel_size 3"):
        make("MaxPool2d", {"kernel_size": 3, "padding": 2})


def test_pooling_of_the_lecture():
    """Maximum and average with window 3, and the maximum over the whole length."""
    x = np.array([[[1.0, 5, 2, 0, 3, 9]]])
    assert run("MaxPool1d", {"kernel_size": 3}, x=x).tolist() == [[[5, 9]]]
    assert run("AvgPool1d", {"kernel_size": 3}, x=x)[0, 0] == pytest.approx([8 / 3, 4])
    assert run("MaxPool1d", {"kernel_size": 6}, x=x).tolist() == [[[9]]]


def test_a_last_window_that_reaches_beyond_counts_only_what_is_there():
    assert pool("AvgPool2d", [[1.0, 2.0, 6.0]], kernel_size=(1, 2), ceil_mode=True).tolist() == [[1.5, 6.0]]
    assert pool("MaxPool2d", [[1.0, 2.0, -6.0]], kernel_size=(1, 2), ceil_mode=True).tolist() == [[2.0, -6.0]]


def test_a_window_that_steps_over_the_image_is_refused():
    """PyTorch writes its gradient to somewhere in memory."""
    op = make("MaxPool1d", {"kernel_size": 2, "dilation": 3, "padding": 1})
    with pytest.raises(ShapeError, match=r"dilation 3 and padding 1 steps over x \(1×1×2\)"):
        op.infer(Spec((1, 1, 2)))
    assert op.infer(Spec((1, 1, 3))).shape == (1, 1, 1)


def test_a_last_window_must_begin_on_the_image():
    op = make("MaxPool2d", {"kernel_size": 2, "stride": 3, "padding": 1, "ceil_mode": True})
    assert op.infer(Spec((1, 1, 6, 7))).shape[2:] == (3, 3)  # not 3×4: the fourth would begin on padding


@pytest.mark.parity
@pytest.mark.parametrize("size", range(2, 12))
def test_window_counts_are_those_of_pytorch(size):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(size).standard_normal((1, 2, size))
    for kernel, stride, padding, dilation in itertools.product((1, 2, 3), (1, 2, 3), (0, 1), (1, 2)):
        params = {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        if 2 * padding > kernel or (kernel - 1) * dilation >= size + 2 * padding:
            continue
        found = run("MaxPool1d", params | {"ceil_mode": True}, x=x)
        expected = torch.nn.functional.max_pool1d(torch.tensor(x), ceil_mode=True, **params)
        np.testing.assert_array_equal(found, expected.numpy())


def test_global_maximum_gives_the_gradient_to_the_first_of_equal_pixels():
    trial = Trial("GlobalMaxPool2d", {}, {"x": np.ones((2, 1, 2, 2))})
    trial.forward()
    gradient = trial.backward(np.full((2, 1, 1, 1), 3.0))["x"]
    assert gradient.reshape(2, 4).tolist() == [[3, 0, 0, 0]] * 2


def test_an_adaptive_maximum_gives_the_gradient_to_the_first_of_equal_pixels():
    trial = Trial("AdaptiveMaxPool2d", {"output_size": (1, 2)}, {"x": np.ones((1, 1, 2, 3))})
    trial.forward()
    gradient = trial.backward(np.array([[[[3.0, 5.0]]]]))["x"]
    assert gradient.tolist() == [[[[3, 5, 0], [0, 0, 0]]]]  # the windows are columns 0 and 1, and 1 and 2


@pytest.mark.parity
@pytest.mark.parametrize("size", range(1, 8))
def test_adaptive_windows_are_those_of_pytorch(size):
    torch = pytest.importorskip("torch")
    x = np.random.default_rng(0).integers(0, 3, (2, 2, 5, 6)).astype(float)  # with equal ones in most windows
    theirs = torch.tensor(x, requires_grad=True)
    y = torch.nn.functional.adaptive_max_pool2d(theirs, (size, 2))
    trial = Trial("AdaptiveMaxPool2d", {"output_size": (size, 2)}, {"x": x})
    trial.forward()
    dy = np.random.default_rng(1).standard_normal(trial.y.shape)
    y.backward(torch.tensor(dy))
    np.testing.assert_array_equal(trial.y, y.detach().numpy())
    np.testing.assert_allclose(trial.backward(dy)["x"], theirs.grad.numpy(), atol=1e-14)


def test_adaptive_windows_may_overlap():
    x = np.arange(5.0).reshape(1, 1, 1, 5)
    found = run("AdaptiveAvgPool2d", {"output_size": (1, 3)}, x=x)
    assert found[0, 0, 0] == pytest.approx([0.5, 2, 3.5])


def test_images_without_pixels_have_no_average():
    for name in ("GlobalAvgPool2d", "GlobalMaxPool2d", "AdaptiveAvgPool2d"):
        with pytest.raises(ShapeError, match="have no pixels"):
            make(name, {}).infer(Spec((2, 3, 0, 4)))


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("MaxPool2d", {}),
        ("MaxPool2d", {"kernel_size": 3, "stride": 2}),
        ("AvgPool2d", {"ceil_mode": True}),
        ("AdaptiveAvgPool2d", {"output_size": 3}),
        ("GlobalAvgPool2d", {}),
        ("LocalResponseNorm", {}),
    ],
)
def test_it_can_be_recorded(name, params):
    assert recorded(name, params, x=np.random.default_rng(0).standard_normal((2, 6, 7, 7)))
