"""`graphlab explain`: how one number of a run came about."""

from __future__ import annotations

from typing import Any

import click

from ..engine import Run
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
    terms: int,
    goal: str,
    feeds: tuple[str, ...],
    settings: tuple[str, ...],
    as_json: bool,
) -> int:
    """Tell how one number came about.

    NODE is an output ("hidden"), a parameter ("hidden.weight") or an input ("loss.target"). The formula stands there
    with symbols and with numbers, then its terms, the largest first, each with the element that it came from.
    """
    source = sources.open_source(what, settings)
    run: Run = source.run(sources.arrays(feeds), goal)
    grad = grad or bool(goal)
    if grad:
        run.backward()
    else:
        run.forward()
    found = run.explain(name, _index(place), "grad" if grad else "value", max(1, terms))
    if as_json:
        print_json(_plain(found))
        return 0
    for number, line in enumerate(found.lines(most=max(1, terms))):
        say(line, "bold" if number == 0 else "")
    return 0


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
