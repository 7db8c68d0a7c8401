"""A recurrent network that reads character by character says what the whole pass says, and goes on beyond a row."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data
from graphlab.engine import Run
from graphlab.engine.beside import Beside
from graphlab.engine.language import language, scores_at
from graphlab.graph import Graph
from graphlab.lab.carrying import memory
from graphlab.lab.generating import Writing
from tests.engine.language_trial import WORDS, writer

COUNT = len(set(WORDS))


def unrolled(cell: str = "gru-cell", **more) -> Graph:
    graph = Graph()
    text = graph.add("Text", name="text", **data.prose(WORDS, "a.txt", 8))
    inner = graph.add("Embedding", text["x"], num_embeddings=COUNT, embedding_dim=8)
    states = graph.unroll(cell, inner, name="layer", steps=8, hidden=6, **more)
    turned = graph.add("Transpose", graph.add("Linear", states["y"], units=COUNT))
    graph.add("CrossEntropyLoss", turned, text["target"], name="loss")
    return graph


def remembering(graph: Graph):
    run = Run(graph)
    where = language(run.plan.inference)
    return run, where, memory(run, where, COUNT)


def test_the_state_goes_on_as_if_rows_had_no_end():
    """Two rows of 8 read one after the other are what a row of 16 says."""
    run, where, made = remembering(writer("LSTM"))
    codes = np.arange(16) * 5 % COUNT
    longer = writer("LSTM", length=16)
    whole = Run(longer)
    for name, values in run.weights.items():
        whole.set(name, values)
    ends = language(whole.plan.inference)
    scores = Beside(whole).of_arrays({ends.reads: codes[None]}, [ends.scores]).values[ends.scores]
    letters = tuple(map(chr, range(COUNT)))
    said = made.read(Writing(letters, where.length, tuple(codes.tolist())))
    assert scores_at(said, 0, 1, COUNT) == pytest.approx(scores_at(scores, 15, 16, COUNT), abs=1e-5)


@pytest.mark.parametrize("layer", ["RNN", "GRU", "LSTM"])
def test_fused_layers_carry_their_state(layer):
    assert remembering(writer(layer))[2] is not None


@pytest.mark.parametrize("cell", ["elman-cell", "lstm-cell"])
def test_cells_that_are_drawn_carry_theirs(cell):
    assert remembering(unrolled(cell))[2] is not None


def test_only_what_is_new_of_a_text_is_read(monkeypatch: pytest.MonkeyPatch):
    _, where, made = remembering(writer())
    steps: list[int] = []
    step = made._step
    monkeypatch.setattr(made, "_step", lambda code: steps.append(code) or step(code))
    letters = tuple(map(chr, range(COUNT)))
    first = made.read(Writing(letters, where.length, (1, 2, 3)))
    made.read(Writing(letters, where.length, (1, 2, 3), (4,)))
    assert steps == [1, 2, 3, 4]
    assert np.array_equal(made.read(Writing(letters, where.length, (1, 2, 3))), first)  # begun anew


@pytest.mark.parametrize(
    "graph",
    [writer(predict="next"), unrolled(begin="learnable")],
    ids=["one target a row", "states that are learnt"],
)
def test_where_no_state_can_be_carried_there_is_none(graph):
    assert remembering(graph)[2] is None


def test_what_looks_at_other_places_carries_none():
    graph = writer()
    graph.set("layer", bidirectional=True)
    assert remembering(graph)[2] is None
    mixed = writer()
    kept = mixed.add("CumSum", mixed["scores"], name="sum", dim=1)
    mixed.connect(kept, "by step")
    assert remembering(mixed)[2] is None
