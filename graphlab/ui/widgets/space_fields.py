"""The three forms of a space: values in a line, the ends of a range, and what can be ticked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...graph.spaces import parse_space, parse_value, space_text, value_text
from ...graph.sweep import Space
from .. import numbers
from ..theme import mono_font

_ROWS = 8  # that show at once
_ROW = 24  # pixels


def _line(name: str, width: int = 0) -> QLineEdit:
    line = QLineEdit()
    line.setFont(mono_font(12))
    line.setAccessibleName(name)
    if width:
        line.setFixedWidth(width)
    return line


class _Part(QWidget):
    """One of the forms."""

    edited = Signal()
    submitted = Signal()

    def show_space(self, space: Space) -> None:
        """Show that. Sends nothing."""
        raise NotImplementedError

    def space(self, kind: str) -> Space:
        """What stands there. GraphlabError: it is none."""
        raise NotImplementedError

    def focus(self) -> None:
        """Takes the keyboard."""
        raise NotImplementedError


class Values(_Part):
    """8, 16, 32."""

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.line = _line("Values, with commas in between")
        self.line.setPlaceholderText("8, 16, 32")
        row.addWidget(self.line, 0, Qt.AlignmentFlag.AlignTop)
        self.line.textEdited.connect(self.edited)
        self.line.returnPressed.connect(self.submitted)

    def show_space(self, space: Space) -> None:
        self.line.setText(", ".join(map(value_text, space.values)))

    def space(self, kind: str) -> Space:
        text = self.line.text().strip().replace(numbers.MINUS, "-")
        return parse_space(f"{kind}:{text}")

    def focus(self) -> None:
        self.line.setFocus()
        self.line.selectAll()


class Ends(_Part):
    """From low to high; of whole numbers the step, and whether small ones come more often."""

    def __init__(self) -> None:
        super().__init__()
        self._kind = "range"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.low, self.high, self.step = _line("Lowest"), _line("Highest"), _line("Step", 52)
        self.log = QCheckBox("small numbers more often (log)")
        row = QHBoxLayout()
        row.setSpacing(8)
        self._by = QLabel("by")
        for word, line in (("from", self.low), ("to", self.high)):
            row.addWidget(QLabel(word))
            row.addWidget(line, 1)
        row.addWidget(self._by)
        row.addWidget(self.step)
        column.addLayout(row)
        column.addWidget(self.log)
        for line in (self.low, self.high, self.step):
            line.textEdited.connect(self.edited)
            line.returnPressed.connect(self.submitted)
        self.log.clicked.connect(self.edited)

    def show_space(self, space: Space) -> None:
        ends = space_text(Space("range", (), space.low, space.high)).split(":")
        self.low.setText(ends[0])
        self.high.setText(ends[1])
        self.step.setText(str(space.step))
        self.log.setChecked(space.log)
        is_whole = space.kind == "integer"
        for widget in (self._by, self.step, self.log):
            widget.setVisible(is_whole)

    def space(self, kind: str) -> Space:
        low, high, step = (
            line.text().strip().replace(numbers.MINUS, "-") for line in (self.low, self.high, self.step)
        )
        if kind == "integer":
            return parse_space(f"{'intlog' if self.log.isChecked() else 'int'}:{low}:{high}:{step or 1}")
        return parse_space(f"{kind}:{low}:{high}")

    def focus(self) -> None:
        self.low.setFocus()
        self.low.selectAll()


def said(value: object) -> str:
    """A choice as a person reads it: ReLU, on, automatic."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return "automatic" if value is None else str(value)


class _List(QListWidget):
    """Return is for whoever edits, not for a row."""

    returned = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.returned.emit()
        else:
            super().keyPressEvent(event)


class Choices(_Part):
    """Rows to tick, and a line that adds another where more is known than is listed."""

    def __init__(self) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.list = _List()
        self.list.setAccessibleName("What to choose from")
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.more = _line("Another one")
        self.more.setPlaceholderText("another operation, group or part")
        column.addWidget(self.list)
        column.addWidget(self.more)
        self.list.itemChanged.connect(lambda _: self.edited.emit())
        self.list.returned.connect(self.submitted)
        self.more.returnPressed.connect(self._add)

    def offer(self, choices: Sequence[object], more: Sequence[str]) -> None:
        """These can be ticked, and those added."""
        self.list.blockSignals(True)
        self.list.clear()
        for choice in choices:
            self._row(choice, False)
        self.list.blockSignals(False)
        self.more.clear()
        self.more.setVisible(bool(more))
        completer = QCompleter(list(more), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.InlineCompletion)
        self.more.setCompleter(completer)
        self._fit()

    def show_space(self, space: Space) -> None:
        self.list.blockSignals(True)
        there = [self._value(k) for k in range(self.list.count())]
        for value in space.values:
            if value not in there:
                self._row(value, True)
        for k in range(self.list.count()):
            on = any(type(v) is type(self._value(k)) and v == self._value(k) for v in space.values)
            self.list.item(k).setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.blockSignals(False)
        self._fit()

    def space(self, kind: str) -> Space:
        rows = range(self.list.count())
        on = Qt.CheckState.Checked
        return Space(kind, tuple(self._value(k) for k in rows if self.list.item(k).checkState() == on))

    def focus(self) -> None:
        self.list.setFocus()
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)

    def _add(self) -> None:
        """Adds what is typed, ticked; Return with nothing typed is the whole form's."""
        if not self.more.text().strip():
            self.submitted.emit()
            return
        value = parse_value(self.more.text())
        there = [k for k in range(self.list.count()) if self._value(k) == value]
        self.list.blockSignals(True)
        if there:
            self.list.item(there[0]).setCheckState(Qt.CheckState.Checked)
        else:
            self._row(value, True)
        self.list.blockSignals(False)
        self.more.clear()
        self._fit()
        self.list.scrollToItem(self.list.item(there[0] if there else self.list.count() - 1))
        self.edited.emit()

    def _row(self, value: object, on: bool) -> None:
        item = QListWidgetItem(said(value))
        item.setData(Qt.ItemDataRole.UserRole, value_text(value))
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsSelectable
        )
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        self.list.addItem(item)

    def _value(self, row: int) -> object:
        return parse_value(self.list.item(row).data(Qt.ItemDataRole.UserRole))

    def _fit(self) -> None:
        """As high as its rows, up to a few of them."""
        rows = min(max(self.list.count(), 1), _ROWS)
        height = max(self.list.sizeHintForRow(0), _ROW) if self.list.count() else _ROW
        self.list.setFixedHeight(rows * height + 2 * self.list.frameWidth() + 8)
