"""Boundary: the plane of two features coloured by the prediction, each unit's own boundary, and the rows as points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from ...data.looking import Look
from ...lab.chances import chances, margins
from ...lab.lines import mesh, zero_lines
from ...lab.outlook import Layer, Outlook
from .. import numbers
from ..colour import alpha
from ..evaluating import Evaluation
from ..plane.boundary_picture import (
    class_picture,
    curve_strokes,
    dots_of_line,
    dots_of_plane,
    drawn_rows,
    value_picture,
)
from ..plane.outlook_panel import OutlookPanel, refill, small_combo
from ..plane.plane_view import Stroke, View, around
from ..session import Session
from ..theme import theme
from .registry import panel

RUNNING, RESTING = 56, 150  # points of the mesh each way, while it trains and while it does not
ALONG = 400  # points of a curve
MOST_UNITS = 64  # whose boundaries are drawn


@panel("boundary", "Boundary", "right", 40, shown=False, tabbed=True)
class BoundaryPanel(OutlookPanel):
    """For data with two features, or with one: then the prediction is a curve."""

    picture = "boundary"
    name = "Plane of the features"
    fills = "The plane of two features is coloured here by what the network predicts."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.units = small_combo("Boundaries of units", "Whose units' boundaries are drawn: where each is 0")
        self.units.activated.connect(lambda _: self._choose())
        self.plane.view_changed.connect(self.changed)
        self.plane.line_pointed.connect(self._light)
        self._framed: object = None
        self._scale = 0.0  # the greatest number in the colours, 0 where they are of classes

    def header_tools(self) -> list[QWidget]:
        return [self.units]

    # What is asked

    def unfit(self, found: Outlook) -> str:
        if found.features <= 2:
            return ""
        name = found.layers[0].path
        return (
            f"{name} gives {found.features} features, and a plane has two. "
            "The Embedding panel shows rows of any size."
        )

    def refresh_choices(self) -> None:
        found = self._outlook
        layers = found.bending[:-1] if found is not None else []
        items: list[tuple[str, object]] = [(layer.path, layer.end) for layer in layers]
        refill(self.units, [("no units", None), *items], items[0][1] if items else None)
        self.units.setVisible(found is not None and found.features == 2)

    @property
    def layer(self) -> Layer | None:
        """The layer whose units' boundaries are drawn."""
        found, end = self.outlook, self.units.currentData()
        if found is None or found.features != 2 or end is None:
            return None
        return next((layer for layer in found.bending if layer.end == tuple(end)), None)

    def choose_layer(self, path: str) -> None:
        """Draws the boundaries of the units of the layer of that name; "" for none."""
        self.units.setCurrentIndex(max(self.units.findText(path), 0))
        self._choose()

    def _choose(self) -> None:
        self.asker.want(now=True)

    def question(self, asked: Evaluation) -> object:
        found = self.outlook
        if found is None or self.unfit(found):
            return None
        self._frame(found)
        view = self.plane.seen
        if found.features == 1:
            points, ends = np.linspace(view[0], view[2], ALONG)[:, None], [found.score]
            about: tuple[View, int, Layer | None] = (view, ALONG, None)
        else:
            side = RUNNING if self.session.status.state == "training" else RESTING
            layer = self.layer
            points = mesh(view, side, side)
            ends = [found.score, *([layer.end] if layer is not None else [])]
            about = (view, side, layer)
        shape = (len(points), *found.layers[0].shape)
        asked.of_arrays({found.source: points.reshape(shape).astype(np.float32)}, ends)
        return about

    def _frame(self, found: Outlook) -> None:
        """Shows all rows at first, and again when they are others."""
        rows = self.rows.of(found.source[0])
        if self._framed is (rows or found):
            return
        self._framed = rows or found
        if found.features == 1:
            x = np.zeros((0, 1)) if rows is None else rows.x
            low, high = (float(x.min()), float(x.max())) if len(x) else (-1.0, 1.0)
            room = 0.08 * (high - low) or 0.5
            self.plane.fit((low - room, self.plane.view[1], high + room, self.plane.view[3]))
        else:
            self.plane.fit(around(np.zeros((0, 2)) if rows is None else rows.x.astype(np.float64)))

    # What is drawn

    def draw(self) -> None:
        found = self.outlook
        if found is None or self.answer is None or self.asked_of is None:
            return
        rows = self.rows.of(found.source[0])
        if found.features == 1:
            self._draw_curve(found, rows)
        else:
            self._draw_plane(found, rows)
        self.plane.update()

    def _draw_plane(self, found: Outlook, rows: Look | None) -> None:
        scores = self.values(0)
        side = round(len(scores) ** 0.5)
        view: View = self.asked_of[0]
        plane, now = self.plane, theme()
        plane.extent = view
        strokes: list[Stroke] = []
        if is_of_classes(found, rows):
            plane.picture = class_picture(chances(found, scores), side)
            for lead in margins(found, scores).T:
                pieces = zero_lines(lead.reshape(side, side), view)
                strokes.append(Stroke(pieces, now.text, 2.0))
            scale = 0.0
        else:
            scale = float(np.abs(scores[:, 0][np.isfinite(scores[:, 0])]).max(initial=0.0)) or 1.0
            plane.picture = value_picture(scores[:, 0], side, scale)
        self._scale = scale
        plane.strokes = [*self._of_units(view, side), *strokes]
        plane.dots = dots_of_plane(rows, scale)
        plane.axes = (rows.name(0), rows.name(1)) if rows is not None else ("x₁", "x₂")

    def _of_units(self, view: View, side: int) -> list[Stroke]:
        layer = self.asked_of[2]
        if layer is None:
            return []
        values, colour = self.values(1)[:, :MOST_UNITS], alpha(theme().secondary, 0.7)
        return [
            Stroke(
                zero_lines(unit.reshape(side, side), view), colour, 1.1, False, str(k + 1), (layer.end[0], k)
            )
            for k, unit in enumerate(values.T)
        ]

    def _draw_curve(self, found: Outlook, rows: Look | None) -> None:
        view, plane = self.asked_of[0], self.plane
        x, scores = np.linspace(view[0], view[2], ALONG), self.values(0)
        classes = is_of_classes(found, rows)
        curves = chances(found, scores) if classes else scores
        if classes and curves.shape[1] == 2:
            curves = curves[:, 1:]
        plane.picture, plane.extent, self._scale = None, view, 0.0
        plane.strokes = curve_strokes(x, curves, first=1 if curves.shape[1] == 1 and classes else 0)
        plane.dots = dots_of_line(rows, classes)
        up = "probability" if classes else (rows.target if rows is not None and rows.target else "y")
        plane.axes = (rows.name(0) if rows is not None else "x", up)
        heights = np.concatenate([curves.reshape(-1), plane.dots.points[:, 1]])
        heights = heights[np.isfinite(heights)]
        low, high = (float(heights.min()), float(heights.max())) if len(heights) else (0.0, 1.0)
        room = 0.08 * (high - low) or 0.5
        plane.fit((plane.home[0], low - room, plane.home[2], high + room))

    # What is pointed at

    def _light(self, key: object) -> None:
        node = key[0] if isinstance(key, tuple) else ""
        self.session.hovered.emit(self.session.seen.here(node) if node else "")

    def words(self) -> str:
        found, plane = self.outlook, self.plane
        if found is None or self.answer is None:
            return ""
        rows = self.rows.of(found.source[0])
        if isinstance(plane.lit, tuple):
            return f"{self.session.name_of(plane.lit[0])}: unit {plane.lit[1] + 1} is 0 along this line"
        drawn = drawn_rows(rows) if rows is not None else ()
        if plane.hover is not None and rows is not None and plane.hover < len(drawn):
            return row_words(rows, int(drawn[plane.hover]))
        return f"step {self.answer.step:,}{mark_words(rows)}{self._scale_words()}"

    def _scale_words(self) -> str:
        """What the strongest colours stand for, where they stand for numbers."""
        if not self._scale:
            return ""
        return f" · orange {numbers.number(-self._scale, 2)} to blue {numbers.number(self._scale, 2)}"

    # Out

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The prediction over the mesh: features, and what the network makes of them."""
        found = self.outlook
        if found is None or self.answer is None or self.asked_of is None:
            return [], iter(())
        view, side = self.asked_of[:2]
        scores = self.values(0)
        points = np.linspace(view[0], view[2], side)[:, None]
        if found.features == 2:
            points = mesh(view, side, side)
        rows = self.rows.of(found.source[0])
        names = [rows.name(k) if rows is not None else f"x{k + 1}" for k in range(points.shape[1])]
        outs = [
            found.layers[-1].path + (f" {k + 1}" if scores.shape[1] > 1 else "")
            for k in range(scores.shape[1])
        ]
        both = np.concatenate([points, scores], axis=1)
        return [*names, *outs], iter(both.tolist())


def is_of_classes(found: Outlook, rows: Look | None) -> bool:
    """Whether the prediction is of a class: the rows have some, or the loss takes it for one."""
    if rows is not None:
        return rows.labels is not None
    return found.loss is not None and found.loss.op is not None and bool(found.loss.op.wants)


def row_words(rows: Look, row: int) -> str:
    """A row in words: its features, class or target, and part."""
    features = ", ".join(
        f"{rows.name(k)} {numbers.number(float(rows.x[row, k]))}" for k in range(min(rows.x.shape[1], 2))
    )
    if rows.labels is not None and rows.labels[row] >= 0:
        features += f" · {rows.classes[int(rows.labels[row])]}"
    elif rows.numbers is not None:
        features += f" → {numbers.number(float(np.ravel(rows.numbers[row])[0]))}"
    return f"row {row:,}: {features} · {rows.part_of(row)}".rstrip(" ·")


def mark_words(rows: Look | None) -> str:
    """What the marks mean."""
    if rows is None or not any(len(rows.splits.get(name, ())) for name in ("validation", "test")):
        return ""
    is_coloured = rows.labels is None and rows.x.shape[1] == 2
    return f" · {'squares' if is_coloured else 'hollow'}: kept apart from training"
