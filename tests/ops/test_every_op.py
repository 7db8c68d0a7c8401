"""Every operation against every one of its examples: a new op is tested the moment it is registered."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

import graphlab.data  # noqa: F401  (gives the Dataset op its cards)
from graphlab import ops
from graphlab.errors import ShapeError
from graphlab.ops import CATEGORIES, Dim, Param, Spec, freeze
from graphlab.resources import resource
from tests.ops.each_example import each_example, examples_of
from tests.ops.op_trial import (
    RANDOM,
    Trial,
    assert_agrees_with_pytorch,
    assert_may_lie_scattered,
    assert_rounded_is_close,
)

OPS = [cls for family in ops.by_category().values() for cls in family]
CALLED = [cls for cls in OPS if not cls.source and cls.role in ("", "wire")]

NO_GRADIENT_BY_DEFINITION = {"Detach"}

every_op = pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
every_example = each_example(examples_of(CALLED))
every_call = each_example(examples_of(op for op in CALLED if op.inputs))


@every_op
def test_it_says_what_it_is(op):
    assert op.category in CATEGORIES
    assert len(op.help()) > 40
    assert op.help()[0].isupper()
    assert op.formula
    assert op.source or (op.latex and op.derivative)
    assert all(param.help or param.name.endswith("_init") for param in op.params_of.values())


@every_op
def test_it_has_an_icon(op):
    icon = resource("icons", f"op-{op.__name__}.svg")
    assert icon.is_file()
    assert "<svg" in icon.read_text(encoding="utf-8")


@pytest.mark.parametrize("op", CALLED, ids=lambda op: op.__name__)
def test_its_examples_show_different_shapes_and_every_param(op):
    """At least four shapes; and each param, but for how parameters begin, with two values."""
    shapes = {tuple((n, d.shape) for n, d in example.arguments.items()) for example in op.examples}
    assert len(shapes) >= 4 or not op().sockets() or op.category == "Parameter"
    made = [op(**example.params) for example in op.examples]
    for name in op.params_of:
        values = {one.params[name] for one in made}
        assert len(values) > 1 or name.endswith(("_init", "_gain")), f"no example changes {name}"


@every_op
def test_its_params_survive_json_and_have_sane_defaults(op):
    for params in [{}, *(example.params for example in op.examples)]:
        made = op(**params)
        again = op(**json.loads(json.dumps(made.params)))
        assert again.params == made.params
        assert hash(tuple(again.params.values())) == hash(tuple(made.params.values()))


@every_op
def test_its_params_stay_inside_their_bounds(op):
    for name, param in op.params_of.items():
        assert isinstance(param, Param)
        if param.default is not None:
            assert param.check(param.default, op.__name__) == freeze(param.default), name


@every_example
def test_inferred_shape_is_the_real_one(op, example):
    trial = Trial.of(op, example)
    inferred = trial.inferred()
    for name, array in trial.forward().items():
        assert array.shape == inferred[name].shape
        assert np.isfinite(array).all()


@every_call
def test_an_open_batch_size_gives_the_same_shape(op, example):
    trial = Trial.of(op, example)
    concrete = trial.inferred()
    data = {s.name for s in trial.op.sockets() if not s.learnable and s.name in example.arguments}
    batch = next((trial.inputs[n].shape[0] for n in data if trial.inputs[n].ndim > 1), None)
    opened = {
        name: Spec((Dim("N"), *spec.shape[1:]), spec.kind)
        for name, spec in trial.specs.items()
        if spec is not None and name in data and spec.ndim and spec.shape[0] == batch and batch != 1
    }
    found = _infer_or_refuse(trial.op, trial.specs | opened)
    for spec, name in zip(found, trial.op.results(), strict=True):
        assert spec.at({"N": batch or 0}) == concrete[name].shape


def _infer_or_refuse(op, specs):
    """The results' specs; none where the op says that it cannot do this for every N."""
    try:
        found = op.infer(**specs)
    except ShapeError as error:
        if "N" not in error.message:
            raise
        return pytest.skip(f"refused: {error}")
    return found if isinstance(found, tuple) else (found,)


@every_call
def test_gradient_agrees_with_finite_differences(op, example):
    if op.__name__ in NO_GRADIENT_BY_DEFINITION:
        return
    trial = Trial.of(op, example)
    trial.forward()
    dy = trial.upstream()
    gradients = trial.backward(dy)
    assert list(gradients) == trial.differentiable()
    for name, gradient in gradients.items():
        expected = numeric_gradient(trial, name, dy)
        scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-7 * scale, err_msg=name)


def numeric_gradient(trial, name, dy, h=1e-5):
    """Central differences of Σ dy·y with respect to one input. A literal or log of a negative number gives NaN."""
    x = trial.inputs[name]
    result = np.empty_like(x)
    flat, out = x.reshape(-1), result.reshape(-1)
    for i, value in enumerate(flat):
        sums = []
        for sign in (1, -1):
            flat[i] = value + sign * h
            trial.forward()
            sums.append(trial.weighted(dy))
        flat[i] = value
        out[i] = (sums[0] - sums[1]) / (2 * h)
    trial.forward()
    return result


@every_call
def test_each_gradient_alone_is_the_same(op, example):
    trial = Trial.of(op, example)
    trial.forward()
    dy = trial.upstream()
    together = trial.backward(dy)
    for name in trial.differentiable():
        others = [n for n in trial.differentiable() if n != name]
        alone = trial.backward(dy, skip=others)
        assert set(alone) == {name}
        np.testing.assert_array_equal(alone[name], together[name])
        trial.backward(dy, skip=[name])
    trial.backward(dy, skip=trial.differentiable())


@every_call
def test_an_output_that_nobody_uses_adds_nothing(op, example):
    trial = Trial.of(op, example)
    trial.forward()
    dy = trial.upstream()
    if len(dy) < 2:
        return
    total = {name: gradient.copy() for name, gradient in trial.backward(dy).items()}
    for k in [k for k, d in enumerate(dy) if d is not None]:
        for name, gradient in trial.backward(tuple(d if i == k else None for i, d in enumerate(dy))).items():
            total[name] -= gradient
    for name, rest in total.items():
        np.testing.assert_allclose(rest, 0, atol=1e-12, err_msg=name)


@every_call
def test_backward_needs_nothing_that_forward_left_in_scratch(op, example):
    trial = Trial.of(op, example)
    trial.forward()
    dy = trial.upstream()
    with_scratch = trial.backward(dy)
    trial.ctx.forget()
    for name, gradient in trial.backward(dy).items():
        np.testing.assert_array_equal(gradient, with_scratch[name])


@every_call
def test_nothing_handed_in_is_changed_and_calls_repeat_exactly(op, example):
    trial = Trial.of(op, example)
    before = {name: None if a is None else a.copy() for name, a in trial.inputs.items()}
    first = trial.forward()
    dy = trial.upstream()
    kept_dy, kept_y = copy.deepcopy(dy), {name: a.copy() for name, a in first.items()}
    gradients = trial.backward(dy)
    for name, array in trial.inputs.items():
        np.testing.assert_array_equal(array, before[name])
    for mine, kept in zip(dy, kept_dy, strict=True):
        np.testing.assert_array_equal(mine, kept)
    for name, array in trial.outputs.items():
        np.testing.assert_array_equal(array, kept_y[name])
    for name, array in trial.forward().items():
        np.testing.assert_array_equal(array, kept_y[name])
    for name, gradient in trial.backward(dy).items():
        np.testing.assert_array_equal(gradient, gradients[name])


@every_call
def test_what_comes_in_may_lie_scattered_in_memory(op, example):
    assert_may_lie_scattered(Trial.of(op, example))


@every_call
def test_float32_is_close_to_float64(op, example):
    if op.__name__ == "RandnLike":  # which draws other numbers in evaluation, too
        return
    training = op.__name__ not in RANDOM  # the masks of the two dtypes differ
    exact, rounded = (Trial.of(op, example, dtype, training=training) for dtype in ("float64", "float32"))
    assert_rounded_is_close(exact, rounded)


@every_call
def test_a_view_is_what_forward_computes(op, example):
    trial = Trial.of(op, example)
    viewed = trial.op.view(*trial.inputs.values())
    if viewed is None:
        return
    trial.forward()
    np.testing.assert_array_equal(viewed, trial.y)
    assert viewed.shape == trial.y.shape
    source = next(iter(trial.inputs.values()))
    assert np.shares_memory(viewed, source) or not source.size
    dy = trial.upstream()
    for gradient in trial.backward(dy).values():
        np.testing.assert_array_equal(trial.op.view(gradient), dy[0])


@pytest.mark.parity
@every_call
def test_it_agrees_with_pytorch(op, example):
    pytest.importorskip("torch")
    training = op.__name__ not in RANDOM  # PyTorch draws other masks
    assert_agrees_with_pytorch(Trial.of(op, example, training=training))
