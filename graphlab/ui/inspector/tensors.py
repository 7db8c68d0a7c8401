"""Value and gradient of one node: which socket, the tensor itself, the sum over paths, setting an element."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QTabBar, QWidget

from ...engine.messages import Tensor, Watched
from ...ops.explanation import Origin
from ..copies_pointed import copies_pointed_of
from ..panels.live import Pace
from ..session import Session
from ..tensors import Wish
from ..theme import mono_font
from ..values.elements import Elements
from ..values.places import axes_of, subject_of
from ..widgets.fields import QuietCombo
from .parts import Elided, Terms, column, quiet
from .saved_part import SavedPart
from .setting import ElementSetter
from .sockets import Place, places
from .tensor_pane import TensorPane

LIMIT = 1 << 14  # elements of the watched tensor that are sent: 128×128, 64 kB a frame
LEAST = 256  # elements of one of the terms that a gradient is the sum of
_BLOCKED = "Cannot run yet: here or upstream something does not fit. The canvas shows where."
_TABS = (("Value", "value"), ("Gradient", "grad"))


class Tensors(QWidget):
    """The Value | Gradient part of the inspector. It watches what it shows, and only while it is visible."""

    placeChanged = Signal(object)  # Place, None for none
    elementSelected = Signal(object)  # full index in the value, None for none

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._places: list[Place] = []
        self._wanted: tuple[int, ...] | None = None  # to be outlined as soon as its tensor is there
        self.tabs, self.sockets, self.terms = QTabBar(), QuietCombo(), Terms()
        self.saved, self.of = SavedPart(session), Elided()
        self.value = TensorPane("Not computed yet. Step forward (F10) until this node has run.", session)
        self.gradient = TensorPane("No gradient yet. Step on until the backward pass has come here.", session)
        self._hint = quiet()
        self._pace = Pace(self.refresh, self)
        self.setter = ElementSetter(session, self.value, lambda: (self.place(), self._tensor("value")))
        self._elements = Elements(session, self)
        self._gradient_page = QWidget()
        self._build()
        session.values_changed.connect(self._values_changed)
        session.compiled.connect(self._compiled)

    def _build(self) -> None:
        self.tabs.setProperty("role", "segments")
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        for title, _ in _TABS:
            self.tabs.addTab(title)
        rows = column(self._gradient_page)
        rows.addWidget(self.of)
        rows.addWidget(self.gradient)
        rows.addWidget(self.terms)
        rows.addWidget(self.saved)
        self.of.setFont(mono_font(11))
        self.of.setProperty("role", "secondary")
        outer = column(self)
        for widget in (self.tabs, self.sockets, self.value, self._gradient_page, self._hint):
            outer.addWidget(widget)
        self.sockets.setAccessibleName("Output or parameter")
        self.tabs.currentChanged.connect(self._turn)
        self.sockets.currentIndexChanged.connect(self._turn)
        self.value.elementActivated.connect(self._activated)
        self.gradient.elementActivated.connect(lambda index: self._explain("grad", index))
        self.value.elementQuestioned.connect(lambda index: self._explain("value", index))
        self.value.view.elementDifferentiated.connect(self._differentiate)
        self.value.elementSelected.connect(self.elementSelected)
        self.gradient.elementQuestioned.connect(lambda index: self._explain("grad", index))
        for pane in (self.value, self.gradient):
            pane.elementSupposed.connect(self._suppose)
            pane.view.elementUpdated.connect(self._explain_update)
        self.value.elementWatched.connect(lambda index: self._watch_element("value", index))
        self.gradient.elementWatched.connect(lambda index: self._watch_element("grad", index))
        self._session.explainer.pointed.connect(self._point)
        self._session.explainer.went.connect(self._go_to_question)
        self.gradient.elementSelected.connect(lambda _: self._show_terms())
        self._elements.arrived.connect(self._show_terms)
        self._pointed = copies_pointed_of(self._session)
        self.terms.pointed.connect(self._pointed.at_term)
        self.terms.followed.connect(self._session.select_key)

    # -- which tensor --------------------------------------------------------------------------------------------

    def show_node(self, node: str) -> None:
        """Show the tensors of this node (id), "" for none. The socket chosen is kept if the node has it still."""
        before = self.place()
        self._places = places(self._session, node)
        same = bool(before and before.node == node)
        names = [place.socket for place in self._places]
        self.sockets.blockSignals(True)
        self.sockets.clear()
        self.sockets.addItems([place.title for place in self._places])
        if same and before and before.socket in names:
            self.sockets.setCurrentIndex(names.index(before.socket))
        self.sockets.blockSignals(False)
        self.sockets.setVisible(len(self._places) > 1)
        if not same:
            for pane in (self.value, self.gradient):
                pane.view.forget_selection()
        self._turn()

    def place(self) -> Place | None:
        """The output or parameter shown."""
        at = self.sockets.currentIndex()
        return self._places[at] if 0 <= at < len(self._places) else None

    def choose(self, socket: str) -> None:
        """Show the output or parameter of that name."""
        names = [place.socket for place in self._places]
        if socket in names:
            self.sockets.setCurrentIndex(names.index(socket))

    def show_tab(self, name: str) -> None:
        """Turn to "value" or "grad"."""
        self.tabs.setCurrentIndex([kind for _, kind in _TABS].index(name))

    def _turn(self, *_: object) -> None:
        place = self.place()
        self.value.setVisible(self._kind() == "value")
        self._gradient_page.setVisible(self._kind() == "grad")
        why_not = place.why_no_gradient if place is not None else ""
        self.tabs.setTabEnabled(1, not why_not)
        self.tabs.setTabToolTip(1, why_not)
        outputs = self._session.asking.outputs(place.node) if place is not None else ()
        self.value.view.has_goals = place is not None and place.socket in outputs
        for pane in (self.value, self.gradient):
            pane.view.is_learnt = place is not None and bool(place.of)
        self._watch()
        self.refresh()
        self.placeChanged.emit(place)

    def _edit_hint(self, place: Place | None) -> str:
        if place is None:
            return ""
        if place.is_editable and self.tabs.currentIndex() == 0:
            update = " U: its update," if place.of else ""
            return (
                "Double-click an element to change it, or Alt+drag it. "
                f"E explains,{update} I: what if?, P watches it."
            )
        return (
            "Double-click an element, or press E on it, to see how it came about. I: what if?, P watches it."
        )

    def _kind(self) -> str:
        return _TABS[self.tabs.currentIndex()][1]

    def _watch(self) -> None:
        place = self.place()
        if place is None or not self.isVisible():
            self._session.unwatch(self)
            return
        terms = self._session.ledger.keys(place.node, place.socket) if self._kind() == "grad" else ()
        wishes: list[Wish] = [place.key(self._kind())]
        limit = max(
            LIMIT // max(len(terms), 1), LEAST
        )  # of a weight that is in a thousand copies, a part of each
        wishes += [Watched(key, limit) for key in terms if len(terms) > 1]
        self._session.watch(self, wishes, LIMIT)

    def _compiled(self, *_: object) -> None:
        """Another schedule may bring other terms."""
        if self.isVisible():
            self._watch()
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        self._watch()
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._session.unwatch(self)

    # -- what it holds -------------------------------------------------------------------------------------------

    def _values_changed(self, nodes: Iterable[str]) -> None:
        place = self.place()
        if place is not None and place.node in set(nodes) and self.isVisible():
            self._pace.ask()

    def refresh(self) -> None:
        """Show the newest tensors."""
        place = self.place()
        pane = self.value if self._kind() == "value" else self.gradient
        blocked = place is not None and place.node in self._session.inference.unhealthy
        tensor = self._tensor(self._kind())
        pane.show_tensor(
            tensor,
            axes_of(self._session, place),
            missing=_BLOCKED if blocked else self._why_no_gradient(),
            subject=subject_of(self._session, place, self._kind()),
        )
        if tensor is not None and self._wanted is not None:
            pane.view.select_index(self._wanted)
            self._wanted = None
        self._hint.setText(self._edit_hint(place) if tensor is not None else "")
        self._hint.setVisible(bool(self._hint.text()))
        self.of.setText("" if place is None else self._session.ledger.title(place.node, place.socket))
        self._show_terms()

    def _why_no_gradient(self) -> str:
        """What to say where no gradient will come; "" where one may."""
        place = self.place()
        if (
            place is None
            or self._kind() != "grad"
            or self._session.ledger.is_reached(place.node, place.socket)
        ):
            return ""
        return f"{self._session.asking.title} does not depend on it: its gradient is 0."

    def _tensor(self, kind: str) -> Tensor | None:
        place = self.place()
        return self._session.tensor(kind, place.node, place.socket) if place else None

    def _show_terms(self) -> None:
        """The sum at the selected element, by default at the one that the canvas tells; and what is saved."""
        place, total = self.place(), self._tensor("grad")
        is_done = total is not None and total.fresh
        self.saved.show_node(place.node if place is not None and not place.learnable else "", is_done)
        chosen = self.gradient.view.selected_index()
        ledger, read = self._session.ledger, self._elements.of
        self.terms.set_account(
            ledger.account(place.node, place.socket, chosen, read) if place is not None else None
        )

    # -- how an element came about -------------------------------------------------------------------------------

    def _explain(self, kind: str, index: tuple[int, ...]) -> None:
        place = self.place()
        if place is not None:
            self._session.explain(kind, place.node, place.socket, index)

    def _explain_update(self, index: tuple[int, ...]) -> None:
        place = self.place()
        if place is not None and place.of:
            self._session.explain("update", place.node, place.of, index)

    def _suppose(self, index: tuple[int, ...]) -> None:
        place = self.place()
        if place is not None:
            self._session.supposing.ask_of(place, index)

    def _watch_element(self, kind: str, index: tuple[int, ...] | None) -> None:
        """Pins an element, or all of it, to the watches."""
        place = self.place()
        if place is not None:
            self._session.watches.pin(kind, *self._session.seen.end(place.node, place.socket), index)

    def _go_to_question(self) -> None:
        """Shows the element that is explained, if it is one of this node's."""
        question, end = self._session.explainer.question, self._session.seen.end
        ends = [end(place.node, place.socket) for place in self._places]
        if question is None or question.kind == "term" or (question.node, question.socket) not in ends:
            return
        self._wanted = question.index
        self.show_tab("grad" if question.kind == "grad" else "value")
        self.sockets.setCurrentIndex(ends.index((question.node, question.socket)))
        self.refresh()

    def _point(self, origins: Iterable[Origin]) -> None:
        """Marks the element that somebody points at elsewhere, if it is in the tensor shown."""
        place, pane = self.place(), self.value if self._kind() == "value" else self.gradient
        end = self._session.seen.end(place.node, place.socket) if place else None
        found = next((o for o in origins if (o.node, o.name) == end and o.kind == self._kind()), None)
        pane.view.point_at(None if found is None else found.index)

    def _differentiate(self, index: tuple[int, ...]) -> None:
        """Takes gradients of one element."""
        place = self.place()
        if place is not None:
            self._session.attempt(self._session.asking.ask, place.node, place.socket, index)

    # -- setting an element --------------------------------------------------------------------------------------

    def _activated(self, index: tuple[int, ...]) -> None:
        if self.place() is not None and not self.setter.open(index):
            self._explain("value", index)
