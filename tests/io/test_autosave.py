"""Autosaves: found after a crash, offered once, never while their window lives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import graphlab
from graphlab.errors import SaveError
from graphlab.graph import Graph
from graphlab.io import Autosave, orphans

CRASH = """
import os, sys, time
from graphlab.graph import Graph
from graphlab.io import Autosave

graph = Graph("lost")
autosave = Autosave(sys.argv[1], "crashed")
graph.add("Input", name="x")
autosave.write(graph.document, "/home/me/lost.graphlab")
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def graph():
    g = Graph("mine")
    g.add("Input", name="x")
    return g


@pytest.fixture
def crashed(tmp_path):
    """A folder in which a process died while its document was open."""
    root = Path(graphlab.__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, "-c", CRASH, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(root)},
    )
    assert process.stdout is not None
    assert process.stdout.readline().strip() == b"ready"
    assert orphans(tmp_path) == []  # it lives
    process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
    process.communicate()
    return tmp_path


def test_what_a_killed_process_left_is_found(crashed):
    (orphan,) = orphans(crashed)
    assert orphan.document.name == "lost"
    assert orphan.document.node("x").op == "Input"
    assert orphan.origin == Path("/home/me/lost.graphlab")
    assert time.time() - 60 < orphan.saved_at <= time.time()
    orphan.discard()


def test_it_is_offered_to_one_caller_only(crashed):
    first = orphans(crashed)
    assert len(first) == 1
    assert orphans(crashed) == []
    first[0].release()
    (later,) = orphans(crashed)
    later.discard()


def test_once_discarded_nothing_is_left(crashed):
    for orphan in orphans(crashed):
        orphan.discard()
    assert list(crashed.iterdir()) == []
    assert orphans(crashed) == []


def test_a_living_document_is_nobodys_orphan(graph, tmp_path):
    autosave = Autosave(tmp_path)
    autosave.write(graph.document)
    assert orphans(tmp_path) == []
    autosave.close()
    assert list(tmp_path.iterdir()) == []


def test_the_last_write_counts(graph, tmp_path):
    autosave = Autosave(tmp_path, "a")
    autosave.write(graph.document, "old.graphlab")
    graph.add("Tanh", "x")
    autosave.write(graph.document)
    autosave._lock.release()  # as if the process had died
    (orphan,) = orphans(tmp_path)
    assert orphan.document == graph.document
    assert orphan.origin is None
    orphan.discard()


def test_a_cleared_autosave_offers_nothing_and_can_be_written_again(graph, tmp_path):
    autosave = Autosave(tmp_path, "a")
    autosave.clear()
    autosave.write(graph.document)
    autosave.clear()
    autosave._lock.release()
    assert orphans(tmp_path) == []


def test_a_damaged_autosave_is_left_alone_and_logged(tmp_path, caplog):
    (tmp_path / "bad.autosave").write_bytes(b'{"record": 5')
    assert orphans(tmp_path) == []
    assert "cannot be read" in caplog.text
    assert (tmp_path / "bad.autosave").exists()


def test_two_windows_cannot_share_a_token(tmp_path):
    first = Autosave(tmp_path, "a")
    with pytest.raises(SaveError, match="in use"):
        Autosave(tmp_path, "a")
    first.close()


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SaveError, match="Autosaves cannot be kept"):
        Autosave(tmp_path / "file" / "folder")


def test_no_folder_holds_no_orphans(tmp_path):
    assert orphans(tmp_path / "nowhere") == []


def test_writing_a_thousand_nodes_takes_no_time_that_a_person_feels(tmp_path):
    g = Graph("large")
    with g.edit("build"):
        last = g.add("Input", name="x")
        for _ in range(999):
            last = g.add("Tanh", last)
    autosave = Autosave(tmp_path)
    fastest = min(_seconds(lambda: autosave.write(g.document)) for _ in range(5))
    autosave.close()
    assert fastest < 0.1


def _seconds(call):
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def test_a_document_from_a_file_whose_name_is_no_text_is_kept(tmp_path, graph):
    autosave = Autosave(tmp_path)
    autosave.write(graph.document, os.fsdecode(b"/home/me/caf\xe9.graphlab"))
    autosave._lock.release()
    (orphan,) = orphans(tmp_path)
    assert orphan.document == graph.document
    orphan.discard()
