"""Arrays of numbers as PNG files, for what is computed without a window."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import SaveError

Bytes = npt.NDArray[np.uint8]
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def png(pixels: Any) -> bytes:
    """The bytes of a picture in grey (height, width) or colour (height, width, 3), of whole numbers from 0 to 255."""
    values: Bytes = np.ascontiguousarray(pixels, np.uint8)
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] != 3) or not values.size:
        raise SaveError(f"Numbers of {'×'.join(map(str, values.shape))} are no picture.")
    height, width = values.shape[:2]
    lines = values.reshape(height, -1)
    raw = np.hstack(
        [np.zeros((height, 1), np.uint8), lines]
    ).tobytes()  # each line begins with its filter: none
    kind = 2 if values.ndim == 3 else 0
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw, 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
