"""Products of matrices in pieces: the same numbers, whatever the shapes and however the matrices lie in memory."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.engine.record import record
from graphlab.ops import Clock, Context
from graphlab.ops.matrix import _pieces, product

LAYOUTS = ("C", "F", "scattered")
SIZES = st.sampled_from([0, 1, 2, 3, 10, 13, 16, 32, 48, 64, 65, 66, 96, 128, 784])


def context(in_pieces=True):
    return Context("n", Clock(in_pieces=in_pieces), np.float32)


def matrix(rng, rows, columns, layout, dtype=np.float32):
    numbers = rng.standard_normal((rows, columns)).astype(dtype)
    if layout == "scattered":
        room = np.zeros((rows, 2 * columns), dtype)
        room[:, ::2] = numbers
        return room[:, ::2]
    return np.asarray(numbers, order=layout)


@settings(max_examples=150, deadline=None)
@given(SIZES, SIZES, SIZES, st.sampled_from(LAYOUTS), st.sampled_from(LAYOUTS), st.integers(0, 99))
def test_a_product_in_pieces_is_the_product(m, k, n, layout_a, layout_b, seed):
    rng = np.random.default_rng(seed)
    a, b = matrix(rng, m, k, layout_a), matrix(rng, k, n, layout_b)
    out = np.full((m, n), np.nan, np.float32)
    product(context(), a, b, out)
    np.testing.assert_allclose(out, a.astype(float) @ b.astype(float), rtol=1e-4, atol=1e-3)


# (m, k, n), whether the second matrix is transposed, and the pieces
TAKEN_IN_PIECES = [
    ((64, 784, 256), True, (32, 32)),  # a layer for digits, forward,
    ((256, 64, 784), False, (128, 112)),  # and the gradient of its weights
    ((32, 128, 65), True, (16, 65)),
    ((1024, 66, 128), False, (64, 128)),
    ((192, 512, 64), False, (24, 64)),
    ((65, 1024, 128), False, (16, 32)),  # and one row
]


@pytest.mark.parametrize(("shape", "is_transposed", "pieces"), TAKEN_IN_PIECES)
def test_the_shapes_of_common_layers_are_taken_in_pieces(shape, is_transposed, pieces):
    assert _pieces(*shape, True, not is_transposed, is_transposed) == pieces


@pytest.mark.parametrize(
    ("shape", "is_transposed"),
    [
        ((32, 8, 8), True),  # tiny
        ((32, 128, 128), False),  # small enough as it is
        ((1024, 64, 128), True),  # slower in pieces
        ((97, 512, 1021), False),  # prime
        ((512, 4096, 4096), False),  # does not fit into the cache
        ((0, 784, 256), True),
    ],
)
def test_others_are_taken_as_one(shape, is_transposed):
    assert _pieces(*shape, True, not is_transposed, is_transposed) is None


def noted(a, b, in_pieces):
    """The name of the one NumPy function that is called."""
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    (call,) = record(product, (context(in_pieces), a, b, out), {}, [out])
    return call.func.__name__


def test_pieces_are_taken_of_single_precision_where_the_run_says_so():
    rng = np.random.default_rng(0)
    single = [matrix(rng, 64, 784, "C"), matrix(rng, 784, 256, "F")]
    double = [array.astype(float) for array in single]
    assert noted(*single, in_pieces=True) == "matmul"
    assert noted(*single, in_pieces=False) == "dot"
    assert noted(*double, in_pieces=True) == "dot"
