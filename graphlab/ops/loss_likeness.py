"""How alike two vectors are, by the angle between them, and the loss that teaches it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from ..errors import ShapeError
from . import explain_one_loss as one_loss
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .elementwise import clamp, indicator
from .explain_lengths import cosine_of
from .explaining import Call, Place, picked, spread
from .explanation import Term
from .loss import Loss, same_shape
from .recipe import summing
from .registry import register
from .spec import axis_of, broadcast

EPSILON = 1e-12  # PyTorch's, so that a vector of zeros has a length


@register
class CosineSimilarity(Op):
    """The cosine of the angle between two vectors: 1 for the same direction, 0 for none in common, −1 for opposite.

    The vectors lie along the axis `dim` of x1 and x2, which are broadcast against each other. No length counts as
    less than `eps`.
    """

    category = "Reduction"
    formula = "y = x₁·x₂ / (‖x₁‖ ‖x₂‖)"
    latex = r"y = \frac{x_1 \cdot x_2}{\|x_1\| \|x_2\|}"
    derivative = (
        r"\frac{\partial y}{\partial x_1} = \frac{1}{\|x_1\|} (\frac{x_2}{\|x_2\|} - y \frac{x_1}{\|x_1\|})"
    )
    inputs = (Socket("x1"), Socket("x2"))
    dim = Param(1, low=-8, high=7, help="The axis along which the vectors lie.")
    eps = Param(1e-8, low=0.0, log=True, help="The least length a vector counts as having.")
    examples = (
        Example(x1=(4, 3), x2=(4, 3)),
        Example({"dim": 0}, x1=(5,), x2=(5,)),
        Example({"dim": -1}, x1=(2, 3, 4), x2=(4,)),
        Example({"dim": -2, "eps": 0.5}, x1=(2, 3, 1), x2=(1, 3, 4)),
        Example(x1=(3, 1), x2=(3, 1)),
        Example(x1=(0, 3), x2=(0, 3)),
    )
    torch = "F.cosine_similarity({x1}, {x2}, dim={dim}, eps={eps})"
    cost = 6
    backward_cost = {"x1": 5, "x2": 5}
    saved = ("x1", "x2", "y")

    def infer(self, x1: Spec, x2: Spec) -> Spec:
        shape = broadcast(x1, x2, names=("x1", "x2"))
        axis = axis_of(self.dim, len(shape), socket="x1")
        return Spec((*shape[:axis], *shape[axis + 1 :]))

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        whole = np.broadcast_shapes(shapes["x1"], shapes["x2"])
        repeats = shapes["x1"] != shapes["x2"]
        return summing(
            Recipe(
                f"""
                a, b = {"np.broadcast_arrays(x1, x2)" if repeats else "(x1, x2)"}
                size1 = np.maximum(np.sqrt((a**2).sum(axis=dim, keepdims=True)), eps)
                size2 = np.maximum(np.sqrt((b**2).sum(axis=dim, keepdims=True)), eps)
                cosine = (a * b).sum(axis=dim, keepdims=True) / (size1 * size2)
                y = cosine.squeeze(axis=dim)
                """,
                """
                slope = np.expand_dims(dy, dim)
                dx1 = slope * (b / (size1 * size2) - np.where(size1 > eps, cosine * a / size1**2, 0))
                dx2 = slope * (a / (size1 * size2) - np.where(size2 > eps, cosine * b / size2**2, 0))
                """,
            ),
            {**shapes, "y": whole},
            "x1",
            "x2",
        )

    def forward(self, ctx: Context, x1: Array, x2: Array, *, y: Array) -> None:
        x1, x2 = _of_one_shape(x1, x2)
        np.vecdot(self._vectors(x1), self._vectors(x2), y)
        for name, x in (("first", x1), ("second", x2)):
            np.divide(y, self._length(ctx, name, x, y.shape), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The product of the two vectors, over the product of their lengths."""
        whole = np.broadcast_shapes(call.array("x1").shape, call.array("x2").shape)
        axis = self.dim % len(whole)
        places = picked(whole, (*at[:axis], slice(None), *at[axis:]))
        a, b = (call.elements(name, spread(places, call.array(name).shape)) for name in ("x1", "x2"))
        return cosine_of(a, b, self.eps, call.keep)

    def backward(
        self, ctx: Context, dy: Array, *, x1: Array, x2: Array, y: Array, dx1: Array | None, dx2: Array | None
    ) -> None:
        """∂y/∂x₁ = x₂ / (‖x₁‖ ‖x₂‖) − x₁ · y / ‖x₁‖², without the latter where x₁ is shorter than it counts."""
        x1, x2 = _of_one_shape(x1, x2)
        axis = self.dim % x1.ndim
        line = (*x1.shape[:axis], 1, *x1.shape[axis + 1 :])
        first, second = (self._length(ctx, name, x, y.shape) for name, x in (("first", x1), ("second", x2)))
        across, turning = ctx.scratch("across", y.shape), ctx.scratch("turning", y.shape)
        part = ctx.scratch("part", x1.shape)
        np.divide(dy, first, across)
        np.divide(across, second, across)
        for dx, mine, length, other in ((dx1, x1, first, x2), (dx2, x2, second, x1)):
            if dx is not None:
                indicator(ctx, np.greater, length, self.eps, turning)
                np.multiply(turning, dy, turning)
                np.multiply(turning, y, turning)
                np.divide(turning, length, turning)
                np.divide(turning, length, turning)
                whole = dx if dx.shape == x1.shape else ctx.scratch("whole", x1.shape)
                np.multiply(other, across.reshape(line), whole)
                np.multiply(mine, turning.reshape(line), part)
                np.subtract(whole, part, whole)
                unbroadcast(whole, dx, ctx)

    def workspace(self, x1: tuple[int, ...], x2: tuple[int, ...]) -> int:
        return 2 * math.prod(np.broadcast_shapes(x1, x2))

    def _vectors(self, x: Array) -> Array:
        """x with its vectors along the last axis."""
        axis = self.dim % x.ndim
        return x.transpose([i for i in range(x.ndim) if i != axis] + [axis])

    def _length(self, ctx: Context, name: str, x: Array, shape: tuple[int, ...]) -> Array:
        """The length of each vector, but at least eps."""
        length = ctx.scratch(name, shape)
        np.vecdot(self._vectors(x), self._vectors(x), length)
        np.sqrt(length, length)
        clamp(length, self.eps, None, length)
        return length


def _of_one_shape(x1: Array, x2: Array) -> tuple[Array, Array]:
    if x1.shape == x2.shape:
        return x1, x2
    first, second = np.broadcast_arrays(x1, x2)
    return first, second


@register
class CosineEmbeddingLoss(Loss):
    """Turns vectors that belong together into one direction, and those that do not apart.

    input1 and input2 hold vectors, N×D or D; target in shape N holds 1 for alike and −1 (or 0) for different, which
    cost nothing once their cosine is below `margin`.
    """

    formula = "loss = mean(1 − cos for t = 1, max(0, cos − margin) for t = −1)"
    latex = (
        r"\ell_i = \begin{cases} 1 - \cos(a_i, b_i) & t_i = 1 \\ "
        r"\max(0, \cos(a_i, b_i) - m) & t_i = -1 \end{cases}"
    )
    derivative = r"\frac{\partial \cos}{\partial a} = \frac{b}{\|a\| \|b\|} - \cos(a, b) \frac{a}{\|a\|^2}"
    inputs = (Socket("input1"), Socket("input2"), Socket("target", kind="any"))
    margin = Param(0.0, low=-1.0, high=1.0, symbol="m", help="How alike different vectors may be.")
    examples = (
        Example(input1=(4, 3), input2=(4, 3), target=(4,)),
        Example({"margin": 0.3}, input1=(6, 2), input2=(6, 2), target=(6,)),
        Example(input1=(5,), input2=(5,), target=()),
        Example({"reduction": "none"}, input1=(3, 1), input2=(3, 1), target=(3,)),
        Example({"reduction": "sum", "margin": -0.5}, input1=(4, 3), input2=(4, 3), target=(4,)),
        Example({"reduction": "sum"}, input1=(0, 3), input2=(0, 3), target=(0,)),
    )
    torch = "F.cosine_embedding_loss({input1}, {input2}, torch.where({target} > 0, 1, -1){options})"
    numpy = Recipe(
        """
        square1 = (input1**2).sum(axis=-1, keepdims=True) + 1e-12
        square2 = (input2**2).sum(axis=-1, keepdims=True) + 1e-12
        size = np.sqrt(square1 * square2)
        cosine = (input1 * input2).sum(axis=-1, keepdims=True) / size
        losses = np.where(target > 0, 1 - cosine[..., 0], np.maximum(cosine[..., 0] - margin, 0))
        """,
        """
        slope = np.where(target > 0, -share, share * (cosine[..., 0] >= margin))[..., None]
        dinput1 = slope * (input2 / size - input1 * cosine / square1)
        dinput2 = slope * (input1 / size - input2 * cosine / square2)
        dtarget = np.zeros_like(target)
        """,
    )
    cost = 6
    backward_cost = {"input1": 5, "input2": 5, "target": 0}

    def infer(self, input1: Spec, input2: Spec, target: Spec) -> Spec:
        same_shape(input1, input2, ("input1", "input2"))
        if input1.ndim not in (1, 2):
            raise ShapeError(f"input1 ({input1}) should be N×D or D.", hint="Flatten it.", socket="input1")
        if target.shape != input1.shape[:-1]:
            rows = Spec(input1.shape[:-1])
            raise ShapeError(
                f"target ({target}) should hold one number for each row of input1 ({input1}): {rows}.",
                hint="Reshape it.",
                socket="target",
            )
        return self.reduced(target)

    def explain_one(self, call: Call, at: Place) -> Term:
        return one_loss.alike(call, at, self.margin, EPSILON)

    def forward(self, ctx: Context, input1: Array, input2: Array, target: Array, *, loss: Array) -> None:
        cosine, _, _ = self._cosine(ctx, input1, input2)
        alike, other = ctx.scratch("alike", target.shape), ctx.scratch("other", target.shape)
        losses = ctx.scratch("losses", target.shape)
        indicator(ctx, np.greater, target, 0, alike)
        np.subtract(ctx.one, cosine, losses)
        np.multiply(losses, alike, losses)
        np.subtract(ctx.one, alike, alike)
        np.subtract(cosine, self.margin, other)
        clamp(other, 0.0, None, other)
        np.multiply(other, alike, other)
        np.add(losses, other, losses)
        self.collect(ctx, losses, loss)

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input1: Array,
        input2: Array,
        target: Array,
        loss: Array,
        dinput1: Array | None,
        dinput2: Array | None,
        dtarget: Array | None,
    ) -> None:
        cosine, square1, square2 = self._cosine(ctx, input1, input2)
        falls = self._falls(ctx, cosine, target)
        np.multiply(falls, self.slope(ctx, dloss, target.size), falls)
        across, turning = ctx.scratch("across", falls.shape), ctx.scratch("turning", falls.shape)
        np.multiply(square1, square2, across)
        np.sqrt(across, across)
        np.divide(falls, across, across)
        part, column = ctx.scratch("part", input1.shape), (*falls.shape, 1)
        for dx, mine, other, square in (
            (dinput1, input1, input2, square1),
            (dinput2, input2, input1, square2),
        ):
            if dx is not None:
                np.multiply(falls, cosine, turning)
                np.divide(turning, square, turning)
                np.multiply(other, across.reshape(column), dx)
                np.multiply(mine, turning.reshape(column), part)
                np.subtract(dx, part, dx)
        if dtarget is not None:
            np.copyto(dtarget, 0)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return math.prod(shapes["input1"])

    def _falls(self, ctx: Context, cosine: Array, target: Array) -> Array:
        """The derivative of each loss by the cosine: −1 for what is alike, else 1 beyond the margin."""
        alike, falls = ctx.scratch("alike", target.shape), ctx.scratch("falls", target.shape)
        indicator(ctx, np.greater, target, 0, alike)
        indicator(ctx, np.greater_equal, cosine, self.margin, falls)
        both = np.multiply(falls, alike, ctx.scratch("other", target.shape))
        np.subtract(falls, both, falls)
        np.subtract(falls, alike, falls)
        return falls

    def _cosine(self, ctx: Context, a: Array, b: Array) -> tuple[Array, Array, Array]:
        """(cosine, ‖a‖², ‖b‖²) of each row."""
        rows = a.shape[:-1]
        cosine, square1, square2 = (ctx.scratch(name, rows) for name in ("cosine", "square1", "square2"))
        for x, square in ((a, square1), (b, square2)):
            np.vecdot(x, x, square)
            np.add(square, EPSILON, square)
        np.vecdot(a, b, cosine)
        both = ctx.scratch("both", rows)
        np.multiply(square1, square2, both)
        np.sqrt(both, both)
        np.divide(cosine, both, cosine)
        return cosine, square1, square2
