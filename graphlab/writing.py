"""Writing a file so that, whatever happens, either the old or the new one is there, whole."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .errors import SaveError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_NO_FOLDER = {errno.ENOENT, errno.ENOTDIR}


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write into: temporary, beside `path`, and given that name in one step when the block ends well.

    A link is followed, and the permissions of an old file are kept. `durable` waits until it is on the disk, so that
    it survives a power cut too.

    Raises:
        SaveError: it could not be written; an old file is untouched and no temporary file is left.
    """
    try:
        target = path.resolve()
        if target.is_dir():
            raise SaveError(f"{path} is a folder.", hint="Choose a file name.")
        temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.tmp")
        try:
            with _opened(temporary, target) as file:
                yield file
                file.flush()
                if durable:
                    os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        if durable:
            _sync_folder(target.parent)
    except (OSError, ValueError) as error:
        raise save_error(path, error) from error


def _opened(temporary: Path, target: Path) -> IO[bytes]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, 0o666)
    with contextlib.suppress(OSError):  # there is no old file, or its permissions mean nothing here
        os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
    return open(descriptor, "wb")


def _sync_folder(folder: Path) -> None:
    """Puts the new name itself on the disk. Not every system lets a folder be opened; the file is whole anyway."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def save_error(path: Path, error: OSError | ValueError) -> SaveError:
    """What happened and what to try, by the system's error number."""
    code = error.errno if isinstance(error, OSError) else None
    name, folder = path.name, path.parent
    if code in _FULL:
        return SaveError(
            f"There is no room on the disk for {name}.", hint="Free some space, or save elsewhere."
        )
    if code in _FORBIDDEN:
        return SaveError(f"{name} may not be written in {folder}.", hint="Save it in a folder of your own.")
    if code in _NO_FOLDER:
        return SaveError(f"There is no folder {folder}.", hint="Create it, or save elsewhere.")
    if code == errno.ENAMETOOLONG:
        return SaveError("The file name is too long.", hint="Choose a shorter one.")
    reason = (error.strerror if isinstance(error, OSError) else "") or str(error)
    return SaveError(f"{name} could not be saved: {reason}.", hint="Try another place.")
