"""CIFAR-10's binary files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from graphlab import data
from graphlab.data import store
from graphlab.data.cifar import CLASSES, RECORD
from graphlab.errors import BrokenFileError, DataError, FileError


def batch(path: Path, labels, seed=0) -> Path:
    rng = np.random.default_rng(seed)
    records = rng.integers(0, 256, (len(labels), RECORD), dtype=np.uint8)
    records[:, 0] = labels
    path.write_bytes(records.tobytes())
    return path


def test_a_file_is_pictures_with_their_classes(tmp_path: Path):
    path = batch(tmp_path / "data_batch_1.bin", [3, 9, 0])
    rows = data.read(path).data
    assert rows.x.shape == (3, 3, 32, 32)
    raw = np.frombuffer(path.read_bytes(), np.uint8).reshape(3, RECORD)
    np.testing.assert_allclose(rows.x[1, 2, 31, 31] * 255, raw[1, -1], atol=1e-4)
    assert rows.classes == CLASSES
    assert rows.target.tolist() == [3, 9, 0]


def test_a_folder_is_all_that_is_for_training_and_names_its_classes(tmp_path: Path):
    batch(tmp_path / "data_batch_1.bin", [0, 1])
    batch(tmp_path / "data_batch_2.bin", [2], seed=1)
    batch(tmp_path / "test_batch.bin", [5])
    (tmp_path / "batches.meta.txt").write_text("\n".join("abcdefghij"))
    found = data.read(tmp_path)
    assert found.data.target.tolist() == [0, 1, 2]
    assert found.data.classes == tuple("abcdefghij")


def test_more_than_one_table_can_hold_is_cut_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store, "MOST", 2 * RECORD + 5)
    batch(tmp_path / "data_batch_1.bin", [0])
    batch(tmp_path / "data_batch_2.bin", [1, 2])
    found = data.read(tmp_path)
    assert found.data.target.tolist() == [0, 1]
    assert "first 2 of 3 pictures" in found.notes[0]


def test_what_is_cut_short_or_of_another_form_is_refused(tmp_path: Path):
    path = batch(tmp_path / "a.bin", [1, 2])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BrokenFileError, match=r"a\.bin has 6,145 bytes, which is no multiple of 3,073"):
        data.read(path)
    with pytest.raises(BrokenFileError):
        data.read(batch(tmp_path / "empty.bin", []))


def test_a_class_that_is_none_is_named(tmp_path: Path):
    with pytest.raises(DataError, match=r"Picture 2 of a\.bin is of class 17; there are 0 to 9"):
        data.read(batch(tmp_path / "a.bin", [1, 17]))


def test_a_folder_without_them_is_no_file(tmp_path: Path):
    with pytest.raises(FileError, match="is a folder"):
        data.read(tmp_path)
