"""Gates of recurrent layers and weights of attention, step by step, for one row or the mean, with what was read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.attending import attentions
from graphlab.engine.unfolding import unfolded
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph
from tests.engine.cells import give, gru, lstm, ports

N, T, S = 3, 5, 4
RNG = np.random.default_rng(0)


def asked(space: Workspace, name: str, row: int | None = 0, **more: Any) -> m.Unfolded:
    key = space.run.plan.names[name]
    found = unfolded(space, 2, m.Unfold(9, key, row=row, **more))
    assert (found.run, found.request) == (2, 9)
    return found


def words(op: str = "LSTM", **params: Any) -> Workspace:
    """Whole numbers, embedded and read."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T), dtype="int")
    read = graph.add("Embedding", x, name="table", num_embeddings=7, embedding_dim=2)
    graph.add(op, read, name="memory", hidden_size=3, batch_first=True, **params)
    space = Workspace(graph.document)
    space.run.feed(x=RNG.integers(0, 7, (N, T)))
    return space


@pytest.mark.parametrize("op", ["RNN", "LSTM", "GRU"])
def test_the_states_told_are_those_that_the_layer_gives(op: str) -> None:
    space = words(op)
    space.run.forward()
    y = space.run.value("memory.y")
    one, mean = asked(space, "memory", 1), asked(space, "memory", None)
    np.testing.assert_allclose(one.arrays["h"], y[1], atol=1e-6)
    np.testing.assert_allclose(mean.arrays["h"], y.mean(axis=0), atol=1e-6)
    assert list(one.arrays) == {"RNN": ["h"], "LSTM": list("figoch"), "GRU": list("zrnh")}[op]
    assert set(one.words) >= set(one.arrays)
    np.testing.assert_array_equal(one.tokens["x"], space.run.value("x")[1])
    assert mean.tokens == {}  # they differ from row to row
    assert (one.split, one.counts, one.parts) == ("", {}, ("all",))


def test_gates_are_kept_between_0_and_1_and_make_the_cell() -> None:
    space = words()
    found = asked(space, "memory").arrays
    for name in "ifo":
        assert found[name].min() > 0
        assert found[name].max() < 1
    cells = np.vstack([np.zeros(3), found["c"][:-1]])
    np.testing.assert_allclose(found["c"], found["f"] * cells + found["i"] * found["g"], atol=1e-6)


def test_each_layer_and_direction_is_a_part_read_in_its_own_order() -> None:
    space = words(num_layers=2, bidirectional=True)
    there, back = (asked(space, "memory", 0, part=k) for k in (0, 1))
    assert there.parts == (
        "layer 1, forwards",
        "layer 1, backwards",
        "layer 2, forwards",
        "layer 2, backwards",
    )
    np.testing.assert_array_equal(there.tokens["x"], back.tokens["x"][::-1])
    space.run.forward()
    last = asked(space, "memory", 0, part=3).arrays["h"]
    np.testing.assert_allclose(last, space.run.value("memory.y")[0, ::-1, 3:], atol=1e-6)


def test_weights_of_attention_come_head_by_head_with_what_looks_at_what() -> None:
    graph = Graph()
    ends = []
    for name, length in (("query", T), ("key", S)):
        x = graph.add("Input", name=name, shape=("N", length), dtype="int")
        ends.append(graph.add("Embedding", x, name=f"{name} table", num_embeddings=9, embedding_dim=4))
    graph.add("MultiheadAttention", *ends, name="look", num_heads=2, batch_first=True)
    space = Workspace(graph.document)
    space.run.feed(query=RNG.integers(0, 9, (N, T)), key=RNG.integers(0, 9, (N, S)))
    space.run.forward()
    found = asked(space, "look", 2)
    assert list(found.arrays) == ["head 1", "head 2"]
    for head, array in enumerate(found.arrays.values()):
        assert array.shape == (T, S)
        np.testing.assert_allclose(array, space.run.value("look.weights")[2, head], atol=1e-6)
    np.testing.assert_array_equal(found.tokens["query"], space.run.value("query")[2])
    np.testing.assert_array_equal(found.tokens["key"], space.run.value("key")[2])


def drawn() -> Graph:
    """Attention of a sequence to itself drawn node by node, and a softmax at the end that is none."""
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T), dtype="int")
    table = graph.add("Embedding", x, name="table", num_embeddings=9, embedding_dim=4)
    q, k, v = (graph.add("Linear", table, name=n, units=4) for n in "qkv")
    scores = graph.add("MatMul", q, graph.add("Transpose", k, name="turned", dim0=1, dim1=2), name="scores")
    scaled = graph.add("Mul", scores, name="scaled", b=0.5)
    weights = graph.add("Softmax", scaled, name="weights")
    mixed = graph.add("MatMul", weights, v, name="mixed")
    graph.add("Softmax", mixed, name="chances")
    return graph


def test_a_softmax_counts_where_a_product_mixes_by_it() -> None:
    space = Workspace(drawn().document)
    plan = space.run.plan
    found = list(attentions(plan.nodes, plan.inference.specs))
    assert [plan.nodes[each.weights[0]].path for each in found] == ["weights"]
    names = [None if end is None else plan.nodes[end[0]].path for end in found[0][1:]]
    assert names == ["q", "turned"]
    space.run.feed(x=RNG.integers(0, 9, (N, T)))
    told = asked(space, "weights", 0)
    assert list(told.arrays) == ["weights"]
    np.testing.assert_allclose(told.arrays["weights"].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(told.tokens["query"], told.tokens["key"])


def test_rows_that_are_held_out_are_taken_first_and_others_when_asked() -> None:
    graph = Graph()
    data = graph.add("Dataset", name="data", dataset="digits", samples=60)
    rows = graph.add("Reshape", data["x"], name="rows", shape=(-1, 8, 8))
    graph.add("GRU", rows, name="memory", hidden_size=3, batch_first=True)
    out = graph.add("Linear", data["x"], name="out", units=10)
    graph.add("CrossEntropyLoss", out, data["target"], name="loss")
    space = Workspace(graph.document)
    found = asked(space, "memory", 3)
    assert found.split == "validation"
    assert list(found.counts)[:2] == ["validation", "train"]
    end = (space.run.plan.names["memory"], "y")
    expected = space.evaluate([end], {}, "validation", [3]).values[end][0]
    np.testing.assert_allclose(found.arrays["h"], expected, atol=1e-6)
    assert asked(space, "memory", 3, split="train").split == "train"
    assert "no row 1,000" in asked(space, "memory", 1000).message
    assert "no other rows" in asked(space, "memory", 0, split="other").message


def test_one_hot_rows_are_read_as_what_they_stand_for() -> None:
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T, 6))
    graph.add("RNN", x, name="memory", hidden_size=3, batch_first=True)
    space = Workspace(graph.document)
    tokens = RNG.integers(0, 6, (N, T))
    space.run.feed(x=np.eye(6)[tokens])
    np.testing.assert_array_equal(asked(space, "memory", 1).tokens["x"], tokens[1])
    space.run.feed(x=RNG.standard_normal((N, T, 6)))
    assert asked(space, "memory", 1).tokens == {}


def test_what_reads_no_sequence_is_refused_in_words() -> None:
    space = words()
    assert "no sequence" in asked(space, "table").message
    assert unfolded(space, 0, m.Unfold(1, "gone")).hint


@pytest.mark.parametrize(("fused", "cell", "names"), [("LSTM", lstm, "ifgoch"), ("GRU", gru, "rznh")])
def test_gates_of_a_cell_drawn_as_a_group_are_those_of_the_fused_layer(
    fused: str, cell: Any, names: str
) -> None:
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T), dtype="int")
    read = graph.add("Embedding", x, name="table", num_embeddings=7, embedding_dim=2)
    graph.unroll(cell(3), read, name="rnn", steps=T)
    graph.add(fused, read, name="fused", hidden_size=3, batch_first=True)
    space = Workspace(graph.document)
    for kind in ("weight", "bias"):
        for side in ("ih", "hh"):
            values = space.run.parameters[f"fused.{kind}_{side}_l0"]
            space.run.set(f"rnn/{side} {kind}.value", values)
    space.run.feed(x=RNG.integers(0, 7, (N, T)))
    drawn = unfolded(space, 0, m.Unfold(1, graph.document.node("rnn").id, row=1))
    whole = asked(space, "fused", 1)
    assert drawn.message == ""
    for name in names:
        np.testing.assert_allclose(drawn.arrays[name], whole.arrays[name], atol=1e-6)
    np.testing.assert_array_equal(drawn.tokens["x"], space.run.value("x")[1])
    assert drawn.words["h"] == "state h"


def test_a_decoder_that_looks_once_a_step_has_a_map_of_all_steps() -> None:
    cell = Graph("decoder")
    x, h, memory = ports(cell, "x", "h_prev", "memory")
    query = cell.add("Linear", h, name="ask", units=4)
    turned = cell.add("Unsqueeze", query, name="column", dim=2)
    scores = cell.add("Squeeze", cell.add("MatMul", memory, turned, name="scores"), dim=2)
    weights = cell.add("Softmax", scores, name="look")
    row = cell.add("Unsqueeze", weights, name="row", dim=1)
    seen = cell.add("Squeeze", cell.add("MatMul", row, memory, name="mix"), dim=1)
    state = cell.add("Tanh", cell.add("Add", cell.add("Add", cell.add("Linear", x, units=4), seen), h))
    give(cell, h=state)
    graph = Graph()
    source = graph.add("Input", name="words", shape=("N", S), dtype="int")
    memory_of = graph.add("Embedding", source, name="memory table", num_embeddings=9, embedding_dim=4)
    given = graph.add("Input", name="given", shape=("N", T), dtype="int")
    steps = graph.add("Embedding", given, name="given table", num_embeddings=9, embedding_dim=4)
    again = graph.add("Stack", *[memory_of] * T, name="every step", dim=1)
    graph.unroll(cell, steps, again, name="decoder", steps=T)
    space = Workspace(graph.document)
    assert not space.run.plan.problems
    space.run.feed(words=RNG.integers(0, 9, (N, S)), given=RNG.integers(0, 9, (N, T)))
    plan = space.run.plan
    (found,) = attentions(plan.nodes, plan.inference.specs)
    told = unfolded(space, 0, m.Unfold(1, found.weights[0], row=2))
    assert list(told.arrays) == ["weights"]
    assert told.arrays["weights"].shape == (T, S)
    np.testing.assert_allclose(told.arrays["weights"].sum(axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(told.tokens["key"], space.run.value("words")[2])
    np.testing.assert_array_equal(told.tokens["query"], space.run.value("given")[2])


def test_attention_that_is_drawn_with_its_heads_is_found_in_the_ready_made_parts() -> None:
    graph = Graph()
    x = graph.add("Input", name="x", shape=("N", T, 32))
    graph.add_part("causal-self-attention", x, name="look")
    space = Workspace(graph.document)
    space.run.feed(x=RNG.standard_normal((N, T, 32)))
    plan = space.run.plan
    (found,) = attentions(plan.nodes, plan.inference.specs)
    assert plan.nodes[found.weights[0]].path == "look/weights"
    told = unfolded(space, 0, m.Unfold(1, found.weights[0], row=0))
    assert list(told.arrays) == [f"head {k}" for k in range(1, 5)]
    assert not np.triu(told.arrays["head 1"], 1).any()
