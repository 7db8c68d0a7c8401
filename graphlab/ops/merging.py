"""Any number of values that become one, element by element: their sum and their average.

The largest and smallest of several stand in extremes.py, putting them side by side in joining.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec, unbroadcast
from .explaining import Call, Place
from .explanation import Term, number, total
from .recipe import summing
from .registry import register
from .spec import broadcast_all

SEVERAL = (
    Example(x1=(4, 3), x2=(4, 3)),
    Example({"count": 3}, x1=(4, 3), x2=(3,), x3=(2, 1, 1)),
    Example({"count": 1}, x1=(2, 3)),
    Example({"count": 4}, x1=(), x2=(2, 1), x3=(1, 3), x4=()),
    Example(x1=(0, 3), x2=(1, 3)),
)


def listed(sockets: Sequence[Socket], between: str, most: int = 8) -> str:
    """The inputs x₁ to xₙ in LaTeX, one beside the other; of very many the first and the last."""
    letters = [f"x_{{{number}}}" for number in range(1, len(sockets) + 1)]
    if len(letters) > most:
        letters[most - 2 : -1] = [r"\ldots"]
    return between.join(letters)


class Merge(Op):
    """One value of several, whose sizes must be equal or 1, axis by axis from the last."""

    category = "Math"
    elementwise = True
    grows = "count"
    inputs = (Socket("x1"), Socket("x2"))
    count = Param(2, low=1, high=32, help="How many inputs there are.")
    examples = SEVERAL

    def sockets(self) -> tuple[Socket, ...]:
        return tuple(Socket(f"x{i}") for i in range(1, self.count + 1))

    def infer(self, **xs: Spec) -> Spec:
        return Spec(broadcast_all(xs))

    def expressions(self, names: dict[str, str]) -> list[str]:
        """The PyTorch names of the inputs, in order."""
        return [names[socket.name] for socket in self.sockets()]


class _Total(Merge):
    """The sum of all, times a share."""

    def formula_latex(self) -> str:
        terms = listed(self.sockets(), " + ")
        return f"y = {terms}" if self.share() == 1 else rf"y = \frac{{1}}{{{self.count}}} ({terms})"

    def share(self) -> float:
        return 1.0

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        names = [socket.name for socket in self.sockets()]
        total, share = " + ".join(names), "dy"
        if self.share() != 1:
            total, share = f"({total}) / {len(names)}", f"dy / {len(names)}"
        return summing(Recipe(f"y = {total}", "\n".join(f"d{name} = {share}" for name in names)), shapes)

    def slope_latex(self) -> str:
        return self.derivative.replace(r"\frac{1}{n}", rf"\frac{{1}}{{{self.count}}}")

    def forward(self, ctx: Context, *xs: Array, y: Array) -> None:
        np.copyto(y, xs[0])
        for x in xs[1:]:
            np.add(y, x, y)
        if self.share() != 1:
            np.multiply(y, self.share(), y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        found = total(call.at(name, *at) for name in call.inputs)
        return found if self.share() == 1 else found / number(float(len(call.inputs)), "n")

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        for socket in self.sockets():
            gradient = arrays[f"d{socket.name}"]
            if gradient is not None:
                unbroadcast(dy, gradient)
                if self.share() != 1:
                    np.multiply(gradient, self.share(), gradient)


@register
class AddN(_Total):
    """Adds up any number of values, element by element, e.g. the branches of a network that come together.

    Sizes must be equal, or one of them 1 (it is then repeated). The gradient passes to all of them unchanged, summed
    over whatever was repeated. To add up the elements of one array use Sum.
    """

    saved = ()
    formula = "y = x1 + x2 + …"
    latex = r"y = \sum_k x_k"
    derivative = r"\frac{\partial y}{\partial x_k} = 1"
    onnx = ("Sum",)

    def emit_torch(self, **names: str) -> str:
        return " + ".join(self.expressions(names))


@register
class Average(_Total):
    """The mean of any number of values, element by element, e.g. of what several networks say (an ensemble).

    Sizes must be equal, or one of them 1 (it is then repeated). Each gets an equal share of the gradient. For the mean
    of the elements of one array use Mean.
    """

    saved = ()
    formula = "y = (x1 + x2 + …) / n"
    latex = r"y = \frac{1}{n} \sum_{k=1}^{n} x_k"
    derivative = r"\frac{\partial y}{\partial x_k} = \frac{1}{n}"
    onnx = ("Mean",)

    def share(self) -> float:
        return 1 / int(self.count)

    def emit_torch(self, **names: str) -> str:
        return f"({' + '.join(self.expressions(names))}) / {self.count}"
