"""Argument shapes with which an operation is tested, documented and drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Draw:
    """How to draw one argument: standard normal, uniform in [low, high), or whole numbers in [low, high)."""

    shape: tuple[int, ...]
    low: float | None = None
    high: float | None = None
    kind: str = "float"

    def sample(self, rng: np.random.Generator, dtype: Any = np.float64) -> npt.NDArray[Any]:
        if self.kind == "int":
            return rng.integers(int(self.low or 0), int(self.high or 1), self.shape)
        if self.low is None:
            return np.asarray(rng.standard_normal(self.shape), dtype=dtype)
        return np.asarray(
            rng.uniform(self.low, 1.0 if self.high is None else self.high, self.shape), dtype=dtype
        )


def uniform(*shape: int, low: float, high: float) -> Draw:
    """Numbers drawn evenly from [low, high), e.g. for Log."""
    return Draw(shape, low, high)


def classes(*shape: int, count: int) -> Draw:
    """Class indices 0 … count − 1."""
    return Draw(shape, 0, count, kind="int")


@dataclass(frozen=True, slots=True)
class Example:
    """One call of an op: params, and a shape (or a `Draw`) for each data socket: `Example(x=(4, 3))`.

    Learnable sockets that are not named get the shape that the op asks for.
    """

    params: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, Draw] = field(default_factory=dict)

    def __init__(self, params: dict[str, Any] | None = None, /, **arguments: tuple[int, ...] | Draw) -> None:
        object.__setattr__(self, "params", dict(params or {}))
        draws = {name: a if isinstance(a, Draw) else Draw(a) for name, a in arguments.items()}
        object.__setattr__(self, "arguments", draws)
