"""`graphlab sweep`: hyperparameters searched on held-out rows, by local processes or a cluster, kept as files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from ..errors import FileError, SettingsError
from ..graph import Document
from ..graph.searching import read_search
from ..graph.sweep import METHODS, PRUNINGS, Sweep
from ..lab.runs.names import number_of
from ..lab.sweeps.beginning import Beginning, beginning
from ..lab.sweeps.kept import KeptSweep, state_of
from ..lab.sweeps.names import (
    UNFINISHED,
    find_sweep,
    is_sweep,
    kept_sweeps,
    newest_unfinished,
    sweep_folders,
    sweeps_folder,
)
from ..lab.sweeps.whole import settings_of, with_searches
from ..lab.sweeps.writer import SweepWriter
from . import sources
from .console import as_json, note, print_json, say
from .sweep_end import list_record, print_end, print_end_json, print_list
from .sweep_ready import FIRST, ready_made
from .sweep_sitting import Crew, go_on, run_sweep

CHANGED_LATER = ("trials", "seconds")  # what a sweep that goes on may be given more of


@click.command()
@click.argument("what", metavar="FILE|EXAMPLE|SWEEP-FOLDER")
@click.option(
    "--search",
    "searches",
    multiple=True,
    metavar="WHAT=SPACE",
    help="Search this, e.g. hidden.units=8,16,32 or lr=log:1e-4:1e-1, in place of what the document searches. "
    "May be repeated.",
)
@click.option("--method", type=click.Choice(METHODS), help="How values are chosen.")
@click.option("--trials", type=int, metavar="N", help="How many settings are tried; 0 for all of a grid.")
@click.option("--minutes", type=float, metavar="M", help="End after so many minutes; 0 never.")
@click.option("--seeds", type=int, metavar="N", help="Trainings of each setting, with seeds of their own.")
@click.option("--folds", type=int, metavar="K", help="K-fold cross-validation; 0 for the validation rows.")
@click.option("--pruning", type=click.Choice(PRUNINGS), help="Give up early on what does badly.")
@click.option("--rung", type=int, metavar="EPOCHS", help="Epochs before a trial is first judged.")
@click.option("--keep", type=int, metavar="N", help="One in so many goes on from there.")
@click.option("--metric", metavar="NAME", help="What is compared: loss, or a metric of the goal.")
@click.option(
    "--ahead",
    type=int,
    metavar="N",
    help="Trials that tpe and cmaes propose before they know of one: as many as workers, or more.",
)
@click.option("--sweep-seed", type=int, metavar="SEED", help="Chooses what is tried.")
@click.option("--epochs", type=int, help="How often a training goes through the data.")
@sources.settings
@click.option("--workers", type=int, metavar="N", help="Processes that train; as many as cores by default.")
@click.option("--threads", type=int, metavar="N", help="BLAS threads of each; 1 by default.")
@click.option("--memory", type=int, default=0, metavar="MB", help="Memory that each worker may take.")
@click.option(
    "--dask", metavar="ADDRESS", help="Train on a Dask cluster, e.g. tcp://scheduler:8786, instead of here."
)
@click.option(
    "--learning-curve", "of_rows", is_flag=True, help="Train on growing shares of the rows: would more help?"
)
@click.option(
    "--capacity",
    "size",
    is_flag=False,
    flag_value=FIRST,
    metavar="[SIZE]",
    help="Train with growing capacity, e.g. hidden.units or hidden.units=4,16,64: bias and variance.",
)
@click.option("--data", hidden=True)  # of graphlab train; told why not
@click.option("--resume", is_flag=True, help="Go on with the newest sweep of FILE that is not finished.")
@click.option("--save-search", is_flag=True, help="Write what is searched, and how, into FILE.")
@click.option("--list", "listing", is_flag=True, help="List the sweeps of FILE, and do nothing.")
@click.option("--show", "shown", metavar="SWEEP", help="Print what a sweep of FILE came to, by its number.")
@as_json
def sweep(
    what: str,
    searches: tuple[str, ...],
    settings: tuple[str, ...],
    epochs: int | None,
    workers: int | None,
    threads: int | None,
    memory: int,
    dask: str | None,
    of_rows: bool,
    size: str | None,
    resume: bool,
    save_search: bool,
    listing: bool,
    shown: str | None,
    as_json: bool,
    **changes: Any,
) -> int:
    """Search hyperparameters of a graph: many trainings, compared on held-out rows.

    \b
    hidden.units=8,16,32       these values (words are a choice: optimizer=SGD,Adam)
    weight_decay=0:0.1         any number between
    lr=log:1e-4:1e-1           the same, each factor as likely as another
    hidden.units=int:8:64:8    whole numbers with a step; intlog: small ones more often
    act.op=ReLU,Tanh           which operation stands there
    block.copies=0:4           how often it stands in a row
    seed=0,1,2  rows=0.1,0.3   the seed; the share of the training rows
    Encoder/conv.kernel_size=3,5   a node inside a group, in all its uses

    What is not given is taken from the document; the test rows stay sealed. Ctrl+C, or a file named stop in the
    sweep's folder, ends it, and --resume goes on. A SWEEP-FOLDER alone prints what it came to.
    """
    if changes.pop("data") is not None:
        raise SettingsError(
            "A sweep takes no --data: its rows travel with the document, to every worker.",
            hint="Put a Dataset or a Table in place of the Inputs x and target.",
        )
    given = {name: value for name, value in changes.items() if value is not None}
    changes = settings_of(given.pop("minutes", None), given.pop("sweep_seed", None), given)
    if listing or shown is not None or (is_sweep(what) and not resume):
        if searches or changes or settings or of_rows or size:
            raise SettingsError(
                "A sweep that was kept is shown as it is.", hint="Leave the other options out."
            )
        return _show(what, shown, as_json)
    crew = Crew(workers, threads, memory, dask)
    if resume:
        if searches or settings or epochs or of_rows or size or set(changes) - set(CHANGED_LATER):
            raise SettingsError(
                "A sweep that goes on keeps what it searches, and how.",
                hint="Only --trials and --minutes may change. Leave --resume out to begin a new one.",
            )
        return go_on(_to_resume(what), what, crew, changes, as_json)
    source = sources.open_source(what, settings, weights=False)
    if epochs is not None:
        source.graph.configure(epochs=epochs)
    if of_rows or size is not None:
        document, kind = ready_made(source.graph.document, of_rows, size, searches, changes)
    else:
        document, kind = searched(source.graph.document, searches, changes), "sweep"
    begun = beginning(document)
    if save_search:
        _save_search(source.path, document.sweep)
    with closing(crew.begin()) as crowd:
        path = _begin(source.path, document, kind, crew.threads or 1, begun)
        return run_sweep(path, what, crowd, crew, as_json)


def _begin(path: Path | None, document: Document, kind: str, threads: int, begun: Beginning) -> Path:
    """A new sweep, beside the document's file, or with the settings. SaveError."""
    folder = sweeps_folder(path, document.name)
    _tell_of_unfinished(folder)
    origin = str(path.absolute()) if path is not None else ""
    return SweepWriter.create(folder, document, origin, kind, threads, begun)


def _tell_of_unfinished(folder: Path) -> None:
    """Beside a new sweep: that there is one to go on with, which may be what was meant."""
    for path in sweep_folders(folder)[:1]:
        if state_of(path) in UNFINISHED:
            number = number_of(path.name)
            note(f"Sweep {number} was not finished: graphlab sweep {path} --resume goes on with it.")


def searched(document: Document, searches: Sequence[str], changes: dict[str, Any]) -> Document:
    """The document with what is searched, and how. SettingsError, UnknownNodeError, ParamError."""
    found = tuple(read_search(document, text) for text in searches)
    if len({(each.node, each.name) for each in found}) < len(found):
        raise SettingsError("Something is searched twice.", hint="Name each once, with all its values.")
    made = with_searches(document, {}, **changes)
    return made.with_(sweep=dataclasses.replace(made.sweep, searches=found)) if found else made


def _to_resume(what: str) -> Path:
    if is_sweep(what):
        return Path(what)
    source = sources.open_source(what, weights=False)
    return newest_unfinished(sweeps_folder(source.path, source.graph.name))


def _show(what: str, shown: str | None, as_json: bool) -> int:
    if is_sweep(what):
        kept = KeptSweep(Path(what))
    else:
        source = sources.open_source(what, weights=False)
        folder = sweeps_folder(source.path, source.graph.name)
        if shown is None:
            return _list(folder, as_json)
        kept = KeptSweep(find_sweep(folder, shown))
    (print_end_json if as_json else print_end)(kept, "" if is_sweep(what) else what)
    return 0


def _list(folder: Path, as_json: bool) -> int:
    found, broken = kept_sweeps(folder)
    if as_json:
        print_json([list_record(each) for each in found])
    elif not found and not broken:
        say(f"No sweep is kept in {folder}.", "dim")
    else:
        print_list(found, broken)
    return 0


def _save_search(path: Path | None, made: Sweep) -> None:
    """Writes what is searched into the file; all else stays as it was. FileError, SettingsError."""
    from ..io import load, read_preview, save

    if path is None:
        raise FileError("An example keeps no searches.", hint="graphlab new makes a file of it.")
    graph, weights = load(path)
    save(graph.document.with_(sweep=made), path, weights, read_preview(path))
    note(f"{path} has these searches now.")
