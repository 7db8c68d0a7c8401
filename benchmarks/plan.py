"""What a large graph costs before anything is computed: compiling it, and compiling it again after an edit."""

from __future__ import annotations

import functools
from collections.abc import Callable

from benchmarks.networks import micrograd_demo
from benchmarks.report import Report, Row, timed
from graphlab.engine import Plan
from graphlab.engine.workspace import Workspace
from graphlab.graph import Document, Graph
from graphlab.graph.codec import from_bytes, to_bytes

ROUNDS = 21
EDITED = "leaves_100"  # a weight in the middle
Edit = Callable[[Graph, int], None]


def main() -> int:
    report = Report("plan", "Compiling a graph of 1,000 scalar nodes (micrograd's demo)")
    graph = drawn()
    report.add(Row.figure("Plan, from the document alone", first(graph.document), "ms", target=50))
    report.add(Row.figure("the engine takes over a changed weight", after_edit(graph, reset), "ms"))
    report.add(Row.figure("the engine takes over a moved wire", after_edit(graph, rewire), "ms"))
    return report.finish()


def drawn() -> Graph:
    """The network, with an example of its own, so that the engine can train it as it stands."""
    workload = micrograd_demo()
    graph = workload.graph()
    for name, array in workload.batch.items():
        graph.set(name, value=float(array))
    return graph


def first(document: Document) -> list[float]:
    """Milliseconds for a document that has just come from a file."""
    data = to_bytes(document)
    documents = [from_bytes(data) for _ in range(ROUNDS)]
    return [1000 * timed(functools.partial(Plan, document)) for document in documents]


def after_edit(graph: Graph, edit: Edit) -> list[float]:
    """Milliseconds until the engine, which holds the graph, has taken over an edit, weights and all."""
    workspace = Workspace(graph.document)
    times = []
    for round in range(ROUNDS):
        edit(graph, round)
        times.append(1000 * timed(lambda: workspace.load(graph.document)))
    return times


def reset(graph: Graph, round: int) -> None:
    graph.set(EDITED, value=round / ROUNDS)


def rewire(graph: Graph, round: int) -> None:
    """Another weight is plugged into the first product."""
    graph.connect(f"leaves_{100 + round}", "mul", "a")


if __name__ == "__main__":
    raise SystemExit(main())
