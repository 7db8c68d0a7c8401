"""The wheel alone, in an empty folder: examples, figures and icons travel inside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel installs, and nothing of this checkout."""
    made = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = made.glob("graphlab-*.whl")
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


def graphlab(installed: Path, folder: Path, *arguments: str) -> str:
    here = f"assert graphlab.__file__.startswith({str(installed)!r})"
    code = f"import graphlab; {here}; from graphlab.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_lists_the_examples(installed: Path, tmp_path: Path) -> None:
    listed = json.loads(graphlab(installed, tmp_path, "examples", "--json"))
    assert {"xor", "digits-mlp", "digits-cnn"} <= {example["name"] for example in listed}


def test_it_trains_an_example_on_figures_of_its_own(installed: Path, tmp_path: Path) -> None:
    assert "accuracy" in graphlab(installed, tmp_path, "train", "digits-mlp", "--epochs", "1")


def test_it_draws_the_window_with_icons_of_its_own(installed: Path, tmp_path: Path) -> None:
    graphlab(installed, tmp_path, "shot", "colah", "colah.png")
    assert (tmp_path / "colah.png").stat().st_size > 50_000
    assert (installed / "graphlab" / "resources" / "icons").is_dir()
