"""How many threads BLAS may use while a graph is computed: one, unless GRAPHLAB_THREADS says otherwise.

On the networks drawn here a second thread gains a tenth at best; on a machine that does anything else at the same time
(drawing a window, say) the threads wait for each other and a step takes up to twenty times as long.
"""

from __future__ import annotations

import functools
import os
from contextlib import AbstractContextManager, nullcontext

from threadpoolctl import ThreadpoolController

from ..errors import SettingsError

VARIABLE = "GRAPHLAB_THREADS"
SMALL_KERNELS = {"SkylakeX", "Cooperlake", "SapphireRapids"}  # OpenBLAS's names for what has AVX-512
HEAVY = 1 << 18  # bytes; smaller graphs have no product that BLAS would divide, and no time to lose


def blas_threads(size: int) -> AbstractContextManager[object]:
    """The context in which a graph that takes `size` bytes is to be computed. SettingsError for a bad variable."""
    if size < HEAVY:
        return nullcontext()
    limited: AbstractContextManager[object] = _controller().limit(limits=thread_count(), user_api="blas")
    return limited


def thread_count() -> int:
    """What GRAPHLAB_THREADS says, 1 when it is not set. SettingsError when it says nonsense."""
    asked = os.environ.get(VARIABLE, "1")
    if not asked.isdecimal() or not 1 <= int(asked) <= 1024:
        raise SettingsError(f"{VARIABLE} cannot be {asked!r}.", hint="Set it to a whole number such as 1.")
    return int(asked)


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
