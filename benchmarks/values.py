"""Looking at a tensor of 100,000,000 elements (10,000×10,000, 400 MB): what the engine takes to answer the window.

The array is a parameter of a real run; the questions are those of the window, with their answers as bytes for the pipe.
"""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from benchmarks.report import Report, Row, timed
from graphlab.engine import messages as m
from graphlab.engine.answers import ANSWERS
from graphlab.engine.preview import preview
from graphlab.engine.workspace import Workspace
from graphlab.graph import Graph

SIDE = 10_000
ROUNDS = 5


def main() -> int:
    report = Report("values", f"Looking at a parameter of {SIDE:,}×{SIDE:,}")
    space, key = made()
    ask = functools.partial(milliseconds, space)
    whole, block = ((0, SIDE, 20), (0, SIDE, 20)), ((5000, 5500, 1), (3000, 3500, 1))
    report.add(Row.figure("a frame, while it is watched", frame(space, key), "ms", target=30))
    report.add(
        Row.figure(
            "seen at once, one element of each block", ask(m.Look(1, key, whole, "every")), "ms", target=100
        )
    )
    report.add(Row.figure("the largest of each block", ask(m.Look(1, key, whole)), "ms"))
    report.add(Row.figure("250,000 elements exactly, zoomed in", ask(m.Look(1, key, block)), "ms", target=30))
    report.add(
        Row.figure("statistics by a sample", ask(m.Survey(1, key, quick=True, bins=48)), "ms", target=100)
    )
    report.add(
        Row.figure("statistics of all of it, where its extremes lie", ask(m.Survey(1, key, bins=48)), "ms")
    )
    report.add(Row.figure("the longest answer", [longest(space, key, whole, block)], "MB", target=1.1))
    with tempfile.TemporaryDirectory() as folder:
        report.add(Row.figure("written as .npy", ask(m.Export(1, key, str(Path(folder) / "a.npy")), 1), "ms"))
    return report.finish()


def made() -> tuple[Workspace, m.TensorKey]:
    graph = Graph("large")
    graph.add("Mean", graph.add("Parameter", name="large", shape=(SIDE, SIDE)))
    space = Workspace()
    space.load(graph.document, keep=False)
    key = m.TensorKey("value", graph["large"].id, "y")
    if space.array(key) is None:  # a parameter goes by its own socket
        ((node, socket),) = space.run.plan.parameters
        key = m.TensorKey("value", node, socket)
    return space, key


def answered(space: Workspace, question: m.Command) -> bytes:
    return m.encode(ANSWERS[type(question)](space, 1, question))


def milliseconds(space: Workspace, question: m.Command, rounds: int = ROUNDS) -> list[float]:
    return [1000 * timed(functools.partial(answered, space, question)) for _ in range(rounds)]


def frame(space: Workspace, key: m.TensorKey) -> list[float]:
    found = space.array(key)
    assert found is not None
    return [1000 * timed(lambda: preview(key, *found, 1 << 14)) for _ in range(ROUNDS)]


def longest(space: Workspace, key: m.TensorKey, *parts: tuple[tuple[int, int, int], ...]) -> float:
    """Megabytes."""
    return max(len(answered(space, m.Look(1, key, part))) for part in parts) / 1e6


if __name__ == "__main__":
    raise SystemExit(main())
