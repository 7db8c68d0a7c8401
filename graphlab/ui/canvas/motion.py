"""What moves by itself: the camera flying to a frame, nodes gliding to new places, scrolling at the edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QObject, QPointF, QTimer, QVariantAnimation

from ...graph import Point
from .camera import Camera

FLIGHT = 220  # milliseconds
GLIDE = 260
MOST_GLIDING = 1500  # more nodes than that jump
_EDGE, _SPEED = 28.0, 14.0


class Motion(QObject):
    """The running animations of one canvas. With `enabled` False everything arrives at once."""

    def __init__(self, parent: QObject, camera: Camera, changed: Callable[[], None]) -> None:
        super().__init__(parent)
        self.enabled = True
        self._camera, self._changed = camera, changed
        self._flight = _animation(self, FLIGHT)
        self._flight.valueChanged.connect(self._fly)
        self._route: tuple[tuple[float, float, float], tuple[float, float, float], QPointF] | None = None
        self._glide = _animation(self, GLIDE)
        self._glide.valueChanged.connect(self._step)
        self._glide.finished.connect(self._arrive)
        self._gliding: tuple[Mapping[str, Point], Mapping[str, Point]] | None = None
        self._show: Callable[[Mapping[str, Point]], object] = lambda places: None
        self._settle: Callable[[], object] = lambda: None

    # The camera

    def fly_to(self, state: tuple[float, float, float], middle: QPointF, *, at_once: bool = False) -> None:
        """Takes the camera there. `middle` is that of the view, in pixels."""
        self._flight.stop()
        if at_once or not self.enabled:
            self._camera.set(state)
            self._changed()
            return
        self._route = self._camera.state(), state, middle
        self._flight.start()

    def land(self) -> None:
        """The hand takes over: no more flying."""
        self._flight.stop()

    @property
    def destination(self) -> tuple[float, float, float]:
        """Where the camera is, or will be after the flight."""
        return self._route[1] if self.is_flying and self._route is not None else self._camera.state()

    @property
    def is_flying(self) -> bool:
        return self._flight.state() == QAbstractAnimation.State.Running

    def _fly(self, t: float) -> None:
        if self._route is not None:
            start, end, middle = self._route
            self._camera.set(self._camera.between(start, end, float(t), middle))
            self._changed()

    # Nodes

    def glide(
        self,
        start: Mapping[str, Point],
        end: Mapping[str, Point],
        show: Callable[[Mapping[str, Point]], object],
        settle: Callable[[], object],
    ) -> None:
        """Shows items on their way from `start` to `end`; calls `settle` when they are there."""
        self.stop_gliding()
        if not self.can_glide(len(start)):
            settle()
            return
        self._gliding, self._show, self._settle = (start, end), show, settle
        show(start)
        self._glide.start()

    def can_glide(self, count: int) -> bool:
        """Whether so many nodes would be seen on their way."""
        return self.enabled and 0 < count <= MOST_GLIDING

    def stop_gliding(self) -> None:
        """What is gliding arrives at once."""
        if self._gliding is not None:
            self._glide.stop()
            self._arrive()

    @property
    def is_gliding(self) -> bool:
        return self._gliding is not None

    def _step(self, t: float) -> None:
        if self._gliding is None:
            return
        start, end = self._gliding
        self._show(
            {i: (x + (end[i][0] - x) * t, y + (end[i][1] - y) * t) for i, (x, y) in start.items() if i in end}
        )

    def _arrive(self) -> None:
        if self._gliding is not None:
            self._gliding = None
            self._settle()


class EdgeScroll(QObject):
    """Moves the canvas while something is dragged against its edge."""

    def __init__(self, parent: QObject, pan: Callable[[float, float], None]) -> None:
        super().__init__(parent)
        self._pan = pan
        self._step = QPointF()
        self._timer = QTimer(self)
        self._timer.setInterval(16)
        self._timer.timeout.connect(self._tick)

    def follow(self, at: QPointF, width: float, height: float) -> None:
        """Starts, steers or stops by where the pointer is in a view of that size."""
        self._step = QPointF(_push(at.x(), width), _push(at.y(), height))
        if self._step.isNull():
            self._timer.stop()
        elif not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tick(self) -> None:
        self._pan(self._step.x(), self._step.y())


def _push(at: float, size: float) -> float:
    if size < 4 * _EDGE:
        return 0.0
    if at < _EDGE:
        return _SPEED * min((_EDGE - at) / _EDGE, 1.5)
    if at > size - _EDGE:
        return -_SPEED * min((at - size + _EDGE) / _EDGE, 1.5)
    return 0.0


def _animation(parent: QObject, milliseconds: int) -> QVariantAnimation:
    animation = QVariantAnimation(parent)
    animation.setDuration(milliseconds)
    animation.setStartValue(0.0)
    animation.setEndValue(1.0)
    animation.setEasingCurve(QEasingCurve.Type.OutCubic)
    return animation
