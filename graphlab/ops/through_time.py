"""What stands around the copies of a cell that is repeated along a sequence: its steps one by one, and together again.

None of these is offered to a person: the engine puts them there (`engine/unrolling`). Sequences have the batch in
front: N×T×…
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Op, Recipe, Socket, Spec
from .explaining import Call, Place
from .explanation import Term

ANYTHING = (Socket("x", kind="any"),)


class _AlongTime(Op):
    """Something of a sequence of `steps` steps."""

    category = "Structure"
    cost = 0
    saved = ()

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps


class TakenApart(_AlongTime):
    """Takes a sequence N×T×… apart into its T steps."""

    formula = "t0, t1, … = x[:, 0], x[:, 1], …"
    latex = r"y_t = x_{\cdot,t}"
    derivative = r"\frac{\partial y_t}{\partial x_{\cdot,t}} = 1"
    inputs = ANYTHING

    def results(self) -> tuple[str, ...]:
        return _numbered("t", self.steps)

    def infer(self, x: Spec) -> tuple[Spec, ...]:
        if x.ndim < 2:
            raise ShapeError(
                f"It takes a sequence, N×T×…, not {x}.",
                hint="Feed it one with the steps along the second axis.",
                socket="x",
            )
        if x.shape[1] != self.steps:
            count = x.shape[1]
            raise ShapeError(
                f"The sequence ({x}) has {count} step{'s' if count != 1 else ''}, not {self.steps}.",
                hint=f"Set steps to {count}."
                if isinstance(count, int)
                else "Give it a fixed number of steps.",
                socket="x",
            )
        return (x.with_shape(x.shape[0], *x.shape[2:]),) * self.steps

    def forward(self, ctx: Context, x: Array, **ys: Array) -> None:
        for t, y in enumerate(ys.values()):
            np.copyto(y, x[:, t])

    def backward(self, ctx: Context, *dys: Array | None, x: Array, dx: Array | None, **ys: Array) -> None:
        if dx is None:
            return
        for t, dy in enumerate(dys):
            np.copyto(dx[:, t], ctx.zero if dy is None else dy)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = self.results()
        return Recipe(
            "\n".join(f"{name} = x[:, {t}]" for t, name in enumerate(names)),
            f"dx = np.stack([{', '.join(f'd{name}' for name in names)}], axis=1)",
        )

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("x", at[0], int(output[1:]), *at[1:])

    def emit_torch(self, **names: str) -> str:
        return f"torch.unbind({names['x']}, dim=1)"


class PutTogether(_AlongTime):
    """Makes one sequence N×T×… of what T steps gave."""

    formula = "y[:, t] = x(t)"
    latex = r"y_{\cdot,t} = x_t"
    derivative = r"\frac{\partial y_{\cdot,t}}{\partial x_t} = 1"

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(name, kind="any") for name in _numbered("t", self.steps))

    def infer(self, **xs: Spec) -> Spec:
        first = _like_the_first(xs)
        if not first.ndim:
            raise ShapeError("A step gives a single number, which has no batch.", hint="Give N×… each step.")
        return first.with_shape(first.shape[0], self.steps, *first.shape[1:])

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        for t, x in enumerate(xs):
            np.copyto(y[:, t], x)

    def backward(self, ctx: Context, dy: Array, *, y: Array, **arrays: Any) -> None:
        for t, name in enumerate(_numbered("t", self.steps)):
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                np.copyto(gradient, dy[:, t])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = _numbered("t", self.steps)
        return Recipe(
            f"y = np.stack([{', '.join(names)}], axis=1)",
            "\n".join(f"d{name} = dy[:, {t}]" for t, name in enumerate(names)),
        )

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at(f"t{at[1]}", at[0], *at[2:])

    def emit_torch(self, **names: str) -> str:
        parts = ", ".join(names[socket.name] for socket in self.sockets())
        return f"torch.stack([{parts}], dim=1)"


class MeanOfSteps(_AlongTime):
    """The mean of what T steps gave."""

    formula = "y = (x(0) + x(1) + …) / T"
    latex = r"y = \frac{1}{T} \sum_t x_t"
    derivative = r"\frac{\partial y}{\partial x_t} = \frac{1}{T}"
    cost = 1

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(name) for name in _numbered("t", self.steps))

    def infer(self, **xs: Spec) -> Spec:
        return _like_the_first(xs)

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        np.copyto(y, xs[0])
        for x in xs[1:]:
            np.add(y, x, y)
        np.divide(y, self.steps, y)

    def backward(self, ctx: Context, dy: Array, *, y: Array, **arrays: Any) -> None:
        for name in _numbered("t", self.steps):
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                np.divide(dy, self.steps, gradient)

    def flops(self, **shapes: tuple[int, ...]) -> int:
        return self.steps * int(np.prod(shapes["y"]))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = _numbered("t", self.steps)
        return Recipe(
            f"y = ({' + '.join(names)}) / {self.steps}",
            "\n".join(f"d{name} = dy / {self.steps}" for name in names),
        )

    def emit_torch(self, **names: str) -> str:
        parts = " + ".join(names[socket.name] for socket in self.sockets())
        return f"({parts}) / {self.steps}"


def _like_the_first(xs: Mapping[str, Spec]) -> Spec:
    (name, first), *others = xs.items()
    for other, spec in others:
        if spec != first:
            raise ShapeError(
                f"Step {other[1:]} gives {spec}, but step {name[1:]} gave {first}.",
                hint="Make every step give the same shape.",
                socket=other,
            )
    return first


@functools.cache
def _numbered(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{k}" for k in range(count))


@functools.lru_cache(maxsize=1024)
def made(kind: type[_AlongTime], *args: Any) -> _AlongTime:
    """One of these; equal ones are the same object, so that what is flattened anew equals what it was."""
    return kind(*args)


__all__: Sequence[str] = ["MeanOfSteps", "PutTogether", "TakenApart", "made"]
