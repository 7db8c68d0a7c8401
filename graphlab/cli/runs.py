"""`graphlab runs`: trainings that were kept, as a table; one of them in full, compared, deleted, taken elsewhere."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from ..engine.summary import figure
from ..errors import FileError
from ..lab.runs import KeptRun, RunFolder, folder_beside, unsaved_folder
from ..lab.runs.columns import Column, column_for, columns_of, sorted_runs, usual_columns
from ..lab.runs.differences import changes_apart, graphs_apart, settings_apart
from ..lab.runs.query import matching
from .console import as_json, note, print_json, say, show, table
from .show import plural

of = click.option(
    "--of", "of", type=click.Path(path_type=Path), metavar="FILE", help="The document whose runs are meant."
)


class Runs(click.Group):
    """`graphlab runs show …`, or `graphlab runs [FILE]` for the table."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """A first word that is no command is the file whose runs are listed."""
        if args and args[0] not in self.commands:
            return list_runs.name, list_runs, args
        return super().resolve_command(ctx, args)


@click.group(
    "runs",
    cls=Runs,
    invoke_without_command=True,
    # what follows may be options of the table
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
)
@click.pass_context
def runs(ctx: click.Context) -> None:
    """List the trainings that were kept of FILE, or of examples and graphs that no file holds.

    \b
    graphlab runs [FILE] [--filter "lr<0.01 tag:good acc>0.9"] [--sort validation]
    graphlab runs show RUN [--of FILE]            all that is known of one
    graphlab runs compare RUN RUN … [--of FILE]   in which settings, and how the graphs differ
    graphlab runs delete RUN … [--of FILE]        into the trash; --restore brings them back
    graphlab runs export RUN … --to FOLDER        for TensorBoard; without a RUN, all

    A RUN is meant by its name, its number, or how its id begins.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_runs)


@click.command("list")
@click.argument("file", type=click.Path(path_type=Path), required=False, metavar="[FILE]")
@click.option("--filter", "query", default="", help='Only these, e.g. "lr<0.01 tag:good acc>0.9".')
@click.option(
    "--sort", default="began", metavar="COLUMN", help="In which order; the newest first by default."
)
@click.option("--all-columns", is_flag=True, help="Every column that there is.")
@as_json
def list_runs(file: Path | None, query: str, sort: str, all_columns: bool, as_json: bool) -> None:
    """List the runs of FILE in a table."""
    folder = folder_of(file)
    every = folder.runs()
    column = column_for(sort, every)
    if column is None:
        keys = ", ".join(each.key for each in columns_of(every))
        raise FileError(f"Runs have no column '{sort}'.", hint=f"There are: {keys}.")
    found = sorted_runs(matching(every, query), column, descending=column.key == "began")
    columns = columns_of(every) if all_columns else usual_columns(found)
    if as_json:
        print_json([{"id": run.id, **{c.key: c.value(run) for c in columns_of(every)}} for run in found])
        return
    for name in folder.broken:
        note(f"{name} cannot be read.", "yellow")
    if not every:
        say(f"No training is kept in {folder.path}.", "dim")
        return
    numbers = [c.title for c in columns if not c.is_text]
    made = table(*(c.title for c in columns), right=numbers)
    for run in found:
        made.add_row(*(cell(c, run) for c in columns))
    show(made, whole=all_columns)
    size = sum(run.size for run in found) / 1e6
    count = plural(len(every), "run")
    left = f"{len(found):,} of {count}" if len(found) < len(every) else count
    say(f"{left}, {size:,.1f} MB, in {folder.path}", "dim")


@click.command("show")
@click.argument("word", metavar="RUN")
@of
@as_json
def show_run(word: str, of: Path | None, as_json: bool) -> None:
    """Tell all that is known of a run."""
    run = folder_of(of).run(word)
    columns = [c for c in columns_of([run]) if c.key != "size"]
    training = {k: v for k, v in run.training.items() if k not in {c.key for c in columns} | {"goal"}}
    curve = run.curve()
    if as_json:
        print_json(
            {
                "id": run.id,
                **{c.key: c.value(run) for c in columns},
                "training": dict(run.training),
                "machine": run.head.machine,
                "origin": run.head.origin,
                "parent": run.head.parent,
                "changes": [{"step": step, "text": text} for step, text in curve.marks],
                "path": str(run.path),
            }
        )
        return
    made = table("", "")
    for column in columns:
        made.add_row(column.title, cell(column, run))
    if run.head.parent:
        made.add_row("branch of", f"{run.head.parent}, step {run.head.parent_step:,}")
    for step, text in curve.marks:
        made.add_row(f"step {step:,}", text)
    for name, value in (*training.items(), *run.head.machine.items()):
        made.add_row(name, str(value))
    if run.end is not None and run.end.reason:
        made.add_row("why it ended", run.end.reason)
    show(made)
    say(str(run.path), "dim")


@click.command("compare")
@click.argument("words", nargs=-1, required=True, metavar="RUN RUN …")
@of
@as_json
def compare_runs(words: Sequence[str], of: Path | None, as_json: bool) -> int:
    """Say in which settings runs differ, and how their graphs differ from the first one's.

    The exit code is 0 when nothing differs and 1 when something does.
    """
    folder = folder_of(of)
    found = [folder.run(word) for word in words]
    if len(found) < 2:
        raise FileError("One run has nothing to be compared with.", hint="Name two or more.")
    rows = [*settings_apart(found), *changes_apart(found)]
    graphs = [graphs_apart(found[0], run) for run in found[1:]]
    if as_json:
        print_json(
            {
                "runs": [run.id for run in found],
                "differences": {row.name: list(row.values) for row in rows},
                "graphs": graphs,
            }
        )
        return int(bool(rows) or any(graphs))
    made = table("", *(run.name for run in found))
    for row in rows:
        made.add_row(row.name, *("–" if value is None else str(value) for value in row.values))
    for column in (c for c in columns_of(found) if c.key in RESULTS or c.key in found[0].figures.metrics):
        made.add_row(column.title, *(cell(column, run) for run in found), style="dim")
    show(made)
    for run, lines in zip(found[1:], graphs, strict=True):
        say(f"{run.name}: {'the same graph' if not lines else f'from {found[0].name}, the graph'}", "bold")
        for line in lines:
            say(f"  {line}")
    return int(bool(rows) or any(graphs))


RESULTS = ("steps", "loss", "best_loss", "validation_loss")


@click.command("delete")
@click.argument("words", nargs=-1, required=True, metavar="RUN …")
@of
@click.option("--restore", is_flag=True, help="Bring back what was deleted in the last 30 days, by its id.")
def delete_runs(words: Sequence[str], of: Path | None, restore: bool) -> None:
    """Put runs into the trash, where they stay for 30 days."""
    folder = folder_of(of)
    if restore:
        back = folder.restore(words)
        for word in set(words) - set(back):
            raise FileError(f"There is no deleted run '{word}' in {folder.path}.", hint="Give its whole id.")
        say(f"Brought back {plural(len(back), 'run')}.")
        return
    meant = [folder.run(word) for word in words]
    gone = folder.delete([run.id for run in meant])
    folder.empty_trash()
    for run in meant:
        if run.id not in gone:
            note(f"{run.name} is being trained, and stays.", "yellow")
    say(f"Deleted {', '.join(gone) or 'nothing'}.")
    if gone:
        say(f"graphlab runs delete --restore {' '.join(gone)} brings back.", "dim")


@click.command("export")
@click.argument("words", nargs=-1, metavar="[RUN …]")
@click.option("--to", "to", type=click.Path(path_type=Path), required=True, metavar="FOLDER", help="Where.")
@of
def export_runs(words: Sequence[str], to: Path, of: Path | None) -> None:
    """Write runs as event files for TensorBoard: curves, histograms of the weights, settings, graph."""
    from ..lab.runs.tensorboard import export

    folder = folder_of(of)
    found = [folder.run(word) for word in words] if words else folder.runs()
    if not found:
        raise FileError(f"No training is kept in {folder.path}.")
    made = export(found, to)
    say(f"Wrote {plural(len(made), 'run')} into {to}. Look at them by tensorboard --logdir {to}.")


def folder_of(file: Path | None) -> RunFolder:
    """The runs of a document, of the folder itself, or of what no file holds. FileError."""
    if file is None:
        return RunFolder(unsaved_folder())
    if file.is_dir():
        return RunFolder(file)
    if not file.exists() and not folder_beside(file).is_dir():
        raise FileError(f"There is no file '{file}'.", hint="Leave it out for runs of examples.")
    return RunFolder(folder_beside(file))


def cell(column: Column, run: KeptRun) -> str:
    """What stands in a cell of the terminal."""
    value: Any = column.value(run)
    if column.is_text or isinstance(value, str):
        return str(value)
    if math.isnan(value):
        return "–"
    if column.kind == "time":
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(value))
    if column.kind == "percent":
        return f"{value:.1%}".replace("%", " %")
    if column.kind == "count":
        return f"{int(value):,}"
    if column.kind == "bytes":
        return f"{value / 1e6:,.1f} MB"
    return f"{value:,.3g} s" if column.kind == "duration" else figure(float(value))


for command in (list_runs, show_run, compare_runs, delete_runs, export_runs):
    runs.add_command(command)
