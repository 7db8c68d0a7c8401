"""Watched numbers read during training: as often as the time allows, and right."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine import sampling
from graphlab.engine.sampling import Sampler
from graphlab.engine.workspace import Workspace
from tests.engine.test_workspace import moons


@pytest.fixture
def space() -> Workspace:
    g = moons()
    g.configure(batch_size=4)
    return Workspace(g.document)


def test_what_is_read_is_what_the_weight_was_after_that_step(space, monkeypatch) -> None:
    monkeypatch.setattr(sampling, "SHARE", 1e9)  # read whenever one may
    hidden = space.document.node("hidden").id
    sampler = Sampler()
    sampler.set([m.Probe(hidden, "weight[0, 1]"), m.Probe(hidden, "weight.grad.norm")])
    other = Workspace(space.document)
    expected = []
    for _ in range(8):
        other.train(1)
        expected.append(float(other.run.value("hidden.weight")[0, 1]))
    sampler._slices, sampler._first = 1, 0  # the first slice is trained in one go
    sampler.train(space, 5)
    sampler.train(space, 1)
    told = sampler.take(7)
    assert told.run == 7
    assert told.steps.tolist() == [1, 2, 3, 4, 5, 6]
    assert told.values[:, 0].tolist() == expected[:6]
    assert np.isfinite(told.values).all()
    assert sampler.take(7) is None


def test_a_slice_ends_with_the_epoch(space) -> None:
    sampler = Sampler()
    sampler.set([m.Probe(space.document.node("hidden").id, "weight.norm")])
    sampler._first = 0
    per_epoch = space.trainer.steps_per_epoch
    for cut in (0, 1):
        sampler._slices = cut
        sampler.train(space, 10 * per_epoch)
        assert space.trainer.at_epoch_end
        assert space.run.steps_done == per_epoch * (cut + 1)


def test_training_is_cut_less_often_while_that_costs_too_much() -> None:
    sampler = Sampler()
    sampler._learn(True, 1.0)
    for _ in range(3):
        sampler._learn(False, 1.5)
    assert sampler.stride == 8
    sampler._learn(False, 1.0)
    assert sampler.stride == 4
    for _ in range(40):
        sampler._learn(False, 9.0)
    assert sampler.stride == sampling.LONGEST


def test_reading_waits_until_its_share_of_the_time_has_passed(space) -> None:
    sampler = Sampler()
    sampler.set([m.Probe(space.document.node("hidden").id, "weight.norm")])
    sampler._due, sampler._first = float("inf"), 0
    sampler.train(space, 3)
    assert sampler.take(0) is None
    assert space.run.steps_done == 3


def test_running_statistics_can_be_watched() -> None:
    from graphlab.engine.breakpoints import Probes, require_names
    from graphlab.engine.conditions import parse_number
    from tests.engine.test_states import normed

    space = Workspace(normed().document)
    node = space.document.node("bn")
    require_names(parse_number("running_mean.norm"), node.make())
    (value,) = Probes([m.Probe(node.id, "running_mean.norm")]).read(space)
    assert value == 0


def test_the_first_steps_of_a_training_are_read_one_by_one(space, monkeypatch) -> None:
    monkeypatch.setattr(sampling, "FIRST", 3)
    monkeypatch.setattr(sampling, "SHARE", 1e-12)  # after these, none for hours
    sampler = Sampler()
    sampler.set([m.Probe(space.document.node("hidden").id, "weight.norm")])
    sampler.begin()
    for _ in range(4):
        sampler.train(space, 2)
    assert sampler.take(0).steps.tolist() == [1, 2, 3]
    sampler.begin()
    sampler.train(space, 2)
    assert sampler.take(0).steps.tolist() == [9, 10]
