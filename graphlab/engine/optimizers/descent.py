"""Optimizers that follow the gradient or its sign: SGD and Lion."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from ...ops.explanation import Term, call, number, times, total
from .optimizer import Optimizer, shrunk
from .setting import setting, switch
from .told import Element, Told, mixed, moved

Array = npt.NDArray[Any]


class SGD(Optimizer):
    """Stochastic gradient descent, as torch.optim.SGD: v ← momentum·v + g, w ← w − lr·v (v = g without momentum).

    With Nesterov's momentum (Sutskever et al. 2013) w ← w − lr·(g + momentum·v): it looks ahead to where v leads.
    """

    formula = "w ← w − lr·v,  v ← momentum·v + g"
    usual = (1e-4, 1.0)
    called = {"momentum": "momentum_buffer"}
    momentum: float = setting(0.0, 1.0)
    nesterov: bool = switch()

    def __init__(
        self,
        lr: float = 0.01,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
        **clipping: float,
    ) -> None:
        super().__init__(lr=lr, momentum=momentum, weight_decay=weight_decay, nesterov=nesterov, **clipping)

    def kept(self) -> dict[str, float]:
        return {"momentum": 0.0} if self.momentum else {}

    def _bind_numbers(self) -> None:
        self._rate, self._momentum = self._number(), self._number(self.momentum)

    def _prepare(self, lr: float) -> None:
        self._rate[()] = lr

    def _update(self, w: Array, g: Array, s: Array, v: Array | None = None, /) -> None:
        if v is not None:
            np.multiply(v, self._momentum, v)
            np.add(v, g, v)
            if self.nesterov:
                np.multiply(v, self._momentum, s)
                np.add(s, g, s)
                g = s
            else:
                g = v
        np.multiply(g, self._rate, s)
        np.subtract(w, s, w)

    def rule(self) -> str:
        if not self.momentum:
            return "w ← w − lr·g"
        ahead = "w ← w − lr·(g + momentum·v),  v ← momentum·v + g"
        return ahead if self.nesterov else self.formula

    def rule_latex(self) -> str:
        step = "g" if not self.momentum else r"(g + \mu\, v)" if self.nesterov else "v"
        return rf"w \leftarrow w - \mathrm{{lr}} \cdot {step}"

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        if not self.momentum:
            return Told(moved(w, at.lr, g), {})
        momentum = number(self.momentum, "momentum")
        v = total([times(momentum, at.before("momentum", "vₜ₋₁", "momentum_buffer")), g])
        v = at.after(v, "v", "momentum_buffer")
        ahead = total([g, times(momentum, v)]) if self.nesterov else v
        return Told(moved(w, at.lr, ahead), {"momentum": v})


class Lion(Optimizer):
    """Lion (Chen et al. 2023, algorithm 2): every weight moves by the same step, only the sign is learnt.

    w ← w − lr·(sign(β₁m + (1−β₁)g) + weight_decay·w), then m ← β₂m + (1−β₂)g. Needs about a tenth of Adam's lr.
    """

    decoupled = True
    formula = "w ← w − lr·sign(β₁·m + (1 − β₁)·g),  m ← β₂·m + (1 − β₂)·g"
    usual = (1e-6, 0.01)
    called = {"m": "exp_avg"}
    beta1: float = setting(0.0, 0.9999999)
    beta2: float = setting(0.0, 0.9999999)

    def __init__(
        self,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
        **clipping: float,
    ) -> None:
        super().__init__(lr=lr, beta1=betas[0], beta2=betas[1], weight_decay=weight_decay, **clipping)

    def kept(self) -> dict[str, float]:
        return {"m": 0.0}

    def _bind_numbers(self) -> None:
        self._rate = self._number()
        self._new1, self._new2 = self._number(1 - self.beta1), self._number(1 - self.beta2)

    def _prepare(self, lr: float) -> None:
        self._rate[()] = lr

    def _update(self, w: Array, g: Array, s: Array, m: Array, /) -> None:
        np.subtract(g, m, s)
        np.multiply(s, self._new1, s)
        np.add(s, m, s)
        np.sign(s, s)
        np.multiply(s, self._rate, s)
        np.subtract(w, s, w)
        np.subtract(g, m, s)
        np.multiply(s, self._new2, s)
        np.add(m, s, m)

    def rule_latex(self) -> str:
        return (
            rf"w \leftarrow {shrunk(self)} - \mathrm{{lr}} \cdot "
            r"\mathrm{sign}(\beta_1 m_{t-1} + (1 - \beta_1)\, g)"
        )

    def _tell(self, at: Element, w: Term, g: Term) -> Told:
        before = at.before("m", "mₜ₋₁", "exp_avg")
        step = call("sign", mixed(self.beta1, "β₁", before, g))
        m = at.after(mixed(self.beta2, "β₂", before, g), "m", "exp_avg")
        return Told(moved(w, at.lr, step), {"m": m})
