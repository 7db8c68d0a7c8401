"""Where one node pauses the run: after its forward or backward entry, always or under a condition."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ...errors import GraphlabError
from ..session import Session
from ..theme import mono_font
from ..widgets.fields import TextBox
from .parts import quiet

PHASES = ("forward", "backward")
SAMPLE = {"forward": "value.max > 100", "backward": "grad.norm > 10"}
_WIDTH = 104
_TIP = (
    "Pause only when this is so, for example grad.norm > 10, value[0, 2] < 0 or loss > 2 and step > 100.\n"
    "value and grad are the node's; its sockets and outputs go by their names, with .grad for their gradients;\n"
    ".norm .min .max .mean .std .zeros .size .abs say what of an array. Empty: always."
)


class Stops(QWidget):
    """A button for each phase; beneath those that are down, their conditions, each with what is wrong with it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._id = session, ""
        self.buttons: dict[str, QPushButton] = {}
        self.conditions: dict[str, TextBox] = {}
        self._rows: dict[str, QWidget] = {}
        self._errors: dict[str, QLabel] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(self._phases())
        for phase in PHASES:
            column.addWidget(self._condition(phase))
        session.breakpoints_changed.connect(self.refresh)

    def _phases(self) -> QHBoxLayout:
        row = _row()
        row.addWidget(_title("pause after", "Stepping and training pause when this node has run."))
        for phase in PHASES:
            button = QPushButton(phase)
            button.setCheckable(True)
            button.setProperty("role", "small")
            button.setToolTip(f"Breakpoint on the {phase} pass of this node (F9)")
            button.clicked.connect(lambda _, p=phase: self._session.toggle_breakpoint(self._id, p))
            row.addWidget(button, 1)
            self.buttons[phase] = button
        return row

    def _condition(self, phase: str) -> QWidget:
        box, error, whole = TextBox(), QLabel(), QWidget()
        box.setFont(mono_font(11))
        box.setPlaceholderText(f"always; or {SAMPLE[phase]}")
        box.setToolTip(_TIP)
        box.setAccessibleName(f"Condition of the {phase} breakpoint")
        box.editingFinished.connect(lambda: self._commit(phase))
        box.cancelled.connect(lambda: self._show_condition(phase))
        error.setProperty("role", "error")
        error.setWordWrap(True)
        line = _row()
        line.addWidget(_title(f"{phase} if", _TIP))
        line.addWidget(box, 1)
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(2)
        rows.addLayout(line)
        rows.addWidget(error)
        self.conditions[phase], self._errors[phase], self._rows[phase] = box, error, whole
        return whole

    def show_node(self, id: str) -> None:
        """Follows that node from now on."""
        if id != self._id:
            self._id = id
            for box in self.conditions.values():
                box.setModified(False)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Shows the breakpoints as they are; what is being typed stays."""
        there = self._session.breakpoints
        for phase, button in self.buttons.items():
            stops = (self._id, phase) in there
            button.setChecked(stops)
            self._rows[phase].setVisible(stops)
            if not self.conditions[phase].isModified():
                self._show_condition(phase)

    def ask(self) -> None:
        """Opens the condition for writing, of a breakpoint that comes into being if there is none."""
        phases = [phase for phase in PHASES if (self._id, phase) in self._session.breakpoints]
        if not phases:
            self._session.toggle_breakpoint(self._id, "forward")
        self.conditions[phases[0] if phases else "forward"].setFocus()

    def _show_condition(self, phase: str) -> None:
        self.conditions[phase].setText(self._session.condition(self._id, phase))
        self.conditions[phase].setModified(False)
        self.conditions[phase].setCursorPosition(0)
        self._errors[phase].hide()

    def _commit(self, phase: str) -> None:
        box = self.conditions[phase]
        if not box.isModified() or (self._id, phase) not in self._session.breakpoints:
            return
        try:
            self._session.set_condition(self._id, phase, box.text().strip())
        except GraphlabError as error:
            self._errors[phase].setText(str(error))
            self._errors[phase].show()
            return
        self._show_condition(phase)


def _row() -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    return row


def _title(words: str, tip: str) -> QLabel:
    label = quiet(words)
    label.setFixedWidth(_WIDTH)
    label.setToolTip(tip)
    return label
