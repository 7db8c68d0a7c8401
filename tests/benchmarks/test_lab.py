"""The benchmark of the lab: its figures are of what it says."""

from __future__ import annotations

import os
import sys

import pytest

from benchmarks import lab
from benchmarks.report import Report


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_memory_is_told_of_any_process():
    assert 10 << 20 < lab.resident(os.getpid()) < 100 << 30
    assert lab.resident(0) == 0


def test_a_long_history_is_drawn_in_a_frame():
    report = Report("lab", "")
    lab.long_history(report, 50_000)
    assert [row.unit for row in report.rows] == ["ms", "ms"]
    assert report.rows[0].workload.startswith("a history of 50,000 points")
    assert report.rows[0].value < 300  # a busy machine; the benchmark says how fast it is on a quiet one
