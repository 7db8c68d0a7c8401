"""Image files as rows of numbers from 0 to 1: grey ones as 1×H×W, coloured ones as 3×H×W, all of a set alike.

Qt reads them, off the main thread. Transparent parts become white. Images of different sizes are scaled down to the
smallest width and height among them, cut to its shape around the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter

from ..data import store
from ..data.reading import Reading, from_arrays
from ..errors import BrokenFileError, DataError, TooLargeError

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif")
MOST_IMAGES = 100_000
MOST_NAMED = 5
WIDEST = 16_384  # pixels of one side

Bytes = npt.NDArray[np.uint8]
Progress = Callable[[float], None]


def files_of(folder: Path) -> tuple[list[Path], list[str]]:
    """The images of a folder, and the class of each: the name of its subfolder, where there are such.

    DataError when there are none.
    """
    names = [child for child in sorted(folder.iterdir()) if child.is_dir() and not child.name.startswith(".")]
    inside = [(image, child.name) for child in names for image in _images(child)]
    if inside:
        return [image for image, _ in inside], [name for _, name in inside]
    if images := _images(folder):
        return images, []
    raise DataError(
        f"There are no images in {folder.name}.", hint="Put them there, or into one subfolder for each class."
    )


def _images(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]


def read_images(
    paths: Sequence[Path], labels: Sequence[str] = (), name: str = "", progress: Progress = lambda share: None
) -> Reading:
    """All these images as one set, N×C×H×W; `labels` names the class of each.

    Those of many that are broken are left out, and a note names them.

    Raises:
        DataError, TooLargeError: there are too many, or they are too large; checked before they are read.
        BrokenFileError: none of them can be read; the message names the first.
    """
    if len(paths) > MOST_IMAGES:
        raise TooLargeError(f"These are {len(paths):,} images; {MOST_IMAGES:,} are the most.")
    sizes, broken = _sizes(paths, progress)
    width, height = min(s.width() for s in sizes.values()), min(s.height() for s in sizes.values())
    title = name or (paths[0].name if len(paths) == 1 else f"{len(paths):,} images")
    store.require_room(len(paths) * width * height, title)
    pixels, kept, grey = [], [], True
    for k, path in enumerate(paths):
        progress((k + 1) / len(paths))
        if k in broken:
            continue
        try:
            made = _pixels(_fitted(_read(path), width, height))
        except BrokenFileError as error:  # its first bytes said otherwise
            broken[k] = error
            continue
        grey = grey and bool((made == made[:1]).all())
        store.require_room(len(paths) * width * height * (1 if grey else 3), title)
        pixels.append(made[:1] if grey else made)
        kept.append(k)
    if not pixels:
        raise next(iter(broken.values()))
    notes = (
        [f"The images differ in size; all were scaled to {width}×{height}."]
        if len(set(_plain(list(sizes.values())))) > 1
        else []
    )
    if broken:
        notes.append(_left_out([paths[k] for k in sorted(broken)]))
    return _set(
        [part if grey or len(part) == 3 else part.repeat(3, axis=0) for part in pixels],
        grey,
        [labels[k] for k in kept] if labels else (),
        title,
        notes,
    )


def _sizes(paths: Sequence[Path], progress: Progress) -> tuple[dict[int, QSize], dict[int, BrokenFileError]]:
    """The sizes of those that are images, and what is wrong with the others, by their places."""
    sizes: dict[int, QSize] = {}
    broken: dict[int, BrokenFileError] = {}
    for k, path in enumerate(paths):
        try:
            sizes[k] = _size(path)
        except BrokenFileError as error:
            broken[k] = error
        progress(0.0)
    if not sizes:
        raise next(iter(broken.values()), DataError("There are no images.", hint="Choose some."))
    return sizes, broken


def _left_out(paths: Sequence[Path]) -> str:
    """ "2 images cannot be read and are left out: cat/a.png, dog/b.png."."""
    names = ", ".join(f"{path.parent.name}/{path.name}" for path in paths[:MOST_NAMED])
    more = f" and {len(paths) - MOST_NAMED:,} more" if len(paths) > MOST_NAMED else ""
    told = (
        "1 image cannot be read and is"
        if len(paths) == 1
        else f"{len(paths):,} images cannot be read and are"
    )
    return f"{told} left out: {names}{more}."


def _set(pixels: list[Bytes], grey: bool, labels: Sequence[str], title: str, notes: Sequence[str]) -> Reading:
    x = np.stack([part[:1] if grey else part for part in pixels]).astype(np.float32)
    x /= np.float32(255)
    if not labels:
        return from_arrays(x, name=title, notes=notes)
    classes = sorted(set(labels))
    return from_arrays(x, [classes.index(label) for label in labels], classes, title, notes)


def image_to_reading(image: QImage, name: str = "image") -> Reading:
    """One image that is at hand, as from the clipboard."""
    if image.isNull():
        raise DataError("There is no image on the clipboard.")
    store.require_room(image.width() * image.height() * 3, name)
    pixels = _pixels(_opaque(image))
    return _set([pixels], bool((pixels == pixels[:1]).all()), (), name, ())


def _plain(sizes: Sequence[QSize]) -> list[tuple[int, int]]:
    return [(size.width(), size.height()) for size in sizes]


def _size(path: Path) -> QSize:
    """Of an image, from its first bytes. BrokenFileError, TooLargeError."""
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    size = reader.size()
    if not size.isValid():
        raise _broken(path, reader.errorString())
    if max(size.width(), size.height()) > WIDEST:
        raise TooLargeError(
            f"{path.name} has {size.width():,}×{size.height():,} pixels; {WIDEST:,} a side are the most."
        )
    turned = reader.transformation().value & 4  # rotated by a quarter
    return size.transposed() if turned else size


def _read(path: Path) -> QImage:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        raise _broken(path, reader.errorString())
    return _opaque(image)


def _broken(path: Path, why: str) -> BrokenFileError:
    return BrokenFileError(f"{path.name} is no image that can be read: {why}.", hint="Save it as PNG again.")


def _opaque(image: QImage) -> QImage:
    """With white behind what is transparent."""
    if not image.hasAlphaChannel():
        return image.convertToFormat(QImage.Format.Format_RGB888)
    ground = QImage(image.size(), QImage.Format.Format_RGB888)
    ground.fill(QColor("white"))
    painter = QPainter(ground)
    painter.drawImage(0, 0, image)
    painter.end()
    return ground


def _fitted(image: QImage, width: int, height: int) -> QImage:
    """Scaled so that it covers that size, and cut to it around the middle."""
    if (image.width(), image.height()) == (width, height):
        return image
    covering = image.scaled(
        width,
        height,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    place = QRect((covering.width() - width) // 2, (covering.height() - height) // 2, width, height)
    return covering.copy(place).convertToFormat(QImage.Format.Format_RGB888)


def _pixels(image: QImage) -> Bytes:
    """(3, height, width) bytes."""
    width, height = image.width(), image.height()
    lines: Any = np.frombuffer(image.constBits(), np.uint8).reshape(height, image.bytesPerLine())
    return np.ascontiguousarray(lines[:, : 3 * width].reshape(height, width, 3).transpose(2, 0, 1))
