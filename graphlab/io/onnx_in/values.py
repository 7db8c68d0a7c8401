"""What stands at an input of an ONNX operator: an array that is known beforehand, or something the graph computes.

A known array is a NumPy array; where it tells a shape, its elements may be open sizes such as N.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...ops import Dim, Spec
from .tensors import Array

FEW = 4096  # numbers that are looked at one by one, such as those of a shape


@dataclass(frozen=True)
class Wire:
    """An output of a node that was drawn. `spec`: None where it is not known, behind a placeholder."""

    node: str
    output: str
    spec: Spec | None

    @property
    def ndim(self) -> int:
        """AttributeError where it is not known, so that `getattr` with a default asks for it."""
        if self.spec is None:
            raise AttributeError("ndim")
        return self.spec.ndim

    @property
    def shape(self) -> tuple[int, ...]:
        """AttributeError where it is not known, or open."""
        sizes = () if self.spec is None else tuple(size for size in self.spec.shape if isinstance(size, int))
        if self.spec is None or len(sizes) < self.spec.ndim:
            raise AttributeError("shape")
        return sizes


@dataclass(frozen=True)
class Filled:
    """An array of one number that nobody has written out, as some of its sizes are open."""

    number: float


@dataclass(frozen=True)
class Apart:
    """What a recurrent layer gives at each step, T×N×hidden, where ONNX has an axis for the direction: T×1×N×hidden.

    That axis is mostly left out again by the next operator; it is put in where it is not.
    """

    wire: Wire
    axis: int = 1


@dataclass(frozen=True)
class Spread:
    """What is the same for every example of a batch of any size, held once: its first axis is 1 long."""

    value: Array | Wire


Value = Array | Wire | Filled | Apart | Spread | None


def is_open(array: Array) -> bool:
    """Whether it holds sizes that are open."""
    return array.dtype == object


def sizes(values: Any) -> Array:
    """Sizes as an array: whole numbers, or objects where some are open."""
    found = list(values)
    return np.array(found, dtype=object if any(isinstance(size, Dim) for size in found) else np.int64)


def settled(array: Array) -> Array:
    """Objects as whole numbers, where none of them is open."""
    if is_open(array) and not any(isinstance(size, Dim) for size in array.ravel().tolist()):
        return array.astype(np.int64)
    return array


def is_uniform(array: Array) -> bool:
    """Whether it is one number, repeated without being written out."""
    return array.size > 1 and not any(array.strides)
