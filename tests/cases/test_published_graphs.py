"""Whole graphs whose values, gradients and shapes others have published, reproduced through the public API.

The figures and their sources are in published_cases.json.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import graphlab as gl
from tests.ops.op_trial import published


def computed(g, goal):
    """A float64 run of the graph after one forward and one backward pass."""
    run = gl.Run(g, goal=goal, dtype="float64")
    run.forward()
    run.backward()
    return run


def scalars(g, **values):
    return [g.add("Input", name=name, value=float(value)) for name, value in values.items()]


def test_cs231n_add_and_multiply():
    figures = published("cs231n_add_mul")
    given, expected = figures["given"], figures["expected"]
    g = gl.Graph()
    x, y, z = scalars(g, x=given["x"], y=given["y"], z=given["z"])
    g.add("Mul", g.add("Add", x, y, name="q"), z, name="f")
    run = computed(g, "f")
    assert {n: run.value(n) for n in "qf"} == {n: expected[n] for n in "qf"}
    assert {f"df/d{n}": run.grad(n) for n in "xyzq"} == {k: v for k, v in expected.items() if "/" in k}


def sigmoid_circuit(decomposed):
    """1/(1+exp(-(w0·x0 + w1·x1 + w2))) in nine nodes, or with one sigmoid node in the end."""
    given = published("cs231n_sigmoid_circuit_values")["given"]
    g = gl.Graph()
    w0, w1, w2 = scalars(g, **{f"w{i}": w for i, w in enumerate(given["w"])})
    x0, x1 = scalars(g, **{f"x{i}": x for i, x in enumerate(given["x"])})
    s1 = g.add("Add", g.add("Mul", w0, x0, name="w0x0"), g.add("Mul", w1, x1, name="w1x1"), name="s1")
    s2 = g.add("Add", s1, w2, name="s2")
    if not decomposed:
        g.add("Sigmoid", s2, name="f")
        return computed(g, "f")
    e = g.add("Exp", g.add("Neg", s2, name="neg"), name="exp")
    g.add("Div", b=g.add("Add", e, b=1.0, name="plus1"), a=1.0, name="f")
    return computed(g, "f")


def test_cs231n_sigmoid_circuit():
    values, gradients = (
        published("cs231n_sigmoid_circuit_values"),
        published("cs231n_sigmoid_circuit_gradients"),
    )
    run = sigmoid_circuit(decomposed=True)
    for name, value in values["expected"].items():
        assert run.value(name) == pytest.approx(value, abs=values["tolerance"]), name
    for name, value in gradients["expected"].items():
        assert run.grad(name) == pytest.approx(value, abs=gradients["tolerance"]), name


def test_cs231n_one_sigmoid_node_agrees_with_the_circuit():
    circuit, node = sigmoid_circuit(decomposed=True), sigmoid_circuit(decomposed=False)
    assert node.value("f") == pytest.approx(circuit.value("f"), abs=1e-12)
    for name in ("w0", "x0", "w1", "x1", "w2"):
        assert node.grad(name) == pytest.approx(circuit.grad(name), abs=1e-12)


def test_colah_backpropagation():
    figures = published("colah_backprop")
    g = gl.Graph()
    a, b = scalars(g, a=figures["given"]["a"], b=figures["given"]["b"])
    g.add("Mul", g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d"), name="e")
    run = computed(g, "e")
    for name, expected in figures["expected"].items():
        found = run.grad(name[-1]) if "/" in name else run.value(name)
        assert found == expected, name


def test_micrograd_readme():
    figures = published("micrograd_readme")
    g = gl.Graph()
    a, b = scalars(g, a=figures["given"]["a"], b=figures["given"]["b"])

    def add(x, y):
        return g.add("Add", x, b=y) if isinstance(y, float) else g.add("Add", x, y)

    def times(x, factor):
        return g.add("Mul", x, b=factor)

    c = add(a, b)
    d = add(g.add("Mul", a, b), g.add("Pow", b, b=3.0))
    c = add(c, add(c, 1.0))
    c = add(c, add(add(c, 1.0), g.add("Neg", a)))
    d = add(d, add(times(d, 2.0), g.add("ReLU", add(b, a))))
    d = add(d, add(times(d, 3.0), g.add("ReLU", g.add("Sub", b, a))))
    f = g.add("Pow", g.add("Sub", c, d), b=2.0)
    g.add("Add", times(f, 0.5), g.add("Div", b=f, a=10.0), name="g")
    run = computed(g, "g")
    expected, tolerance = figures["expected"], figures["tolerance"]
    assert run.value("g") == pytest.approx(expected["g"], abs=tolerance)
    assert run.grad("a") == pytest.approx(expected["dg/da"], abs=tolerance)
    assert run.grad("b") == pytest.approx(expected["dg/db"], abs=tolerance)


def test_micrograd_sanity():
    figures = published("micrograd_test_sanity")
    g = gl.Graph()
    (x,) = scalars(g, x=figures["given"]["x"])
    z = g.add("Add", g.add("Add", g.add("Mul", x, b=2.0), b=2.0), x)
    q = g.add("Add", g.add("ReLU", z), g.add("Mul", z, x))
    h = g.add("ReLU", g.add("Mul", z, z))
    g.add("Add", g.add("Add", h, q), g.add("Mul", q, x), name="y")
    run = computed(g, "y")
    assert run.value("y") == figures["expected"]["y"]
    assert run.grad("x") == figures["expected"]["dy/dx"]


@pytest.mark.parametrize("decomposed", [False, True], ids=["tanh", "exponentials"])
def test_karpathy_neuron(decomposed):
    figures = published("karpathy_neuron")
    given = figures["given"]
    g = gl.Graph()
    x1, x2, w1, w2 = scalars(g, **{name: given[name] for name in ("x1", "x2", "w1", "w2")})
    (b,) = scalars(g, b=np.float32(6.8813735870195432))
    n = g.add("Add", g.add("Add", g.add("Mul", x1, w1), g.add("Mul", x2, w2)), b)
    if decomposed:
        e = g.add("Exp", g.add("Mul", n, b=2.0))
        g.add("Div", g.add("Sub", e, b=1.0), g.add("Add", e, b=1.0), name="o")
    else:
        g.add("Tanh", n, name="o")
    run = computed(g, "o")
    assert run.value("o") == pytest.approx(figures["expected"]["o"], abs=figures["tolerance"])
    for name in ("x1", "x2", "w1", "w2"):
        assert run.grad(name) == pytest.approx(figures["expected"][name], abs=figures["tolerance"]), name


def test_d2l_autograd():
    figures = published("d2l_autograd")
    g = gl.Graph()
    x = g.add("Input", name="x", value=figures["given"]["x"])
    g.add("Mul", g.add("MatMul", x, x), b=2.0, name="y")
    run = computed(g, "y")
    assert run.value("y") == figures["expected"]["y"]
    np.testing.assert_array_equal(run.grad("x"), figures["expected"]["dx"])


# Shapes and parameter counts


def chain(shape, layers):
    """(shape of each layer's output, number of weights without bias, number of parameters), by inference."""
    g = gl.Graph()
    last = g.add("Input", name="x", shape=shape)
    for op, params in layers:
        last = g.add(op, last, **params)
    found = gl.infer(g)
    assert not found.problems
    shapes = [list(found.specs[key, "y"].shape) for key in found.order[1:]]
    weights = [math.prod(s) for (_, socket), s in found.learnables.items() if socket == "weight"]
    return shapes, weights, found.total_parameters


def conv(channels, kernel, padding=0, stride=1):
    return "Conv2d", {"out_channels": channels, "kernel_size": kernel, "padding": padding, "stride": stride}


def test_d2l_lenet():
    figures = published("d2l_lenet_shapes")
    pool, sigmoid = ("AvgPool2d", {"kernel_size": 2, "stride": 2}), ("Sigmoid", {})
    layers = [conv(6, 5, 2), sigmoid, pool, conv(16, 5), sigmoid, pool, ("Flatten", {})]
    layers += [
        ("Linear", {"units": 120}),
        sigmoid,
        ("Linear", {"units": 84}),
        sigmoid,
        ("Linear", {"units": 10}),
    ]
    shapes, _, parameters = chain(tuple(figures["given"]["in"]), layers)
    assert shapes == figures["expected"]["shapes"]
    assert parameters == figures["expected"]["params"]


def test_vgg16_weights():
    figures = published("cs231n_vgg16_weights")
    layers = []
    for channels, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        layers += [conv(channels, 3, 1)] * count + [("MaxPool2d", {"kernel_size": 2})]
    layers += [("Flatten", {})] + [("Linear", {"units": units}) for units in (4096, 4096, 1000)]
    _, weights, parameters = chain((1, 3, 224, 224), layers)
    assert weights == figures["expected"]["weights"]
    assert parameters == figures["expected"]["total_with_biases"]


def test_alexnet_layers():
    figures = published("alexnet_neurons_2_to_8")
    pool = ("MaxPool2d", {"kernel_size": 3, "stride": 2})
    layers = [
        conv(96, 11, stride=4),
        pool,
        conv(256, 5, 2),
        pool,
        conv(384, 3, 1),
        conv(384, 3, 1),
        conv(256, 3, 1),
    ]
    layers += [pool, ("Flatten", {})] + [("Linear", {"units": units}) for units in (4096, 4096, 1000)]
    shapes, _, _ = chain((1, 3, 227, 227), layers)
    assert math.prod(shapes[0]) == published("cs231n_alexnet_conv1")["expected"]["neurons"]
    counted = [math.prod(shapes[k]) for k in (2, 4, 5, 6, 9, 10, 11)]
    assert counted == figures["expected"]
