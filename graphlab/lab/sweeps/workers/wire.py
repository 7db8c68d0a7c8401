"""What a pool and its processes say to each other: msgspec records as MessagePack, framed as the engine's
messages are. Documents travel as bytes of files. Nothing is pickled.
"""

from __future__ import annotations

import struct

import msgspec

from ..records import Done, Epoch, Task


class Give(msgspec.Struct, tag=True):
    """A document, ahead of the first task that names it."""

    digest: str
    content: bytes


class Do(msgspec.Struct, tag=True):
    """number: of this process's tasks, from 1."""

    number: int
    task: Task


class Noted(msgspec.Struct, tag=True):
    """An epoch of the task is over."""

    number: int
    epoch: Epoch


class Finished(msgspec.Struct, tag=True):
    """What came of the task."""

    number: int
    done: Done


Order = Give | Do
Answer = Noted | Finished

_encoder = msgspec.msgpack.Encoder()
decode_order = msgspec.msgpack.Decoder(Order).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


def frame(message: Order | Answer) -> bytes:
    payload = _encoder.encode(message)
    return struct.pack("<Q", len(payload)) + payload
