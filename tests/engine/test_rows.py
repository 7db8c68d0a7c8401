"""Tables in the engine: trained like any data set, their rows sent once, and faults told where they are."""

from __future__ import annotations

import numpy as np
import pytest

import graphlab as gl
from graphlab.data import store
from graphlab.engine import messages as m
from graphlab.engine.host import Host
from graphlab.engine.workspace import Workspace
from graphlab.errors import DataError
from graphlab.graph.codec import to_bytes
from graphlab.ops.contents import PRESENT
from tests.io.test_rows import forget


def iris_of_a_file() -> gl.Graph:
    iris = gl.data.iris()
    made = gl.data.from_arrays(iris.x, iris.target, iris.classes, "iris.npz")
    return network("Table", **made)


def network(op: str, **params: object) -> gl.Graph:
    graph = gl.Graph("iris")
    rows = graph.add(op, name="iris", **params)
    hidden = graph.add("Tanh", graph.add("Linear", rows["x"], units=8, name="hidden"))
    graph.add("CrossEntropyLoss", graph.add("Linear", hidden, units=3), rows["target"], name="loss")
    return graph


def test_a_table_trains_to_the_bit_like_the_data_set_of_the_same_rows():
    own, shipped = gl.Trainer(iris_of_a_file()), gl.Trainer(network("Dataset", dataset="iris"))
    for mine, theirs in zip(own.fit(4), shipped.fit(4), strict=True):
        assert (mine.loss, mine.validation_loss, mine.metrics) == (
            theirs.loss,
            theirs.validation_loss,
            theirs.metrics,
        )
    for name, values in shipped.run.weights.items():
        assert np.array_equal(own.run.weights[name], values)


def test_a_set_of_another_length_that_only_stands_beside_is_no_hindrance():
    graph = iris_of_a_file()
    graph.add("Table", name="few", **gl.data.from_arrays(np.arange(7.0), name="few.npy"))
    trainer = gl.Trainer(graph)
    trainer.advance(3)
    assert np.isin(trainer.run.value("few"), np.arange(7)).all()


def test_one_that_the_goal_depends_on_must_agree():
    graph = iris_of_a_file()
    graph.add("Table", name="few", **gl.data.from_arrays(np.ones((7, 8)), name="few.npy"))
    graph.connect(graph.add("Add", "tanh", "few", name="sum"), "linear", "x")
    with pytest.raises(DataError, match="rows, another data set"):
        gl.Trainer(graph)


def test_the_workspace_says_why_there_is_nothing_to_feed_and_goes_on_when_rows_come():
    graph = iris_of_a_file()
    content = graph["iris"].node.params["content"]
    cells = store.find(content)
    forget(content)
    space = Workspace(graph.document)
    assert "The rows of iris.npz are not here" in str(space.obstacle)
    with pytest.raises(DataError, match="are not here") as caught:
        space.phase("forward")
    assert caught.value.node == "iris"
    store.keep_as(content, cells)
    space.look_again()
    assert space.load(graph.document)
    assert space.obstacle is None
    space.phase("forward")


def test_the_host_takes_rows_and_refuses_those_of_another_hash():
    sent: list[m.Event] = []

    class Sink:
        def write(self, frame: bytes) -> None:
            sent.append(m.decode_event(frame[8:]))

        def flush(self) -> None:
            pass

    graph = iris_of_a_file()
    content = graph["iris"].node.params["content"]
    cells = store.find(content)
    forget(content)
    host = Host(None, Sink())  # type: ignore[arg-type]
    message = m.decode_command(m.encode(m.Rows(content, cells))[8:])
    host._guard(lambda: host._carry_out(m.Rows("0" * 64, cells)))
    assert isinstance(sent[0], m.Failed)
    host._guard(lambda: host._carry_out(message))
    host._guard(lambda: host._carry_out(m.Load(1, to_bytes(graph.document))))
    assert content in PRESENT
    (loaded,) = [event for event in sent if isinstance(event, m.Loaded)]
    assert loaded.trainable
