"""Which graphlab this is: workers of another are refused, since they may come to other numbers."""

from __future__ import annotations

import sys


def own_version() -> str:
    """As the package itself says, whether it is installed or runs from its sources."""
    return str(sys.modules[__name__.partition(".")[0]].__version__)
