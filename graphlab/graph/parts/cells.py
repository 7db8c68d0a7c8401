"""Cells of recurrent networks: one moment of a sequence, from the input and the state before to the next state.

The layers on the input and on the state are one Linear each, `ih` and `hh`, with the rows of all gates below one
another in PyTorch's order. So the weights of torch.nn.RNNCell, LSTMCell and GRUCell can be put in as they are, one
product serves all gates, and Split shows which rows are whose. What a state becomes leaves by its own name and comes
back by that name with `_prev`: h by h_prev, c by c_prev.
"""

from __future__ import annotations

from ..graph import Graph, Handle, Source
from .drawing import note as _note
from .drawing import port as _port
from .drawing import put as _put
from .drawing import setting as _size
from .shelf import part

_HIDDEN = 32
FAMILY = "Cells", "Recurrent"


@part("elman-cell", "Elman cell", *FAMILY, "h = tanh(W·x + U·h₋₁ + b), y = h", ("RNNCell", "SimpleRNNCell"))
def elman(g: Graph) -> None:
    """One step of Elman's network: the new state comes from the input and from the state before.

    x is N×features; h_prev, h and y are N×hidden. The weights are those of torch.nn.RNNCell: `ih` has weight_ih and
    bias_ih, `hh` weight_hh and bias_hh. (Elman 1990, "Finding structure in time")
    """
    x, h_prev = _port(g, "x", 0, 0), _port(g, "h_prev", 0, 1.4)
    ih = _put(g, "Linear", "ih", 1, 0, x, units=_HIDDEN)
    hh = _put(g, "Linear", "hh", 1, 1.4, h_prev, units=_HIDDEN)
    both = _put(g, "Add", "sum", 2, 0.7, ih, hh)
    state = _put(g, "Tanh", "state", 3, 0.7, both)
    _port(g, "y", 4, 0, state)
    _port(g, "h", 4, 1.4, state)
    _size(g, "hidden", ("ih", "units", 1), ("hh", "units", 1))
    _note(
        g,
        "**Elman cell**: h = tanh(W·x + U·h₋₁ + b).\n\nThe state h comes back as h_prev at the next step.",
        2.8,
        height=64,
    )


@part("jordan-cell", "Jordan cell", *FAMILY, "h = tanh(W·x + U·y₋₁ + b), y = V·h + c")
def jordan(g: Graph) -> None:
    """One step of Jordan's network: what it remembers is what it gave out the step before.

    x is N×features; y_prev and y are N×outputs, the hidden layer between them N×hidden. (Jordan 1986, "Serial order: a
    parallel distributed processing approach")
    """
    x, y_prev = _port(g, "x", 0, 0), _port(g, "y_prev", 0, 1.4)
    ih = _put(g, "Linear", "ih", 1, 0, x, units=_HIDDEN)
    hh = _put(g, "Linear", "hh", 1, 1.4, y_prev, units=_HIDDEN)
    both = _put(g, "Add", "sum", 2, 0.7, ih, hh)
    bent = _put(g, "Tanh", "hidden", 3, 0.7, both)
    out = _put(g, "Linear", "out", 4, 0.7, bent, units=_HIDDEN)
    _port(g, "y", 5, 0.7, out)
    _size(g, "hidden", ("ih", "units", 1), ("hh", "units", 1))
    _size(g, "outputs", ("out", "units", 1))
    _note(
        g,
        "**Jordan cell**: what comes back at the next step is the output y, as y_prev.",
        2.8,
        3.0,
        height=64,
    )


@part(
    "lstm-cell",
    "LSTM cell",
    *FAMILY,
    "c = f·c₋₁ + i·g, h = o·tanh(c); i, f, o = σ(W·x + U·h₋₁ + b), g = tanh(…)",
    ("LSTMCell",),
)
def lstm(g: Graph) -> None:
    """One step of long short-term memory: gates say what of the cell is kept, what is written and what is read.

    x is N×features; h_prev, c_prev, y, h and c are N×hidden. The rows of `ih` and `hh` are those of torch.nn.LSTMCell:
    input gate, forget gate, candidate, output gate. (Hochreiter and Schmidhuber 1997; Gers et al. 2000)
    """
    x, h_prev, c_prev = _port(g, "x", 0, 0.5), _port(g, "h_prev", 0, 1.9), _port(g, "c_prev", 0, 4.2)
    both = _both(g, x, h_prev, 4, 1.2)
    rows = _put(g, "Split", "gates", 3, 1.2, both, sections=4, dim=-1)
    o = _put(g, "Sigmoid", "output gate", 4, 0, rows["y4"])
    i = _put(g, "Sigmoid", "input gate", 4, 1.1, rows["y1"])
    new = _put(g, "Tanh", "candidate", 4, 2.2, rows["y3"])
    f = _put(g, "Sigmoid", "forget gate", 4, 3.3, rows["y2"])
    cell = _remembered(g, i, f, new, c_prev, 5)
    _read(g, o, cell, 7)
    _size(g, "hidden", ("ih", "units", 4), ("hh", "units", 4))
    _note(
        g,
        "**LSTM cell**\n\nThe cell c is the memory: the forget gate says what is *kept* of it, the input gate what is "
        "*written*, the output gate what is *read*. c changes by sums alone, so where the forget gate is near 1 the "
        "gradient goes far back.",
        5.4,
        height=110.0,
    )


def _both(g: Graph, x: Source, h_prev: Source, gates: int, row: float) -> Handle:
    """W·x + U·h₋₁ + b for all gates at once."""
    ih = _put(g, "Linear", "ih", 1, row - 0.7, x, units=gates * _HIDDEN)
    hh = _put(g, "Linear", "hh", 1, row + 0.7, h_prev, units=gates * _HIDDEN)
    return _put(g, "Add", "sum", 2, row, ih, hh)


def _remembered(g: Graph, i: Handle, f: Handle, new: Handle, c_prev: Source, at: float) -> Handle:
    """c = f·c₋₁ + i·g."""
    write = _put(g, "Mul", "write", at, 1.65, i, new)
    keep = _put(g, "Mul", "keep", at, 3.3, f, c_prev)
    return _put(g, "Add", "cell", at + 1, 2.5, keep, write)


def _read(g: Graph, o: Source, cell: Handle, at: float) -> None:
    """h = o·tanh(c), with the ports that both leave by."""
    bent = _put(g, "Tanh", "squash", at, 1.65, cell)
    read = _put(g, "Mul", "read", at + 1, 0.8, o, bent)
    _port(g, "y", at + 2, 0.3, read)
    _port(g, "h", at + 2, 1.4, read)
    _port(g, "c", at + 2, 2.9, cell)


@part(
    "peephole-lstm-cell",
    "Peephole LSTM cell",
    *FAMILY,
    "as LSTM, with i, f = σ(… + p·c₋₁) and o = σ(… + p·c)",
)
def peephole_lstm(g: Graph) -> None:
    """One step of an LSTM whose gates see the cell, each unit its own, through a weight that is learnt.

    Input and forget gate see the cell as it was, the output gate the cell as it is now. Peepholes begin at 0, so at
    first it is a plain LSTM. x is N×features; h_prev, c_prev, y, h and c are N×hidden. (Gers and Schmidhuber 2000,
    "Recurrent nets that time and count"; Graves 2013)
    """
    x, h_prev, c_prev = _port(g, "x", 0, 0.5), _port(g, "h_prev", 0, 1.9), _port(g, "c_prev", 0, 5.6)
    both = _both(g, x, h_prev, 4, 1.2)
    rows = _put(g, "Split", "gates", 3, 1.2, both, sections=4, dim=-1)
    new = _put(g, "Tanh", "candidate", 6, 2.2, rows["y3"])
    i = _peeking(g, "input gate", "i", 4, 1.1, rows["y1"], c_prev, below=4.5)
    f = _peeking(g, "forget gate", "f", 4, 3.3, rows["y2"], c_prev, below=5.6)
    cell = _remembered(g, i, f, new, c_prev, 7)
    o = _peeking(g, "output gate", "o", 10, 0, rows["y4"], cell, below=1.1)
    _read(g, o, cell, 12)
    peepholes = tuple((f"p_{gate}", "shape", 1) for gate in "ifo")
    _size(g, "hidden", ("ih", "units", 4), ("hh", "units", 4), *peepholes)
    _note(
        g,
        "**LSTM with peepholes**\n\nEach gate sees the cell through a weight of its own (p_i, p_f, p_o), so it can "
        "wait for what the cell holds, such as a count that is full.",
        6.9,
        height=90.0,
    )


def _peeking(
    g: Graph, title: str, letter: str, column: float, row: float, given: Source, cell: Source, below: float
) -> Handle:
    """A gate that also sees the cell: σ(given + p·cell)."""
    weight = _put(g, "Parameter", f"p_{letter}", column - 1, below, shape=(_HIDDEN,), value_init="zeros")
    seen = _put(g, "Mul", f"peep_{letter}", column, below, weight, cell)
    total = _put(g, "Add", f"sum_{letter}", column + 1, row, given, seen)
    return _put(g, "Sigmoid", title, column + 2, row, total)


@part(
    "gru-cell",
    "GRU cell",
    *FAMILY,
    "h = (1 − z)·n + z·h₋₁; r, z = σ(W·x + U·h₋₁ + b), n = tanh(W·x + b + r·(U·h₋₁ + b))",
    ("GRUCell",),
)
def gru(g: Graph) -> None:
    """One step of a gated recurrent unit: the update gate mixes the old state with a new one.

    The reset gate says how much of the old state the candidate sees, after the product, as in PyTorch. x is N×features;
    h_prev, h and y are N×hidden. The rows of `ih` and `hh` are those of torch.nn.GRUCell: reset, update, candidate.
    (Cho et al. 2014)
    """
    x, h_prev = _port(g, "x", 0, 0.5), _port(g, "h_prev", 0, 3.6)
    ih = _put(g, "Linear", "ih", 1, 0.5, x, units=3 * _HIDDEN)
    hh = _put(g, "Linear", "hh", 1, 2.2, h_prev, units=3 * _HIDDEN)
    of_x = _put(g, "Split", "of x", 2, 0.5, ih, sections=3, dim=-1)
    of_h = _put(g, "Split", "of h", 2, 2.2, hh, sections=3, dim=-1)
    update = _put(g, "Sigmoid", "update gate", 4, 0, _put(g, "Add", "sum_z", 3, 0, of_x["y2"], of_h["y2"]))
    reset = _put(g, "Sigmoid", "reset gate", 4, 1.1, _put(g, "Add", "sum_r", 3, 1.1, of_x["y1"], of_h["y1"]))
    recall = _put(g, "Mul", "recall", 5, 2.2, reset, of_h["y3"])
    new = _put(g, "Tanh", "candidate", 7, 1.65, _put(g, "Add", "sum_n", 6, 1.65, of_x["y3"], recall))
    _mixed(g, update, new, h_prev, 8)
    _size(g, "hidden", ("ih", "units", 3), ("hh", "units", 3))
    _note(
        g,
        "**GRU cell**\n\nThe update gate z says what is *kept* of the state; 1 − z of it is *renewed* by the "
        "candidate. The reset gate says how much of the old state the candidate sees.",
        4.9,
        height=90.0,
    )


def _mixed(g: Graph, keep: Handle, new: Handle, h_prev: Source, at: float) -> None:
    """h = (1 − z)·n + z·h₋₁, with the ports that it leaves by."""
    rest = _put(g, "Sub", "rest", at, 0, a=1.0, b=keep)
    renew = _put(g, "Mul", "renew", at + 1, 0.8, rest, new)
    kept = _put(g, "Mul", "keep", at + 1, 2.4, keep, h_prev)
    state = _put(g, "Add", "state", at + 2, 1.6, renew, kept)
    _port(g, "y", at + 3, 1.0, state)
    _port(g, "h", at + 3, 2.2, state)


@part(
    "mgu-cell",
    "MGU cell",
    *FAMILY,
    "h = (1 − f)·h₋₁ + f·n; f = σ(W·x + U·h₋₁ + b), n = tanh(W·x + U·(f·h₋₁) + b)",
    ("MGU", "MinimalGatedUnit"),
)
def mgu(g: Graph) -> None:
    """One step of a minimal gated unit: a single gate forgets, and lets the new in.

    x is N×features; h_prev, h and y are N×hidden. The rows of `ih` are those of the gate, then of the candidate. (Zhou
    et al. 2016, "Minimal gated unit for recurrent neural networks")
    """
    x, h_prev = _port(g, "x", 0, 0), _port(g, "h_prev", 0, 2.4)
    ih = _put(g, "Linear", "ih", 1, 0, x, units=2 * _HIDDEN)
    of_x = _put(g, "Split", "of x", 2, 0, ih, sections=2, dim=-1)
    seen = _put(g, "Linear", "forget hh", 2, 1.4, h_prev, units=_HIDDEN, bias=False)
    gate = _put(g, "Sigmoid", "forget gate", 4, 0.7, _put(g, "Add", "sum_f", 3, 0.7, of_x["y1"], seen))
    recall = _put(g, "Mul", "recall", 5, 1.8, gate, h_prev)
    weighed = _put(g, "Linear", "candidate hh", 6, 1.8, recall, units=_HIDDEN, bias=False)
    new = _put(g, "Tanh", "candidate", 8, 0.9, _put(g, "Add", "sum_n", 7, 0.9, of_x["y2"], weighed))
    rest = _put(g, "Sub", "rest", 8, 2.2, a=1.0, b=gate)
    write = _put(g, "Mul", "renew", 9, 0.9, gate, new)
    kept = _put(g, "Mul", "keep", 9, 2.4, rest, h_prev)
    state = _put(g, "Add", "state", 10, 1.6, write, kept)
    _port(g, "y", 11, 1.0, state)
    _port(g, "h", 11, 2.2, state)
    _size(g, "hidden", ("ih", "units", 2), ("forget hh", "units", 1), ("candidate hh", "units", 1))
    _note(
        g,
        "**Minimal gated unit**\n\nOne gate f does what a GRU's two do: f of the state is renewed, 1 − f of it is "
        "kept, and the candidate sees f of the old state.",
        3.7,
        height=90.0,
    )


@part(
    "original-gru-cell",
    "Original GRU cell",
    *FAMILY,
    "h = (1 − z)·n + z·h₋₁; r, z = σ(W·x + U·h₋₁ + b), n = tanh(W·x + U·(r·h₋₁) + b)",
)
def original_gru(g: Graph) -> None:
    """One step of a gated recurrent unit as first published: the state is reset before it is weighed, not after.

    PyTorch resets after the product, which one product for all gates then serves; Keras and ONNX have both. x is
    N×features; h_prev, h and y are N×hidden. The rows of `ih` are those of torch.nn.GRUCell: reset, update, candidate;
    `gates hh` has the first two of the state. (Cho et al. 2014)
    """
    x, h_prev = _port(g, "x", 0, 0.5), _port(g, "h_prev", 0, 3.6)
    ih = _put(g, "Linear", "ih", 1, 0.5, x, units=3 * _HIDDEN)
    hh = _put(g, "Linear", "gates hh", 1, 2.2, h_prev, units=2 * _HIDDEN)
    of_x = _put(g, "Split", "of x", 2, 0.5, ih, sections=3, dim=-1)
    of_h = _put(g, "Split", "of h", 2, 2.2, hh, sections=2, dim=-1)
    update = _put(g, "Sigmoid", "update gate", 4, 0, _put(g, "Add", "sum_z", 3, 0, of_x["y2"], of_h["y2"]))
    reset = _put(g, "Sigmoid", "reset gate", 4, 1.1, _put(g, "Add", "sum_r", 3, 1.1, of_x["y1"], of_h["y1"]))
    recall = _put(g, "Mul", "recall", 5, 2.2, reset, h_prev)
    weighed = _put(g, "Linear", "candidate hh", 6, 2.2, recall, units=_HIDDEN)
    new = _put(g, "Tanh", "candidate", 8, 1.3, _put(g, "Add", "sum_n", 7, 1.3, of_x["y3"], weighed))
    _mixed(g, update, new, h_prev, 9)
    _size(g, "hidden", ("ih", "units", 3), ("gates hh", "units", 2), ("candidate hh", "units", 1))
    _note(
        g,
        "**GRU as first published**\n\nThe reset gate takes from the state before the candidate weighs it: "
        "U·(r·h₋₁), where PyTorch's GRU has r·(U·h₋₁).",
        4.9,
        height=90.0,
    )
