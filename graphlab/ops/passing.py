"""Operations that hand on what they get: a place to look at, and an end for gradients."""

from __future__ import annotations

import numpy as np

from .base import Array, Context, Example, Op, Recipe, Socket, Spec
from .elementwise import ANY_SHAPE
from .example import classes
from .explaining import Call, Place
from .explanation import Term
from .footprint import Footprint, itself
from .registry import register


class _Passing(Op):
    """y is x."""

    category = "Math"
    inputs = (Socket("x", kind="any"),)
    examples = (*ANY_SHAPE, Example(x=classes(4, count=3)))

    def infer(self, x: Spec) -> Spec:
        return x

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("x", *at)


@register
class Identity(_Passing):
    """Hands on x and its gradient unchanged: a name for a value, or a place kept for something else.

    Costs nothing: the result is x itself. (torch.nn.Identity)
    """

    saved = ()
    formula = "y = x"
    latex = r"y = x"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    torch = "{x}"
    numpy = Recipe("y = x", "dx = dy")
    onnx = ("Identity",)

    def view(self, x: Array | None) -> Array | None:
        return x

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy)


@register
class Detach(_Passing):
    """Hands on x but no gradient: for what is upstream, y is a constant. (torch.Tensor.detach)

    It stops learning at a place: a target network, a teacher, features that are to stay as they are.
    """

    stops_gradient = True
    synonyms = ("StopGradient", "NoGrad")
    saved = ()
    formula = "y = x, without gradient"
    latex = r"y = \mathrm{sg}[x]"
    derivative = r"\frac{\partial y}{\partial x} = 0"
    torch = "{x}.detach()"
    numpy = Recipe("y = x", "dx = np.zeros_like(x)")

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, 0)
