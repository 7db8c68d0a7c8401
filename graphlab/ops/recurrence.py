"""One pass of a fused recurrent layer, forward and backward: the arrays, and what is the same for every cell.

Time comes first here. What the input adds to every step is one product for all of them, beforehand; what the state adds
is a product at every step. So it is with the gradients of the weights, which are formed afterwards for all steps at
once. Each gate has an array of its own, so that a step looks at pieces that lie in one piece: on others NumPy takes
several times as long.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .base import Array, Context
from .matrix import product


@dataclass(slots=True)
class Pass:
    """One layer in one direction: its input, its weights gate by gate, and what it remembers of every step.

    x is T×N×in; w_ih gates×hidden×in, w_hh gates×hidden×hidden, b_ih and b_hh gates×hidden (None without bias).
    is_fresh: whether it begins with a state of zeros, to which the products of the first moment add nothing.
    """

    ctx: Context
    tag: str
    reverse: bool
    is_fresh: bool
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
    def first(self) -> int:
        return self.steps[0]

    @property
    def last(self) -> int:
        return self.steps[-1]

    @property
    def hidden(self) -> int:
        return int(self.w_hh.shape[1])

    def scratch(self, name: str, *shape: int) -> Array:
        return self.ctx.scratch(self.tag + name, shape)

    def over_time(self, name: str, count: int) -> Array:
        """A kept array of `count` states at every moment: count×T×N×hidden."""
        return self.scratch(name, count, *self.x.shape[:2], self.hidden)

    def one_step(self, name: str, *count: int) -> Array:
        """The same for one moment; what is in it lasts for one step."""
        return self.ctx.scratch(f"{name}{count}{self.hidden}", (*count, self.x.shape[1], self.hidden))

    def states(self, name: str) -> tuple[Array, Array, Array]:
        """The states before each step, those after it (T×N×hidden), and the place of the one to begin with."""
        moments = self.scratch(name, len(self.x) + 1, self.x.shape[1], self.hidden)
        if self.reverse:
            return moments[1:], moments[:-1], moments[-1]
        return moments[:-1], moments[1:], moments[0]

    def rows_of_x(self) -> Array:
        """T·N×(in + 1): the input of every moment, and a 1 for the bias."""
        length, batch, width = self.x.shape
        return self.scratch("x", length * batch, width + 1)

    def begin(self) -> None:
        """Puts the input and the 1 into `rows_of_x`."""
        rows = self.rows_of_x()
        np.copyto(rows.reshape(*self.x.shape[:2], rows.shape[1])[..., :-1], self.x)
        np.copyto(rows[:, -1], self.ctx.one)

    def weights_of_x(self, both: slice = slice(None)) -> Array:
        """gates×(in + 1)×hidden: by what `rows_of_x` is multiplied. The gates of `both` get both biases."""
        weights = self.scratch("weights of x", len(self.w_ih), self.w_ih.shape[2] + 1, self.hidden)
        np.copyto(weights[:, :-1], self.w_ih.swapaxes(1, 2))
        bias = weights[:, -1]
        if self.b_ih is None or self.b_hh is None:
            np.copyto(bias, self.ctx.zero)
        else:
            np.copyto(bias, self.b_ih)
            np.add(bias[both], self.b_hh[both], bias[both])
        return weights

    def weights_of_state(self) -> Array:
        """gates×hidden×hidden: by what a state is multiplied."""
        weights = self.scratch("weights of state", *self.w_hh.shape)
        np.copyto(weights, self.w_hh.swapaxes(1, 2))
        return weights

    def look_at_state(self, t: int, weights: Array, out: Array) -> None:
        """What the state before moment t adds to each gate, into gates×N×hidden."""
        h = self.states("h")[0][t]
        if self.is_fresh and t == self.first:
            np.copyto(out, self.ctx.zero)
        elif len(weights) == 1:
            h.dot(weights[0], out[0])
        else:
            np.matmul(h, weights, out)

    def look_at_x(self, weights: Array, out: Array) -> None:
        """What the input adds to each gate, into gates×T×N×hidden."""
        for k in range(len(weights)):
            product(self.ctx, self.rows_of_x(), weights[k], _rows(out[k]))


@dataclass(slots=True)
class Back:
    """What flows back into a pass, and where its gradients go; None for what nobody asks for or nobody sends."""

    dy: Array | None
    dh: Array  # in: the gradient of the last state; out: that of the first one
    dc: Array
    wants_start: bool  # whether anybody asks for the gradients of the first states
    dx: Array | None
    dw_ih: Array | None
    dw_hh: Array | None
    db_ih: Array | None
    db_hh: Array | None

    def goes_on(self, part: Pass, t: int) -> bool:
        """Whether anybody asks for the gradient of the state before moment t."""
        return self.wants_start or t != part.first

    def of_state(self, part: Pass, gates: Sequence[Array]) -> None:
        """The gradient of w_hh from those of what the state added to each gate, T×N×hidden."""
        if self.dw_hh is None:
            return
        seen = part.states("h")[0]
        if part.is_fresh:
            later = slice(0, -1) if part.reverse else slice(1, None)
            gates, seen = [d[later] for d in gates], seen[later]
        for k, d in enumerate(gates):
            product(part.ctx, _rows(d).T, _rows(seen), self.dw_hh[k])

    def of_x(self, part: Pass, gates: Sequence[Array]) -> None:
        """The gradients of w_ih, of both biases and of x from those of what the input added to each gate."""
        rows = part.rows_of_x()
        for k, d in enumerate(gates):
            if self.dw_ih is not None or self.db_ih is not None or self.db_hh is not None:
                both = part.ctx.scratch(f"both{rows.shape[1]}", (rows.shape[1], part.hidden))
                product(part.ctx, rows.T, _rows(d), both)
                for found, out in ((both[:-1].T, self.dw_ih), (both[-1], self.db_ih), (both[-1], self.db_hh)):
                    if out is not None:
                        np.copyto(out[k], found)
            if self.dx is not None:
                target = _rows(self.dx)
                out = part.ctx.scratch(f"more{target.shape[1]}", target.shape) if k else target
                product(part.ctx, _rows(d), part.w_ih[k], out)
                if k:
                    np.add(target, out, target)


def by_gate(array: Array | None, gates: int) -> Array | None:
    """Stacked weights or biases with an axis of their own for the gates."""
    return None if array is None else array.reshape(gates, -1, *array.shape[1:])


def gates_of(array: Array) -> list[Array]:
    """gates×T×N×hidden, gate by gate."""
    return [array[k] for k in range(len(array))]


def _rows(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])
