"""The one place that catches what nobody expected: logged with its traceback, told once, and the work goes on."""

from __future__ import annotations

import logging
import logging.handlers
import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from . import settings

log = logging.getLogger("graphlab")
SIZE = 1_000_000  # bytes of log before it starts anew, with one older file kept

Tell = Callable[[str, str], None]
_told: set[str] = set()


def start_log() -> None:
    """Sends the program's log to its file. A folder that cannot be written costs the log, nothing else."""
    if any(isinstance(h, logging.handlers.RotatingFileHandler) for h in log.handlers):
        return
    place = settings.log_file()
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(place, maxBytes=SIZE, backupCount=1, encoding="utf-8")
    except OSError as error:
        log.warning("There will be no log file: %s", error)
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)


def install(tell: Tell) -> None:
    """Makes `tell(text, hint)` the way to show a bug; Ctrl+C in the terminal still ends the program."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            from PySide6.QtWidgets import QApplication

            QApplication.quit()
            return
        report(error, tell)

    sys.excepthook = hook


def report(error: BaseException, tell: Tell) -> None:
    """Logs a bug with its traceback and tells of it, the first time it happens at that place."""
    log.error("unexpected", exc_info=error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{type(error).__name__} {frames[-1].filename}:{frames[-1].lineno}" if frames else repr(error)
    if place in _told:
        return
    _told.add(place)
    tell(
        f"Something went wrong inside graphlab: {type(error).__name__}: {error}",
        "Your graph is safe; what you just did may not have happened. Help → Show the log file has the details.",
    )
