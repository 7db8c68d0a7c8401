"""The bubble at a fan-out: which path adds how much to a node's gradient, and what it comes to."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from .. import numbers
from ..theme import theme
from .camera import Camera
from .ink import metrics, number_font, text_font
from .live import Live, fan_out
from .looks import LookBook
from .scene import Scene

_LINE = 16.0
_PAD = 10.0
_MOST = 6  # paths listed by name


class GradientSum(NamedTuple):
    """∂goal/∂node at one element: the terms by the name of the path, and their sum."""

    title: str
    terms: list[tuple[str, float]]
    total: float


def gradient_sum(scene: Scene, looks: LookBook, live: Live, node: str) -> GradientSum | None:
    """The sum at a fan-out once every path has arrived; None before, and where there is no fan-out.

    Of an array it shows the element with the greatest gradient, because there terms and sum are plain numbers.
    """
    outputs = scene.shape(node).outputs
    paths = fan_out(scene.document, node, outputs[0]) if outputs else []
    total = live.grad(scene, node)
    if not paths or total is None or not np.size(total.array):
        return None
    array = np.asarray(total.array)
    at = np.unravel_index(int(np.abs(np.nan_to_num(array)).argmax()), array.shape)
    terms: list[tuple[str, float]] = []
    for edge in paths:
        term = live.term(node, edge.target, edge.input)
        if term is None or np.shape(term.array) != array.shape:
            return None
        terms.append((f"via {scene.document.nodes[edge.target].name}", float(np.asarray(term.array)[at])))
    goal = looks.inference.goal
    top = scene.document.nodes[goal].name if goal in scene.document.nodes else "goal"
    place = numbers.index([int(k) for k in at])
    name = scene.document.nodes[node].name
    return GradientSum(f"∂{top}/∂{name}{place} sums {len(terms)} paths", terms, float(array[at]))


def draw_sum(painter: QPainter, camera: Camera, scene: Scene, node: str, told: GradientSum) -> None:
    """Draws the bubble below the node. `painter` is in screen units."""
    listed = told.terms[:_MOST]
    names = max(metrics(11).horizontalAdvance(name) for name, _ in listed)
    figures = [numbers.number(value, sign=True) for _, value in listed]
    total = f"= {numbers.number(told.total, sign=True)}"
    wide = max(metrics(11, 400, True).horizontalAdvance(figure) for figure in figures)
    sum_width = metrics(13, 700, True).horizontalAdvance(total)
    width = max(names + 12 + wide + 20 + sum_width, metrics(11, 600).horizontalAdvance(told.title)) + 2 * _PAD
    height = 2 * _PAD + _LINE * (len(listed) + 1) + 2
    corner = camera.screen(scene.rect(node).bottomLeft()) + QPointF(0, 12)
    box = QRectF(round(corner.x()) + 0.5, round(corner.y()) + 0.5, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().backward, 1.4))
    painter.setBrush(theme().panel)
    painter.drawRoundedRect(box, 8, 8)
    inner = box.adjusted(_PAD, _PAD, -_PAD, -_PAD)
    painter.setPen(theme().text)
    painter.setFont(text_font(11, 600))
    painter.drawText(
        QRectF(inner.left(), inner.top(), inner.width(), _LINE), Qt.AlignmentFlag.AlignVCenter, told.title
    )
    for row, ((name, value), figure) in enumerate(zip(listed, figures, strict=True), 1):
        line = QRectF(inner.left(), inner.top() + row * _LINE + 2, inner.width(), _LINE)
        painter.setFont(text_font(11))
        painter.setPen(theme().secondary)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(number_font(11))
        painter.setPen(theme().number_colour(value))
        right = QRectF(line.left() + names + 12, line.top(), wide, _LINE)
        painter.drawText(right, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, figure)
    painter.setFont(number_font(13, 700))
    painter.setPen(theme().text)
    rows = QRectF(inner.left(), inner.top() + _LINE + 2, inner.width(), _LINE * len(listed))
    painter.drawText(rows, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, total)
