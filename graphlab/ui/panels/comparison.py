"""What differs from another graph, line by line. A click, or F7, goes there; Esc ends the comparison."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from .. import numbers
from ..canvas.draw_comparison import colour_of
from ..icons import icon
from ..session import Session
from ..theme import theme_changed
from .live import EmptyState
from .registry import panel

_KINDS = ("added", "removed", "changed")
MOST = 1000  # lines


class Lines(QListWidget):
    """The list; Esc ends the comparison, Ctrl+C copies the lines."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._session.comparing.end()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        lines = (str(difference) for difference in self._session.comparing.differences)
        QGuiApplication.clipboard().setText("\n".join(lines))


@panel("comparison", "Comparison", "right", 50, shown=False)
class ComparisonPanel(QWidget):
    """The differences of `session.comparing`; while there is no comparison, the offer to begin one."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._comparing = session, session.comparing
        self.head = QLabel(self)
        self.head.setWordWrap(True)
        self.head.setProperty("role", "secondary")
        self.list = Lines(session, self)
        self.list.setWordWrap(True)
        self.list.setAccessibleName("Differences")
        self.back, self.on = (
            self._button("chevron-up", "Previous difference (Shift+F7)", lambda: self._comparing.step(-1)),
            self._button("chevron-down", "Next difference (F7)", lambda: self._comparing.step(1)),
        )
        self.end = QPushButton("End comparison", self)
        self.end.clicked.connect(self._comparing.end)
        self.empty = EmptyState("comparison", self)
        self.empty.say(
            "What differs from another graph, or from an earlier state of this one, is listed here.",
            "Compare with …",
            lambda: self._comparing.asked.emit(),
        )
        self._lay_out()
        self._listen()
        self.refresh()

    def _lay_out(self) -> None:
        self.content = QWidget(self)
        column = QVBoxLayout(self.content)
        column.setContentsMargins(12, 6, 8, 8)
        column.setSpacing(6)
        column.addWidget(self.head)
        column.addWidget(self.list, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for widget in (self.back, self.on):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.end)
        column.addLayout(row)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.empty)
        self._stack.addWidget(self.content)
        self.setMinimumSize(160, 230)

    def _listen(self) -> None:
        self._comparing.changed.connect(self.refresh)
        self._comparing.chosen.connect(self._follow)
        self.list.itemClicked.connect(lambda item: self._comparing.choose(self.list.row(item)))
        self.list.itemActivated.connect(lambda item: self._comparing.choose(self.list.row(item)))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        theme_changed.connect(self.refresh)

    def _button(self, drawing: str, tip: str, run: object) -> QPushButton:
        button = QPushButton(icon(drawing), "", self)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setProperty("role", "small")
        button.clicked.connect(run)
        return button

    def refresh(self, *_: object) -> None:
        """Writes down what differs."""
        differences = self._comparing.differences
        self._stack.setCurrentWidget(self.content if self._comparing.is_on else self.empty)
        counts = Counter[str](difference.kind for difference in differences)
        told = ", ".join(f"{numbers.figures(counts[kind])} {kind}" for kind in _KINDS if counts[kind])
        self.head.setText(f"Compared with {self._comparing.title}: {told or 'nothing differs'}.")
        self.list.clear()
        for difference in differences[:MOST]:
            item = QListWidgetItem(f"{difference.sign}  {difference.text}")
            item.setForeground(colour_of(difference.kind))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{difference.kind}: {difference.text}")
            self.list.addItem(item)
        if len(differences) > MOST:
            more = QListWidgetItem(f"and {numbers.figures(len(differences) - MOST)} more")
            more.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(more)
        for button in (self.back, self.on):
            button.setEnabled(bool(differences))
        self._follow(self._comparing.index)

    def _follow(self, index: int) -> None:
        self.list.setCurrentRow(index if index < MOST else -1)
        if 0 <= index < MOST:
            self.list.scrollToItem(self.list.item(index))

    def menu(self, row: int) -> QMenu:
        """What a right click on a line offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Go there", lambda: self._comparing.choose(row))
        take = menu.addAction("Take the other value", lambda: self._take(row))
        take.setEnabled(self._comparing.can_take(row))
        return menu

    def _menu(self, at: QPoint) -> None:
        row = self.list.indexAt(at).row()
        if 0 <= row < MOST:
            self.menu(row).popup(self.list.viewport().mapToGlobal(at))

    def _take(self, row: int) -> None:
        self._session.attempt(self._comparing.take, row)
