"""Who does the fits of a sweep: processes here, or those of a Dask cluster. Both take tasks and give futures."""

from __future__ import annotations

from .jobs import TRIES, Note, Workers
from .local import LocalWorkers, local_workers

__all__ = ["TRIES", "LocalWorkers", "Note", "Workers", "local_workers"]
