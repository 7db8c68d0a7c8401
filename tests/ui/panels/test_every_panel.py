"""What holds for every panel: it stands empty, stands full, works only while seen, and has its icon and title."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from graphlab.engine.check_report import ArrayCheck
from graphlab.engine.messages import (
    Checked,
    Evaluate,
    Evaluated,
    Loaded,
    LossMapped,
    MapLoss,
    Norms,
    Remembered,
    ReportRecord,
    Scalars,
    ScheduleEntry,
    Spreads,
    Status,
    Vital,
    WatchNorms,
    WatchSpreads,
)
from graphlab.engine.spreads import BINS
from graphlab.graph import Graph
from graphlab.lab.runs import RunWriter, Start
from graphlab.ui import icons, theme
from graphlab.ui.panels.live import EmptyState, LivePanel
from graphlab.ui.panels.registry import Panel, panel, panels
from graphlab.ui.session import Session

ALL = pytest.mark.parametrize("declared", panels(), ids=lambda p: p.id)
LIVE = ("loss", "gradients", "activations", "weights")
PLANES = ("boundary", "space", "embedding")  # they need an engine: see tests/ui/plane
ON_DEMAND = ("rates", "race", "sweep_views")  # they wait for somebody to begin
OTHER_ROWS = (  # these rows have classes, and no layer looks at pictures
    *("residuals", "feature-maps", "filter-film", "windows"),
)
PICTURES = ("wants", "why")  # they need an engine: see test_wants and test_why
SEQUENCES = ("vanishing", "gates", "attention", "text", "units")  # no layer here reads any


def shown(qtbot: Any, declared: Panel, session: Session) -> Any:
    widget = declared.make(session, None)
    qtbot.addWidget(widget)
    widget.resize(420, 220)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def by_id(id: str) -> Panel:
    return next(p for p in panels() if p.id == id)


@ALL
def test_a_panel_has_a_title_and_an_icon(declared: Panel) -> None:
    assert declared.title
    assert icons.exists(declared.icon)


@ALL
def test_a_panel_stands_with_an_empty_document(declared: Panel, qtbot: Any) -> None:
    session = Session(Graph(), engine=False)
    widget = shown(qtbot, declared, session)
    assert not widget.grab().isNull()
    session.close()


@pytest.fixture(scope="module")
def to_and_fro(qapp: Any) -> Iterator[Callable[[], object]]:
    """Changes to the other theme: to dress the program takes longer than all else here, so it is done once a test."""
    theme.apply(qapp, "dark")
    yield lambda: theme.apply(qapp, "light" if theme.theme().name == "dark" else "dark")
    theme.apply(qapp, "dark")


@ALL
def test_a_panel_stands_with_values_in_each_theme(
    declared: Panel, full: Callable[[], Session], qtbot: Any, to_and_fro: Callable[[], object]
) -> None:
    session = full()
    widget = shown(qtbot, declared, session)
    if (
        isinstance(widget, LivePanel)
        and declared.id not in PLANES + ON_DEMAND + OTHER_ROWS + PICTURES + SEQUENCES
    ):
        qtbot.waitUntil(lambda: widget._stack.currentWidget() is widget.content)
    before = widget.grab().toImage()
    to_and_fro()
    assert not before.isNull()
    assert widget.grab().toImage() != before


@pytest.mark.parametrize("id", LIVE)
def test_an_empty_panel_says_what_would_fill_it_and_offers_the_step(
    id: str, quiet_session: Session, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet_session.graph.add("Sum", "y", name="s")
    quiet_session.graph.configure(goal="s")
    asked: list[str] = []
    monkeypatch.setattr(quiet_session, "phase", asked.append)
    monkeypatch.setattr(quiet_session, "train", lambda: asked.append("train"))
    widget = shown(qtbot, by_id(id), quiet_session)
    qtbot.waitUntil(lambda: widget.empty.label.text() != "")
    assert widget.empty.button.isVisible()
    widget.empty.button.click()
    assert asked in (["forward"], ["backward"], ["train"])


@pytest.mark.parametrize("size", [(400, 300), (200, 150), (150, 90)])
def test_what_an_empty_panel_says_does_not_lie_on_anything(size: tuple[int, int], qtbot: Any) -> None:
    empty = EmptyState("loss", None)
    qtbot.addWidget(empty)
    empty.resize(*size)
    empty.say("The values of the selected node stand here once it has been computed.", "Forward")
    label, button = empty.label.geometry(), empty.button.geometry()
    assert label.height() >= empty.label.heightForWidth(label.width())
    assert not label.intersects(button)
    assert empty._picture_top < 0 or empty._picture_top + EmptyState.DRAWING <= label.top()


def test_a_faulty_loss_is_not_called_missing(quiet_session: Session, qtbot: Any) -> None:
    widget = shown(qtbot, by_id("loss"), quiet_session)
    qtbot.waitUntil(lambda: "no loss yet" in widget.empty.label.text())
    quiet_session.graph.add("MSELoss", "y", name="loss")
    qtbot.waitUntil(lambda: "target is not connected" in widget.empty.label.text())


@pytest.mark.parametrize("id", ["gradients", "activations", "weights"])
def test_a_hidden_panel_watches_nothing(id: str, quiet_session: Session, qtbot: Any) -> None:
    widget = shown(qtbot, by_id(id), quiet_session)
    assert quiet_session.watching
    widget.hide()
    assert quiet_session.watching == ()


def test_there_is_no_dock_area_of_another_name() -> None:
    with pytest.raises(ValueError, match="middle"):
        panel("x", "X", "middle")  # type: ignore[arg-type]


@pytest.fixture
def full(
    quiet_session: Session, arrive: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Session]:
    """A session that has everything a panel may show."""
    rng = np.random.default_rng(0)

    def answer(command: Any) -> None:
        """What the engine says at once to whoever asks for it."""
        if isinstance(command, WatchNorms) and command.ends:
            found = rng.random((2, len(command.ends), 3))
            quiet_session.engine.answered.emit(Norms(0, command.request, np.array([6, 7]), found))
        if isinstance(command, MapLoss):
            laid = LossMapped(0, command.request, losses=rng.random((5, 5)), is_done=True)
            quiet_session.in_a_moment(lambda: quiet_session.engine.answered.emit(laid))
        if isinstance(command, WatchSpreads) and command.keys:
            shape = (2, len(command.keys))
            counts = rng.integers(0, 9, (*shape, BINS)).astype(np.uint16)
            rest = (np.full(shape, number) for number in (-5, -32))
            event = Spreads(0, command.request, np.array([6, 7]), *rest, counts, np.zeros(shape, np.uint16))
            quiet_session.engine.answered.emit(event)
        if isinstance(command, Evaluate) and command.split:
            count = 270 if command.rows is None else len(command.rows)
            values = (rng.normal(size=(count, 10)), rng.integers(0, 10, count))
            event = Evaluated(0, command.request, 7, values, np.arange(count))
            quiet_session.in_a_moment(lambda: quiet_session.engine.evaluated.emit(event))

    monkeypatch.setattr(quiet_session.engine, "send", answer)

    def fill() -> Session:
        classify_digits(quiet_session)
        nodes = list(quiet_session.document.nodes)
        schedule = (*(ScheduleEntry("forward", n) for n in nodes), ScheduleEntry("update", ""))
        quiet_session.engine.loaded = Loaded(0, schedule, 30, True, 3)
        quiet_session.engine.status = Status(0, "paused", 7, 2, 3, schedule[2])
        quiet_session.compiled.emit(quiet_session.loaded)
        report = ReportRecord(1, 3, 0.5, {"accuracy": 0.9}, 0.6, {"accuracy": 0.8}, 0.1)
        quiet_session.engine.scalars.emit(Scalars(0, 0, rng.random(7), (report,)))
        for name in ("z", "h", "y", "gate"):
            arrive("value", name, "y", rng.normal(size=(5, 4)))
            arrive("grad", name, "y", rng.normal(size=(5, 4)))
        for name in ("z", "y", "gate"):
            arrive("value", name, "weight", rng.normal(size=(4, 3)))
        arrive("value", "loss", "loss", 0.5)
        quiet_session.engine.vitals = (Vital(nodes[0], 5, 4, 0, 0.9, True, 0.1, 0.1),)
        quiet_session.watches.add(nodes[0], "value.mean")
        quiet_session.engine.answered.emit(Remembered(0, 1, 7, 2, 3, schedule[2], 0.5, 9, 100, 900))
        found = ArrayCheck("parameter", nodes[1], "weight", "z.weight", 12, 12, 1e-9, (0, 0), 0.5, 0.5)
        quiet_session.engine.checked.emit(Checked(0, {}, True, (found,)))
        quiet_session.transferring.show("other", {"z.weight": np.zeros((4, 3))})
        quiet_session.notify("info", "hello")
        RunWriter(quiet_session.recording.folder, Start(quiet_session.whole)).end("finished")
        return quiet_session

    return fill


def classify_digits(session: Session) -> None:
    """Digits, scores and a loss beside the rest."""
    graph = session.graph
    data = graph.add("Dataset", name="digits", dataset="digits")
    scores = graph.add("Linear", data["x"], name="scores", units=10)
    graph.add("CrossEntropyLoss", scores, data["target"], name="loss")
