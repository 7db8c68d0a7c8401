"""What lies beneath live pictures is painted once while it stays the same, and anew when anything is different."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage

from graphlab.engine import messages as m
from graphlab.engine.preview import preview
from graphlab.ui import theme

from .conftest import Hand


@pytest.fixture
def full(chain: Hand) -> Hand:
    """The chain with a fan-out, a fault, a note and a wire around a node."""
    graph = chain.graph
    graph.add("Concat", "hidden", "x", name="both", position=(720, 320))
    graph.add("MatMul", "act", "act", name="wrong", position=(480, 320))
    graph.add_note("Look here", (0, 320), (200, 80))
    chain.view.repaint()
    return chain


def picture(hand: Hand) -> QImage:
    return hand.view.grab().toImage()


def anew(hand: Hand) -> QImage:
    hand.view.picture.forget()
    return picture(hand)


def bring(hand: Hand, name: str, seed: int) -> None:
    """New values of a node, as the engine sends them."""
    session = hand.view.session
    values = np.random.default_rng(seed).normal(size=(4, 6)).astype(np.float32)
    key = m.TensorKey("value", hand.id(name), "y")
    session.engine.link.received.emit([m.Frame(0, seed, (preview(key, values, True, 256),))])


def select(hand: Hand) -> None:
    hand.view.session.select({hand.id("act"), "t7"})


def select_a_wire(hand: Hand) -> None:
    hand.view.select_wire((hand.id("act"), "x"))


def point_at_a_node(hand: Hand) -> None:
    hand.view.session.hovered.emit(hand.id("out"))


def point_at_a_wire(hand: Hand) -> None:
    hand.move(hand.wire("out", "x"), Qt.MouseButton.NoButton)


def break_at_a_node(hand: Hand) -> None:
    hand.view.session.set_breakpoints({(hand.id("act"), "forward")})


def step(hand: Hand) -> None:
    session = hand.view.session
    entry = m.ScheduleEntry("forward", hand.id("hidden"))
    session.engine.link.received.emit([m.Status(0, "paused", 0, 0, 1, entry)])


def mend(hand: Hand) -> None:
    hand.graph.remove("wrong")


def change_a_shape(hand: Hand) -> None:
    hand.graph.set("hidden", units=77)


def move_a_note(hand: Hand) -> None:
    (note,) = hand.graph.document.notes
    hand.graph.move({note: (30, 350)})


def write_a_note(hand: Hand) -> None:
    (note,) = hand.graph.document.notes
    hand.graph.edit_note(note, text="Look there")


def rename(hand: Hand) -> None:
    hand.graph.rename("act", "squash")


def zoom(hand: Hand) -> None:
    hand.view.zoom_in()


def pan(hand: Hand) -> None:
    hand.view.pan_by(-30, 12)


def look_from_afar(hand: Hand) -> None:
    hand.view.camera.set((100.0, 100.0, 0.2))
    hand.view.camera_changed()


def resize(hand: Hand) -> None:
    hand.view.resize(hand.view.width() - 60, hand.view.height() - 40)


def go_light(hand: Hand) -> None:
    theme.apply(theme_app(), "light")


def theme_app() -> Any:
    from PySide6.QtWidgets import QApplication

    return QApplication.instance()


CHANGES = (
    *(select, select_a_wire, point_at_a_node, point_at_a_wire, break_at_a_node, step, mend, change_a_shape),
    *(move_a_note, write_a_note, rename, zoom, pan, look_from_afar, resize, go_light),
)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_whatever_changes_is_seen_at_once(full: Hand, change: Callable[[Hand], None]) -> None:
    before = [picture(full) for _ in range(3)]
    assert before[0] == before[1] == before[2]  # painted, painted to be kept, kept
    try:
        change(full)
        after = [picture(full) for _ in range(3)]
        assert after[0] != before[0]
        assert after[0] == after[1] == after[2] == anew(full)
    finally:
        theme.apply(theme_app(), "dark")


def test_new_values_paint_no_wire_again(full: Hand, monkeypatch: pytest.MonkeyPatch) -> None:
    wires: list[int] = []
    draw = full.view.picture.wires.draw_near

    def count(*args: Any) -> None:
        wires.append(1)
        draw(*args)

    monkeypatch.setattr(full.view.picture.wires, "draw_near", count)
    full.view.repaint()
    full.view.repaint()
    painted = len(wires)
    seen = []
    for seed in range(4):
        bring(full, "act", seed)
        full.view.repaint()
        seen.append(picture(full))
    assert len(wires) == painted
    assert all(a != b for a, b in pairwise(seen))
    assert seen[-1] == anew(full)


def test_nothing_is_kept_of_what_a_hand_is_moving(full: Hand) -> None:
    full.press(full.header("act"))
    for k in range(1, 5):
        full.move(full.header("act") + QPoint(9 * k, 7 * k))
        shown = picture(full)
        assert shown == picture(full) == anew(full)
    full.release(full.header("act"))
