"""Optimizers: PyTorch's numbers, their state, clipping, and impossible settings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.engine import OPTIMIZERS, SCHEDULES, SGD, Adam, Run, make_optimizer
from graphlab.engine.optimizers import (
    Adadelta,
    Adagrad,
    AdamW,
    Lion,
    NAdam,
    Optimizer,
    RMSprop,
    adjust,
    clip_by_norm,
    clip_by_value,
    optimizer,
    settings_of,
)
from graphlab.errors import SettingsError
from graphlab.graph import Training, document
from tests.engine.networks import xor_feed, xor_graph

SETTINGS = [
    (SGD, {"lr": 0.1}),
    (SGD, {"lr": 0.1, "momentum": 0.9}),
    (SGD, {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01}),
    (SGD, {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01, "nesterov": True}),
    (Adam, {"lr": 0.01}),
    (Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    (Adam, {"lr": 0.1, "betas": (0.5, 0.6), "weight_decay": 0.1, "amsgrad": True}),
    (AdamW, {"lr": 0.02}),
    (AdamW, {"lr": 0.02, "weight_decay": 0.3, "amsgrad": True}),
    (NAdam, {"lr": 0.02}),
    (NAdam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-3, "weight_decay": 0.1, "momentum_decay": 0.1}),
    (RMSprop, {"lr": 0.02}),
    (RMSprop, {"lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1, "momentum": 0.7}),
    (RMSprop, {"lr": 0.02, "alpha": 0.8, "centered": True}),
    (RMSprop, {"lr": 0.002, "alpha": 0.8, "centered": True, "momentum": 0.7}),
    (Adagrad, {"lr": 0.1}),
    (Adagrad, {"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1, "initial_accumulator_value": 0.5}),
    (Adadelta, {}),
    (Adadelta, {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1}),
]


def case_id(value):
    if isinstance(value, dict):
        return "-".join(f"{k}={v}" for k, v in value.items())
    return value.__name__


def torch_twin(run, torch):
    """(parameters, a function that computes the loss and its gradients) of the same network in PyTorch."""
    tensors = {
        n: torch.tensor(values, dtype=torch.float64, requires_grad=True)
        for n, values in run.parameters.items()
    }
    x, target = (torch.tensor(a, dtype=torch.float64) for a in xor_feed().values())
    linear = torch.nn.functional.linear

    def loss():
        h = torch.tanh(linear(x, tensors["hidden.weight"], tensors["hidden.bias"]))
        found = torch.nn.functional.mse_loss(linear(h, tensors["out.weight"], tensors["out.bias"]), target)
        for tensor in tensors.values():
            tensor.grad = None
        found.backward()
        return found.item()

    return tensors, loss


def fed_run(optimizer):
    run = Run(xor_graph(), optimizer=optimizer, seed=1, dtype="float64")
    run.feed(**xor_feed())
    return run


def assert_same(run, tensors):
    for n, values in run.parameters.items():
        np.testing.assert_allclose(values, tensors[n].detach().numpy(), rtol=1e-9, atol=1e-9)


@pytest.fixture
def torch():
    """PyTorch in float64 throughout: NAdam keeps its product of μ in the default type."""
    torch = pytest.importorskip("torch")
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield torch
    torch.set_default_dtype(before)


@pytest.mark.parity
@pytest.mark.parametrize(("kind", "settings"), SETTINGS, ids=case_id)
def test_twenty_steps_agree_with_pytorch(kind, settings, torch):
    run = fed_run(kind(**settings))
    tensors, loss = torch_twin(run, torch)
    reference = getattr(torch.optim, kind.__name__)(tensors.values(), **settings)
    for _ in range(20):
        expected = loss()
        reference.step()
        assert run.train_step() == pytest.approx(expected, rel=1e-9)
    assert_same(run, tensors)


@pytest.mark.parity
@pytest.mark.parametrize(
    ("clipping", "function"),
    [({"clip_norm": 0.05}, "clip_grad_norm_"), ({"clip_value": 0.01}, "clip_grad_value_")],
    ids=["norm", "value"],
)
@pytest.mark.parametrize("kind", [SGD, AdamW, Lion])
def test_clipping_agrees_with_pytorch_over_twenty_steps(kind, clipping, function, torch):
    settings = {"lr": 0.05, "weight_decay": 0.1}
    run = fed_run(kind(**settings, **clipping))
    tensors, loss = torch_twin(run, torch)
    reference = lion(tensors, **settings) if kind is Lion else getattr(torch.optim, kind.__name__)
    reference = reference if kind is Lion else reference(tensors.values(), **settings).step
    for _ in range(20):
        expected = loss()
        getattr(torch.nn.utils, function)(tensors.values(), *clipping.values())
        reference()
        assert run.train_step() == pytest.approx(expected, rel=1e-9)
    assert_same(run, tensors)


def lion(tensors, lr, weight_decay=0.0, beta1=0.9, beta2=0.99):
    """The step of algorithm 2 in Chen et al. 2023, line by line: PyTorch has none."""
    m = {name: np.zeros(tuple(tensor.shape)) for name, tensor in tensors.items()}

    def step():
        for name, tensor in tensors.items():
            w, g = tensor.data.numpy(), tensor.grad.numpy()
            c = beta1 * m[name] + (1 - beta1) * g
            w -= lr * (np.sign(c) + weight_decay * w)
            m[name] = beta2 * m[name] + (1 - beta2) * g

    return step


def test_lion_follows_the_paper():
    rng = np.random.default_rng(0)
    w, m, ours = rng.standard_normal(9), np.zeros(9), Lion(0.01, (0.9, 0.95), 0.1)
    mine = w.copy()
    for _ in range(20):
        g = rng.standard_normal(9)
        w -= 0.01 * (np.sign(0.9 * m + 0.1 * g) + 0.1 * w)
        m = 0.95 * m + 0.05 * g
        ours.step(mine, g)
    np.testing.assert_allclose(mine, w, rtol=1e-13)


every_kind = pytest.mark.parametrize(
    ("kind", "settings"),
    [*SETTINGS, (Lion, {"weight_decay": 0.1})],
    ids=case_id,
)


@every_kind
@pytest.mark.parametrize("clipping", [{}, {"clip_value": 0.5, "clip_norm": 1.0}], ids=["free", "clipped"])
def test_the_update_leaves_the_gradient_alone(kind, settings, clipping):
    weights, gradient = np.ones(5), np.arange(5.0)
    kind(**settings, **clipping).step(weights, gradient)
    assert gradient.tolist() == [0, 1, 2, 3, 4]
    assert (weights[1:] < 1).all()


@every_kind
def test_a_saved_state_goes_on_where_it_was(kind, settings):
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((6, 4))
    weights, ours = np.zeros(4), kind(**settings)
    for gradient in gradients[:3]:
        ours.step(weights, gradient)
    state, there = ours.save_state(), weights.copy()
    for gradient in gradients[3:]:
        ours.step(weights, gradient)
    for again in (ours, kind(**settings)):
        again.load_state(state)
        from_there = there.copy()
        for gradient in gradients[3:]:
            again.step(from_there, gradient)
        assert from_there.tobytes() == weights.tobytes()


@every_kind
def test_blocks_change_nothing(kind, settings, monkeypatch):
    """A long vector is updated piece by piece; the last piece may be short."""
    rng = np.random.default_rng(0)
    gradient = rng.standard_normal(1000)
    results = []
    for size in (1 << 16, 8 * 64):
        monkeypatch.setattr(optimizer, "BLOCK_BYTES", size)
        weights, ours = np.linspace(-1, 1, 1000), kind(**settings, clip_norm=0.5)
        for _ in range(3):
            ours.step(weights, gradient)
        results.append(weights)
    np.testing.assert_array_equal(*results)


@every_kind
def test_it_keeps_the_type_of_the_parameters(kind, settings):
    weights, ours = np.ones(5, np.float32), kind(**settings, clip_norm=0.5)
    ours.step(weights, np.ones(5, np.float32))
    assert all(vector.dtype == np.float32 for vector in ours.state.values())
    assert np.isfinite(weights).all()


def test_a_saved_state_is_a_copy():
    optimizer, weights = Adam(0.1), np.zeros(3)
    optimizer.step(weights, np.ones(3))
    state = optimizer.save_state()
    optimizer.step(weights, np.ones(3))
    assert state["steps"] == 1
    assert state["m"].tolist() == pytest.approx([0.1] * 3)


def test_a_setting_changed_between_steps_counts_from_the_next_step():
    optimizer, weights = SGD(1.0), np.zeros(2)
    optimizer.step(weights, np.ones(2))
    optimizer.momentum = 0.5
    optimizer.step(weights, np.ones(2))
    optimizer.step(weights, np.ones(2))
    assert weights.tolist() == [-3.5, -3.5]
    optimizer.clip_value = 0.25
    optimizer.momentum = 0.0
    optimizer.step(weights, np.ones(2))
    assert weights.tolist() == [-3.75, -3.75]


# Clipping


def test_a_short_gradient_is_not_clipped():
    gradient, out = np.array([0.3, -0.4]), np.empty(2)
    clip_by_norm(gradient, 1.0, out)
    assert out.tolist() == [0.3, -0.4]


def test_a_long_gradient_keeps_its_direction():
    gradient, out = np.array([30.0, -40.0]), np.empty(2)
    clip_by_norm(gradient, 5.0, out)
    np.testing.assert_allclose(out, [3, -4], rtol=1e-7)
    clip_by_value(gradient, 35.0, out)
    assert out.tolist() == [30, -35]


@pytest.mark.parametrize("scale", [1e30, 1e-30])
def test_the_norm_of_what_cannot_be_squared_is_right(scale):
    gradient = np.array([3.0, -4.0], np.float32) * np.float32(scale)
    with np.errstate(over="ignore", under="ignore"):
        assert optimizer.clip_by_norm.__globals__["norm"](gradient) == pytest.approx(5 * scale, rel=1e-6)
    assert optimizer.clip_by_norm.__globals__["norm"](np.zeros(2)) == 0


# Settings


@pytest.mark.parametrize("kind", OPTIMIZERS.values())
@pytest.mark.parametrize("lr", [math.nan, math.inf, -0.1, "0.1", None, True])
def test_an_impossible_learning_rate_is_refused_when_made_and_when_changed(kind, lr):
    with pytest.raises(SettingsError, match=rf"lr of {kind.__name__} cannot be"):
        kind(lr=lr)
    optimizer = kind()
    before = optimizer.lr
    with pytest.raises(SettingsError):
        optimizer.lr = lr
    assert optimizer.lr == before


@pytest.mark.parametrize("value", [1, "yes", None])
def test_a_switch_is_on_or_off(value):
    with pytest.raises(SettingsError, match=r"nesterov of SGD cannot be .* It takes True or False"):
        SGD(nesterov=value)


def test_the_documents_settings_make_the_optimizer():
    sgd = make_optimizer(
        Training(optimizer="SGD", lr=0.3, momentum=0.5, weight_decay=0.01, nesterov=True, clip_norm=2.0)
    )
    assert (type(sgd), sgd.lr, sgd.momentum, sgd.weight_decay) == (SGD, 0.3, 0.5, 0.01)
    assert sgd.nesterov
    assert sgd.clip_norm == 2
    adam = make_optimizer(Training(optimizer="Adam", beta1=0.8))
    assert (type(adam), adam.beta1) == (Adam, 0.8)
    with pytest.raises(SettingsError, match=r"There is no optimizer 'Adamm'. Choose one of SGD, Adam"):
        make_optimizer(Training(optimizer="Adamm"))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_can_be_named_in_a_document_and_learns(name):
    made = make_optimizer(Training(optimizer=name, lr=1.0 if name == "Adadelta" else 0.01))
    assert type(made) is OPTIMIZERS[name]
    run = fed_run(made)
    losses = run.train(400)
    assert losses[-1] < 0.9 * losses[0]


def test_what_a_document_does_not_set_is_pytorchs_default():
    """The momentum of a document is that of SGD; RMSprop with 0.9 would go ten times too far."""
    made = make_optimizer(Training(optimizer="RMSprop", momentum=0.9))
    assert made.momentum == 0
    assert "momentum" not in settings_of("RMSprop")
    assert make_optimizer(Training(optimizer="Adadelta")).eps == 1e-6


def test_numbers_change_without_losing_the_state_and_another_kind_begins_anew():
    ours = make_optimizer(Training(optimizer="Adam"))
    ours.step(np.zeros(3), np.ones(3))
    m = ours.state["m"]
    assert adjust(ours, Training(optimizer="Adam", lr=0.5, clip_norm=1.0)) is ours
    assert (ours.lr, ours.clip_norm) == (0.5, 1)
    assert ours.state["m"] is m
    assert adjust(ours, Training(optimizer="AdamW")).steps == 0


def test_a_bare_optimizer_says_that_it_has_no_rule():
    with pytest.raises(TypeError, match="no update rule"):
        Optimizer(lr=0.1, weight_decay=0.0).step(np.ones(2), np.ones(2))


def test_the_document_may_name_every_optimizer_and_schedule_that_there_is():
    assert tuple(OPTIMIZERS) == document.OPTIMIZERS
    assert tuple(SCHEDULES) == document.SCHEDULES
