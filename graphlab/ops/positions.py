"""Telling positions apart: what is added to a sequence before attention, which by itself knows no order.

And the token that is put in front of one, to gather what is to be said of the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ..errors import ShapeError
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .explain_rows import alike
from .explaining import Call, Influence, Place, picked
from .explanation import Term, plain, total
from .registry import register
from .spec import Shape, sequence_width


@register
class PositionalEncoding(Op):
    """Adds to each position a pattern of its own: sines and cosines of ever longer waves.

    x is T×N×E (N×T×E with `batch_first`), and so is y. Feature 2k gets sin(t / period^(2k/E)) and feature
    2k + 1 the cosine, so that a shift by some steps is the same rotation everywhere. Nothing is learnt.
    (Vaswani et al. 2017, "Attention is all you need", section 3.5)
    """

    category = "Attention"
    formula = "y = x + p, p[t, 2k] = sin(t / period^(2k/E)), p[t, 2k+1] = cos(…)"
    latex = r"y_{t,2k} = x_{t,2k} + \sin(t / c^{2k/E}),\quad y_{t,2k+1} = x_{t,2k+1} + \cos(t / c^{2k/E})"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    inputs = (Socket("x"),)
    period = Param(
        10_000.0, low=1.0, high=1e9, symbol="c", log=True, help="The longest wave is 2π times this."
    )
    batch_first = Param(False, help="Whether x is N×T×E instead of T×N×E.")
    examples = (
        Example(x=(3, 2, 4)),
        Example({"batch_first": True}, x=(2, 5, 3)),
        Example({"period": 100.0}, x=(4, 1, 2)),
        Example(x=(1, 1, 1)),
    )
    backward_cost = {"x": 0}
    saved = ()
    numpy = Recipe(
        """
        if batch_first:
            y = x + positional_encoding(x.shape[1], x.shape[2], period).astype(x.dtype)
        else:
            y = x + positional_encoding(x.shape[0], x.shape[2], period).astype(x.dtype)[:, None]
        """,
        "dx = dy",
        tools=(recipe_tools.positional_encoding,),
    )

    def infer(self, x: Spec) -> Spec:
        if x.ndim != 3:
            order = "N×T×E" if self.batch_first else "T×N×E"
            raise ShapeError(f"x ({x}) should be {order}.", hint="Reshape it to three axes.", socket="x")
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        waves = ctx.kept("waves")
        length, width = x.shape[1 if self.batch_first else 0], x.shape[2]
        if waves is None or waves.shape != (length, width):
            waves = ctx.scratch("waves", (length, width))
            waves[:] = recipe_tools.positional_encoding(length, width, self.period)
        np.add(x, waves if self.batch_first else waves[:, None, :], y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy)

    def workspace(self, x: tuple[int, ...]) -> int:
        return x[1 if self.batch_first else 0] * x[2]


@register
class LearnedPositions(Op):
    """Adds to each position a vector of its own, which is learnt: one row of a table for each place in the sequence.

    x is N×T×E and so is y; weight is T×E, or has `length` rows, of which a shorter sequence takes the first. GPT-2
    and the vision transformer do so; PositionalEncoding learns nothing and goes on for ever.
    """

    category = "Attention"
    synonyms = ("position embedding", "positional embedding", "wpe")
    formula = "y[n, t] = x[n, t] + weight[t]"
    latex = r"y_{n,t} = x_{n,t} + W_t"
    derivative = r"\frac{\partial \ell}{\partial W_t} = \sum_n \bar{y}_{n,t}"
    inputs = (Socket("x"), Socket("weight", learnable=True, init="normal"))
    length = Param(
        None, kind="int", low=1, high=1_000_000, help="How many places have a row; nothing: as many as x has."
    )
    examples = (
        Example(x=(2, 3, 4)),
        Example({"length": 5}, x=(2, 3, 2)),
        Example({"length": 1}, x=(3, 1, 2)),
        Example(x=(1, 1, 1)),
        Example(x=(0, 2, 3)),
    )
    torch = "({x} + {weight}[:{x}.shape[1]])"
    numpy = Recipe(
        "y = x + weight[:x.shape[1]]",
        "dx = dy\ndweight = np.zeros_like(weight)\ndweight[:x.shape[1]] = dy.sum(axis=0)",
    )
    cost = 1
    backward_cost = {"x": 0}
    saved = ()

    def learnable(self, x: Spec) -> dict[str, Shape]:
        width = sequence_width(x)
        places = self.length or x.shape[1]
        if not isinstance(places, int):
            raise ShapeError(
                f"How many places x ({x}) has is open, so how many rows to learn is not known.",
                hint="Set length to the most that there will be.",
                socket="x",
            )
        if isinstance(x.shape[1], int) and x.shape[1] > places:
            raise ShapeError(
                f"x ({x}) has {x.shape[1]} places, but only {places} have a row to be added.",
                hint=f"Set length to {x.shape[1]}.",
                socket="x",
            )
        return {"weight": (places, width)}

    def infer(self, x: Spec, weight: Spec) -> Spec:
        _require(weight, self.learnable(x)["weight"], "weight", x)
        return x

    def forward(self, ctx: Context, x: Array, weight: Array, *, y: Array) -> None:
        np.add(x, weight[: x.shape[1]], y)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        weight: Array,
        y: Array,
        dx: Array | None,
        dweight: Array | None,
    ) -> None:
        if dx is not None:
            np.copyto(dx, dy)
        if dweight is not None:
            np.add.reduce(dy, axis=0, out=dweight[: x.shape[1]])
            np.copyto(dweight[x.shape[1] :], ctx.zero)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return total([call.at("x", *at), call.at("weight", *at[1:])])

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        x = call.array("x")
        if socket == "weight" and at[0] >= x.shape[1]:
            return []
        places = picked(x.shape, at if socket == "x" else (slice(None), *at))
        return [Influence("y", places, (plain(np.ones(len(places))),))]

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return alike(3, (1, 2), ("x", "y"))


@register
class ClassToken(Op):
    """Puts one more place in front of every sequence, whose vector is learnt: N×T×E becomes N×(T+1)×E.

    Attention lets it gather from all others, so that what stands there in the end speaks for the whole: take it
    with Slice. Taking the mean of all places is the other way. (BERT's [CLS]; Dosovitskiy et al. 2021)
    """

    category = "Attention"
    synonyms = ("CLS", "cls token", "class embedding")
    formula = "y[n] = [token, x[n, 1], x[n, 2], …]"
    latex = r"y_n = [\,c,\ x_{n,1},\ x_{n,2},\ \ldots\,]"
    derivative = r"\frac{\partial \ell}{\partial c} = \sum_n \bar{y}_{n,0}"
    inputs = (Socket("x"), Socket("token", learnable=True, init="normal"))
    examples = (
        Example(x=(2, 3, 4)),
        Example(x=(3, 1, 2)),
        Example(x=(1, 1, 1)),
        Example(x=(0, 2, 3)),
    )
    torch = "torch.cat([{token}.expand({x}.shape[0], 1, -1), {x}], 1)"
    numpy = Recipe(
        "y = np.concatenate([np.broadcast_to(token, (x.shape[0], 1, x.shape[2])), x], axis=1)",
        "dx = dy[:, 1:]\ndtoken = dy[:, 0].sum(axis=0)",
    )
    cost = 0
    saved = ()

    def learnable(self, x: Spec) -> dict[str, Shape]:
        return {"token": (sequence_width(x),)}

    def infer(self, x: Spec, token: Spec) -> Spec:
        _require(token, self.learnable(x)["token"], "token", x)
        return x.with_shape(x.shape[0], x.shape[1] + 1, x.shape[2])

    def fans(self, socket: str, shapes: Mapping[str, tuple[int, ...]]) -> tuple[int, int]:
        return 1, shapes["token"][0]

    def forward(self, ctx: Context, x: Array, token: Array, *, y: Array) -> None:
        np.copyto(y[:, 0], token)
        np.copyto(y[:, 1:], x)

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        x: Array,
        token: Array,
        y: Array,
        dx: Array | None,
        dtoken: Array | None,
    ) -> None:
        if dx is not None:
            np.copyto(dx, dy[:, 1:])
        if dtoken is not None:
            np.add.reduce(dy[:, 0], axis=0, out=dtoken)

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return ("token" in wanted) * shapes["x"][0] * shapes["x"][2]

    def explain(self, call: Call, output: str, at: Place) -> Term:
        n, t, feature = at
        return call.at("x", n, t - 1, feature) if t else call.at("token", feature)

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        shape = call.outputs["y"].shape
        index: Sequence[int | slice] = (at[0], at[1] + 1, at[2]) if socket == "x" else (slice(None), 0, *at)
        places = picked(shape, index)
        return [Influence("y", places, (plain(np.ones(len(places))),))]

    def apart(self, *, x: tuple[int, ...], **others: tuple[int, ...]) -> Sequence[Mapping[str, int]]:
        return [{"x": 0, "y": 0}]


def _require(found: Spec, asked: Shape, name: str, x: Spec) -> None:
    if found.shape != asked:
        raise ShapeError(
            f"{name} is {found}, but x ({x}) asks for {Spec(asked)}.",
            hint=f"Change what is wired to {name}.",
            socket=name,
        )
