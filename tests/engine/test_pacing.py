"""The purse that everything beside training pays from."""

from __future__ import annotations

import pytest

from graphlab.engine import pacing
from graphlab.engine.pacing import LONGEST, Purse


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(pacing.time, "perf_counter", lambda: now[0])
    return now


def test_what_one_takes_the_next_waits_for(clock: list[float]) -> None:
    purse = Purse(0.05)
    assert purse.is_open
    purse.spend(0.01)  # 1 of 20 parts, so the other 19 are training's
    clock[0] += 0.18
    assert not purse.is_open
    clock[0] += 0.011
    assert purse.is_open


def test_what_several_take_adds_up_and_what_was_not_taken_is_not_saved_up(clock: list[float]) -> None:
    purse = Purse(0.05)
    clock[0] += 1000
    purse.spend(0.01)
    purse.spend(0.01)
    clock[0] += 0.37
    assert not purse.is_open
    clock[0] += 0.02
    assert purse.is_open


def test_it_is_never_empty_for_long(clock: list[float]) -> None:
    purse = Purse(0.05)
    purse.spend(60.0)
    clock[0] += LONGEST + 0.001
    assert purse.is_open
    whole = Purse(1.0)
    whole.spend(5.0)
    assert whole.is_open
