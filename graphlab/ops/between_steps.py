"""What stands between the steps of a cell that is repeated along a sequence: states kept, cut off, outputs fed back.

None of these is offered to a person: the engine puts them there (`engine/unrolling`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import ShapeError
from . import recipe_tools
from .base import Array, Context, Op, Recipe, Socket, Spec
from .explaining import Call, Place
from .explanation import Term
from .through_time import LENGTHS, check_lengths, column


class _AtStep(Op):
    """Something that depends on which step it is, counted from 0."""

    category = "Structure"
    cost = 0
    saved = ()

    def __init__(self, step: int) -> None:
        super().__init__()
        self.step = step


class Kept(_AtStep):
    """The state after a step: the new one, or for rows that are over the one before."""

    formula = "y = new where t < lengths, else before"
    latex = r"y = \mathrm{new}\ \mathrm{if}\ t < \mathrm{lengths}\ \mathrm{else}\ \mathrm{before}"
    inputs = (Socket("new", kind="any"), Socket("before", kind="any"), LENGTHS)

    def infer(self, new: Spec, before: Spec, lengths: Spec) -> Spec:
        check_lengths(lengths, new)
        return new

    def forward(self, ctx: Context, new: Array, before: Array, lengths: Array, *, y: Array) -> None:
        np.copyto(y, new)
        np.copyto(y, before, where=column(np.less_equal(lengths, self.step), y))

    def backward(
        self,
        ctx: Context,
        dy: Array,
        *,
        lengths: Array,
        dnew: Array | None,
        dbefore: Array | None,
        **arrays: Any,
    ) -> None:
        over = column(np.less_equal(lengths, self.step), dy)
        if dnew is not None:
            np.copyto(dnew, dy)
            np.copyto(dnew, 0, where=over)
        if dbefore is not None:
            dbefore.fill(0)
            np.copyto(dbefore, dy, where=over)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        tail = ", None" * (len(shapes["y"]) - 1)
        over = f"lengths[:{tail}] <= {self.step}"
        return Recipe(
            f"y = np.where({over}, before, new)",
            f"dnew = np.where({over}, 0, dy)\ndbefore = np.where({over}, dy, 0)",
        )


class Cut(Op):
    """A state as a constant: gradients do not flow back over it."""

    category = "Structure"
    formula = "y = x, without gradient"
    latex = r"y = \mathrm{sg}[x]"
    inputs = (Socket("x", kind="constant"),)
    stops_gradient = True
    cost = 0
    saved = ()

    def infer(self, x: Spec) -> Spec:
        return x

    def view(self, x: Array) -> Array | None:
        return x

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        np.copyto(y, x)

    def backward(self, ctx: Context, dy: Array, **arrays: Any) -> None:
        """It hands nothing back."""

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return Recipe("y = x")

    def emit_torch(self, **names: str) -> str:
        return f"{names['x']}.detach()"


class FedBack(Op):
    """What a step is given: in training now and then what the sequence has, else the output of the step before."""

    category = "Structure"
    formula = "y = given or own"
    latex = r"y = \mathrm{given}\ \mathrm{or}\ \mathrm{own}"
    inputs = (Socket("given", kind="any"), Socket("own", kind="any"))
    cost = 0
    saved = ()

    def __init__(self, rate: float, output: str, name: str) -> None:
        super().__init__()
        self.rate, self.output, self.into = rate, output, name

    def infer(self, given: Spec, own: Spec) -> Spec:
        if given != own:
            what = {
                spec: f"{spec} {'class indices' if spec.kind == 'int' else 'numbers'}"
                for spec in (given, own)
            }
            raise ShapeError(
                f"{self.output} ({what[own]}) cannot become {self.into}, which takes {what[given]}.",
                hint=f"Make {self.output} in the cell what {self.into} takes.",
                socket="own",
            )
        return given

    def is_taught(self, ctx: Context) -> bool:
        """Whether this step of this pass gets what the sequence has."""
        return ctx.training and (self.rate >= 1 or bool(ctx.rng().random() < self.rate))

    def forward(self, ctx: Context, given: Array, own: Array, *, y: Array) -> None:
        np.copyto(y, given if self.is_taught(ctx) else own)

    def backward(
        self, ctx: Context, dy: Array, *, dgiven: Array | None, down: Array | None, **arrays: Any
    ) -> None:
        taught = self.is_taught(ctx)
        for gradient, flows in ((dgiven, taught), (down, not taught)):
            if gradient is not None:
                np.copyto(gradient, dy if flows else ctx.zero)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        chance = f" and random_generator(key, step).random() < {self.rate}" if self.rate < 1 else ""
        return Recipe(
            f"taught = training{chance}\ny = given if taught else own",
            "dgiven = dy * taught\ndown = dy * (not taught)",
            (recipe_tools.random_generator,) if chance else (),
        )

    def explain(self, call: Call, output: str, at: Place) -> Term:
        return call.at("given" if self.is_taught(call.fresh()) else "own", *at)


class WholeLength(Op):
    """The length of rows that all have every step."""

    formula = "y = T"
    latex = r"y = T"
    category = "Structure"
    inputs = (Socket("x", kind="constant"),)
    cost = 0
    saved = ()

    def __init__(self, steps: int) -> None:
        super().__init__()
        self.steps = steps

    def infer(self, x: Spec) -> Spec:
        return Spec((x.shape[0],), "int")

    def forward(self, ctx: Context, x: Array, *, y: Array) -> None:
        y.fill(self.steps)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        return Recipe(f"y = np.full({shapes['y']!r}, {self.steps})")

    def backward(self, *args: Any, **arrays: Any) -> None:
        """It depends on no number."""


class Ended(_AtStep):
    """How long rows are, once it is known which of them gave the class that ends a sequence."""

    formula = "y = t + 1 where token is stop, else lengths"
    latex = r"y = t + 1\ \mathrm{if}\ \mathrm{token} = \mathrm{stop}\ \mathrm{else}\ \mathrm{lengths}"
    inputs = (Socket("token", kind="int"), LENGTHS)

    def __init__(self, step: int, stop: int) -> None:
        super().__init__(step)
        self.stop = stop

    def infer(self, token: Spec, lengths: Spec) -> Spec:
        check_lengths(lengths, token)
        if token.ndim != 1:
            raise ShapeError(
                f"What ends a sequence is one class index for each row, not {token}.",
                hint="Feed back class indices N, such as ArgMax gives.",
                socket="token",
            )
        return lengths

    def forward(self, ctx: Context, token: Array, lengths: Array, *, y: Array) -> None:
        np.copyto(y, lengths)
        ends = np.logical_and(np.equal(token, self.stop), np.greater(lengths, self.step))
        np.copyto(y, self.step + 1, where=ends)

    def recipe(self, shapes: Mapping[str, tuple[int, ...]]) -> Recipe:
        ends = f"(token == {self.stop}) & (lengths > {self.step})"
        return Recipe(f"y = np.where({ends}, {self.step + 1}, lengths)")

    def backward(self, *args: Any, **arrays: Any) -> None:
        """Class indices have no gradient."""
