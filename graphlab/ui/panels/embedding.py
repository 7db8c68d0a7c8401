"""Embedding: what a layer makes of the rows of a split, seen along its principal components."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ...data.looking import Look
from ...data.splits import SPLITS
from ...lab.outlook import Layer, Outlook
from ...lab.projection import Projection, as_they_are, principal
from .. import numbers
from ..evaluating import Evaluation
from ..plane.class_legend import ClassLegend
from ..plane.outlook_panel import OutlookPanel, refill, small_combo
from ..plane.plane_view import Dots, Floats, around
from ..plane.turning import Turning, axis_strokes
from ..samples import samples_of
from ..session import Session
from ..theme import theme
from ..widgets.part_choice import PartChoice
from ..widgets.picture import grey_image
from .boundary import row_words
from .live import header_switch
from .registry import panel

MOST_ROWS = 1000
RUNNING, RESTING = (
    200_000,
    1_500_000,
)  # numbers of a layer that are asked for, while it trains and while it does not
FEWEST = 40  # rows, however large a layer is


@panel("embedding", "Embedding", "right", 60, shown=False, tabbed=True)
class EmbeddingPanel(OutlookPanel):
    """For any data and any layer; a point is a row of the data."""

    picture = "embedding"
    name = "Rows as a layer sees them"
    fills = (
        "The rows of the data stand here as a layer of the network sees them, along its principal components."
    )

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.layer_choice = small_combo("Layer", "Whose values are shown")
        self.split_choice = PartChoice(session)
        self.layer_choice.activated.connect(lambda _: self.asker.want(now=True))
        self.split_choice.chosen.connect(self._choose_part)
        self.turning = Turning(self.plane, self.show_anew)
        self.legend = ClassLegend()
        self.column.insertLayout(0, self._choices())
        self.column.insertWidget(2, self.legend)
        self.plane.equal = True
        self.plane.chosen.connect(self._choose)
        self.plane.pointed.connect(self._picture_of)
        self._projections: dict[tuple[Any, int], Projection] = {}
        self._points: Floats = np.zeros((0, 2))
        self._projection: Projection | None = None
        self._drawn: tuple[object, int] = (None, 0)

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for combo in (self.layer_choice, self.split_choice):
            combo.setMaximumWidth(240)
            row.addWidget(combo, 1)
        row.addStretch()
        return row

    def header_tools(self) -> list[QWidget]:
        return [header_switch("3-D", "Three components, turned by dragging", False, self.turning.set_on)]

    # What is asked

    def refresh_choices(self) -> None:
        found = self._outlook
        layers = list(found.layers) if found is not None else []
        items: list[tuple[str, object]] = [(layer.path, layer.end) for layer in layers]
        last_hidden = next((layer.end for layer in reversed(layers[:-1])), None)
        refill(self.layer_choice, items, last_hidden)
        self._projections.clear()

    def _refresh_splits(self, rows: Look | None) -> None:
        parts = rows.splits if rows is not None else {}
        counts = {name: n for name in SPLITS if (n := len(parts.get(name, ())))}
        otherwise = "validation" if "validation" in counts else "train"
        part = self.split_choice.part
        self.split_choice.show_parts(counts, part if part in counts else otherwise)

    @property
    def layer(self) -> Layer | None:
        """The layer that is chosen."""
        found, end = self.outlook, self.layer_choice.currentData()
        if found is None or end is None:
            return None
        return next((layer for layer in found.layers if layer.end == tuple(end)), None)

    def choose(self, layer: str = "", split: str = "") -> None:
        """Shows the layer of that name, or other rows."""
        if layer:
            self.layer_choice.setCurrentIndex(max(self.layer_choice.findText(layer), 0))
        if split:
            self.split_choice.choose(split)
        self.asker.want(now=True)

    def _choose_part(self, _: str) -> None:
        self.asker.forget()  # what is on its way is of other rows
        self.asker.want(now=True)

    def unfit(self, found: Outlook) -> str:
        node = self.session.seen.whole.nodes.get(found.source[0])
        if node is None or node.op is None or not node.op.brings:
            return f"{found.layers[0].path} has no rows of data. Add a Dataset node, or import a file."
        return ""

    def question(self, asked: Evaluation) -> object:
        found, layer = self.outlook, self.layer
        if found is None or layer is None or self.unfit(found):
            return None
        rows = self.rows.of(found.source[0])
        self._refresh_splits(rows)
        if rows is None or not self.split_choice.count():
            return None
        split = self.split_choice.part
        count = len(rows.splits[split])
        room = RUNNING if self.session.status.state == "training" else RESTING
        most = min(max(room // max(layer.size, 1), FEWEST), MOST_ROWS)
        places = np.arange(count) if count <= most else np.linspace(0, count - 1, most).astype(np.int64)
        asked.of_rows(split, [layer.end], None if count <= most else places.tolist())
        return layer, split, count

    # What is drawn

    def draw(self) -> None:
        if self.answer is None or self.asked_of is None or self.outlook is None:
            return
        rows = self.rows.of(self.outlook.source[0])
        if rows is None:
            return
        layer: Layer = self.asked_of[0]
        self._project(layer)
        plane, at = self.plane, np.asarray(self.answer.rows, np.int64)
        points, depth = self._points, None
        plane.strokes = []
        if self.turning.is_on:
            plane.strokes = axis_strokes(points, self.axis_names(layer), self.turning)
            seen = self.turning.see(points)
            points, depth = seen[:, :2], seen[:, 2]
            plane.axes = ("", "")
        else:
            plane.axes = self.axis_names(layer)[:2]
        labels = rows.labels[at] if rows.labels is not None else np.zeros(len(at), np.int64)
        plane.dots = Dots(points, labels, np.zeros(len(at), bool), self._colours(rows, at), depth)
        plane.fit(self.turning.view if self.turning.is_on else around(points))
        self.legend.show_names(rows.classes if rows.labels is not None else ())
        plane.update()

    def _project(self, layer: Layer) -> None:
        """The newest values along components that lie as they lay in the picture before; done once for an answer."""
        dimensions = self.turning.dimensions
        if self._drawn == (self.answer, dimensions):
            return
        self._drawn = (self.answer, dimensions)
        values = self.values(0)
        if values.shape[1] <= dimensions:
            made = as_they_are(values.shape[1])
        else:
            made = principal(values, dimensions, self._projections.get((layer.end, dimensions)))
        self._projections[layer.end, dimensions] = self._projection = made
        points = made.of(values)
        self._points = np.pad(points, ((0, 0), (0, dimensions - points.shape[1])))

    def axis_names(self, layer: Layer) -> tuple[str, str, str]:
        """What stands at the axes: components with their share of the variance, or units."""
        made = self._projection
        if made is None:
            return ("", "", "")
        if layer.size > self.turning.dimensions:
            names = [
                f"component {k + 1} ({numbers.percent(float(share))})" for k, share in enumerate(made.shares)
            ]
        else:
            names = [f"{layer.path} unit {k + 1}" for k in range(layer.size)]
        first, second, third, *_ = (*names, "", "", "")
        return first, second, third

    def _colours(self, rows: Look, at: NDArray[np.int64]) -> list[QColor] | None:
        """Of targets that are numbers; None where there are classes."""
        if rows.labels is not None or rows.numbers is None:
            return None
        goals = np.asarray(rows.numbers)[at].reshape(len(at), -1)[:, 0]
        return [QColor(*rgb) for rgb in theme().signed(goals)[:, :3].tolist()]

    # What is pointed at

    def row_at(self, point: int | None) -> int | None:
        """The row of the data that a point is of."""
        if point is None or self.answer is None or self.answer.rows is None or point >= len(self.answer.rows):
            return None
        return int(self.answer.rows[point])

    def _picture_of(self, point: int | None) -> None:
        row, found = self.row_at(point), self.outlook
        rows = self.rows.of(found.source[0]) if found is not None else None
        self.plane.thumbnail = None
        if row is None or rows is None or rows.image_shape is None:
            return
        image = rows.x[row].reshape(rows.image_shape)
        self.plane.thumbnail = grey_image(image[0] if image.ndim == 3 and len(image) != 3 else image)

    def _choose(self, point: int) -> None:
        """Whoever shows a row in full shows this one."""
        row = self.row_at(point)
        if row is not None:
            samples_of(self.session).point_at(row)

    def words(self) -> str:
        found = self.outlook
        if self.answer is None or self.asked_of is None or found is None:
            return ""
        rows, row = self.rows.of(found.source[0]), self.row_at(self.plane.hover)
        if row is not None and rows is not None:
            return row_words(rows, row) if rows.image_shape is None else image_words(rows, row)
        layer, split, count = self.asked_of
        shown = len(self.answer.rows)
        some = f"{shown:,} of {count:,}" if shown < count else f"{count:,}"
        return f"step {self.answer.step:,} · {some} {split} rows · {numbers.count(layer.size, 'number')} each"

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Each row shown with its coordinates and its class or target."""
        found = self.outlook
        rows = self.rows.of(found.source[0]) if found is not None else None
        if self.answer is None or self.asked_of is None or rows is None:
            return [], iter(())
        layer, split, _ = self.asked_of
        names = [name for name in self.axis_names(layer) if name]
        return ["row", "part", *names, rows.target or "target"], self._lines(rows, split, len(names))

    def _lines(self, rows: Look, split: str, count: int) -> Iterator[Sequence[Any]]:
        assert self.answer is not None
        for row, point in zip(np.asarray(self.answer.rows).tolist(), self._points.tolist(), strict=True):
            goal: Any = ""
            if rows.labels is not None:
                goal = rows.classes[int(rows.labels[row])] if rows.labels[row] >= 0 else ""
            elif rows.numbers is not None:
                goal = float(np.ravel(rows.numbers[row])[0])
            yield [row, split, *point[:count], goal]


def image_words(rows: Look, row: int) -> str:
    """A row that is an image in words: its class and part."""
    told = f"row {row:,}"
    if rows.labels is not None and rows.labels[row] >= 0:
        told += f": {rows.classes[int(rows.labels[row])]}"
    return f"{told} · {rows.part_of(row)}".rstrip(" ·")
