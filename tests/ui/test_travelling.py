"""Time travel in the window: the trail as the engine tells it, hands on the scrubber, and branches on the curve."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from graphlab.engine import messages as m
from graphlab.engine.messages import Scalars, Status
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.ui import theme
from graphlab.ui.panels.loss import LossPanel
from graphlab.ui.session import Session
from graphlab.ui.status_line import StatusLine
from graphlab.ui.travelling import Travelling
from graphlab.ui.widgets.scrubber import Scrubber, Track
from tests.ui.window_trial import PATIENCE, Make


def trail(end: int, first: int = 0, **more: Any) -> m.Trail:
    return m.Trail(0, first, end, np.arange(first, end, 10), 5_000_000, 256_000_000, **more)


@pytest.fixture
def trained(quiet_session: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A hundred steps were trained. `sent`: what the engine was told since."""
    session = quiet_session
    session.sent = []  # type: ignore[attr-defined]
    monkeypatch.setattr(session.engine, "send", session.sent.append)  # type: ignore[attr-defined]
    session.engine.scalars.emit(Scalars(0, 0, np.linspace(2, 1, 100)))
    session.engine.answered.emit(trail(100))
    stand(session, 100)
    return session


def stand(session: Session, step: int) -> None:
    session.engine.status = Status(0, "paused", step, 0, 0, None)
    session.engine.status_changed.emit(session.engine.status)


def asked(session: Session) -> list[tuple[int, bool]]:
    """The steps that the engine was asked to go to, and whether in passing."""
    found = [(c.step, c.hurry) for c in session.sent if isinstance(c, m.Travel)]  # type: ignore[attr-defined]
    session.sent.clear()  # type: ignore[attr-defined]
    return found


def scrubber(session: Session, qtbot: Any, width: int = 600) -> Scrubber:
    found = Scrubber(session.travel, None)
    qtbot.addWidget(found)
    found.resize(width, 26)
    found.show()
    qtbot.waitExposed(found)
    found.refresh()
    return found


def place(track: Track, step: int) -> QPoint:
    return QPoint(round(track.x_of(step)), track.height() // 2)


def test_where_one_is_and_what_it_takes_is_told(trained: Session, qtbot: Any) -> None:
    wide, narrow = scrubber(trained, qtbot), scrubber(trained, qtbot, 300)
    stand(trained, 40)
    assert (wide.field.text(), wide.of.text()) == ("40", "of 100")
    assert wide.more.text() == "10 checkpoints, 5 MB ▾"
    assert narrow.more.text() == "⋯"
    assert "10 checkpoints, 5 MB" in narrow.more.toolTip()
    assert trained.travel.is_past
    stand(trained, 100)
    assert not trained.travel.is_past
    assert not wide.to_end.isEnabled()


def test_a_drag_asks_in_passing_one_at_a_time_and_exactly_when_let_go(trained: Session, qtbot: Any) -> None:
    track = scrubber(trained, qtbot).track
    trained.engine.link.start = lambda: None  # type: ignore[method-assign]
    trained.engine.is_up = True
    QTest.mousePress(track, Qt.MouseButton.LeftButton, pos=place(track, 100))
    for step in (90, 80, 70):
        QTest.mouseMove(track, place(track, step))
    assert asked(trained) == [(90, True)]
    stand(trained, 88)
    assert asked(trained) == [(70, True)]
    QTest.mouseRelease(track, Qt.MouseButton.LeftButton, pos=place(track, 70))
    assert track.shown == 88
    stand(trained, 72)
    assert asked(trained) == [(70, False)]


@pytest.mark.parametrize(
    ("key", "modifier", "step"),
    [
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 49),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 51),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 40),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 45),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, 55),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, 100),
    ],
)
def test_keys_go_along_the_line(
    key: Qt.Key, modifier: Qt.KeyboardModifier, step: int, trained: Session, qtbot: Any
) -> None:
    track = scrubber(trained, qtbot).track
    stand(trained, 50)
    QTest.keyClick(track, key, modifier)
    assert asked(trained) == [(step, False)]


def test_keys_in_quick_succession_add_up(trained: Session, qtbot: Any) -> None:
    track = scrubber(trained, qtbot).track
    trained.engine.is_up = True
    for _ in range(5):
        QTest.keyClick(track, Qt.Key.Key_Left)
    assert asked(trained) == [(99, False)]
    stand(trained, 99)
    assert asked(trained) == [(95, False)]


def test_a_step_is_typed(trained: Session, qtbot: Any) -> None:
    bar = scrubber(trained, qtbot)
    bar.field.setFocus()
    bar.field.selectAll()
    QTest.keyClicks(bar.field, "7777")
    stand(trained, 100)  # what arrives meanwhile takes nothing away from who types
    assert bar.field.text() == "7777"
    QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert asked(trained) == [(100, False)]


def test_steps_that_are_forgotten_cannot_be_reached(trained: Session, qtbot: Any) -> None:
    trained.engine.answered.emit(trail(100, first=30, forgotten=True))
    bar = scrubber(trained, qtbot)
    QTest.mouseClick(bar.track, Qt.MouseButton.LeftButton, pos=place(bar.track, 5))
    assert asked(trained)[0] == (30, True)
    assert "before 30 are forgotten" in bar.more.toolTip()


def test_a_state_without_room_is_told(trained: Session, qtbot: Any) -> None:
    trained.engine.answered.emit(m.Trail(0, 0, 0, np.zeros(0, int), 0, 1, too_large=3_000_000_000))
    bar = scrubber(trained, qtbot)
    assert bar.more.text() == "no room: 3 GB each ▾"
    assert not bar.track.isEnabled()


def test_a_click_on_the_curve_goes_there_and_a_double_click_does_not(trained: Session, qtbot: Any) -> None:
    panel = LossPanel(trained)
    qtbot.addWidget(panel)
    panel.resize(500, 220)
    panel.show()
    qtbot.waitExposed(panel)
    panel.redraw()
    chart = panel.loss
    view, box = chart.view, chart.plot.getViewBox()
    qtbot.waitUntil(lambda: box.viewRect().width() > 50)
    pos = view.mapFromScene(box.mapViewToScene(box.viewRect().center()))
    wanted = round(box.viewRect().center().x())
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=pos)
    QTest.qWait(chart._clicked.interval() + 30)
    assert asked(trained) == []
    with qtbot.waitSignal(chart.chosen):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=pos)
    ((step, _),) = asked(trained)
    assert abs(step - wanted) <= 1


def test_in_the_past_the_curve_tells_the_numbers_of_then(trained: Session, qtbot: Any) -> None:
    panel = LossPanel(trained)
    qtbot.addWidget(panel)
    panel.resize(500, 220)
    panel.show()
    stand(trained, 1)
    panel.redraw()
    assert "train 2.000<" in panel.loss.words.text()
    assert panel.loss._here.isVisible()
    stand(trained, 100)
    panel.redraw()
    assert "train 1.000<" in panel.loss.words.text()
    assert not panel.loss._here.isVisible()


def lowest(image: QImage, rows: int) -> set[str]:
    """The colours at the bottom of a picture."""
    places = ((x, y) for x in range(image.width()) for y in range(image.height() - rows, image.height()))
    return {image.pixelColor(x, y).name() for x, y in places}


def test_a_picture_of_the_curves_is_one_without_the_scrubber(trained: Session, qtbot: Any) -> None:
    panel = LossPanel(trained)
    qtbot.addWidget(panel)
    panel.resize(500, 220)
    panel.show()
    qtbot.waitExposed(panel)
    panel._redraw()
    accent = theme.theme().accent.name()
    assert accent not in lowest(QImage.fromData(panel._picture("png")), 52)
    assert panel.scrubber.isVisible()


def test_a_long_way_is_told_and_can_be_left(make: Make) -> None:
    window = make(load(example("xor").path)[0])
    session = window.session
    session.engine.is_up = True
    session.engine._take([trail(100), m.Travelling(0, 1234, 2000)])
    assert window.findChild(StatusLine).state.text() == "on the way, 1,234 steps to go"
    session.engine._take([m.Travelled(0, 40)])
    assert window.findChild(StatusLine).state.text() == "ready"
    session.engine.is_up = False


def test_what_is_left_becomes_a_curve_beside_and_comes_back(trained: Session, qtbot: Any) -> None:
    travel: Travelling = trained.travel
    trained.marks.add(80, "lr 0.1 → 0.01")
    before = trained.losses.values.copy()
    stand(trained, 60)
    assert [mark.step for mark in trained.marks.all] == [80]
    with qtbot.waitSignal(travel.parted) as heard:
        trained.engine.answered.emit(m.Parted(0, 1, 60, 100))
    former = heard.args[0]
    assert np.array_equal(former.losses, before[60:])
    assert np.array_equal(trained.losses.values, before[:60])
    (curve,) = trained.overlays.all
    assert (curve.name, curve.curve.first, len(curve.curve)) == ("branch 1, from step 60", 61, 40)
    assert [(mark.step, mark.text) for mark in trained.marks.all] == [(60, "branch 1 was left here")]
    trained.engine.answered.emit(m.Joined(0, 1, 60, 100))
    assert np.array_equal(trained.losses.values, before)
    assert not trained.overlays.all
    assert [mark.step for mark in trained.marks.all] == [60, 80]


def test_what_was_read_of_known_steps_is_not_lost_by_going_back(trained: Session) -> None:
    session = trained
    session.watches.add(session.document.node("z").id, "weight.norm")
    (watch,) = session.watches.all
    for step in range(90, 101):
        session.engine.answered.emit(trail(step))
        session.engine.probed.emit(m.Probed(0, step, 0, (float(step),)))
    stand(session, 95)
    session.engine.probed.emit(m.Probed(0, 95, 0, (95.0,)))
    session.engine.answered.emit(m.Sampled(0, np.array([96, 97]), np.array([[96.0], [97.0]])))
    assert (watch.now, watch.steps[-1], len(watch.steps)) == (95.0, 100, 11)
    session.engine.answered.emit(m.Parted(0, 1, 95, 100))
    session.engine.probed.emit(m.Probed(0, 96, 0, (7.0,)))
    assert watch.steps == [*range(90, 96), 96]
    assert watch.now == 7.0


def test_another_training_forgets_the_branches(trained: Session) -> None:
    trained.engine.answered.emit(m.Parted(0, 1, 60, 100))
    trained.engine.answered.emit(trail(0))
    assert not trained.overlays.all
    assert not trained.travel.former


def test_the_menu_offers_branches_and_memory(trained: Session, qtbot: Any) -> None:
    bar = scrubber(trained, qtbot)
    trained.engine.answered.emit(trail(100, branches=(m.BranchRecord(3, 20, 90),)))
    stand(trained, 50)
    bar.fill(bar.menu)
    actions = {action.text(): action for action in bar.menu.actions()}
    actions["Begin a branch at step 50"].trigger()
    actions["Take up branch 3: steps 20 to 90"].trigger()
    actions["Up to 64 MB for checkpoints"].trigger()
    kinds = [type(c) for c in trained.sent]  # type: ignore[attr-defined]
    assert kinds == [m.Part, m.Rejoin, m.KeepStates]
    assert trained.travel.limit == 64


def test_it_looks_whole_at_any_width_in_each_theme(trained: Session, qtbot: Any, each_theme: Any) -> None:
    changes = {"changes": (20, 50), "branches": (m.BranchRecord(1, 60, 90),)}
    trained.engine.answered.emit(trail(100, **changes))
    for width in (240, 460, 900):
        bar = scrubber(trained, qtbot, width)
        image = bar.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
        assert {each_theme.accent.name(), each_theme.update.name(), each_theme.backward.name()} <= colours
        assert bar.more.geometry().right() <= bar.width()
        assert bar.track.width() >= 60


def test_by_hand_from_end_to_end(make: Make, qtbot: Any) -> None:
    """Train, change the rate, drag back before that, see the rate of then, train with another, take the old way up."""
    window = make(load(example("xor").path)[0], engine=True)
    session, travel = window.session, window.session.travel

    def at(step: int) -> None:
        qtbot.waitUntil(
            lambda: session.status.step == step and session.status.state != "training", timeout=PATIENCE
        )

    def train(steps: int) -> None:
        end = session.status.step + steps
        session.engine.send(m.Train(steps))
        at(end)
        qtbot.waitUntil(lambda: len(session.losses) == end, timeout=PATIENCE)

    qtbot.waitUntil(lambda: session.loaded is not None, timeout=PATIENCE)
    rate = session.root.document.training.lr
    train(60)
    session.root.configure(lr=rate / 2)
    train(60)
    held = session.weights()
    curve = session.losses.values.copy()
    bar = window.docks["loss"].build().scrubber
    qtbot.waitUntil(bar.track.isVisible, timeout=PATIENCE)
    bar.resize(500, 26)
    track = bar.track
    QTest.mousePress(track, Qt.MouseButton.LeftButton, pos=place(track, 120))
    QTest.mouseMove(track, place(track, 90))
    QTest.mouseMove(track, place(track, 40))
    wanted = track.shown
    QTest.mouseRelease(track, Qt.MouseButton.LeftButton, pos=place(track, 40))
    at(wanted)
    qtbot.waitUntil(lambda: session.root.document.training.lr == rate, timeout=PATIENCE)
    assert len(session.losses) == 120
    QTest.keyClick(track, Qt.Key.Key_End)
    at(120)
    qtbot.waitUntil(lambda: session.root.document.training.lr == rate / 2, timeout=PATIENCE)
    assert all(np.array_equal(held[name], array) for name, array in session.weights().items())
    travel.go(30)
    at(30)
    session.root.configure(lr=rate * 3)
    session.engine.send(m.Train(20))
    at(50)
    qtbot.waitUntil(lambda: len(session.losses) == 50 and bool(travel.branches), timeout=PATIENCE)
    travel.join(travel.branches[0].number)
    qtbot.waitUntil(lambda: len(session.losses) == 120, timeout=PATIENCE)
    travel.go(120)
    at(120)
    assert np.array_equal(session.losses.values, curve)
    assert all(np.array_equal(held[name], array) for name, array in session.weights().items())
