"""The engine process over its real pipes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
import pytest

from graphlab.engine import Plan
from graphlab.engine import messages as m
from graphlab.engine.costs import Cost
from graphlab.graph import Graph, patch
from graphlab.graph.codec import to_bytes
from tests.engine.test_workspace import moons

E = TypeVar("E")


class Engine:
    """The other end of the pipes."""

    def __init__(self) -> None:
        code = "from graphlab.engine.host import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.until(m.Ready)

    def send(self, *commands: Any) -> None:
        assert self.process.stdin is not None
        for command in commands:
            self.process.stdin.write(m.encode(command))
        self.process.stdin.flush()

    def events(self) -> Iterator[Any]:
        assert self.process.stdout is not None
        while (payload := m.read_payload(self.process.stdout)) is not None:
            yield m.decode_event(payload)

    def until(self, kind: type[E], **fields: Any) -> E:
        """The next event of that kind with those fields."""
        for event in self.events():
            if isinstance(event, kind) and all(getattr(event, n) == v for n, v in fields.items()):
                return event
        raise AssertionError(
            f"no {kind.__name__}: {self.process.stderr.read() if self.process.stderr else ''}"
        )

    def load(self, graph: Graph) -> m.Loaded:
        self.send(m.Load(1, to_bytes(graph.document)))
        return self.until(m.Loaded)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine()
    yield engine
    engine.close()


def test_loading_tells_the_schedule_and_what_can_be_done(engine: Engine) -> None:
    g = moons()
    loaded = engine.load(g)
    assert loaded.trainable
    assert loaded.parameters == 17
    assert [(e.phase, e.node) for e in loaded.schedule[:2]] == [
        ("forward", g["data"].id),
        ("forward", g["hidden"].id),
    ]
    assert loaded.schedule[-1] == m.ScheduleEntry("update", "")


def test_totals_are_added_up_when_asked_for(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.Tally())
    totals = engine.until(m.Totals)
    plan, batch = Plan(g), g.document.training.batch_size
    one = sum(plan.costs({"N": 1}).values(), Cost())
    assert (totals.forward, totals.backward) == (one.forward.flops, one.backward.flops)
    assert totals.forward > 0 < totals.backward
    assert (totals.run, totals.batch) == (1, batch)
    assert totals.memory == sum(plan.memory({"N": batch}).values()) > totals.learnt == 4 * 17 * 4


def test_totals_that_depend_on_an_open_size_are_left_open(engine: Engine) -> None:
    g = Graph()
    g.add("Sum", g.add("Input", name="x", shape=("N", "T")))
    engine.load(g)
    engine.send(m.Tally())
    totals = engine.until(m.Totals)
    assert (totals.forward, totals.backward, totals.memory, totals.learnt) == (None, None, None, 0)


def test_each_step_shows_where_it_is_and_what_is_watched(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    key = m.TensorKey("value", g["hidden"].id, "y")
    engine.send(m.Watch((m.Watched(key),)), m.Step(2))
    status = engine.until(m.Status, cursor=2)
    frame = engine.until(m.Frame)
    assert status.entry == m.ScheduleEntry("forward", g["hidden"].id)
    assert (frame.tensors[0].key, frame.tensors[0].fresh, frame.tensors[0].shape) == (key, True, (32, 4))


def test_training_reports_every_loss_and_ends(engine: Engine) -> None:
    g = moons()
    g.configure(epochs=20, batch_size=16)
    loaded = engine.load(g)
    engine.send(m.Train())
    losses: list[float] = []
    for event in engine.events():
        if isinstance(event, m.Scalars):
            assert event.first == len(losses)
            losses.extend(event.losses)
        if isinstance(event, m.Status) and event.state == "finished":
            break
    assert len(losses) == 20 * loaded.batches_per_epoch == event.step
    assert losses[-1] < losses[0]


def test_what_has_finished_stays_finished_when_it_is_examined(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.Train(steps=3))
    engine.until(m.Status, state="finished")
    engine.send(m.Examine())
    assert {vital.node for vital in engine.until(m.Examined).vitals} == set(g.document.nodes)
    assert engine.until(m.Status).state == "finished"


def test_pause_is_heard_while_training(engine: Engine) -> None:
    g = moons()
    g.configure(epochs=1_000_000)
    engine.load(g)
    engine.send(m.Train())
    engine.until(m.Scalars)  # it is under way
    engine.send(m.Pause())
    assert engine.until(m.Status, state="paused").step > 0


def test_learning_rate_changes_while_training_without_a_restart(engine: Engine) -> None:
    g = moons()
    g.configure(epochs=1_000_000)
    engine.load(g)
    engine.send(m.Train())
    engine.until(m.Status, state="training")
    g.configure(lr=0.001)
    engine.send(m.Load(2, to_bytes(g.document)))
    assert engine.until(m.Status, run=2).state == "training"


def test_an_edit_is_told_as_what_it_changed(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    for run in (2, 3, 4):
        before = g.document
        g.add("Tanh", "hidden", name=f"more{run}")
        g.set("hidden", units=run + 3)
        engine.send(m.Load(run, patch.to_bytes(before, g.document), since=run - 1))
        schedule = {entry.node for entry in engine.until(m.Loaded, run=run).schedule}
        assert set(g.document.nodes) == schedule - {""}
    engine.send(m.Snapshot(1))
    assert engine.until(m.Weights).arrays["hidden.weight"].shape == (7, 2)


def test_a_change_of_a_document_that_never_came_is_refused_and_the_whole_helps(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    before = g.document
    g.set("hidden", units=9)
    engine.send(m.Load(7, patch.to_bytes(before, g.document), since=6))
    assert "missed an edit" in engine.until(m.Failed).message
    engine.send(m.Load(8, to_bytes(g.document)))
    assert engine.until(m.Loaded).run == 8


def test_mistakes_come_back_in_words_and_the_engine_lives(engine: Engine) -> None:
    g = Graph()
    g.add("Tanh", g.add("Input", name="x"))
    engine.load(g)
    engine.send(m.Step())
    assert "x has not been fed" in engine.until(m.Failed).message
    engine.send(m.RunTo("nobody", "forward"))
    assert "There is no node 'nobody'" in engine.until(m.Failed).message
    engine.send(m.Train())
    assert "Dataset" in engine.until(m.Failed).hint


def test_nan_pauses_training_and_names_the_node(engine: Engine) -> None:
    g = Graph()
    x = g.add("Input", value=-1.0)
    w = g.add("Parameter", value=1.0, name="w")
    g.add("Log", g.add("Mul", x, w), name="bad")
    engine.load(g)
    engine.send(m.Train(5))
    failed = engine.until(m.Failed)
    assert failed.node == "bad"
    status = engine.until(m.Status)
    assert status.state == "paused"
    assert status.cursor == 4  # just after the node that made it
    assert status.hit == "bad, forward: NaN or infinity"


def test_snapshot_brings_all_weights(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.SetWeights({"hidden.weight": np.full((4, 2), 7.0)}), m.Snapshot(3))
    weights = engine.until(m.Weights, request=3)
    assert (weights.arrays["hidden.weight"] == 7).all()
    assert set(weights.arrays) == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}


def test_gradient_check_answers_for_every_parameter(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.GradientCheck())
    checked = engine.until(m.Checked)
    assert checked.passed
    assert f"{g['hidden'].id}.weight" in checked.errors


def test_it_ends_when_told_and_when_the_window_is_gone(engine: Engine) -> None:
    engine.send(m.Shutdown())
    assert engine.process.wait(10) == 0
    other = Engine()
    assert other.process.stdin is not None
    other.process.stdin.close()
    assert other.process.wait(10) == 0
    other.close()


def test_a_number_is_explained_and_what_cannot_be_says_why(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    hidden = g.document.node("hidden").id
    ask = m.Explain(7, "value", hidden, "y", (2, 1))
    engine.send(ask)
    assert "not been computed" in engine.until(m.Explained, request=7).message
    engine.send(m.Phase("backward"), ask, m.Explain(8, "grad", hidden, "weight", (1, 0)))
    found = engine.until(m.Explained, request=7, message="").explanation
    assert found is not None
    assert found.title == "hidden.y[2, 1]"
    assert found.term.value == pytest.approx(found.shown, rel=1e-5)
    assert found.term.parts[1].parts[0].origin is not None
    assert engine.until(m.Explained, request=8).explanation is not None
