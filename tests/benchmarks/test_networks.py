"""The measured networks: graphlab and every peer compute the same, on small sizes of each."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from benchmarks import engine
from benchmarks.networks import (
    alexnet,
    digits_cnn,
    elman_by_hand,
    encoder_layer,
    fused,
    lenet,
    micrograd_demo,
    mlp,
    resnet18,
    resnet50,
    unrolled,
    vgg16,
)
from benchmarks.peers import race
from benchmarks.peers.contender import Contender, Incapable
from graphlab.engine import Plan
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.ops import make

pytestmark = pytest.mark.parity

SMALL = {
    "scalar": lambda: micrograd_demo((2, 3, 1)),
    "regression": lambda: mlp((2, 8, 1), "Tanh", 4),
    "classes, Adam": lambda: mlp((5, 4, 3), "ReLU", 6, "Adam"),
    "digits CNN": lambda: digits_cnn(2),
    "LeNet": lambda: lenet(2),
    "Elman by hand": lambda: elman_by_hand(3, 2, 4, 5),
    "RNN": lambda: fused("RNN", 3, 2, 4, 5),
    "LSTM": lambda: fused("LSTM", 3, 2, 4, 5),
    "GRU": lambda: fused("GRU", 3, 2, 4, 5),
    "Elman cell unrolled": lambda: unrolled("RNN", "cell", 3, 2, 4, 5),
    "LSTM cell unrolled": lambda: unrolled("LSTM", "layer", 3, 2, 4, 5),
    "GRU cell unrolled": lambda: unrolled("GRU", "cell", 3, 2, 4, 5),
    "encoder layer": lambda: encoder_layer(8, 3, 2, 2),
    "AlexNet, training": lambda: alexnet(2, "train", image=67, width=16),
    "AlexNet, forward": lambda: alexnet(1, "forward", image=67, width=16),
    "ResNet": lambda: resnet18(image=32),
    "ResNet with bottlenecks": lambda: resnet50(image=32, width=4),
    "VGG": lambda: vgg16(image=32, width=16),
}
CONVOLUTIONS = {
    "digits CNN",
    "LeNet",
    "AlexNet, training",
    "AlexNet, forward",
    "ResNet",
    "ResNet with bottlenecks",
    "VGG",
}
UNROLLED = {"Elman cell unrolled", "LSTM cell unrolled", "GRU cell unrolled"}  # against PyTorch alone
DONE = {
    # JAX compiles for seconds, and each race proves it again
    "JAX": ("scalar", "classes, Adam", "LeNet", "LSTM"),
    "autograd": [key for key in SMALL if key not in CONVOLUTIONS | UNROLLED],
    "micrograd": ("scalar",),
}
NOT_DONE = {"JAX": ("AlexNet, training",), "autograd": ("LeNet",), "micrograd": ("regression", "LeNet")}


def cases(table):
    return [pytest.param(name, key, id=f"{name}, {key}") for name, keys in table.items() for key in keys]


@pytest.mark.parametrize("key", SMALL)
def test_graphlab_computes_what_pytorch_does(key):
    race.proven("graphlab", SMALL[key]())


@pytest.mark.parametrize(("name", "key"), cases(DONE))
def test_a_peer_computes_what_pytorch_does(name, key):
    require_installed(name)
    race.proven(name, SMALL[key]())


@pytest.mark.parametrize(("name", "key"), cases(NOT_DONE))
def test_a_peer_that_has_not_what_it_takes_says_so(name, key):
    require_installed(name)
    with pytest.raises(Incapable):
        race.proven(name, SMALL[key]())


def require_installed(name):
    pytest.importorskip(race.PEERS[name][1])


@pytest.mark.parametrize("line", engine.LINES, ids=lambda line: line.key)
def test_every_row_of_the_table_is_a_graph_that_runs(line):
    plan = Plan(line.make().graph())
    plan.require_healthy()
    assert plan.goal


def test_the_scalar_network_has_a_thousand_nodes():
    assert len(micrograd_demo().graph()) == pytest.approx(1000, rel=0.02)


def test_the_digits_network_is_that_of_the_example_without_dropout():
    def layers(graph):
        left_out = {"Input", "Dataset", "Dropout"}
        return sorted(node.op for node in graph.document.nodes.values() if node.op not in left_out)

    graph, _ = load(example("digits-cnn").path)
    assert layers(digits_cnn(16).graph()) == layers(graph)


def test_dropout_is_measured_but_left_out_of_the_proof():
    workload = alexnet(2, "train", image=67, width=16)
    assert drops(workload.graph()) == [0.5, 0.5]
    assert drops(workload.provable().graph()) == [0.0, 0.0]


def drops(graph):
    nodes = graph.document.nodes.values()
    return [make(node.op, node.params).p for node in nodes if node.op == "Dropout"]


@pytest.mark.parametrize(
    ("losses", "gradient"), [([1.0, 0.9], 2.0), ([1.0001, 0.8], 2.0), ([1.0, 0.8], 2.01)]
)
def test_whoever_computes_something_else_is_caught(losses, gradient):
    right = Contender(lambda: [1.0, 0.8], lambda: {"w": 2.0})
    with pytest.raises(AssertionError, match="the probe"):
        Contender(lambda: losses, lambda: {"w": gradient}).require_same(right, "the probe")
