"""Receptive fields in effect: the mean size of the slopes, as asked one by one, within what can be seen in theory."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.asked import ask
from graphlab.engine.wants.eye import Unit
from graphlab.engine.wants.field import EffectiveField, side
from graphlab.engine.wants.looker import Looker
from graphlab.engine.workspace import Workspace
from graphlab.errors import DataError, GoalError
from graphlab.graph import Graph
from graphlab.lab.receptive import fields
from tests.engine.wants.test_jobs import all_told, sought


def digits() -> Graph:
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits", layout="image")
    conv = g.add("Conv2d", data["x"], name="conv", out_channels=2, kernel_size=3, padding=1)
    deep = g.add("Conv2d", g.add("Tanh", conv, name="bent"), name="deep", out_channels=2, kernel_size=3)
    scores = g.add("Linear", g.add("Flatten", deep), name="scores", units=10)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    return g


@pytest.fixture
def space() -> Workspace:
    return Workspace(digits().document)


def test_it_is_the_mean_of_the_slopes_asked_one_by_one(space: Workspace) -> None:
    run, trainer = space.run, space.trainer
    end, at = run.names.end("deep"), (1, 2, 3)
    looker = Looker(run, end)
    field = EffectiveField(looker, trainer, Unit(end, at), "validation", 12)
    for _ in field.work():
        pass
    assert (field.done, field.total) == (12, 12)
    rows = trainer.batches.rows("validation")
    wanted = np.zeros((8, 8))
    for row in rows[np.linspace(0, len(rows) - 1, 12).astype(int)]:
        picture = trainer.batches.columns[run.names.end("data.x")][row]
        run.feed(**{"data.x": picture[None], "data.target": np.array([0])})
        wanted += np.abs(ask(run, "deep", (0, *at)).grad("data.x")[0]).sum(axis=0)
    np.testing.assert_allclose(field.map, wanted / 12, rtol=1e-4, atol=1e-6)


def test_it_lies_within_what_can_be_seen_and_counts_most_in_the_middle(space: Workspace) -> None:
    (*_, last) = all_told(space, m.MapField(3, sought(space, "deep", 0, 3, 3), "train", 20))
    assert (last.done, last.total, last.is_done, last.split) == (20, 20, True, "train")
    found = space.run.plan.inference
    field = fields(found, space.run.names.end("data.x"), (1, 8, 8))[space.run.names.end("deep")]
    top, bottom, left, right = field.box(3, 3)
    assert (bottom - top, right - left) == field.size == (5, 5)
    outside = last.map.copy()
    outside[top:bottom, left:right] = 0
    assert not outside.any()
    assert 1 <= side(last.map) <= 5


def test_what_is_not_there_is_refused(space: Workspace) -> None:
    end = space.run.names.end("deep")
    with pytest.raises(GoalError, match="no unit"):
        EffectiveField(Looker(space.run, end), space.trainer, Unit(end, (5, 0, 0)))
    with pytest.raises(DataError, match="no train rows"):
        EffectiveField(Looker(space.run, end), None, Unit(end, (0, 0, 0)))
    (told,) = all_told(space, m.MapField(4, sought(space, "scores", 99)))
    assert told.message
    assert told.is_done


def test_nothing_counts_where_there_is_no_slope() -> None:
    assert side(np.zeros((3, 3))) == 0
    assert side(np.full((3, 3), 2.0)) == 3
