"""The Embedding panel, with the real engine: components of a layer's values for the rows of a split."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from graphlab.graph import Graph
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.ui import theme
from graphlab.ui.panels.boundary import BoundaryPanel
from graphlab.ui.panels.embedding import EmbeddingPanel
from graphlab.ui.panels.space import SpacePanel
from graphlab.ui.samples import samples_of

WAIT = 20_000
Show = Callable[..., EmbeddingPanel]


@pytest.fixture
def show(open_panel: Callable[..., Any]) -> Show:
    return partial(open_panel, EmbeddingPanel)


def digits() -> Graph:
    return load(example("digits-mlp").path)[0]


def test_points_are_the_components_of_numpys_svd(show: Show) -> None:
    panel = show(digits())
    values = panel.values(0)
    centred = values - values.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    want = centred @ axes[:2].T
    got = panel.plane.dots.points
    assert np.allclose(np.abs(got), np.abs(want), atol=1e-3 * np.abs(want).max())


def test_rows_have_the_mark_of_their_class_and_the_legend_names_it(show: Show) -> None:
    panel = show(digits())
    rows = panel.rows.of(panel.outlook.source[0])  # type: ignore[union-attr]
    assert rows is not None
    assert rows.labels is not None
    assert panel.answer is not None
    assert np.array_equal(panel.plane.dots.labels, rows.labels[panel.answer.rows])
    assert panel.legend.accessibleDescription() == ", ".join(rows.classes)
    assert set(panel.answer.rows) <= set(rows.splits["validation"])


def test_pointing_shows_the_image_and_a_click_chooses_the_row(show: Show) -> None:
    panel = show(digits())
    chosen: list[int] = []
    samples_of(panel.session).pointed.connect(chosen.append)
    place = panel.plane.pixels(panel.plane.dots.points[3])
    at = QPoint(*(int(v) for v in np.round(place)))
    QTest.mouseMove(panel.plane, at)
    assert panel.plane.thumbnail is not None
    assert panel.plane.thumbnail.width() == 8
    assert panel.read_out.text().startswith(f"row {panel.row_at(panel.plane.hover):,}")
    QTest.mouseClick(panel.plane, Qt.MouseButton.LeftButton, pos=at)
    assert chosen == [panel.row_at(panel.plane.hover)]


def test_another_layer_and_other_rows_are_chosen(show: Show, qtbot: Any) -> None:
    panel = show(digits())
    first = panel.layer_choice.itemText(0)
    panel.choose(first, "train")
    qtbot.waitUntil(lambda: panel.asked_of[0].path == first, timeout=WAIT)
    assert panel.asked_of[1] == "train"
    assert "1,000 of" in panel.read_out.text()
    header, rows = panel.table()
    assert header[:2] == ["row", "part"]
    assert len(list(rows)) == 1000


def test_space_has_three_axes(show: Show) -> None:
    panel = show(digits())
    panel.turning.set_on(True)
    assert [stroke.name[:11] for stroke in panel.plane.strokes] == [
        "component 1",
        "component 2",
        "component 3",
    ]
    before = panel.plane.dots.points.copy()
    panel.plane.setFocus()
    QTest.keyClick(panel.plane, Qt.Key.Key_Left)
    assert not np.allclose(panel.plane.dots.points, before)


def test_it_follows_training_without_flipping(show: Show, qtbot: Any) -> None:
    panel = show(load(example("spirals").path)[0])
    before = panel.plane.dots.points.copy()
    panel.session.train()
    qtbot.waitUntil(lambda: panel.session.status.state == "finished", timeout=WAIT)
    qtbot.waitUntil(
        lambda: panel.answer is not None and panel.answer.step == panel.session.step_number, timeout=WAIT
    )
    assert panel.plane.dots.points.shape == before.shape
    assert not np.allclose(panel.plane.dots.points, before)


def test_without_rows_it_says_so(show: Show, qtbot: Any) -> None:
    graph = Graph("no rows")
    graph.add("Linear", graph.add("Input", name="x", shape=("N", 3)), name="y", units=2)
    panel = show(graph, answered=False)
    qtbot.waitUntil(lambda: "no rows of data" in panel.empty.label.text(), timeout=WAIT)


@pytest.mark.parametrize("cls", [BoundaryPanel, SpacePanel, EmbeddingPanel])
def test_each_picture_stands_in_each_theme(
    cls: Any, open_panel: Callable[..., Any], qapp: Any, qtbot: Any
) -> None:
    """One that is open goes along with the theme."""
    theme.apply(qapp, "light")
    panel = open_panel(cls, load(example("xor").path)[0])
    qtbot.waitUntil(lambda: panel._stack.currentWidget() is panel.content, timeout=WAIT)
    light = colours(panel.plane)
    theme.apply(qapp, "dark")
    assert len(light) > 5
    qtbot.waitUntil(lambda: len(colours(panel.plane)) > 5, timeout=WAIT)
    assert colours(panel.plane) != light


def colours(widget: QWidget) -> set[int]:
    """Of every seventh pixel each way."""
    picture = widget.grab().toImage()
    return {picture.pixel(x, y) for x in range(0, picture.width(), 7) for y in range(0, picture.height(), 7)}
