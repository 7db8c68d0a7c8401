"""Saving and loading: nothing lost, the same bytes for the same graph, unknown things kept."""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
import zipfile

import numpy as np
import pytest

from graphlab.errors import BrokenFileError, FileError, SaveError, VersionError
from graphlab.graph import Graph
from graphlab.io import from_bytes, load, read_preview, save, to_bytes

WEIGHTS = {"hidden.weight": np.arange(6, dtype=np.float32).reshape(3, 2), "hidden.bias": np.ones(3)}


@pytest.fixture
def graph():
    g = Graph("xor")
    x = g.add("Input", name="x", shape=("N", 2))
    t = g.add("Input", name="target", shape=("N", 1))
    h = g.add("Tanh", g.add("Linear", x, name="hidden", units=3))
    g.add("MSELoss", g.add("Linear", h, name="out", units=1), t, name="loss")
    g.add_note("Try 2 units.", (10, 20), (200, 80))
    return g


@pytest.mark.parametrize("name", ["a.graphlab", "a.json", "no suffix", "ü ñ.graphlab"])
def test_a_graph_comes_back_equal(graph, tmp_path, name):
    save(graph, tmp_path / name)
    again, weights = load(tmp_path / name)
    assert again.document == graph.document
    assert weights == {}
    assert again.is_saved


def test_weights_come_back_exactly_in_their_dtype(graph, tmp_path):
    save(graph, tmp_path / "a.graphlab", weights=WEIGHTS)
    _, weights = load(str(tmp_path / "a.graphlab"))
    assert list(weights) == sorted(WEIGHTS)
    for name, array in weights.items():
        np.testing.assert_array_equal(array, WEIGHTS[name])
        assert array.dtype == WEIGHTS[name].dtype
        array += 1  # writable


def test_a_run_can_be_given_for_its_weights(graph, tmp_path):
    class Run:
        weights = WEIGHTS

    save(graph.document, tmp_path / "a.graphlab", weights=Run())
    assert set(load(tmp_path / "a.graphlab")[1]) == set(WEIGHTS)


def test_weights_that_are_no_numbers_are_refused_before_anything_is_written(graph, tmp_path):
    with pytest.raises(SaveError, match=r"weights w cannot be saved"):
        save(graph, tmp_path / "a.graphlab", weights={"w": ["a", "b"]})
    assert list(tmp_path.iterdir()) == []


def test_the_same_graph_gives_the_same_bytes(graph, tmp_path):
    for name in "ab":
        save(graph, tmp_path / f"{name}.graphlab", weights=dict(reversed(WEIGHTS.items())), preview=b"png")
    assert (tmp_path / "a.graphlab").read_bytes() == (tmp_path / "b.graphlab").read_bytes()


def test_saving_what_was_loaded_changes_no_byte(graph, tmp_path):
    save(graph, tmp_path / "a.graphlab", weights=WEIGHTS)
    again, weights = load(tmp_path / "a.graphlab")
    save(again, tmp_path / "b.graphlab", weights=weights)
    assert (tmp_path / "a.graphlab").read_bytes() == (tmp_path / "b.graphlab").read_bytes()


def test_the_archive_holds_what_is_designed(graph, tmp_path):
    save(graph, tmp_path / "a.graphlab", weights=WEIGHTS, preview=b"\x89PNG")
    with zipfile.ZipFile(tmp_path / "a.graphlab") as archive:
        assert archive.namelist() == ["graph.json", "weights.safetensors", "preview.png"]
        record = json.loads(archive.read("graph.json"))
    assert record["format"] == "graphlab"
    assert isinstance(record["version"], int)
    assert list(record) == sorted(record)
    assert read_preview(tmp_path / "a.graphlab") == b"\x89PNG"


def test_other_programs_read_the_weights(graph, tmp_path):
    from safetensors.numpy import load as load_tensors

    save(graph, tmp_path / "a.graphlab", weights=WEIGHTS)
    with zipfile.ZipFile(tmp_path / "a.graphlab") as archive:
        tensors = load_tensors(archive.read("weights.safetensors"))
    np.testing.assert_array_equal(tensors["hidden.weight"], WEIGHTS["hidden.weight"])


def test_a_file_without_a_preview_has_none(graph, tmp_path):
    save(graph, tmp_path / "a.graphlab")
    save(graph, tmp_path / "a.json")
    assert read_preview(tmp_path / "a.graphlab") is None
    assert read_preview(tmp_path / "a.json") is None


def test_an_archive_that_was_packed_again_by_hand_opens(graph, tmp_path):
    with zipfile.ZipFile(tmp_path / "a.graphlab", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("graph.json", to_bytes(graph.document))
        archive.writestr("README.txt", "hello")
    assert load(tmp_path / "a.graphlab")[0].document == graph.document


def test_unknown_operations_and_fields_are_written_back_unchanged(graph):
    record = json.loads(to_bytes(graph.document))
    body = record["document"]
    body["colour"] = {"of": ["canvas", 1.5]}
    body["nodes"][0]["breakpoint"] = True
    body["notes"][0]["font"] = "serif"
    body["training"]["warmup"] = 10
    body["nodes"].append(
        {"id": "n90", "op": "Quantum", "name": "q", "params": {"spin": [1, 2]}, "position": [1, 2]}
    )
    body["edges"].append([body["nodes"][0]["id"], "y", "n90", "anything"])
    body["next_id"] = 91
    once = to_bytes(from_bytes(json.dumps(record).encode()))
    body_again = json.loads(once)["document"]
    for part in ("colour", "nodes", "notes", "training", "edges"):
        assert body_again[part] == body[part]
    assert to_bytes(from_bytes(once)) == once


def test_a_newer_version_is_refused_by_name(graph):
    record = json.loads(to_bytes(graph.document)) | {"version": 999}
    with pytest.raises(VersionError, match="version 999") as caught:
        from_bytes(json.dumps(record).encode())
    assert "newer graphlab" in caught.value.hint


# What can go wrong on the way


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileError, match=r"nowhere\.graphlab does not exist"):
        load(tmp_path / "nowhere.graphlab")
    with pytest.raises(FileError, match="is not a file"):
        load(tmp_path)


def test_other_files_are_no_graphs(tmp_path):
    for content, message in (
        (b"", "empty"),
        (b"\x89PNG\r\n", "not a graphlab file"),
        (b"{}", "not a graphlab document"),
    ):
        (tmp_path / "a").write_bytes(content)
        with pytest.raises(BrokenFileError, match=message):
            load(tmp_path / "a")


@pytest.mark.parametrize(
    ("name", "what"), [("cat.jpg", "Picture node"), ("w.safetensors", "graphlab weights"), ("a.txt", ".onnx")]
)
def test_files_of_other_kinds_are_named_with_what_they_are_good_for(tmp_path, name, what):
    (tmp_path / name).write_bytes(b"something else")
    with pytest.raises(BrokenFileError, match=name) as caught:
        load(tmp_path / name)
    assert what in caught.value.hint


def test_a_missing_folder_is_said(graph, tmp_path):
    with pytest.raises(SaveError, match="There is no folder") as caught:
        save(graph, tmp_path / "missing" / "a.graphlab")
    assert caught.value.hint


def test_a_folder_is_no_file_name(graph, tmp_path):
    with pytest.raises(SaveError, match="is a folder"):
        save(graph, tmp_path)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (errno.ENOSPC, "no room on the disk"),
        (errno.EIO, "could not be saved"),
        (errno.EROFS, "may not be written"),
    ],
)
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_when_writing_fails_the_old_file_survives_and_nothing_is_left(
    graph, tmp_path, monkeypatch, step, code, message
):
    path = tmp_path / "a.graphlab"
    save(graph, path)
    before = path.read_bytes()
    graph.add("Input", name="more")

    def fail(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(SaveError, match=message) as caught:
        save(graph, path)
    assert caught.value.hint
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.graphlab"]
    assert not graph.is_saved


def test_a_disk_that_fills_up_while_writing_is_said(graph):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    from graphlab import writing

    with pytest.raises(OSError, match="No space") as caught, open("/dev/full", "wb", buffering=0) as full:
        full.write(b"x")
    assert "no room" in str(writing.save_error(writing.Path("/x/a.graphlab"), caught.value))


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_is_said(graph, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SaveError, match="may not be written"):
            save(graph, tmp_path / "a.graphlab")
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of Unix")
def test_permissions_and_links_of_the_old_file_are_kept(graph, tmp_path):
    real, link = tmp_path / "real.graphlab", tmp_path / "link.graphlab"
    save(graph, real)
    real.chmod(0o640)
    link.symlink_to(real)
    graph.add("Input", name="more")
    save(graph, link)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert load(real)[0].document == graph.document
