"""Comparisons and logic, element by element, and the choice between two values.

What is true is the number 1, what is false 0, so that an answer can be multiplied, averaged and counted at once; as a
condition, whatever is not 0 is true. All of them jump, so no gradient passes, except through what Where chose.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from .base import Array, Context, Example, Op, Recipe, Socket, Spec, unbroadcast
from .elementwise import ANY_SHAPE, BROADCASTING, StepOfOne, StepOfTwo, indicator, repeats
from .example import classes
from .explaining import Call, Influence, Place, at_its_places
from .explanation import Term, made
from .recipe import summing
from .registry import register
from .spec import broadcast

_AS_NUMBERS = ".to(torch.get_default_dtype())"


class _Statement(StepOfTwo):
    """Gives 1 where it holds, 0 elsewhere. Takes measured numbers and class indices."""

    compare: ClassVar[Any]

    def forward(self, ctx: Context, a: Array, b: Array, *, y: Array) -> None:
        indicator(ctx, self.compare, a, b, y)


class _Comparison(_Statement):
    """A statement about two numbers."""

    inputs = (Socket("a", kind="any"), Socket("b", kind="any", literal=0.0))
    examples: ClassVar[tuple[Example, ...]] = (
        *BROADCASTING,
        Example(a=classes(4, 3, count=2), b=classes(3, count=2)),
        Example(a=(), b=()),
        Example({"b": 0.5}, a=(2, 3)),
    )


@register
class Equal(_Comparison):
    """Gives 1 where a and b are the same number, else 0: which predictions are right; their Mean is the accuracy.

    Takes class indices as well as measured numbers. (torch.eq)
    """

    synonyms = ("Eq",)
    formula = "y = 1 where a = b, else 0"
    latex = r"y = [a = b]"
    torch = "({a} == {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = (a == b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("Equal",)
    compare = np.equal


@register
class NotEqual(_Comparison):
    """Gives 1 where a and b differ, else 0: which predictions are wrong; their Mean is the error rate. (torch.ne)

    Takes class indices as well as measured numbers.
    """

    synonyms = ("Ne",)
    formula = "y = 1 where a ≠ b, else 0"
    latex = r"y = [a \neq b]"
    torch = "({a} != {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = (a != b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    compare = np.not_equal


@register
class Greater(_Comparison):
    """Gives 1 where a is greater than b, else 0: a threshold, the oldest neuron of all. (torch.gt)

    No gradient passes a threshold; Sigmoid is its smooth relative.
    """

    synonyms = ("Gt",)
    formula = "y = 1 where a > b, else 0"
    latex = r"y = [a > b]"
    torch = "({a} > {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = (a > b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("Greater",)
    compare = np.greater


@register
class GreaterOrEqual(_Comparison):
    """Gives 1 where a is at least b, else 0. No gradient passes. (torch.ge)"""

    synonyms = ("Ge", "GreaterEqual")
    formula = "y = 1 where a ≥ b, else 0"
    latex = r"y = [a \geq b]"
    torch = "({a} >= {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = (a >= b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("GreaterOrEqual",)
    compare = np.greater_equal


@register
class Less(_Comparison):
    """Gives 1 where a is smaller than b, else 0. No gradient passes. (torch.lt)"""

    synonyms = ("Lt",)
    formula = "y = 1 where a < b, else 0"
    latex = r"y = [a < b]"
    torch = "({a} < {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = (a < b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("Less",)
    compare = np.less


@register
class LessOrEqual(_Comparison):
    """Gives 1 where a is at most b, else 0. No gradient passes. (torch.le)"""

    synonyms = ("Le", "LessEqual")
    formula = "y = 1 where a ≤ b, else 0"
    latex = r"y = [a \leq b]"
    torch = "({a} <= {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = (a <= b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("LessOrEqual",)
    compare = np.less_equal


class _Logic(_Statement):
    """A statement about two truths: 0 is false, any other number true."""

    inputs = (Socket("a", kind="any"), Socket("b", kind="any"))
    examples = (
        Example(a=classes(4, 3, count=2), b=classes(4, 3, count=2)),
        Example(a=classes(4, 1, count=2), b=classes(3, count=2)),
        Example(a=(2, 3), b=classes(2, 3, count=2)),
        Example(a=(), b=()),
        Example(a=(0, 3), b=classes(1, 3, count=2)),
    )


@register
class And(_Logic):
    """Gives 1 where both a and b hold (are not 0), else 0. (torch.logical_and)"""

    synonyms = ("LogicalAnd",)
    formula = "y = 1 where a and b, else 0"
    latex = r"y = a \wedge b"
    torch = "torch.logical_and({a}, {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = np.logical_and(a, b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("And",)
    compare = np.logical_and


@register
class Or(_Logic):
    """Gives 1 where a or b or both hold (are not 0), else 0. (torch.logical_or)"""

    synonyms = ("LogicalOr",)
    formula = "y = 1 where a or b, else 0"
    latex = r"y = a \vee b"
    torch = "torch.logical_or({a}, {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = np.logical_or(a, b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("Or",)
    compare = np.logical_or


@register
class Xor(_Logic):
    """Gives 1 where exactly one of a and b holds (is not 0), else 0: what no single layer can learn.

    Minsky and Papert 1969, "Perceptrons". (torch.logical_xor)
    """

    synonyms = ("LogicalXor",)
    formula = "y = 1 where either a or b, else 0"
    latex = r"y = a \oplus b"
    torch = "torch.logical_xor({a}, {b})" + _AS_NUMBERS
    numpy = Recipe(
        "y = np.logical_xor(a, b).astype(dtype)",
        """
        da = np.zeros_like(a)
        db = np.zeros_like(b)
        """,
    )
    onnx = ("Xor",)
    compare = np.logical_xor


@register
class Not(StepOfOne):
    """Gives 1 where x is 0, and 0 where it is anything else: turns a condition round. (torch.logical_not)"""

    synonyms = ("LogicalNot",)
    formula = "y = 1 where x = 0, else 0"
    latex = r"y = \neg x"
    inputs = (Socket("x", kind="any"),)
    examples = (*ANY_SHAPE, Example(x=classes(4, 3, count=2)))
    torch = "torch.logical_not({x})" + _AS_NUMBERS
    numpy = Recipe("y = (x == 0).astype(dtype)", "dx = np.zeros_like(x)")
    onnx = ("Not",)

    def infer(self, x: Spec) -> Spec:
        return Spec(x.shape)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        indicator(ctx, np.equal, x, 0, y)


@register
class Where(Op):
    """Takes a where the condition holds (is not 0), and b elsewhere, element by element. (torch.where)

    Sizes must be equal, or one of them 1 (it is then repeated). Each element's gradient goes to where it was
    taken from; the condition gets none.
    """

    category = "Math"
    elementwise = True
    formula = "y = a where condition, else b"
    latex = r"y = c\,a + (1 - c)\,b,\quad c = [\mathrm{condition} \neq 0]"
    derivative = r"\frac{\partial y}{\partial a} = c,\quad \frac{\partial y}{\partial b} = 1 - c"
    inputs = (Socket("condition", kind="any"), Socket("a", literal=1.0), Socket("b", literal=0.0))
    examples = (
        Example(condition=classes(4, 3, count=2), a=(4, 3), b=(4, 3)),
        Example(condition=classes(4, 1, count=2), a=(3,), b=(2, 1, 3)),
        Example({"b": -2.5}, condition=classes(3, count=2), a=(4, 3)),
        Example({"a": 7.0}, condition=classes(count=2), b=(2, 1)),
        Example(condition=(2, 3), a=(), b=(2, 3)),
        Example(condition=classes(0, 3, count=2), a=(1, 3), b=(3,)),
    )
    torch = "torch.where({condition} != 0, {a}, {b})"
    numpy = Recipe(
        "y = np.where(condition != 0, a, b)",
        """
        dcondition = np.zeros_like(condition)
        da = np.where(condition != 0, dy, 0)
        db = np.where(condition != 0, 0, dy)
        """,
    )
    onnx = ("Where",)
    cost = 0
    saved = ("condition",)

    def infer(self, condition: Spec, a: Spec, b: Spec) -> Spec:
        chosen = Spec(broadcast(a, b))
        return Spec(broadcast(chosen, condition, names=("a or b", "condition")))

    def backward_flops(self, wanted: Collection[str], /, **shapes: tuple[int, ...]) -> int:
        return repeats(wanted, shapes)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe | None:
        return summing(self.numpy, shapes, "a", "b")

    def forward(self, ctx: Context, condition: Array, a: Array, b: Array, *, y: Array) -> None:
        bits, other = _bits(y), _bits(b)
        np.bitwise_xor(_bits(a), other, bits)
        np.bitwise_and(bits, self._mask(ctx, condition, bits.dtype), bits)
        np.bitwise_xor(bits, other, bits)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """The one that was chosen, and what chose it."""
        condition = call.at("condition", *at)
        return made("same", [call.at("a" if condition.value else "b", *at), condition])

    def influence(self, call: Call, socket: str, at: Place) -> Sequence[Influence]:
        return [at_its_places(call, socket, at)]

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        condition: Array,
        a: Array,
        b: Array,
        y: Array,
        dcondition: Array | None,
        da: Array | None,
        db: Array | None,
    ) -> None:
        if dcondition is not None:
            np.copyto(dcondition, 0)
        upstream, mask = _bits(dy), ctx.kept("mask")
        if mask is None:
            mask = self._mask(ctx, condition, upstream.dtype)
        for gradient, is_other in ((da, False), (db, True)):
            if gradient is not None:
                part = gradient if gradient.shape == dy.shape else ctx.scratch("part", dy.shape)
                np.bitwise_and(upstream, mask, _bits(part))
                if is_other:
                    np.bitwise_xor(upstream, _bits(part), _bits(part))
                unbroadcast(part, gradient, ctx)

    def workspace(self, **shapes: tuple[int, ...]) -> int:
        return 2 * math.prod(np.broadcast_shapes(*shapes.values()))

    def _mask(self, ctx: Context, condition: Array, dtype: Any) -> Array:
        """All bits set where the condition holds, none elsewhere; kept for `backward`."""
        mask, holds = ctx.scratch("mask", condition.shape, dtype), ctx.scratch("holds", condition.shape, bool)
        np.not_equal(condition, 0, holds)
        small = holds.view(np.int8)
        np.multiply(small, -1, small)
        np.copyto(mask, small)
        return mask


def _bits(array: Array) -> Array:
    """The same memory as whole numbers of the same width, to choose by bits: ten times as quick as by a condition."""
    return array.view(np.int64 if array.dtype == np.float64 else np.int32)
