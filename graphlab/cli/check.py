"""`graphlab check`: every fault of a graph, and its gradients against finite differences."""

from __future__ import annotations

from typing import Any

import click

from ..engine import ArrayCheck, GradientReport, Problem, check_gradients, infer
from ..engine.asked import Asked
from ..engine.differences import TOLERANCE
from ..engine.feeding import made_up
from ..engine.gradient_check import MOST
from ..graph import Document
from . import sources
from .console import as_json, print_json, say, show, table
from .show import describe_problem, plural

ROWS = 8  # examples made up for an input that nobody feeds


@click.command()
@sources.what
@click.option(
    "--nodes", default="", metavar="A,B,…", help="Check only these nodes; of a group, all that are inside."
)
@click.option("--inputs", is_flag=True, help="Check the gradients of what the graph is fed as well.")
@click.option(
    "--most",
    type=click.IntRange(1),
    default=MOST,
    show_default=True,
    help="How many elements of each array are tried; fewer are quicker.",
)
@sources.feeds
@sources.settings
@sources.goal
@as_json
def check(
    what: str,
    nodes: str,
    inputs: bool,
    most: int,
    feeds: tuple[str, ...],
    settings: tuple[str, ...],
    goal: str,
    as_json: bool,
) -> int:
    """Look for faults and check the gradients.

    The gradients are compared with finite differences, in float64, and what each operation hands back with its own
    forward. Inputs that nobody feeds get random numbers. The exit code is 1 when there is a fault or a wrong gradient.
    """
    source = sources.open_source(what, settings)
    document = source.graph.document
    problems = infer(document).problems
    wanted = [name.strip() for name in nodes.split(",") if name.strip()] or None
    report = None if problems else _gradients(source, feeds, goal, wanted, inputs, most)
    passed = not problems and (report is None or report.passed)
    if as_json:
        print_json(_plain(document, problems, report, passed))
    else:
        _print(document, problems, report)
    return int(not passed)


def _gradients(
    source: sources.Source,
    feeds: tuple[str, ...],
    goal: str,
    nodes: list[str] | None,
    inputs: bool,
    most: int,
) -> GradientReport | None:
    """None where there is no goal to go back from."""
    fed = sources.arrays(feeds)
    run = source.run(fed)
    if not run.plan.goal and not goal:
        return None
    if run.feeder is None:
        run.feed(**made_up(run.plan, fed, ROWS, run.clock.seed))
    asked = Asked(run, *sources.goal_of(goal)) if goal else run
    return check_gradients(asked, most, nodes, inputs)


def _plain(
    document: Document, problems: tuple[Problem, ...], report: GradientReport | None, passed: bool
) -> dict[str, Any]:
    return {
        "name": document.name,
        "passed": passed,
        "problems": [describe_problem(problem) for problem in problems],
        "gradients": dict(report.errors) if report else {},
        "tolerance": TOLERANCE,
        "culprits": list(report.culprits) if report else [],
        "checks": [_plain_check(found) for found in report.checks] if report else [],
    }


def _plain_check(found: ArrayCheck) -> dict[str, Any]:
    names = ("kind", "name", "size", "tried", "error", "index", "analytic", "numeric", "kinks", "kink")
    return {name: getattr(found, name) for name in names} | {"passed": found.passed}


def _print(document: Document, problems: tuple[Problem, ...], report: GradientReport | None) -> None:
    for problem in problems:
        say(str(problem), "red")
    if problems:
        say(
            f"{document.name} has {plural(len(problems), 'fault')}; gradients are checked when there is none."
        )
        return
    if report is None or not report.checks:
        why = "nothing in it is a goal to go back from" if report is None else "it has no parameters"
        say(f"{document.name} has no faults. Its gradients were not checked: {why}.")
        return
    _print_errors(report)
    for name in report.culprits:
        say(f"{name} itself hands back something else than its own forward says.", "red")
    for found in report.checks:
        if found.kinks and found.kind != "wire":
            say(f"{found.name}: {found.about_kinks}", "dim")
    wrong = sum(error > report.tolerance for error in report.errors.values())
    verdict = (
        f"{plural(wrong, 'gradient')} differ"
        if wrong
        else "one operation is wrong"
        if report.culprits
        else "all gradients agree with finite differences"
    )
    say(f"{document.name} has no faults, and {verdict} (tolerance {report.tolerance:g}).")


def _print_errors(report: GradientReport) -> None:
    """A line for each gradient; of nodes without parameters, what they hand back."""
    whole = [found for found in report.checks if found.kind != "wire"]
    shown = whole or list(report.checks)
    made = table("gradient", "relative error", "tried", "", right=("relative error", "tried"))
    for found in shown:
        made.add_row(
            f"{found.name} handed back" if found.kind == "wire" else found.name,
            f"{found.error:.1e}".replace("-", "−"),
            f"{found.tried:,} of {found.size:,}",
            "" if found.passed else "wrong",
            style="" if found.passed else "red",
        )
    show(made)
    say()
