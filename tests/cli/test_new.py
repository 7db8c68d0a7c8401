"""`graphlab new` and `graphlab templates`."""

from __future__ import annotations

from graphlab.io import load
from graphlab.io.templates import keep, templates
from tests.graph.test_graph import xor


def test_every_template_is_listed(call):
    done = call("templates")
    assert done.code == 0
    for each in templates():
        assert each.title in done.out


def test_json_lists_ones_own_too(call):
    keep(xor().document, "my own")
    found = call("templates", "--json").json
    assert found[-1] == {"name": "my own", "title": "my own", "description": "Your own.", "own": True}
    assert not found[0]["own"]


def test_a_new_file_is_made_of_a_template(call, tmp_path):
    assert call("new", "--template", "cnn", "mine").out == "Wrote mine.graphlab.\n"
    graph, weights = load(tmp_path / "mine.graphlab")
    assert graph.document.name == "mine"
    assert "conv" in graph
    assert weights == {}
    assert call("check", "mine.graphlab").code == 0


def test_a_new_file_is_made_of_a_large_network(call, tmp_path):
    assert call("new", "--template", "resnet-50", "mine").out == "Wrote mine.graphlab.\n"
    assert "net" in load(tmp_path / "mine.graphlab")[0]
    assert "Did you mean resnet-50?" in call("new", "--template", "resnet50", "other").complaint


def test_an_example_comes_with_what_it_has_learnt(call, tmp_path):
    assert "Wrote mine.graphlab: 9" in call("new", "--trained", "digits-mlp", "mine").out
    end = call(
        "train", "mine.graphlab", "--continue", "--epochs", 1, "--lr", 1e-9, "--test", "--json"
    ).json_lines[-1]
    assert end["test"]["accuracy"] > 0.95
    assert "There are spirals, digits-mlp, " in call("new", "--trained", "nix", "other").complaint


def test_without_a_template_it_is_blank(call, tmp_path):
    call("new", "mine.json")
    assert not load(tmp_path / "mine.json")[0].document.nodes


def test_a_file_that_is_there_is_written_over_only_by_force(call, tmp_path):
    call("new", "mine")
    assert "is there already" in call("new", "mine", "--template", "cnn").complaint
    assert call("new", "mine", "--template", "cnn", "--force").code == 0
    assert load(tmp_path / "mine.graphlab")[0].document.nodes


def test_an_unknown_template_is_told_with_the_nearest(call):
    assert "Did you mean cnn?" in call("new", "x", "--template", "cn").complaint
