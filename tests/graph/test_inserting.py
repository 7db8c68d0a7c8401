"""Another document as a group: what of it comes along, and what becomes a socket."""

from __future__ import annotations

import pytest

import graphlab as gl
from graphlab.errors import GraphError
from graphlab.graph import Document, Graph
from graphlab.graph.inserting import insert
from graphlab.io.examples import examples


def classifier() -> Graph:
    g = Graph("classifier")
    rows = g.add("Dataset", name="iris", dataset="iris")
    hidden = g.add("Tanh", g.add("Linear", rows["x"], units=8, name="hidden"), name="act")
    out = g.add("Linear", hidden, units=3, name="out")
    loss = g.add("CrossEntropyLoss", out, rows["target"], name="loss")
    g.add("Mul", loss, b=2.0, name="scaled")
    return g


def inserted(guest: Graph) -> tuple[Document, tuple[str, ...], tuple[str, ...], set[str]]:
    document, node = insert(Graph("host").document, guest.document, (10, 20), "model")
    inner = document.definitions[node.params["definition"]]
    assert (node.name, node.position, inner.name) == ("model", (10, 20), "model")
    return document, node.params["takes"], node.params["gives"], set(inner.ids_by_name)


def test_a_model_comes_without_data_set_loss_and_what_follows_it():
    _, takes, gives, names = inserted(classifier())
    assert takes == ("x",)
    assert gives == ("y",)
    assert names == {"x", "hidden", "act", "out", "y"}


def test_what_only_prepares_the_targets_stays_out():
    g = classifier()
    g.remove("loss", "scaled")
    hot = g.add("OneHot", g["iris"]["target"], num_classes=3, name="hot")
    g.add("MSELoss", "out", hot, name="loss")
    assert inserted(g)[3] == {"x", "hidden", "act", "out", "y"}


def test_inputs_become_sockets_constants_stay_and_loose_ends_are_results():
    g = Graph()
    a = g.add("Input", name="a", shape=("N", 2))
    b = g.add("Input", name="b", value=2.0)
    c = g.add("Constant", name="c", value=3.0)
    g.add("Add", a, g.add("Mul", b, c, name="scale"), name="sum")
    g.add("Tanh", a, name="beside")
    _, takes, gives, names = inserted(g)
    assert takes == ("a", "b")
    assert sorted(gives) == ["beside y", "sum y"]
    assert "c" in names


def test_an_encoder_inside_the_loss_path_keeps_what_also_serves_the_prediction():
    """An autoencoder's input is its target, too."""
    g = Graph()
    rows = g.add("Dataset", name="rows", dataset="xor")
    code = g.add("Linear", rows["x"], units=1, name="code")
    g.add("MSELoss", g.add("Linear", code, units=2, name="decode"), rows["x"], name="loss")
    _, takes, gives, names = inserted(g)
    assert (takes, gives) == (("x",), ("y",))
    assert {"code", "decode"} <= names


def test_a_document_of_nothing_but_a_loss_comes_whole():
    g = Graph()
    a, b = g.add("Input", name="a", shape=("N", 1)), g.add("Input", name="b", shape=("N", 1))
    g.add("MSELoss", a, b, name="loss")
    assert inserted(g)[3] >= {"loss", "a", "b"}


def test_groups_inside_come_along():
    g = classifier()
    g.group("hidden", "act", name="cell")
    document, takes, gives, names = inserted(g)
    assert {"cell"} < names
    assert (takes, gives) == (("x",), ("y",))
    assert {d.name for d in document.definitions.values()} == {"model", "cell"}


def test_the_guest_is_untouched_and_an_empty_one_is_refused():
    g = classifier()
    before = g.document
    inserted(g)
    assert g.document is before
    with pytest.raises(GraphError, match="empty"):
        insert(before, Graph("nothing").document)


@pytest.mark.parametrize("example", examples(), ids=lambda e: e.name)
def test_every_example_can_be_inserted_twice(example):
    guest, _ = gl.load(example.path)
    document, first = insert(Document(), guest.document, name=example.name)
    document, second = insert(document, guest.document, name=example.name)
    assert first.name != second.name
    assert first.params["gives"] == second.params["gives"] != ()


def test_a_notebook_inserts_and_sets_the_weights():
    guest = classifier()
    trained = gl.Trainer(guest)
    trained.advance(3)
    host = Graph("host")
    x = host.add("Input", name="x", shape=("N", 4))
    model = host.insert(guest, "model")
    host.connect(x, model)
    run = gl.Run(host)
    for name, values in trained.run.weights.items():
        run.set(f"model/{name}", values)
    rows = gl.data.iris().x[:5]
    run.feed(x=rows)
    run.forward()
    trained.run.feed(iris=rows, **{"iris.target": [0] * 5})
    trained.run.forward()
    assert run.value("model/out").tolist() == trained.run.value("out").tolist()
    host.undo()
    host.undo()
    assert "model" not in host


@pytest.mark.parametrize("op", ["Dataset", "Input"])
def test_what_computes_nothing_is_refused(op: str):
    guest, host = Graph("rows"), Graph("host")
    guest.add(op)
    with pytest.raises(GraphError, match="rows computes nothing"):
        host.insert(guest)
    assert not host.document.nodes
    assert not host.document.definitions
