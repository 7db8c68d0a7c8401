"""Automatic layout: everything flows to the right, nothing overlaps, few wires cross, main paths are level."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import numpy as np
import pytest

from graphlab.errors import CancelledError
from graphlab.graph import Document, Graph, Point, layered
from graphlab.graph.layers import Wire, depths, flow, layers
from graphlab.graph.layout import CLEAR, COLUMN, WIDTH, laying_out, size_of, way_out
from graphlab.graph.ordering import inversions
from tests.graph.architectures import ARCHITECTURES, random_dag, resnet18
from tests.graph.crossing import crossings
from tests.graph.test_graph import xor

EACH = pytest.mark.parametrize("name", ARCHITECTURES)


def by_name(document: Document, places: Mapping[str, Point]) -> dict[str, Point]:
    return {document.nodes[i].name: place for i, place in places.items()}


def overlapping(
    document: Document, places: Mapping[str, Point], sizes: Mapping[str, Point]
) -> list[tuple[str, str]]:
    """Pairs of nodes that lie upon each other."""
    found, ids = [], list(places)
    for k, a in enumerate(ids):
        for b in ids[k + 1 :]:
            gaps = (abs(places[a][n] - places[b][n]) for n in (0, 1))
            firsts = (a if places[a][n] < places[b][n] else b for n in (0, 1))
            if all(gap < sizes[first][n] for n, (gap, first) in enumerate(zip(gaps, firsts, strict=True))):
                found.append((document.nodes[a].name, document.nodes[b].name))
    return found


def usual(document: Document) -> dict[str, Point]:
    return {i: size_of(node) for i, node in document.nodes.items()}


def test_every_wire_runs_to_the_right() -> None:
    for seed in range(5):
        document = random_dag(seed).document
        places = layered(document)
        assert all(places[e.source][0] + WIDTH < places[e.target][0] for e in document.edges.values())


def test_no_two_nodes_overlap() -> None:
    for seed in range(5):
        document = random_dag(seed).document
        assert overlapping(document, layered(document), usual(document)) == []


def test_tall_and_wide_nodes_get_the_room_they_take() -> None:
    document = random_dag(2).document
    sizes = {i: (160.0 + 37 * (k % 5), 90.0 + 60 * (k % 7)) for k, i in enumerate(document.nodes)}
    places = layered(document, sizes=sizes)
    assert overlapping(document, places, sizes) == []
    assert overlapping(document, layered(document), sizes) != []


def test_layout_is_a_function_of_the_graph_alone() -> None:
    document = random_dag(3).document
    once = layered(document)
    assert layered(document) == once
    moved = Graph(document)
    moved.move(once)
    assert layered(moved.document) == once


def test_a_chain_is_a_straight_line() -> None:
    g = Graph()
    h = g.add("Input")
    for _ in range(5):
        h = g.add("Tanh", h)
    places = layered(g.document).values()
    assert len({y for _, y in places}) == 1
    assert np.ptp(np.diff(sorted(x for x, _ in places))) == 0


def test_the_main_path_stays_level_where_a_skip_passes_it() -> None:
    document = resnet18().document
    places = by_name(document, layered(document))
    main = [name for name in places if name.startswith(("conv2d", "relu", "add"))]
    usual_y = places["relu"][1]
    assert (
        sum(places[name][1] == usual_y for name in main) >= len(main) - 6
    )  # the ways by are three convolutions


def test_parameters_stand_by_what_they_feed() -> None:
    document = ARCHITECTURES["by_hand"]().document
    places = by_name(document, layered(document))
    for parameter, consumer in (
        ("W1", "matmul"),
        ("b1", "add"),
        ("W2", "matmul2"),
        ("b2", "add2"),
        ("target", "loss"),
    ):
        assert places[consumer][0] - places[parameter][0] == COLUMN
        assert 0 < abs(places[consumer][1] - places[parameter][1]) < 200
    assert (
        len({places[name][1] for name in ("x", "matmul", "add", "tanh", "matmul2", "add2", "tanh2", "loss")})
        == 1
    )


def test_what_a_step_needs_is_drawn_at_the_step() -> None:
    document = ARCHITECTURES["unrolled_rnn"]().document
    places = by_name(document, layered(document))
    for t in range(2, 6):
        assert places[f"h{t - 1}"][0] <= places[f"x{t}"][0] < places[f"h{t}"][0]


def test_sources_stand_right_before_what_they_feed() -> None:
    g = xor()
    places = layered(g.document)
    assert places[g["target"].id][0] == places[g["out"].id][0]


def test_ports_of_a_group_stand_at_its_ends() -> None:
    g = Graph()
    late = g.add("Input", name="late")
    a = g.add("Tanh", g.add("Tanh", g.add("Input", name="x"), name="a"), name="b")
    g.add("Sigmoid", g.add("Add", a, late, name="sum"), name="out")
    inner = g.inside(g.group("a", "b", "sum"))
    inner.tidy()
    xs = {node.op: node.position[0] for node in inner.document.nodes.values()}
    ports = [node.position[0] for node in inner.document.nodes.values() if node.op == "GroupInput"]
    assert len(ports) == 2
    assert set(ports) == {min(xs.values())}
    assert xs["GroupOutput"] == max(xs.values())


# Crossings

FEWEST = {  # as straight lines: a wire that is drawn around others counts as crossing them
    "lenet": 0, "resnet18": 0, "googlenet": 3, "unet": 3, "lstm_cell": 0, "siamese": 2, "by_hand": 0, "densenet": 17,
    "attention": 2, "autoencoder": 9, "unrolled_rnn": 22,
}  # fmt: skip


@EACH
def test_few_wires_cross(name: str) -> None:
    document = ARCHITECTURES[name]().document
    assert crossings(document, layered(document)) <= FEWEST[name]


def in_columns(document: Document) -> dict[str, Point]:
    """What networkx makes of it: columns, in which nobody is put in order."""
    graph = nx.DiGraph([(e.source, e.target) for e in document.edges.values()])
    for k, generation in enumerate(nx.topological_generations(graph)):
        for node in generation:
            graph.nodes[node]["layer"] = k
    places = nx.multipartite_layout(graph, subset_key="layer", scale=10_000)
    return {i: (float(x), float(y)) for i, (x, y) in places.items()}


def test_fewer_wires_cross_than_in_columns_without_order() -> None:
    for seed in range(4):
        document = random_dag(seed).document
        assert crossings(document, layered(document)) <= 0.7 * crossings(document, in_columns(document))


def test_inversions_are_counted() -> None:
    chance = np.random.default_rng(0)
    for size in (0, 1, 2, 7, 50):
        values = chance.integers(0, 9, size)
        plain = sum(int(a > b) for k, a in enumerate(values) for b in values[k + 1 :])
        assert inversions(values) == plain


# Layers


def test_a_branch_moves_up_with_all_that_feeds_it() -> None:
    wires = [Wire(*pair, 0, 0) for pair in ((0, 1), (1, 2), (2, 3), (3, 4), (5, 6), (6, 4))]
    net = flow(7, [(w.source, w.target) for w in wires])
    assert layers(net, depths(net)[0], set(), set()) == [0, 1, 2, 3, 4, 2, 3]


# Parts


def test_parts_without_a_wire_between_stand_one_below_another() -> None:
    g = Graph()
    for _ in range(3):
        g.add("Tanh", g.add("Tanh", g.add("Input")))
    tops = sorted(y for _, y in layered(g.document).values())
    assert len(set(tops)) == 3
    assert min(np.diff(sorted(set(tops)))) > 116


def test_nodes_without_wires_are_set_out_in_rows() -> None:
    g = Graph()
    for _ in range(12):
        g.add("Input")
    places = layered(g.document)
    assert overlapping(g.document, places, usual(g.document)) == []
    xs, ys = ({place[n] for place in places.values()} for n in (0, 1))
    assert 2 <= len(xs) <= 6
    assert 2 <= len(ys) <= 6


# A part of the graph, and where it stands


def test_a_part_is_laid_out_where_it_stands() -> None:
    g = xor()
    g.move({"hidden": (1000, 500), "tanh": (900, 700)})
    chosen = [g["hidden"].id, g["tanh"].id]
    places = layered(g.document, chosen)
    assert set(places) == set(chosen)
    assert min(x for x, _ in places.values()) == 900
    assert min(y for _, y in places.values()) == 500


def test_a_part_steps_aside_where_it_would_lie_on_others() -> None:
    g = Graph()
    h = g.add("Input", name="x", position=(0, 0))
    for k in range(1, 4):
        h = g.add("Tanh", h, name=f"tanh{k}", position=(0, 150.0 * k))
    g.add("Input", name="other", position=(250, 20))
    chosen = [g[name].id for name in ("x", "tanh1", "tanh2")]
    places = {**{i: n.position for i, n in g.document.nodes.items()}, **layered(g.document, chosen)}
    assert overlapping(g.document, places, usual(g.document)) == []
    assert {places[g["x"].id][1]} == {20 - 116 - CLEAR}  # up was the shortest way
    assert len({places[i][1] for i in chosen}) == 1


def test_nothing_lands_on_a_note() -> None:
    g = random_dag(1)
    note = g.add_note("here", (300, 100), (200, 100))
    g.tidy()
    for node in g.document.nodes.values():
        x, y = node.position
        assert x > 500 or x + 160 < 300 or y > 200 or y + 116 < 100
    assert g.document.notes[note.id] == note


def test_the_shortest_way_out_is_taken() -> None:
    own = np.array([[0.0, 0, 100, 50], [300, 0, 100, 50]])
    other = np.array([[310.0, 30, 50, 400]])
    assert way_out(own, other).tolist() == [0, -40]
    assert way_out(own, np.array([[310.0, 530, 50, 400]])).tolist() == [0, 0]
    assert way_out(own, np.empty((0, 4))).tolist() == [0, 0]
    walls = np.array([[310.0, -900, 50, 1800]])
    assert way_out(own, walls).tolist() == [80, 0]


def test_tidy_of_some_nodes_leaves_the_others() -> None:
    g = xor()
    before = g["loss"].node.position
    g.tidy("hidden", g["tanh"])
    assert g["loss"].node.position == before


# The live graph


def test_tidy_is_one_undo_entry() -> None:
    g = random_dag(1)
    steps, before = len(g.history), g.document
    g.tidy()
    assert len(g.history) == steps + 1
    g.undo()
    assert g.document is before


def test_empty_document_has_no_layout() -> None:
    assert layered(Document()) == {}


def test_progress_rises_and_can_end_it() -> None:
    document = random_dag(1).document
    told: list[float] = []
    assert layered(document, progress=lambda part: not told.append(part)) == layered(document)
    assert told == sorted(told)
    assert told[0] == 0.0
    assert 0.9 < told[-1] <= 1.0
    with pytest.raises(CancelledError):
        layered(document, progress=lambda part: part < 0.5)


def test_a_large_graph_is_laid_out_in_small_steps() -> None:
    from benchmarks.canvas import document

    made = document(2000)
    assert sum(1 for _ in laying_out(made)) > 100
    places = layered(made)
    assert all(places[e.source][0] < places[e.target][0] for e in made.edges.values())
