"""Runs: every training that was kept, in a table to sort and filter; compared, drawn together, opened again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ...lab.runs import KeptRun, tensorboard
from ...lab.runs.columns import usual_columns
from ...lab.runs.differences import Row
from .. import numbers, recording, settings
from ..icons import icon
from ..report_files import KINDS, file_name, save_run_report
from ..runs import LIMITS, most_bytes
from ..session import Session
from ..widgets.fields import TextBox
from ..widgets.table_tools import columns_button, dress_filter
from .live import LivePanel
from .registry import panel
from .runs_model import RunModel
from .runs_parts import Facts, RunTable

COLUMNS = "runs.columns"  # setting: the keys of those that are shown
WIDE = 640  # pixels from which what is known of the chosen ones stands beside the table
FILTER = "lr<0.01 tag:good acc>0.9"


@panel("runs", "Runs", "bottom", 12, icon="runs", shown=False, tabbed=True)
class RunsPanel(LivePanel):
    """The table on the left; on the right what is known of the run chosen, or differs between several."""

    picture = "runs"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.runs = session.runs
        self.model = RunModel(self)
        self.model.drawn = self._stroke
        self.grid, self.facts = RunTable(self.model), Facts()
        self.said, self.offer = QLabel(), QPushButton()
        self.filter = TextBox()
        self.choose_folder: Callable[[], str] = self._choose_folder
        self.choose_report: Callable[[str], str] = self._choose_report
        self._chosen: list[str] = []
        self._current, self._row = "", -1
        self._compared: tuple[list[str], list[Row]] = ([], [])
        self._dress_filter()
        self.set_content(self._build())
        self._listen()

    # Put together

    def _dress_filter(self) -> None:
        self.filter.setPlaceholderText(FILTER)
        self.filter.setAccessibleName("Filter the runs")
        self.filter.setToolTip(
            "Which runs are shown: words to be found anywhere, column<number, column:text, tag:good; "
            "- before a word turns it round"
        )
        dress_filter(self.filter, 90, 260)

    def _build(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.grid, 1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        self.said.setProperty("role", "secondary")
        self.said.setMinimumWidth(1)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        foot.addWidget(self.said, 1)
        self.offer.setProperty("role", "small")
        self.offer.hide()
        foot.addWidget(self.offer)
        column.addLayout(foot)
        self._halves = QSplitter(Qt.Orientation.Horizontal, self)
        self._halves.setChildrenCollapsible(False)
        self._halves.setContentsMargins(10, 2, 8, 6)
        self._halves.setHandleWidth(8)
        self._halves.setStyleSheet("QSplitter::handle { background: transparent; }")
        self._halves.addWidget(left)
        self._halves.addWidget(self.facts)
        self._halves.setStretchFactor(0, 5)
        self._halves.setStretchFactor(1, 2)
        self.grid.dress(self.shown_columns())
        return self._halves

    def header_tools(self) -> list[QWidget]:
        return [self.filter, columns_button(self.fill_columns)]

    def _listen(self) -> None:
        self.runs.changed.connect(self._fill)
        self.runs.compared.connect(self._take_differences)
        self.session.overlays.changed.connect(self.model.repaint)
        self.filter.textChanged.connect(self.model.set_query)
        self.model.modelAboutToBeReset.connect(self._note_selection)
        self.model.modelReset.connect(self._restore_selection)
        self.model.filtered.connect(self._tell)
        self.model.ticked.connect(lambda id, on: self.runs.draw([id], on))
        self.model.edited.connect(self._edited)
        self.grid.selectionModel().selectionChanged.connect(self._choose)
        self.grid.removed.connect(self.delete)
        self.grid.opened.connect(lambda: self.open())
        self.grid.undone.connect(self.runs.undo)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._menu)
        self.offer.clicked.connect(self._delete_old)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.runs.join(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.runs.leave(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.facts.setVisible(self.width() >= WIDE)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 120)

    def take_keyboard(self) -> None:
        """Puts the keyboard on the table, at its first run where none is chosen."""
        self.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if self.model.runs and not self.grid.chosen():
            self.grid.choose([self.model.runs[0].id])

    # What there is

    def missing(self) -> bool:
        if self.runs.all:
            return False
        if not self.runs.is_known:
            self.empty.say("Looking for runs …")
        elif not recording.keeps():
            self.empty.say(
                "Trainings are not kept at present.",
                "Keep them from now on",
                partial(self.runs.set_keep, True),
            )
        else:
            text = "Each training is kept here: its settings, curves, weights and graph, to compare and open again."
            self.empty.say(text, "Train", self.session.train, "train")
        return True

    def _fill(self) -> None:
        session = self.session
        self.model.paused = "" if session.is_running else session.recording.current
        self.model.show_runs(self.runs.all)
        self.grid.dress(self.shown_columns())
        self._tell()
        self._describe()
        self.changed()

    def redraw(self) -> None:
        """The table paints itself; only what is missing may have changed."""

    def dress(self, *_: object) -> None:
        super().dress()
        if hasattr(self, "facts"):
            self.facts.redress()
            self._describe()

    def _tell(self, *_: object) -> None:
        """The line below the table."""
        old = self.runs.too_many()
        self.offer.setVisible(bool(old))
        if old:
            freed = numbers.size_of(sum(run.size for run in old))
            self.offer.setText(f"Delete {_oldest(len(old))}")
            self.offer.setToolTip(
                f"Runs take more than {numbers.size_of(most_bytes())}; the oldest without a tag take {freed}"
            )
        count, shown = len(self.runs.all), len(self.model.runs)
        part = f"{shown:,} shown of " if shown < count else ""
        text = self.model.problem or f"{part}{self.runs.told()}"
        self.said.setText(text)
        self.said.setToolTip(f"{text}\n{self.runs.folder}")
        self.filter.setProperty("invalid", bool(self.model.problem))

    def _stroke(self, id: str) -> int:
        return next((each.stroke for each in self.session.overlays.all if each.key == id), -1)

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """Every column of the runs that are shown; times are seconds since 1970."""
        header = ["id", *(column.key for column in self.model.columns)]
        rows = self.model.rows(self.model.runs)
        return header, [[run.id, *row] for run, row in zip(self.model.runs, rows, strict=True)]

    # Columns

    def shown_columns(self) -> list[str]:
        """The keys of those that are shown: what was chosen, else the usual ones."""
        stored = settings.text(COLUMNS)
        if stored:
            return ["name", *stored.split()]
        return [column.key for column in usual_columns(self.runs.all)]

    def fill_columns(self, menu: QMenu) -> None:
        """A switch for each column but the name, and by which the runs are sorted."""
        menu.clear()
        shown, header = self.shown_columns(), self.grid.horizontalHeader()
        by = menu.addMenu("Sort by")
        for at, column in enumerate(self.model.columns):
            entry = by.addAction(column.title, partial(self._sort, at))
            entry.setCheckable(True)
            entry.setChecked(column.key == self.model.sorted_by)
        by.addSeparator()
        falling = by.addAction("Largest first", partial(self._sort, header.sortIndicatorSection(), turn=True))
        falling.setCheckable(True)
        falling.setChecked(self.model.descending)
        menu.addSeparator()
        for column in self.model.columns:
            if column.key != "name":
                entry = menu.addAction(column.title, partial(self._switch_column, column.key))
                entry.setCheckable(True)
                entry.setChecked(column.key in shown)
                entry.setToolTip(column.tip)
        menu.addSeparator()
        menu.addAction("The usual ones", self._usual_columns)

    def _sort(self, at: int, turn: bool = False) -> None:
        order = Qt.SortOrder.DescendingOrder if self.model.descending != turn else Qt.SortOrder.AscendingOrder
        self.grid.sortByColumn(at, order)

    def _switch_column(self, key: str) -> None:
        shown = self.shown_columns()
        chosen = [each for each in shown if each != key] if key in shown else [*shown, key]
        settings.settings().setValue(COLUMNS, " ".join(each for each in chosen if each != "name") or "name")
        self.grid.dress(self.shown_columns())

    def _usual_columns(self) -> None:
        settings.settings().remove(COLUMNS)
        self.grid.dress(self.shown_columns())

    # The selection

    def _note_selection(self) -> None:
        self._chosen, self._current = self.grid.chosen(), self.grid.current()
        self._row = self.grid.currentIndex().row()

    def _restore_selection(self) -> None:
        """The same are chosen; where they are gone, the one that has taken their place."""
        self.grid.dress(self.shown_columns())
        there = [id for id in self._chosen if self.model.row_of(id) >= 0]
        if self._chosen and not there and self.model.runs:
            there = [self.model.runs[min(max(self._row, 0), len(self.model.runs) - 1)].id]
        self.grid.choose(there, self._current)
        self._tell()

    def _choose(self, *_: object) -> None:
        chosen = self.grid.chosen()
        if len(chosen) > 1:
            self.runs.compare(chosen)
        self._describe()

    def _describe(self) -> None:
        """What is known of the one chosen, or differs between several."""
        runs = self.runs.some(self.grid.chosen())
        if len(runs) == 1:
            self.facts.show_run(runs[0])
        elif len(runs) > 1 and self._compared[0] == [run.id for run in runs]:
            self.facts.show_differences(runs, self._compared[1])

    def _take_differences(self, ids: list[str], rows: list[Row]) -> None:
        self._compared = ids, rows
        self._describe()

    # Hands

    def _edited(self, id: str, key: str, text: str) -> None:
        """A cell was written; tags that came or went do so for all that are selected."""
        run = self.runs.run(id)
        if run is None:
            return
        if key == "name":
            self.runs.rename(id, text)
        elif key == "note":
            self.runs.note(id, text)
        else:
            words = [word.strip("#,") for word in text.replace(",", " ").split()]
            before = run.labels.tags
            chosen = self.grid.chosen()
            came = [word for word in words if word not in before]
            gone = [tag for tag in before if tag not in words]
            self.runs.tag(chosen if id in chosen else [id], came, gone)

    def delete(self) -> None:
        """Deletes what is selected; Undo brings it back."""
        chosen = self.grid.chosen()
        if chosen:
            self.runs.delete(chosen)

    def _delete_old(self) -> None:
        self.runs.delete([run.id for run in self.runs.too_many()])

    def open(self, which: Any = "final") -> None:
        """Opens the graph of the current run with its weights."""
        current = self.grid.current()
        if current:
            self.runs.open(current, which)

    def export(self) -> None:
        """Writes the selected runs into a folder that is asked for."""
        folder = self.choose_folder()
        if folder:
            self.runs.export(self.grid.chosen(), Path(folder))

    def export_report(self, run: KeptRun) -> None:
        """Writes the report of a run into a file that is asked for."""
        path = self.choose_report(file_name(self.session, run.name))
        if path:
            save_run_report(self.session, run.path, Path(path).with_suffix(".html"))

    def _choose_report(self, name: str) -> str:
        start = str(self.runs.folder.parent / name)
        return QFileDialog.getSaveFileName(self, "Export report", start, KINDS)[0]

    def _choose_folder(self) -> str:
        start = str(self.runs.folder.parent)
        return QFileDialog.getExistingDirectory(self, "Export runs for TensorBoard", start)

    def _menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            self.menu().popup(self.grid.viewport().mapToGlobal(at))

    def menu(self) -> QMenu:
        """What a right click on a run offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        runs, id = self.runs.some(self.grid.chosen()), self.grid.current()
        run = self.runs.run(id)
        if run is None or not runs:
            return menu
        drawn = all(self.runs.is_drawn(each.id) for each in runs)
        ids = [each.id for each in runs]
        entry = menu.addAction("Draw on the loss curve\tSpace", partial(self.runs.draw, ids, not drawn))
        entry.setCheckable(True)
        entry.setChecked(drawn)
        menu.addSeparator()
        self._fill_one(menu, run)
        menu.addSeparator()
        self._add(menu, "Rename\tF2", "rename", partial(self.grid.write, "name"))
        self._add(menu, "Tags\tT", "pin", partial(self.grid.write, "tags"))
        self._add(menu, "Note", "note", partial(self.grid.write, "note"))
        board = self._add(menu, "Export for TensorBoard …", "export", self.export)
        board.setEnabled(tensorboard.is_possible())
        if not tensorboard.is_possible():
            board.setText('Export for TensorBoard (pip install "graphlab[tensorboard]")')
        self._add(menu, "Export report …", "report", partial(self.export_report, run))
        self._add(menu, "Open its folder", "folder", partial(self.runs.show_folder, id))
        menu.addSeparator()
        self._add(menu, "Delete\tDelete", "delete", self.delete)
        if self.runs.undo_title:
            self._add(menu, f"Take back: {self.runs.undo_title.lower()}\tCtrl+Z", "undo", self.runs.undo)
        return menu

    def _fill_one(self, menu: QMenu, run: KeptRun) -> None:
        """What is done with the graph and the weights of one."""
        self._add(menu, "Open its graph with its weights\tEnter", "open", self.open)
        best = self._add(menu, "Open its graph with its best weights", "open", partial(self.open, "best"))
        put = self._add(menu, "Put its weights into this graph", "weights", partial(self.runs.put, run.id))
        put_best = self._add(
            menu, "Put its best weights into this graph", "weights", partial(self.runs.put, run.id, "best")
        )
        put.setEnabled(run.has_weights())
        for entry in (best, put_best):
            entry.setEnabled(run.has_weights("best"))
        self._add(
            menu,
            "Compare its graph with this one",
            "comparison",
            partial(self.runs.compare_with_present, run.id),
        )

    def _add(self, menu: QMenu, title: str, picture: str, run: Callable[[], object]) -> Any:
        return menu.addAction(icon(picture), title, run)

    def fill_header_menu(self, menu: QMenu) -> None:
        super().fill_header_menu(menu)
        menu.addSeparator()
        for title, on, switch in (
            ("Keep trainings as runs", recording.keeps(), self.runs.set_keep),
            ("Keep them beside the document", recording.lie_beside(), self.runs.set_beside),
        ):
            entry = menu.addAction(title, partial(switch, not on))
            entry.setCheckable(True)
            entry.setChecked(on)
        room = menu.addMenu("Offer old runs for deletion from")
        for most in LIMITS:
            entry = room.addAction(numbers.size_of(most), partial(self.runs.set_most, most))
            entry.setCheckable(True)
            entry.setChecked(most == most_bytes())
        menu.addAction(icon("folder"), "Open the folder of all runs", self.runs.show_folder)


def _oldest(count: int) -> str:
    return "the oldest run" if count == 1 else f"the {count:,} oldest runs"
