"""Tensors that are too large to be sent: pooled from afar, exact near, never more than a message holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from graphlab.engine.regions import MOST, region
from graphlab.engine.survey import sample, spread, survey
from graphlab.ui.values.supply import AtHand, Part, Take, Whole
from graphlab.ui.values.tensor_view import TensorView


class Far:
    """An array as the engine gives it: a part at a time, later."""

    is_at_hand = False

    def __init__(self, array: Any) -> None:
        self.array = array
        self.asked: list[tuple[str, str, int]] = []
        self._waiting: list[Callable[[], None]] = []

    def part(self, spans: Any, pool: str, take: Take, lane: str = "part") -> None:
        def answer() -> None:
            found = region(self.array, spans, pool)
            self.asked.append((lane, pool, found.size))
            take(Part(tuple(spans), pool, found, self.array.shape))

        self._waiting.append(answer)

    def whole(self, bins: int, quick: bool, know: Any, lane: str = "whole") -> None:
        def answer() -> None:
            told = survey(sample(self.array) if quick else self.array)
            counts, edges = spread(sample(self.array), told.stats.low, told.stats.high, bins or 1)
            places = (None, None, None) if quick else (told.bad, told.low, told.high)
            know(Whole(told.stats, told.nans, told.infinities, *places, counts, edges))

        self._waiting.append(answer)

    def answer(self) -> None:
        """All that is asked, and what is asked because of the answers."""
        for _ in range(200):
            if not self._waiting:
                return
            self._waiting.pop(0)()
        raise AssertionError("it asks without end")


@pytest.fixture
def array() -> Any:
    array = np.random.default_rng(0).normal(size=(3000, 3300)).astype(np.float32)
    array[2345, 1234] = 50
    array[77, 88] = np.nan
    return array


@pytest.fixture
def far(array: Any) -> Far:
    return Far(array)


@pytest.fixture
def view(qtbot: Any, far: Far) -> TensorView:
    widget = TensorView(large=True)
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show()
    widget.show_supply(far, far.array.shape, axes=("row", "column"), scale_of=lambda _: 4.0)
    far.answer()
    return widget


def wheel(widget: Any, at: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def test_it_is_seen_at_once_and_then_as_the_largest_of_each_block(view: TensorView, far: Far) -> None:
    pools = [pool for _, pool, _ in far.asked]
    assert pools[0] == "every"
    assert pools[-1] == "extreme"
    heat = view.heat_map()
    extent = heat.extent()
    assert (extent.rows, extent.columns) == far.array.shape
    assert heat.array()[extent.cell((2345, 1234))] == 50
    assert np.isnan(heat.array()[extent.cell((77, 88))])
    assert "the largest of each" in view.legend.words()


def test_no_answer_is_larger_than_a_message_holds(view: TensorView, far: Far) -> None:
    heat = view.heat_map()
    for step in range(24):
        wheel(heat, QPoint(300 + step, 200), 1)
        far.answer()
    for mode in ("table", "line", "image", "histogram", "cells"):
        view.choose(mode)
        far.answer()
    assert max(size for _, _, size in far.asked) <= MOST


def test_the_wheel_leads_to_the_elements_themselves(view: TensorView, far: Far, qtbot: Any) -> None:
    heat = view.heat_map()
    for _ in range(40):
        wheel(heat, QPoint(300, 200), 1)
        far.answer()
    top, bottom, left, right = heat.visible()
    extent = heat.extent()
    assert extent.is_exact
    assert extent.holds((top, bottom, left, right))
    row, column = (top + bottom) // 2, (left + right) // 2
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=heat.cell_rect(row, column).center().toPoint())
    assert view.selected_index() == (row, column)
    assert view.value_at((row, column)) == far.array[row, column]
    assert f"[{row}, {column}]" in heat.read_out((row, column))


def test_dragging_shows_what_lies_beside(view: TensorView, far: Far, qtbot: Any) -> None:
    view.select_index((1500, 1500), closely=True)
    far.answer()
    heat = view.heat_map()
    before = heat.visible()
    qtbot.mousePress(heat, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    for x in range(390, 100, -20):
        qtbot.mouseMove(heat, QPoint(x, 200))
    qtbot.mouseRelease(heat, Qt.MouseButton.LeftButton)
    far.answer()
    after = heat.visible()
    assert after[2] > before[2]
    assert heat.extent().holds(after)


def test_a_click_on_a_block_means_its_largest_element(view: TensorView, far: Far, qtbot: Any) -> None:
    heat, at = view.heat_map(), QPoint(300, 200)
    position = heat.at(QPointF(at))
    assert position is not None
    top, bottom, left, right = heat.extent().block(position)
    sizes = np.abs(far.array[top:bottom, left:right])
    row, column = np.unravel_index(sizes.argmax(), sizes.shape)
    largest = top + int(row), left + int(column)
    assert sizes.size > 4
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=at)
    far.answer()
    assert view.selected_index() == largest
    with qtbot.waitSignal(view.elementActivated) as told:
        qtbot.mouseDClick(heat, Qt.MouseButton.LeftButton, pos=at)
        far.answer()
    assert told.args == [largest]


def test_an_element_that_is_asked_for_is_zoomed_in_on(view: TensorView, far: Far) -> None:
    view.select_index((2999, 3299), closely=True)
    far.answer()
    assert view.selected_index() == (2999, 3299)
    assert view.value_at((2999, 3299)) == far.array[2999, 3299]


def test_arrows_take_the_view_along(view: TensorView, far: Far, qtbot: Any) -> None:
    view.select_index((1000, 1000), closely=True)
    far.answer()
    heat = view.heat_map()
    for _ in range(60):
        qtbot.keyClick(heat, Qt.Key.Key_Down)
        far.answer()
    assert view.selected_index() == (1060, 1000)
    top, bottom, _, _ = heat.visible()
    assert top <= 1060 < bottom
    qtbot.keyClick(heat, Qt.Key.Key_0)
    assert heat.visible() == (0, 3000, 0, 3300)


def test_new_numbers_come_into_the_part_that_is_seen(view: TensorView, far: Far) -> None:
    view.select_index((10, 10), closely=True)
    far.answer()
    far.array[10, 10] = -7
    view.refresh()
    far.answer()
    assert view.value_at((10, 10)) == -7


def test_a_table_fetches_what_one_looks_at(view: TensorView, far: Far, qtbot: Any) -> None:
    far.asked.clear()
    view.choose("table")
    far.answer()
    table = view.sight().table  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: bool(far.asked or far._waiting))
    far.answer()
    assert sum(size for _, _, size in far.asked) < 100_000
    view.select_index((2345, 1234))
    qtbot.waitUntil(lambda: _answered(far) and view.value_at((2345, 1234)) == 50)
    assert table.matrix.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) == "0"
    view.select_index((2999, 3290))  # on another page of columns
    qtbot.waitUntil(lambda: _answered(far) and view.value_at((2999, 3290)) == far.array[2999, 3290])
    assert table.matrix.left > 0
    assert table.model().rowCount() <= 10_000


def _answered(far: Far) -> bool:
    far.answer()
    return True


def test_a_long_vector_is_a_band_and_near_it_its_elements(qtbot: Any) -> None:
    values = np.sin(np.arange(1_000_000) / 1000).astype(np.float32)
    values[123_456] = 9
    far = Far(values)
    view = TensorView(large=True)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    view.show_supply(far, values.shape, axes=("element",), scale_of=lambda _: 1.0)
    far.answer()
    assert view.mode == "line"
    lines = view.sight().lines  # type: ignore[union-attr]
    assert max(float(curve.high.max()) for curve in lines._curves) == 9  # no peak is lost
    lines.select((0, 123_456))
    for _ in range(30):
        qtbot.keyClick(lines, Qt.Key.Key_Plus)
        far.answer()
    first, last = lines.span()
    assert first <= 123_456 < last
    assert lines.read_out((0, 123_456)).endswith("+9.00000")


def test_the_slice_of_many_axes_is_asked_for_as_it_is_turned(qtbot: Any) -> None:
    array = np.random.default_rng(1).normal(size=(40, 30, 50, 60)).astype(np.float32)
    far = Far(array)
    view = TensorView()
    qtbot.addWidget(view)
    view.resize(330, 500)
    view.show()
    view.show_supply(far, array.shape, axes=("sample", "channel", "row", "column"), scale_of=lambda _: 3.0)
    far.answer()
    view.head.sliders[0].set_value(7)
    view.head.turned.emit("rows", 1)
    far.answer()
    assert np.array_equal(view.heat_map().array(), array[7, :, 0, :])
    assert view.full_index((3, 4)) == (7, 3, 0, 4)
    assert list(view.head.sliders) == [0, 2]


def test_what_is_at_hand_is_the_same_case(qtbot: Any) -> None:
    view = TensorView()
    qtbot.addWidget(view)
    array = np.arange(12.0).reshape(3, 4)
    view.show_supply(AtHand(array), array.shape)
    assert np.array_equal(view.heat_map().array(), array)
    assert view.heat_map().extent().is_exact
