"""A window for tests: shown, with settings of its own, and nobody is asked anything unless the test says so."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.ui import settings
from graphlab.ui.app import application
from graphlab.ui.session import Session
from graphlab.ui.window import MainWindow

PATIENCE = 20_000  # milliseconds for what another process does
Make = Callable[..., MainWindow]


def small() -> Graph:
    """x → hidden (Linear) → act (Tanh), unchanged since it was made."""
    graph = Graph("small")
    x = graph.add("Input", name="x", shape=("N", 2))
    graph.add("Tanh", graph.add("Linear", x, name="hidden", units=3), name="act")
    return Graph(graph.document)


def windows(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Gives `make(graph=None, engine=False)` and closes what it made."""
    monkeypatch.setenv(settings.PLACE, str(tmp_path / "settings"))
    made: list[MainWindow] = []

    def window(graph: Graph | None = None, *, engine: bool = False) -> MainWindow:
        application()
        new = MainWindow(Session(graph, engine=engine))
        new.files.ask = lambda name: pytest.fail("nobody should be asked here")
        made.append(new)
        new.show()
        qtbot.waitExposed(new)
        return new

    yield window
    for each in made:
        each.files.ask = lambda name: "discard"
        each.close()
        each.deleteLater()
    QApplication.processEvents()
    sweep()


def sweep() -> None:
    """Deletes what Qt was told to delete later: no event loop runs between tests to do it."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
