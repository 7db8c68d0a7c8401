"""Each shape is shown in its way, and positions are always full indices."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from graphlab.ui.values.tensor_view import TensorView
from graphlab.ui.widgets.bars import Bars
from graphlab.ui.widgets.big_number import BigNumber
from graphlab.ui.widgets.heat_map import HeatMap
from graphlab.ui.widgets.picture import Picture, grey_image


@pytest.fixture
def view(qtbot) -> TensorView:
    widget = TensorView()
    qtbot.addWidget(widget)
    widget.resize(330, 300)
    widget.show()
    return widget


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((), BigNumber),
        ((5,), HeatMap),
        ((40,), Bars),
        ((8, 8), HeatMap),
        ((4, 1, 8, 8), Picture),
        ((4, 6, 8, 8), HeatMap),
    ],
)
def test_the_shape_chooses_the_view(view: TensorView, shape: tuple[int, ...], kind: type) -> None:
    view.set_array(np.ones(shape))
    assert isinstance(view.shown(), kind)


def test_signed_images_are_heat_maps_until_asked_otherwise(view: TensorView) -> None:
    view.set_array(-np.ones((2, 1, 8, 8)))
    assert isinstance(view.shown(), HeatMap)
    view.head.button("image").click()
    assert isinstance(view.shown(), Picture)
    view.set_array(-np.ones((2, 1, 8, 8)))
    assert isinstance(view.shown(), Picture)


def test_nothing_computed_is_said_in_words(view: TensorView) -> None:
    view.set_array(None, missing="Not computed yet.")
    assert view.shown().text() == "Not computed yet."


def test_an_empty_tensor_says_its_shape(view: TensorView) -> None:
    view.set_array(np.zeros((0, 3)))
    assert "0×3" in view.shown().text()


def test_sliders_choose_the_slice_and_positions_carry_them(view: TensorView, qtbot) -> None:
    array = np.arange(2 * 3 * 4 * 5).reshape(2, 3, 4, 5) - 60
    view.set_array(array)
    for slider, at in zip(view.head.sliders.values(), (1, 2), strict=True):
        slider.set_value(at)
    heat = view.heat_map()
    assert np.array_equal(heat.array(), array[1, 2])
    with qtbot.waitSignal(view.elementActivated) as chosen:
        place = heat.cell_rect(3, 0).center().toPoint()
        qtbot.mouseDClick(heat, Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [(1, 2, 3, 0)]
    assert view.selected_index() == (1, 2, 3, 0)


def test_the_chosen_slice_stays_when_new_values_come(view: TensorView) -> None:
    view.set_array(np.zeros((4, 2, 3)))
    view.head.sliders[0].set_value(3)
    view.set_array(np.ones((4, 2, 3)))
    assert view.full_index((0, 1)) == (3, 0, 1)
    view.set_array(np.ones((2, 2, 3)))
    assert view.full_index((0, 1)) == (1, 0, 1)


def test_an_element_of_a_vector_has_one_index(view: TensorView, qtbot) -> None:
    view.set_array(np.arange(20.0))
    with qtbot.waitSignal(view.elementActivated) as chosen:
        qtbot.mouseDClick(view.shown(), Qt.MouseButton.LeftButton, pos=QPoint(1, 20))
    assert chosen.args == [(0,)]


def test_a_leading_block_says_of_what(view: TensorView) -> None:
    view.set_array(np.ones((16, 16)), shape=(784, 256))
    assert "16×16 of 784×256" in view._note.text()
    view.set_array(np.ones((16, 16)), shape=(16, 16))
    assert view._note.isHidden()


@pytest.mark.parametrize("amount", [1, 9, 300, 100_000])
def test_bars_of_any_length_are_drawn(qtbot, amount: int) -> None:
    bars = Bars()
    qtbot.addWidget(bars)
    values = np.linspace(-1, 1, amount)
    values[0] = np.nan
    bars.set_array(values)
    assert not bars.grab().isNull()


def test_a_picture_is_stretched_from_black_to_white() -> None:
    image = grey_image(np.array([[2.0, 4.0], [3.0, np.nan]]))
    shades = [image.pixelColor(*at).red() for at in ((0, 0), (0, 1), (1, 0))]
    assert shades == [0, 127, 255]  # NaN has no part in it
    colour = grey_image(np.stack([np.ones((2, 2)), np.zeros((2, 2)), np.zeros((2, 2))]))
    assert colour.pixelColor(0, 0).name() == "#ff0000"
