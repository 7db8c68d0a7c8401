"""What `nursery` forks from: `python nursery_process.py SOCKET IMPORTS`. Knows the standard library only."""

from __future__ import annotations

import array
import gc
import json
import os
import select
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any


def read_all(sock: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = sock.recv(size - len(found))
        if not piece:
            raise EOFError("whoever is on the other side has ended")
        found += piece
    return found


def serve(sock: socket.socket) -> None:
    """Forks for every order, and tells of every end, until whoever orders is gone."""
    ends: dict[int, tuple[int, int]] = {}  # pidfd → the process, and where its end is told
    poller = select.poll()
    poller.register(sock, select.POLLIN)
    while True:
        for ready, _ in poller.poll():
            if ready != sock.fileno():
                poller.unregister(ready)
                pid, told = ends.pop(ready)
                _tell(pid, told)
                os.close(ready)
                continue
            order, fds = _order(sock)
            if order is None:
                return
            pid = os.fork()
            if not pid:
                _become(order, fds[:3], [sock.fileno(), fds[3], *ends, *(told for _, told in ends.values())])
            sock.sendall(pid.to_bytes(8, "little"))
            for fd in fds[:3]:
                os.close(fd)
            watch = os.pidfd_open(pid)
            ends[watch] = pid, fds[3]
            poller.register(watch, select.POLLIN)


def _order(sock: socket.socket) -> tuple[dict[str, Any] | None, list[int]]:
    size = array.array("i").itemsize * 4
    first, control, _, _ = sock.recvmsg(8, socket.CMSG_SPACE(size))
    fds = array.array("i")
    for _, _, data in control:
        fds.frombytes(data)
    if not first:
        return None, []
    length = int.from_bytes(first + read_all(sock, 8 - len(first)), "little")
    return json.loads(read_all(sock, length)), list(fds)


def _tell(pid: int, told: int) -> None:
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    with suppress(BrokenPipeError):  # nobody wants to know
        os.write(told, str(code).encode())
    os.close(told)


def _become(order: Mapping[str, Any], streams: Sequence[int], others: Sequence[int]) -> None:
    """The fork turns into the process that was ordered."""
    status = 1
    try:
        for number, fd in enumerate(streams):
            os.dup2(fd, number)
        for fd in (*streams, *others):
            os.close(fd)
        os.environ.clear()
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        sys.argv[:] = order["words"]
        for number, name in enumerate(("stdin", "stdout", "stderr")):
            mode = "w" if number else "r"
            setattr(sys, name, os.fdopen(number, mode, closefd=False, encoding="utf-8"))
        exec(order["code"], {"__name__": "__main__"})
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


if __name__ == "__main__":
    exec(sys.argv[2])
    gc.collect()
    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
