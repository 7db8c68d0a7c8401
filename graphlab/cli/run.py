"""`graphlab run`: one pass through the graph, whole or told node by node."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from ..engine import Run, StepReport
from ..engine.summary import summarise
from ..errors import FileError
from . import sources
from .because import because
from .console import as_json, note, print_json, say, show, table
from .story import Story

Array = npt.NDArray[Any]
MOST_VALUES = 10_000  # of one array in JSON


@click.command()
@sources.what
@sources.feeds
@sources.settings
@sources.goal
@click.option(
    "--at", default="", metavar="I,J|sum", help="Which element of the --goal, or the sum of all, e.g. 0,2."
)
@click.option("--backward", is_flag=True, help="Go back as well, and show the gradients.")
@click.option("--step", is_flag=True, help="Tell the whole step node by node: forward, backward, update.")
@click.option(
    "--out", "outs", multiple=True, metavar="NAME=FILE.npy", help="Write a value to a file. May be repeated."
)
@as_json
def run(
    what: str,
    feeds: tuple[str, ...],
    settings: tuple[str, ...],
    goal: str,
    at: str,
    backward: bool,
    step: bool,
    outs: tuple[str, ...],
    as_json: bool,
) -> int:
    """Run a graph once and show its values.

    Inputs that are not fed take their own value, or the first batch of their data set. Faulty nodes and what depends
    on them are left out; the exit code is then 1. With --goal the gradients are those of an element of any output (a
    row of its Jacobian) or of the sum of all its elements, and nothing is updated.
    """
    source = sources.open_source(what, settings)
    found = source.run(sources.arrays(feeds), goal, at)
    problems = found.plan.problems
    if step:
        _step(found, as_json)
    else:
        found.forward()
        if backward or goal:
            found.backward()
        _report(found, backward or bool(goal), as_json)
    _write(found, outs)
    for problem in problems:
        note(f"left out: {problem}", "yellow")
    return int(bool(problems))


def _step(run: Run, as_json: bool) -> None:
    story = Story(run)
    for report in run.steps():
        if as_json:
            print_json(_entry(run, report))
        else:
            for line, style in story.lines(report):
                say(line, style)


def _entry(run: Run, report: StepReport) -> dict[str, Any]:
    """One entry of the schedule as plain values."""
    entry: dict[str, Any] = {"phase": report.phase, "node": report.node}
    if report.phase == "forward":
        value = run.value(report.node)
        return entry | {"value": _values(value)} | _why(run, report.node, value, "value")
    if report.phase == "backward":
        terms = {name: _values(term) for name, term in run.contributions(report.node).items()}
        gradient = run.grad(report.node)
        found = {"gradient": _values(gradient), "terms": terms}
        return entry | found | _why(run, report.node, gradient, "grad")
    return entry | {"parameters": {name: _values(values) for name, values in run.parameters.items()}}


def _why(run: Run, name: str, array: Array, kind: str) -> dict[str, Any]:
    """How the number, or the largest of an array, came about."""
    found = because(run, name, array, kind)
    if found is None:
        return {}
    at, text = found
    return {"because": {"index": list(at), "value": float(array[at]), "text": text}}


def _report(run: Run, backward: bool, as_json: bool) -> None:
    nodes = [run.plan.nodes[key] for key in run.plan.nodes]
    if as_json:
        entries = []
        for node in nodes:
            entry: dict[str, Any] = {
                "name": node.path,
                "op": node.op_name,
                "value": _values(run.value(node.path)),
            }
            if backward and node.key in run.plan.active:
                entry["gradient"] = _values(run.grad(node.path))
                entry["terms"] = {name: _values(t) for name, t in run.contributions(node.path).items()}
            entries.append(entry)
        print_json({"goal": run.plan.goal_title, "result": run.loss, "nodes": entries})
        return
    made = table("name", "op", "value", *(["gradient"] if backward else []))
    for node in nodes:
        active = backward and node.key in run.plan.active
        gradient = summarise(run.grad(node.path)) if active else ""
        made.add_row(
            node.path, node.op_name, summarise(run.value(node.path)), *([gradient] if backward else [])
        )
    show(made)


def _values(array: Array) -> dict[str, Any]:
    """Shape, extremes, and the numbers themselves where there are not too many."""
    plain: dict[str, Any] = {"shape": list(array.shape)}
    if array.size:
        plain |= {"low": float(array.min()), "mean": float(array.mean()), "high": float(array.max())}
    if array.size <= MOST_VALUES:
        plain["values"] = array
    return plain


def _write(run: Run, outs: Sequence[str]) -> None:
    """The files of --out. FileError, UnknownNodeError."""
    for item in outs:
        name, equals, file = item.partition("=")
        if not equals or not file.endswith(".npy"):
            raise FileError(f"--out {item} is not of the form NAME=FILE.npy.", hint="Write --out y=y.npy.")
        try:
            np.save(Path(file), run.value(name), allow_pickle=False)
        except OSError as error:
            raise FileError(f"{file} cannot be written: {error.strerror}.") from error
