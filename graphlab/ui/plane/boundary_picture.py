"""The prediction over the plane as colours and over a line as curves, and the rows as points on either."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from ...data.looking import Look
from ...lab.chances import confidence
from ..class_marks import class_colour
from ..theme import theme
from .plane_view import Dots, Floats, Stroke

MOST = 4000  # points drawn; of more every so-manieth
WEAK, STRONG = 0.07, 0.5  # how much of its colour a class has where nothing is certain, and where all is


def class_picture(likely: Floats, side: int) -> QImage:
    """Over a mesh of `side` points each way, the colour of the likeliest class, the fuller the surer."""
    now = theme()
    ground = _rgb(now.well)
    colours = np.array([_rgb(class_colour(k)) for k in range(likely.shape[1])])
    sure = WEAK + (STRONG - WEAK) * confidence(np.nan_to_num(likely))[:, None]
    return _image(ground + sure * (colours[likely.argmax(axis=1)] - ground), side)


def value_picture(values: Floats, side: int, scale: float) -> QImage:
    """Over a mesh, numbers in the colours of signed values."""
    return _image(theme().signed(values, scale)[..., :3].astype(np.float64), side)


def _rgb(colour: QColor) -> Floats:
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)


def _image(rgb: Floats, side: int) -> QImage:
    pixels = np.ascontiguousarray(rgb.reshape(side, side, 3)[::-1].round().astype(np.uint8))
    return QImage(pixels.data, side, side, 3 * side, QImage.Format.Format_RGB888).copy()


def hollow_rows(rows: Look, kept: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of these rows are kept apart from training."""
    apart = np.zeros(len(rows), bool)
    for name in ("validation", "test"):
        apart[rows.splits.get(name, [])] = True
    return apart[kept]


def drawn_rows(rows: Look) -> NDArray[np.int64]:
    """Which rows are drawn: all, or of very many some from everywhere."""
    return np.arange(0, len(rows), max(1, -(-len(rows) // MOST)))


def dots_of_plane(rows: Look | None, scale: float) -> Dots:
    """The rows by their two features; where targets are numbers, coloured by them on the scale of the picture."""
    if rows is None or not len(rows):
        return Dots()
    kept = drawn_rows(rows)
    points = rows.x[kept].astype(np.float64)
    labels = np.zeros(len(kept), np.int64) if rows.labels is None else rows.labels[kept]
    colours = None
    if rows.labels is None and rows.numbers is not None:
        goals = np.asarray(rows.numbers)[kept].reshape(len(kept), -1)[:, 0]
        colours = [QColor(*rgba) for rgba in theme().signed(goals, scale or 1.0)[:, :3].tolist()]
    return Dots(points, labels, hollow_rows(rows, kept), colours)


def dots_of_line(rows: Look | None, classes: bool) -> Dots:
    """The rows by their one feature, as high as their target; a class stands at 0 or 1."""
    if rows is None or not len(rows):
        return Dots()
    kept = drawn_rows(rows)
    labels = np.zeros(len(kept), np.int64) if rows.labels is None else rows.labels[kept]
    if classes and rows.labels is not None:
        heights = (labels > 0).astype(np.float64)
    elif rows.numbers is not None:
        heights = np.asarray(rows.numbers, np.float64)[kept].reshape(len(kept), -1)[:, 0]
    else:
        return Dots()
    points = np.stack([rows.x[kept, 0].astype(np.float64), heights], axis=1)
    return Dots(points, labels, hollow_rows(rows, kept))


def curve_strokes(x: Floats, curves: Floats, first: int = 0) -> list[Stroke]:
    """One line for each column; two and more in the colours of their classes, and with their numbers."""
    found = []
    many = curves.shape[1] > 1
    for k, curve in enumerate(curves.T):
        path = np.stack([x, curve], axis=1)
        pieces = np.stack([path[:-1], path[1:]], axis=1)
        pieces = pieces[np.isfinite(pieces).all(axis=(1, 2))]
        colour = class_colour(k + first) if many or first else theme().accent
        found.append(Stroke(pieces, colour, 2.0, name=str(k) if many else ""))
    return found
