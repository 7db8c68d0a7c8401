"""A wire drawn by hand from a Picture into a network that reads others: what it leads through, and the way back."""

from __future__ import annotations

from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.ui.session import Session

from .conftest import Hand, show


@pytest.fixture
def hand(qtbot: Any) -> Any:
    graph = Graph("reader")
    data = graph.add("Dataset", name="data", dataset="digits", layout="image", position=(0, 60))
    conv = graph.add("Conv2d", data["x"], name="conv", out_channels=2, position=(500, 60))
    graph.add(
        "Linear", graph.add("Flatten", conv, name="flat", position=(740, 60)), name="out", position=(900, 60)
    )
    graph.add("Picture", name="photo", position=(0, 320))
    session = Session(Graph(graph.document), engine=False)
    yield Hand(show(qtbot, session))
    session.close()


def chain(hand: Hand) -> list[str]:
    """The operations from photo to conv."""
    document, node, found = hand.graph.document, hand.id("conv"), []
    while (edge := next(iter(document.inputs_of(node).values()), None)) is not None:
        node = edge.source
        found.insert(0, document.nodes[node].op)
    return found


def test_a_picture_leads_through_what_it_needs_and_nothing_learnt_changes_its_shape(hand: Hand):
    before = hand.view.session.inference.learnables
    hand.drag(hand.output("photo"), hand.input("conv", "x"))
    assert chain(hand) == ["Picture", "Resize", "Grayscale"]
    assert hand.view.session.inference.learnables == before
    notice = hand.view.session.notices[-1]
    assert notice.text == "photo is 96×96 in colour; conv was fed 8×8 grey."
    assert notice.hint == "Resize and Grayscale were put in between, so that it fits."
    hand.graph.undo()
    assert chain(hand) == ["Dataset"]
    assert not hand.graph.can_undo


def test_it_can_be_connected_as_it_is(hand: Hand):
    hand.drag(hand.output("photo"), hand.input("conv", "x"))
    words, as_it_is = hand.view.session.notices[-1].choice
    assert words == "Connect it as it is"
    as_it_is()
    assert chain(hand) == ["Picture"]
    as_it_is()  # too late
    assert chain(hand) == ["Picture"]


def test_a_picture_for_a_free_socket_is_connected_as_it_is(hand: Hand):
    hand.graph.add("ReLU", name="free", position=(300, 320))
    hand.drag(hand.output("photo"), hand.input("free", "x"))
    assert hand.view.session.document.inputs_of(hand.id("free"))["x"].source == hand.id("photo")
    assert not hand.view.session.notices
