"""The line for the terminal that does a fit of a sweep again, to the bit, as a training."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from ...errors import GraphlabError
from ...graph import Document, Training
from ...graph.searching import target_text
from ...graph.spaces import space_text, value_text
from ...graph.sweep import ROWS, Sweep
from ...io import load
from .kept import DOCUMENT, KeptSweep
from .records import Fit, Key, fit_seed
from .trials import Trial
from .writer import threads_of

OPTIONS = (
    "epochs",
    "lr",
    "batch_size",
    "optimizer",
    "schedule",
)  # settings that `graphlab train` has an option for
SEED = "seed"


def train_command(sweep: KeptSweep, trial: Trial, word: str = "") -> str:
    """`graphlab train FILE --set hidden.units=16 --lr 0.003 …`: trains the first fit of the trial again, on the same
    rows, and comes to the same numbers.

    word: what a person would name the document by. It is named so, or by its file, where that still holds the network
    that the sweep began with; else by the copy in the folder of the sweep.
    """
    key = trial.fits[0].key if trial.fits else Key(trial.number)
    seed = trial.fits[0].seed if trial.fits else _seed(sweep, trial.values, key)
    own = sweep.document.training.seed
    words = ["graphlab", "train", *file_of(sweep, word)]
    for name, value in trial.values.items():
        words += _option(name, value)
    words += ["--seed", str(seed), *(["--split-seed", str(own)] if seed != own else [])]
    folds = int(sweep.head.sweep.get("folds", 0))
    if folds:
        words += ["--fold", f"{key.fold + 1}/{folds}"]
    threads = threads_of(sweep.head)
    words += ["--threads", str(threads)] if threads != 1 else []
    return " ".join(map(shlex.quote, words))


def sweep_command(document: Document, word: str) -> str:
    """`graphlab sweep FILE --search hidden.units=8,16 --trials 60 …`: begins the sweep that a document describes.

    word: what names the document. Only what is not as usual is said.
    """
    sweep, usual = document.sweep, Sweep()
    words = ["graphlab", "sweep", word]
    for search in sweep.searches:
        words += ["--search", f"{target_text(document, search)}={space_text(search.space)}"]
    for name in ("method", "trials", "seeds", "folds", "pruning", "rung", "keep", "metric", "ahead"):
        if getattr(sweep, name) != getattr(usual, name):
            words += [f"--{name}", str(getattr(sweep, name))]
    words += ["--minutes", str(sweep.seconds / 60).removesuffix(".0")] if sweep.seconds else []
    words += ["--sweep-seed", str(sweep.seed)] if sweep.seed else []
    return " ".join(map(shlex.quote, words))


def _seed(sweep: KeptSweep, values: Mapping[str, Any], key: Key) -> int:
    return fit_seed(sweep.document.training.seed, values.get(SEED), key.repeat)


def _option(name: str, value: Any) -> list[str]:
    if name == SEED:
        return []
    if name in OPTIONS:
        return [f"--{name.replace('_', '-')}", value_text(value)]
    if name == ROWS:
        return ["--rows", value_text(value)] if value != 1 else []
    return ["--set", f"{name}={value_text(value)}"]


def file_of(sweep: KeptSweep, word: str = "") -> list[str]:
    """What names the document that a sweep began with, and the options for settings that were others then."""
    for name in (word, sweep.head.origin):
        settings = _settings_apart(_path(name), sweep.document)
        if settings is not None:
            return [name, *(option for pair in settings.items() for option in _option(*pair))]
    return [str(sweep.path / DOCUMENT)]


def _path(word: str) -> Path | None:
    """The file that a word of the command line means: a file, or an example."""
    from ...io.examples import example

    if not word or Path(word).exists():
        return Path(word) if word else None
    try:
        return example(word).path
    except GraphlabError:
        return None


def _settings_apart(path: Path | None, document: Document) -> dict[str, Any] | None:
    """The settings in which the document differs from that in a file; None where the network is another."""
    if path is None or not path.is_file():
        return None
    try:
        found = load(path)[0].document
    except GraphlabError:
        return None
    then, now = document.training, found.training
    same = found.with_(sweep=Sweep(), training=then) == document.with_(sweep=Sweep())
    if not same or (then.goal, then.extra) != (now.goal, now.extra):
        return None
    names = [each.name for each in fields(Training) if each.name != SEED]
    return {name: getattr(then, name) for name in names if getattr(then, name) != getattr(now, name)}


def others(fits: tuple[Fit, ...]) -> list[int]:
    """The seeds of the other fits of the first fold."""
    return sorted({fit.seed for fit in fits} - {fits[0].seed}) if fits else []
