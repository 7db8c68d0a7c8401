"""Zip archives: written the same for the same content, read with limits that a hostile file cannot get around.

Nothing is ever extracted to disk, and only members that are asked for by name are read.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import IO

from ..errors import BrokenFileError, TooLargeError

MOST_MEMBERS = 64
GREATEST_RATIO = 200  # of unpacked to packed size; ordinary JSON packs 5 to 30 times
EPOCH = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the earliest time that zip knows, for every member: equal content, equal bytes
_PIECE = 1 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    IndexError,
    KeyError,
    NotImplementedError,  # zipfile's word for features it does not know
    OSError,
    RuntimeError,
    ValueError,
)


def pack(members: Mapping[str, bytes]) -> bytes:
    """An archive of the members, in their order, stored without compression, so that any zlib gives the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.create_system = 3  # Unix, wherever it is written
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, data)
    return target.getvalue()


class Archive:
    """A zip archive open for reading; all its member names have been checked.

    Raises:
        BrokenFileError: it is no archive, is damaged, or has members that no graphlab file has.
        TooLargeError: it has too many members.
    """

    def __init__(self, file: IO[bytes]) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except _UNREADABLE as error:
            raise _damaged(error) from error
        self._members: dict[str, zipfile.ZipInfo] = {}
        members = self._zip.infolist()
        if len(members) > MOST_MEMBERS:
            raise TooLargeError(f"The file has {len(members):,} members; {MOST_MEMBERS} are the most.")
        for info in members:
            _check_member(info)
            if info.filename in self._members:
                raise BrokenFileError(f"The file holds {info.filename!r} twice.", hint=_HINT)
            self._members[info.filename] = info

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, limit: int) -> bytes:
        """The content of a member, its checksum verified.

        Raises:
            BrokenFileError: there is none of that name, or it is damaged.
            TooLargeError: it declares, or turns out to hold, more than `limit` bytes.
        """
        info = self._members.get(name)
        if info is None:
            raise BrokenFileError(f"There is no {name} in the file.", hint="It may not be a graphlab file.")
        if info.file_size > limit or info.file_size > GREATEST_RATIO * max(info.compress_size, 1024):
            raise TooLargeError(f"{name} declares {info.file_size:,} bytes, which is more than it may hold.")
        try:
            with self._zip.open(info) as member:
                return _read_up_to(member, limit, name)
        except _UNREADABLE as error:
            raise _damaged(error) from error


_HINT = "It was made by hand, or to do harm."


def _check_member(info: zipfile.ZipInfo) -> None:
    """Names that point outside, links and encryption have no place in a graphlab file."""
    name = info.orig_filename
    parts = name.replace("\\", "/").split("/")
    if not name or name != info.filename or "\0" in name or ":" in name or parts[0] == "" or ".." in parts:
        raise BrokenFileError(f"The file has a member that points outside: {name[:80]!r}.", hint=_HINT)
    if stat.S_ISLNK(info.external_attr >> 16):
        raise BrokenFileError(f"The file's member {name[:80]!r} is a link.", hint=_HINT)
    if info.flag_bits & 1:
        raise BrokenFileError(
            f"The file's member {name[:80]!r} is encrypted.", hint="Unpack and save it again."
        )
    if info.compress_type not in _METHODS:
        raise BrokenFileError(f"The file's member {name[:80]!r} is packed in an unknown way.", hint=_HINT)


def _read_up_to(member: IO[bytes], limit: int, name: str) -> bytes:
    """Reads to the end, so that the checksum is compared, but never more than the limit."""
    pieces: list[bytes] = []
    total = 0
    while piece := member.read(_PIECE):
        total += len(piece)
        if total > limit:
            raise TooLargeError(f"{name} holds more than {limit:,} bytes, which is more than it may.")
        pieces.append(piece)
    return b"".join(pieces)


def _damaged(error: Exception) -> BrokenFileError:
    reason = str(error).rstrip(".") or type(error).__name__
    return BrokenFileError(f"The file is damaged: {reason}.", hint="Try an older copy of it.")
