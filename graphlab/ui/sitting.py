"""A process beside the window that goes on with a sweep, or evaluates one: started, followed, ended, and told of.

It writes into files, not into pipes of ours: should the window die, the sweep does not.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

import graphlab

PATIENT, FIRM = 20_000, 5_000  # milliseconds from being asked to end, and then from being told to
LEAVE = 3_000  # milliseconds that the window waits for it when it closes
MOST = 1 << 16  # bytes of its last words that are read
CLI = ("-P", "-m", "graphlab.cli")


class Sitting(QObject):
    """One process of the command line. `ended`: the exit code, None where it was killed or did not start."""

    ended = Signal(object)

    def __init__(self, parent: QObject, arguments: Sequence[str], out: Path, errors: Path) -> None:
        super().__init__(parent)
        self.out, self.errors = out, errors
        self._over = False
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments([*CLI, *arguments])
        self._process.setProcessEnvironment(_environment())
        self._process.setStandardInputFile(QProcess.nullDevice())
        self._process.setStandardOutputFile(str(out))
        self._process.setStandardErrorFile(str(errors))
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._error)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._insist)
        self._insisted = 0

    @property
    def pid(self) -> int:
        """Its process id; 0 while there is none."""
        return int(self._process.processId())

    @property
    def is_over(self) -> bool:
        return self._over

    def start(self) -> None:
        self._process.start()

    def expect_end(self) -> None:
        """It has been asked to end by whatever it heeds; where it does not, it is told, and then killed."""
        if not self._timer.isActive():
            self._timer.start(PATIENT)

    def terminate(self) -> None:
        """Tells it to end, which it does in order."""
        self._insist()

    def _insist(self) -> None:
        self._insisted += 1
        if self._insisted == 1:
            self._process.terminate()
            self._timer.start(FIRM)
        else:
            self._process.kill()

    def close(self) -> None:
        """The window closes: it has a moment to end in order."""
        self._timer.stop()
        self._process.blockSignals(True)
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.terminate()
            if not self._process.waitForFinished(LEAVE):
                self._process.kill()
                self._process.waitForFinished(LEAVE)
        self._over = True

    def last_words(self) -> str:
        """The last line that it wrote about what went wrong; "" for none."""
        lines = [line.strip() for line in _tail(self.errors).splitlines()]
        said = [line for line in lines if line]
        return said[-1] if said else ""

    def said(self) -> bytes:
        """What it wrote as its result; empty where that cannot be read."""
        try:
            return self.out.read_bytes()
        except OSError:
            return b""

    def clear_away(self) -> None:
        """Its two files are not needed any more."""
        for path in (self.out, self.errors):
            with contextlib.suppress(OSError):
                path.unlink()

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._end(code if status == QProcess.ExitStatus.NormalExit else None)

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._end(None)

    def _end(self, code: int | None) -> None:
        if not self._over:
            self._over = True
            self._timer.stop()
            self.ended.emit(code)


def _environment() -> QProcessEnvironment:
    found = QProcessEnvironment.systemEnvironment()
    for name, value in os.environ.items():  # also what Python has set since it began
        found.insert(name, value)
    package = str(Path(graphlab.__file__).parents[1])
    found.insert("PYTHONPATH", os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])]))
    return found


def _tail(path: Path) -> str:
    """The end of a text file; "" where there is none."""
    try:
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - MOST))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
