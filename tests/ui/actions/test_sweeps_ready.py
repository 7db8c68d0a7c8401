"""Ready-made sweeps from the menu: what is begun, what is shown, and that the document stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.graph.searching import target_text
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.actions.registry import actions

IDS = ("run.learning_curve", "run.capacity", "run.rate_range")


def by_id(id: str) -> Any:
    return next(each for each in actions() if each.id == id)


@pytest.fixture
def begun(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Any:
    """A window on digits-mlp, and what sweeps it begins."""
    window = make(load(example("digits-mlp").path)[0])
    started: list[Any] = []
    sittings = window.session.sweeping.sittings
    monkeypatch.setattr(sittings, "start", lambda document, kind: started.append((document, kind)))
    return window, started


def test_a_learning_curve_begins_with_one_click_and_leaves_the_document_alone(begun: Any) -> None:
    window, started = begun
    before = window.session.whole
    by_id("run.learning_curve").run(window)
    ((document, kind),) = started
    assert (kind, document.sweep.searches[0].name) == ("learning curve", "rows")
    assert window.session.whole is before
    assert window.docks["sweep_views"].isVisible()


def test_capacity_is_that_of_the_selected_layer_or_else_the_first(begun: Any) -> None:
    window, started = begun
    by_id("run.capacity").run(window)
    window.session.select({window.session.document.node("out").id})  # that of the classes cannot grow
    by_id("run.capacity").run(window)
    for document, kind in started:
        assert kind == "capacity"
        assert target_text(document, document.sweep.searches[0]) == "hidden.units"


def test_the_rate_finder_begins(begun: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    window, _ = begun
    sent: list[Any] = []
    monkeypatch.setattr(window.session.engine, "send", sent.append)
    by_id("run.rate_range").run(window)
    assert window.docks["rates"].isVisible()
    assert sent


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
