"""Pooling: published figures, ties, overlapping and padded windows."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ParamError
from graphlab.ops import make
from tests.ops.op_trial import Trial, published, run

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


def test_more_padding_than_half_a_window_is_refused():
    with pytest.raises(ParamError, match="padding 2 is more than half of kernel_size 3"):
        make("MaxPool2d", {"kernel_size": 3, "padding": 2})
