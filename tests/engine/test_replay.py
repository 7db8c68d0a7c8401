"""What an operation worked out from the numbers of one batch must not be replayed for the next."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from graphlab.engine import SGD, Run
from graphlab.engine.record import record
from graphlab.errors import FeedError
from graphlab.graph import Graph


def test_a_number_worked_out_behind_the_tape_is_not_a_constant():
    x, y = np.arange(4.0), np.zeros(4)

    def centred(x, *, y):
        np.subtract(x, np.asarray(x).mean(), out=y)

    assert record(SimpleNamespace(f=centred).f, (x,), {"y": y}, [y]) is None
    assert y.tolist() == [-1.5, -0.5, 0.5, 1.5]


def classifier():
    g = Graph()
    scores = g.add("Linear", g.add("Input", name="x", shape=("N", 4)), units=3)
    g.add("CrossEntropyLoss", scores, g.add("Input", name="t", shape=("N",), dtype="int"), name="loss")
    return Run(g, optimizer=SGD(lr=0.1), dtype="float64")


def test_targets_to_be_ignored_may_come_once_cross_entropy_is_replayed():
    replayed = classifier()
    x, t = np.random.default_rng(0).standard_normal((5, 4)), np.array([0, 1, 2, 1, 0])
    replayed.feed(x=x, t=t)
    replayed.train(6)
    for ignored in (np.array([0, -100, 2, -100, 0]), t):
        fresh = classifier()
        fresh.load_state(replayed.state())
        for run in (replayed, fresh):
            run.feed(x=x, t=ignored)
        assert replayed.train_step() == fresh.train_step()
        assert replayed.store.flat.tobytes() == fresh.store.flat.tobytes()


def test_a_target_that_is_no_class_is_named_once_cross_entropy_is_replayed():
    run = classifier()
    run.feed(x=np.ones((2, 4)), t=np.array([0, 1]))
    run.train(6)
    run.feed(t=np.array([0, 3]))
    with pytest.raises(FeedError, match=r"loss: target\[.\] is the class index 3"):
        run.train(6)
