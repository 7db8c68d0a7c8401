"""Picture files as bytes and as rows of numbers from 0 to 1: grey ones as 1×H×W, coloured ones as 3×H×W.

Pillow reads them, and only what is named here: PNG, JPEG, BMP, GIF and WebP. Transparent parts become white, and what a
camera says of up and down is followed. Pictures of a set are made alike: those of different sizes are scaled down to
the smallest width and height among them, cut to its shape around the middle.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ..errors import BrokenFileError, DataError, FileError, TooLargeError
from . import store
from .reading import Reading, from_arrays

if TYPE_CHECKING:
    from PIL.Image import Image

SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
MOST_IMAGES = 100_000
MOST_NAMED = 5
WIDEST = 16_384  # pixels of one side
MOST_PIXELS = 64_000_000  # of one picture; less than Pillow begins to warn at
_TURNED = (5, 6, 7, 8)  # orientations of EXIF that swap width and height
_ORIENTATION = 0x0112  # the tag of EXIF that holds them
_DAMAGES = (
    OSError,
    SyntaxError,  # Pillow's word for a broken PNG
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)

Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Size = tuple[int, int]  # width, height
Progress = Callable[[float], None]
Source = str | os.PathLike[str] | bytes


def read_picture(source: Source, name: str = "") -> Bytes:
    """A picture, upright, as (1, height, width) bytes where it is grey, else (3, height, width).

    `source` is a file, or its content. Of one that moves, it is the first picture.

    Raises:
        FileError: there is no such file, or it may not be read. BrokenFileError: it is no picture, or damaged.
        TooLargeError: it has more pixels than anybody should unpack; told before they are.
    """
    return without_colour(_read(source, name or _name(source)))


def as_floats(pixels: Bytes) -> Floats:
    """(1, C, H, W) from 0 to 1, of (C, H, W) bytes."""
    return pixels[None].astype(np.float32) / np.float32(255)


def picture_for(source: Source, channels: int, height: int, width: int, name: str = "") -> Floats:
    """A picture as (1, channels, height, width) from 0 to 1: scaled to cover that size, and cut around the middle.

    A coloured one becomes grey where one channel is asked for, a grey one is repeated. Errors as `read_picture`.
    """
    return as_floats(with_channels(_fitted(_open(source, name or _name(source)), (width, height)), channels))


def fitted(pixels: Bytes, height: int, width: int) -> Bytes:
    """(C, H, W) bytes scaled to cover that size, and cut to it around the middle.

    On the way down each pixel is the mean of what it covers.
    """
    return _fitted(_to_image(pixels), (width, height))[: len(pixels)]


def within(pixels: Bytes, most: int) -> Bytes:
    """(C, H, W) bytes scaled down, in proportion, to at most so many pixels; as they are where they are no more."""
    height, width = pixels.shape[1:]
    if height * width <= most:
        return pixels
    scale = (most / (height * width)) ** 0.5
    return fitted(pixels, max(1, int(height * scale)), max(1, int(width * scale)))


def without_colour(pixels: Bytes) -> Bytes:
    """Only one channel where all are the same."""
    return pixels[:1] if (pixels == pixels[:1]).all() else pixels


def with_channels(pixels: Bytes, channels: int) -> Bytes:
    """(channels, H, W): grey is weighed as ITU-R BT.601 has it (0.299 red, 0.587 green, 0.114 blue)."""
    if len(pixels) == channels:
        return pixels
    if channels == 1:
        grey = np.tensordot(np.array([0.299, 0.587, 0.114]), pixels.astype(np.float64), 1)
        return np.rint(grey)[None].astype(np.uint8)
    if len(pixels) == 1:
        return pixels.repeat(channels, axis=0)
    raise DataError(f"A picture of 3 colours cannot be given {channels} channels.", hint="Use 1 or 3.")


def to_png(pixels: Bytes) -> bytes:
    """(1 or 3, H, W) bytes as the content of a PNG file."""
    target = io.BytesIO()
    _to_image(pixels).save(target, "PNG")
    return target.getvalue()


# Sets


def files_of(folder: Path) -> tuple[list[Path], list[str]]:
    """The pictures of a folder, and the class of each: the name of its subfolder, where there are such.

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


def has_images(folder: Path) -> bool:
    """Whether there are pictures in a folder or its subfolders."""
    try:
        return bool(files_of(folder)[0])
    except (DataError, OSError):
        return False


def _images(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix.lower() in SUFFIXES and path.is_file()]


def read_images(
    paths: Sequence[Path], labels: Sequence[str] = (), name: str = "", progress: Progress = lambda share: None
) -> Reading:
    """All these pictures as one set, N×C×H×W; `labels` names the class of each.

    Those of many that are broken are left out, and a note names them.

    Raises:
        DataError, TooLargeError: there are too many, or they are too large; checked before they are read.
        BrokenFileError: none of them can be read; the message names the first.
    """
    if len(paths) > MOST_IMAGES:
        raise TooLargeError(f"These are {len(paths):,} images; {MOST_IMAGES:,} are the most.")
    sizes, broken = _sizes(paths, progress)
    smallest = min(width for width, _ in sizes.values()), min(height for _, height in sizes.values())
    title = name or (paths[0].name if len(paths) == 1 else f"{len(paths):,} images")
    each = len(paths) * smallest[0] * smallest[1]
    store.require_room(each, title)
    pixels: list[Bytes] = []
    kept, is_grey = [], True
    for k, path in enumerate(paths):
        progress((k + 1) / len(paths))
        if k in broken:
            continue
        try:
            made = without_colour(_fitted(_open(path, path.name), smallest))
        except FileError as error:  # its first bytes said otherwise
            broken[k] = error
            continue
        is_grey = is_grey and len(made) == 1
        store.require_room(each * (1 if is_grey else 3), title)
        pixels.append(made)
        kept.append(k)
    if not pixels:
        raise next(iter(broken.values()))
    notes = []
    if len(set(sizes.values())) > 1:
        notes.append(f"The images differ in size; all were scaled to {smallest[0]}×{smallest[1]}.")
    if broken:
        notes.append(_left_out([paths[k] for k in sorted(broken)]))
    return as_set(pixels, [labels[k] for k in kept] if labels else (), title, notes)


def as_set(pixels: Sequence[Bytes], labels: Sequence[str], title: str, notes: Sequence[str] = ()) -> Reading:
    """Pictures of one size as rows; all have three channels where one of them has."""
    channels = max(len(part) for part in pixels)
    x = np.stack([with_channels(part, channels) for part in pixels]).astype(np.float32)
    x /= np.float32(255)
    if not labels:
        return from_arrays(x, name=title, notes=notes)
    classes = sorted(set(labels))
    return from_arrays(x, [classes.index(label) for label in labels], classes, title, notes)


def _sizes(paths: Sequence[Path], progress: Progress) -> tuple[dict[int, Size], dict[int, FileError]]:
    """The sizes of those that are pictures, and what is wrong with the others, by their places."""
    sizes: dict[int, Size] = {}
    broken: dict[int, FileError] = {}
    for k, path in enumerate(paths):
        try:
            sizes[k] = size_of(path)
        except TooLargeError:
            raise
        except FileError as error:
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


# One file


def size_of(source: Source, name: str = "") -> Size:
    """Width and height of a picture as it will stand, from its first bytes. Errors as `read_picture`."""
    with _opened(source, name or _name(source)) as image:
        width, height = image.size
        try:
            turned = image.getexif().get(_ORIENTATION) in _TURNED
        except _DAMAGES:  # what a camera says is a courtesy
            turned = False
    return (height, width) if turned else (width, height)


def _name(source: Source) -> str:
    return "The picture" if isinstance(source, bytes) else Path(source).name


def _opened(source: Source, name: str) -> Image:
    """Its head is read, nothing is unpacked yet."""
    from PIL import Image, UnidentifiedImageError

    where: Any = io.BytesIO(source) if isinstance(source, bytes) else source
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is large is told below
            image = Image.open(where, formats=FORMATS)
    except UnidentifiedImageError:
        if not (len(source) if isinstance(source, bytes) else Path(source).stat().st_size):
            raise BrokenFileError(f"{name} is empty.", hint="Copy or download it again.") from None
        raise _broken(name, "it is neither PNG, JPEG, BMP, GIF nor WebP, or its head is damaged") from None
    except Image.DecompressionBombError:
        raise _too_large(name) from None
    except FileNotFoundError:
        raise FileError(f"There is no file '{source!s}'.", hint="Check the name.") from None
    except (PermissionError, IsADirectoryError) as error:
        raise FileError(f"{name} cannot be read: {error.strerror or error}.") from error
    except _DAMAGES as error:
        raise _broken(name, _why(error)) from error
    width, height = image.size
    if max(width, height) > WIDEST or width * height > MOST_PIXELS:
        image.close()
        raise _too_large(name, f" {width:,}×{height:,}")
    return image


def _open(source: Source, name: str) -> Image:
    """Unpacked, upright, and as RGB."""
    from PIL import ImageOps

    with _opened(source, name) as image:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                image.load()
            return _opaque(ImageOps.exif_transpose(image))
        except _DAMAGES as error:
            raise BrokenFileError(
                f"{name} is damaged or cut short: {_why(error)}.",
                hint="Copy or download it again, or save it anew as PNG.",
            ) from error


def _read(source: Source, name: str) -> Bytes:
    return _pixels(_open(source, name))


def _broken(name: str, why: str) -> BrokenFileError:
    return BrokenFileError(f"{name} is no image that can be read: {why}.", hint="Save it as PNG again.")


def _too_large(name: str, size: str = "") -> TooLargeError:
    return TooLargeError(
        f"{name} has{size or ' far too many'} pixels; {WIDEST:,} a side and {MOST_PIXELS:,} in all are the most.",
        hint="Scale it down in a picture program first.",
    )


def _why(error: Exception) -> str:
    return str(error).rstrip(".") or type(error).__name__


def _opaque(image: Image) -> Image:
    """As RGB of 8 bits, with white behind what is transparent."""
    from PIL import Image as images

    if image.mode.startswith(("I", "F")):  # 16 bits of grey and more
        deep = np.asarray(image, np.float64)
        return images.fromarray(np.clip(np.rint(deep / 257), 0, 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        over = image.convert("RGBA")
        return images.alpha_composite(images.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("RGB")


def _fitted(image: Image, size: Size) -> Bytes:
    """(3, height, width) bytes: scaled so that it covers that size, and cut to it around the middle."""
    from PIL import Image as images
    from PIL import ImageOps

    if image.size == size:
        return _pixels(image)
    is_smaller = size[0] <= image.width and size[1] <= image.height
    how = images.Resampling.BOX if is_smaller else images.Resampling.BICUBIC
    return _pixels(ImageOps.fit(image, size, how))


def _pixels(image: Image) -> Bytes:
    return np.ascontiguousarray(np.asarray(image, np.uint8).transpose(2, 0, 1))


def _to_image(pixels: Bytes) -> Image:
    from PIL import Image as images

    return images.fromarray(np.ascontiguousarray(with_channels(pixels, 3).transpose(1, 2, 0)))
