"""The state of a training as bytes, to go on from elsewhere: plain values and raw arrays, read as untrusted."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from ...errors import BrokenFileError

KINDS = ("<f4", "<f8", "<i8", "<i4", "<u8", "|b1", "|u1", "<u4")
_ARRAY = "array"


def to_bytes(state: Any) -> bytes:
    """Dictionaries, lists, numbers, texts and arrays."""
    return msgspec.msgpack.encode(state, enc_hook=_plain)


def from_bytes(data: bytes) -> Any:
    """The same again, arrays writable. BrokenFileError."""
    try:
        return _back(msgspec.msgpack.decode(data))
    except (msgspec.DecodeError, ValueError, KeyError, TypeError) as error:
        raise BrokenFileError(f"The state of a training is damaged: {error}") from error


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        kind = value.dtype.newbyteorder("<").str
        return {
            _ARRAY: kind,
            "shape": value.shape,
            "data": np.ascontiguousarray(value).astype(kind).tobytes(),
        }
    raise TypeError(f"{type(value).__name__} cannot be written.")


def _back(value: Any) -> Any:
    if isinstance(value, list):
        return [_back(each) for each in value]
    if not isinstance(value, dict):
        return value
    if _ARRAY not in value:
        return {key: _back(each) for key, each in value.items()}
    if value[_ARRAY] not in KINDS:
        raise ValueError(f"{value[_ARRAY]} is no kind of number")
    return np.frombuffer(value["data"], value[_ARRAY]).reshape(value["shape"]).copy()
