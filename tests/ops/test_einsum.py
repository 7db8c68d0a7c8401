"""Einstein sums against NumPy and PyTorch, and equations that cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlab.errors import ParamError, ShapeError
from graphlab.ops import Dim, Spec, make
from tests.ops.op_trial import Trial

N = Dim("N")


def shape(equation, *shapes):
    op = make("Einsum", {"equation": equation})
    return str(op.infer(**{f"x{i + 1}": Spec(s) for i, s in enumerate(shapes)}))


def test_open_sizes_stay_open():
    assert shape("ij,jk->ik", (N, 3), (3, 4)) == "N×4"
    assert shape("...i,ij->...j", (N, 5, 3), (3, 4)) == "N×5×4"
    assert shape("i,i->", (N,), (N,)) == "scalar"


def test_the_equation_says_how_many_inputs_there_are():
    assert [s.name for s in make("Einsum", {"equation": "i,j,k->ijk"}).sockets()] == ["x1", "x2", "x3"]


@pytest.mark.parametrize(
    ("equation", "shapes", "message"),
    [
        ("ij,jk->ik", ((N, 16), (8, 4)), r"Axis j is 16 in x1 \(N×16\), but 8 in x2 \(8×4\)"),
        ("ij,jk->ik", ((4, 3, 2), (3, 4)), "names 2 axes of x1, which has 3"),
        ("...ij,jk->ik", ((3,), (3, 4)), "names 2 axes of x1, which has 1"),
        ("...i,...i->...", ((2, 3), (4, 3)), r"Axis ... is 2 in x1 \(2×3\), but 4 in x2"),
        ("ii->i", ((3, 4),), "Axis i is 3 in x1"),
    ],
)
def test_shapes_that_do_not_follow_the_equation_are_named(equation, shapes, message):
    shapes = shapes if isinstance(shapes[0], tuple) else (shapes,)
    with pytest.raises(ShapeError, match=message):
        shape(equation, *shapes)


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        ("ij,jk->il", "has l in the result, but in no input"),
        ("ij->ii", "has i twice in the result"),
        ("i1->i", "holds '1'"),
        ("i->j->k", "holds '-'"),
        ("i..->i", r"holds '\.'"),
        ("i->...", r'has "\.\.\." in the result, but in no input'),
        (",".join("i" * 9) + "->i", "has 9 inputs; 8 are the most"),
    ],
)
def test_equations_that_cannot_be_are_refused(equation, message):
    with pytest.raises(ParamError, match=message) as caught:
        make("Einsum", {"equation": equation})
    assert "ij,jk->ik" in caught.value.hint


@st.composite
def einsums(draw):
    """An equation over a few letters with repeats, sums and sizes of 1, and arrays for it."""
    groups = draw(st.lists(st.text("abcd", max_size=3), min_size=1, max_size=4))
    used = sorted(set("".join(groups)))
    result = "".join(draw(st.lists(st.sampled_from(used), unique=True))) if used else ""
    sizes = {letter: draw(st.integers(1, 3)) for letter in used}
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    arrays = []
    for group in groups:
        own = {letter: 1 if draw(st.integers(0, 5)) == 0 else sizes[letter] for letter in group}
        arrays.append(rng.standard_normal([own[letter] for letter in group]))
    return f"{','.join(groups)}->{result}", arrays


@pytest.mark.parity
@settings(max_examples=200, deadline=None)
@given(einsums())
def test_any_equation_is_pytorchs_forward_and_backward(case):
    torch = pytest.importorskip("torch")
    equation, arrays = case
    trial = Trial("Einsum", {"equation": equation}, {f"x{i + 1}": x for i, x in enumerate(arrays)})
    trial.forward()
    tensors = [torch.tensor(x, requires_grad=True) for x in arrays]
    y = torch.einsum(equation, *tensors)
    np.testing.assert_allclose(trial.y, y.detach().numpy(), atol=1e-11)
    dy = np.random.default_rng(0).standard_normal(trial.y.shape)
    y.backward(torch.tensor(dy))
    for gradient, tensor in zip(trial.backward(dy).values(), tensors, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), atol=1e-11)
