"""The rows of tables in files and beside autosaves: bit for bit, checked by their hash, gone when nobody needs them."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest

import graphlab as gl
from graphlab.data import givers, store
from graphlab.errors import BrokenFileError, TooLargeError
from graphlab.io import Autosave, load, orphans, rows, save
from graphlab.io import weights as tensors
from graphlab.io.files import ROWS
from graphlab.ops.contents import PRESENT


def fresh_table(seed: int, *, grouped: bool = False) -> tuple[gl.Graph, str]:
    numbers = np.random.default_rng(seed).normal(size=(6, 3))
    numbers[0, 0] = np.nan if not grouped else 1.0
    graph = gl.Graph("t")
    made = gl.data.from_arrays(numbers, name="t.npy")
    node = graph.add("Table", name="t", **made)
    if grouped:
        graph.group(node, graph.add("ReLU", node, name="r"), name="g")
    return graph, made["content"]


def forget(content: str) -> None:
    """As in a program that has just been started."""
    store._kept.pop(content)
    givers.forget()
    PRESENT.discard(content)


@pytest.mark.parametrize("grouped", [False, True])
def test_rows_come_back_bit_for_bit(tmp_path: Path, grouped: bool):
    graph, content = fresh_table(1, grouped=grouped)
    before = store.find(content)
    save(graph, tmp_path / "a.graphlab")
    forget(content)
    again, _ = load(tmp_path / "a.graphlab")
    assert again.document == graph.document
    after = store.find(content)
    assert after is not None
    assert after.tobytes() == before.tobytes()
    save(again, tmp_path / "b.graphlab")
    assert (tmp_path / "a.graphlab").read_bytes() == (tmp_path / "b.graphlab").read_bytes()


def test_a_file_without_the_rows_opens_and_says_what_is_missing(tmp_path: Path):
    graph, content = fresh_table(2)
    save(graph, tmp_path / "a.json")
    forget(content)
    again, _ = load(tmp_path / "a.json")
    (problem,) = gl.infer(again).problems
    assert "The rows of t.npy are not here" in problem.message
    save(again, tmp_path / "b.graphlab")
    assert load(tmp_path / "b.graphlab")[0].document == graph.document


def spoilt(path: Path, stored: bytes) -> Path:
    target = path.with_name("spoilt.graphlab")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, stored if name == ROWS else old.read(name))
    return target


def test_rows_under_another_hash_than_their_own_are_refused(tmp_path: Path):
    graph, content = fresh_table(3)
    save(graph, tmp_path / "a.graphlab")
    forget(content)
    other = tensors.to_bytes({content: np.ones((6, 3), np.float32)})
    with pytest.raises(BrokenFileError, match="are not those that its graph names"):
        load(spoilt(tmp_path / "a.graphlab", other))
    assert store.find(content) is None
    with pytest.raises(BrokenFileError):
        load(spoilt(tmp_path / "a.graphlab", tensors.to_bytes({content: np.ones(18, np.float32)})))
    with pytest.raises(BrokenFileError):
        load(spoilt(tmp_path / "a.graphlab", b"junk"))


def test_more_rows_than_a_table_may_have_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    graph, content = fresh_table(8)
    save(graph, tmp_path / "a.graphlab")
    forget(content)
    monkeypatch.setattr(store, "MOST", 17)
    with pytest.raises(TooLargeError, match="18 numbers; 17 are the most"):
        load(tmp_path / "a.graphlab")


def test_rows_that_the_graph_does_not_name_are_left_in_the_file(tmp_path: Path):
    graph, content = fresh_table(4)
    save(graph, tmp_path / "a.graphlab")
    stranger = np.full((2, 2), 4.25, np.float32)
    both = tensors.to_bytes({content: store.find(content), store.digest(stranger): stranger})
    load(spoilt(tmp_path / "a.graphlab", both))
    assert store.find(store.digest(stranger)) is None


def test_an_autosave_keeps_the_rows_for_after_a_crash(tmp_path: Path):
    graph, content = fresh_table(5)
    kept = store.find(content)
    autosave = Autosave(tmp_path)
    autosave.write(graph.document)
    autosave._lock.release()  # the process dies
    forget(content)
    (orphan,) = orphans(tmp_path)
    assert orphan.document == graph.document
    assert store.find(content).tobytes() == kept.tobytes()
    orphan.discard()


def test_rows_beside_autosaves_go_when_no_autosave_names_them(tmp_path: Path):
    graph, content = fresh_table(6)
    first, second = Autosave(tmp_path), Autosave(tmp_path)
    first.write(graph.document)
    second.write(graph.document)
    path = tmp_path / f"{content}{rows.SUFFIX}"
    old = time.time() - 2 * rows.FRESH
    os.utime(path, (old, old))
    first.close()
    assert path.exists()  # the other still needs it
    second.close()
    assert not path.exists()


def test_damaged_rows_beside_an_autosave_cost_no_document(tmp_path: Path):
    graph, content = fresh_table(7)
    autosave = Autosave(tmp_path)
    autosave.write(graph.document)
    (tmp_path / f"{content}{rows.SUFFIX}").write_bytes(b"junk")
    autosave._lock.release()
    forget(content)
    (orphan,) = orphans(tmp_path)
    assert orphan.document == graph.document
    assert store.find(content) is None
    orphan.discard()
