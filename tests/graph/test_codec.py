"""The document as JSON: the same bytes for equal documents, and every damage named with its place."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from graphlab.errors import BrokenFileError, VersionError
from graphlab.graph import touched
from graphlab.graph.codec import Reader, from_bytes, from_record, to_bytes, to_record
from tests.graph.random_edits import Editor
from tests.graph.test_graph import xor


def record() -> dict[str, Any]:
    g = xor()
    g.add_note("Try more units.", (10, 20))
    g.add_frame("the hidden layer", "hidden", colour="amber")
    g.configure(lr=0.25, goal="loss")
    return json.loads(to_bytes(g.document))


def test_round_trip_gives_an_equal_document_and_equal_bytes() -> None:
    data = to_bytes(from_record(record()))
    assert to_bytes(from_bytes(data)) == data
    assert from_bytes(data) == from_record(record())


def test_order_of_nodes_and_edges_survives() -> None:
    document = xor().document
    again = from_bytes(to_bytes(document))
    assert list(again.nodes) == list(document.nodes)
    assert list(again.edges) == list(document.edges)


def test_unknown_ops_and_fields_are_kept() -> None:
    raw = record()
    raw["document"]["colour"] = "red"
    raw["document"]["nodes"][2] |= {"op": "FancyLayer", "params": {"heads": [1, {"a": None}]}, "frozen": True}
    raw["document"]["edges"] = [["n1", "y", "n3", "anything"]]
    document = from_record(raw)
    assert not document.nodes["n3"].is_known
    again = to_record(from_bytes(to_bytes(document)))
    assert json.loads(json.dumps(again)) == raw


def test_a_colour_of_a_newer_graphlab_becomes_one_that_is_known() -> None:
    frame = from_record(damaged("document/frames/0/colour", "turquoise")).frames
    assert [f.colour for f in frame.values()] == ["blue"]


def test_newer_versions_are_refused_by_name() -> None:
    with pytest.raises(VersionError, match="version 99"):
        from_record(record() | {"version": 99})


def damaged(path: str, value: Any) -> dict[str, Any]:
    raw = record()
    *parents, last = path.split("/")
    place: Any = raw
    for key in parents:
        place = place[int(key) if key.isdecimal() else key]
    place[int(last) if last.isdecimal() else last] = value
    return raw


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("format", "other", "not a graphlab document"),
        ("version", "1", "version"),
        ("document", 3, "document"),
        ("document/nodes/1/id", "n1", r"nodes\[1\]"),
        ("document/nodes/1/name", "x", r"nodes\[1\]"),
        ("document/nodes/1/name", "a.b", r"nodes\[1\]"),
        ("document/nodes/0/id", 7, r"nodes\[0\].*\$.id"),
        ("document/nodes/0/id", "../../etc", "id"),
        ("document/nodes/2/params", {"units": -4}, r"nodes\[2\].*units"),
        ("document/nodes/2/position", [1e300, 0], r"nodes\[2\]"),
        ("document/nodes/2/position", [1], r"nodes\[2\]"),
        ("document/edges/0", ["n1", "y", "n77", "x"], r"edges\[0\]"),
        ("document/edges/0", ["n1", "nope", "n3", "x"], r"edges\[0\].*nope"),
        ("document/edges/0", ["n5", "y", "n3", "x"], "cycle"),
        ("document/edges/1", ["n1", "y", "n3", "x"], r"edges\[1\].*second"),
        ("document/notes/0/text", 5, r"notes\[0\]"),
        ("document/frames/0/title", 5, r"frames\[0\]"),
        ("document/frames/0/size", [0, 10], r"frames\[0\].*no size"),
        ("document/frames/0/position", [1e300, 0], r"frames\[0\]"),
        ("document/frames/0/id", "t7", "same number"),
        ("document/training/lr", -1, "training.*lr"),
        ("document/training/goal", "n99", "goal"),
        ("document/training/optimizer", 5, "optimizer"),
        ("document/training/schedule", None, "schedule"),
        ("document/training/order", 3, "order"),
        ("document/training/nesterov", 1, "training.*nesterov cannot be 1"),
        ("document/training/clip_norm", -1, "training.*clip_norm"),
        ("document/training/warmup", 0.5, "training.*warmup"),
        ("document/next_id", 2, "next_id"),
    ],
)
def test_damage_is_named_with_its_place(path: str, value: Any, says: str) -> None:
    with pytest.raises(BrokenFileError, match=says):
        from_record(damaged(path, value))


def test_a_document_from_before_there_were_schedules_opens_with_the_settings_it_had() -> None:
    """What the first files held of training; everything newer has a default that changes nothing."""
    old = {
        "goal": "",
        "optimizer": "SGD",
        "lr": 0.25,
        "momentum": 0.5,
        "beta1": 0.9,
        "beta2": 0.999,
        "weight_decay": 0.125,
        "batch_size": 8,
        "epochs": 3,
        "seed": 7,
        "validation": 0.1,
        "test": 0.2,
    }
    training = from_record(damaged("document/training", old)).training
    assert all(getattr(training, name) == value for name, value in old.items())
    assert (training.schedule, training.warmup, training.clip_norm, training.clip_value) == (
        "constant",
        0,
        0,
        0,
    )
    assert not any((training.nesterov, training.amsgrad, training.centered))


def test_what_is_not_json_is_refused() -> None:
    for data in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"null"):
        with pytest.raises(BrokenFileError):
            from_bytes(data)


def test_a_number_beyond_every_float_is_refused_with_its_place() -> None:
    broken = record()
    broken["document"]["training"]["lr"] = 10**400
    with pytest.raises(BrokenFileError, match="training: lr"):
        from_record(broken)


def wide(count: int) -> dict[str, object]:
    """The record of so many nodes with 32 wires each from the same source."""
    nodes = [{"id": "n1", "op": "Input", "name": "x"}]
    nodes += [
        {"id": f"n{i}", "op": "Concat", "name": f"c{i}", "params": {"count": 32}} for i in range(2, count + 2)
    ]
    edges = [["n1", "y", node["id"], f"x{k}"] for node in nodes[1:] for k in range(1, 33)]
    body = {"nodes": nodes, "edges": edges, "next_id": count + 2}
    return {"format": "graphlab", "version": 1, "document": body}


def seconds(count: int) -> float:
    """The least processor time of three readings."""
    record, taken = wide(count), []
    for _ in range(3):
        began = time.process_time()
        assert len(from_record(record).edges) == 32 * count
        taken.append(time.process_time() - began)
    return min(taken)


def test_a_hundred_thousand_edges_take_as_much_longer_as_they_are_more() -> None:
    assert seconds(3200) < 12 * seconds(800), (
        "four times as many; a loop in a loop would take sixteen times as long"
    )


@pytest.mark.parametrize("seed", range(8))
def test_a_reader_gives_equal_documents_that_share_what_stayed(seed: int) -> None:
    editor, reader = Editor(seed), Reader()
    before = reader.read(to_bytes(editor.document))
    for _ in range(40):
        kind = editor.step()
        data = to_bytes(editor.document)
        found = reader.read(data)
        assert to_bytes(found) == data, kind
        assert found == from_bytes(data), kind
        for old, new in ((before.nodes, found.nodes), (before.edges, found.edges)):
            assert touched(old, new) == [key for key in new if key not in old or old[key] != new[key]], kind
        before = found


def test_a_reader_tells_one_from_one_point_nought_and_true() -> None:
    reader = Reader()
    for value in (1, 1.0, True, 1):
        raw = record()
        raw["document"]["nodes"][2] |= {"op": "OfTheFuture", "params": {"value": value}}
        read = reader.read(json.dumps(raw).encode()).nodes["n3"].params["value"]
        assert (read, type(read)) == (value, type(value))


def test_a_reader_goes_on_after_damaged_bytes() -> None:
    reader = Reader()
    first = reader.read(to_bytes(xor().document))
    for damage in (b"{", json.dumps(damaged("document/nodes/2/params", {"units": -4})).encode()):
        with pytest.raises(BrokenFileError):
            reader.read(damage)
    again = reader.read(to_bytes(xor().document))
    assert touched(first.nodes, again.nodes) == []
