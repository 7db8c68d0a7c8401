"""Regularisation: what is done to activations so that a network does not learn its examples by heart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from ..errors import ShapeError, Unsupported
from . import recipe_tools
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .elementwise import OfOne
from .explaining import Call, Place, within
from .explaining import explain as explain_any
from .explanation import Term, number
from .footprint import Footprint, itself
from .interchange import constant
from .registry import register

SWITCHED = (
    Example(x=(4, 3)),
    Example({"p": 0.1}, x=(2, 3, 4)),
    Example({"p": 0.0}, x=()),
    Example({"p": 1.0}, x=(5,)),
    Example(x=(0, 3)),
)


class _Dropout(Op):
    """In training, switches off what a mask drawn anew for every step says; evaluation changes nothing."""

    category = "Layer"
    inputs = (Socket("x"),)
    p = Param(0.5, low=0.0, high=1.0, symbol="p", help="The probability that it is switched off.")
    saved = ()
    knobs = ("p",)

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of the mask for an x of that shape."""
        return shape

    def infer(self, x: Spec) -> Spec:
        return x

    def footprint(self, axis: int, x: tuple[int, ...], y: tuple[int, ...]) -> Footprint | None:
        return itself(x[axis])

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        if self.numpy is not None:
            return self.numpy
        mask = self.mask_shape(shapes["x"])
        return Recipe(
            f"""
            if training:
                draws = random_generator(key, step).random({"x.shape" if mask == shapes["x"] else mask}, dtype=dtype)
                mask = (draws >= p).astype(dtype) * (1 / (1 - p) if p < 1 else 0)
                y = x * mask
            else:
                y = x
            """,
            "dx = dy * mask if training else dy",
            (recipe_tools.random_generator,),
        )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if ctx.training:
            np.multiply(x, self._draw(ctx, x.shape), y)
        else:
            np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is None:
            return
        if ctx.training:
            mask, shape = ctx.kept("mask"), self.mask_shape(x.shape)
            np.multiply(dy, self._draw(ctx, x.shape) if mask is None or mask.shape != shape else mask, dx)
        else:
            np.copyto(dx, dy)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """x times its number of the mask, which is drawn again; in evaluation x itself."""
        x = call.at("x", *at)
        if not call.ctx.training:
            return x
        mask = self._draw(call.fresh(), call.array("x").shape)
        return x * number(float(mask[within(at, mask.shape)]), "mask")

    def _draw(self, ctx: Context, shape: tuple[int, ...]) -> Array:
        """The mask of this step: 0 where switched off, 1/(1 − p) elsewhere."""
        mask = ctx.scratch("mask", self.mask_shape(shape))
        ctx.rng().random(dtype=mask.dtype.type, out=mask)
        np.greater_equal(mask, self.p, mask)
        if self.p < 1:
            np.multiply(mask, 1 / (1 - self.p), mask)
        return mask

    def workspace(self, x: tuple[int, ...]) -> int:
        return math.prod(self.mask_shape(x))


@register
class Dropout(_Dropout):
    """In training, switches every element off with probability p and scales the others by 1/(1 − p).

    No unit can then rely on another one. Evaluation lets everything through unchanged. The choice is a
    function of seed, step and node, so that a step can be repeated exactly. (Srivastava et al. 2014;
    torch.nn.Dropout)
    """

    formula = "y = x · m / (1 − p), m ∈ {0, 1}"
    latex = r"y = \frac{x \cdot m}{1 - p}, \quad m \sim \mathrm{Bernoulli}(1 - p)"
    derivative = r"\frac{\partial y}{\partial x} = \frac{m}{1 - p}"
    examples = SWITCHED
    torch = "F.dropout({x}, {p}, training=self.training)"
    onnx = ("Dropout",)

    @classmethod
    def from_onnx(
        cls, kind: str, attributes: Mapping[str, Any], inputs: Sequence[Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Whether it trains is told by the run; a seed in the file means nothing here."""
        x, ratio, training = (*inputs, None, None)[:3]
        if training is not None and constant(training, "training_mode").item():
            raise Unsupported("Whether it trains is told by the run, not by the file (training_mode).")
        return {"p": 0.5 if ratio is None else float(constant(ratio, "ratio").item())}, {"x": x}


class _ChannelDropout(_Dropout):
    """Switches off whole channels."""

    synonyms = ("SpatialDropout",)
    formula = "y = x · m / (1 − p), one m ∈ {0, 1} for each channel"
    latex = r"y_c = \frac{x_c \cdot m_c}{1 - p}, \quad m_c \sim \mathrm{Bernoulli}(1 - p)"
    derivative = r"\frac{\partial y_c}{\partial x_c} = \frac{m_c}{1 - p}"
    sizes: ClassVar[str]

    def infer(self, x: Spec) -> Spec:
        if x.ndim != len(self.sizes.split("×")):
            raise ShapeError(
                f"x ({x}) is no batch of channels {self.sizes}.",
                hint="Use Dropout, which takes any shape, or put a Reshape before this node.",
                socket="x",
            )
        return x

    def mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return (*shape[:2], *(1,) * (len(shape) - 2))


@register
class Dropout1d(_ChannelDropout):
    """In training, switches whole channels of sequences off with probability p. (torch.nn.Dropout1d)

    x is N×C×L. Neighbours in a sequence are so alike that single elements switched off would not be missed.
    Tompson et al. 2015, "Efficient object localization using convolutional networks".
    """

    sizes = "N×C×L"
    examples = (
        Example(x=(2, 3, 4)),
        Example({"p": 0.2}, x=(3, 2, 1)),
        Example({"p": 1.0}, x=(1, 1, 5)),
        Example(x=(0, 2, 3)),
    )
    torch = "F.dropout1d({x}, {p}, training=self.training)"


@register
class Dropout2d(_ChannelDropout):
    """In training, switches whole channels of images off with probability p. (torch.nn.Dropout2d)

    x is N×C×H×W. Neighbouring pixels are so alike that single ones switched off would not be missed. Tompson
    et al. 2015, "Efficient object localization using convolutional networks".
    """

    sizes = "N×C×H×W"
    examples = (
        Example(x=(2, 3, 2, 4)),
        Example({"p": 0.2}, x=(3, 2, 1, 1)),
        Example({"p": 1.0}, x=(1, 1, 2, 2)),
        Example(x=(0, 2, 3, 3)),
    )
    torch = "F.dropout2d({x}, {p}, training=self.training)"


FALLEN = -1.7580993408473766  # where SELU ends far to the left: minus its scale times its α


@register
class AlphaDropout(_Dropout):
    """A Dropout for networks of SELU: mean and variance stay 0 and 1. (torch.nn.AlphaDropout)

    In training, an element switched off takes the value at which SELU ends, and the whole is scaled and shifted back.
    Klambauer et al. 2017, "Self-normalizing neural networks".
    """

    formula = "y = a·(x·m + α′·(1 − m)) + b, m ∈ {0, 1}"
    latex = r"y = a\,(x\,m + \alpha' (1 - m)) + b, \quad \alpha' \approx -1.758"
    derivative = r"\frac{\partial y}{\partial x} = a\,m"
    examples = SWITCHED
    torch = "F.alpha_dropout({x}, {p}, training=self.training)"
    numpy = Recipe(
        """
        if training:
            kept = random_generator(key, step).random(x.shape, dtype=dtype) >= p
            fallen = -1.7580993408473766
            scale = ((1 - p) * (1 + p * fallen**2)) ** (-0.5) if p < 1 else 0
            y = scale * (np.where(kept, x, fallen) - p * fallen)
        else:
            y = x
        """,
        "dx = dy * scale * kept if training else dy",
        tools=(recipe_tools.random_generator,),
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        """With a = 1/√((1 − p)·(1 + p·α′²)) and b = −a·α′·p the moments come out right."""
        super().forward(ctx, x, y=y)
        if not ctx.training:
            return
        scale, mask = self._scale(), ctx.scratch("mask", x.shape)
        fallen = ctx.scratch("fallen", x.shape)
        np.equal(mask, 0, fallen)
        np.multiply(fallen, scale * FALLEN, fallen)
        np.add(y, fallen, y)
        np.add(y, -scale * FALLEN * self.p, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return explain_any(call, output, at)

    def _scale(self) -> float:
        kept = 1 - self.p
        return 1 / math.sqrt(kept * (1 + self.p * FALLEN**2)) if kept else 0.0

    def _draw(self, ctx: Context, shape: tuple[int, ...]) -> Array:
        """0 where switched off, a elsewhere."""
        mask = super()._draw(ctx, shape)
        np.multiply(mask, (1 - self.p) * self._scale(), mask)
        return mask


@register
class GaussianNoise(OfOne):
    """In training, adds noise to every element, drawn anew for every step from a normal distribution of mean 0.

    A network that is to learn in spite of it becomes smooth, and an autoencoder a denoising one. Evaluation changes
    nothing. Bishop 1995, "Training with noise is equivalent to Tikhonov regularization".
    """

    category = "Layer"
    saved = ()
    formula = "y = x + std·ε, ε ∼ N(0, 1)"
    latex = r"y = x + \sigma\,\varepsilon, \quad \varepsilon \sim \mathcal{N}(0, 1)"
    derivative = r"\frac{\partial y}{\partial x} = 1"
    std = Param(0.1, low=0.0, symbol="σ", log=True, help="The standard deviation of the noise.")
    knobs = ("std",)
    examples = (
        Example(x=(4, 3)),
        Example({"std": 1.0}, x=(2, 1, 3)),
        Example({"std": 0.0}, x=()),
        Example(x=(0, 3)),
    )
    numpy = Recipe(
        "y = x + std * random_generator(key, step).standard_normal(x.shape, dtype=dtype) if training else x",
        "dx = dy",
        tools=(recipe_tools.random_generator,),
    )

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        if not ctx.training:
            np.copyto(y, x)
            return
        ctx.rng().standard_normal(dtype=y.dtype.type, out=y)
        np.multiply(y, self.std, y)
        np.add(y, x, y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        """x plus the noise of this step, which is drawn again."""
        x = call.at("x", *at)
        if not call.ctx.training:
            return x
        noise = call.again(x=np.zeros_like(call.array("x")))[output]
        return x + number(float(noise[at]), "std · ε")

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, dy)


@register
class RandnLike(OfOne):
    """Numbers of the shape of x, drawn anew for every step from a normal distribution N(0, 1). (torch.randn_like)

    Of x only the shape counts, so no gradient passes. The ε of the reparametrisation trick, z = μ + σ·ε, by which a
    variational autoencoder learns through chance (Kingma and Welling 2014). Drawn in evaluation too.
    """

    synonyms = ("RandomNormal",)
    category = "Input"
    saved = ()
    formula = "y = ε ∼ N(0, 1), in the shape of x"
    latex = r"y \sim \mathcal{N}(0, 1)"
    derivative = r"\frac{\partial y}{\partial x} = 0"
    inputs = (Socket("x", kind="any", help="Only its shape counts."),)
    numpy = Recipe(
        "y = random_generator(key, step).standard_normal(x.shape, dtype=dtype)",
        "dx = np.zeros_like(x)",
        tools=(recipe_tools.random_generator,),
    )

    def infer(self, x: Spec) -> Spec:
        return Spec(x.shape)

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        ctx.rng().standard_normal(dtype=y.dtype.type, out=y)

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return number(float(call.again()[output][at]), "ε")

    def backward(self, ctx: Context, dy: Array, *, x: Array, y: Array, dx: Array | None) -> None:
        if dx is not None:
            np.copyto(dx, 0)
