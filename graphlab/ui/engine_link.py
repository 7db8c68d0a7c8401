"""The window's end of the engine process: starts it, moves bytes to and from it, notices its death, starts another.

What the messages mean is the session's business.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, cast

import msgspec
from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance

import graphlab

from ..engine import messages
from ..engine.exits import how_it_ended
from ..errors import EngineLostError
from . import settings

log = logging.getLogger("graphlab.ui.engine")

HOST = "import graphlab.engine.host as host; host.main()"
BACK_OFF = (0.0, 0.3, 1.0, 3.0, 10.0)  # seconds before the next start, after so many deaths in a row
HEALTHY = 20.0  # an engine that lived so many seconds is not counted as one of a row
PATIENCE = 1.5  # seconds an engine gets to leave by itself
WRITE_END = None
Large = messages.Rows | messages.SetWeights
LARGE = (messages.Rows, messages.SetWeights)  # what may hold hundreds of megabytes


class _Process:
    """One engine process with the two threads that move bytes. Neither thread looks into a message."""

    def __init__(self, arrived: SignalInstance, number: int) -> None:
        self.number = number
        self.born = time.monotonic()
        self.incoming: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()  # None: the process has ended
        self._outgoing: queue.SimpleQueue[bytes | Large | None] = queue.SimpleQueue()
        self._arrived = arrived
        self._announced = threading.Event()
        self.popen = self._start()
        self._threads = [
            threading.Thread(target=work, name=f"engine-{work.__name__}", daemon=True)
            for work in (self._read, self._write)
        ]
        for thread in self._threads:
            thread.start()

    def _start(self) -> subprocess.Popen[bytes]:
        place = settings.log_file()
        place.parent.mkdir(parents=True, exist_ok=True)
        package = str(Path(graphlab.__file__).parents[1])
        paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
        with place.open("ab") as words:
            return subprocess.Popen(
                [sys.executable, "-P", "-c", HOST],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=words,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )

    def _read(self) -> None:
        stream = cast(BinaryIO, self.popen.stdout)
        try:
            while (payload := messages.read_payload(stream)) is not None:
                self._put(payload)
        except (OSError, ValueError, EngineLostError) as error:
            log.info("engine %d: %s", self.number, error)
        self._put(None)

    def _put(self, payload: bytes | None) -> None:
        self.incoming.put(payload)
        if not self._announced.is_set():  # one event a batch, however many messages
            self._announced.set()
            try:
                self._arrived.emit(self.number)
            except RuntimeError:  # the window is gone
                return

    def _write(self) -> None:
        stream = cast(BinaryIO, self.popen.stdin)
        try:
            while (frame := self._outgoing.get()) is not WRITE_END:
                for piece in [frame] if isinstance(frame, bytes) else messages.pieces(frame):
                    stream.write(piece)
                stream.flush()
        except (OSError, ValueError):  # a broken pipe: the reader tells of the death
            pass
        finally:
            with contextlib.suppress(OSError):
                stream.close()

    def send(self, frame: bytes | Large) -> None:
        """`frame` is encoded, but for rows and weights, which never change and need not be copied here and now."""
        self._outgoing.put(frame)

    def take(self, wait: float = 0.0) -> list[bytes | None]:
        """What has arrived since the last call, after waiting at most `wait` seconds for something."""
        self._announced.clear()
        batch: list[bytes | None] = []
        try:
            batch.append(self.incoming.get(timeout=wait) if wait else self.incoming.get_nowait())
            while True:
                batch.append(self.incoming.get_nowait())
        except queue.Empty:
            return batch

    def end(self, patience: float) -> int:
        """Ends the process, by force after `patience` seconds, and waits for it and the threads. Its exit code."""
        self._outgoing.put(WRITE_END)
        try:
            self.popen.wait(patience)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()
        for thread in self._threads:
            thread.join(2.0)
        if self.popen.stdout:
            self.popen.stdout.close()
        return self.popen.returncode


class EngineLink(QObject):
    """Talks to the engine process, and keeps one running until `close`.

    received: a list of events, in order. lost: the engine died, and why; another is on its way.
    started: a process is up and has been sent nothing yet.
    """

    received = Signal(object)
    lost = Signal(str)
    started = Signal()
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: _Process | None = None
        self._number = 0
        self._deaths = 0
        self._closed = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.start)
        self._arrived.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    @property
    def pid(self) -> int:
        """The engine's process id; 0 while there is none."""
        return self._process.popen.pid if self._process else 0

    @property
    def is_up(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """Starts a process unless there is one. It is soon followed by `started`."""
        if self._process or self._closed:
            return
        self._number += 1
        try:
            self._process = _Process(self._arrived, self._number)
        except OSError as error:
            self._died(f"it cannot be started: {error.strerror or error}")
            return
        self.started.emit()

    def send(self, command: messages.Command) -> None:
        """Sends a command; without a process it is dropped (`started` is the time to say everything again)."""
        if self._process:
            large = command if isinstance(command, LARGE) else None
            self._process.send(large or messages.encode(command))

    def pump(self, wait: float) -> None:
        """Handles what arrives within `wait` seconds without running Qt's event loop; returns after the first batch."""
        if self._process:
            self._handle(self._process, self._process.take(wait))

    def close(self) -> None:
        """Ends the process for good and waits for it; nothing is left behind."""
        self._closed = True
        self._timer.stop()
        process, self._process = self._process, None
        if process:
            process.send(messages.encode(messages.Shutdown()))
            process.end(PATIENCE)

    def _drain(self, number: int) -> None:
        process = self._process
        if process and process.number == number:
            self._handle(process, process.take())

    def _handle(self, process: _Process, batch: list[bytes | None]) -> None:
        events = [event for payload in batch if payload and (event := _decoded(payload))]
        if events:
            self.received.emit(events)
        if None in batch and process is self._process:
            self._process = None
            code = process.end(PATIENCE)
            if time.monotonic() - process.born > HEALTHY:
                self._deaths = 0
            self._died(how_it_ended(code))

    def _died(self, reason: str) -> None:
        wait = BACK_OFF[min(self._deaths, len(BACK_OFF) - 1)]
        self._deaths += 1
        log.warning("engine %d ended: %s; next start in %.1f s", self._number, reason, wait)
        self.lost.emit(reason)
        if not self._closed:
            self._timer.start(round(wait * 1000))


def _decoded(payload: bytes) -> messages.Event | None:
    try:
        return messages.decode_event(payload)
    except (msgspec.DecodeError, ValueError) as error:
        log.error("not a message: %s", error)
        return None
