"""What UI tests share: a session without an engine process, and tensors as the engine would send them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from graphlab.engine.messages import Frame, Tensor, TensorKey
from graphlab.graph import Graph
from graphlab.ui import display, theme
from graphlab.ui.panels import live
from graphlab.ui.panels.live import Pace
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of
from tests.nursery import forked_engines  # noqa: F401  (for every test here)
from tests.ui.window_trial import Make, sweep, windows


@pytest.fixture(autouse=True)
def swept_up() -> None:
    """What the test before told Qt to delete later is deleted now."""
    if QApplication.instance() is not None:
        sweep()


@pytest.fixture(autouse=True, scope="module")
def alone_on_the_screen() -> None:
    """A window that tests of another module have left open would have the mouse, and the keyboard."""
    for widget in QApplication.topLevelWidgets() if QApplication.instance() is not None else ():
        widget.hide()


@pytest.fixture(autouse=True)
def rested(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the thread worked for the tests before is no reason for a panel to wait."""
    monkeypatch.setattr(Pace, "_credit", live.BURST)
    monkeypatch.setattr(Pace, "_last", 0.0)
    monkeypatch.setattr(Pace, "_counted", time.perf_counter())
    monkeypatch.setattr(Pace, "_worked", time.thread_time())


@pytest.fixture(autouse=True)
def shown_as_at_first() -> Iterator[None]:
    """How values are shown holds for the whole program; the next test begins anew."""
    yield
    display.reset()


@pytest.fixture
def quiet_session(qtbot: Any) -> Iterator[Session]:
    """x → z (Linear) → h (Tanh), which feeds y and gate. No engine process."""
    graph = Graph("by hand")
    x = graph.add("Input", name="x", shape=("N", 3))
    h = graph.add("Tanh", graph.add("Linear", x, name="z", units=4), name="h")
    graph.add("Linear", h, name="y", units=2)
    graph.add("Linear", h, name="gate", units=2)
    session = Session(graph, engine=False)
    yield session
    session.close()


@pytest.fixture
def arrive(quiet_session: Session) -> Callable[..., None]:
    """`arrive("value", "h", "y", array)`: the engine sends that tensor of the node of that name."""

    def send(kind: str, name: str, socket: str, array: Any, *, fresh: bool = True) -> None:
        values = np.asarray(array, dtype=np.float32)
        key = TensorKey(kind, quiet_session.document.node(name).id, socket)
        tensor = Tensor(key, values.shape, "float32", fresh, stats_of(values), values)
        quiet_session.engine.frame.emit(quiet_session.engine.tensors.take(Frame(0, 1, (tensor,))))

    return send


@pytest.fixture(params=theme.NAMES)
def each_theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[theme.Theme]:
    """The program dressed in each theme in turn: it is dark before and after."""
    if theme.theme().name != "dark" or not qapp.styleSheet():
        theme.apply(qapp, "dark")
    if request.param == "dark":  # dressing it takes a while, with all that other tests have left
        yield theme.theme()
        return
    yield theme.apply(qapp, request.param)
    theme.apply(qapp, "dark")


@pytest.fixture
def make(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """`make(graph, engine=False)`: a shown window with settings of its own; nobody is asked anything."""
    yield from windows(qtbot, tmp_path, monkeypatch)
