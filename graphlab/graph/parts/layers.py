"""Recurrent layers of more than one cell: stacked, read in both directions, with a way past each layer.

Each is made of cells that are repeated along the sequence, batch first: N×T×features. Enter it and put other cells in
their place, and it is a layer of those.
"""

from __future__ import annotations

from ..graph import Graph, Handle, Source
from .drawing import at, note, port, put, setting
from .shelf import part

FAMILY = "Recurrent layers", "Recurrent"
_CELL, _STEPS = "lstm-cell", 8


def _layer(g: Graph, name: str, column: float, row: float, source: Source) -> Handle:
    return g.add_layer(_CELL, source, name=name, position=at(column, row), steps=_STEPS)


def _sizes(g: Graph, *layers: str) -> None:
    """Hidden size and number of steps are the same for all layers."""
    for name in ("hidden", "steps"):
        setting(g, name, *((layer, name, 1) for layer in layers))


@part("stacked-lstm", "Stacked LSTM", *FAMILY, "y = LSTM₂(LSTM₁(x))", ("num_layers", "Deep RNN"))
def stacked(g: Graph) -> None:
    """Two LSTM layers, one upon the other: the second reads what the first says at each step.

    x is N×T×features, y N×T×hidden. The same as torch.nn.LSTM with num_layers=2 and batch_first. (Graves et al. 2013,
    "Speech recognition with deep recurrent neural networks")
    """
    x = port(g, "x", 0, 0)
    first = _layer(g, "layer 1", 1, 0, x)
    second = _layer(g, "layer 2", 2.2, 0, first["y"])
    port(g, "y", 3.4, 0, second["y"])
    _sizes(g, "layer 1", "layer 2")
    words = "**Stacked**: the sequence that the first layer gives is what the second one reads.\n\nAdd more in the row."
    note(g, words, 2.0, 3.0, height=80)


@part(
    "bidirectional-lstm",
    "Bidirectional LSTM",
    *FAMILY,
    "y = [LSTM(x), reversed LSTM(reversed x)]",
    ("BiLSTM", "BiRNN"),
)
def bidirectional(g: Graph) -> None:
    """Two LSTM layers side by side, one of which reads the sequence from its end: each step knows both sides of it.

    x is N×T×features, y N×T×2·hidden. The same as torch.nn.LSTM with bidirectional=True and batch_first. (Schuster and
    Paliwal 1997, "Bidirectional recurrent neural networks")
    """
    x = port(g, "x", 0, 0.8)
    there = _layer(g, "forwards", 2, 0, x)
    turned = put(g, "Flip", "reversed", 1, 1.6, x, dim=1)
    back = _layer(g, "backwards", 2, 1.6, turned)
    again = put(g, "Flip", "in order again", 3.2, 1.6, back["y"], dim=1)
    _both(g, there, again)
    words = (
        "**Bidirectional**: the lower layer reads the sequence from its end, and what it says is put in order again."
        "\n\nSo y at a step knows what comes before it and what comes after."
    )
    note(g, words, 3.4, 4.0, height=90)


@part(
    "bidirectional-lstm-lengths",
    "Bidirectional LSTM, lengths",
    *FAMILY,
    "y = [LSTM(x), reversed LSTM(reversed x)], each row to its own end",
    ("BiLSTM", "BiRNN", "padded", "packed"),
)
def bidirectional_of_lengths(g: Graph) -> None:
    """A bidirectional LSTM for rows of different lengths: backwards, a row is read from its own end.

    x is N×T×features, lengths a whole number per row, y N×T×2·hidden, 0 after the end of a row. The same as
    torch.nn.LSTM with bidirectional=True on a packed sequence. (Schuster and Paliwal 1997)
    """
    x, lengths = port(g, "x", 0, 0.4), port(g, "lengths", 0, 2.4)
    there = _layer(g, "forwards", 2, 0, x)
    turned = put(g, "ReverseSequence", "reversed", 1, 1.6, x, lengths=lengths)
    back = _layer(g, "backwards", 2, 1.6, turned)
    again = put(g, "ReverseSequence", "in order again", 3.2, 1.6, back["y"], lengths=lengths)
    for layer in (there, back):
        g.connect(lengths, layer, "lengths")
    _both(g, there, again)
    words = (
        "**Bidirectional**: the lower layer reads each row from its own end, and what it says is put in order again."
        "\n\nWhat comes after the end of a row is neither read nor said."
    )
    note(g, words, 4.2, 4.6, height=90)


def _both(g: Graph, there: Handle, again: Handle) -> None:
    """What both directions say, side by side."""
    both = put(g, "Concat", "both", 4.2, 0.8, there["y"], again, dim=-1)
    port(g, "y", 5.2, 0.8, both)
    _sizes(g, "forwards", "backwards")


@part("residual-lstm", "Residual LSTM", *FAMILY, "y = h + LSTM₂(h), h = z + LSTM₁(z), z = W·x + b")
def residual(g: Graph) -> None:
    """Two LSTM layers with a way past each: a layer learns what to add to what it reads.

    x is N×T×features, y N×T×hidden; `in` brings x to the width of the state first. (Wu et al. 2016, "Google's neural
    machine translation system", of eight such layers)
    """
    x = port(g, "x", 0, 0.6)
    z = put(g, "Linear", "in", 1, 0.6, x, units=32)
    first = _layer(g, "layer 1", 2, 0, z)
    h = put(g, "Add", "past 1", 3.2, 0.6, z, first["y"])
    second = _layer(g, "layer 2", 4.2, 0, h)
    y = put(g, "Add", "past 2", 5.4, 0.6, h, second["y"])
    port(g, "y", 6.4, 0.6, y)
    setting(g, "hidden", ("in", "units", 1), ("layer 1", "hidden", 1), ("layer 2", "hidden", 1))
    setting(g, "steps", ("layer 1", "steps", 1), ("layer 2", "steps", 1))
    words = "**Residual**: past each layer goes what it reads, so its gradient reaches the first one whole."
    note(g, words, 2.6, 3.0, height=64)
