"""What this machine can do at best, measured: arithmetic, memory traffic, and how long it takes to call NumPy at all.

Together they are the limit that a profile holds the nodes against: the roofline of Williams, Waterman and Patterson
2009, "Roofline: an insightful visual performance model for multicore architectures". A kernel takes at least its
operations by the peak, and at least its bytes by the bandwidth. As caches are quicker than memory, bandwidth depends on
how much is touched (Ilic, Pratas and Sousa 2014, "Cache-aware roofline model").
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from time import perf_counter_ns
from typing import Any

import numpy as np

from ..ops.context import cleared
from .costs import Work
from .threads import limited, threads

SIDES = (
    256,
    512,
)  # of the square matrices multiplied: large enough to be worth it, small enough for the cache
AMOUNTS = tuple(32_000 * 4**k for k in range(7))  # bytes touched, from the first-level cache to main memory
ROUNDS, ROUND = 7, 2_000_000  # the best of so many, of so many nanoseconds


@dataclass(frozen=True, slots=True)
class Machine:
    """flops: operations a second in a matrix product. bandwidths: (bytes touched, bytes a second). call: seconds."""

    flops: float
    bandwidths: tuple[tuple[int, float], ...]
    call: float

    def bandwidth(self, amount: int) -> float:
        """Bytes a second where so many are touched: between two measured amounts in proportion to the logarithm."""
        amounts, speeds = zip(*self.bandwidths, strict=True)
        return float(np.interp(math.log(max(1, amount)), np.log(amounts), speeds))

    def seconds(self, work: Work) -> tuple[float, float]:
        """How long it takes at least: by arithmetic, and by memory traffic."""
        return work.flops / self.flops, work.bytes / self.bandwidth(work.bytes)


@functools.cache
def machine(dtype: str, count: int) -> Machine:
    """This machine with numbers of that type, and so many threads for matrix products; measured in part of a second.

    Bandwidth is that of STREAM's Add, c = a + b (McCalpin 1995), which NumPy computes in one thread.
    """
    one = cleared((3, 1), dtype)
    call = _least(partial(np.add, *one))
    with threads(count), limited():
        flops = max(2 * side**3 / _least(_product(side, dtype)) for side in SIDES)
    arrays = cleared((3, AMOUNTS[-1] // (3 * one.itemsize)), dtype)
    speeds = [_bandwidth(arrays, amount, call) for amount in AMOUNTS]
    slower = list(accumulate(reversed(speeds), max))[::-1]  # less is not slower; what seems so was disturbed
    return Machine(flops, tuple(zip(AMOUNTS, slower, strict=True)), call)


def _product(side: int, dtype: str) -> Callable[[], Any]:
    a, b, c = cleared((3, side, side), dtype)
    return partial(a.dot, b, c)


def _bandwidth(arrays: Any, amount: int, call: float) -> float:
    part = arrays[:, : amount // (3 * arrays.itemsize)]
    seconds = _least(partial(np.add, *part))
    return float(part.nbytes / max(seconds - call, seconds / 2))


def _least(function: Callable[[], Any]) -> float:
    """The seconds of one call in the best of some rounds."""
    function()
    began = perf_counter_ns()
    function()
    count = max(1, ROUND // max(1, perf_counter_ns() - began))
    best = min(_round(function, count) for _ in range(ROUNDS))
    return best / count / 1e9


def _round(function: Callable[[], Any], count: int) -> int:
    began = perf_counter_ns()
    for _ in range(count):
        function()
    return perf_counter_ns() - began
