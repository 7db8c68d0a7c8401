"""`graphlab weights`: what a file knows of weights, put into a graph, taken out of it, carried to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from ..engine import Run
from ..engine.summary import figure
from ..errors import FileError
from ..io import weight_files
from ..io.files import read_preview
from ..lab.transfer import Row, Transfer, match, require_fit
from ..ops import shape_text
from . import sources
from .console import as_json, note, print_json, say, show, table
from .show import plural
from .sources import Array, Source

ACTIONS = ("list", "load", "save", "transfer")
MOST_NAMED = 8  # of a kind in one message
KINDS_OF_MISFIT = {
    "missing": "missing there",
    "misfit": "of another shape",
    "broken": "not finite",
    "shape": "called otherwise",
}
STYLES = {
    "name": "green",
    "shape": "yellow",
    "hand": "green",
    "misfit": "red",
    "broken": "red",
    "missing": "dim",
    "left": "dim",
}


@click.command()
@click.argument("what", metavar="FILE|EXAMPLE")
@click.argument("action", type=click.Choice(ACTIONS), default="list", metavar="[list|load|save|transfer]")
@click.argument("other", type=click.Path(path_type=Path), required=False, metavar="[WEIGHTS]")
@click.option(
    "--only", "only", multiple=True, metavar="NAME", help="Only these, e.g. hidden.weight or hidden."
)
@click.option("--map", "pairs", multiple=True, metavar="HERE=THERE", help="Take THERE of the file for HERE.")
@click.option("--by-shape", is_flag=True, help="Transfer also what has the same shapes under another name.")
@click.option("--dry-run", is_flag=True, help="Only say what would be taken.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Save the graph there instead.")
@as_json
def weights(
    what: str,
    action: str,
    other: Path | None,
    only: tuple[str, ...],
    pairs: tuple[str, ...],
    by_shape: bool,
    dry_run: bool,
    out: Path | None,
    as_json: bool,
) -> int:
    """List the weights of a file, or move them into a graph and out of it.

    \b
    graphlab weights FILE                       what is in it: .safetensors, .npz, .graphlab, .onnx
    graphlab weights GRAPH save OUT             its weights by themselves: .safetensors or .npz
    graphlab weights GRAPH load WEIGHTS         all of them, which must fit by name and shape; --only some
    graphlab weights GRAPH transfer WEIGHTS     those that fit; says why others do not

    Load and transfer save the graph in its own file, or as --out says.
    """
    if action == "list":
        return _list(what, as_json)
    if other is None:
        raise FileError(
            f"{action} needs a file of weights.", hint=f"Write graphlab weights {what} {action} FILE."
        )
    source = sources.open_source(what)
    run = source.dress(Run(source.graph))
    if action == "save":
        weight_files.write(other, _some(run.weights, only))
        say(f"Wrote {plural(len(_some(run.weights, only)), 'array')} to {other}.")
        return 0
    target = None if dry_run else _place(source, out)
    given = weight_files.read(other)
    own = _some({name: array.shape for name, array in run.weights.items()}, only)
    found = match(given, own, _pairs(pairs, own, given), weight_files.bad_numbers(given))
    if by_shape or action == "load":
        found = found.choose(row.target for row in found.rows if row.how != "shape" or by_shape)
    if action == "load":
        _require_all(found, given, str(other))
    _tell(found, as_json)
    if target is not None and found.chosen:
        for name, array in found.taken(given).items():
            run.set(name, array)
        _save(source, run, target)
    return int(not found.chosen)


def _list(what: str, as_json: bool) -> int:
    found = _weights_in(what)
    bad = weight_files.bad_numbers(found)
    if as_json:
        print_json(
            [
                {"name": n, "shape": list(a.shape), "numbers": a.size, "bad": bad.get(n, 0)}
                for n, a in found.items()
            ]
        )
        return int(bool(bad))
    numbers = ("numbers", "min", "mean", "max")
    made = table("name", "shape", *numbers, right=numbers, wrapped=("name",))
    for name, array in found.items():
        made.add_row(name, shape_text(array.shape), f"{array.size:,}", *_statistics(array))
    show(made)
    for name, count in bad.items():
        note(f"{name}: {count:,} of {found[name].size:,} numbers are NaN or infinite", "yellow")
    say(
        f"{plural(sum(array.size for array in found.values()), 'number')} in {plural(len(found), 'array')}.",
        "dim",
    )
    return int(bool(bad))


def _weights_in(what: str) -> dict[str, Array]:
    """Those of a file of weights, or of a graph as it begins."""
    if Path(what).suffix.lower() in weight_files.WRITABLE:
        return weight_files.read(what)
    source = sources.open_source(what)
    return source.dress(Run(source.graph)).weights


def _statistics(array: Array) -> tuple[str, str, str]:
    finite = array[np.isfinite(array)]
    if not finite.size:
        return ("–", "–", "–")
    return figure(float(finite.min())), figure(float(finite.mean())), figure(float(finite.max()))


def _some(found: dict[str, Any], only: tuple[str, ...]) -> dict[str, Any]:
    """Those of these names, or of these nodes. FileError for a name that is none of them."""
    if not only:
        return found
    for word in only:
        if not any(name == word or name.rpartition(".")[0] == word for name in found):
            raise FileError(f"There are no weights called {word}.", hint=f"There are {', '.join(found)}.")
    return {n: value for n, value in found.items() if n in only or n.rpartition(".")[0] in only}


def _pairs(pairs: tuple[str, ...], own: dict[str, Any], given: dict[str, Array]) -> dict[str, str]:
    """{name here: name there} of --map. FileError where one of them is nowhere."""
    made = {}
    for pair in pairs:
        here, equals, there = (part.strip() for part in pair.partition("="))
        if not equals or not here:
            raise FileError(
                f"--map {pair} is not of the form HERE=THERE.", hint="Write --map out.weight=fc.weight."
            )
        if here not in own:
            raise FileError(f"The graph has no weights {here}.", hint=f"It has {', '.join(own)}.")
        if there and there not in given:
            raise FileError(f"The file has no weights {there}.", hint=f"It has {', '.join(given)}.")
        made[here] = there
    return made


def _require_all(found: Transfer, given: dict[str, Array], file: str) -> None:
    """FileError that lists all that keeps the weights of the file from being the graph's; nothing is changed then."""
    kinds: dict[str, list[str]] = {
        "missing there": [],
        "of another shape": [],
        "not finite": [],
        "called otherwise": [],
    }
    for row in found.rows:
        if row.is_chosen:
            require_fit(row.target, row.shape, given[row.source])
        elif row.how in KINDS_OF_MISFIT:
            words = row.target if row.how == "missing" else f"{row.target} ({_reason(row)})"
            kinds[KINDS_OF_MISFIT[row.how]].append(words)
    if not any(kinds.values()):
        return
    kinds["not expected here"] = list(found.strays)
    told = "; ".join(f"{len(names):,} {kind}: {_some_of(names)}" for kind, names in kinds.items() if names)
    raise FileError(
        f"The weights of {file} are not those of the graph, and nothing was changed. {told}.",
        hint="Use transfer to take what fits, --map HERE=THERE where names differ, or --only for some.",
    )


def _some_of(names: list[str]) -> str:
    rest = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {rest:,} more" if rest > 0 else "")


def _reason(row: Row) -> str:
    return f"there it is {row.source}" if row.how == "shape" else row.words


def _tell(found: Transfer, as_json: bool) -> None:
    if as_json:
        rows = [
            {"here": r.target, "there": r.source, "how": r.how, "words": r.words, "taken": r.is_chosen}
            for r in found.rows
        ]
        print_json({"rows": rows, "left_over": list(found.strays)})
        return
    made = table("", "here", "shape", "there", "why", wrapped=("here", "there", "why"))
    for row in found.rows:
        sign = "+" if row.is_chosen else "?" if row.fits else "−"
        made.add_row(sign, row.target, shape_text(row.shape), row.source, row.words, style=STYLES[row.how])
    show(made)
    if found.strays:
        say(f"Left over there: {', '.join(found.strays)}.", "dim")
    if any(row.how == "shape" and not row.is_chosen for row in found.rows):
        say("Add --by-shape to take those marked ? as well.", "dim")


def _place(source: Source, out: Path | None) -> Path:
    """Where the graph goes; found to be impossible before anything is read. FileError."""
    path = out or source.path
    if path is None:
        raise FileError("An example cannot be written over.", hint="Add --out FILE.graphlab.")
    path = path if path.suffix else path.with_suffix(sources.SUFFIX)
    if path.suffix.lower() in (".json", ".onnx"):
        raise FileError(f"{path} has no place for weights.", hint="Add --out FILE.graphlab.")
    return path


def _save(source: Source, run: Run, path: Path) -> None:
    from ..io import save

    preview = read_preview(source.path) if source.path is not None and source.path.suffix != ".json" else None
    save(source.graph, path, weights=run, preview=preview)
    note(f"Saved as {path}.")
