"""What is periodic keeps its interval and its share of the time; what others have of the processor is not its cost."""

from __future__ import annotations

import pytest

from graphlab.engine import pacing
from graphlab.engine.pacing import LONGEST, Pace, Purse, Stopwatch


class Clocks:
    """The wall's and the processor's."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall = self.processor = 100.0
        monkeypatch.setattr(pacing.time, "perf_counter", lambda: self.wall)
        monkeypatch.setattr(pacing.time, "process_time", lambda: self.processor)

    def work(self, seconds: float, idle: float = 0.0) -> None:
        self.wall += seconds + idle
        self.processor += seconds


def test_a_dear_frame_is_followed_by_a_long_rest_and_a_cheap_one_by_the_interval(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clocks = Clocks(monkeypatch)
    pace = Pace(0.03, 0.05)
    for cost, rest in ((0.01, 0.2), (0.0001, 0.03)):
        assert pace.is_due()
        watch = Stopwatch()
        clocks.work(cost)
        pace.done(watch)
        clocks.work(rest - 0.001)
        assert not pace.is_due()
        clocks.work(0.002)


def test_time_in_which_others_had_the_processor_is_not_its_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    pace = Pace(0.03, 0.05)
    assert pace.is_due()
    watch = Stopwatch()
    clocks.work(0.001, idle=0.5)
    pace.done(watch)
    clocks.work(0.031)
    assert pace.is_due()
    watch = Stopwatch()
    clocks.work(0.002, idle=1.0)
    assert watch.seconds == pytest.approx(0.002)


def test_what_one_takes_the_next_waits_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    purse = Purse(0.05)
    assert purse.is_open
    purse.spend(0.01)  # 1 of 20 parts, so the other 19 are training's
    clocks.wall += 0.18
    assert not purse.is_open
    clocks.wall += 0.011
    assert purse.is_open


def test_what_several_take_adds_up_and_what_was_not_taken_is_not_saved_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clocks = Clocks(monkeypatch)
    purse = Purse(0.05)
    clocks.wall += 1000
    purse.spend(0.01)
    purse.spend(0.01)
    clocks.wall += 0.37
    assert not purse.is_open
    clocks.wall += 0.02
    assert purse.is_open


def test_it_is_never_empty_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    clocks = Clocks(monkeypatch)
    purse = Purse(0.05)
    purse.spend(60.0)
    clocks.wall += LONGEST + 0.001
    assert purse.is_open
    whole = Purse(1.0)
    whole.spend(5.0)
    assert whole.is_open
