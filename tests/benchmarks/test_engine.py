"""The engine's benchmark compares like with like, and does not count what other programs disturbed."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from benchmarks import engine

pytestmark = pytest.mark.parity


def test_both_sides_of_every_workload_do_the_same():
    for workload in engine.workloads():
        engine.check_same(workload, engine.our_steps(workload), engine.their_steps(workload))


def test_the_targets_are_on_the_workloads_that_have_one():
    assert [w.target for w in engine.workloads()] == [10, None, 1, 2, None]


def test_disturbed_rounds_are_left_out_on_both_sides():
    ours = [1.0] * 20 + [5.0, 1.0]
    theirs = [10.0] * 20 + [10.0, 90.0]
    assert engine.undisturbed(ours, theirs) == ([1.0] * 20, [10.0] * 20)


def test_on_a_machine_that_is_never_calm_the_calmest_rounds_count():
    ours = [1.0 + k for k in range(30)]
    mine, its = engine.undisturbed(ours, [2 * t for t in ours])
    assert mine == ours[:11]
    assert its == [2 * t for t in ours[:11]]
