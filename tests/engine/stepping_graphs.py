"""Graphs that a debugger has a hard time with, each with data of its own, so that a Workspace steps and trains it."""

from __future__ import annotations

from graphlab.graph import Graph
from tests.engine.networks import winding_graph


def xor_mlp() -> Graph:
    g = Graph("xor")
    data = g.add("Dataset", name="data", dataset="xor")
    hidden = g.add("Tanh", g.add("Linear", data["x"], name="hidden", units=8), name="act")
    out = g.add("Linear", hidden, name="out", units=1)
    g.add("BCEWithLogitsLoss", out, data["target"], name="loss")
    g.configure(lr=0.05, optimizer="Adam")
    return g


def digits_cnn() -> Graph:
    """Running statistics and dropout in it: what lasts, and what chance draws anew at each step."""
    g = Graph("cnn")
    data = g.add("Dataset", name="digits", dataset="digits", layout="image")
    conv = g.add("Conv2d", data["x"], name="conv", out_channels=4, padding=1)
    norm = g.add("BatchNorm2d", conv, name="norm")
    pool = g.add("MaxPool2d", g.add("ReLU", norm, name="relu"), name="pool")
    drop = g.add("Dropout", g.add("Flatten", pool, name="flat"), name="drop", p=0.3)
    out = g.add("Linear", drop, name="out", units=10)
    g.add("CrossEntropyLoss", out, data["target"], name="loss")
    g.configure(lr=0.01, optimizer="Adam", batch_size=16)
    return g


def recurrent(order: str = "created") -> Graph:
    """A cell of three nodes, drawn once and used three times with the same weights, one use feeding the next."""
    g = Graph("rnn")
    data = g.add("Dataset", name="data", dataset="blobs", samples=40)
    x = g.add("Linear", data["x"], name="project", units=3)
    h = g.add("Mul", x, g.add("Constant", name="zero", value=0.0), name="start")
    new = g.add("Add", g.add("Linear", x, name="in", units=3), g.add("Linear", h, name="state", units=3))
    act = g.add("Tanh", new, name="act")
    scores = g.add("Linear", act, name="scores", units=3)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    before = cell = g.group("in", "state", new, "act", name="cell")
    inputs = [edge.input for edge in g.document.edges.values() if edge.target == cell.id]
    from_x = g.document.edges[cell.id, inputs[0]].source == g.document.node("project").id
    for_x, for_h = inputs if from_x else inputs[::-1]
    definition = str(g.document.nodes[cell.id].params["definition"])
    for k in range(2):
        use = g.add_use(definition, (500.0 + 200 * k, 0.0))
        g.connect(x, use, for_x)
        g.connect(before, use, for_h)
        before = use
    g.connect(before, "scores", "x")
    for node in [n for n in g.document.nodes.values() if n.params.get("definition") == definition]:
        g.set(node.id, weights="shared")
    g.configure(lr=0.05, batch_size=8, validation=0.2, test=0.0, order=order)
    return g


def by_turns() -> Graph:
    """Two groups side by side, which the order "layers" computes by turns."""
    g = Graph("turns")
    data = g.add("Dataset", name="data", dataset="moons", samples=32)
    ends = []
    for side in ("left", "right"):
        inner = g.add("Linear", data["x"], name=f"{side} lin", units=3)
        ends.append(g.add("Tanh", inner, name=f"{side} act"))
    out = g.add("Linear", g.add("Add", *ends, name="both"), name="out", units=1)
    g.add("BCEWithLogitsLoss", out, data["target"], name="loss")
    for side in ("left", "right"):
        g.group(f"{side} lin", f"{side} act", name=side)
    g.configure(order="layers")
    return g


def fan_out() -> Graph:
    """Dropout, shared weights and fan-outs, two of its nodes in a group within a group."""
    g = winding_graph(optimizer="Adam")
    g.group("tanh", "both", name="inner")
    g.group("inner", "dropout", "skip", name="outer")
    return g


GRAPHS = {f.__name__: f for f in (xor_mlp, digits_cnn, recurrent, by_turns, fan_out)}
