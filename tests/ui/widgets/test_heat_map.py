"""The heat map: the right element under the pointer, readable numbers, zoom, keyboard."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from graphlab.ui.theme import Theme
from graphlab.ui.widgets.heat_map import HeatMap


@pytest.fixture
def heat(qtbot) -> HeatMap:
    widget = HeatMap()
    qtbot.addWidget(widget)
    widget.resize(330, 180)
    widget.set_array(np.arange(20).reshape(5, 4) / 10 - 1)
    widget.show()
    return widget


def centre(heat: HeatMap, row: int, column: int) -> QPoint:
    return heat.cell_rect(row, column).center().toPoint()


def wheel(heat: HeatMap, at: QPoint, notches: int) -> QWheelEvent:
    event = QWheelEvent(
        QPointF(at), QPointF(heat.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(heat, event)
    return event


@pytest.mark.parametrize("element", [(0, 0), (2, 3), (4, 1)])
def test_a_click_selects_the_element_under_the_pointer(
    heat: HeatMap, qtbot, element: tuple[int, int]
) -> None:
    with qtbot.waitSignal(heat.elementSelected) as chosen:
        qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=centre(heat, *element))
    assert chosen.args == [element]
    assert heat.selected() == element


def test_a_double_click_activates_the_element(heat: HeatMap, qtbot) -> None:
    with qtbot.waitSignal(heat.elementActivated) as chosen:
        qtbot.mouseDClick(heat, Qt.MouseButton.LeftButton, pos=centre(heat, 3, 2))
    assert chosen.args == [(3, 2)]


def test_a_double_click_beside_the_cells_activates_nothing(heat: HeatMap, qtbot) -> None:
    with qtbot.assertNotEmitted(heat.elementActivated):
        qtbot.mouseDClick(heat, Qt.MouseButton.LeftButton, pos=QPoint(3, 3))


def test_arrows_walk_and_enter_activates(heat: HeatMap, qtbot) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right):
        qtbot.keyClick(heat, key)
    assert heat.selected() == (1, 1)  # the first arrow only sets foot on the first element
    with qtbot.waitSignal(heat.elementActivated) as chosen:
        qtbot.keyClick(heat, Qt.Key.Key_Return)
    assert chosen.args == [(1, 1)]


def test_arrows_stop_at_the_edge(heat: HeatMap, qtbot) -> None:
    heat.select((0, 0))
    qtbot.keyClick(heat, Qt.Key.Key_Up)
    assert heat.selected() == (0, 0)


def test_pointing_tells_the_element_in_full(heat: HeatMap, qtbot) -> None:
    with qtbot.waitSignal(heat.elementHovered) as found:
        qtbot.mouseMove(heat, centre(heat, 1, 2))
    assert found.args == [(1, 2)]
    assert heat.read_out((1, 2)) == "[1, 2]  −0.400000"


def test_names_of_rows_and_columns_stand_in_the_read_out(heat: HeatMap) -> None:
    heat.set_array(np.eye(2), row_names=["cat", "dog"], column_names=["a", "b"])
    assert heat.read_out((1, 0)).startswith("[dog, a]")


def test_cells_have_the_colour_of_their_value(heat: HeatMap, each_theme: Theme) -> None:
    heat.set_array(np.array([[1.0, -1.0], [0.0, np.nan]]))
    picture = heat.grab().toImage()

    def colour(row: int, column: int) -> QColor:
        corner = heat.cell_rect(row, column).topLeft().toPoint() + QPoint(5, 4)
        return picture.pixelColor(corner * picture.devicePixelRatio())

    assert colour(0, 0) == each_theme.positive
    assert colour(0, 1) == each_theme.negative
    assert colour(1, 0) == each_theme.zero
    assert colour(1, 1) not in (each_theme.positive, each_theme.negative, each_theme.zero)


def test_class_indices_are_whole_numbers(heat: HeatMap) -> None:
    heat.set_array(np.array([[3, 7]]))
    assert heat.read_out((0, 1)) == "[0, 1]  7"
    assert heat.read_out(None) == "full colour at ±7"


def test_a_large_array_zooms_around_the_pointer_until_its_numbers_show(heat: HeatMap) -> None:
    heat.set_array(np.random.default_rng(0).normal(size=(1000, 1000)))
    at = QPoint(150, 90)
    small = heat.cell_rect(0, 0).width()
    for _ in range(40):
        wheel(heat, at, 1)
    assert heat.cell_rect(0, 0).width() > 40 * small
    assert not heat.grab().isNull()
    for _ in range(60):
        wheel(heat, at, -1)
    assert heat.cell_rect(999, 999).right() <= heat.width() + 1


def test_the_wheel_scrolls_the_panel_where_everything_is_readable(heat: HeatMap) -> None:
    assert not wheel(heat, QPoint(100, 60), 1).isAccepted()


def test_a_million_elements_are_drawn_within_a_frame_or_two(heat: HeatMap) -> None:
    import time

    heat.set_array(np.random.default_rng(0).normal(size=(1000, 1000)))
    heat.grab()
    begin = time.perf_counter()
    heat.set_array(heat.array())
    heat.grab()
    assert time.perf_counter() - begin < 1.0  # 0.02 s when quiet; number by number, minutes


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (1, 1), (1, 5000), (5000, 1)])
def test_odd_shapes_are_drawn(heat: HeatMap, shape: tuple[int, int]) -> None:
    heat.set_array(np.ones(shape))
    assert not heat.grab().isNull()


def test_a_selection_outside_a_smaller_array_is_dropped(heat: HeatMap) -> None:
    heat.select((4, 3))
    heat.set_array(np.ones((2, 2)))
    assert heat.selected() is None


def test_a_vector_has_one_index(heat: HeatMap) -> None:
    heat.set_array(np.array([1.0, 2.0, 3.0]))
    assert heat.read_out((0, 2)).startswith("[2]  ")
    assert heat.cell_rect(0, 0).left() == 0
