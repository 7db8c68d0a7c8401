"""What the machine can do at best, and how long work takes at least by that."""

from __future__ import annotations

import pytest

from graphlab.engine.costs import Work
from graphlab.engine.machine import AMOUNTS, Machine, machine

MADE_UP = Machine(flops=1e11, bandwidths=((1_000, 4e11), (100_000, 2e11), (10_000_000, 1e10)), call=2e-7)


@pytest.mark.parametrize(
    ("amount", "speed"),
    [(1, 4e11), (1_000, 4e11), (10_000, 3e11), (100_000, 2e11), (10_000_000, 1e10), (10**9, 1e10)],
)
def test_the_more_is_touched_the_lower_the_bandwidth(amount: int, speed: float) -> None:
    assert MADE_UP.bandwidth(amount) == pytest.approx(speed)


def test_work_takes_its_operations_by_the_peak_and_its_bytes_by_the_bandwidth() -> None:
    assert MADE_UP.seconds(Work(10**9, 100_000)) == pytest.approx((1e-2, 5e-7))
    assert MADE_UP.seconds(Work()) == (0, 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_this_machine_is_measured_once(dtype: str) -> None:
    found = machine(dtype, 1)
    assert machine(dtype, 1) is found
    amounts, speeds = zip(*found.bandwidths, strict=True)
    assert amounts == AMOUNTS
    assert list(speeds) == sorted(speeds, reverse=True)
    assert 1e8 < speeds[-1] <= speeds[0] < 1e13  # bytes a second of any machine that this runs on
    assert 1e8 < found.flops < 1e14
    assert 1e-9 < found.call < 1e-3
