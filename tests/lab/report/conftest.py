"""A document with runs and a sweep of it, trained once for all tests of reports."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphlab.cli.program import program
from graphlab.io import load, save
from graphlab.io.examples import example
from tests.lab.sweeps.made import made_sweep

EPOCHS = 3


def train(*words: object) -> None:
    done = CliRunner().invoke(program, ["train", *map(str, words)])
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="package")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """digits.graphlab with three runs (two of them differ in the seed alone) and a sweep."""
    folder = tmp_path_factory.mktemp("report")
    path = folder / "digits.graphlab"
    graph, _ = load(example("digits-mlp").path)
    graph.rename("hidden", "<script>alert(1)")
    graph.add_note('A note with "quotes", <b>tags</b> & signs', (0.0, -260.0))
    save(graph, path)
    for words in (("--seed", 1), ("--seed", 2), ("--lr", 0.05)):
        train(path, "--epochs", EPOCHS, *words)
    made_sweep(folder / "digits.sweeps")
    return path


@pytest.fixture
def trained(trained_once: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed at will."""
    shutil.copytree(trained_once.parent, tmp_path / "own")
    return tmp_path / "own" / trained_once.name
