"""Norms of gradients, updates and weights: of the step that has just ended, and of no other."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.norms import Norms, norms_of
from graphlab.engine.sampling import FIRST, Sampler
from graphlab.engine.workspace import Workspace
from tests.engine.test_host import Engine, engine  # noqa: F401
from tests.engine.test_workspace import moons


@pytest.fixture
def space() -> Workspace:
    g = moons()
    g.configure(batch_size=4)
    return Workspace(g.document)


def ends_of(space: Workspace) -> tuple[tuple[str, str], ...]:
    return tuple(space.run.plan.parameters)


def by_hand(space: Workspace, before: np.ndarray) -> np.ndarray:
    """From copies made around the step."""
    store, norm = space.run.store, np.linalg.norm
    return np.array(
        [
            [
                norm(v[slot.window].astype(np.float64))
                for v in (store.gradient, store.flat - before, store.flat)
            ]
            for slot in space.run.plan.parameters.values()
        ]
    )


def test_they_are_those_of_copies_made_around_the_step(space: Workspace) -> None:
    for _ in range(3):
        before = space.run.store.flat.copy()
        space.train(1)
        found = norms_of(space.run, ends_of(space))
        assert found is not None
        np.testing.assert_allclose(found, by_hand(space, before), rtol=1e-5)
    before = space.run.store.flat.copy()
    space.phase("forward")
    space.phase("update")
    np.testing.assert_allclose(norms_of(space.run, ends_of(space)), by_hand(space, before), rtol=1e-5)


def test_of_a_step_under_way_nothing_is_told_once_its_gradients_come(space: Workspace) -> None:
    assert norms_of(space.run, ends_of(space)) is None
    space.phase("update")
    before = norms_of(space.run, ends_of(space))
    space.phase("forward")
    np.testing.assert_array_equal(norms_of(space.run, ends_of(space)), before)
    space.step(1)
    assert norms_of(space.run, ends_of(space)) is None


def test_what_is_frozen_or_gone_has_none(space: Workspace) -> None:
    space.train(1)
    found = norms_of(space.run, (("nowhere", "weight"), ends_of(space)[0]))
    assert found is not None
    assert np.isnan(found[0]).all()
    assert (found[1] > 0).all()


def test_tiny_gradients_do_not_vanish_and_large_ones_do_not_overflow(space: Workspace) -> None:
    space.train(1)
    for size in (1e-25, 1e25):
        space.run.store.gradient[...] = size
        found = norms_of(space.run, ends_of(space))
        counts = [slot.size for slot in space.run.plan.parameters.values()]
        np.testing.assert_allclose(found[:, 0], size * np.sqrt(counts), rtol=1e-5)


def test_a_step_is_read_once(space: Workspace) -> None:
    norms = Norms()
    norms.note(space.run)
    assert norms.take(1) is None
    norms.set(m.WatchNorms(3, ends_of(space)))
    space.train(1)
    norms.note(space.run)
    norms.note(space.run)
    space.train(1)
    norms.note(space.run)
    told = norms.take(1)
    assert told is not None
    assert (told.run, told.request, told.steps.tolist()) == (1, 3, [1, 2])
    assert told.values.shape == (2, len(ends_of(space)), 3)
    assert norms.take(1) is None


def test_the_first_steps_of_a_training_are_read_one_by_one_and_only_while_somebody_looks(
    space: Workspace,
) -> None:
    sampler, other = Sampler(), Workspace(space.document)
    sampler.begin()
    sampler.train(space, 5)
    assert sampler.norms.take(1) is None
    sampler.norms.set(m.WatchNorms(1, ends_of(space)))
    sampler.begin()
    before = space.run.steps_done
    while space.run.steps_done < before + FIRST + 40:
        sampler.train(space, 50)
    told = sampler.norms.take(1)
    assert told is not None
    assert told.steps[:FIRST].tolist() == list(range(before + 1, before + FIRST + 1))
    assert len(told.steps) == FIRST
    while (left := space.run.steps_done - other.run.steps_done) > 0:
        other.train(left)
    assert space.run.store.flat.tobytes() == other.run.store.flat.tobytes()


def test_the_engine_tells_them_while_training_and_while_stepping(engine: Engine) -> None:  # noqa: F811
    graph = moons()
    engine.load(graph)
    ends = ((graph.document.node("hidden").id, "weight"),)
    engine.send(m.WatchNorms(7, ends), m.Phase("update"))
    first = engine.until(m.Norms)
    assert first.steps.tolist() == [1]
    engine.send(m.Train(50))
    steps: list[int] = []
    while not steps or steps[-1] < 51:
        steps += engine.until(m.Norms, request=7).steps.tolist()
    assert steps == list(range(2, 52))
    engine.send(m.WatchNorms(8, ()), m.Train(5), m.Pause(), m.Snapshot(1))
    for event in engine.events():
        assert not isinstance(event, m.Norms)
        if isinstance(event, m.Weights) and event.request == 1:
            break
