"""What a host does when it is asked: in slices, told as it goes, stopped when told so, and no trace in the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.experiments.in_slices import Experiments
from graphlab.engine.wants.why import METHODS
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from tests.engine.wants.nets import small

ANSWERS = (m.Climbed, m.FoundBest, m.Because, m.Dreamt)


def digits() -> Graph:
    g = Graph()
    data = g.add("Dataset", name="data", dataset="digits", layout="image")
    conv = g.add("Conv2d", data["x"], name="conv", out_channels=2, kernel_size=3)
    scores = g.add("Linear", g.add("Flatten", g.add("ReLU", conv, name="relu")), name="scores", units=10)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    return g


@pytest.fixture
def space() -> Workspace:
    return Workspace(digits().document)


def key(space: Workspace, name: str) -> str:
    return space.run.names.key(name)


def sought(space: Workspace, name: str, *at: int) -> m.Sought:
    return m.Sought(*space.run.names.end(name), at)


def all_told(space: Workspace, *commands: m.Command) -> list[Any]:
    experiments = Experiments()
    events = [event for command in commands for event in experiments.take(space, 1, command)]
    while experiments.is_busy:
        events += experiments.go_on(space, 1, 0.001, False)
    return events


def test_climbs_of_several_layers_go_side_by_side(space: Workspace) -> None:
    units = sought(space, "conv", 0), sought(space, "relu", 1, 2, 2), sought(space, "scores", 3)
    events = all_told(space, m.StartClimb(5, units, {"steps": 20, "jitter": 0}))
    last = events[-1]
    assert [event.is_done for event in events] == [False] * (len(events) - 1) + [True]
    assert (last.done, last.total, last.tones) == (60, 60, (0.0, 1.0))
    assert [picture.shape for picture in last.pictures] == [(1, 8, 8)] * 3
    assert all(len(curve) == 21 and curve[-1] > curve[0] for curve in last.curves)
    done = [event.done for event in events]
    assert done == sorted(done)
    assert events[0].done == 0


def test_every_message_goes_through_the_pipe_unharmed(space: Workspace) -> None:
    commands = [
        m.StartClimb(1, (sought(space, "conv", 0),), {"steps": 3}, np.zeros((1, 8, 8))),
        m.FindBest(2, (sought(space, "conv", 0), sought(space, "scores", 1)), "validation", 4),
        m.AskWhy(3, "gradient", None, "train", 2),
        m.StartDream(
            4, sought(space, "relu"), np.random.default_rng(0).random((10, 9)), {"octaves": 1, "steps": 2}
        ),
    ]
    for command in commands:
        again = m.decode_command(m.encode(command)[8:])
        assert (type(again), again.request) == (type(command), command.request)
    events = all_told(space, *commands)
    assert {type(event) for event in events} == set(ANSWERS)
    for event in events:
        again = m.decode_event(m.encode(event)[8:])
        assert (type(again), again.request, again.message) == (type(event), event.request, "")
    best = next(event for event in reversed(events) if isinstance(event, m.FoundBest))
    assert [len(each.rows) for each in best.best] == [4, 4]
    assert best.done == best.total == best.of


@pytest.mark.parametrize("method", METHODS)
def test_every_method_says_why(space: Workspace, method: str) -> None:
    last = all_told(space, m.AskWhy(3, method, None, "validation", 4, patch=3))[-1]
    assert (last.message, last.is_done) == ("", True)
    row = int(space.trainer.batches.rows("validation")[4])  # type: ignore[union-attr]
    assert (last.row, last.true) == (row, int(space.trainer.batches.data.target[row]))  # type: ignore[union-attr]
    assert last.label == int(last.chances.argmax())
    assert last.chances.sum() == pytest.approx(1)
    assert last.map.shape[-2:] == (8, 8)
    assert last.classes == tuple("0123456789")
    assert [name for _, name in last.layers] == ["conv", "relu"]
    assert (last.layer == key(space, "relu")) is (method == "grad-cam")
    assert (last.by_size is not None) is (method == "fool")
    assert (last.steps > 0) is (method == "integrated")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"method": "magic"}, "no method 'magic'"),
        ({"label": 10}, "no class 10"),
        ({"place": 9999}, "no row 9,999"),
        ({"split": "other"}, "no other rows"),
        ({"picture": np.zeros((3, 8, 8))}, "8×8 in 1 channel"),
        ({"method": "grad-cam", "layer": "n99"}, "no maps"),
        ({"method": "occlusion", "stride": 0}, "by 0 pixels"),
        ({"base": "green"}, "no base 'green'"),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_left_over(
    space: Workspace, more: dict[str, Any], said: str
) -> None:
    events = all_told(space, m.AskWhy(3, **({"method": "gradient"} | more)))
    assert said in events[-1].message
    assert (events[-1].request, events[-1].is_done) == (3, True)


def test_a_graph_without_pictures_or_data_is_told_in_words() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("Linear", x, name="hidden", units=2)
    bare = Workspace(g.document)
    unit = m.Sought(*bare.run.names.end("hidden"), (0,))
    for command in (m.StartClimb(1, (unit,)), m.FindBest(1, (unit,)), m.AskWhy(1, "gradient")):
        assert "No picture goes into this graph" in all_told(bare, command)[-1].message
    pictures = Workspace(small(loss=False).document)
    assert "no train rows" in all_told(pictures, m.AskWhy(1, "gradient"))[-1].message
    given = all_told(pictures, m.AskWhy(1, "gradient", np.zeros((2, 6, 6))))[-1]
    assert (given.message, given.row, given.classes) == ("", -1, ("0", "1", "2", "3"))


def test_the_run_keeps_every_bit_and_what_is_stopped_says_nothing_more(space: Workspace) -> None:
    alone = Workspace(digits().document)
    experiments = Experiments()
    for each in (space, alone):
        each.trainer.advance(2)  # type: ignore[union-attr]
    list(experiments.take(space, 1, m.StartClimb(1, (sought(space, "scores", 3),), {"steps": 500})))
    list(experiments.take(space, 1, m.FindBest(2, (sought(space, "conv", 0),))))
    for each in (space, alone):
        for _ in range(3):
            each.trainer.advance(1)  # type: ignore[union-attr]
            if each is space:
                list(experiments.go_on(space, 1, 0.001, True))
    assert np.array_equal(space.run.store.flat, alone.run.store.flat)
    list(experiments.take(space, 1, m.StopExperiment(1)))
    list(experiments.take(space, 1, m.StopExperiment(2)))
    assert not experiments.is_busy


def test_an_edit_of_the_graph_ends_it_and_says_so(space: Workspace) -> None:
    experiments = Experiments()
    list(experiments.take(space, 1, m.StartClimb(1, (sought(space, "scores", 3),), {"steps": 500})))
    (event,) = experiments.drop(2)
    assert (event.message, event.is_done) == ("The graph was edited.", True)


def test_without_data_the_picture_in_the_graph_is_looked_at() -> None:
    g = Graph()
    grey = g.add("Grayscale", g.add("Picture", name="photo"), name="grey")
    conv = g.add("Conv2d", grey, name="conv", out_channels=2, kernel_size=5, stride=4)
    g.add("Linear", g.add("Flatten", g.add("ReLU", conv)), name="scores", units=3)
    space = Workspace(g.document)
    for method in ("gradient", "grad-cam"):
        last = all_told(space, m.AskWhy(1, method))[-1]
        assert (last.message, last.row, last.picture.shape) == ("", -1, (3, 96, 96))
        assert last.map.shape[-2:] == (96, 96)


@pytest.mark.parametrize("last", ["", "Softmax"])
def test_maps_of_one_pixel_are_scores_and_probabilities_are_looked_behind(last: str) -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2, 6, 6))
    conv = g.add("Conv2d", x, name="conv", out_channels=4, kernel_size=3)
    pool = g.add("AdaptiveAvgPool2d", conv, name="pool", output_size=1)
    if last:
        g.add(last, pool, name="chances", dim=1)
    space = Workspace(g.document)
    told = all_told(space, m.AskWhy(1, "fool", np.random.default_rng(0).random((2, 6, 6))))[-1]
    assert (told.message, told.by_size.shape) == ("", (61, 4))
    assert told.chances.sum() == pytest.approx(1)
    assert np.unique(told.chances).size == 4
    values = space.run
    values.feed(x=told.picture[None])
    values.forward()
    assert told.score == pytest.approx(float(values.value("pool")[0, told.label, 0, 0]), rel=1e-4)
