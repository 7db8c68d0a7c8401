"""Which column each node stands in, and the web of links between neighbouring columns that the layout then orders.

Nodes are numbers here; `layout` knows which they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LANE = 8.0  # the height that a wire takes where it passes a column
NODE_GAP, LANE_GAP = 24.0, 18.0  # between neighbours in a column; the second where either is slim
MOST_LANES = 40_000  # wires that would need more get none, the longest first

PARAMETER, LEAF, LANE_END, PLAIN, INNER = 1, 2, 3, 4, 8  # how much a link wants to be level


class Wire(NamedTuple):
    """A wire between nodes, by number. `leaves` and `enters`: how far below the tops of the nodes its ends sit."""

    source: int
    target: int
    leaves: float
    enters: float


@dataclass
class Web:
    """A graph in layers, its wires cut into links between neighbouring layers.

    Items are numbered layer by layer: those of layer k are `start[k]` to `start[k + 1]`. An item is a node, or a lane:
    the place where a wire passes a layer. `node` (items) is the node's number, −1 for a lane; `slim` (items) marks what
    wires are led through: lanes and points. Links go from item `source` to item `target`, one layer on; `leaves` and
    `enters` are as in `Wire`, and `weight` says how much each wants to be level.
    """

    start: Ints
    node: Ints
    height: Floats
    slim: NDArray[np.bool_]
    source: Ints
    target: Ints
    leaves: Floats
    enters: Floats
    weight: Ints

    @property
    def layers(self) -> int:
        return len(self.start) - 1

    def layer_of(self) -> Ints:
        """The layer of each item."""
        return np.repeat(np.arange(self.layers), np.diff(self.start))


@dataclass
class Flow:
    """Who feeds whom, each pair once: `before` and `after` of each node, and a topological `order`."""

    before: list[list[int]]
    after: list[list[int]]
    order: list[int]


def flow(count: int, pairs: Sequence[tuple[int, int]]) -> Flow:
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for a, b in dict.fromkeys(pairs):
        before[b].append(a)
        after[a].append(b)
    waiting = [len(b) for b in before]
    order = [n for n in range(count) if not waiting[n]]
    for n in order:  # grows while it is read
        for m in after[n]:
            waiting[m] -= 1
            if not waiting[m]:
                order.append(m)
    return Flow(before, after, order)


def depths(net: Flow) -> tuple[list[int], list[int]]:
    """The longest path from a source, and to a sink, of each node."""
    depth, height = [0] * len(net.before), [0] * len(net.before)
    for n in net.order:
        depth[n] = max((depth[b] + 1 for b in net.before[n]), default=0)
    for n in reversed(net.order):
        height[n] = max((height[a] + 1 for a in net.after[n]), default=0)
    return depth, height


def layers(net: Flow, depth: list[int], first: set[int], last: set[int]) -> list[int]:
    """The layer of each node: the longest path from a source; then what feeds a later node moves up to it.

    It moves when that shortens more wires than it stretches; those of sources count for none, and a branch that leads
    nowhere else moves along. `first` and `last` stand in the outermost layers: the ports of a group.
    """
    layer = list(depth)
    if first:
        inner = {n for n in net.order if n not in first}
        for n in net.order:
            layer[n] = max((layer[b] + 1 for b in net.before[n]), default=1 if n in inner else 0)
    if last:
        end = max((layer[n] for n in net.order if n not in last), default=-1) + 1
        for n in last:
            layer[n] = end
    branch = _is_branch(net)
    for n in reversed(net.order):
        room = min((layer[a] for a in net.after[n]), default=layer[n] + 1) - 1
        stretched = sum(not branch[b] or len(net.after[b]) > 1 for b in net.before[n] if net.before[b])
        if n not in first and n not in last and (len(net.after[n]) > stretched or not stretched):
            layer[n] = max(layer[n], room)
    low = min(layer)
    return [k - low for k in layer] if low else layer


def _is_branch(net: Flow) -> list[bool]:
    """Whether all that leads to a node leads nowhere else, so that it moves with it."""
    found = [False] * len(net.before)
    for n in net.order:
        found[n] = all(found[b] and len(net.after[b]) == 1 for b in net.before[n])
    return found


def web(
    net: Flow, layer: list[int], heights: Floats, slim: NDArray[np.bool_], wires: Sequence[Wire], ranks: Ints
) -> Web:
    """The web of a graph in layers. `ranks` (wires) says how much each wire wants to be level, were it short.

    Wires from one socket share their lane as far as they go together.
    """
    reach: dict[tuple[int, float], int] = {}
    for wire in wires:
        key = wire.source, wire.leaves
        reach[key] = max(reach.get(key, 0), layer[wire.target])
    spans = _affordable({key: range(layer[key[0]] + 1, end) for key, end in reach.items()})
    at, first = list(layer), {}
    for key, span in spans.items():
        first[key] = len(at)
        at.extend(span)
    links: list[tuple[int, int, float, float, int]] = []
    for (node, leaves), span in spans.items():
        lane, long = first[node, leaves], len(span)
        if long:
            links.append((node, lane, leaves, LANE / 2, LANE_END))
        links.extend((lane + k, lane + k + 1, LANE / 2, LANE / 2, INNER) for k in range(long - 1))
    for wire, rank in zip(wires, ranks.tolist(), strict=True):
        key, steps = (wire.source, wire.leaves), layer[wire.target] - layer[wire.source]
        if steps == 1:
            links.append((wire.source, wire.target, wire.leaves, wire.enters, rank))
        elif key in spans:
            links.append((first[key] + steps - 2, wire.target, LANE / 2, wire.enters, LANE_END))
    return _numbered(np.array(at, dtype=np.int64), heights, slim, links)


def _affordable(spans: dict[tuple[int, float], range]) -> dict[tuple[int, float], range]:
    if sum(map(len, spans.values())) <= MOST_LANES:
        return spans
    keep, used = {}, 0
    for key, span in sorted(spans.items(), key=lambda item: len(item[1])):
        used += len(span)
        if used > MOST_LANES:
            break
        keep[key] = span
    return keep


def _numbered(
    at: Ints, heights: Floats, slim: NDArray[np.bool_], links: list[tuple[int, int, float, float, int]]
) -> Web:
    """Items counted layer by layer; before, nodes came first and lanes after them."""
    nodes, items = len(heights), len(at)
    by_layer = np.argsort(at, kind="stable")
    number = np.empty(items, dtype=np.int64)
    number[by_layer] = np.arange(items)
    table = np.array(links, dtype=np.float64).reshape(-1, 5)
    ends = table[:, :2].astype(np.int64)
    lanes = items - nodes
    led = np.concatenate([slim, np.ones(lanes, dtype=bool)])
    weight = table[:, 4].astype(np.int64)
    weight[led[ends].all(axis=1)] = INNER
    return Web(
        start=np.searchsorted(at[by_layer], np.arange(at.max() + 2)),
        node=np.where(by_layer < nodes, by_layer, -1),
        height=np.concatenate([heights, np.full(lanes, LANE)])[by_layer],
        slim=led[by_layer],
        source=number[ends[:, 0]],
        target=number[ends[:, 1]],
        leaves=table[:, 2],
        enters=table[:, 3],
        weight=weight,
    )
