"""Automatic layout: everything flows to the right, nothing overlaps, wires keep clear of nodes."""

from __future__ import annotations

import random

from graphlab.graph import Document, Graph, layered
from graphlab.graph.layout import COLUMN, ROW
from tests.graph.test_graph import xor


def places_of(document: Document) -> dict[str, tuple[float, float]]:
    return layered(document)


def random_dag(seed: int, count: int = 40) -> Graph:
    rng = random.Random(seed)
    g = Graph()
    g.add("Input")
    for _ in range(count):
        names = [handle.name for handle in g.nodes]
        g.add("Add", rng.choice(names), rng.choice(names))
    return g


def test_every_wire_runs_to_the_right() -> None:
    for seed in range(5):
        document = random_dag(seed).document
        places = places_of(document)
        assert all(places[e.source][0] < places[e.target][0] for e in document.edges.values())


def test_no_two_nodes_overlap() -> None:
    for seed in range(5):
        places = list(places_of(random_dag(seed).document).values())
        for k, (x, y) in enumerate(places):
            assert all(abs(x - a) >= COLUMN - 1 or abs(y - b) >= ROW - 1 for a, b in places[k + 1 :])


def test_long_wires_keep_a_lane_free() -> None:
    g = Graph()
    x = g.add("Input", name="x")
    h = x
    for _ in range(4):
        h = g.add("Tanh", h)
    g.add("Add", h, x, name="skip")
    places = places_of(g.document)
    between = [places[g.document.node(f"tanh{k}").id] for k in (2, 3)]
    straight = places[g["x"].id][1], places[g["skip"].id][1]
    middle = sum(straight) / 2
    assert all(abs(y - middle) >= ROW / 4 for _, y in between)


def test_layout_is_a_function_of_the_document() -> None:
    assert places_of(random_dag(3).document) == places_of(random_dag(3).document)


def test_a_chain_is_a_straight_line() -> None:
    g = Graph()
    h = g.add("Input")
    for _ in range(5):
        h = g.add("Tanh", h)
    assert len({y for _, y in places_of(g.document).values()}) == 1


def test_sources_stand_right_before_what_they_feed() -> None:
    g = xor()
    places = places_of(g.document)
    assert places[g["target"].id][0] == places[g["out"].id][0]


def test_a_part_is_laid_out_where_it_stands() -> None:
    g = xor()
    g.move({"hidden": (1000, 500), "tanh": (900, 700)})
    chosen = [g["hidden"].id, g["tanh"].id]
    places = layered(g.document, chosen)
    assert set(places) == set(chosen)
    assert min(x for x, _ in places.values()) == 900
    assert min(y for _, y in places.values()) == 500


def test_tidy_is_one_undo_entry() -> None:
    g = random_dag(1)
    steps, before = len(g.history), g.document
    g.tidy()
    assert len(g.history) == steps + 1
    g.undo()
    assert g.document is before


def test_empty_document_has_no_layout() -> None:
    assert layered(Document()) == {}
