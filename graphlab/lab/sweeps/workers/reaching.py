"""The way to a Dask scheduler: its address, Dask itself, and whether anybody answers, told in our own words."""

from __future__ import annotations

import importlib
import logging
import queue
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ....errors import ExperimentError, SettingsError

_ADDRESS = re.compile(r"(?:(?P<scheme>\w+)://)?(?P<host>\[[^\]]+\]|[^:/\s]+):(?P<port>\d{1,5})/?")
_LOGGERS = ("distributed", "distributed.client", "tornado.application")


def read_address(address: str) -> tuple[str, int, str]:
    """Host, port, and the whole address. SettingsError."""
    found = _ADDRESS.fullmatch(address.strip())
    if found is None or int(found["port"]) > 65535:
        raise SettingsError(
            f"'{address}' is not the address of a scheduler.", hint="Write such as tcp://host:8786."
        )
    if found["scheme"] in ("http", "https"):
        raise SettingsError(
            f"{address} is a web page.", hint=f"A scheduler has such as tcp://{found['host']}:8786."
        )
    host = found["host"]
    return host.strip("[]"), int(found["port"]), f"{found['scheme'] or 'tcp'}://{host}:{found['port']}"


def imported() -> Any:
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ExperimentError(
            f"A cluster needs Dask, which cannot be imported here ({error}).",
            hint='Install it: pip install "graphlab[cluster]"',
        ) from error


def reach(host: str, port: int, address: str, deadline: float) -> None:
    """Waits until somebody listens there who talks as Dask does. ExperimentError."""
    reason = _in_time(
        lambda: _knock(host, port, address, deadline - 0.5), deadline - 0.3, "its name is not found"
    )
    if reason:
        raise _unreachable(address, reason)


def client_of(distributed: Any, address: str, deadline: float) -> Any:
    """ExperimentError: whatever listens there, it is no scheduler that we can talk to."""
    left = max(0.5, deadline - time.monotonic() - 0.2)

    def connect() -> Any:
        try:
            return distributed.Client(address, timeout=left, set_as_default=False, name="graphlab")
        except Exception as error:
            return str(error) or repr(error)

    client = _in_time(connect, time.monotonic() + left + 0.5, "it does not answer")
    if isinstance(client, str):
        raise _unreachable(address, client)
    return client


def _in_time(ask: Callable[[], Any], deadline: float, otherwise: str) -> Any:
    """The answer, or what is said where none comes in time; asked in a thread, since some waits have no end."""
    outcome: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=lambda: outcome.put(ask()), name="sweep-reach", daemon=True).start()
    try:
        return outcome.get(timeout=max(0.1, deadline - time.monotonic()))
    except queue.Empty:
        return otherwise


def _knock(host: str, port: int, address: str, deadline: float) -> str:
    """ "" when a scheduler is there, else why not."""
    while True:
        left = max(0.1, deadline - time.monotonic())
        try:
            with socket.create_connection((host, port), left) as line:
                line.settimeout(left)
                return "" if not address.startswith("tcp:") else _greeting(line)
        except TimeoutError:
            return "nobody answers"
        except OSError as error:
            if left < 0.3 or isinstance(error, socket.gaierror):
                return error.strerror or str(error)
        time.sleep(0.2)


def _greeting(line: socket.socket) -> str:
    """Dask speaks first: the length of what it says of itself, in eight bytes."""
    words = line.recv(8)
    return "" if 0 < int.from_bytes(words, "little") < 1 << 20 else "who listens there is no Dask scheduler"


def _unreachable(address: str, reason: str) -> ExperimentError:
    return ExperimentError(
        f"No Dask scheduler can be reached at {address}: {reason}.",
        hint="Start one with `dask scheduler`, or look at the address and at what stands between.",
    )


@contextmanager
def quiet() -> Iterator[None]:
    """What Dask would print of connections that end is told in our own words."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
