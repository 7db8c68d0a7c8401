"""The toolbar: file, undo, the schedule, the phases in their colours, training, speed, and the search field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from . import icons
from .actions.action_set import shown
from .actions.registry import get
from .icons import icon
from .painting import painting
from .player import FULL
from .theme import Theme, mono_font, theme, theme_changed, ui_font

if TYPE_CHECKING:
    from .window import MainWindow

GROUPS: tuple[tuple[str, ...], ...] = (
    ("file.new", "file.open", "file.save"),
    ("edit.undo", "edit.redo"),
    ("run.to_start", "run.back", "run.step", "run.into", "run.out", "run.to_end"),
    ("run.forward", "run.backward", "run.update"),
    ("run.train", "run.pause", "run.stop"),
)
ROOMY = 1380  # pixels
WORDY = 1330  # below, the buttons go without words
WORDED = {"run.step", "run.forward", "run.backward", "run.update", "run.train"}


class SearchField(QPushButton):
    """Looks like a field; a click opens the command palette."""

    def __init__(self, keys: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setText("")
        self.setAccessibleName("Find or do anything")
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(30)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        return QSize(216, 30)

    def minimumSizeHint(self) -> QSize:
        return QSize(110, 30)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme()
        with painting(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(now.accent if self.hasFocus() else now.hover if self.underMouse() else now.line)
            painter.setBrush(now.well)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
            icons.paint(painter, "search", QRectF(9, 8, 14, 14), now.secondary)
            painter.setPen(now.secondary)
            painter.setFont(mono_font(11))
            keys = painter.fontMetrics().horizontalAdvance(self._keys)
            room = self.rect().adjusted(30, 0, -10, 0)
            painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._keys)
            painter.setFont(ui_font(12))
            room.setRight(room.right() - keys - 8)
            words = painter.fontMetrics().elidedText(
                "Find or do anything", Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


class ToolBar(QToolBar):
    """Made from the actions; the slider sets the session's player."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__("Toolbar", window)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.setIconSize(QSize(18, 18))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._window = window
        self._worded: list[QToolButton] = []
        for k, group in enumerate(GROUPS):
            if k:
                self.addSeparator()
            for id in group:
                self._add(id)
        self.addSeparator()
        self._add_speed()
        self._add_search()
        self._dress(theme())
        theme_changed.connect(self._dress)

    def _add(self, id: str) -> None:
        declared, made = get(id), self._window.actions_[id]
        button = QToolButton(self)
        button.setDefaultAction(made)
        button.setObjectName(id.replace(".", "-"))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if id in WORDED:
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._worded.append(button)
        if declared.phase:
            button.setProperty("phase", declared.phase)
            button.setIcon(icon(declared.icon, declared.phase))
            # an action that changes puts its own, uncoloured icon back
            made.setIcon(icon(declared.icon, declared.phase))
        self.addWidget(button)

    def _add_speed(self) -> None:
        box = QWidget(self)
        row = QHBoxLayout(box)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(8)
        self._title = QLabel("speed", box)
        self._title.setProperty("role", "secondary")
        self.slider = QSlider(Qt.Orientation.Horizontal, box)
        self.slider.setRange(0, FULL)
        self.slider.setValue(self._window.session.player.level)
        self.slider.setFixedWidth(96)
        self.slider.setPageStep(1)
        self.slider.setAccessibleName("Speed of training")
        self.speed = QLabel(box)
        self.speed.setProperty("role", "secondary")
        self.speed.setFixedWidth(92)
        for part in (self._title, self.slider, self.speed):
            row.addWidget(part)
        self.slider.valueChanged.connect(self._window.session.player.set_level)
        self._window.session.player.changed.connect(self._show_speed)
        self._show_speed()
        self.addWidget(box)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the slider goes without words, in a narrower one the buttons do, too."""
        roomy = event.size().width() >= ROOMY
        wordy = event.size().width() >= WORDY
        style = Qt.ToolButtonStyle
        for button in self._worded:
            button.setToolButtonStyle(style.ToolButtonTextBesideIcon if wordy else style.ToolButtonIconOnly)
        self._title.setVisible(roomy)
        self.speed.setVisible(roomy)
        super().resizeEvent(event)

    def _show_speed(self) -> None:
        player = self._window.session.player
        self.speed.setText(player.text)
        self.slider.setToolTip(f"How fast Train goes: {player.text}")
        self.slider.blockSignals(True)
        self.slider.setValue(player.level)
        self.slider.blockSignals(False)

    def _add_search(self) -> None:
        gap = QWidget(self)
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self.search = SearchField(shown(get("tools.palette").shortcuts[0]), self)
        self.search.setToolTip("Commands, nodes, operations, examples")
        self.search.clicked.connect(lambda: self._window.finder.open())
        self.addWidget(self.search)

    def _dress(self, now: Theme) -> None:
        phases = "".join(
            f"QToolButton[phase='{name}'] {{ color: {now.phase(name).name()}; background: {now.raised.name()};"
            f" border: 1px solid {now.line.name()}; padding: 4px 5px; margin: 0 1px; }}"
            f"QToolButton[phase='{name}']:hover {{ border-color: {now.phase(name).name()}; }}"
            f"QToolButton[phase='{name}']:focus {{ border-color: {now.accent.name()}; }}"
            f"QToolButton[phase='{name}']:pressed {{ background: {now.pressed.name()}; }}"
            f"QToolButton[phase='{name}']:disabled {{ color: {now.faint.name()}; background: {now.panel.name()}; }}"
            for name in ("forward", "backward", "update")
        )
        step = (
            f"#run-step {{ color: {now.text.name()}; background: {now.selection.name()};"
            f" border: 1px solid {now.accent.name()}; padding: 4px 6px; }}"
            f"#run-step:hover {{ background: {now.tint(now.accent, 0.36, now.panel).name()}; }}"
            f"#run-step:focus {{ border-color: {now.text.name()}; }}"
            f"#run-step:disabled {{ color: {now.faint.name()}; background: {now.panel.name()};"
            f" border-color: {now.line.name()}; }}"
            f"#run-train {{ background: {now.raised.name()}; border: 1px solid {now.line.name()};"
            f" padding: 4px 6px; }}"
            f"#run-train:hover {{ background: {now.hover.name()}; }}"
            f"#run-train:focus {{ border-color: {now.accent.name()}; }}"
            f"#run-train:disabled {{ background: {now.panel.name()}; }}"
        )
        self.setStyleSheet(phases + step)
