"""Who does the fits of a sweep: processes here, or those of a Dask cluster. Both take tasks and give futures."""

from __future__ import annotations

from .cluster import DaskWorkers, dask_workers
from .jobs import Note, Workers
from .local import LocalWorkers, local_workers
from .pool import TRIES

__all__ = ["TRIES", "DaskWorkers", "LocalWorkers", "Note", "Workers", "dask_workers", "local_workers"]
