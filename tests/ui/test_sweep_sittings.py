"""Processes beside the window: a sweep begun, stopped, resumed and evaluated by them; what they say when they die."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.ui import sitting
from graphlab.ui.session import Session
from graphlab.ui.sitting import Sitting
from graphlab.ui.sweep_sittings import Crew, _summary
from tests.lab.sweeps.made import made_sweep
from tests.ui.window_trial import PATIENCE


@pytest.fixture
def session(qtbot: Any, tmp_path: Path) -> Iterator[Session]:
    """A small document with two things searched, in a file."""
    graph = Graph("small")
    data = graph.add("Dataset", name="data", dataset="spirals", samples=60)
    scores = graph.add("Linear", data["x"], name="scores", units=1)
    graph.add("BCEWithLogitsLoss", scores, data["target"], name="loss")
    graph.configure(epochs=2)
    graph.search("lr", "log:0.01:0.1")
    graph.configure_sweep(trials=4)
    session = Session(graph, engine=False)
    session.open(graph, tmp_path / "mine.graphlab")
    Crew(workers=1).remember()
    session.sweeping.join(session)
    yield session
    session.close()


def python(monkeypatch: Any, code: str) -> None:
    """Processes run that instead of the command line."""
    monkeypatch.setattr(sitting, "CLI", ("-c", code))


def begun(session: Session, qtbot: Any) -> Path:
    session.sweeping.sittings.start()
    qtbot.waitUntil(lambda: session.sweeping.sittings.is_on, timeout=PATIENCE)
    qtbot.waitUntil(lambda: session.sweeping.kept is not None, timeout=PATIENCE)
    path = session.sweeping.path
    assert path is not None
    return path


def test_a_sweep_is_begun_stopped_resumed_and_its_best_evaluated(session: Session, qtbot: Any) -> None:
    sweeping, sittings = session.sweeping, session.sweeping.sittings
    session.root.configure(epochs=800)  # so that the first trials are seen long before the last is done
    session.root.configure_sweep(trials=40)
    path = begun(session, qtbot)
    assert path.parent == session.path.with_suffix(".sweeps")
    assert sweeping.is_running
    qtbot.waitUntil(lambda: any(trial.state == "done" for trial in sweeping.trials), timeout=PATIENCE)
    sittings.stop()
    assert sittings.is_stopping
    qtbot.waitUntil(lambda: not sittings.is_on, timeout=PATIENCE)
    qtbot.waitUntil(lambda: sweeping.state == "stopped", timeout=PATIENCE)
    before = {fit.key: fit for trial in KeptSweep(path).trials.values() for fit in trial.fits}
    assert 0 < len(before) < 40
    sittings.resume()
    qtbot.waitUntil(lambda: sum(trial.state == "done" for trial in sweeping.trials) == 40, timeout=PATIENCE)
    qtbot.waitUntil(lambda: sweeping.state == "finished", timeout=PATIENCE)
    after = {fit.key: fit for trial in sweeping.trials for fit in trial.fits}
    assert {key: after[key] for key in before} == before
    qtbot.waitUntil(lambda: session.notices[-1].text.startswith("Sweep 1 is finished: "), timeout=PATIENCE)
    assert not (path / "sitting.jsonl").exists()
    with qtbot.waitSignal(sittings.evaluated, timeout=PATIENCE) as told:
        sittings.evaluate(3)
    assert (told.args[0].trial, told.args[0].rows) == (3, 9)
    assert len(sweeping.kept.openings()) == 1


def test_what_keeps_a_sweep_from_beginning_is_told_and_leaves_no_folder(session: Session, qtbot: Any) -> None:
    session.root.configure(validation=0.0)
    session.sweeping.sittings.start()
    assert session.sweeping.sittings.is_beginning
    qtbot.waitUntil(lambda: bool(session.notices), timeout=PATIENCE)
    assert "No rows are held out" in session.notices[-1].text
    assert not session.sweeping.sittings.is_beginning
    assert not list(session.sweeping.folder.glob("0*"))


def test_a_process_that_dies_is_told_with_its_last_words_and_can_be_resumed(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    python(
        monkeypatch,
        "import sys; print('noise', file=sys.stderr); sys.exit('graphlab: No scheduler answers.')",
    )
    path = begun(session, qtbot)
    (path / kept.TRIALS).write_bytes(b'{"trial":0,"values":{"lr":0.01}}\n')
    qtbot.waitUntil(lambda: bool(session.notices), timeout=PATIENCE)
    notice = session.notices[-1]
    assert (notice.level, notice.text) == ("error", "No scheduler answers.")
    python(monkeypatch, "import time; time.sleep(60)")
    assert notice.choice is not None
    notice.choice[1]()
    assert session.sweeping.sittings.path == path


def test_a_sweep_whose_trials_all_failed_says_why_at_its_end(tmp_path: Path) -> None:
    path = made_sweep(tmp_path, trials=24)
    head = path / kept.FITS
    lines = [line for line in head.read_bytes().splitlines() if b'"failed"' in line]
    head.write_bytes(b"\n".join(lines) + b"\n")
    assert _summary(path).endswith(", without a score: The loss became NaN at step 41.")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_process_that_is_killed_is_told_without_last_words(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    python(monkeypatch, "import time; time.sleep(60)")
    path = begun(session, qtbot)
    (path / kept.TRIALS).write_bytes(b'{"trial":0,"values":{"lr":0.01}}\n')
    qtbot.waitUntil(lambda: session.sweeping.state == "running", timeout=PATIENCE)
    told: list[bool] = []
    session.sweeping.sittings.changed.connect(lambda: told.append(session.sweeping.is_running))
    os.kill(session.sweeping.sittings.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: bool(session.notices), timeout=PATIENCE)
    assert "was killed" in session.notices[-1].text
    assert told[0] is False  # nor is it taken for another program's until somebody looks
    qtbot.waitUntil(lambda: session.sweeping.state == "interrupted", timeout=PATIENCE)


def test_a_sweep_that_never_came_to_a_trial_leaves_nothing_behind(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    python(monkeypatch, "import sys; sys.exit('graphlab: No scheduler answers.')")
    path = begun(session, qtbot)
    qtbot.waitUntil(lambda: bool(session.notices), timeout=PATIENCE)
    assert session.notices[-1].choice is None
    assert not path.exists()
    qtbot.waitUntil(lambda: session.sweeping.kept is None, timeout=PATIENCE)
    assert session.sweeping.all == []


def test_a_process_that_does_not_heed_the_file_is_told_to_end(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sitting, "PATIENT", 20)
    monkeypatch.setattr(sitting, "FIRM", 20)
    python(
        monkeypatch,
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
    )
    path = begun(session, qtbot)
    qtbot.waitUntil(lambda: (path / "sitting.jsonl").read_bytes() != b"", timeout=PATIENCE)
    session.sweeping.sittings.stop()
    assert (path / kept.STOP).exists()
    qtbot.waitUntil(lambda: not session.sweeping.sittings.is_on, timeout=PATIENCE)
    assert session.notices == []  # it was asked to


def test_epochs_under_way_are_heard_and_forgotten_when_the_training_is_done(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    python(monkeypatch, "import time; time.sleep(60)")
    path = begun(session, qtbot)
    sittings = session.sweeping.sittings
    said = path / "sitting.jsonl"
    qtbot.waitUntil(said.exists, timeout=PATIENCE)
    with open(said, "ab") as file:
        file.write(b'{"event":"epoch","trial":2,"repeat":0,"fold":0,"epoch":7,"loss":null}\n')
        file.write(b'{"event":"epoch","trial":3,"epoch":1}\nno json\n')
    assert sittings.listen()
    assert {key.trial: epoch for key, epoch in sittings.under_way.items()} == {2: 7, 3: 1}
    assert not sittings.listen()
    with open(said, "ab") as file:
        file.write(b'{"event":"fit","trial":2,"state":"done"}\n')
    assert sittings.listen()
    assert [key.trial for key in sittings.under_way] == [3]


def test_one_sweep_at_a_time_goes_on_and_the_document_may_move_meanwhile(
    session: Session, qtbot: Any, monkeypatch: Any, tmp_path: Path
) -> None:
    python(monkeypatch, "import time; time.sleep(60)")
    path = begun(session, qtbot)
    session.sweeping.sittings.start()
    assert "under way" in session.notices[-1].text
    session.mark_saved(tmp_path / "elsewhere" / "other.graphlab")
    qtbot.waitUntil(lambda: session.sweeping.is_known, timeout=PATIENCE)
    assert [each.path for each in session.sweeping.all] == [path]
    assert session.sweeping.path == path


def test_another_document_leaves_the_sweep_to_end_in_order(
    session: Session, qtbot: Any, monkeypatch: Any
) -> None:
    python(monkeypatch, "import time; time.sleep(60)")
    path = begun(session, qtbot)
    other = Graph("other")
    other.add("Input", name="x", shape=("N", 2))
    session.open(other)
    assert (path / kept.STOP).exists()
    assert session.sweeping.kept is None


def test_a_program_that_is_not_there_is_told(
    qtbot: Any, tmp_path: Path, monkeypatch: Any, session: Session
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    one = Sitting(session, ["sweep"], tmp_path / "out", tmp_path / "errors")
    with qtbot.waitSignal(one.ended) as told:
        one.start()
    assert told.args == [None]
    assert one.last_words() == ""
