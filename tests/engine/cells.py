"""Cells made of ordinary nodes, as people draw them; weights are named so that PyTorch's can be put in."""

from __future__ import annotations

from graphlab.graph import Graph
from graphlab.graph.graph import Handle


def ports(cell: Graph, *names: str) -> list[Handle]:
    return [cell.add("GroupInput", name=name, position=(0.0, 100.0 * k)) for k, name in enumerate(names)]


def give(cell: Graph, **outputs: Handle) -> Graph:
    for k, (name, source) in enumerate(outputs.items()):
        cell.add("GroupOutput", source, name=name, position=(900.0, 100.0 * k))
    return cell


def elman(hidden: int = 4) -> Graph:
    """h = tanh(W x + U h_prev): one output, the state."""
    cell = Graph("Elman")
    x, h = ports(cell, "x", "h_prev")
    seen = cell.add("Linear", x, name="ih", units=hidden)
    kept = cell.add("Linear", h, name="hh", units=hidden)
    return give(cell, h=cell.add("Tanh", cell.add("Add", seen, kept), name="act"))


def lstm(hidden: int = 4) -> Graph:
    """PyTorch's, with one product for all four gates; outputs h and c."""
    cell = Graph("LSTM")
    x, h, c = ports(cell, "x", "h_prev", "c_prev")
    seen = cell.add("Linear", x, name="ih", units=4 * hidden)
    sums = cell.add("Add", seen, cell.add("Linear", h, name="hh", units=4 * hidden))
    gates = cell.add("Split", sums, sections=4)
    i, f, o = (
        cell.add("Sigmoid", gates[y], name=name) for y, name in (("y1", "i"), ("y2", "f"), ("y4", "o"))
    )
    g = cell.add("Tanh", gates["y3"], name="g")
    kept = cell.add("Add", cell.add("Mul", f, c), cell.add("Mul", i, g), name="cell")
    return give(cell, h=cell.add("Mul", o, cell.add("Tanh", kept)), c=kept)


def gru(hidden: int = 4) -> Graph:
    """PyTorch's: the reset gate comes after the product."""
    cell = Graph("GRU")
    x, h = ports(cell, "x", "h_prev")
    seen = cell.add("Split", cell.add("Linear", x, name="ih", units=3 * hidden), sections=3)
    kept = cell.add("Split", cell.add("Linear", h, name="hh", units=3 * hidden), sections=3)
    r, z = (
        cell.add("Sigmoid", cell.add("Add", seen[y], kept[y]), name=n) for y, n in (("y1", "r"), ("y2", "z"))
    )
    new = cell.add("Tanh", cell.add("Add", seen["y3"], cell.add("Mul", r, kept["y3"])), name="n")
    moved = cell.add("Mul", z, cell.add("Sub", h, new))
    return give(cell, h=cell.add("Add", new, moved))


def jordan(hidden: int = 4, outputs: int = 2) -> Graph:
    """The state is the output of the step before."""
    cell = Graph("Jordan")
    x, y = ports(cell, "x", "y_prev")
    sums = cell.add("Add", cell.add("Linear", x, units=hidden), cell.add("Linear", y, units=hidden))
    return give(cell, y=cell.add("Linear", cell.add("Tanh", sums), units=outputs))


def unrolled(cell: Graph, steps: int = 5, features: int = 3, **params: object) -> Graph:
    """A sequence through the cell, and a number made of what comes out: x → rnn → Square → Mean."""
    g = Graph("unrolled")
    x = g.add("Input", name="x", shape=("N", steps, features))
    rnn = g.unroll(cell, x, name="rnn", steps=steps, **params)
    g.add("Mean", g.add("Square", rnn), name="loss")
    return g
