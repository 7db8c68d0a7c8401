"""What is put behind a source, as nodes that can be seen: normalisation by the figures of the training rows, and noise.

Functions from document to document.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ...data.looking import Look
from ...data.points import params_of
from ...graph import Document, Edge, Node, edits, rewire
from ...graph.naming import free_name
from ...ops import by_category, get

NOISE = "GaussianNoise"
PLAIN = ("Sub", "Div", NOISE)  # what may stand between a source and its noise
MOST_NUMBERS = 256  # that stand in a Constant; of wider rows one number serves all
BELOW = 125.0

Value = Any


class Way(NamedTuple):
    """A way to normalise: its title, and what it does in a few words."""

    id: str
    title: str
    tip: str


WAYS = (
    Way(
        "standard",
        "Mean 0, spread 1",
        "Subtract the mean of the training rows, and divide by their standard deviation",
    ),
    Way("range", "0 to 1", "Subtract the least value of the training rows, and divide by their range"),
    Way("bytes", "÷ 255", "Divide by 255, as for images of bytes"),
)


def normalised(document: Document, source: str, found: Look, way: str) -> Document:
    """With nodes behind the rows of a source that bring them to a common scale. UnknownNodeError, GraphError."""
    for op, name, value in _steps(found, way):
        document = _with(document, source, op, name, value)
    return document


def _steps(found: Look, way: str) -> list[tuple[str, str, Value]]:
    """(op, what its constant is called, the constant), the last first: each is put directly behind the source."""
    if way == "bytes":
        return [("Div", "bytes", 255.0)]
    rows = found.splits.get("train")
    shape: tuple[int, ...] = ()
    axes: Any = None
    x = found.x if rows is None or not len(rows) else found.x[rows]
    if len(found.shape) == 3:
        x, shape = x.reshape(len(x), found.shape[0], -1), (found.shape[0], 1, 1)
        axes = (0, 2)
    elif found.image_shape is None and x.shape[1] <= MOST_NUMBERS:
        shape, axes = (x.shape[1],), 0
    if way == "standard":
        first, second = np.nanmean(x, axis=axes, dtype=np.float64), np.nanstd(x, axis=axes, dtype=np.float64)
        names = ("mean", "spread")
    else:
        first = np.nanmin(x, axis=axes)
        second = np.nanmax(x, axis=axes) - first
        names = ("least", "range")
    second = np.where(second > 0, second, 1.0)
    return [
        (op, name, _literal(value, shape))
        for op, name, value in (("Div", names[1], second), ("Sub", names[0], first))
    ]


def _literal(value: Any, shape: tuple[int, ...]) -> Value:
    rounded = np.vectorize(lambda v: float(f"{v:.6g}"))(np.asarray(value, np.float64))
    return rounded.reshape(shape).tolist() if shape else float(rounded)


def _with(document: Document, source: str, op: str, name: str, value: Value) -> Document:
    document, node = behind(document, source, op)
    x, y = node.position
    document, constant = edits.add_node(
        document, "Constant", {"value": value}, free_name(document.ids_by_name, name), (x, y + BELOW)
    )
    return edits.connect(document, Edge(constant.id, constant.make().results()[0], node.id, "b"))


def behind(
    document: Document, source: str, op: str, params: Mapping[str, Any] | None = None
) -> tuple[Document, Node]:
    """With a node that all takes in what the rows of a source are led to."""
    output = document.nodes[source].make().results()[0]
    wires = [edge for edge in document.consumers(source) if edge.output == output]
    if not wires:
        x, y = document.nodes[source].position
        document, node = edits.add_node(document, op, params or {}, position=(x + rewire.COLUMN, y))
        return edits.connect(document, Edge(source, output, node.id, node.make().sockets()[0].name)), node
    document, node = rewire.insert(document, (wires[0].target, wires[0].input), op, params)
    result = node.make().results()[0]
    for edge in wires[1:]:
        document = edits.connect(document, Edge(node.id, result, edge.target, edge.input))
    return document, document.nodes[node.id]


def augmentations() -> dict[str, str]:
    """The operations that change images at random, by name, and what each does in a line."""
    ops = (op for family in by_category().values() for op in family)
    return {op.__name__: op.help().partition(". ")[0] for op in ops if "Augmentation" in op.synonyms}


def augmented(document: Document, source: str, op: str, shape: tuple[int, ...]) -> Document:
    """With one of these behind the images of a source, of that shape; a crop keeps their size."""
    params: dict[str, Any] = {}
    if "size" in get(op).params_of:
        params = {"size": shape[-2:], "padding": max(1, min(shape[-2:]) // 8)}
    return behind(document, source, op, params)[0]


def noise_of(document: Document, source: str) -> str:
    """The id of the node that adds noise to the rows of a source, "" for none."""
    found = document.nodes[source]
    todo = [(source, found.make().results()[0])] if found.is_known else []
    while todo:
        node, output = todo.pop()
        for edge in document.consumers(node):
            target = document.nodes[edge.target]
            if edge.output != output or target.op not in PLAIN:
                continue
            if target.op == NOISE:
                return target.id
            todo.append((target.id, target.make().results()[0]))
    return ""


def with_points(
    document: Document, source: str, points: Any, labels: Any, classes: tuple[str, ...], form: str
) -> Document:
    """With these points as the rows of a node, which becomes a Table if it was none; its wires stay."""
    node = document.nodes[source]
    op: Any = node.make()
    columns = (
        {"columns": op.columns, "file": op.file, "form": op.form}
        if op.brings == "content"
        else {"form": form}
    )
    params = params_of(points, labels, classes, **columns)
    if node.op == "Table":
        return edits.set_params(document, source, params)
    return document.with_nodes([dataclasses.replace(node, op="Table", params=params)])
