"""Walking the graph by arrow keys: to the nearest node in a direction, or along the wires."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF

from ...graph import Document
from .scene import Scene

Way = tuple[int, int]  # (1, 0) right, (0, -1) up


def nearest(scene: Scene, start: str, way: Way) -> str:
    """The node that lies next in that direction; "" for none. Sideways distance counts double."""
    if start not in scene.index:
        return ""
    return from_place(scene, scene.rect(start).center(), way)


def from_place(scene: Scene, start: QPointF, way: Way) -> str:
    """The same, seen from any place of the canvas."""
    middles = scene.rects[:, :2] + scene.rects[:, 2:] / 2
    offset = middles - (start.x(), start.y())
    ahead = offset @ np.array(way)
    aside = np.abs(offset @ np.array((way[1], way[0])))
    cost = np.where(ahead > 4, ahead + 2 * aside + np.where(aside > ahead, 4 * aside, 0), np.inf)
    k = int(cost.argmin()) if len(cost) else -1
    return scene.ids[k] if k >= 0 and np.isfinite(cost[k]) else ""


def along(document: Document, scene: Scene, start: str, way: Way) -> str:
    """Right follows the first wire out, left the first wire in; up and down go among those with the same source."""
    if start not in document.nodes:
        return ""
    if way[0]:
        edges = document.consumers(start) if way[0] > 0 else tuple(document.inputs_of(start).values())
        return (edges[0].target if way[0] > 0 else edges[0].source) if edges else ""
    siblings = {
        other.target
        for edge in document.inputs_of(start).values()
        for other in document.consumers(edge.source)
    } | {
        other.source
        for edge in document.consumers(start)
        for other in document.inputs_of(edge.target).values()
    }
    order = sorted(siblings | {start}, key=lambda i: scene.rects[scene.index[i], 1])
    at = order.index(start) + way[1]
    return order[at] if 0 <= at < len(order) else ""
