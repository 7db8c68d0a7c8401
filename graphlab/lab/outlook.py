"""Outlook: the way through a graph from the features of its rows to the prediction, found without running it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..engine.flatten import End, FlatNode
from ..engine.inference import Inference
from ..ops.loss import Loss


@dataclass(frozen=True)
class Layer:
    """A value on the way that has one row for each row of data. `path`: the readable name of its node.

    shape: that of one row. bends: an activation takes it, or it is the prediction, so 0 is a boundary of each unit.
    """

    end: End
    path: str
    shape: tuple[int, ...]
    bends: bool = False

    @property
    def size(self) -> int:
        """How many numbers there are for one row."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Outlook:
    """What there is to see. `source`: the output that gives the features; `layers`: from it to `score`, in order.

    loss: the node that compares `score` with the target, None where there is none.
    """

    source: End
    score: End
    layers: tuple[Layer, ...]
    loss: FlatNode | None = None

    @property
    def features(self) -> int:
        """How many numbers a row of data has."""
        return self.layers[0].size

    @property
    def width(self) -> int:
        """How many numbers the prediction has."""
        return self.layers[-1].size

    @property
    def bending(self) -> list[Layer]:
        """The layers in which each unit has a boundary of its own, where its number is 0."""
        return [layer for layer in self.layers[1:] if layer.bends and len(layer.shape) == 1]

    def place(self, end: End) -> int:
        """Where among the layers an end stands; −1 for elsewhere."""
        return next((k for k, layer in enumerate(self.layers) if layer.end == end), -1)


def outlook(found: Inference) -> Outlook | None:
    """The way from features to prediction of what was inferred; None where there is none."""
    loss = _loss(found)
    score = _score(found, loss)
    if score is None:
        return None
    behind = _upstream(found, score[0])
    source = next(
        (end for end in _sources(found, behind) if end == score or _reaches(found, end, score)), None
    )
    if source is None or source == score:
        return None
    ahead = _downstream(found, source)
    layers = [_layer(found, source, score)]
    for key in found.order:
        if key in behind and key in ahead:
            layers += [_layer(found, end, score) for end in _ends(found, key) if _has_rows(found, end)]
    kept = [layer for layer in layers if layer.end != score]
    return Outlook(source, score, (*kept, _layer(found, score, score)), loss)


def _loss(found: Inference) -> FlatNode | None:
    """The loss nearest to the goal."""
    if not found.goal or found.goal in found.unhealthy:
        return None
    todo, seen = [found.goal], set()
    while todo:
        key = todo.pop(0)
        node = found.nodes[key]
        if node.op is not None and node.op.scalar_loss:
            return node
        fresh = [source for source, _ in node.inputs.values() if source not in seen]
        seen |= set(fresh)
        todo += fresh
    return None


def _score(found: Inference, loss: FlatNode | None) -> End | None:
    """What the loss compares with the target; without one, the last value that has rows."""
    if loss is not None and loss.op is not None:
        end = loss.inputs.get(loss.op.sockets()[0].name)
        return end if end is not None and _has_rows(found, end) else None
    ends = (end for key in reversed(found.healthy) for end in _ends(found, key))
    return next((end for end in ends if _has_rows(found, end)), None)


def _ends(found: Inference, key: str) -> list[End]:
    op = found.nodes[key].op
    return [] if op is None or key in found.unhealthy else [(key, name) for name in op.results()]


def _has_rows(found: Inference, end: End) -> bool:
    """Whether a value has a row for each row of data, of a size that is known."""
    spec = found.specs.get(end)
    if spec is None or spec.kind != "float" or spec.ndim < 2 or isinstance(spec.shape[0], int):
        return False
    return all(isinstance(size, int) for size in spec.shape[1:])


def _sources(found: Inference, keys: Iterable[str]) -> list[End]:
    """The outputs that give rows of numbers, those of nodes that bring rows first."""
    there = [key for key in found.order if key in set(keys)]
    ops = {key: found.nodes[key].op for key in there}
    there = [key for key, op in ops.items() if op is not None and op.source]
    there.sort(key=lambda key: not getattr(ops[key], "brings", ""))
    return [end for key in there for end in _ends(found, key) if _has_rows(found, end)]


def _reaches(found: Inference, source: End, score: End) -> bool:
    return score[0] in _downstream(found, source)


def _upstream(found: Inference, key: str) -> set[str]:
    seen, todo = {key}, [key]
    while todo:
        for source, _ in found.nodes[todo.pop()].inputs.values():
            if source not in seen:
                seen.add(source)
                todo.append(source)
    return seen


def _downstream(found: Inference, end: End) -> set[str]:
    """The nodes that depend on one output."""
    reached: set[str] = set()
    for key, node in found.nodes.items():
        if any(e == end or e[0] in reached for e in node.inputs.values()):
            reached.add(key)
    return reached


def _layer(found: Inference, end: End, score: End) -> Layer:
    node = found.nodes[end[0]]
    shape = tuple(int(str(size)) for size in found.specs[end].shape[1:])
    takers = (other.op for other in found.nodes.values() if end in other.inputs.values())
    bends = end == score or any(op is not None and op.category == "Activation" for op in takers)
    name = node.path if node.op is None or len(node.op.results()) == 1 else f"{node.path}.{end[1]}"
    return Layer(end, name, shape, bends)


def cuts_at_zero(loss: FlatNode | None) -> bool:
    """Whether a single score speaks for the second class from 0 on, as the loss takes it; else from ½ on."""
    op = loss.op if loss is not None else None
    if not isinstance(op, Loss) or not op.tells_classes:
        return False
    return float(op.chances(np.zeros((1, 1)))[0, 0]) == 0.5
