"""Why a process of graphlab's own ended, in words."""

from __future__ import annotations

import signal


def how_it_ended(code: int) -> str:
    """From an exit code as `subprocess` gives it: negative for a signal."""
    if code >= 0:
        return "it left unasked" if code == 0 else f"exit code {code}"
    names = {-one.value: one.name for one in signal.Signals}
    name = names.get(code, str(-code))
    return f"signal {name}: it was killed, perhaps for want of memory" if code == -9 else f"signal {name}"
