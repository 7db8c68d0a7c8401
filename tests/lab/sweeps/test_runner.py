"""A sitting: all that is wanted is done and written once, whatever fails, stops it, or comes in another order."""

from __future__ import annotations

import dataclasses
import random
import threading
import time

import pytest

from graphlab.errors import ExperimentError, SaveError
from graphlab.graph.searching import search_of
from graphlab.graph.sweep import Sweep
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.sweeps import kept, runner, writer
from graphlab.lab.sweeps.events import Begun, Ended, EpochNoted, FitDone, TrialDone
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Done, Fit
from graphlab.lab.sweeps.runner import Runner
from graphlab.lab.sweeps.trials import ranked
from graphlab.lab.sweeps.writer import SweepWriter

from .crew import Crew, made_up


@pytest.fixture(scope="module")
def document():
    found = load(example("digits-mlp").path)[0].document
    search = search_of(found, "lr", "log:0.001:0.1")
    return found.with_(sweep=Sweep((search,), trials=12, seeds=2))


@pytest.fixture
def begin(document, tmp_path):
    """Makes a sweep with some settings changed; gives its folder."""

    def begin(**changes):
        sweep = dataclasses.replace(document.sweep, **changes)
        return SweepWriter.create(tmp_path / "net.sweeps", document.with_(sweep=sweep))

    return begin


@pytest.fixture
def crew():
    made = []

    def crew(*more, **options):
        made.append(Crew(*more, **options))
        return made[-1]

    yield crew
    for each in made:
        each.close()


def results(path):
    """What a sweep came to: values and scores of every fit."""
    sweep = KeptSweep(path)
    return {k: (trial.values, trial.scores, trial.state) for k, trial in sweep.trials.items()}


def test_all_that_is_wanted_is_done_once_and_told_in_order(begin, crew):
    path = begin()
    events = list(Runner(path, crew(2, made_up)).events())
    assert isinstance(events[0], Begun)
    assert (events[0].expected, events[0].done, events[0].fits_each) == (12, 0, 2)
    assert isinstance(events[-1], Ended)
    assert events[-1].state == "finished"
    assert len([e for e in events if isinstance(e, FitDone)]) == 24
    assert sorted(e.trial.number for e in events if isinstance(e, TrialDone)) == list(range(12))
    assert any(isinstance(e, EpochNoted) for e in events)
    sweep = KeptSweep(path)
    assert sweep.state == "finished"
    assert {trial.state for trial in sweep.trials.values()} == {"done"}
    best = ranked(sweep.trials.values(), "accuracy")[0].number
    assert [e.trial.number for e in events if isinstance(e, TrialDone) and e.is_best][-1] == best
    assert len((path / kept.TABLE).read_text().splitlines()) == 13
    assert len((path / kept.FITS).read_bytes().splitlines()) == 24


def test_tasks_carry_the_document_and_the_version(begin, crew):
    path, made = begin(trials=2), crew(1, made_up)
    list(Runner(path, made, memory=10**9).events())
    head = KeptSweep(path).head
    assert {task.document for task in made.tasks} == {head.document}
    assert {task.memory for task in made.tasks} == {10**9}
    assert {task.version for task in made.tasks} == {runner.own_version()}


def test_workers_have_always_something_to_do_but_little_waits(begin, crew):
    path, waiting = begin(trials=30, seeds=1), []
    lock, made = threading.Lock(), crew(2)

    def work(task, document, note):
        with lock:
            waiting.append(len(made.tasks))
        return made_up(task, document, note)

    made._work = work
    list(Runner(path, made).events())
    assert max(seen - k for k, seen in enumerate(waiting)) <= 4
    assert len(waiting) == 30


def test_the_order_in_which_fits_are_finished_changes_nothing(begin, crew, tmp_path):
    chance = random.Random(3)

    def late(task, document, note):
        time.sleep(chance.random() * 0.004)
        return made_up(task, document, note)

    first, second = begin(), begin()
    list(Runner(first, crew(1, made_up)).events())
    list(Runner(second, crew(4, late)).events())
    assert results(first) == results(second)


def test_a_stopped_sweep_goes_on_as_if_there_had_been_one_sitting(begin, crew):
    path, whole = begin(), begin()
    list(Runner(whole, crew(2, made_up)).events())
    sittings = 0
    while KeptSweep(path).state != "finished":
        sitting = Runner(path, crew(2, made_up))
        for event in sitting.events():
            if isinstance(event, FitDone) and sittings < 3:
                sitting.stop()
        sittings += 1
        assert KeptSweep(path).state in ("stopped", "finished")
    assert sittings == 4
    assert results(path) == results(whole)
    assert len((path / kept.FITS).read_bytes().splitlines()) == 24


def test_a_file_named_stop_ends_a_sitting_and_is_gone_afterwards(begin, crew):
    path = begin(trials=100_000)
    (path / kept.STOP).touch()  # from earlier: does not count
    events = Runner(path, crew(2, made_up)).events()
    for event in events:
        if isinstance(event, FitDone):
            (path / kept.STOP).touch()
    assert KeptSweep(path).state == "stopped"
    assert not (path / kept.STOP).exists()
    assert len(KeptSweep(path).trials) < 100_000


def test_time_is_counted_over_all_sittings_and_what_is_under_way_counts_as_nothing(begin, crew):
    path, slow = begin(seconds=0.3, trials=1000), threading.Event()

    def work(task, document, note):
        if task.key.trial >= 3:
            slow.wait(5)
            return Done(Fit(task.key, "cut", task.seed))
        return made_up(task, document, note)

    made = crew(2, work)
    *_, ended = Runner(path, made).events()
    slow.set()
    assert ended.state == KeptSweep(path).state == "out of time"
    assert 0.3 <= ended.seconds == KeptSweep(path).end.seconds < 5
    assert {task.seconds for task in made.tasks} == {1.0}
    assert max(k for k, trial in KeptSweep(path).trials.items() if trial.fits) <= 2
    with pytest.raises(ExperimentError, match=r"minutes of the sweep .* are used up"):
        Runner(path, made)
    SweepWriter(path).release()  # and nobody holds it


def test_a_failed_fit_is_marked_with_its_log_and_the_others_go_on(begin, crew):
    def work(task, document, note):
        if task.key.trial == 1:
            return Done(Fit(task.key, "failed", task.seed, error="The loss became NaN."), log="Traceback")
        return made_up(task, document, note)

    path = begin()
    *_, ended = Runner(path, crew(2, work)).events()
    sweep = KeptSweep(path)
    assert ended.state == "finished"
    assert (sweep.trials[1].state, sweep.trials[1].error) == ("failed", "The loss became NaN.")
    assert [trial.state for k, trial in sweep.trials.items() if k != 1] == ["done"] * 11
    assert (path / kept.LOGS / "1.0.0.txt").read_text() == "Traceback"


def test_weights_lie_there_of_the_best_ten_alone(begin, crew):
    path = begin(trials=30, seeds=1)
    list(Runner(path, crew(2, made_up)).events())
    sweep = KeptSweep(path)
    order = ranked(sweep.trials.values(), "accuracy")
    there = {int(file.name.split(".")[0]) for file in (path / kept.WEIGHTS).iterdir()}
    assert there == {trial.number for trial in order[:10]}
    best = order[0]
    assert sweep.weights(best.fits[0].key)["w"][0] == pytest.approx(best.values["lr"])


def test_a_full_disk_ends_the_sitting_with_a_message_and_nothing_is_lost(begin, crew, monkeypatch):
    path, count = begin(), 0
    append = SweepWriter._append

    def full(self, name, records):
        nonlocal count
        count += name == kept.FITS
        if count > 5:
            raise SaveError("There is no room on the disk for fits.jsonl.")
        append(self, name, records)

    monkeypatch.setattr(writer.SweepWriter, "_append", full)
    with pytest.raises(SaveError, match="no room on the disk"):
        list(Runner(path, crew(2, made_up)).events())
    monkeypatch.undo()
    assert KeptSweep(path).state == "interrupted"
    list(Runner(path, crew(2, made_up)).events())
    assert len((path / kept.FITS).read_bytes().splitlines()) == 24


def test_workers_that_are_lost_end_the_sitting_with_their_message(begin, crew):
    def work(task, document, note):
        raise ExperimentError("The scheduler at tcp://there:8786 does not answer.")

    path = begin()
    with pytest.raises(ExperimentError, match="scheduler at tcp://there"):
        list(Runner(path, crew(2, work)).events())
    assert KeptSweep(path).state == "interrupted"


def test_a_worker_of_another_graphlab_is_named(begin, crew):
    with pytest.raises(ExperimentError, match=r"A worker has graphlab 0\.0\.9"):
        list(
            Runner(
                begin(), crew(1, lambda task, *_: Done(Fit(task.key, "failed", 0), refused="0.0.9"))
            ).events()
        )


def test_nobody_goes_on_with_a_sweep_that_goes_on(begin, crew, monkeypatch):
    monkeypatch.setattr(writer, "PATIENCE", 0.01)
    path = begin()
    first = Runner(path, crew(1, made_up))
    with pytest.raises(ExperimentError, match="Another process goes on"):
        Runner(path, crew(1, made_up))
    list(first.events())


def test_a_finished_sweep_has_nothing_more_to_do(begin, crew):
    path, made = begin(), crew(2, made_up)
    list(Runner(path, made).events())
    again = crew(2, made_up)
    begun, ended = Runner(path, again).events()
    assert (begun.done, ended.state, again.tasks) == (12, "finished", [])


def test_a_consumer_that_leaves_in_the_middle_leaves_a_sweep_that_can_go_on(begin, crew):
    path = begin()
    events = Runner(path, crew(2, made_up)).events()
    next(event for event in events if isinstance(event, FitDone))
    events.close()
    assert KeptSweep(path).state == "interrupted"
    *_, ended = Runner(path, crew(2, made_up)).events()
    assert ended.state == "finished"


@pytest.fixture(scope="module")
def pruned():
    """A document whose trials are pruned after one epoch and after three, and trained in earnest."""
    graph = load(example("spirals").path)[0]
    graph.configure(epochs=5)
    search = search_of(graph.document, "lr", "log:0.0001:0.1")
    return graph.document.with_(sweep=Sweep((search,), trials=8, seeds=2, pruning="asha"))


def test_pruned_trials_are_written_whole_and_the_same_in_any_order(pruned, crew, tmp_path):
    paths = [SweepWriter.create(tmp_path / "net.sweeps", pruned) for _ in range(2)]
    for path, count in zip(paths, (1, 3), strict=True):
        *_, ended = Runner(path, crew(count)).events()
        assert ended.state == "finished"
    assert results(paths[0]) == results(paths[1])
    trials = KeptSweep(paths[0]).trials
    states = [trial.state for trial in trials.values()]
    assert {"done", "pruned"} == set(states)
    assert all(len(trial.fits) == 2 for trial in trials.values())
    assert {trial.epochs for trial in trials.values() if trial.state == "pruned"} <= {1, 3}
    there = {int(file.name.split(".")[0]) for file in (paths[0] / kept.WEIGHTS).iterdir()}
    assert there == {k for k, state in enumerate(states) if state == "done"}
