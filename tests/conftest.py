"""What every test runs under: no screen unless a real X server is asked for, and nobody's own settings."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

# Read by Qt when it starts, so before any test module can import it.
os.environ.pop(
    "COLUMNS", None
)  # a process that runs a part of the tests would have 80, whatever stands outside
os.environ["QT_QPA_PLATFORM"] = "xcb" if os.environ.get("GRAPHLAB_TEST_X") else "offscreen"
os.environ.setdefault("QT_ACCESSIBILITY", "0")  # no bus on a build machine
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # tests compare figures; threads only add noise


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Folders not there yet, all in one: pytest looks through all that it has made itself for a number that is free."""
    base = tmp_path_factory.mktemp("homes")
    return (base / str(number) for number in count())


@pytest.fixture(autouse=True)
def own_home(homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own: it finds and leaves no settings, recent files or autosaves."""
    home = next(homes)
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    return home


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without PyTorch the comparisons with it are skipped, unless `dev.py test --parity` demands them."""
    if importlib.util.find_spec("torch") or os.environ.get("GRAPHLAB_TEST_PARITY"):
        return
    for item in items:
        if item.get_closest_marker("parity"):
            item.add_marker(pytest.mark.skip(reason="needs the parity extra (PyTorch)"))
