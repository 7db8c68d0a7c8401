"""Every training of a session becomes a run: with the real engine, and without."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from graphlab.engine import messages as m
from graphlab.lab.runs import KeptRun, RunFolder, folder_beside, unsaved_folder
from graphlab.ui import settings
from graphlab.ui.session import Session
from tests.ui.test_session import wait, xor


def runs(session: Session) -> list[KeptRun]:
    return RunFolder(session.recording.folder).runs()


@pytest.fixture
def trained(qtbot: Any) -> Iterator[Session]:
    """A session with the real engine, paused after some hundred steps."""
    session = Session(xor())
    wait(qtbot, lambda: session.loaded is not None)
    session.train()
    wait(qtbot, lambda: len(session.losses) > 300)
    session.pause()
    wait(qtbot, lambda: session.status.state == "paused")
    yield session
    session.close()


def test_a_training_is_kept_with_its_last_weights_until_it_is_reset(trained: Session, qtbot: Any) -> None:
    losses, reports = trained.losses.values.copy(), list(trained.losses.reports)
    weights = trained.weights()
    trained.reset()
    wait(qtbot, lambda: trained.status.step == 0)
    wait(qtbot, lambda: bool(runs(trained)) and runs(trained)[0].state == "stopped")
    (run,) = runs(trained)
    assert trained.recording.folder == unsaved_folder()
    curve = run.curve()
    assert np.array_equal(curve.losses, losses)
    assert [epoch.epoch for epoch in curve.epochs] == [report.epoch for report in reports]
    kept = run.weights()
    assert kept.keys() == weights.keys()
    assert all(np.array_equal(kept[name], weights[name]) for name in weights)
    assert run.end is not None
    assert run.end.weights_step == len(losses)
    assert run.document() == trained.whole
    assert run.head.parameters == trained.loaded.parameters

    trained.train_step()  # by hand: no training
    wait(qtbot, lambda: trained.status.step == 1)
    trained.train()
    wait(qtbot, lambda: len(trained.losses) > 50)
    trained.close()
    second, first = runs(trained)
    assert (first.id, second.state) == (run.id, "stopped")
    assert second.figures.steps == len(second.curve().losses)
    assert second.end.weights_step == second.figures.steps


# Without an engine: what arrives is made up


@pytest.fixture
def tell(quiet_session: Session) -> Callable[..., None]:
    """`tell(first, losses, state="training")`: the engine sends these, in that state."""

    def send(first: int, losses: Any, state: str = "training", reports: Any = (), **more: Any) -> None:
        values = np.asarray(losses, dtype=np.float64)
        step, epoch = first + len(values), more.pop("epoch", 0)
        quiet_session.engine.status = m.Status(0, state, first, epoch, 0, None, **more)
        quiet_session.engine.status_changed.emit(quiet_session.engine.status)
        quiet_session.engine.scalars.emit(m.Scalars(0, first, values, tuple(reports)))
        quiet_session.engine.status = m.Status(0, state, step, epoch, 0, None, **more)
        quiet_session.engine.status_changed.emit(quiet_session.engine.status)

    return send


def settled(session: Session) -> list[KeptRun]:
    """The runs, once everything is written."""
    session.recording.flush()
    session.recording.clerk.wait()
    return runs(session)


def test_steps_by_hand_make_no_run_and_come_along_with_the_first_training(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    tell(0, [5], "training")
    tell(1, [], "finished")
    tell(1, [4], "training")
    tell(2, [], "finished")
    assert settled(quiet_session) == []
    tell(2, [3, 2])
    (run,) = settled(quiet_session)
    assert (run.state, run.curve().losses.tolist()) == ("running", [5, 4, 3, 2])


def test_going_on_from_the_past_is_a_branch_and_the_future_stays(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    tell(0, range(100))
    tell(95, [7, 7])  # a step or two taken back is no branch
    tell(40, [1, 1, 1])
    branch, trunk = settled(quiet_session)
    assert (trunk.state, trunk.curve().losses.tolist()) == ("stopped", [*range(95), 7, 7])
    assert (branch.state, branch.curve().losses.tolist()) == ("running", [*range(40), 1, 1, 1])
    assert (branch.head.parent, branch.head.parent_step) == (trunk.id, 40)


def test_taking_up_another_way_again_is_a_run_of_its_own(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    tell(0, range(50))
    quiet_session.losses.take(m.Scalars(0, 50, np.arange(100.0)))  # as time travel puts back what was left
    tell(150, [1, 1])
    again, before = settled(quiet_session)
    assert (before.state, len(before.curve().losses)) == ("stopped", 50)
    assert again.curve().losses.tolist() == [*range(50), *range(100), 1, 1]


def test_weights_of_a_step_that_is_only_looked_at_are_not_kept(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    tell(0, range(50))
    for step, value in ((50, 5.0), (20, 2.0)):
        quiet_session.engine.weighed.emit(m.Weights(0, 0, {"z.bias": np.array([value])}, {"step": step}))
    quiet_session.reset()
    (run,) = settled(quiet_session)
    assert run.weights()["z.bias"].tolist() == [5.0]
    assert run.end.weights_step == 50


def test_an_engine_that_began_anew_makes_no_branch(quiet_session: Session, tell: Callable[..., None]) -> None:
    tell(0, range(100))
    quiet_session.engine.link.lost.emit("it died")
    tell(40, [1, 1, 1])
    (run,) = settled(quiet_session)
    assert run.curve().losses.tolist() == [*range(40), 1, 1, 1]


def test_a_training_that_reached_its_end_is_finished_once_its_weights_are_there(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    epochs = quiet_session.whole.training.epochs
    tell(0, range(10))
    report = m.ReportRecord(epochs, 10, 0.5, {"accuracy": 0.75}, None, {}, 0.25)
    tell(10, [], "finished", [report], epoch=epochs)
    assert settled(quiet_session)[0].state == "running"
    arrays = {"z.weight": np.ones((4, 3), np.float32)}
    quiet_session.engine.weighed.emit(m.Weights(0, 0, arrays, {"step": 10}))
    (run,) = settled(quiet_session)
    assert (run.state, run.end.weights_step, run.end.best_step) == ("finished", 10, 10)
    assert run.figures.metrics == {"accuracy": 0.75}
    tell(10, [1, 2])  # and on
    assert [run.state for run in settled(quiet_session)] == ["running"]


def test_a_training_that_stopped_early_says_why_and_keeps_last_and_best_weights(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    engine = quiet_session.engine

    def weigh(step: int) -> None:
        engine.weighed.emit(m.Weights(0, 0, {"z.bias": np.array([float(step)])}, {"step": step}))

    tell(0, range(50))
    best = m.BestRecord("validation loss", 3, 30, 0.25)
    engine.answered.emit(m.Improved(0, best, {"z.bias": np.array([30.0])}))
    engine.answered.emit(m.Stopped(0, 50, 5, "no improvement for 2 epochs", best, True))
    tell(50, [], "finished", epoch=5)
    weigh(50)
    (run,) = settled(quiet_session)
    assert (run.state, run.end.reason) == ("finished", "no improvement for 2 epochs")
    tell(30, [], "paused", epoch=3)  # it has gone back
    weigh(30)
    (run,) = settled(quiet_session)
    assert (run.state, len(run.curve().losses)) == ("finished", 50)
    assert (run.end.weights_step, run.weights()["z.bias"].tolist()) == (50, [50.0])
    assert (run.end.best_step, run.weights("best")["z.bias"].tolist()) == (30, [30.0])


def test_a_run_that_met_nan_has_failed_and_says_where(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    tell(0, range(10))
    tell(10, [], "paused", hit="z, forward: NaN or infinity")
    quiet_session.reset()
    (run,) = settled(quiet_session)
    assert (run.state, run.end.reason) == ("failed", "z, forward: NaN or infinity")


def test_what_is_changed_meanwhile_is_kept(quiet_session: Session, tell: Callable[..., None]) -> None:
    tell(0, range(10))
    quiet_session.marks.add(10, "lr 0.01 → 0.003")
    tell(10, range(10))
    assert settled(quiet_session)[0].curve().marks == [(10, "lr 0.01 → 0.003")]


def test_runs_move_along_when_the_document_is_saved_first(
    quiet_session: Session, tell: Callable[..., None], tmp_path: Path
) -> None:
    tell(0, range(10))
    quiet_session.reset()
    tell(0, range(20))
    settled(quiet_session)
    quiet_session.mark_saved(tmp_path / "net.graphlab")
    tell(20, range(5))
    assert [len(run.curve().losses) for run in settled(quiet_session)] == [25, 10]
    assert quiet_session.recording.folder == folder_beside(tmp_path / "net.graphlab")
    assert RunFolder(unsaved_folder()).runs() == []
    quiet_session.mark_saved(tmp_path / "copy.graphlab")  # they stay with the first
    settled(quiet_session)
    assert len(RunFolder(tmp_path / "net.runs").runs()) == 2


def test_runs_are_kept_elsewhere_or_not_at_all_as_the_settings_say(
    quiet_session: Session, tell: Callable[..., None], tmp_path: Path
) -> None:
    settings.settings().setValue("runs.place", "user")
    quiet_session.mark_saved(tmp_path / "net.graphlab")
    tell(0, range(10))
    assert len(settled(quiet_session)) == 1
    assert quiet_session.recording.folder == unsaved_folder()
    settings.settings().setValue("runs.keep", "no")
    quiet_session.reset()
    tell(0, range(10))
    assert len(settled(quiet_session)) == 1


def test_a_folder_that_cannot_be_written_is_told_once_and_stops_nothing(
    quiet_session: Session, tell: Callable[..., None], tmp_path: Path, qtbot: Any
) -> None:
    (tmp_path / "net.runs").write_text("in the way")
    quiet_session.mark_saved(tmp_path / "net.graphlab")
    for _ in range(2):
        tell(0, range(10))
        quiet_session.recording.flush()
        quiet_session.reset()
    qtbot.waitUntil(lambda: bool(quiet_session.notices))
    assert [notice.level for notice in quiet_session.notices] == ["warning"]
    assert "not kept" in quiet_session.notices[0].text


def test_two_hundred_runs_started_and_discarded_leave_memory_flat(
    quiet_session: Session, tell: Callable[..., None]
) -> None:
    from graphlab.ui.recording import _Live

    arrays = {"z.weight": np.ones((100, 100), np.float32)}
    sizes = []
    for k in range(220):
        tell(0, np.arange(2_000) / (k + 1))
        quiet_session.engine.weighed.emit(m.Weights(0, 0, arrays, {"step": 2_000}))
        quiet_session.reset()
        if k % 20 == 19:
            quiet_session.recording.clerk.wait()
            QCoreApplication.processEvents()
            sizes.append(resident())
    assert quiet_session.recording._live is None
    assert sum(type(each) is _Live for each in living()) <= 1
    assert sizes[-1] - sizes[0] < 20_000_000, sizes


def living() -> list[Any]:
    import gc

    gc.collect()
    return gc.get_objects()


def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * 4096 if path.exists() else 0
