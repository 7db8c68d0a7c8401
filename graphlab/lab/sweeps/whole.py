"""A sweep from its beginning to its end, in one call: for notebooks and scripts."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from ...errors import SettingsError
from ...graph import Document, Graph
from ...graph.searching import search_of, with_sweep_settings
from ...graph.sweep import Space
from ...io import load
from .beginning import Beginning, beginning
from .kept import KeptSweep, read_head
from .names import newest_unfinished, sweeps_folder
from .runner import Runner
from .workers import Workers, dask_workers, local_workers
from .writer import SweepWriter, threads_of

Searched = Mapping[str, Space | str | Sequence[Any]]
Source = Graph | Document | str | os.PathLike[str]


def sweep(
    source: Source,
    searches: Searched | None = None,
    *,
    workers: int | None = None,
    dask: str | None = None,
    threads: int = 1,
    memory: int = 0,
    minutes: float | None = None,
    sweep_seed: int | None = None,
    resume: bool = False,
    **settings: Any,
) -> KeptSweep:
    """Searches hyperparameters; returns the sweep when it has ended.

    Args:
        source: a graph, a document, or a file. The sweep is kept beside the file, else with the settings.
        searches: what is searched → its space, as text ("8,16,32", "log:1e-4:1e-1"), values, or a Space; in place of
            what the document searches.
        workers: processes, as many as cores by default. dask: address of a cluster's scheduler instead.
        threads: of BLAS, for each worker. memory: bytes that each may take, 0 for no limit.
        minutes: after which it ends. sweep_seed: chooses what is tried. settings: others of `Sweep`, such as trials,
            seeds, method, folds, pruning, metric.
        resume: go on with the newest sweep of the source that is not finished, as it is.

    Raises:
        GraphlabError: it cannot begin, or the workers are lost; the message says why.
    """
    document, path = _opened(source)
    begun: Beginning | None = None
    folder = sweeps_folder(path, document.name)
    if not resume:
        document = with_searches(document, searches or {}, **settings_of(minutes, sweep_seed, settings))
        begun = beginning(document)
    elif searches or settings:
        raise SettingsError("A sweep that goes on keeps what it searches.", hint="Leave resume out.")
    else:
        threads = threads_of(read_head(newest_unfinished(folder)))
    with closing(begin_workers(workers, dask, memory, threads)) as crew:
        origin = str(path.absolute()) if path is not None else ""
        place = (
            newest_unfinished(folder)
            if resume
            else SweepWriter.create(folder, document, origin, threads=threads, begun=begun)
        )
        with closing(Runner(place, crew, memory).events()) as events:
            for _ in events:
                pass
    return KeptSweep(place)


def with_searches(document: Document, searches: Searched, **changes: Any) -> Document:
    """The document with what is searched, where anything is said of it, and with other settings of its sweep.

    Raises:
        UnknownNodeError, ParamError, SettingsError: there is nothing of that name, or it does not take the values.
    """
    if "method" in changes and changes["method"] == "grid":
        changes.setdefault("trials", 0)  # all of it
    made = with_sweep_settings(document, **changes)
    if not searches:
        return made
    found = tuple(search_of(document, name, space) for name, space in searches.items())
    return made.with_(sweep=dataclasses.replace(made.sweep, searches=found))


def settings_of(minutes: float | None, sweep_seed: int | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings under the names that people give as fields of a `Sweep`. SettingsError."""
    found = dict(settings)
    if minutes is not None:
        if not minutes >= 0:
            raise SettingsError(
                f"A sweep cannot end after {minutes:g} minutes.", hint="Give such as 5, or 0 for no end."
            )
        found["seconds"] = 60 * minutes
    if sweep_seed is not None:
        found["seed"] = sweep_seed
    return found


def begin_workers(count: int | None, dask: str | None, memory: int = 0, threads: int = 1) -> Workers:
    """Who does the trainings: processes here, as many as cores unless said otherwise, or a cluster. memory: bytes.

    Raises:
        SettingsError: impossible numbers. ExperimentError: the cluster does not answer.
    """
    for name, value in (("workers", count), ("threads", threads)):
        if value is not None and not 1 <= value <= MOST:
            raise SettingsError(f"There cannot be {value} {name}.", hint="Give a whole number such as 2.")
    if memory < 0:
        raise SettingsError(
            "Memory cannot be less than nothing.", hint="Give such as 2000 MB, or 0 for no limit."
        )
    if dask is None:
        return local_workers(count or cores(), memory, threads)
    if count is not None:
        raise SettingsError("The cluster knows its workers.", hint="Say how many workers, or which cluster.")
    return dask_workers(dask, threads=threads)


MOST = 1024  # workers, or threads


def cores() -> int:
    """How many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _opened(source: Source) -> tuple[Document, Path | None]:
    if isinstance(source, Graph):
        return source.document, None
    if isinstance(source, Document):
        return source, None
    path = Path(source).expanduser()
    return load(path)[0].document, path
