"""Small graphs that the engine's tests share."""

from __future__ import annotations

import numpy as np

from graphlab.engine import infer
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import examples


def learning_examples():
    """Those of the examples that have something to learn."""
    return [each for each in examples() if infer(load(each.path)[0].document).total_parameters]


def xor_graph(units=8):
    """The network of the README: 2 → units → 1 with tanh and a squared error."""
    g = Graph("xor")
    x = g.add("Input", name="x", shape=("N", 2))
    t = g.add("Input", name="target", shape=("N", 1))
    h = g.add("Tanh", g.add("Linear", x, name="hidden", units=units), name="tanh")
    g.add("MSELoss", g.add("Linear", h, name="out", units=1), t, name="loss")
    return g


def xor_feed():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=float)
    return {"x": x, "target": np.logical_xor(x[:, :1], x[:, 1:]).astype(float)}


def winding_graph(**training):
    """Everything that makes a step interesting: batches, dropout, shared weights, fan-outs, many kinds of node."""
    g = Graph("winding")
    data = g.add("Dataset", name="data", dataset="blobs", samples=50)
    weight = g.add("Parameter", name="shared", shape=(4, 2))
    bias = g.add("Parameter", name="bias", shape=(4,))
    first = g.add("Linear", data["x"], name="first", units=4, weight=weight, bias=bias)
    second = g.add("Linear", g.add("Neg", data["x"]), name="second", units=4, weight=weight, bias=bias)
    both = g.add("Add", g.add("Tanh", first, name="tanh"), g.add("Sigmoid", second), name="both")
    skip = g.add("Add", g.add("Dropout", both, name="dropout", p=0.4), both, name="skip")
    scores = g.add("Linear", skip, name="scores", units=3)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    g.configure(**{"lr": 0.05, "batch_size": 16, "validation": 0.2, "test": 0.0} | training)
    return g
