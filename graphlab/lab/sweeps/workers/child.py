"""The process that does fits, one after the other: `main` is all that runs in it.

It is started anew (no fork: the window may be its parent), imports everything, and waits for tasks. It ends with its
parent, however that ends.
"""

from __future__ import annotations

import faulthandler
import gc
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import BinaryIO, cast

import msgspec
import numpy as np
from threadpoolctl import threadpool_limits

from ....engine.messages import read_payload
from ..records import Done, Epoch, Task
from ..versions import own_version
from . import bounds, wire
from .jobs import failed
from .printed import mark

RunFit = Callable[[Task, bytes, Callable[[Epoch], bool]], Done]


class Child:
    """Carries out tasks; what arrives meanwhile waits."""

    def __init__(self, sink: BinaryIO, run_fit: RunFit, most: int) -> None:
        self._sink, self._run_fit, self._most = sink, run_fit, most
        self._documents: dict[str, bytes] = {}

    def take(self, order: wire.Order) -> None:
        if isinstance(order, wire.Give):
            self._documents[order.digest] = order.content
            return
        task = msgspec.structs.replace(order.task, memory=order.task.memory or self._most)
        done = perform(self._run_fit, task, self._documents[task.document], self._noting(order))
        say_done(order.number)
        self._send(wire.Finished(order.number, done))

    def _noting(self, order: wire.Do) -> Callable[[Epoch], bool]:
        def note(epoch: Epoch) -> bool:
            self._send(wire.Noted(order.number, epoch))
            return True

        return note

    def _send(self, answer: wire.Answer) -> None:
        self._sink.write(wire.frame(answer))
        self._sink.flush()


def say_done(number: int) -> None:
    """Ends what was printed during a task; 0: all is imported."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(2, mark(number))


def perform(run_fit: RunFit, task: Task, document: bytes, note: Callable[[Epoch], bool]) -> Done:
    """Does a task, unless another graphlab asks. Whatever goes wrong is a failed fit, with the traceback in its log."""
    if task.version and task.version != own_version():
        words = f"graphlab {task.version} asked, and the worker has {own_version()}."
        done = failed(task, words)
        return Done(done.fit, refused=own_version())
    try:
        return run_fit(task, document, note)
    except MemoryError:
        return failed(task, "It ran out of memory.")
    except Exception as error:
        return failed(task, f"The fit met an unexpected fault: {error!r}.", traceback.format_exc())


def main(function: str, memory: int, threads: int) -> None:
    """Serves on the process's own pipes until its parent is gone.

    function: "module:name" of what does a fit. memory: bytes that the process may take, 0 for no bound. threads: of
        BLAS.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the parent to act on
    faulthandler.enable()
    bounds.die_with_parent()
    source, sink = _own_pipes()
    inbox: queue.SimpleQueue[wire.Order] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, inbox), name="orders", daemon=True).start()
    with threadpool_limits(threads, user_api="blas"):
        run = named(function)
        _warm_up()
        bounds.step_back()  # the imports should not wait
        child = Child(sink, run, bounds.bound_memory(memory))
        say_done(0)
        while True:
            child.take(inbox.get())


def named(function: str) -> RunFit:
    """The function "module:name"."""
    module, _, name = function.partition(":")
    return cast(RunFit, getattr(importlib.import_module(module), name))


def _own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Orders and answers on descriptors that nothing else knows; what anything prints goes to standard error."""
    source, sink = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, sink


def _read(source: BinaryIO, inbox: queue.SimpleQueue[wire.Order]) -> None:
    """In a thread of its own, so that the end of the parent is noticed in the midst of a fit, too."""
    code = 1
    try:
        while (payload := read_payload(source)) is not None:
            inbox.put(wire.decode_order(payload))
        code = 0
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def _warm_up() -> None:
    """What the first fit would have to wait for: BLAS takes its memory at the first product."""
    square = np.ones((256, 256), np.float32)
    np.dot(square, square)
    gc.collect()
    gc.freeze()  # what was imported stays, and need not be looked through again
