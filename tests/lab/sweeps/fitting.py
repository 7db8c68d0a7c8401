"""Tasks for fits of small networks, for tests."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from graphlab.graph import Document, Graph
from graphlab.io import load
from graphlab.io.archive import pack
from graphlab.io.examples import example
from graphlab.io.files import GRAPH, to_bytes
from graphlab.lab.sweeps.records import Key, Task


def blobs(epochs: int = 3, **settings: Any) -> Document:
    """Two spirals and a small network that learns them."""
    graph: Graph = load(example("spirals").path)[0]
    graph.configure(epochs=epochs, **settings)
    return graph.document


def task(
    document: Document, trial: int = 0, repeat: int = 0, fold: int = 0, **more: Any
) -> tuple[Task, bytes]:
    """A task of that document, and the bytes that a worker is given."""
    data = pack({GRAPH: to_bytes(document)})
    given = {"values": {}, "seed": repeat, **more}
    return Task(Key(trial, repeat, fold), hashlib.sha256(data).hexdigest(), **given), data


def without_times(record: Any) -> Any:
    """The record without what the clock says."""
    plain = msgspec.to_builtins(record)
    plain["fit"]["cost"]["seconds"] = 0
    for epoch in plain["fit"]["epochs"]:
        epoch[-1] = 0
    return plain
