"""What can be searched, what a search means, and what its values make of a document."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from graphlab.engine import infer
from graphlab.errors import GraphlabError, ParamError, SettingsError, UnknownNodeError, UnknownOpError
from graphlab.graph import Document, Graph
from graphlab.graph.groups import settings_of
from graphlab.graph.searching import apply, fault, read_search, search_of, target_text, targets
from graphlab.graph.spaces import space_text
from graphlab.graph.sweep import Space
from graphlab.io import load
from graphlab.io.examples import example, examples


@cache
def document(name: str = "digits-mlp") -> Document:
    return load(example(name).path)[0].document


@pytest.fixture
def graph() -> Graph:
    """x (N×4) → hidden → act → out → loss."""
    g = Graph("small")
    x = g.add("Input", name="x", shape=("N", 4))
    hidden = g.add("Linear", x, name="hidden", units=8)
    act = g.add("LeakyReLU", hidden, name="act", negative_slope=0.2)
    out = g.add("Linear", act, name="out", units=2)
    g.add("MSELoss", out, name="loss", target=g.add("Input", name="t", shape=("N", 2)))
    return g


def ops(document: Document) -> dict[str, str]:
    return {node.name: node.op for node in document.nodes.values()}


def wires(document: Document) -> set[str]:
    names = {i: node.name for i, node in document.nodes.items()}
    return {f"{names[e.source]} → {names[e.target]}.{e.input}" for e in document.edges.values()}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("hidden.units=8,16,32", "8,16,32"),
        ("hidden.units=8:64", "int:8:64"),
        ("hidden.units=log:4:256", "intlog:4:256"),
        ("hidden.bias=on,off", "true,false"),
        ("hidden.copies=0:4", "int:0:4"),
        ("relu.op=ReLU,Tanh,GELU", "ReLU,Tanh,GELU"),
        ("lr=log:1e-4:1e-1", "log:0.0001:0.1"),
        ("training.lr=0.1,1", "0.1,1.0"),
        ("weight_decay=0:0.1", "0:0.1"),
        ("batch_size=int:8:64:8", "int:8:64:8"),
        ("optimizer=SGD,Adam", "SGD,Adam"),
        ("nesterov=true,false", "true,false"),
        ("seed=0,1,2", "0,1,2"),
        ("rows=0.1,0.3,1", "0.1,0.3,1.0"),
    ],
)
def test_a_text_says_what_is_searched_in_which_space(text: str, written: str) -> None:
    found = read_search(document(), text)
    assert target_text(document(), found) == text.partition("=")[0].removeprefix("training.")
    assert space_text(found.space) == written
    assert fault(document(), found) == ""


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("hidden.unitz=8", ParamError, "Did you mean hidden.units?"),
        ("hiden.units=8", UnknownNodeError, "Did you mean 'hidden'?"),
        ("unitz=8", SettingsError, "Did you mean hidden.units?"),
        ("learning_rate=8", SettingsError, "Did you mean lr?"),
        ("Learning rate=8", SettingsError, "Did you mean lr?"),
        ("l2=0:1", SettingsError, "Did you mean weight_decay?"),
        ("batch=8", SettingsError, "Did you mean batch_size?"),
        ("zzzz=8", SettingsError, "There is no training setting"),
        ("momentun=0:1", SettingsError, "Did you mean momentum?"),
        ("hidden=8", SettingsError, "Write hidden.units"),
        ("hidden.units=", SettingsError, "empty"),
        ("hidden.units", SettingsError, "hidden.units=8,16,32"),
        ("hidden.units=0,8", ParamError, "hidden.units cannot be 0. It takes a whole number from 1"),
        ("hidden.units=int:0:8", ParamError, "hidden.units cannot be 0"),
        ("hidden.units=0.5:8", SettingsError, "whole numbers"),
        ("hidden.units=ReLU", ParamError, "hidden.units cannot be ReLU"),
        ("hidden.bias=0:1", SettingsError, "is no number"),
        ("relu.op=0:1", SettingsError, "is no number"),
        ("relu.op=ReLU,Tanhh", UnknownOpError, "Did you mean Tanh?"),
        ("relu.op=Input", GraphlabError, "it has no place for the wire hidden.y → relu.x"),
        ("digits.op=Input", ParamError, "what the network is fed by"),
        ("loss.copies=1,2", GraphlabError, "it is what training makes small"),
        ("digits.copies=1,2", GraphlabError, "nothing is wired to it"),
        ("hidden.copies=1,1000", ParamError, "hidden.copies cannot be 1000"),
        ("optimizer=SGD,Adm", SettingsError, "optimizer cannot be Adm. It takes one of SGD, Adam"),
        ("lr=log:0:1", SettingsError, "cannot reach 0"),
        ("lr=0:1", SettingsError, "lr cannot be 0"),
        ("rows=0.5,2", SettingsError, "rows cannot be 2"),
        ("seed=-1", SettingsError, "seed cannot be -1"),
        ("goal=n1", SettingsError, "goal cannot be searched: it says what is learnt"),
        ("validation=0.1,0.2", SettingsError, "the same held-out rows"),
        ("Encoder/conv.units=8", UnknownNodeError, "There is no group 'Encoder'"),
    ],
)
def test_what_cannot_be_searched_is_refused_with_what_to_try(
    text: str, error: type[GraphlabError], words: str
) -> None:
    with pytest.raises(error) as refusal:
        read_search(document(), text)
    assert words in str(refusal.value)
    assert refusal.value.hint


def test_values_go_where_their_texts_say(graph: Graph) -> None:
    values = {"hidden.units": 16, "lr": 0.5, "optimizer": "SGD", "hidden.bias": False}
    after = apply(graph.document, values)
    assert after.node("hidden").make().params["units"] == 16
    assert after.node("hidden").make().params["bias"] is False
    assert (after.training.lr, after.training.optimizer) == (0.5, "SGD")
    assert wires(after) == wires(graph.document)


def test_seed_and_rows_are_checked_and_leave_the_document_as_it_is(graph: Graph) -> None:
    assert apply(graph.document, {"seed": 7, "rows": 0.5}) == graph.document
    with pytest.raises(SettingsError, match="rows cannot be 0"):
        apply(graph.document, {"rows": 0})


@pytest.mark.parametrize("name", [each.name for each in examples()])
def test_its_own_values_give_the_same_network(name: str) -> None:
    own = {target.text: target.value for target in targets(document(name))}
    assert len(own) > 30
    assert apply(document(name), own) == document(name)


def test_an_operation_takes_the_place_of_another_with_wires_and_params_of_like_name(graph: Graph) -> None:
    graph.search("act.op", "LeakyReLU,ReLU,ELU")
    graph.search("act.alpha", "0.5,1.5")
    after = apply(graph.document, {"act.op": "ELU", "act.alpha": 1.5})
    assert ops(after)["act"] == "ELU"
    assert after.node("act").make().params["alpha"] == 1.5
    assert wires(after) == wires(graph.document)
    assert not infer(after).problems
    relu = apply(graph.document, {"act.op": "ReLU", "act.alpha": 1.5})
    assert ops(relu)["act"] == "ReLU"  # it has no alpha, so that is passed over
    same = apply(graph.document, {"act.op": "LeakyReLU", "act.alpha": 0.5})
    assert same.node("act").params == {"negative_slope": 0.2}


def test_a_part_or_a_group_takes_the_place_of_an_operation_and_back(graph: Graph) -> None:
    graph.group("out", name="head")
    found = search_of(graph.document, "hidden.op", ["Linear", "transformer-mlp", "head"])
    assert found.space.values == ("Linear", "transformer-mlp", "head")
    as_part = apply(graph.document, {"hidden.op": "transformer-mlp", "act.op": "Tanh"})
    assert ops(as_part)["hidden"] == "Group"
    assert "MLP" in [each.name for each in as_part.definitions.values()]
    as_group = apply(graph.document, {"hidden.op": "head"})
    assert as_group.node("hidden").params["definition"] == graph.document.node("head").params["definition"]
    assert wires(as_group) == wires(graph.document)
    assert ops(apply(as_group, {"hidden.op": "Linear"}))["hidden"] == "Linear"


def test_a_cell_becomes_another_cell_with_its_settings() -> None:
    g = Graph("cells")
    x = g.add("Input", name="x", shape=("N", 6, 3))
    layer = g.add_layer("lstm-cell", x, hidden=9, steps=6, outputs_as="last")
    after = apply(g.document, {"LSTM.op": "gru-cell", "LSTM.hidden": 5})
    node = after.nodes[layer.id]
    assert node.op == "Unroll"
    assert settings_of(after, node) == {"hidden": 5}
    assert [each.name for each in after.definitions.values() if each.name.startswith("GRU")] == ["GRU cell"]
    assert not infer(after).problems


def test_settings_of_a_group_that_fit_together_only_are_set_together() -> None:
    g = Graph("widths")
    x = g.add("Input", name="x", shape=("N", 6, 30))
    node = g.add_part("self-attention", x, width=32, heads=4)
    after = apply(g.document, {f"{node.name}.width": 30, f"{node.name}.heads": 3})
    settings = settings_of(after, after.nodes[node.id])
    assert (settings["width"], settings["heads"]) == (30, 3)


def test_a_node_stands_in_a_row_as_often_as_said(graph: Graph) -> None:
    after = apply(graph.document, {"hidden.copies": 3, "hidden.units": 6})
    assert wires(after) >= {
        "x → hidden.x",
        "hidden → hidden2.x",
        "hidden2 → hidden3.x",
        "hidden3 → act.x",
    }
    assert [after.node(n).make().params["units"] for n in ("hidden", "hidden2", "hidden3")] == [6, 6, 6]
    found = infer(after)
    assert not found.problems
    assert found.total_parameters == (4 * 6 + 6) + 2 * (6 * 6 + 6) + (6 * 2 + 2)
    places = [after.node(n).position[0] for n in ("hidden", "hidden2", "hidden3", "act")]
    assert places == sorted(places)
    assert len(set(places)) == 4


def test_what_stands_there_no_time_is_passed_through(graph: Graph) -> None:
    after = apply(graph.document, {"act.copies": 0})
    assert after.node("act").muted
    assert not infer(after).problems
    assert not apply(after, {"act.copies": 1}).node("act").muted
    assert apply(graph.document, {"act.copies": 1}) == graph.document


def test_copies_take_what_else_fed_the_first_and_give_all_that_it_gave() -> None:
    g = Graph("mix")
    x, w = g.add("Input", name="x", shape=("N", 4)), g.add("Parameter", name="w", shape=(4, 4))
    product = g.add("MatMul", x, w, name="product")
    g.add("Tanh", product, name="a")
    g.add("ReLU", product, name="b")
    after = apply(g.document, {"product.copies": 2})
    assert wires(after) == {
        "x → product.a",
        "w → product.b",
        "product → product2.a",
        "w → product2.b",
        "product2 → a.x",
        "product2 → b.x",
    }


def test_a_node_inside_a_group_is_searched_in_all_its_uses(graph: Graph) -> None:
    graph.group("hidden", "act", name="body")
    graph.add_use(graph.document.node("body").params["definition"])
    graph.connect("x", "body2")
    inside = graph.search("body/hidden.units", "4,8")
    assert inside.node.startswith("g")
    assert search_of(graph.document, "body2/hidden.units", "4,8") == inside
    assert target_text(graph.document, inside) == "body/hidden.units"
    after = apply(graph.document, {"body/hidden.units": 4, "body/act.op": "Tanh", "body/hidden.copies": 2})
    inner = next(iter(after.definitions.values()))
    assert ops(inner)["act"] == "Tanh"
    assert {"hidden", "hidden2"} <= set(ops(inner))
    assert infer(after).total_parameters == 2 * ((4 * 4 + 4) + (4 * 4 + 4)) + (4 * 2 + 2)
    with pytest.raises(UnknownNodeError, match="There is no node 'hiden' in body"):
        search_of(graph.document, "body/hiden.units", "4")
    with pytest.raises(UnknownNodeError, match="Did you mean body"):
        search_of(graph.document, "bdoy/hidden.units", "4")


def test_groups_of_one_name_are_told_apart_by_their_ids(graph: Graph) -> None:
    graph.group("hidden", name="body")
    graph.group("out", name="body")
    found = graph.search("g2/out.units", "4,8")
    assert target_text(graph.document, found) == "g2/out.units"
    assert search_of(graph.document, target_text(graph.document, found), "4,8") == found


def test_names_may_hold_equals_signs(graph: Graph) -> None:
    graph.rename("hidden", "h=2")
    found = read_search(graph.document, "h=2.units=8,16")
    assert found.space == Space("list", (8, 16))
    assert target_text(graph.document, found) == "h=2.units"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"hidden.units": 0}, "hidden.units cannot be 0"),
        ({"hidden.nothing": 1}, "has nothing 'nothing' to search"),
        ({"nothing": 1}, "There is no training setting"),
        ({"lr": "fast"}, "lr cannot be fast"),
        ({"hidden.copies": 1.5}, "hidden.copies cannot be 1.5"),
        ({"hidden.copies": 2, "act.op": "Nothing"}, "There is no operation, group or part"),
    ],
)
def test_impossible_values_are_refused(graph: Graph, values: dict[str, Any], words: str) -> None:
    with pytest.raises(GraphlabError) as refusal:
        apply(graph.document, values)
    assert words in str(refusal.value)


def test_sizes_along_several_axes_are_one_value() -> None:
    g = Graph("kernel")
    g.add("Conv2d", g.add("Input", name="x", shape=("N", 1, 9, 9)), name="conv")
    found = search_of(g.document, "conv.kernel_size", "3,5,(3, 5)")
    assert space_text(found.space) == "3,5,(3, 5)"
    after = apply(g.document, {"conv.kernel_size": found.space.values[2]})
    assert after.node("conv").make().params["kernel_size"] == (3, 5)
