"""A race: turns, disturbed rounds, and peers that are not there."""

from __future__ import annotations

import math
import sys

import pytest

pytest.importorskip("torch")

import torch

from benchmarks.networks import mlp
from benchmarks.peers import race

pytestmark = pytest.mark.parity


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(race, "TURN", 1e-3)
    monkeypatch.setattr(race, "ROUNDS", (2, 3))


def network():
    return mlp((2, 3, 1), "Tanh", 4)


def test_each_peer_gets_a_row_with_its_version_threads_and_target():
    (row,) = race.race(network(), {"PyTorch": 12, "JAX": 1.2}, ["PyTorch"], threads=1)
    assert row.workload == "MLP 2-3-1, batch 4, SGD"
    assert row.peer == f"PyTorch {torch.__version__.split('+')[0]}"
    assert (row.threads, row.target) == (1, 12)
    assert row.value > 0


def test_a_peer_that_cannot_do_it_gets_no_row():
    pytest.importorskip("micrograd")
    assert [row.peer.split()[0] for row in race.race(network(), {}, ["PyTorch", "micrograd"])] == ["PyTorch"]


@pytest.mark.parametrize("name", ["JAX", "autograd", "micrograd"])
def test_a_peer_that_is_not_installed_gets_a_row_that_says_so(name, monkeypatch):
    monkeypatch.setitem(sys.modules, {"micrograd": "micrograd.engine"}.get(name, name.lower()), None)
    row, _ = race.race(network(), {name: 1.2}, [name, "PyTorch"])
    assert row.note == "not installed"
    assert math.isnan(row.value)
    assert row.met


def test_where_torch_does_not_compile_a_row_says_so(monkeypatch):
    def broken(*batch):
        raise RuntimeError("no C++ compiler")

    monkeypatch.setattr(torch, "compile", lambda computes: broken)
    (row,) = race.race(network(), {}, ["torch.compile"])
    assert row.note == "does not compile here (RuntimeError)"


def test_a_peer_that_computes_something_else_stops_the_race(monkeypatch):
    monkeypatch.setattr("benchmarks.peers.graphlab.LR", 0.02)
    with pytest.raises(AssertionError, match=r"MLP 2-3-1, batch 4, SGD, graphlab: losses"):
        race.race(network(), {}, ["PyTorch"])


def test_disturbed_rounds_are_left_out_on_both_sides():
    ours = [1.0] * 20 + [5.0, 1.0]
    theirs = [10.0] * 20 + [10.0, 90.0]
    assert race.undisturbed(ours, theirs) == ([1.0] * 20, [10.0] * 20)


def test_on_a_machine_that_is_never_calm_the_calmest_rounds_count():
    ours = [1.0 + k for k in range(30)]
    mine, its = race.undisturbed(ours, [2 * t for t in ours])
    assert mine == ours[:11]
    assert its == [2 * t for t in ours[:11]]
