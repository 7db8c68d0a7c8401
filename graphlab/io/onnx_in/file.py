"""An .onnx file becomes the onnx package's record of a model: read as untrusted, with limits and clear refusals."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import BrokenFileError, FileError, TooLargeError, VersionError
from ...graph.codec import MOST_NODES
from .wire import Span, without_numbers

SUFFIX = ".onnx"
MOST = (2 << 30) - 1  # bytes: what the format itself can hold; weights beyond that lie in files beside it
TEXT, MESSAGE = 9, 11  # types of fields, as protobuf numbers them
DEEPEST = 100  # functions that call functions
EXTRA = "pip install 'graphlab[onnx]'"


def is_onnx(path: str | os.PathLike[str]) -> bool:
    """Whether a file is one of ONNX's, by its name."""
    return Path(path).suffix.lower() == SUFFIX


def onnx_package() -> Any:
    """The onnx package. FileError, naming the extra to install, when it is missing."""
    try:
        import onnx
    except ImportError as error:
        raise FileError(
            "ONNX files need the onnx package, which is not installed.", hint=f"Run: {EXTRA}"
        ) from error
    return onnx


class Read(NamedTuple):
    """A ModelProto without its large arrays, and by initialiser where in `data` these lie."""

    model: Any
    data: bytes
    spans: list[Span]


def read_model(path: Path) -> Read:
    """What a file holds, without arrays that lie in other files.

    Raises:
        FileError: it is not there, cannot be read, or onnx is not installed.
        BrokenFileError: it is empty, damaged or no ONNX file. TooLargeError. VersionError: a newer format or opset.
    """
    onnx = onnx_package()
    data = _bytes(path)
    model, spans = onnx.ModelProto(), list[Span]()
    try:
        message, spans = without_numbers(data)
    except ValueError:
        message = data  # the parser will say what is wrong with it, if anything is
    try:
        model.ParseFromString(message)
    except Exception as error:  # the class differs between the backends of protobuf
        raise BrokenFileError(
            f"{path.name} is damaged, or no ONNX file: it cannot be parsed.", hint="Export it again."
        ) from error
    _check_text(model, path.name)
    _check(onnx, model, path.name)
    return Read(_inlined(model, path.name), data, spans)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise FileError(f"{path} {what}.", hint="Check the name.")
        size = path.stat().st_size
        if not size:
            raise BrokenFileError(f"{path.name} is empty.", hint="Export it again, or try an older copy.")
        if size > MOST:
            raise TooLargeError(
                f"{path.name} has {size:,} bytes; {MOST:,} are the most for an ONNX file.",
                hint="Export it with its weights as external data.",
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
        raise FileError(f"{path} cannot be read: {reason}.") from error


def _check_text(message: Any, name: str) -> None:
    """BrokenFileError for text that is none: protobuf hands on as bytes what is not UTF-8."""
    todo = [message]
    while todo:
        for field, value in todo.pop().ListFields():
            is_many = hasattr(value, "extend")
            if field.type == TEXT and not all(isinstance(v, str) for v in (value if is_many else (value,))):
                raise BrokenFileError(
                    f"{name} is damaged: {field.name} of {field.containing_type.name} is no text.",
                    hint="Export it again.",
                )
            if field.type == MESSAGE:
                todo += value if is_many else [value]


def _check(onnx: Any, model: Any, name: str) -> None:
    """It is a model with a graph, of a version that the installed onnx package knows."""
    if not model.HasField("graph") or not model.graph.node or not model.ir_version:
        raise BrokenFileError(
            f"{name} holds no graph: it is damaged, or no ONNX file.", hint="Export it again."
        )
    if model.ir_version > onnx.IR_VERSION:
        raise VersionError(
            f"{name} has ONNX's IR version {model.ir_version}; up to {onnx.IR_VERSION} can be read.",
            hint="Export it for an older version, or install a newer onnx package.",
        )
    opset, known = opset_of(model), onnx.defs.onnx_opset_version()
    if opset > known:
        raise VersionError(
            f"{name} has ONNX opset {opset}; up to {known} can be read.",
            hint="Export it with opset_version=20, or install a newer onnx package.",
        )


def opset_of(model: Any) -> int:
    """The version of ONNX's own operators that the model was written in."""
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=1)


def _inlined(model: Any, name: str) -> Any:
    """With the functions that the file itself defines written out where they are called."""
    if not model.functions:
        return model
    _require_bounded(model, name)
    import onnx.inliner

    try:
        return onnx.inliner.inline_local_functions(model)
    except Exception as error:
        raise BrokenFileError(
            f"{name} defines functions that cannot be written out: {error}", hint="Export it without them."
        ) from error


def _require_bounded(model: Any, name: str) -> None:
    """TooLargeError, BrokenFileError for functions that come to too many operators once they are written out."""
    bodies = {(f.domain, f.name): [(n.domain, n.op_type) for n in f.node] for f in model.functions}
    counts: dict[tuple[str, str], int] = {}

    def count(call: tuple[str, str], depth: int) -> int:
        if call not in bodies:
            return 1
        if depth > DEEPEST:
            raise BrokenFileError(
                f"{name} has functions that call one another without end.", hint="Export it again."
            )
        if call not in counts:
            counts[call] = sum(count(inner, depth + 1) for inner in bodies[call])
        return counts[call]

    total = sum(count((node.domain, node.op_type), 0) for node in model.graph.node)
    if total > MOST_NODES:
        raise TooLargeError(
            f"{name} has {total:,} operators once its functions are written out; {MOST_NODES:,} are the most.",
            hint="Export it without functions.",
        )


def beside(path: Path, location: str, what: str) -> Path:
    """The file of external data at that location. BrokenFileError for one outside the model's own folder."""
    folder = path.resolve().parent
    place = (folder / location).resolve()
    if not location or os.path.isabs(location) or folder not in place.parents:
        raise BrokenFileError(
            f"{path.name} wants the numbers of {what} from '{location}', outside its own folder.",
            hint="Put the data beside the model and export it again.",
        )
    if not place.is_file():
        raise FileError(
            f"{path.name} has the numbers of {what} in '{location}', which is not there.",
            hint=f"Put that file beside {path.name}.",
        )
    return place
