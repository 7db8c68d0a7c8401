"""Picture files as rows: grey, coloured, with a palette, transparent, deep, of several sizes; folders as classes."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from graphlab import data
from graphlab.data import pictures, store
from graphlab.data.pictures import (
    files_of,
    fitted,
    picture_for,
    read_images,
    read_picture,
    size_of,
    to_png,
    with_channels,
    within,
)
from graphlab.errors import BrokenFileError, DataError, FileError, TooLargeError


def image(path: Path, colour: Any = "#ff8000", size: tuple[int, int] = (5, 4), mode: str = "RGB") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, colour).save(path)
    return path


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def encoded(pixels: np.ndarray, kind: str, **more: Any) -> bytes:
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, kind, **more)
    return target.getvalue()


def test_a_coloured_image_is_three_channels_from_0_to_1(tmp_path: Path):
    found = read_images([image(tmp_path / "a.png")])
    assert found.shape == (3, 4, 5)
    x = found.cells.reshape(1, 3, 4, 5)
    np.testing.assert_allclose(x[0, :, 0, 0], [1, 128 / 255, 0], atol=1e-6)


def test_rows_and_columns_of_pixels_stay_where_they_are(tmp_path: Path):
    made = Image.new("L", (5, 3))
    made.putpixel((4, 1), 255)
    made.save(tmp_path / "a.png")
    x = read_images([tmp_path / "a.png"]).cells.reshape(1, 3, 5)
    assert np.argwhere(x).tolist() == [[0, 1, 4]]


@pytest.mark.parametrize(
    ("mode", "colour"), [("L", 128), ("RGB", "#808080"), ("LA", (128, 255)), ("I;16", 128 * 257)]
)
def test_grey_images_have_one_channel_however_they_are_stored(tmp_path: Path, mode: str, colour: Any):
    found = read_images([image(tmp_path / "a.png", colour, mode=mode)])
    assert found.shape == (1, 4, 5)
    assert found.cells[0, 0] == np.float32(128 / 255)


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "webp"])
def test_every_kind_of_file_is_read(tmp_path: Path, ending: str):
    found = read_picture(image(tmp_path / f"a.{ending}", "#ff0000", (16, 16)))
    assert found.shape == (3, 16, 16)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), [255, 0, 0], atol=3)


def test_black_and_white_and_colours_of_print_are_read(tmp_path: Path):
    assert read_picture(image(tmp_path / "a.png", 1, mode="1")).tolist() == [[[255] * 5] * 4]
    printed = read_picture(image(tmp_path / "a.jpg", (0, 255, 255, 0), (16, 16), "CMYK"))
    np.testing.assert_allclose(printed.mean(axis=(1, 2)), [255, 0, 0], atol=4)


def test_what_a_camera_says_of_up_and_down_is_followed():
    lying = np.zeros((8, 16, 3), np.uint8)
    lying[:, :8] = 255  # stored on its side, white to the left; turned by a quarter, white is above
    exif = Image.Exif()
    exif[0x0112] = 6
    held = encoded(lying, "PNG", exif=exif)
    assert size_of(held) == (8, 16)
    upright = read_picture(held)
    assert upright.shape == (1, 16, 8)
    assert upright[0, :, 0].tolist() == [255] * 8 + [0] * 8


def test_of_a_moving_picture_it_is_the_first(tmp_path: Path):
    first, second = Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 255)
    first.save(tmp_path / "a.gif", save_all=True, append_images=[second])
    assert read_picture(tmp_path / "a.gif").max() == 0


def test_one_coloured_image_makes_the_whole_set_coloured(tmp_path: Path):
    paths = [image(tmp_path / "a.png", "#808080"), image(tmp_path / "b.png", "#ff0000")]
    found = read_images(paths)
    assert found.shape == (3, 4, 5)
    assert found.cells[0].min() == found.cells[0].max()


@pytest.mark.parametrize("mode", ["RGBA", "P"])
def test_transparent_parts_are_white(tmp_path: Path, mode: str):
    Image.new(mode, (5, 4), 0).save(tmp_path / "a.png", **({"transparency": 0} if mode == "P" else {}))
    assert (read_images([tmp_path / "a.png"]).cells == 1).all()


def test_a_palette_is_resolved(tmp_path: Path):
    made = Image.new("P", (4, 4), 1)
    made.putpalette([255, 0, 0, 0, 0, 255])
    made.save(tmp_path / "a.bmp")
    assert read_images([tmp_path / "a.bmp"]).cells.reshape(3, 16)[:, 0].tolist() == [0, 0, 1]


def test_images_of_several_sizes_are_scaled_to_the_smallest_and_that_is_told(tmp_path: Path):
    paths = [image(tmp_path / "a.png", size=(8, 6)), image(tmp_path / "b.png", size=(6, 12))]
    found = read_images(paths)
    assert found.shape == (3, 6, 6)
    assert "scaled to 6×6" in found.notes[0]


def test_subfolders_are_classes(tmp_path: Path):
    for name in ("dog", "cat"):
        for k in range(2):
            image(tmp_path / "pets" / name / f"{k}.png")
    (tmp_path / "pets" / "cat" / "notes.txt").write_text("no image")
    found = data.read(tmp_path / "pets")
    assert found.file == "pets"
    assert found.categories == {"class": ("cat", "dog")}
    assert found.data.target.tolist() == [0, 0, 1, 1]
    assert found.data.x.shape == (4, 3, 4, 5)


def test_a_folder_without_images_is_told_of(tmp_path: Path):
    with pytest.raises(DataError, match="no images"):
        files_of(tmp_path)
    with pytest.raises(FileError, match="folder without pictures"):
        data.read(tmp_path)


# Bad files


def test_what_is_no_image_is_named(tmp_path: Path):
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(BrokenFileError, match=r"a\.png is no image"):
        read_images([tmp_path / "a.png"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_picture_cut_short_is_named_with_what_to_try(kind: str, share: float):
    whole = encoded(noise(40, 40), kind)
    with pytest.raises(BrokenFileError, match="photo") as caught:
        read_picture(whole[: int(share * len(whole))], "photo")
    assert "PNG" in caught.value.hint


def test_a_picture_with_wrong_bytes_is_read_or_refused_but_nothing_worse():
    rng = np.random.default_rng(1)
    for kind in ("JPEG", "PNG", "BMP", "GIF", "WEBP"):
        whole = encoded(noise(24, 24), kind)
        for _ in range(40):
            bad = bytearray(whole)
            for place in rng.integers(0, len(bad), 4):
                bad[place] = int(rng.integers(256))
            with contextlib.suppress(FileError):
                assert read_picture(bytes(bad)).dtype == np.uint8


def test_other_formats_are_not_even_tried(tmp_path: Path):
    Image.new("L", (4, 4)).save(tmp_path / "a.tiff")
    (tmp_path / "a.tiff").rename(tmp_path / "a.png")
    with pytest.raises(BrokenFileError, match="neither PNG, JPEG"):
        read_picture(tmp_path / "a.png")


def test_an_empty_file_is_said_to_be_empty(tmp_path: Path):
    (tmp_path / "a.png").touch()
    for source in (tmp_path / "a.png", b""):
        with pytest.raises(BrokenFileError, match="is empty"):
            read_picture(source)


def test_a_file_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(FileError, match="There is no file"):
        read_picture(tmp_path / "gone.png")


@pytest.mark.parametrize("size", [(20_000, 10), (10_000, 10_000), (60_000, 60_000)])
def test_a_bomb_is_refused_by_its_head(size: tuple[int, int]):
    head = bytearray(encoded(noise(2, 2), "BMP"))
    head[18:26] = int(size[0]).to_bytes(4, "little") + int(size[1]).to_bytes(4, "little")
    with pytest.raises(TooLargeError, match="are the most"):
        read_picture(bytes(head))


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
    monkeypatch.setattr(pictures, "_open", lambda *_: pytest.fail("nothing should be read"))
    with pytest.raises(TooLargeError, match="20 numbers; 19 are the most"):
        read_images([path])


# Sizes and channels


def test_a_picture_is_made_to_fit_what_a_network_takes():
    made = np.zeros((10, 20, 3), np.uint8)
    made[:, 5:15] = (255, 0, 0)
    found = picture_for(encoded(made, "PNG"), 1, 5, 5)
    assert found.shape == (1, 1, 5, 5)
    np.testing.assert_allclose(found, 0.299, atol=2 / 255)  # only the red middle is left, as grey
    assert picture_for(encoded(made, "PNG"), 3, 10, 10)[0, :, 0, 0].tolist() == [1, 0, 0]


def test_scaling_down_takes_the_mean_of_what_each_pixel_covers():
    chequered = np.indices((8, 8)).sum(axis=0) % 2 * 200
    assert abs(int(fitted(chequered[None].astype(np.uint8), 2, 2).mean()) - 100) <= 6


def test_a_large_picture_is_brought_within_a_number_of_pixels_in_proportion():
    tall = np.zeros((1, 400, 100), np.uint8)
    assert within(tall, 10_000).shape == (1, 200, 50)
    assert within(tall, 40_000) is tall


def test_channels_are_repeated_or_weighed_and_others_refused():
    grey = np.full((1, 2, 2), 7, np.uint8)
    assert with_channels(grey, 3).tolist() == [[[7, 7], [7, 7]]] * 3
    assert with_channels(with_channels(grey, 3), 1).tolist() == grey.tolist()
    with pytest.raises(DataError, match="3 colours"):
        with_channels(with_channels(grey, 3), 4)


def test_a_picture_written_as_png_is_read_the_same():
    pixels = np.ascontiguousarray(noise(6, 7).transpose(2, 0, 1))
    np.testing.assert_array_equal(read_picture(to_png(pixels)), pixels)
    assert read_picture(to_png(pixels[:1])).shape == (1, 6, 7)
