"""The published graphs, drawn through the public API; nodes have the names under which their numbers were published.

The figures and their sources are in published_cases.json.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from graphlab.graph import Graph

FIGURES = Path(__file__).with_name("published_cases.json")
CASES = {case["id"]: case for case in json.loads(FIGURES.read_text(encoding="utf-8"))["cases"]}
REPRODUCED = {name for name, case in CASES.items() if case["status"] == "reproduced"}


def figures(case: str) -> dict[str, Any]:
    """A case by id; figures known to be wrong as published are refused."""
    assert case in REPRODUCED
    return CASES[case]


def given(case: str) -> dict[str, Any]:
    return figures(case)["given"]


def scalars(g: Graph, **values: float) -> list[Any]:
    return [g.add("Input", name=name, value=float(value)) for name, value in values.items()]


class Scalar:
    """A node with Python's operators, so that published code can be written as it was published."""

    def __init__(self, g: Graph, handle: Any) -> None:
        self.g, self.handle = g, handle

    def _made(self, op: str, *sources: Scalar, **params: Any) -> Scalar:
        return Scalar(self.g, self.g.add(op, *(s.handle for s in sources), **params))

    def _with(self, op: str, other: Any) -> Scalar:
        if isinstance(other, Scalar):
            return self._made(op, self, other)
        return self._made(op, self, b=float(other))

    def __add__(self, other: Any) -> Scalar:
        return self._with("Add", other)

    def __sub__(self, other: Any) -> Scalar:
        return self._with("Sub", other)

    def __mul__(self, other: Any) -> Scalar:
        return self._with("Mul", other)

    def __pow__(self, power: float) -> Scalar:
        return self._with("Pow", power)

    def __truediv__(self, other: Any) -> Scalar:
        return self._with("Div", other)

    def __rtruediv__(self, number: float) -> Scalar:
        return Scalar(self.g, self.g.add("Div", a=float(number), b=self.handle))

    def __neg__(self) -> Scalar:
        return self._made("Neg", self)

    def relu(self) -> Scalar:
        return self._made("ReLU", self)

    def tanh(self) -> Scalar:
        return self._made("Tanh", self)

    def exp(self) -> Scalar:
        return self._made("Exp", self)

    def named(self, name: str) -> Scalar:
        self.g.rename(self.handle, name)
        return self

    __radd__, __rmul__ = __add__, __mul__


def inputs(g: Graph, **numbers: float) -> list[Scalar]:
    return [Scalar(g, handle) for handle in scalars(g, **numbers)]


# Graphs of numbers


def add_and_multiply(g: Graph) -> None:
    x, y, z = scalars(g, **{name: given("cs231n_add_mul")[name] for name in "xyz"})
    g.add("Mul", g.add("Add", x, y, name="q"), z, name="f")


def sigmoid_circuit(g: Graph, whole: bool = False) -> None:
    """1/(1+exp(−(w0·x0 + w1·x1 + w2))) in nine nodes, or `whole`, with one sigmoid node in the end."""
    known = given("cs231n_sigmoid_circuit_values")
    w0, w1, w2 = scalars(g, **{f"w{i}": w for i, w in enumerate(known["w"])})
    x0, x1 = scalars(g, **{f"x{i}": x for i, x in enumerate(known["x"])})
    s1 = g.add("Add", g.add("Mul", w0, x0, name="w0x0"), g.add("Mul", w1, x1, name="w1x1"), name="s1")
    s2 = g.add("Add", s1, w2, name="s2")
    if whole:
        g.add("Sigmoid", s2, name="f")
        return
    e = g.add("Exp", g.add("Neg", s2, name="neg"), name="exp")
    g.add("Div", b=g.add("Add", e, b=1.0, name="plus1"), a=1.0, name="f")


def gate_patterns(g: Graph) -> None:
    """Add distributes, max routes, multiply swaps."""
    x, y, z, w = scalars(g, **{name: given("cs231n_gate_patterns")[name] for name in "xyzw"})
    both = g.add("Add", g.add("Mul", x, y, name="mul"), g.add("Maximum", z, w, name="max"), name="sum")
    g.add("Mul", both, b=2.0, name="f")


def colah(g: Graph) -> None:
    a, b = scalars(g, **{name: given("colah_backprop")[name] for name in "ab"})
    g.add("Mul", g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d"), name="e")


def micrograd_readme(graph: Graph) -> None:
    a, b = inputs(graph, **{name: given("micrograd_readme")[name] for name in "ab"})
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.named("g")


def micrograd_sanity(graph: Graph) -> None:
    (x,) = inputs(graph, x=given("micrograd_test_sanity")["x"])
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    (h + q + q * x).named("y")


def karpathy_neuron(graph: Graph, decomposed: bool = False) -> None:
    """tanh(x1·w1 + x2·w2 + b), or (e − 1)/(e + 1) with e = exp(2n), in which e has two ways on."""
    known = given("karpathy_neuron")
    x1, x2, w1, w2 = inputs(graph, **{name: known[name] for name in ("x1", "x2", "w1", "w2")})
    (b,) = inputs(graph, b=float(np.float32(known["b"].split()[0])))
    n = (x1 * w1 + x2 * w2 + b).named("n")
    if not decomposed:
        n.tanh().named("o")
        return
    e = (n * 2).exp().named("e")
    ((e - 1).named("above") / (e + 1).named("below")).named("o")


def dot_twice(g: Graph) -> None:
    x = g.add("Input", name="x", value=tuple(map(float, given("d2l_autograd")["x"])))
    g.add("Mul", g.add("MatMul", x, x, name="dot"), b=2.0, name="y")


def stable_softmax(g: Graph) -> None:
    f = g.add("Input", name="f", value=tuple(map(float, given("cs231n_stable_softmax")["f"])))
    g.add("Softmax", f, dim=-1, name="p")


# Convolution and pooling


def tuples(rows: Any) -> Any:
    return tuple(map(tuples, rows)) if isinstance(rows, list) else float(rows)


def image(case: str, transposed: bool = False) -> Any:
    """The case's X as one image of one or more channels, 1×C×H×W."""
    rows = np.asarray(given(case)["X"], float)
    rows = rows.T if transposed else rows
    return tuples((rows if rows.ndim == 3 else rows[None])[None].tolist())


def convolution(case: str, transposed: bool = False, **params: Any) -> Callable[[Graph], None]:
    """X and the filter K as numbers of the document, and what a Conv2d makes of them: y."""

    def draw(g: Graph) -> None:
        known = given(case)
        kernel = np.asarray(known["K"], float) if isinstance(known["K"], list) else _stacked()
        kernel = kernel.reshape((1,) * (4 - kernel.ndim) + kernel.shape)
        x = g.add("Input", name="X", value=image(case, transposed))
        k = g.add("Parameter", name="K", value=tuples(kernel.tolist()))
        size = kernel.shape[2:]
        g.add(
            "Conv2d", x, weight=k, name="Y", out_channels=len(kernel), kernel_size=size, bias=False, **params
        )

    return draw


def _stacked() -> Any:
    """stack(K, K + 1, K + 2) of the case with several channels."""
    kernel = np.asarray(given("d2l_multi_in")["K"], float)
    return np.stack([kernel, kernel + 1, kernel + 2])


def pooling(case: str, op: str, **params: Any) -> Callable[[Graph], None]:
    def draw(g: Graph) -> None:
        known = given(case)["X"]
        value = (
            image(case) if isinstance(known, list) else tuples(np.arange(16.0).reshape(1, 1, 4, 4).tolist())
        )
        g.add(op, g.add("Input", name="X", value=value), name="Y", **params)

    return draw


def convolution_of_a_sequence(g: Graph) -> None:
    known = given("riptutorial_conv1d")
    x = g.add("Input", name="X", value=((tuple(map(float, known["x"])),),))
    k = g.add("Parameter", name="K", value=((tuple(map(float, known["k"])),),))
    g.add("Conv1d", x, weight=k, name="Y", out_channels=1, kernel_size=3, bias=False)


# Shapes


Layers = list[tuple[str, dict[str, Any]]]


def chain(g: Graph, shape: tuple[int, ...], layers: Layers) -> list[str]:
    """Layers one after the other, with room on the wires; the names of their nodes."""
    last, names = g.add("Input", name="x", shape=shape, position=(0, 0)), []
    for k, (op, params) in enumerate(layers, 1):
        last = g.add(op, last, name=f"layer{k}", position=(340.0 * k, 0), **params)
        names.append(f"layer{k}")
    return names


def conv(channels: int, kernel: Any, padding: Any = 0, stride: Any = 1) -> tuple[str, dict[str, Any]]:
    return "Conv2d", {"out_channels": channels, "kernel_size": kernel, "padding": padding, "stride": stride}


def linear(*units: int) -> Layers:
    return [("Linear", {"units": count}) for count in units]


def lenet() -> Layers:
    pool, sigmoid = ("AvgPool2d", {"kernel_size": 2, "stride": 2}), ("Sigmoid", {})
    first, second, third = linear(120, 84, 10)
    layers = [conv(6, 5, 2), sigmoid, pool, conv(16, 5), sigmoid, pool, ("Flatten", {})]
    return [*layers, first, sigmoid, second, sigmoid, third]


def vgg16() -> Layers:
    layers: Layers = []
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [conv(channels, 3, 1)] * count + [("MaxPool2d", {"kernel_size": 2})]
    return [*layers, ("Flatten", {}), *linear(4096, 4096, 1000)]


def alexnet() -> Layers:
    pool = ("MaxPool2d", {"kernel_size": 3, "stride": 2})
    layers = [conv(96, 11, stride=4), pool, conv(256, 5, 2), pool]
    layers += [conv(384, 3, 1), conv(384, 3, 1), conv(256, 3, 1), pool]
    return [*layers, ("Flatten", {}), *linear(4096, 4096, 1000)]
