"""Sizes, broadcasting, params and the registry: what every operation is built from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphlab import ops
from graphlab.errors import ParamError, ShapeError, UnknownOpError
from graphlab.ops import Context, Dim, Example, Op, Param, Socket, Spec, broadcast, unbroadcast

N, T = Dim("N"), Dim("T")
sizes = st.sampled_from([1, 1, 2, 3])
shapes = st.lists(sizes, max_size=4).map(tuple)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (N + 1, "N+1"),
        (2 * N - 1, "2·N−1"),
        (N * T + N, "N·T+N"),
        ((N + N) // 2, "N"),
        ((4 * N + 2) // 2, "2·N+1"),
        (N * 6 // (N * 3), "2"),
        (N - N, "0"),
        (3 - N, "−N+3"),
    ],
)
def test_sizes_add_multiply_and_divide(found, expected):
    assert str(found) == expected


def test_sizes_come_back_to_ints():
    assert N - N == 0
    assert N // N == 1
    assert isinstance((2 * N) // N, int)
    assert (2 * N + T * N).at({"N": 3, "T": 4}) == 18


def test_an_open_size_is_larger_than_any_number():
    assert N > 5
    assert N >= 10**9
    assert not N < 5
    assert N != 5
    assert Dim("N") == N
    assert hash(N) == hash(Dim("N"))


@pytest.mark.parametrize("divide", [lambda: (N + 1) // 2, lambda: N // T, lambda: 5 // N, lambda: N % 2])
def test_sizes_that_do_not_divide_evenly_are_refused(divide):
    with pytest.raises(ShapeError, match="cannot be divided"):
        divide()


@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(0, 9), st.integers(0, 9))
def test_size_arithmetic_is_that_of_ints(a, b, n, t):
    at = {"N": n, "T": t}
    size = (N * a + T) * (N + b) - a * T
    concrete = (n * a + t) * (n + b) - a * t
    assert (size.at(at) if isinstance(size, Dim) else size) == concrete


def test_specs_read_as_people_write_them():
    assert str(Spec((N, 64))) == "N×64"
    assert str(Spec(())) == "scalar"


@given(shapes, shapes)
def test_broadcasting_is_numpys(a, b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(ShapeError):
            broadcast(Spec(a), Spec(b))
        return
    assert broadcast(Spec(a), Spec(b)) == expected


@given(shapes, shapes)
def test_unbroadcasting_sums_what_broadcasting_repeated(a, b):
    try:
        whole = np.broadcast_shapes(a, b)
    except ValueError:
        return
    gradient = np.arange(float(np.prod(whole))).reshape(whole)
    before = gradient.copy()
    out = np.full(a, np.nan)
    unbroadcast(gradient, out)
    # d/dx of Σ g·broadcast(x) in the direction of ones is Σ g
    assert out.sum() == pytest.approx(gradient.sum())
    extra = gradient.ndim - out.ndim
    expected = gradient.sum(axis=tuple(range(extra)))
    axes = tuple(i for i, size in enumerate(a) if size == 1)
    np.testing.assert_allclose(out, expected.sum(axis=axes, keepdims=True))
    np.testing.assert_array_equal(gradient, before)


def test_open_sizes_broadcast_with_themselves_and_with_one():
    assert broadcast(Spec((N, 3)), Spec((1, 3))) == (N, 3)
    assert broadcast(Spec((N, 1)), Spec((N, 5))) == (N, 5)
    with pytest.raises(ShapeError, match="N against T"):
        broadcast(Spec((N,)), Spec((T,)))


@pytest.mark.parametrize(
    ("param", "good", "bad"),
    [
        (Param(3, low=1), [1, 5, 2.0], [0, 1.5, "3", True, None, float("nan")]),
        (Param(0.5, low=0, high=1), [0, 1, 0.25], [-0.1, 2, "x", True, float("inf")]),
        (Param(0.1, low=0, low_open=True), [1e-9], [0, 0.0]),
        (Param(True), [True, False], [1, 0, "yes"]),
        (Param("a", choices=("a", "b")), ["b"], ["c", 1]),
        (Param(2, kind="ints", low=1), [3, (1, 2)], [0, (1, 0), (), "2", 1.5]),
        (Param(0, kind="ints", choices=("same",)), [3, (1, 2), "same"], ["valid", ("same",), ""]),
        (Param(2.0, kind="floats", low=0), [3, 0.5, (1, 2.5)], [-1.0, (1, -2), (), "2", (float("nan"),)]),
        (Param((1,), kind="shape"), [("N", 3), (), 4], [(0,), ("2N",), (1.5,), (1,) * 9]),
        (Param(None, kind="array"), [1, (1.0, 2), ((1,), (2,)), None], [((1,), (2, 3)), "x", (True,)]),
    ],
    ids=lambda value: value.kind if isinstance(value, Param) else "",
)
def test_params_take_what_makes_sense(param, good, bad):
    param.name = "it"
    for value in good:
        param.check(value, "Op")
    for value in bad:
        with pytest.raises(ParamError, match=r"Op\.it cannot be") as caught:
            param.check(value, "Op")
        assert caught.value.hint.startswith("It takes")


def test_params_are_python_values_whatever_came_in():
    op = ops.make("Constant", {"value": ops.freeze(np.array([[1, 2]], np.float32))})
    assert op.value == ((1.0, 2.0),)
    assert ops.get("Linear")(units=4.0).units == 4


def test_a_misspelt_param_is_corrected():
    with pytest.raises(ParamError, match="Linear has no param 'unit'") as caught:
        ops.get("Linear")(unit=3)
    assert caught.value.hint == "Did you mean units?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("relu", "ReLU"),
        ("Lineer", "Linear"),
        ("maxpool", "MaxPool2d"),
        ("Swish", "SiLU"),
        ("Dense", "Linear"),
    ],
)
def test_a_misspelt_operation_is_corrected(typed, meant):
    with pytest.raises(UnknownOpError, match=f"no operation '{typed}'") as caught:
        ops.get(typed)
    assert meant in caught.value.hint


def test_what_others_call_it_is_no_name_of_an_operation():
    """A file may hold an op of that name from a package of its own; it must not turn into one of ours."""
    own = {name.lower() for name in ops.names()}
    for name in ops.names():
        for synonym in ops.get(name).synonyms:
            assert synonym.lower() not in own
            assert not ops.known(synonym)


def test_a_hopeless_name_gets_no_guess():
    with pytest.raises(UnknownOpError) as caught:
        ops.get("qqqqzzz")
    assert "mean" not in caught.value.hint


def test_operations_are_listed_by_category_in_order():
    families = ops.by_category()
    assert list(families) == [c for c in ops.CATEGORIES if c in families]
    assert sum(map(len, families.values())) == len(ops.names()) == len(set(ops.names()))
    assert {"Input", "Linear", "Conv2d", "CrossEntropyLoss"} <= set(ops.names())


def test_equal_operations_are_one_object():
    assert ops.make("Linear", {"units": 3}) is ops.make("Linear", {"units": 3})


@pytest.mark.parametrize("value", [True, {}, [[{}]], "1"])
def test_what_equals_a_good_value_or_cannot_be_hashed_is_refused_all_the_same(value):
    ops.make("Linear", {"units": 1})
    with pytest.raises(ParamError, match=r"Linear\.units cannot be"):
        ops.make("Linear", {"units": ops.freeze(value)})


def test_an_operation_of_an_unknown_category_is_a_mistake_of_its_author():
    class Strange(Op):
        category = "Cooking"

    with pytest.raises(ValueError, match="Cooking"):
        ops.register(Strange)


def test_two_operations_cannot_have_one_name():
    def forward(self, x):
        """Never called."""

    impostor = type("Linear", (Op,), {"forward": forward, "__module__": "elsewhere"})
    with pytest.raises(
        ValueError, match=r"Linear of elsewhere has the name of an operation of graphlab\.ops\.linear"
    ):
        ops.register(impostor)
    assert ops.get("Linear") is not impostor


def test_sockets_bring_their_own_params():
    class Own(Op):
        """Declared here, not registered."""

        inputs = (Socket("x"), Socket("w", learnable=True, init="zeros"), Socket("b", literal=2.0))

    assert Own().params == {"w_init": "zeros", "w_gain": 1.0, "b": 2.0}
    assert [s.must_be_wired for s in Own.inputs] == [True, False, False]
    with pytest.raises(ParamError, match="w_init cannot be 'noise'"):
        Own(w_init="noise")


def test_randomness_depends_on_seed_step_and_node_alone():
    def draw(node, seed, step):
        clock = ops.Clock(seed)
        clock.step = step
        return Context(node, clock).rng().random(4).tolist()

    assert draw("a", 1, 2) == draw("a", 1, 2)
    drawn = [draw("a", 1, 2), draw("b", 1, 2), draw("a", 2, 2), draw("a", 1, 3)]
    assert len({tuple(d) for d in drawn}) == 4


def test_scratch_space_is_kept_until_forgotten():
    context = Context("a", ops.Clock())
    first = context.scratch("s", (2, 3))
    assert context.scratch("s", (2, 3)) is first
    assert context.kept("s") is first
    assert context.scratch("s", (3, 3)).shape == (3, 3)
    context.forget()
    assert context.kept("s") is None


def test_the_nodes_of_a_run_share_what_is_for_one_call_alone():
    clock = ops.Clock()
    one, other, single = (Context(*more) for more in (("a", clock), ("b", clock), ("c", clock, np.float64)))
    first = one.passing("columns", (4, 5))
    first[...] = 7
    second = other.passing("columns", (3, 2))
    assert second.tolist() == [[7, 7]] * 3
    assert not np.shares_memory(first, other.passing("rows", (4, 5)))
    assert not np.shares_memory(first, single.passing("columns", (4, 5)))
    assert not np.shares_memory(first, Context("a", ops.Clock()).passing("columns", (4, 5)))


def test_what_is_shared_grows_and_leaves_the_smaller_one_alone():
    context = Context("a", ops.Clock())
    small = context.passing("columns", (2, 2))
    small[...] = 3
    large = context.passing("columns", (5, 5))
    large[...] = 0
    assert small.tolist() == [[3, 3]] * 2
    assert np.shares_memory(large, context.passing("columns", (2, 2)))


def test_examples_give_the_same_numbers_for_the_same_seed():
    draw = Example(x=(2, 2)).arguments["x"]
    a, b = (draw.sample(np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("param", "text"),
    [
        (Param(1, low=1, high=1_000_000), "a whole number from 1 to 1,000,000"),
        (Param(0.5, low=0.0, high=2.5, low_open=True), "a finite number above 0, up to 2.5"),
        (Param(0.5, low=0.0, low_open=True), "a finite number above 0"),
        (Param(1, high=7), "a whole number of 7 or less"),
    ],
)
def test_bounds_are_written_as_people_write_numbers(param, text):
    assert param.range_text() == text


# Operations that adapt values


ADAPTING = [cls for family in ops.by_category().values() for cls in family if cls.adapts]
GIVEN = [
    Spec(s, kind)
    for s in ((), (N,), (N, 1), (N, 48), (N, 1, 8, 8), (N, 8, 8, 3))
    for kind in ("float", "int")
]


@pytest.mark.parametrize("cls", ADAPTING, ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("given_spec", GIVEN, ids=str)
def test_what_an_op_adapts_with_are_params_that_it_takes(cls, given_spec):
    assert len(cls.inputs) == len(cls.outputs) == 1
    for beside in ((), (Spec((N, 4)),), (Spec((N, 3, 4, 4)), Spec(()))):
        for params in cls.adaptations(given_spec, beside):
            ops.make(cls.__name__, params)


def test_adaptations_follow_what_lies_beside():
    assert list(ops.get("OneHot").adaptations(Spec((N,), "int"), [Spec((N, 7))])) == [{"num_classes": 7}]
    assert list(ops.get("Unsqueeze").adaptations(Spec((N,)), [Spec((N,))])) == []
    reshaped = ops.get("Reshape").adaptations(Spec((N, 12)), [Spec((N, 3, 4)), Spec((N, 5))])
    assert {"shape": ("N", 3, 4)} in reshaped
    assert list(ops.get("Permute").adaptations(Spec((N, 3, 8, 8)), [])) == []
