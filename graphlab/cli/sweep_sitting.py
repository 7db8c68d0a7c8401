"""A sitting of `graphlab sweep`: who does the trainings, from the beginning or going on, to the closing table."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from pathlib import Path
from typing import Any

from ..errors import GraphlabError, SettingsError
from ..graph import sweep_record
from ..lab.sweeps.kept import KeptSweep, read_head
from ..lab.sweeps.names import is_sweep
from ..lab.sweeps.runner import Runner
from ..lab.sweeps.whole import begin_workers
from ..lab.sweeps.workers import Workers
from ..lab.sweeps.writer import SweepWriter, threads_of
from .console import note, say
from .show import plural
from .sweep_end import print_end, print_end_json
from .sweep_meters import Signals, sweep_meter


@dataclasses.dataclass(frozen=True)
class Crew:
    """Who does the trainings, as options say it. memory: MB."""

    workers: int | None
    threads: int | None
    memory: int
    dask: str | None

    @property
    def bytes(self) -> int:
        return self.memory * 1_000_000

    def begin(self) -> Workers:
        return begin_workers(self.workers, self.dask, self.bytes, 1 if self.threads is None else self.threads)


def go_on(path: Path, what: str, crew: Crew, changes: dict[str, Any], as_json: bool) -> int:
    """Another sitting of a sweep, with more trials or more time where `changes` say so. GraphlabError."""
    if changes:
        _extend(path, changes)
    crew = dataclasses.replace(crew, threads=_threads(path, crew.threads))
    with closing(crew.begin()) as crowd:
        return run_sweep(path, what, crowd, crew, as_json)


def _threads(path: Path, asked: int | None) -> int:
    """How many each worker has: as at the beginning, so that numbers stay the same. SettingsError."""
    threads = threads_of(read_head(path))
    if asked is not None and asked != threads:
        raise SettingsError(
            f"The sweep began with {plural(threads, 'thread')} for each worker.",
            hint="With another number its trials could not be compared to the last digit; begin a new one.",
        )
    return threads


def _extend(path: Path, more: dict[str, Any]) -> None:
    """Gives a sweep another number of trials, or more time."""
    head = read_head(path)
    sweep = sweep_record.read(head.sweep)
    if more.get("trials", sweep.trials) != sweep.trials and (
        sweep.method in ("grid", "lhs") or sweep.pruning == "hyperband"
    ):
        what = sweep.pruning if sweep.pruning == "hyperband" else sweep.method
        raise SettingsError(
            f"The number of trials is part of what {what} tries.", hint="Begin a new sweep with more."
        )
    writer = SweepWriter(path)
    try:
        writer.change(sweep=sweep_record.fields(dataclasses.replace(sweep, **more)))
    finally:
        writer.release()


def run_sweep(path: Path, what: str, workers: Workers, crew: Crew, as_json: bool) -> int:
    """A sitting of a sweep, and what it came to; the exit code. GraphlabError."""
    for words in workers.notes:
        note(words, "yellow")
    runner = Runner(path, workers, crew.bytes)
    try:
        code = _sit(runner, as_json)
    except GraphlabError:
        note(f"What was done is kept: graphlab sweep {path} --resume goes on.")
        raise
    kept = KeptSweep(path)
    word = "" if is_sweep(what) else what
    if as_json:
        print_end_json(kept, word)
    else:
        print_end(kept, word)
        if kept.state != "finished":
            more = f" --minutes {kept.head.sweep['seconds'] / 30:g}" if kept.state == "out of time" else ""
            say(f"{_WHY.get(kept.state, 'Ended')}. graphlab sweep {what} --resume{more} goes on.")
    return code


def _sit(runner: Runner, as_json: bool) -> int:
    """Shows what happens until it is over; the exit code."""
    with (
        Signals(runner.stop) as signals,
        closing(runner.events()) as events,
        sweep_meter(as_json) as meter,
    ):
        for event in events:
            meter.take(event)
    return signals.code


_WHY = {"stopped": "Stopped", "out of time": "The time is up"}
