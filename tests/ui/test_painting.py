"""Painting: ends whatever happens, and is not interrupted by the garbage collector."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtGui import QPixmap

from graphlab.ui.painting import painting
from graphlab.ui.widgets.chart import Chart


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """Python collects garbage by itself, as in a notebook before there is a window."""
    gc.enable()
    yield
    gc.disable()


def test_a_painter_ends_though_what_paints_fails(qapp: Any) -> None:
    pixmap = QPixmap(4, 4)
    with pytest.raises(ZeroDivisionError), painting(pixmap) as painter:
        _ = 1 / 0
    assert not painter.isActive()
    assert gc.isenabled()


def test_no_garbage_is_collected_while_a_plot_paints(qapp: Any, qtbot: Any, monkeypatch: Any) -> None:
    """A collection that takes a closed window's plot away in the middle of another's painting crashes Qt."""
    chart = Chart("loss", None)
    qtbot.addWidget(chart)
    during: list[bool] = []
    axis = chart.plot.getAxis("left")
    monkeypatch.setattr(axis, "generateDrawSpecs", lambda p: during.append(gc.isenabled()))
    chart.resize(200, 120)
    chart.show()
    qtbot.waitUntil(lambda: bool(during))
    assert not any(during)
    assert gc.isenabled()
