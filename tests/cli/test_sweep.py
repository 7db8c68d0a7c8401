"""`graphlab sweep`: what it does, what it tells, and what it refuses."""

from __future__ import annotations

import shlex
import shutil
from concurrent.futures import Future
from functools import partial
from pathlib import Path

import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.io.examples import example
from graphlab.lab.sweeps import kept, whole
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.names import sweep_folders
from graphlab.lab.sweeps.reproducing import sweep_command
from tests.lab.sweeps.crew import Crew

QUICK = ("--epochs", 1, "--trials", 3, "--workers", 2)


@pytest.fixture(autouse=True)
def crews(monkeypatch):
    """Threads in place of processes, which are tested by themselves."""
    made = []

    def workers(count, memory=0, threads=1):
        made.append(Crew(count))
        return made[-1]

    monkeypatch.setattr(whole, "local_workers", workers)
    yield made
    assert all(crew.closed for crew in made)


@pytest.fixture
def file(tmp_path):
    """A file with weights in it."""
    path = tmp_path / "digits.graphlab"
    graph = load(example("digits-mlp").path)[0]
    save(graph.document, path, Run(graph))
    return path


def only_sweep(file):
    (path,) = sweep_folders(file.with_suffix(".sweeps"))
    return KeptSweep(path)


def test_it_ends_with_a_table_and_the_line_that_reproduces_the_best(call, file):
    done = call("sweep", file, "--search", "hidden.units=4,8", "--search", "lr=log:0.001:0.1", *QUICK)
    assert done.code == 0, done.err
    sweep = only_sweep(file)
    assert sweep.state == "finished"
    heading = next(line for line in done.out.splitlines() if line.startswith("trial"))
    assert heading.split()[:4] == ["trial", "hidden.units", "lr", "accuracy"]
    assert "3 of 3 trials done" in done.out
    assert f"graphlab train {file} --epochs 1 --set hidden.units=" in done.out
    assert "one seed says nothing" in done.out
    assert done.out.splitlines()[-2].endswith("--seed 0")
    assert done.out.splitlines()[-1] == str(sweep.path)


SEARCHES = [
    ("--search", "hidden.units=4,8", "--search", "lr=log:0.001:0.1"),
    ("--search", "optimizer=SGD,Adam", "--search", "momentum=0.5,0.7", "--search", "batch_size=16,64"),
    ("--search", "seed=3,4", "--search", "rows=0.3,0.6"),
    ("--search", "relu.op=ReLU,Tanh", "--search", "hidden.units=6,5"),
    ("--search", "lr=0.01,0.02", "--folds", 3),
]


@pytest.mark.parametrize("words", SEARCHES)
def test_the_line_that_it_ends_with_gives_the_same_score_bit_for_bit(call, file, words):
    end = call("sweep", file, *words, *QUICK, "--json").json_lines[-1]
    sweep = only_sweep(file)
    best = sweep.trials[end["best"]["trial"]]
    program, *again = shlex.split(end["command"])
    assert program == "graphlab"
    trained = call(*again, "--json", "--no-record").json_lines[-1]
    assert trained["validation"]["accuracy"] == best.fits[0].score
    assert "test" not in trained


def test_json_tells_each_event_on_a_line(call, file):
    lines = call("sweep", file, "--search", "hidden.units=4,8", *QUICK, "--json").json_lines
    events = [line["event"] for line in lines]
    assert (events[0], events[-1]) == ("begin", "end")
    assert events.count("fit") == events.count("trial") == 2
    assert {"epoch", "fit", "trial"} <= set(events)
    assert lines[0]["expected"] == lines[-1]["trials"] == 2
    assert lines[-1]["best"]["hidden.units"] in (4, 8)


def test_the_searches_of_the_document_are_taken_and_can_be_written_into_it(call, file):
    weights = load(file)[1]
    call("sweep", file, "--search", "lr=0.01,0.1", "--seeds", 2, *QUICK, "--save-search")
    graph, after = load(file)
    assert len(graph.document.sweep.searches) == 1
    assert graph.document.training.epochs != 1
    assert after.keys() == weights.keys() != set()
    done = call("sweep", file, *QUICK, "--json")
    assert done.json_lines[0]["fits_each"] == 2


def test_a_stopped_sweep_goes_on(call, file, crews, monkeypatch):
    words = ("--search", "lr=log:0.001:0.1", "--epochs", 1, "--trials", 4, "--workers", 1)
    submit = Crew.submit

    def stopping(self, task, note=None):
        if task.key.trial == 2:
            (only_sweep(file).path / kept.STOP).touch()
            return Future()  # which never comes to an end
        return submit(self, task, note)

    monkeypatch.setattr(Crew, "submit", stopping)
    done = call("sweep", file, *words)
    assert "Stopped. graphlab sweep" in done.out
    assert only_sweep(file).state == "stopped"
    monkeypatch.setattr(Crew, "submit", submit)
    assert "Sweep 1 was not finished" in call("sweep", file, *words, "--minutes", 0.0001).err
    shutil.rmtree(sweep_folders(file.with_suffix(".sweeps"))[0])
    done = call("sweep", file, "--resume", "--json")
    assert done.json_lines[-1]["state"] == "finished"
    assert only_sweep(file).state == "finished"
    assert "All sweeps there are finished" in call("sweep", file, "--resume").complaint
    more = call("sweep", only_sweep(file).path, "--resume", "--trials", 6, "--json").json_lines
    assert (more[0]["done"], more[-1]["done"]) == (4, 6)
    assert "6/6" in call("sweep", file, "--list").out
    fewer = call("sweep", only_sweep(file).path, "--resume", "--trials", 5).out
    assert "6 of 6 trials done" in fewer
    assert "6/6" in call("sweep", file, "--list").out


def test_sweeps_are_listed_and_shown_again(call, file):
    ended = call("sweep", file, "--search", "lr=0.01,0.1", *QUICK)
    listed = call("sweep", file, "--list").out
    assert "lr=0.01,0.1" in listed
    assert "2/2" in listed
    shown = call("sweep", file, "--show", 1)
    assert shown.out == ended.out
    assert call("sweep", only_sweep(file).path, "--json").json["trials"] == 2
    assert call("sweep", "xor", "--list").out.startswith("No sweep is kept in ")
    assert call("sweep", file, "--list", "--json").json[0]["done"] == 2
    (only_sweep(file).path / kept.HEAD).write_text("{")
    broken = call("sweep", file, "--list")
    assert (broken.out, broken.code) == ("", 0)
    assert "cannot be read" in broken.err


def test_the_line_for_a_sweep_in_folds_says_that_it_trains_the_first(call, file):
    words = ("--search", "lr=0.01,0.1", "--folds", 3, "--epochs", 1, "--workers", 2)
    assert "to the bit (its first training; 2 other folds):" in call("sweep", file, *words).out
    again = call("sweep", file, *words, "--seeds", 2).out
    assert "to the bit (its first training; 2 other folds, also with seed 1):" in again


def test_failed_trials_are_told_with_their_reason(call, file):
    words = ("--search", "lr=0.01,1000000.0", "--set", "optimizer=SGD", *QUICK)
    done = call("sweep", file, *words)
    assert done.code == 0
    assert "1 trial failed:" in done.err


BAD = [
    (["--search", "hiden.units=4"], "hidden"),
    (["--search", "hidden.unitz=4"], "units"),
    (["--search", "lrr=0.1"], "lr"),
    (["--search", "hidden.units="], "empty"),
    (["--search", "lr=log:0:1"], "log range"),
    (["--search", "lr=0.2:0.1"], "empty"),
    (["--search", "lr"], "names no values"),
    (["--search", "hidden.units=-3"], "hidden.units"),
    (["--search", "lr=0.1", "--search", "lr=0.2"], "twice"),
    (["--search", "lr=0.1:0.2", "--method", "grid"], "A grid cannot go through every number"),
    (["--search", "lr=0.1", "--metric", "acuracy"], "There are accuracy, loss"),
    (["--search", "lr=0.1", "--set", "validation=0"], "No rows are held out"),
    (["--search", "lr=0.1", "--folds", 1], "One fold"),
    (["--search", "lr=0.1", "--set", "test=0.8", "--folds", 900], "900 folds"),
    (["--search", "lr=0.1", "--trials", -1], "trials of the sweep"),
    (["--search", "lr=0.1", "--minutes", -1], "-1 minutes"),
    (["--search", "lr=0.1", "--data", "xor"], "Put a Dataset or a Table in place of the Inputs"),
    (["--search", "lr=0.1", "--workers", 0], "0 workers"),
    (["--search", "lr=0.1", "--memory", -1], "less than nothing"),
    (["--search", "lr=0.1", "--dask", "tcp://x:1", "--workers", 2], "The cluster knows"),
    ([], "Nothing is searched"),
    (["--resume"], "no sweep to go on with"),
    (["--resume", "--search", "lr=0.1"], "keeps what it searches"),
    (["--show", "7"], "There is no sweep '7'"),
    (["--show", "7", "--search", "lr=0.1"], "shown as it is"),
    (["--search", "lr=0.1", "--epochs", 0], "epochs"),
]


@pytest.mark.parametrize(("words", "told"), BAD)
def test_bad_input_is_told_and_nothing_is_begun(call, file, words, told, crews):
    assert told in call("sweep", file, *words).complaint
    assert not file.with_suffix(".sweeps").exists()
    assert crews == []


def test_a_graph_that_cannot_be_trained_is_refused(call, write):
    graph = Graph("net")
    graph.add("Linear", graph.add("Dataset", name="digits", dataset="digits")["x"], name="hidden", units=3)
    assert "loss" in call("sweep", write(graph), "--search", "hidden.units=2,3").complaint


def test_a_file_that_is_not_there_is_named(call):
    assert "no file or example 'digitz'" in call("sweep", "digitz", "--search", "lr=1").complaint


def test_a_sweep_of_an_example_lies_with_the_settings(call, own_home):
    end = call("sweep", "spirals", "--search", "lr=0.01,0.1", *QUICK, "--json").json_lines[-1]
    assert str(own_home) in end["path"]
    assert KeptSweep(Path(end["path"])).head.origin == ""
    assert end["command"].startswith("graphlab train spirals --epochs 1 --lr 0.")


def test_threads_are_part_of_a_sweep_and_of_its_line(call, file, crews):
    end = call("sweep", file, "--search", "lr=0.01,0.1", "--threads", 2, *QUICK, "--json").json_lines[-1]
    assert end["command"].endswith(" --seed 0 --threads 2")
    path = only_sweep(file).path
    assert "began with 2 threads" in call("sweep", path, "--resume", "--threads", 1).complaint
    assert call("sweep", path, "--resume").code == 0


def test_a_sweep_whose_time_is_up_is_given_more(call, file):
    words = ("--search", "lr=log:0.001:0.1", "--epochs", 1, "--trials", 3, "--workers", 1)
    done = call("sweep", file, *words, "--minutes", 0.0001)
    assert (
        done.out.splitlines()[-1]
        == f"The time is up. graphlab sweep {file} --resume --minutes 0.0002 goes on."
    )
    assert "of 3 trials done" in done.out
    assert "are used up" in call("sweep", file, "--resume").complaint
    assert call("sweep", file, "--resume", "--minutes", 1, "--json").json_lines[-1]["done"] == 3


def test_a_scheduler_that_does_not_answer_is_named_and_nothing_is_begun(call, file, monkeypatch):
    monkeypatch.setattr(whole, "dask_workers", partial(whole.dask_workers, timeout=0.2))
    complaint = call("sweep", file, "--search", "lr=0.01,0.1", "--dask", "tcp://127.0.0.1:9").complaint
    assert "127.0.0.1:9" in complaint
    assert not file.with_suffix(".sweeps").exists()


def test_a_network_that_was_edited_since_is_taken_from_the_copy_of_the_sweep(call, file):
    words = ("--search", "lr=0.01,0.1", "--search", "rows=0.5,1", *QUICK)
    end = call("sweep", file, *words, "--json").json_lines[-1]
    graph, _ = load(file)
    graph.set("hidden", units=3)
    save(graph, file)
    sweep = only_sweep(file)
    command = call("sweep", file, "--show", 1, "--json").json["command"]
    assert command.startswith(f"graphlab train {sweep.path / kept.DOCUMENT} --lr ")
    trained = call(*shlex.split(command)[1:], "--json", "--no-record").json_lines[-1]
    assert trained["validation"]["accuracy"] == end["best"]["score"]


def test_the_command_that_a_document_describes_begins_the_same_sweep(call, file):
    words = (
        "--method",
        "lhs",
        "--seeds",
        2,
        "--pruning",
        "asha",
        "--rung",
        1,
        "--keep",
        2,
        "--metric",
        "loss",
    )
    more = ("--minutes", 2.5, "--sweep-seed", 7, "--ahead", 3, "--folds", 2, "--save-search")
    assert call("sweep", file, "--search", "lr=log:0.001:0.1", *words, *more, *QUICK).code == 0
    asked = load(file)[0].document
    program, *again = shlex.split(sweep_command(asked, str(file)))
    assert call(*again, "--epochs", 1).code == 0
    (second, first) = (KeptSweep(path) for path in sweep_folders(file.with_suffix(".sweeps")))
    assert program == "graphlab"
    assert second.head.sweep == first.head.sweep
