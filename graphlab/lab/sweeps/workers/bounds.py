"""What a worker's process may take, and when it has to go: memory, priority, the end of its parent.

Each does what the system offers: memory is bounded on Linux alone.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

LEAST = 256_000_000  # bytes; a worker takes half of that before it begins
_NICE = 5
_PR_SET_PDEATHSIG = 1
_LIBRARIES = ("OPENBLAS", "MKL", "OMP", "BLIS", "NUMEXPR")


def environment(threads: int) -> dict[str, str]:
    """Variables that have to stand before NumPy is loaded: how many threads its BLAS may start."""
    count = str(threads)
    named = {f"{name}_NUM_THREADS": count for name in _LIBRARIES}
    return {**named, "VECLIB_MAXIMUM_THREADS": count, "GRAPHLAB_THREADS": count}


def die_with_parent() -> None:
    """Linux sends SIGKILL when the thread that started the process ends. (Elsewhere the closed pipe tells.)"""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def step_back() -> None:
    """The window comes first: lower priority, and the first to go where the whole machine runs out of memory."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.nice(_NICE)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def bound_memory(size: int) -> int:
    """No more than `size` bytes of data in all from here on; what asks for more gets a MemoryError. 0: no bound.

    Returns what of it is left.
    """
    if not size or sys.platform != "linux":
        return size
    import resource

    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = size if hard == resource.RLIM_INFINITY else min(size, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    return max(1, most - _taken())


def _taken() -> int:
    """Bytes of data that this process has, as Linux counts them for the bound."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmData:")), 0)
