"""Benchmark reports: what counts as short, what is written, and what `--check` says."""

from __future__ import annotations

import json

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from benchmarks import report as module
from benchmarks.report import Report, Row, interleaved, number


@pytest.fixture(autouse=True)
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "RESULTS", tmp_path / "results")
    return tmp_path / "results"


def report(*rows: Row) -> Report:
    return Report("probe", "A probe", list(rows))


FAST = Row.ratio("small net", [1.0, 1.0, 1.1], [12.0, 11.0, 15.4], target=10, peer="PyTorch")
SLOW = Row.figure("open a file", [0.4, 0.5, 0.6], "s", target=0.3)


def test_a_ratio_is_the_median_of_neighbouring_runs():
    assert FAST.value == pytest.approx(12.0)
    assert FAST.spread == pytest.approx(3 / 12)


@pytest.mark.parametrize(
    ("value", "target", "direction", "met"),
    [
        (10, 10, "at least", True),
        (9.99, 10, "at least", False),
        (16, 16, "at most", True),
        (16.1, 16, "at most", False),
        (float("nan"), 10, "at least", False),
        (float("nan"), 10, "at most", False),
        (1, None, "at least", True),
    ],
)
def test_a_target_is_met_from_the_right_side(value, target, direction, met):
    assert Row("w", value, target=target, direction=direction).met is met


def test_check_fails_and_names_each_row_that_falls_short(capsys):
    assert report(FAST, SLOW).finish(["--check"]) == 1
    short = [line for line in capsys.readouterr().out.splitlines() if line.startswith("short:")]
    assert short == ["short: open a file: 0.5 s, wanted at most 0.3 s"]


def test_check_passes_when_every_target_is_met():
    assert report(FAST).finish(["--check"]) == 0


def test_without_check_a_missed_target_is_only_shown():
    assert report(SLOW).finish([]) == 0


def test_the_file_holds_every_row(results):
    report(FAST, SLOW).finish([])
    first, second = json.loads((results / "probe.json").read_text(encoding="utf-8"))["rows"]
    assert (first["workload"], first["ratio"], first["target"], first["peer"]) == (
        "small net",
        12.0,
        10,
        "PyTorch",
    )
    assert (second["value"], second["unit"], second["direction"], second["met"]) == (
        0.5,
        "s",
        "at most",
        False,
    )
    assert "spread" in first


def test_a_row_without_a_figure_says_why_and_misses_nothing(results, capsys):
    absent = Row.absent("small net", "JAX", "not installed", threads=2)
    assert report(absent).finish(["--check"]) == 0
    assert "not installed" in capsys.readouterr().out
    (row,) = json.loads((results / "probe.json").read_text(encoding="utf-8"))["rows"]
    assert (row["ratio"], row["note"], row["threads"]) == (None, "not installed", 2)


def test_the_machine_is_named_with_the_kernel_that_its_blas_runs(results):
    report(FAST).finish([])
    machine = json.loads((results / "probe.json").read_text(encoding="utf-8"))["machine"]
    assert f"NumPy {np.__version__} with " in machine
    (blas,) = [info for info in threadpool_info() if info["user_api"] == "blas"]
    assert blas.get("architecture", "") in machine


def test_what_is_not_to_be_kept_is_only_shown(results):
    report(FAST).finish([], keep=False)
    assert not results.exists()


def test_contenders_take_turns():
    calls: list[str] = []
    ours, peers = interleaved(lambda: calls.append("a"), lambda: calls.append("b"), rounds=3, seconds=1e-6)
    assert len(ours) == len(peers) == 3
    assert "".join(calls).count("ba") >= 2


@pytest.mark.parametrize(
    ("value", "shown"), [(0.012345, "0.0123"), (1.5, "1.5"), (37012, "37,000"), (12, "12")]
)
def test_numbers_are_short(value, shown):
    assert number(value) == shown
