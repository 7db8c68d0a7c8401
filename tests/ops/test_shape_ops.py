"""Shape ops: open sizes, elements that do not come out even, and indices that do not exist."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab.errors import FeedError, ParamError, ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, recorded, run

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


@pytest.mark.parametrize(
    ("name", "params", "expected"),
    [
        ("Transpose", {"dim0": 0, "dim1": -1}, "4×3×N"),
        ("Permute", {"dims": (2, 0, 1)}, "4×N×3"),
        ("Permute", {}, "4×3×N"),
        ("Unsqueeze", {"dim": 1}, "N×1×3×4"),
        ("Squeeze", {"dim": 1}, "N×3×4"),
        ("Expand", {"shape": (2, "N", 3, 4)}, "2×N×3×4"),
        ("Slice", {"dim": 0, "start": 1}, "N−1×3×4"),
        ("Slice", {"dim": 0, "end": -2}, "N−2×3×4"),
        ("Slice", {"dim": 0, "start": -1}, "1×3×4"),
        ("Slice", {"dim": 2, "start": 1, "end": 3}, "N×3×2"),
        ("Pad", {"pad": (1, 2)}, "N×3×7"),
        ("Pad", {"pad": (0, 0, 0, 0, 1, 1)}, "N+2×3×4"),
        ("Flatten", {"start_dim": 0, "end_dim": 1}, "3·N×4"),
    ],
)
def test_open_sizes_go_through(name, params, expected):
    assert shape(name, params, (N, 3, 4)) == expected


def test_split_and_stack_with_an_open_batch():
    op = make("Split", {"sections": (1, 2)})
    assert [str(spec) for spec in op.infer(Spec((N, 3)))] == ["N×1", "N×2"]
    assert op.results() == ("y1", "y2")
    assert shape("Stack", {"dim": 0}, (N, 3), (N, 3)) == "2×N×3"


@pytest.mark.parametrize(
    ("name", "params", "shapes", "message"),
    [
        ("Transpose", {"dim0": 3}, [(2, 3)], "no axis 3"),
        ("Permute", {"dims": (0, 0)}, [(2, 3)], "do not name each of x's 2 axes once"),
        ("Permute", {"dims": (0, 1)}, [(2, 3, 4)], "do not name each of x's 3 axes once"),
        ("Squeeze", {}, [(N, 1)], "open size N"),
        ("Unsqueeze", {"dim": (0, 0)}, [(2,)], "names one axis of the result twice"),
        ("Expand", {"shape": (4, 3)}, [(2, 3)], "2 cannot be repeated to 4"),
        ("Expand", {"shape": (3,)}, [(2, 3)], "it has more axes"),
        ("Stack", {}, [(2, 3), (2, 4)], "their shapes differ"),
        ("Split", {"sections": (1, 3)}, [(2, 5)], r"5 long .* sizes \(1, 3\), which are 4 together"),
        ("Split", {"sections": 4}, [(2, 5)], "5 long .* 4 parts"),
        ("Split", {"dim": 0}, [(N, 2)], "N cannot be divided evenly by 2"),
        ("Slice", {"dim": 0, "step": 2}, [(N, 2)], "open size N"),
        ("Slice", {"dim": (0, -2)}, [(3, 2)], "names axis 0 twice"),
        ("Pad", {"pad": (1, 1) * 3}, [(3, 2)], "is for 3 axes"),
        ("Pad", {"pad": (2, 0), "mode": "reflect"}, [(3, 2)], "Axis 1 .* is 2 long: too short"),
        ("Pad", {"pad": (-2, -2)}, [(3, 3)], "Axis 1 .* is 3 long: too short"),
        ("Gather", {}, [(3, 2), (4, 1)], r"index \(4×1\) does not fit x \(3×2\)"),
        ("Flatten", {"start_dim": 2, "end_dim": 1}, [(2, 3, 4)], "comes before"),
    ],
)
def test_shapes_that_do_not_fit_are_refused_with_their_numbers(name, params, shapes, message):
    with pytest.raises(ShapeError, match=message) as caught:
        shape(name, params, *shapes)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("Pad", {"pad": 1}),
        ("Pad", {"pad": (1, 2, 3)}),
        ("Pad", {"pad": (-1, 0), "mode": "reflect"}),
        ("Slice", {"step": 0}),
        ("Slice", {"dim": (0, 1), "start": (1, 2, 3)}),
        ("Expand", {"shape": (0, 2)}),
        ("Split", {"sections": 1025}),
        ("Split", {"sections": (2, 0)}),
    ],
)
def test_params_that_cannot_be_are_refused(name, params):
    with pytest.raises(ParamError) as caught:
        make(name, params)
    assert caught.value.hint


@pytest.mark.parametrize(("name", "x"), [("Gather", np.ones((2, 3))), ("IndexSelect", np.ones((2, 3)))])
def test_an_index_that_does_not_exist_is_named(name, x):
    index = np.array([[0], [3]])
    with pytest.raises(FeedError, match=r"index\[.*\] is 3, but axis 1 of x has 3 elements"):
        run(name, {}, x=x, index=index)
    assert run(name, {}, x=np.arange(6.0).reshape(2, 3), index=np.array([[0], [-1]])).ravel()[-1] == 5


@pytest.mark.parametrize("shape", [(300, 256), (256, 130), (2, 64, 8, 16), (3, 1000), (1000, 3)])
def test_turned_axes_are_numpys_however_far_apart_they_lie(shape):
    x = np.random.default_rng(0).standard_normal(shape)
    trial = Trial("Permute", {}, {"x": x}, dtype="float32")
    trial.forward()
    np.testing.assert_array_equal(trial.y, trial.inputs["x"].transpose())
    dy = np.random.default_rng(1).standard_normal(trial.y.shape).astype(np.float32)
    np.testing.assert_array_equal(trial.backward(dy)["x"], dy.transpose())


def test_rows_picked_twice_get_both_gradients():
    trial = Trial("IndexSelect", {"dim": 0}, {"x": np.ones((3, 2)), "index": np.array([2, 0, 2])})
    trial.forward()
    assert trial.backward(np.ones((3, 2)))["x"].tolist() == [[1, 1], [0, 0], [2, 2]]


def test_a_part_that_nothing_depends_on_gets_no_gradient():
    trial = Trial("Split", {"sections": (1, 2)}, {"x": np.ones((2, 3))})
    trial.forward()
    assert trial.backward((None, np.ones((2, 2))))["x"].tolist() == [[0, 1, 1]] * 2


def test_too_few_rows_to_cut_from_are_said_at_run_time():
    op = make("Slice", {"dim": 0, "end": 5})
    assert str(op.infer(Spec((N, 2)))) == "5×2"
    with pytest.raises(
        FeedError, match=r"Axis 0 of x \(3×2\) is 3 long, too short for 5 elements from 0 up to 5"
    ):
        op.forward(None, np.ones((3, 2)), y=np.ones((5, 2)))


sizes = st.lists(st.integers(0, 4), min_size=1, max_size=4).map(tuple)
ends = st.one_of(st.none(), st.integers(-6, 6))


@given(sizes, st.data())
def test_slices_are_those_of_python(before, data):
    axis = data.draw(st.integers(-len(before), len(before) - 1))
    start, end = data.draw(st.integers(-6, 6)), data.draw(ends)
    step = data.draw(st.integers(-3, 3).filter(bool))
    x = np.arange(float(np.prod(before))).reshape(before)
    index = [slice(None)] * len(before)
    index[axis] = slice(start, end, step)
    found = run("Slice", {"dim": axis, "start": start, "end": end, "step": step}, x=x)
    np.testing.assert_array_equal(found, x[tuple(index)])


@given(sizes, st.integers(1, 3), st.data())
def test_concat_and_split_undo_each_other(before, count, data):
    axis = data.draw(st.integers(-len(before), len(before) - 1))
    lengths = data.draw(st.lists(st.integers(1, 3), min_size=count, max_size=count))
    rng = np.random.default_rng(0)
    parts = [
        rng.standard_normal((*before[: axis % len(before)], n, *before[axis % len(before) + 1 :]))
        for n in lengths
    ]
    whole = run(
        "Concat", {"count": count, "dim": axis}, **{f"x{i + 1}": part for i, part in enumerate(parts)}
    )
    np.testing.assert_array_equal(whole, np.concatenate(parts, axis))
    trial = Trial("Split", {"sections": tuple(lengths), "dim": axis}, {"x": whole})
    for part, found in zip(parts, trial.forward().values(), strict=True):
        np.testing.assert_array_equal(found, part)


@pytest.mark.parametrize(
    ("mode", "name"),
    [("constant", "constant"), ("reflect", "reflect"), ("replicate", "edge"), ("circular", "wrap")],
)
@given(data=st.data())
def test_padding_is_that_of_numpy(mode, name, data):
    before = data.draw(st.lists(st.integers(4, 6), min_size=1, max_size=3).map(tuple))
    pad = data.draw(
        st.lists(st.integers(0, 3), min_size=2 * len(before), max_size=2 * len(before)).map(tuple)
    )
    x = np.random.default_rng(0).standard_normal(before)
    pairs = list(zip(pad[::2], pad[1::2], strict=True))[::-1]
    np.testing.assert_array_equal(run("Pad", {"pad": pad, "mode": mode}, x=x), np.pad(x, pairs, mode=name))


@pytest.mark.parametrize(
    ("name", "params", "count"),
    [
        ("Transpose", {}, 1),
        ("Permute", {}, 1),
        ("Expand", {"shape": (3, -1, -1)}, 1),
        ("Concat", {}, 2),
        ("Stack", {}, 2),
        ("Split", {}, 1),
        ("Slice", {"start": 1}, 1),
        ("Pad", {}, 1),
        ("Pad", {"mode": "reflect"}, 1),
    ],
)
def test_it_can_be_recorded(name, params, count):
    sockets = [socket.name for socket in make(name, params).sockets()]
    assert recorded(name, params, **{socket: np.ones((3, 4)) for socket in sockets[:count]})
