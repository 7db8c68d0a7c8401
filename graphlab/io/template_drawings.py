"""The templates that travel with graphlab, drawn by code. What is done with them stands in `templates`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..graph import Graph, Handle
from ..graph.graph import Source

_COLUMN, _ROW = 220.0, 150.0
Draw = Callable[[Graph], None]
Layers = Sequence[tuple[str, str, Mapping[str, Any]]]  # operation, name, params


class Drawing(NamedTuple):
    """One of them: its name for the command line, its title, what it is in one line, and what draws it."""

    name: str
    title: str
    about: str
    draw: Draw


drawings: list[Drawing] = []


def _template(name: str, title: str) -> Callable[[Draw], Draw]:
    """Decorator: they are offered in this order. The docstring's first line says what it is."""

    def enter(draw: Draw) -> Draw:
        drawings.append(Drawing(name, title, (draw.__doc__ or "").partition("\n")[0], draw))
        return draw

    return enter


@_template("blank", "Blank")
def _blank(g: Graph) -> None:
    """Nothing but the usual training settings."""


@_template("by-hand", "Network by hand")
def _by_hand(g: Graph) -> None:
    """h = tanh(Wx + b), y = Vh + a, node by node."""

    def layer(at: int, names: str, x: Source, weights: object, bias: object) -> Handle:
        """`names`: of the matrix, the product, the bias and the sum."""
        matrix, product, shift, total = names.split()
        w = g.add("Parameter", name=matrix, value=weights, position=(at * _COLUMN, 0))
        wx = g.add("MatMul", w, x, name=product, position=((at + 1) * _COLUMN, _ROW))
        b = g.add("Parameter", name=shift, value=bias, position=((at + 1) * _COLUMN, 2 * _ROW))
        return g.add("Add", wx, b, name=total, position=((at + 2) * _COLUMN, _ROW))

    x = g.add("Input", name="x", value=(1.0, -0.5), position=(0, _ROW))
    z = layer(0, "W Wx b z", x, ((0.6, -1.0), (-0.4, 0.8), (1.2, 0.5)), (0.1, -0.2, 0.3))
    h = g.add("Tanh", z, name="h", position=(3 * _COLUMN, _ROW))
    y = layer(3, "V Vh a y", h, ((1.0, -0.7, 0.5), (-0.3, 0.9, 0.4)), (0.1, -0.1))
    target = g.add("Input", name="target", value=(0.5, -0.5), position=(5 * _COLUMN, 2 * _ROW))
    g.add("MSELoss", y, target, name="loss", position=(6 * _COLUMN, _ROW))
    g.configure(optimizer="SGD", lr=0.05, momentum=0.0, epochs=100)


@_template("linear-regression", "Linear regression")
def _linear_regression(g: Graph) -> None:
    """A straight line through noisy points: training finds the 2, −3 and 1 that made them."""
    data = g.add("Dataset", name="points", dataset="blobs", position=(0, 2 * _ROW))
    y = g.add("Linear", data["x"], name="line", units=1, position=(3 * _COLUMN, 0))
    slopes = g.add("Constant", name="slopes", value=((2.0,), (-3.0,)), position=(0, 3.2 * _ROW))
    plain = g.add("MatMul", data["x"], slopes, name="made", position=(_COLUMN, 2 * _ROW))
    lifted = g.add("Add", plain, name="lifted", b=1.0, position=(2 * _COLUMN, 2 * _ROW))
    noise = g.add("RandnLike", lifted, name="noise", position=(3 * _COLUMN, 3.2 * _ROW))
    small = g.add("Mul", noise, name="small", b=0.1, position=(4 * _COLUMN, 3.2 * _ROW))
    target = g.add("Add", lifted, small, name="target", position=(5 * _COLUMN, 2 * _ROW))
    g.add("MSELoss", y, target, name="loss", position=(6 * _COLUMN, _ROW))
    g.configure(optimizer="Adam", lr=0.05, epochs=60)


@_template("logistic-regression", "Logistic regression")
def _logistic_regression(g: Graph) -> None:
    """One straight border between two classes, with the chance of either."""
    _classifier(g, "moons", [("Linear", "border", {"units": 1})])
    g.configure(optimizer="Adam", lr=0.05, epochs=60)


@_template("mlp-classifier", "MLP classifier")
def _mlp_classifier(g: Graph) -> None:
    """Three kinds of iris by four measures: one hidden layer."""
    _classifier(
        g,
        "iris",
        [("Linear", "hidden", {"units": 16}), ("ReLU", "relu", {}), ("Linear", "out", {"units": 3})],
    )
    g.configure(optimizer="Adam", lr=0.01, batch_size=16, epochs=100)


@_template("mlp-regression", "MLP regression")
def _mlp_regression(g: Graph) -> None:
    """Two hidden layers learn a curved surface, the sine of a sum."""
    data = g.add("Dataset", name="points", dataset="moons", position=(0, 1.5 * _ROW))
    slopes = g.add("Constant", name="slopes", value=((2.0,), (2.0,)), position=(0, 2.7 * _ROW))
    total = g.add("MatMul", data["x"], slopes, name="sum", position=(2 * _COLUMN, 2 * _ROW))
    target = g.add("Sin", total, name="target", position=(4 * _COLUMN, 2 * _ROW))
    layers: Layers = (
        ("Linear", "hidden1", {"units": 32}),
        ("Tanh", "tanh1", {}),
        ("Linear", "hidden2", {"units": 32}),
        ("Tanh", "tanh2", {}),
        ("Linear", "out", {"units": 1}),
    )
    last = _row(g, data["x"], layers)
    g.add("MSELoss", last, target, name="loss", position=(6 * _COLUMN, _ROW))
    g.configure(optimizer="Adam", lr=0.01, epochs=100)


@_template("cnn", "Small CNN")
def _cnn(g: Graph) -> None:
    """Handwritten digits as images: convolution, pooling, one layer that decides."""
    layers: Layers = (
        ("Conv2d", "conv", {"out_channels": 8, "kernel_size": 3, "padding": 1}),
        ("ReLU", "relu", {}),
        ("MaxPool2d", "pool", {"kernel_size": 2}),
        ("Flatten", "flatten", {}),
        ("Linear", "out", {"units": 10}),
    )
    _classifier(g, "digits", layers, layout="image")
    g.configure(optimizer="Adam", lr=0.005, epochs=20)


@_template("autoencoder", "Autoencoder")
def _autoencoder(g: Graph) -> None:
    """Digits squeezed through eight numbers, and drawn again from them."""
    data = g.add("Dataset", name="digits", dataset="digits", position=(0, _ROW))
    layers: Layers = (
        ("Linear", "encoder", {"units": 32}),
        ("ReLU", "relu1", {}),
        ("Linear", "code", {"units": 8}),
        ("Linear", "decoder", {"units": 32}),
        ("ReLU", "relu2", {}),
        ("Linear", "picture", {"units": 64}),
    )
    last = _row(g, data["x"], layers)
    g.add("MSELoss", last, data["x"], name="loss", position=(7 * _COLUMN, _ROW))
    g.configure(optimizer="Adam", lr=0.005, epochs=40)


def _row(g: Graph, x: Source, layers: Layers) -> Source:
    """Layers side by side; the last one."""
    last = x
    for k, (op, name, params) in enumerate(layers, 1):
        last = g.add(op, last, name=name, position=(k * _COLUMN, 0), **params)
    return last


def _classifier(g: Graph, dataset: str, layers: Layers, **params: object) -> None:
    """Data, layers and their loss, the targets beneath the layers."""
    data = g.add("Dataset", name=dataset, dataset=dataset, position=(0, _ROW), **params)
    last = _row(g, data["x"], layers)
    loss = "BCEWithLogitsLoss" if layers[-1][2].get("units") == 1 else "CrossEntropyLoss"
    g.add(loss, last, data["target"], name="loss", position=((len(layers) + 1) * _COLUMN, _ROW))
