"""Two documents compared in words: which node is which, and what differs."""

from __future__ import annotations

import dataclasses
import time

import pytest

from graphlab.graph import Document, Graph, codec, compare
from graphlab.graph.comparison import Comparison, pair, shares_ids, value_text
from graphlab.graph.promoting import promote
from tests.graph.random_edits import Editor
from tests.graph.test_graph import xor


def told(found: Comparison) -> list[str]:
    return [str(difference) for difference in found.differences]


def renumbered(document: Document) -> Document:
    """The same graph drawn by somebody else: every id is another."""
    ids = {i: f"n{900 - k}" for k, i in enumerate(document.nodes)}
    nodes = {ids[i]: dataclasses.replace(node, id=ids[i]) for i, node in document.nodes.items()}
    edges = [e._replace(source=ids[e.source], target=ids[e.target]) for e in document.edges.values()]
    training = dataclasses.replace(document.training, goal=ids.get(document.training.goal, ""))
    return Document(
        document.name, nodes, {(e.target, e.input): e for e in edges}, training=training, next_id=901
    )


def test_equal_documents_do_not_differ() -> None:
    assert compare(xor().document, xor().document).is_equal
    read = codec.from_bytes(codec.to_bytes(xor().document))
    assert compare(xor().document, read).is_equal
    assert compare(Document(), Document()).is_equal


def test_places_and_the_name_of_the_graph_are_no_differences() -> None:
    g = xor()
    before = g.document
    g.tidy()
    g.move({"out": (900, 40)})
    assert compare(before, g.document.with_(name="another")).is_equal


def test_changes_are_told_in_words() -> None:
    g = xor()
    before = g.document
    g.set("hidden", units=64)
    g.rename("tanh", "act")
    g.set_flags("out", muted=True)
    g.configure(lr=0.5)
    units = before.node("hidden").make().units
    assert told(compare(before, g.document)) == [
        f"~ training: lr {before.training.lr:g} → 0.5",
        f"~ hidden: units {units} → 64",
        "~ act: name tanh → act",
        "~ out: muted off → on",
    ]


def test_added_and_removed_nodes_bring_their_wires() -> None:
    g = xor()
    before = g.document
    g.add("ReLU", "hidden", name="more")
    g.remove("tanh")
    found = compare(before, g.document)
    assert told(found) == [
        "+ more (ReLU)",
        "− tanh (Tanh)",
        "+ wire hidden.y → more.x",
        "− wire hidden.y → tanh.x",
        "− wire tanh.y → out.x",
    ]
    sheet = found.sheets[""]
    assert sheet.ids("added") == (g["more"].id,)
    assert sheet.ids("removed") == (before.node("tanh").id,)
    assert [e.input for e in sheet.edges("removed")] == ["x", "x"]


def test_the_other_way_round_everything_is_turned_round() -> None:
    g = xor()
    before = g.document
    g.add("ReLU", "hidden", name="more")
    g.set("hidden", units=5)
    there, back = compare(before, g.document), compare(g.document, before)
    turn = {"added": "removed", "removed": "added", "changed": "changed"}
    assert sorted(turn[d.kind] for d in there.differences) == sorted(d.kind for d in back.differences)


def test_a_param_that_is_set_to_its_default_is_no_difference() -> None:
    g = xor()
    before = g.document
    g.set("tanh")
    g.set("hidden", bias=before.node("hidden").make().bias)
    assert compare(before, g.document).is_equal


def test_a_graph_drawn_by_somebody_else_is_paired_by_names() -> None:
    before = xor().document
    other = renumbered(before)
    assert not shares_ids(before, other)
    assert compare(before, other).is_equal
    g = Graph(other)
    g.set("hidden", units=3)
    assert [d.param for d in compare(before, g.document).differences] == ["units"]


def test_other_names_are_paired_by_the_wires() -> None:
    before = Graph()
    node = before.add("Input", name="x", shape=("N", 2))
    for k in range(4):
        node = before.add("Tanh", before.add("Linear", node, name=f"layer{k}"), name=f"tanh{k}")
    other = Graph(renumbered(before.document))
    for k in range(4):
        other.rename(f"layer{k}", f"dense{k}")
        other.rename(f"tanh{k}", f"act{k}")
    found = compare(before.document, other.document)
    assert {d.param for d in found.differences} == {"name"}
    assert len(found.differences) == 8
    names = {
        before.document.nodes[a].name: other.document.nodes[b].name for a, b in found.sheets[""].pairs.items()
    }
    assert names["layer2"] == "dense2"
    assert names["tanh3"] == "act3"


def test_another_operation_of_the_same_name_took_the_place() -> None:
    g = xor()
    before = g.document
    other = Graph(renumbered(before))
    other.remove("tanh")
    other.add("ReLU", "hidden", name="tanh")
    other.connect("tanh", "out")
    found = compare(before, other.document)
    assert "~ tanh: op Tanh → ReLU" in told(found)
    assert not found.sheets[""].ids("added")


def test_a_node_that_was_deleted_and_made_again_is_the_same_one() -> None:
    g = xor()
    before = g.document
    g.remove("tanh")
    g.add("Tanh", "hidden", name="tanh")
    g.connect("tanh", "out")
    assert compare(before, g.document).is_equal


def test_graphs_without_anything_in_common_are_removed_and_added() -> None:
    one, two = Graph(), Graph()
    one.add("Input", name="x")
    two.add("Parameter", name="w")
    assert told(compare(one.document, two.document)) == ["+ w (Parameter)", "− x (Input)"]


def test_the_goal_is_told_by_name() -> None:
    g = xor()
    before = g.document
    g.configure(goal="loss")
    assert told(compare(before, g.document)) == ["~ training: goal automatic → loss"]
    assert compare(g.document, renumbered(g.document)).is_equal


def test_notes_and_frames_are_told_by_their_words() -> None:
    g = xor()
    g.add_note("same", (0, 0))
    before = g.document
    g.add_note("a new\nthought", (5, 5))
    assert told(compare(before, g.document)) == ["+ note “a new thought”"]


def test_groups_are_compared_inside() -> None:
    g = xor()
    g.group("hidden", "tanh", name="cell")
    before = g.document
    inner = g.inside("cell")
    inner.set("hidden", units=7)
    inner.add("ReLU", "hidden", name="extra")
    found = compare(before, g.document)
    (definition,) = g.document.definitions
    assert told(found) == [
        "+ cell: extra (ReLU)",
        f"~ cell: hidden: units {before.definitions[definition].node('hidden').make().units} → 7",
        "+ cell: wire hidden.y → extra.x",
    ]
    assert {d.sheet for d in found.differences} == {definition}


def test_a_group_that_only_one_has_is_told() -> None:
    g = xor()
    before = g.document
    g.group("hidden", "tanh", name="cell")
    found = compare(before, g.document)
    assert told(found)[0] == "+ group cell"
    assert "+ cell (Group)" in told(found)


def test_params_shown_on_a_group_are_told() -> None:
    g = xor()
    g.group("hidden", "tanh", name="cell")
    before = g.document
    inner = g.inside("cell")
    inner.replace(promote(inner.document, inner.document.node("hidden").id, "units"), "Show")
    assert "+ group cell: shows units" in told(compare(before, g.document))


def test_unknown_operations_are_compared_by_what_the_file_says() -> None:
    def with_params(**params: object) -> Document:
        record = codec.to_record(xor().document)
        record["document"]["nodes"].append({"id": "n900", "op": "Swirl", "name": "s", "params": params})
        record["document"]["next_id"] = 901
        return codec.from_record(record)

    assert told(compare(with_params(turns=1), with_params(turns=2))) == ["~ s: turns 1 → 2"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "on"),
        (None, "automatic"),
        (-0.5, "−0.5"),
        ((3, -1), "(3, −1)"),
        ("mean", "mean"),
        ("", "nothing"),
    ],
)
def test_values_are_written_for_people(value: object, text: str) -> None:
    assert value_text(value) == text


def test_long_values_are_cut() -> None:
    assert len(value_text(tuple(range(1000)))) == 40


def test_pairs_never_share_a_node() -> None:
    for seed in range(12):
        editor = Editor(seed)
        before = editor.graph.document
        for _ in range(25):
            editor.step()
        after = editor.graph.document
        found = pair(before, after)
        assert len(set(found.values())) == len(found)
        assert set(found) <= set(before.nodes)
        assert set(found.values()) <= set(after.nodes)
        assert compare(before, after).is_equal == (told(compare(before, after)) == [])


def test_ten_thousand_nodes_are_compared_in_a_moment() -> None:
    g = Graph()
    with g.edit("many"):
        node = g.add("Input", name="x", shape=("N", 2))
    nodes = {
        f"n{k}": dataclasses.replace(g.document.nodes[node.id], id=f"n{k}", name=f"a{k}")
        for k in range(1, 10_001)
    }
    before = g.document.with_(nodes=nodes, next_id=20_000)
    after = before.with_nodes([dataclasses.replace(before.nodes["n7"], muted=True)])
    start = time.perf_counter()
    assert len(compare(before, after).differences) == 1
    assert time.perf_counter() - start < 2.0


def test_what_hangs_on_the_same_node_is_paired_in_order_besides_what_is_a_pair_already() -> None:
    def fan(*names: str) -> Document:
        g = Graph()
        x = g.add("Input", name="x")
        for name in names:
            g.add("ReLU", x, name=name)
        return g.document

    found = compare(fan("same", "first", "second"), renumbered(fan("one", "same", "two")))
    assert told(found) == ["~ one: name first → one", "~ two: name second → two"]


def test_a_change_in_the_last_digits_is_told() -> None:
    g = xor()
    before = g.document
    g.configure(lr=before.training.lr + 1e-9)
    (line,) = told(compare(before, g.document))
    assert line.partition(": lr ")[2] == f"{before.training.lr:g} → {g.document.training.lr!r}"


def test_another_group_under_the_same_id_is_another_group() -> None:
    g = Graph()
    x = g.add("Input", name="x")
    first = g.add("ReLU", x, name="first")
    g.add("Tanh", first, name="second")
    empty = g.document
    g.group("first", name="one")
    before = g.document
    other = Graph(empty)
    other.group("second", name="two")
    assert list(before.definitions) == list(other.document.definitions)
    assert {"+ group two", "− group one"} <= set(told(compare(before, other.document)))
