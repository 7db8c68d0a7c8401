"""Messages as bytes: an 8-byte little-endian length and a MessagePack payload.

Arrays inside a record travel as an extension type: dtype, shape, bytes.
"""

from __future__ import annotations

import os
import struct
from typing import Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from ...errors import EngineLostError
from .commands import Command
from .events import Event

Array = npt.NDArray[Any]
LONGEST = 1 << 31
_ARRAY = 1
_EXT32 = 0xC9  # MessagePack: an extension of up to 4 GB; one of 16 bytes is 0xD8
_TOKEN = bytes((0xD8, _ARRAY))


def _pack(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        array = np.ascontiguousarray(value)
        head = msgspec.msgpack.encode((array.dtype.str, value.shape))
        return msgspec.msgpack.Ext(_ARRAY, struct.pack("<I", len(head)) + head + array.tobytes())
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be sent")


def _unpack(code: int, data: memoryview) -> Array:
    (length,) = struct.unpack_from("<I", data)
    dtype, shape = msgspec.msgpack.decode(data[4 : 4 + length], type=tuple[str, tuple[int, ...]])
    return np.frombuffer(data, dtype=np.dtype(dtype), offset=4 + length).reshape(shape).copy()


_encoder = msgspec.msgpack.Encoder(enc_hook=_pack)
_commands: msgspec.msgpack.Decoder[Command] = msgspec.msgpack.Decoder(Command, ext_hook=_unpack)
_events: msgspec.msgpack.Decoder[Event] = msgspec.msgpack.Decoder(Event, ext_hook=_unpack)


def encode(message: Command | Event) -> bytes:
    """The frame of a message, length included."""
    payload = _encoder.encode(message)
    return struct.pack("<Q", len(payload)) + payload


def pieces(message: Command | Event) -> list[bytes | memoryview]:
    """The frame of a message that holds hundreds of megabytes: the numbers of its arrays as views, not copied.

    The record is encoded with a token in the place of each array, and cut there.
    """
    arrays: list[tuple[bytes, Array]] = []

    def pack(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return _pack(value)
        arrays.append((os.urandom(16), np.ascontiguousarray(value).reshape(value.shape)))
        return msgspec.msgpack.Ext(_ARRAY, arrays[-1][0])

    payload = msgspec.msgpack.Encoder(enc_hook=pack).encode(message)
    found: list[bytes | memoryview] = []
    done = 0
    for token, array in arrays:
        place = payload.index(_TOKEN + token, done)
        head = msgspec.msgpack.encode((array.dtype.str, array.shape))
        start = struct.pack(">BIb", _EXT32, 4 + len(head) + array.nbytes, _ARRAY) + struct.pack(
            "<I", len(head)
        )
        found += [payload[done:place], start, head, array.reshape(-1).view(np.uint8).data]
        done = place + len(_TOKEN) + len(token)
    found.append(payload[done:])
    return [struct.pack("<Q", sum(map(len, found))), *found]


def decode_command(payload: bytes) -> Command:
    """The command in a payload. msgspec.DecodeError when it is none."""
    return _commands.decode(payload)


def decode_event(payload: bytes) -> Event:
    """The event in a payload. msgspec.DecodeError when it is none."""
    return _events.decode(payload)


def read_payload(stream: BinaryIO) -> bytes | None:
    """The next payload of a pipe; None at its end. EngineLostError when it breaks off in the middle."""
    head = stream.read(8)
    if not head:
        return None
    (length,) = struct.unpack("<Q", head.ljust(8, b"\0"))
    payload = stream.read(length) if len(head) == 8 and length <= LONGEST else b""
    if len(payload) != length or len(head) != 8:
        raise EngineLostError("The pipe to the engine broke off in the middle of a message.")
    return payload
