"""Where a value is no ordinary number, element by element: 1 where it is not, 0 elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..errors import ParamError
from .base import Array, Context, Example, Param
from .elementwise import ANY_SHAPE, StepOfOne
from .registry import register

_AS_NUMBERS = ".to(torch.get_default_dtype())"


@register
class IsNaN(StepOfOne):
    """Gives 1 where x is not a number (NaN), e.g. 0/0 or the root of a negative number, else 0. (torch.isnan)

    With Where it puts something else in its place. No gradient passes.
    """

    formula = "y = 1 where x is NaN, else 0"
    latex = r"y = [x \neq x]"
    torch = "torch.isnan({x})" + _AS_NUMBERS
    onnx = ("IsNaN",)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.not_equal(x, x, y)


@register
class IsInf(StepOfOne):
    """Gives 1 where x is infinite, e.g. 1/0 or a power that is too large, else 0. (torch.isinf)

    One of the two directions may be left out. No gradient passes.
    """

    formula = "y = 1 where x = ±∞, else 0"
    latex = r"y = [x = \pm\infty]"
    detect_negative = Param(True, help="Whether −∞ counts.")
    detect_positive = Param(True, help="Whether +∞ counts.")
    examples = (
        *ANY_SHAPE,
        Example({"detect_negative": False}, x=(4, 3)),
        Example({"detect_positive": False}, x=(2, 3)),
    )
    onnx = ("IsInf",)

    def check(self) -> None:
        if not (self.detect_negative or self.detect_positive):
            raise ParamError("IsInf looks for nothing.", hint="Turn on detect_negative or detect_positive.")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if not self.detect_negative:
            np.equal(x, np.inf, y)
        elif not self.detect_positive:
            np.equal(x, -np.inf, y)
        else:
            np.absolute(x, y)
            np.equal(y, np.inf, y)

    def emit_torch(self, **names: str) -> str:
        kind = "inf" if self.detect_negative and self.detect_positive else "neginf"
        return f"torch.is{kind if self.detect_negative else 'posinf'}({names['x']}){_AS_NUMBERS}"

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        return super().from_onnx(kind, {name: bool(value) for name, value in attributes.items()}, inputs)
