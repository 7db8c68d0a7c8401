"""Optuna's journal: a file of what a study was told, one line a step, as Optuna's own JournalFileBackend has it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from ....errors import SaveError

MOST_JOURNAL = 1 << 28  # bytes; what is larger is made again


class _Backend:
    """Read once, as nobody else writes it: the sweep is locked. Lines are not forced to the disk one by one, which
    would take most of the time: should the power fail, the journal is made again.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._logs: list[dict[str, Any]] = list(JournalFileBackend(str(path)).read_logs(0))

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:
        return iter(self._logs[log_number_from:])

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        try:
            with open(self._path, "ab") as file:
                file.write(lines.encode())
        except OSError as error:
            raise SaveError(f"{self._path} cannot be written: {error.strerror or error}.") from error
        self._logs.extend(json.loads(line) for line in lines.splitlines())


def storage(path: Path) -> Any:
    """Optuna's storage in a file. SaveError: it cannot be written."""
    return JournalStorage(_Backend(path))


def is_whole(path: Path) -> bool:
    """Whether its last line is."""
    with open(path, "rb") as file:
        return file.seek(0, 2) > 0 and file.seek(-1, 2) >= 0 and file.read() == b"\n"


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna tells of each step otherwise."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(level)
