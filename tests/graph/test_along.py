"""Along with which settings a param may be set."""

from __future__ import annotations

import pytest

from graphlab.graph import Graph
from graphlab.graph.along import choices, inner_value
from graphlab.graph.promoting import promote


@pytest.fixture
def inside() -> Graph:
    """A cell drawn by hand: rows (Linear, 24 units), state (Linear, 8), scale (Parameter of 8), keep (Dropout)."""
    g = Graph()
    g.add("Linear", g.add("Input", name="x", shape=("N", 3)), name="rows", units=24)
    g.add("Linear", "rows", name="state", units=8)
    g.add("Parameter", name="scale", shape=(8,))
    g.add("Dropout", "state", name="keep", p=0.5)
    g.group("rows", "state", "scale", "keep", name="cell")
    found = g.inside("cell")
    found.replace(promote(found.document, "state", "units", "hidden"), "Promote")
    return found


def test_a_multiple_may_be_set_along(inside: Graph) -> None:
    assert inner_value(inside.document, "hidden") == 8
    assert choices(inside.document, "rows", "units") == [("hidden", 3)]
    assert choices(inside.document, "scale", "shape") == [("hidden", 1)]


def test_what_is_none_and_what_is_set_already_may_not(inside: Graph) -> None:
    assert choices(inside.document, "state", "units") == []
    assert choices(inside.document, "keep", "p") == []
    assert choices(inside.document, "rows", "bias") == []
    inside.set("rows", units=20)
    assert choices(inside.document, "rows", "units") == []
    inside.set("rows", units=8 * 17)
    assert choices(inside.document, "rows", "units") == []
