"""Ctrl+click on a number in a node's picture asks how it came about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from graphlab.engine.messages import Tensor, TensorKey
from graphlab.ui.canvas import CanvasView
from graphlab.ui.canvas.asking import element_under, in_filters, in_strip, in_value
from graphlab.ui.canvas.rects import value_rect
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of
from tests.ui.canvas.conftest import Hand

ROOM = QRectF(0, 0, 120, 44)
CONTROL = Qt.KeyboardModifier.ControlModifier


def tensor(*shape: int) -> Tensor:
    values = np.arange(1, 1 + np.prod(shape, dtype=int), dtype=np.float32).reshape(shape)
    return Tensor(TensorKey("value", "n", "y"), values.shape, "float32", True, stats_of(values), values)


def found(question: Callable[[QPointF], Any]) -> set[tuple[int, ...]]:
    points = (QPointF(x, y) for x in np.arange(0.25, 120) for y in np.arange(0.25, 44))
    return {index for point in points if (index := question(point)) is not None}


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 4), (5,), (1, 3, 4, 4)])
def test_every_element_that_is_drawn_is_found(shape: tuple[int, ...]) -> None:
    drawn = tensor(*shape)
    assert found(lambda at: in_value(ROOM, drawn, False, at)) == set(np.ndindex(*shape))


def test_an_image_is_one_picture() -> None:
    drawn = tensor(1, 3, 4, 4)
    indices = found(lambda at: in_value(ROOM, drawn, True, at))
    assert indices == {(0, 0, *cell) for cell in np.ndindex(4, 4)}


def test_a_scalar_is_found_anywhere_and_nothing_outside() -> None:
    assert in_value(ROOM, tensor(), False, QPointF(3, 3)) == ()
    assert in_value(ROOM, tensor(3, 4), False, QPointF(500, 3)) is None


def test_filters_and_gradients_are_found_as_they_are_drawn() -> None:
    assert found(lambda at: in_filters(ROOM, tensor(3, 2, 3, 3), at)) == {
        (o, 0, i, j) for o in range(3) for i in range(3) for j in range(3)
    }
    strip = QRectF(0, 0, 120, 10)
    assert found(lambda at: in_strip(strip, tensor(4, 6), at)) == {(3, j) for j in range(6)}


def test_ctrl_click_on_a_cell_explains_it(
    quiet_session: Session, arrive: Callable[..., None], qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(quiet_session.engine, "send", sent.append)
    view = CanvasView(quiet_session)
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    qtbot.waitExposed(view)
    view.camera.zoom = 1.0
    values = np.arange(12, dtype=np.float32).reshape(3, 4)
    arrive("value", "h", "y", values)
    hand, node = Hand(view), quiet_session.document.node("h").id
    room = value_rect(view.scene.shape(node)).translated(view.scene.rect(node).topLeft())
    asked = element_under(view, room.center() + QPointF(-1, 0))
    assert asked is not None
    assert asked[:3] == ("value", node, "y")
    hand.click(hand.pixel(room.center().x() - 1, room.center().y()), CONTROL)
    assert sent[-1].index == asked.place
    assert quiet_session.selected_node == node
    count = len(sent)
    hand.click(hand.header("h"), CONTROL)
    assert len(sent) == count
