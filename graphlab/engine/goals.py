"""What backward may start from besides the loss: one element of any output, or the sum of all its elements.

Back from one element comes a row of the Jacobian: how that number alone changes with everything it depends on.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from ..errors import GoalError
from ..ops.places import bracketed
from .flatten import End

if TYPE_CHECKING:
    from .plan import Plan

Array = npt.NDArray[Any]
Place = tuple[int, ...]
SUM: Literal["sum"] = "sum"
At = Sequence[int] | Literal["sum"]


@dataclass(frozen=True, slots=True)
class Question:
    """Of which number the gradients are asked for: an element of the output `end`, or the sum of all its elements.

    at: the element's index, () of a single number; None for the sum. Negative numbers count from the end.
    """

    end: End
    at: Place | None

    def place(self, shape: tuple[int, ...], name: str) -> Place:
        """The index with nothing negative in an array of that shape. GoalError when there is no such element."""
        at = self.at or ()
        found = tuple(i + size if i < 0 else i for i, size in zip(at, shape, strict=False))
        if len(at) == len(shape) and all(0 <= i < size for i, size in zip(found, shape, strict=True)):
            return found
        sizes = "×".join(map(str, shape)) or "a single number"
        raise GoalError(f"{name} is {sizes} and has no element {list(at)}.", hint=_ranges(shape), node=name)

    def part(self, values: Array, name: str) -> Array:
        """That element as an array without axes that looks at `values`; for the sum, all of them. GoalError."""
        if self.at is None:
            return values
        place: tuple[Any, ...] = (*self.place(values.shape, name), ...)
        found: Array = values[place]
        return found

    def seed(self, gradient: Array, name: str) -> None:
        """What backward starts with: 1 at the element and 0 elsewhere; for the sum, 1 everywhere. GoalError."""
        gradient[...] = self.at is None
        if self.at is not None:
            gradient[self.place(gradient.shape, name)] = 1


def question(plan: Plan, name: str, at: At) -> Question:
    """What is asked about: "hidden", "split.b", "cell/act", by name or by key.

    Raises:
        UnknownNodeError: nothing that runs has that name. GoalError: it has no gradient, or no such element.
    """
    from .names import Names

    end = Names(plan).end(name)
    spec = plan.inference.specs.get(end)
    if end[1] not in plan.op(end[0]).results() or spec is None:
        raise GoalError(
            f"{name} is no output, so it is not asked how it changes.", hint="Name an output, such as hidden."
        )
    path = plan.end_name(end)
    if spec.kind != "float":
        raise GoalError(
            f"{path} holds whole numbers, which do not change little by little: they have no gradient.",
            hint="Ask about a number that is computed, such as an element of a layer.",
            node=path,
        )
    asked = Question(end, None if isinstance(at, str) else _whole(at))
    if asked.at is not None and len(asked.at) != spec.ndim:
        _refuse(path, asked.at, spec.ndim)
    return asked


def title(path: str, at: Place | None) -> str:
    """What people call it: "loss", "hidden[0, 2]", "Σ hidden"."""
    return f"Σ {path}" if at is None else f"{path}{bracketed(at)}"


def as_place(text: str) -> Place:
    """ "0, 2" or "[0, 2]" as (0, 2); "" as (). GoalError."""
    inner = text.strip().removeprefix("[").removesuffix("]")
    try:
        return tuple(int(part) for part in inner.replace("−", "-").split(",") if part.strip())
    except ValueError:
        raise GoalError(
            f"“{text}” is no place in an array.", hint="Write whole numbers, such as 0, 2."
        ) from None


def _whole(at: Sequence[int]) -> Place:
    try:
        return tuple(operator.index(i) for i in at)
    except TypeError:
        raise GoalError(f"{at!r} is no index.", hint="Give whole numbers, such as (0, 2).") from None


def _refuse(path: str, at: Place, axes: int) -> None:
    if not at:
        hint = f"Choose one, such as {bracketed((0,) * axes)}, or the sum of all."
        raise GoalError(f"{path} is not one number but many.", hint=hint, node=path)
    wanted = f"Give {axes} whole number{'s' if axes > 1 else ''}." if axes else "Give no index."
    raise GoalError(f"{path} has no element {list(at)}.", hint=wanted, node=path)


def _ranges(shape: tuple[int, ...]) -> str:
    """From where to where an index may go."""
    if not shape:
        return "Give no index."
    if 0 in shape:
        return "It is empty."
    return f"Indices go from {[0] * len(shape)} to {[int(n) for n in np.array(shape) - 1]}."
