"""Moments: what the run held at two times, side by side: every array by how much it changed, and one in pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QListWidgetItem,
    QMenu,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...engine.messages import NOW, Pair
from .. import numbers
from ..icons import icon
from ..moments import RememberedMoment
from ..session import Session
from ..widgets.fields import QuietCombo
from ..widgets.triptych import Triptych
from .live import LivePanel, Pace, header_button
from .moments_model import KINDS, DifferenceModel
from .moments_parts import NUMBER, DifferenceTable, MomentList
from .registry import panel

WIDE = 820  # pixels from which the list stands beside the table


@panel("moments", "Moments", "bottom", 66, icon="moments", shown=False)
class MomentsPanel(LivePanel):
    """The list of moments; A and B; the arrays of both by their change; the chosen one as A, B and B − A."""

    picture = "moments"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.moments = session.moments
        self.list = MomentList()
        self.a, self.b, self.kinds = QuietCombo(), QuietCombo(), QuietCombo()
        self.swap = QToolButton()
        self.model = DifferenceModel(self)
        self.grid = DifferenceTable(self.model)
        self.words, self.room = QLabel(), QLabel()
        self.three = Triptych()
        self._is_filling = False
        self._asking = Pace(self.moments.refresh, self, fastest=100)
        self.set_content(self._build())
        self._listen()
        self._fill()

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """The arrays of both moments with their change, as they are listed."""
        header = [
            "array",
            "shape",
            "relative change",
            "norm in A",
            "norm in B",
            "norm of B − A",
            "cosine",
            "state",
        ]
        return header, [
            (r.name, "×".join(map(str, r.shape)), r.relative, r.a, r.b, r.difference, r.cosine, r.state)
            for r in self.model.rows
        ]

    # Put together

    def _build(self) -> QWidget:
        content = self._halves = QSplitter(Qt.Orientation.Horizontal, self)
        content.setChildrenCollapsible(False)
        content.setHandleWidth(10)
        content.setStyleSheet("QSplitter::handle { background: transparent; }")
        content.setContentsMargins(10, 2, 8, 6)
        self.three.setMinimumWidth(200)
        content.addWidget(self._left())
        content.addWidget(self.three)
        for at, share in enumerate((5, 6)):
            content.setStretchFactor(at, share)
        return content

    def _left(self) -> QWidget:
        """The list beside the table, or above it where there is little room."""
        holder = QWidget()
        holder.setMinimumWidth(220)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self._dress_choosers()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.setSpacing(6)
        self._both.addWidget(self.list)
        self._both.addWidget(self.grid, 1)
        column.addLayout(self._both, 1)
        line = QHBoxLayout()
        for label in (self.words, self.room):
            label.setProperty("role", "secondary")
            label.setMinimumWidth(1)
        line.addWidget(self.words, 1)
        line.addWidget(self.room)
        column.addLayout(line)
        return holder

    def _dress_choosers(self) -> None:
        """A and B are chosen above their pictures."""
        for letter, combo in (("A", self.a), ("B", self.b)):
            combo.setAccessibleName(f"Moment {letter}")
            combo.setToolTip(f"Which moment is {letter}")
            combo.setMinimumContentsLength(4)
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setStyleSheet("font-size: 12px; padding: 1px 6px;")
            self.three.put_above(letter.lower(), combo)
        self.swap.setIcon(icon("swap"))
        self.swap.setToolTip("Exchange A and B")
        self.swap.setAccessibleName("Exchange A and B")
        self.swap.setFixedHeight(24)
        self.three.put_above("difference", self.swap, stretch=False)
        self.kinds.addItems(list(KINDS))
        self.kinds.setAccessibleName("Which arrays")
        self.kinds.setToolTip("Which arrays the table lists")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE
        way = QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom
        self._both.setDirection(way)
        self.list.setMaximumSize(*((150, 10_000) if is_wide else (10_000, 48)))
        self.room.setVisible(is_wide and self.moments.room >= 0)

    def header_tools(self) -> list[QWidget]:
        tip = "Keep what the run holds now, to compare it later (Ctrl+M)"
        self.kinds.setFixedHeight(20)
        self.kinds.setStyleSheet("font-size: 11px; padding: 0 6px;")
        return [self.kinds, header_button("remember", "moment", tip, self.moments.remember)]

    def _listen(self) -> None:
        moments, session = self.moments, self.session
        moments.changed.connect(self._fill)
        moments.compared.connect(self._compared)
        moments.looked_at.connect(self._show_pair)
        for signal in (session.status_changed, session.values_changed):
            signal.connect(self._run_moved)
        session.selection_changed.connect(self._follow_selection)
        self.a.activated.connect(self._choose)
        self.b.activated.connect(self._choose)
        self.swap.clicked.connect(moments.swap)
        self.kinds.currentTextChanged.connect(self._choose_kind)
        self.list.removed.connect(moments.delete)
        self.list.renamed.connect(moments.rename)
        self.list.chosen.connect(lambda number: moments.choose(number, self._other(number)))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.grid.selectionModel().currentRowChanged.connect(self._look)
        self.grid.clicked.connect(lambda index: self._look(index))
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._table_menu)
        self.three.questioned.connect(self._explain)
        self.three.watched.connect(self._watch)

    # What there is

    def missing(self) -> bool:
        if self.moments.all:
            return False
        self.empty.say(
            "Remember a moment, go on, and compare: weights before and after an update, two batches, "
            "or before and after an edit.",
            "Remember this moment",
            self.moments.remember,
            "moment",
        )
        return True

    def redraw(self) -> None:
        self._asking.ask()

    def _fill(self, *_: object) -> None:
        """Others are there, or others are compared."""
        self._is_filling = True
        moments = self.moments
        self.list.show_moments(moments.all, self._facts)
        for combo, chosen in ((self.a, moments.a), (self.b, moments.b)):
            combo.clear()
            for moment in moments.all:
                combo.addItem(moment.name, moment.number)
            combo.addItem("now", NOW)
            combo.setCurrentIndex(max(combo.findData(chosen), 0))
        self.room.setText(f"room for {numbers.size_of(moments.room)}" if moments.room >= 0 else "")
        self.room.setVisible(moments.room >= 0 and self.width() >= WIDE)
        self._is_filling = False
        self._compared()
        self._show_pair()
        self.changed()

    def _facts(self, moment: RememberedMoment) -> str:
        """What the list says of a moment besides its name."""
        edited = "\nThe graph was edited since." if self.moments.is_of_another_graph(moment) else ""
        left = (
            f"\n{numbers.count(moment.left_out, 'array')} of {numbers.size_of(moment.left_bytes)} found no room."
            if moment.left_out
            else ""
        )
        return f"{moment.told}\n{numbers.size_of(moment.bytes)} more than the moment before{left}{edited}"

    # What is compared

    def _other(self, number: int) -> int:
        """What a moment that was chosen in the list is compared with."""
        return self.moments.b if self.moments.b != number else NOW

    def _choose(self, *_: object) -> None:
        if not self._is_filling:
            self.moments.choose(self.a.currentData(), self.b.currentData())

    def _choose_kind(self, kind: str) -> None:
        self.model.show_kind(kind)
        self._compared()

    def _run_moved(self, *_: object) -> None:
        if self.isVisible() and self.moments.is_live and self.moments.is_comparing:
            self._asking.ask()

    def _compared(self, *_: object) -> None:
        moments = self.moments
        self._is_filling = True
        self.model.show_rows(moments.rows)
        at = self.model.row_of(moments.key)
        if at >= 0:
            self.grid.setCurrentIndex(self.model.index(at, 0))
        self._is_filling = False
        if at < 0 and self.model.rows:
            self._choose_row()
        self.words.setText(self._summary())
        self.words.setToolTip(self._summary())
        self.words.setVisible(bool(self.words.text()))

    def _choose_row(self) -> None:
        """The array that changed most, of the selected node if it has one."""
        node = self.session.selected_node
        at = self.model.first_of(self.session.seen.key(node)) if node else -1
        self.grid.setCurrentIndex(self.model.index(max(at, 0), 0))

    def _summary(self) -> str:
        moments = self.moments
        if moments.problem:
            return moments.problem
        if not moments.is_comparing:
            return "A and B are the same moment. Choose two." if moments.all else ""
        if not moments.rows:
            return "Comparing …"
        alone = sum(bool(row.state) for row in moments.rows)
        changed = sum(not row.state and row.difference != 0 for row in moments.rows)
        if not alone:
            return f"{changed:,} of {len(moments.rows):,} arrays changed."
        return f"{changed:,} changed · {alone:,} not in both"

    # One of the arrays

    def _look(self, index: QModelIndex, *_: object) -> None:
        """A row became the current one: its pictures are shown, and its node is selected."""
        if self._is_filling or not 0 <= index.row() < len(self.model.rows):
            return
        key = self.model.rows[index.row()].key
        self.moments.look_at(key)
        if self.grid.hasFocus():
            self._is_filling = True  # the selection moves rows, rows move the selection
            self.session.select_key(key.node)
            self._is_filling = False

    def _follow_selection(self, chosen: Iterable[str]) -> None:
        node = self.session.selected_node
        if self._is_filling or not node or not self.isVisible():
            return
        key = self.session.seen.key(node)
        current = self.moments.key
        at = self.model.first_of(key)
        if at >= 0 and (current is None or current.node != key):
            self.grid.setCurrentIndex(self.model.index(at, 0))

    def _show_pair(self, *_: object) -> None:
        moments = self.moments
        pair = moments.pair if moments.is_comparing else None
        self.three.show_pair(pair, _along(pair))

    # Hands

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is not None:
            self.menu(item).popup(self.list.viewport().mapToGlobal(at))

    def _explain(self, index: tuple[int, ...]) -> None:
        """How the element of the array that is looked at comes about now."""
        if (key := self.moments.key) is not None:
            self.session.explainer.ask(key.kind, key.node, key.socket, index)

    def _watch(self, index: tuple[int, ...] | None) -> None:
        if (key := self.moments.key) is not None:
            self.session.watches.pin(key.kind, key.node, key.socket, index, show=False)

    def _table_menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            self.table_menu().popup(self.grid.viewport().mapToGlobal(at))

    def table_menu(self) -> QMenu:
        """What a right click on an array offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        key = self.moments.key
        if key is not None:
            menu.addAction("Show the node", partial(self.session.select_key, key.node))
            menu.addAction(icon("watch"), "Watch it", partial(self._watch, None))
        return menu

    def menu(self, item: QListWidgetItem) -> QMenu:
        """What a right click on a moment offers."""
        number, menu = item.data(NUMBER), QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Make it A", partial(self.moments.choose, number, self._other(number)))
        menu.addAction("Make it B", partial(self.moments.choose, self.moments.a, number))
        menu.addSeparator()
        rename = menu.addAction("Rename\tF2", lambda: self.list.editItem(item))
        rename.setIcon(icon("rename"))
        gone = [number] if not item.isSelected() else self.list.numbers()
        menu.addAction(icon("delete"), "Delete\tDelete", partial(self.moments.delete, gone))
        return menu


def _along(pair: Pair | None) -> str:
    """What the change of a parameter has to do with its gradient."""
    if pair is None or pair.per_gradient is None or pair.gradient_cosine is None:
        return ""
    if abs(pair.gradient_cosine) > 0.9999:
        return f"B − A = {numbers.number(-pair.per_gradient, 4)} · gradient"
    degrees = f"cosine {numbers.number(pair.gradient_cosine, 3)}"
    return f"B − A is not along the gradient: {degrees} with it (−1 would be straight down)"
