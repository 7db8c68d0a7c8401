"""An .onnx file as a graph with its weights: read, drawn, grouped and laid out."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ...graph import Document, Graph
from ...graph.groups import title_of
from .blocks import arranged
from .groups import Grouping
from .model import Model, read
from .sheet import PLACEHOLDER, Sheet
from .tensors import Array


@dataclass(frozen=True)
class Opened:
    """What became of a file.

    graph, weights: as `load` gives them. inputs: what each input of the file is called in the graph. outputs: what
    gives each output of the file, as a run knows it. lost: of each operator that has no counterpart why, by its path.
    """

    graph: Graph
    weights: dict[str, Array]
    inputs: dict[str, str]
    outputs: list[str]
    lost: dict[str, str]


def from_onnx(path: str | os.PathLike[str]) -> tuple[Graph, dict[str, Array]]:
    """The graph in an .onnx file, and its weights by name, as `load` gives those of our own files.

    What graphlab has no operation for stands there as a placeholder that says why. `open_onnx` lists them.

    Raises:
        FileError, BrokenFileError, TooLargeError, VersionError: see `open_onnx`.
    """
    opened = open_onnx(path)
    return opened.graph, opened.weights


def lost_in(document: Document) -> str:
    """What a document holds placeholders for, in one line; "" for none."""
    sheets = (document, *document.definitions.values())
    kinds = Counter(
        str(node.params.get("operator"))
        for sheet in sheets
        for node in sheet.nodes.values()
        if node.op == PLACEHOLDER
    )
    if not kinds:
        return ""
    named = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in sorted(kinds.items()))
    return f"graphlab has nothing for {named}."


def open_onnx(path: str | os.PathLike[str]) -> Opened:
    """The graph in an .onnx file.

    Inputs made for a batch of one take a batch of any size, where the rest of the file allows it.

    Raises:
        FileError: it cannot be read, or the onnx package is missing.
        BrokenFileError: it is damaged; its values are given twice or never, or in a cycle.
        TooLargeError: it declares more than anybody needs. VersionError: it is newer than what is known here.
    """
    place = Path(path).expanduser()
    model = read(place)
    sheet = _drawn(model)
    made = Grouping(sheet, arranged(sheet), title_of(model.title) if _tells(model) else title_of(place.stem))
    graph = Graph(made.document)
    graph.mark_unsaved()
    return Opened(
        graph,
        made.weights,
        {name: made.names[key] for name, key in sheet.inputs.items()},
        [f"{made.names[key]}.{output}" for key, output in sheet.results],
        {made.names[key]: reason for key, reason in sheet.lost.items()},
    )


def _drawn(model: Model) -> Sheet:
    """With a batch of any size where that costs nothing."""
    free = Sheet(model, free=True)
    if not free.lost:
        return free
    fixed = Sheet(model, free=False)
    return fixed if len(fixed.lost) < len(free.lost) else free


def _tells(model: Model) -> bool:
    """Whether the model's own title says more than its file's name."""
    return bool(model.title) and model.title.lower() not in (
        "main_graph",
        "torch_jit",
        "torch-jit-export",
        "graph",
        "model",
    )
