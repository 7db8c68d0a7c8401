"""Zoom, pan, framing, level of detail, tooltips, menus, painting in both themes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from graphlab.engine.messages import ScheduleEntry, Status
from graphlab.ui.canvas.detail import Detail
from graphlab.ui.session import Session
from graphlab.ui.theme import Theme, theme

from .conftest import LEFT, NONE, Hand, show


def wheel(hand: Hand, at: QPoint, delta: int, modifiers: Qt.KeyboardModifier = NONE) -> None:
    event = QWheelEvent(
        QPointF(at),
        QPointF(hand.view.mapToGlobal(at)),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(hand.view, event)


def shot(hand: Hand, area: QRect | None = None) -> QImage:
    return hand.view.grab(area or hand.view.rect()).toImage()


def colours(image: QImage) -> set[int]:
    copy = image.convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(copy.constBits(), dtype=np.uint32)
    return set(np.unique(pixels & 0xFFFFFF).tolist())


def has(image: QImage, colour: QColor) -> bool:
    return (colour.rgb() & 0xFFFFFF) in colours(image)


def test_wheel_zooms_about_the_pointer(chain: Hand) -> None:
    at = chain.header("act")
    before = chain.view.camera.world(at.toPointF())
    wheel(chain, at, 240)
    assert chain.view.camera.zoom > 1.3
    after = chain.view.camera.world(at.toPointF())
    assert (after - before).manhattanLength() < 1e-6
    for _ in range(100):
        wheel(chain, at, -240)
    assert chain.view.camera.zoom == pytest.approx(0.02)


@pytest.mark.parametrize("space", [False, True])
def test_middle_drag_and_space_drag_pan(chain: Hand, space: bool) -> None:
    before, document = chain.header("act"), chain.view.session.document
    start = chain.pixel(300, 400)
    if space:
        QTest.keyPress(chain.view, Qt.Key.Key_Space)
    chain.drag(start, start + QPoint(50, -40), LEFT if space else Qt.MouseButton.MiddleButton)
    if space:
        QTest.keyRelease(chain.view, Qt.Key.Key_Space)
    assert chain.header("act") - before == QPoint(50, -40)
    assert chain.view.session.document is document
    assert not chain.view.space_is_down


def test_framing_shows_everything_and_the_selection(chain: Hand) -> None:
    chain.view.camera.set((5000.0, 5000.0, 3.0))
    chain.view.frame_all()
    room = chain.view.rect().toRectF()
    assert room.contains(chain.view.camera.screen_rect(chain.view.scene.bounds()))
    chain.view.session.select([chain.id("out")])
    chain.view.frame_selection()
    middle = chain.view.camera.screen(chain.view.scene.rect(chain.id("out")).center())
    assert (middle - chain.view.middle).manhattanLength() < 2


def test_framing_flies_and_arrives(chain: Hand, qtbot: Any) -> None:
    chain.view.motion.enabled = True
    chain.view.camera.set((3000.0, 2000.0, 2.0))
    chain.view.frame_all()
    assert chain.view.motion.is_flying
    qtbot.waitUntil(lambda: not chain.view.motion.is_flying)
    room = chain.view.rect().toRectF()
    assert room.contains(chain.view.camera.screen_rect(chain.view.scene.bounds()))


def test_detail_follows_the_zoom(chain: Hand) -> None:
    chain.view.frame_all()
    seen = set()
    for zoom in (2.0, 1.0, 0.5, 0.1):
        chain.view.zoom_by(zoom / chain.view.camera.zoom, chain.view.middle)
        seen.add(chain.view.detail)
        assert len(colours(shot(chain))) > 3
    assert seen == {Detail.NEAR, Detail.MID, Detail.FAR}


def test_far_out_sockets_cannot_be_grabbed_but_nodes_can(chain: Hand) -> None:
    chain.view.camera.set((100.0, 100.0, 0.2))
    chain.view.camera_changed()
    at = chain.output("hidden") - QPoint(2, 0)
    chain.drag(at, at + QPoint(0, 60))
    assert chain.view.session.document.node("hidden").position == (240, 400)
    assert len(chain.view.session.document.edges) == 3


def test_empty_canvas_shows_only_a_hint(empty: Hand) -> None:
    from graphlab.ui.canvas.draw_ground import HINT

    image = shot(empty)
    assert "Double-click" in HINT
    assert has(image, theme().canvas)
    assert len(colours(image)) > 2


def test_theme_switch_redraws(quiet_session: Session, qtbot: Any, each_theme: Theme) -> None:
    hand = Hand(show(qtbot, quiet_session))
    hand.view.frame_all()
    assert has(shot(hand), each_theme.canvas)
    from graphlab.ui import theme as themes

    other = themes.apply(QApplication.instance(), "light" if each_theme.is_dark else "dark")
    image = shot(hand)
    assert has(image, other.canvas)
    assert not has(image, each_theme.canvas)
    themes.apply(QApplication.instance(), each_theme.name)


def test_values_are_watched_only_for_what_is_in_view(quiet_session: Session, qtbot: Any) -> None:
    view = show(qtbot, quiet_session)
    view.frame_all()
    qtbot.waitUntil(lambda: {w.key.node for w in quiet_session.watching} == set(quiet_session.document.nodes))
    kinds = {w.key.kind for w in quiet_session.watching if w.key.node == quiet_session.document.node("h").id}
    assert kinds == {"value", "grad", "term"}
    view.camera.set((1e5, 1e5, 1.0))
    view.camera_changed()
    qtbot.waitUntil(lambda: not quiet_session.watching)


def test_new_value_changes_the_picture_of_its_node(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    hand = Hand(show(qtbot, quiet_session))
    hand.view.frame_all()
    area = hand.view.camera.screen_rect(hand.view.scene.rect(hand.id("h"))).toRect()
    before = shot(hand, area)
    arrive("value", "h", "y", [[1.0, -1.0, 0.5, 0.0]])
    middle = shot(hand, area)
    assert middle != before
    assert has(middle, theme().positive)
    assert has(middle, theme().negative)
    arrive("value", "h", "y", [[1.0, -1.0, 0.5, 0.0]], fresh=False)
    assert shot(hand, area) != middle


def test_sum_at_a_fan_out_names_each_path(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    from graphlab.ui.canvas.draw_sum import told

    view = show(qtbot, quiet_session)
    document = quiet_session.document
    h = document.node("h").id
    paths = [f"{document.node(n).id}.x" for n in ("y", "gate")]
    assert view.live.accounts(view.scene, h) == []
    arrive("term", "h", paths[0], [[0.1, 0.42]])
    (account,) = view.live.accounts(view.scene, h)
    said = told(account, ())
    assert [(row.name, row.figure) for row in said.rows] == [("via y", "+0.420"), ("via gate", "not yet")]
    assert (said.sum, said.is_whole) == ("1 of 2 · +0.4200 + …", False)
    arrive("term", "h", paths[1], [[0.1, -0.11]])
    (account,) = view.live.accounts(view.scene, h)
    assert account.told == "2 of 2 · +0.3100"
    arrive("grad", "h", "y", [[0.2, 0.31]])
    (account,) = view.live.accounts(view.scene, h)
    said = told(account, ("z",))
    assert said.title.endswith("∂h[0, 1] sums 2 paths")
    assert [row.name for row in said.rows] == ["via y", "via gate"]
    assert sum(value for _, value in account.terms) == pytest.approx(account.total)
    assert (said.sum, said.saved) == ("= +0.3100", "saved, not recomputed: used for z")


@pytest.mark.parametrize("phase", ["forward", "backward"])
def test_entry_just_computed_is_lit_in_its_phase(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any, phase: str
) -> None:
    hand = Hand(show(qtbot, quiet_session))
    hand.view.frame_all()
    entry = ScheduleEntry(phase, hand.id("h"))
    dark = shot(hand)
    quiet_session.engine.status = Status(1, "idle", 0, 0, 3, entry)
    quiet_session.status_changed.emit(quiet_session.status)
    lit = shot(hand)
    assert lit != dark
    assert has(lit, theme().phase(phase))
    quiet_session.engine.status = Status(1, "training", 0, 0, 3, entry)
    assert shot(hand) == dark


def test_every_kind_of_value_can_be_drawn(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any
) -> None:
    hand = Hand(show(qtbot, quiet_session))
    hand.view.frame_all()
    rng = np.random.default_rng(0)
    shapes = [(), (1,), (5,), (300,), (4, 1), (64, 64), (2, 3, 4), (2, 1, 8, 8), (2, 3, 8, 8), (2, 7, 5, 5)]
    pictures = set()
    for shape in [*shapes, (0,), (2, 0)]:
        arrive("value", "x", hand.view.scene.shape(hand.id("x")).outputs[0], rng.normal(size=shape))
        arrive("value", "h", "y", rng.normal(size=shape))
        arrive("grad", "h", "y", rng.normal(size=shape))
        pictures.add(bytes(shot(hand).constBits()))
    arrive("value", "h", "y", [[np.nan, np.inf, -np.inf]])
    arrive("value", "h", "y", np.nan)
    shot(hand)
    assert len(pictures) > len(shapes) - 2


def test_tooltips_tell_of_node_socket_and_wire(chain: Hand) -> None:
    tip = chain.view.tip_at(chain.header("hidden").toPointF())
    assert "hidden" in tip
    assert "48 parameters" in tip
    assert "N×16" in tip
    assert "its own parameter, 16×2" in chain.view.tip_at(chain.input("hidden", "weight").toPointF())
    assert "hidden.y → act.x" in chain.view.tip_at(chain.wire("act", "x").toPointF())
    assert chain.view.tip_at(chain.pixel(300, 500).toPointF()) == ""


def titles(menu: QMenu) -> list[str]:
    return [action.text().partition("\t")[0] for action in menu.actions() if action.text()]


def test_menus_offer_what_fits_the_thing(chain: Hand) -> None:
    from graphlab.ui.canvas.menus import menu_at

    node = menu_at(chain.view, chain.header("act").toPointF())
    assert "Rename" in titles(node)
    assert chain.selected() == {"act"}
    wire = menu_at(chain.view, chain.wire("act", "x").toPointF())
    assert titles(wire)[:3] == ["Insert node …", "Add reroute point", "Delete wire"]
    assert "Watch what goes along it" in titles(wire)
    ground = menu_at(chain.view, chain.pixel(300, 500).toPointF())
    assert "Add node …" in titles(ground)
    next(a for a in wire.actions() if a.text().startswith("Delete wire")).trigger()
    assert (chain.id("act"), "x") not in chain.view.session.document.edges


def test_hover_is_told_to_the_session(chain: Hand, qtbot: Any) -> None:
    with qtbot.waitSignal(chain.view.session.hovered) as told:
        chain.move(chain.header("act"), Qt.MouseButton.NoButton)
    assert told.args == [chain.id("act")]


def test_node_pointed_at_in_a_panel_is_ringed(chain: Hand) -> None:
    before = shot(chain)
    chain.view.session.hovered.emit(chain.id("out"))
    pointed = shot(chain)
    assert pointed != before
    chain.view.session.hovered.emit("")
    assert shot(chain) == before


def test_breakpoint_is_marked_on_its_node(chain: Hand) -> None:
    before = shot(chain)
    chain.view.session.toggle_breakpoint(chain.id("act"), "forward")
    assert has(shot(chain), theme().error)
    chain.view.session.toggle_breakpoint(chain.id("act"), "forward")
    assert shot(chain) == before


def test_unfinished_node_asks_for_what_it_needs_and_a_wrong_one_is_faulty(empty: Hand) -> None:
    empty.add("MatMul", 100, 100)
    look = empty.view.looks.of(empty.id("matmul"))
    assert look.needs == "needs a and b"
    assert look.fault == ""


def test_what_shows_all_goes_on_to_in_a_smaller_window_until_somebody_looks_elsewhere(chain: Hand) -> None:
    view = chain.view
    view.resize(900, 600)
    view.frame_all()
    view.resize(400, 300)
    whole = view.camera.screen_rect(view.scene.bounds())
    assert QRectF(view.rect()).contains(whole)
    view.zoom_in()
    zoom = view.camera.zoom
    view.resize(500, 320)
    assert view.camera.zoom == zoom
