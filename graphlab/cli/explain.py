"""`graphlab explain`: how one number of a run came about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ..engine import Run
from ..engine.arithmetic import evaluate
from ..engine.what_if import WhatIf, what_if
from ..errors import FeedError
from ..ops.explanation import Origin, Term
from ..ops.explanation_text import Explanation, in_numbers, in_symbols
from . import sources
from .console import as_json, print_json, say

LINES = 20  # rows of terms, unless more are asked for


@click.command()
@sources.what
@click.argument("name", metavar="NODE[.SOCKET]")
@click.option(
    "--at", "place", default="", metavar="I,J,…", help="Which element, e.g. 0,3. Not needed for a scalar."
)
@click.option("--grad", is_flag=True, help="Explain its gradient instead of its value.")
@click.option("--update", is_flag=True, help="Explain how the optimizer's first update changes it.")
@click.option(
    "--what-if",
    "deltas",
    default="",
    metavar="δ,…",
    help="What the goal would be if the number were larger by each of these, beside gradient × δ. Fractions will do.",
)
@click.option("--terms", default=LINES, show_default=True, help="How many terms to tell one by one.")
@sources.goal
@sources.feeds
@sources.settings
@as_json
def explain(
    what: str,
    name: str,
    place: str,
    grad: bool,
    update: bool,
    deltas: str,
    terms: int,
    goal: str,
    feeds: tuple[str, ...],
    settings: tuple[str, ...],
    as_json: bool,
) -> int:
    """Tell how one number came about.

    NODE is an output ("hidden"), a parameter ("hidden.weight") or an input ("loss.target"). The formula stands there
    with symbols and with numbers, then its terms, the largest first, each with the element that it came from.
    --update tells, of an element of a parameter, the optimizer's rule with its numbers. --what-if changes it a little
    and says what comes of it.
    """
    source = sources.open_source(what, settings)
    run: Run = source.run(sources.arrays(feeds), goal)
    grad = grad or bool(goal)
    if grad or update or (deltas and run.plan.goal):
        run.backward()
    else:
        run.forward()
    kind = "update" if update else "grad" if grad else "value"
    found = run.explain(name, _index(place), kind, max(1, terms))
    at = found.origin
    supposed = what_if(run, (at.node, at.name), at.index, _deltas(deltas)) if deltas else None
    if as_json:
        print_json(_plain(found) | ({} if supposed is None else {"what_if": _supposed(supposed)}))
        return 0
    for number, line in enumerate(found.lines(most=max(1, terms))):
        say(line, "bold" if number == 0 else "")
    for number, line in enumerate(_what_if(supposed) if supposed is not None else ()):
        say(line, "" if number else "bold")
    return 0


def _deltas(text: str) -> tuple[float, ...]:
    """ "0.01, 1/3" as numbers. ConditionError."""
    return tuple(evaluate(part) for part in text.split(","))


def _what_if(found: WhatIf) -> Iterator[str]:
    """A line for each δ: what the goal would be, by how much it changes, and what the gradient says of that."""
    gradient = 0.0 if found.gradient is None else found.gradient
    yield f"What if {found.title} were larger? {found.goal} is {found.before:.9g}, the gradient {gradient:.6g}."
    for delta, after, change in zip(found.deltas, found.after, found.changes, strict=True):
        told = gradient * delta
        yield (
            f"  δ {delta:+.6g}: {found.goal} {after:.9g}, change {change:+.6g}; "
            f"gradient × δ {told:+.6g}, difference {change - told:+.3g}"
        )


def _supposed(found: WhatIf) -> dict[str, Any]:
    rows = zip(found.deltas, found.after, found.changes, found.predicted or found.changes, strict=True)
    return {
        "goal": found.goal,
        "before": found.before,
        "gradient": found.gradient,
        "rows": [dict(zip(("delta", "after", "change", "predicted"), row, strict=True)) for row in rows],
    }


def _index(place: str) -> tuple[int, ...]:
    """ "0,3" as (0, 3). FeedError."""
    try:
        return tuple(int(part) for part in place.replace(" ", "").strip("[]").split(",") if part)
    except ValueError:
        raise FeedError(f"--at {place} is no place.", hint="Write whole numbers, such as --at 0,3.") from None


def _plain(found: Explanation) -> dict[str, Any]:
    return {
        "title": found.title,
        "element": _element(found, found.origin),
        "shape": list(found.shape),
        "value": found.shown,
        "formula": found.formula,
        "latex": found.latex,
        "symbols": found.symbols,
        "numbers": found.numbers,
        "note": found.note,
        "term": _term(found, found.term),
    }


def _term(found: Explanation, term: Term) -> dict[str, Any]:
    plain: dict[str, Any] = {"how": term.how, "value": term.value, "text": in_symbols(term)}
    if term.parts:
        plain |= {"numbers": in_numbers(term), "parts": [_term(found, part) for part in term.parts]}
    more = {"name": term.label, "function": term.function, "slope": term.slope, "count": term.count}
    plain |= {name: value for name, value in more.items() if value}
    return plain if term.origin is None else plain | {"element": _element(found, term.origin)}


def _element(found: Explanation, origin: Origin) -> dict[str, Any]:
    node = found.names.get(origin.node, origin.node)
    return {"node": node, "socket": origin.name, "index": list(origin.index), "kind": origin.kind}
