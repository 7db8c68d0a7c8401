"""What a picture leads through on its way into a network that was fed others."""

from __future__ import annotations

import pytest

from graphlab.engine.inference import infer
from graphlab.engine.picture_fit import fit_picture, steps_between
from graphlab.graph import Edge, Graph


@pytest.mark.parametrize(
    ("given", "wanted", "steps"),
    [
        ((3, 480, 640), (1, 28, 28), [("CenterCrop", (480, 480)), ("Resize", (28, 28)), ("Grayscale", None)]),
        ((1, 30, 20), (1, 30, 40), [("CenterCrop", (15, 20)), ("Resize", (30, 40))]),
        ((1, 28, 28), (3, 28, 28), [("RGB", None)]),
        ((3, 96, 96), (3, 32, 32), [("Resize", (32, 32))]),
        ((3, 101, 100), (3, 50, 50), [("Resize", (50, 50))]),
        ((3, 32, 32), (3, 32, 32), []),
        ((3, 32, 32), (4, 32, 32), []),
    ],
)
def test_the_steps_from_one_size_to_another(given, wanted, steps):
    found = [(step.op, step.params.get("size")) for step in steps_between(given, wanted)]
    assert found == steps


def reader() -> Graph:
    graph = Graph()
    data = graph.add("Dataset", name="data", dataset="digits", layout="image")
    conv = graph.add("Conv2d", data["x"], name="conv", out_channels=2)
    graph.add("Picture", name="photo")
    graph.add("Linear", graph.add("Flatten", conv, name="flat"), name="out", units=10)
    return graph


def test_what_is_learnt_has_the_same_shape_behind_the_picture():
    graph = reader()
    before = infer(graph.document)
    photo, conv = (graph.document.node(name).id for name in ("photo", "conv"))
    found = fit_picture(graph.document, before, Edge(photo, "y", conv, "x"))
    assert found is not None
    after = infer(found.document)
    assert not after.problems
    assert after.learnables == before.learnables
    assert [found.document.node(name).op for name in ("resize", "grayscale")] == ["Resize", "Grayscale"]


def test_other_sources_and_free_sockets_are_left_alone():
    graph = reader()
    noise = graph.add("Input", name="noise", shape=(1, 3, 16, 16))
    photo, conv = (graph.document.node(name).id for name in ("photo", "conv"))
    known = infer(graph.document)
    assert fit_picture(graph.document, known, Edge(noise.id, "y", conv, "x")) is None
    free = graph.add("ReLU", name="free")
    assert fit_picture(graph.document, infer(graph.document), Edge(photo, "y", free.id, "x")) is None
