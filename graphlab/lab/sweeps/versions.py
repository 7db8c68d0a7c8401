"""Which graphlab this is: workers of another are refused, since they may come to other numbers."""

from __future__ import annotations

import sys


def own_version() -> str:
    """Of the graphlab that runs here. (What is installed may be another, where a checkout comes first.)"""
    return str(sys.modules[__name__.partition(".")[0]].__version__)
