"""The bilinear layer: its parameters, and inputs that do not belong together."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.errors import ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import run

N = Dim("N")


def test_it_weighs_every_product():
    y = run(
        "Bilinear",
        {"units": 1},
        x1=np.array([[1.0, 2.0]]),
        x2=np.array([[3.0]]),
        weight=np.array([[[4.0], [5.0]]]),
        bias=np.array([6.0]),
    )
    np.testing.assert_array_equal(y, [[1 * 4 * 3 + 2 * 5 * 3 + 6]])


def test_its_weights_begin_within_pytorchs_bounds():
    op = make("Bilinear", {"units": 4})
    shapes = op.learnable(Spec((N, 9)), Spec((N, 2)))
    assert shapes == {"weight": (4, 9, 2), "bias": (4,)}
    assert op.fans("weight", shapes)[0] == op.fans("bias", shapes)[0] == 9


@pytest.mark.parametrize(
    ("x1", "x2", "message", "socket"),
    [
        ((N, 3), (5, 3), r"x1 \(N×3\) and x2 \(5×3\) differ in their leading axes", "x2"),
        ((), (3,), r"x1 \(scalar\) has no fixed last axis", "x1"),
        ((2, 3), (2, N), r"x2 \(2×N\) has no fixed last axis", "x2"),
    ],
)
def test_inputs_that_do_not_belong_together_are_named(x1, x2, message, socket):
    op = make("Bilinear", {"units": 2})
    with pytest.raises(ShapeError, match=message) as caught:
        op.infer(Spec(x1), Spec(x2), None, None)
    assert caught.value.socket == socket


def test_a_shared_weight_that_does_not_fit_is_named():
    with pytest.raises(
        ShapeError, match=r"weight is 2×3×3, but x1 \(N×3\), x2 \(N×4\) and 2 units ask for 2×3×4"
    ):
        make("Bilinear", {"units": 2}).infer(Spec((N, 3)), Spec((N, 4)), Spec((2, 3, 3)), Spec((2,)))
