"""The benchmark of playing windows: a row each way, with the target of 60 frames a second."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import playing
from benchmarks.report import Report


def test_each_case_is_played_forward_and_back(qapp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    reports: list[Report] = []
    monkeypatch.setattr(playing, "FRAMES", 3)
    monkeypatch.setattr(playing, "CASES", playing.CASES[:1])
    monkeypatch.setattr(Report, "finish", lambda report: reports.append(report) or 0)
    assert playing.main() == 0
    rows = reports[0].rows
    assert [row.workload.rpartition(": ")[2] for row in rows] == ["forward", "backward"]
    assert all(row.value > 0 and row.target == playing.TARGET for row in rows)
