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
LENGTHS = Socket("lengths", kind="int")


class _AlongTime(Op):
    """Something of a sequence of `steps` steps."""

    category = "Structure"
    cost = 0
    saved = ()

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps


class TakenApart(_AlongTime):
    """Takes a sequence N×T×… apart into its T steps; with `first` nothing after the first step matters."""

    formula = "t0, t1, … = x[:, 0], x[:, 1], …"
    latex = r"y_t = x_{\cdot,t}"
    derivative = r"\frac{\partial y_t}{\partial x_{\cdot,t}} = 1"
    inputs = ANYTHING

    def __init__(self, steps: int, first: bool = False) -> None:
        super().__init__(1 if first else steps)
        self.first = first

    def results(self) -> tuple[str, ...]:
        return _numbered("t", self.steps)

    def infer(self, x: Spec) -> tuple[Spec, ...]:
        if x.ndim < 2:
            raise ShapeError(
                f"It takes a sequence, N×T×…, not {x}.",
                hint="Feed it one with the steps along the second axis.",
                socket="x",
            )
        count = x.shape[1]
        if not isinstance(count, int):
            raise ShapeError(
                f"The sequences ({x}) have any number {count} of steps, not {self.steps}.",
                hint=f"Pad them to one number, such as {self.steps}, and wire how long each is to lengths.",
                socket="x",
            )
        if count != self.steps and not (self.first and count):
            raise ShapeError(
                f"The sequence ({x}) has {count} step{'s' if count != 1 else ''}, not {self.steps}.",
                hint=f"Set steps to {count}.",
                socket="x",
            )
        return (x.with_shape(x.shape[0], *x.shape[2:]),) * self.steps

    def forward(self, ctx: Context, x: Array, **ys: Array) -> None:
        for t, y in enumerate(ys.values()):
            np.copyto(y, x[:, t])

    def backward(self, ctx: Context, *dys: Array | None, x: Array, dx: Array | None, **ys: Array) -> None:
        if dx is None:
            return
        if self.first:
            dx.fill(0)
        for t, dy in enumerate(dys):
            np.copyto(dx[:, t], ctx.zero if dy is None else dy)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        names = self.results()
        return Recipe(
            "\n".join(f"{name} = x[:, {t}]" for t, name in enumerate(names)),
            "dx = np.zeros_like(x)\n"
            + "\n".join(f"dx[:, {t}] = 0 if d{name} is None else d{name}" for t, name in enumerate(names)),
        )

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("x", at[0], int(output[1:]), *at[1:])

    def emit_torch(self, **names: str) -> str:
        return f"torch.unbind({names['x']}, dim=1)"


class _Gathered(_AlongTime):
    """Something of what T steps gave; with `masked`, only of those within the length of each row."""

    def __init__(self, steps: int, masked: bool = False) -> None:
        super().__init__(steps)
        self.masked = masked

    @property
    def names(self) -> tuple[str, ...]:
        """The sockets of the steps."""
        return _numbered("t", self.steps)

    def sockets(self) -> tuple[Socket, ...]:
        return (*(Socket(name, kind="any") for name in self.names), *((LENGTHS,) if self.masked else ()))

    def split(self, arrays: Sequence[Array]) -> tuple[Sequence[Array], Array | None]:
        """The steps, and the lengths of the rows where they matter."""
        return (arrays[:-1], arrays[-1]) if self.masked else (arrays, None)

    def _one(self, xs: Mapping[str, Spec]) -> Spec:
        """What each step gives. ShapeError."""
        first = _like_the_first({name: xs[name] for name in self.names})
        if not first.ndim:
            raise ShapeError("A step gives a single number, which has no batch.", hint="Give N×… each step.")
        if self.masked:
            check_lengths(xs["lengths"], first)
        return first

    def emit_torch(self, **names: str) -> str:
        return "" if self.masked else self.torch_of(", ".join(names[name] for name in self.names))

    def torch_of(self, parts: str) -> str:
        """The PyTorch expression of it without masks."""
        return ""


class PutTogether(_Gathered):
    """Makes one sequence N×T×… of what T steps gave; beyond the length of a row there are zeros."""

    formula = "y[:, t] = x(t)"
    latex = r"y_{\cdot,t} = x_t"
    derivative = r"\frac{\partial y_{\cdot,t}}{\partial x_t} = 1"

    def infer(self, **xs: Spec) -> Spec:
        first = self._one(xs)
        return first.with_shape(first.shape[0], self.steps, *first.shape[1:])

    def forward(self, ctx: Context, *arrays: Array, y: Array) -> None:
        xs, lengths = self.split(arrays)
        for t, x in enumerate(xs):
            np.copyto(y[:, t], x)
            if lengths is not None:
                np.copyto(y[:, t], 0, where=column(np.less_equal(lengths, t), x))

    def backward(self, ctx: Context, dy: Array, *, y: Array, **arrays: Any) -> None:
        for t, name in enumerate(self.names):
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                np.copyto(gradient, dy[:, t])
                if self.masked:
                    np.copyto(gradient, 0, where=column(np.less_equal(arrays["lengths"], t), gradient))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        stacked, back = f"y = np.stack([{', '.join(self.names)}], axis=1)", "dy"
        if self.masked:
            within = f"(np.arange({self.steps}) < lengths[:, None])"
            tail = ", None" * (len(shapes["y"]) - 2)
            within = f"{within}[:, :{tail}]" if tail else within
            stacked, back = f"{stacked} * {within}", f"(dy * {within})"
        return Recipe(stacked, "\n".join(f"d{name} = {back}[:, {t}]" for t, name in enumerate(self.names)))

    def explain(self, call: Call, output: str, at: Place) -> Term:
        if self.masked:
            return super().explain(call, output, at)
        return call.at(f"t{at[1]}", at[0], *at[2:])

    def torch_of(self, parts: str) -> str:
        return f"torch.stack([{parts}], dim=1)"


class MeanOfSteps(_Gathered):
    """The mean of what T steps gave, of each row over its own length."""

    formula = "y = (x(0) + x(1) + …) / T"
    latex = r"y = \frac{1}{T} \sum_t x_t"
    derivative = r"\frac{\partial y}{\partial x_t} = \frac{1}{T}"
    cost = 1

    def infer(self, **xs: Spec) -> Spec:
        first = self._one(xs)
        if first.kind != "float":
            raise ShapeError(
                "Class indices have no mean.", hint="Give that output as all, or as last.", socket="t0"
            )
        return first

    def forward(self, ctx: Context, *arrays: Array, y: Array) -> None:
        xs, lengths = self.split(arrays)
        if lengths is None:
            np.copyto(y, xs[0])
            for x in xs[1:]:
                np.add(y, x, y)
            np.divide(y, self.steps, y)
            return
        y.fill(0)
        for t, x in enumerate(xs):
            np.add(y, x, out=y, where=column(np.greater(lengths, t), y))
        np.divide(y, self._counts(lengths, y), y)

    def _counts(self, lengths: Array, like: Array) -> Array:
        """How many steps each row has; those without any count as one."""
        return column(np.clip(lengths, 1, self.steps), like).astype(like.dtype)

    def backward(self, ctx: Context, dy: Array, *, y: Array, **arrays: Any) -> None:
        count: Any = self._counts(arrays["lengths"], dy) if self.masked else self.steps
        for t, name in enumerate(self.names):
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                np.divide(dy, count, gradient)
                if self.masked:
                    np.copyto(gradient, 0, where=column(np.less_equal(arrays["lengths"], t), gradient))

    def flops(self, **shapes: tuple[int, ...]) -> int:
        return self.steps * int(np.prod(shapes["y"]))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        if self.masked:
            tail = ", None" * (len(shapes["y"]) - 1)
            count = f"np.clip(lengths, 1, {self.steps})[:{tail}].astype(dtype)"
            parts = [f"{name} * (lengths > {t})[:{tail}]" for t, name in enumerate(self.names)]
            return Recipe(
                f"y = ({' + '.join(parts)}) / {count}",
                "\n".join(
                    f"d{name} = dy / {count} * (lengths > {t})[:{tail}]" for t, name in enumerate(self.names)
                ),
            )
        return Recipe(
            f"y = ({' + '.join(self.names)}) / {self.steps}",
            "\n".join(f"d{name} = dy / {self.steps}" for name in self.names),
        )

    def torch_of(self, parts: str) -> str:
        return f"({parts.replace(', ', ' + ')}) / {self.steps}"


class LastWithin(_Gathered):
    """What the last step within its length gave for each row."""

    formula = "y[n] = x(lengths[n] − 1)[n]"
    latex = r"y_n = (x_{\mathrm{lengths}_n - 1})_n"

    def infer(self, **xs: Spec) -> Spec:
        return self._one(xs)

    def forward(self, ctx: Context, *arrays: Array, y: Array) -> None:
        xs, lengths = self.split(arrays)
        y.fill(0)
        for t, x in enumerate(xs):
            np.copyto(y, x, where=self._at(t, lengths, y))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        tail = ", None" * (len(shapes["y"]) - 1)
        at = [f"(np.minimum(lengths, {self.steps}) == {t + 1})[:{tail}]" for t in range(self.steps)]
        return Recipe(
            "y = " + " + ".join(f"{name} * {here}" for name, here in zip(self.names, at, strict=True)),
            "\n".join(f"d{name} = dy * {here}" for name, here in zip(self.names, at, strict=True)),
        )

    def _at(self, t: int, lengths: Array | None, like: Array) -> Array:
        """The rows whose last step it is."""
        assert lengths is not None
        last = np.equal(np.minimum(lengths, self.steps), t + 1)
        return column(last, like)

    def backward(self, ctx: Context, dy: Array, *, y: Array, **arrays: Any) -> None:
        for t, name in enumerate(self.names):
            gradient = arrays[f"d{name}"]
            if gradient is not None:
                gradient.fill(0)
                np.copyto(gradient, dy, where=self._at(t, arrays["lengths"], gradient))


def check_lengths(lengths: Spec, like: Spec) -> None:
    """ShapeError unless there is one length for each row."""
    if lengths.shape != like.shape[:1]:
        raise ShapeError(
            f"lengths ({lengths}) should be one whole number for each row of {like}.",
            hint=f"Feed {Spec(like.shape[:1])}.",
            socket="lengths",
        )


def column(rows: Array, like: Array) -> Array:
    """One number for each row, laid out so that it goes with all that the row has."""
    found: Array = rows.reshape(rows.shape + (1,) * (like.ndim - 1))
    return found


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
def made(kind: type[Op], *args: Any) -> Op:
    """One of these; equal ones are the same object, so that what is flattened anew equals what it was."""
    return kind(*args)
