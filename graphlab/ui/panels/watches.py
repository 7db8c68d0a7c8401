"""Watches: chosen numbers (a norm, one weight, the loss) with what they are now, and their curves over the steps."""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...errors import GraphlabError
from .. import numbers
from ..icons import icon
from ..painting import painting
from ..session import Session
from ..theme import mono_font, theme
from ..watches import Watch
from ..widgets.fields import TextBox
from ..widgets.own_keys import OwnKeys
from .live import LivePanel, header_switch
from .registry import panel

STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
COLOURS = ("accent", "backward", "forward", "update", "error", "secondary")
HELP = (
    "Such as grad.norm, weight[0, 2], value.mean, weight.grad.abs.max or loss: a number at the selected node"
)


@panel("watches", "Watches", "bottom", 65, icon="watch", shown=False)
class WatchesPanel(LivePanel):
    """A field to write a number in, the list of those that are watched, and their curves."""

    picture = "watch"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        from ..widgets.chart import Plot  # brings pyqtgraph, which is slow to load

        self._content = QWidget(self)
        self.list, self.field, self.error = _List(self._content), TextBox(), QLabel()
        self.view = Plot(self._content)
        self._curves: list[Any] = []
        self._logarithmic = False
        row = QHBoxLayout(self._content)
        row.setContentsMargins(8, 2, 8, 4)
        row.setSpacing(8)
        row.addLayout(self._left(), 2)
        row.addWidget(self.view, 3)
        self.set_content(self._content)
        self.list.removed.connect(session.watches.remove)
        self.list.currentItemChanged.connect(self._go)
        session.watches.changed.connect(self._fill)
        session.watches.moved.connect(self.changed)
        session.selection_changed.connect(self._offer)
        session.inference_changed.connect(self._name)
        self._fill()
        self._offer()

    def _left(self) -> QVBoxLayout:
        column, line = QVBoxLayout(), QHBoxLayout()
        column.setSpacing(4)
        line.setSpacing(6)
        self.field.setFont(mono_font(11))
        self.field.setToolTip(HELP)
        self.field.setAccessibleName("Number to watch")
        self.field.returnPressed.connect(self._add)
        self.field.cancelled.connect(self.field.clear)
        self.button = QPushButton(icon("add"), "Watch")
        self.button.setProperty("role", "small")
        self.button.clicked.connect(self._add)
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        line.addWidget(self.field, 1)
        line.addWidget(self.button)
        column.addLayout(line)
        column.addWidget(self.error)
        column.addWidget(self.list, 1)
        return column

    def header_tools(self) -> list[QWidget]:
        return [
            header_switch(
                "log", "Logarithmic axis; negative numbers by their size", False, self.set_logarithmic
            )
        ]

    def set_logarithmic(self, on: bool) -> None:
        self._logarithmic = on
        self.view.getPlotItem().setLogMode(False, on)
        self.changed()

    # Watching

    def _offer(self, *_: object) -> None:
        node = self.session.document.nodes.get(self.session.selected_node)
        self.field.setPlaceholderText(
            f"number at {node.name}, such as grad.norm" if node else "select a node first"
        )
        self.field.setEnabled(node is not None)
        self.button.setEnabled(node is not None)

    def _add(self) -> None:
        try:
            self.session.watches.add(self.session.selected_node, self.field.text())
        except GraphlabError as error:
            self.error.setText(str(error))
            self.error.show()
            return
        self.error.hide()
        self.field.clear()

    def _go(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and self.list.hasFocus():
            self.session.select_key(item.data(0, Qt.ItemDataRole.UserRole).node)

    # Showing

    def missing(self) -> bool:
        if self.session.watches.all or self.session.selected_node:
            return False
        self.empty.say(
            "Select a node to watch a number of it: the norm of its gradient, one weight, its mean."
        )
        return True

    def _fill(self) -> None:
        """The list and the curves are those of other watches."""
        self.list.show_watches(self.session.watches.all)
        self._name()
        plot = self.view.getPlotItem()
        for curve in self._curves:
            plot.removeItem(curve)
        self._curves = [plot.plot([], [], antialias=True) for _ in self.session.watches.all]
        self.dress()

    def _name(self, *_: object) -> None:
        """Nodes may be called otherwise now."""
        self.list.name([self.session.watches.title(watch) for watch in self.session.watches.all])

    def redraw(self) -> None:
        from ..widgets.chart import draw

        self.list.write(self.session.watches.all)
        for curve, watch in zip(self._curves, self.session.watches.all, strict=True):
            steps, values = watch.curve()
            draw(curve, steps, abs(values) if self._logarithmic else values)

    def dress(self, *_: object) -> None:
        import pyqtgraph as pg

        from ..widgets.chart import dress_axes

        dress_axes(self.view.getPlotItem())
        for at, curve in enumerate(self._curves):
            curve.setPen(pg.mkPen(colour_of(at), width=1.6, style=style_of(at)))
        self.list.mark()
        self.changed()


def colour_of(at: int) -> QColor:
    """The colour of a curve; those that share one differ in their stroke."""
    return theme().colours()[COLOURS[at % len(COLOURS)]]


def style_of(at: int) -> Qt.PenStyle:
    return STYLES[at % len(STYLES)]


class _List(QTreeWidget):
    """The watches by name, each with a piece of its curve's stroke and with its number. Delete removes one."""

    removed = Signal(object)  # list of Watch

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setIconSize(QSize(22, 10))
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setAccessibleName("Watched numbers; Delete removes")
        OwnKeys(self, "Delete", "Backspace", "Ctrl+A", "Home")
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def show_watches(self, watches: list[Watch]) -> None:
        self.clear()
        for watch in watches:
            item = QTreeWidgetItem()
            item.setData(0, Qt.ItemDataRole.UserRole, watch)
            item.setFont(1, mono_font(11))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.addTopLevelItem(item)
        self.write(watches)

    def name(self, titles: list[str]) -> None:
        """What the rows are called."""
        for at, title in enumerate(titles):
            self.topLevelItem(at).setText(0, title)
            self.topLevelItem(at).setToolTip(0, title)

    def write(self, watches: list[Watch]) -> None:
        """The numbers as they are now."""
        for at, watch in enumerate(watches):
            text = "not yet" if math.isnan(watch.now) else numbers.number(watch.now, 4)
            self.topLevelItem(at).setText(1, text)

    def mark(self) -> None:
        for at in range(self.topLevelItemCount()):
            self.topLevelItem(at).setIcon(0, _stroke(at, self.devicePixelRatioF()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit([item.data(0, Qt.ItemDataRole.UserRole) for item in self.selectedItems()])
        else:
            super().keyPressEvent(event)


def _stroke(at: int, ratio: float) -> QPixmap:
    picture = QPixmap(round(22 * ratio), round(10 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with painting(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(colour_of(at))
        pen.setStyle(style_of(at))
        pen.setWidthF(1.8)
        painter.setPen(pen)
        painter.drawLine(1, 5, 21, 5)
    return picture
