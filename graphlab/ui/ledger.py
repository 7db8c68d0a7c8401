"""The ledger of gradients as the window shows it: at a fan-out each wire's term, what has come so far, what is saved.

It reads what the engine sends; which terms there are follows from the graph and the schedule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..engine.flat import End
from ..engine.ledger import Reuse, reuse
from ..engine.messages import Tensor, TensorKey
from ..engine.seen import Seen
from ..graph.copies import node_of, time_of
from ..graph.groups import definition_of, role
from . import numbers

if TYPE_CHECKING:
    from ..graph import Document
    from .session import Session


Read = Callable[[TensorKey, tuple[int, ...]], float | None]


class Account(NamedTuple):
    """The gradient of one element at a fan-out, as far as backward has come.

    title: "∂loss/∂h[0, 1]". terms: what each path adds, by its name, in the order in which they come; None for what is
    not here yet. so_far: the sum of those that are. total: the gradient, once it has been summed.
    """

    title: str
    at: tuple[int, ...]
    terms: tuple[tuple[str, float | None], ...]
    so_far: float
    total: float | None
    takers: tuple[str, ...] = ()  # the engine's keys of the nodes that the paths lead to

    @property
    def arrived(self) -> int:
        return sum(value is not None for _, value in self.terms)

    @property
    def is_whole(self) -> bool:
        return self.total is not None

    @property
    def count(self) -> str:
        """ "1 of 3"."""
        return f"{self.arrived} of {len(self.terms)}"

    @property
    def told(self) -> str:
        """What it has come to: "1 of 3 · +0.42 + …", "3 of 3 · +0.31", "= +0.31" once it is summed."""
        if self.total is not None:
            return f"= {numbers.number(self.total, 4, sign=True)}"
        if not self.arrived:
            return f"{self.count} · not yet"
        rest = " + …" if self.arrived < len(self.terms) else ""
        return f"{self.count} · {numbers.number(self.so_far, 4, sign=True)}{rest}"


class Ledger:
    """Which terms a gradient of the session is the sum of, and what they come to."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: Seen | None = None
        self._loaded: object = None
        self._ranks: dict[str, int] = {}
        self._takers: dict[End, list[End]] | None = None
        self._along: dict[tuple[str, str, str, str], tuple[TensorKey, ...]] = {}
        self._keys: dict[End, tuple[TensorKey, ...]] = {}

    # Which terms there are

    def keys(self, node: str, output: str) -> tuple[TensorKey, ...]:
        """The engine's keys of the terms of an output's gradient, of a node on the sheet, in the order they come in."""
        self._follow()
        end = self._summed(self._session.seen.end(node, output))
        found = self._keys.get(end)
        if found is None:
            found = self._keys[end] = self._find(end)
        return found

    def _summed(self, end: End) -> End:
        """The output at which the gradient of an end is summed: of what a parameter node owns, its own output."""
        flat = self._session.seen.whole.nodes.get(end[0])
        if flat is None or flat.op is None or flat.op.category != "Parameter":
            return end
        return end[0], flat.op.results()[0]

    def along(self, source: str, output: str, target: str, socket: str) -> tuple[TensorKey, ...]:
        """Those that come back along a wire drawn on the sheet: several where it leads to several places in a group."""
        self._follow()
        wire = source, output, target, socket
        found = self._along.get(wire)
        if found is None:
            mine = set(self._behind(self._session.seen, target, socket))
            found = tuple(key for key in self.keys(source, output) if key.taker in mine)
            self._along[wire] = found
        return found

    def is_reached(self, node: str, socket: str) -> bool:
        """Whether backward comes to an output or parameter of a node on the sheet, as far as one knows."""
        self._follow()
        key, _ = self._session.seen.end(node, socket)
        return not self._session.schedule or key in self._ranks

    def _follow(self) -> None:
        """Forgets what it knew of another sheet, graph or schedule."""
        session = self._session
        if session.seen is self._seen and session.loaded is self._loaded:
            return
        self._seen, self._loaded = session.seen, session.loaded
        entries = [entry.node for entry in session.schedule if entry.phase == "backward"]
        self._ranks = {key: k for k, key in enumerate(entries)}
        self._takers = None
        self._along.clear()
        self._keys.clear()

    def _find(self, end: End) -> tuple[TensorKey, ...]:
        whole = self._session.seen.whole
        spec = whole.specs.get(end)
        if spec is None or spec.kind != "float" or (self._ranks and end[0] not in self._ranks):
            return ()
        takers = [taker for taker in self._takers_of(end) if self._carries(taker)]
        takers.sort(key=lambda taker: self._ranks.get(taker[0], 0))
        return tuple(TensorKey("term", end[0], f"{key}.{socket}") for key, socket in takers)

    def _carries(self, taker: End) -> bool:
        """Whether a gradient comes back through that socket: its node is on the way to the goal."""
        key, name = taker
        op = self._session.seen.whole.nodes[key].op
        sockets = op.sockets() if op is not None else ()
        is_float = any(socket.name == name and socket.kind != "int" for socket in sockets)
        return is_float and (not self._ranks or key in self._ranks)

    def _takers_of(self, end: End) -> list[End]:
        """The sockets that take a value; of one node, the last comes back first, as long as it is known who does."""
        whole = self._session.seen.whole
        if whole.basis.flat.is_plain:
            found = [(e.target, e.input) for e in self._session.whole.consumers(end[0]) if e.output == end[1]]
        else:
            found = self._all_takers().get(end, [])
        if not self._ranks:
            return list(found)
        order = {taker: k for key in {key for key, _ in found} for k, taker in enumerate(self._sockets(key))}
        return sorted(found, key=lambda taker: -order.get(taker, 0))

    def _sockets(self, key: str) -> list[End]:
        op = self._session.seen.whole.nodes[key].op
        return [(key, socket.name) for socket in op.sockets()] if op is not None else []

    def _all_takers(self) -> dict[End, list[End]]:
        if self._takers is None:
            self._takers = {}
            for key, node in self._session.seen.whole.nodes.items():
                for socket, end in node.inputs.items():
                    self._takers.setdefault(end, []).append((key, socket))
        return self._takers

    def _behind(self, seen: Seen, target: str, socket: str) -> list[End]:
        """The sockets of the engine's that a drawn wire reaches; through the port of a group, those outside of it."""
        node = seen.sheet.nodes[target]
        if role(node) != "port out" or not seen.path:
            return seen.consumers(target, socket)
        if time_of(seen.path[-1]) >= 0:
            return self._after_copy(seen, target, socket)
        group, outer = seen.path[-1], self._around(seen)
        edges = [edge for edge in outer.sheet.consumers(group) if edge.output == node.name]
        return [end for edge in edges for end in self._behind(outer, edge.target, edge.input)]

    def _after_copy(self, seen: Seen, port: str, socket: str) -> list[End]:
        """The sockets outside of a copy of a cell that take what one of its ports gives: in the next, or around all."""
        edge = seen.sheet.inputs_of(port).get(socket)
        end = None if edge is None else seen.end(edge.source, edge.output)
        takers = [] if end is None else self._all_takers().get(end, [])
        return [taker for taker in takers if not taker[0].startswith(seen.prefix)]

    def _around(self, seen: Seen) -> Seen:
        """The sheet that the group stands on whose inside is seen."""
        path = seen.path[:-1]
        sheet: Document = self._session.whole
        for step in path:
            inner = definition_of(self._session.whole, sheet.nodes[node_of(step)])
            assert inner is not None  # one is inside of it
            sheet = inner
        return Seen(seen.whole, sheet, path)

    # What they come to

    def account(
        self, node: str, output: str, at: tuple[int, ...] | None = None, read: Read | None = None
    ) -> Account | None:
        """The sum at one element of an output's gradient; None where there is no fan-out, or nothing has come yet.

        By default at the element to which what came first adds most, so that it stays the same while terms come in.
        `read` tells an element of a tensor of the engine's; by default from what has come of it.
        """
        keys = self.keys(node, output)
        if len(keys) < 2:
            return None
        terms = [self.term(key) for key in keys]
        gradient = self._session.tensor("grad", node, output)
        total = gradient if gradient is not None and gradient.fresh else None
        if at is None:
            at = _strongest([*terms, total])
        if at is None:
            return None
        read = read or self._read
        values = [read(key, at) for key in keys]
        here = [value for value in values if value is not None]
        title = f"{self.title(node, output)}{numbers.index(at)}"
        named = tuple(zip(self._names(keys), values, strict=True))
        summed = None if total is None else read(total.key, at)
        return Account(title, at, named, sum(here), summed, tuple(key.taker[0] for key in keys))

    def _read(self, key: TensorKey, at: tuple[int, ...]) -> float | None:
        return element(self._session.tensor_at(key), at)

    def title(self, node: str, socket: str) -> str:
        """ "∂loss/∂h", "∂h[0, 2]/∂lin.weight"."""
        found = self._session.document.nodes[node]
        is_only = found.is_known and found.make().results() == (socket,)
        return f"∂{self._session.asking.title}/∂{found.name if is_only else f'{found.name}.{socket}'}"

    def term(self, key: TensorKey) -> Tensor | None:
        """What has come in along one path in this step; None while it has not."""
        tensor = self._session.tensor_at(key)
        return tensor if tensor is not None and tensor.fresh else None

    def _names(self, keys: Iterable[TensorKey]) -> list[str]:
        """What people call the paths: the node that a term comes from, and its socket where it comes twice."""
        targets = [key.taker for key in keys]
        twice = {key for key, count in Counter(key for key, _ in targets).items() if count > 1}
        return [f"{self._name(key)}.{socket}" if key in twice else self._name(key) for key, socket in targets]

    def _name(self, key: str) -> str:
        """The name of a node of the engine's as seen from the sheet: "h", "cell/h" for what is in a group on it."""
        seen, path = self._session.seen, self._session.name_of(key) or key
        return "/".join(path.split("/")[len(seen.path) :]) if seen.here(key) else path

    # What is saved

    def reuse(self, node: str) -> Reuse:
        """What the backward entry of a node on the sheet finds ready, if it has one."""
        self._follow()
        whole = self._session.seen.whole
        key = self._session.seen.key(node)
        flat = whole.nodes.get(key)
        if flat is None or flat.op is None or key not in self._ranks:
            return Reuse()
        wanted = {socket for owner, socket in self._sockets(key) if (owner, socket) in whole.learnables}
        for socket, end in flat.inputs.items():
            spec = whole.specs.get(end)
            is_float = spec is not None and spec.kind == "float"
            if is_float and end[0] in self._ranks and self._carries((key, socket)):
                wanted.add(socket)
        return reuse(flat, wanted, lambda end: self._session.asking.name_of(*end))


def element(tensor: Tensor | None, index: tuple[int, ...]) -> float | None:
    """The element, None if it is not there; not of what the step before has left."""
    if tensor is None or not tensor.fresh or len(index) != tensor.array.ndim:
        return None
    if any(i >= size for i, size in zip(index, tensor.array.shape, strict=True)):
        return None
    return float(tensor.array[index])


def _strongest(tensors: Iterable[Tensor | None]) -> tuple[int, ...] | None:
    """Where the first of them that is here, and not 0 everywhere, is largest."""
    found: tuple[int, ...] | None = None
    for tensor in tensors:
        if tensor is None or not np.size(tensor.array):
            continue
        sizes = np.abs(np.nan_to_num(np.asarray(tensor.array)))
        at = tuple(int(k) for k in np.unravel_index(int(sizes.argmax()), sizes.shape))
        if sizes[at]:
            return at
        found = found or at
    return found
