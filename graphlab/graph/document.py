"""The document: one frozen value that is the file, the undo entry and what the engine receives.

Nothing here edits in place; `edits.py` makes new documents from old ones.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from ..errors import SettingsError, UnknownNodeError
from ..ops import Op, known, make
from .sweep import Sweep

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Node:
    """One operation in the graph.

    `params` holds what was set; everything else has the op's default. `muted`: it is left out, and what feeds its
    first wired input passes through. `frozen`: training leaves its parameters as they are. `extra` keeps what a newer
    graphlab wrote and this one does not know, to be written back unchanged.
    """

    id: str
    op: str
    name: str
    params: Mapping[str, Any] = field(default_factory=dict)
    position: Point = (0.0, 0.0)
    muted: bool = False
    frozen: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    _made: Op | None = field(default=None, init=False, repr=False, compare=False)

    def make(self) -> Op:
        """The operation with its params, always the same one. UnknownOpError when this program has no such op."""
        if self._made is None:
            object.__setattr__(self, "_made", make(self.op, self.params))
        return self._made  # type: ignore[return-value]

    @property
    def is_known(self) -> bool:
        return known(self.op)


class Edge(NamedTuple):
    """A wire from an output of one node to an input of another; the nodes are named by id."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Note:
    """A text on the canvas; `size` is (width, height) in canvas units."""

    id: str
    text: str
    position: Point = (0.0, 0.0)
    size: Point = (260.0, 120.0)
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frame:
    """A coloured, titled rectangle behind nodes; what lies in it moves along. `colour` is a name in FRAME_COLOURS."""

    id: str
    title: str
    position: Point = (0.0, 0.0)
    size: Point = (400.0, 300.0)
    colour: str = "blue"
    extra: Mapping[str, Any] = field(default_factory=dict)


FRAME_COLOURS = ("blue", "green", "violet", "amber", "red", "grey")


class Bookmark(NamedTuple):
    """A named view: the canvas point in the middle, the zoom, and the groups (ids of group nodes) that were entered."""

    name: str
    centre: Point
    zoom: float = 1.0
    inside: tuple[str, ...] = ()


# A file may name another, which a newer graphlab knows; the engine has one of each.
OPTIMIZERS = ("SGD", "Adam", "AdamW", "NAdam", "RMSprop", "Adagrad", "Adadelta", "Lion")
ORDERS = ("created", "layers", "depth")
SCHEDULES = ("constant", "StepLR", "CosineAnnealingLR", "OneCycleLR", "ReduceLROnPlateau")


@dataclass(frozen=True, slots=True)
class Training:
    """How the document is trained.

    goal: id of the node whose scalar output is made small; "" chooses the loss by itself.
    optimizer: a name in engine.OPTIMIZERS; `momentum`, `nesterov`, `beta1`, `beta2`, `amsgrad`, `alpha`, `centered` and
        `rho` are for those that have them, under PyTorch's names.
    clip_value, clip_norm: bounds for the gradient's elements and for its length; 0 for none.
    schedule: a name in engine.SCHEDULES; `step_size` (epochs), `gamma`, `pct_start`, `factor`, `patience` (epochs) and
        `min_lr` are for those that have them. `warmup`: over so many steps the learning rate rises to `lr`.
    shuffle: whether the rows come in another order in each epoch, rather than as they lie in the data set.
    validation, test: fractions of the data set kept apart. stratified: with the classes in proportion in each part.
    order: in which nodes are computed that do not wait for one another: as they were created, layer by layer, or each
        branch to its end ("depth"). The numbers are the same (terms of a sum over three paths or more are added in
        another order, which may show in the last digit).
    stop_patience: training ends after so many epochs without improvement by more than `min_delta`; 0 never. stop_on:
        of the "loss", or the goal's first "metric"; on held-out rows where there are any.
    stop_loss, stop_seconds: it ends when the loss of an epoch is below that, or after that time; 0 never.
    keep_best: where it ends by itself, it goes back to the best epoch. save_best: each that is the best until then is
        saved beside the document.
    """

    goal: str = ""
    optimizer: str = "Adam"
    lr: float = 0.01
    momentum: float = 0.9
    nesterov: bool = False
    beta1: float = 0.9
    beta2: float = 0.999
    amsgrad: bool = False
    alpha: float = 0.99
    centered: bool = False
    rho: float = 0.9
    weight_decay: float = 0.0
    clip_value: float = 0.0
    clip_norm: float = 0.0
    schedule: str = "constant"
    step_size: int = 10
    gamma: float = 0.1
    pct_start: float = 0.3
    factor: float = 0.1
    patience: int = 10
    min_lr: float = 0.0
    warmup: int = 0
    batch_size: int = 32
    epochs: int = 50
    seed: int = 0
    shuffle: bool = True
    validation: float = 0.15
    test: float = 0.15
    stratified: bool = True
    order: str = "created"
    stop_patience: int = 0
    stop_on: str = "loss"
    min_delta: float = 0.0
    stop_loss: float = 0.0
    stop_seconds: float = 0.0
    keep_best: bool = False
    save_best: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, (kind, low, high, open_low) in RANGES.items():
            _check_setting(name, getattr(self, name), kind, low, high, open_low)
        for name in SWITCHES:
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(
                    f"{name} cannot be {getattr(self, name)!r}.", hint="It takes true or false."
                )
        if self.validation + self.test >= 1:
            raise SettingsError(
                "Validation and test together leave nothing to train on.", hint="Keep them below 1."
            )


# name → (type, lowest, highest, whether the lowest is excluded)
RANGES: dict[str, tuple[type, float, float, bool]] = {
    "lr": (float, 0.0, 1e6, True),
    "momentum": (float, 0.0, 1.0, False),
    "beta1": (float, 0.0, 0.999999, False),
    "beta2": (float, 0.0, 0.999999, False),
    "alpha": (float, 0.0, 1.0, False),
    "rho": (float, 0.0, 1.0, False),
    "weight_decay": (float, 0.0, 1e6, False),
    "clip_value": (float, 0.0, 1e30, False),
    "clip_norm": (float, 0.0, 1e30, False),
    "step_size": (int, 1, 10_000_000, False),
    "gamma": (float, 0.0, 1.0, False),
    "pct_start": (float, 0.0, 1.0, False),
    "factor": (float, 0.0, 1.0, False),
    "patience": (int, 0, 10_000_000, False),
    "min_lr": (float, 0.0, 1e6, False),
    "warmup": (int, 0, 1_000_000_000, False),
    "batch_size": (int, 1, 1_000_000, False),
    "epochs": (int, 1, 10_000_000, False),
    "seed": (int, 0, 2**63 - 1, False),
    "validation": (float, 0.0, 0.95, False),
    "test": (float, 0.0, 0.95, False),
    "stop_patience": (int, 0, 10_000_000, False),
    "min_delta": (float, 0.0, 1e30, False),
    "stop_loss": (float, 0.0, 1e30, False),
    "stop_seconds": (float, 0.0, 1e9, False),
}

SWITCHES = ("nesterov", "amsgrad", "centered", "shuffle", "stratified", "keep_best", "save_best")
STOP_ON = ("loss", "metric")
STOPPING = ("stop_patience", "stop_on", "min_delta", "stop_loss", "stop_seconds", "keep_best", "save_best")


def _check_setting(name: str, value: Any, kind: type, low: float, high: float, open_low: bool) -> None:
    allowed = int if kind is int else (int, float)
    number = isinstance(value, allowed) and not isinstance(value, bool)
    if not number or not low <= value <= high or (open_low and value == low):
        word = "a whole number" if kind is int else "a number"
        raise SettingsError(
            f"{name} cannot be {value!r}.",
            hint=f"It takes {word} {'above' if open_low else 'from'} {low:g} to {high:g}.",
        )


@dataclass(frozen=True)
class Document:
    """Nodes by id, edges by the socket they enter, notes and frames by id, and the training settings.

    `definitions` holds the groups that Group nodes name, by id ("g1"). A group is a document itself, whose ports are
    nodes; groups inside groups stand in the same dictionary, so a definition has no `definitions` of its own, except
    while it is looked at from inside (see `inside.py`). `promoted` says which params of nodes a use of the group may
    set: name → (node id, param); `along`, of one that sets several at once, all of them: name → (node id, param, how
    many times the value). See `promoting.py`. `sweep`: which hyperparameters are searched, and how.

    Dictionaries keep the order in which things were added; it is part of the value. `next_id` is the number of the next
    new node, note or frame, so that the same edits give the same ids.
    """

    name: str = "untitled"
    nodes: Mapping[str, Node] = field(default_factory=dict)
    edges: Mapping[tuple[str, str], Edge] = field(default_factory=dict)
    notes: Mapping[str, Note] = field(default_factory=dict)
    frames: Mapping[str, Frame] = field(default_factory=dict)
    bookmarks: tuple[Bookmark, ...] = ()
    definitions: Mapping[str, Document] = field(default_factory=dict)
    promoted: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    along: Mapping[str, tuple[tuple[str, str, int], ...]] = field(default_factory=dict)
    training: Training = field(default_factory=Training)
    sweep: Sweep = field(default_factory=Sweep)
    next_id: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)

    def node(self, name_or_id: str) -> Node:
        """The node of that name, or else of that id. UnknownNodeError, with the nearest name, when there is none."""
        found = self.ids_by_name.get(name_or_id, name_or_id)
        if found in self.nodes:
            return self.nodes[found]
        raise UnknownNodeError(f"There is no node '{name_or_id}'.", hint=self._nearest(name_or_id))

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands on it: no node, note or frame."""
        return not (self.nodes or self.notes or self.frames)

    def has(self, item: str) -> bool:
        """Whether it is the id of a node, note or frame."""
        return item in self.nodes or item in self.notes or item in self.frames

    def inputs_of(self, node_id: str) -> dict[str, Edge]:
        """The edges that enter the node, by input socket."""
        return self._incoming.get(node_id, {})

    def consumers(self, node_id: str) -> tuple[Edge, ...]:
        """The edges that leave the node, in the order in which they were drawn."""
        return self._outgoing.get(node_id, ())

    def with_(self, **changes: Any) -> Document:
        """With those fields changed. The indexes of what stayed are taken along."""
        new = dataclasses.replace(self, **changes)
        for index, field_name in INDEXES.items():
            if index in self.__dict__ and field_name not in changes:
                new.__dict__[index] = self.__dict__[index]
        return new

    def with_nodes(self, put: Iterable[Node] = (), drop: Iterable[str] = (), **changes: Any) -> Document:
        """With those nodes in the places of their ids (a new id comes last), and without those dropped.

        Wires are left alone; `changes` are those of other fields.
        """
        put, drop = tuple(put), tuple(drop)
        if not put and not drop:
            return self.with_(**changes)
        nodes = dict(self.nodes)
        for node_id in drop:
            del nodes[node_id]
        nodes.update((node.id, node) for node in put)
        new = self.with_(nodes=nodes, **changes)
        if "ids_by_name" in self.__dict__:
            new.__dict__["ids_by_name"] = self._names_with(put, drop)
        if not drop and not any(node.id in self.nodes for node in put):
            new.__dict__["taken_numbers"] = dict(self.taken_numbers)
        return new

    def with_edges(self, put: Iterable[Edge] = (), drop: Iterable[Edge] = (), **changes: Any) -> Document:
        """Without the wires dropped, and with others as the newest; the sockets they enter must be free by then."""
        put, drop = tuple(put), tuple(drop)
        if not put and not drop:
            return self.with_(**changes)
        edges = dict(self.edges)
        for edge in drop:
            del edges[edge.target, edge.input]
        edges.update(((edge.target, edge.input), edge) for edge in put)
        new = self.with_(edges=edges, **changes)
        if "_incoming" in self.__dict__:
            new.__dict__["_incoming"] = _incoming_with(self._incoming, put, drop)
        if "_outgoing" in self.__dict__:
            new.__dict__["_outgoing"] = _outgoing_with(self._outgoing, put, drop)
        return new

    # Indexes: found when first asked for; from then on an edit changes what it touches and shares the rest

    @cached_property
    def ids_by_name(self) -> dict[str, str]:
        return {node.name: node.id for node in self.nodes.values()}

    @cached_property
    def taken_numbers(self) -> dict[str, int]:
        """By the beginning of names, a number up to which all are taken: what `naming` has found out.

        New nodes free no name, so the next document starts with what was known of this one.
        """
        return {}

    @cached_property
    def _incoming(self) -> dict[str, dict[str, Edge]]:
        return _incoming_with({}, self.edges.values())

    @cached_property
    def _outgoing(self) -> dict[str, tuple[Edge, ...]]:
        return _outgoing_with({}, self.edges.values())

    def _names_with(self, put: tuple[Node, ...], drop: tuple[str, ...]) -> dict[str, str]:
        gone = [self.nodes[i].name for i in (*drop, *(node.id for node in put)) if i in self.nodes]
        if not drop and gone == [node.name for node in put]:
            return self.ids_by_name
        names = dict(self.ids_by_name)
        for name in gone:
            del names[name]
        names.update((node.name, node.id) for node in put)
        return names

    def _nearest(self, name: str) -> str:
        import difflib

        near = difflib.get_close_matches(name, self.ids_by_name, n=1)
        if near:
            return f"Did you mean '{near[0]}'?"
        names = [node.name for node in self.nodes.values()]
        return (
            f"The nodes are: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}."
            if names
            else "The graph is empty."
        )


INDEXES = {
    "ids_by_name": "nodes",
    "taken_numbers": "nodes",
    "_incoming": "edges",
    "_outgoing": "edges",
}  # each by the field it is made from


def _incoming_with(
    index: Mapping[str, dict[str, Edge]], put: Iterable[Edge], drop: tuple[Edge, ...] = ()
) -> dict[str, dict[str, Edge]]:
    """The edges into each node by socket, after a change; nodes it does not touch share their entry with `index`."""
    found = dict(index)
    gone = set(drop)
    for target in {edge.target for edge in drop}:
        _keep(found, target, {s: e for s, e in found[target].items() if e not in gone})
    fresh: dict[str, dict[str, Edge]] = {}
    for edge in put:
        fresh.setdefault(edge.target, {})[edge.input] = edge
    found.update((target, {**found.get(target, {}), **edges}) for target, edges in fresh.items())
    return found


def _outgoing_with(
    index: Mapping[str, tuple[Edge, ...]], put: Iterable[Edge], drop: tuple[Edge, ...] = ()
) -> dict[str, tuple[Edge, ...]]:
    """The edges out of each node, in the order of `Document.edges`, after a change; shared likewise."""
    found = dict(index)
    gone = set(drop)
    for source in {edge.source for edge in drop}:
        _keep(found, source, tuple(e for e in found[source] if e not in gone))
    fresh: dict[str, list[Edge]] = {}
    for edge in put:
        fresh.setdefault(edge.source, []).append(edge)
    found.update((source, (*found.get(source, ()), *edges)) for source, edges in fresh.items())
    return found


def _keep(index: dict[str, Any], key: str, edges: Any) -> None:
    if edges:
        index[key] = edges
    else:
        del index[key]
