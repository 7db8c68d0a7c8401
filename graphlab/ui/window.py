"""The main window: puts canvas, docks, toolbar, menus and status line around one session."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from ..engine.messages import Checked
from ..ops import get
from . import focus, settings, theme
from .actions.action_set import ActionSet
from .bookmarks import BookmarksMenu, go_to
from .canvas.file_drops import accept, files_in
from .display import display_changed
from .docks import Docks
from .files import Files
from .films import Films
from .icons import icon
from .intake import GRAPHS
from .norms import NormHistory
from .notice import Notice
from .palette import Palette
from .panels.inspector import InspectorPanel
from .panels.watches import WatchesPanel
from .recovery import Recovery
from .session import Session
from .shelf import shelf
from .shown_sample import shown_sample_of
from .spreads import SpreadHistory
from .stage import Stage
from .status_line import StatusLine
from .strip import Choice
from .templates import Templates
from .toolbar import ToolBar
from .values.window import open_values
from .wanting import wanting_of
from .weight_files import WeightFiles

if TYPE_CHECKING:
    from .shell import Shell


class MainWindow(QMainWindow):
    """One document's window. It owns the session and ends its engine when it closes."""

    FULL_SCREEN = Qt.WindowState.WindowFullScreen
    closed = Signal(object)
    named = Signal()  # its name, or whether it holds something unsaved, is another
    remembers = True  # its layout, when it closes
    shell: Shell | None = None  # the frame whose tab it is, if it is one

    def __init__(self, session: Session | None = None) -> None:
        super().__init__()
        self.session = session or Session()
        self.session.setParent(self)
        self.setObjectName("window")
        self.setAcceptDrops(True)
        self.setAnimated(False)
        self.resize(1440, 900)
        self.setMinimumSize(960, 600)
        self.stage = Stage(self.session, self)
        self.canvas = self.stage.canvas
        self.canvas.snap_to_grid = settings.text("snap") == "yes"
        self.canvas.shows_guides = settings.text("guides") != "no"
        self.canvas.shows_order = settings.text("order") != "no"
        self.setCentralWidget(self.stage)
        self.files = Files(self)
        self.templates = Templates(self)
        self.recovery = Recovery(self)
        self.docks = Docks(self, self.session)
        self.weight_files = WeightFiles(self)
        self.last_panel = focus.LastPanel(self)
        self.actions_ = ActionSet(self)
        self.finder = Palette(self)
        self._fill_menus()
        self.toolbar = ToolBar(self)
        self.addToolBar(self.toolbar)
        self.setStatusBar(StatusLine(self.session, self))
        self.docks.restore()
        self._listen()
        self._name()
        self.actions_.refresh()

    # Put together

    def _fill_menus(self) -> None:
        menus = self.actions_.menu_bar(self.menuBar())
        file, view = menus["File"], menus["View"]
        recent = QMenu("Open recent", self)
        recent.setIcon(icon("recent"))
        recent.aboutToShow.connect(lambda: self._fill_recent(recent))
        others = QMenu("Open example", self)
        others.setIcon(icon("examples"))
        others.aboutToShow.connect(lambda: self._fill_examples(others))
        begin = QMenu("New from template", self)
        begin.setIcon(icon("template"))
        begin.aboutToShow.connect(lambda: self.templates.fill(begin))
        file.insertMenu(self.actions_["file.open"], begin)
        for menu in (recent, others):
            file.insertMenu(self.actions_["file.save"], menu)
        file.insertSeparator(self.actions_["file.save"])
        panels = QMenu("Panels", self)
        panels.addActions(self.docks.toggles())
        rule = view.actions()[view.actions().index(self.actions_["view.minimap"]) - 1]
        view.insertMenu(rule, BookmarksMenu(self))
        view.insertMenu(self.actions_["view.dark"], panels)
        view.insertSeparator(self.actions_["view.dark"])

    def _fill_recent(self, menu: QMenu) -> None:
        menu.clear()
        for path in settings.recent():
            menu.addAction(path.name, partial(self.files.open, path)).setToolTip(str(path))
        if menu.isEmpty():
            menu.addAction("No recent files").setEnabled(False)
        else:
            menu.addSeparator()
            menu.addAction("Forget them", settings.forget_recent)

    def _fill_examples(self, menu: QMenu) -> None:
        menu.clear()
        for example in shelf():
            menu.addAction(example.title, partial(self.files.open_example, example))

    def _listen(self) -> None:
        session, refresh = self.session, self.actions_.refresh_soon
        for signal in (session.document_changed, session.selection_changed, session.compiled, session.saved):
            signal.connect(refresh)
        session.player.changed.connect(refresh)
        session.editing.noted.connect(refresh)
        session.editing.noted.connect(self._name)
        session.status_changed.connect(self.actions_.follow)
        session.document_changed.connect(self._name)
        session.saved.connect(self._name)
        session.status_changed.connect(self._name)
        session.notice.connect(self._tell)
        session.add_requested.connect(self.add_node)
        session.file_wanted.connect(self.files.open)
        session.worker.working.connect(self.stage.show_work)
        session.help_requested.connect(lambda op: session.attempt(self.show_op_page, op))
        session.view_requested.connect(partial(go_to, self))
        session.checked.connect(self._tell_check)
        session.explainer.asked.connect(lambda: self.docks.show_wide("explain"))
        session.supposing.asked.connect(lambda: self.docks.show_wide("what_if"))
        session.command_wanted.connect(self.actions_.run)
        wanting_of(session).asked.connect(lambda *_: self.docks.show_wide("wants", 0.62, 320))
        session.looking.large_wanted.connect(partial(open_values, self))
        session.comparing.began.connect(lambda: self.docks.show("comparison"))
        session.comparing.ended.connect(self.docks["comparison"].hide)
        session.comparing.asked.connect(lambda: self.actions_.run("tools.compare"))
        session.comparing.changed.connect(refresh)
        session.asking.wanted.connect(self.ask_goal)
        session.asking.changed.connect(refresh)
        shown_sample_of(session).changed.connect(refresh)
        session.watches.wanted.connect(lambda: self.docks.show("watches"))
        session.checks.wanted.connect(lambda: self.docks.show_wide("gradient-check"))
        session.checks.changed.connect(refresh)
        session.moments.wanted.connect(self.show_moments)
        session.runs.open_wanted.connect(self.files.open_new)
        session.sweeping.use.open_wanted.connect(self.files.open_new)
        for changed in (session.sweeping.sittings.changed, session.sweeping.chosen, session.sweeping.listed):
            changed.connect(refresh)
        session.opened.connect(lambda: session.in_a_moment(self.canvas.frame_all))
        for each in (
            NormHistory,
            SpreadHistory,
            Films,
        ):  # of the first training, too, whichever panel is opened when
            each.of(session)
        start = self.stage.start_page
        start.open_wanted.connect(self.files.open)
        start.file_wanted.connect(self.files.open)
        start.example_wanted.connect(self.files.open_example)
        start.template_wanted.connect(self.templates.begin)
        start.drawing_wanted.connect(lambda: self.actions_["file.draw_digit"].trigger())
        theme.theme_changed.connect(refresh)
        display_changed.connect(refresh)
        self.canvas.minimap.switched.connect(refresh)

    def _name(self, *_: object) -> None:
        title = f"{self.files.name}[*] — graphlab"
        before = self.windowTitle(), self.isWindowModified()
        if title != before[0]:
            self.setWindowTitle(title)
        if before[1] != self.session.is_modified:
            self.setWindowModified(self.session.is_modified)
        if before != (title, self.session.is_modified):
            self.named.emit()

    def _tell(self, notice: Notice) -> None:
        choices: list[Choice] = [notice.choice] if notice.choice is not None else []
        if self.session.name_of(notice.node_id):
            choices.append(("Show node", lambda: self.show_node(notice.node_id)))
        if notice.level != "info":
            choices.append(("Log", lambda: self.docks.show("log")))
        self.stage.tell(notice, choices)

    def _tell_check(self, check: Checked) -> None:
        """Says how well the gradients agree with finite differences, and whose fault it is where they do not."""
        node = next(iter(check.culprits), "")
        self.session.notify("info" if check.passed else "error", self.session.checks.summary(), node_id=node)

    # What actions ask for

    @property
    def follows_system(self) -> bool:
        return settings.text("theme", "dark") == "system"

    def set_theme(self, name: str) -> None:
        """Puts on "dark", "light", or the desktop's with "system", for every window, and remembers it."""
        settings.settings().setValue("theme", name)
        apply_theme()

    def set_snap(self, on: bool) -> None:
        """Whether dragged nodes stop at the points of the grid; remembered."""
        self.canvas.snap_to_grid = on
        settings.settings().setValue("snap", "yes" if on else "no")

    def set_guides(self, on: bool) -> None:
        """Whether dragged things stick where they line up with a neighbour; remembered."""
        self.canvas.shows_guides = on
        settings.settings().setValue("guides", "yes" if on else "no")

    def set_order(self, on: bool) -> None:
        """Whether nodes wear their numbers and what they are to the whole; remembered."""
        self.canvas.shows_order = on
        settings.settings().setValue("order", "yes" if on else "no")

    @property
    def is_blank(self) -> bool:
        """Whether nothing was done here yet, so that a document may open in this place."""
        return self.session.whole.is_empty and self.session.path is None and not self.session.is_modified

    def turn_tab(self, steps: int) -> None:
        """Brings the document so many tabs further to the front."""
        if self.shell is not None:
            self.shell.turn(steps)

    def leave_start_page(self) -> None:
        self.stage.leave_start_page()

    def show_node(self, id: str) -> None:
        """Selects a node, by the engine's key, and brings it into view, on its sheet if that is another."""
        session = self.session
        if session.name_of(id) or id.removeprefix(session.seen.prefix) in session.document.nodes:
            self.session.show(id)
            self.canvas.frame_selection()

    def add_node(self, op: str) -> None:
        """Adds a node of what an `offers` key stands for in the middle of what is seen, and selects it."""
        self.leave_start_page()
        self.session.attempt(self.canvas.add_op, op, self.canvas.centre())

    def insert(self, paths: list[Path]) -> None:
        """Puts files onto the sheet, in the middle of what is seen: graphs as groups, rows as data nodes."""
        if paths:
            self.leave_start_page()
            self.session.intake.take(paths, self.canvas.centre())

    def run_to_selected(self) -> None:
        """To the selected node's value; when it has that already, to its gradient."""
        id = self.session.selected_node
        status, schedule = self.session.status, self.session.schedule
        done = {(e.node, e.phase) for e in schedule[: status.cursor]}
        key = self.session.seen.key(id)
        self.session.run_to(id, "backward" if (key, "forward") in done else "forward")

    def cycle_breakpoint(self) -> None:
        """At the selected nodes: stop forward, then backward, then both, then not."""
        order = [(), ("forward",), ("backward",), ("forward", "backward")]
        points = self.session.breakpoints
        for id in self.session.selection & self.session.document.nodes.keys():
            present = tuple(phase for phase in ("forward", "backward") if (id, phase) in points)
            chosen = order[(order.index(present) + 1) % len(order)]
            points = frozenset(p for p in points if p[0] != id) | {(id, phase) for phase in chosen}
        self.session.set_breakpoints(points)

    def ask_condition(self) -> None:
        """Opens the condition of the selected node's breakpoint for writing, in the inspector."""
        inspector = self.docks.show("inspector").build()
        assert isinstance(inspector, InspectorPanel)
        inspector.node_page.stops.ask()

    def ask_goal(self) -> None:
        """Opens the field for the element of the selected node whose gradients are wanted, in the inspector."""
        inspector = self.docks.show("inspector").build()
        assert isinstance(inspector, InspectorPanel)
        inspector.node_page.goal.ask()

    def ask_watch(self) -> None:
        """Opens the field for a number to watch at the selected node."""
        panel = self.docks.show("watches").build()
        assert isinstance(panel, WatchesPanel)
        panel.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_moments(self) -> None:
        """Brings up the panel in which moments are compared; it has much to tell."""
        self.docks.show_wide("moments", 0.74, 300)

    def show_next_problem(self) -> None:
        """Goes to the next faulty node after the selected one."""
        problems = self.session.seen.whole.problems
        if not problems:
            self.session.notify("info", "The graph has no problems.")
            return
        here = self.session.seen.prefix + self.session.selected_node
        at = next((k for k, p in enumerate(problems) if p.node_id == here), -1)
        problem = problems[(at + 1) % len(problems)]
        self.show_node(problem.node_id)
        self.session.notify("warning", f"{problem.node}: {problem.message}", problem.hint, problem.node_id)

    def show_op_help(self) -> None:
        self.show_op_page(self.session.document.nodes[self.session.selected_node].op)

    def show_op_page(self, op: str) -> None:
        """Opens the page of an operation. UnknownOpError."""
        from .op_page import page_of

        name = get(op).__name__
        page_of(self).show_op(name, self)

    def show_shortcuts(self) -> None:
        from .dialogs import HANDS, ShortcutSheet

        ShortcutSheet(self, HANDS).show()

    def show_about(self) -> None:
        from .dialogs import About

        About(self).show()

    def show_log_file(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(settings.log_file().parent)))

    def close_all(self) -> None:
        QApplication.closeAllWindows()

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if files_in(event.mimeData()):
            accept(event)

    def dropEvent(self, event: QDropEvent) -> None:
        """Beside the canvas, and on the start page, a graph opens; what holds rows goes onto the sheet."""
        paths = files_in(event.mimeData())
        graphs = [path for path in paths if path.suffix.lower() in GRAPHS]
        if paths:
            accept(event)
            self.session.in_a_moment(lambda: self._open_each(graphs) if graphs else self.insert(paths))

    def _open_each(self, graphs: list[Path]) -> None:
        """Several take tabs of their own; without tabs there is room for one."""
        for path in graphs if self.shell is not None else graphs[:1]:
            self.files.open(path)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes on as one reads, whatever was made when."""
        return focus.tab(self, forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc in a panel that has no use for it leads back to the canvas."""
        if event.key() == Qt.Key.Key_Escape and not self.canvas.hasFocus() and self.canvas.isVisible():
            self.canvas.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.docks.bring_back()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # another tab is in front, or it closes
            self.docks.put_away()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Asks, remembers the layout, ends the engine. Nothing here may raise before the work is safe."""
        typing = self.focusWidget()
        if typing is not None:
            typing.clearFocus()  # what is being typed counts
        self.recovery.write_now()
        if not self.files.may_leave():
            event.ignore()
            return
        self.recovery.close()
        if self.remembers:
            self.docks.save()
        self.hide()
        self.docks.put_away()  # also when it was hidden already
        self.session.close()
        self.session.setParent(None)
        self.session.setParent(self)  # as the last child: panels that leave the screen last still tell it so
        event.accept()
        self.closed.emit(self)


def apply_theme() -> None:
    """Puts on the theme of the settings."""
    app = QApplication.instance()
    name = settings.text("theme", "dark")
    if name == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        name = "light" if scheme == Qt.ColorScheme.Light else "dark"
    if isinstance(app, QApplication):
        theme.apply(app, name)
