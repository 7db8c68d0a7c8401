"""A loss surface and the ways over it, as what a PlaneView shows: flat with contour lines, or in space."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtGui import QColor, QImage

from ...lab.terrain import Relief, Scale, contour, loss_at
from ...lab.ways import Way
from .. import numbers
from ..colour import alpha
from ..theme import theme
from ..widgets.strokes import colour_of
from .plane_view import Dots, Facets, Floats, PlaneView, Stroke, View
from .turning import Turning, axis_strokes

DIM = 0.55  # of its colour that a facet has where no light falls on it
ABOVE = 0.012  # of the height that a way is drawn over the surface


def terrain_image(losses: Floats, scale: Scale) -> QImage:
    """Its colours, a pixel for each number."""
    pixels = np.ascontiguousarray(theme().terrain(scale.height(losses))[::-1])
    tall, wide = losses.shape
    return QImage(pixels.data, wide, tall, 3 * wide, QImage.Format.Format_RGB888).copy()


def draw_flat(plane: PlaneView, losses: Floats, view: View, scale: Scale, ways: Mapping[str, Way]) -> None:
    """The surface seen from above, with a line for each of some round losses."""
    plane.facets, plane.picture, plane.extent = None, terrain_image(losses, scale), view
    ink = alpha(theme().text, 0.4)
    lines = [
        Stroke(contour(losses, view, level), ink, 1.0, name=f"{level:.6g}".replace("-", numbers.MINUS))
        for level in scale.levels()
    ]
    drawn = [stroke for at, (name, way) in enumerate(ways.items()) for stroke in _way(name, way.pieces(), at)]
    plane.strokes = [*lines, *drawn]
    plane.dots = _ends({name: way.flat for name, way in ways.items()})


def draw_relief(
    plane: PlaneView,
    relief: Relief,
    losses: Floats,
    ways: Mapping[str, Way],
    turning: Turning,
    names: tuple[str, str],
) -> None:
    """The surface in space, the ways lying on it."""
    plane.picture = None
    box = np.array([[-1.0, -1.0, 0.0], [1.0, 1.0, relief.tall]])
    axes = axis_strokes(box, (*names, "loss"), turning)
    seen = turning.see(relief.points)
    corners = seen[relief.facets]
    order = np.argsort(corners[..., 2].mean(axis=1))
    light = DIM + (1 - DIM) * relief.shades()
    colours = theme().terrain(relief.heights()) * light[:, None]
    plane.facets = Facets(
        corners[order][..., :2], colours[order].round().astype(np.uint8), relief.broken[order]
    )
    places = {}
    for name, way in ways.items():
        there = relief.place(way.flat, loss_at(losses, relief.view, way.flat))
        inside = np.abs(there[:, :2]).max(axis=1, initial=0.0) <= 1
        lifted = there[inside] + [0.0, 0.0, ABOVE * relief.tall]
        places[name] = turning.see(lifted)[:, :2] if len(lifted) else np.zeros((0, 2))
    drawn = []
    for at, (name, points) in enumerate(places.items()):
        drawn += _way(name, np.stack([points[:-1], points[1:]], axis=1), at)
    plane.strokes = [*axes, *drawn]
    plane.dots = _ends(places)


def way_colour(at: int) -> QColor:
    """The first is the run's own, and has the colour of text; racers come after it in the colours of their curves."""
    return theme().text if at == 0 else colour_of(at - 1)


def _way(name: str, pieces: Floats, at: int) -> list[Stroke]:
    """Its line on a darker one, so that it is seen on any ground; racers have their name on it."""
    pieces = pieces[np.isfinite(pieces).all(axis=(1, 2))]
    if not len(pieces):
        return []
    ground = Stroke(pieces, alpha(theme().well, 0.8), 4.5)
    return [ground, Stroke(pieces, way_colour(at), 2.0, name=name, key=name)]


def _ends(ways: Mapping[str, Floats]) -> Dots:
    """A hollow mark where each way began, and a full one where it has come to."""
    points = [p for way in ways.values() if len(way) for p in (way[0], way[-1])]
    colours = [way_colour(k) for k, way in enumerate(ways.values()) if len(way) for _ in range(2)]
    if not points:
        return Dots()
    hollow = np.arange(len(points)) % 2 == 0
    return Dots(np.array(points), np.zeros(len(points), np.int64), hollow, colours)
