"""How many wires of a laid-out graph cross, as straight lines between the middles of nodes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphlab.graph import Document, Point


def crossings(document: Document, places: Mapping[str, Point]) -> int:
    """Pairs of wires with no node in common whose straight lines cross; several wires between two nodes are one."""
    pairs = list(dict.fromkeys((e.source, e.target) for e in document.edges.values()))
    number = {i: k for k, i in enumerate(document.nodes)}
    ends = np.array([(number[a], number[b]) for a, b in pairs]).reshape(-1, 2)
    spots = np.array([places[i] for i in document.nodes], dtype=float).reshape(-1, 2)
    total = 0
    for k in range(len(ends)):
        a, b = ends[k]
        rest = ends[k + 1 :]
        apart = ~np.isin(rest, (a, b)).any(axis=1)
        c, d = spots[rest[apart, 0]], spots[rest[apart, 1]]
        one, two = spots[a], spots[b]
        total += int(
            ((_side(one, two, c) * _side(one, two, d) < 0) & (_side(c, d, one) * _side(c, d, two) < 0)).sum()
        )
    return total


def _side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """On which side of the line from a to b the point c lies."""
    return np.sign(
        (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    )
