"""What every test runs under: no screen unless a real X server is asked for, and nobody's own settings."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest

FEW = 3  # walks through a window in a file
# Files of a minute and more: whoever is given one at the end, all wait for.
LONG = ("test_stateful.py", "test_random_events.py")

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
def own_home(request: pytest.FixtureRequest, homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of the test's own: it finds and leaves no settings, recent files or autosaves.

    The operations know no files, and their tests are the most by far: they go without, and are done sooner.
    """
    if "ops" in request.path.parts:
        return Path()
    home = next(homes)
    home.mkdir()
    for name in ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    return home


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Garbage is collected in the tests' thread alone, as in a window's: see `graphlab.ui.tidying`."""
    if "PySide6.QtCore" in sys.modules:
        from graphlab.ui.tidying import tidy

        gc.disable()
        tidy()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On CI some of the walks through a whole window; and without PyTorch no comparison with it, unless demanded."""
    if os.environ.get("CI") and not os.environ.get("GRAPHLAB_TEST_WINDOWS"):
        _thin_out(config, items)
    _skip_parity(items)
    items.sort(key=lambda item: item.path.name not in LONG)


def _thin_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each opens a window of its own, most with an engine: together they take longer than all the rest.

    It is the same two in nine each time, some of every file; of the published cases, and where there are few, all.
    """
    walks = [item for item in items if "make" in getattr(item, "fixturenames", ())]
    in_file = Counter(item.path for item in walks)
    gone = {
        item
        for item in walks
        if in_file[item.path] > FEW
        and "cases" not in item.path.parts
        and crc32(item.nodeid.encode()) % 9 not in (0, 3)
    }
    config.hook.pytest_deselected(items=list(gone))
    items[:] = [item for item in items if item not in gone]


def _skip_parity(items: list[pytest.Item]) -> None:
    """Unless `dev.py test --parity` demands them."""
    if importlib.util.find_spec("torch") or os.environ.get("GRAPHLAB_TEST_PARITY"):
        return
    for item in items:
        if item.get_closest_marker("parity"):
            item.add_marker(pytest.mark.skip(reason="needs the parity extra (PyTorch)"))
