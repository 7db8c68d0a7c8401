"""A recurrent network that reads a text one character after the other and keeps its state in between.

Trained on rows, it can so go on without end, and looks back further than a row. It is the same graph for rows of a
single character, with what recurrent nodes begin with given from outside.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..engine import Run, infer
from ..engine.beside import Beside
from ..engine.flatten import End
from ..engine.language import Language, scores_at
from ..errors import GraphlabError
from ..graph import Graph
from ..ops import Op
from .generating import Writing

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class _State:
    """What is given to a node at first, N in the place where sequences are counted, and what it leaves behind."""

    given: End
    left: End
    shape: tuple[int, ...]


class Memory:
    """What a network has read so far of a text, as its states."""

    def __init__(self, run: Run, reads: End, scores: End, states: tuple[_State, ...]) -> None:
        self._beside = Beside(run)
        self._reads, self._scores, self._states = reads, scores, states
        self.forget()

    def forget(self) -> None:
        """Nothing was read yet: all states are zero."""
        self._held = {state.given: np.zeros(state.shape) for state in self._states}
        self._read: tuple[int, ...] = ()
        self._said: Array = np.zeros(0)

    def read(self, writing: Writing) -> Array:
        """What the network gives after the last character of a text; only what is new of it is read."""
        seen = writing.seen
        if seen[: len(self._read)] != self._read or not self._read:
            self.forget()
        for code in seen[len(self._read) :]:
            self._step(code)
        self._read = seen
        return self._said

    def _step(self, code: int) -> None:
        ends = [self._scores, *(state.left for state in self._states)]
        found = self._beside.of_arrays({self._reads: np.array([[code]]), **self._held}, ends).values
        self._said = found[self._scores]
        self._held = {state.given: found[state.left] for state in self._states}


def memory(run: Run, where: Language, characters: int) -> Memory | None:
    """One that says the same as the whole pass; None where the graph has none, as for attention.

    Whether it says the same is tried on a row.
    """
    try:
        made = _made(run, where)
    except GraphlabError:
        return None
    return made if made is not None and _agrees(run, where, made, characters) else None


def _made(run: Run, where: Language) -> Memory | None:
    graph = Graph(run.document)
    document = graph.document
    if run.plan.states or where.source not in document.nodes or not where.at_each:
        return None
    if document.nodes[where.source].make().brings != "text":
        return None
    wishes = []
    for node in document.nodes.values():
        found = _states_of(node.make(), set(document.inputs_of(node.id)))
        if found is None:
            return None
        wishes += [(node, *pair) for pair in found]
    if not wishes:
        return None
    graph.set(where.source, length=1, predict="each", stride=0)
    for node in document.nodes.values():
        if node.make().role == "unroll":
            graph.set(node.id, steps=1)
    states = tuple(_given(graph, node.name, socket, output) for node, socket, output in wishes)
    twin = Run(graph)
    for name, values in run.weights.items():
        twin.set(name, values)
    return Memory(twin, where.reads, where.scores, states)


def _states_of(op: Op, wired: set[str]) -> list[tuple[str, str]] | None:
    """(socket, output) of each state that begins at zero; None where it begins with something else."""
    known: Any = op
    if op.role == "unroll":
        pairs = [(i, f"{o}_last") for o, i in known.pairs]
        is_plain = known.begin == "zeros" and not known.feedback and "lengths" not in wired
    elif op.category == "Recurrent" and hasattr(op, "states_of"):
        pairs = [(f"{state}_0", f"{state}_n") for state in known.states_of]
        is_plain = not known.bidirectional and known.initial_state == "zeros"
    else:
        return []
    return pairs if is_plain and wired.isdisjoint(socket for socket, _ in pairs) else None


def _given(graph: Graph, node: str, socket: str, output: str) -> _State:
    """Has a state given from outside, in the shape in which the node leaves it behind."""
    left = graph.add("Identity", graph[node][output])
    left_end = (graph.document.node(left.name).id, "y")
    spec = infer(graph).specs[left_end]
    shape = tuple(size if isinstance(size, int) else "N" for size in spec.shape)
    source = graph.add("Input", shape=shape)
    graph.connect(source, node, socket)
    sizes = tuple(1 if size == "N" else int(size) for size in shape)
    return _State((graph.document.node(source.name).id, "y"), left_end, sizes)


def _agrees(run: Run, where: Language, made: Memory, characters: int) -> bool:
    """Whether it says at each place of a row what the whole pass says there."""
    codes = np.arange(where.length) * 7 % characters
    whole = Beside(run).of_arrays({where.reads: codes[None]}, [where.scores]).values[where.scores]
    letters = tuple(map(chr, range(characters)))
    try:
        for place in range(where.length):
            said = made.read(Writing(letters, where.length, tuple(codes[: place + 1].tolist())))
            wanted = scores_at(whole, place, where.length, characters)
            if not np.allclose(scores_at(said, 0, 1, characters), wanted, rtol=1e-3, atol=1e-4):
                return False
    except GraphlabError:
        return False
    made.forget()
    return True
