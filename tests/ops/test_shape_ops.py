"""Flatten, Reshape, Concat: open sizes, and elements that do not come out even."""

from __future__ import annotations

import pytest

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Dim, Spec, make

N = Dim("N")


def shape(name, params, *specs):
    op = make(name, params)
    names = [s.name for s in op.sockets()]
    return str(op.infer(**dict(zip(names, (Spec(s) for s in specs), strict=True))))


def test_flatten_keeps_the_open_batch():
    assert shape("Flatten", {}, (N, 8, 4, 4)) == "N×128"
    assert shape("Flatten", {"start_dim": 0}, (N, 3)) == "3·N"


@pytest.mark.parametrize(
    ("target", "source", "expected"),
    [
        (("N", 1, 8, 8), (N, 64), "N×1×8×8"),
        (("N", -1), (N, 8, 8), "N×64"),
        ((-1, 4), (N, 8), "2·N×4"),
        ((-1,), (N, 3), "3·N"),
        (("N", 2, -1), (Dim("N") * 2, 6), "2·N×2×3"),
    ],
)
def test_reshape_with_an_open_batch(target, source, expected):
    assert shape("Reshape", {"shape": target}, source) == expected


@pytest.mark.parametrize(
    ("target", "source", "message"),
    [
        (("N", 1, 7, 7), (N, 64), "64·N elements"),
        ((-1, 5), (N, 64), "cannot be divided evenly by 5"),
        ((-1, 5), (3, 4), "12 elements cannot be divided evenly by 5"),
        ((6,), (N,), "x .N. has N elements, but shape .6. holds 6"),
    ],
)
def test_reshape_that_does_not_come_out_even_is_refused(target, source, message):
    with pytest.raises(ShapeError, match=message) as caught:
        shape("Reshape", {"shape": target}, source)
    assert caught.value.hint


@pytest.mark.parametrize("target", [(-1, -1), (0, 3), ("M", 2)])
def test_reshape_params_that_cannot_be_are_refused(target):
    with pytest.raises(ParamError):
        make("Reshape", {"shape": target})


def test_concat_adds_open_sizes():
    assert shape("Concat", {"dim": 0}, (N, 3), (N, 3)) == "2·N×3"
    assert shape("Concat", {}, (N, 3), (N, 5)) == "N×8"


def test_concat_of_different_rows_names_both():
    with pytest.raises(ShapeError, match=r"join x1 \(N×3\) and x2 \(4×3\) along axis 1") as caught:
        shape("Concat", {}, (N, 3), (4, 3))
    assert caught.value.socket == "x2"


def test_concat_grows_by_its_count():
    op = make("Concat", {"count": 4})
    assert [s.name for s in op.sockets()] == ["x1", "x2", "x3", "x4"]
    assert op.params[op.grows] == 4


def test_reductions_keep_open_sizes():
    assert shape("Sum", {"dim": 1}, (N, 3)) == "N"
    assert shape("Mean", {"dim": -1, "keepdim": True}, (N, 3)) == "N×1"
    assert shape("Mean", {}, (N, 3)) == "scalar"
    with pytest.raises(ShapeError, match="no axis 5"):
        shape("Sum", {"dim": 5}, (N, 3))
