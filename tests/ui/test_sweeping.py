"""The sweeps of a session: found, looked at while they grow, their trials chosen, and left with the document."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.lab.sweeps import kept
from graphlab.ui.session import Session
from graphlab.ui.sweeping import Sweeping
from tests.lab.sweeps.made import made_sweep


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_sweep(tmp_path_factory.mktemp("made"), trials=24)


def graph(name: str) -> Graph:
    made = Graph(name)
    made.add("Input", name="x", shape=("N", 2))
    return made


@pytest.fixture
def session(made: Path, qtbot: Any) -> Iterator[Session]:
    session = Session(graph(kept.read_head(made).graph), engine=False)
    yield session
    session.close()


def put(made: Path, session: Session, name: str = "", lines: int = 0) -> Path:
    """A copy of the made-up sweep among those of the session, with so many lines of fits; 0 for all."""
    path = session.sweeping.folder / (name or made.name)
    shutil.copytree(made, path)
    if lines:
        fits = (path / kept.FITS).read_bytes().splitlines(keepends=True)
        (path / kept.FITS).write_bytes(b"".join(fits[:lines]))
    return path


def looked(session: Session, qtbot: Any) -> Sweeping:
    session.sweeping.join(session)
    qtbot.waitUntil(lambda: session.sweeping.kept is not None)
    return session.sweeping


def test_the_newest_sweep_is_looked_at_and_another_when_it_is_wanted(
    made: Path, session: Session, qtbot: Any
) -> None:
    old = put(made, session)
    new = put(made, session, "0002-20261128-130000")
    head = (new / kept.HEAD).read_text().replace(f'"id":"{made.name}"', f'"id":"{new.name}"')
    began = kept.read_head(old).began
    (new / kept.HEAD).write_text(head.replace(str(began), str(began + 60)))
    sweeping = looked(session, qtbot)
    assert sweeping.path == new
    assert [each.path for each in sweeping.all] == [new, old]
    assert sweeping.state == "stopped"
    with qtbot.waitSignal(sweeping.opened):
        sweeping.look_at(old)
    assert sweeping.path == old


def test_trials_that_are_written_later_are_told_of_by_their_numbers(
    made: Path, session: Session, qtbot: Any
) -> None:
    path = put(made, session, lines=10)
    sweeping = looked(session, qtbot)
    assert [trial.state for trial in sweeping.trials[3:6]] == ["done", "done", "waiting"]
    lines = (made / kept.FITS).read_bytes().splitlines(keepends=True)
    with qtbot.waitSignal(sweeping.changed) as told, open(path / kept.FITS, "ab") as file:
        file.write(b"".join(lines[10:12]))
    assert told.args == [{5}]
    assert sweeping.trial(5).state == "done"


def test_what_is_chosen_is_told_once_and_holds_no_trial_that_is_not_there(
    made: Path, session: Session, qtbot: Any
) -> None:
    put(made, session)
    sweeping = looked(session, qtbot)
    told: list[list[int]] = []
    sweeping.chosen.connect(told.append)
    sweeping.choose([7, 3, 7, 99])
    sweeping.choose([7, 3])
    assert told == [[7, 3]]
    sweeping.choose([])
    assert told == [[7, 3], []]


def test_a_damaged_sweep_is_told_of_once_and_the_one_before_is_looked_at(
    made: Path, session: Session, qtbot: Any
) -> None:
    old = put(made, session)
    broken = put(made, session, "0002-20261128-130000")
    sweeping = looked(session, qtbot)
    while sweeping.path != broken:
        with qtbot.waitSignal(sweeping.opened):
            sweeping.look_at(broken)
    sweeping.leave(session)
    (broken / kept.FITS).unlink()
    (broken / kept.FITS).mkdir()
    sweeping.join(session)
    qtbot.waitUntil(lambda: sweeping.path == old)
    qtbot.wait(20)
    errors = [notice for notice in session.notices if notice.level == "error"]
    assert len(errors) == 1
    assert "fits.jsonl cannot be read" in errors[0].text


def test_sweeps_of_other_documents_are_not_listed_and_go_with_the_document(
    made: Path, session: Session, qtbot: Any, tmp_path: Path
) -> None:
    put(made, session)
    sweeping = looked(session, qtbot)
    sweeping.choose([1])
    session.open(graph("another"))
    assert sweeping.kept is None
    assert sweeping.selection == []
    qtbot.waitUntil(lambda: sweeping.is_known)
    assert sweeping.all == []
    beside = tmp_path / "mine.sweeps"
    shutil.copytree(made, beside / made.name)
    session.open(graph("renamed since"), tmp_path / "mine.graphlab")
    qtbot.waitUntil(lambda: sweeping.path == beside / made.name)


def test_nobody_looks_into_the_folder_unless_somebody_has_joined(
    made: Path, session: Session, qtbot: Any
) -> None:
    put(made, session)
    sweeping = looked(session, qtbot)
    sweeping.leave(session)
    assert not sweeping._timer.isActive()
