"""A sweep written as it happens: whole whatever dies, and never by two at once."""

from __future__ import annotations

import errno
import hashlib

import msgspec
import pytest

from graphlab.errors import BrokenFileError, ExperimentError, FileError, SaveError, SettingsError
from graphlab.graph import Graph
from graphlab.graph.searching import search_of
from graphlab.graph.sweep import Sweep
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.sweeps import kept, writer
from graphlab.lab.sweeps.kept import KeptSweep
from graphlab.lab.sweeps.records import Cost, Done, Fit, Key, Proposal
from graphlab.lab.sweeps.writer import SweepWriter

from .made import made_sweep


@pytest.fixture(scope="module")
def document():
    found = load(example("digits-mlp").path)[0].document
    search = search_of(found, "lr", "log:0.001:0.1")
    return found.with_(sweep=Sweep((search,), trials=4, seeds=2))


@pytest.fixture
def path(document, tmp_path):
    return SweepWriter.create(tmp_path / "net.sweeps", document, "/somewhere/net.graphlab")


def fit(trial, repeat=0, score=0.9, state="done"):
    return Fit(Key(trial, repeat), state, repeat, "accuracy", score, score, cost=Cost(1.0, 10, 5))


def test_a_new_sweep_tells_what_is_searched_and_by_what_it_is_judged(document, path):
    sweep = KeptSweep(path)
    assert sweep.head.searches == {"lr": "log:0.001:0.1"}
    assert (sweep.metric, sweep.head.origin, sweep.head.number) == ("accuracy", "/somewhere/net.graphlab", 1)
    assert sweep.document == document
    assert sweep.head.document == hashlib.sha256((path / kept.DOCUMENT).read_bytes()).hexdigest()
    assert sweep.state == "interrupted"
    assert sweep.head.machine["cores"] > 0


def test_lines_are_read_back_and_the_table_has_one_for_each_trial(path):
    one = SweepWriter(path)
    one.propose([Proposal(0, {"lr": 0.5}), Proposal(1, {"lr": 0.25})])
    one.fits([fit(0), fit(0, 1, 0.8), fit(1, state="failed", score=None)])
    one.table(KeptSweep(path))
    one.release()
    lines = (path / kept.TABLE).read_text().splitlines()
    assert lines[0].startswith("trial,lr,state,score,spread,train_score,")
    assert lines[1].startswith("0,0.5,done,0.85")
    assert lines[2].startswith("1,0.25,failed,,,")


def test_a_half_written_line_is_taken_away_before_the_next(path):
    with open(path / kept.FITS, "wb") as file:
        file.write(msgspec.json.encode(fit(0)) + b"\n" + msgspec.json.encode(fit(0, 1))[:30])
    one = SweepWriter(path)
    one.propose([Proposal(0, {"lr": 0.5})])
    one.fits([fit(0, 1, 0.7)])
    one.release()
    sweep = KeptSweep(path)
    assert sweep.trials[0].scores == (0.9, 0.7)
    assert sweep._fits.broken == 0


def test_a_file_that_is_one_broken_line_becomes_empty(path):
    (path / kept.TRIALS).write_bytes(b"x" * 100_000)
    SweepWriter(path).release()
    assert (path / kept.TRIALS).read_bytes() == b""


def test_two_cannot_go_on_with_the_same_sweep(path, monkeypatch):
    monkeypatch.setattr(writer, "PATIENCE", 0.05)
    one = SweepWriter(path)
    assert KeptSweep(path).state == "running"
    with pytest.raises(ExperimentError, match="Another process goes on with the sweep 0001"):
        SweepWriter(path)
    one.release()
    SweepWriter(path).release()


def test_another_document_than_it_began_with_is_refused(path):
    (path / kept.DOCUMENT).write_bytes(b"PK")
    with pytest.raises(BrokenFileError, match="not the document that the sweep began with"):
        SweepWriter(path)
    assert KeptSweep(path).state == "interrupted"  # the lock is free again


def test_a_full_disk_is_told_and_leaves_whole_lines_alone(path, monkeypatch):
    one = SweepWriter(path)
    one.propose([Proposal(0, {"lr": 0.5})])

    class Full:
        """A file on a disk that has room for twenty bytes."""

        def __init__(self, file):
            self.file, self.room = file, 20

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, data):
            if not self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            count, self.room = self.file.write(data[: self.room]), 0
            return count

    def full(*words, **more):
        return Full(open(*words, **more))

    monkeypatch.setattr(writer, "open", full, raising=False)
    with pytest.raises(SaveError, match=r"no room on the disk for fits\.jsonl"):
        one.fits([fit(0)])
    monkeypatch.undo()
    assert (path / kept.FITS).read_bytes() == b""
    one.fits([fit(0), fit(0, 1)])
    one.release()
    assert KeptSweep(path).trials[0].state == "done"


def test_a_folder_that_may_not_be_written_is_named(document, tmp_path, monkeypatch):
    (tmp_path / "net.sweeps").write_text("a file")
    with pytest.raises(SaveError, match="not a folder"):
        SweepWriter.create(tmp_path / "net.sweeps", document)


def test_what_cannot_begin_leaves_no_folder(document, tmp_path):
    with pytest.raises(SettingsError, match="Nothing is searched"):
        SweepWriter.create(tmp_path / "a", document.with_(sweep=Sweep()))
    bad = Sweep(document.sweep.searches, metric="acuracy")
    with pytest.raises(SettingsError, match=r"no metric 'acuracy'.*accuracy, loss"):
        SweepWriter.create(tmp_path / "a", document.with_(sweep=bad))
    assert not (tmp_path / "a").exists()


def test_no_held_out_rows_and_no_folds_is_refused(document):
    graph = Graph(document)
    graph.configure(validation=0.0)
    with pytest.raises(SettingsError, match="No rows are held out"):
        SweepWriter.create("nowhere", graph.document)


def test_rows_and_logs_lie_beside_by_the_name_of_the_fit(path):
    one = SweepWriter(path)
    assert one.beside(Done(fit(3, 1), rows=b"rows", log="not kept")) == (True, False)
    assert one.beside(Done(fit(4, state="failed"), log="Killed")) == (False, True)
    one.release()
    assert (path / kept.ROWS / "3.1.0.npy").read_bytes() == b"rows"
    assert [file.name for file in (path / kept.LOGS).iterdir()] == ["4.0.0.txt"]


def test_a_made_up_sweep_has_a_table(tmp_path):
    sweep = KeptSweep(made_sweep(tmp_path))
    one = SweepWriter(sweep.path)
    one.table(sweep)
    one.release()
    assert len((sweep.path / kept.TABLE).read_text().splitlines()) == 1 + len(sweep.trials)


def test_a_sweep_whose_document_is_gone_says_so_and_is_not_gone_on_with(path):
    (path / kept.DOCUMENT).unlink()
    with pytest.raises(FileError, match=r"document\.graphlab cannot be read"):
        SweepWriter(path)
    assert KeptSweep(path).state == "interrupted"
