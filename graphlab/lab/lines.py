"""Lines where a function over the plane is 0, and grids of lines to be carried through a network."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
View = tuple[float, float, float, float]  # low x, low y, high x, high y


def mesh(view: View, columns: int, rows: int) -> Floats:
    """(rows · columns, 2): points over a part of the plane, edges included, from low y upwards."""
    x0, y0, x1, y1 = view
    x, y = np.meshgrid(np.linspace(x0, x1, columns), np.linspace(y0, y1, rows))
    return np.stack([x.reshape(-1), y.reshape(-1)], axis=1)


def zero_lines(values: Floats, view: View) -> Floats:
    """(pieces, 2, 2): the pieces of the line where `values` (rows, columns) over a mesh of the view is 0.

    Each cell is cut into two triangles, over which the function is taken as flat; so the line of a flat function is
    exact, and that of any other is without gaps.
    """
    rows, columns = values.shape
    if rows < 2 or columns < 2:
        return np.zeros((0, 2, 2))
    points = mesh(view, columns, rows).reshape(rows, columns, 2)
    above = values > 0
    count = above[:-1, :-1].astype(np.int8) + above[1:, :-1] + above[:-1, 1:] + above[1:, 1:]
    i, j = np.nonzero((count > 0) & (count < 4))
    corners = [(i, j), (i, j + 1), (i + 1, j), (i + 1, j + 1)]
    p = [points[at] for at in corners]
    v = [values[at] for at in corners]
    return np.concatenate(
        [_cut((p[0], p[1], p[3]), (v[0], v[1], v[3])), _cut((p[0], p[3], p[2]), (v[0], v[3], v[2]))]
    )


def _cut(p: tuple[Floats, ...], v: tuple[Floats, ...]) -> Floats:
    """Where 0 cuts triangles with corners p (each (n, 2)) and values v: two ends for each that it cuts."""
    crossing = np.full((len(v[0]), 3, 2), np.nan)
    for k in range(3):
        a, b = v[k], v[(k + 1) % 3]
        cut = (a > 0) != (b > 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(cut, a / (a - b), np.nan)[:, None]
        crossing[:, k] = p[k] + share * (p[(k + 1) % 3] - p[k])
    there = np.isfinite(crossing).all(axis=2)
    two = there.sum(axis=1) == 2
    found: Floats = crossing[two][there[two]].reshape(-1, 2, 2)
    return found


class Mesh(NamedTuple):
    """Lines to be carried along: points (n, 2) and, by line, the places of its points (lines, points of a line)."""

    points: Floats
    lines: NDArray[np.int64]


def line_mesh(view: View, lines: int = 13, fine: int = 37) -> Mesh:
    """Upright and level lines over a part of the plane, `lines` of each, of `fine` points."""
    x0, y0, x1, y1 = view
    along_x, along_y = np.linspace(x0, x1, fine), np.linspace(y0, y1, fine)
    parts = [np.stack([np.full(fine, x), along_y], axis=1) for x in np.linspace(x0, x1, lines)]
    parts += [np.stack([along_x, np.full(fine, y)], axis=1) for y in np.linspace(y0, y1, lines)]
    return Mesh(np.concatenate(parts), np.arange(2 * lines * fine).reshape(2 * lines, fine))


def pieces(points: Floats, lines: NDArray[np.int64]) -> Floats:
    """(pieces, 2, 2) of lines through points (n, 2)."""
    path = points[lines]
    return np.stack([path[:, :-1], path[:, 1:]], axis=2).reshape(-1, 2, 2)


def straight(points: Floats, scores: Floats) -> tuple[float, float, float] | None:
    """(a, b, c) with score = a·x + b·y + c at all points (n, 2); None where no such numbers do for all of them."""
    if len(points) < 3:
        return None
    with_one = np.concatenate([points, np.ones((len(points), 1))], axis=1)
    found, *_ = np.linalg.lstsq(with_one, scores, rcond=None)
    spread = float(np.ptp(scores))
    off = float(np.abs(with_one @ found - scores).max())
    if spread == 0 or off > 1e-3 * spread or not np.any(found[:2]):
        return None
    return float(found[0]), float(found[1]), float(found[2])
