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
from tests.nursery import ENGINE, begin

E = TypeVar("E")


class Engine:
    """The other end of the pipes."""

    def __init__(self, *, forked: bool = True) -> None:
        code = "from graphlab.engine.host import main; main()"
        pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        if forked:
            self.process = begin(ENGINE, code, **pipes)
        else:
            self.process = subprocess.Popen([sys.executable, "-c", code], **pipes)
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
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A fork, but in a test that says `own_engine`."""
    engine = Engine(forked=not request.node.get_closest_marker("own_engine"))
    yield engine
    engine.close()


@pytest.mark.own_engine
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


@pytest.mark.own_engine
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


@pytest.mark.own_engine
def test_it_ends_when_told_and_when_the_window_is_gone(engine: Engine) -> None:
    engine.send(m.Shutdown())
    assert engine.process.wait(10) == 0
    other = Engine(forked=False)
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


def test_gradients_of_an_element_are_asked_for_and_the_loss_comes_back(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    key = m.TensorKey("grad", g["hidden"].id, "y")
    engine.send(m.Watch((m.Watched(key),)), m.Phase("backward"))
    engine.until(m.Frame)
    asked = m.Asked(g["hidden"].id, "y", (3, 2))
    engine.send(m.Differentiate(asked))
    loaded = engine.until(m.Loaded)
    assert loaded.asked == asked
    assert loaded.schedule[-1].phase == "backward"
    (tensor,) = engine.until(m.Frame).tensors
    assert tensor.stats.count - tensor.stats.zeros == 1
    assert tensor.array[3, 2] == 1
    engine.send(m.Differentiate())
    assert engine.until(m.Loaded).asked is None
    assert engine.until(m.Status).cursor == 10  # five nodes forward, and all five back


def test_what_cannot_be_asked_is_said_and_the_loss_stays(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    for at, words in (((99, 0), "has no element [99, 0]"), ((0,), "has no element [0]")):
        engine.send(m.Differentiate(m.Asked(g["hidden"].id, "y", at)))
        assert engine.until(m.Loaded).asked is None
        assert words in engine.until(m.Failed).message


@pytest.mark.parametrize("command", [m.Train(1), m.Phase("update"), m.Reset(), m.Examine()])
def test_what_is_about_the_loss_ends_the_question(engine: Engine, command: m.Command) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.Differentiate(m.Asked(g["hidden"].id, "y", None)))
    assert engine.until(m.Loaded).asked is not None
    engine.send(command)
    assert engine.until(m.Loaded).asked is None


def test_an_edit_that_takes_the_element_away_ends_the_question_and_says_why(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.Differentiate(m.Asked(g["hidden"].id, "y", (0, 3))))
    engine.until(m.Loaded)
    before = g.document
    g.set("hidden", units=2)
    engine.send(m.Load(2, patch.to_bytes(before, g.document), since=1))
    assert engine.until(m.Loaded, run=2).asked is None
    assert "has no element [0, 3]" in engine.until(m.Failed).message


def test_numbers_that_are_set_are_told_with_what_they_were_and_what_was_computed(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    key = g["hidden"].id
    engine.send(m.Phase("backward"), m.SetElements(7, key, "weight", ((0, 0), (1, 1)), (0.5, -0.25)))
    edited = engine.until(m.Edited)
    assert (edited.request, edited.step, edited.after) == (7, 0, (0.5, -0.25))
    assert len(edited.before) == 2
    assert edited.message == ""
    told = engine.until(m.Recomputed)
    assert key in told.nodes
    assert g["data"].id not in told.nodes
    assert told.total == len(g.document.nodes)
    engine.send(m.SetElements(8, key, "weight", edited.places, edited.before))
    assert engine.until(m.Edited).after == edited.before


def test_numbers_that_cannot_be_set_are_told(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.SetElements(3, g["hidden"].id, "y", ((0, 0),), (1.0,)))
    told = engine.until(m.Edited)
    assert (told.request, told.after) == (3, ())
    assert "computed" in told.message


def test_while_it_trains_a_number_is_set_and_training_goes_on(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    engine.send(m.Train(2000), m.SetElements(1, g["hidden"].id, "weight", ((0, 0),), (0.5,)))
    assert engine.until(m.Edited).after == (0.5,)
    assert engine.until(m.Status, state="finished").step == 2000


def test_an_edit_of_a_number_of_the_document_tells_what_was_computed(engine: Engine) -> None:
    g = Graph("numbers")
    c = g.add("Constant", name="c", value=2.0)
    g.add("Sum", g.add("Square", c, name="square"), name="goal")
    g.add("Tanh", c, name="beside")
    before = g.document
    engine.load(g)
    engine.send(m.Phase("forward"))
    engine.until(m.Status, cursor=4)
    g.set("c", value=3.0)
    engine.send(m.Load(2, patch.to_bytes(before, g.document), True, 1))
    told = engine.until(m.Recomputed)
    assert set(told.nodes) == {g[name].id for name in ("c", "square", "goal", "beside")}


def test_what_if_is_answered_and_refused(engine: Engine) -> None:
    g = moons()
    engine.load(g)
    key = g["hidden"].id
    engine.send(m.Suppose(4, key, "weight", (0, 0), (0.1,)))
    assert "not been computed" in engine.until(m.Supposed).message
    engine.send(m.Phase("backward"), m.Suppose(5, key, "weight", (0, 0), (0.1, -0.1)))
    told = engine.until(m.Supposed)
    assert (told.request, told.deltas, told.message) == (5, (0.1, -0.1), "")
    assert told.gradient is not None
    assert told.after[0] - told.before == pytest.approx(0.1 * told.gradient, rel=0.5, abs=1e-3)


def test_a_gradient_check_goes_on_beside_training_and_can_be_stopped(engine: Engine) -> None:
    g = moons()
    g.configure(epochs=1_000_000)
    engine.load(g)
    engine.send(m.Train(), m.GradientCheck())
    assert engine.until(m.Checked).passed
    assert engine.until(m.Status).state == "training"
    engine.send(m.Pause(), m.GradientCheck((g["out"].id,), inputs=True), m.StopCheck())
    stopped = engine.until(m.Checked)
    assert stopped.stopped
    engine.send(m.GradientCheck((g["out"].id,)))
    assert engine.until(m.Checked).errors.keys() == {f"{g['out'].id}.weight", f"{g['out'].id}.bias"}


def test_watched_numbers_are_sampled_between_frames(engine: Engine) -> None:
    g = moons()
    g.configure(epochs=1_000_000)
    engine.load(g)
    engine.send(m.Probes((m.Probe(g["hidden"].id, "weight.norm"),)), m.Train())
    sampled = engine.until(m.Sampled)
    assert sampled.values.shape == (len(sampled.steps), 1)
    later = [engine.until(m.Sampled) for _ in range(30)]
    assert max(len(found.steps) for found in later) > 1
    steps = [step for found in (sampled, *later) for step in found.steps.tolist()]
    assert steps == sorted(set(steps))


def test_a_look_by_the_way_that_comes_too_late_lets_training_go_on(engine: Engine) -> None:
    engine.load(moons())
    engine.send(m.Phase("update"), m.Train(50), m.Examine(by_the_way=True))
    assert engine.until(m.Status, state="finished").step == 51


def test_a_look_by_the_way_neither_moves_the_run_nor_ends_a_question(engine: Engine) -> None:
    g = moons()
    engine.load(g)

    def told_until_totals() -> list[Any]:
        found = []
        for event in engine.events():
            if isinstance(event, m.Totals):
                break
            found.append(event)
        return found

    engine.send(m.Phase("backward"), m.Back(2), m.Examine(by_the_way=True), m.Tally())
    told = told_until_totals()
    assert [event.cursor for event in told if isinstance(event, m.Status)][-1] == 8
    assert not [event for event in told if isinstance(event, m.Examined)]
    engine.send(m.Differentiate(m.Asked(g["hidden"].id, "y", None)))
    assert engine.until(m.Loaded).asked is not None
    engine.send(m.Phase("backward"), m.Examine(by_the_way=True), m.Tally())
    assert not [event for event in told_until_totals() if isinstance(event, m.Loaded | m.Examined)]
    engine.send(m.Differentiate(), m.Phase("backward"), m.Examine(by_the_way=True))
    assert engine.until(m.Examined).vitals


def test_steps_sent_too_late_do_not_run_over_a_breakpoint(engine: Engine) -> None:
    """Who plays sends one command after the other, and hears of a breakpoint only when some are on their way."""
    g = moons()
    engine.load(g)
    engine.send(m.Breakpoints((m.Breakpoint(g["hidden"].id, "forward"),)))
    engine.send(*[m.Step(1, since=(0, 0))] * 5, m.Pause())
    first = engine.until(m.Status, cursor=2)
    assert first.hit
    assert engine.until(m.Status) == first  # what was on its way changed nothing: this one is of the pause
    engine.send(m.Step(1, since=(first.step, first.cursor)), m.Pause())  # whoever goes on from there does
    assert engine.until(m.Status).cursor == 3
