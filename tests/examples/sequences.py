"""The examples of sequences: what recurrent networks are used for, each on a task of its own. See build.py."""

from __future__ import annotations

import numpy as np

from graphlab.graph import Graph, Handle
from tests.examples.build import ROW, example

LETTERS = 28  # nothing, the hyphen and a to z: the characters of names
KEEP = 5.0  # where the forget gate of an LSTM begins: σ(5) = 0.993 of a cell stays at each step


@example("loop", "A network with a loop")
def loop(g: Graph) -> None:
    """How many a are in a word? An Elman cell reads it letter by letter and counts in its state h.

    Select rnn and press U: the loop becomes twelve copies that share their weights, and F10 goes from copy
    to copy, forward and then back in time.

    Double-click rnn to see the cell. Press F5: about 98 of 100 new words are counted right; lengths says
    where each ends. (After Elman 1990, Finding structure in time.)
    """
    column = 210.0
    data = g.add("Sequences", name="words", task="count", position=(0, ROW))
    onehot = g.add("OneHot", data["x"], name="onehot", num_classes=4, position=(column, 0))
    rnn = g.unroll(
        "elman-cell",
        onehot,
        name="rnn",
        steps=12,
        hidden=16,
        outputs_as="last",
        lengths=data["lengths"],
        position=(2.1 * column, 0.4 * ROW),
    )
    out = g.add("Linear", rnn["y"], name="out", units=13, position=(3.5 * column, 0.4 * ROW))
    g.add("CrossEntropyLoss", out, data["target"], name="loss", position=(4.5 * column, ROW))
    g.configure(
        optimizer="Adam", lr=0.01, schedule="CosineAnnealingLR", batch_size=32, epochs=40, clip_norm=1.0
    )


@example("languages", "An encoder: which language?")
def languages(g: Graph) -> None:
    """A network reads a name letter by letter, and its last state says which language it is of.

    Press F5. The names are invented, of four languages that nobody speaks, and one letter in twelve is
    wrong: about 96 of 100 names that it has never seen are told right. Open Confusion and see which
    languages are taken for one another.

    This is an encoder: sequence, vector, class. Select gru and press Ctrl+H to put an RNN or an LSTM in
    its place.
    """
    column = 210.0
    data = g.add("Sequences", name="names", task="languages", position=(0, ROW))
    letters = g.add(
        "Embedding", data["x"], name="letters", num_embeddings=LETTERS, embedding_dim=8, position=(column, 0)
    )
    gru = g.add("GRU", letters, name="gru", hidden_size=32, batch_first=True, position=(2 * column, 0))
    state = g.add("Squeeze", gru["h_n"], name="state", dim=0, position=(3 * column, 0))
    out = g.add("Linear", state, name="out", units=4, position=(4 * column, 0))
    g.add("CrossEntropyLoss", out, data["target"], name="loss", position=(5 * column, ROW))
    g.configure(optimizer="Adam", lr=0.005, schedule="CosineAnnealingLR", batch_size=32, epochs=15)


@example("brackets", "A transducer: how deep?")
def brackets(g: Graph) -> None:
    """Brackets open and close, and at each step the network says how many are open.

    Press F5: the loss adds up all steps, and so do the gradients of the weights. Exact, in the Loss panel,
    counts only sequences of which all 30 steps are right: 99 of 100 are.

    This is a transducer: an answer at each step. The task is only to count, so hidden_size 8 in rnn is
    enough; try 2.
    """
    column = 200.0
    data = g.add("Sequences", name="signs", task="brackets", length=30, position=(0, ROW))
    onehot = g.add("OneHot", data["x"], name="onehot", num_classes=5, position=(column, 0))
    rnn = g.add("RNN", onehot, name="rnn", hidden_size=32, batch_first=True, position=(2 * column, 0))
    scored(g, rnn["y"], data["target"], 5, 3, column)
    g.configure(
        optimizer="Adam", lr=0.01, schedule="CosineAnnealingLR", batch_size=32, epochs=20, clip_norm=1.0
    )


@example("copy", "Copy memory: fifty steps later")
def copy(g: Graph) -> None:
    """Five letters, fifty empty steps, a question mark: an LSTM says the letters again, an Elman network cannot.

    Press F5 and wait a minute: at first nothing seems to happen, in the end 99 of 100 letters are right.
    Select lstm, press Ctrl+H, choose RNN and press F5 again: it stays at chance, one letter in eight (with
    smaller steps it may find one of the five).

    keep sets where the forget gate begins: at 5, so that 99 % of a cell are still there at the next step.
    Without it, to keep would have to be learnt first. (After Hochreiter and Schmidhuber 1997; Jozefowicz, Zaremba and
    Sutskever 2015)
    """
    column, hidden = 200.0, 64
    data = g.add("Sequences", name="data", task="copy", distance=50, samples=20_000, position=(0, ROW))
    onehot = g.add("OneHot", data["x"], name="onehot", num_classes=10, position=(column, 0))
    bias = np.zeros((4, hidden))  # of the gates i, f, g, o
    bias[1] = KEEP
    keep = g.add("Parameter", name="keep", value=tuple(bias.reshape(-1).tolist()), position=(column, 2 * ROW))
    lstm = g.add(
        "LSTM",
        onehot,
        name="lstm",
        hidden_size=hidden,
        batch_first=True,
        bias_ih_l0=keep,
        position=(2 * column, 0),
    )
    scored(g, lstm["y"], data["target"], 8, 3, column)
    g.configure(
        optimizer="Adam", lr=0.02, schedule="CosineAnnealingLR", batch_size=64, epochs=16, clip_norm=1.0
    )


@example("dates", "An encoder-decoder: dates")
def dates(g: Graph) -> None:
    """Dates as people write them, 3 May 2021, become 2021-05-03: one network reads, another writes.

    Press F5. All that reader hands to writer is its last state, a vector of 128 numbers. In training the
    writer gets the right characters before each of its own (teacher forcing); 99 of 100 new dates come out
    exact.

    Whether a date is exact does not depend on that: where all characters are right, the writer's own are the
    same. (After Sutskever, Vinyals and Le 2014.)
    """
    column = 200.0
    data = g.add("Sequences", name="data", task="dates", samples=20_000, position=(0, ROW))
    letters = embedded(g, data["x"], "letters", 41, 16, (column, 0))
    reader = g.add("GRU", letters, name="reader", hidden_size=128, batch_first=True, position=(2 * column, 0))
    before = embedded(g, data["previous"], "before", 12, 16, (2 * column, 2.5 * ROW))
    writer = g.add(
        "GRU",
        before,
        name="writer",
        h_0=reader["h_n"],
        hidden_size=128,
        batch_first=True,
        position=(3 * column, 0),
    )
    scored(g, writer["y"], data["target"], 12, 4, column)
    g.configure(
        optimizer="Adam", lr=0.004, schedule="CosineAnnealingLR", batch_size=64, epochs=18, clip_norm=1.0
    )


@example("writer", "A writer that reads its own words")
def writer(g: Graph) -> None:
    """Sums such as 27+45= are worked out digit by digit by a cell that is repeated: each copy hands its state to the
    next.

    Double-click writer to see the cell. In training its input x is the right digit before (teacher forcing);
    when it is evaluated, each copy reads what the copy before it has written, its output token. Press F5:
    about 85 of 100 held-out sums come out exact that way.

    Select writer and press U to see the four copies; set teacher to 0.5, and it trains on its own words
    half of the time. (After Williams and Zipser 1989; Bengio et al. 2015.)
    """
    column, hidden = 200.0, 96
    data = g.add("Sequences", name="data", task="addition", position=(0, ROW))
    letters = embedded(g, data["x"], "letters", 13, 16, (column, 0))
    reader = g.add(
        "GRU", letters, name="reader", hidden_size=hidden, batch_first=True, position=(2 * column, 0)
    )
    state = g.add("Squeeze", reader["h_n"], name="state", dim=0, position=(3 * column, 0))
    rnn = g.unroll(
        writing_cell(13, hidden),
        data["previous"],
        state,
        name="writer",
        steps=4,
        feedback=(("token", "x"),),
        position=(4 * column, 2.2 * ROW),
    )
    turn = g.add("Transpose", rnn["y"], name="turn", dim0=1, dim1=2, position=(5.4 * column, 0))
    g.add("CrossEntropyLoss", turn, data["target"], name="loss", position=(6.4 * column, ROW))
    g.configure(
        optimizer="Adam", lr=0.006, schedule="CosineAnnealingLR", batch_size=64, epochs=40, clip_norm=1.0
    )


@example("reverse", "Attention: words backwards")
def reverse(g: Graph) -> None:
    """Ten random letters are written backwards by a network that looks, at each step, where it has to look.

    Press F5. look compares the writer's state with the reader's states at all ten places, and takes their
    mean by likeness: 99 of 100 new words come out exact.

    Open View, Attention: the weights form a line from one corner to the other, because the first letter to be
    written is the last that was read. Without look, all would have to go through one vector.

    (After Bahdanau, Cho and Bengio 2015; Luong, Pham and Manning 2015.)
    """
    column, hidden = 195.0, 64
    data = g.add("Sequences", name="data", task="reverse", position=(0, ROW))
    letters = embedded(g, data["x"], "letters", 27, 16, (column, 0))
    reader = g.add(
        "GRU", letters, name="reader", hidden_size=hidden, batch_first=True, position=(2 * column, 0)
    )
    before = embedded(g, data["previous"], "before", 27, 16, (2 * column, 2.5 * ROW))
    writer = g.add(
        "GRU",
        before,
        name="writer",
        h_0=reader["h_n"],
        hidden_size=hidden,
        batch_first=True,
        position=(3 * column, 2.5 * ROW),
    )
    look = g.add(
        "ScaledDotProductAttention",
        writer["y"],
        reader["y"],
        reader["y"],
        name="look",
        position=(4 * column, 0),
    )
    both = g.add("Concat", writer["y"], look["y"], name="both", dim=2, position=(5 * column, 2.5 * ROW))
    hidden_layer = g.add("Linear", both, name="mix", units=hidden, position=(6 * column, 0))
    bent = g.add("Tanh", hidden_layer, name="tanh", position=(7 * column, 0))
    scored(g, bent, data["target"], 27, 8, column)
    g.configure(
        optimizer="Adam", lr=0.005, schedule="CosineAnnealingLR", batch_size=64, epochs=6, clip_norm=1.0
    )


@example("captions", "Pictures into words")
def captions(g: Graph) -> None:
    """A picture of two shapes becomes a sentence: a CNN looks, and a recurrent network says red circle above
    blue square.

    Press F5. The CNN's answer is where the writer's state begins; from there on each word depends on the
    words before it. Exact, in the Loss panel, counts pictures of which all five words are right: about 99 of
    100 new ones.

    Open Data to see the pictures, and Filters to see what conv1 looks for. (After Vinyals, Toshev, Bengio and
    Erhan 2015.)
    """
    column = 185.0
    data = g.add("Sequences", name="data", task="captions", samples=4000, position=(0, ROW))
    last, layers = (
        data["x"],
        (
            ("Conv2d", "conv1", {"out_channels": 16, "kernel_size": 5, "stride": 2, "padding": 2}),
            ("BatchNorm2d", "norm1", {}),
            ("ReLU", "relu1", {}),
            ("Conv2d", "conv2", {"out_channels": 32, "kernel_size": 3, "stride": 2, "padding": 1}),
            ("BatchNorm2d", "norm2", {}),
            ("ReLU", "relu2", {}),
            ("Flatten", "flatten", {}),
            ("Linear", "seen", {"units": 96}),
            ("Unsqueeze", "begin", {"dim": 0}),
        ),
    )
    for k, (op, name, settings) in enumerate(layers, 1):
        last = g.add(op, last, name=name, position=(k * column, 0), **settings)
    before = embedded(g, data["previous"], "before", 10, 16, (9 * column, 2.5 * ROW))
    writer = g.add(
        "GRU", before, name="writer", h_0=last, hidden_size=96, batch_first=True, position=(10 * column, 0)
    )
    scored(g, writer["y"], data["target"], 10, 11, column)
    g.configure(
        optimizer="Adam", lr=0.003, schedule="CosineAnnealingLR", batch_size=32, epochs=12, clip_norm=1.0
    )


def embedded(
    g: Graph, indices: object, name: str, count: int, width: int, position: tuple[float, float]
) -> Handle:
    """A vector for each character or word."""
    return g.add(
        "Embedding", indices, name=name, num_embeddings=count, embedding_dim=width, position=position
    )


def scored(g: Graph, states: object, target: object, classes: int, place: int, column: float) -> None:
    """Scores at each step, turned so that the loss finds the classes on axis 1: N×T×C becomes N×C×T."""
    out = g.add("Linear", states, name="out", units=classes, position=(place * column, 0))
    turn = g.add("Transpose", out, name="turn", dim0=1, dim1=2, position=((place + 1) * column, 0))
    g.add("CrossEntropyLoss", turn, target, name="loss", position=((place + 2) * column, ROW))


def writing_cell(count: int, hidden: int) -> Graph:
    """A cell that reads a character and its state, and gives scores of the next one and the likeliest, as a number."""
    cell, column = Graph("writer"), 200.0
    x = cell.add("GroupInput", name="x", position=(0, 0))
    before = cell.add("GroupInput", name="h_prev", position=(0, ROW))
    seen = embedded(cell, x, "letters", count, hidden, (column, 0))
    kept = cell.add("Linear", before, name="kept", units=hidden, position=(column, ROW))
    both = cell.add("Add", seen, kept, name="sum", position=(2 * column, 0))
    state = cell.add("Tanh", both, name="state", position=(3 * column, 0))
    out = cell.add("Linear", state, name="out", units=count, position=(4 * column, ROW))
    token = cell.add("ArgMax", out, name="likely", position=(5 * column, ROW))
    cell.add("GroupOutput", out, name="y", position=(6 * column, 0))
    cell.add("GroupOutput", token, name="token", position=(6 * column, ROW))
    cell.add("GroupOutput", state, name="h", position=(6 * column, 2 * ROW))
    return cell
