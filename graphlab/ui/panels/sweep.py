"""Sweep: hyperparameters chosen on held-out rows: what is searched and how, begun and followed, and every trial."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ...lab.sweeps.kept import LOGS, KeptSweep
from ...lab.sweeps.reproducing import sweep_command
from ...lab.sweeps.statistics import spread_warning
from ...lab.sweeps.trials import Trial
from .. import settings
from ..icons import icon
from ..session import Session
from ..sweeping import Listed
from ..widgets.fields import TextBox
from ..widgets.table_tools import columns_button, dress_filter
from .live import EmptyState, LivePanel, Pace, header_choice, header_switch
from .registry import panel
from .sweep_foot import SweepFoot
from .sweep_model import TrialModel
from .sweep_progress import WORDS, SweepProgress
from .sweep_setup import SweepSetup
from .sweep_table import TrialTable

COLUMNS = "sweep.columns"  # setting: the keys of those that are hidden by hand, and of those shown by hand
WIDE = 780  # pixels from which set-up and trials stand side by side
FILTER = "lr<0.01 acc>95% -failed"
FILLS = (
    "Trials stand here, compared on held-out rows. Say what is searched: mark a value in the inspector with “Search "
    "this”, or write hidden.units=8,16,32 under Searched."
)
LINES = 12  # of a log that are told
SLOW = 250  # milliseconds at least between two redraws while trials come in


@panel("sweep", "Sweep", "bottom", 13, icon="sweep", shown=False, tabbed=True)
class SweepPanel(LivePanel):
    """The set-up on the left; on the right how far it is, the trials, and what is done with one."""

    picture = "sweep"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.pace = Pace(self._redraw, self, SLOW)
        self.sweeping = session.sweeping
        self.model = TrialModel(self)
        self.model.log = self._log
        self.setup, self.grid = SweepSetup(session), TrialTable(self.model)
        self.progress = SweepProgress(session.sweeping, self.grid)
        self.foot = SweepFoot(session, self.grid)
        self.warning, self.count = QLabel(), QLabel()
        self.filter, self.nothing = TextBox(), EmptyState("sweep", self)
        self.chooser = header_choice([], "Sweep", "Which sweep of the document is shown", self._look_at, 14)
        self.switch = header_switch("Set-up", "What is searched, and how", True, self._show_setup)
        self._changed: set[int] = set()
        self._is_other = self._is_edited = True
        self._listed: list[Listed] = []
        self._dress_filter()
        self.set_content(self._build())
        self._listen()

    # Put together

    def _dress_filter(self) -> None:
        self.filter.setPlaceholderText(FILTER)
        self.filter.setAccessibleName("Filter the trials")
        self.filter.setToolTip(
            "Which trials are shown: words to be found anywhere, column<number, column:text; "
            "- before a word turns it round"
        )
        dress_filter(self.filter, 80, 220)

    def _build(self) -> QWidget:
        self._right = QStackedWidget()
        self._right.addWidget(self.nothing)
        self._right.addWidget(self._results())
        self._halves = QSplitter(Qt.Orientation.Horizontal, self)
        self._halves.setChildrenCollapsible(False)
        self._halves.setContentsMargins(10, 2, 8, 6)
        self._halves.setHandleWidth(10)
        self._halves.setStyleSheet("QSplitter::handle { background: transparent; }")
        self._halves.addWidget(self.setup)
        self._halves.addWidget(self._right)
        self._halves.setStretchFactor(0, 0)
        self._halves.setStretchFactor(1, 1)
        self._halves.setSizes([300, 900])
        return self._halves

    def _results(self) -> QWidget:
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.warning.setProperty("role", "warning")
        self.warning.setWordWrap(True)
        self.warning.hide()
        self.count.setProperty("role", "error")
        self.count.setWordWrap(True)
        self.count.hide()
        for part in (self.progress, self.warning, self.count):
            column.addWidget(part)
        column.addWidget(self.grid, 1)
        column.addWidget(self.foot)
        return whole

    def header_tools(self) -> list[QWidget]:
        return [self.switch, self.chooser, self.filter, columns_button(self.fill_columns)]

    def _listen(self) -> None:
        session, sweeping = self.session, self.sweeping
        sweeping.opened.connect(self._another)
        sweeping.changed.connect(self._note)
        sweeping.listed.connect(self._list)
        sweeping.chosen.connect(self._mark)
        sweeping.sittings.changed.connect(self._stand_otherwise)
        session.whole_changed.connect(self._edited)
        session.opened.connect(self._edited)
        self.filter.textChanged.connect(self.model.set_query)
        self.model.filtered.connect(self._tell_filter)
        self.model.modelReset.connect(self._restore)
        self.grid.selectionModel().selectionChanged.connect(self._choose)
        self.grid.opened.connect(self.open)
        self.grid.taken.connect(self.take)
        self.foot.opened.connect(self.open)
        self.foot.taken.connect(self.take)
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._menu)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._is_other = True  # what came while nobody looked
        self.sweeping.join(self)
        self.changed()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.sweeping.leave(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def minimumSizeHint(self) -> QSize:
        return QSize(260, 140)

    # What there is

    def missing(self) -> bool:
        if self.session.whole.nodes:
            return False
        self.empty.say("Hyperparameters of a network are searched here. Open an example, or add nodes.")
        return True

    def redraw(self) -> None:
        if self._is_edited:
            self._is_edited = False
            self.setup.show_document()
        self.model.epochs = {key.trial: epoch for key, epoch in self.sweeping.sittings.under_way.items()}
        if self._is_other:
            self._is_other = False
            self._changed.clear()
            self.model.show_sweep(self.sweeping.kept, self._best())
            self._tell()
        elif self._changed:
            changed, self._changed = self._changed, set()
            self.model.refresh(changed, self._best())
            self._tell()
        self._tell_nothing()

    def _best(self) -> int:
        best = self.sweeping.tally.best
        return best.number if best is not None else -1

    def _tell(self) -> None:
        """The lines around the table."""
        kept = self.sweeping.kept
        self.model.is_running = self.sweeping.is_running
        self.progress.tell()
        text = self._doubt(kept) if kept is not None else ""
        self.warning.setText(text)
        self.warning.setVisible(bool(text))
        self.foot.tell()
        self.setup.foretell()

    def _doubt(self, kept: KeptSweep) -> str:
        """What is to be said against the best: of all trials where seeds are searched, else of the best two."""
        if "seed" in kept.head.searches:
            return spread_warning(kept.trials.values(), kept.metric)
        tally = self.sweeping.tally
        return spread_warning([each for each in (tally.best, tally.second) if each is not None], kept.metric)

    def _tell_nothing(self) -> None:
        """What stands in the place of the table while there is no sweep."""
        sittings, searches = self.sweeping.sittings, self.session.whole.sweep.searches
        if self.sweeping.kept is not None:
            self._right.setCurrentIndex(1)
            return
        self._right.setCurrentIndex(0)
        if sittings.is_beginning or sittings.is_on:
            self.nothing.say("Beginning …")
        elif searches:
            self.nothing.say(
                "Trials stand here, compared on held-out rows.", "Start", sittings.start, "train"
            )
        else:
            self.nothing.say(FILLS, "Search the learning rate", self.search_rate, "rates")

    def search_rate(self) -> None:
        """Two decades around the learning rate of the document: what one searches first."""
        lr = self.session.whole.training.lr
        self.session.attempt(self.session.root.search, "lr", f"log:{lr / 10:.4g}:{lr * 10:.4g}")

    def _another(self) -> None:
        self._is_other = True
        self._tell_nothing()
        if self.sweeping.kept is not None and self.width() < WIDE:  # there is something to see
            self.switch.setChecked(False)
        self._show_chooser()
        self.changed()

    def _note(self, trials: set[int]) -> None:
        self._changed |= trials
        self.changed()

    def _edited(self, *_: object) -> None:
        self._is_edited = True
        self.changed()

    def _stand_otherwise(self) -> None:
        """A process began, or ended."""
        self.model.is_running = self.sweeping.is_running
        self.model.repaint()
        self.setup.foretell()
        self.changed()

    def _list(self) -> None:
        self._listed = list(self.sweeping.all)
        self._show_chooser()
        self._stand_otherwise()
        self.progress.tell()

    def _show_chooser(self) -> None:
        self.chooser.blockSignals(True)
        self.chooser.clear()
        for each in self.sweeping.all:
            self.chooser.addItem(listed_words(each), str(each.path))
        at = self.chooser.findData(str(self.sweeping.path)) if self.sweeping.path is not None else -1
        self.chooser.setCurrentIndex(at)
        self.chooser.blockSignals(False)
        self.chooser.setVisible(self.chooser.count() > 0)

    def _look_at(self, _: str) -> None:
        path = self.chooser.currentData()
        if path:
            self.sweeping.look_at(Path(path))

    def _show_setup(self, on: bool) -> None:
        self._place()

    def _place(self) -> None:
        """Both halves where there is room, else the one that the switch says."""
        wants, is_wide = self.switch.isChecked(), self.width() >= WIDE
        shows = is_wide or not wants
        for half, on in sorted(((self.setup, wants), (self._right, shows)), key=lambda pair: not pair[1]):
            if not on and half.isAncestorOf(self.focusWidget() or self):
                self._refuge(wants).setFocus(Qt.FocusReason.OtherFocusReason)  # else it would leave the panel
            half.setVisible(on)

    def _refuge(self, in_setup: bool) -> QWidget:
        """Where the keyboard goes when what it is on is hidden."""
        if in_setup:
            return self.setup.searches.line
        return self.grid if self._right.currentIndex() else self.nothing.button

    def dress(self, *_: object) -> None:
        super().dress()
        if hasattr(self, "model"):
            self.model.repaint()

    def _tell_filter(self, problem: str) -> None:
        self.count.setText(problem)
        self.count.setVisible(bool(problem))
        self.filter.setProperty("invalid", bool(problem))
        self.filter.style().polish(self.filter)

    def table(self) -> tuple[list[str], Iterable[Sequence[Any]]]:
        """Every column of the trials that are shown."""
        return [column.key for column in self.model.columns], self.model.rows(self.model.trials)

    def take_keyboard(self) -> None:
        """Puts the keyboard where one goes on: the table, or the line that says what is searched."""
        if self.model.trials:
            self.grid.setFocus(Qt.FocusReason.ShortcutFocusReason)
            if not self.grid.chosen():
                self.grid.choose([self.model.trials[0].number])
        else:
            self.setup.searches.ask()

    # Columns

    def shown_columns(self) -> list[str]:
        """The keys of those that are shown: the usual ones, but for what was switched by hand."""
        switched = set(settings.text(COLUMNS).split())
        found = []
        for column in self.model.columns:
            usual = column.shown and (column.key != "error" or any(t.error for t in self.model.trials[:1000]))
            if usual != (column.key in switched):
                found.append(column.key)
        return found

    def fill_columns(self, menu: QMenu) -> None:
        """A switch for each column."""
        menu.clear()
        shown = self.shown_columns()
        for column in self.model.columns:
            entry = menu.addAction(column.title, partial(self._switch_column, column.key))
            entry.setCheckable(True)
            entry.setChecked(column.key in shown)
            entry.setToolTip(column.tip)
        menu.addSeparator()
        menu.addAction("The usual ones", self._usual_columns)

    def _switch_column(self, key: str) -> None:
        switched = settings.text(COLUMNS).split()
        chosen = [each for each in switched if each != key] if key in switched else [*switched, key]
        settings.settings().setValue(COLUMNS, " ".join(chosen))
        self.grid.dress(self.shown_columns())

    def _usual_columns(self) -> None:
        settings.settings().remove(COLUMNS)
        self.grid.dress(self.shown_columns())

    # The selection

    def _restore(self) -> None:
        """Rows are others; the same trials are chosen."""
        self.grid.dress(self.shown_columns())
        self._mark(self.sweeping.selection)

    def _mark(self, chosen: list[int]) -> None:
        """Somebody has chosen: here, or in another panel."""
        if self.grid.chosen() != sorted(chosen, key=self.model.row_of):
            selection = self.grid.selectionModel()
            selection.blockSignals(True)
            self.grid.choose(chosen, self.grid.current())
            selection.blockSignals(False)
            self.grid.viewport().update()
            if len(chosen) == 1:
                self.grid.show_trial(chosen[0])

    def _choose(self, *_: object) -> None:
        self.sweeping.choose(self.grid.chosen())

    # Hands

    def open(self) -> None:
        """Opens the current trial with its weights."""
        if self.grid.current() >= 0:
            self.sweeping.use.open(self.grid.current())

    def take(self) -> None:
        """Makes the values of the current trial the document's."""
        if self.grid.current() >= 0:
            self.sweeping.use.apply(self.grid.current())

    def copy_search(self) -> None:
        """Puts the line that begins what is set up here on the clipboard."""
        whole, path = self.session.whole, self.session.path
        word = str(path) if path is not None else f"{whole.name}.graphlab"
        QGuiApplication.clipboard().setText(sweep_command(whole, word))
        hint = "" if path is not None and not self.session.is_modified else "Save the document first."
        self.session.notify("info", "The command that begins this search is on the clipboard.", hint)

    def copy_command(self) -> None:
        """Puts the line that trains the current trial again on the clipboard."""
        number = self.grid.current()

        def copy() -> None:
            QGuiApplication.clipboard().setText(self.sweeping.use.command(number))
            self.session.notify("info", f"The command that trains trial {number} again is on the clipboard.")

        self.session.attempt(copy)

    def _menu(self, at: QPoint) -> None:
        if self.grid.indexAt(at).isValid():
            self.menu().popup(self.grid.viewport().mapToGlobal(at))

    def menu(self) -> QMenu:
        """What a right click on a trial offers."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icon("open"), "Open with its weights\tEnter", self.open)
        menu.addAction(icon("check"), "Make these the document's settings\tS", self.take)
        menu.addSeparator()
        menu.addAction(icon("copy"), "Copy as command line", self.copy_command)
        menu.addAction(icon("copy"), "Copy rows\tCtrl+C", self.grid.copy)
        return menu

    def fill_header_menu(self, menu: QMenu) -> None:
        super().fill_header_menu(menu)
        menu.addSeparator()
        copy = menu.addAction(icon("copy"), "Copy the search as command line", self.copy_search)
        copy.setEnabled(bool(self.session.whole.sweep.searches))
        entry = menu.addAction(icon("folder"), "Open the folder of the sweep", self.sweeping.show_folder)
        entry.setEnabled(self.sweeping.path is not None)

    def _log(self, trial: Trial) -> str:
        """Why it failed, and the last lines of what it printed."""
        lines = [trial.error or "It failed."]
        for fit in trial.fits:
            path = self.sweeping.path / LOGS / f"{fit.key}.txt" if self.sweeping.path is not None else None
            if fit.state == "failed" and path is not None and path.is_file():
                lines += path.read_text("utf-8", "replace")[-4000:].rstrip().splitlines()[-LINES:]
                break
        return "\n".join(lines)


def listed_words(each: Listed) -> str:
    """A sweep in the chooser: its number, when it began, and how it stands."""
    then, now = time.localtime(each.head.began), time.localtime()
    when = time.strftime("%H:%M" if then[:3] == now[:3] else "%d %b %H:%M", then)
    what = "" if each.head.kind == "sweep" else f" · {each.head.kind}"
    return f"{each.head.number} · {when}{what} · {WORDS.get(each.state, each.state)}"
