"""`graphlab show`."""

from __future__ import annotations

import pytest

from graphlab.graph import Graph
from graphlab.io import load, save
from graphlab.io.examples import example, examples


@pytest.mark.parametrize("name", [e.name for e in examples()])
def test_every_example_can_be_shown(call, name):
    done = call("show", name)
    assert done.code == 0
    assert "no faults" in done.out
    assert done.err == ""


def test_nodes_come_with_ops_shapes_and_parameter_counts(call):
    lines = [line.split() for line in call("show", "xor").out.splitlines()]
    assert ["2", "hidden", "Linear", "xor.x", "N×8", "24"] in lines
    assert ["5", "loss", "BCEWithLogitsLoss", "out,", "xor.target", "scalar"] in lines


def test_json_holds_everything(call):
    found = call("show", "digits-cnn", "--json").json
    nodes = {node["name"]: node for node in found["nodes"]}
    assert found["parameters"] == 6090
    assert found["goal"] == "loss"
    assert found["problems"] == []
    assert nodes["conv1"]["outputs"] == {"y": ["N", 16, 8, 8]}
    assert nodes["conv1"]["learnable"] == {"weight": [16, 1, 3, 3], "bias": [16]}
    assert nodes["conv1"]["parameters"] == 160
    assert nodes["loss"]["inputs"] == {"input": "out.y", "target": "digits.target"}
    assert found["training"]["lr"] == 0.01


def test_faults_are_shown_with_what_to_try_and_are_no_bad_input(call, write):
    g = Graph("faulty")
    x = g.add("Input", name="x", shape=("N", 3))
    g.add("MatMul", x, name="product")
    g.add("Linear", name="layer")
    done = call("show", write(g))
    assert done.code == 0
    words = " ".join(done.out.split())
    assert "b is not connected. Drag a wire to it." in words
    assert "2 faults" in words
    problems = call("show", write(g), "--json").json["problems"]
    assert [(p["node"], p["socket"]) for p in problems] == [("product", "b"), ("layer", "x")]


def test_a_plain_json_document_can_be_shown(call, write):
    g = Graph("plain")
    g.add("Input", name="x", shape=("N", 2))
    assert "plain: 1 node, 0 wires" in call("show", write(g, "plain.json")).out


def test_a_param_can_be_set_on_the_way(call):
    found = call("show", "xor", "--set", "hidden.units=16", "--json").json
    assert found["parameters"] == 16 * 3 + 17


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "no.graphlab"], "There is no file 'no.graphlab'."),
        (["show", "digit-cnn"], "There is no file or example 'digit-cnn'. Did you mean digits-cnn?"),
        (["show"], "Missing argument 'FILE|EXAMPLE'. See graphlab show --help."),
        (["show", "xor", "--sett"], "No such option '--sett'"),
        (["show", "xor", "--set", "hidden.unit=4"], "Linear has no param 'unit'. Did you mean units?"),
        (["show", "xor", "--set", "hiden.units=4"], "There is no node 'hiden'. Did you mean 'hidden'?"),
        (["show", "xor", "--set", "hidden.units=many"], "Linear.units cannot be 'many'."),
        (["show", "xor", "--set", "hidden"], "--set hidden is not of the form NAME=VALUE."),
        (["show", "xor", "--set", "hidden=4"], "--set hidden=4 names no param."),
        (["shw", "xor"], "There is no command, file or example 'shw'. Did you mean show?"),
        (["nothing-like-it"], "There is no file or example 'nothing-like-it'."),
    ],
)
def test_bad_input_is_one_line_that_says_what_to_try(call, words, says):
    assert says in call(*words).complaint


def test_a_folder_and_a_broken_file_are_refused(call, tmp_path):
    assert str(tmp_path) in call("show", tmp_path).complaint
    broken = tmp_path / "broken.graphlab"
    broken.write_bytes(b'{"format": "graphlab", "version": 1, "document": {"nodes": [')
    assert call("show", broken).complaint


def test_long_names_of_groups_within_groups_leave_room_for_ops_and_shapes(call, write):
    g = Graph("deep")
    x = g.add("Input", name="x", shape=("N", 3))
    long = "a name of a block that takes up half of the terminal"
    g.add("Linear", g.add("Linear", x, name=f"{long} 1", units=4), name=f"{long} 2", units=5)
    out = call("show", write(g)).out
    assert "Linear" in out
    assert "N×5" in out
    assert out.count("terminal 2") + out.count("terminal 1") == 3  # names at their nodes, and one as a source
    assert "…" not in out


def test_what_is_searched_is_told(call, tmp_path):
    graph, _ = load(example("digits-mlp").path)
    graph.search("hidden.units", "8,16,32")
    graph.search("lr", "log:1e-4:1e-1")
    graph.configure_sweep(seeds=3, method="tpe")
    save(graph, tmp_path / "searched.graphlab")
    said = " ".join(call("show", str(tmp_path / "searched.graphlab")).out.split())
    assert "Searched: hidden.units=8,16,32, lr=log:0.0001:0.1. By tpe: 40 trials, 3 seeds." in said
    told = call("show", str(tmp_path / "searched.graphlab"), "--json").json
    assert told["searches"] == {"hidden.units": "8,16,32", "lr": "log:0.0001:0.1"}
    assert told["sweep"]["seeds"] == 3
    assert "Searched" not in call("show", "digits-mlp").out
