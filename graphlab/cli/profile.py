"""`graphlab profile`: where the time of a step goes, node by node, and how far each is from what the machine can do."""

from __future__ import annotations

from typing import Any

import click

from ..engine.plan import DTYPES
from ..engine.profile import Kernel, Profile, runnable
from ..engine.profile import profile as measure
from ..engine.profile_text import (
    SORTS,
    WORDS,
    Clock,
    Row,
    fitting,
    headline,
    kind_headings,
    kind_rows,
    node_headings,
    node_rows,
    notes,
    rest_rows,
    verdict,
)
from . import sources
from .console import as_json, print_json, say, screen, table
from .console import show as show_table


@click.command()
@sources.what
@sources.settings
@click.option("--batch-size", type=int, help="Examples in one step.")
@click.option(
    "--dtype", type=click.Choice(DTYPES), default=DTYPES[0], show_default=True, help="The type of numbers."
)
@click.option("--steps", type=int, help="How many steps to time; by default as many as take about a second.")
@click.option(
    "--threads", type=int, help="Threads for products of matrices; by default GRAPHLAB_THREADS, or 1."
)
@click.option(
    "--sort", type=click.Choice(SORTS), default=SORTS[0], show_default=True, help="Which node comes first."
)
@as_json
def profile(
    what: str,
    settings: tuple[str, ...],
    batch_size: int | None,
    dtype: str,
    steps: int | None,
    threads: int | None,
    sort: str,
    as_json: bool,
) -> None:
    """Show where the time goes.

    Every node is timed, forward and backward, as it runs in training, and held against the peak of this machine.
    Without anything to learn there is no update, without a goal only a forward pass. Inputs that nothing feeds get
    random numbers.
    """
    source = sources.open_source(what, settings)
    run = source.dress(runnable(source.graph, batch_size, dtype))
    found = measure(run, steps, threads)
    if as_json:
        print_json(describe(found))
    else:
        _print(found, sort)


def describe(found: Profile) -> dict[str, Any]:
    """The profile as plain values, in seconds, operations and bytes; nodes in topological order."""
    machine = found.machine
    return {
        "name": found.name,
        "phases": list(found.phases),
        "sizes": found.sizes,
        "dtype": found.dtype,
        "threads": found.threads,
        "steps": found.steps,
        "seconds": found.seconds,
        "undisturbed": found.undisturbed,
        "look": found.look,
        "machine": {
            "flops_per_second": machine.flops,
            "bytes_per_second": {str(amount): speed for amount, speed in machine.bandwidths},
            "call": machine.call,
        },
        "nodes": [
            {
                "id": node.key,
                "name": node.name,
                "op": node.op,
                "share": found.share(node.both.seconds),
                "forward": _kernel(node.forward),
                "backward": _kernel(node.backward),
            }
            for node in found.nodes
        ],
        "kinds": {op: {"nodes": count, **_kernel(kernel)} for op, (count, kernel) in found.kinds.items()},
        "update": {
            "optimizer": found.optimizer,
            "seconds": found.update.seconds,
            "bytes": found.update.work.bytes,
        },
        "batch": {"seconds": found.batch},
        "rest": {"seconds": found.rest},
        "total": _kernel(found.total),
        "verdict": " ".join(verdict(found)),
    }


def _kernel(kernel: Kernel) -> dict[str, Any]:
    return {
        "seconds": kernel.seconds,
        "flops": kernel.work.flops,
        "bytes": kernel.work.bytes,
        "calls": kernel.calls,
        "flops_per_second": kernel.flops_per_second,
        "bytes_per_second": kernel.bytes_per_second,
        "of_limit": kernel.of_limit,
        "bound": kernel.bound,
    }


def _print(found: Profile, sort: str) -> None:
    clock = Clock(found)
    *between, step = rest_rows(found, clock)
    nodes = [(row, "") for row in node_rows(found, clock, sort)]
    for line in headline(found):
        say(line)
    say()
    _show(node_headings(found, clock), [*nodes, *((row, "dim") for row in between), (step, "bold")])
    say()
    _show(kind_headings(clock), [(row, "") for row in kind_rows(found, clock)])
    say()
    for line in verdict(found):
        say(line)
    for line in notes(found):
        say(line, "dim")


def _show(headings: list[str], rows: list[tuple[Row, str]]) -> None:
    headings = fitting(headings, [row for row, _ in rows], screen().width)
    made = table(*headings, right=[heading for heading in headings if heading not in WORDS])
    for row, style in rows:
        made.add_row(*(row.get(heading, "") for heading in headings), style=style)
    show_table(made)
