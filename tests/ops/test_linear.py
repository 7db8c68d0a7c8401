"""Matrix products that do not fit, and the fully connected layer with its parameters."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import INITIALISERS, Dim, Spec, layer_products, make
from tests.ops.op_trial import Trial, recorded, run

N = Dim("N")


def test_it_computes_the_weighted_sums():
    y = run(
        "Linear", {"units": 1}, x=np.array([[1.0, 2.0]]), weight=np.array([[3.0, 4.0]]), bias=np.array([5.0])
    )
    np.testing.assert_array_equal(y, [[16]])


def test_without_bias_it_owns_only_weights():
    assert make("Linear", {"units": 4, "bias": False}).learnable(Spec((N, 3))) == {"weight": (4, 3)}


def test_a_shared_weight_that_does_not_fit_is_named():
    with pytest.raises(ShapeError, match=r"weight is 8×2, but x \(N×3\) and 4 units ask for 4×3") as caught:
        make("Linear", {"units": 4}).infer(Spec((N, 3)), Spec((8, 2)), Spec((4,)))
    assert caught.value.socket == "weight"


@pytest.mark.parametrize("shape", [(), (3, N)])
def test_an_input_without_a_fixed_last_axis_is_refused(shape):
    with pytest.raises(ShapeError, match="no fixed last axis"):
        make("Linear", {}).learnable(Spec(shape))


def test_weights_and_bias_begin_within_pytorchs_bounds():
    op = make("Linear", {"units": 50})
    shapes = {"weight": (50, 100), "bias": (50,)}
    for socket, shape in shapes.items():
        fan_in, fan_out = op.fans(socket, shapes)
        values = INITIALISERS[op.params[f"{socket}_init"]](np.random.default_rng(0), shape, fan_in, fan_out)
        assert 0.08 < np.abs(values).max() <= 0.1  # 1/√100


def test_inner_sizes_that_differ_are_named():
    with pytest.raises(
        ShapeError, match=r"Cannot multiply a \(N×16\) by b \(8×4\): the inner sizes 16 and 8"
    ):
        make("MatMul", {}).infer(Spec((N, 16)), Spec((8, 4)))


def test_a_scalar_is_no_matrix():
    with pytest.raises(ShapeError, match="b is a scalar") as caught:
        make("MatMul", {}).infer(Spec((N, 16)), Spec(()))
    assert caught.value.socket == "b"


def test_a_batch_of_open_size_multiplies():
    assert str(make("MatMul", {}).infer(Spec((N, 16)), Spec((16, 4)))) == "N×4"
    assert str(make("MatMul", {}).infer(Spec((N, 5, 16)), Spec((16,)))) == "N×5"


# Its products


SIZES = [
    (1, 300, 200),  # rows, inputs, outputs
    (5, 300, 200),
    (8, 1000, 700),
    (16, 300, 1801),
    (3, 1111, 1013),
    (2, 70_000, 9),
    (16, 70_001, 3),
    (40, 400, 30),
    (200, 20, 10),
]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("light", [layer_products.LIGHT, 5000])
def test_every_order_of_computing_gives_the_same_products(monkeypatch, sizes, light):
    rows, inputs, outputs = sizes
    monkeypatch.setattr(layer_products, "LIGHT", light)
    rng = np.random.default_rng(0)
    x, dy = rng.standard_normal((rows, inputs)), rng.standard_normal((rows, outputs))
    weight = rng.standard_normal((outputs, inputs))
    trial = Trial("Linear", {"units": outputs, "bias": False}, {"x": x, "weight": weight})
    trial.forward()
    np.testing.assert_allclose(trial.y, np.matmul(x, weight.T), rtol=0, atol=1e-11)
    found = trial.backward(dy)
    np.testing.assert_allclose(found["x"], np.matmul(dy, weight), rtol=0, atol=1e-11)
    np.testing.assert_allclose(found["weight"], np.matmul(dy.T, x), rtol=0, atol=1e-11)


def test_a_few_rows_of_many_weights_are_multiplied_in_portions_and_recorded():
    blocks = list(layer_products._blocks(10, 4))
    assert blocks == [(slice(0, 8), 4), (slice(8, 10), 2)]
    for bias in (True, False):
        assert recorded("Linear", {"units": 1013, "bias": bias}, x=np.ones((8, 1111)))
