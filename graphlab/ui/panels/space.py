"""Space: the plane of the features as each layer sees it, bent until a straight line can part the classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtWidgets import QWidget

from ...lab.chances import chances, margins
from ...lab.lines import Mesh, line_mesh, mesh, pieces, zero_lines
from ...lab.outlook import Layer, Outlook
from ...lab.warp import Stage, between, flat_scores, is_long, stage
from .. import numbers
from ..colour import alpha
from ..evaluating import Evaluation
from ..plane.boundary_picture import class_picture, hollow_rows
from ..plane.layer_slider import LayerSlider
from ..plane.outlook_panel import OutlookPanel
from ..plane.plane_view import Dots, Floats, Stroke, around
from ..plane.turning import Turning, axis_strokes
from ..session import Session
from ..theme import theme
from .boundary import is_of_classes, row_words
from .live import header_switch
from .registry import panel

MOST_ROWS = 400
MOST_NUMBERS = 800  # of all layers for one row, up to which all are asked for at once
SIDE = 90  # points of the ground each way


@panel("space", "Space", "right", 50, shown=False, tabbed=True)
class SpacePanel(OutlookPanel):
    """A slider goes from the features through the layers to the prediction."""

    picture = "space"
    name = "Space of a layer"
    fills = "A grid over the features is carried through the layers here, to see how they bend the plane."

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.turning = Turning(self.plane, self.show_anew)
        self._before: dict[tuple[Any, int], Any] = {}
        self._stages: dict[int, Stage] = {}
        self._of: object = None
        self.way = LayerSlider()
        self.way.moved.connect(self.show_anew)
        self.column.insertWidget(0, self.way)

    def header_tools(self) -> list[QWidget]:
        return [
            header_switch(
                "3-D", "Three units, or three components, turned by dragging", False, self.turning.set_on
            )
        ]

    # Layers

    def layers(self) -> list[Layer]:
        """Those whose rows are lists of numbers."""
        found = self.outlook
        return [] if found is None else [layer for layer in found.layers if len(layer.shape) == 1]

    def unfit(self, found: Outlook) -> str:
        if found.features > 2 or len(found.layers[0].shape) != 1:
            name = found.layers[0].path
            return f"{name} gives {found.features} features, and a plane has two. See the Embedding panel."
        return ""

    def refresh_choices(self) -> None:
        self.way.show_names([layer.path for layer in self.layers()])
        self._before.clear()

    def go_to(self, path: str) -> None:
        """Shows the layer of that name."""
        self.way.go_to(path)

    # What is asked

    def question(self, asked: Evaluation) -> object:
        found = self.outlook
        if found is None or self.unfit(found):
            return None
        rows = self.rows.of(found.source[0])
        kept = np.zeros(0, np.int64)
        if rows is not None and len(rows):
            kept = np.arange(0, len(rows), max(1, -(-len(rows) // MOST_ROWS)))
        data = rows.x[kept].astype(np.float64) if rows is not None else np.zeros((0, found.features))
        net = self._net(found, data)
        layers = self.layers()
        if sum(layer.size for layer in layers) > MOST_NUMBERS:
            place = self.way.at[0]
            layers = [layers[0], *layers[max(place, 1) : place + 2]]
        points = np.concatenate([net.points, data])
        ends = list(dict.fromkeys([*(layer.end for layer in layers[1:]), found.score]))
        asked.of_arrays({found.source: points.astype(np.float32)}, ends)
        return net, kept, points, ends

    def _net(self, found: Outlook, data: Floats) -> Mesh:
        if found.features == 1:
            flat = np.stack([data[:, 0], np.zeros(len(data))], axis=1)
            x0, _, x1, _ = around(flat)
            x = np.linspace(x0, x1, 200)[:, None]
            return Mesh(x, np.arange(len(x))[None])
        return line_mesh(around(data))

    # What is drawn

    def _stage(self, place: int) -> Stage | None:
        """A layer as points of the newest answer; None where that was not asked for."""
        if self._of is not self.answer or self._dimensions != self.turning.dimensions:
            self._of, self._dimensions = self.answer, self.turning.dimensions
            self._stages.clear()
        if place not in self._stages:
            values = self._values(place)
            if values is None:
                return None
            split = len(self.asked_of[0].points)
            key = (self.layers()[place].end, self._dimensions)
            before = self._before.get(key)
            previous = self._stage(place - 1) if place and before is None else None
            made = stage(values[:split], values[split:], self._dimensions, before, previous)
            self._before[key] = made.projection
            self._stages[place] = made
        return self._stages[place]

    _dimensions = 2

    def _values(self, place: int) -> Floats | None:
        """The values of a layer at all points asked for."""
        _, _, points, ends = self.asked_of
        end = self.layers()[place].end
        if place == 0:
            return np.asarray(points, np.float64)
        return self.values(ends.index(end)) if end in ends else None

    def draw(self) -> None:
        if self.answer is None or self.asked_of is None or self.outlook is None:
            return
        place, past = self.way.at
        first = self._stage(place)
        second = self._stage(place + 1) if past else first
        if first is None or second is None:
            self.asker.want(now=True)
            return
        grid, data = (first.grid, first.rows) if not past else between(first, second, past)
        self._put(grid, data)
        self._put_ground(place if not past else -1)
        self.plane.update()

    def _put(self, grid: Floats, data: Floats) -> None:
        plane, (net, kept, _, _) = self.plane, self.asked_of
        assert self.outlook is not None
        rows = self.rows.of(self.outlook.source[0])
        depth = None
        strokes: list[Stroke] = []
        if self.turning.is_on:
            strokes = axis_strokes(np.concatenate([grid, data]), self._axis_names(), self.turning)
            grid, seen = self.turning.see(grid), self.turning.see(data)
            data, depth = seen[:, :2], seen[:, 2]
        half = len(net.lines) // 2
        now = theme()
        upright, level = net.lines[:half] if half else net.lines, net.lines[half:] if half else net.lines[:0]
        strokes += [
            Stroke(pieces(grid[:, :2], upright), alpha(now.accent, 0.55), 1.0),
            Stroke(pieces(grid[:, :2], level), alpha(now.secondary, 0.55), 1.0),
        ]
        plane.strokes = strokes
        labels = np.zeros(len(kept), np.int64)
        if rows is not None and rows.labels is not None and len(kept) == len(data):
            labels = rows.labels[kept]
        hollow = hollow_rows(rows, kept) if rows is not None else np.zeros(0, bool)
        plane.dots = Dots(data, labels, hollow, depth=depth) if len(hollow) == len(data) else Dots()
        plane.equal = self.turning.is_on or not any(is_long(self._stages[k]) for k in self._shown())
        plane.fit(
            around(np.concatenate([grid[:, :2], data])) if not self.turning.is_on else self.turning.view
        )
        plane.axes = ("", "") if self.turning.is_on else self._axis_names()[:2]

    def _shown(self) -> list[int]:
        """The layers that the picture is made of: one, or the two that it is between."""
        place, past = self.way.at
        return [place, place + 1] if past else [place]

    def _axis_names(self) -> tuple[str, str, str]:
        place, past = self.way.at
        layer, made = self.layers()[place], self._stages.get(place)
        if past or made is None:
            return ("", "", "")
        if made.projected:
            shares = (numbers.percent(float(share)) for share in made.projection.shares)
            names = [f"component {k + 1} ({share})" for k, share in enumerate(shares)]
        elif (
            place == 0
            and self.outlook is not None
            and (rows := self.rows.of(self.outlook.source[0])) is not None
        ):
            names = [rows.name(k) for k in range(layer.size)]
        else:
            names = [f"{layer.path} unit {k + 1}" for k in range(layer.size)]
        first, second, third, *_ = (*names, "", "", "")
        return first, second, third

    def _put_ground(self, place: int) -> None:
        """Where the prediction is a flat function of what is shown: the line at which it turns, and either side."""
        plane, found = self.plane, self.outlook
        plane.picture = None
        made = self._stages.get(place)
        if made is None or found is None or self.turning.is_on or made.projected:
            return
        if not is_of_classes(found, self.rows.of(found.source[0])):
            return
        _, _, _, ends = self.asked_of
        scores = self.values(ends.index(found.score))
        flat = flat_scores(np.concatenate([made.grid, made.rows]), scores)
        if flat is None:
            return
        plane.extent = view = plane.seen
        points = mesh(view, SIDE, SIDE)
        over = points @ flat[:, :2].T + flat[:, 2]
        plane.picture = class_picture(chances(found, over), SIDE)
        lines = [zero_lines(lead.reshape(SIDE, SIDE), view) for lead in margins(found, over).T]
        plane.strokes = [*plane.strokes, *(Stroke(line, theme().text, 2.0) for line in lines)]

    # What is told

    def words(self) -> str:
        if self.answer is None or self.outlook is None or self.asked_of is None:
            return ""
        rows, kept = self.rows.of(self.outlook.source[0]), self.asked_of[1]
        if self.plane.hover is not None and rows is not None and self.plane.hover < len(kept):
            return row_words(rows, int(kept[self.plane.hover]))
        layers, (place, past) = self.layers(), self.way.at
        made = self._stages.get(place)
        told = f"step {self.answer.step:,}"
        if past or made is None:
            return told
        told += f" · {numbers.count(layers[place].size, 'unit' if place else 'feature')}"
        if made.projected:
            told += f", seen along {made.projection.axes.shape[1]} components"
        if self.plane.picture is not None:
            told += (
                " · a straight line parts the classes here"
                if self._parts()
                else " · the line of the last layer"
            )
        return told

    def _parts(self) -> bool:
        """Whether every row shown is on the side of its class."""
        found = self.outlook
        assert found is not None
        rows, (net, kept, _, ends) = self.rows.of(found.source[0]), self.asked_of
        if rows is None or rows.labels is None or not len(kept):
            return False
        likely = chances(found, self.values(ends.index(found.score))[len(net.points) :])
        return bool((likely.argmax(axis=1) == rows.labels[kept]).all())

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The rows as the layer that is shown sees them: every unit of it."""
        if self.answer is None or self.outlook is None or self.asked_of is None:
            return [], iter(())
        net, kept, _, _ = self.asked_of
        layer, values = self.layers()[self.way.at[0]], self._values(self.way.at[0])
        rows = self.rows.of(self.outlook.source[0])
        if values is None or rows is None:
            return [], iter(())
        names = [f"{layer.path} {k + 1}" for k in range(layer.size)]
        goals = (
            [rows.classes[int(k)] if k >= 0 else "" for k in rows.labels[kept]]
            if rows.labels is not None
            else None
        )
        body = values[len(net.points) :].tolist()
        full = (
            [int(row), *line, *([goals[k]] if goals else [])]
            for k, (row, line) in enumerate(zip(kept, body, strict=True))
        )
        return ["row", *names, *(["class"] if goals else [])], full
