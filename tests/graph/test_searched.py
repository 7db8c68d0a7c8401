"""Searches in the document: each edit one undo entry, and they go where their nodes go."""

from __future__ import annotations

import dataclasses
from contextlib import suppress

import pytest

from graphlab.errors import BrokenFileError, GraphlabError, SettingsError
from graphlab.graph import Document, Graph, compare, diff, groups, promoting, rewire
from graphlab.graph.codec import Reader, from_bytes, to_bytes
from graphlab.graph.document import STOPPING
from graphlab.graph.patch import to_bytes as patch
from graphlab.graph.searched import node_at
from graphlab.graph.searching import apply, target_text, targets
from graphlab.graph.spaces import space_text
from graphlab.graph.sweep import Search, Space, Sweep
from graphlab.graph.then import as_then
from tests.graph.random_edits import Grouper


@pytest.fixture
def graph() -> Graph:
    """x (N×4) → hidden → act → out, with two of its params and the learning rate searched."""
    g = Graph("small")
    hidden = g.add("Linear", g.add("Input", name="x", shape=("N", 4)), name="hidden", units=8)
    g.add("Linear", g.add("ReLU", hidden, name="act"), name="out", units=2)
    g.search("hidden.units", "8,16,32")
    g.search("act.op", ["ReLU", "ELU"])
    g.search("lr", "log:1e-4:1e-1")
    return g


def searched(graph: Graph) -> dict[str, str]:
    document = graph.document
    return {target_text(document, each): space_text(each.space) for each in document.sweep.searches}


ALL = {"hidden.units": "8,16,32", "act.op": "ReLU,ELU", "lr": "log:0.0001:0.1"}


def test_a_search_is_one_undo_entry_and_replaces_its_like(graph: Graph) -> None:
    assert searched(graph) == ALL
    before, told = len(graph.history), []
    graph.changed.connect(lambda old, new: told.append(diff(old, new)))
    graph.search("hidden.units", "int:4:64")
    assert list(searched(graph)) == list(ALL)
    assert searched(graph)["hidden.units"] == "int:4:64"
    assert graph.history[before:] == ["Search hidden.units"]
    assert [change.sweep for change in told] == [True]
    assert not told[0].computes_differently
    assert not told[0].training
    graph.undo()
    assert searched(graph) == ALL


def test_no_longer_searched_is_one_undo_entry(graph: Graph) -> None:
    before = len(graph.history)
    graph.unsearch("hidden.units")
    assert list(searched(graph)) == ["act.op", "lr"]
    graph.unsearch("hidden.units")  # nothing to undo in that
    graph.unsearch()
    assert searched(graph) == {}
    assert graph.history[before:] == ["Do not search hidden.units", "Search nothing"]
    graph.undo()
    graph.undo()
    assert searched(graph) == ALL


def test_a_refused_search_leaves_no_entry(graph: Graph) -> None:
    before = graph.document
    for target, space in (("hidden.unitz", "8"), ("hidden.units", "0"), ("lr", "log:0:1"), ("lr", [])):
        with pytest.raises(GraphlabError):
            graph.search(target, space)
    assert graph.document is before


def test_settings_of_the_sweep_are_checked_and_undone(graph: Graph) -> None:
    graph.configure_sweep(trials=100, method="tpe", metric="loss")
    assert (graph.document.sweep.trials, graph.document.sweep.method) == (100, "tpe")
    for wrong in ({"trails": 3}, {"trials": -1}, {"method": "tpa"}, {"metric": 3}, {"searches": ()}):
        with pytest.raises(SettingsError):
            graph.configure_sweep(**wrong)
    graph.undo()
    assert graph.document.sweep.trials == Sweep().trials
    assert searched(graph) == ALL


def test_searches_follow_their_node(graph: Graph) -> None:
    graph.rename("hidden", "first")
    graph.move({"first": (500.0, 40.0)})
    assert list(searched(graph)) == ["first.units", "act.op", "lr"]
    graph.remove("first")
    assert list(searched(graph)) == ["act.op", "lr"]
    graph.undo()
    assert list(searched(graph)) == ["first.units", "act.op", "lr"]


def test_searches_follow_into_a_group_and_out_of_it(graph: Graph) -> None:
    graph.group("hidden", "act", name="body")
    assert searched(graph) == {
        "body/hidden.units": "8,16,32",
        "body/act.op": "ReLU,ELU",
        "lr": "log:0.0001:0.1",
    }
    graph.make_unique("body")
    assert list(searched(graph)) == ["body2/hidden.units", "body2/act.op", "lr"]
    graph.inside("body").group("hidden", name="core")
    assert list(searched(graph)) == ["core/hidden.units", "body2/act.op", "lr"]
    graph.ungroup("body")
    assert list(searched(graph)) == ["core/hidden.units", "act.op", "lr"]
    graph.ungroup("core")
    assert searched(graph) == ALL


def test_what_the_operation_has_no_longer_is_searched_no_longer(graph: Graph) -> None:
    graph.search("act.alpha", "0.5,1")  # of ELU, which is tried there
    graph.replace(rewire.replace(graph.document, graph["hidden"].id, "LayerNorm").document, "Replace")
    assert list(searched(graph)) == ["act.op", "lr", "act.alpha"]
    graph.search("act.op", "ReLU,Tanh")
    assert list(searched(graph)) == ["act.op", "lr"]


def test_inside_a_group_its_nodes_go_by_their_own_names(graph: Graph) -> None:
    graph.group("hidden", "act", name="body")
    inside = graph.inside("body")
    inside.unsearch("hidden.units")
    inside.search("hidden.bias", "true,false")
    inside.search("batch_size", "8,16")
    assert list(searched(graph)) == ["body/act.op", "lr", "body/hidden.bias", "batch_size"]
    graph.remove("body")
    assert list(searched(graph)) == ["lr", "batch_size"]


def test_a_setting_of_a_group_is_searched_while_it_has_it(graph: Graph) -> None:
    graph.group("hidden", name="body")
    inside = graph.inside("body")
    inside.replace(promoting.promote(inside.document, "hidden", "units"), "Show units")
    graph.search("body.units", "int:2:9")
    assert "body.units" in searched(graph)
    inside.replace(promoting.demote(inside.document, "units"), "Hide units")
    assert "body.units" not in searched(graph)


def test_a_group_that_is_tried_lives_without_a_use_and_may_be_renamed(graph: Graph) -> None:
    graph.group("out", name="head")
    definition = str(graph.document.node("head").params["definition"])
    graph.search("hidden.op", "Linear,head")
    graph.remove("head")
    assert definition in graph.document.definitions
    graph.replace(groups.rename_definition(graph.document, definition, "tail"), "Rename")
    assert searched(graph)["hidden.op"] == "Linear,tail"
    graph.unsearch("hidden.op")
    assert graph.document.definitions == {}


def test_searches_are_in_the_file(graph: Graph) -> None:
    graph.group("hidden", name="body")
    graph.configure_sweep(trials=7)
    again = from_bytes(to_bytes(graph.document))
    assert again == graph.document
    reader = Reader()
    reader.read(to_bytes(Document()))
    assert reader.follow(patch(Document(), graph.document)) == graph.document
    assert b"sweep" not in to_bytes(Graph("plain").document)


@pytest.mark.parametrize(
    ("searches", "words"),
    [
        ([Search("n77", "units", Space("list", (1,)))], r"sweep.searches\[0\]: there is no node n77"),
        ([Search("g1/n2", "units", Space("list", (1,)))], "there is no node g1/n2"),
        ([Search("", "lr", Space("list", (1,)))] * 2, "lr is searched twice"),
    ],
)
def test_a_file_that_searches_what_is_not_there_is_refused(
    graph: Graph, searches: list[Search], words: str
) -> None:
    broken = graph.document.with_(sweep=Sweep(tuple(searches)))
    with pytest.raises(BrokenFileError, match=words):
        from_bytes(to_bytes(broken))


def test_a_comparison_says_what_is_searched_differently(graph: Graph) -> None:
    before = graph.document
    graph.rename("hidden", "first")
    graph.search("first.units", "8,16")
    graph.search("first.bias", "true,false")
    graph.unsearch("lr")
    graph.configure_sweep(trials=100)
    found = [str(each) for each in compare(before, graph.document).differences if each.what == "sweep"]
    assert found == [
        "~ search first.units: 8,16,32 → 8,16",
        "+ search first.bias true,false",
        "− search lr log:0.0001:0.1",
        "~ sweep: trials 40 → 100",
    ]
    other = Graph("other")
    other.add("Linear", other.add("Input", name="x", shape=("N", 4)), name="hidden", units=8)
    other.search("hidden.units", "8,16,32")
    assert [each.text for each in compare(other.document, before).differences if each.what == "sweep"] == [
        "search act.op ReLU,ELU",
        "search lr log:0.0001:0.1",
    ]


def test_going_back_in_training_leaves_the_searches_as_they_are(graph: Graph) -> None:
    then = Graph(graph.document)
    then.unsearch()
    then.set("hidden", units=9)
    assert as_then(graph.document, then.document).sweep == graph.document.sweep
    assert set(STOPPING) <= {field.name for field in dataclasses.fields(then.document.training)}


@pytest.mark.parametrize("seed", range(4))
def test_after_any_edits_every_search_is_of_what_is_there(seed: int) -> None:
    editor, most = Grouper(seed), 0
    for step in range(120):
        some = [target for target in targets(editor.document) if target.node]
        if some and step % 3 == 0:
            chosen = editor.chance.choice(some)
            with suppress(GraphlabError):  # no value of an automatic size, say
                editor.graph.search(chosen.text, [chosen.value])
        editor.step()
        found = editor.document.sweep.searches
        most = max(most, len(found))
        assert all(node_at(editor.document, search.node) is not None for search in found)
        assert len({(search.node, search.name) for search in found}) == len(found)
    assert from_bytes(to_bytes(editor.document)).sweep == editor.document.sweep
    assert most > 3
    own = {target.text: target.value for target in targets(editor.document)}
    assert apply(editor.document, own) == editor.document
