"""Small graphs whose values and gradients others have published, computed node by node in float64."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.graph import Graph
from tests.ops.op_trial import published


def inputs(g, **values):
    return [g.add("Input", name=name, value=value) for name, value in values.items()]


def evaluated(g, goal):
    run = Run(g, goal=goal, dtype="float64")
    run.backward()
    return run


def values(run, *names):
    return {name: float(run.value(name)) for name in names}


def gradients(run, *names):
    return {name: float(run.grad(name)) for name in names}


def exactly(expected, tolerance):
    return pytest.approx(expected, rel=0, abs=tolerance)


def test_cs231n_add_and_multiply():
    case = published("cs231n_add_mul")
    g = Graph()
    x, y, z = inputs(g, **{name: case["given"][name] for name in "xyz"})
    g.add("Mul", g.add("Add", x, y, name="q"), z, name="f")
    run = evaluated(g, "f")
    expected = case["expected"]
    assert values(run, "q", "f") == {name: expected[name] for name in "qf"}
    assert gradients(run, *"xyzq") == {name: expected[f"df/d{name}"] for name in "xyzq"}


def sigmoid_circuit(whole):
    """The CS231n neuron; its sigmoid `whole` as one node, or taken apart into four."""
    given = published("cs231n_sigmoid_circuit_values")["given"]
    g = Graph()
    w0, w1, w2 = inputs(g, **{f"w{i}": w for i, w in enumerate(given["w"])})
    x0, x1 = inputs(g, **{f"x{i}": x for i, x in enumerate(given["x"])})
    s1 = g.add("Add", g.add("Mul", w0, x0, name="w0x0"), g.add("Mul", w1, x1, name="w1x1"), name="s1")
    s2 = g.add("Add", s1, w2, name="s2")
    if whole:
        g.add("Sigmoid", s2, name="f")
    else:
        plus1 = g.add("Add", g.add("Exp", g.add("Neg", s2, name="neg"), name="exp"), b=1.0, name="plus1")
        g.add("Div", b=plus1, name="f")
    return evaluated(g, "f")


def test_cs231n_sigmoid_circuit_gate_by_gate():
    run = sigmoid_circuit(whole=False)
    case = published("cs231n_sigmoid_circuit_values")
    assert values(run, *case["expected"]) == exactly(case["expected"], case["tolerance"])
    case = published("cs231n_sigmoid_circuit_gradients")
    assert gradients(run, *case["expected"]) == exactly(case["expected"], case["tolerance"])


def test_a_sigmoid_in_one_node_agrees_with_the_one_taken_apart():
    apart, whole = sigmoid_circuit(whole=False), sigmoid_circuit(whole=True)
    names = ("w0", "x0", "w1", "x1", "w2", "w0x0", "w1x1", "s1", "s2", "f")
    assert values(whole, *names) == exactly(values(apart, *names), 1e-12)
    assert gradients(whole, *names) == exactly(gradients(apart, *names), 1e-12)


def test_cs231n_gate_patterns():
    """Add distributes, max routes, multiply swaps. There is no max of two, so max(z, w) is w + ReLU(z − w)."""
    case = published("cs231n_gate_patterns")
    g = Graph()
    x, y, z, w = inputs(g, **{name: case["given"][name] for name in "xyzw"})
    maximum = g.add("Add", w, g.add("ReLU", g.add("Sub", z, w)), name="max")
    g.add("Mul", g.add("Add", g.add("Mul", x, y, name="mul"), maximum), b=2.0, name="f")
    run = evaluated(g, "f")
    expected = case["expected"]
    assert values(run, "mul", "max", "f") == {name: expected[name] for name in ("mul", "max", "f")}
    names = ("x", "y", "z", "w", "mul", "max")
    assert gradients(run, *names) == {name: expected[f"d{name}"] for name in names}


def test_colah_computational_graph():
    case = published("colah_backprop")
    g = Graph()
    a, b = inputs(g, a=case["given"]["a"], b=case["given"]["b"])
    g.add("Mul", g.add("Add", a, b, name="c"), g.add("Add", b, b=1.0, name="d"), name="e")
    run = evaluated(g, "e")
    expected = case["expected"]
    assert values(run, *"cde") == {name: expected[name] for name in "cde"}
    assert gradients(run, *"abcd") == {name: expected[f"de/d{name}"] for name in "abcd"}


class Scalar:
    """A node with Python's operators, so that the published code can be written as it was published."""

    def __init__(self, g, handle):
        self.g, self.handle = g, handle

    def _made(self, op, *sources, **params):
        return Scalar(self.g, self.g.add(op, *(s.handle for s in sources), **params))

    def _with(self, op, other):
        if isinstance(other, Scalar):
            return self._made(op, self, other)
        return self._made(op, self, b=float(other))

    def __add__(self, other):
        return self._with("Add", other)

    def __sub__(self, other):
        return self._with("Sub", other)

    def __mul__(self, other):
        return self._with("Mul", other)

    def __pow__(self, power):
        return self._with("Pow", power)

    def __truediv__(self, other):
        return self._with("Div", other)

    def __rtruediv__(self, number):
        return Scalar(self.g, self.g.add("Div", a=float(number), b=self.handle))

    def __neg__(self):
        return self._made("Neg", self)

    def relu(self):
        return self._made("ReLU", self)

    def tanh(self):
        return self._made("Tanh", self)

    __radd__, __rmul__ = __add__, __mul__


def scalars(**numbers):
    g = Graph()
    return g, [Scalar(g, g.add("Input", name=name, value=number)) for name, number in numbers.items()]


def test_micrograd_readme():
    case = published("micrograd_readme")
    graph, (a, b) = scalars(a=case["given"]["a"], b=case["given"]["b"])
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
    run = evaluated(graph, g.handle.name)
    expected = case["expected"]
    assert run.loss == exactly(expected["g"], case["tolerance"])
    assert gradients(run, "a", "b") == exactly({n: expected[f"dg/d{n}"] for n in "ab"}, case["tolerance"])


def test_micrograd_sanity_check():
    case = published("micrograd_test_sanity")
    graph, (x,) = scalars(x=case["given"]["x"])
    z = 2 * x + 2 + x
    q = z.relu() + z * x
    h = (z * z).relu()
    y = h + q + q * x
    run = evaluated(graph, y.handle.name)
    assert run.loss == case["expected"]["y"]
    assert float(run.grad("x")) == case["expected"]["dy/dx"]


def test_karpathy_neuron():
    case = published("karpathy_neuron")
    given = {name: float(case["given"][name]) for name in ("x1", "x2", "w1", "w2")}
    b = float(np.float32(case["given"]["b"].split()[0]))
    graph, (x1, x2, w1, w2, b) = scalars(**given, b=b)
    o = (x1 * w1 + x2 * w2 + b).tanh()
    run = evaluated(graph, o.handle.name)
    expected = dict(case["expected"])
    assert run.loss == exactly(expected.pop("o"), case["tolerance"])
    assert gradients(run, *expected) == exactly(expected, case["tolerance"])


def test_d2l_autograd():
    case = published("d2l_autograd")
    g = Graph()
    (x,) = inputs(g, x=tuple(float(v) for v in case["given"]["x"]))
    g.add("Mul", g.add("MatMul", x, x), b=2.0, name="y")
    run = evaluated(g, "y")
    assert run.loss == case["expected"]["y"]
    assert run.grad("x").tolist() == case["expected"]["dx"]
