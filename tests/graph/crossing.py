"""How many wires of a laid-out graph cross, as straight lines from socket to socket."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphlab.graph import Document, Point
from graphlab.graph.connect import input_names, output_names
from graphlab.graph.layout import WIDTH


def crossings(document: Document, places: Mapping[str, Point]) -> int:
    """Pairs of wires that cross, for nodes of the usual width with sockets 18 apart."""
    rows = []
    for edge in document.edges.values():
        (x0, y0), (x1, y1) = places[edge.source], places[edge.target]
        out = output_names(document.nodes[edge.source]).index(edge.output)
        into = input_names(document.nodes[edge.target]).index(edge.input)
        rows.append((x0 + WIDTH, y0 + 18 * out, x1, y1 + 18 * into))
    return crossing_pairs(np.array(rows, dtype=float).reshape(-1, 4))


def crossing_pairs(ends: np.ndarray) -> int:
    """Of straight lines (n, 4), x0 y0 x1 y1, how many pairs cross; those that meet at an end do not."""
    start, end = ends[:, :2], ends[:, 2:]
    total = 0
    for k in range(len(ends) - 1):
        one, two, c, d = start[k], end[k], start[k + 1 :], end[k + 1 :]
        apart = _side(one, two, c) * _side(one, two, d) < 0
        total += int((apart & (_side(c, d, one) * _side(c, d, two) < 0)).sum())
    return total


def _side(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """On which side of the line from a to b the point c lies."""
    along, off = b - a, c - a
    return np.sign(along[..., 0] * off[..., 1] - along[..., 1] * off[..., 0])
