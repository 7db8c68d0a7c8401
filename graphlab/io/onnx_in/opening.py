"""An .onnx file as a graph with its weights: read, drawn, grouped and laid out."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ...graph import Graph
from ...graph.groups import title_of
from .blocks import arranged
from .groups import Grouping
from .model import Model, read
from .sheet import Sheet
from .tensors import Array


@dataclass(frozen=True)
class Opened:
    """What became of a file: the graph, its weights by name, and of each operator that has no counterpart why (by its
    path in the graph).
    """

    graph: Graph
    weights: dict[str, Array]
    lost: dict[str, str]

    @property
    def story(self) -> str:
        """What has no counterpart, in one line; "" where everything has one."""
        if not self.lost:
            return ""
        kinds = Counter(reason.partition(":")[0] for reason in self.lost.values())
        named = ", ".join(f"{kind} ({count})" if count > 1 else kind for kind, count in kinds.items())
        return f"{len(self.lost)} operators have no counterpart and stand there as placeholders: {named}."


def open_onnx(path: str | os.PathLike[str]) -> Opened:
    """The graph in an .onnx file.

    Inputs made for a batch of one take a batch of any size, where the rest of the file allows it.

    Raises:
        FileError: it cannot be read, or the onnx package is missing. BrokenFileError: it is damaged, its values are given
        twice or never, or in a cycle. TooLargeError: it declares more than anybody needs. VersionError: it is newer.
    """
    place = Path(path).expanduser()
    model = read(place)
    sheet = _drawn(model)
    made = Grouping(sheet, arranged(sheet), title_of(model.title) if _tells(model) else title_of(place.stem))
    graph = Graph(made.document)
    graph.mark_unsaved()
    return Opened(graph, made.weights, {made.names[key]: reason for key, reason in sheet.lost.items()})


def _drawn(model: Model) -> Sheet:
    """With a batch of any size where that costs nothing."""
    free = Sheet(model, free=True)
    if not free.lost:
        return free
    fixed = Sheet(model, free=False)
    return fixed if len(fixed.lost) < len(free.lost) else free


def _tells(model: Model) -> bool:
    """Whether the model's own title says more than its file's name."""
    return bool(model.title) and model.title.lower() not in ("main_graph", "torch_jit", "torch-jit-export", "graph", "model")
