"""Frames as they are seen: behind everything, from afar, in drawings, and their titles."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtWidgets import QApplication

from graphlab.graph.document import FRAME_COLOURS
from graphlab.ui import marks, theme
from graphlab.ui.canvas import export
from graphlab.ui.colour import READABLE, alpha, contrast, mix

from .conftest import Hand
from .test_frames import add, field, now, rect, title

# From afar


def test_from_afar_the_title_lies_over_the_nodes_and_is_taken_hold_of(chain: Hand) -> None:
    frame = add(chain, "the encoder", "hidden", "act")
    chain.view.camera.set((300.0, 300.0, 0.2))
    chain.view.camera_changed()
    plate = chain.view.picture.frames.plates.at(0.2)[frame.id]
    assert plate.over
    assert plate.rect.height() * 0.2 >= 18, "as legible as near by"
    assert QRectF(*frame.position, *frame.size).contains(plate.rect)
    chain.click(title(chain, frame))
    assert chain.view.session.selection == {frame.id}


def test_from_afar_a_double_click_on_the_title_writes_it_whatever_lies_below(chain: Hand) -> None:
    frame = add(chain, "encoder", "hidden", "act")
    chain.view.camera.set((40.0, 40.0, 0.35))
    chain.view.camera_changed()
    plate = chain.view.picture.frames.plates.at(0.35)[frame.id].rect
    chain.graph.add_note("below", (plate.x() + 2, plate.y() + 2), (plate.width(), plate.height()))
    chain.double_click(title(chain, frame))
    field(chain).setText("decoder")
    assert field(chain).commit()
    assert now(chain, frame).title == "decoder"


def test_plates_that_would_cover_each_other_give_way_to_that_of_the_larger_frame(chain: Hand) -> None:
    inner = add(chain, "inner", "hidden")
    outer = add(chain, "outer", inner.id, "act")
    plates = chain.view.picture.frames.plates
    assert set(plates.at(1.0)) == {inner.id, outer.id}
    assert set(plates.at(0.2)) == {outer.id}
    assert plates.at(0.001) == {}


# Seeing


def test_select_all_bounds_and_framing_count_frames(chain: Hand) -> None:
    frame = add(chain, "far", position=(2000, 100), size=(300, 300))
    chain.key(Qt.Key.Key_A)
    chain.view.select_all()
    assert frame.id in chain.view.session.selection
    assert chain.view.scene.bounds().right() == 2300
    chain.view.session.select({frame.id})
    chain.view.frame_selection()
    seen = chain.view.camera.world_rect(QRectF(chain.view.rect()))
    assert seen.contains(rect(chain, frame))
    assert abs(seen.center().x() - 2150) < 1


def shown(hand: Hand) -> np.ndarray:
    picture = hand.view.grab().toImage()
    raw = np.frombuffer(picture.constBits(), np.uint8)
    return raw.reshape(picture.height(), picture.bytesPerLine() // 4, 4)[..., :3].astype(int)


def test_a_large_frame_lies_behind_a_smaller_one_and_both_behind_nodes(chain: Hand) -> None:
    bare = shown(chain)
    small = add(chain, "", "hidden", colour="green")
    node, within = chain.pixel(320, 190), chain.pixel(rect(chain, small).left() + 8, 200)
    one = shown(chain)
    assert (one[node.y(), node.x()] == bare[node.y(), node.x()]).all(), "nodes lie over frames"
    assert (one[within.y(), within.x()] != bare[within.y(), within.x()]).any()
    chain.graph.add_frame("", position=(-50, -50), size=(900, 500), colour="red")
    two = shown(chain)
    hue = theme.theme().frame("green")
    wanted = mix(mix(theme.theme().canvas, theme.theme().frame("red"), 0.10), hue, 0.10)
    found = two[within.y(), within.x()][::-1]
    assert np.abs(found - (wanted.red(), wanted.green(), wanted.blue())).max() <= 3


def test_frames_are_in_every_drawing(chain: Hand) -> None:
    add(chain, "Encoder & friends", "hidden", "act")
    drawn = export.svg(chain.view).decode()
    assert "Encoder &amp; friends" in drawn
    assert export.pdf(chain.view).startswith(b"%PDF")
    assert export.image(chain.view, 1.0).height() > chain.view.scene.rect(chain.id("act")).height()


def test_a_canvas_with_nothing_but_a_frame_can_be_drawn_and_selected(empty: Hand) -> None:
    add(empty, "alone", position=(0, 0), size=(300, 200))
    assert "alone" in export.svg(empty.view).decode()
    empty.view.frame_all()
    assert empty.view.camera.world_rect(QRectF(empty.view.rect())).contains(QRectF(0, 0, 300, 200))


@pytest.mark.parametrize("name", theme.NAMES)
@pytest.mark.parametrize("colour", FRAME_COLOURS)
def test_titles_read_on_their_bars_and_plates(name: str, colour: str, qapp: QApplication) -> None:
    now_ = theme.named(name)
    hue = now_.frame(colour)
    nested = now_.canvas
    for _ in range(4):  # a bar in a frame in frames
        nested = mix(nested, hue, 0.10)
    for ground in (mix(nested, hue, 0.20), mix(now_.canvas, hue, 0.22)):
        assert contrast(now_.text, ground) >= READABLE
    assert alpha(hue, 1.0) == hue


def test_colours_are_told_apart_by_their_signs() -> None:
    shapes = [marks.shape(colour) for colour in FRAME_COLOURS]
    corners = [
        [(round(e.x, 2), round(e.y, 2)) for e in map(s.elementAt, range(s.elementCount()))] for s in shapes
    ]
    assert len({tuple(c) for c in corners}) == len(FRAME_COLOURS)


def test_a_title_of_many_lines_is_one_line_and_an_empty_one_has_a_stand_in(chain: Hand) -> None:
    frame = add(chain, "two\nlines", "hidden")
    assert "two lines" in export.svg(chain.view).decode()
    chain.graph.edit_frame(frame.id, title="  ")
    assert ">Frame<" in export.svg(chain.view).decode().replace(" ", "").replace("\n", "")
    assert "<b>Frame</b>" in chain.view.tip_at(QPointF(title(chain, frame)))


def test_the_tooltip_of_a_frame_says_what_lies_in_it(chain: Hand) -> None:
    frame = add(chain, "core", "hidden", "act")
    assert chain.view.tip_at(QPointF(title(chain, frame))) == "<b>core</b><br>2 nodes · 48 parameters"
    alone = add(chain, "none", position=(0, 400), size=(100, 100))
    assert chain.view.tip_at(QPointF(title(chain, alone))).endswith("empty")


def test_titles_give_way_to_a_dragged_one_and_the_whole_canvas_is_painted_anew(
    chain: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    still = add(chain, "a title that is rather long for its frame", position=(0, 0), size=(2400, 300))
    moved = add(chain, "the larger frame", position=(0, 1600), size=(2600, 900))
    chain.view.camera.set((300.0, 100.0, 0.15))
    chain.view.camera_changed()
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(chain.view, "update", lambda *area: asked.append(area))
    start = title(chain, moved)
    chain.press(start)
    asked.clear()
    chain.move(start - QPoint(0, 241))
    assert set(chain.view.picture.frames.plates.at(0.15)) == {moved.id}
    assert () in asked, "a part around what moves would leave half of the other title standing"
    chain.key(Qt.Key.Key_Escape)
    assert set(chain.view.picture.frames.plates.at(0.15)) == {still.id, moved.id}
