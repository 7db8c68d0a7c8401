"""An ONNX graph as plain records: operators in the order in which they can be computed, and the values known at once.

Whether they hang together is settled here: names given twice, values that nothing gives, cycles.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import BrokenFileError, TooLargeError, Unsupported
from ...graph.codec import MOST_NODES
from .file import opset_of, read_model
from .tensors import Array, array_of, counted
from .wire import Span

NOWHERE = Span(0, -1)
OWN = ("", "ai.onnx")  # the domains of ONNX's own operators


@dataclass(frozen=True)
class Operator:
    """One node of the file. An input or output that is left out is "". `subgraphs`: it holds graphs of its own."""

    kind: str
    name: str = ""
    domain: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)
    subgraphs: bool = False

    @property
    def results(self) -> tuple[str, ...]:
        return tuple(name for name in self.outputs if name)


@dataclass(frozen=True)
class Fed:
    """An input of the model: sizes are numbers, or names for what is open ("" for one without a name)."""

    name: str
    shape: tuple[int | str, ...] | None  # None where the file does not say it
    kind: str  # "float", "int", or "" for what is no array of numbers


@dataclass(frozen=True)
class Model:
    """What an ONNX file says. `lost`: initialisers that hold no plain numbers, with the reason."""

    path: Path
    title: str
    opset: int
    producer: str
    inputs: tuple[Fed, ...]
    outputs: tuple[str, ...]
    operators: tuple[Operator, ...]
    known: Mapping[str, Array]
    lost: Mapping[str, str]

    @property
    def takers(self) -> dict[str, list[Operator]]:
        """Who takes each value; an output of the model is taken by one more."""
        found: dict[str, list[Operator]] = {}
        for each in (*self.operators, Operator("Output", inputs=self.outputs)):
            for name in each.inputs:
                found.setdefault(name, []).append(each)
        return found

    @property
    def uses(self) -> Counter[str]:
        """How many sockets each value goes into; an output of the model counts as one."""
        counts = Counter(name for each in self.operators for name in each.inputs)
        counts.update(self.outputs)
        return counts


def read(path: Path) -> Model:
    """The model in a file. FileError, BrokenFileError, TooLargeError, VersionError: each names what and where."""
    proto, data, spans = read_model(path)
    graph = proto.graph
    if len(graph.node) > MOST_NODES:
        raise TooLargeError(f"{path.name} has {len(graph.node):,} operators; {MOST_NODES:,} are the most.")
    known: dict[str, Array] = {}
    lost: dict[str, str] = {}
    for k, tensor in enumerate(graph.initializer):
        if tensor.name in known or tensor.name in lost:
            raise BrokenFileError(
                f"{path.name} is damaged: {tensor.name} is given twice.", hint="Export it again."
            )
        try:
            start, length = spans[k] if k < len(spans) else NOWHERE
            raw = None if length < 0 else memoryview(data)[start : start + length]
            known[tensor.name] = array_of(tensor, path, raw=raw)
        except Unsupported as error:
            lost[tensor.name] = error.message
    lost |= {t.values.name: f"{t.values.name} is a sparse tensor." for t in graph.sparse_initializer}
    operators = [_operator(node, path) for node in graph.node]
    given = known.keys() | lost.keys()
    inputs = tuple(_fed(info, path) for info in graph.input if info.name not in given)
    model = Model(
        path=path,
        title=graph.name,
        opset=opset_of(proto),
        producer=" ".join(filter(None, (proto.producer_name, proto.producer_version))),
        inputs=inputs,
        outputs=tuple(info.name for info in graph.output),
        operators=tuple(operators),
        known=known,
        lost=lost,
    )
    return replace(model, operators=_in_order(model))


def _operator(node: Any, path: Path) -> Operator:
    attributes: dict[str, Any] = {}
    has_graphs = False
    for attribute in node.attribute:
        if attribute.type in (5, 10):  # GRAPH, GRAPHS
            has_graphs = True
            attributes[attribute.name] = "a graph"
        else:
            attributes[attribute.name] = _plain(attribute, node.name or node.op_type, path)
    domain = "" if node.domain in OWN else node.domain
    return Operator(
        node.op_type, node.name, domain, tuple(node.input), tuple(node.output), attributes, has_graphs
    )


def _plain(attribute: Any, owner: str, path: Path) -> Any:
    """An attribute's value: a number, text, tuple or array; what is none of these, as a text that names it."""
    kind = attribute.type
    if kind == 1:
        return shortest(attribute.f)
    if kind == 2:
        return int(attribute.i)
    if kind == 3:
        return attribute.s.decode("utf-8", "replace")
    if kind == 4:
        try:
            return array_of(attribute.t, path, f"{owner}.{attribute.name}")
        except Unsupported as error:
            return error.message
    if kind == 6:
        return tuple(shortest(f) for f in attribute.floats)
    if kind == 7:
        return tuple(int(i) for i in attribute.ints)
    if kind == 8:
        return tuple(s.decode("utf-8", "replace") for s in attribute.strings)
    return "something else than numbers"


def shortest(number: float) -> float:
    """The float64 that people would write for a float32: 0.0001 rather than 9.999999747378752e-05."""
    return float(str(np.float32(number)))


def _fed(info: Any, path: Path) -> Fed:
    if not info.type.HasField("tensor_type"):
        return Fed(info.name, (), "")
    tensor = info.type.tensor_type
    axes = tensor.shape.dim
    shape = [int(axis.dim_value) if axis.HasField("dim_value") else axis.dim_param for axis in axes]
    counted(tuple(size for size in shape if isinstance(size, int)), f"the input {info.name}", path.name)
    measured, text = (1, 9, 10, 11, 16), 8
    kind = "float" if tensor.elem_type in measured else "int" if tensor.elem_type in range(2, 14) else ""
    kind = "" if tensor.elem_type == text else kind
    return Fed(info.name, tuple(shape) if tensor.HasField("shape") else None, kind)


def _in_order(model: Model) -> tuple[Operator, ...]:
    """The operators, each after what it takes. BrokenFileError for values given twice or never, and for cycles."""
    file, giver = model.path.name, {}
    at_hand = {fed.name for fed in model.inputs} | model.known.keys() | model.lost.keys()
    for each in model.operators:
        for name in each.results:
            if name in giver or name in at_hand:
                raise BrokenFileError(
                    f"{file} is damaged: {name} is given twice, by {_called(each)} too.",
                    hint="Export it again.",
                )
            giver[name] = each
    wanted = [(name, _called(each)) for each in model.operators for name in each.inputs if name]
    for name, taker in (*wanted, *((name, "the model's outputs") for name in model.outputs)):
        if name not in giver and name not in at_hand:
            raise BrokenFileError(
                f"{file} is damaged: {taker} takes {name}, which nothing gives.", hint="Export it again."
            )
    return _sorted(model, at_hand)


def _sorted(model: Model, at_hand: set[str]) -> tuple[Operator, ...]:
    """Kahn's algorithm, keeping the order of the file as far as that goes."""
    operators = model.operators
    takers: dict[str, list[int]] = {}
    missing = [0] * len(operators)
    for k, each in enumerate(operators):
        wanted = {name for name in each.inputs if name and name not in at_hand}
        missing[k] = len(wanted)
        for name in wanted:
            takers.setdefault(name, []).append(k)
    ready = [k for k, count in enumerate(missing) if not count]
    order: list[int] = []
    while ready:
        order.append(heapq.heappop(ready))
        for name in operators[order[-1]].results:
            for k in takers.get(name, ()):
                missing[k] -= 1
                if not missing[k]:
                    heapq.heappush(ready, k)
    if len(order) < len(operators):
        names = ", ".join(_called(operators[k]) for k, count in enumerate(missing) if count)
        raise BrokenFileError(
            f"{model.path.name} is damaged: its operators form a cycle around {names[:200]}.",
            hint="A graph is evaluated once through, so no value may depend on itself.",
        )
    return tuple(operators[k] for k in order)


def _called(each: Operator) -> str:
    return (
        f"{each.name} ({each.kind})"
        if each.name
        else f"{each.kind} of {', '.join(each.results) or 'nothing'}"
    )
