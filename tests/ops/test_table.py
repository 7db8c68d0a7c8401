"""The shapes of a Table follow from its params alone, and what is wrong with it is a fault of the node."""

from __future__ import annotations

import pytest

from graphlab.engine import infer
from graphlab.errors import ParamError, ShapeError
from graphlab.graph import Graph
from graphlab.ops import make

IRIS = {
    "file": "iris.csv",
    "rows": 3,
    "columns": ("a", "b", "colour", "species"),
    "whole": ("b",),
    "categories": (("colour", ("blue", "red")), ("species", ("x", "y", "z"))),
    "target": "species",
}


def specs(**changed) -> list[str]:
    op = make("Table", {**IRIS, **changed})
    found = op.infer()
    return [f"{spec} {spec.kind}" for spec in (found if isinstance(found, tuple) else (found,))]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ["N×4 float", "N int"]),
        ({"form": "one-hot"}, ["N×4 float", "N×3 float"]),
        ({"features": ("a",)}, ["N×1 float", "N int"]),
        ({"target": ""}, ["N×7 float"]),
        ({"target": "a"}, ["N×6 float", "N×1 float"]),
        ({"target": "b"}, ["N×6 float", "N×1 float"]),
        ({"target": "b", "form": "class"}, ["N×6 float", "N int"]),
        ({"target": "colour", "form": "column"}, ["N×5 float", "N×1 float"]),
        ({"shape": (1, 2, 2)}, ["N×1×2×2 float", "N int"]),
        ({"features": ("b", "colour"), "dtype": "int"}, ["N×2 int", "N int"]),
        ({"unnamed": 6, "columns": ("species",), "shape": (1, 2, 3)}, ["N×1×2×3 float", "N int"]),
    ],
)
def test_shapes_follow_from_the_params(changed, expected):
    assert specs(**changed) == expected


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"target": "specis"}, "no column 'specis'. Did you mean species"),
        ({"features": ("q",)}, "no column 'q'"),
        ({"form": "column"}, "3 classes; a single column tells two apart"),
        ({"target": "a", "form": "class"}, "holds numbers, not classes"),
        ({"shape": (5,)}, "A row of 4 numbers has not the shape 5"),
        ({"shape": ("M", 2)}, "has not the shape"),
        ({"dtype": "int"}, "a holds measured numbers"),
        ({"features": ("b",), "dtype": "int", "standardise": True}, "Indices cannot be standardised"),
        (
            {"features": ("b",), "dtype": "int", "missing": "mean", "gaps": (("b", (1, 1)),)},
            "mean is no index",
        ),
        ({"columns": ("species",)}, "No column is left"),
        ({"columns": (), "target": ""}, "There is no file yet"),
    ],
)
def test_what_cannot_be_is_a_fault_with_advice(changed, message):
    with pytest.raises(ShapeError) as caught:
        specs(**changed)
    assert message in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "changed",
    [
        {"categories": (("species", 3),)},
        {"categories": (("species", (1, 2)),)},
        {"categories": (("b", ("one",)),)},
        {"gaps": (("a", (1,)),)},
        {"gaps": (("a", "x"),)},
    ],
)
def test_params_of_a_damaged_file_are_refused(changed):
    with pytest.raises(ParamError):
        make("Table", {**IRIS, **changed})


def test_absent_rows_are_a_fault_at_the_node_and_shapes_are_known_all_the_same():
    graph = Graph()
    table = graph.add("Table", name="iris", **IRIS, content="0" * 64)
    graph.add("Linear", table["x"], units=2, name="lin")
    found = infer(graph)
    assert [p.node for p in found.problems] == ["iris"]
    assert found.problems[0].message.startswith("The rows of iris.csv are not here")
    assert str(found.specs[graph["lin"].id, "y"]) == "N×2"
