"""Everything about one tensor, as large as there is room: which one is chosen above, or it follows the selection."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QTabBar, QToolButton, QVBoxLayout, QWidget

from ...engine.messages import Tensor, TensorKey
from ..icons import icon
from ..inspector.parts import Elided
from ..inspector.setting import ElementSetter
from ..inspector.sockets import Place, places
from ..inspector.tensor_pane import TensorPane
from ..panels.live import LivePanel
from ..session import Session
from ..tensors import Wish
from ..theme import mono_font
from ..widgets.fields import QuietCombo
from .places import axes_of, subject_of
from .subject import Subject

LIMIT = 1 << 14  # elements that come with every frame; of what is larger, parts are asked for
KINDS = (("Value", "value"), ("Gradient", "grad"))


class ValuesPage(LivePanel):
    """Pinned to a tensor, by the engine's key, or following the node that is selected."""

    picture = "values"
    limit = LIMIT
    of_whole = True
    titled = Signal(str)
    pinned = Signal(bool)
    begun = Signal()  # the first numbers are there

    def __init__(self, session: Session, parent: QWidget | None = None, key: TensorKey | None = None) -> None:
        super().__init__(session, parent)
        self._key, self._is_pinned = key, key is not None
        self._places: list[Place] = []
        self._is_begun = False
        self._node = ""  # on the sheet, that it follows
        self.pane = TensorPane("Not computed yet.", session, large=True)
        self.sockets, self.kinds, self.pin = QuietCombo(), QTabBar(), QToolButton()
        self.title, self.shape = Elided(), QLabel()
        self._setter = ElementSetter(session, self.pane, lambda: (self._place(), self._tensor()))
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 4, 12, 8)
        column.setSpacing(6)
        column.addLayout(self._head())
        column.addWidget(self.pane, 1)
        self.set_content(content)
        self.pane.elementActivated.connect(self._activated)
        self.pane.elementQuestioned.connect(self._explain)
        self.pane.elementSupposed.connect(self._suppose)
        self.pane.elementWatched.connect(self._watch_element)
        self.pane.view.elementUpdated.connect(self._explain_update)
        self.pane.view.elementDifferentiated.connect(self._differentiate)
        session.explainer.pointed.connect(self._point)

    def _head(self) -> QVBoxLayout:
        head, row, below = QVBoxLayout(), QHBoxLayout(), QHBoxLayout()
        head.setSpacing(6)
        row.setSpacing(8)
        self.title.setProperty("role", "title")
        self.shape.setProperty("role", "secondary")
        self.shape.setFont(mono_font(11))
        self.kinds.setProperty("role", "segments")
        self.kinds.setDrawBase(False)
        self.kinds.setAccessibleName("Value or gradient")
        for title, _ in KINDS:
            self.kinds.addTab(title)
        self.kinds.currentChanged.connect(self._turn)
        self.sockets.setAccessibleName("Output or parameter")
        self.sockets.setMinimumContentsLength(8)
        self.kinds.setUsesScrollButtons(False)
        self.kinds.setExpanding(False)
        self.kinds.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.sockets.activated.connect(self._turn)
        self.pin.setIcon(icon("pin"))
        self.pin.setCheckable(True)
        self.pin.setChecked(self._is_pinned)
        self.pin.setToolTip("Keep showing this tensor, whatever is selected")
        self.pin.setAccessibleName("Pinned")
        self.pin.toggled.connect(self._set_pinned)
        row.addWidget(self.title, 1)
        row.addWidget(self.shape)
        row.addWidget(self.pin)
        below.addWidget(self.kinds)
        below.addWidget(self.sockets, 3)
        below.addStretch(1)
        head.addLayout(row)
        head.addLayout(below)
        return head

    # -- which tensor --------------------------------------------------------------------------------------------

    def key(self) -> TensorKey | None:
        """The tensor shown, by the engine's key; None for none."""
        return self._key

    def show_kind(self, kind: str) -> None:
        """Turns to "value" or "grad"."""
        self.kinds.setCurrentIndex([name for _, name in KINDS].index(kind))

    def _set_pinned(self, on: bool) -> None:
        self._is_pinned = on
        self.pinned.emit(on)
        self.graph_changed()

    def _follow(self) -> None:
        """Chooses the tensor: what is pinned, else of the selected node the socket that was shown, or the first."""
        self._look_up()
        session = self.session
        wanted = self._wanted_node()
        if not self._is_pinned and wanted and wanted != self._node:
            self._node = wanted
            found = places(session, self._node)
            kind = self._key.kind if self._key is not None and self._key.kind != "term" else "value"
            self._key = self._engine_key(found[0], kind) if found else None
        elif self._is_pinned and self._key is not None:
            self._node = session.seen.here(self._key.node)
        self._places = places(session, self._node) if self._node in session.document.nodes else []
        self._show_choice()

    def _wanted_node(self) -> str:
        """The selected node; without one the one before, or else what the graph comes to."""
        session = self.session
        known = (
            session.selected_node,
            self._node,
            session.inference.goal,
            *reversed(session.inference.order),
        )
        return next((n for n in known if n in session.document.nodes and places(session, n)), "")

    def _look_up(self) -> None:
        """A node that went into a group, or is no more, is let go."""
        if self._key is not None and self._key.node not in self.session.seen.whole.nodes:
            known = {slot for slot, _ in self.session.seen.whole.learnables}
            if self._key.node not in known and not self._is_pinned:
                self._key, self._node = None, ""

    def _engine_key(self, place: Place, kind: str) -> TensorKey:
        return TensorKey(kind, *self.session.seen.end(place.node, place.socket))

    def _place(self) -> Place | None:
        """The place on the sheet of what is shown; None when it is elsewhere, or a term."""
        if self._key is None or self._key.kind == "term":
            return None
        ends = [self.session.seen.end(place.node, place.socket) for place in self._places]
        wanted = (self._key.node, self._key.socket)
        return self._places[ends.index(wanted)] if wanted in ends else None

    def _show_choice(self) -> None:
        key, place = self._key, self._place()
        for widget in (self.sockets, self.kinds):
            widget.blockSignals(True)
        self.sockets.clear()
        self.sockets.addItems([each.title for each in self._places])
        if place is not None:
            self.sockets.setCurrentIndex(self._places.index(place))
        if key is not None and key.kind != "term":
            self.kinds.setCurrentIndex(0 if key.kind == "value" else 1)
        self.kinds.setTabEnabled(1, place is None or not place.why_no_gradient)
        self.pane.view.is_learnt = place is not None and bool(place.of)
        self.kinds.setVisible(key is not None and key.kind != "term")
        self.sockets.setVisible(place is not None and len(self._places) > 1)
        for widget in (self.sockets, self.kinds):
            widget.blockSignals(False)
        title = self.subject().title
        self.title.setText(title)
        self.titled.emit(title)

    def _turn(self, *_: object) -> None:
        """Another socket, or value instead of gradient, was chosen here."""
        kind = KINDS[self.kinds.currentIndex()][1]
        at = self.sockets.currentIndex()
        if self._place() is not None and 0 <= at < len(self._places):
            self._key = self._engine_key(self._places[at], kind)
        elif self._key is not None:
            self._key = TensorKey(kind, self._key.node, self._key.socket)
        self.graph_changed()

    def subject(self) -> Subject:
        """What the view is told of the tensor."""
        place, key = self._place(), self._key
        if place is not None and key is not None:
            return subject_of(self.session, place, key.kind)
        if key is None:
            return Subject()
        name = self.session.name_of(key.node) or key.node
        if key.kind == "term":
            target, socket = key.taker
            return Subject(
                key, self.session, f"∂{name} via {self.session.name_of(target) or target}.{socket}"
            )
        return Subject(key, self.session, f"{'∂' if key.kind == 'grad' else ''}{name}.{key.socket}")

    # -- what a live panel does ----------------------------------------------------------------------------------

    def keys(self) -> Iterable[Wish]:
        self._follow()
        return [] if self._key is None else [self._key]

    def missing(self) -> bool:
        key = self._key
        if key is None:
            self.empty.say("Select a node to see its values, or pin one here.")
            return True
        if self.session.tensor_at(key) is None:
            phase = "forward" if key.kind == "value" else "backward"
            self.say_nothing_runs(f"{self.subject().title} is not computed yet.", phase)
            return True
        return False

    def redraw(self) -> None:
        key = self._key
        tensor = None if key is None else self.session.tensor_at(key)
        if tensor is None:
            return
        place = self._place()
        flat = self.session.inference.nodes.get(place.node) if place is not None else None
        outputs = flat.op.results() if flat is not None and flat.op is not None else ()
        self.pane.view.has_goals = (
            place is not None and key is not None and key.kind == "value" and place.socket in outputs
        )
        self.shape.setText(f"{'×'.join(map(str, tensor.shape)) or 'scalar'} {tensor.dtype}")
        self.pane.show_tensor(tensor, axes_of(self.session, self._place()), subject=self.subject())
        if not self._is_begun:
            self._is_begun = True
            self.begun.emit()

    # -- elements ------------------------------------------------------------------------------------------------

    def _explain(self, index: tuple[int, ...]) -> None:
        key = self._key
        if key is not None:
            self.session.explainer.ask(*_asked(key), index)

    def _explain_update(self, index: tuple[int, ...]) -> None:
        place = self._place()
        if place is not None and place.of:
            self.session.explain("update", place.node, place.of, index)

    def _suppose(self, index: tuple[int, ...]) -> None:
        key = self._key
        if key is not None and key.kind != "term":
            self.session.supposing.ask(key.node, key.socket, index)

    def _differentiate(self, index: tuple[int, ...]) -> None:
        place = self._place()
        if place is not None:
            self.session.attempt(self.session.asking.ask, place.node, place.socket, index)

    def _watch_element(self, index: tuple[int, ...] | None) -> None:
        key = self._key
        if key is not None:
            self.session.watches.pin(*_asked(key), index)

    def _activated(self, index: tuple[int, ...]) -> None:
        is_value = self._key is not None and self._key.kind == "value"
        if not (is_value and self._setter.open(index)):
            self._explain(index)

    def _tensor(self) -> Tensor | None:
        """What can be set here: a value."""
        key = self._key
        return self.session.tensor_at(key) if key is not None and key.kind == "value" else None

    def _point(self, origins: Iterable[object]) -> None:
        """Marks the element that somebody points at elsewhere, if it is in the tensor shown."""
        key = self._key
        found = None
        for origin in origins:
            names = tuple(getattr(origin, name, None) for name in ("kind", "node", "name"))
            if key is not None and names == (key.kind, key.node, key.socket):
                found = getattr(origin, "index", None)
                break
        self.pane.view.point_at(found)


def _asked(key: TensorKey) -> tuple[str, str, str]:
    """Kind, node and socket by which a question names a tensor: a term by the input that its wire ends in."""
    node, socket = key.taker if key.kind == "term" else (key.node, key.socket)
    return key.kind, node, socket
