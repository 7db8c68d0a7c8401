"""Spaces to begin with: around the value that is there, and taken by what is to be searched."""

from __future__ import annotations

from functools import cache

import pytest

from graphlab.graph import Document, Graph
from graphlab.graph.searching import fitted
from graphlab.graph.spaces import parse_space, space_text
from graphlab.graph.suggesting import as_kind, kin, kinds_of, suggestion
from graphlab.graph.targets import end_of, target_of, targets
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.ops import known


@cache
def document(name: str) -> Document:
    return load(example(name).path)[0].document


@pytest.mark.parametrize("name", ["digits-cnn", "names-lstm", "digits-vit", "autoencoder"])
def test_every_suggestion_is_taken_and_holds_the_present_value_of_a_list(name: str) -> None:
    whole = document(name)
    for target in targets(whole):
        space = suggestion(whole, target)
        assert fitted(whole, target, space) == space, target.text
        assert space.kind in kinds_of(target), target.text
        if space.kind == "list" and isinstance(target.value, (int, float)):
            assert target.value in space.values, target.text


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("conv1.out_channels", "4,8,16,32,64"),
        ("conv1.kernel_size", "1,3,5,7"),
        ("conv1.bias", "true,false"),
        ("dropout.p", "0:0.5"),
        ("pool1.op", "MaxPool2d,AvgPool2d"),
        ("relu1.op", "ReLU,Tanh,GELU,LeakyReLU"),
        ("relu1.copies", "int:0:3"),
        ("lr", "log:0.001:0.1"),
        ("momentum", "0:0.99"),
        ("batch_size", "8,16,32,64,128"),
        ("seed", "0,1,2"),
        ("rows", "0.1,0.2,0.5,1.0"),
    ],
)
def test_it_is_what_one_would_try(text: str, space: str) -> None:
    whole = document("digits-cnn")
    found = target_of(whole, *end_of(whole, text))
    assert space_text(suggestion(whole, found)) == space


def test_kin_fit_where_the_node_stands() -> None:
    whole = document("digits-cnn")
    found = kin(whole, whole.node("relu1").id)
    assert found[0] == "ReLU"
    assert {"Tanh", "GELU", "LeakyReLU"} <= set(found)
    assert all(known(name) for name in found)
    assert "Input" not in found


def test_kin_of_a_group_are_groups_with_as_many_sockets_but_none_that_holds_it() -> None:
    whole = document("digits-vit")
    block = whole.node("block1")
    assert "MLP" in kin(whole, block.id)
    definition = str(block.params["definition"])
    inside = whole.definitions[definition].node("mlp")
    names = kin(whole, f"{definition}/{inside.id}")
    assert names[0] == "MLP"
    assert whole.definitions[definition].name not in names


def test_a_cell_may_be_another_cell() -> None:
    g = Graph("cells")
    g.add_layer("gru-cell", g.add("Input", name="x", shape=("N", 6, 3)), hidden=9, steps=6)
    node = next(node for node in g.document.nodes.values() if node.op == "Unroll")
    assert {"GRU cell", "elman-cell", "mgu-cell"} <= set(kin(g.document, node.id))


@pytest.mark.parametrize(
    ("text", "kind", "other"),
    [
        ("8,16,64", "integer", "int:8:64"),
        ("8,16,64", "range", "8:64"),
        ("int:1:4", "list", "1,2,3,4"),
        ("int:0:100", "list", "0,25,50,75,100"),
        ("log:0.0001:0.1", "list", "0.0001,0.001,0.01,0.1"),
        ("0:1", "log", "log:0.001:1"),
        ("log:0.01:1", "range", "0.01:1"),
        ("0:1", "list", "0.0,0.25,0.5,0.75,1.0"),
        ("0.5", "log", "log:0.5:0.5"),
    ],
)
def test_one_kind_of_space_becomes_another_of_about_the_same_numbers(
    text: str, kind: str, other: str
) -> None:
    assert space_text(as_kind(parse_space(text), kind)) == other
