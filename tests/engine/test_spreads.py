"""Histograms read after steps: exact counts on bins of powers of two, and no oftener than training can afford."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.sampling import Sampler
from graphlab.engine.spreads import BINS, FIRST, SAMPLE, SHARE, ZERO, Spreads, spread_of
from graphlab.engine.workspace import Workspace
from tests.engine.test_host import Engine, engine  # noqa: F401
from tests.engine.test_workspace import moons


@pytest.fixture
def space() -> Workspace:
    g = moons()
    g.configure(batch_size=4)
    return Workspace(g.document)


def keys_of(space: Workspace) -> tuple[m.TensorKey, ...]:
    hidden = space.document.node("hidden").id
    parameter = (m.TensorKey(kind, hidden, "weight") for kind in ("value", "grad"))
    return (*parameter, m.TensorKey("value", hidden, "y"), m.TensorKey("value", "nowhere", "y"))


@pytest.mark.parametrize("offset", [0.0, 3.0, -1000.0, 1e-6])
@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e9])
def test_every_number_is_counted_in_the_bin_it_lies_in(offset: float, scale: float) -> None:
    values = (np.random.default_rng(0).normal(size=500) + offset) * scale
    found = spread_of(values)
    width = 2.0**found.exponent
    edges = (found.first + np.arange(BINS + 1)) * width
    assert found.counts.tolist() == np.histogram(values, bins=edges)[0].tolist()
    assert found.counts.sum() == 500
    used = np.flatnonzero(found.counts)
    assert used[-1] - used[0] >= BINS // 2 - 2


def test_of_an_array_by_hand() -> None:
    found = spread_of(np.array([-1.0, -0.5, 0.0, 0.0, 1.0, 62.0]))
    assert (found.exponent, found.first) == (0, -1)
    assert found.counts[:3].tolist() == [2, 2, 1]
    assert found.counts[63] == 1


def test_what_is_no_number_is_counted_apart() -> None:
    found = spread_of(np.array([np.nan, 1.0, np.inf, -np.inf, 2.0]))
    assert found.bad == 3
    assert found.counts.sum() == 2
    nothing = spread_of(np.array([np.nan]))
    assert (nothing.bad, int(nothing.counts.sum())) == (1, 0)


def test_one_number_again_and_again_fills_one_bin() -> None:
    for value in (0.0, 0.25, -7.0, 1e-30):
        found = spread_of(np.full(9, value, np.float32))
        (place,) = np.flatnonzero(found.counts)
        low = (found.first + int(place)) * 2.0**found.exponent
        assert low <= np.float32(value) < low + 2.0**found.exponent
        assert found.counts[place] == 9
    assert spread_of(np.zeros(3)).exponent == ZERO


def test_of_a_large_array_a_sample_is_counted() -> None:
    found = spread_of(np.random.default_rng(0).normal(size=(700, 300)).astype(np.float32))
    assert SAMPLE // 2 < found.counts.sum() < 2 * SAMPLE


def test_they_are_read_at_the_end_of_steps_and_before_the_first(space: Workspace) -> None:
    spreads, keys = Spreads(), keys_of(space)
    spreads.set(m.WatchSpreads(3, keys))
    spreads.note(space, training=False)
    first = spreads.take(1)
    assert first is not None
    assert (first.request, first.steps.tolist()) == (3, [0])
    assert first.counts.sum(axis=2)[0].tolist() == [space.run.store.value(slot_of(space)).size, 0, 0, 0]
    space.train(1)
    spreads.note(space, training=False)
    space.step(1)  # into the next step: nothing is read
    spreads.note(space, training=False)
    told = spreads.take(1)
    assert told is not None
    assert told.steps.tolist() == [1]
    weights = spread_of(space.run.store.value(slot_of(space)))
    assert told.counts[0, 0].tolist() == weights.counts.tolist()
    assert (told.counts.sum(axis=2)[0, :3] > 0).all()
    assert spreads.take(1) is None


def slot_of(space: Workspace) -> Any:
    return space.run.plan.parameters[space.document.node("hidden").id, "weight"]


def test_nothing_is_read_while_nobody_looks(space: Workspace) -> None:
    spreads = Spreads()
    assert not spreads
    space.train(1)
    spreads.note(space, training=True)
    assert spreads.take(1) is None


def test_first_steps_are_read_closely_and_later_ones_rest(space: Workspace) -> None:
    sampler, other = Sampler(), Workspace(space.document)
    sampler.spreads.set(m.WatchSpreads(1, keys_of(space)))
    sampler.begin()
    while space.run.steps_done < 2000:
        sampler.train(space, 50)
        sampler.spreads.note(space, training=True)
    told = sampler.spreads.take(1)
    assert told is not None
    assert told.steps[:32].tolist() == list(range(1, 33))
    closely = told.steps[:FIRST]
    assert np.all(np.diff(closely)[32:] >= closely[32:-1] // 32)
    while (left := space.run.steps_done - other.run.steps_done) > 0:
        other.train(left)
    assert space.run.store.flat.tobytes() == other.run.store.flat.tobytes()


def test_after_the_first_the_next_waits_in_proportion_to_what_it_cost(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    spreads = Spreads()
    spreads.set(m.WatchSpreads(1, keys_of(space)))
    spreads._left = 0
    now = [100.0]
    for clock in ("perf_counter", "process_time"):
        monkeypatch.setattr(f"time.{clock}", lambda: now[0])
    monkeypatch.setattr(
        "graphlab.engine.spreads.spreads_of",
        lambda *_: [(now.__setitem__(0, now[0] + 0.001), spread_of(np.ones(2)))[1]],
    )
    read = []
    for _ in range(round(4 / SHARE)):
        space.train(1)
        now[0] += 0.001
        spreads.note(space, training=True)
        read.append(spreads.take(1) is not None)
    assert 3 <= sum(read) <= 5  # a millisecond each


def test_the_engine_tells_them_while_training(engine: Engine) -> None:  # noqa: F811
    graph = moons()
    engine.load(graph)
    key = m.TensorKey("value", graph.document.node("hidden").id, "weight")
    engine.send(m.WatchSpreads(7, (key,)))
    assert engine.until(m.Spreads).steps.tolist() == [0]
    engine.send(m.Train(300))
    steps: list[int] = []
    while not steps or steps[-1] < 300:
        event = engine.until(m.Spreads, request=7)
        assert len(m.encode(event)) < 200 * len(event.steps) + 400
        steps += event.steps.tolist()
    assert steps[:20] == list(range(1, 21))
