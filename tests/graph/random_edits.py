"""A person at work on a graph: edits of every kind at random, sensible and faulty ones, undone and redone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from random import Random

from graphlab.errors import GraphlabError
from graphlab.graph import Document, Graph, Node
from graphlab.graph.codec import from_bytes, to_bytes
from graphlab.graph.document import FRAME_COLOURS

OPS = (
    "Input",
    "Input",
    "Constant",
    "Parameter",
    "Linear",
    "Linear",
    "Linear",
    "Tanh",
    "Add",
    "MatMul",
    "Concat",
    "Split",
    "Sum",
    "Flatten",
    "BatchNorm1d",
    "PReLU",
    "ArgMax",
    "MSELoss",
    "CrossEntropyLoss",
)
PARAMS = {
    "Input": [{"shape": ("N", 4)}, {"shape": ("N", 3)}, {"shape": ()}, {"shape": ("N", 4), "dtype": "int"}],
    "Constant": [{"value": 1.0}, {"value": ((1.0, 2.0, 3.0, 4.0),)}],
    "Parameter": [{"shape": (4, 4)}, {"shape": (3,)}, {"value": 2.0}],
    "Linear": [{"units": 3}, {"units": 4}, {"bias": False}],
    "Concat": [{"dim": 0}, {"dim": 1}, {"dim": 5}],
    "Split": [{"sections": 1}, {"sections": 3}, {"sections": (1, 3)}],
    "Sum": [{"keepdim": True}, {"keepdim": False}],
    "BatchNorm1d": [{"affine": False}, {"track_running_stats": False}],
}


class Editor:
    """Edits `graph` step by step; the same seed makes the same edits. `kinds` are the edits it makes."""

    def __init__(self, seed: int, nodes: int = 10) -> None:
        self.chance = Random(seed)
        self.graph = Graph("edited")
        for _ in range(nodes):
            self._attempt(self._add)
        self._kinds: tuple[Callable[[], object], ...] = (
            self._add,
            self._add,
            self._connect,
            self._connect,
            self._connect,
            self._disconnect,
            self._set,
            self._set,
            self._move,
            self._rename,
            self._remove,
            self._wish,
            self._several,
            self._reload,
            self._shuffle,
            self._forget_an_op,
            self._frame,
            self.graph.undo,
            self.graph.undo,
            self.graph.redo,
            self._jump,
        )

    @property
    def document(self) -> Document:
        return self.graph.document

    def step(self) -> str:
        """One edit, perhaps refused; returns its kind."""
        kind = self.chance.choice(self._kinds)
        self._attempt(kind)
        return kind.__name__

    def _attempt(self, edit: Callable[[], object]) -> None:
        with suppress(GraphlabError):  # a refused edit has changed nothing
            edit()

    def _any(self) -> str:
        return self.chance.choice(list(self.document.nodes) or ["nobody"])

    def _add(self) -> None:
        op = self.chance.choice(OPS)
        sources = [self._any() for _ in range(self.chance.choice((0, 1, 1, 2)))]
        self.graph.add(
            op, *sources if self.document.nodes else (), **self.chance.choice(PARAMS.get(op, [{}]))
        )

    def _connect(self) -> None:
        target = self._any()
        sockets = [s.name for s in self.document.node(target).make().sockets()] or ["x"]
        outputs = self.document.node(source := self._any()).make().results() or ("y",)
        self.graph.connect(f"{source}.{self.chance.choice(outputs)}", target, self.chance.choice(sockets))

    def _disconnect(self) -> None:
        self.graph.disconnect(*self.chance.choice(list(self.document.edges) or [("nobody", "x")]))

    def _set(self) -> None:
        node = self.document.node(self._any())
        self.graph.set(node.id, **self.chance.choice(PARAMS.get(node.op, [{}])))

    def _move(self) -> None:
        self.graph.move({self._any(): (self.chance.uniform(-9, 9), 0.0)})

    def _rename(self) -> None:
        self.graph.rename(self._any(), f"name{self.chance.randrange(30)}")

    def _remove(self) -> None:
        self.graph.remove(*{self._any() for _ in range(self.chance.choice((1, 1, 3)))})

    def _wish(self) -> None:
        self.graph.configure(goal=self.chance.choice(["", self._any(), self._any()]))

    def _several(self) -> None:
        with self.graph.edit("several"):
            for _ in range(4):
                self._attempt(self.chance.choice((self._add, self._connect, self._disconnect, self._remove)))

    def _reload(self) -> None:
        """A document of which no part is the same object."""
        self.graph.replace(from_bytes(to_bytes(self.document)).with_(name=self._any()), "Reload")

    def _shuffle(self) -> None:
        """The same nodes and wires as if they had been made in another order."""
        nodes, edges = (list(part.items()) for part in (self.document.nodes, self.document.edges))
        self.chance.shuffle(nodes)
        self.chance.shuffle(edges)
        shuffled = self.document.with_(nodes=dict(nodes), edges=dict(edges), name=self._any())
        self.graph.replace(shuffled, "Shuffle")

    def _forget_an_op(self) -> None:
        node = self.document.node(self._any())
        strange: Node = dataclasses.replace(node, op="OfTheFuture")
        self.graph.replace(self.document.with_nodes([strange]), "Replace")

    def _frame(self) -> None:
        """A frame comes, changes or goes."""
        frames = [*self.document.frames, "t0"]
        kinds: tuple[Callable[[], object], ...] = (
            lambda: self.graph.add_frame("part", self._any()),
            lambda: self.graph.edit_frame(
                self.chance.choice(frames), colour=self.chance.choice(FRAME_COLOURS)
            ),
            lambda: self.graph.remove(self.chance.choice(frames)),
        )
        self.chance.choice(kinds)()

    def _jump(self) -> None:
        self.graph.go_to(self.chance.randrange(len(self.graph.history)))


class Grouper(Editor):
    """One who also makes groups and works inside them, mutes, freezes and leads wires through points."""

    def __init__(self, seed: int, nodes: int = 10) -> None:
        super().__init__(seed, nodes)
        more = (self._group, self._group, self._ungroup, self._use, self._share, self._inside, self._inside)
        self._kinds = (*self._kinds, *more, self._mute, self._freeze, self._reroute, self._unique)

    def _a_group(self) -> str:
        return self.chance.choice(
            [n.id for n in self.document.nodes.values() if n.op == "Group"] or ["nobody"]
        )

    def _group(self) -> None:
        self.graph.group(*{self._any() for _ in range(self.chance.choice((1, 2, 3)))}, name="part")

    def _ungroup(self) -> None:
        self.graph.ungroup(self._a_group())

    def _use(self) -> None:
        self.graph.add_use(self.chance.choice(list(self.document.definitions) or ["g99"]))

    def _unique(self) -> None:
        self.graph.make_unique(self._a_group())

    def _share(self) -> None:
        for node in [n.id for n in self.document.nodes.values() if n.op == "Group"]:
            self.graph.set(node, weights=self.chance.choice(("own", "shared", "shared")))

    def _inside(self) -> None:
        """Another edit, made inside a group."""
        whole, self.graph = self.graph, self.graph.inside(self._a_group())
        kinds = (self._add, self._connect, self._set, self._rename, self._remove, self._group, self._move)
        try:
            self._attempt(self.chance.choice(kinds))
        finally:
            self.graph = whole

    def _mute(self) -> None:
        self.graph.set_flags(self._any(), muted=self.chance.random() < 0.6)

    def _freeze(self) -> None:
        self.graph.set_flags(self._any(), frozen=self.chance.random() < 0.6)

    def _reroute(self) -> None:
        edge = self.chance.choice(list(self.document.edges.values()) or [None])
        if edge is not None:
            point = self.graph.add("Reroute", f"{edge.source}.{edge.output}")
            self.graph.connect(point, edge.target, edge.input)
