"""Examples of what must be remembered for long, and of the gradient that vanishes meanwhile. See build.py."""

from __future__ import annotations

import numpy as np

from graphlab.graph import Graph
from tests.examples.build import ROW, example

DISTANCE, HIDDEN, SYMBOLS = 70, 32, 4
LSTM = 1  # the second of the three
NUMBERS = 40
SIGNS = SYMBOLS + 11  # nothing, the capitals, and ten digits


@example("remember", "The first decides the last")
def remember(g: Graph) -> None:
    """A capital letter, then 70 digits that mean nothing, and the question which capital it was: an LSTM knows, an
    Elman network does not.

    Open View, Vanishing gradient: its curve tells how much of the loss reaches the states of so many steps
    before. With lstm it goes back to the capital; give which the value 0, and with elman it is gone after
    twenty steps; 2 is gru. Press F5, and reset before you train another one: lstm and gru are always right in
    the end, and elman is left near chance, one in four, or half of them at best.

    keep and hold open the gates that keep the state, each unit for another span. With a distance of 20 in data,
    elman learns it too. (After Hochreiter and Schmidhuber 1997; Tallec and Ollivier 2018.)
    """
    column = 230.0
    data = g.add(
        "Sequences",
        name="data",
        task="first",
        distance=DISTANCE,
        symbols=SYMBOLS,
        samples=2000,
        position=(0, 0),
    )
    signs = g.add("OneHot", data["x"], name="signs", num_classes=SIGNS, position=(column, 170.0))
    spans = np.log(np.linspace(1, DISTANCE, HIDDEN))  # σ(ln t) = t / (t + 1): kept for about t steps
    nothing = np.zeros(HIDDEN)
    keep = g.add(
        "Parameter", name="keep", value=_bias(-spans, spans, nothing, nothing), position=(column, 365.0)
    )
    hold = g.add("Parameter", name="hold", value=_bias(nothing, spans, nothing), position=(column, 560.0))
    size = {"hidden_size": HIDDEN, "batch_first": True}
    elman = g.add("RNN", signs, name="elman", position=(2 * column, 140.0), **size)
    lstm = g.add("LSTM", signs, name="lstm", bias_ih_l0=keep, position=(2 * column, 336.0), **size)
    gru = g.add("GRU", signs, name="gru", bias_ih_l0=hold, position=(2 * column, 550.0), **size)
    ends = (each["h_n"] for each in (elman, lstm, gru))
    last = g.add("Concat", *ends, name="last", dim=0, position=(3 * column, 336.0))
    which = g.add("Input", name="which", shape=(), dtype="int", value=LSTM, position=(3 * column, 550.0))
    chosen = g.add("IndexSelect", last, which, name="chosen", dim=0, position=(4 * column, 336.0))
    out = g.add("Linear", chosen, name="out", units=SYMBOLS, position=(5 * column, 336.0))
    g.add("CrossEntropyLoss", out, data["target"], name="loss", position=(6 * column, 0))
    g.configure(optimizer="Adam", lr=0.005, batch_size=50, epochs=15, clip_norm=1.0)


@example("adding", "The adding problem: two numbers out of forty")
def adding(g: Graph) -> None:
    """Forty numbers, of which two are marked: what is their sum? An LSTM finds out, an Elman network does not.

    Press F5. Whoever always says 1 has a mean squared error of 1/6 = 0.167, and there the curve stays at first; then
    the LSTM understands what a mark means, and ends below 0.001.

    Select lstm and choose the Elman cell in the inspector: it ends at 0.15, and View, Vanishing gradient shows why.
    A GRU does as well as an LSTM. (After Hochreiter and Schmidhuber 1997.)
    """
    column = 220.0
    data = g.add("Sequences", name="numbers", task="adding", length=NUMBERS, samples=5000, position=(0, ROW))
    lstm = g.unroll(
        "lstm-cell",
        data["x"],
        name="lstm",
        steps=NUMBERS,
        hidden=HIDDEN,
        outputs_as="last",
        position=(column, 0.4 * ROW),
    )
    out = g.add("Linear", lstm["y"], name="sum", units=1, position=(2.4 * column, 0.4 * ROW))
    g.add("MSELoss", out, data["target"], name="loss", position=(3.4 * column, ROW))
    g.configure(
        optimizer="Adam", lr=0.01, schedule="CosineAnnealingLR", batch_size=50, epochs=20, clip_norm=1.0
    )


def _bias(*gates: np.ndarray) -> tuple[float, ...]:
    """Of all gates one after the other, in the order in which the layer has them."""
    return tuple(np.round(np.concatenate(gates), 3).tolist())
