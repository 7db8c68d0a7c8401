"""What the inspector says of rows from a file: which file, how many, the first of them, and what is to be predicted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from ...data import store
from ...data.reading import retargeted
from ...errors import ShapeError
from .. import numbers
from ..files import DATA
from ..icons import icon
from ..session import Session
from ..widgets.fields import QuietCombo, labelled
from ..widgets.row_table import RowTable
from .parts import Elided, column, quiet

NOTHING = "nothing"


class TablePart(QWidget):
    """Follows one node of the session's sheet that brings rows from a file; hidden for any other node."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._id = ""
        self._shown: object = None
        self.choose: Callable[[], str] = self._choose
        self.file, self.extent = Elided(), quiet()
        self.rows = RowTable()
        self.target = QuietCombo()
        self.features = QPushButton()
        self.replace = QPushButton(icon("open"), "Replace file …")
        self._build()
        self.hide()

    def _build(self) -> None:
        outer = column(self, spacing=8)
        outer.addWidget(self.file)
        outer.addWidget(self.extent)
        outer.addWidget(self.rows)
        self.target.setAccessibleName("Target column")
        self.target.setToolTip("The column that is to be predicted.")
        self.features.setAccessibleName("Feature columns")
        self.features.setToolTip("The columns that make x.")
        self.replace.setToolTip("Read the rows of another file; settings stay where its columns are the same")
        for name, field in (("target", self.target), ("features", self.features)):
            label = quiet(name)
            label.setMinimumHeight(28)
            outer.addLayout(labelled(label, field))
        for button in (self.features, self.replace):
            button.setProperty("role", "small")
        outer.addWidget(self.replace)
        self.target.activated.connect(lambda _: self._set_target())
        self.features.clicked.connect(self._open_features)
        self.replace.clicked.connect(self.ask_for_file)

    def show_table(self, id: str, op: Any) -> None:
        """Show this node if its rows come from a file, "" for none."""
        is_one = op is not None and op.brings == "content"
        self._id = id if is_one else ""
        self.setVisible(is_one)
        cells = store.find(op.content) if is_one else None
        if not is_one or self._shown == (id, op, cells is None):
            return
        self._shown = (id, op, cells is None)
        self._show_file(op, cells is not None)
        self.rows.setVisible(cells is not None and bool(op.columns))
        if cells is not None:
            words = {name: op.classes(name) for name in op.columns if op.is_words(name)}
            self.rows.show_rows(cells[:, op.unnamed :], op.columns, words, op.target)
        self._show_target(op)
        self._show_features(op)

    def _show_file(self, op: Any, is_here: bool) -> None:
        self.file.setText(op.file or "no file yet")
        rows, width = numbers.count(op.rows, "row"), numbers.count(op.width, "column")
        beside = f", and {', '.join(op.columns)}" if op.columns else ""
        size = (
            f"{rows} of {numbers.shape(op.shape)}{beside}" if op.shape and op.unnamed else f"{rows} × {width}"
        )
        self.extent.setText(
            size if op.content else "Choose a CSV, a NumPy array, IDX, CIFAR-10, a text or an image."
        )
        words = "Replace file …" if is_here else "Find file …" if op.content else "Choose file …"
        self.replace.setText(words)

    def _show_target(self, op: Any) -> None:
        self.target.clear()
        self.target.addItems([NOTHING, *op.columns])
        place = op.columns.index(op.target) + 1 if op.target in op.columns else 0
        self.target.setCurrentIndex(place if op.target in op.columns or not op.target else -1)
        self.target.setEnabled(bool(op.columns))

    def _show_features(self, op: Any) -> None:
        used, every = _used(op), len(op.columns) - bool(op.target)
        if op.unnamed and not op.features:
            words = numbers.count(op.unnamed, "number")
        elif len(used) == every:
            words = f"all {numbers.count(every, 'column')}"
        else:
            words = f"{len(used)} of {every} columns"
        self.features.setText(words)
        self.features.setEnabled(bool(op.columns) and every > 1)

    # Editing

    def _op(self) -> Any:
        return self._session.document.nodes[self._id].make()

    def _set_target(self) -> None:
        name = self.target.currentText() if self.target.currentIndex() > 0 else ""
        op = self._op()
        if name != op.target:
            changes = retargeted(op, name)
            self._session.attempt(lambda: self._session.graph.set(self._id, **changes))

    def _open_features(self) -> None:
        self.feature_menu().popup(self.features.mapToGlobal(self.features.rect().bottomLeft()))

    def feature_menu(self) -> QMenu:
        """A menu of the columns, with a tick at those that make x."""
        op, menu = self._op(), QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        used = _used(op)
        for name in op.columns:
            if name != op.target:
                entry = menu.addAction(name)
                entry.setCheckable(True)
                entry.setChecked(name in used)
                entry.triggered.connect(lambda on, n=name: self._set_feature(n, on))
        return menu

    def _set_feature(self, name: str, on: bool) -> None:
        op = self._op()
        wanted = {*_used(op), name} if on else {*_used(op)} - {name}
        chosen = tuple(c for c in op.columns if c in wanted)
        if not chosen:
            self._session.notify("info", "One column must be left for x.")
            return
        every = tuple(c for c in op.columns if c != op.target)
        features = () if chosen == every and not op.unnamed else chosen
        self._session.attempt(lambda: self._session.graph.set(self._id, features=features))

    def ask_for_file(self) -> None:
        """Asks for a file and reads it into the node."""
        name = self.choose()
        if name:
            self._session.intake.replace(self._id, Path(name))

    def _choose(self) -> str:
        return QFileDialog.getOpenFileName(self, "Choose a file", "", DATA)[0]


def _used(op: Any) -> tuple[str, ...]:
    """The columns that make x; where one that is named is not there, those of the others that are."""
    try:
        return tuple(op.used())
    except ShapeError:
        return tuple(name for name in op.features if name in op.columns and name != op.target)
