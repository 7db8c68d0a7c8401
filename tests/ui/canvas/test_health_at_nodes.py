"""What is not well is told at its node: a badge, the tooltip, the menu with the fix, and a card in the inspector."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ui.canvas.draw_health import FROM_AFAR, SIDE, badge_area
from graphlab.ui.session import Session
from graphlab.ui.theme import theme
from tests.ui.window_trial import PATIENCE, Make

from .conftest import Desk, Hand, show


def unwell() -> Graph:
    """A Softmax before the loss, rows in their order, and a node that nobody reads."""
    g = Graph("unwell")
    data = g.add("Dataset", dataset="iris", name="data", position=(0, 0))
    h = g.add("Linear", data["x"], units=8, name="hidden", position=(240, 0))
    a = g.add("Tanh", h, name="act", position=(480, 0))
    g.add("Square", a, name="stray", position=(720, 200))
    y = g.add("Linear", a, units=3, name="out", position=(720, 0))
    g.add(
        "CrossEntropyLoss", g.add("Softmax", y, name="last", position=(960, 0)), data["target"], name="loss"
    )
    g.move({"loss": (1200, 0)})
    g.configure(shuffle=False)
    return Graph(g.document)


@pytest.fixture
def hand(qtbot: Any) -> Any:
    session = Session(unwell(), engine=False)
    view = show(qtbot, session)
    view.camera.set((40.0, 120.0, 0.6))
    view.camera_changed()
    qtbot.waitUntil(lambda: bool(session.health.ailing()), timeout=PATIENCE)
    yield Hand(view)
    session.close()


def kinds(session: Session) -> dict[str, list[str]]:
    nodes = session.document.nodes
    return {nodes[node].name: [c.kind for c in found] for node, found in session.health.ailing().items()}


def is_badged(hand: Hand, name: str) -> bool:
    """Whether the badge is painted: its colour stands beside the mark in the middle."""
    area = badge_area(hand.view.scene, hand.view.camera, hand.id(name))
    at = QPointF(area.center().x() - area.width() * 0.22, area.bottom() - area.height() * 0.14).toPoint()
    seen = hand.view.grab().toImage().pixelColor(at)
    return _apart(seen, theme().warning) < 40


def _apart(a: QColor, b: QColor) -> int:
    return abs(a.red() - b.red()) + abs(a.green() - b.green()) + abs(a.blue() - b.blue())


@pytest.mark.parametrize("zoom", [1.0, 0.6, 0.15])
def test_a_badge_stands_at_what_is_not_well_and_nowhere_else(
    hand: Hand, each_theme: Any, zoom: float
) -> None:
    hand.view.resize(1400, 700)
    hand.view.camera.set((40.0, 120.0, zoom))
    hand.view.camera_changed()
    assert kinds(hand.view.session) == {"loss": ["wrong loss"], "stray": ["unused"]}
    badged = [name for name in ("data", "hidden", "stray", "out", "loss") if is_badged(hand, name)]
    assert badged == ["stray", "loss"]
    side = badge_area(hand.view.scene, hand.view.camera, hand.id("loss")).width()
    assert side == (FROM_AFAR if zoom < 0.4 else SIDE)


def test_the_tooltip_tells_evidence_and_fix(hand: Hand) -> None:
    tip = hand.view.tip_at(QPointF(hand.header("loss")))
    assert "loss takes scores, but last gives probabilities" in tip
    assert "Leave last out" in tip
    assert "⚠" not in hand.view.tip_at(QPointF(hand.header("hidden")))


def test_the_menu_of_the_node_mends_it_in_one_step_that_is_undone(hand: Hand, qtbot: Any) -> None:
    from graphlab.ui.canvas.menus import menu_at

    session = hand.view.session
    entries = {a.text(): a for a in menu_at(hand.view, QPointF(hand.header("loss"))).actions()}
    entries["Leave last out"].trigger()
    assert session.document.node("last").muted
    qtbot.waitUntil(lambda: kinds(session) == {"stray": ["unused"]}, timeout=PATIENCE)
    assert not is_badged(hand, "loss")
    session.graph.undo()
    qtbot.waitUntil(lambda: "loss" in kinds(session), timeout=PATIENCE)
    assert not session.document.node("last").muted


def test_a_branch_goes_by_its_menu_and_comes_back(hand: Hand, qtbot: Any) -> None:
    from graphlab.ui.canvas.menus import menu_at

    session = hand.view.session
    entries = {a.text(): a for a in menu_at(hand.view, QPointF(hand.header("stray"))).actions()}
    entries["Delete stray"].trigger()
    assert "stray" not in session.document.ids_by_name
    qtbot.waitUntil(lambda: kinds(session) == {"loss": ["wrong loss"]}, timeout=PATIENCE)
    session.graph.undo()
    qtbot.waitUntil(lambda: "stray" in kinds(session), timeout=PATIENCE)


def test_in_a_group_it_is_told_at_the_group_and_inside_at_the_node(hand: Hand, qtbot: Any) -> None:
    session = hand.view.session
    session.graph.group("stray", "act", name="cell")
    qtbot.waitUntil(lambda: "cell" in kinds(session), timeout=PATIENCE)
    assert session.enter(hand.id("cell"))
    qtbot.waitUntil(lambda: kinds(session) == {"stray": ["unused"]}, timeout=PATIENCE)


@pytest.fixture
def window(make: Make, qtbot: Any) -> Desk:
    window = make(unwell(), engine=True)
    window.resize(1440, 900)
    qtbot.waitUntil(lambda: window.session.loaded is not None, timeout=PATIENCE)
    window.canvas.motion.enabled = False
    window.canvas.frame_all()
    return Desk(window)


def test_what_a_batch_shows_is_told_once_the_run_has_gone_back(window: Desk, qtbot: Any) -> None:
    session = window.session
    assert "data" not in kinds(session)
    session.phase("backward")
    qtbot.waitUntil(lambda: kinds(session).get("data") == ["unshuffled"], timeout=PATIENCE)
    window.click(window.header("data"))
    ailments = window.window.docks["inspector"].build().node_page.ailments
    assert ailments.isVisible()
    (card,) = ailments.cards
    assert "runs of one class" in card.message.text()
    assert card.accessibleName().startswith("unshuffled: ")
    before = len(session.root.history)
    QTest.mouseClick(card.buttons[0], Qt.MouseButton.LeftButton)
    assert session.whole.training.shuffle
    assert len(session.root.history) == before + 1
    qtbot.waitUntil(lambda: "data" not in kinds(session), timeout=PATIENCE)
    assert not ailments.isVisible()
    session.root.undo()
    qtbot.waitUntil(lambda: kinds(session).get("data") == ["unshuffled"], timeout=PATIENCE)
    assert not session.whole.training.shuffle


def test_slow_motion_goes_on_though_the_run_is_looked_at(window: Desk, qtbot: Any) -> None:
    session = window.session
    session.player.set_level(max(1, session.player._level - 1))
    session.train()
    qtbot.waitUntil(lambda: session.status.step >= 2, timeout=PATIENCE)
    assert session.is_running
    session.pause()
