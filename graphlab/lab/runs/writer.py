"""Writes a run as it happens, so that whatever dies, what was written is there, whole."""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec
import numpy as np

from ...engine.training import Report
from ...errors import SaveError
from ...graph import Document, codec
from ...io import rows, to_bytes
from ...io import weights as tensors
from ...io.lock import Lock
from ...io.saving import write_atomically
from ...writing import save_error
from . import lines
from .figures import Tally
from .kept import (
    BEST,
    END,
    EPOCHS,
    GRAPH,
    HEAD,
    LABELS,
    LOCK,
    MARKS,
    STEPS,
    WEIGHTS,
    End,
    Head,
    Labels,
    State,
    figures_record,
)
from .names import number_of, numbers_in


@dataclass(frozen=True)
class Start:
    """What a run begins with: its document, where that lies, how many parameters, and what it branched from."""

    document: Document
    origin: str = ""
    parameters: int = 0
    first: int = 0
    parent: str = ""
    parent_step: int = 0
    labels: Labels = field(default_factory=Labels)


class RunWriter:
    """One run being kept, in a folder of its own inside `folder`, which is made where it is missing.

    Used by one thread at a time. A lock tells others that it is alive.

    Raises:
        SaveError: from any call; what was written before stays.
    """

    def __init__(self, folder: Path, start: Start) -> None:
        self.path, self._lock = own_folder(folder)
        self.tally = Tally()
        self._files: dict[str, IO[bytes]] = {}
        self._document: Document | None = None
        self._weights_step = self._best_step = -1
        self._end: End | None = None
        self._is_best = False
        try:
            head = Head(
                self.path.name,
                time.time(),
                start.document.name,
                codec.to_plain(start.document)["training"],
                number=number_of(self.path.name),
                origin=start.origin,
                parameters=start.parameters,
                first=start.first,
                parent=start.parent,
                parent_step=start.parent_step,
                machine=machine(),
                graphlab=version(),
            )
            if start.labels != Labels():
                self._put(LABELS, msgspec.json.encode(start.labels))
            self._graph(start.document)
            self._put(HEAD, msgspec.json.format(msgspec.json.encode(head), indent=1))  # last: now it is a run
        except BaseException:
            self.discard()
            raise

    # As it happens

    def losses(self, first: int, losses: Any, seconds: float) -> None:
        """The losses of the steps after `first` updates, and how long training took until now."""
        self.tally.take_losses(first, losses, seconds)
        self._append(STEPS, lines.losses_line(first, losses, seconds))

    def epoch(self, epoch: Report) -> None:
        """The report of an epoch."""
        self._append(EPOCHS, lines.epoch_line(epoch))
        self._is_best = self.tally.take_epoch(epoch)

    def mark(self, step: int, text: str) -> None:
        """Something was changed by hand."""
        self._append(MARKS, lines.mark_line(step, text))

    def weights(self, document: Document, arrays: Mapping[str, Any], step: int) -> None:
        """The weights after `step` updates, and the document that they are of.

        The first that come after the report of the best epoch yet, and before another report, are the best ones.
        """
        self._graph(document)
        data = tensors.to_bytes(arrays)
        self._put(WEIGHTS, data)
        self._weights_step = step
        if self._is_best:
            self._put_best(data, step)
        self._put_end()

    @property
    def is_best(self) -> bool:
        """Whether the newest report is the best, and weights of it were not kept yet."""
        return self._is_best

    def best_weights(self, arrays: Mapping[str, Any], step: int) -> None:
        """The weights of the best epoch, from who knows them exactly."""
        self._put_best(tensors.to_bytes(arrays), step)
        self._put_end()

    def _put_best(self, data: bytes, step: int) -> None:
        self._is_best = False
        self._put(BEST, data)
        self._best_step = step

    def end(self, state: State, reason: str = "") -> None:
        """It is over. No losses are taken after this; weights that were still on their way are."""
        if self._end is not None:
            return
        self._end, self._document = End(state, time.time(), reason=reason[:1000]), None
        self.close_files()
        try:
            self._put_end()
        finally:
            self._lock.release()

    def _put_end(self) -> None:
        if self._end is not None:
            end = msgspec.structs.replace(
                self._end,
                figures=figures_record(self.tally.figures()),
                weights_step=self._weights_step,
                best_step=self._best_step,
            )
            self._put(END, msgspec.json.encode(end))

    def reopen(self) -> None:
        """It goes on after all: training is continued."""
        if self._end is not None:
            lock = Lock.take(self.path / LOCK)
            if lock is None:
                raise SaveError(f"{self.path.name} is in use.", hint="Close the other window first.")
            self._lock, self._end = lock, None
            with contextlib.suppress(OSError):
                (self.path / END).unlink()

    def discard(self) -> None:
        """Takes it away: nothing of it is worth keeping."""
        self.close_files()
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)

    def move_to(self, folder: Path) -> None:
        """Goes on in another folder, with all that was written."""
        self.close_files()
        self._lock.release()
        moved = move_run(self.path, folder)
        lock = None if self._end is not None else Lock.take(moved / LOCK)
        self.path = moved
        if lock is not None:
            self._lock = lock

    # Files

    def _append(self, name: str, data: bytes) -> None:
        try:
            if name not in self._files:
                self._files[name] = open(self.path / name, "ab", buffering=0)  # noqa: SIM115  (until it ends)
            self._files[name].write(data)
        except OSError as error:
            raise save_error(self.path / name, error) from error

    def close_files(self) -> None:
        """They are opened again when there is more to write."""
        while self._files:
            with contextlib.suppress(OSError):
                self._files.popitem()[1].close()

    def _graph(self, document: Document) -> None:
        if document is not self._document:
            rows.write_beside(self.path.parent, document)
            self._put(GRAPH, to_bytes(document))
            self._document = document

    def _put(self, name: str, data: bytes) -> None:
        write_atomically(self.path / name, data, durable=False)


def move_run(path: Path, folder: Path) -> Path:
    """Puts the folder of a run, and the rows that its graph needs, into another. SaveError."""
    target = folder / path.name
    if target == path:
        return path
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target = folder / f"{path.name}-{secrets.token_hex(2)}"
        shutil.move(path, target)
        graph = (target / GRAPH).read_bytes() if (target / GRAPH).is_file() else b""
        for stored in path.parent.glob(f"*{rows.SUFFIX}"):
            if stored.stem.encode() in graph and not (folder / stored.name).exists():
                shutil.copy2(stored, folder / stored.name)
    except OSError as error:
        raise save_error(target, error) from error
    return target


@functools.cache
def machine() -> dict[str, Any]:
    """What a run is said to have run on."""
    return {
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        "numpy": np.__version__,
    }


@functools.cache
def version() -> str:
    """This graphlab's; "" where it is not installed."""
    from importlib import metadata

    try:
        return metadata.version("graphlab")
    except metadata.PackageNotFoundError:
        return ""


def own_folder(folder: Path, lock_name: str = LOCK, what: str = "run") -> tuple[Path, Lock]:
    """A new folder inside, named by the next number and the time, and the lock in it. SaveError."""
    for ending in ("", *(f"-{secrets.token_hex(2)}" for _ in range(20))):
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = folder / f"{max(numbers_in(folder), default=0) + 1:04d}-{stamp}{ending}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.mkdir()
        except FileExistsError:
            if not folder.is_dir():
                raise SaveError(f"{folder} is not a folder.", hint=f"No {what} can be kept there.") from None
            continue
        except OSError as error:
            raise save_error(path, error) from error
        lock = Lock.take(path / lock_name)
        if lock is not None:
            return path, lock
        shutil.rmtree(path, ignore_errors=True)
    raise SaveError(f"No folder for a {what} can be made in {folder}.")
