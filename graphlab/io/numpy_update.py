"""The optimizers in plain NumPy, one function each, as a script holds them.

Each takes a parameter w, its gradient g and the vectors that it keeps, and returns all but g anew. They say what
`engine.optimizers` does, in the clearest way and not the fastest; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..engine.optimizers import Optimizer


def sgd(w, g, lr):  # type: ignore[no-untyped-def]
    """Against the gradient."""
    return w - lr * g


def sgd_with_momentum(w, g, v, lr, momentum):  # type: ignore[no-untyped-def]
    """Against a decaying sum of the gradients so far."""
    v = momentum * v + g
    return w - lr * v, v


def sgd_with_nesterov(w, g, v, lr, momentum):  # type: ignore[no-untyped-def]
    """The same, looking ahead to where the momentum leads."""
    v = momentum * v + g
    return w - lr * (g + momentum * v), v


def adam(w, g, m, v, lr, t, beta1, beta2, eps):  # type: ignore[no-untyped-def]
    """Along the mean gradient over the root of the mean squared one, both corrected for their zero start."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def amsgrad(w, g, m, v, v_max, lr, t, beta1, beta2, eps):  # type: ignore[no-untyped-def]
    """Adam that divides by the root of the largest mean squared gradient so far."""
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    v_max = np.maximum(v_max, v)
    m_hat = m / (1 - beta1**t)
    v_hat = v_max / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


def nadam(w, g, m, v, lr, t, beta1, beta2, eps, momentum_decay, mu_product):  # type: ignore[no-untyped-def]
    """Adam with Nesterov's momentum; mu_product is that of the momenta of the steps before."""
    mu = beta1 * (1 - 0.5 * 0.96 ** (t * momentum_decay))
    mu_next = beta1 * (1 - 0.5 * 0.96 ** ((t + 1) * momentum_decay))
    mu_product = mu_product * mu
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = (1 - mu) / (1 - mu_product) * g + mu_next / (1 - mu_product * mu_next) * m
    v_hat = v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def rmsprop(w, g, v, lr, alpha, eps):  # type: ignore[no-untyped-def]
    """The gradient over the root of its mean square."""
    v = alpha * v + (1 - alpha) * g**2
    return w - lr * g / (np.sqrt(v) + eps), v


def rmsprop_centered(w, g, v, mean, lr, alpha, eps):  # type: ignore[no-untyped-def]
    """The gradient over its standard deviation."""
    v = alpha * v + (1 - alpha) * g**2
    mean = alpha * mean + (1 - alpha) * g
    return w - lr * g / (np.sqrt(np.maximum(v - mean**2, 0)) + eps), v, mean


def rmsprop_with_momentum(w, g, v, b, lr, alpha, eps, momentum):  # type: ignore[no-untyped-def]
    """A decaying sum of gradients, each over the root of its mean square."""
    v = alpha * v + (1 - alpha) * g**2
    b = momentum * b + g / (np.sqrt(v) + eps)
    return w - lr * b, v, b


def rmsprop_centered_with_momentum(w, g, v, mean, b, lr, alpha, eps, momentum):  # type: ignore[no-untyped-def]
    """A decaying sum of gradients, each over its standard deviation."""
    v = alpha * v + (1 - alpha) * g**2
    mean = alpha * mean + (1 - alpha) * g
    b = momentum * b + g / (np.sqrt(np.maximum(v - mean**2, 0)) + eps)
    return w - lr * b, v, mean, b


def adagrad(w, g, total, lr, eps):  # type: ignore[no-untyped-def]
    """The gradient over the root of the sum of all squared gradients so far."""
    total = total + g**2
    return w - lr * g / (np.sqrt(total) + eps), total


def adadelta(w, g, v, u, lr, rho, eps):  # type: ignore[no-untyped-def]
    """Steps as large as those before (u), over the root of the mean squared gradient (v)."""
    v = rho * v + (1 - rho) * g**2
    delta = g * np.sqrt(u + eps) / np.sqrt(v + eps)
    u = rho * u + (1 - rho) * delta**2
    return w - lr * delta, v, u


def lion(w, g, m, lr, beta1, beta2):  # type: ignore[no-untyped-def]
    """Every weight by the same step; only the sign is learnt."""
    w = w - lr * np.sign(beta1 * m + (1 - beta1) * g)
    return w, beta2 * m + (1 - beta2) * g


class Update(NamedTuple):
    """How a script updates a parameter: the function, and its settings by name."""

    rule: Callable[..., Any]
    settings: dict[str, float | int]


def update_of(optimizer: Optimizer) -> Update | None:
    """The rule of the optimizer's next step; None for one of a kind that has no text here."""
    choose = _RULES.get(type(optimizer).__name__)
    if choose is None:
        return None
    rule = choose(optimizer)
    settings: dict[str, float | int] = {}
    for name in rule.__code__.co_varnames[: rule.__code__.co_argcount]:
        if name == "lr":
            settings["lr"] = _rate(optimizer)
        elif name == "t":
            settings["t"] = optimizer.steps + 1
        elif name == "mu_product":
            settings["mu_product"] = float(optimizer.numbers.get(name, 1.0))
        elif name in optimizer.settings():
            settings[name] = getattr(optimizer, name)
    return Update(rule, settings)


def _rate(optimizer: Optimizer) -> float:
    """The learning rate of the next step; Adagrad lets it fall by itself."""
    return float(optimizer.rate) / (1 + optimizer.steps * getattr(optimizer, "lr_decay", 0.0))


def _sgd(optimizer: Any) -> Callable[..., Any]:
    if not optimizer.momentum:
        return sgd
    return sgd_with_nesterov if optimizer.nesterov else sgd_with_momentum


def _adam(optimizer: Any) -> Callable[..., Any]:
    return amsgrad if optimizer.amsgrad else adam


def _rmsprop(optimizer: Any) -> Callable[..., Any]:
    if optimizer.momentum:
        return rmsprop_centered_with_momentum if optimizer.centered else rmsprop_with_momentum
    return rmsprop_centered if optimizer.centered else rmsprop


_RULES: dict[str, Callable[[Any], Callable[..., Any]]] = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": _adam,
    "NAdam": lambda optimizer: nadam,
    "RMSprop": _rmsprop,
    "Adagrad": lambda optimizer: adagrad,
    "Adadelta": lambda optimizer: adadelta,
    "Lion": lambda optimizer: lion,
}
