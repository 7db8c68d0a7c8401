"""Where the numbers of a report come from: versions, seeds, and the command line that makes them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ...graph import Training
from ...io.markup import Markup, tag
from ..runs import KeptRun
from ..runs.kept import Curve
from ..runs.writer import machine, version
from ..sweeps.kept import KeptSweep
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
            *_cautions(run, run.curve(), subject),
        ]
    if sweep is not None:
        parts += [tag("h3", "The search again"), code(sweep_line(sweep))]
        parts.append(
            tag("p", "The same seed proposes the same trials and comes to the same numbers.", class_="quiet")
        )
    if run is None and sweep is None:
        parts += [tag("h3", "To train it"), code(f"graphlab train {shlex.quote(subject.source)}")]
    return section("origin", "How to come to the same numbers", parts)


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
    said = subject.document.training
    words = ["graphlab", "train", shlex.quote(subject.source)]
    for name in _OPTIONS:
        value = run.training.get(name, getattr(Training(), name))
        if name == "epochs" and run.figures.epochs and run.state != "finished":
            value = run.figures.epochs
        if value != getattr(said, name) or (name == "seed"):
            words += [f"--{name.replace('_', '-')}", shlex.quote(str(value))]
    if run.training.get("keep_best", False) != said.keep_best:
        words.append("--keep-best" if run.training.get("keep_best") else "--no-keep-best")
    return " ".join(words)


def _cautions(run: KeptRun, curve: Curve, subject: Subject) -> list[Markup]:
    """What the line does not say."""
    found = []
    others = [
        f"{each.name} = {setting(run.training[each.name])}"
        for each in fields(Training)
        if each.name not in (*_OPTIONS, "goal", "extra", "keep_best")
        and each.name in run.training
        and run.training[each.name] != getattr(subject.document.training, each.name)
    ]
    if others:
        found.append(f"In the document, set {', '.join(others)} first.")
    if run.head.first:
        found.append(f"It went on from weights that had made {run.head.first:,} steps before.")
    if curve.marks:
        found.append("Things were changed by hand while it trained; those are told above.")
    return [callout(text) for text in found]


def sweep_line(sweep: KeptSweep) -> str:
    """The command that searches the same again."""
    head, said = sweep.head, sweep.head.sweep
    words = ["graphlab", "sweep", shlex.quote(head.origin or head.graph)]
    for name, space in head.searches.items():
        words += ["--search", shlex.quote(f"{name}={space}")]
    words += ["--method", str(said.get("method", "random"))]
    trials = said.get("trials", 40)
    words += ["--trials", str(trials)] if trials else []
    for name, option in (
        ("seeds", "--seeds"),
        ("folds", "--folds"),
        ("pruning", "--pruning"),
        ("metric", "--metric"),
    ):
        if said.get(name):
            words += [option, shlex.quote(str(said[name]))]
    words += ["--sweep-seed", str(said.get("seed", 0))]
    return " ".join(words)
