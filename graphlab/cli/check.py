"""`graphlab check`: every fault of a graph, and its gradients against finite differences."""

from __future__ import annotations

from typing import Any

import click

from ..engine import GradientReport, Problem, check_gradients, infer
from ..engine.asked import Asked
from ..engine.feeding import made_up
from ..engine.gradient_check import TOLERANCE
from ..graph import Document
from . import sources
from .console import as_json, print_json, say, show, table
from .show import describe_problem, plural

ROWS = 8  # examples made up for an input that nobody feeds


@click.command()
@sources.what
@sources.feeds
@sources.settings
@sources.goal
@as_json
def check(what: str, feeds: tuple[str, ...], settings: tuple[str, ...], goal: str, as_json: bool) -> int:
    """Look for faults and check the gradients.

    The gradients are compared with finite differences, in float64. Inputs that nobody feeds get random numbers. The
    exit code is 1 when there is a fault or a wrong gradient.
    """
    source = sources.open_source(what, settings)
    document = source.graph.document
    problems = infer(document).problems
    report = None if problems else _gradients(source, feeds, goal)
    passed = not problems and (report is None or report.passed)
    if as_json:
        print_json(_plain(document, problems, report, passed))
    else:
        _print(document, problems, report)
    return int(not passed)


def _gradients(source: sources.Source, feeds: tuple[str, ...], goal: str) -> GradientReport | None:
    """None where there is no goal to go back from."""
    fed = sources.arrays(feeds)
    run = source.run(fed)
    if not run.plan.goal and not goal:
        return None
    if run.feeder is None:
        run.feed(**made_up(run.plan, fed, ROWS, run.clock.seed))
    return check_gradients(Asked(run, *sources.goal_of(goal)) if goal else run)


def _plain(
    document: Document, problems: tuple[Problem, ...], report: GradientReport | None, passed: bool
) -> dict[str, Any]:
    return {
        "name": document.name,
        "passed": passed,
        "problems": [describe_problem(problem) for problem in problems],
        "gradients": dict(report.errors) if report else {},
        "tolerance": TOLERANCE,
    }


def _print(document: Document, problems: tuple[Problem, ...], report: GradientReport | None) -> None:
    for problem in problems:
        say(str(problem), "red")
    if problems:
        say(
            f"{document.name} has {plural(len(problems), 'fault')}; gradients are checked when there is none."
        )
        return
    if report is None or not report.errors:
        why = "nothing in it is a goal to go back from" if report is None else "it has no parameters"
        say(f"{document.name} has no faults. Its gradients were not checked: {why}.")
        return
    made = table("parameter", "relative error", "", right=("relative error",))
    for name, error in report.errors.items():
        good = error <= report.tolerance
        made.add_row(
            name, f"{error:.1e}".replace("-", "−"), "" if good else "wrong", style="" if good else "red"
        )
    show(made)
    say()
    wrong = sum(error > report.tolerance for error in report.errors.values())
    verdict = (
        f"{plural(wrong, 'gradient')} differ" if wrong else "all gradients agree with finite differences"
    )
    say(f"{document.name} has no faults, and {verdict} (tolerance {report.tolerance:g}).")
