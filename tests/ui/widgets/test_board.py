"""Boards: where cells lie, padding included, and numbers that fit into them without becoming others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage

from graphlab.ui import theme
from graphlab.ui.painting import painting
from graphlab.ui.widgets.board import Board, written


def board(values: Any, area: QRectF, margins: Any = (0, 0, 0, 0)) -> Board:
    made = Board()
    made.show(np.asarray(values, float), 1.0, margins)
    made.fit(area)
    return made


def test_a_cell_is_found_under_its_middle_and_none_on_padding() -> None:
    made = board(np.zeros((4, 6)), QRectF(10, 20, 300, 200), (1, 2, 3, 0))
    for place in np.ndindex(4, 6):
        assert made.at(made.place(*place).center()) == place
    for place in ((-1, 0), (0, -3), (5, 5)):
        assert made.frame.contains(made.place(*place))
        assert made.at(made.place(*place).center()) is None
    assert made.at(QPointF(0, 0)) is None


@pytest.mark.parametrize("shape", [(1, 6), (6, 1), (3, 3), (224, 224), (1, 400)])
def test_it_stays_in_its_area(shape: tuple[int, int]) -> None:
    area = QRectF(5, 5, 180, 120)
    assert area.adjusted(-1, -1, 1, 1).contains(board(np.zeros(shape), area).frame)


@pytest.mark.parametrize(
    ("value", "room", "wanted"),
    [
        (9.0, 5, "9"),
        (-12.0, 5, "−12"),
        (0.5, 5, "0.5"),
        (2.5000001, 6, "2.5"),
        (10.25, 6, "10.25"),
        (1e-7, 8, "1.00e−7"),
    ],
)
def test_numbers_are_written_short(value: float, room: int, wanted: str) -> None:
    assert written(value, room) == wanted


def test_other_numbers_are_painted_anew_and_the_same_ones_are_not(qapp: Any) -> None:
    made = board([[1.0, -1.0]], QRectF(0, 0, 100, 30))
    image = QImage(100, 30, QImage.Format.Format_RGB32)
    with painting(image) as painter:
        made.paint(painter)
        kept = made._picture
        made.paint(painter)
        assert made._picture is kept
        made.show(np.array([[-1.0, 1.0]]), 1.0)
        made.paint(painter)
        assert made._picture is not kept
    first = made.place(0, 0).topLeft().toPoint()
    assert image.pixelColor(first.x() + 3, first.y() + 3) == theme.theme().signed_map.colour(-1.0, 1.0)
