"""An Unroll node drawn another way makes room for itself, and gives it back."""

from __future__ import annotations

from graphlab.graph import Document, Frame, Node, Note
from graphlab.graph.folding import spread

SMALL, LARGE = (200.0, 130.0), (1000.0, 250.0)


def _document() -> Document:
    places = {
        "n1": (0.0, 0.0),
        "n2": (300.0, 0.0),
        "n3": (600.0, 40.0),
        "n4": (320.0, 300.0),
        "n5": (0.0, 400.0),
    }
    nodes = {i: Node(i, "Tanh", i, position=place) for i, place in places.items()}
    return Document(
        nodes=nodes,
        notes={"t1": Note("t1", "right", (700.0, -50.0))},
        frames={"f1": Frame("f1", "around", (280.0, -40.0), (240.0, 200.0))},
    )


def test_what_lies_right_goes_right_and_what_lies_below_goes_down() -> None:
    after = spread(_document(), "n2", SMALL, LARGE)
    assert after.nodes["n1"].position == (0.0, 0.0)
    assert after.nodes["n2"].position == (300.0, 0.0)
    assert after.nodes["n3"].position == (1400.0, 40.0)
    assert after.nodes["n4"].position == (320.0, 420.0)
    assert after.nodes["n5"].position == (0.0, 400.0)  # left of it
    assert after.notes["t1"].position == (1500.0, -50.0)
    assert after.frames["f1"].size == (1040.0, 320.0)


def test_folding_gives_the_room_back() -> None:
    before = _document()
    assert spread(spread(before, "n2", SMALL, LARGE), "n2", LARGE, SMALL) == before
