"""Sweeps from a notebook: `gl.sweep` and `gl.sweeps`."""

from __future__ import annotations

import pytest

import graphlab as gl
from graphlab.errors import FileError, SettingsError
from graphlab.graph.sweep import Space
from graphlab.io.examples import example
from graphlab.lab.sweeps import whole

from .crew import Crew


@pytest.fixture(autouse=True)
def crews(monkeypatch):
    made = []
    monkeypatch.setattr(whole, "local_workers", lambda count, *more: made.append(Crew(count)) or made[-1])
    yield made
    assert all(crew.closed for crew in made)


@pytest.fixture
def graph():
    graph, _ = gl.load(example("spirals").path)
    graph.configure(epochs=1)
    return graph


def test_a_graph_is_searched_and_its_sweeps_are_found_again(graph, own_home):
    before = graph.document
    found = gl.sweep(
        graph, {"lr": [0.01, 0.1], "batch_size": Space("list", (16, 32))}, method="grid", workers=2
    )
    assert (found.state, len(found.trials)) == ("finished", 4)
    assert graph.document is before
    assert [each.path for each in gl.sweeps(graph)] == [found.path]
    assert own_home in found.path.parents


def test_a_file_is_searched_beside_itself(graph, tmp_path):
    gl.save(graph, tmp_path / "net.graphlab")
    found = gl.sweep(tmp_path / "net.graphlab", {"lr": "0.01,0.1"}, seeds=2)
    assert found.path.parent == tmp_path / "net.sweeps"
    assert {len(trial.fits) for trial in found.trials.values()} == {2}
    assert found.head.origin == str(tmp_path / "net.graphlab")
    assert [each.path for each in gl.sweeps(tmp_path / "net.graphlab")] == [found.path]
    assert [each.path for each in gl.sweeps(tmp_path / "net.sweeps")] == [found.path]


def test_time_that_is_up_ends_it_and_resume_goes_on(graph, crews, monkeypatch):
    words = {"lr": "log:0.001:0.1"}
    found = gl.sweep(graph, words, trials=100_000, minutes=0.005)
    assert found.state == "out of time"
    with pytest.raises(gl.GraphlabError, match="are used up"):
        gl.sweep(graph, resume=True)
    with pytest.raises(SettingsError, match="keeps what it searches"):
        gl.sweep(graph, words, resume=True)


def test_bad_input_is_told_before_anybody_works(graph, crews, tmp_path):
    with pytest.raises(SettingsError, match="no setting 'trails'"):
        gl.sweep(graph, {"lr": "0.1"}, trails=3)
    with pytest.raises(gl.GraphlabError, match="Did you mean"):
        gl.sweep(graph, {"lrr": "0.1"})
    with pytest.raises(FileError, match="does not exist"):
        gl.sweep(tmp_path / "none.graphlab", {"lr": "0.1"})
    with pytest.raises(FileError, match="no sweep to go on with"):
        gl.sweep(graph, resume=True)
    assert crews == []
