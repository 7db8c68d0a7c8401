"""The Gauss error function: vectorised, to the last digits of float32 and float64."""

from __future__ import annotations

import functools
import math

import numpy as np

from . import recipe_tools
from .base import Array, Context, Recipe
from .elementwise import OfOne, clamp
from .registry import register

SLOPE = 2 / math.sqrt(math.pi)  # of erf at 0

# In single precision erf(x) = tanh(x · p(x²)), where tanh is one quick instruction of NumPy's and hides what is wrong
# with p for large x. Our own fit, highest power first: relative error 1e-7 for |x| up to an end where tanh gives ±1.
_SINGLE = (
    3.95,
    (
        1.41851704e-07,
        -5.66846682e-06,
        8.76372751e-05,
        -0.000619784522,
        -0.000191830964,
        0.102769056,
        1.12837927,
    ),
)
# In double precision erf(x) = x · P(x²) / Q(x²), up to an end beyond which it rounds to ±1. Every coefficient is
# positive, so that nothing cancels. Our own minimax fit (60 digits, least relative error): 3e-17. One formula for
# all x, instead of Cody's three, needs no looking at the numbers.
_DOUBLE = (
    5.93,
    (
        1.5714242974320644e-17,
        2.2271380615896967e-14,
        3.3372012986939043e-12,
        1.7201998771262123e-10,
        6.760925778842127e-09,
        1.6950430976991405e-07,
        3.900757059802355e-06,
        5.694828522116559e-05,
        0.0008556971454380927,
        0.006889862532650422,
        0.06612260384277284,
        0.2201770576939542,
        1.1283791670955126,
    ),
    (
        8.851789224113641e-16,
        3.3197102520477737e-13,
        2.5500483916917557e-11,
        1.1247855927144627e-09,
        3.516062402543579e-08,
        8.351165145230994e-07,
        1.549991877209723e-05,
        0.00022610876492186577,
        0.0025648491849666164,
        0.021987162469837687,
        0.13475302198277148,
        0.5284601702286783,
        1.0,
    ),
)


def erf(ctx: Context, x: Array, y: Array, scale: float = 1.0) -> None:
    """`y` = erf(scale·x), the share of a normal distribution within ±√2·scale·x deviations, with the sign of x.

    y must not share memory with x. Relative error below 1.2e-15 in float64 and 3e-7 in float32.
    """
    if y.dtype == np.float64:
        _by_ratio(ctx, x, y, scale)
    else:
        _by_tanh(ctx, x, y, scale)


def _by_tanh(ctx: Context, x: Array, y: Array, scale: float) -> None:
    end, coefficients = _SINGLE
    square = ctx.scratch("erf square", x.shape)
    clamp(x, -end / scale, end / scale, square)
    np.multiply(square, square, square)
    _polynomial(square, _scaled(coefficients, scale, scale), y)
    np.multiply(y, x, y)
    np.tanh(y, y)


def _by_ratio(ctx: Context, x: Array, y: Array, scale: float) -> None:
    end, above, below = _DOUBLE
    clipped, square = ctx.scratch("erf x", x.shape), ctx.scratch("erf square", x.shape)
    bottom = ctx.scratch("erf bottom", x.shape)
    clamp(x, -end / scale, end / scale, clipped)
    np.multiply(clipped, clipped, square)
    _polynomial(square, _scaled(above, scale, scale), y)
    _polynomial(square, _scaled(below, scale, 1.0), bottom)
    np.divide(y, bottom, y)
    np.multiply(y, clipped, y)
    clamp(y, -1, 1, y)


def _polynomial(x: Array, coefficients: tuple[float, ...], y: Array) -> None:
    """`y` = the polynomial with those coefficients, highest power first (Horner)."""
    np.multiply(x, coefficients[0], y)
    for coefficient in coefficients[1:-1]:
        np.add(y, coefficient, y)
        np.multiply(y, x, y)
    np.add(y, coefficients[-1], y)


@functools.lru_cache
def _scaled(coefficients: tuple[float, ...], scale: float, factor: float) -> tuple[float, ...]:
    """Those of `factor` times the polynomial at scale²·x."""
    powers = range(len(coefficients) - 1, -1, -1)
    return tuple(c * factor * scale ** (2 * k) for c, k in zip(coefficients, powers, strict=True))


def erf_slope(x: Array, dx: Array) -> None:
    """`dx` = the derivative of erf at x, 2/√π · exp(−x²)."""
    np.multiply(x, x, dx)
    np.multiply(dx, -1, dx)
    np.exp(dx, dx)
    np.multiply(dx, SLOPE, dx)


@register
class Erf(OfOne):
    """The error function: an S from −1 to 1, the area under the normal distribution's bell.

    ½·(1 + erf(x/√2)) is the chance that a standard normal number is below x; GELU is made of it. (torch.erf)
    """

    formula = "y = erf(x) = 2/√π · ∫₀ˣ exp(−t²) dt"
    latex = r"y = \frac{2}{\sqrt{\pi}} \int_0^x e^{-t^2}\,dt"
    derivative = r"\frac{\partial y}{\partial x} = \frac{2}{\sqrt{\pi}}\, e^{-x^2}"
    torch = "torch.erf({x})"
    numpy = Recipe("y = erf(x)", "dx = dy * 2 / np.pi**0.5 * np.exp(-(x**2))", tools=(recipe_tools.erf,))
    onnx = ("Erf",)
    backward_cost = {"x": 4}

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        erf(ctx, x, y)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            erf_slope(x, dx)
            np.multiply(dy, dx, dx)
