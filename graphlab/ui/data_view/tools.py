"""The tools for painting points, and the classes to paint with, as a strip of buttons."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from ..class_marks import mark_pixmap
from ..icons import icon
from ..theme import theme_changed

_TOOLS = (
    ("look", "search", "Look (L): point at a row to see what it is"),
    ("brush", "brush", "Brush (B): click for a point, drag for a line of points"),
    ("spray", "spray", "Spray (S): hold the button for a cloud of points"),
    ("erase", "eraser", "Erase (E): drag over points to take them away"),
    ("move", "hand-move", "Move (M): drag a point to another place"),
)
MOST = 8  # classes


class ToolStrip(QWidget):
    """`tool_chosen` and `class_chosen` tell of a click; `class_wanted` asks for one more class."""

    tool_chosen = Signal(str)
    class_chosen = Signal(int)
    class_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tools: dict[str, QToolButton] = {}
        self.classes: list[QToolButton] = []
        self._names: tuple[str, ...] = ()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self._tool_group, self._class_group = QButtonGroup(self), QButtonGroup(self)
        for name, picture, tip in _TOOLS:
            button = self._button(tip)
            button.setIcon(icon(picture))
            button.clicked.connect(lambda _=False, n=name: self.tool_chosen.emit(n))
            self._tool_group.addButton(button)
            self.tools[name] = button
            row.addWidget(button)
        row.addSpacing(6)
        self._classes_row = QHBoxLayout()
        self._classes_row.setSpacing(1)
        row.addLayout(self._classes_row)
        self.more = self._button("One more class", checkable=False)
        self.more.setIcon(icon("add"))
        self.more.clicked.connect(self.class_wanted)
        row.addWidget(self.more)
        row.addStretch(1)
        theme_changed.connect(self._dress)

    def _button(self, tip: str, checkable: bool = True) -> QToolButton:
        button = QToolButton()
        button.setCheckable(checkable)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(":")[0])
        button.setIconSize(QSize(16, 16))
        button.setFixedSize(25, 25)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keyboard to the points
        return button

    def show_tool(self, name: str) -> None:
        self.tools[name].setChecked(True)

    def show_class(self, index: int) -> None:
        if index < len(self.classes):
            self.classes[index].setChecked(True)

    def show_classes(self, names: tuple[str, ...], chosen: int, may_add: bool) -> None:
        """One button for each class, with its mark and its key."""
        names = names[:MOST]
        if names != self._names:
            self._names = names
            for button in self.classes:
                self._class_group.removeButton(button)
                button.hide()
                button.deleteLater()
            self.classes = []
            for k, name in enumerate(names):
                button = self._button(f"Paint {name} ({k + 1})")
                button.setFixedWidth(22)
                button.clicked.connect(lambda _=False, i=k: self.class_chosen.emit(i))
                self._class_group.addButton(button)
                self._classes_row.addWidget(button)
                self.classes.append(button)
            self._dress()
        self.show_class(chosen)
        self.more.setVisible(may_add and len(names) < MOST)

    def _dress(self, *_: object) -> None:
        for k, button in enumerate(self.classes):
            button.setIcon(QIcon(mark_pixmap(k, 5.0, ratio=self.devicePixelRatioF())))
