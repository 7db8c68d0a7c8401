"""Optimizers that give each weight a step of its own by the size of its past gradients: Adagrad, RMSprop, Adadelta."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...ops.explanation import Term, call, made, minus, number, times, total
from .optimizer import Optimizer
from .setting import setting, switch
from .told import Element, Told, mixed, moved

Array = npt.NDArray[Any]


class Adagrad(Optimizer):
    """Adagrad (Duchi, Hazan and Singer 2011), as torch.optim.Adagrad: s ← s + g², w ← w − lr·g/(√s + ε).

    What has moved much so far moves less from now on. lr falls as lr/(1 + (t−1)·lr_decay).
    """

    apart = frozenset({"eps", "lr_decay", "initial_accumulator_value"})
    formula = "w ← w − lr·g / (√s + ε),  s ← s + g²"
    usual = (1e-3, 1.0)
    called = {"sum": "sum"}
    lr_decay: float = setting(0.0, 1e6)
    initial_accumulator_value: float = setting(0.0, 1e6)
    eps: float = setting(0.0, 1.0)

    def __init__(
        self,
        lr: float = 0.01,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
        **clipping: float,
    ) -> None:
        super().__init__(
            lr=lr,
            lr_decay=lr_decay,
            weight_decay=weight_decay,
            initial_accumulator_value=initial_accumulator_value,
            eps=eps,
            **clipping,
        )

    def kept(self) -> dict[str, float]:
        return {"sum": self.initial_accumulator_value}

    def _bind_numbers(self) -> None:
        self._rate, self._eps = self._number(), self._number(self.eps)

    def _prepare(self, lr: float) -> None:
        self._rate.fill(lr / (1 + (self.steps - 1) * self.lr_decay))

    def _update(self, w: Array, g: Array, s: Array, total: Array, /) -> None:
        np.multiply(g, g, s)
        np.add(total, s, total)
        np.sqrt(total, s)
        np.add(s, self._eps, s)
        np.divide(g, s, s)
        np.multiply(s, self._rate, s)
        np.subtract(w, s, w)

    def rule_latex(self) -> str:
        return r"w \leftarrow w - \mathrm{lr} \cdot \frac{g}{\sqrt{s} + \varepsilon}"

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        s = at.after(total([at.before("sum", "sₜ₋₁", "sum"), call("square", g)]), "s", "sum")
        lr = at.lr
        if self.lr_decay:
            fall = times(number(at.step - 1, "(t − 1)"), number(self.lr_decay, "lr_decay"))
            lr = (lr / total([number(1.0), fall])).called("lr decayed")
        return Told(moved(w, lr, g / total([call("√", s), number(self.eps, "ε")])), {"sum": s})


class RMSprop(Optimizer):
    """RMSprop (Hinton 2012, lecture 6e), as torch.optim.RMSprop: v ← αv + (1−α)g², w ← w − lr·g/(√v + ε).

    `centered` takes the variance, v − (mean of g)², instead of v (Graves 2013). With `momentum`, b ← momentum·b + the
    scaled gradient, and b is what is followed.
    """

    apart = frozenset({"eps", "momentum"})
    scratch_count = 2
    formula = "w ← w − lr·g / (√v + ε),  v ← α·v + (1 − α)·g²"
    usual = (1e-5, 0.1)
    called = {"v": "square_avg", "mean": "grad_avg", "momentum": "momentum_buffer"}
    alpha: float = setting(0.0, 1.0)
    eps: float = setting(0.0, 1.0)
    momentum: float = setting(0.0, 1.0)
    centered: bool = switch()

    def __init__(
        self,
        lr: float = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
        **clipping: float,
    ) -> None:
        super().__init__(
            lr=lr,
            alpha=alpha,
            eps=eps,
            weight_decay=weight_decay,
            momentum=momentum,
            centered=centered,
            **clipping,
        )

    def kept(self) -> dict[str, float]:
        return (
            {"v": 0.0}
            | ({"mean": 0.0} if self.centered else {})
            | ({"momentum": 0.0} if self.momentum else {})
        )

    def _bind_numbers(self) -> None:
        self._rate, self._eps, self._zero = self._number(), self._number(self.eps), self._number()
        self._new, self._momentum = self._number(1 - self.alpha), self._number(self.momentum)

    def _prepare(self, lr: float) -> None:
        self._rate.fill(lr)

    def _update(self, w: Array, g: Array, s: Array, spare: Array, v: Array, /, *more: Array) -> None:
        np.multiply(g, g, s)
        np.subtract(s, v, s)
        np.multiply(s, self._new, s)
        np.add(v, s, v)
        np.sqrt(self._variance(g, s, spare, v, more[0]) if self.centered else v, s)
        np.add(s, self._eps, s)
        np.divide(g, s, s)
        if self.momentum:
            b = more[-1]
            np.multiply(b, self._momentum, b)
            np.add(b, s, b)
            np.multiply(b, self._rate, s)
        else:
            np.multiply(s, self._rate, s)
        np.subtract(w, s, w)

    def _variance(self, g: Array, s: Array, spare: Array, v: Array, mean: Array) -> Array:
        """v − mean², where rounding cannot make it negative."""
        np.subtract(g, mean, s)
        np.multiply(s, self._new, s)
        np.add(mean, s, mean)
        np.multiply(mean, mean, s)
        np.subtract(v, s, spare)
        return np.maximum(spare, self._zero, out=spare)

    def rule(self) -> str:
        root = "√(v − ḡ²)" if self.centered else "√v"
        mean = ",  ḡ ← α·ḡ + (1 − α)·g" if self.centered else ""
        step = f"g / ({root} + ε)"
        follow = f"w ← w − lr·b,  b ← momentum·b + {step}" if self.momentum else f"w ← w − lr·{step}"
        return f"{follow},  v ← α·v + (1 − α)·g²{mean}"

    def rule_latex(self) -> str:
        root = r"v - \bar{g}^2" if self.centered else "v"
        step = "b" if self.momentum else rf"\frac{{g}}{{\sqrt{{{root}}} + \varepsilon}}"
        return rf"w \leftarrow w - \mathrm{{lr}} \cdot {step}"

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        v = mixed(self.alpha, "α", at.before("v", "vₜ₋₁", "square_avg"), call("square", g))
        v = at.after(v, "v", "square_avg")
        kept = {"v": v}
        if self.centered:
            mean = mixed(self.alpha, "α", at.before("mean", "ḡₜ₋₁", "grad_avg"), g)
            kept["mean"] = at.after(mean, "ḡ", "grad_avg")
            variance = total([v, minus(call("square", kept["mean"]))])
            v = made("largest", [variance, number(0.0)]).called("variance")
        step = g / total([call("√", v), number(self.eps, "ε")])
        if self.momentum:
            before = at.before("momentum", "bₜ₋₁", "momentum_buffer")
            step = total([times(number(self.momentum, "momentum"), before), step])
            step = kept["momentum"] = at.after(step, "b", "momentum_buffer")
        return Told(moved(w, at.lr, step), kept)


class Adadelta(Optimizer):
    """Adadelta (Zeiler 2012), as torch.optim.Adadelta: steps in the unit of the weights, so lr may stay at 1.

    v ← ρv + (1−ρ)g², Δ = g·√(u + ε)/√(v + ε), w ← w − lr·Δ, u ← ρu + (1−ρ)Δ².
    """

    apart = frozenset({"eps"})
    scratch_count = 2
    formula = "w ← w − lr·Δ,  Δ = g·√(u + ε) / √(v + ε),  v ← ρ·v + (1 − ρ)·g²,  u ← ρ·u + (1 − ρ)·Δ²"
    usual = (0.01, 10.0)
    called = {"v": "square_avg", "u": "acc_delta"}
    rho: float = setting(0.0, 1.0)
    eps: float = setting(0.0, 1.0)

    def __init__(
        self,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        **clipping: float,
    ) -> None:
        super().__init__(lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, **clipping)

    def kept(self) -> dict[str, float]:
        return {"v": 0.0, "u": 0.0}

    def _bind_numbers(self) -> None:
        self._rate, self._eps, self._new = self._number(), self._number(self.eps), self._number(1 - self.rho)

    def _prepare(self, lr: float) -> None:
        self._rate.fill(lr)

    def _update(self, w: Array, g: Array, s: Array, delta: Array, v: Array, u: Array, /) -> None:
        np.multiply(g, g, s)
        np.subtract(s, v, s)
        np.multiply(s, self._new, s)
        np.add(v, s, v)
        np.add(u, self._eps, delta)
        np.add(v, self._eps, s)
        np.divide(delta, s, delta)
        np.sqrt(delta, delta)
        np.multiply(delta, g, delta)
        np.multiply(delta, self._rate, s)
        np.subtract(w, s, w)
        np.multiply(delta, delta, delta)
        np.subtract(delta, u, delta)
        np.multiply(delta, self._new, delta)
        np.add(u, delta, u)

    def rule_latex(self) -> str:
        root = r"\frac{u_{t-1} + \varepsilon}{v + \varepsilon}"
        return rf"w \leftarrow w - \mathrm{{lr}} \cdot g\, \sqrt{{{root}}}"

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        before, eps = at.before("u", "uₜ₋₁", "acc_delta"), number(self.eps, "ε")
        v = mixed(self.rho, "ρ", at.before("v", "vₜ₋₁", "square_avg"), call("square", g))
        v = at.after(v, "v", "square_avg")
        root = call("√", total([before, eps]) / total([v, eps]))
        delta = times(g, root).called("Δ")
        u = mixed(self.rho, "ρ", before, call("square", delta))
        return Told(moved(w, at.lr, delta), {"v": v, "u": at.after(u, "u", "acc_delta")})
