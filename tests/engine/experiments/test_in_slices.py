"""Experiments as a host does them: in slices, at most one of a kind, told as they go; and the run keeps every bit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from graphlab.engine import Trainer
from graphlab.engine import messages as m
from graphlab.engine.experiments import jobs
from graphlab.engine.experiments.in_slices import Experiments
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from tests.engine.experiments.test_cut import valley
from tests.engine.networks import winding_graph
from tests.engine.test_host import Engine

RACE = m.StartRace(3, (("SGD", 0.1), ("Adam", 0.01)), 30)


@pytest.fixture
def space() -> Workspace:
    space = Workspace(winding_graph().document)
    assert space.trainer is not None
    space.trainer.advance(3)
    return space


def all_told(experiments: Experiments, space: Workspace, *commands: m.Command) -> list[Any]:
    events = [event for command in commands for event in experiments.take(space, 1, command)]
    while experiments.is_busy:
        events += experiments.go_on(space, 1, 0.001, False)
    return events


def test_a_surface_comes_coarse_first_and_then_finer(space: Workspace) -> None:
    events = all_told(Experiments(), space, m.MapLoss(7, "random", seconds=0.2))
    maps = [event for event in events if isinstance(event, m.LossMapped)]
    sides = [len(event.losses) for event in maps if event.losses is not None]
    assert sides[0] in (5, 9)
    assert sides[-1] > 9
    assert sides == sorted(set(sides))
    assert {event.request for event in events} == {7}
    assert [event.is_done for event in maps] == [False] * (len(maps) - 1) + [True]
    assert maps[-1].done == maps[-1].total == sides[-1] ** 2
    assert (maps[-1].rows, maps[-1].of) == (40, 40)


def test_every_event_goes_through_the_pipe_unharmed(space: Workspace) -> None:
    commands = m.MapLoss(1, "gradient", seconds=0), m.FindRate(2, 1e-5, 1.0, 20), RACE
    for command in commands:
        assert m.decode_command(m.encode(command)[8:]) == command
    events = all_told(Experiments(), space, *commands)
    assert {type(event) for event in events} == {m.LossMapped, m.Walked, m.RatesTried, m.Raced}
    for event in events:
        again = m.decode_event(m.encode(event)[8:])
        assert type(again) is type(event)
        assert again.request == event.request


def test_all_at_once_leave_every_bit_of_the_run_and_of_its_training() -> None:
    looked_at, alone = Workspace(winding_graph().document), Trainer(winding_graph())
    experiments = Experiments()
    assert looked_at.trainer is not None
    looked_at.trainer.advance(3)
    alone.advance(3)
    before = looked_at.run.state()
    for command in (m.MapLoss(1, "random"), m.FindRate(2, 1e-5, 1.0, 50), RACE):
        list(experiments.take(looked_at, 1, command))
    for _ in range(3):
        list(experiments.go_on(looked_at, 1, 0.01, False))
    after = looked_at.run.state()
    assert all(np.array_equal(before[name], after[name]) for name in ("parameters", "states", "step"))
    for _ in range(9):
        looked_at.trainer.advance(1)
        alone.advance(1)
        list(experiments.go_on(looked_at, 1, 0.002, False))
        list(experiments.follow(looked_at, 1))
    assert looked_at.run.store.flat.tobytes() == alone.run.store.flat.tobytes()
    own, other = looked_at.run.optimizer.save_state(), alone.run.optimizer.save_state()
    assert all(np.array_equal(own[name], other[name]) for name in other)


def test_the_way_is_told_piece_by_piece_and_anew_for_another_plane(space: Workspace) -> None:
    experiments = Experiments()
    list(experiments.follow(space, 1))
    events = all_told(experiments, space, m.MapLoss(1, "random", seconds=0))
    assert space.trainer is not None
    walked = [event for event in events if isinstance(event, m.Walked)]
    assert [event.steps.tolist() for event in walked] == [[3, 3]]
    space.trainer.advance(1)
    (new,) = experiments.follow(space, 1)
    assert (new.steps.tolist(), new.now) == ([4, 4], True)
    events = all_told(experiments, space, m.MapLoss(2, "path", seconds=0))
    walked = [event for event in events if isinstance(event, m.Walked)]
    assert walked[0].steps.tolist() == [3, 4, 4]
    assert walked[0].points[-1] == pytest.approx([0, 0, 0], abs=1e-6)
    list(experiments.take(space, 1, m.StopExperiment(2)))
    assert list(experiments.follow(space, 1)) == []


def test_racers_ways_are_told_on_the_plane(space: Workspace) -> None:
    events = all_told(Experiments(), space, RACE, m.MapLoss(4, "path", seconds=0))
    names = {event.racer for event in events if isinstance(event, m.Walked)}
    assert names == {"", "SGD 0.1", "Adam 0.01"}
    ways = [event for event in events if isinstance(event, m.Walked) and event.racer == "SGD 0.1"]
    assert [step for event in ways for step in event.steps.tolist()][-1] == 30


def test_another_of_its_kind_ends_the_one_before_and_kinds_go_side_by_side(space: Workspace) -> None:
    experiments = Experiments()
    events = all_told(
        experiments,
        space,
        m.FindRate(1, 1e-5, 1.0, 20),
        m.FindRate(2, 1e-5, 1.0, 20),
        m.MapLoss(3, "random", seconds=0),
    )
    done = [event.request for event in events if getattr(event, "is_done", False)]
    assert sorted(done) == [2, 3]


def test_what_cannot_be_done_is_told_with_what_to_try(space: Workspace) -> None:
    experiments = Experiments()
    commands = (
        m.MapLoss(1, "parameters"),
        m.FindRate(2, 1.0, 0.1, 20),
        m.StartRace(3, (("SGD", 0.1), ("SGD", 0.1))),
    )
    for command in commands:
        (event,) = experiments.take(space, 1, command)
        assert event.request == command.request
        assert event.message
        assert event.hint
        assert event.is_done
    assert not experiments.is_busy


def test_a_graph_that_cannot_be_trained_says_why() -> None:
    space = Workspace(Graph("empty").document)
    (event,) = Experiments().take(space, 1, m.MapLoss(1, "random"))
    assert event.message


def test_after_an_edit_what_was_under_way_is_told_to_be_over(space: Workspace) -> None:
    experiments = Experiments()
    list(experiments.take(space, 1, m.FindRate(5, 1e-5, 1.0, 1000)))
    (event,) = experiments.drop(2)
    assert (event.request, event.message) == (5, "The graph was edited.")
    assert not experiments.is_busy


def test_while_the_run_trains_a_picture_takes_a_small_share_of_the_time(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(jobs.time, "perf_counter", lambda: now[0])
    experiments = Experiments()
    list(experiments.take(space, 1, m.MapLoss(1, "random")))
    job = next(iter(experiments._jobs.values()))

    def work() -> Iterator[None]:
        for _ in range(10_000):
            now[0] += 0.001
            yield

    job._work = work()
    worked = 0.0
    while now[0] < 10:
        began = now[0]
        list(experiments.go_on(space, 1, 0.01, True))
        worked += now[0] - began
        now[0] += 0.01  # a slice of training
    assert worked / now[0] < 0.065


def test_over_the_pipes_training_with_a_surface_ends_at_the_same_bits() -> None:
    graph = valley(optimizer="Adam", lr=0.02, epochs=1000)
    alone = Trainer(graph)
    for _ in range(1000):
        alone.advance(1)
    engine = Engine()
    try:
        engine.load(graph)
        engine.send(m.Train(1000), m.MapLoss(1, "parameters"), m.FindRate(2, 1e-5, 1.0, 100))
        engine.until(m.Status, state="finished")
        engine.send(m.Snapshot(9))
        weights = engine.until(m.Weights, request=9)
    finally:
        engine.close()
    assert all(
        np.array_equal(weights.arrays[name], alone.run.weights[name]) for name in ("x.value", "y.value")
    )
