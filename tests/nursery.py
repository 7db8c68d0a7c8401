"""Processes that begin with what takes long already imported: forks of one that waits for nothing else.

Starting Python and importing NumPy and the engine takes most of a second, and hundreds of tests have an engine of their
own. A fork has all that an own process has (pipes, an environment, a death of its own) but the start. How the program
itself starts its engine is proved by the tests marked `own_engine`; where there is no fork, all of them are.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

import pytest

from tests.nursery_process import read_all

ROOT = Path(__file__).parents[1]
HOST = "import graphlab.engine.host as host; host.main()"  # what the window tells Python to do
CAN_FORK = sys.platform.startswith("linux")
ENGINE = (
    "import graphlab.engine.host, graphlab.ops, numpy.ma; graphlab.ops.by_category()"  # finds the operations
)
NUMPY = "import json, runpy, sys, warnings, numpy as np"


class Forked:
    """One process of a nursery, with the part of `subprocess.Popen` that is needed."""

    def __init__(self, pid: int, end: int, pipes: Sequence[int | None]) -> None:
        self.pid, self.returncode = pid, None
        self._end: int | None = end  # a pipe that says how it ended
        modes = ("wb", "rb", "rb")
        files = [None if p is None else os.fdopen(p, mode) for p, mode in zip(pipes, modes, strict=True)]
        self.stdin, self.stdout, self.stderr = files

    returncode: int | None
    stdin: BinaryIO | None
    stdout: BinaryIO | None
    stderr: BinaryIO | None

    def poll(self) -> int | None:
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._ended(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
        return code

    def _ended(self, timeout: float | None) -> int | None:
        if self._end is not None and select.select([self._end], [], [], timeout)[0]:
            self.returncode = int(os.read(self._end, 16))
            os.close(self._end)
            self._end = None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def __del__(self) -> None:
        if self._end is not None:
            os.close(self._end)


class Nursery:
    """A process that has imported something, and forks whenever it is asked to."""

    def __init__(self, imports: str) -> None:
        self._socket, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-P",
            str(ROOT / "tests" / "nursery_process.py"),
            str(theirs.fileno()),
            imports,
        ]
        paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        env = {**os.environ, "PYTHONPATH": paths}
        self._process = subprocess.Popen(
            command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=env
        )
        theirs.close()

    def close(self) -> None:
        self._socket.close()
        self._process.wait()

    def popen(
        self,
        code: str,
        *words: str | Path,
        stdin: Any = None,
        stdout: Any = None,
        stderr: Any = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> Forked:
        """As `subprocess.Popen([sys.executable, "-c", code, *words], …)`, but that the imports are done."""
        ours: list[int | None] = []
        given: list[int] = []
        for number, stream in enumerate((stdin, stdout, stderr)):
            mine, its = _ends(stream, number)
            ours.append(mine)
            given.append(its)
        end, told = os.pipe()
        order = {
            "code": code,
            "words": ["-c", *map(str, words)],
            "env": dict(os.environ if env is None else env),
            "cwd": str(cwd or Path.cwd()),
        }
        socket.send_fds(self._socket, [_packed(order)], [*given, told])
        for number in (*given, told):
            os.close(number)
        pid = int.from_bytes(read_all(self._socket, 8), "little")
        return Forked(pid, end, ours)

    def run(
        self, code: str, *words: str | Path, timeout: float, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """As `subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, …)`."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            forked = self.popen(code, *words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, **more)
            try:
                status = forked.wait(timeout)
            finally:
                forked.kill()
            said = []
            for file in (out, err):
                file.seek(0)
                said.append(file.read().decode())
        return subprocess.CompletedProcess(["-c", *map(str, words)], status, *said)


@cache
def nursery(imports: str) -> Nursery:
    """The one with these imports; it ends with the process that asked for it."""
    found = Nursery(imports)
    atexit.register(found.close)
    return found


def begin(imports: str, code: str, *words: str | Path, **more: Any) -> Any:
    """As `subprocess.Popen([sys.executable, "-c", code, *words], …)`, sooner there where processes can fork."""
    if CAN_FORK:
        return nursery(imports).popen(code, *words, **more)
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)], **more)


def carry_out(
    imports: str, code: str, *words: str | Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run([sys.executable, "-c", code, *words], …)` with what is printed, sooner there likewise."""
    if CAN_FORK:
        return nursery(imports).run(code, *words, timeout=timeout)
    command = [sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def engine_popen(arguments: Sequence[str], **more: Any) -> Any:
    """Instead of `subprocess.Popen`: forks where it is an engine that is to be started."""
    if list(arguments) != [sys.executable, "-P", "-c", HOST]:
        return subprocess.Popen(arguments, **more)
    more.pop("creationflags", None)
    return nursery(ENGINE).popen(arguments[-1], **more)


@pytest.fixture(autouse=True)
def forked_engines(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Engines of the window are forks, but in tests of how they start and end. For a conftest to import."""
    if CAN_FORK and not request.node.get_closest_marker("own_engine"):
        forking = SimpleNamespace(**vars(subprocess) | {"Popen": engine_popen})
        monkeypatch.setattr("graphlab.ui.engine_link.subprocess", forking)


def _ends(stream: Any, number: int) -> tuple[int | None, int]:
    """Our end of a pipe, if it is to be one, and what the process is to have (for us to close)."""
    if stream == subprocess.PIPE:
        read, write = os.pipe()
        return (write, read) if number == 0 else (read, write)
    if stream == subprocess.DEVNULL:
        return None, os.open(os.devnull, os.O_RDWR)
    return None, os.dup(number if stream is None else stream.fileno())


def _packed(order: Mapping[str, Any]) -> bytes:
    body = json.dumps(order).encode()
    return len(body).to_bytes(8, "little") + body
