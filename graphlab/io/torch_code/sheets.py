"""A sheet of the graph, the document or one use of a group, as the parts of an nn.Module: layers, forward, weights.

What is one class in the end, and how it is written, is told in `classes`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ...engine.flatten import End, topological
from ...engine.plan import Plan
from ...graph import Document
from ...graph.document import Node
from ...graph.groups import definition_of, overridden, ports, role
from ...ops import Op, Spec
from ...ops.input import Constant
from ..python_names import identifier
from .expressions import as_text, expression
from .modules import Layer, layer_of

Array = npt.NDArray[Any]
INLINE = 12  # elements of a constant that stands in the text

# What a name in a module or its forward cannot be: words of Python, of torch, and what an nn.Module has.
RESERVED = frozenset(
    """
    F self torch nn np math Path load_file range len zip map sum min max abs int float list tuple dict set str type
    input id iter next print super open all any sorted round pow hash vars dir format object bool bytes slice filter
    forward loss load train eval training parameters children modules buffers apply half double to cpu cuda
    state_dict load_state_dict named_parameters named_modules named_children named_buffers zero_grad requires_grad_
    register_buffer register_parameter register_module add_module get_parameter get_buffer get_submodule
    set_submodule extra_repr share_memory compile dump_patches call_super_init T_destination xpu ipu mtia bfloat16
    to_empty set_extra_state get_extra_state register_forward_hook register_backward_hook
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`self.conv = nn.Conv2d(1, 6, kernel_size=5)`, or a parameter, a buffer, or a module of our own (`inner`)."""

    name: str
    kind: str
    args: tuple[tuple[str, str], ...] = ()
    inner: Sheet | None = None
    frozen: bool = False
    node: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of forward; `shape` is what it comes to, for a comment. `node`: the key of the node it is of."""

    text: str
    shape: str = ""
    node: str = ""


@dataclass
class Sheet:
    """What there is to write of one use of a group, or of the document.

    title: what the class is called after. takes, gives: arguments and results of forward. weights: what is to be
    loaded, under the names of the module: arrays by the names of slots, or constants. owners: who owns what an inner
    module learns, where uses share it.
    """

    title: str
    definition: str
    entries: list[Entry] = field(default_factory=list)
    takes: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    gives: list[str] = field(default_factory=list)
    weights: dict[str, Weight] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def inner(self) -> Iterator[tuple[str, Sheet]]:
        for entry in self.entries:
            if entry.inner is not None:
                yield entry.name, entry.inner


@dataclass(frozen=True, slots=True)
class Weight:
    """Where the numbers of a parameter or buffer come from: a slot of the plan, or an array that never changes."""

    slot: str = ""
    values: Array | None = None
    empty_row: int | None = None  # a row of an embedding that counts as zeros


class Names:
    """Names of one class: each thing in it gets one that nothing else has."""

    def __init__(self) -> None:
        self._taken = set(RESERVED)

    def free(self, wish: str) -> str:
        import keyword

        stem = identifier(wish)
        stem = f"{stem}_" if keyword.iskeyword(stem) or stem in RESERVED else stem
        name, number = stem, 1
        while name in self._taken:
            number += 1
            name = f"{stem}_{number}"
        self._taken.add(name)
        return name


class Whole:
    """What the writers of all sheets of a document share. lacks: what cannot be written, by node."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.lacks = plan, dict[str, str]()
        slots = (*plan.parameters.values(), *plan.states.values())
        self.shapes = {slot.name: slot.shape for slot in slots}


class SheetWriter:
    """Writes a sheet. `prefix` is how keys of its nodes begin in the plan; `given` the ports that something feeds."""

    def __init__(
        self,
        whole: Whole,
        sheet: Document,
        title: str,
        *,
        definition: str = "",
        prefix: str = "",
        given: Iterable[str] = (),
    ) -> None:
        self._whole, self._sheet, self._prefix = whole, sheet, prefix
        self._plan, self._given = whole.plan, frozenset(given)
        self.names = Names()
        self.found = Sheet(title, definition)
        self._values: dict[End, str] = {}  # by node id and output

    # What is wanted of it

    def whole_group(self) -> Sheet:
        """The sheet as a group: its ports are arguments and results."""
        for port in ports(self._sheet, "port in"):
            if port.name in self._given:
                name = self.names.free(port.name)
                self._values[port.id, port.make().results()[0]] = name
                self.found.takes.append(name)
        self.write(topological(self._sheet))
        for port in ports(self._sheet, "port out"):
            edge = next(iter(self._sheet.inputs_of(port.id).values()), None)
            value = None if edge is None else self._values.get((edge.source, edge.output))
            if value is not None:
                self.found.gives.append(value)
        return self.found

    def gives_of(self) -> list[str]:
        """The names of the ports that give something, after `whole_group`."""
        return [p.name for p in ports(self._sheet, "port out") if self._fed(p)]

    def _fed(self, port: Node) -> bool:
        edges = self._sheet.inputs_of(port.id).values()
        return any((edge.source, edge.output) in self._values for edge in edges)

    def take(self, end: End, wish: str) -> str:
        """An argument of forward that stands for an output."""
        name = self._values.get(end) or self.names.free(wish)
        self._values[end] = name
        return name

    def value(self, end: End) -> str | None:
        return self._values.get(end)

    def write(self, nodes: Iterable[str]) -> None:
        """Writes these nodes, in this order."""
        for node_id in nodes:
            node, sheet = self._sheet.nodes[node_id], self.found
            before, key = (len(sheet.entries), len(sheet.lines)), self._prefix + node_id
            try:
                self._write(node)
            except Lacking as lack:
                path = self._plan.nodes[key].path if key in self._plan.nodes else node.name
                self._whole.lacks[path] = f"{path} ({node.op}): {lack}"
                results = node.make().results()
                self._values.update(
                    {(node.id, output): "missing" for output in results}
                )  # and on to the next
            sheet.entries[before[0] :] = [
                dataclasses.replace(e, node=key) for e in sheet.entries[before[0] :]
            ]
            sheet.lines[before[1] :] = [dataclasses.replace(e, node=key) for e in sheet.lines[before[1] :]]

    # One node

    def _write(self, node: Node) -> None:
        kind = role(node)
        if kind in ("port in", "port out"):
            return
        op = node.make()
        wired = self._wired(node)
        if node.muted or kind == "wire":
            first = next((wired[s.name] for s in op.sockets() if s.name in wired), None)
            if first is not None:
                self._values.update({(node.id, output): first for output in op.results()})
        elif kind == "group":
            self._group(node, op, wired)
        elif kind == "unroll":
            from .unrolled import write_unrolled

            write_unrolled(self, node, wired)
        elif not op.source:
            self._computes(node, op, wired)

    def _wired(self, node: Node) -> dict[str, str]:
        """The variables at the sockets that something feeds."""
        found = {}
        for socket, edge in self._sheet.inputs_of(node.id).items():
            value = self._values.get((edge.source, edge.output))
            if value is not None:
                found[socket] = value
        return found

    def _group(self, node: Node, op: Op, wired: Mapping[str, str]) -> None:
        inner, writer = self.inside(node, wired, f"{node.id}/")
        name = self.names.free(node.name)
        self.own(node, name, inner)
        sent = [wired[port] for port in self._ports_in(node) if port in wired]
        outputs = writer.gives_of()
        results = [self.result(node, output, len(outputs) > 1, name) for output in outputs]
        self.say(f"{', '.join(results)} = self.{name}({', '.join(sent)})", self._shape(node, outputs))

    def inside(self, node: Node, wired: Iterable[str], rest: str) -> tuple[Sheet, SheetWriter]:
        """The sheet of a group's content as this use has it."""
        content = definition_of(self._sheet, node)
        assert content is not None  # the plan is healthy
        writer = SheetWriter(
            self._whole,
            overridden(content, node),
            content.name or node.name,
            definition=str(node.params["definition"]),
            prefix=self._prefix + rest,
            given=wired,
        )
        return writer.whole_group(), writer

    def own(self, node: Node, name: str, inner: Sheet) -> None:
        """A module of our own; what uses share is noted, and tied in the end."""
        self.found.entries.append(Entry(name, inner.title, inner=inner, frozen=node.frozen))
        if node.params.get("weights") == "shared":
            self.found.owners[name] = str(node.params["definition"])
        elif role(node) == "unroll":
            self.found.owners[name] = ""

    def _ports_in(self, node: Node) -> list[str]:
        content = definition_of(self._sheet, node)
        assert content is not None
        return [port.name for port in ports(content, "port in")]

    def _computes(self, node: Node, op: Op, wired: Mapping[str, str]) -> None:
        key = self._prefix + node.id
        if key not in self._plan.nodes:
            return
        owned = self._owned(key, op)
        if isinstance(op, Constant):
            self._constant(node, op)
        elif op.category == "Parameter" and list(owned) == [s.name for s in op.sockets()]:
            self._parameter(node, op, owned)
        else:
            shapes = self._shapes(key, op, wired, owned)
            layer = layer_of(op, shapes) if all(slot for slot in owned.values()) else None
            plugged = {s.name for s in op.sockets() if s.learnable and s.name in wired}
            if layer is not None and not plugged & (set(shapes) - _states(op)) - _inputs(op):
                self._layer(node, op, wired, owned, layer)
            else:
                self._expression(node, op, wired, owned)

    def _owned(self, key: str, op: Op) -> dict[str, str]:
        """The sockets and states that hold parameters of its own, each with its slot."""
        plan, node, found = self._plan, self._plan.nodes[key], dict[str, str]()
        for socket in op.sockets():
            end = node.inputs.get(socket.name)
            if (key, socket.name) in plan.parameters:
                found[socket.name] = plan.parameters[key, socket.name].name
            elif end is not None and socket.learnable and end[0] == f"{node.owner}:{socket.name}":
                found[socket.name] = plan.parameters[end[0], "value"].name
        for name in op.states:
            if (key, name) in plan.states:
                if node.owner:
                    raise Lacking("its copies keep running statistics each, a module keeps them once.")
                found[name] = plan.states[key, name].name
        return found

    def _shapes(
        self, key: str, op: Op, wired: Mapping[str, str], owned: Mapping[str, str]
    ) -> dict[str, tuple[int, ...]]:
        found: dict[str, tuple[int, ...]] = {}
        for name, spec in self.specs(key, op).items():
            if name in wired or name in owned or name in op.results():
                found[name] = tuple(size if isinstance(size, int) else -1 for size in spec.shape)
        return found | {s: self._whole.shapes[name] for s, name in owned.items() if s not in op.states}

    def specs(self, key: str, op: Op) -> dict[str, Spec]:
        """The shapes at the sockets that are wired, and of the results."""
        plan, node = self._plan, self._plan.nodes[key]
        found = {socket: plan.inference.specs[end] for socket, end in node.inputs.items()}
        return found | {name: plan.inference.specs[key, name] for name in op.results()}

    # What a node becomes

    def _constant(self, node: Node, op: Constant) -> None:
        is_whole = op.params["dtype"] == "int"
        values = np.asarray(op.params["value"], np.int64 if is_whole else np.float64)
        name = self.names.free(node.name)
        if values.ndim == 0:
            self._values[node.id, op.results()[0]] = name
            self.say(f"{name} = {tensor_text(values)}")
            return
        self._buffer(name, values)
        self._values[node.id, op.results()[0]] = f"self.{name}"

    def _buffer(self, name: str, values: Array) -> None:
        """Numbers that are moved with the module and never learnt: in the text where they are few, else in the file."""
        args: tuple[tuple[str, str], ...]
        if values.size <= INLINE:
            args = (("", f'"{name}"'), ("", tensor_text(values)), ("persistent", "False"))
        else:
            kind = ", dtype=torch.long" if values.dtype.kind == "i" else ""
            sizes = ", ".join(map(str, values.shape))
            args = (("", f'"{name}"'), ("", f"torch.zeros({sizes}{kind})"))
            self.found.weights[name] = Weight(values=values)
        self.found.entries.append(Entry(name, "buffer", args))

    def _parameter(self, node: Node, op: Op, owned: Mapping[str, str]) -> None:
        name = self.names.free(node.name)
        (socket,) = owned
        self.parameter(name, self._prefix + node.id, socket, owned[socket])
        self._values[node.id, op.results()[0]] = f"self.{name}"

    def parameter(self, name: str, key: str, socket: str, slot: str) -> None:
        """`self.name = nn.Parameter(torch.zeros(…))`, to be loaded from that slot."""
        shape = self._whole.shapes[slot]
        node = self._sheet.nodes.get(key.removeprefix(self._prefix))
        first, frozen = self._first(key, socket, shape), node is not None and node.frozen
        self.found.entries.append(Entry(name, "nn.Parameter", (("", first),), frozen=frozen))
        self.found.weights[name] = Weight(slot)

    def _first(self, key: str, socket: str, shape: tuple[int, ...]) -> str:
        """The values that it begins with, if nothing is loaded."""
        op = self._plan.op(key)
        sizes = ", ".join(map(str, shape)) if shape else "()"
        how = op.initialiser(socket) if f"{socket}_init" in op.params else "zeros"
        if how in ("zeros", "ones"):
            return f"torch.{how}({sizes})"
        fan = max(1, math.prod(shape[1:]))
        return f"torch.randn({sizes})" + (f" / {fan}**0.5" if fan > 1 else "")

    def _layer(
        self, node: Node, op: Op, wired: Mapping[str, str], owned: Mapping[str, str], layer: Layer
    ) -> None:
        name = self.names.free(node.name)
        args = tuple((key, as_text(value)) for key, value in layer.args)
        self.found.entries.append(Entry(name, f"nn.{layer.kind}", args, frozen=node.frozen and bool(owned)))
        empty = op.params.get("padding_idx")
        for socket, slot in owned.items():
            row = empty if socket == "weight" and empty is not None else None
            self.found.weights[f"{name}.{layer.renamed.get(socket, socket)}"] = Weight(slot, empty_row=row)
        call = layer.call or f"{{{op.sockets()[0].name}}}"
        results = layer.results or ", ".join(op.results())
        used = self._used_results(node, op)
        for output in op.results():
            wish = "" if output not in used else self.result(node, output, len(op.results()) > 1, name)
            results = _put(results, output, wish or "_")
        results = results.replace("(_, _)", "_")
        shown = [output for output in op.results() if output in used][:1]
        self.say(f"{results} = self.{name}({call.format(**wired)})", self._shape(node, shown))

    def _expression(self, node: Node, op: Op, wired: Mapping[str, str], owned: Mapping[str, str]) -> None:
        key = self._prefix + node.id
        names = dict(wired)
        for socket, slot in owned.items():
            own = self.names.free(f"{node.name}_{socket}")
            if socket in op.states:
                text = f"torch.full({self._whole.shapes[slot]}, {op.states[socket]})"
                self.found.entries.append(Entry(own, "buffer", (("", f'"{own}"'), ("", text))))
                self.found.weights[own] = Weight(slot)
            else:
                self.parameter(own, key, socket, slot)
            names[socket] = f"self.{own}"
        used = self._used_results(node, op)
        text = expression(op, names | {name: name for name in used if name not in names}, self.specs(key, op))
        if not text:
            raise Lacking("it has no text in PyTorch.")
        results = op.results()
        if len(results) == 1 or text.startswith("F.scaled_dot_product_attention"):
            self.say(f"{self.result(node, results[0], False)} = {text}", self._shape(node, results[:1]))
            return
        words = [self.result(node, name, True) if name in used else "_" for name in results]
        shown = [name for name in results if name in used][:1]
        self.say(f"{', '.join(words)} = {text}", self._shape(node, shown))

    # Words

    def result(self, node: Node, output: str, several: bool, alone: str = "") -> str:
        """A variable for an output of a node. A name that belongs to a module of that node may be used again."""
        name = (
            alone
            if alone and not several
            else self.names.free(f"{node.name}_{output}" if several else node.name)
        )
        self._values[node.id, output] = name
        return name

    def bind(self, node: Node, output: str, variable: str) -> None:
        self._values[node.id, output] = variable

    def say(self, text: str, shape: str = "") -> None:
        self.found.lines.append(Line(text, shape))

    def _used_results(self, node: Node, op: Op) -> set[str]:
        """The outputs that something takes; the first where nothing does."""
        used = {edge.output for edge in self._sheet.consumers(node.id)}
        used |= self.wanted.get(node.id, set())
        return used or {op.results()[0]}

    @cached_property
    def wanted(self) -> dict[str, set[str]]:
        """Outputs that are wanted though nothing on the sheet takes them, by node."""
        return {}

    def _shape(self, node: Node, outputs: Sequence[str]) -> str:
        """The size of a result, as people write it."""
        if len(outputs) != 1:
            return ""
        key, specs = self._prefix + node.id, self._plan.inference.specs
        end = self._plan.inference.aliases.get((key, outputs[0]), (key, outputs[0]))
        return str(specs[end]) if end in specs else ""

    def spec_of(self, end: End) -> Spec:
        """The shape of what stands in the plan under the sheet's prefix."""
        end = (self._prefix + end[0], end[1])
        real = self._plan.inference.aliases.get(end, end)
        return self._plan.inference.specs[real if real is not None else end]

    @property
    def plan(self) -> Plan:
        return self._plan

    @property
    def prefix(self) -> str:
        return self._prefix

    @property
    def sheet(self) -> Document:
        return self._sheet


class Lacking(Exception):
    """A node that cannot be written, and why."""


def _states(op: Op) -> set[str]:
    return set(op.states)


def _inputs(op: Op) -> set[str]:
    """Learnable sockets that a layer takes as arguments: states of a recurrent layer, what attention looks at."""
    return {s.name for s in op.sockets() if s.name in ("h_0", "c_0", "key", "value", "attn_mask")}


def _put(results: str, output: str, word: str) -> str:
    import re

    return re.sub(rf"\b{output}\b", word, results, count=1)


def tensor_text(values: Array) -> str:
    """`torch.tensor([1.0, -0.5])`, which is of torch's default type, or of whole numbers."""
    if not values.size:
        kind = ", dtype=torch.long" if values.dtype.kind == "i" else ""
        return f"torch.zeros({values.shape}{kind})"
    text = repr(values.tolist()).replace("nan", "math.nan").replace("inf", "math.inf")
    return f"torch.tensor({text})"
