"""Tools: the loss surface, a learning rate, and a race, from the menu to what the engine finds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from graphlab.engine.messages import FindRate
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui.actions.registry import actions
from graphlab.ui.panels.race import RacePanel
from graphlab.ui.panels.surface import SurfacePanel
from tests.ui.window_trial import PATIENCE

IDS = ("tools.loss_surface", "tools.find_rate", "tools.race")


def by_id(id: str) -> Any:
    return next(each for each in actions() if each.id == id)


def test_the_valley_is_raced_through_with_its_surface_in_view(make: Callable[..., Any], qtbot: Any) -> None:
    """With the real engine: what a student does with the example."""
    graph = load(example("valley").path)[0]
    graph.configure(epochs=60)
    window = make(graph, engine=True)
    surface, race = (window.docks[id].build() for id in ("surface", "race"))
    assert isinstance(surface, SurfacePanel)
    assert isinstance(race, RacePanel)
    by_id("tools.loss_surface").run(window)
    qtbot.waitUntil(lambda: surface.shown is not None, timeout=PATIENCE)
    assert surface.kind == "parameters"
    by_id("tools.race").run(window)
    race.run_button.click()
    qtbot.waitUntil(lambda: race.raced is not None and race.raced.is_done, timeout=PATIENCE)
    names = [racer.name for racer in race.running]
    assert len(names) == 4
    qtbot.waitUntil(
        lambda: surface.shown is not None and list(surface.shown.ways) == ["", *names], timeout=PATIENCE
    )


def test_a_rate_is_looked_for_at_once(make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    window = make(load(example("valley").path)[0])
    sent: list[Any] = []
    monkeypatch.setattr(window.session.engine, "send", sent.append)
    assert all(by_id(id).when(window) for id in IDS)
    by_id("tools.find_rate").run(window)
    assert window.docks["rates"].isVisible()
    assert [command for command in sent if isinstance(command, FindRate)]


def test_without_a_goal_they_are_off(make: Callable[..., Any]) -> None:
    window = make()
    assert not any(by_id(id).when(window) for id in IDS)
