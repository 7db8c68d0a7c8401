"""Graphs in the form of well-known networks, for tests of how they are drawn; nobody runs them."""

from __future__ import annotations

import random
from collections.abc import Callable

from graphlab.graph import Graph
from graphlab.graph.graph import Handle


def _loss(g: Graph, out: Handle) -> Graph:
    g.add("CrossEntropyLoss", out, g.add("Input", name="labels"), name="loss")
    return g


def _chain(g: Graph, start: Handle, *ops: str) -> Handle:
    for op in ops:
        start = g.add(op, start)
    return start


def lenet() -> Graph:
    g = Graph("LeNet")
    block = ("Conv2d", "Tanh", "AvgPool2d")
    return _loss(
        g, _chain(g, g.add("Input", name="images"), *block, *block, "Flatten", "Linear", "Tanh", "Linear")
    )


def resnet18() -> Graph:
    g = Graph("ResNet-18")
    h = _chain(g, g.add("Input", name="images"), "Conv2d", "BatchNorm2d", "ReLU", "MaxPool2d")
    for stage in range(4):
        for block in range(2):
            way = _chain(g, h, "Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d")
            by = _chain(g, h, "Conv2d", "BatchNorm2d") if stage and not block else h
            h = g.add("ReLU", g.add("Add", way, by))
    return _loss(g, _chain(g, h, "GlobalAvgPool2d", "Linear"))


def googlenet() -> Graph:
    g = Graph("GoogLeNet")
    h = _chain(g, g.add("Input", name="images"), "Conv2d", "ReLU", "MaxPool2d")
    for _ in range(3):
        ways = [
            _chain(g, h, "Conv2d", "ReLU"),
            _chain(g, h, "Conv2d", "ReLU", "Conv2d", "ReLU"),
            _chain(g, h, "Conv2d", "ReLU", "Conv2d", "ReLU"),
            _chain(g, h, "MaxPool2d", "Conv2d", "ReLU"),
        ]
        h = g.add("Concat", *ways)
    return _loss(g, _chain(g, h, "GlobalAvgPool2d", "Dropout", "Linear"))


def unrolled_rnn(steps: int = 5) -> Graph:
    """Every step by hand, all with the same three parameters."""
    g = Graph("unrolled RNN")
    wx, wh, b = (g.add("Parameter", name=name) for name in ("Wx", "Wh", "b"))
    h = g.add("Input", name="h0")
    for t in range(1, steps + 1):
        x = g.add("Input", name=f"x{t}")
        sums = g.add("Add", g.add("Add", g.add("MatMul", x, wx), g.add("MatMul", h, wh)), b)
        h = g.add("Tanh", sums, name=f"h{t}")
    return _loss(g, g.add("Linear", h))


def attention() -> Graph:
    """One block of a transformer's encoder, drawn from its parts."""
    g = Graph("attention")
    x = g.add("Add", g.add("Embedding", g.add("Input", name="tokens")), g.add("Parameter", name="places"))
    q, k, v = (g.add("Linear", x, name=name) for name in ("q", "k", "v"))
    scores = g.add("MatMul", q, g.add("Transpose", k))
    scaled = g.add("Div", scores, g.add("Constant", name="root"))
    mixed = g.add("MatMul", g.add("Softmax", scaled), v)
    h = g.add("LayerNorm", g.add("Add", g.add("Linear", mixed), x))
    return _loss(g, g.add("LayerNorm", g.add("Add", _chain(g, h, "Linear", "GELU", "Linear"), h)))


def lstm_cell() -> Graph:
    g = Graph("LSTM cell")
    h = g.add("Concat", g.add("Input", name="x"), g.add("Input", name="h"))
    c = g.add("Input", name="c")
    i, f, o = (_chain(g, g.add("Linear", h, name=name), "Sigmoid") for name in "ifo")
    new = _chain(g, g.add("Linear", h, name="candidate"), "Tanh")
    cell = g.add("Add", g.add("Mul", f, c), g.add("Mul", i, new))
    g.add("Mul", o, g.add("Tanh", cell), name="h_next")
    return g


def unet(depth: int = 3) -> Graph:
    g = Graph("U-Net")
    h, skips = g.add("Input", name="images"), []
    for _ in range(depth):
        h = _chain(g, h, "Conv2d", "ReLU")
        skips.append(h)
        h = g.add("MaxPool2d", h)
    h = _chain(g, h, "Conv2d", "ReLU")
    for skip in reversed(skips):
        h = _chain(g, g.add("Concat", g.add("Upsample", h), skip), "Conv2d", "ReLU")
    return _loss(g, g.add("Conv2d", h))


def autoencoder() -> Graph:
    g = Graph("variational autoencoder")
    x = g.add("Input", name="x")
    h = _chain(g, x, "Linear", "ReLU")
    mean, spread = g.add("Linear", h, name="mean"), g.add("Linear", h, name="log_var")
    noise = g.add("RandnLike", mean, name="noise")
    z = g.add("Add", mean, g.add("Mul", g.add("Exp", spread), noise))
    again = _chain(g, z, "Linear", "ReLU", "Linear", "Sigmoid")
    match = g.add("MSELoss", again, x, name="match")
    penalty = g.add("Mean", g.add("Sub", g.add("Add", g.add("Square", mean), g.add("Exp", spread)), spread))
    g.add("Add", match, penalty, name="goal")
    return g


def densenet(blocks: int = 4) -> Graph:
    g = Graph("DenseNet")
    found = [g.add("Conv2d", g.add("Input", name="images"))]
    for _ in range(blocks):
        before = g.add("Concat", *found) if len(found) > 1 else found[0]
        found.append(_chain(g, before, "BatchNorm2d", "ReLU", "Conv2d"))
    return _loss(g, _chain(g, g.add("Concat", *found), "GlobalAvgPool2d", "Linear"))


def siamese() -> Graph:
    """Two towers with the same parameters."""
    g = Graph("siamese")
    w, v = g.add("Parameter", name="W"), g.add("Parameter", name="V")
    ends = []
    for name in ("left", "right"):
        h = g.add("ReLU", g.add("MatMul", g.add("Input", name=name), w))
        ends.append(g.add("MatMul", h, v))
    g.add("CosineEmbeddingLoss", *ends, g.add("Input", name="same"), name="loss")
    return g


def by_hand() -> Graph:
    """The lecture's two layers from single operations."""
    g = Graph("two layers by hand")
    h = g.add("Input", name="x")
    for k in (1, 2):
        h = g.add(
            "Add", g.add("MatMul", g.add("Parameter", name=f"W{k}"), h), g.add("Parameter", name=f"b{k}")
        )
        h = g.add("Tanh", h)
    g.add("MSELoss", h, g.add("Input", name="target"), name="loss")
    return g


ARCHITECTURES: dict[str, Callable[[], Graph]] = {
    made.__name__: made
    for made in (
        lenet, resnet18, googlenet, unrolled_rnn, attention, lstm_cell, unet, autoencoder, densenet, siamese, by_hand,
    )
}  # fmt: skip


def random_dag(seed: int, count: int = 40) -> Graph:
    """Sums of two earlier nodes each."""
    chance = random.Random(seed)
    g = Graph()
    g.add("Input")
    for _ in range(count):
        names = [handle.name for handle in g.nodes]
        g.add("Add", chance.choice(names), chance.choice(names))
    return g
