"""One pass of a fused recurrent layer, forward and backward: the arrays, and what is the same for every cell.

Time comes first here. What a step looks at lies in one row: the state before, a 1 for the bias, and the input. So a
step is one product with all weights; those of each gate are a matrix small enough for BLAS's quickest path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .base import Array, Context


@dataclass(slots=True)
class Pass:
    """One layer in one direction: its input, its weights gate by gate, and what it remembers of every step.

    x is T×N×in; w_ih gates×hidden×in, w_hh gates×hidden×hidden, b_ih and b_hh gates×hidden (None without bias).
    """

    ctx: Context
    tag: str
    reverse: bool
    x: Array
    w_ih: Array
    w_hh: Array
    b_ih: Array | None
    b_hh: Array | None

    @property
    def steps(self) -> Sequence[int]:
        """The moments in the order in which they are computed."""
        times = range(len(self.x))
        return times[::-1] if self.reverse else times

    @property
    def last(self) -> int:
        return self.steps[-1]

    @property
    def hidden(self) -> int:
        return int(self.w_hh.shape[1])

    @property
    def width(self) -> int:
        """How long a row of `rows` is."""
        return int(self.hidden + 1 + self.w_ih.shape[2])

    def scratch(self, name: str, *shape: int) -> Array:
        return self.ctx.scratch(self.tag + name, shape)

    def over_time(self, name: str, count: int) -> Array:
        """A kept array of `count` states at every moment: count×T×N×hidden."""
        return self.scratch(name, count, *self.x.shape[:2], self.hidden)

    def one_step(self, name: str, *count: int) -> Array:
        """The same for one moment; what is in it lasts for one step."""
        return self.ctx.scratch(f"{name}{count}{self.hidden}", (*count, self.x.shape[1], self.hidden))

    def rows(self) -> Array:
        """T×N×(hidden + 1 + in): at each moment the state before, 1, the input."""
        return self._moments("h", self.width)[0]

    def remembered(self, name: str) -> tuple[Array, Array, Array]:
        """The states before each step, those after it, and the place of the one to begin with."""
        before, after, start = self._moments(name, self.width if name == "h" else self.hidden)
        return before[..., : self.hidden], after[..., : self.hidden], start[..., : self.hidden]

    def _moments(self, name: str, width: int) -> tuple[Array, Array, Array]:
        moments = self.scratch(name, len(self.x) + 1, self.x.shape[1], width)
        if self.reverse:
            return moments[1:], moments[:-1], moments[-1]
        return moments[:-1], moments[1:], moments[0]

    def begin(self) -> None:
        """Puts the input and the 1 into the rows."""
        rows = self.rows()
        np.copyto(rows[..., self.hidden], self.ctx.one)
        np.copyto(rows[..., self.hidden + 1 :], self.x)

    def weigh(self, out: Array, gates: slice, *, state: bool = True, x: bool = True) -> None:
        """Writes the weights of some gates into `out` (gates × row × hidden), as a row times weights wants them.

        Without `state` or `x` only the other half is written, with its own bias.
        """
        if state:
            np.copyto(out[:, : self.hidden], self.w_hh[gates].swapaxes(1, 2))
        if x:
            np.copyto(out[:, self.hidden + 1 :], self.w_ih[gates].swapaxes(1, 2))
        bias = out[:, self.hidden]
        if self.b_ih is None or self.b_hh is None:
            np.copyto(bias, self.ctx.zero)
        elif state and x:
            np.add(self.b_ih[gates], self.b_hh[gates], bias)
        else:
            np.copyto(bias, self.b_hh[gates] if state else self.b_ih[gates])

    def rolled(self) -> Array:
        """w_hh with the last gate in front."""
        rolled = self.scratch("rolled", *self.w_hh.shape)
        np.copyto(rolled[1:], self.w_hh[:-1])
        np.copyto(rolled[0], self.w_hh[-1])
        return rolled


@dataclass(slots=True)
class Back:
    """What flows back into a pass, and where its gradients go; None for what nobody asks for or nobody sends."""

    dy: Array | None
    dh: Array  # in: the gradient of the last state; out: that of the first one
    dc: Array
    dx: Array | None
    dw_ih: Array | None
    dw_hh: Array | None
    db_ih: Array | None
    db_hh: Array | None

    def wants(self, *, state: bool = False, x: bool = False) -> bool:
        """Whether anybody asks for a gradient of the weights of the state, or of x."""
        of_state = self.dw_hh is not None or self.db_hh is not None
        return (state and of_state) or (x and (self.dw_ih is not None or self.db_ih is not None))

    def weights(
        self, part: Pass, gates: Array, into: Sequence[slice], *, state: bool = True, x: bool = True
    ) -> None:
        """The gradients of the weights: for each gate the sum over all moments of its gradient × the row it saw.

        `gates` is gates×T×N×hidden; `into` says which gates of the weights neighbouring ones of it are.
        """
        if not self.wants(state=state, x=x):
            return
        hidden = part.hidden
        first, end = 0 if state else hidden, part.width if x else hidden + 1
        rows = part.rows().reshape(-1, part.width)[:, first:end]
        whole = part.ctx.scratch(f"whole{part.width}{state}{x}", (len(gates), hidden, end - first))
        np.matmul(_flat(gates).swapaxes(1, 2), rows, whole)
        at = 0
        for gate in into:
            some = whole[at : at + gate.stop - gate.start]
            at += len(some)
            if state:
                _copy(some[..., :hidden], self.dw_hh, gate)
                _copy(some[..., hidden], self.db_hh, gate)
            if x:
                _copy(some[..., hidden + 1 - first :], self.dw_ih, gate)
                _copy(some[..., hidden - first], self.db_ih, gate)

    def inputs(self, part: Pass, gates: Array, order: Sequence[int]) -> None:
        """The gradient of x, from those of all gates."""
        if self.dx is None:
            return
        target, rows = self.dx.reshape(-1, self.dx.shape[-1]), _flat(gates)
        np.matmul(rows[0], part.w_ih[order[0]], target)
        for k in range(1, len(order)):
            more = part.ctx.scratch(f"more{target.shape[1]}", target.shape)
            np.add(target, np.matmul(rows[k], part.w_ih[order[k]], more), target)


def by_gate(array: Array | None, gates: int) -> Array | None:
    """Stacked weights or biases with an axis of their own for the gates."""
    return None if array is None else array.reshape(gates, -1, *array.shape[1:])


def _flat(gates: Array) -> Array:
    return gates.reshape(len(gates), -1, gates.shape[-1])


def _copy(found: Array, out: Array | None, gate: slice) -> None:
    if out is not None:
        np.copyto(out[gate], found)
