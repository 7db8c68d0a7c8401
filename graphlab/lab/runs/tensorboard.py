"""Runs as event files for TensorBoard: curves, histograms of the last weights, settings, and the graph as text.

Tags: "loss/step", "loss/train" and "loss/validation" (by epoch), "train/accuracy", "validation/accuracy" and the like,
"weights/hidden.weight"; texts "settings", "graph" and "note". Written with tensorboardX, the extra `tensorboard`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import GraphlabError, SaveError
from ...io.diagram import mermaid
from ...writing import save_error
from .kept import Curve, KeptRun

MOST = 200_000  # points of a curve; a longer one is thinned out evenly
BINS = 64
_NO_NAME = re.compile(r"[^\w.+-]+")

Point = tuple[int, float, float]  # step, value, seconds since training began


def export(runs: Sequence[KeptRun], folder: Path) -> list[Path]:
    """Writes each run into a folder of its own inside `folder`, named as it is; returns these.

    Raises:
        GraphlabError: tensorboardX is not installed. SaveError, FileError: something cannot be written or read.
    """
    writer = _writer()
    made = []
    for run in runs:
        path = _own_folder(folder, run)
        try:
            path.mkdir(parents=True)
            with writer(logdir=str(path)) as events:
                _write(events, run)
        except OSError as error:
            raise save_error(path, error) from error
        made.append(path)
    return made


def is_possible() -> bool:
    """Whether tensorboardX is installed."""
    from importlib.util import find_spec

    return find_spec("tensorboardX") is not None


def _writer() -> Any:
    try:
        from tensorboardX import SummaryWriter
    except ImportError as error:
        raise GraphlabError(
            "Files for TensorBoard are written by tensorboardX, which is not installed.",
            hint='Install it with pip install "graphlab[tensorboard]".',
        ) from error
    return SummaryWriter


def _own_folder(folder: Path, run: KeptRun) -> Path:
    """TensorBoard calls a run what its folder is called; one that is taken is left alone."""
    if folder.exists() and not folder.is_dir():
        raise SaveError(f"{folder} is not a folder.", hint="Choose another.")
    name = _NO_NAME.sub("-", run.name).strip("-.") or run.id
    path, k = folder / name, 1
    while path.exists():
        k += 1
        path = folder / f"{name}-{k}"
    return path


def _write(events: Any, run: KeptRun) -> None:
    curve, began = run.curve(), run.head.began
    for tag, points in curves(curve):
        for step, value, seconds in points:
            events.add_scalar(tag, value, step, walltime=began + seconds)
    for name, values in run.weights().items() if run.has_weights() else ():
        finite = values[np.isfinite(values)].ravel()
        if finite.size:
            step = run.end.weights_step if run.end is not None else run.figures.steps
            events.add_histogram(f"weights/{name}", finite, max(step, 0), bins=BINS)
    events.add_text("settings", _settings(run), 0)
    events.add_text("graph", f"```mermaid\n{mermaid(run.document())}\n```", 0)
    if run.labels.note:
        events.add_text("note", run.labels.note, 0)


def curves(curve: Curve) -> Iterator[tuple[str, Iterable[Point]]]:
    """(tag, points) of every curve, as they are exported."""
    count = len(curve.losses)
    chosen = np.arange(count)
    if count > MOST:
        chosen = np.unique(np.linspace(0, count - 1, MOST).astype(np.int64))
    pace = curve.seconds / max(count, 1)
    yield "loss/step", ((curve.first + int(k), float(curve.losses[k]), pace * (int(k) + 1)) for k in chosen)
    epochs = curve.epochs
    yield "loss/train", [(e.step, e.loss, e.seconds) for e in epochs]
    yield (
        "loss/validation",
        [(e.step, e.validation_loss, e.seconds) for e in epochs if e.validation_loss is not None],
    )
    for part in ("train", "validation"):
        measured = [(e, e.metrics if part == "train" else e.validation_metrics) for e in epochs]
        for name in sorted({name for _, metrics in measured for name in metrics}):
            yield f"{part}/{name}", [(e.step, m[name], e.seconds) for e, m in measured if name in m]


def _settings(run: KeptRun) -> str:
    """As a table in Markdown."""
    facts = {"graph": run.head.graph, "state": run.state, "tags": " ".join(run.labels.tags), **run.training}
    rows = [f"| {name} | {value} |" for name, value in facts.items() if value not in (None, "")]
    return "\n".join(["| setting | value |", "|---|---|", *rows])
