"""Time travel as the engine process is told to do it: where it arrives, and what the window hears on the way."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.host import Host
from graphlab.graph import Graph, codec
from tests.engine.test_travel import held, network

E = TypeVar("E")


class Told(Host):
    """A host in this process, whose events are kept."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(io.BytesIO(), io.BytesIO())
        self.events: list[Any] = []
        self.number = 0
        self.graph = graph
        self.load()

    def _send(self, event: m.Event) -> None:
        self.events.append(event)

    def load(self, adopted: int = 0) -> None:
        self.number += 1
        self.do(m.Load(self.number, codec.to_bytes(self.graph.document), self.number > 1, 0, adopted))

    def do(self, *commands: m.Command) -> None:
        for command in commands:
            self._guard(lambda command=command: self._carry_out(command))

    def finish(self, most: int = 10_000) -> None:
        """Whatever is under way goes on until it is done."""
        for _ in range(most):
            if self._journey is not None:
                self._guard(self._travel_on)
            elif self.state == "training":
                self._guard(self._train_on)
            else:
                return

    def heard(self, kind: type[E]) -> list[E]:
        """The events of a kind since the last call; they are forgotten."""
        found = [event for event in self.events if isinstance(event, kind)]
        self.events = [event for event in self.events if not isinstance(event, kind)]
        return found


@pytest.fixture
def host() -> Told:
    return Told(network())


def train(host: Told, steps: int) -> bytes:
    host.do(m.Train(steps))
    host.finish()
    return held(host.space)


def test_one_travels_to_a_step_and_hears_where_one_is(host: Told) -> None:
    at_20 = train(host, 20)
    train(host, 20)
    host.heard(m.Status)
    host.do(m.Travel(20))
    host.finish()
    assert [event.step for event in host.heard(m.Travelled)] == [20]
    status = host.heard(m.Status)[-1]
    assert (status.step, status.state, status.cursor) == (20, "paused", len(host.space.run.schedule))
    assert held(host.space) == at_20
    trail = host.heard(m.Trail)[-1]
    assert (trail.first, trail.end) == (0, 40)
    assert trail.bytes == host.space.travel.trail.bytes
    assert trail.ticks.tolist() == sorted(set(trail.ticks.tolist()))


def test_what_is_known_is_neither_told_nor_reported_again(host: Told) -> None:
    train(host, 30)
    host.do(m.Travel(6))
    host.finish()
    host.heard(m.Scalars)
    train(host, 12)
    assert host.space.run.steps_done == 18
    assert not host.heard(m.Scalars)
    train(host, 21)
    told = host.heard(m.Scalars)
    assert np.concatenate([event.losses for event in told]).size == 9
    assert min(event.first for event in told if event.losses.size) == 30


def test_the_window_hears_of_the_document_of_then_and_sends_it_back(host: Told) -> None:
    train(host, 10)
    host.graph.configure(lr=0.5)
    host.load()
    end = train(host, 10)
    host.do(m.Travel(4))
    host.finish()
    (told,) = host.heard(m.Travelled)
    then = codec.from_bytes(told.document)
    assert then.training.lr == 0.01
    host.graph.replace(then, "Go to step 4")
    host.load(adopted=told.number)
    assert not host.space.travel.left
    host.do(m.Travel(20))
    host.finish()
    assert codec.from_bytes(host.heard(m.Travelled)[-1].document).training.lr == 0.5
    assert held(host.space) == end


def test_a_document_that_was_left_again_is_not_taken_for_an_edit(host: Told) -> None:
    train(host, 10)
    host.graph.configure(lr=0.5)
    host.load()
    end = train(host, 10)
    host.do(m.Travel(4))
    host.finish()
    (told,) = host.heard(m.Travelled)
    host.do(m.Travel(20))  # the hand has gone on before the window has answered
    host.graph.replace(codec.from_bytes(told.document), "Go to step 4")
    host.load(adopted=told.number)
    host.finish()
    assert codec.from_bytes(host.heard(m.Travelled)[-1].document).training.lr == 0.5
    assert host.space.document.training.lr == 0.5
    assert held(host.space) == end
    host.do(m.Train(1))
    host.finish()
    assert not host.heard(m.Parted)


def test_a_window_that_took_over_what_was_left_since_is_told_again_where_the_run_is(host: Told) -> None:
    train(host, 10)
    host.graph.configure(lr=0.5)
    host.load()
    end = train(host, 10)
    host.do(m.Travel(4))
    host.finish()
    (first,) = host.heard(m.Travelled)
    host.do(m.Travel(20))
    host.finish()
    host.events.clear()  # of another version than the window's by now, so that it did not heed them
    host.graph.replace(codec.from_bytes(first.document), "Go to step 4")
    host.load(adopted=first.number)
    (again,) = host.heard(m.Travelled)
    assert codec.from_bytes(again.document).training.lr == 0.5
    status = host.heard(m.Status)[-1]
    assert (again.run, status.run, status.step) == (host.number, host.number, 20)
    host.graph.replace(codec.from_bytes(again.document), "Go to step 20")
    host.load(adopted=again.number)
    assert held(host.space) == end
    host.do(m.Train(1))
    host.finish()
    assert not host.heard(m.Parted)


def test_an_edit_in_the_past_parts_the_ways_before_its_losses_arrive(host: Told) -> None:
    train(host, 30)
    host.do(m.Travel(12))
    host.finish()
    host.events.clear()
    host.graph.configure(lr=0.5)
    host.load()
    train(host, 5)
    kinds = [type(e) for e in host.events if isinstance(e, m.Parted | m.Scalars)]
    assert kinds[0] is m.Parted
    (parted,) = host.heard(m.Parted)
    assert (parted.at, parted.end) == (12, 30)
    assert host.heard(m.Scalars)[0].first == 12
    assert host.heard(m.Trail)[-1].branches == (m.BranchRecord(parted.number, 12, 30),)


def test_a_branch_is_taken_up_again(host: Told) -> None:
    end = train(host, 30)
    host.do(m.Travel(12))
    host.finish()
    host.do(m.Part())
    (parted,) = host.heard(m.Parted)
    assert not host.space.travel.is_past
    train(host, 6)
    host.do(m.Rejoin(parted.number))
    host.finish()
    assert [(e.at, e.end) for e in host.heard(m.Parted)] == [(12, 18)]
    assert [(e.at, e.end) for e in host.heard(m.Joined)] == [(12, 30)]
    host.do(m.Travel(30))
    host.finish()
    assert held(host.space) == end


def test_a_branch_that_is_gone_is_told(host: Told) -> None:
    train(host, 3)
    host.do(m.Rejoin(7))
    assert "branch" in host.heard(m.Failed)[0].message


@pytest.mark.parametrize(
    "interrupt",
    [
        lambda host: host.do(m.Pause()),
        lambda host: host.do(m.Step(2)),
        lambda host: host.do(m.Travel(3)),
        lambda host: (host.graph.configure(lr=0.2), host.load()),
    ],
    ids=["pause", "step", "another", "edit"],
)
def test_a_long_way_can_be_left(host: Told, interrupt: Callable[[Told], object]) -> None:
    train(host, 60)
    del host.space.travel.trail.checkpoints[1:]  # so that the way is long
    host.do(m.Travel(50))
    host._guard(host._travel_on)
    assert host._journey is not None
    interrupt(host)
    host.finish()
    assert not host.heard(m.Failed)
    assert host.space.run.steps_done <= 50


def test_a_hand_that_drags_is_answered_soon(host: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    at: dict[int, bytes] = {k: train(host, 1) for k in range(1, 61)}
    del host.space.travel.trail.checkpoints[1:]  # so that the way is long
    monkeypatch.setattr("graphlab.engine.journeys.HURRIED", 0.0)
    host.do(m.Travel(50, hurry=True))
    host.finish()
    step = host.heard(m.Travelled)[-1].step
    assert 0 < step < 50
    assert held(host.space) == at[step]
    host.do(m.Travel(50))
    host.finish()
    assert held(host.space) == at[50]


def test_norms_of_known_steps_are_not_told_again_and_the_trail_comes_before_the_status(host: Told) -> None:
    host.do(m.WatchNorms(1, ((host.graph["out"].id, "weight"),)))
    train(host, 9)
    assert host.heard(m.Norms)
    host.do(m.Travel(4))
    host.finish()
    train(host, 3)
    assert not host.heard(m.Norms)
    host.events.clear()
    host.do(m.Reset())
    kinds = [type(e) for e in host.events if isinstance(e, m.Trail | m.Status)]
    assert kinds[:2] == [m.Trail, m.Status]
    train(host, 3)
    assert host.heard(m.Norms)[-1].steps[-1] == 3


def test_training_is_not_reported_more_than_often(host: Told) -> None:
    train(host, 400)
    assert len(host.heard(m.Trail)) < 12


def test_a_question_that_is_open_is_over(host: Told) -> None:
    train(host, 9)
    host.do(m.Differentiate(m.Asked(host.graph["out"].id, "y")))
    host.events.clear()
    host.do(m.Travel(5))
    host.finish()
    assert host.heard(m.Loaded)[-1].asked is None
    assert host.heard(m.Status)[-1].step == 5
