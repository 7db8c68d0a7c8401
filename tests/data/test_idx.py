"""IDX files: what is read, what belongs together, and what is refused."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from graphlab import data
from graphlab.data import store
from graphlab.data.idx import is_idx, without_labels
from graphlab.errors import BrokenFileError, DataError, GraphlabError, TooLargeError


def idx(array, code=8):
    return (
        struct.pack(">BBBB", 0, 0, code, array.ndim)
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


IMAGES = (np.arange(3 * 4 * 5) * 4).astype(np.uint8).reshape(3, 4, 5)
LABELS = np.array([2, 0, 1], np.uint8)


@pytest.fixture
def mnist(tmp_path: Path) -> Path:
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(IMAGES)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx(LABELS))
    return tmp_path


def test_images_come_with_the_labels_beside_them_packed_or_not(mnist: Path):
    for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte"):
        found = data.read(mnist / name)
        assert found.shape == (1, 4, 5)
        assert found.target == "class"
        rows = found.data
        np.testing.assert_allclose(rows.x[:, 0] * 255, IMAGES, atol=1e-4)
        assert rows.target.tolist() == [2, 0, 1]
        assert rows.classes == ("0", "1", "2")


def test_labels_are_read_once_with_their_images(mnist: Path):
    both = [mnist / "train-images-idx3-ubyte.gz", mnist / "train-labels-idx1-ubyte"]
    assert without_labels(both) == both[:1]
    assert without_labels(both[1:]) == both[1:]


@pytest.mark.parametrize(("code", "kind"), [(9, ">i1"), (11, ">i2"), (12, ">i4"), (13, ">f4"), (14, ">f8")])
def test_every_type_of_number_is_read(tmp_path: Path, code: int, kind: str):
    path = tmp_path / "a.idx"
    values = np.array([[1, -2], [3, 4]])
    path.write_bytes(idx(values.astype(kind), code))
    assert data.read(path).cells.tolist() == values.tolist()


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("t10k-labels.idx1-ubyte", True),
        ("A-IDX3-UBYTE.GZ", True),
        ("a.idx", True),
        ("idx.csv", False),
        ("a.gz", False),
    ],
)
def test_they_are_known_by_their_names(name: str, answer: bool):
    assert is_idx(Path(name)) is answer


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "begins with nothing"),
        (b"\x89PNG", "begins with 89 50 4e 47"),
        (b"\0\0\x07\x01" + bytes(8), "no IDX file"),
        (idx(IMAGES)[:10], "ends within its head"),
        (idx(IMAGES)[:-1], "should hold 60 bytes after its head; there are only 59"),
        (idx(IMAGES) + b"x", "there are more"),
        (gzip.compress(idx(IMAGES))[:-12], "packed, and damaged"),
    ],
    ids=["nothing", "a picture", "a strange type", "half a head", "too short", "too long", "badly packed"],
)
def test_what_is_broken_is_named_and_told(tmp_path: Path, content: bytes, words: str):
    path = tmp_path / "a-idx3-ubyte"
    path.write_bytes(content)
    with pytest.raises(BrokenFileError, match=words) as caught:
        data.read(path)
    assert "a-idx3-ubyte" in str(caught.value)
    assert caught.value.hint


def test_a_head_that_lies_about_its_size_costs_nothing(tmp_path: Path):
    path = tmp_path / "a.idx"
    path.write_bytes(b"\0\0\x08\x03" + struct.pack(">III", 4_000_000_000, 1000, 1000))
    with pytest.raises(TooLargeError):
        data.read(path)


def test_labels_of_another_set_are_refused(mnist: Path):
    (mnist / "train-labels-idx1-ubyte").write_bytes(idx(LABELS[:2]))
    with pytest.raises(DataError, match="has 3 rows, but train-labels-idx1-ubyte has 2 labels"):
        data.read(mnist / "train-images-idx3-ubyte.gz")


def test_images_without_labels_say_so(tmp_path: Path):
    (tmp_path / "images.idx").write_bytes(idx(IMAGES))
    found = data.read(tmp_path / "images.idx")
    assert found.target == ""
    assert "no file of labels" in found.notes[0]


def test_no_rows_are_no_table(tmp_path: Path):
    (tmp_path / "a.idx").write_bytes(idx(IMAGES[:0]))
    with pytest.raises(GraphlabError, match="no rows"):
        data.read(tmp_path / "a.idx")
    assert store.MOST > 0
