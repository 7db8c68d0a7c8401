"""Watches: chosen numbers and arrays (a norm, one weight, the loss) with what they are now, and their curves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QPushButton, QTreeWidgetItem, QVBoxLayout, QWidget

from ...engine.messages import TensorKey
from ...errors import GraphlabError
from ..icons import icon
from ..saving import save_as
from ..session import Session
from ..theme import mono_font
from ..watches import Watch
from ..widgets.fields import TextBox
from ..widgets.watch_list import WatchList
from .live import LivePanel, header_switch
from .registry import panel

HELP = (
    "Such as grad.norm, weight[0, 2], value.mean, weight.grad.abs.max or loss: a number at the selected node; "
    "or weight, all of it"
)


@panel("watches", "Watches", "bottom", 65, icon="watch", shown=False)
class WatchesPanel(LivePanel):
    """A field to write a number in, the list of those that are watched, and their curves.

    The list is the legend: while the pointer is in the plot, it tells the numbers of the step there.
    """

    picture = "watch"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        from ..widgets.watch_plot import WatchPlot  # brings pyqtgraph, which is slow to load

        self._content = QWidget(self)
        self.list = WatchList(self._content, session.watches.tensor)
        self.field, self.error, self.reading = TextBox(), QLabel(), QLabel()
        self.view = WatchPlot(self._content)
        self._step: float | None = None
        row = QHBoxLayout(self._content)
        row.setContentsMargins(8, 2, 8, 4)
        row.setSpacing(8)
        row.addLayout(self._left(), 1)
        row.addWidget(self.view, 1)
        self.set_content(self._content)
        self.list.removed.connect(session.watches.remove)
        self.list.visited.connect(lambda watch: session.select_key(watch.node))
        self.list.fill_menu = self.fill_menu
        self.list.currentItemChanged.connect(self._go)
        self.view.pointed.connect(self._point)
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
        self.reading.setProperty("role", "secondary")
        self.reading.setFont(mono_font(11))
        self.reading.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.reading.setContentsMargins(0, 0, 4, 0)
        line.addWidget(self.field, 1)
        line.addWidget(self.button)
        column.addLayout(line)
        column.addWidget(self.error)
        column.addWidget(self.list, 1)
        column.addWidget(self.reading)
        return column

    def header_tools(self) -> list[QWidget]:
        return [
            header_switch(
                "log", "Logarithmic axis; negative numbers by their size", False, self.set_logarithmic
            ),
            header_switch(
                "own scales",
                "Let each curve fill the height; the list tells the numbers",
                False,
                self.set_apart,
            ),
        ]

    def set_logarithmic(self, on: bool) -> None:
        self.view.set_logarithmic(on)

    def set_apart(self, on: bool) -> None:
        self.view.set_apart(on)

    def keys(self) -> list[TensorKey]:
        """The arrays among them."""
        return [watch.whole for watch in self.session.watches.all if watch.whole is not None]

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

    # Taking away

    def fill_menu(self, menu: QMenu) -> None:
        """What the menu of the list offers besides its rows."""
        some = bool(self.session.watches.all)
        for title, run in (
            ("Copy all as CSV", self.copy_table),
            ("Save as CSV …", self.save_numbers),
            ("Save the plot as PNG …", self.save_picture),
        ):
            menu.addAction(title, run).setEnabled(some)

    def copy_table(self) -> None:
        QGuiApplication.clipboard().setText(self.session.watches.csv())

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        return self.session.watches.table()

    def save_picture(self) -> None:
        from ..widgets.watch_plot import in_words

        watches = self.session.watches
        legend = [in_words(watches.title(watch), watch.now) for watch in watches.all]
        save_as(self, self.session, "watches.png", "Picture (*.png)", lambda: self.view.png(legend))

    # Showing

    def missing(self) -> bool:
        if self.session.watches.all or self.session.selected_node:
            return False
        self.empty.say(
            "Select a node to watch a number of it: the norm of its gradient, one weight, its mean. "
            "Or press W on a number in the inspector."
        )
        return True

    def _fill(self) -> None:
        """The list and the curves are those of other watches."""
        self.list.show_watches(self.session.watches.all)
        self._name()
        self.view.set_count(len(self.session.watches.all))
        self.dress()
        self.graph_changed()

    def _name(self, *_: object) -> None:
        """Nodes may be called otherwise now."""
        self.list.name([self.session.watches.title(watch) for watch in self.session.watches.all])

    def _point(self, step: float | None) -> None:
        self._step = step
        self._write()

    def _write(self) -> None:
        self.list.write(self.session.watches.all, self._step)
        self.reading.setText("" if self._step is None else f"at step {self._step:,.0f}")
        self.reading.setVisible(self._step is not None)

    def redraw(self) -> None:
        watches: list[Watch] = self.session.watches.all
        self._write()
        self.view.show_curves([watch.curve() for watch in watches])
        self.view.setVisible(any(math.isfinite(watch.now) or watch.steps for watch in watches))

    def dress(self, *_: object) -> None:
        self.view.dress()
        self.list.mark()
        self.changed()
