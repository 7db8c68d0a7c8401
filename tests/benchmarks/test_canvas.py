"""The benchmark of the canvas: rows for everything that has a target, and peers that draw what we draw."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("pytestqt")

from benchmarks import canvas
from benchmarks.peers import canvas_race
from benchmarks.report import Report

COUNT = 24


@pytest.fixture(autouse=True)
def short(monkeypatch, qapp):
    monkeypatch.setattr(canvas, "REPEAT", 2)
    monkeypatch.setattr(canvas, "SECONDS", 0.1)
    monkeypatch.setattr(canvas, "SIZES", (COUNT, 100, 1000))
    monkeypatch.setattr(canvas_race, "GESTURES", dict.fromkeys(canvas_race.GESTURES, 2))


def test_everything_that_has_a_target_is_measured_but_for_the_window():
    report = Report("canvas", "Canvas")
    bench = canvas.Bench(report, COUNT)
    canvas.measure_canvas(bench)
    canvas.measure_edits(bench)
    rows = {row.workload.removeprefix(f"{COUNT} nodes: "): row for row in report.rows}
    assert canvas.TARGETS.keys() - rows.keys() == {"one edit in a whole window"}
    assert all(rows[what].target == canvas.TARGETS[what][0] for what in canvas.TARGETS if what in rows)
    assert all(row.value >= 0 and math.isfinite(row.value) for row in report.rows)
    assert rows["live pictures renewed, zoomed in"].unit == "Hz"


def test_the_edits_measured_are_edits_that_a_person_can_undo():
    from graphlab.graph import Graph
    from graphlab.ui.session import Session

    session = Session(Graph(canvas.document(60)), engine=False)
    edits = canvas.edits_of(session)
    for _ in range(6):
        next(edits)()
    labels = session.graph.history[1:]
    assert [label.split()[0] for label in labels] == ["Add", "Change", "Connect"] * 2
    session.close()


def test_a_peer_draws_the_same_and_gets_a_row_for_each_gesture():
    rows = raced_elsewhere("pyqtgraph.flowchart")
    assert [row["workload"].split(": ", 1)[1] for row in rows] == list(canvas_race.GESTURES)
    assert all(row["peer"].startswith("pyqtgraph.flowchart 0.") and row["value"] > 0 for row in rows)


def raced_elsewhere(peer: str) -> list[dict]:
    """The rows of a race in a process of its own: rarely, its nodes bring that down while they are being made."""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", RACE, peer], capture_output=True, text=True, cwd=ROOT)
        if done.returncode >= 0:  # else a signal ended it
            break
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


ROOT = Path(__file__).parents[2]
RACE = f"""
import json, sys
from PySide6.QtWidgets import QApplication
from benchmarks import canvas
from benchmarks.peers import canvas_race
app = QApplication([])
canvas_race.GESTURES.update(dict.fromkeys(canvas_race.GESTURES, 2))
rows = canvas_race.race(canvas.document({COUNT}), [sys.argv[1]])
print(json.dumps([{{"workload": row.workload, "peer": row.peer, "value": row.value}} for row in rows]))
"""


@pytest.mark.skipif(importlib.util.find_spec("NodeGraphQt") is None, reason="NodeGraphQt is not installed")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # in NodeGraphQt
def test_nodegraphqt_draws_the_same():
    assert all(row.value > 0 for row in canvas_race.race(canvas.document(COUNT), ["NodeGraphQt"]))


def test_a_peer_that_is_not_installed_is_named_with_the_reason(monkeypatch):
    monkeypatch.setitem(canvas_race.PEERS, "NodeGraphQt", ("canvas_nowhere", "nowhere"))
    rows = list(canvas_race.race(canvas.document(COUNT), ["NodeGraphQt"]))
    assert {row.note for row in rows} == {"not installed (benchmarks.peers.canvas_nowhere)"}
    assert len(rows) == len(canvas_race.GESTURES)


def test_one_that_draws_something_else_is_found_out(monkeypatch):
    from benchmarks.peers import canvas_graphlab

    class Other(canvas_graphlab.Contender):
        def counts(self) -> tuple[int, int]:
            return COUNT, 3

    monkeypatch.setitem(canvas_race.PEERS, "other", ("canvas_other", "graphlab"))
    monkeypatch.setitem(sys.modules, "benchmarks.peers.canvas_other", SimpleNamespace(Contender=Other))
    with pytest.raises(AssertionError, match=r"other shows \(24, 3\) nodes and wires, not \(24, "):
        list(canvas_race.race(canvas.document(COUNT), ["other"]))
