"""`graphlab lr-find` and `graphlab race`: what they print, that files stay, and that the same ends the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphlab.io import save
from tests.engine.experiments.test_cut import valley
from tests.engine.networks import winding_graph


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "winding.graphlab"
    save(winding_graph(epochs=4), path)
    return path


def test_a_rate_is_suggested_and_the_file_stays(call: Any, file: Path) -> None:
    before = file.read_bytes()
    result = call("lr-find", str(file), "--low", "1e-4", "--steps", "60")
    assert result.code == 0, result.err
    assert "mean loss" in result.out
    assert "The loss fell fastest at" in result.out
    assert "Try --lr" in result.out
    assert file.read_bytes() == before


def test_the_rates_as_json_are_evenly_apart(call: Any, file: Path) -> None:
    found = call("lr-find", str(file), "--low", "1e-3", "--high", "1", "--steps", "31", "--json").json
    assert found["rates"][:2] == pytest.approx([1e-3, 1e-3 * 10**0.1])
    assert len(found["losses"]) == len(found["smoothed"]) == len(found["rates"])
    assert found["ended"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--low", "1", "--high", "0.1"), "cannot be tried"),
        (("--steps", "3"), "no trial"),
    ],
)
def test_impossible_rates_are_refused(call: Any, file: Path, options: tuple[str, ...], words: str) -> None:
    result = call("lr-find", str(file), *options)
    assert result.code == 2
    assert words in result.err


def test_a_race_is_told_in_order_and_ends_the_same_twice(call: Any, file: Path) -> None:
    command = ("race", str(file), "--optimizers", "SGD:0.0001,Adam,Lion:0.001", "--seed", "5", "--json")
    one, two = (call(*command).json for _ in range(2))
    assert one["steps"] == 12
    assert one["seed"] == 5
    assert [r["losses"] for r in one["racers"]] == [r["losses"] for r in two["racers"]]
    losses = [r["validation_loss"] for r in one["racers"]]
    assert losses == sorted(losses)
    assert one["racers"][-1]["optimizer"] == "SGD"


def test_the_table_of_a_race_names_who_diverged(call: Any, tmp_path: Path) -> None:
    path = tmp_path / "valley.graphlab"
    save(valley(), path)
    result = call("race", str(path), "--optimizers", "SGD:10,adam:0.05")
    assert result.code == 0, result.err
    assert "diverged at step" in result.out
    assert result.out.index("Adam") < result.out.index("SGD")


@pytest.mark.parametrize(
    ("racers", "words"),
    [
        ("Adm", "no optimizer 'Adm'"),
        ("SGD:fast", "no learning rate"),
        ("SGD:0.1,SGD:0.1", "races twice"),
        ("SGD:0", "lr cannot be 0"),
    ],
)
def test_impossible_races_are_refused(call: Any, file: Path, racers: str, words: str) -> None:
    result = call("race", str(file), "--optimizers", racers)
    assert result.code == 2
    assert words in result.err
