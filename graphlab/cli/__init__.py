"""The command line: `graphlab`, or `python -m graphlab.cli`. Opens the window lazily; nothing else here needs Qt."""

from .program import main

__all__ = ["main"]
