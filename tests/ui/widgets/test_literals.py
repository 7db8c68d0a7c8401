"""What people type into a field becomes the value they meant, or a sentence; nothing is ever evaluated."""

from __future__ import annotations

import pytest

from graphlab import ops
from graphlab.ui.widgets.literals import read, write


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int", "−3", -3),
        ("float", "1e−3", 0.001),
        ("float", "0,5", 0.5),
        ("ints", "3", 3),
        ("ints", "3, 5", (3, 5)),
        ("ints", "(3, 5)", (3, 5)),
        ("ints", "3,", (3,)),
        ("ints", "same", "same"),
        ("floats", "1.5", 1.5),
        ("floats", "1.5, 2", (1.5, 2)),
        ("floats", "(0.5, 2)", (0.5, 2)),
        ("shape", "N, 2", ("N", 2)),
        ("shape", "N×2", ("N", 2)),
        ("shape", "", ()),
        ("array", "0.5", 0.5),
        ("array", "1, 2, 3", (1, 2, 3)),
        ("array", "1 −2", (1, -2)),
        ("array", "[[1, 2], [3, 4]]", ((1, 2), (3, 4))),
        ("array", "[1, 2], [3, 4]", ((1, 2), (3, 4))),
        ("array", "((1,2),(3,4))", ((1, 2), (3, 4))),
        ("text", "spirals", "spirals"),
        ("int", "2*8", 16),
        ("float", "1/4", 0.25),
        ("float", "sqrt(9) + 1", 4.0),
        ("floats", "1/4, 2", (0.25, 2)),
        ("array", "1/4", 0.25),
        ("array", "sqrt(9)/2", 1.5),
        ("array", "1/2, -3/4", (0.5, -0.75)),
        ("array", "[[1/4, 2], [3e0, -2*4]]", ((0.25, 2), (3.0, -8.0))),
    ],
)
def test_read(kind: str, text: str, value: object) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("int", "2.5"),
        ("int", "many"),
        ("float", "nan"),
        ("float", "__import__('os')"),
        ("ints", ""),
        ("ints", "3; 4"),
        ("floats", ""),
        ("floats", "1.5; 2"),
        ("shape", "N+1"),
        ("array", "[[1, 2"),
        ("array", "[1, NaN]"),
        ("array", "[true]"),
        ("array", "[" * 50_000 + "]" * 50_000),
        ("array", "open('x')"),
        ("array", "1," * 60_000),
        ("array", "[1/0, 2]"),
        ("array", "__import__('os')*2"),
        ("int", "1/2"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(kind: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        read(kind, text)


def test_every_default_of_every_operation_reads_back() -> None:
    for name in ops.names():
        for param in ops.get(name).params_of.values():
            if param.shown and param.default is not None and param.kind not in ("bool", "choice"):
                assert param.check(read(param.kind, write(param.kind, param.default)), name) == param.default


def test_x_is_the_number_that_stands_there() -> None:
    assert read("float", "x*2", 0.25) == 0.5
    assert read("int", "x + 1", 7) == 8
    with pytest.raises(ValueError, match="no x here"):
        read("float", "x*2")


def test_what_is_wrong_with_an_expression_is_said() -> None:
    with pytest.raises(ValueError, match="divides by zero"):
        read("float", "1/0")
    with pytest.raises(ValueError, match="no function os"):
        read("float", "os(2)")
