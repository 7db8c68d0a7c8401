"""Adam and its relatives: the mean gradient m, scaled by the root of the mean squared gradient v."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from ...ops.explanation import Term, call, made, number, times, total
from .optimizer import Optimizer, shrunk
from .setting import setting, switch
from .told import Element, Told, mixed, moved

Array = npt.NDArray[Any]


class _Moments(Optimizer):
    """Keeps m ← β₁m + (1−β₁)g and v ← β₂v + (1−β₂)g²."""

    apart = frozenset({"eps"})
    usual = (1e-5, 0.1)
    called = {"m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq"}
    beta1: float = setting(0.0, 0.9999999)
    beta2: float = setting(0.0, 0.9999999)
    eps: float = setting(0.0, 1.0)

    def kept(self) -> dict[str, float]:
        return {"m": 0.0, "v": 0.0}

    def _bind_numbers(self) -> None:
        self._new1, self._new2 = self._number(1 - self.beta1), self._number(1 - self.beta2)
        self._eps, self._rate = self._number(), self._number()

    def _remember(self, g: Array, s: Array, m: Array, v: Array) -> None:
        np.subtract(g, m, s)
        np.multiply(s, self._new1, s)
        np.add(m, s, m)
        np.multiply(g, g, s)
        np.subtract(s, v, s)
        np.multiply(s, self._new2, s)
        np.add(v, s, v)

    def _tell_moments(self, at: Element, g: Term) -> tuple[Term, Term]:
        m = mixed(self.beta1, "β₁", at.before("m", "mₜ₋₁", "exp_avg"), g)
        v = mixed(self.beta2, "β₂", at.before("v", "vₜ₋₁", "exp_avg_sq"), call("square", g))
        return at.after(m, "m", "exp_avg"), at.after(v, "v", "exp_avg_sq")

    def _root(self, at: Element, v: Term) -> Term:
        """√v̂ + ε, v̂ being corrected for its zero start."""
        corrected = (v / number(1 - self.beta2**at.step, "(1 − β₂ᵗ)")).called("v̂")
        return total([call("√", corrected), number(self.eps, "ε")])


class Adam(_Moments):
    """Adam (Kingma and Ba 2015, algorithm 1), as torch.optim.Adam; weight decay is added to the gradient.

    m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², w ← w − lr·m̂/(√v̂ + ε) with m̂, v̂ corrected for their zero start.
    `amsgrad` divides by the largest v̂ so far (Reddi, Kale and Kumar 2018).
    """

    formula = "w ← w − lr·m̂ / (√v̂ + ε),  m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²"
    amsgrad: bool = switch()

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        amsgrad: bool = False,
        **clipping: float,
    ) -> None:
        beta1, beta2 = betas
        super().__init__(
            lr=lr,
            beta1=beta1,
            beta2=beta2,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            **clipping,
        )

    def kept(self) -> dict[str, float]:
        return super().kept() | ({"v_max": 0.0} if self.amsgrad else {})

    def _prepare(self, lr: float) -> None:
        """m̂/(√v̂ + ε) = c·m/(√v + c·ε) / (1−β₁ᵗ) with c = √(1−β₂ᵗ): one instruction less than by the letter."""
        c = math.sqrt(1 - self.beta2**self.steps)
        self._eps.fill(c * self.eps)
        self._rate.fill(lr * c / (1 - self.beta1**self.steps))

    def _update(
        self, w: Array, g: Array, s: Array, m: Array, v: Array, v_max: Array | None = None, /
    ) -> None:
        self._remember(g, s, m, v)
        if v_max is not None:
            np.maximum(v_max, v, out=v_max)
            v = v_max
        np.sqrt(v, s)
        np.add(s, self._eps, s)
        np.divide(m, s, s)
        np.multiply(s, self._rate, s)
        np.subtract(w, s, w)

    def rule_latex(self) -> str:
        step = r"\frac{\hat{m}}{\sqrt{\hat{v}} + \varepsilon}"
        return rf"w \leftarrow {shrunk(self)} - \mathrm{{lr}} \cdot {step}"

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        m, v = self._tell_moments(at, g)
        kept = {"m": m, "v": v}
        if self.amsgrad:
            largest = made("largest", [at.before("v_max", "v_max before", "max_exp_avg_sq"), v])
            v = kept["v_max"] = at.after(largest, "v_max", "max_exp_avg_sq")
        corrected = (m / number(1 - self.beta1**at.step, "(1 − β₁ᵗ)")).called("m̂")
        return Told(moved(w, at.lr, corrected / self._root(at, v)), kept)


class AdamW(Adam):
    """Adam with decoupled weight decay, as torch.optim.AdamW: w ← (1 − lr·decay)·w first. Loshchilov, Hutter 2019."""

    decoupled = True
    formula = "w ← (1 − lr·decay)·w − lr·m̂ / (√v̂ + ε),  m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²"

    def __init__(
        self,
        lr: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        amsgrad: bool = False,
        **clipping: float,
    ) -> None:
        super().__init__(lr, betas, eps, weight_decay, amsgrad, **clipping)


class NAdam(_Moments):
    """Adam with Nesterov's momentum (Dozat 2016), as torch.optim.NAdam.

    μₜ = β₁(1 − 0.96^(t·momentum_decay)/2) and w ← w − lr·((1−μₜ)g/(1−Πμ) + μₜ₊₁m/(1−Πμ·μₜ₊₁))/(√v̂ + ε).
    """

    apart = frozenset({"eps", "momentum_decay"})
    scratch_count = 2
    formula = "w ← w − lr·(m̂ + ĝ) / (√v̂ + ε),  m ← β₁·m + (1 − β₁)·g,  v ← β₂·v + (1 − β₂)·g²"
    momentum_decay: float = setting(0.0, 1e6)

    def __init__(
        self,
        lr: float = 0.002,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 0.004,
        **clipping: float,
    ) -> None:
        beta1, beta2 = betas
        super().__init__(
            lr=lr,
            beta1=beta1,
            beta2=beta2,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            **clipping,
        )

    def _bind_numbers(self) -> None:
        super()._bind_numbers()
        self._of_m = self._number()

    def _prepare(self, lr: float) -> None:
        mu, following = self._mu(self.steps), self._mu(self.steps + 1)
        product = self.numbers["mu_product"] = self.numbers.get("mu_product", 1.0) * mu
        c = math.sqrt(1 - self.beta2**self.steps)
        self._eps.fill(c * self.eps)
        self._rate.fill(lr * c * (1 - mu) / (1 - product))
        self._of_m.fill(lr * c * following / (1 - product * following))

    def _mu(self, step: int) -> float:
        return float(self.beta1 * (1 - 0.5 * 0.96 ** (step * self.momentum_decay)))

    def _update(self, w: Array, g: Array, s: Array, sum: Array, m: Array, v: Array, /) -> None:
        self._remember(g, s, m, v)
        np.multiply(g, self._rate, sum)
        np.multiply(m, self._of_m, s)
        np.add(sum, s, sum)
        np.sqrt(v, s)
        np.add(s, self._eps, s)
        np.divide(sum, s, s)
        np.subtract(w, s, w)

    def rule_latex(self) -> str:
        return r"w \leftarrow w - \mathrm{lr} \cdot \frac{\hat{m} + \hat{g}}{\sqrt{\hat{v}} + \varepsilon}"

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        m, v = self._tell_moments(at, g)
        mu, following = self._mu(at.step), self._mu(at.step + 1)
        product = (at.numbers or {}).get("mu_product", 1.0) * mu
        ahead = times(number(following, "μₜ₊₁"), m) / number(1 - product * following, "(1 − Πμ·μₜ₊₁)")
        now = times(number(1 - mu, "(1 − μₜ)"), g) / number(1 - product, "(1 − Πμ)")
        step = total([ahead.called("m̂"), now.called("ĝ")])
        return Told(moved(w, at.lr, step / self._root(at, v)), {"m": m, "v": v})
