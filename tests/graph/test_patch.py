"""A change told as a small record makes of the one document the other, to the order of everything in it."""

from __future__ import annotations

import json

import pytest

from graphlab.errors import BrokenFileError
from graphlab.graph import Document, Graph, patch, touched
from graphlab.graph.codec import Reader, from_bytes, to_bytes
from tests.graph.random_edits import Editor, Grouper
from tests.graph.test_graph import xor


def require_same(found: Document, wanted: Document, kind: str = "") -> None:
    """The same value, in the same order, with the same indexes as if it had been read whole."""
    assert to_bytes(found) == to_bytes(wanted), kind
    fresh = from_bytes(to_bytes(wanted))
    assert found == fresh, kind
    for node in fresh.nodes:
        assert list(found.inputs_of(node).items()) == list(fresh.inputs_of(node).items()), kind
        assert found.consumers(node) == fresh.consumers(node), kind
    assert dict(found.ids_by_name) == dict(fresh.ids_by_name), kind


@pytest.mark.parametrize("seed", range(12))
def test_random_edits_are_followed_one_by_one(seed: int) -> None:
    editor = (Editor, Grouper)[seed % 2](seed)
    sent, reader = editor.document, Reader()
    reader.read(to_bytes(sent))
    for _ in range(60):
        kind = editor.step()
        found = reader.follow(patch.to_bytes(sent, editor.document))
        sent = editor.document
        require_same(found, sent, kind)


@pytest.mark.parametrize("seed", range(6))
def test_many_edits_are_followed_at_once_and_whole_documents_in_between(seed: int) -> None:
    editor, reader = Grouper(seed), Reader()
    sent = editor.document
    reader.read(to_bytes(sent))
    for round_ in range(8):
        for _ in range(7):
            editor.step()
        whole = round_ % 3 == 2
        data = to_bytes(editor.document) if whole else patch.to_bytes(sent, editor.document)
        found = (reader.read if whole else reader.follow)(data)
        sent = editor.document
        require_same(found, sent)


def test_what_an_edit_leaves_alone_is_the_same_object() -> None:
    graph, reader = xor(), Reader()
    before = reader.read(to_bytes(graph.document))
    sent = graph.document
    graph.set("hidden", units=5)
    after = reader.follow(patch.to_bytes(sent, graph.document))
    assert touched(before.nodes, after.nodes) == [graph["hidden"].id]
    assert after.edges == before.edges
    assert touched(before.edges, after.edges) == []


def test_an_edit_of_a_large_document_is_told_in_few_bytes() -> None:
    graph = Graph()
    with graph.edit("many"):
        for k in range(600):
            graph.add("Tanh", name=f"t{k}x", position=(0, 9.0 * k))
    sent = graph.document
    graph.connect("t1x", "t2x")
    graph.rename("t5x", "five")
    assert len(patch.to_bytes(sent, graph.document)) < 1500
    assert len(to_bytes(graph.document)) > 60_000


@pytest.mark.parametrize(
    "change", [{"cut": [["n1", "nowhere"]]}, {"gone": ["n99"]}, {"nodes": [{"id": "n1"}]}]
)
def test_a_change_of_another_document_is_refused(change: dict[str, object]) -> None:
    document = xor().document
    good = json.loads(patch.to_bytes(document, document))
    with pytest.raises(BrokenFileError, match=r"no change of this document|damaged at"):
        patch.apply(document, json.dumps(good | change).encode())


@pytest.mark.parametrize("data", [b"{", b"{}", b"[]", b"7"])
def test_bytes_that_tell_of_no_change_are_refused(data: bytes) -> None:
    with pytest.raises(BrokenFileError):
        patch.apply(xor().document, data)
