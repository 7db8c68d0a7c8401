"""NumPy's own files: every type of number, in any order; nothing else, and nothing too large."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from graphlab import data
from graphlab.data import arrays, store
from graphlab.errors import BrokenFileError, DataError, FeedError, GraphlabError, TooLargeError


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f8", ">i4", "i1", "u1", "u2", "i8", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_any_number_in_any_order_becomes_float32(tmp_path: Path, dtype: str, order: str):
    numbers = np.array([[0, 1, 2], [3, 4, 5]]).astype(dtype)
    np.save(tmp_path / "a.npy", np.asarray(numbers, order=order))
    found = data.read(tmp_path / "a.npy")
    assert np.array_equal(found.cells, numbers.astype(np.float32))
    assert found.columns == ("column 1", "column 2", "column 3")


def test_a_single_number_and_a_vector_are_rows_too(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.float64(2.5))
    assert data.read(tmp_path / "a.npy").value == 2.5
    np.save(tmp_path / "a.npy", np.arange(4))
    assert data.read(tmp_path / "a.npy").cells.shape == (4, 1)


def test_images_keep_their_shape(tmp_path: Path):
    np.save(tmp_path / "a.npy", np.zeros((5, 3, 4, 4)))
    found = data.read(tmp_path / "a.npy")
    assert (found.shape, found.unnamed, found.columns) == ((3, 4, 4), 48, ())


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.ones(3, complex), "holds complex numbers"),
        (np.array(["a", "b"]), "holds text"),
        (np.zeros(2, "M8[s]"), "holds dates"),
        (np.zeros(2, [("a", "f4")]), "holds records"),
        (np.zeros((0, 3)), "has no rows"),
        (np.array(np.nan), "is not finite"),
    ],
)
def test_what_is_no_real_number_is_refused(tmp_path: Path, array: np.ndarray, message: str):
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=message) as caught:
        data.read(tmp_path / "a.npy")
    assert caught.value.hint


def test_a_number_that_is_not_finite_is_told_by_its_place(tmp_path: Path):
    array = np.zeros((3, 2, 2))
    array[1, 1, 0] = np.inf
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(DataError, match=r"Row 2 of a\.npy has no finite number at place 3"):
        data.read(tmp_path / "a.npy")


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("code of the file was run",))


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_pickled_objects_are_refused_and_not_run(tmp_path: Path, name: str):
    trap = np.array([Trap()], dtype=object)
    if name == "a.npy":
        np.save(tmp_path / name, trap, allow_pickle=True)
    else:
        np.savez(tmp_path / name, x=trap)
    with pytest.raises(GraphlabError, match="objects"):
        data.read(tmp_path / name)


def test_a_header_that_promises_too_much_is_refused_unread(tmp_path: Path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (100_000, 100_000)}
    )
    (tmp_path / "a.npy").write_bytes(header.getvalue())
    with pytest.raises(BrokenFileError):
        data.read(tmp_path / "a.npy")
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("x.npy", header.getvalue())
    with pytest.raises(TooLargeError, match="10,000,000,000 numbers; 50,000,000 are the most"):
        data.read(tmp_path / "a.npz")


def test_a_large_array_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    np.save(tmp_path / "a.npy", np.zeros((10, 10)))
    monkeypatch.setattr(store, "MOST", 99)
    with pytest.raises(TooLargeError, match=r"a\.npy holds 100 numbers; 99 are the most"):
        data.read(tmp_path / "a.npy")


@pytest.mark.parametrize("junk", [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00v\x00{'descr'", b"junk" * 9])
@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_damaged_files_are_told_of(tmp_path: Path, junk: bytes, name: str):
    (tmp_path / name).write_bytes(junk)
    with pytest.raises((BrokenFileError, FeedError)):
        data.read(tmp_path / name)


def test_a_head_with_an_open_bracket_is_told_of(tmp_path: Path):
    path = tmp_path / "a.npy"
    np.save(path, np.ones((3, 4)))
    path.write_bytes(path.read_bytes().replace(b"(3, 4)", b"(3, 4 "))
    with pytest.raises(BrokenFileError):
        data.read(path)


@pytest.mark.parametrize(
    ("at", "value"), [(8, 1), (8, 32), (10, 99)]
)  # encrypted, patched, packed in no known way
def test_an_archive_that_cannot_be_unpacked_is_told_of(tmp_path: Path, at: int, value: int):
    path = tmp_path / "a.npz"
    np.savez(path, x=np.ones((3, 4)))
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + at] = value
    path.write_bytes(raw)
    with pytest.raises(BrokenFileError):
        data.read(path)


def test_an_archive_with_examples_and_targets_is_one_table(tmp_path: Path):
    np.savez(tmp_path / "a.npz", X=np.ones((4, 3)), y=np.array([0, 2, 1, 0]))
    found = data.read(tmp_path / "a.npz")
    assert (found.target, found.unnamed, found.columns) == ("target", 3, ("target",))
    assert dict(found.params["categories"]) == {"target": ("0", "1", "2")}
    assert arrays.choices(arrays.heads(tmp_path / "a.npz")) == ()


def test_an_archive_of_several_arrays_asks_which(tmp_path: Path):
    np.savez(tmp_path / "a.npz", one=np.ones((4, 3)), two=np.zeros(2))
    assert arrays.choices(arrays.heads(tmp_path / "a.npz")) == ("one", "two")
    with pytest.raises(DataError, match="several arrays: one, two"):
        data.read(tmp_path / "a.npz")
    assert data.read(tmp_path / "a.npz", array="one").cells.shape == (4, 3)
    with pytest.raises(DataError, match="no array 'three'"):
        data.read(tmp_path / "a.npz", array="three")


def test_arrays_at_hand_become_a_reading():
    found = data.from_arrays(np.zeros((2, 1, 2, 2)), [1, 0], classes=("cat", "dog"), name="pets")
    assert found.categories == {"class": ("cat", "dog")}
    assert found.data.target.tolist() == [1, 0]
    assert found.data.x.shape == (2, 1, 2, 2)
    with pytest.raises(DataError, match="2 examples, but its target has the shape"):
        data.from_arrays(np.zeros((2, 1)), [1, 2, 3])
