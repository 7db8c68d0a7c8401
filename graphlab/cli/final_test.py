"""`graphlab final-test`: what a sweep has chosen, measured once on the rows that were sealed until then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..errors import FileError
from ..lab.sweeps.final import final_evaluation
from ..lab.sweeps.kept import KeptSweep
from ..lab.sweeps.names import is_sweep, sweep_folders, sweeps_folder
from ..lab.sweeps.records import Opening
from . import sources
from .console import as_json, print_json, say
from .progress import metric_text
from .sealed import times
from .show import plural


@click.command("final-test")
@click.argument("what", metavar="SWEEP|FILE")
@click.option("--trial", type=int, metavar="N", help="Which trial; by default the best.")
@as_json
def final_test(what: str, trial: int | None, as_json: bool) -> None:
    """Measure what a sweep has chosen on the test rows, which nothing has looked at yet.

    SWEEP is the folder of a sweep; of a FILE, or an example, it is its newest. Each time is written down and told:
    once something is chosen by them, test rows are validation rows.
    """
    sweep = KeptSweep(_folder(what))
    opening = final_evaluation(sweep, trial)
    count = len(sweep.openings())
    if as_json:
        print_json(
            {
                "event": "final",
                **_plain(opening),
                "values": dict(sweep.trials[opening.trial].values),
                "opened": count,
            }
        )
    else:
        _print(opening, count)


def _folder(what: str) -> Path:
    """The folder of the sweep that is meant. FileError."""
    if is_sweep(what):
        return Path(what)
    source = sources.open_source(what)
    found = sweep_folders(sweeps_folder(source.path, source.graph.name))
    if not found:
        raise FileError(
            f"{what} has no sweep yet.", hint=f"Begin one: graphlab sweep {what} --search lr=log:1e-4:1e-1."
        )
    return found[0]


def _plain(opening: Opening) -> dict[str, Any]:
    return {name: getattr(opening, name) for name in opening.__struct_fields__}


def _print(opening: Opening, count: int) -> None:
    name = opening.metric
    score = "–" if opening.score is None else metric_text(name, opening.score)
    say(f"Trial {opening.trial} on {plural(opening.rows, 'test row')}: {name} {score}{_interval(opening)}.")
    if len(opening.scores) > 1:
        each = ", ".join("–" if s is None else metric_text(name, s) for s in opening.scores)
        say(f"That is the mean of {len(opening.scores)} seeds: {each}.")
    say(f"The test rows of this document were opened {times(count)}.", style="" if count == 1 else "yellow")


def _interval(opening: Opening) -> str:
    if opening.low is None or opening.high is None:
        return ""
    low, high = (metric_text(opening.metric, value) for value in (opening.low, opening.high))
    return f" (95 % interval {low} to {high})"
