"""What makes a picture such as a network has been fed until now: cut to its proportions, scaled, grey or coloured."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..graph import Document, Edge, edits, rewire
from ..ops import Spec
from .inference import Inference

ROUND = 1.05  # proportions that differ by less are not worth a cut


class Step(NamedTuple):
    """An operation that is put into the wire, and its params."""

    op: str
    params: dict[str, Any]


class PictureFit(NamedTuple):
    """A wire that leads through what makes its picture fit. given, wanted: (channels, height, width)."""

    document: Document
    steps: tuple[Step, ...]
    given: tuple[int, int, int]
    wanted: tuple[int, int, int]


def steps_between(given: tuple[int, int, int], wanted: tuple[int, int, int]) -> tuple[Step, ...]:
    """What turns pictures of one size (channels, height, width) into another; () where nothing is known that does.

    The middle is kept where proportions differ.
    """
    steps = []
    (channels, *size), (asked, *target) = given, wanted
    window = _window((size[0], size[1]), (target[0], target[1]))
    if window != tuple(size):
        steps.append(Step("CenterCrop", {"size": window}))
    if window != tuple(target):
        steps.append(Step("Resize", {"size": tuple(target)}))
    if channels != asked:
        if {channels, asked} != {1, 3}:
            return ()
        steps.append(Step("Grayscale" if asked == 1 else "RGB", {}))
    return tuple(steps)


def fit_picture(document: Document, inference: Inference, edge: Edge) -> PictureFit | None:
    """What a new wire from a Picture leads through, so that its target is fed as by the wire that it replaces.

    None where the source is no such node, there was no wire, or nothing has to be done.
    """
    before, source = document.edges.get((edge.target, edge.input)), document.nodes[edge.source]
    if before is None or source.op != "Picture":
        return None
    given = _size(inference.specs.get((edge.source, edge.output)))
    wanted = _size(inference.specs.get((before.source, before.output)))
    steps = steps_between(given, wanted) if given and wanted else ()
    if given is None or wanted is None or not steps:
        return None
    after = edits.connect(document, edge)
    for step in steps:
        after, _ = rewire.insert(after, (edge.target, edge.input), step.op, step.params)
    return PictureFit(after, steps, given, wanted)


def _size(spec: Spec | None) -> tuple[int, int, int] | None:
    sizes = spec.shape[1:] if spec is not None and spec.ndim == 4 else ()
    if len(sizes) != 3 or not all(isinstance(size, int) and size > 0 for size in sizes):
        return None
    channels, height, width = (int(str(size)) for size in sizes)
    return channels, height, width


def _window(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int]:
    """The largest window of the proportions of `target`; all where they are about the same."""
    (height, width), (tall, wide) = size, target
    ratio = (height * wide) / (width * tall)
    if max(ratio, 1 / ratio) < ROUND:
        return size
    if ratio > 1:  # too tall
        return max(1, round(width * tall / wide)), width
    return height, max(1, round(height * wide / tall))
