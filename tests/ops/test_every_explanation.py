"""Every operation explains its numbers: what an explanation is made of comes to the number that is shown."""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.ops.explaining import Call
from graphlab.ops.explanation import evaluated
from graphlab.ops.explanation_text import in_numbers, in_symbols
from tests.ops.each_example import each_example, examples_of
from tests.ops.op_trial import RANDOM, Trial

CALLED = [
    cls
    for family in ops.by_category().values()
    for cls in family
    if not cls.source and cls.role in ("", "wire") and cls().sockets()
]
EXAMPLES = [(op, example) for op, example in examples_of(CALLED) if example.arguments]
every_example = each_example(EXAMPLES)
both_kinds = pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-12), ("float32", 1e-6)])

OTHERWISE = [(op, example) for op, example in EXAMPLES if op.states or op.__name__ in RANDOM]

TRIED = 2  # random elements of each array


def called(trial, upstream=None, **more):
    dys = dict(zip(trial.outputs, upstream or (), strict=False))
    return Call(trial.op, trial.ctx, trial.inputs, trial.outputs, dys, **more)


def some(array, rng):
    """The places of a few random elements."""
    count = min(TRIED, array.size)
    flat = rng.choice(array.size, count, replace=False) if count else []
    return [tuple(int(i) for i in np.unravel_index(k, array.shape)) for k in flat]


def leaves(term):
    return [leaf for part in term.parts for leaf in leaves(part)] if term.parts else [term]


def scale(term):
    """How large the numbers are that were put together: rounding is in proportion to these."""
    values, inner = [abs(part.value) for part in term.parts], [scale(part) for part in term.parts]
    if term.how == "sum":
        return sum(inner)
    if term.how == "product":
        return max(s * math.prod(values[:k] + values[k + 1 :]) for k, s in enumerate(inner))
    if term.how == "quotient" and values[1]:
        return inner[0] / values[1] + values[0] * inner[1] / values[1] ** 2
    if term.how == "call" and term.function == "exp":
        return abs(term.value) * (1 + inner[0]) if term.value else 0.0
    is_kept = term.how in ("minus", "call", "largest", "smallest", "same")
    return max([abs(term.value), *(inner if is_kept else [])])


def assert_comes_to(term, array, at, tolerance, at_least=0.0):
    """The term is worth its leaves, and what the array shows, but for rounding on the scale of what was added up."""
    assert evaluated(term) == pytest.approx(term.value, rel=1e-15, abs=0, nan_ok=True)
    shown = float(array[at])
    if math.isfinite(shown):
        size = max(scale(term), at_least, float(np.abs(array[np.isfinite(array)]).max()))
        assert abs(term.value - shown) <= tolerance * size, in_numbers(term)


def assert_leaves_are_what_they_say(term, call):
    for leaf in leaves(term):
        if leaf.origin is not None:
            store = call.upstream if leaf.origin.kind == "grad" else None
            name = leaf.origin.name
            if store is None and name in call.op.states:
                array = call.ctx.state(name)
            else:
                array = store[name] if store is not None else call.array(name)
            assert float(array[leaf.origin.index]) == leaf.value, leaf.label


@both_kinds
@every_example
def test_its_values_are_explained(op, example, dtype, tolerance):
    assert_values_are_explained(Trial.of(op, example, dtype), tolerance)


@both_kinds
@every_example
def test_its_gradients_are_explained(op, example, dtype, tolerance):
    assert_gradients_are_explained(Trial.of(op, example, dtype), tolerance)


@each_example(OTHERWISE)
def test_what_evaluates_otherwise_explains_that(op, example):
    trial = Trial.of(op, example, training=False)
    for name, kept in trial.states.items():
        kept[...] = np.random.default_rng(5).uniform(0.5, 1.5, kept.shape)
        assert kept is trial.ctx.state(name)
    assert_values_are_explained(trial, 1e-12)
    assert_gradients_are_explained(trial, 1e-12)


def assert_values_are_explained(trial, tolerance):
    rng = np.random.default_rng(3)
    for name, array in trial.forward().items():
        call = called(trial)
        for at in some(array, rng):
            term = trial.op.explain(call, name, at)
            assert_comes_to(term, array, at, tolerance)
            assert_leaves_are_what_they_say(term, call)
            assert in_symbols(term)
            assert in_numbers(term)


def assert_gradients_are_explained(trial, tolerance):
    rng = np.random.default_rng(4)
    trial.forward()
    upstream = tuple(None if dy is None else dy.astype(trial.dtype) for dy in trial.upstream())
    call = called(trial, upstream)
    largest = max(float(np.abs(dy).max()) if dy is not None and dy.size else 0.0 for dy in upstream)
    for name, found in trial.backward(upstream).items():
        for at in some(found, rng):
            term = trial.op.explain_gradient(call, name, at)
            assert_comes_to(term, found, at, tolerance, largest)
            assert_leaves_are_what_they_say(term, call)


# What is peculiar


def explained(name, params=None, at=(), output="y", **arrays):
    trial = Trial(name, params, {n: np.asarray(a) for n, a in arrays.items()})
    array = trial.forward()[output]
    call = called(trial)
    term = trial.op.explain(call, output, at)
    assert_comes_to(term, array, at, 1e-12)
    return term


def test_padding_is_named_and_counts_nothing():
    term = explained("Conv2d", {"out_channels": 1, "padding": 1}, (0, 0, 0, 0), x=np.ones((1, 1, 3, 3)))
    padded = [part for part in term.parts if part.how == "product" and part.parts[0].label == "padding"]
    assert len(padded) == 5
    assert all(part.value == 0 for part in padded)


def test_of_equal_ones_the_first_wins_the_window():
    x = np.zeros((1, 1, 2, 2))
    x[0, 0, 0, 1] = x[0, 0, 1, 0] = 7.0
    term = explained("MaxPool2d", {}, (0, 0, 0, 0), x=x)
    assert term.parts[0].label == "x[0, 0, 0, 1]"


def test_a_window_of_padding_alone_never_wins():
    term = explained("MaxPool1d", {"kernel_size": 2, "padding": 1}, (0, 0, 0), x=[[[-3.0, -4.0]]])
    assert [part.label for part in term.parts] == ["x[0, 0, 0]"]


def test_a_decision_that_is_ignored_costs_nothing():
    given = {"input": np.eye(3), "target": np.array([0, 1, 2])}
    term = explained("CrossEntropyLoss", {"ignore_index": 1}, output="loss", **given)
    assert term.parts[1].value == 2
    ignored = [part for part in term.parts[0].parts if part.label == "loss[1]"]
    assert ignored[0].value == 0
    assert ignored[0].parts[0].label == "ignored"


def test_smoothed_labels_tell_both_shares():
    given = {"input": np.eye(3), "target": np.array([0, 1, 2])}
    term = explained("CrossEntropyLoss", {"label_smoothing": 0.1}, output="loss", **given)
    text = in_symbols(term.parts[0].parts[0])
    assert "1 − ε" in text
    assert "ε / C" in text


def test_what_a_mask_hides_has_no_weight():
    given = {name: np.eye(3)[None] for name in ("query", "key", "value")}
    term = explained("ScaledDotProductAttention", {"is_causal": True}, (0, 0, 2), "weights", **given)
    assert term.value == 0
    assert "hidden by the mask" in str(term)


def test_a_switched_off_element_shows_its_mask():
    term = explained("Dropout", {"p": 1.0}, (1,), x=np.ones(3))
    assert in_symbols(term) == "x[1] · mask"
    assert in_numbers(term) == "1 · 0"


def test_what_only_moves_numbers_says_which_it_is():
    x = np.arange(6.0).reshape(2, 3) + 1
    for name, params, at, label in (
        ("Transpose", {}, (2, 0), "x[0, 2]"),
        ("Flatten", {}, (1, 2), "x[1, 2]"),
        ("Slice", {"dim": 1, "start": 1}, (0, 0), "x[0, 1]"),
        ("Flip", {"dim": 1}, (0, 0), "x[0, 2]"),
    ):
        term = explained(name, params, at, x=x)
        assert (term.how, term.label) == ("element", label), name


def test_an_index_is_named_beside_what_it_picked():
    term = explained("Embedding", {"num_embeddings": 4, "embedding_dim": 2}, (1, 0), x=np.array([3, 2]))
    assert [part.label for part in term.parts] == ["weight[2, 0]", "x[1]"]


def test_gates_of_a_recurrent_layer_are_named():
    x = np.random.default_rng(0).normal(size=(3, 1, 2))
    term = explained("LSTM", {"hidden_size": 2}, (2, 0, 1), x=x)
    assert in_symbols(term) == "o · tanh(c)"
    cell = term.parts[1].parts[0]
    assert in_symbols(cell) == "f · c[t=1] + i · g"
    gate = term.parts[0]
    assert {leaf.label.partition("[")[0] for leaf in leaves(gate)} == {
        *("x", "y", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    }


def test_many_terms_are_told_together():
    x = np.random.default_rng(0).normal(size=300)
    trial = Trial("Sum", None, {"x": x})
    trial.forward()
    call = called(trial, keep=10)
    term = trial.op.explain(call, "y", ())
    assert len(term.parts) == 11
    assert (term.parts[-1].how, term.parts[-1].count) == ("rest", 290)
    assert abs(term.value - x.sum()) < 1e-12
    assert min(abs(part.value) for part in term.parts[:-1]) >= np.sort(np.abs(x))[-10]


def test_a_gradient_of_many_paths_keeps_the_largest_and_adds_up():
    x = np.random.default_rng(0).normal(size=(1, 400))
    trial = Trial("Softmax", None, {"x": x})
    trial.forward()
    upstream = trial.upstream()
    term = trial.op.explain_gradient(called(trial, upstream, keep=20), "x", (0, 5))
    assert term.parts[-1].how == "rest"
    assert abs(term.value - trial.backward(upstream)["x"][0, 5]) < 1e-12


class Mixed(ops.Op):
    """Somebody's own: the product of two neighbours and a sine, of which it says nothing itself."""

    inputs = (ops.Socket("x"),)
    formula = "y = x₁·x₂ + sin x₃"

    def infer(self, x):
        return ops.Spec(())

    def forward(self, ctx, x, *, y):
        y[...] = x[0] * x[1] + np.sin(x[2])

    def backward(self, ctx, dy, *, x, y, dx):
        if dx is not None:
            dx[...] = dy * np.array([x[1], x[0], np.cos(x[2]), 0.0])


def test_an_op_that_says_nothing_of_it_is_explained_all_the_same():
    """What somebody adds to the program explains itself at once: here by its derivatives."""
    op, x, y = Mixed(), np.array([2.0, 1.0, 0.5, 3.0]), np.zeros(())
    ctx = ops.Context("mixed", ops.Clock(0), np.dtype("float64"))
    op.forward(ctx, x, y=y)
    term = op.explain(Call(op, ctx, {"x": x}, {"y": y}), "y", ())
    assert term.how == "op"
    assert term.value == float(y)
    assert {part.label: part.slope for part in term.parts} == pytest.approx(
        {"x[0]": 1.0, "x[1]": 2.0, "x[2]": np.cos(0.5)}
    )


def told(name, params=None, at=(), output="y", **arrays):
    """How it is written in symbols and in numbers."""
    term = explained(name, params, at, output, **arrays)
    return in_symbols(term), in_numbers(term)


def test_no_op_of_the_program_is_left_to_its_derivatives():
    """All but those that only move integers tell an element of theirs by a formula of their own."""
    silent = set()
    for cls in CALLED:
        for example in cls.examples:
            if not example.arguments or cls.elementwise:
                continue
            trial = Trial.of(cls, example)
            for name, array in trial.forward().items():
                for at in some(array, np.random.default_rng(1)):
                    if holds(trial.op.explain(called(trial), name, at), "op"):
                        silent.add(cls.__name__)
    assert silent <= {"Flip", "Roll"}


def holds(term, how):
    return term.how == how or any(holds(part, how) for part in term.parts)


def test_determinants_are_worked_out_along_a_row():
    x = np.array([[2.0, 1.0], [0.5, 3.0]])
    assert told("Det", x=x) == ("x[0, 0] · x[1, 1] − x[0, 1] · x[1, 0]", "2 · 3 − 1 · 0.5")
    assert told("Inverse", at=(0, 1), x=x) == ("−x[0, 1] / det x", "−1 / 5.5")
    large = np.random.default_rng(0).normal(size=(5, 5))
    term = explained("Det", x=large)
    assert [part.parts[1].label for part in term.parts if part.parts[0].label == "x[0, 3]"] == ["C[0, 3]"]


@pytest.mark.parametrize("size", [2, 4, 13])
def test_cofactors_are_those_of_the_inverse(size):
    from graphlab.ops.explain_matrices import cofactors

    x = np.random.default_rng(2).normal(size=(size, size))
    for row in (0, size - 1):
        assert np.allclose(cofactors(x, row), np.linalg.det(x) * np.linalg.inv(x)[:, row])


def test_a_solution_is_a_row_of_the_inverse_times_the_right_side():
    text = told("Solve", at=(1, 0), a=[[2.0, 0.0], [0.0, 4.0]], b=[[3.0], [8.0]])
    assert text[0].startswith("a⁻¹[1, 1] · b[1, 0]")
    assert text[1].startswith("0.25 · 8")


def test_what_was_sorted_says_which_it_is_and_between_whom():
    x = [0.5, -1.0, 2.0, 0.25]
    assert told("Sort", at=(1,), output="values", x=x) == (
        "x[3], the 2nd smallest of 4",
        "−1 ≤ [0.25] ≤ 0.5 ≤ 2",
    )
    assert told("TopK", {"k": 2}, (0,), "indices", x=x) == (
        "where x[2] stands: the largest of 4",
        "[2] ≥ 0.5 ≥ 0.25 ≥ …",
    )
    assert told("ArgMin", x=x)[0] == "where x[1] stands: the smallest of 4"
    assert told("Hardmax", at=(0,), x=x)[0] == "0, because x[2] comes before x[0]"


def test_of_equal_ones_the_order_is_that_of_the_operation():
    x = [1.0, 1.0, 0.0]
    for name, params in (("Sort", {"descending": True}), ("TopK", {"k": 2})):
        assert told(name, params, (0,), "values", x=x)[0].startswith("x[0], the largest")
        assert told(name, params, (1,), "values", x=x)[0].startswith("x[1], the 2nd largest")


def test_ordinals():
    from graphlab.ops.explain_order import ordinal

    assert [ordinal(k) for k in (1, 2, 3, 4, 11, 12, 13, 21, 112)] == [
        *("1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "112th")
    ]


def test_distances_are_summed_squares():
    given = {"x1": [[0.0, 3.0]], "x2": [[4.0, 0.0], [0.0, 1.0]]}
    assert told("CDist", at=(0, 0), **given) == (
        "√((x1[0, 0] − x2[0, 0])² + (x1[0, 1] − x2[0, 1])²)",
        "√((0 − 4)² + (3 − 0)²)",
    )
    assert told("CDist", {"p": 1.0}, (0, 1), **given)[1] == "|3 − 1| + |0 − 0|"
    assert told("CDist", {"p": 3.0}, (0, 1), **given)[1].endswith("^ (1 / 3)")


@pytest.mark.parametrize(
    ("name", "params", "given", "symbols"),
    [
        ("HuberLoss", {}, (0.5, 0.0), "½ · (input[0] − target[0])²"),
        ("HuberLoss", {}, (3.0, 0.0), "δ · (|input[0] − target[0]| − δ / 2)"),
        ("SmoothL1Loss", {"beta": 2.0}, (3.0, 0.0), "β · (|input[0] − target[0]| − β / 2) / β"),
        ("HingeLoss", {}, (0.5, -1.0), "max(margin − t · input[0], 0)"),
        ("HingeEmbeddingLoss", {}, (0.5, 1.0), "input[0], because target[0] > 0: alike"),
        ("SoftMarginLoss", {}, (0.5, 1.0), "ln(1 + exp(−t · input[0]))"),
        ("SoftMarginLoss", {}, (500.0, -1.0), "−t · input[0]"),
        ("KLDivLoss", {"log_target": True}, (0.5, 0.2), "exp(target[0]) · (target[0] − input[0])"),
        ("KLDivLoss", {}, (0.5, 0.0), "target[0] · 0·ln 0 = 0"),
        ("BCELoss", {}, (0.5, 1.0), "−target[0] · ln(input[0]) − (1 − target[0]) · ln(1 − input[0])"),
    ],
)
def test_a_loss_with_cases_tells_the_one_that_holds(name, params, given, symbols):
    x, t = given
    text = told(name, params | {"reduction": "none"}, (0,), "loss", input=[x], target=[t])
    assert text[0] == symbols


def test_a_probability_of_nothing_costs_the_least_logarithm():
    term = explained("BCELoss", {"reduction": "none"}, (0,), "loss", input=[0.0], target=[1.0])
    assert term.value == 100


def test_a_negative_number_that_is_taken_away_stands_in_brackets():
    assert (
        told("MSELoss", {"reduction": "none"}, (0,), "loss", input=[1.5], target=[-2.0])[1] == "(1.5 − (−2))²"
    )


def test_large_lines_keep_the_largest_and_add_up():
    rng = np.random.default_rng(3)
    for name, params, given in (
        ("CDist", {}, {"x1": rng.normal(size=(1, 300)), "x2": rng.normal(size=(1, 300))}),
        ("Solve", {}, {"a": rng.normal(size=(90, 90)), "b": rng.normal(size=(90, 1))}),
        ("Det", {}, {"x": rng.normal(size=(70, 70))}),
        ("MultiMarginLoss", {"reduction": "none"}, {"input": rng.normal(size=(1, 90)), "target": [3]}),
        ("CumProd", {}, {"x": rng.uniform(0.9, 1.1, size=(90,))}),
        ("Sort", {}, {"x": rng.normal(size=(90,))}),
    ):
        trial = Trial(name, params, {n: np.asarray(a) for n, a in given.items()})
        output, array = next(iter(trial.forward().items()))
        at = tuple(size - 1 for size in array.shape)
        term = trial.op.explain(called(trial, keep=20), output, at)
        assert sum(1 for _ in leaves(term)) < 200, name
        assert term.value == pytest.approx(float(array[at]), rel=1e-9), name


@pytest.mark.parametrize(
    ("name", "params", "x", "numbers"),
    [
        ("Square", {}, -2.0, "(−2)²"),  # x² is x, squared
        ("Clip", {"min": -1.0, "max": 1.0}, 3.0, "min(max(3, −1), 1)"),  # min( is no bound
        ("Hardshrink", {"lambd": 0.25}, 3.0, "3 where |3| > 0.25, else 0"),
        ("Threshold", {"threshold": 4.0, "value": -1.0}, 3.0, "3 where 3 > 4, else −1"),
        ("Round", {}, 2.6, "the whole number nearest to 2.6"),
    ],
)
def test_numbers_stand_wherever_the_formula_has_letters(name, params, x, numbers):
    assert told(name, params, (0,), x=[x])[1] == numbers
