"""Names of weights that mean the same in PyTorch and here."""

from __future__ import annotations

import pytest

from graphlab.engine import Plan
from graphlab.graph import Graph
from graphlab.lab.spelling import by_spelling, words_of
from graphlab.lab.transfer import match


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("block1/conv.weight", "block1.conv.weight"),
        ("W.value", "W"),
        ("cell (shared)/ih weight.value", "cell.ih.weight"),
        ("class token.token", "class_token_token"),
        ("layer1/0/conv1.weight", "layer1.n0.conv1.weight"),
        ("conv0.weight", "features.conv0.weight"),
        ("conv.weight", "module.conv.weight"),
    ],
)
def test_the_same_words_are_the_same_name(here, there):
    assert words_of(here) == words_of(there)


def test_names_that_come_to_the_same_are_no_ones():
    assert by_spelling(["h 1.weight", "h-1.weight", "out.weight"], ["h_1.weight", "out.weight"]) == {
        "out.weight": "out.weight"
    }


def test_a_value_by_itself_is_a_word():
    assert words_of("value") == ("value",)


def resnet18_in_torchvision():
    """The names of torchvision.models.resnet18().state_dict(), by its source."""

    def norm(name):
        kinds = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
        return [f"{name}.{kind}" for kind in kinds]

    names = ["conv1.weight", *norm("bn1")]
    for layer in range(1, 5):
        for block in range(2):
            path = f"layer{layer}.{block}"
            names += [
                f"{path}.conv1.weight",
                *norm(f"{path}.bn1"),
                f"{path}.conv2.weight",
                *norm(f"{path}.bn2"),
            ]
            if layer > 1 and block == 0:
                names += [f"{path}.downsample.0.weight", *norm(f"{path}.downsample.1")]
    return [*names, "fc.weight", "fc.bias"]


def test_torchvisions_resnet_goes_into_ours_by_name():
    g = Graph("net")
    g.add_part("resnet-18")
    x = g.add("Input", name="x", shape=("N", 3, 224, 224))
    network = next(node for node in g.document.nodes.values() if node.op == "Group")
    g.connect(x, network.name, network.make().sockets()[0].name)
    plan = Plan(g)
    own = [slot.name for slot in (*plan.parameters.values(), *plan.states.values())]
    found = by_spelling(own, resnet18_in_torchvision())
    assert found.keys() == set(own)
    assert set(found.values()) == set(resnet18_in_torchvision())


def test_a_file_without_counters_of_batches_is_whole():
    """Files of old have none; they change no prediction."""
    own = {"bn.weight": (3,), "bn.num_batches_tracked": ()}
    found = match({"bn.weight": [1.0, 2.0, 3.0]}, own)
    assert found.is_whole
    assert [row.target for row in found.chosen] == ["bn.weight"]
