"""One sample looked at in place of the batch: its values are those of a pass over it, and the run never knows."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.single import Single
from graphlab.engine.workspace import Workspace
from graphlab.errors import GraphlabError
from graphlab.graph import Graph
from graphlab.graph.codec import to_bytes
from tests.engine.test_host import Engine, engine  # noqa: F401


def digits() -> Graph:
    """Digits through batch normalisation and dropout, which behave otherwise on one sample than in a batch."""
    graph = Graph("digits")
    data = graph.add("Dataset", name="data", dataset="digits")
    hidden = graph.add("BatchNorm1d", graph.add("Linear", data["x"], name="hidden", units=8), name="norm")
    dropped = graph.add("Dropout", graph.add("ReLU", hidden, name="relu"), name="drop")
    graph.add(
        "CrossEntropyLoss", graph.add("Linear", dropped, name="out", units=10), data["target"], name="loss"
    )
    graph.configure(batch_size=16, validation=0.2, optimizer="Adam")
    return Graph(graph.document)


@pytest.fixture
def space() -> Workspace:
    made = Workspace(digits().document)
    made.train(5)
    return made


def key(space: Workspace, name: str, kind: str = "value", socket: str = "y") -> m.TensorKey:
    return m.TensorKey(kind, space.document.node(name).id, socket)


def test_what_is_shown_is_a_pass_over_that_row_alone(space: Workspace) -> None:
    end = (space.document.node("out").id, "y")
    expected = space.evaluate([end], {}, "validation", [7]).values[end]
    space.single = Single(space, m.LookAtSample("row", {}, "validation", 7))
    array, fresh = space.array(key(space, "out"))
    np.testing.assert_array_equal(array, expected)
    assert fresh
    assert array.shape == (1, 10)
    batch, is_fresh = space.array(key(space, "out", "grad"))
    assert batch.shape == (16, 10)
    assert not is_fresh
    weight = space.array(key(space, "out", socket="weight"))
    assert weight is not None
    assert weight[1]
    assert space.of_run(key(space, "out"))[0].shape == (16, 10)


def test_a_drawing_needs_no_target_and_what_depends_on_one_is_not_of_it(space: Workspace) -> None:
    data = space.document.node("data").id
    row = np.full((1, 64), 0.5, np.float32)
    space.single = Single(space, m.LookAtSample("drawing", {f"{data}.x": row}))
    assert space.array(key(space, "data", socket="x"))[0].shape == (1, 64)
    assert space.array(key(space, "out"))[0].shape == (1, 10)
    loss = space.array(key(space, "loss", socket="loss"))
    assert loss is None or not loss[1]
    with pytest.raises(GraphlabError):
        Single(space, m.LookAtSample("drawing", {f"{data}.x": np.zeros((1, 3))}))


def test_a_weight_changed_by_hand_is_seen_in_the_sample(space: Workspace) -> None:
    space.single = Single(space, m.LookAtSample("row", {}, "train", 0))
    before = space.array(key(space, "out"))[0].copy()
    node = space.document.node("out").id
    space.set_elements(m.SetElements(1, node, "bias", ((3,),), (50.0,)))
    after = space.array(key(space, "out"))[0]
    assert after[0, 3] > before[0, 3] + 40
    np.testing.assert_array_equal(np.delete(after, 3), np.delete(before, 3))


def test_the_run_goes_on_bit_for_bit_as_if_nothing_had_been_looked_at(engine: Engine) -> None:  # noqa: F811
    """Looked at at the end of a step, in the middle of one, and while training."""
    graph = digits()
    other = Workspace(graph.document)
    engine.send(m.Load(1, to_bytes(graph.document)))
    look = [m.LookAtSample(f"row {k}", {}, "validation", k) for k in range(4)]
    engine.send(m.Train(7))
    engine.until(m.Status, state="finished", step=7)
    engine.send(*look[:2])
    assert engine.until(m.SampleShown).title == "row 0"
    engine.send(m.Step(3), look[2])
    assert [engine.until(m.SampleShown).title for _ in range(3)] == ["row 1", "", "row 2"]
    engine.send(m.Phase("update"), m.Train(5))
    engine.until(m.Status, state="finished", step=13)
    engine.send(look[3], m.LookAtSample(), m.Train(3))
    engine.until(m.Status, state="finished", step=16)
    engine.send(m.Snapshot(9))
    weights = engine.until(m.Weights, request=9)
    while other.run.steps_done < 16:
        other.train(16 - other.run.steps_done)
    assert weights.state["step"] == 16
    for name, array in other.weights().items():
        assert weights.arrays[name].tobytes() == array.tobytes()


def test_in_its_frames_are_the_sample_and_then_the_batch_again(engine: Engine) -> None:  # noqa: F811
    graph = digits()
    engine.load(graph)
    wish = m.TensorKey("value", graph.document.node("out").id, "y")
    engine.send(m.Watch((m.Watched(wish, 999),)), m.Phase("forward"))
    while not (frame := engine.until(m.Frame)).tensors:
        pass
    batch = frame.tensors[0].array
    engine.send(m.LookAtSample("row 3", {}, "train", 3))
    assert engine.until(m.Frame).tensors[0].array.shape == (1, 10)
    engine.send(m.Explain(4, "value", wish.node, "y", (0, 0)))
    assert "the batch" in engine.until(m.Explained, request=4).message
    engine.send(m.LookAtSample("row", {}, "train", 10**6))
    assert "there is no row" in engine.until(m.SampleShown).message
    engine.send(m.LookAtSample())
    while not (frame := engine.until(m.Frame)).tensors or len(frame.tensors[0].array) == 1:
        pass
    assert frame.tensors[0].array.tobytes() == batch.tobytes()
