"""What tests of pictures in the plane share: a panel of a session with a real engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.ui.plane.outlook_panel import OutlookPanel
from graphlab.ui.session import Session

WAIT = 20_000
Open = Callable[..., Any]


@pytest.fixture
def open_panel(qtbot: Any) -> Iterator[Open]:
    """`open_panel(cls, graph, weights)`: a shown panel, once it has an answer drawn (unless `answered` is False)."""
    made: list[Session] = []

    def begin(
        cls: type[OutlookPanel], graph: Graph, weights: dict[str, Any] | None = None, answered: bool = True
    ) -> OutlookPanel:
        session = Session(Graph("before"))
        made.append(session)
        session.open(graph, weights=weights)
        panel = cls(session)
        qtbot.addWidget(panel)
        panel.resize(520, 420)
        panel.show()
        qtbot.waitExposed(panel)
        if answered:
            qtbot.waitUntil(lambda: panel.answer is not None, timeout=WAIT)
        return panel

    yield begin
    for session in made:
        session.close()
