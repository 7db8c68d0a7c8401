"""A sweep as files, made up without training anything: for tests of what reads it and shows it."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from graphlab.graph import Graph
from graphlab.graph.sweep import Search, Space, Sweep
from graphlab.graph.sweep_record import fields
from graphlab.io import save
from graphlab.io import weights as tensors
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.sweeps import kept
from graphlab.lab.sweeps.records import Cost, End, Epoch, Fit, FitState, Head, Key, Proposal

SEARCHES = {"hidden.units": "8,16,32,64", "lr": "log:0.0001:0.1", "optimizer": "SGD,Adam"}


def made_sweep(
    folder: Path, trials: int = 24, seeds: int = 2, epochs: int = 5, what: str = "digits-mlp", seed: int = 0
) -> Path:
    """A folder in `folder` with so many trials, some of which failed or were pruned; the last has fits missing."""
    path = folder / f"{1:04d}-20261128-120000"
    path.mkdir(parents=True)
    graph: Graph = load(example(what).path)[0]
    sweep = Sweep((Search("", "lr", Space("log", (), 1e-4, 1e-1)),), trials=trials, seeds=seeds)
    save(graph.document, path / kept.DOCUMENT)
    digest = hashlib.sha256((path / kept.DOCUMENT).read_bytes()).hexdigest()
    head = Head(
        path.name, time.time(), graph.name, digest, fields(sweep), SEARCHES, {}, "accuracy", trials, epochs,
        number=1, graphlab="0.1.0",
    )  # fmt: skip
    (path / kept.HEAD).write_bytes(msgspec.json.encode(head))
    rng = np.random.default_rng(seed)
    proposals: list[Proposal] = []
    fits: list[Fit] = []
    for k in range(trials):
        values = {
            "hidden.units": int(rng.choice([8, 16, 32, 64])),
            "lr": float(10 ** rng.uniform(-4, -1)),
            "optimizer": str(rng.choice(["SGD", "Adam"])),
        }
        proposals.append(Proposal(k, values))
        present = seeds if k < trials - 1 else seeds - 1
        fits.extend(_fit(k, repeat, values, epochs, rng) for repeat in range(present))
    _lines(path / kept.TRIALS, proposals)
    _lines(path / kept.FITS, fits)
    (path / kept.END).write_bytes(msgspec.json.encode(End("stopped", time.time(), 12.5)))
    (path / kept.WEIGHTS).mkdir()
    (path / kept.WEIGHTS / "0.0.0.safetensors").write_bytes(
        tensors.to_bytes({"hidden.weight": np.zeros((8, 64), np.float32)})
    )
    return path


def _fit(k: int, repeat: int, values: dict[str, Any], epochs: int, rng: np.random.Generator) -> Fit:
    good = 0.9 + 0.02 * math.log2(values["hidden.units"] / 8) - 0.05 * (math.log10(values["lr"]) + 2.5) ** 2
    state: FitState = "failed" if k % 11 == 10 else "pruned" if k % 7 == 6 else "done"
    done = epochs if state == "done" else 2
    curve: list[Epoch] = []
    for e in range(1, done + 1):
        share = 1 - math.exp(-e)
        accuracy = float(np.clip(good * share + rng.normal(0, 0.005), 0, 1))
        loss = 2.3 * (1 - share * good)
        train: dict[str, float | None] = {"accuracy": min(1.0, accuracy + 0.02)}
        curve.append(Epoch(e, 30 * e, loss, train, loss * 1.1, {"accuracy": accuracy}, 0.1 * e))
    last = curve[-1]
    units = values["hidden.units"]
    if state == "failed":
        return Fit(
            Key(k, repeat),
            "failed",
            repeat,
            "accuracy",
            epochs=curve,
            error="The loss became NaN at step 41.",
        )
    cost = Cost(0.1 * done * units / 8, 2_000_000 * done * units, 74 * units + 10)
    return Fit(
        Key(k, repeat), state, repeat, "accuracy", last.validation_metrics["accuracy"],
        last.metrics["accuracy"], last.epoch, curve, cost, 270, 1257, worker="local-1",
        weights=k == 0 and repeat == 0,
    )  # fmt: skip


def _lines(path: Path, records: Sequence[Any]) -> None:
    path.write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
