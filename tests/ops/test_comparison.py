"""Comparisons and logic give ones and zeros; Where sends gradients back to where it took from."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.errors import ShapeError
from graphlab.graph import Graph
from graphlab.ops import Spec, make
from tests.ops.op_trial import Trial, run

A, B = np.array([1.0, 2.0, 3.0]), np.array([2.0, 2.0, 2.0])


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        ("Equal", [0, 1, 0]),
        ("Greater", [0, 0, 1]),
        ("GreaterOrEqual", [0, 1, 1]),
        ("Less", [1, 0, 0]),
        ("LessOrEqual", [1, 1, 0]),
    ],
)
def test_comparisons_are_right_where_both_are_equal(op, expected):
    np.testing.assert_array_equal(run(op, a=A, b=B), expected)
    np.testing.assert_array_equal(run(op, {"b": 2.0}, a=A), expected)


@pytest.mark.parametrize(
    ("op", "expected"), [("And", [0, 0, 0, 1]), ("Or", [0, 1, 1, 1]), ("Xor", [0, 1, 1, 0])]
)
def test_logic_takes_whatever_is_not_zero_as_true(op, expected):
    a, b = np.array([0, 0, -2.5, 1]), np.array([0, 3, 0, 7])
    np.testing.assert_array_equal(run(op, a=a, b=b), expected)


def test_not_turns_a_condition_round():
    np.testing.assert_array_equal(run("Not", x=np.array([0.0, 1.0, -0.5])), [1, 0, 0])


def test_accuracy_is_the_mean_of_equal_classes():
    graph = Graph()
    scores = graph.add("Constant", value=((1.0, 2.0), (3.0, 0.0), (0.0, 1.0), (5.0, 4.0)))
    target = graph.add("Constant", value=(1, 0, 0, 0), dtype="int")
    graph.add("Mean", graph.add("Equal", graph.add("ArgMax", scores), target), name="accuracy")
    run = Run(graph)
    run.forward()
    assert run.value("accuracy") == 0.75


def test_where_takes_each_gradient_back_to_its_source():
    condition = np.array([[1, 0], [0, 1]])
    trial = Trial("Where", {}, {"condition": condition, "a": np.zeros((2, 2)), "b": np.zeros(2)})
    trial.forward()
    gradients = trial.backward(np.array([[1.0, 2.0], [4.0, 8.0]]))
    np.testing.assert_array_equal(gradients["a"], [[1, 0], [0, 8]])
    np.testing.assert_array_equal(gradients["b"], [4, 2])


def test_where_keeps_infinities_of_the_other_side_out():
    chosen = run(
        "Where", condition=np.array([1.0, 0.0]), a=np.array([1.0, np.inf]), b=np.array([np.nan, 2.0])
    )
    np.testing.assert_array_equal(chosen, [1, 2])


def test_a_condition_that_does_not_fit_is_named():
    with pytest.raises(
        ShapeError, match=r"a or b \(4×3\) and condition \(2\) do not fit: 3 against 2"
    ) as caught:
        make("Where", {}).infer(Spec((2,)), Spec((4, 3)), Spec(()))
    assert caught.value.socket == "condition"
