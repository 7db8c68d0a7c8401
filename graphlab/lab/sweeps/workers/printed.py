"""What a process prints, kept while it works: the last 64 kB of each task."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from io import BufferedReader

KEPT = 1 << 16  # bytes
_MARK = re.compile(rb"\0end of (\d+)\0")
_MARK_SIZE = 40


def mark(number: int) -> bytes:
    """What the process prints after a task, so that its words can be told from the next one's; 0 when it is warm."""
    return b"\0end of %d\0" % number


class Printed:
    """Reads a pipe in a thread of its own, so that the process never waits.

    changed: called when the process is warm, and when the pipe closes.
    """

    def __init__(self, stream: BufferedReader, changed: Callable[[], None]) -> None:
        self._stream, self._changed = stream, changed
        self._change = threading.Condition()
        self._tail = b""  # of the task that is being done
        self._of: tuple[int, bytes] = (-1, b"")  # the task that was done last
        self._is_open = True
        self._thread = threading.Thread(target=self._read, name="sweep-printed", daemon=True)
        self._thread.start()

    @property
    def is_open(self) -> bool:
        return self._is_open

    @property
    def is_warm(self) -> bool:
        """Whether the process has imported all and waited for its first task."""
        return self._of[0] >= 0

    def of_task(self, number: int, wait: float = 1.0) -> str:
        """What it printed during a task that it has ended."""
        with self._change:
            self._change.wait_for(lambda: self._of[0] >= number or not self._is_open, wait)
            return _text(self._of[1] if self._of[0] == number else self._tail)

    def at_death(self, wait: float = 1.0) -> str:
        """What it printed since the last task that it ended, when it is dead."""
        with self._change:
            self._change.wait_for(lambda: not self._is_open, wait)
            return _text(self._tail)

    def close(self) -> None:
        """Once the process has ended."""
        self._thread.join(1.0)
        if not self._thread.is_alive():  # else a child of the process still holds the pipe
            self._stream.close()

    def _read(self) -> None:
        try:
            while data := self._stream.read1(KEPT):
                self._take(data)
        except (OSError, ValueError):
            pass
        with self._change:
            self._is_open = False
            self._change.notify_all()
        self._changed()

    def _take(self, data: bytes) -> None:
        was_warm = self.is_warm
        with self._change:
            self._tail += data
            while found := _MARK.search(self._tail):
                self._of = (int(found[1]), self._tail[: found.start()][-KEPT:])
                self._tail = self._tail[found.end() :]
                self._change.notify_all()
            self._tail = self._tail[-KEPT - _MARK_SIZE :]
        if self.is_warm and not was_warm:
            self._changed()


def _text(data: bytes) -> str:
    return data[-KEPT:].decode("utf-8", errors="replace")
