"""The benchmark of memory: what a process takes beyond its imports while it trains."""

from __future__ import annotations

import sys

import pytest

pytest.importorskip("torch")

from benchmarks import memory
from benchmarks.networks import mlp

pytestmark = [
    pytest.mark.parity,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells"),
]


def test_weights_count_whoever_holds_them(monkeypatch):
    wide = mlp((2000, 2000, 10), "ReLU", 4)  # 16 MB of weights, and as much of gradients
    monkeypatch.setitem(memory.WORKLOADS, "wide", lambda: wide)
    assert 32 < memory.growth("wide", "graphlab") < 100
    assert 32 < memory.growth("wide", "PyTorch") < 100


def test_elsewhere_a_row_says_why_it_is_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "RESET", tmp_path / "no such file")
    assert memory.row("lenet", "LeNet").note == "only Linux tells"
