"""How alike two vectors are, by the angle between them, and the loss that teaches it."""

from __future__ import annotations

import numpy as np

from ..errors import ShapeError
from .base import Array, Context, Example, Op, Param, Socket, Spec, unbroadcast
from .loss import Loss, same_shape
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

    def forward(self, ctx: Context, x1: Array, x2: Array, *, y: Array) -> None:
        first, _, second, _ = self._directions(x1, x2)
        np.add.reduce(np.multiply(first, second), axis=self._axis(first), out=y)

    def backward(
        self, ctx: Context, dy: Array, *, x1: Array, x2: Array, y: Array, dx1: Array | None, dx2: Array | None
    ) -> None:
        first, length1, second, length2 = self._directions(x1, x2)
        axis = self._axis(first)
        dy, y = np.expand_dims(dy, axis), np.expand_dims(y, axis)
        for dx, mine, length, other in ((dx1, first, length1, second), (dx2, second, length2, first)):
            if dx is not None:
                turning = np.where(length > self.eps, y * mine, 0)  # a short one counts as if of fixed length
                unbroadcast(dy * (other - turning) / np.maximum(length, self.eps), dx)

    def _directions(self, x1: Array, x2: Array) -> tuple[Array, Array, Array, Array]:
        """(x₁/‖x₁‖, ‖x₁‖, x₂/‖x₂‖, ‖x₂‖), in the shape of both together."""
        found: list[Array] = []
        for x in np.broadcast_arrays(x1, x2):
            length = np.sqrt(np.add.reduce(np.multiply(x, x), axis=self._axis(x), keepdims=True))
            found += [x / np.maximum(length, self.eps), length]
        return found[0], found[1], found[2], found[3]

    def _axis(self, x: Array) -> int:
        return self.dim % x.ndim  # type: ignore[no-any-return]


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

    def forward(self, ctx: Context, input1: Array, input2: Array, target: Array, *, loss: Array) -> None:
        cosine, _, _ = self._cosine(input1, input2)
        different = np.maximum(cosine - self.margin, 0)
        self.collect(ctx, np.where(target > 0, 1 - cosine, different), loss)

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
        cosine, square1, square2 = self._cosine(input1, input2)
        falls = np.where(target > 0, -1, np.where(cosine >= self.margin, 1, 0)) * self.slope(
            ctx, dloss, target.size
        )
        both = (falls / np.sqrt(square1 * square2))[..., None]
        for dx, mine, other, square in (
            (dinput1, input1, input2, square1),
            (dinput2, input2, input1, square2),
        ):
            if dx is not None:
                np.multiply(both, other, dx)
                np.subtract(dx, (falls * cosine / square)[..., None] * mine, dx)
        if dtarget is not None:
            dtarget.fill(0)

    def _cosine(self, a: Array, b: Array) -> tuple[Array, Array, Array]:
        """(cosine, ‖a‖², ‖b‖²) of each row."""
        squares = [np.add.reduce(x * x, axis=-1) + EPSILON for x in (a, b)]
        return np.add.reduce(a * b, axis=-1) / np.sqrt(squares[0] * squares[1]), *squares
