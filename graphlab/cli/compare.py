"""`graphlab compare`: what differs between two graphs, in words."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from ..graph import Comparison, Difference
from ..graph import compare as compared
from .console import as_json, print_json, say
from .show import plural
from .sources import open_source

STYLES = {"added": "green", "removed": "red", "changed": "yellow"}


@click.command()
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER")
@as_json
def compare(before: str, after: str, as_json: bool) -> int:
    """Tell what leads from one graph to another: files or examples.

    + came, − went, ~ changed. Where nodes stand is no difference, nor are weights. The exit code is 0 when nothing
    differs, 1 when something does, and 2 when a file cannot be read.
    """
    old, new = (open_source(word, weights=False).graph.document for word in (before, after))
    found = compared(old, new)
    if as_json:
        print_json({"equal": found.is_equal, "differences": [_plain(found, d) for d in found.differences]})
        return int(not found.is_equal)
    for difference in found.differences:
        say(str(difference), STYLES[difference.kind])
    say(_summary(found) if found.differences else f"{before} and {after} do not differ.", "dim")
    return int(not found.is_equal)


def _plain(found: Comparison, difference: Difference) -> dict[str, Any]:
    told = {
        "kind": difference.kind,
        "what": difference.what,
        "text": difference.text,
        "group": found.sheets[difference.sheet].after.name if difference.sheet in found.sheets else "",
    }
    if not difference.sheet:
        del told["group"]
    if difference.param:
        told |= {"param": difference.param, "before": difference.before, "after": difference.after}
    return told


def _summary(found: Comparison) -> str:
    counts = Counter[str](difference.kind for difference in found.differences)
    parts = [f"{counts[kind]} {kind}" for kind in STYLES if counts[kind]]
    return f"{plural(len(found.differences), 'difference')}: {', '.join(parts)}."
