"""Value and gradient of one node: which socket, the tensor itself, the sum over paths, setting an element."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QCursor, QHideEvent, QShowEvent
from PySide6.QtWidgets import QTabBar, QWidget

from ...engine.messages import Tensor, TensorKey
from ...errors import GraphlabError
from ...ops.explanation import Origin
from .. import numbers
from ..panels.live import Pace
from ..session import Session
from ..values.elements import Elements
from ..values.places import axes_of, subject_of
from ..widgets.fields import QuietCombo
from .element_editor import ElementEditor
from .parts import Terms, column, quiet
from .sockets import Place, places, with_element
from .tensor_pane import TensorPane

LIMIT = 1 << 14  # elements of the watched tensor that are sent: 128×128, 64 kB a frame
_BLOCKED = "Cannot run yet: here or upstream something does not fit. The canvas shows where."
_TABS = (("Value", "value"), ("Gradient", "grad"))


class Tensors(QWidget):
    """The Value | Gradient part of the inspector. It watches what it shows, and only while it is visible."""

    placeChanged = Signal(object)  # Place, None for none

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._places: list[Place] = []
        self._wanted: tuple[int, ...] | None = None  # to be outlined as soon as its tensor is there
        self.tabs, self.sockets, self.terms = QTabBar(), QuietCombo(), Terms()
        self.value = TensorPane("Not computed yet. Step forward (F10) until this node has run.", session)
        self.gradient = TensorPane("No gradient yet. Step on until the backward pass has come here.", session)
        self._hint = quiet()
        self._pace = Pace(self.refresh, self)
        self._editor = ElementEditor(self)
        self._elements = Elements(session, self)
        self._gradient_page = QWidget()
        self._build()
        session.values_changed.connect(self._values_changed)

    def _build(self) -> None:
        self.tabs.setProperty("role", "segments")
        self.tabs.setExpanding(True)
        self.tabs.setDrawBase(False)
        for title, _ in _TABS:
            self.tabs.addTab(title)
        rows = column(self._gradient_page)
        rows.addWidget(self.gradient)
        rows.addWidget(self.terms)
        outer = column(self)
        for widget in (self.tabs, self.sockets, self.value, self._gradient_page, self._hint):
            outer.addWidget(widget)
        self.sockets.setAccessibleName("Output or parameter")
        self.tabs.currentChanged.connect(self._turn)
        self.sockets.currentIndexChanged.connect(self._turn)
        self.value.elementActivated.connect(self._activated)
        self.gradient.elementActivated.connect(lambda index: self._explain("grad", index))
        self.value.elementQuestioned.connect(lambda index: self._explain("value", index))
        self.gradient.elementQuestioned.connect(lambda index: self._explain("grad", index))
        self._session.explainer.pointed.connect(self._point)
        self._session.explainer.went.connect(self._go_to_question)
        self.gradient.elementSelected.connect(lambda _: self._show_terms())
        self._editor.entered.connect(self._set_element)
        self._elements.arrived.connect(self._show_terms)

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
        integers = place is not None and place.kind == "int"
        self.tabs.setTabEnabled(1, not integers)
        self.tabs.setTabToolTip(1, "Class indices have no gradient." if integers else "")
        self._watch()
        self.refresh()
        self.placeChanged.emit(place)

    def _edit_hint(self, place: Place | None) -> str:
        if place is None:
            return ""
        if place.is_editable and self.tabs.currentIndex() == 0:
            return "Double-click an element to change it. E explains it."
        return "Double-click an element, or press E on it, to see how it came about."

    def _kind(self) -> str:
        return _TABS[self.tabs.currentIndex()][1]

    def _watch(self) -> None:
        place = self.place()
        if place is None or not self.isVisible():
            self._session.unwatch(self)
            return
        keys: list[TensorKey] = [place.key(self._kind())]
        if self._kind() == "grad" and len(place.terms) > 1:
            keys += place.terms
        self._session.watch(self, keys, LIMIT)

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
            missing=_BLOCKED if blocked else "",
            subject=subject_of(self._session, place, self._kind()),
        )
        if tensor is not None and self._wanted is not None:
            pane.view.select_index(self._wanted)
            self._wanted = None
        self._hint.setText(self._edit_hint(place) if tensor is not None else "")
        self._hint.setVisible(bool(self._hint.text()))
        self._show_terms()

    def _tensor(self, kind: str) -> Tensor | None:
        place = self.place()
        return self._session.tensor(kind, place.node, place.socket) if place else None

    def _show_terms(self) -> None:
        place, total = self.place(), self._tensor("grad")
        if place is None or len(place.terms) < 2:
            self.terms.set_terms("", [], None)
            return
        index = self._selected_index(total)
        terms = [(self._via(key), self._element(key, index)) for key in place.terms]
        whole = self._elements.of(total.key, index) if total is not None else None
        name = self._session.document.nodes[place.node].name
        title = f"∂{self._goal()}/∂{name}{numbers.index(index)} sums {len(terms)} paths"
        self.terms.set_terms(title, terms, whole)

    def _goal(self) -> str:
        return self._session.name_of(self._session.seen.whole.goal) or "goal"

    def _selected_index(self, total: Tensor | None) -> tuple[int, ...]:
        chosen = self.gradient.view.selected_index()
        if chosen is not None:
            return chosen
        return (0,) * (total.array.ndim if total is not None else 0)

    def _element(self, key: TensorKey, index: tuple[int, ...]) -> float | None:
        return self._elements.of(key, index)

    def _via(self, key: TensorKey) -> str:
        target, _, socket = key.socket.partition(".")
        name = self._session.name_of(target)
        twice = sum(1 for other in self._places_terms() if other.socket.startswith(f"{target}.")) > 1
        return f"{name}.{socket}" if twice else name

    def _places_terms(self) -> tuple[TensorKey, ...]:
        place = self.place()
        return place.terms if place else ()

    # -- how an element came about -------------------------------------------------------------------------------

    def _explain(self, kind: str, index: tuple[int, ...]) -> None:
        place = self.place()
        if place is not None:
            self._session.explain(kind, place.node, place.socket, index)

    def _go_to_question(self) -> None:
        """Shows the element that is explained, if it is one of this node's."""
        question, end = self._session.explainer.question, self._session.seen.end
        ends = [end(place.node, place.socket) for place in self._places]
        if question is None or question.kind == "term" or (question.node, question.socket) not in ends:
            return
        self._wanted = question.index
        self.show_tab(question.kind)
        self.sockets.setCurrentIndex(ends.index((question.node, question.socket)))
        self.refresh()

    def _point(self, origins: Iterable[Origin]) -> None:
        """Marks the element that somebody points at elsewhere, if it is in the tensor shown."""
        place, pane = self.place(), self.value if self._kind() == "value" else self.gradient
        end = self._session.seen.end(place.node, place.socket) if place else None
        found = next((o for o in origins if (o.node, o.name) == end and o.kind == self._kind()), None)
        pane.view.point_at(None if found is None else found.index)

    # -- setting an element --------------------------------------------------------------------------------------

    def _activated(self, index: tuple[int, ...]) -> None:
        place, tensor = self.place(), self._tensor("value")
        if place is None or tensor is None:
            return
        if not place.is_editable:
            self._explain("value", index)
            return
        value = self.value.view.value_at(index)
        self._editor.open(index, 0.0 if value is None else value, QCursor.pos() + QPoint(-20, 12))

    def _set_element(self, index: tuple[int, ...], value: float) -> None:
        place = self.place()
        if place is None:
            return
        if place.param:
            self._session.attempt(self._set_param, place, index, value)
        else:
            self._session.set_element(place.node, place.edits, index, value)

    def _set_param(self, place: Place, index: tuple[int, ...], value: float) -> None:
        """An element that the document holds is an edit of the document, with undo. Raises GraphlabError."""
        node = self._session.document.node(place.node)
        whole = node.make().params[place.param]
        if not isinstance(whole, tuple) and index:
            raise GraphlabError(f"{node.name} holds one number.", node=node.name)
        self._session.graph.set(place.node, "", **{place.param: with_element(whole, index, value)})
