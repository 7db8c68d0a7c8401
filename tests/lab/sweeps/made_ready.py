"""Ready-made sweeps as files, made up without training: a learning curve, and errors against capacity."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import msgspec
import numpy as np

from graphlab.graph.spaces import space_text
from graphlab.graph.sweep_record import fields
from graphlab.io import save
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.ready import CAPACITY, LEARNING_CURVE, capacity, learning_curve
from graphlab.lab.sweeps.records import Cost, Epoch, Fit, Head, Key, Proposal

ALL_ROWS = 1257


def made_ready(folder: Path, kind: str, seeds: int = 3) -> Path:
    """The folder of a finished sweep of that kind in `folder`."""
    before = load(example("digits-mlp").path)[0].document
    of_rows = kind == LEARNING_CURVE
    made = learning_curve(before, seeds=seeds) if of_rows else capacity(before, "hidden.units", seeds=seeds)
    name = "rows" if of_rows else "hidden.units"
    path = folder / ("0002-20261128-130000" if kind == CAPACITY else "0003-20261128-140000")
    path.mkdir(parents=True)
    save(made, path / kept.DOCUMENT)
    (search,) = made.sweep.searches
    digest = hashlib.sha256((path / kept.DOCUMENT).read_bytes()).hexdigest()
    head = Head(
        path.name, 1.8e9 + (kind == CAPACITY), "digits-mlp", digest, fields(made.sweep),
        {name: space_text(search.space)}, {}, "accuracy", len(search.space.values), 5, kind=kind,
    )  # fmt: skip
    (path / kept.HEAD).write_bytes(msgspec.json.encode(head))
    rng = np.random.default_rng(0)
    proposals = [Proposal(k, {name: value}) for k, value in enumerate(search.space.values)]
    fits = [_fit(p, name, repeat, kind, rng) for p in proposals for repeat in range(seeds)]
    for file, records in ((kept.TRIALS, proposals), (kept.FITS, fits)):
        (path / file).write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    return path


def _fit(proposal: Proposal, name: str, repeat: int, kind: str, rng: np.random.Generator) -> Fit:
    value = proposal.values[name]
    if kind == LEARNING_CURVE:
        rows = round(value * ALL_ROWS)
        held_out, train = 0.98 - 2.2 / math.sqrt(rows), 1 - 0.3 / math.sqrt(rows)
    else:
        rows, power = ALL_ROWS, math.log2(value)
        train = 1 - 0.4 * 2 ** (3 - power)
        held_out = train - 0.004 * (power - 2) ** 2
    held_out, train = held_out + rng.normal(0, 0.004), min(train + rng.normal(0, 0.002), 1.0)
    epochs = [
        Epoch(e, 10 * e, 1 / e, {"accuracy": train * e / 5}, 1 / e, {"accuracy": held_out * e / 5})
        for e in range(1, 6)
    ]
    return Fit(
        Key(proposal.trial, repeat), "done", repeat, "accuracy", held_out, train, 5, epochs,
        Cost(rows / 1000, rows * 10_000, 5000), 270, rows,
    )  # fmt: skip
