"""Loss surface: the loss around the present weights over two directions, and the way that training has come."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...engine import messages as m
from ...lab.lines import mesh
from ...lab.terrain import Relief, Scale, loss_at, scale_of
from ...lab.ways import Way
from .. import numbers
from ..experiments import Experiment
from ..plane.outlook_panel import EDGE, refill, small_combo
from ..plane.plane_view import Floats, PlaneView
from ..plane.surface_picture import draw_flat, draw_relief
from ..plane.turning import Turning
from ..session import Session
from ..tensors import Wish
from ..theme import mono_font
from .live import LivePanel, header_button, header_switch
from .registry import panel

KINDS = {
    "parameters": "the two parameters",
    "random": "random directions",
    "path": "directions of the path",
    "gradient": "gradient and last update",
}
ROWS = (64, 256, 1024)
FINE = 17  # points each way from which on a new surface takes the place of the one before
RUNNING, RESTING = 0.15, 6.0  # seconds of the engine's work that one may take, while it trains and otherwise
OFTEN, SELDOM = 0.5, 1.5  # seconds from one surface to the next at least, and while it trains
NEARER = 0.88  # than where all corners stay in view however one turns it: they are low
PAUSE = 250  # milliseconds after a hand has moved the view
FILLS = "The loss around the present weights stands here as a landscape, with the way that training takes over it."


class Laid:
    """A plane that was laid through the weights: what is measured of it, and the ways on it."""

    def __init__(self, request: int, quick: bool) -> None:
        self.request, self.quick = request, quick
        self.head: m.LossMapped | None = None
        self.losses: Floats | None = None
        self.view = (-1.0, -1.0, 1.0, 1.0)
        self.ways: dict[str, Way] = {"": Way()}
        self.began = time.monotonic()
        self.took = 0.0
        self._scale: tuple[object, Scale] = (None, Scale(0.0, 1.0))
        self._relief: tuple[object, Relief | None] = (None, None)

    def take(self, event: Any) -> None:
        """More of it is known."""
        if isinstance(event, m.Walked):
            self.ways.setdefault(event.racer, Way()).take(event.steps, event.points, event.now)
            return
        self.head, self.view = event, event.view
        self.took = time.monotonic() - self.began
        if event.losses is not None:
            self.losses = np.asarray(event.losses, np.float64)

    @property
    def scale(self) -> Scale:
        if self._scale[0] is not self.losses and self.losses is not None:
            self._scale = (self.losses, scale_of(self.losses))
        return self._scale[1]

    @property
    def relief(self) -> Relief | None:
        if self._relief[0] is not self.losses and self.losses is not None:
            self._relief = (self.losses, Relief(self.losses, self.view, self.scale))
        return self._relief[1]

    @property
    def now(self) -> Floats | None:
        """Where the weights are on it."""
        points = self.ways[""].points
        return points[-1] if len(points) else None

    def has_left(self) -> bool:
        """Whether the weights are outside of what is measured."""
        x0, y0, x1, y1 = self.view
        return self.now is not None and not (x0 <= self.now[0] <= x1 and y0 <= self.now[1] <= y1)

    def has_moved(self) -> bool:
        """Whether the weights are elsewhere than where it was laid."""
        if self.head is None or self.now is None:
            return False
        reach = 1e-6 * max(self.view[2] - self.view[0], self.view[3] - self.view[1])
        return float(np.abs(self.now - [*self.head.origin, 0.0]).max()) > reach


@panel("surface", "Loss surface", "right", 70, shown=False, tabbed=True)
class SurfacePanel(LivePanel):
    """Measured on a copy of the weights, beside the run."""

    picture = "surface"
    of_whole = True
    limit = 1

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.shown: Laid | None = None
        self.coming: Laid | None = None
        self.fault: tuple[str, str] = ("", "")
        self.follows = True
        self._is_chosen = False  # whether a hand has chosen the directions
        self.seed = 0
        self._over: tuple[float, float] | None = None
        self._drawn: tuple[object, ...] = ()
        self.experiment = Experiment(session, self)
        self.experiment.told.connect(self._take)
        self._moved = QTimer(self)
        self._moved.setSingleShot(True)
        self._moved.setInterval(PAUSE)
        self._moved.timeout.connect(self._measure_what_is_seen)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._follow)
        self._build()
        session.compiled.connect(self._renew)
        session.engine.recomputed.connect(self._renew)
        session.opened.connect(self._open)
        session.engine.answered.connect(self._hear_of_race)

    def _build(self) -> None:
        self.directions = small_combo("Directions", "Which two directions the surface lies along")
        self.rows = small_combo("Rows", "On how many training rows the loss is measured")
        for combo in (self.directions, self.rows):
            combo.setMaximumWidth(200)
            combo.activated.connect(lambda _: self.lay())
        self.directions.activated.connect(self._note_chosen)
        for count in ROWS:
            self.rows.addItem(f"{count:,} rows", count)
        self.rows.setCurrentIndex(ROWS.index(256))
        self.plane = PlaneView("Loss surface")
        self.plane.moved_over.connect(self._point_over)
        self.plane.pointed.connect(lambda _: self.tell())
        self.plane.line_pointed.connect(lambda _: self.tell())
        self.plane.view_changed.connect(self._moved.start)
        self.turning = Turning(self.plane, self.show_anew)
        self.read_out = QLabel()
        self.read_out.setFont(mono_font(11))
        self.read_out.setProperty("role", "secondary")
        self.read_out.setMinimumWidth(1)
        choices = QHBoxLayout()
        choices.setSpacing(4)
        choices.addWidget(self.directions, 2)
        choices.addWidget(self.rows, 1)
        choices.addStretch()
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(EDGE, 0, EDGE, 4)
        column.setSpacing(4)
        column.addLayout(choices)
        column.addWidget(self.plane, 1)
        column.addWidget(self.read_out)
        self.set_content(content)
        self._refresh_kinds()

    def header_tools(self) -> list[QWidget]:
        tip = "Lay it anew through the weights as they move; off: it stays, and the way goes on over it"
        others = header_button("", "reset", "Other random directions, or the same from here", self.lay_others)
        others.setAccessibleName("Other directions")
        return [
            others,
            header_switch("Follow", tip, self.follows, self.set_following),
            header_switch("3-D", "In space, turned by dragging", False, self.turning.set_on),
        ]

    # What is asked

    @property
    def kind(self) -> str:
        return str(self.directions.currentData() or "random")

    def choose(self, kind: str) -> None:
        """Lays the surface along other directions: one of `KINDS`."""
        self._note_chosen()
        self.directions.setCurrentIndex(max(self.directions.findData(kind), 0))
        self.lay()

    def _note_chosen(self, *_: object) -> None:
        self._is_chosen = True

    def lay_others(self) -> None:
        """Draws other random directions; of other kinds, those from where the weights are."""
        self.seed += 1
        self.plane.go_home()
        self.lay()

    def set_following(self, on: bool) -> None:
        self.follows = on
        self._follow()

    def lay(self) -> None:
        """Lays a plane through the weights as they are, and has it measured."""
        self.plane.is_moved = False
        self._ask()

    def _ask(self, stay: bool = False, view: tuple[float, float, float, float] | None = None) -> None:
        kind, rows, seed = self.kind, int(self.rows.currentData()), self.seed
        self.fault = ("", "")
        quick = self.session.status.state == "training"
        seconds = RUNNING if quick else RESTING
        number = self.experiment.begin(lambda n: m.MapLoss(n, kind, rows, seed, view, stay, seconds))
        self.coming = Laid(number, quick)

    def _measure_what_is_seen(self) -> None:
        if self.shown is not None and self.isVisible() and not self.turning.is_on:
            self._ask(stay=True, view=self.plane.seen if self.plane.is_moved else None)

    def _follow(self) -> None:
        """Lays it anew where the weights have gone on, as often as that leaves time for other things."""
        laid = self.shown
        if laid is None or laid.head is None or self.coming is not None or not laid.head.is_done:
            return
        if not self.follows or self.plane.is_moved or not self.isVisible():
            return
        rests = self.session.status.state != "training"
        if not (laid.has_left() if laid.head.exact else laid.has_moved()) and not (laid.quick and rests):
            return
        due = laid.began + laid.took + (OFTEN if rests else SELDOM) - time.monotonic()
        if due > 0:
            self._again.start(round(1000 * due) + 1)
        else:
            self._ask()

    def _refresh_kinds(self) -> None:
        loaded = self.session.loaded
        two = loaded is not None and loaded.parameters == 2
        items: list[tuple[str, object]] = [
            (text, kind) for kind, text in KINDS.items() if two or kind != "parameters"
        ]
        refill(self.directions, items, "random")
        if not self._is_chosen:
            self.directions.setCurrentIndex(self.directions.findData("parameters" if two else "random"))

    # What comes

    def _take(self, event: Any) -> None:
        laid = self.coming if self.coming is not None else self.shown
        if laid is None or laid.request != event.request:
            return
        if isinstance(event, m.LossMapped) and event.message:
            self.shown = self.coming = None
            self.experiment.forget()
            self.fault = (event.message, event.hint)
        else:
            laid.take(event)
            self._put_in_place(laid)
        self.changed()

    def _put_in_place(self, laid: Laid) -> None:
        """A new surface takes the place of the one before when it is as fine as makes sense."""
        if laid is not self.coming or laid.losses is None or laid.head is None:
            return
        if self.shown is None or len(laid.losses) >= FINE or laid.head.is_done:
            self.shown, self.coming = laid, None
            if not self.plane.is_moved and not self.turning.is_on:
                self.plane.fit(laid.view)

    def _hear_of_race(self, event: object) -> None:
        """The ways of another race take the place of those before; when it is over, all of them are to be seen."""
        if not isinstance(event, m.Raced) or event.message:
            return
        if not event.done and not event.first:
            for laid in filter(None, (self.shown, self.coming)):
                laid.ways = {"": laid.ways[""]}
        elif event.is_done and self.kind in ("path", "parameters") and self.follows and self.isVisible():
            self.lay()

    def _renew(self, *_: object) -> None:
        """The graph, or a number in it, is another; what the engine knew of a plane is gone."""
        self._forget()
        self._refresh_kinds()
        self.changed()

    def _open(self) -> None:
        self._is_chosen = False
        self._forget()

    def _forget(self, *_: object) -> None:
        self.shown = self.coming = None
        self.fault = ("", "")
        self.plane.is_moved = False
        self.experiment.forget()

    def showEvent(self, event: QShowEvent) -> None:
        self._refresh_kinds()
        if self.shown is not None and not self.experiment.is_on:
            self._ask()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._again.stop()
        self._moved.stop()
        self.experiment.stop()
        self.coming = None

    # What is drawn

    def keys(self) -> Iterable[Wish]:
        return ()

    def missing(self) -> bool:
        if lacks := self.in_the_way(FILLS):
            self.empty.say(lacks)
        elif self.fault[0]:
            self._say_fault()
        elif self.shown is None:
            if self.coming is None and self.isVisible():
                self._ask()
            self.empty.say("Measuring …")
        else:
            return False
        return True

    def _say_fault(self) -> None:
        text = " ".join(self.fault).strip()
        if self.kind == "path":
            self.empty.say(text, "Train", self._train_first, "train")
        elif self.kind != "random":
            self.empty.say(text, "Random directions", lambda: self.choose("random"))
        else:
            self.empty.say(text, "Try again", self.lay)

    def _train_first(self) -> None:
        self.session.train()
        QTimer.singleShot(500, self, self.lay)

    def redraw(self) -> None:
        self._follow()
        self.show_anew()

    def dress(self, *_: object) -> None:
        self._drawn = ()
        self.changed()

    def show_anew(self) -> None:
        """Draws the surface that is shown as it is seen."""
        laid = self.shown
        if laid is None or laid.losses is None or laid.head is None:
            return
        self.rows.setVisible(laid.head.of > 0)
        plane, relief = self.plane, laid.relief
        if self.turning.is_on and relief is not None:
            plane.axes = ("", "")
            draw_relief(plane, relief, laid.losses, laid.ways, self.turning, self._axis_names(laid.head))
            plane.fit(tuple(NEARER * edge for edge in self.turning.view))  # type: ignore[arg-type]
        else:
            plane.axes = self._axis_names(laid.head)
            draw_flat(plane, laid.losses, laid.view, laid.scale, laid.ways)
            if not plane.is_moved:
                plane.fit(laid.view)
        plane.update()
        self.tell()

    @staticmethod
    def _axis_names(head: m.LossMapped) -> tuple[str, str]:
        names = [
            name if np.isnan(share) else f"{name} ({numbers.percent(share)})"
            for name, share in zip(head.names, head.shares, strict=True)
        ]
        return names[0], names[1]

    def _point_over(self, place: tuple[float, float] | None) -> None:
        self._over = None if self.turning.is_on else place
        self.tell()

    def tell(self) -> None:
        """Writes what stands below the picture."""
        text = self.words()
        elide = self.read_out.fontMetrics().elidedText
        self.read_out.setText(elide(text, Qt.TextElideMode.ElideRight, max(self.width() - 2 * EDGE - 2, 0)))
        self.read_out.setToolTip(text)
        self.plane.setAccessibleDescription(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.tell()

    def words(self) -> str:
        """What the pointer is on; otherwise where the weights are, and what the colours mean."""
        laid = self.shown
        if laid is None or laid.head is None or laid.losses is None:
            return ""
        if self.plane.lit is not None or self.plane.hover is not None:
            return self._way_words(laid)
        if self._over is not None:
            loss = float(loss_at(laid.losses, laid.view, np.array([self._over]))[0])
            x, y = (numbers.number(v) for v in self._over)
            told = numbers.number(loss, 4) if np.isfinite(loss) else "not measured"
            return f"{laid.head.names[0]} {x}, {laid.head.names[1]} {y}: loss {told}"
        scale, head = laid.scale, laid.head
        colours = f"blue {numbers.number(scale.low)} to yellow {numbers.number(scale.high)}"
        law = ", logarithmic" if scale.logarithmic else ""
        measured = "" if head.is_done else f" · {100 * head.done // max(head.total, 1)} %"
        of = f" · {head.rows:,} of {head.of:,} training rows" if head.of else ""
        return f"step {head.step:,}: loss {numbers.number(head.here, 4)} · {colours}{law}{measured}{of}"

    def _way_words(self, laid: Laid) -> str:
        name = self.plane.lit
        if name is None and self.plane.hover is not None:
            with_points = [key for key, way in laid.ways.items() if len(way.steps)]
            name = with_points[min(self.plane.hover // 2, len(with_points) - 1)] if with_points else ""
        way = laid.ways.get(str(name), Way())
        share = "" if np.isnan(way.share) else f"; the plane holds {numbers.percent(way.share)} of it"
        span = f"step {way.steps[0]:,} to {way.steps[-1]:,}" if len(way.steps) else "no steps yet"
        return f"{name or 'the way of the run'}: {span}{share}"

    # Out

    def pictured(self) -> QWidget:
        return self.plane

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """The surface point by point, then each way: its steps, and how far off the plane they were."""
        laid = self.shown
        if laid is None or laid.head is None or laid.losses is None:
            return [], iter(())
        return ["what", "step", *laid.head.names, "loss", "off the plane"], self._lines(laid)

    @staticmethod
    def _lines(laid: Laid) -> Iterator[Sequence[Any]]:
        assert laid.losses is not None
        points = mesh(laid.view, len(laid.losses), len(laid.losses))
        for (a, b), loss in zip(points.tolist(), laid.losses.reshape(-1).tolist(), strict=True):
            yield ["surface", "", a, b, loss, ""]
        for name, way in laid.ways.items():
            for step, (a, b, off) in zip(way.steps.tolist(), way.points.tolist(), strict=True):
                yield [name or "way", step, a, b, "", off]
