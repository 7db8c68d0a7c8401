"""The operations' benchmark covers every operation, and compares like with like."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import numpy as np

from benchmarks import op_cases
from benchmarks import ops as module
from benchmarks.op_cases import SIZES, cases, measured
from graphlab import ops

TINY = [pytest.param(cases(op)[0], id=op.__name__) for op in measured()]


def test_every_operation_that_pytorch_has_is_measured():
    known = {op for family in ops.by_category().values() for op in family if not op.source and not op.role}
    assert {op.__name__ for op in known - set(measured())} == {"Parameter", *op_cases.UNLIKE}
    for op in measured():
        assert len(cases(op)) == len(SIZES)


@pytest.mark.parity
@pytest.mark.parametrize("case", TINY)
def test_both_sides_do_the_same(case):
    ours = module.our_side(case)
    theirs = module.their_side(ours)
    module.check_same(ours, theirs)


@pytest.mark.parity
def test_sides_that_differ_are_refused():
    ours = module.our_side(cases(ops.get("Tanh"))[0])
    theirs = module.their_side(ours)
    theirs.results = theirs.results + 1
    with pytest.raises(AssertionError, match="Tanh"):
        module.check_same(ours, theirs)


@pytest.mark.parity
def test_targets_get_no_gradient_and_parameters_do():
    loss = module.our_side(cases(ops.get("MSELoss"))[0])
    assert set(loss.gradients) == {"input"}
    layer = module.our_side(cases(ops.get("Linear"))[0])
    assert set(layer.gradients) == {"x", "weight", "bias"}


@pytest.mark.parity
def test_the_calls_compute_the_gradient_from_the_upstream_one():
    tanh = module.our_side(cases(ops.get("Tanh"))[0])
    tanh.gradients["x"][...] = np.nan
    tanh.step()
    wanted = tanh.upstream["y"] * (1 - np.tanh(tanh.arrays["x"]) ** 2)
    np.testing.assert_allclose(tanh.gradients["x"], wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parity
@pytest.mark.parametrize("words", [["Gelu"], ["--only", "Tanh"]])
def test_words_that_name_nothing_are_refused_before_anything_is_measured(words, monkeypatch):
    monkeypatch.setattr(module, "measure", lambda names: pytest.fail("measured"))
    with pytest.raises(SystemExit) as caught:
        module.main(words)
    assert caught.value.code == 2


def test_only_the_chosen_operations_are_measured(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("benchmarks.report.RESULTS", tmp_path)
    monkeypatch.setattr(module, "SECONDS", 1e-5)
    assert module.main(["Tanh"]) == 0
    shown = capsys.readouterr().out
    assert all(f"Tanh, {size.name}" in shown for size in SIZES)
    assert "ReLU" not in shown
    assert [path.name for path in tmp_path.iterdir()] == ["ops-chosen.json"]
