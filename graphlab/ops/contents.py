"""Which contents of files are at hand in this process, by hash. The rows themselves are kept by `data.store`."""

from __future__ import annotations

PRESENT: set[str] = set()
