"""Runs that were kept: written as they happen, listed, filtered, compared and taken elsewhere. Plain files, no Qt."""

from .figures import Figures, Tally
from .folder import MOST_BYTES, RunFolder, read_run
from .kept import Curve, KeptRun, Labels
from .names import folder_beside, unsaved_folder
from .writer import RunWriter, Start

__all__ = [
    "MOST_BYTES",
    "Curve",
    "Figures",
    "KeptRun",
    "Labels",
    "RunFolder",
    "RunWriter",
    "Start",
    "Tally",
    "folder_beside",
    "read_run",
    "unsaved_folder",
]
