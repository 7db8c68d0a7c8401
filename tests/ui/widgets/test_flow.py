"""Widgets that go on in the next line."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

from graphlab.ui.widgets.flow import Flow, beside


class Block(QWidget):
    def sizeHint(self) -> QSize:
        return QSize(50, 20)


@pytest.mark.parametrize(("width", "lines"), [(400, 1), (158, 1), (157, 2), (104, 2), (103, 3), (10, 3)])
def test_it_takes_as_many_lines_as_it_needs(qtbot: Any, width: int, lines: int) -> None:
    outer = QWidget()
    qtbot.addWidget(outer)
    flow = Flow(outer)
    blocks = [Block() for _ in range(3)]
    for block in blocks:
        flow.addWidget(block)
    tall = 20 * lines + 4 * (lines - 1)
    assert flow.heightForWidth(width) == tall
    outer.resize(width, tall)
    outer.show()
    tops = [block.y() for block in blocks]
    assert len(set(tops)) == lines
    assert all(block.geometry().right() < max(width, 50) for block in blocks)


def test_what_is_hidden_takes_no_room(qtbot: Any) -> None:
    outer = QWidget()
    qtbot.addWidget(outer)
    flow = Flow(outer)
    first, second = Block(), Block()
    flow.addWidget(first)
    flow.addWidget(second)
    first.hide()
    outer.show()
    assert second.x() == 0
    assert flow.sizeHint() == QSize(50, 20)


def test_what_is_beside_stays_in_one_line(qtbot: Any) -> None:
    together = beside(Block(), Block())
    qtbot.addWidget(together)
    assert together.sizeHint() == QSize(104, 20)
