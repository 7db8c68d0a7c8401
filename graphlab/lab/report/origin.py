"""Where the numbers of a report come from: versions, seeds, and the command line that makes them again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ...graph import Training
from ...graph.sweep import Sweep
from ...io.markup import Markup, tag
from ..runs import KeptRun
from ..runs.kept import Curve
from ..runs.writer import machine, version
from ..sweeps.kept import KeptSweep
from ..sweeps.reproducing import file_of, train_command
from ..sweeps.trials import ranked
from .subject import Subject
from .tables import callout, code, facts, section
from .words import setting

_OPTIONS = ("epochs", "lr", "batch_size", "optimizer", "schedule", "seed", "stop_patience", "stop_on", "min_delta",
            "stop_loss", "stop_seconds")  # fmt: skip


def origin_section(subject: Subject) -> Markup:
    """Versions and seeds; how to come to the same numbers."""
    run, sweep = subject.run, subject.sweep
    parts: list[Markup] = [_versions(subject)]
    if run is not None:
        parts += [
            tag("h3", "The training again"),
            code(run_line(run, subject)),
            *_cautions(run, run.curve()),
        ]
    if sweep is not None:
        parts += _search_again(sweep, subject)
    if run is None and sweep is None:
        parts += [tag("h3", "To train it"), code(f"graphlab train {shlex.quote(subject.source)}")]
    return section("origin", "How to come to the same numbers", parts)


def _search_again(sweep: KeptSweep, subject: Subject) -> list[Markup]:
    """The search, and its best trial by itself."""
    found = [tag("h3", "The search again"), code(sweep_line(sweep, subject.source))]
    found.append(
        tag("p", "The same seed proposes the same trials and comes to the same numbers.", class_="quiet")
    )
    best = ranked(sweep.trials.values(), sweep.metric)
    if best:
        title = f"Its best trial, #{best[0].number}, by itself"
        found += [tag("h3", title), code(train_command(sweep, best[0], subject.source))]
    return found


def _versions(subject: Subject) -> Markup:
    kept = (
        subject.run.head
        if subject.run is not None
        else subject.sweep.head
        if subject.sweep is not None
        else None
    )
    told: Mapping[str, Any] = kept.machine if kept is not None and kept.machine else machine()
    names = {
        "python": "Python",
        "numpy": "NumPy",
        "system": "system",
        "processor": "processor",
        "cores": "cores",
    }
    found: list[tuple[str, object]] = [
        ("graphlab", (kept.graphlab if kept is not None else "") or version() or "–")
    ]
    found += [(names.get(name, name), setting(value)) for name, value in told.items()]
    found.append(("seed", str(_seed(subject))))
    if subject.sweep is not None:
        found.append(("seed of the search", setting(subject.sweep.head.sweep.get("seed", 0))))
        found.append(("SHA-256 of the document", subject.sweep.head.document[:16]))
    return facts(found)


def _seed(subject: Subject) -> int:
    return subject.run.head.seed if subject.run is not None else subject.document.training.seed


def run_line(run: KeptRun, subject: Subject) -> str:
    """The command that trains the same again. What the document says anyway is left out."""
    usual, said = Training(), subject.document.training
    words = ["graphlab", "train", subject.source]
    for each in fields(Training):
        name = each.name
        if name in ("goal", "extra"):
            continue
        value = run.training.get(name, getattr(usual, name))
        if name == "epochs" and run.figures.epochs and run.state != "finished":
            value = run.figures.epochs
        if name in _OPTIONS and (name == "seed" or value != getattr(said, name)):
            words += [f"--{name.replace('_', '-')}", str(value)]
        elif value != getattr(said, name):
            words += ["--set", f"{name}={json.dumps(value)}"]
    return " ".join(map(shlex.quote, words))


def _cautions(run: KeptRun, curve: Curve) -> list[Markup]:
    """What the line does not say."""
    found = []
    if run.head.first:
        found.append(f"It went on from weights that had made {run.head.first:,} steps before.")
    if curve.marks:
        found.append("Things were changed by hand while it trained; those are told above.")
    return [callout(text) for text in found]


def sweep_line(sweep: KeptSweep, word: str) -> str:
    """The command that searches the same again. word: what a person would name the document by."""
    said = sweep.head.sweep
    words = ["graphlab", "sweep", *file_of(sweep, word)]
    for name, space in sweep.head.searches.items():
        words += ["--search", f"{name}={space}"]
    words += [
        "--method",
        str(said.get("method", Sweep().method)),
        "--trials",
        str(said.get("trials", Sweep().trials)),
    ]
    for name in ("seeds", "folds", "pruning", "rung", "keep", "metric"):
        if said.get(name, getattr(Sweep(), name)) != getattr(Sweep(), name):
            words += [f"--{name}", str(said[name])]
    if said.get("seconds"):
        words += ["--minutes", f"{said['seconds'] / 60:g}"]
    words += ["--sweep-seed", str(said.get("seed", 0))]
    return " ".join(map(shlex.quote, words))
