"""What all losses share: input against target, and how the losses of the elements become one number.

The losses themselves are in loss_number.py, loss_chance.py, loss_class.py, loss_margin.py and loss_likeness.py.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from textwrap import dedent
from typing import Any, ClassVar

import numpy as np

from ..errors import FeedError, ShapeError
from .base import Array, Context, Op, Param, Recipe, Socket, Spec
from .example import Draw, Example
from .explain_losses import collected, pointwise
from .explaining import Call, Place
from .explaining import explain as explain_any
from .explanation import Term, number
from .places import bracketed, first
from .rows import total

_OVER_ALL = re.compile(r"\\ell = (-?)\\frac\{1\}\{n\} \\sum_\{?(\w)(?:=1\}\^\{n\})? ")


class Loss(Op):
    """A loss of `input` (what the network says) against `target` (what it should have said)."""

    category = "Loss"
    outputs = ("loss",)
    scalar_loss = True
    reduction = Param(
        "mean",
        choices=("mean", "sum", "none"),
        help="Whether the losses of the examples are averaged, added up, or kept one by one.",
    )

    tells_classes: ClassVar[bool] = False  # whether `chances` has an answer

    def chances(self, input: Array) -> Array:
        """What its input says of each class: (rows, classes) that add up to 1, or the chance of "yes" alone.

        Where a loss knows no probabilities, these are numbers that put the classes in the same order.
        """
        raise TypeError(f"{type(self).__name__} tells no classes apart.")

    torch_reduction = "mean"  # what PyTorch takes where nothing is said

    def emit_torch(self, **names: str) -> str:
        """`{options}` stands for what is not as PyTorch has it by default, `{reduced}` for the method that reduces."""
        usual = {name: param.default for name, param in self.params_of.items()}
        usual["reduction"] = self.torch_reduction
        first = names.get(self.inputs[0].name, "")
        options = [
            f", {name}={f'{first}.new_tensor({value})' if self.params_of[name].kind == 'array' else repr(value)}"
            for name, value in self.params.items()
            if value != usual[name]
        ]
        reduced = "" if self.reduction == "none" else f".{self.reduction}()"
        return super().emit_torch(**{"options": "".join(options), "reduced": reduced} | names)

    def formula_latex(self) -> str:
        """Its mean over n, its sum, or the loss of each example by itself."""
        mean, each = r"\frac{1}{n} ", r"\ell_i = "
        if self.latex.startswith(each):
            mean = r"\frac{1}{N} " if "n_i" in self.latex else mean
            whole = {"mean": rf"\ell = {mean}\sum_i \ell_i,\quad ", "sum": r"\ell = \sum_i \ell_i,\quad "}
            return whole.get(self.reduction, "") + self.latex
        if self.reduction == "none":
            return _OVER_ALL.sub(r"\\ell_\2 = \1", self.latex, count=1)
        return self.latex.replace(mean, "", 1) if self.reduction == "sum" else self.latex

    def slope_latex(self) -> str:
        """`derivative` has the share of an example where losses are averaged."""
        if self.reduction == "mean":
            return self.derivative
        return re.sub(r"\\frac\{(\w+)\}\{n\}", lambda found: found[1].replace("1", ""), self.derivative)

    def share(self, count: int) -> float:
        """What each of `count` losses is multiplied by in their sum. The mean of nothing is not a number."""
        if self.reduction != "mean":
            return 1.0
        return 1 / count if count else math.nan

    def reduced(self, spec: Spec) -> Spec:
        """The result's spec, where one loss has been computed for each element of `spec`."""
        return Spec(spec.shape if self.reduction == "none" else ())

    quick_to_explain: ClassVar[bool] = False  # whether `explain_one` needs no pass of its own

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return collected(self, call, at)

    def explain_one(self, call: Call, at: Place) -> Term:
        """How the loss of one example came about, where they are kept one by one."""
        return explain_any(call, "loss", at)

    def divisor(self, call: Call, losses: Array) -> Term | None:
        """What the sum of the examples' losses is divided by; None for nothing."""
        return number(float(losses.size), "n") if self.reduction == "mean" else None

    def collect(self, ctx: Context, errors: Array, loss: Array) -> None:
        """The mean or the sum of the elements' losses; nothing is left to do where they are kept."""
        if self.reduction == "none":
            if errors is not loss:
                np.copyto(loss, errors)
            return
        total(ctx, errors.reshape(-1), loss)
        if self.reduction == "mean":
            np.multiply(loss, self.share(errors.size), loss)

    def slope(self, ctx: Context, dloss: Array, count: int) -> Array:
        """What the derivative of each element's loss is multiplied by."""
        if self.reduction == "none":
            return dloss
        slope = ctx.scratch("slope", ())
        np.multiply(dloss, self.share(count), slope)
        return slope

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        """`numpy` computes `losses`, one an example, and gradients from the `share` of each in what comes back."""
        return None if self.numpy is None else self.collected(self.numpy, *self.collecting())

    def collecting(self) -> tuple[str, str]:
        """(what becomes of `losses`, how much of what comes back is each one's share) in the text of a recipe."""
        every = {"mean": ("losses.mean()", "dloss / losses.size"), "sum": ("losses.sum()", "dloss")}
        return every.get(self.reduction, ("losses", "dloss"))

    def collected(self, recipe: Recipe, total: str, share: str) -> Recipe:
        """A recipe that computes `losses` and gradients from a `share`, with these."""
        forward = f"{dedent(recipe.forward)}\nloss = {total}"
        return Recipe(forward, f"share = {share}\n{dedent(recipe.backward)}", recipe.tools)


class PointwiseLoss(Loss):
    """One loss for each element of input, against the element of target at the same place."""

    inputs = (Socket("input"), Socket("target"))

    quick_to_explain = True

    def infer(self, input: Spec, target: Spec) -> Spec:
        same_shape(input, target)
        return self.reduced(input)

    def explain_one(self, call: Call, at: Place) -> Term:
        return pointwise(call, at)

    def forward(self, ctx: Context, input: Array, target: Array, *, loss: Array) -> None:
        errors = loss if self.reduction == "none" else ctx.scratch("errors", input.shape)
        self.errors(ctx, input, target, errors)
        self.collect(ctx, errors, loss)

    def backward(
        self,
        ctx: Context,
        dloss: Array,
        *,
        input: Array,
        target: Array,
        loss: Array,
        dinput: Array | None,
        dtarget: Array | None,
    ) -> None:
        slope = self.slope(ctx, dloss, input.size)
        if dinput is not None:
            np.multiply(self.input_slopes(ctx, input, target, dinput), slope, dinput)
        if dtarget is not None:
            np.multiply(self.target_slopes(ctx, input, target, dtarget), slope, dtarget)

    def errors(self, ctx: Context, input: Array, target: Array, out: Array) -> None:
        """The loss of each element, into `out`."""
        raise TypeError(f"{type(self).__name__} has no loss")

    def input_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        """The derivative of each element's loss by input, in `out` or where it stands already."""
        raise TypeError(f"{type(self).__name__} has no derivative")

    def target_slopes(self, ctx: Context, input: Array, target: Array, out: Array) -> Array:
        """The same by target. Where only their difference matters, it is the negative of the other."""
        return np.multiply(self.input_slopes(ctx, input, target, out), -1, out)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 2 * math.prod(shapes["input"])


def pairs(*params: dict[str, Any], low: float | None = None, high: float = 1.0) -> tuple[Example, ...]:
    """Examples for input and target of the same shape: each of the params, then each reduction and some odd shapes."""

    def example(more: dict[str, Any], *shape: int) -> Example:
        draw = Draw(shape) if low is None else Draw(shape, low, high)
        return Example(more, input=draw, target=draw)

    return (
        example({}, 4, 3),
        example({}),
        example({}, 1, 1),
        example({"reduction": "sum"}, 2, 3, 4),
        example({"reduction": "sum"}, 0, 3),
        example({"reduction": "none"}, 3, 2),
        *(example(more, 5, 2) for more in params),
    )


def same_shape(input: Spec, target: Spec, names: tuple[str, str] = ("input", "target")) -> None:
    """ShapeError, with what to try, unless the two have the same shape."""
    if input.shape != target.shape:
        raise ShapeError(
            f"{names[0]} ({input}) and {names[1]} ({target}) should have the same shape.",
            hint=_advice(input, target),
            socket=names[1],
        )


def _advice(input: Spec, target: Spec) -> str:
    """What to try when a prediction and its target do not match."""
    if input.ndim == target.ndim and input.ndim and input.shape[:-1] == target.shape[:-1]:
        return f"Set units of the last layer to {target.shape[-1]}."
    if input.ndim == target.ndim + 1 and input.shape[:-1] == target.shape and input.shape[-1] == 1:
        return "Set target of the data set to column, or Reshape it."
    return "Change the last layer, or Reshape one of them."


def refuse_value(array: Array, wrong: Array, socket: str, wanted: str, hint: str) -> None:
    """FeedError, naming the first element of `array` where `wrong` holds, if there is one."""
    if wrong.any():
        place = first(wrong)
        raise FeedError(
            f"{socket}{bracketed(place)} is {array[place]:g}, but it should be {wanted}.", hint=hint
        )
