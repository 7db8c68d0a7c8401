"""How many threads BLAS may use while a graph is computed: one, unless GRAPHLAB_THREADS says otherwise.

On the networks drawn here a second thread gains a tenth at best; on a machine that does anything else at the same time
(drawing a window, say) the threads wait for each other and a step takes up to twenty times as long.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

from threadpoolctl import ThreadpoolController

from ..errors import SettingsError

VARIABLE = "GRAPHLAB_THREADS"
_chosen: ContextVar[int | None] = ContextVar("threads", default=None)
MOST = 1024
SMALL_KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}  # OpenBLAS's names for what has AVX-512
HEAVY = 1 << 18  # bytes; smaller graphs have no product that BLAS would divide, and no time to lose


def blas_threads(size: int) -> AbstractContextManager[object]:
    """The context in which a graph that takes `size` bytes is to be computed. SettingsError for a bad variable."""
    return nullcontext() if size < HEAVY else limited()


def limited() -> AbstractContextManager[object]:
    """The context in which BLAS has `thread_count()` threads. SettingsError for a bad variable."""
    limit: AbstractContextManager[object] = _controller().limit(limits=thread_count(), user_api="blas")
    return limit


def thread_count() -> int:
    """What GRAPHLAB_THREADS says, 1 when it is not set. SettingsError when it says nonsense."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    asked = os.environ.get(VARIABLE, "1")
    if not asked.isdecimal() or not 1 <= int(asked) <= MOST:
        raise SettingsError(f"{VARIABLE} cannot be {asked!r}.", hint="Set it to a whole number such as 1.")
    return int(asked)


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """While open, so many threads whatever GRAPHLAB_THREADS says; None leaves it at that. SettingsError."""
    if count is not None and not 1 <= count <= MOST:
        raise SettingsError(f"{count} threads cannot be used.", hint="Choose a whole number such as 1.")
    token = _chosen.set(count if count is not None else _chosen.get())
    try:
        yield
    finally:
        _chosen.reset(token)


def multiplies_in_pieces() -> bool:
    """Whether products are quicker piece by piece (see ops/matrix.py): with one thread, and kernels made for pieces."""
    return thread_count() == 1 and _has_small_kernels()


@functools.cache
def _has_small_kernels() -> bool:
    return any(library.get("architecture") in SMALL_KERNELS for library in _controller().info())


@functools.cache
def _controller() -> ThreadpoolController:
    """Looking for the libraries takes milliseconds, so it is done once."""
    return ThreadpoolController()
