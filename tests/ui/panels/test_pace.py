"""Many panels share the window's time: one a round, a burst at once, then a share of the time."""

from __future__ import annotations

import itertools
import time
from typing import Any

from PySide6.QtCore import QObject

from graphlab.ui.panels import live
from graphlab.ui.panels.live import Pace


def busy(milliseconds: float) -> None:
    end = time.perf_counter() + milliseconds / 1000
    while time.perf_counter() < end:
        pass


def test_those_that_are_due_together_work_one_a_round_of_the_event_loop(qtbot: Any) -> None:
    from PySide6.QtCore import QTimer

    parent, order = QObject(), []
    paces = [Pace(lambda k=k: order.append(k), parent) for k in range(4)]
    turns = QTimer(parent)
    turns.timeout.connect(lambda: order.append("turn"))
    turns.start(0)
    for pace in paces:
        pace.ask()
    qtbot.waitUntil(lambda: {0, 1, 2, 3} <= set(order), timeout=2000)
    worked = [k for k, what in enumerate(order) if what != "turn"]
    assert all(b - a > 1 for a, b in itertools.pairwise(worked))
    assert [order[k] for k in worked] == [0, 1, 2, 3]


def test_a_burst_is_shown_at_once_and_many_then_keep_within_their_share(qtbot: Any) -> None:
    parent, count = QObject(), [0]

    def work() -> None:
        busy(5)
        count[0] += 1

    paces = [Pace(work, parent, fastest=1) for _ in range(20)]
    for pace in paces:
        pace.ask()
    qtbot.waitUntil(lambda: count[0] >= 20, timeout=1000)  # a step by hand: all of them, at once
    began, before = time.perf_counter(), count[0]
    while time.perf_counter() - began < 1.2:
        for pace in paces:
            pace.ask()
        qtbot.wait(5)
    taken = 0.005 * (count[0] - before)
    assert taken < live.BURST + 2 * live.TOGETHER * 1.2 + 0.05
    assert count[0] - before > 10  # and none stands still


def test_none_waits_for_long_however_busy_the_thread_is(qtbot: Any) -> None:
    parent, count = QObject(), [0]

    def work() -> None:
        count[0] += 1

    pace = Pace(work, parent, fastest=1)
    end = time.perf_counter() + 1.6
    while time.perf_counter() < end:
        busy(8)
        pace.ask()
        qtbot.wait(1)
    assert 2 <= count[0] < 60
