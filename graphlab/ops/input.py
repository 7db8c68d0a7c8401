"""Where values come from: what is fed, data sets, constants, and parameters that stand alone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from ..errors import DataError, ParamError, ShapeError
from .base import Array, Context, Example, Op, Param, Recipe, Socket, Spec
from .catalogue import CARDS, LAYOUTS, TARGET_FORMS, card
from .context import stream
from .registry import register
from .spec import Dim, Shape, shape_text

KINDS = ("float", "int")


@register
class Input(Op):
    """A value that is fed from outside, such as a batch of examples.

    `shape` gives its sizes; a name such as N stands for a size that is known only when data arrives, and
    the same name means the same size everywhere. With a `value`, the node needs nothing fed: it shows that
    value, and its shape is the value's unless you gave one; with `stand_in` noise it gives one example of
    made-up numbers, so that a network can be stepped before there are data. Choose `dtype` int for class indices.
    """

    synonyms = ("Placeholder",)
    category = "Input"
    formula = "y = what is fed"
    latex = r"y = x_{\mathrm{fed}}"
    source = True
    shape = Param(("N", 2), kind="shape", help="Its sizes; N is the number of examples in the batch.")
    dtype = Param("float", choices=KINDS, help="float for numbers, int for class indices.")
    value = Param(None, kind="array", help="Used while nothing is fed.")
    stand_in = Param(
        "nothing",
        choices=("nothing", "noise"),
        help="What it gives while nothing is fed and it has no value.",
    )
    examples = (
        Example({"shape": ("N", 4)}),
        Example({"shape": ("N", 3), "stand_in": "noise"}),
        Example({"shape": ("N",), "dtype": "int"}),
        Example({"value": -2.0}),
        Example({"shape": ("N", 2), "value": ((0.0, 1.0), (1.0, 0.0), (1.0, 1.0))}),
    )
    cost = 0

    def check(self) -> None:
        if self.value is None:
            return
        _whole_numbers_if(self.dtype, self.value, "Input.value")
        if not self._follows_value() and not _fits(np.shape(self.value), self.shape):
            raise ParamError(
                f"Input.value is {shape_text(np.shape(self.value))}, "
                f"but shape says {shape_text(self.shape)}.",
                hint="Change one of them, or leave shape out: it then follows the value.",
            )

    def infer(self) -> Spec:
        return Spec(np.shape(self.value) if self._follows_value() else _symbolic(self.shape), self.dtype)

    def literal(self) -> Any:
        if self.value is None and self.stand_in == "noise":
            return _noise(tuple(size if isinstance(size, int) else 1 for size in self.shape), self.dtype)
        return self.value

    def _follows_value(self) -> bool:
        return self.value is not None and self.shape == type(self).shape.default


@register
class Dataset(Op):
    """Examples and their targets from a data set, one mini-batch at a time.

    `x` is N×features, or N×channels×height×width with layout image. `target` holds class indices (class),
    one column of numbers (column), or a 1 at the right class (one-hot); auto takes the form that suits the
    set.
    """

    category = "Input"
    formula = "x, target = the rows of the batch"
    latex = r"x,\ t = \mathrm{rows\ of\ the\ batch}"
    source = True
    brings = "catalogue"
    outputs = ("x", "target")
    dataset = Param("xor", kind="text", help="Which data set.", suggest=lambda: tuple(CARDS))
    layout = Param("flat", choices=LAYOUTS, help="Rows of features, or images.")
    target = Param("auto", choices=("auto", *TARGET_FORMS), help="The form of the targets.")
    samples = Param(None, kind="int", low=2, high=1_000_000, help="How many examples to make.")
    noise = Param(None, kind="float", low=0.0, high=10.0, help="How far examples stray.")
    seed = Param(0, low=0, high=2**31 - 1, help="Chooses the random numbers of a made-up set.")
    called = Param(
        (), kind="names", shown=False, help="What the classes are called; empty for their own names."
    )
    knobs = ("noise",)
    cost = 0

    def infer(self) -> tuple[Spec, Spec]:
        try:
            chosen = card(self.dataset)
            form = self.target_form()
            x, target = chosen.x_shape(self.layout), chosen.target_shape(form)
        except DataError as error:
            raise ShapeError(error.message, hint=error.hint) from error
        rows = Dim("N")
        return Spec((rows, *x)), Spec((rows, *target), "int" if form == "class" else "float")

    def knob(self, name: str) -> tuple[float, float, float] | None:
        """As the data set has it; None for one that takes no such setting."""
        try:
            bounds = card(self.dataset).parameters.get(name)
        except DataError:
            return None
        if bounds is None:
            return None
        value = getattr(self, name)
        now = float(bounds.default if value is None else value)
        return now, float(bounds.low), min(float(bounds.high), max(1.0, 2 * now))

    def target_form(self) -> str:
        """The form of the targets, auto resolved. DataError for an unknown data set."""
        return card(self.dataset).target_form if self.target == "auto" else str(self.target)

    def settings(self) -> dict[str, Any]:
        """The params that this data set takes, for those that were set. DataError for an unknown data set."""
        asked = {name: getattr(self, name) for name in ("samples", "noise", "seed")}
        taken = card(self.dataset).parameters
        return {name: value for name, value in asked.items() if value is not None and name in taken}


@register
class Constant(Op):
    """A value that never changes and needs no gradient: a number, a vector or a table."""

    category = "Input"
    formula = "y = c"
    latex = r"y = c"
    derivative = r"\frac{\partial y}{\partial x} = 0"
    value = Param(1.0, kind="array", symbol="c", help="A number, or nested rows of numbers.")
    dtype = Param("float", choices=KINDS, help="float for numbers, int for class indices.")
    examples = (
        Example(),
        Example({"value": (1.0, 2.5, -3.0)}),
        Example({"value": ((1, 0), (0, 1)), "dtype": "int"}),
        Example({"value": (((0.5,),),)}),
    )
    cost = 0

    def check(self) -> None:
        _whole_numbers_if(self.dtype, self.value, "Constant.value")

    def infer(self) -> Spec:
        return Spec(np.shape(self.value), self.dtype)

    def forward(self, ctx: Context, *, y: Array) -> None:
        y[...] = self.value

    def backward(self, ctx: Context, dy: Array, *, y: Array) -> None:
        """Nobody is upstream of a constant."""

    def emit_torch(self, **names: str) -> str:
        kind = ", dtype=torch.int64" if self.dtype == "int" else ", dtype=torch.get_default_dtype()"
        return f"torch.tensor({self.value!r}{kind})"


@register
class Parameter(Op):
    """A learnable value of its own, drawn as a node: plug it into several sockets and they share it.

    Its gradient is the sum over all places where it is used. It begins with `value`, or with what
    `value_init` draws. `shape` follows `value` unless you gave one.
    """

    synonyms = ("Variable",)
    category = "Parameter"
    formula = "y = θ"
    latex = r"y = \theta"
    derivative = r"\frac{\partial \ell}{\partial \theta} = \sum_{\mathrm{uses}} \bar{y}"
    inputs = (Socket("value", learnable=True, help="The parameter itself."),)
    shape = Param((1,), kind="shape", help="Its sizes, e.g. 4, 3 for a matrix of four rows.")
    value = Param(None, kind="array", help="The values to begin with, instead of random ones.")
    examples = (
        Example({"shape": (3, 2)}),
        Example({"shape": ()}),
        Example({"value": ((1.0, -2.0, 0.5),)}),
    )
    torch = "{value}"
    numpy = Recipe("y = value", "dvalue = dy")
    cost = 0
    saved = ()

    def check(self) -> None:
        if any(isinstance(size, str) for size in self.shape):
            raise ParamError(
                f"Parameter.shape ({shape_text(self.shape)}) has an open size.",
                hint="Use whole numbers: a parameter keeps its size whatever the batch.",
            )
        if not self._follows_value() and self.value is not None and np.shape(self.value) != self.shape:
            raise ParamError(
                f"Parameter.value is {shape_text(np.shape(self.value))}, "
                f"but shape says {shape_text(self.shape)}.",
                hint="Change one of them, or leave shape out: it then follows value.",
            )

    def learnable(self) -> dict[str, Shape]:
        return {"value": np.shape(self.value) if self._follows_value() else self.shape}

    def start(self, socket: str) -> Any:
        return self.value

    def infer(self, value: Spec) -> Spec:
        return value

    def view(self, value: Array | None) -> Array | None:
        return value

    def forward(self, ctx: Context, value: Array, *, y: Array) -> None:
        np.copyto(y, value)

    def backward(self, ctx: Context, dy: Array, *, value: Array, y: Array, dvalue: Array | None) -> None:
        if dvalue is not None:
            np.copyto(dvalue, dy)

    def _follows_value(self) -> bool:
        return self.value is not None and self.shape == type(self).shape.default


@lru_cache(maxsize=4)
def _noise(shape: tuple[int, ...], kind: str) -> Array:
    """Made-up numbers of an example, the same every time; of class indices the first, which is always there."""
    if kind == "int":
        return np.zeros(shape, np.int64)
    made: Array = stream(0, "stand-in").standard_normal(shape, np.float32)
    return made


def _symbolic(shape: tuple[int | str, ...]) -> Shape:
    return tuple(Dim(size) if isinstance(size, str) else size for size in shape)


def _fits(value: tuple[int, ...], shape: tuple[int | str, ...]) -> bool:
    """Whether a value of that shape can stand for `shape`, one name always meaning one size."""
    known: dict[str, int] = {}
    return len(value) == len(shape) and all(
        size == (known.setdefault(asked, size) if isinstance(asked, str) else asked)
        for size, asked in zip(value, shape, strict=True)
    )


def _whole_numbers_if(dtype: str, value: Any, what: str) -> None:
    numbers = np.asarray(value)
    if dtype == "int" and not np.array_equal(numbers, np.trunc(numbers)):
        raise ParamError(f"{what} is not whole, but dtype is int.", hint="Use whole numbers, or dtype float.")
