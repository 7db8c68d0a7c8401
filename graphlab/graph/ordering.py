"""The order of the items in each layer, such that few links cross.

Sugiyama's method: each layer is sorted by the mean place of the neighbours before it, then after it, back and forth;
small webs are improved by swapping neighbours (Gansner et al. 1993, "A technique for drawing directed graphs").
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .layers import Floats, Ints, Web
from .steps import Steps, within

ROUNDS, MORE_ROUNDS = 12, 4  # there and back: as if sockets were in the middle, and where they are
MOST_SORTS = 40_000  # of layers; webs of very many layers get fewer rounds
PATIENCE = 3  # rounds without improvement
SMALL = 600  # items; up to that there are two starts
EAGER = 2000  # items; up to that every round swaps
MOST_SWAPPED = 4000  # items; up to that the best order is swapped in the end, and larger webs are sorted only
_SWAPS = 8


@dataclass
class _Side:
    """The links between a layer and its neighbours on one side, as a sort needs them."""

    far: Ints  # (links) the neighbour
    near: Ints  # (links) the item, counted from the layer's first
    offset: Floats  # (links) how far the sockets lie apart, in parts of an item
    count: Floats  # (items of the layer) how many links each has


class Order:
    """A permutation of the items within each layer. `place` (items): the place of each in its layer."""

    def __init__(self, web: Web, items: Ints) -> None:
        self.web = web
        self.items = items  # layer by layer, each from top to bottom
        self.place = np.empty(len(items))
        self._starts = np.repeat(web.start[:-1], np.diff(web.start))
        self.place[items] = np.arange(len(items)) - self._starts

    def crossings(self) -> int:
        """How many pairs of links cross."""
        web = self.web
        whole = self.place + self._starts
        a = whole[web.source] + web.leaves / web.height[web.source]
        b = whole[web.target] + web.enters / web.height[web.target]
        _, ranks = np.unique(b[np.lexsort((b, a))], return_inverse=True)
        return inversions(ranks)

    def layer(self, k: int) -> Ints:
        return self.items[self.web.start[k] : self.web.start[k + 1]]


def inversions(values: Ints) -> int:
    """How many pairs stand in the wrong order: bit by bit from the highest, ones before zeros."""
    total = 0
    for bit in range(int(values.max(initial=0)).bit_length() - 1, -1, -1):
        ones = (values >> bit) & 1
        before = np.cumsum(ones) - ones
        group = values >> (bit + 1)
        first = np.searchsorted(group, group)  # groups lie one after the other
        total += int((before - before[first])[ones == 0].sum())
        values = values[np.argsort(values >> bit, kind="stable")]
    return total


def ordered(web: Web) -> Steps[Order]:
    """The order with the fewest crossings that was found.

    First as if all wires met in the middle of nodes, which leaves more ways open; then with the sockets where they are.
    """
    flat = dataclasses.replace(web, leaves=web.height[web.source] / 2, enters=web.height[web.target] / 2)
    starts = (True, False) if len(web.node) <= SMALL else (False,)
    best, fewest = Order(web, _searched(web, starts[0])), -1
    for n, back in enumerate(starts):
        low, high = n / len(starts), (n + 1) / len(starts)
        order = Order(flat, _searched(web, back))
        order = yield from within(_improved(flat, order, ROUNDS), low, (low + high) / 2)
        order = yield from within(
            _improved(web, Order(web, order.items), MORE_ROUNDS), (low + high) / 2, high
        )
        crossings = order.crossings()
        if fewest < 0 or crossings < fewest:
            best, fewest = order, crossings
        if not fewest:
            break
    return best


def _improved(web: Web, order: Order, rounds: int) -> Steps[Order]:
    leaves, enters = web.leaves / web.height[web.source], web.enters / web.height[web.target]
    yield 0.0
    before = _sides(web, web.target, web.source, leaves - enters)
    yield 0.0
    after = _sides(web, web.source, web.target, enters - leaves)
    best, fewest, waited = order, order.crossings(), 0
    rounds = min(rounds, max(MOST_SORTS // (2 * web.layers), 2))
    neighbours = _Neighbours(web) if fewest and len(web.node) <= MOST_SWAPPED else None
    for sweep in range(rounds):
        yield sweep / rounds
        if not fewest or waited > PATIENCE:
            break
        order = Order(web, order.items.copy())
        yield from within(_swept(order, before, after), sweep / rounds, (sweep + 1) / rounds)
        if neighbours is not None and len(web.node) <= EAGER:
            for _ in neighbours.swap(order):
                yield (sweep + 1) / rounds
        crossings = order.crossings()
        waited += 1
        if crossings < fewest:
            best, fewest, waited = order, crossings, 0
    if neighbours is not None and len(web.node) > EAGER:
        for _ in neighbours.swap(best):
            yield 1.0
    return best


def _swept(order: Order, before: list[_Side | None], after: list[_Side | None]) -> Steps[None]:
    """Sorts every layer, to the right and back."""
    count = len(before)
    for n, k in enumerate((*range(count), *range(count - 1, -1, -1))):
        if _sort(order, k, before[k] if n < count else after[k]) and k % 16 == 0:
            yield n / (2 * count)


def _sides(web: Web, near: Ints, far: Ints, offset: Floats) -> list[_Side | None]:
    """For each layer its links by which `near` lies in it; None for a layer without or of a single item."""
    by_item = np.argsort(near, kind="stable")
    cuts = np.searchsorted(near[by_item], web.start)
    sides: list[_Side | None] = []
    for k in range(web.layers):
        links, low = by_item[cuts[k] : cuts[k + 1]], int(web.start[k])
        size = int(web.start[k + 1]) - low
        if size < 2 or not len(links):
            sides.append(None)
            continue
        count = np.bincount(near[links] - low, minlength=size).astype(np.float64)
        sides.append(_Side(far[links], near[links] - low, offset[links], count))
    return sides


def _sort(order: Order, k: int, side: _Side | None) -> bool:
    """Sorts a layer by the mean places of neighbours; whether there was anything to do."""
    if side is None:
        return False
    items, low = order.layer(k), order.web.start[k]
    wish = order.place[side.far] + side.offset
    sums = np.bincount(side.near, weights=wish, minlength=len(items))
    free = side.count == 0
    keys = np.where(free, order.place[low : low + len(items)], sums / np.maximum(side.count, 1))
    items[:] = items[np.argsort(keys[items - low], kind="stable")]
    order.place[items] = np.arange(len(items))
    return True


def _searched(web: Web, back: bool) -> Ints:
    """Items in the order of a depth-first search, from the sinks back or from the sources on; sockets from the top."""
    near, far = (web.target, web.source) if back else (web.source, web.target)
    height = web.enters if back else web.leaves
    by_item = np.lexsort((height, near))
    cuts = np.searchsorted(near[by_item], np.arange(len(web.node) + 1)).tolist()
    next_ones = far[by_item].tolist()
    found: list[int] = []
    seen = [False] * len(web.node)
    roots = np.argsort(web.layer_of() * (-1 if back else 1), kind="stable").tolist()
    for root in roots:
        stack = [root]
        while stack:
            item = stack.pop()
            if seen[item]:
                continue
            seen[item] = True
            found.append(item)
            stack.extend(n for n in reversed(next_ones[cuts[item] : cuts[item + 1]]) if not seen[n])
    items = np.array(found, dtype=np.int64)
    return items[np.argsort(web.layer_of()[items], kind="stable")]


class _Neighbours:
    """Swaps neighbouring items as long as that takes crossings away."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._links: tuple[list[list[tuple[int, float]]], ...] = ([], [])
        for links in self._links:
            links.extend([] for _ in range(len(web.node)))
        a, b = web.leaves / web.height[web.source], web.enters / web.height[web.target]
        ends = zip(web.source.tolist(), web.target.tolist(), a.tolist(), b.tolist(), strict=True)
        for source, target, leaves, enters in ends:
            self._links[0][target].append((source, leaves))
            self._links[1][source].append((target, enters))

    def swap(self, order: Order) -> Iterator[None]:
        place = order.place.tolist()
        for _ in range(_SWAPS):
            better = False
            for k in range(self._web.layers):
                better |= self._swap_layer(order.layer(k), place)
            yield
            if not better:
                break
        order.place[:] = place

    def _swap_layer(self, layer: Ints, place: list[float]) -> bool:
        items = layer.tolist()
        if len(items) < 2:
            return False
        ends = {i: [sorted(place[n] + f for n, f in links[i]) for links in self._links] for i in items}
        better = False
        for j in range(len(items) - 1):
            u, v = items[j], items[j + 1]
            if _gain(ends[u], ends[v]) > 0:
                items[j], items[j + 1] = v, u
                place[u], place[v] = place[v], place[u]
                better = True
        layer[:] = items
        return better


def _gain(u: list[list[float]], v: list[list[float]]) -> int:
    """How many crossings go when u, above v, is put below it."""
    return sum(_inverted(a, b) - _inverted(b, a) for a, b in zip(u, v, strict=True))


def _inverted(a: list[float], b: list[float]) -> int:
    """How many pairs have the end of `a` below that of `b`; both sorted."""
    if not a or not b or a[-1] <= b[0]:
        return 0
    total, k = 0, 0
    for x in a:
        while k < len(b) and b[k] < x:
            k += 1
        total += k
    return total
