"""Ready-made sweeps from the menu: what is begun, what is shown, and that the document stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphlab.engine.messages import FindRate
from graphlab.graph import Graph
from graphlab.graph.searching import target_text
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.actions.registry import actions

IDS = ("run.learning_curve", "run.capacity", "run.rate_range")


def by_id(id: str) -> Any:
    return next(each for each in actions() if each.id == id)


def test_ready_made_sweeps_begin_with_one_click_and_leave_the_document_alone(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Capacity is that of the selected layer, or else of the first; that of the classes cannot grow."""
    window = make(load(example("digits-mlp").path)[0])
    session, before = window.session, window.session.whole
    begun: list[Any] = []
    monkeypatch.setattr(
        session.sweeping.sittings, "start", lambda document, kind: begun.append((document, kind))
    )
    by_id("run.learning_curve").run(window)
    assert window.docks["sweep_views"].isVisible()
    by_id("run.capacity").run(window)
    session.select({session.document.node("out").id})
    by_id("run.capacity").run(window)
    told = [(kind, target_text(document, document.sweep.searches[0])) for document, kind in begun]
    assert told == [("learning curve", "rows"), ("capacity", "hidden.units"), ("capacity", "hidden.units")]
    assert session.whole is before
    sent: list[Any] = []
    monkeypatch.setattr(session.engine, "send", sent.append)
    by_id("run.rate_range").run(window)
    assert window.docks["rates"].isVisible()
    assert [command for command in sent if isinstance(command, FindRate)]


def test_without_a_loss_they_are_off_and_without_a_size_it_is_said(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    window = make()
    assert not any(by_id(id).when(window) for id in IDS)
    said: list[Any] = []
    window.session.notice.connect(said.append)
    window.session.open(Graph("none"))
    by_id("run.capacity").run(window)
    assert "Nothing here has a size" in said[-1].text
