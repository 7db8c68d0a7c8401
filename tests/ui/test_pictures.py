"""Image files as rows: grey, coloured, with a palette, transparent, of several sizes; folders as classes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage

from graphlab.data import store
from graphlab.errors import BrokenFileError, DataError, TooLargeError
from graphlab.ui.pictures import files_of, image_to_reading, read_images

GREY, RGB, RGBA = QImage.Format.Format_Grayscale8, QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32


@pytest.fixture(autouse=True)
def _running(qapp: QGuiApplication) -> None:
    """Colours and painters want a running Qt."""


def image(
    path: Path, colour: str = "#ff8000", size: tuple[int, int] = (5, 4), form: QImage.Format = RGB
) -> Path:
    made = QImage(*size, form)
    made.fill(QColor(colour))
    path.parent.mkdir(parents=True, exist_ok=True)
    assert made.save(str(path))
    return path


def test_a_coloured_image_is_three_channels_from_0_to_1(tmp_path: Path):
    found = read_images([image(tmp_path / "a.png")])
    assert found.shape == (3, 4, 5)
    x = found.cells.reshape(1, 3, 4, 5)
    np.testing.assert_allclose(x[0, :, 0, 0], [1, 128 / 255, 0], atol=1e-6)


def test_rows_and_columns_of_pixels_stay_where_they_are(tmp_path: Path):
    made = QImage(5, 3, GREY)
    made.fill(0)
    made.setPixelColor(4, 1, QColor("white"))
    made.save(str(tmp_path / "a.png"))
    x = read_images([tmp_path / "a.png"]).cells.reshape(1, 3, 5)
    assert np.argwhere(x).tolist() == [[0, 1, 4]]


@pytest.mark.parametrize("form", [GREY, RGB])
def test_grey_images_have_one_channel_however_they_are_stored(tmp_path: Path, form: QImage.Format):
    found = read_images([image(tmp_path / "a.png", "#808080", form=form)])
    assert found.shape == (1, 4, 5)
    assert found.cells[0, 0] == np.float32(128 / 255)


def test_one_coloured_image_makes_the_whole_set_coloured(tmp_path: Path):
    paths = [image(tmp_path / "a.png", "#808080"), image(tmp_path / "b.png", "#ff0000")]
    found = read_images(paths)
    assert found.shape == (3, 4, 5)
    assert found.cells[0].min() == found.cells[0].max()


def test_transparent_parts_are_white(tmp_path: Path):
    found = read_images([image(tmp_path / "a.png", "#00000000", form=RGBA)])
    assert (found.cells == 1).all()


def test_a_palette_is_resolved(tmp_path: Path):
    made = QImage(4, 4, QImage.Format.Format_Indexed8)
    made.setColorTable([QColor("red").rgb(), QColor("blue").rgb()])
    made.fill(1)
    made.save(str(tmp_path / "a.bmp"))
    assert read_images([tmp_path / "a.bmp"]).cells.reshape(3, 16)[:, 0].tolist() == [0, 0, 1]


def test_images_of_several_sizes_are_scaled_to_the_smallest_and_that_is_told(tmp_path: Path):
    paths = [image(tmp_path / "a.png", size=(8, 6)), image(tmp_path / "b.png", size=(6, 12))]
    found = read_images(paths)
    assert found.shape == (3, 6, 6)
    assert "scaled to 6×6" in found.notes[0]


def test_subfolders_are_classes(tmp_path: Path):
    for name in ("dog", "cat"):
        for k in range(2):
            image(tmp_path / name / f"{k}.png")
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    paths, labels = files_of(tmp_path)
    found = read_images(paths, labels, "pets")
    assert found.categories == {"class": ("cat", "dog")}
    assert found.data.target.tolist() == [0, 0, 1, 1]
    assert found.data.x.shape == (4, 3, 4, 5)


def test_a_folder_without_images_is_told_of(tmp_path: Path):
    with pytest.raises(DataError, match="no images"):
        files_of(tmp_path)


def test_what_is_no_image_is_named(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BrokenFileError, match=r"a\.png is no image"):
        read_images([tmp_path / "a.png"])


def test_broken_images_of_many_are_left_out_and_named(tmp_path: Path):
    good = [image(tmp_path / "cat" / "a.png", "#102030"), image(tmp_path / "dog" / "c.png", "#ff0000")]
    (tmp_path / "cat" / "b.png").write_bytes(b"no image at all")
    whole = good[1].read_bytes()
    (tmp_path / "dog" / "d.png").write_bytes(whole[: len(whole) // 2])  # its head is fine
    paths, labels = files_of(tmp_path)
    found = read_images(paths, labels, "pets")
    assert found.data.target.tolist() == [0, 1]
    assert found.notes[-1] == "2 images cannot be read and are left out: cat/b.png, dog/d.png."


def test_too_many_pixels_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = image(tmp_path / "a.png")
    monkeypatch.setattr(store, "MOST", 19)
    monkeypatch.setattr("graphlab.ui.pictures._read", lambda path: pytest.fail("nothing should be read"))
    with pytest.raises(TooLargeError, match="20 numbers; 19 are the most"):
        read_images([path])


def test_an_image_at_hand_is_read_alike():
    made = QImage(3, 2, RGB)
    made.fill(QColor("red"))
    assert image_to_reading(made).shape == (3, 2, 3)
    with pytest.raises(DataError, match="no image"):
        image_to_reading(QImage())
