"""The rule of an optimizer as an equation, with the numbers that it is set to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .latex import number
from .optimizers import Optimizer

NAMED = 8  # parameters that are named one by one


def update_equation(optimizer: Optimizer | None, names: Sequence[str]) -> str:
    """How every parameter changes, θ standing for each; the settings as they are now. Names are LaTeX."""
    rule = (
        r"\theta \leftarrow \theta - \eta\, \bar{\theta}" if optimizer is None else rule_equation(optimizer)
    )
    shown = [*names[:NAMED], *([r"\ldots"] if len(names) > NAMED else [])]
    return rf"{rule},\quad \theta \in \{{{', '.join(shown)}\}}"


def rule_equation(optimizer: Optimizer) -> str:
    """How an optimizer as it is set changes a parameter θ."""
    kind = type(optimizer).__name__
    unknown = rf"\theta \leftarrow \mathrm{{{kind}}}(\theta, \bar{{\theta}})"
    return _RULES[kind](optimizer) if kind in _RULES else unknown


def _gradient(o: Any) -> tuple[str, str]:
    """The letter for the gradient, and what explains it where it is more than the bar."""
    told = r"\bar{\theta}"
    if o.clip_value:
        told = rf"\mathrm{{clip}}({told}, \pm {number(o.clip_value)})"
    if o.clip_norm:
        told = rf"{told} \cdot \min(1, {number(o.clip_norm)} / \|\bar{{\theta}}\|)"
    if o.weight_decay and not o.decoupled:
        told += rf" + {number(o.weight_decay)}\, \theta"
    return (told, "") if told == r"\bar{\theta}" else ("g", rf"g = {told},\quad ")


def _decayed(o: Any) -> str:
    """θ, shrunk first where the decay is decoupled."""
    if not (o.decoupled and o.weight_decay):
        return r"\theta"
    return rf"(1 - {number(o.rate)} \cdot {number(o.weight_decay)})\, \theta"


def _sgd(o: Any) -> str:
    g, where = _gradient(o)
    if not o.momentum:
        return rf"{where}\theta \leftarrow \theta - {number(o.rate)}\, {g}"
    step = rf"({g} + {number(o.momentum)}\, v)" if o.nesterov else "v"
    follow = rf"v \leftarrow {number(o.momentum)}\, v + {g},\quad "
    return rf"{where}{follow}\theta \leftarrow \theta - {number(o.rate)}\, {step}"


def _moments(o: Any, g: str) -> str:
    return (
        rf"m \leftarrow {number(o.beta1)}\, m + {number(1 - o.beta1)}\, {g},\quad "
        rf"v \leftarrow {number(o.beta2)}\, v + {number(1 - o.beta2)}\, {g}^2,\quad "
    )


def _adam(o: Any) -> str:
    g, where = _gradient(o)
    root = r"\max \hat{v}" if o.amsgrad else r"\hat{v}"
    step = rf"\frac{{\hat{{m}}}}{{\sqrt{{{root}}} + {number(o.eps)}}}"
    return rf"{where}{_moments(o, g)}\theta \leftarrow {_decayed(o)} - {number(o.rate)}\, {step}"


def _nadam(o: Any) -> str:
    g, where = _gradient(o)
    step = rf"\frac{{\hat{{m}} + \hat{{g}}}}{{\sqrt{{\hat{{v}}}} + {number(o.eps)}}}"
    return rf"{where}{_moments(o, g)}\theta \leftarrow {_decayed(o)} - {number(o.rate)}\, {step}"


def _rmsprop(o: Any) -> str:
    g, where = _gradient(o)
    root = r"v - m^2" if o.centered else "v"
    mean = rf"m \leftarrow {number(o.alpha)}\, m + {number(1 - o.alpha)}\, {g},\quad " if o.centered else ""
    step = rf"\frac{{{g}}}{{\sqrt{{{root}}} + {number(o.eps)}}}"
    follow = rf"u \leftarrow {number(o.momentum)}\, u + {step},\quad " if o.momentum else ""
    return (
        rf"{where}v \leftarrow {number(o.alpha)}\, v + {number(1 - o.alpha)}\, {g}^2,\quad {mean}{follow}"
        rf"\theta \leftarrow \theta - {number(o.rate)}\, {'u' if o.momentum else step}"
    )


def _adagrad(o: Any) -> str:
    g, where = _gradient(o)
    step = rf"\frac{{{g}}}{{\sqrt{{s}} + {number(o.eps)}}}"
    return rf"{where}s \leftarrow s + {g}^2,\quad \theta \leftarrow \theta - {number(o.rate)}\, {step}"


def _adadelta(o: Any) -> str:
    g, where = _gradient(o)
    keep, new = number(o.rho), number(1 - o.rho)
    step = rf"{g}\, \frac{{\sqrt{{u + {number(o.eps)}}}}}{{\sqrt{{v + {number(o.eps)}}}}}"
    return (
        rf"{where}v \leftarrow {keep}\, v + {new}\, {g}^2,\quad \Delta = {step},\quad "
        rf"\theta \leftarrow \theta - {number(o.rate)}\, \Delta,\quad u \leftarrow {keep}\, u + {new}\, \Delta^2"
    )


def _lion(o: Any) -> str:
    g, where = _gradient(o)
    sign = rf"\mathrm{{sign}}({number(o.beta1)}\, m + {number(1 - o.beta1)}\, {g})"
    return (
        rf"{where}\theta \leftarrow {_decayed(o)} - {number(o.rate)}\, {sign},\quad "
        rf"m \leftarrow {number(o.beta2)}\, m + {number(1 - o.beta2)}\, {g}"
    )


_RULES: dict[str, Callable[[Any], str]] = {
    "SGD": _sgd,
    "Adam": _adam,
    "AdamW": _adam,
    "NAdam": _nadam,
    "RMSprop": _rmsprop,
    "Adagrad": _adagrad,
    "Adadelta": _adadelta,
    "Lion": _lion,
}
