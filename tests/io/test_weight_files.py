"""Weights in files of their own: exact, in the types that others write, and refused where they are damaged."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from graphlab.errors import BrokenFileError, DataError, FileError, SaveError, TooLargeError
from graphlab.graph import Graph
from graphlab.io import save, weight_files
from graphlab.io.weights import to_bytes

WEIGHTS = {
    "hidden.weight": np.linspace(-1, 1, 6, dtype=np.float32).reshape(3, 2),
    "hidden.bias": np.array([1 / 3, np.pi, -0.0]),
    "scale.value": np.array(2.5, np.float32),
}


@pytest.mark.parametrize("suffix", weight_files.WRITABLE)
def test_they_come_back_exactly(tmp_path, suffix):
    path = tmp_path / f"w{suffix}"
    weight_files.write(path, WEIGHTS)
    found = weight_files.read(path)
    assert list(found) == sorted(WEIGHTS)
    for name, array in WEIGHTS.items():
        assert found[name].dtype == array.dtype
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
    first = path.read_bytes()
    weight_files.write(path, found)
    assert path.read_bytes() == first


def test_a_graph_gives_those_that_it_was_saved_with(tmp_path):
    save(Graph(), tmp_path / "g.graphlab", weights=WEIGHTS)
    assert set(weight_files.read(tmp_path / "g.graphlab")) == set(WEIGHTS)
    save(Graph(), tmp_path / "bare.graphlab")
    with pytest.raises(FileError, match=r"bare.graphlab was saved without weights"):
        weight_files.read(tmp_path / "bare.graphlab")


def test_numpys_own_archive_is_read(tmp_path):
    np.savez_compressed(tmp_path / "w.npz", **{"fc.weight": np.eye(2), "count": np.int64(3)})
    found = weight_files.read(tmp_path / "w.npz")
    assert found["fc.weight"].dtype == np.float64
    assert found["count"] == 3


@pytest.mark.parametrize(
    ("dtype", "raw", "numbers"),
    [
        ("F16", np.array([1.5, -2], "<f2").tobytes(), [1.5, -2]),
        ("BF16", np.array([0x3FC0, 0xC000], "<u2").tobytes(), [1.5, -2]),
        ("I64", np.array([7, -1], "<i8").tobytes(), [7, -1]),
        ("BOOL", b"\x01\x00", [1, 0]),
    ],
)
def test_types_that_others_write_become_float32(tmp_path, dtype, raw, numbers):
    header = json.dumps({"a": {"dtype": dtype, "shape": [2], "data_offsets": [0, len(raw)]}}).encode()
    (tmp_path / "w.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + raw)
    found = weight_files.read(tmp_path / "w.safetensors")["a"]
    assert found.dtype == np.float32
    assert found.tolist() == numbers


def test_a_file_that_was_cut_short_is_named_at_every_length(tmp_path):
    whole = to_bytes(WEIGHTS)
    path = tmp_path / "w.safetensors"
    for length in (*range(0, len(whole), 7), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(BrokenFileError, match=r"w.safetensors is damaged"):
            weight_files.read(path)
    weight_files.write(tmp_path / "w.npz", WEIGHTS)
    short = (tmp_path / "w.npz").read_bytes()[:-30]
    (tmp_path / "w.npz").write_bytes(short)
    with pytest.raises(BrokenFileError, match=r"w.npz"):
        weight_files.read(tmp_path / "w.npz")


def test_files_that_are_none_of_weights(tmp_path):
    with pytest.raises(FileError, match="does not exist"):
        weight_files.read(tmp_path / "nowhere.npz")
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(FileError, match="is not a file"):
        weight_files.read(tmp_path / "folder.npz")
    with pytest.raises(FileError, match=r"no file of weights. Take one that ends in .safetensors"):
        weight_files.read(tmp_path / "model.h5")
    np.savez(tmp_path / "objects.npz", a=np.array([{}], object))
    with pytest.raises(DataError, match="holds objects, not real numbers"):
        weight_files.read(tmp_path / "objects.npz")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    weight_files.write(tmp_path / "w.safetensors", WEIGHTS)
    monkeypatch.setattr(weight_files, "MOST", 100)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: pytest.fail("it was read"))
    with pytest.raises(TooLargeError, match="100 are the most"):
        weight_files.read(tmp_path / "w.safetensors")


def test_a_small_archive_that_says_it_is_huge(tmp_path):
    import io
    import zipfile

    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(head, {"descr": "<f4", "fortran_order": False, "shape": (10**12,)})
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("a.npy", head.getvalue())
    with pytest.raises(TooLargeError, match=r"w.npz holds 1,000,000,000,000 numbers"):
        weight_files.read(tmp_path / "w.npz")


def test_many_arrays_that_are_too_much_together(tmp_path, monkeypatch):
    np.savez_compressed(tmp_path / "w.npz", a=np.zeros(600), b=np.zeros(600))
    monkeypatch.setattr(weight_files, "MOST", 4000)
    with pytest.raises(TooLargeError, match="1,200 numbers"):
        weight_files.read(tmp_path / "w.npz")


def test_saving_says_what_is_wrong(tmp_path):
    with pytest.raises(SaveError, match="what kind of file"):
        weight_files.write(tmp_path / "w.pt", WEIGHTS)
    with pytest.raises(SaveError, match="no weights to save"):
        weight_files.write(tmp_path / "w.npz", {})
    with pytest.raises(SaveError, match="no folder"):
        weight_files.write(tmp_path / "nowhere" / "w.npz", WEIGHTS)


def test_numbers_that_are_not_finite_are_counted():
    found = {"a": np.array([1, np.nan, np.inf]), "b": np.zeros(2)}
    assert weight_files.bad_numbers(found) == {"a": 2}


@pytest.mark.parametrize("suffix", weight_files.PICKLES)
def test_pickles_are_never_opened_and_the_way_round_is_told(tmp_path, suffix):
    path = tmp_path / f"net{suffix}"
    path.write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(FileError, match="may run any code") as caught:
        weight_files.read(path)
    assert f'torch.load("net{suffix}", weights_only=True), "net.safetensors")' in caught.value.hint
