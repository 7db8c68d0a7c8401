"""One picture of the canvas, from the ground up: grid, frames, notes, wires, nodes, and what lies over them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QImage, QPainter

from ...graph.drawn.shapes import MARGIN
from ..painting import painting
from .camera import Camera
from .detail import Detail, bears_all, detail_at
from .draw_frames import FramePainter
from .draw_goal import draw_goal
from .draw_ground import draw_ground, draw_hint
from .draw_health import draw_badges
from .draw_nodes import NodePainter
from .draw_notes import NotePainter
from .draw_sum import draw_plates, draw_sums
from .draw_wires import Emphasis, WirePainter
from .far_names import draw_far_names
from .live import Live
from .looks import LookBook
from .scene import Scene

_AROUND = 60.0  # canvas units by which labels and bubbles may stick out of what they belong to


class Moment(NamedTuple):
    """What a frame shows besides the graph itself. `is_held`: a hand changes something at every move."""

    selected: frozenset[str]
    emphasis: Emphasis
    focus: tuple[str, ...]  # the nodes whose sums of gradients are told
    pointed: str  # the node that is pointed at, here or in a panel
    ratio: float
    is_held: bool = False


class Picture:
    """Paints frames of a scene seen by a camera.

    Where frames follow one another in which nothing changes but the live pictures in the nodes, what lies beneath these
    is painted once and kept.
    """

    def __init__(self, scene: Scene, camera: Camera, looks: LookBook, live: Live) -> None:
        self._scene, self._camera, self._looks, self._live = scene, camera, looks, live
        self.nodes = NodePainter(scene, looks, live)
        self.wires = WirePainter(scene, looks, live)
        self.frames, self.notes = FramePainter(scene.boards), NotePainter(scene.boards)
        self._before: Hashable = None  # what the last frame depended on
        self._kept: tuple[Hashable, QImage] | None = None

    @property
    def behind(self) -> bool:
        """Whether some of what was painted last is old for now, and another pass would bring it up to date."""
        return self.nodes.behind or self.notes.behind

    def forget(self) -> None:
        """The theme or the screen is another: paint everything anew."""
        self.nodes.forget()
        self.wires.forget()
        self.notes.forget()
        self.forget_beneath()

    def forget_beneath(self) -> None:
        """The next frame is painted from the ground up."""
        self._before = self._kept = None

    def paint(self, painter: QPainter, area: QRect, whole: QRectF, moment: Moment) -> None:
        """Paints `area` (pixels) of a widget that covers `whole`."""
        scene, detail = self._scene, detail_at(self._camera.zoom)
        if not (scene.ids or scene.boards.notes or scene.boards.frames):
            draw_ground(painter, self._camera, area)
            draw_hint(painter, whole)
            return
        key = self._still(whole, moment)
        if key is not None and key == self._before:
            ratio = moment.ratio
            source = QRectF(area.x() * ratio, area.y() * ratio, area.width() * ratio, area.height() * ratio)
            painter.drawImage(QRectF(area), self._beneath(key, whole, moment), source)
        else:
            self._paint_beneath(painter, area, moment)
        self._before = None if self.notes.behind else key
        if bears_all(detail, len(scene.ids)):
            self._paint_nodes(painter, area, detail, moment)
        draw_goal(painter, self._camera, self._scene, self._live)
        draw_badges(painter, scene, self._camera, self._live.ailing, QRectF(area))
        painter.setTransform(self._camera.transform())
        self.frames.draw_over(painter, self._camera, self._camera.world_rect(QRectF(area)))
        painter.resetTransform()

    def _still(self, whole: QRectF, moment: Moment) -> Hashable:
        """All that what lies beneath the nodes depends on; None while it may change without notice."""
        if moment.is_held or self._live.flows_back:
            return None
        scene, live = self._scene, self._live
        size = whole.width(), whole.height()
        return (
            scene.version,
            self._looks.version,
            self._camera.state(),
            size,
            moment,
            live.spot,
            live.stage,
            live.breakpoints,
        )

    def _beneath(self, key: Hashable, whole: QRectF, moment: Moment) -> QImage:
        if self._kept is None or self._kept[0] != key:
            image = QImage((whole.size() * moment.ratio).toSize(), QImage.Format.Format_RGB32)
            image.setDevicePixelRatio(moment.ratio)
            with painting(image) as painter:
                self._paint_beneath(painter, whole.toRect(), moment)
            self._kept = None if self.notes.behind else (key, image)
            return image
        return self._kept[1]

    def _paint_beneath(self, painter: QPainter, area: QRect, moment: Moment) -> None:
        """Ground, notes, wires, and what marks nodes; from afar the nodes, too."""
        camera, detail = self._camera, detail_at(self._camera.zoom)
        draw_ground(painter, camera, area)
        view = camera.world_rect(QRectF(area))
        painter.setTransform(camera.transform())
        self.frames.draw(painter, camera, view, moment.selected)
        painter.resetTransform()
        self.notes.draw(painter, camera, view, moment.selected, moment.ratio)
        painter.setTransform(camera.transform())
        if detail == Detail.FAR:
            self._far(painter, view, moment)
        else:
            self._near(painter, view, detail, moment)
        painter.resetTransform()

    def _far(self, painter: QPainter, view: QRectF, moment: Moment) -> None:
        scene = self._scene
        self.wires.draw_far(painter, scene.wires_in(view), moment.emphasis)
        chosen = np.array([scene.index[i] for i in moment.selected if i in scene.index], dtype=np.intp)
        self.nodes.draw_far(painter, scene.nodes_in(view), chosen)
        self.nodes.draw_marks(painter, frozenset(), moment.pointed, self._camera.zoom)
        draw_far_names(painter, self._camera, scene, self._looks)

    def _near(self, painter: QPainter, view: QRectF, detail: Detail, moment: Moment) -> None:
        scene, camera = self._scene, self._camera
        wires = scene.wires_in(view, _AROUND).tolist()
        self.wires.draw_near(painter, camera, wires, detail, moment.emphasis)
        painter.resetTransform()
        if detail == Detail.NEAR:
            lifted = {scene.wire_index.get(key) for key in moment.emphasis.lifted}
            lying = [k for k in wires if k not in lifted] if lifted else wires
            self.wires.draw_labels(painter, camera, lying, moment.ratio)
        painter.setTransform(camera.transform())
        self.nodes.draw_marks(painter, moment.selected, moment.pointed, camera.zoom)
        if detail == Detail.NEAR:
            self.nodes.draw_reasons(painter, self._visible(view, moment.selected))

    def _paint_nodes(self, painter: QPainter, area: QRect, detail: Detail, moment: Moment) -> None:
        visible = self._visible(self._camera.world_rect(QRectF(area)), moment.selected)
        self.nodes.draw_near(painter, self._camera, visible, moment.ratio, detail)
        self._sums(painter, visible if detail == Detail.NEAR else [], moment.focus)

    def _visible(self, view: QRectF, selected: frozenset[str]) -> list[str]:
        return self._raised(self._scene.nodes_in(view, _AROUND + MARGIN).tolist(), selected)

    def _raised(self, visible: list[int], selected: frozenset[str]) -> list[str]:
        """Names in the order of painting: the selected lie above the others."""
        names = [self._scene.ids[k] for k in visible]
        if not selected:
            return names
        return [n for n in names if n not in selected] + [n for n in names if n in selected]

    def _sums(self, painter: QPainter, visible: list[str], told: tuple[str, ...]) -> None:
        """What comes together at fan-outs, where gradients are on show."""
        if not self._live.flows_back:
            return
        plain = [node for node in visible if node not in told]
        draw_plates(painter, self._camera, self._scene, self._live, plain)
        for node in told:
            if node in self._scene.index:
                draw_sums(painter, self._camera, self._scene, self._live, node)
