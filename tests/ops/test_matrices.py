"""Triangles, determinants, inverses and equations: exact figures, and matrices that have no inverse."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.errors import FeedError, NumericsError, ShapeError
from graphlab.graph import Graph
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial, run

SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])


def test_triangles_are_numpys():
    x = np.arange(12.0).reshape(3, 4)
    for k in (-2, 0, 1):
        np.testing.assert_array_equal(run("Tril", {"diagonal": k}, x=x), np.tril(x, k))
        np.testing.assert_array_equal(run("Triu", {"diagonal": k}, x=x), np.triu(x, k))


def test_an_inverse_takes_the_product_back_and_a_solution_solves():
    a, b = np.random.default_rng(0).standard_normal((2, 4, 4))
    np.testing.assert_allclose(run("Inverse", x=a) @ a, np.eye(4), atol=1e-13)
    np.testing.assert_allclose(a @ run("Solve", a=a, b=b), b, atol=1e-13)


def test_the_determinant_of_a_singular_matrix_still_has_its_gradient():
    """The cofactors: 4, −2, −2 and 1."""
    trial = Trial("Det", {}, {"x": SINGULAR})
    trial.forward()
    assert trial.y == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(trial.backward(np.ones(()))["x"], [[4, -2], [-2, 1]], atol=1e-14)


@pytest.mark.parametrize(("op", "socket"), [("Inverse", "x"), ("Solve", "a")])
def test_a_matrix_without_inverse_is_named(op, socket):
    arrays = {socket: np.stack([np.eye(2), SINGULAR])} | ({"b": np.ones((2, 1))} if op == "Solve" else {})
    with pytest.raises(FeedError, match=rf"The matrix {socket}\[1\] has no inverse") as caught:
        run(op, **arrays)
    assert "diagonal" in caught.value.hint


def test_in_a_graph_it_is_reported_at_its_node():
    g = Graph()
    g.add("Sum", g.add("Inverse", g.add("Constant", value=((1.0, 2.0), (2.0, 4.0))), name="inv"))
    with pytest.raises(FeedError, match=r"^inv: The matrix x has no inverse") as caught:
        Run(g).forward()
    assert caught.value.node == "inv"


def test_shapes_that_do_not_fit_are_refused_with_what_to_do():
    with pytest.raises(ShapeError, match=r"x \(N×3\) is no square matrix") as caught:
        make("Inverse", {}).infer(Spec((Dim("N"), 3)))
    assert "Xᵀ X" in caught.value.hint
    with pytest.raises(ShapeError, match=r"b \(2×1\) should have as many rows as a \(3×3\) has columns"):
        make("Solve", {}).infer(Spec((3, 3)), Spec((2, 1)))
    with pytest.raises(ShapeError, match=r"x \(N×3\) is no matrix of fixed size"):
        make("Tril", {}).infer(Spec((Dim("N"), 3)))


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("op", ["Inverse", "Det", "Solve"])
def test_numbers_that_are_none_pass_through_so_that_their_source_is_found(op, number):
    x = np.array([[1.0, number], [number, 1.0]])
    trial = Trial(op, {}, {"a": x, "b": np.ones((2, 1))} if op == "Solve" else {"x": x})
    with np.errstate(all="ignore"):
        trial.forward()
        gradients = trial.backward(np.ones(trial.y.shape))
    assert np.isinf(number) or np.isnan(gradients["a" if op == "Solve" else "x"]).any()


def test_the_node_that_made_them_is_named_not_the_matrix():
    g = Graph()
    g.add(
        "Sum", g.add("Inverse", g.add("Log", g.add("Constant", value=((0.0, 0.0), (0.0, 0.0))), name="log"))
    )
    with pytest.raises(NumericsError, match="The value of log holds -inf"):
        Run(g).forward()
