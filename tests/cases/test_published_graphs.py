"""Whole graphs whose values, gradients and shapes others have published, reproduced in float64 to the last figure.

How the window shows them is walked through in the files beside this one.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import pytest

import graphlab as gl
from tests.cases import drawn
from tests.cases.drawn import figures


def computed(draw, goal):
    """A float64 run of the graph after one forward and one backward pass."""
    g = gl.Graph()
    draw(g)
    run = gl.Run(g, goal=goal, dtype="float64")
    run.forward()
    run.backward()
    return run


def test_cs231n_add_and_multiply():
    expected = figures("cs231n_add_mul")["expected"]
    run = computed(drawn.add_and_multiply, "f")
    assert {n: run.value(n) for n in "qf"} == {n: expected[n] for n in "qf"}
    assert {f"df/d{n}": run.grad(n) for n in "xyzq"} == {k: v for k, v in expected.items() if "/" in k}


def test_cs231n_sigmoid_circuit():
    values, gradients = figures("cs231n_sigmoid_circuit_values"), figures("cs231n_sigmoid_circuit_gradients")
    run = computed(drawn.sigmoid_circuit, "f")
    for name, value in values["expected"].items():
        assert run.value(name) == pytest.approx(value, abs=values["tolerance"]), name
    for name, value in gradients["expected"].items():
        assert run.grad(name) == pytest.approx(value, abs=gradients["tolerance"]), name


def test_cs231n_one_sigmoid_node_agrees_with_the_circuit():
    circuit = computed(drawn.sigmoid_circuit, "f")
    node = computed(partial(drawn.sigmoid_circuit, whole=True), "f")
    for name in ("w0", "x0", "w1", "x1", "w2", "w0x0", "w1x1", "s1", "s2", "f"):
        assert node.value(name) == pytest.approx(circuit.value(name), abs=1e-12)
        assert node.grad(name) == pytest.approx(circuit.grad(name), abs=1e-12)


def test_cs231n_gate_patterns():
    expected = figures("cs231n_gate_patterns")["expected"]
    run = computed(drawn.gate_patterns, "f")
    for name in ("mul", "max", "f"):
        assert run.value(name) == expected[name]
    for name in ("x", "y", "z", "w", "mul", "max"):
        assert run.grad(name) == expected[f"d{name}"], name


def test_colah_backpropagation():
    run = computed(drawn.colah, "e")
    for name, expected in figures("colah_backprop")["expected"].items():
        found = run.grad(name[-1]) if "/" in name else run.value(name)
        assert found == expected, name


def test_micrograd_readme():
    case = figures("micrograd_readme")
    run, expected = computed(drawn.micrograd_readme, "g"), case["expected"]
    assert run.value("g") == pytest.approx(expected["g"], abs=case["tolerance"])
    for name in "ab":
        assert run.grad(name) == pytest.approx(expected[f"dg/d{name}"], abs=case["tolerance"])


def test_micrograd_sanity():
    run, expected = computed(drawn.micrograd_sanity, "y"), figures("micrograd_test_sanity")["expected"]
    assert run.value("y") == expected["y"]
    assert run.grad("x") == expected["dy/dx"]


@pytest.mark.parametrize("decomposed", [False, True], ids=["tanh", "exponentials"])
def test_karpathy_neuron(decomposed):
    case = figures("karpathy_neuron")
    run = computed(partial(drawn.karpathy_neuron, decomposed=decomposed), "o")
    expected = dict(case["expected"])
    assert run.value("o") == pytest.approx(expected.pop("o"), abs=case["tolerance"])
    for name, number in expected.items():
        assert run.grad(name) == pytest.approx(number, abs=case["tolerance"]), name


def test_d2l_autograd():
    run, expected = computed(drawn.dot_twice, "y"), figures("d2l_autograd")["expected"]
    assert run.value("y") == expected["y"]
    np.testing.assert_array_equal(run.grad("x"), expected["dx"])


def test_cs231n_stable_softmax():
    case = figures("cs231n_stable_softmax")
    g = gl.Graph()
    drawn.stable_softmax(g)
    run = gl.Run(g, dtype="float64")
    run.forward()
    np.testing.assert_allclose(run.value("p"), case["expected"]["p"], rtol=1e-8, atol=0)


# Shapes and parameter counts


def chain(shape, layers):
    """(shape of each layer's output, number of weights without bias, number of parameters), by inference."""
    g = gl.Graph()
    drawn.chain(g, shape, layers)
    found = gl.infer(g)
    assert not found.problems
    shapes = [list(found.specs[key, "y"].shape) for key in found.order[1:]]
    weights = [math.prod(s) for (_, socket), s in found.learnables.items() if socket == "weight"]
    return shapes, weights, found.total_parameters


def test_d2l_lenet():
    case = figures("d2l_lenet_shapes")
    shapes, _, parameters = chain(tuple(case["given"]["in"]), drawn.lenet())
    assert shapes == case["expected"]["shapes"]
    assert parameters == case["expected"]["params"]


def test_vgg16_weights():
    expected = figures("cs231n_vgg16_weights")["expected"]
    _, weights, parameters = chain((1, 3, 224, 224), drawn.vgg16())
    assert weights == expected["weights"]
    assert parameters == expected["total_with_biases"]


def test_alexnet_layers():
    shapes, _, _ = chain((1, 3, 227, 227), drawn.alexnet())
    assert math.prod(shapes[0]) == figures("cs231n_alexnet_conv1")["expected"]["neurons"]
    counted = [math.prod(shapes[k]) for k in (2, 4, 5, 6, 9, 10, 11)]
    assert counted == figures("alexnet_neurons_2_to_8")["expected"]
