"""Workers on this machine: processes of their own, started once, replaced when they die."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from ....engine.exits import how_it_ended
from ....engine.messages import read_payload
from ....errors import EngineLostError, SettingsError
from ..records import Done
from . import bounds, wire
from .jobs import Died, Job
from .pool import Pool
from .printed import Printed

RUN_FIT = "graphlab.lab.sweeps.fit:run_fit"
MOST = 1024
_CHILD = "import sys, graphlab.lab.sweeps.workers.child as c; c.main(sys.argv[1], *map(int, sys.argv[2:]))"
_FLAGS = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
_PATIENCE = 1.0  # seconds for a process that has closed its pipes to be gone


def local_workers(count: int, memory: int = 0, threads: int = 1, run_fit: str = RUN_FIT) -> LocalWorkers:
    """Starts `count` processes that do fits; they are warm in a second.

    memory: bytes that each may take, all in all, 0 for no bound (on Linux; elsewhere a fit is bounded by what its
        plan takes). threads: of BLAS, for each. run_fit: "module:name" of the function that does a fit.

    Raises:
        SettingsError: impossible numbers.
    """
    for value, name, low in ((count, "workers", 1), (threads, "threads", 1)):
        if not low <= value <= MOST:
            raise SettingsError(
                f"{value} {name} cannot be had.", hint=f"Choose a number from {low} to {MOST:,}."
            )
    if memory and memory < bounds.LEAST:
        raise SettingsError(
            f"A worker cannot do with {memory / 10**6:.0f} MB.",
            hint=f"Give it {bounds.LEAST // 10**6} MB or more, or 0 for no bound.",
        )
    return LocalWorkers(count, memory, threads, run_fit)


class LocalWorkers(Pool):
    """See `local_workers`."""

    def __init__(self, count: int, memory: int, threads: int, run_fit: str) -> None:
        super().__init__()
        self._count = count
        for number in range(1, count + 1):
            self.sit(_Seat(f"local-{number}", _Start(run_fit, memory, threads), self.look_up))

    @property
    def count(self) -> int:
        return self._count

    @property
    def pids(self) -> list[int]:
        """Of the processes that are up."""
        with self._change:
            return [seat.pid for seat in self._seats if isinstance(seat, _Seat) and seat.pid]

    def wait_warm(self, seconds: float) -> bool:
        """Waits until each has imported all that it needs; whether that came within the time."""
        with self._change:
            return self._change.wait_for(
                lambda: all(seat.is_warm for seat in self._seats if isinstance(seat, _Seat)), seconds
            )


class _Start(msgspec.Struct, frozen=True):
    """How a process is started."""

    run_fit: str
    memory: int
    threads: int

    def __call__(self) -> subprocess.Popen[bytes]:
        package = str(Path(__file__).parents[4])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        return subprocess.Popen(
            [sys.executable, "-P", "-u", "-c", _CHILD, self.run_fit, str(self.memory), str(self.threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={
                **os.environ,
                **bounds.environment(self.threads),
                "PYTHONPATH": os.pathsep.join(paths),
            },
            process_group=None if sys.platform == "win32" else 0,  # Ctrl+C reaches the parent alone
            creationflags=_FLAGS,
        )


class _Process:
    """One process, from this side. All but `kill` is for one thread."""

    def __init__(self, popen: subprocess.Popen[bytes], changed: Callable[[], None]) -> None:
        self.popen = popen
        self._is_ended = False
        self._given: set[str] = set()
        self._number = 0
        self._printed = Printed(cast(BufferedReader, popen.stderr), changed)

    @property
    def is_over(self) -> bool:
        """Whether it was killed, or has closed its pipes."""
        return self._is_ended or not self._printed.is_open

    @property
    def was_warm(self) -> bool:
        """Whether it came to its first task, or might have."""
        return self._printed.is_warm

    def do(self, job: Job, document: bytes) -> Done:
        """Died: it has ended meanwhile."""
        self._number += 1
        try:
            self._order(job, document)
            done = self._answers(job)
        except (OSError, ValueError, EngineLostError, msgspec.DecodeError):
            done = None
        if done is None:
            raise Died(self.bury(), self._printed.at_death())
        if done.fit.state == "failed":
            done = msgspec.structs.replace(done, log=self._printed.of_task(self._number) + done.log)
        return done

    def _order(self, job: Job, document: bytes) -> None:
        sink = cast(BinaryIO, self.popen.stdin)
        if job.task.document not in self._given:
            sink.write(wire.frame(wire.Give(job.task.document, document)))
            self._given.add(job.task.document)
        sink.write(wire.frame(wire.Do(self._number, job.task)))
        sink.flush()

    def _answers(self, job: Job) -> Done | None:
        """Passes epochs on until the task is done; None when the process has closed its pipe."""
        source = cast(BinaryIO, self.popen.stdout)
        while (payload := read_payload(source)) is not None:
            answer = wire.decode_answer(payload)
            if isinstance(answer, wire.Finished):
                return answer.done
            job.tell(answer.epoch)
        return None

    def kill(self) -> None:
        self._is_ended = True
        self.popen.kill()

    def bury(self) -> str:
        """Waits until it is gone, by force if need be, and closes the pipes; why it ended."""
        self._is_ended = True
        try:
            code = self.popen.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            code = self.popen.wait()
        for pipe in (self.popen.stdin, self.popen.stdout):
            with contextlib.suppress(OSError):
                cast(BinaryIO, pipe).close()
        return how_it_ended(code)

    def close(self) -> None:
        """Ends it and leaves nothing behind."""
        if self.popen.returncode is None:
            self.popen.kill()
        self.bury()
        self._printed.close()


class _Seat:
    """The place of one process after the other."""

    def __init__(self, name: str, start: _Start, look_up: Callable[[], None]) -> None:
        self.name = name
        self._start, self._look_up = start, look_up
        self._process: _Process | None = None
        self._obstacle = ""  # why none could be started

    @property
    def pid(self) -> int:
        """0 while nobody sits here."""
        process = self._process
        return 0 if process is None or process.is_over else process.popen.pid

    @property
    def is_warm(self) -> bool:
        process = self._process
        return process is not None and process.was_warm and not process.is_over

    @property
    def is_gone(self) -> bool:
        """One that dies while it is still importing is not replaced before there is a task."""
        process = self._process
        return process is not None and process.is_over and process.was_warm

    def begin(self) -> bool:
        if self._process is None or self.is_gone:
            self._replace()
        return True

    def do(self, job: Job, document: bytes) -> Done:
        if self._process is None or self._process.is_over:
            self._replace()
        if self._process is None:
            raise Died(f"it cannot be started: {self._obstacle}")
        if job.is_dropped:
            raise Died("it was ended", counts=False)
        return self._process.do(job, document)

    def end(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def leave(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.close()

    def _replace(self) -> None:
        self.leave()
        try:
            self._process = _Process(self._start(), self._look_up)
        except OSError as error:
            self._obstacle = str(error.strerror or error)
