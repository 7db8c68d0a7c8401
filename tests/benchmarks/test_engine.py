"""The engine's benchmark: its rows, how some of them are chosen, and when results are kept."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from benchmarks import engine
from benchmarks import report as reports
from benchmarks.report import Row

pytestmark = pytest.mark.parity


@pytest.fixture
def measured(monkeypatch, tmp_path):
    """Nothing is measured; what would be is noted."""
    asked: list[tuple[str, int]] = []

    def rows(lines, threads, peers):
        asked.extend((line.key, threads) for line in lines)
        return [Row(line.key, 1.0, target=2, threads=threads, peer=peers[0]) for line in lines]

    monkeypatch.setattr(engine, "rows", rows)
    monkeypatch.setattr(reports, "RESULTS", tmp_path / "results")
    return asked


def test_the_targets_against_pytorch_are_those_we_set_ourselves():
    wanted = [10, 10, 12, 1.3, 1.3, 2, 3, 3, 1.5, 2.5, 3.5, 1.3, 1.3, 2, 1.3, 1, 1, 1.3, 2, 1.2, 1, 1, 1]
    assert [line.targets["PyTorch"] for line in engine.LINES] == wanted


def test_every_row_is_measured_with_each_number_of_threads_and_kept(measured, tmp_path):
    assert engine.main([]) == 0
    assert measured == [(line.key, threads) for threads in (1, 2) for line in engine.LINES]
    assert (tmp_path / "results" / "engine.json").exists()


def test_with_several_threads_only_those_are_peers_who_use_them(monkeypatch):
    asked = {}

    def rows(lines, threads, peers):
        asked[threads] = peers
        return []

    monkeypatch.setattr(engine, "rows", rows)
    engine.main(["--only", "gru"])
    assert asked == {1: list(engine.PEERS), 2: ["PyTorch", "JAX"]}


def test_some_rows_are_measured_by_a_part_of_their_key_and_not_kept(measured, tmp_path):
    engine.main(["--only", "lenet", "gru", "--threads", "1"])
    assert measured == [(key, 1) for key in ("lenet-1", "lenet-16", "lenet-64", "gru", "unrolled-gru-loop")]
    assert not (tmp_path / "results").exists()


def test_check_names_each_row_that_falls_short(measured, capsys):
    assert engine.main(["--only", "gru", "--threads", "2", "--peers", "JAX", "--check"]) == 1
    assert "short: gru, 2 threads: 1 × against JAX, wanted at least 2 ×" in capsys.readouterr().out


def test_a_row_that_is_not_there_is_refused_with_those_that_are(measured, capsys):
    with pytest.raises(SystemExit):
        engine.main(["--only", "perceiver"])
    assert "there are scalar, xor, mlp-small" in capsys.readouterr().err


def test_a_process_of_its_own_measures():
    line = next(line for line in engine.LINES if line.key == "xor")
    (row,) = engine.rows([line], 1, ["PyTorch"])
    assert row.threads == 1
    assert row.value > 1
