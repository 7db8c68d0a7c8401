"""Optimizers: PyTorch's numbers, their state, and impossible settings."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab.engine import OPTIMIZERS, SGD, Adam, Run, make_optimizer
from graphlab.errors import SettingsError
from graphlab.graph import Training
from tests.engine.networks import xor_feed, xor_graph

SETTINGS = [
    (SGD(lr=0.1), "SGD", {"lr": 0.1}),
    (SGD(lr=0.1, momentum=0.9), "SGD", {"lr": 0.1, "momentum": 0.9}),
    (SGD(0.05, 0.8, 0.01), "SGD", {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01}),
    (Adam(lr=0.01), "Adam", {"lr": 0.01}),
    (
        Adam(0.02, (0.8, 0.95), 1e-6, 0.1),
        "Adam",
        {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1},
    ),
]


@pytest.mark.parity
@pytest.mark.parametrize(
    ("ours", "name", "theirs"), SETTINGS, ids=lambda value: repr(value) if isinstance(value, dict) else ""
)
def test_twenty_steps_agree_with_pytorch(ours, name, theirs):
    torch = pytest.importorskip("torch")
    ours.reset()
    run = Run(xor_graph(), optimizer=ours, seed=1, dtype="float64")
    run.feed(**xor_feed())
    tensors = {
        n: torch.tensor(values, dtype=torch.float64, requires_grad=True)
        for n, values in run.parameters.items()
    }
    optimizer = getattr(torch.optim, name)(tensors.values(), **theirs)
    x, target = (torch.tensor(a, dtype=torch.float64) for a in xor_feed().values())
    for _ in range(20):
        optimizer.zero_grad()
        h = torch.tanh(torch.nn.functional.linear(x, tensors["hidden.weight"], tensors["hidden.bias"]))
        loss = torch.nn.functional.mse_loss(
            torch.nn.functional.linear(h, tensors["out.weight"], tensors["out.bias"]), target
        )
        loss.backward()
        optimizer.step()
        assert run.train_step() == pytest.approx(loss.item(), rel=1e-9)
    for n, values in run.parameters.items():
        np.testing.assert_allclose(values, tensors[n].detach().numpy(), rtol=1e-9, atol=1e-9)


def test_the_update_leaves_the_gradient_alone():
    weights, gradient = np.ones(5), np.arange(5.0)
    for optimizer in (SGD(0.1, 0.9, 0.1), Adam(0.1, weight_decay=0.1)):
        optimizer.step(weights, gradient)
        assert gradient.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("optimizer", [SGD(0.1, 0.9), Adam(0.1)])
def test_a_saved_state_goes_on_where_it_was(optimizer):
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((6, 4))
    weights = np.zeros(4)
    optimizer.reset()
    for gradient in gradients[:3]:
        optimizer.step(weights, gradient)
    state, there = optimizer.save_state(), weights.copy()
    for gradient in gradients[3:]:
        optimizer.step(weights, gradient)
    optimizer.load_state(state)
    for gradient in gradients[3:]:
        optimizer.step(there, gradient)
    assert there.tobytes() == weights.tobytes()


def test_a_saved_state_is_a_copy():
    optimizer, weights = Adam(0.1), np.zeros(3)
    optimizer.step(weights, np.ones(3))
    state = optimizer.save_state()
    optimizer.step(weights, np.ones(3))
    assert state["steps"] == 1
    assert state["m"].tolist() == pytest.approx([0.1] * 3)


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


def test_the_documents_settings_make_the_optimizer():
    sgd = make_optimizer(Training(optimizer="SGD", lr=0.3, momentum=0.5, weight_decay=0.01))
    assert (type(sgd), sgd.lr, sgd.momentum, sgd.weight_decay) == (SGD, 0.3, 0.5, 0.01)
    adam = make_optimizer(Training(optimizer="Adam", beta1=0.8))
    assert (type(adam), adam.beta1) == (Adam, 0.8)
    with pytest.raises(SettingsError, match=r"There is no optimizer 'Adamm'. Choose one of SGD, Adam"):
        make_optimizer(Training(optimizer="Adamm"))
