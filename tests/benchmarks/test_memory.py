"""The benchmark of memory: what a process takes beyond its imports while it trains."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest

pytest.importorskip("torch")

from benchmarks import memory
from benchmarks.networks import mlp

pytestmark = [
    pytest.mark.parity,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells"),
]


def growth_of_wide_layers(who):
    """In megabytes: 16 of weights, and as much of gradients."""
    memory.WORKLOADS["wide"] = lambda: mlp((2000, 2000, 10), "ReLU", 4)
    return memory.growth("wide", who)


@pytest.mark.parametrize("who", ["graphlab", "PyTorch"])
def test_weights_count_whoever_holds_them(who):
    fresh = multiprocessing.get_context("spawn")  # this process has memory to spare from other tests
    with ProcessPoolExecutor(1, fresh) as process:
        assert 32 < process.submit(growth_of_wide_layers, who).result() < 100


def test_elsewhere_a_row_says_why_it_is_empty(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "RESET", tmp_path / "no such file")
    assert memory.row("lenet", "LeNet").note == "only Linux tells"
