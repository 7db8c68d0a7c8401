"""What an edit costs before anything is drawn: the edit with its undo entry, the diff, the shapes; plans; and reading.

No Qt. Each kind of edit is made at several places of the graph; the figure is the median. All of it is Python of one
thread, so processor time is measured: it is what passes when nothing else runs.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from functools import partial
from time import process_time

from benchmarks.canvas import document
from benchmarks.report import Report, Row
from graphlab.engine import Inference, Plan, infer
from graphlab.engine.workspace import Workspace
from graphlab.graph import Document, Edge, Graph, codec, diff
from graphlab.io import from_bytes

SIZES = (100, 1000, 10_000)
EDIT = {100: 5.0, 1000: 10.0, 10_000: 50.0}  # milliseconds
OPEN = {100: 50.0, 1000: 150.0, 10_000: 1500.0}  # of which drawing takes its part
PLAN = {1000: 50.0}
REPEAT = 15

Edit = Callable[[], object]


class Desk:
    """A graph being edited, and what a window keeps up to date after every edit."""

    def __init__(self, made: Document) -> None:
        self.graph = Graph(made)
        self.inference: Inference = infer(made)
        self._chance = random.Random(1)
        self._count = 0

    def carry_out(self, edit: Edit) -> float:
        """Milliseconds of an edit, the diff and the shapes."""
        return milliseconds(partial(self._carry_out, edit))

    def _carry_out(self, edit: Edit) -> None:
        old = self.graph.document
        edit()
        diff(old, self.graph.document)
        self.inference = infer(self.graph.document, previous=self.inference)

    def move(self) -> Edit:
        return partial(self.graph.move, {self._node(): (float(self._number()), 0.0)})

    def rename(self) -> Edit:
        return partial(self.graph.rename, self._node(), f"new name {self._number()}")

    def change_a_param(self) -> Edit:
        return partial(self.graph.set, self._node("Linear"), bias=False)

    def change_a_shape(self) -> Edit:
        return partial(self.graph.set, self._node("Linear"), units=17)

    def disconnect(self) -> Edit:
        edge = self._wire()
        return partial(self.graph.disconnect, edge.target, edge.input)

    def connect(self) -> Edit:
        """The neighbour of a source in its place."""
        edge = self._wire()
        return partial(self.graph.connect, f"n{int(edge.source[1:]) % 3 + 1}", edge.target, edge.input)

    def add(self) -> Edit:
        return partial(self.graph.add, "Tanh", self._node())

    def put_a_node_on_a_wire(self) -> Edit:
        return partial(self._insert, self._wire())

    def remove(self) -> Edit:
        return partial(self.graph.remove, self._node())

    def _insert(self, edge: Edge) -> None:
        with self.graph.edit("Insert"):
            added = self.graph.add("Tanh", f"{edge.source}.{edge.output}")
            self.graph.connect(added, edge.target, edge.input)

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _node(self, op: str = "") -> str:
        nodes = self.graph.document.nodes
        return self._chance.choice([i for i in nodes if op in ("", nodes[i].op)])

    def _wire(self) -> Edge:
        return self._chance.choice(list(self.graph.document.edges.values()))


KINDS = (
    Desk.move,
    Desk.rename,
    Desk.change_a_param,
    Desk.change_a_shape,
    Desk.disconnect,
    Desk.connect,
    Desk.add,
    Desk.put_a_node_on_a_wire,
    Desk.remove,
)


def milliseconds(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return (process_time() - start) * 1e3


def measure_edits(report: Report, count: int) -> None:
    """Each edit is made on the whole graph, taken back and made again."""
    desk = Desk(document(count))
    undo, redo = [], []
    for kind in KINDS:
        times = []
        for _ in range(REPEAT):
            times.append(desk.carry_out(kind(desk)))
            undo.append(desk.carry_out(desk.graph.undo))
            redo.append(desk.carry_out(desk.graph.redo))
            desk.carry_out(desk.graph.undo)
        name = kind.__name__.replace("_", " ")
        report.add(Row.figure(f"{count:,} nodes: {name}", times, "ms", target=EDIT[count]))
    report.add(Row.figure(f"{count:,} nodes: undo", undo, "ms", target=EDIT[count]))
    report.add(Row.figure(f"{count:,} nodes: redo", redo, "ms", target=EDIT[count]))


def measure_plans(report: Report, count: int) -> None:
    """A plan from nothing, one that goes on from another, and all that the engine process does after an edit."""
    fresh, after, engine = [], [], []
    graph = Graph(document(count))
    plan, space, reader = Plan(graph), Workspace(graph.document), codec.Reader()

    def go_on() -> None:
        nonlocal plan
        plan = Plan(graph, previous=plan)

    def take_over() -> None:
        space.load(reader.read(data))

    for k in range(REPEAT + 1):
        graph.add("Tanh", f"n{1 + k}")
        data = codec.to_bytes(graph.document)
        fresh.append(milliseconds(partial(Plan, codec.from_bytes(data))))
        after.append(milliseconds(go_on))
        engine.append(milliseconds(take_over))
    report.add(Row.figure(f"{count:,} nodes: plan", fresh, "ms", target=PLAN.get(count)))
    report.add(Row.figure(f"{count:,} nodes: plan after an edit", after, "ms", target=PLAN.get(count)))
    report.add(Row.figure(f"{count:,} nodes: engine after an edit", engine[1:], "ms"))


def measure_reading(report: Report, count: int) -> None:
    made = document(count)
    data = codec.to_bytes(made)
    writing = [milliseconds(partial(codec.to_bytes, made)) for _ in range(REPEAT)]
    handing = [milliseconds(partial(codec.from_bytes, data)) for _ in range(REPEAT)]
    opening = [milliseconds(lambda: infer(from_bytes(data))) for _ in range(REPEAT)]
    report.add(Row.figure(f"{count:,} nodes: to bytes", writing, "ms"))
    report.add(Row.figure(f"{count:,} nodes: from bytes", handing, "ms"))
    report.add(Row.figure(f"{count:,} nodes: open, with shapes", opening, "ms", target=OPEN[count]))


def main() -> int:
    report = Report("edits", "Editing without drawing: undo entry, diff and shapes; plans; reading")
    for count in SIZES:
        measure_edits(report, count)
        measure_plans(report, count)
        measure_reading(report, count)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
