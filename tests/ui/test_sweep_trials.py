"""A trial opened from the window: with the weights that were kept, or trained again to the very same ones."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphlab.graph import Graph
from graphlab.lab.sweeps.fit import trainer_of
from graphlab.lab.sweeps.kept import WEIGHTS, KeptSweep
from graphlab.lab.sweeps.names import sweeps_folder
from graphlab.lab.sweeps.runner import Runner
from graphlab.lab.sweeps.writer import SweepWriter
from graphlab.ui.session import Session
from graphlab.ui.sweep_trials import fit_to_open, task_again
from tests.lab.sweeps.crew import Crew


def small() -> Graph:
    """Two things searched, badly and well, so that some trials are pruned."""
    graph = Graph("small")
    data = graph.add("Dataset", name="data", dataset="moons", samples=80)
    scores = graph.add("Linear", data["x"], name="scores", units=1)
    graph.add("BCEWithLogitsLoss", scores, data["target"], name="loss")
    graph.configure(epochs=4, batch_size=16)
    graph.search("lr", "0.2,0.0001,0.1,0.0002,0.05")
    graph.configure_sweep(trials=5, seeds=2, pruning="asha", keep=2)
    return Graph(graph.document)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A document's file whose sweep is done; its weights are gone."""
    path = tmp_path_factory.mktemp("documents") / "small.graphlab"
    made = SweepWriter.create(sweeps_folder(path), small().document, str(path))
    crew = Crew(2)
    for _ in Runner(made, crew).events():
        pass
    crew.close()
    shutil.rmtree(made / WEIGHTS)
    return path


@pytest.fixture
def session(swept: Path, qtbot: Any, monkeypatch: Any) -> Iterator[Session]:
    session = Session(small(), engine=False)
    session.open(small(), swept)
    session.sweeping.join(session)
    qtbot.waitUntil(lambda: session.sweeping.kept is not None)
    monkeypatch.setattr("graphlab.lab.sweeps.workers.local_workers", lambda count, threads: Crew(count))
    yield session
    session.close()


def of_state(sweep: KeptSweep, state: str) -> int:
    return next(number for number, trial in sweep.trials.items() if trial.state == state)


@pytest.mark.parametrize("state", ["done", "pruned"])
def test_a_trial_without_weights_is_trained_again_to_the_same_bits(
    state: str, session: Session, qtbot: Any
) -> None:
    sweeping = session.sweeping
    kept = sweeping.kept
    assert kept is not None
    number = of_state(kept, state)
    with qtbot.waitSignal(sweeping.use.open_wanted) as told:
        sweeping.use.open(number)
    graph, weights = told.args
    assert "trained again" in session.notices[0].text
    assert [notice.level for notice in session.notices] == ["info"]  # it came to the same score
    assert sweeping.use.training == -1
    trial = kept.trials[number]
    fit = fit_to_open(trial)
    assert fit is not None
    alone = trainer_of(task_again(kept, trial, fit, ""), kept.document)
    for _ in range(fit.epochs[-1].epoch):
        alone.advance(alone.steps_per_epoch)
    assert weights.keys() == alone.run.weights.keys()
    assert all(np.array_equal(weights[name], array) for name, array in alone.run.weights.items())
    assert graph.document.training.lr == trial.values["lr"]


def test_one_is_trained_again_at_a_time(session: Session, qtbot: Any) -> None:
    sweeping = session.sweeping
    sweeping.use.training = 3
    assert sweeping.kept is not None
    sweeping.use.open(of_state(sweeping.kept, "done"))
    qtbot.waitUntil(lambda: bool(session.notices))
    assert session.notices[-1].text == "Trial 3 is being trained again."


def test_the_command_of_a_trial_names_the_document_and_its_values(session: Session) -> None:
    kept = session.sweeping.kept
    assert kept is not None
    number = of_state(kept, "done")
    line = session.sweeping.use.command(number)
    assert line.startswith("graphlab train ")
    assert f"--lr {kept.trials[number].values['lr']}" in line
