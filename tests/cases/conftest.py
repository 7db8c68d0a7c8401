"""The published cases are walked in a window of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nursery import forked_engines  # noqa: F401  (for every test here)
from tests.ui.window_trial import Make, windows


@pytest.fixture
def make(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """`make(graph, engine=True)`: a shown window with settings of its own."""
    yield from windows(qtbot, tmp_path, monkeypatch)
