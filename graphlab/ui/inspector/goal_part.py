"""Gradients of what is shown in the inspector: of one of its elements, typed or selected, or of the sum of all."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from ...errors import GraphlabError
from ..icons import icon
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import TextBox
from .parts import Elided, column, quiet
from .sockets import Place

_WIDTH = 104
_TIP = (
    "Take gradients of this instead of the loss: how one number here changes with everything before it.\n"
    "Of an element comes a row of the Jacobian. Nothing is trained meanwhile; Esc leads back to the loss."
)


class GoalPart(QWidget):
    """Follows the output shown by the inspector; `show_place` says which. Parameters have none of it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._place: Place | None = None
        self.field = TextBox()
        self.element, self.sum, self.back = QPushButton(), QPushButton("sum"), QPushButton()
        self._label, self._why, self._error = quiet("gradients of"), Elided(), QLabel()
        self._build()
        session.asking.changed.connect(self.refresh)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        self._label.setFixedWidth(_WIDTH)
        self._label.setToolTip(_TIP)
        self.field.setFont(mono_font(11))
        self.field.setToolTip("The index of the element, such as 0, 2. Enter asks.")
        self.field.setAccessibleName("Index of the element to take gradients of")
        for button, tip in (
            (self.element, "Take gradients of this element: a row of the Jacobian (D on a selected element)"),
            (self.sum, "Take gradients of the sum of all elements, as y.sum().backward() does"),
        ):
            button.setProperty("role", "small")
            button.setToolTip(tip)
            button.setAccessibleName(tip.partition(":")[0])
        self.element.setIcon(icon("differentiate"))
        self.element.setIconSize(QSize(14, 14))
        self.back.setProperty("role", "link")
        self.back.setCursor(Qt.CursorShape.PointingHandCursor)
        self.back.clicked.connect(lambda: self._session.asking.leave())
        for widget, share in ((self._label, 0), (self.field, 1), (self.element, 0), (self.sum, 0)):
            row.addWidget(widget, share)
        row.addStretch(0)
        self._why.setProperty("role", "secondary")
        self._error.setProperty("role", "error")
        self._error.setWordWrap(True)
        rows = column(self, spacing=4)
        rows.addLayout(row)
        for widget in (self._error, self._why, self.back):
            rows.addWidget(
                widget, 0, Qt.AlignmentFlag.AlignLeft if widget is self.back else Qt.AlignmentFlag(0)
            )
        self.element.clicked.connect(self._ask_element)
        self.sum.clicked.connect(lambda: self._ask("sum"))
        self.field.returnPressed.connect(self._ask_element)
        self.field.textEdited.connect(lambda _: self._error.hide())
        self.field.cancelled.connect(self.field.clear)

    def show_place(self, place: Place | None) -> None:
        """Follows that output from now on; of a parameter, or nothing, there is nothing to ask."""
        if (
            place is None
            or self._place is None
            or (place.node, place.socket)
            != (
                self._place.node,
                self._place.socket,
            )
        ):
            self.field.clear()
            self._error.hide()
        self._place = place
        self.refresh()

    def select(self, index: Sequence[int] | None) -> None:
        """The element that is selected elsewhere stands in the field, unless one is being typed."""
        if index and not self.field.hasFocus():
            self.field.setText(", ".join(map(str, index)))

    def ask(self) -> None:
        """Puts the keyboard where the element is typed."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def refresh(self, *_: object) -> None:
        """Shows what can be asked, and what is asked."""
        place, asking = self._place, self._session.asking
        is_output = place is not None and place.socket in asking.outputs(place.node)
        is_output = is_output and place is not None and place.node not in self._session.inference.unhealthy
        self.setVisible(is_output)
        if place is None or not is_output:
            return
        why = "whole numbers have none" if asking.obstacle(place.node, place.socket) else ""
        axes = asking.axes(place.node, place.socket)
        self.field.setVisible(not why and axes > 0)
        self.sum.setVisible(not why and axes > 0)
        self.element.setVisible(not why)
        self.element.setText("" if axes else "this number")
        self.field.setPlaceholderText(", ".join("0" * axes))
        is_on = asking.asked is not None
        self._why.setText(why or (f"Gradients are those of {asking.title}." if is_on else ""))
        self._why.setVisible(bool(self._why.text()))
        self.back.setText(asking.way_back)
        self.back.setVisible(is_on)

    def _ask_element(self) -> None:
        place = self._place
        if place is not None and self._session.asking.axes(place.node, place.socket):
            self._ask(self.field.text() or self.field.placeholderText())
        else:
            self._ask("")

    def _ask(self, words: str) -> None:
        if self._place is None:
            return
        self._error.hide()
        try:
            self._session.asking.ask_in_words(self._place.node, self._place.socket, words)
        except GraphlabError as error:
            self._error.setText(str(error))
            self._error.show()
