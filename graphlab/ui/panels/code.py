"""Code: the graph as a NumPy script or a module of PyTorch, the lines of the node that is being computed lit."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QLabel, QMenu, QVBoxLayout, QWidget

from ...engine.messages import Watched
from ...io.numpy_script import Script
from ..icons import icon
from ..leaving import TORCH_KINDS, name_for, save_module
from ..module_lines import ModuleLines
from ..plans import plan_of, shown_keys
from ..script_files import KINDS, file_name, save_script
from ..scripting import Scripting
from ..session import Session
from ..widgets.code_view import CodeView, Light
from ..widgets.own_keys import OwnKeys
from ..widgets.picture_button import IN_TITLE, picture_button
from ..widgets.search_line import SearchLine
from .live import LivePanel
from .registry import panel

EMPTY = "The graph stands here as a Python script that needs NumPy alone and comes to the same numbers."


@panel("code", "Code", "bottom", 62, icon="code", shown=False, stretch=60)
class CodePanel(LivePanel):
    """A click into a line selects its node, Enter goes to that entry of the schedule, Ctrl+F searches."""

    picture = "code"
    of_whole = True

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.scripting = Scripting(session, self)
        self.module = ModuleLines(session)
        self.language = QComboBox()
        self.language.addItems(["NumPy", "PyTorch"])
        self.language.setAccessibleName("Language of the code")
        self.language.setToolTip("Whether the graph stands here as a NumPy script or as a module of PyTorch")
        self.language.currentIndexChanged.connect(self._change_language)
        self.view = CodeView()
        self.search = SearchLine(self.view)
        self.beside = QLabel()
        self.beside.setProperty("role", "secondary")
        self.beside.setContentsMargins(12, 3, 12, 4)
        self.beside.setMinimumWidth(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.search, self.view, self.beside):
            column.addWidget(widget, 1 if widget is self.view else 0)
        self.set_content(page)
        self.setFocusProxy(self.view)
        self._cursor = -1
        self._is_following = False  # the selection moves the caret, the caret moves the selection
        self.scripting.changed.connect(self._written)
        session.selection_changed.connect(self._follow_selection)
        self.view.pointed.connect(self._select_node)
        self.view.taken.connect(self._go)
        self.view.passed.connect(self._point)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._pop_up)
        OwnKeys(self.view, "Ctrl+F", run=self.search.open)
        for keys, way in (("F3", 1), ("Shift+F3", -1)):
            QShortcut(
                QKeySequence(keys),
                self,
                lambda way=way: self.search.go(way),
                context=Qt.ShortcutContext.WidgetWithChildrenShortcut,
            )

    def header_tools(self) -> list[QWidget]:
        return [
            self.language,
            picture_button("search", "Find in the code (Ctrl+F)", self.search.open, IN_TITLE),
            picture_button("copy", "Copy the script", self.copy_all, IN_TITLE),
            picture_button("save", "Save the script, with its arrays …", self.save, IN_TITLE),
        ]

    # Showing

    @property
    def is_module(self) -> bool:
        """Whether it is PyTorch that is shown."""
        return self.language.currentIndex() == 1

    def _change_language(self, *_: object) -> None:
        word = "a module of PyTorch" if self.is_module else "NumPy code"
        self.view.setAccessibleName(f"The graph as {word}")
        self.view.set_light(Light())
        if self.is_module:
            self.scripting.stop()
            self.module.keep()
            self._show_module()
        else:
            self._written()
        self.changed()

    def _show_module(self) -> None:
        self.view.set_lines(self.module.texts)
        self.beside.setText(self.module.beside)
        self._cursor = -1
        self._light_up()

    def keys(self) -> list[Watched]:
        if self.is_module:
            return []
        return self.scripting.wishes() if plan_of(self.session).nodes else []

    def missing(self) -> bool:
        plan = plan_of(self.session)
        if plan.nodes:
            return False
        if not self.session.whole.nodes:
            self.empty.say(f"{EMPTY} Add nodes, or open an example.")
        else:
            self.empty.say(f"{plan.problems[0].node}: {plan.problems[0].message}" if plan.problems else EMPTY)
        return True

    def redraw(self) -> None:
        if self.is_module:
            if self.module.keep():
                self._show_module()
            self._light_up()
            return
        if self.session.status.state != "training":  # the numbers would be others before they are read
            self.scripting.keep()
        self._light_up()

    def _written(self) -> None:
        script = self.scripting.script
        if script is None or self.is_module:
            return
        self.view.set_lines([line.text for line in script.lines])
        self.beside.setText(_beside(script, file_name(self.session)))
        self._cursor = -1
        self._light_up()
        self.changed()  # numbers may have come while it was written

    def _light_up(self) -> None:
        script, status = self.scripting.script, self.session.status
        if script is None and not self.is_module:
            return
        entry = status.entry if status.cursor and status.state != "training" else None
        if self.is_module:
            lines = self.module.of({entry.node}) if entry is not None and entry.phase == "forward" else []
        else:
            assert script is not None
            lines = script.places.get((entry.phase, entry.node), []) if entry is not None else []
        chosen = self._lines_of(self.session.selection)
        self.view.set_light(Light(frozenset(lines), entry.phase if entry else "", frozenset(chosen)))
        if status.cursor != self._cursor:
            self._cursor = status.cursor
            self.view.bring(lines)

    def _lines_of(self, nodes: frozenset[str]) -> list[int]:
        script, plan = self.scripting.script, self.scripting.plan
        if self.is_module:
            return (
                self.module.of(shown_keys(self.session, nodes, plan_of(self.session).nodes)) if nodes else []
            )
        if script is None:
            return []
        keys = shown_keys(self.session, nodes, plan.nodes) if plan is not None else set()
        return [at for at, line in enumerate(script.lines) if line.node in keys] if keys else []

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.scripting.stop()

    # Selection, both ways

    def _follow_selection(self, chosen: frozenset[str]) -> None:
        script = self.scripting.script
        if (script is None and not self.is_module) or not self.isVisible():
            return
        self._light_up()
        if self._is_following:
            return
        lines = self._lines_of(chosen)
        if self.is_module or script is None:
            self._go_to_lines(lines)
            return
        entry = self.session.status.entry
        phase = entry.phase if entry is not None and entry.phase != "update" else "forward"
        self._go_to_lines([at for at in lines if script.lines[at].phase == phase] or lines)

    def _go_to_lines(self, lines: list[int]) -> None:
        if lines:
            self.view.put_caret(lines[0])
            self.view.bring(lines)

    def _node_at(self, at: int) -> str:
        """The key of the node that a line is of; "" for none."""
        if self.is_module:
            return self.module.nodes[at] if 0 <= at < len(self.module.nodes) else ""
        script = self.scripting.script
        return script.lines[at].node if script is not None and 0 <= at < len(script.lines) else ""

    def _select_node(self, at: int) -> None:
        node = self._node_at(at)
        if node and not self._is_following:
            self._is_following = True
            self.session.select_key(node)
            self._is_following = False

    def _point(self, at: int) -> None:
        """The node of the line under the pointer is lit on the canvas."""
        node = self._node_at(at)
        self.session.hovered.emit(self.session.seen.here(node) if node else "")

    def menu(self, place: QPoint) -> QMenu:
        """What can be done at a place of the view, in its pixels."""
        at = self.view.cursorForPosition(place).blockNumber()
        menu = self.view.createStandardContextMenu(place)
        menu.addSeparator()
        menu.addAction(icon("run-to-node"), "Go to this entry", lambda: self._go(at))
        menu.addAction(icon("search"), "Find …", self.search.open)
        menu.addAction(icon("copy"), "Copy the script", self.copy_all)
        menu.addAction(icon("save"), "Save the script …", self.save)
        return menu

    def _pop_up(self, place: QPoint) -> None:
        menu = self.menu(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.viewport().mapToGlobal(place))

    def _go(self, at: int) -> None:
        """To the entry of the schedule that a line belongs to."""
        if self.is_module:
            self._go_to_node(self._node_at(at))
            return
        script = self.scripting.script
        line = script.lines[at] if script is not None and at < len(script.lines) else None
        for place, entry in enumerate(self.session.schedule):
            if line is not None and line.phase and (entry.phase, entry.node) == (line.phase, line.node):
                self.session.go_to(place + 1)
                return

    def _go_to_node(self, node: str) -> None:
        """Just after the node was computed forward; a group, when the last of it was."""
        places = [
            place + 1
            for place, entry in enumerate(self.session.schedule)
            if node and entry.phase == "forward" and (entry.node == node or entry.node.startswith(f"{node}/"))
        ]
        if places:
            self.session.go_to(places[-1])

    # Taking it along

    def copy_all(self) -> None:
        """The script on the clipboard; what stands in the file beside it does not come along, and that is said."""
        script = self.scripting.script
        if self.is_module:
            QApplication.clipboard().setText("\n".join(self.module.texts) + "\n")
            self.session.notify(
                "info", f"The module was copied ({len(self.module.texts):,} lines).", self.module.beside
            )
            return
        if script is None:
            return
        QApplication.clipboard().setText(script.text)
        lines = len(script.lines)
        if script.outside:
            self.session.notify(
                "info",
                f"The script was copied ({lines:,} lines). It reads large arrays from a file.",
                "Save it, and the file is written beside it.",
            )
        else:
            self.session.notify("info", f"The script was copied ({lines:,} lines).")

    def save(self) -> None:
        """Writes the script of the present moment, and its arrays beside it."""
        folder = self.session.path.parent if self.session.path is not None else Path.home()
        name = name_for(self.session, ".py") if self.is_module else file_name(self.session)
        chosen = self.choose(str(folder / name))
        if chosen and self.is_module:
            save_module(self.session, Path(chosen).with_suffix(".py"))
        elif chosen:
            save_script(self.session, Path(chosen).with_suffix(".py"))

    def choose(self, start: str) -> str:
        """Asks where to; "" when the person thinks better of it."""
        kinds = TORCH_KINDS if self.is_module else KINDS
        return QFileDialog.getSaveFileName(self, "Save the code", start, kinds)[0]


def _beside(script: Script, name: str) -> str:
    """Which arrays are not in the script itself."""
    names = script.outside
    if not names:
        return "All numbers stand in the script."
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3:,} more" if len(names) > 3 else "")
    return f"{shown}: read from {Path(name).with_suffix('.npz').name}, which Save writes beside the script."
