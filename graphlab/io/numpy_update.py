"""The optimizers in plain NumPy, one function each, as a script holds them.

Each takes a parameter w, its gradient g and the vectors that it keeps, and returns all but g anew. They say what
`engine.optimizers` does, in the clearest way and not the fastest; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..engine.optimizers import Optimizer
from .python_literals import quoted


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


class Learnt(NamedTuple):
    """A parameter that an update changes: its name for people, its variable and its gradient's, and what is kept of it.

    `kept` is text, one for each vector that the optimizer keeps.
    """

    name: str
    variable: str
    gradient: str
    kept: list[str]


def update_lines(optimizer: Optimizer, parameters: Sequence[Learnt], are_all: bool = True) -> Iterator[str]:
    """The lines that update these. The script has `gradients` by name; `are_all`: there are no others in it."""
    kind, update = type(optimizer).__name__, update_of(optimizer)
    if update is None:
        yield f"# --- update: {kind} has no text in NumPy, so the parameters stay as they are ---"
        return
    yield f"# --- update: {kind} ---"
    yield f"settings = dict({', '.join(f'{name}={value!r}' for name, value in update.settings.items())})"
    yield from _clipping(optimizer, parameters, are_all)
    for learnt in parameters:
        yield _step(optimizer, update, learnt)


def _clipping(optimizer: Optimizer, parameters: Sequence[Learnt], are_all: bool) -> Iterator[str]:
    if not _clips(optimizer):
        return
    if not are_all:
        names = [learnt.name for learnt in parameters]
        yield f"gradients = {{name: gradients[name] for name in {names!r}}}"
    if optimizer.clip_value:
        bound = repr(optimizer.clip_value)
        yield f"gradients = {{name: np.clip(g, -{bound}, {bound}) for name, g in gradients.items()}}"
    if optimizer.clip_norm:
        yield "norm = np.sqrt(sum(np.sum(g**2) for g in gradients.values()))"
        yield f"shorter = dtype(min(1.0, {optimizer.clip_norm!r} / (norm + 1e-6)))"
        yield "gradients = {name: shorter * g for name, g in gradients.items()}"


def _clips(optimizer: Optimizer) -> bool:
    return bool(optimizer.clip_value or optimizer.clip_norm)


def _step(optimizer: Optimizer, update: Update, learnt: Learnt) -> str:
    """The line that updates one parameter."""
    w, g = learnt.variable, learnt.gradient
    if _clips(optimizer):
        g = f'gradients["{quoted(learnt.name)}"]'
    before = w
    if optimizer.weight_decay and optimizer.decoupled:
        before = f"{w} * (1 - {update.settings['lr']!r} * {optimizer.weight_decay!r})"
    elif optimizer.weight_decay:
        g = f"{g} + {optimizer.weight_decay!r} * {w}"
    results = ", ".join([w, *("_" for _ in learnt.kept)])
    return f"{results} = {update.rule.__name__}({', '.join([before, g, *learnt.kept, '**settings'])})"


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
