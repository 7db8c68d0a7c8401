"""`graphlab check`: faults and gradients, for people and for scripts."""

from __future__ import annotations

import pytest

from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import examples

FEW = 3  # rows of a batch: gradients are as right on few as on many, and sequences are long
LARGE = ("resnet-shapes", "textures", "names-gpt", "digits-vit", "adding", "remember", "copy")
MOST = {"unet-shapes": "5"} | dict.fromkeys(LARGE, "20")  # elements of each array that are tried


@pytest.mark.parametrize("name", [e.name for e in examples()])
def test_every_example_passes(call, write, name):
    graph = Graph(load(next(e.path for e in examples() if e.name == name))[0].document)
    graph.configure(batch_size=min(FEW, graph.document.training.batch_size))
    done = call("check", write(graph), "--most", MOST.get(name, "200"))
    assert done.code == 0, done.out
    assert "no faults" in done.out


def test_json_gives_the_error_of_each_parameter(call):
    found = call("check", "xor", "--json").json
    assert found["passed"] is True
    assert found["gradients"].keys() == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}
    assert max(found["gradients"].values()) <= found["tolerance"]


def test_every_fault_is_listed_and_the_exit_code_is_one(call, write):
    g = Graph("faulty")
    g.add("MatMul", g.add("Input", name="x", shape=("N", 3)), name="product")
    g.add("Linear", name="layer")
    done = call("check", write(g))
    assert done.code == 1
    assert [line.split(":")[0] for line in done.out.splitlines()[:2]] == ["product.b", "layer.x"]
    assert call("check", write(g), "--json").json["passed"] is False


def test_inputs_that_nobody_feeds_get_numbers(call, write):
    g = Graph("unfed")
    x = g.add("Input", name="x", shape=("N", 3))
    classes = g.add("Input", name="target", shape=("N",), dtype="int")
    g.add("CrossEntropyLoss", g.add("Linear", x, name="layer", units=4), classes, name="loss")
    found = call("check", write(g), "--json").json
    assert found["passed"] is True
    assert found["gradients"].keys() == {"layer.weight", "layer.bias"}


def test_what_is_fed_decides_the_size_of_the_rest(call, write):
    g = Graph("half fed")
    x = g.add("Input", name="x", shape=("N", 1))
    t = g.add("Input", name="target", shape=("N", 1))
    g.add("MSELoss", g.add("Linear", x, units=1), t)
    assert call("check", write(g), "--feed", "x=[[1], [2], [3]]").code == 0


def test_a_wrong_gradient_is_told_and_the_exit_code_is_one(call, monkeypatch):
    from graphlab.ops import get

    right = get("Tanh").backward

    def wrong(self, ctx, dy, *, x, y, dx):
        right(self, ctx, dy, x=x, y=y, dx=dx)
        if dx is not None:
            dx *= 1.01

    monkeypatch.setattr(get("Tanh"), "backward", wrong)
    done = call("check", "xor")
    assert done.code == 1
    assert "2 gradients differ" in done.out
    assert [line.split()[0] for line in done.out.splitlines() if line.rstrip().endswith("wrong")] == [
        "hidden.weight",
        "hidden.bias",
    ]


def test_gradients_of_one_element_are_checked(call):
    found = call("check", "xor", "--goal", "tanh[1,0]", "--json").json
    assert found["passed"]
    assert set(found["gradients"]) == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}


def test_chosen_nodes_are_checked_and_inputs_when_asked_for(call):
    found = call("check", "xor", "--nodes", "out, hidden", "--json").json
    assert found["gradients"].keys() == {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}
    found = call("check", "xor", "--nodes", "out", "--json").json
    assert found["gradients"].keys() == {"out.weight", "out.bias"}
    assert "xor.x" in call("check", "xor", "--inputs", "--json").json["gradients"]
    done = call("check", "xor", "--nodes", "tanh")
    assert done.code == 0
    assert "tanh.x handed back" in done.out
    assert call("check", "xor", "--nodes", "nobody").code != 0
