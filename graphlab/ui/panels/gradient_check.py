"""Gradient check: every gradient that was compared with finite differences, the worst first, and how far it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...engine.check_report import ArrayCheck
from .. import numbers
from ..canvas.draw_checks import colour_of
from ..gradient_checks import named
from ..session import Session
from ..theme import mono_font, theme
from ..widgets.own_keys import OwnKeys
from .live import LivePanel, header_button, header_switch
from .registry import panel

MOST = 500  # rows
COLUMNS = ("", "gradient", "error", "back-propagated", "by differences", "worst at", "tried", "")
SIGN, NAME, ERROR, ANALYTIC, NUMERIC, PLACE, TRIED, NOTE = range(len(COLUMNS))
_ROLE = Qt.ItemDataRole.UserRole


@panel("gradient-check", "Gradient check", "bottom", 72, icon="gradient-check", shown=False)
class GradientCheckPanel(LivePanel):
    """The verdict in a sentence, a row for each gradient; while it goes on, a bar and a way to stop it."""

    picture = "gradient-check"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.checks = session.checks
        self.words, self.bar, self.stop = QLabel(), QProgressBar(), QPushButton("Stop")
        self.list = _List()
        self._shown: object = None
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(12, 2, 8, 6)
        column.setSpacing(4)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.words.setWordWrap(True)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName("Share of the gradients that has been checked")
        self.stop.setProperty("role", "small")
        self.stop.clicked.connect(self.checks.stop)
        line.addWidget(self.words, 2)
        line.addWidget(self.bar, 1)
        line.addWidget(self.stop)
        column.addLayout(line)
        column.addWidget(self.list, 1)
        self.set_content(content)
        self.checks.changed.connect(self.changed)
        self.list.currentItemChanged.connect(self._go)
        self.list.itemClicked.connect(lambda item, _: self._go(item))
        self.list.itemActivated.connect(lambda item, _: self._explain(item))

    def header_tools(self) -> list[QWidget]:
        return [
            header_switch(
                "inputs, too",
                "Check the gradients of what the graph is fed as well",
                self.checks.takes_inputs,
                self._take_inputs,
            ),
            header_button(
                "check selection",
                "gradient-check",
                "Check the selected nodes; of a group, all inside (Ctrl+Alt+K)",
                self.check_selection,
            ),
            header_button("check all", "gradient-check", "Check the whole graph", self.checks.ask),
        ]

    def _take_inputs(self, on: bool) -> None:
        self.checks.takes_inputs = on

    def check_selection(self) -> None:
        self.checks.ask(self.session.selection & self.session.document.nodes.keys())

    # Showing

    def missing(self) -> bool:
        if self.checks.is_running or self.checks.result is not None:
            return False
        session = self.session
        if not session.schedule or not session.seen.whole.goal:
            self.say_nothing_runs("How right the gradients are stands here.", "backward")
        else:
            text = "Is each gradient right? Each is compared with what a small step does to the goal."
            self.empty.say(text, "Check gradients", self.checks.ask, "gradient-check")
        return True

    def redraw(self) -> None:
        checks = self.checks
        self.bar.setVisible(checks.is_running)
        self.stop.setVisible(checks.is_running)
        self.bar.setRange(0, checks.total)  # of nothing: it is at work, who knows for how long
        self.bar.setValue(checks.done)
        if checks.is_running:
            far = f"{checks.done:,} of {checks.total:,} elements" if checks.total else "compiling in float64"
            self.words.setText(f"Checking: {far} …")
        else:
            self.words.setText(checks.summary())
        if checks.result is not self._shown:
            self._shown = checks.result
            self._fill()

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        found = self.checks.result
        header = [
            "gradient",
            "right",
            "error",
            "back-propagated",
            "by differences",
            "worst at",
            "tried",
            "of",
        ]
        checks = found.checks if found is not None else ()
        return header, [
            (
                named(c),
                c.passed,
                c.error,
                c.analytic,
                c.numeric,
                " ".join(map(str, c.index)),
                c.tried,
                c.size,
            )
            for c in checks
        ]

    def dress(self, *_: object) -> None:
        self._shown = None
        self.changed()

    def _fill(self) -> None:
        self.list.clear()
        found = self.checks.result
        if found is None:
            return
        rows = sorted(found.checks, key=lambda c: (c.passed, c.passed or c.kind != "wire", -c.error))
        self.list.addTopLevelItems([self._row(check) for check in rows[:MOST]])
        if len(rows) > MOST:
            more = QTreeWidgetItem()
            more.setText(NAME, f"and {len(rows) - MOST:,} more, with smaller errors")
            more.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addTopLevelItem(more)

    def _row(self, check: ArrayCheck) -> QTreeWidgetItem:
        item = QTreeWidgetItem()
        item.setData(SIGN, _ROLE, check)
        item.setText(SIGN, "✓" if check.passed else "✗")
        item.setData(SIGN, Qt.ItemDataRole.AccessibleTextRole, "right" if check.passed else "wrong")
        item.setForeground(SIGN, QBrush(colour_of("right" if check.passed else "wrong")))
        item.setText(NAME, named(check))
        item.setText(ERROR, numbers.number(check.error, 2))
        item.setText(TRIED, f"{check.tried:,} of {check.size:,}")
        item.setText(PLACE, numbers.index(check.index))
        item.setText(ANALYTIC, numbers.number(check.analytic, 6))
        item.setText(NUMERIC, numbers.number(check.numeric, 6))
        item.setText(NOTE, check.about_kinks)
        item.setToolTip(NOTE, check.about_kinks)
        for column in (ERROR, TRIED, ANALYTIC, NUMERIC):
            item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for column in (ERROR, TRIED, PLACE, ANALYTIC, NUMERIC):
            item.setFont(column, mono_font(11))
        item.setForeground(NOTE, QBrush(theme().secondary))
        return item

    # Hands

    def _go(self, item: QTreeWidgetItem | None) -> None:
        if item is not None and self.list.hasFocus() and (check := item.data(SIGN, _ROLE)) is not None:
            self.session.select_key(check.key)

    def _explain(self, item: QTreeWidgetItem) -> None:
        """How the worst element came about."""
        check: ArrayCheck | None = item.data(SIGN, _ROLE)
        if check is None:
            return
        flat = self.session.seen.whole.nodes.get(check.key)
        is_wired = check.kind == "wire" and flat is not None and check.socket in flat.inputs
        kind = "term" if is_wired else "grad"
        self.session.explainer.ask(kind, check.key, check.socket, check.index)


class _List(QTreeWidget):
    """The rows. Enter, or a double-click, explains the worst element."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderLabels(COLUMNS)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName("Checked gradients, the worst first; Enter explains the worst element")
        self.setIconSize(QSize(14, 14))
        self.setStyleSheet(
            "QTreeWidget::item { padding: 1px 4px; } QHeaderView::section { padding: 2px 4px; }"
        )
        OwnKeys(self, "Home")
        header = self.header()
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(24)
        for column in range(len(COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        for column in (ERROR, TRIED, ANALYTIC, NUMERIC):
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            self.headerItem().setTextAlignment(column, right)
