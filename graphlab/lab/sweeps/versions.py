"""Which graphlab this is: workers of another are refused, since they may come to other numbers."""

from __future__ import annotations

import functools


@functools.cache
def own_version() -> str:
    """As installed, "" where that is unknown."""
    from importlib import metadata

    try:
        return metadata.version("graphlab")
    except metadata.PackageNotFoundError:
        return ""
