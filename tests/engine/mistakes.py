"""Graphs with one mistake each, of the kind that people make, and what should mend it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graphlab.graph import Graph


class Mistake(NamedTuple):
    """build: makes the graph. first: the fix to be offered first. also: others that must be among the offers."""

    build: Callable[[Graph], object]
    first: str
    also: tuple[str, ...] = ()


def _digits(g: Graph, layout: str = "image", **params):
    return g.add("Dataset", name="data", dataset="digits", layout=layout, **params)


def _x(g: Graph, *shape, name: str = "x", **params):
    return g.add("Input", name=name, shape=("N", *shape), **params)


def image_into_linear(g: Graph):
    data = _digits(g)
    h = g.add("ReLU", g.add("Linear", data, name="hidden", units=32), name="act")
    g.add("CrossEntropyLoss", g.add("Linear", h, name="out", units=10), data["target"])


def convolution_into_linear(g: Graph):
    data = _digits(g)
    h = g.add("ReLU", g.add("Conv2d", data, name="conv"), name="act")
    g.add("CrossEntropyLoss", g.add("Linear", h, name="out", units=10), data["target"])


def inner_sizes(g: Graph):
    hidden = g.add("Tanh", g.add("Linear", _x(g, 3), name="hidden", units=8))
    g.add("MatMul", hidden, g.add("Parameter", name="w", shape=(4, 2)))


def table_the_wrong_way_round(g: Graph):
    g.add("MatMul", _x(g, 3), g.add("Parameter", name="w", shape=(2, 3)))


def sum_of_two_widths(g: Graph):
    x = _x(g, 3)
    g.add("Add", g.add("Linear", x, name="a", units=8), g.add("Linear", x, name="b", units=16))


def classes_into_squared_error(g: Graph):
    data = g.add("Dataset", name="data", dataset="iris")
    g.add("MSELoss", g.add("Linear", data, name="out", units=3), data["target"])


def fed_classes_into_squared_error(g: Graph):
    g.add("MSELoss", g.add("Linear", _x(g, 4), units=3), _x(g, name="t", dtype="int"))


def one_hot_into_class_loss(g: Graph):
    data = g.add("Dataset", name="data", dataset="iris", target="one-hot")
    g.add("NLLLoss", g.add("LogSoftmax", g.add("Linear", data, units=3)), data["target"])


def fed_one_hot_into_class_loss(g: Graph):
    g.add("NLLLoss", g.add("LogSoftmax", g.add("Linear", _x(g, 4), units=3)), _x(g, 3, name="t"))


def column_of_classes_into_cross_entropy(g: Graph):
    g.add("CrossEntropyLoss", g.add("Linear", _x(g, 4), name="out", units=3), _x(g, 1, name="t"))


def measured_classes(g: Graph):
    g.add("CrossEntropyLoss", g.add("Linear", _x(g, 4), name="out", units=3), _x(g, name="t"))


def units_before_the_loss(g: Graph):
    data = g.add("Dataset", name="data", dataset="xor")
    g.add("MSELoss", g.add("Sigmoid", g.add("Linear", data, name="out", units=4)), data["target"])


def kernel_too_large(g: Graph):
    g.add("Conv2d", _digits(g), name="conv", kernel_size=9)


def rows_into_convolution(g: Graph):
    g.add("Conv2d", _digits(g, "flat"), name="conv")


def fed_rows_into_convolution(g: Graph):
    g.add("Conv2d", _x(g, 64), name="conv")


def channels_behind(g: Graph):
    g.add("Conv2d", _x(g, 28, 28, 1), name="conv")


def column_against_row(g: Graph):
    g.add("BCEWithLogitsLoss", g.add("Linear", _x(g, 4), units=1), _x(g, name="t"))


def joined_along_the_batch(g: Graph):
    g.add("Concat", _x(g, 3, name="a"), _x(g, 5, name="b"), dim=0)


def one_socket_too_many(g: Graph):
    g.add("Concat", _x(g, 3, name="a"), _x(g, 5, name="b"), count=3)


def numbers_into_embedding(g: Graph):
    g.add("Embedding", _x(g, 7))


def heads(g: Graph):
    q = g.add("Linear", _x(g, 5, 3), name="q", units=10)
    g.add("MultiheadAttention", q, q, q, num_heads=4)


def weight_of_another_shape(g: Graph):
    g.add("Linear", _x(g, 3), weight=g.add("Parameter", name="w", shape=(3, 4)), units=4, name="layer")


def images_normalised_as_rows(g: Graph):
    g.add("BatchNorm2d", _x(g, 3))


def row_into_recurrence(g: Graph):
    g.add("RNN", _x(g, 3))


def name_of_a_data_set(g: Graph):
    g.add("Dataset", dataset="digit")


MISTAKES = {
    m.build.__name__: m
    for m in (
        Mistake(image_into_linear, "Insert Flatten before hidden → N×64"),
        Mistake(convolution_into_linear, "Insert Flatten before out → N×288"),
        Mistake(inner_sizes, "Set units of hidden to 4", ("Set shape of w to 8×2",)),
        Mistake(table_the_wrong_way_round, "Insert Transpose → 3×2"),
        Mistake(sum_of_two_widths, "Set units of b to 8", ("Set units of a to 16",)),
        Mistake(classes_into_squared_error, "Set target of data to one-hot", ("Insert OneHot → N×3",)),
        Mistake(fed_classes_into_squared_error, "Insert OneHot → N×3"),
        Mistake(one_hot_into_class_loss, "Set target of data to class", ("Insert ArgMax → N",)),
        Mistake(fed_one_hot_into_class_loss, "Insert ArgMax → N"),
        Mistake(
            column_of_classes_into_cross_entropy,
            "Set t to dtype int, shape N",
            ("Set dtype of t to int, insert Squeeze → N",),
        ),
        Mistake(measured_classes, "Set dtype of t to int"),
        Mistake(units_before_the_loss, "Set units of out to 1"),
        Mistake(kernel_too_large, "Set kernel_size to 8", ("Set padding to same",)),
        Mistake(rows_into_convolution, "Set layout of data to image", ("Insert Reshape → N×1×8×8",)),
        Mistake(fed_rows_into_convolution, "Insert Reshape → N×1×8×8"),
        Mistake(channels_behind, "Set kernel_size to 1", ("Insert Permute → N×1×28×28",)),
        Mistake(column_against_row, "Insert Reshape → N", ("Insert Unsqueeze → N×1",)),
        Mistake(joined_along_the_batch, "Set dim to 1"),
        Mistake(one_socket_too_many, "Set count to 2"),
        Mistake(numbers_into_embedding, "Set dtype of x to int"),
        Mistake(heads, "Set num_heads to 5"),
        Mistake(weight_of_another_shape, "Set shape of w to 4×3", ("Insert Transpose → 4×3",)),
        Mistake(images_normalised_as_rows, "Replace by BatchNorm1d"),
        Mistake(row_into_recurrence, "Insert Unsqueeze → N×3×1"),
        Mistake(name_of_a_data_set, "Set dataset to digits"),
    )
}
