"""What a crash left behind is offered once, kept, found again by hand, and taken away after a month."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from graphlab.io import Autosave, orphans
from graphlab.ui import recovery
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make, small


@pytest.fixture
def left_behind(make: Make) -> Path:
    """An autosave whose program is gone. `make` comes first: it says where settings lie."""
    autosave = Autosave(recovery.folder())
    autosave.write(small().document)
    autosave._lock.release()  # as when the process died
    return autosave.path


def is_offered(window: MainWindow) -> bool:
    return window.stage.banner.isVisible()


def test_an_offer_without_an_answer_is_not_made_again_but_can_be_asked_for(
    make: Make, left_behind: Path
) -> None:
    first = make()
    assert first.recovery.offer()
    assert is_offered(first)
    first.close()
    second = make()
    assert not second.recovery.offer()
    assert not is_offered(second)
    assert left_behind.exists()
    second.actions_.run("file.recover")
    assert is_offered(second)


def test_the_start_page_leaves_room_for_the_offer(make: Make, left_behind: Path) -> None:
    window = make()
    window.recovery.offer()
    assert window.stage.start_page.geometry().top() >= window.stage.banner.geometry().bottom()


def test_what_nobody_wanted_for_a_month_goes(make: Make, left_behind: Path) -> None:
    kept = msgspec.json.decode(left_behind.read_bytes())
    kept["saved_at"] = time.time() - recovery.KEPT - 60
    left_behind.write_bytes(msgspec.json.encode(kept))
    assert not make().recovery.offer()
    assert not left_behind.exists()
    assert orphans(recovery.folder()) == []


def test_asking_when_there_is_nothing_says_so(make: Make) -> None:
    window = make()
    window.actions_.run("file.recover")
    assert "nothing to recover" in window.session.notices[-1].text
