"""Saving and loading documents: `.graphlab` archives with weights and preview, or the plain graph.json inside them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from ..data.pictures import SUFFIXES as PICTURES
from ..errors import BrokenFileError, FileError, SaveError, TooLargeError
from ..graph import Document, Graph, codec
from . import onnx_in, rows, strict_json
from . import weights as tensors
from .archive import Archive, pack
from .migrations import MIGRATIONS
from .saving import write_atomically
from .weights import Array

GRAPH, WEIGHTS, ROWS, PREVIEW = "graph.json", "weights.safetensors", "rows.safetensors", "preview.png"

MOST_JSON = 64 << 20
MOST_TIMES = 20  # weights are stored unpacked; more than so many times the size of the file is no model
MOST_PREVIEW = 16 << 20


class HasWeights(Protocol):
    """A run, or whatever else has learnt arrays by name: parameters and running statistics."""

    @property
    def weights(self) -> Mapping[str, Any]: ...


def save(
    graph: Graph | Document,
    path: str | os.PathLike[str],
    weights: HasWeights | Mapping[str, Any] | None = None,
    preview: bytes | None = None,
) -> None:
    """Writes a graph to a file; an old file of that name stays whole until the new one is.

    Args:
        graph: a Graph (which then counts as saved) or a Document.
        path: `.graphlab`, or `.json` for the plain document, which has no place for weights, rows and preview.
        weights: arrays by name such as "hidden.weight", or a run, whose own are taken.
        preview: a PNG of the graph.

    Raises:
        SaveError: it could not be written; the message says why and what to try.
    """
    document = graph.document if isinstance(graph, Graph) else graph
    target = Path(path).expanduser()
    if onnx_in.is_onnx(target):
        raise SaveError(
            f"{target.name} would be no ONNX file.",
            hint=f"Save as {target.stem}.graphlab, or export it as ONNX.",
        )
    data = to_bytes(document)
    if target.suffix.lower() != ".json":
        members = {GRAPH: data}
        arrays = weights if isinstance(weights, Mapping) or weights is None else weights.weights
        if arrays:
            members[WEIGHTS] = tensors.to_bytes(arrays)
        if stored := rows.packed(document):
            members[ROWS] = stored
        if preview:
            members[PREVIEW] = preview
        data = pack(members)
    write_atomically(target, data)
    if isinstance(graph, Graph):
        graph.mark_saved()


def load(path: str | os.PathLike[str]) -> tuple[Graph, dict[str, Array]]:
    """The graph in a file, and its weights by name (none: empty). The rows of its tables are at hand from then on.

    Operations and fields that this graphlab does not know are kept, and written back unchanged. An .onnx file becomes a
    graph that no file holds yet; see `onnx_in`.

    Raises:
        FileError: there is no such file, or it cannot be read.
        BrokenFileError, TooLargeError, VersionError: its content; see there.
    """
    if onnx_in.is_onnx(path):
        return onnx_in.from_onnx(path)
    with _opened(path) as file:
        if not _is_archive(file):
            return Graph(from_bytes(_read_json(file, Path(path)))), {}
        return _from_archive(file)


def load_bytes(data: bytes) -> tuple[Graph, dict[str, Array]]:
    """The same of the bytes of a .graphlab file. BrokenFileError, TooLargeError, VersionError."""
    return _from_archive(io.BytesIO(data))


def _from_archive(file: IO[bytes]) -> tuple[Graph, dict[str, Array]]:
    archive = Archive(file)
    document = from_bytes(archive.read(GRAPH, MOST_JSON))
    arrays: dict[str, Array] = {}
    most = max(MOST_JSON, MOST_TIMES * file.seek(0, io.SEEK_END))
    if WEIGHTS in archive:
        arrays = tensors.from_bytes(archive.read(WEIGHTS, most))
    if ROWS in archive:
        rows.unpack(archive.read(ROWS, most), document)
    return Graph(document), arrays


def read_preview(path: str | os.PathLike[str]) -> bytes | None:
    """The PNG in a file, or None when it has none. FileError as `load`."""
    if onnx_in.is_onnx(path):
        return None
    with _opened(path) as file:
        if not _is_archive(file):
            return None
        archive = Archive(file)
        return archive.read(PREVIEW, MOST_PREVIEW) if PREVIEW in archive else None


def to_bytes(document: Document) -> bytes:
    """The document as graph.json: the same bytes for equal documents."""
    return codec.to_bytes(document)


def from_bytes(data: bytes) -> Document:
    """The document in graph.json bytes of any origin and any version up to ours.

    Raises:
        BrokenFileError, TooLargeError, VersionError: the message names the place.
    """
    if len(data) > MOST_JSON:
        raise TooLargeError(f"The document has {len(data):,} bytes; {MOST_JSON:,} are the most.")
    return codec.from_record(MIGRATIONS.apply(strict_json.parse(data, "The document")))


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """The file, open for reading. FileError when that is not possible."""
    place = Path(path).expanduser()
    try:
        if not place.is_file():
            what = "is not a file" if place.exists() else "does not exist"
            raise FileError(f"{place} {what}.", hint="Check the name.")
        with open(place, "rb") as file:
            yield file
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise FileError(
            f"{place} cannot be read: {reason}.", hint="Check the name and your permissions."
        ) from error


def _is_archive(file: IO[bytes]) -> bool:
    head = file.read(4)
    file.seek(0)
    if not head:
        raise BrokenFileError("The file is empty.", hint="Try an older copy of it.")
    return head.startswith(b"PK")


def _read_json(file: IO[bytes], path: Path) -> bytes:
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if size > MOST_JSON:
        raise TooLargeError(f"The file has {size:,} bytes; {MOST_JSON:,} are the most for a graph.")
    data = file.read()
    if not data.lstrip()[:1] == b"{":
        raise BrokenFileError(f"{path.name} is not a graphlab file.", hint=_what_else(path))
    return data


def _what_else(path: Path) -> str:
    """What to do with a file that holds no graph, as far as its name tells."""
    kind = path.suffix.lower()
    if kind in PICTURES:
        return "A picture goes into a graph: drop it on the canvas, or set the file of a Picture node."
    if kind in (".safetensors", ".npz"):
        return (
            f"Weights go into a graph: graphlab weights GRAPH load {path.name}, or drop them on the canvas."
        )
    return "Open a .graphlab file, a graph.json or an .onnx file."
