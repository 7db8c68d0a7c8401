"""Named views in the document: made, renamed, removed, undone, and kept in files."""

from __future__ import annotations

import pytest

from graphlab.errors import GraphError, NameTakenError, ParamError, UnknownNodeError
from graphlab.graph import Bookmark, Graph, codec
from graphlab.graph.bookmarking import leads_somewhere


@pytest.fixture
def graph() -> Graph:
    """x → [cell: hidden → act] → out"""
    made = Graph("views")
    x = made.add("Input", name="x", shape=("N", 2))
    made.add("Linear", made.add("Tanh", made.add("Linear", x, name="hidden"), name="act"), name="out")
    made.group("hidden", "act", name="cell")
    return Graph(made.document)


def names(graph: Graph) -> list[str]:
    return [b.name for b in graph.document.bookmarks]


def test_a_view_is_named_replaced_in_its_place_and_taken_back(graph: Graph) -> None:
    graph.set_bookmark("start", (10, 20), 0.5)
    graph.set_bookmark("end")
    graph.set_bookmark("start", (30, 40), 2)
    assert names(graph) == ["start", "end"]
    assert graph.document.bookmarks[0] == Bookmark("start", (30.0, 40.0), 2.0)
    graph.undo()
    assert graph.document.bookmarks[0] == Bookmark("start", (10.0, 20.0), 0.5)
    graph.undo()
    graph.undo()
    assert names(graph) == []


def test_renaming_keeps_the_place_and_refuses_a_name_that_is_taken(graph: Graph) -> None:
    graph.set_bookmark("a")
    graph.set_bookmark("b")
    graph.rename_bookmark("a", " first ")
    assert names(graph) == ["first", "b"]
    with pytest.raises(NameTakenError, match="'b' already"):
        graph.rename_bookmark("first", "b")
    graph.rename_bookmark("b", "b")
    assert len(graph.history) == 4  # the start, and three edits


def test_what_is_not_there_cannot_be_removed_or_renamed(graph: Graph) -> None:
    graph.set_bookmark("a")
    for edit in (lambda: graph.remove_bookmark("z"), lambda: graph.rename_bookmark("z", "y")):
        with pytest.raises(UnknownNodeError) as caught:
            edit()
        assert caught.value.hint == "There are: a."
    graph.remove_bookmark("a")
    assert names(graph) == []


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 61])
def test_a_bookmark_needs_a_name_of_one_line(graph: Graph, name: str) -> None:
    before = graph.document
    with pytest.raises(ParamError):
        graph.set_bookmark(name)
    assert graph.document is before


@pytest.mark.parametrize("zoom", [0, -1, float("nan"), float("inf"), "1"])
def test_a_zoom_is_a_number_above_zero(graph: Graph, zoom: float) -> None:
    with pytest.raises(ParamError, match="no zoom"):
        graph.set_bookmark("a", zoom=zoom)


def test_a_view_in_a_group_is_named_by_the_groups_on_the_way(graph: Graph) -> None:
    cell = graph["cell"].id
    graph.set_bookmark("by name", inside=["cell"])
    graph.inside("cell").set_bookmark("from inside")
    assert [b.inside for b in graph.document.bookmarks] == [(cell,), (cell,)]
    with pytest.raises(GraphError, match="out is no group"):
        graph.set_bookmark("a", inside=["out"])
    with pytest.raises(UnknownNodeError):
        graph.set_bookmark("a", inside=["nowhere"])


def test_a_view_whose_group_is_gone_leads_nowhere(graph: Graph) -> None:
    graph.set_bookmark("a", inside=["cell"])
    (bookmark,) = graph.document.bookmarks
    assert leads_somewhere(graph.document, bookmark.inside)
    graph.ungroup("cell")
    assert graph.document.bookmarks == (bookmark,)
    assert not leads_somewhere(graph.document, bookmark.inside)


def test_bookmarks_are_saved_with_the_document(graph: Graph) -> None:
    graph.set_bookmark("a", (1.5, -2), 0.25, inside=["cell"])
    graph.set_bookmark("b")
    again = codec.from_record(codec.to_record(graph.document))
    assert again.bookmarks == graph.document.bookmarks
