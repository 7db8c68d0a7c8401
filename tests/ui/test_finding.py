"""What a query finds in a document, without a window."""

from __future__ import annotations

import time

import pytest

from graphlab.engine.inference import infer
from graphlab.graph import Document, Edge, Graph, Node
from graphlab.ui.finding import Catalogue, Hunt
from graphlab.ui.queries import parse

WIDE = ["x", "x"]  # the input, and the port inside the encoder that it feeds


@pytest.fixture
def graph() -> Graph:
    """x (N×64) → [encoder: enc1 → [attention: mix → Tanh act]] → out (N×10) → loss; a MatMul that does not fit."""
    made = Graph("found")
    x = made.add("Input", name="x", shape=("N", 64))
    t = made.add("Input", name="t", shape=("N", 10))
    h = made.add("Linear", x, name="enc1", units=32)
    h = made.add("Linear", h, name="mix", units=32)
    h = made.add("Tanh", h, name="act")
    out = made.add("Linear", h, name="out", units=10)
    made.add("MSELoss", out, t, name="loss")
    made.group("enc1", "mix", "act", name="encoder")
    made.inside("encoder").group("mix", "act", name="attention")
    made.add("MatMul", "x", "out", name="bad")
    made.add_note("Remember to freeze\nthe encoder")
    return Graph(made.document)


def catalogue(graph: Graph, **more: object) -> Catalogue:
    return Catalogue(graph.document, infer(graph.document), **more)  # type: ignore[arg-type]


def found(graph: Graph, text: str) -> list[str]:
    return [entry.name for entry in catalogue(graph).search(parse(text))]


def test_names_come_first_those_that_are_it_before_those_that_begin_with_it(graph: Graph) -> None:
    graph.rename("x", "out2")
    graph.rename("t", "layout")
    assert found(graph, "out")[:3] == ["out", "out2", "layout"]


def test_a_word_finds_operations_families_and_other_names(graph: Graph) -> None:
    assert found(graph, "tanh") == ["act"]
    assert set(found(graph, "dense")) == {"enc1", "mix", "out"}
    assert found(graph, "activation") == ["act"]


def test_words_are_all_wanted(graph: Graph) -> None:
    assert found(graph, "linear out") == ["out"]
    assert found(graph, "linear tanh") == []
    assert found(graph, "op:linear -out") == ["enc1", "mix"]


def test_what_is_in_groups_is_found_with_the_way_there(graph: Graph) -> None:
    (entry,) = catalogue(graph).search(parse("act tanh"))
    assert entry.way == "encoder / attention"
    encoder = graph["encoder"].id
    attention = graph.inside("encoder")["attention"].id
    assert entry.path == (encoder, attention)
    assert entry.key == f"{encoder}/{attention}/{entry.id}"


def test_what_is_in_a_shared_group_is_found_once_by_its_first_use(graph: Graph) -> None:
    graph.add_use("g1", (0, 400))
    hits = catalogue(graph).search(parse("enc1"))
    assert [(e.name, e.way) for e in hits] == [("enc1", "encoder")]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("shape:N×64", WIDE),
        ("shape:Nx64", WIDE),
        ("shape:n*64", WIDE),
        ("shape:N,64", WIDE),
        ('shape:"(N, 64)"', WIDE),
        ("shape:64", WIDE),
        ("shape:?×10", ["t", "out"]),
        ("shape:N×10", ["t", "out"]),
        ("shape:scalar", ["loss"]),
        ("shape:()", ["loss"]),
        ("shape:64×N", []),
        ("N×64", WIDE),
        ("shape:N×32 op:Tanh", ["act"]),
    ],
)
def test_shapes_are_found_however_they_are_written(graph: Graph, query: str, names: list[str]) -> None:
    assert found(graph, query) == names


def test_a_plain_number_finds_names_and_sizes(graph: Graph) -> None:
    graph.rename("loss", "loss64")
    assert found(graph, "64") == ["loss64", *WIDE]


def test_flags_are_found_with_is_or_without(graph: Graph) -> None:
    graph.set_flags("encoder", frozen=True)
    graph.inside("encoder").set_flags("enc1", muted=True)
    assert found(graph, "is:frozen") == ["encoder"]
    assert found(graph, "muted") == ["enc1"]
    assert found(graph, "is:muted") == ["enc1"]
    assert found(graph, "is:group") == ["encoder", "attention"]
    assert found(graph, "fault") == ["bad"]
    assert "no is:nonsense" in parse("is:nonsense").mistake


def test_a_word_that_is_a_flag_finds_names_with_it_too(graph: Graph) -> None:
    graph.rename("x", "fault line")
    assert found(graph, "fault") == ["fault line", "bad"]


def test_a_fault_in_another_use_is_found_by_the_way_to_that_use(graph: Graph) -> None:
    five = graph.add("Input", name="five", shape=("N", 5))
    first = graph.inside("encoder").add("MatMul", name="product").id
    inner = graph.inside("encoder")
    inner.connect("enc1", "product.a")
    inner.connect("enc1", "product.b")
    graph.add_use("g1", (0, 500))
    graph.connect(five, "encoder2")
    hits = catalogue(graph).search(parse("is:fault product"))
    assert [e.id for e in hits] == [first]


def test_parameters_are_compared_groups_with_all_inside(graph: Graph) -> None:
    sizes = {"enc1": 64 * 32 + 32, "mix": 32 * 32 + 32, "out": 32 * 10 + 10}
    assert found(graph, "params>2000") == ["encoder", "enc1"]
    assert found(graph, f"params={sizes['out']}") == ["out"]
    assert set(found(graph, "params>=1k")) == {"encoder", "enc1", "attention", "mix"}
    assert "out" in found(graph, "params<0.4k params>0")
    assert "params takes a number" in parse("params>many").mistake


def test_notes_are_found_by_their_text(graph: Graph) -> None:
    assert found(graph, "note:freeze") == ["Remember to freeze"]
    assert found(graph, "the encoder") == ["Remember to freeze"]
    assert found(graph, "is:note") == ["Remember to freeze"]


def test_stops_are_found(graph: Graph) -> None:
    listed = catalogue(graph, stops={graph["out"].id})
    assert [e.name for e in listed.search(parse("is:breakpoint"))] == ["out"]


@pytest.mark.parametrize("unfinished", ["", " ", "op:", "shape:", "params>", '"', "is:"])
def test_an_unfinished_query_finds_nothing_and_is_no_mistake(graph: Graph, unfinished: str) -> None:
    assert found(graph, unfinished) == []
    assert parse(unfinished).mistake == ""


def test_where_nothing_is_found_letters_in_order_will_do(graph: Graph) -> None:
    assert found(graph, "ecdr") == ["encoder"]
    assert found(graph, "zzqq") == []


def test_an_unknown_operation_and_a_broken_shape_are_no_obstacle() -> None:
    graph = Graph(Document("odd", {"n1": Node("n1", "Bogus", "odd")}, next_id=2))
    assert found(graph, "bogus") == ["odd"]
    assert found(graph, "fault") == ["odd"]
    assert found(graph, "shape:××") == []


def test_one_goes_from_hit_to_hit_round_and_round(graph: Graph) -> None:
    hunt = Hunt()
    hunt.look(catalogue(graph), "linear")
    names = [hunt.step(1).name for _ in range(4)]  # type: ignore[union-attr]
    assert names == ["out", "enc1", "mix", "out"]
    assert hunt.step(-1).name == "mix"  # type: ignore[union-attr]
    hunt.look(catalogue(graph), "zzqq")
    assert hunt.step(1) is None


def test_after_an_edit_one_is_where_one_was(graph: Graph) -> None:
    hunt = Hunt()
    hunt.look(catalogue(graph), "linear")
    hunt.step(1)
    hunt.step(1)
    graph.remove("out")
    hunt.look(catalogue(graph), "linear")
    assert (hunt.at, hunt.current.name) == (0, "enc1")  # type: ignore[union-attr]


@pytest.mark.parametrize(("by", "name"), [(1, "mix"), (-1, "out")])
def test_when_the_hit_that_one_is_at_goes_one_goes_on_from_there(graph: Graph, by: int, name: str) -> None:
    hunt = Hunt()
    hunt.look(catalogue(graph), "linear")
    assert hunt.step(1).name == "out"  # type: ignore[union-attr]
    assert hunt.step(1).name == "enc1"  # type: ignore[union-attr]
    graph.inside("encoder").remove("enc1")
    for _ in range(2):  # whoever looks twice meanwhile is where they were, too
        hunt.look(catalogue(graph), "linear")
    assert hunt.current is None
    assert hunt.step(by).name == name  # type: ignore[union-attr]


def test_hits_in_groups_are_told_by_the_group_on_the_sheet(graph: Graph) -> None:
    hunt = Hunt()
    hunt.look(catalogue(graph), "linear")
    assert hunt.here("") == {graph["out"].id}
    assert hunt.deeper(graph.document, "") == {graph["encoder"].id: 2}
    use = graph.add_use("g1", (0, 400))
    assert hunt.deeper(graph.document, "") == {graph["encoder"].id: 2, use.id: 2}


def test_a_search_among_ten_thousand_nodes_is_quick() -> None:
    count = 10_000
    nodes = {f"n{k}": Node(f"n{k}", "Tanh", f"t{k}", {}, (k, 0)) for k in range(1, count)}
    edges = {(f"n{k}", "x"): Edge(f"n{k - 1}", "y", f"n{k}", "x") for k in range(2, count) if k % 100}
    document = Document("large", nodes, edges, next_id=count)
    listed = Catalogue(document, infer(document))
    assert len(listed.entries) == count - 1
    start = time.perf_counter()
    assert len(listed.search(parse("t99"))) > 10
    assert time.perf_counter() - start < 0.5
