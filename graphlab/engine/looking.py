"""Answers to whoever looks at arrays closely: parts of them, what they are like as a whole, and whole ones in files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..errors import GraphlabError
from ..writing import replacing
from . import messages as m
from .preview import quick_statistics
from .regions import Span, region
from .survey import COUNTED, LARGE, pieces, sample, spread, survey
from .workspace import Workspace

Array = npt.NDArray[Any]
NOTHING = "Not computed yet."


def look(space: Workspace, run: int, question: m.Look) -> m.Looked:
    """Answered also where there is nothing to see, so that whoever asked knows."""
    found = space.array(question.key)
    if found is None:
        return m.Looked(run, question.request, message=NOTHING, hint="Step forward until its node has run.")
    array, fresh = found
    spans = _cut(array.shape, question.spans)
    head = (run, question.request, array.shape, array.dtype.name, fresh, spans, question.pool)
    try:
        return m.Looked(*head, region(array, spans, question.pool))
    except GraphlabError as error:
        return m.Looked(*head, None, error.message, error.hint)


def _cut(shape: tuple[int, ...], spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """Spans as far as the array goes; one index of an axis that became shorter is its last one."""
    if len(spans) != len(shape):
        return spans
    found = []
    for (start, stop, block), size in zip(spans, shape, strict=True):
        if stop - start == 1 and size:
            start = min(start, size - 1)
            stop = start + 1
        found.append((min(start, size), min(stop, size), block))
    return tuple(found)


def survey_of(space: Workspace, run: int, question: m.Survey) -> m.Surveyed:
    found = space.array(question.key)
    if found is None:
        return m.Surveyed(run, question.request)
    array = found[0]
    if question.quick and array.size > LARGE:
        told = survey(sample(array))
        stats = quick_statistics(array)
    else:
        told = survey(array)
        stats = told.stats
    places = (
        (None,) * 3 if stats.about else (told.bad, told.low, told.high)
    )  # those of a sample are not its own
    counts = edges = None
    if question.bins and stats.count > stats.bad:
        part = sample(array, COUNTED)
        counts, edges = spread(part, told.stats.low, told.stats.high, question.bins)
        if part.size < array.size:
            counts = np.rint(counts * (array.size / part.size)).astype(np.int64)
    factor = array.size / told.stats.count if stats.about else 1
    nans, infinities = round(told.nans * factor), round(told.infinities * factor)
    return m.Surveyed(run, question.request, stats, nans, infinities, *places, counts, edges)


def range_(space: Workspace, run: int, question: m.Range) -> m.Ranged:
    whole: dict[str, float] = {}
    nodes: dict[str, dict[str, float]] = {}
    for key in _keys(space):
        found = space.array(key)
        if found is None or not found[1] or not found[0].size:
            continue
        size = magnitude(found[0])
        whole[key.kind] = max(size, whole.get(key.kind, 0.0))
        of_kind = nodes.setdefault(key.kind, {})
        of_kind[key.node] = max(size, of_kind.get(key.node, 0.0))
    return m.Ranged(run, question.request, whole, nodes)


def _keys(space: Workspace) -> list[m.TensorKey]:
    plan = space.run.plan
    ends = [(key, output) for key in plan.nodes for output in plan.op(key).results()]
    return [
        m.TensorKey(kind, *end)
        for end in dict.fromkeys([*ends, *plan.parameters])
        for kind in ("value", "grad")
    ]


def magnitude(array: Array) -> float:
    """The largest finite magnitude; by a sample where the array is large."""
    part = sample(array)
    low, high = float(np.min(part)), float(np.max(part))
    if not (np.isfinite(low) and np.isfinite(high)):
        part = part[np.isfinite(part)]
        low, high = (float(part.min()), float(part.max())) if part.size else (0.0, 0.0)
    return max(-low, high, 0.0)


def export(space: Workspace, run: int, question: m.Export) -> m.Exported:
    """In the engine's own process: a large array does not go through the pipe."""
    found = space.array(question.key)
    if found is None:
        hint = "Step forward until its node has run."
        return m.Exported(run, question.request, question.path, 0, NOTHING, hint)
    try:
        size = write_npy(Path(question.path), found[0])
    except GraphlabError as error:
        return m.Exported(run, question.request, question.path, 0, error.message, error.hint)
    return m.Exported(run, question.request, question.path, size)


def write_npy(path: Path, array: Array) -> int:
    """Puts an array into a .npy file (NumPy's format 1.0), piece by piece; how many bytes that were. SaveError."""
    head = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
    with replacing(path) as file:
        np.lib.format.write_array_header_1_0(file, head)
        for _, piece in pieces(array):
            file.write(piece.data)
        return file.tell()
