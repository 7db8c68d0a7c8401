"""The loss surface: what it shows is what the engine measured; hands move, turn and choose."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.experiments import loss_map
from graphlab.graph import Graph
from graphlab.ui import theme
from graphlab.ui.panels.surface import SurfacePanel
from graphlab.ui.session import Session
from tests.engine.experiments.test_cut import valley
from tests.engine.networks import winding_graph
from tests.ui.experiments_trial import Beside

Open = Callable[..., tuple[SurfacePanel, Beside]]


@pytest.fixture
def lay(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """`lay(graph)`: a shown panel with its surface measured, and what answers it."""
    monkeypatch.setattr(loss_map, "SIDES", (5, 9, 17))
    made: list[Session] = []

    def begin(graph: Graph, trained: int = 0) -> tuple[SurfacePanel, Beside]:
        session = Session(graph, engine=False)
        made.append(session)
        beside = Beside(session, monkeypatch)
        beside.train(trained)
        panel = SurfacePanel(session)
        qtbot.addWidget(panel)
        panel.resize(520, 420)
        panel.show()
        qtbot.waitExposed(panel)
        qtbot.waitUntil(lambda: bool(beside.asked))
        beside.work()
        qtbot.waitUntil(lambda: panel.plane.isVisible() or panel.empty.label.text() != "Measuring …")
        return panel, beside

    yield begin
    for session in made:
        session.close()


def test_a_surface_is_what_the_engine_measured_around_the_weights(lay: Open) -> None:
    panel, beside = lay(winding_graph())
    assert beside.space.trainer is not None
    laid = panel.shown
    assert laid is not None
    assert laid.head is not None
    assert laid.losses is not None
    assert laid.losses.shape == (17, 17)
    assert laid.losses[8, 8] == pytest.approx(beside.space.trainer.evaluate("train").loss, rel=1e-5)
    assert panel.plane.picture is not None
    assert panel.plane.axes == ("random direction 1", "random direction 2")
    assert "40 of 40 training rows" in panel.read_out.toolTip()


def test_two_parameters_are_a_plane_by_themselves_and_the_way_goes_over_it(lay: Open, qtbot: Any) -> None:
    panel, beside = lay(valley())
    assert panel.kind == "parameters"
    assert panel.plane.axes == ("x", "y")
    assert not panel.rows.isVisible()  # there are none to choose from
    beside.train(15)
    assert panel.shown is not None
    way = panel.shown.ways[""]
    assert way.steps.tolist() == [*range(16), 15]
    assert way.flat[0] == pytest.approx([-1, 1])
    assert way.flat[-1] == pytest.approx(beside.space.run.store.trainable)
    qtbot.waitUntil(lambda: len(panel.plane.dots.points) == 2 and panel.plane.dots.points[1, 0] > -1)
    assert len(beside.asked) == 1  # all there is was measured already


def test_the_way_that_was_travelled_is_shown_along_its_components(lay: Open, qtbot: Any) -> None:
    panel, beside = lay(winding_graph(), trained=12)
    panel.choose("path")
    beside.work()
    laid = panel.shown
    assert laid is not None
    assert laid.head is not None
    assert laid.head.kind == "path"
    assert laid.ways[""].steps.tolist() == [*range(13), 12]
    assert 0.5 < laid.ways[""].share <= 1
    qtbot.waitUntil(lambda: "component 1 (" in panel.plane.axes[0])
    names = [stroke.key for stroke in panel.plane.strokes if stroke.key is not None]
    assert names == [""]


def test_before_training_there_is_no_path_and_a_button_trains(
    lay: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel, beside = lay(winding_graph())
    panel.choose("path")
    beside.tell()
    qtbot.waitUntil(panel.empty.isVisible)
    assert "no way travelled" in panel.empty.label.text()
    trained: list[bool] = []
    monkeypatch.setattr(panel.session, "train", lambda: trained.append(True))
    QTest.mouseClick(panel.empty.button, Qt.MouseButton.LeftButton)
    assert trained == [True]


def test_when_the_weights_have_moved_it_is_laid_anew_and_stays_where_it_is_not_to_follow(
    lay: Open, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphlab.ui.panels import surface

    monkeypatch.setattr(surface, "OFTEN", 0.0)
    panel, beside = lay(winding_graph())
    panel.set_following(False)
    beside.train(3)
    qtbot.wait(50)
    assert len(beside.asked) == 1
    panel.set_following(True)
    qtbot.waitUntil(lambda: len(beside.asked) == 2)
    before = panel.shown
    beside.tell()
    assert panel.shown is before  # until the new one is fine enough
    beside.work()
    assert panel.shown is not before
    assert panel.shown is not None
    assert panel.shown.head is not None
    assert panel.shown.head.step == 3


def test_magnifying_has_the_part_that_is_seen_measured_on_the_same_plane(lay: Open, qtbot: Any) -> None:
    panel, beside = lay(winding_graph())
    panel.plane.setFocus()
    QTest.keyClick(panel.plane, Qt.Key.Key_Plus)
    qtbot.waitUntil(lambda: len(beside.asked) == 2)
    asked = beside.asked[-1]
    assert asked.stay
    assert asked.view == pytest.approx((-0.8, -0.8, 0.8, 0.8))
    beside.work()
    assert panel.shown is not None
    assert panel.shown.view == pytest.approx(asked.view)
    QTest.keyClick(panel.plane, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: len(beside.asked) == 3)
    assert beside.asked[-1].view is None


def test_the_pointer_reads_the_surface_and_the_way(lay: Open, qtbot: Any) -> None:
    panel, beside = lay(valley())
    beside.train(15)
    qtbot.waitUntil(lambda: panel.plane.dots.points[-1, 0] > -1)
    plane = panel.plane
    QTest.mouseMove(plane, QPoint(*(int(v) for v in plane.pixels(np.array([-1.0, 2.0])))))
    assert panel.read_out.text().startswith("x −1")
    assert "loss" in panel.read_out.text()
    QTest.mouseMove(plane, QPoint(*(int(v) for v in plane.pixels(plane.dots.points[0]))))
    assert panel.read_out.text().startswith("the way of the run: step 0 to 15")


def test_in_space_arrows_turn_it(lay: Open) -> None:
    panel, _ = lay(winding_graph())
    panel.turning.set_on(True)
    facets = panel.plane.facets
    assert facets is not None
    assert len(facets.corners) == 256
    panel.plane.setFocus()
    QTest.keyClick(panel.plane, Qt.Key.Key_Left)
    turned = panel.plane.facets
    assert turned is not None
    assert not np.allclose(turned.corners, facets.corners)
    panel.turning.set_on(False)
    assert panel.plane.facets is None


def test_a_hidden_panel_has_nothing_measured(lay: Open) -> None:
    panel, beside = lay(winding_graph())
    panel.lay()
    panel.hide()
    assert isinstance(beside.asked[-1], m.StopExperiment)
    assert not beside.experiments.is_busy
    assert not list(beside.experiments.follow(beside.space, 0))


def test_after_an_edit_it_is_measured_anew(lay: Open, qtbot: Any) -> None:
    panel, beside = lay(winding_graph())
    list(beside.experiments.drop(0))
    beside.announce()
    assert panel.shown is None
    qtbot.waitUntil(lambda: len(beside.asked) == 2)
    beside.work()
    assert panel.shown is not None


def test_other_directions_are_drawn(lay: Open) -> None:
    panel, beside = lay(winding_graph())
    before = panel.shown.losses  # type: ignore[union-attr]
    panel.lay_others()
    beside.work()
    assert panel.shown is not None
    assert beside.asked[-1].seed == 1
    assert not np.allclose(panel.shown.losses, before)


def test_its_numbers_and_its_picture_can_be_saved(lay: Open) -> None:
    panel, _beside = lay(valley(), trained=5)
    rows = list(csv.reader(io.StringIO(panel._numbers(".csv").decode())))
    assert rows[0] == ["what", "step", "x", "y", "loss", "off the plane"]
    assert [row[0] for row in rows[1:]].count("surface") == 17 * 17
    way = [row for row in rows[1:] if row[0] == "way"]
    assert [int(row[1]) for row in way] == [0, 1, 2, 3, 4, 5, 5]
    assert panel._picture(".png").startswith(b"\x89PNG")
    assert b"<svg" in panel._picture(".svg")


def test_without_a_loss_it_says_so(qtbot: Any, quiet_session: Session) -> None:
    panel = SurfacePanel(quiet_session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "no loss yet" in panel.empty.label.text())


def test_valleys_and_peaks_are_told_apart_in_each_theme(each_theme: theme.Theme) -> None:
    rgb = each_theme.terrain(np.array([0.0, 0.5, 1.0, np.nan])).astype(int)
    assert rgb[0, 2] > rgb[0, 0]  # blue
    assert rgb[2, 0] > rgb[2, 2]  # yellow
    assert abs(rgb[0] - rgb[2]).sum() > 60
    well = each_theme.well
    assert rgb[3].tolist() == [well.red(), well.green(), well.blue()]
