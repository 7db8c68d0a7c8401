"""Where nodes go: layers from left to right, ordered so that few wires cross (Sugiyama's method, barycentre rule)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .document import Document, Point

COLUMN = 250.0
ROW = 140.0
SWEEPS = 12

Item = tuple[str, int]  # a node id with its layer; long edges have one item in every layer they pass


def layered(document: Document, ids: Iterable[str] | None = None) -> dict[str, Point]:
    """New places for the nodes (all, or those given), starting at the present top left corner of them.

    Every edge points to the right. An edge over several layers keeps a lane free in each, so that it runs around the
    nodes between.
    """
    wanted = set(document.nodes if ids is None else ids)
    chosen = [i for i in document.nodes if i in wanted]
    if not chosen:
        return {}
    edges = _edges(document, set(chosen))
    layer = _layers(chosen, edges)
    columns, links = _columns(chosen, edges, layer)
    _order(columns, links)
    rows = _rows(columns, links)
    left = min(document.nodes[i].position[0] for i in chosen)
    top = min(document.nodes[i].position[1] for i in chosen)
    shift = min(rows[i, layer[i]] for i in chosen)
    return {i: (left + layer[i] * COLUMN, top + (rows[i, layer[i]] - shift) * ROW) for i in chosen}


def _edges(document: Document, chosen: set[str]) -> list[tuple[str, str]]:
    pairs = dict.fromkeys((e.source, e.target) for e in document.edges.values())
    return [(a, b) for a, b in pairs if a in chosen and b in chosen]


def _layers(nodes: list[str], edges: list[tuple[str, str]]) -> dict[str, int]:
    """The layer of each node: longest path from a source; a source stands right before its first consumer."""
    import networkx as nx

    dag = nx.DiGraph()
    dag.add_nodes_from(nodes)
    dag.add_edges_from(edges)
    layer = {n: k for k, generation in enumerate(nx.topological_generations(dag)) for n in generation}
    for node in nodes:
        followers = [layer[after] for after in dag.successors(node)]
        if followers and not dag.in_degree(node):
            layer[node] = min(followers) - 1
    return layer


def _columns(
    nodes: list[str], edges: list[tuple[str, str]], layer: Mapping[str, int]
) -> tuple[list[list[Item]], list[tuple[Item, Item]]]:
    columns: list[list[Item]] = [[] for _ in range(max(layer.values()) + 1)]
    for node in nodes:
        columns[layer[node]].append((node, layer[node]))
    links: list[tuple[Item, Item]] = []
    for a, b in edges:
        lane = f"{a}→{b}"
        before: Item = (a, layer[a])
        for k in range(layer[a] + 1, layer[b]):
            columns[k].append((lane, k))
            links.append((before, (lane, k)))
            before = (lane, k)
        links.append((before, (b, layer[b])))
    return columns, links


def _neighbours(links: list[tuple[Item, Item]]) -> tuple[dict[Item, list[Item]], dict[Item, list[Item]]]:
    before: dict[Item, list[Item]] = {}
    after: dict[Item, list[Item]] = {}
    for a, b in links:
        after.setdefault(a, []).append(b)
        before.setdefault(b, []).append(a)
    return before, after


def _order(columns: list[list[Item]], links: list[tuple[Item, Item]]) -> None:
    """Sorts each column by the mean place of its neighbours in the column before, then after, back and forth."""
    before, after = _neighbours(links)
    place = {item: float(k) for column in columns for k, item in enumerate(column)}
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = before if forward else after
        for column in columns if forward else reversed(columns):
            column.sort(key=lambda item: _mean([place[n] for n in neighbours.get(item, ())], place[item]))
            place.update((item, float(k)) for k, item in enumerate(column))


def _rows(columns: list[list[Item]], links: list[tuple[Item, Item]]) -> dict[Item, float]:
    """Rows near the mean of the neighbours', at least one apart, columns centred on each other."""
    before, after = _neighbours(links)
    rows = {item: k - (len(column) - 1) / 2 for column in columns for k, item in enumerate(column)}
    for sweep in range(SWEEPS):
        neighbours = before if sweep % 2 == 0 else after
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wishes = [_mean([rows[n] for n in neighbours.get(item, ())], rows[item]) for item in column]
            rows.update(zip(column, _apart(wishes), strict=True))
    return rows


def _apart(wishes: list[float]) -> list[float]:
    """The nearest rows to the wishes (least squares) that keep order and a distance of one: pool adjacent violators."""
    blocks: list[list[float]] = []  # [sum of (wish − index), count]
    for k, wish in enumerate(wishes):
        blocks.append([wish - k, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    rows: list[float] = []
    for total, count in blocks:
        first = len(rows)
        rows.extend(total / count + first + j for j in range(int(count)))
    return rows


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
