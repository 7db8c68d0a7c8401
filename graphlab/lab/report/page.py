"""The page of a report: one HTML file that stands by itself, asks nothing of any network and runs no script."""

from __future__ import annotations

import time

from ...graph import compare
from ...io.markup import Markup, joined, tag
from ..runs import KeptRun
from .comparison import comparison_section
from .network import network
from .origin import origin_section
from .rows_told import data_section, split_sizes
from .search import best_of, search_section
from .style import style
from .subject import Subject
from .tables import callout, cards, listed, section
from .training import curves_section, headline, result_section, settings_section
from .words import day, plural

# nothing may be loaded, sent or run; styles and pictures stand in the page itself
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_PARTS = {
    "result": "Result",
    "curves": "Curves",
    "sweep": "Search",
    "runs": "Runs",
    "network": "Network",
    "equations": "Equations",
    "layers": "Layers",
    "data": "Data",
    "settings": "Settings",
    "origin": "Again",
}


def page(subject: Subject) -> str:
    """The report as HTML (UTF-8). Deterministic: the same subject gives the same text, byte for byte."""
    parts = _parts(subject)
    title = f"{subject.title}: report"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content="graphlab"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        tag("style", Markup(style((subject.document,)))),
    )
    body = tag("body", _header(subject, parts), tag("main", parts))
    return f"<!DOCTYPE html>\n{tag('html', head, body, lang='en')}\n"


def _parts(subject: Subject) -> Markup:
    document, run, sweep = subject.document, subject.run, subject.sweep
    trained: list[Markup] = []
    if run is not None:
        tests = _tests(subject)
        trained = [
            _changed_since(subject, run),
            result_section(run, split_sizes(run.document()), tests),
            curves_section(run),
        ]
    elif sweep is None:
        text = "Nothing has been trained yet, or no training of it was kept. graphlab train keeps one."
        trained = [section("result", "What it came to", tag("p", text))]
    settings = run.training if run is not None else _plain_training(subject)
    return joined(
        trained,
        search_section(sweep) if sweep is not None else "",
        comparison_section(subject.runs, run, subject.broken),
        network(document),
        data_section(document),
        settings_section(settings),
        origin_section(subject),
    )


def _plain_training(subject: Subject) -> dict[str, object]:
    training = subject.document.training
    return {name: getattr(training, name) for name in training.__dataclass_fields__ if name != "extra"}


def _header(subject: Subject, parts: Markup) -> Markup:
    when = subject.when or time.time()
    told = []
    if subject.runs:
        told.append(plural(len(subject.runs), "run"))
    if subject.sweeps:
        told.append(plural(len(subject.sweeps), "sweep"))
    kept = f"; {' and '.join(told)} kept" if told else ""
    who = tag(
        "div",
        tag(
            "label",
            "Name ",
            tag("input", type="text", value=subject.author, aria_label="Name", autocomplete="off"),
        ),
        tag(
            "span",
            tag("label", "Date "),
            tag("time", day(when), datetime=time.strftime("%Y-%m-%d", time.localtime(when))),
        ),
        class_="who",
    )
    links = [
        tag("a", name, href=f"#{key}") for key, name in _PARTS.items() if f'<section id="{key}"' in parts
    ]
    figures = headline(subject.run) if subject.run is not None else []
    figures = [*(best_of(subject.sweep) if subject.sweep is not None else []), *figures]
    return tag(
        "header",
        tag("p", f"graphlab report{kept}"),
        tag("h1", subject.title),
        who,
        cards(figures[:6]) if figures else "",
        tag("nav", listed(links), aria_label="Parts of the report"),
    )


def _changed_since(subject: Subject, run: KeptRun) -> Markup:
    """Where the graph is another than the one that was trained: how."""
    try:
        found = compare(run.document(), subject.document)
    except ValueError:
        return Markup("")
    told = [
        str(difference) for difference in found.differences if difference.what not in ("training", "sweep")
    ]
    if not told:
        return Markup("")
    return callout(
        f"The graph has been changed since {run.name} was trained; its figures are of the graph as it was then. "
        f"Since: {'; '.join(told[:8])}{'; …' if len(told) > 8 else ''}",
        kind="warn",
    )


def _tests(subject: Subject) -> str:
    times = len(subject.openings)
    if not split_sizes(subject.document).get("test"):
        return "No rows are kept apart as a test."
    if not times:
        return "The test rows are kept apart: nothing learns from them, and nothing has opened them yet."
    return f"The test rows have been opened {plural(times, 'time')}."
