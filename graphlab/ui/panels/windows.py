"""Windows: convolution and pooling one window at a time, forward and back, with sizes to try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from ...graph.copies import node_of
from ...lab.window_sizes import Trial
from ...lab.windows import Floats
from ..sample_arrays import Found, SampleArrays
from ..session import Session
from ..tensors import Wish
from ..theme import mono_font
from ..widgets.window_settings import WindowSettings
from ..widgets.window_stage import WindowStage
from ..window_player import WindowPlayer
from ..window_words import calculation, goes_back, padding_told, sent_told, windows_told
from ..windowed import BACK, BACK_AS, FORWARD, MODES, OTHER_SIZE, Windowed, shape_of, slides, windowed
from .live import LivePanel, header_choice
from .registry import panel
from .two_columns import scrolling, turn
from .windows_parts import WindowTools

WIDE = 560  # pixels from which the settings stand beside
SETTINGS = 236  # pixels of them
NOTHING = "Nothing here moves a window. Add Conv1d, Conv2d or a pooling node, and give it an x."


@panel("windows", "Windows", "bottom", 44, shown=False, tabbed=True, stretch=60)
class WindowsPanel(LivePanel):
    """Follows the selected node that moves a window. Space plays, arrows move the window, Page Up and Down the row."""

    picture = "windows"
    of_whole = True
    limit = 4096

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.arrays = SampleArrays(session, self)
        self.arrays.arrived.connect(self._take)
        self.player = WindowPlayer(self)
        self.tools = WindowTools(self.player)
        self.found: Found | None = None
        self.changes: dict[str, Any] = {}
        self._keys: list[str] = []
        self._known: tuple[object, list[tuple[str, str]]] = (None, [])
        self._about: object = None  # the node and its shapes
        self._is_stale, self._is_new = True, False
        self._selected, self._wants_keys = "", False
        self.node = header_choice((), "Node", "Which node moves the window", self._choose_node, 8)
        self.mode = header_choice(
            MODES, "Way", "What is played: forward, or what comes back", self._choose, 14
        )
        self.stage, self.settings, self.said = WindowStage(), WindowSettings(), QLabel()
        self.set_content(self._build())
        self._listen()

    # What it is made of

    def _build(self) -> QWidget:
        content = QWidget()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight, content)
        self._both.setContentsMargins(10, 2, 6, 4)
        self._both.setSpacing(10)
        main = QVBoxLayout()
        main.setSpacing(3)
        main.addWidget(self.tools)
        main.addWidget(self.stage, 1)
        self.said.setFont(mono_font(11))
        self.said.setWordWrap(True)
        self.said.setMinimumWidth(1)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.said.setAccessibleName("The calculation")
        main.addWidget(self.said)
        self._both.addLayout(main, 1)
        inside = QVBoxLayout()
        inside.setContentsMargins(0, 2, 4, 0)
        inside.addWidget(self.settings)
        self.side = scrolling(inside)
        self._both.addWidget(self.side)
        return content

    def _listen(self) -> None:
        self.stage.placed.connect(self.go)
        self.stage.picked.connect(self.pick)
        self.stage.play_wanted.connect(self.toggle)
        self.stage.result_questioned.connect(self._explain)
        self.stage.input_questioned.connect(self._explain_input)
        self.player.moved.connect(self.show_played)
        self.tools.stepped.connect(self.step)
        self.tools.toggled.connect(self.toggle)
        self.tools.chosen.connect(self._choose)
        self.tools.rowed.connect(self.changed)
        self.settings.changed.connect(self.attempt)
        self.settings.apply_wanted.connect(self.apply)

    def header_tools(self) -> list[QWidget]:
        return [self.node, self.mode]

    # Which node

    def graph_changed(self, *_: object) -> None:
        self._is_stale = True
        self.arrays.forget()  # an engine that is made ready anew answers no questions of before
        if self.isVisible():
            self._follow()
        super().graph_changed()

    def changed(self, *_: object) -> None:
        self._is_stale = True
        super().changed()

    def choices(self) -> list[tuple[str, str]]:
        """(key, path) of the nodes that can be played."""
        whole = self.session.seen.whole
        if self._known[0] is not whole:  # a large graph is gone through once an edit
            self._known = (whole, windowed(whole))
        return self._known[1]

    def _follow(self) -> None:
        """Fills the choice of nodes, and takes the selected one if it is another now."""
        found = self.choices()
        chosen = self.key
        keys, names = [key for key, _ in found], [name for _, name in found]
        if keys != self._keys or names != [self.node.itemText(k) for k in range(self.node.count())]:
            self._keys = keys
            self.node.clear()
            self.node.addItems(names)
            self.node.setCurrentIndex(keys.index(chosen) if chosen in keys else 0)
        self.node.setVisible(len(names) > 1)
        selected = self.session.selected_node
        if selected != self._selected:
            self._selected = selected
            key = self.session.seen.key(selected) if selected else ""
            if key in keys:
                self.node.setCurrentIndex(keys.index(key))
        self._begin_node()

    @property
    def key(self) -> str:
        """The engine's key of the node that is played."""
        at = self.node.currentIndex()
        return self._keys[at] if 0 <= at < len(self._keys) else ""

    def windowed(self) -> Windowed | None:
        """The node that is played, with the settings that are tried."""
        whole = self.session.seen.whole
        node = whole.nodes.get(self.key)
        x = shape_of(whole, node) if node is not None and slides(node.op) else None
        return None if node is None or x is None else Windowed(whole, node, x, self.changes)

    def _begin_node(self) -> None:
        """Another node, or the same one with other sizes: what was tried and picked is of no interest any more."""
        it = self.windowed()
        about = None if it is None else (it.node.key, it.op, it.x)
        if about == self._about:
            return
        self._about, self.found, self.changes = about, None, {}
        self.player.stop()
        self.arrays.forget()
        self.stage.landed = None
        self.stage.pick(None)
        if it is not None:
            sliding = it.op.sliding(it.x)
            is_sum = sliding is not None and sliding.kind == "sum"
            self.tools.show_channels(it.outputs, it.x[1], is_sum)
            self.mode.refill(list(MODES if is_sum else (FORWARD, BACK)))

    # The numbers

    def keys(self) -> list[Wish]:
        it = self.windowed()
        return [] if it is None else [each.key for each in it.wanted(0, self._is_back).values()]

    @property
    def _is_back(self) -> bool:
        return self.mode.currentText() != FORWARD

    def missing(self) -> bool:
        it = self.windowed()
        if it is None:
            self.empty.say(NOTHING)
            return True
        if self._is_stale:
            self._is_stale = False
            self.arrays.want(it.wanted(self.tools.row.value(), self._is_back))
        found = self.found
        if found is None:
            self.empty.say("Asking the engine …")
        elif "x" in found.faults or "weight" in found.faults or "bias" in found.faults:
            self._say_missing(
                next(iter(found.faults.values())), "forward", f"{it.name} moves over {it.source}"
            )
        elif self._is_back and "dy" not in found.arrays:
            self._say_missing(
                found.faults.get("dy", ""), "backward", f"Windows of {it.name} send gradients back"
            )
        else:
            return False
        return True

    def _say_missing(self, fault: str, phase: str, what: str) -> None:
        if fault and "computed" not in fault:
            self.empty.say(fault)
        else:
            self.say_nothing_runs(f"{what} once its numbers are there.", phase)

    def _take(self, found: Found) -> None:
        self.found, self._is_new = found, True
        self.tools.show_rows(found.rows)
        if self.isVisible():
            self.pace.ask()

    def redraw(self) -> None:
        if self._is_new:
            self._is_new = False
            self.draw()

    def draw(self) -> None:
        """Everything anew, by the numbers at hand and the settings that are tried."""
        it, found = self.windowed(), self.found
        if it is None or found is None or "x" not in found.arrays:
            return
        trial = it.trial()
        self.settings.show_op(it.op, self.changes, it.field, trial.op)
        self.settings.show_trial(trial, bool(self.changes), it.why_not() if self.changes else "")
        if trial.sliding is None:
            self.player.stop()
            self.stage.say(f"{trial.why} {trial.hint}".strip())
            self.said.clear()
            return
        self._show_act(it, trial, found)

    def _show_act(self, it: Windowed, trial: Trial, found: Found) -> None:
        dy = self._upstream(it, trial, found)
        if dy is None and self._is_back:
            self.stage.say(OTHER_SIZE)
            self.said.clear()
            return
        scene = it.scene(trial, found.arrays)
        out = min(self.tools.out.value(), scene.sliding.outputs - 1)
        self.tools.out.setEnabled(self.mode.currentText() != BACK_AS)  # there all of them are added up
        if self._wants_keys:
            self._wants_keys = False
            self.stage.setFocus()
        self.stage.show_act(
            it.act(scene, self.mode.currentText(), out, self._channel(scene.sliding.group(out)), dy)
        )
        self._tell()

    def _upstream(self, it: Windowed, trial: Trial, found: Found) -> Floats | None:
        if not self._is_back or "dy" not in found.arrays or trial.sliding is None:
            return None
        dy = it.upstream(found.arrays)
        return dy if dy.shape[1:] == trial.sliding.size else None

    def _channel(self, group: range) -> int | None:
        """The one that was chosen, if the channel of the result is made of it."""
        chosen = self.tools.channel.value()
        return chosen if chosen in group and len(group) > 1 else None

    def take_keys(self) -> None:
        """Gives the keyboard to the stage, as soon as something is played there."""
        self._wants_keys = True
        self.stage.setFocus()

    # In words

    def _tell(self) -> None:
        act, look = self.stage.act, self.stage.look
        if act is None or look is None:
            return
        kind = act.scene.sliding.kind
        if act.upstream is not None:
            value = float(act.upstream[look.at])
            told = [f"{act.result_at(*self.stage.at)} = {goes_back(value, look, kind)}"]
        else:
            told = [f"{act.result_at(*self.stage.at)} = {calculation(look, kind)}", padding_told(look)]
        told.append(self._element_told())
        self.said.setText("  ·  ".join(filter(None, told)))
        self.stage.setAccessibleDescription(self.said.text())

    def _element_told(self) -> str:
        boards, element = self.stage.boards, self.stage.element
        if boards is None or element is None:
            return ""
        act = boards.act
        name = act.input_at(*element)
        if act.upstream is not None:
            sent = act.scene.sent_to(element[0], element[1:], act.upstream)
            return f"{name} = {sent_told(sent, act.scene.sliding.field, act.names[2])}"
        return f"{name} {windows_told(boards.over, act.scene, act.names[2])}"

    # Hands

    def _choose_node(self, *_: object) -> None:
        self._begin_node()
        self.graph_changed()

    def _choose(self, *_: object) -> None:
        """Another channel, or another way."""
        self.player.stop()
        self.stage.landed = None
        self.stage.pick(None)
        needs = self._is_back and self.found is not None and "dy" not in self.found.arrays
        if needs:
            self.graph_changed()
        elif self.isVisible():
            self._is_new = True
            self.draw()
            super().changed()

    def _explain(self, at: tuple[int, int]) -> None:
        """How a number of the result came about."""
        it, act = self.windowed(), self.stage.act
        if it is not None and act is not None:
            self._ask(it.asked_about(self.mode.currentText(), act.out, at, self.tools.row.value()))

    def _explain_input(self, element: tuple[int, int, int]) -> None:
        it = self.windowed()
        if it is not None:
            self._ask(it.asked_about_input(self.mode.currentText(), element, self.tools.row.value()))

    def _ask(self, number: tuple[str, str, str, Any] | None) -> None:
        if number is not None:
            self.session.explainer.ask(*number)

    @property
    def count(self) -> int:
        """How many windows there are."""
        act = self.stage.act
        return 0 if act is None else act.scene.sliding.size[0] * act.scene.sliding.size[1]

    @property
    def place(self) -> int:
        """Which window it is, counted in reading order."""
        act, (row, column) = self.stage.act, self.stage.at
        return 0 if act is None else row * act.scene.sliding.size[1] + column

    def go(self, at: tuple[int, int]) -> None:
        """To the window of an element of the result, all of which is seen."""
        self.player.stop()
        self.stage.go(at)
        self._tell()

    def pick(self, element: tuple[int, int, int] | None) -> None:
        """Lights every window that an element of the input falls in."""
        self.stage.pick(element)
        self._tell()

    def step(self, by: int) -> None:
        """To the window before or after, 0 for the first, with the result as far as it has been played."""
        self.player.stop()
        if self.count:
            self.show_played(min(max(self.place + by, 0), self.count - 1) + 1 if by else 1)

    def toggle(self) -> None:
        """Plays from where it is, or pauses."""
        if self.player.is_playing:
            self.player.stop()
        elif self.count:
            played = self.place + 1 if self.stage.landed is not None else 0
            self.player.play(played, self.count)

    def show_played(self, landed: int) -> None:
        act = self.stage.act
        if act is not None and landed:
            row, column = divmod(min(landed, self.count) - 1, act.scene.sliding.size[1])
            self.stage.go((row, column), landed)
            self._tell()

    def attempt(self, changes: dict[str, Any]) -> None:
        """Tries other settings, beside the document."""
        self.changes = changes
        self.player.stop()
        self.stage.landed = None
        self.draw()

    def apply(self) -> None:
        """Gives the node the settings that are tried, as one undo entry."""
        key, changes = self.key, self.changes
        seen = self.session.seen
        here = seen.here(key)
        if not here or seen.prefix + here != key:
            self.session.show(key)
            here = node_of(key.rpartition("/")[2])
        if changes and here in self.session.document.nodes:
            self.session.attempt(self.session.graph.set, here, "", **changes)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}.get(Qt.Key(event.key()))
        if by is not None:
            self.tools.row.setValue(self.tools.row.value() + by)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_wide = self.width() >= WIDE
        turn(self._both, is_wide)
        self.side.setFixedWidth(SETTINGS) if is_wide else self.side.setMaximumWidth(16_777_215)
        if not is_wide:
            self.side.setMinimumWidth(1)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.player.stop()
        self.arrays.forget()

    def table(self) -> tuple[list[str], Iterator[Sequence[Any]]]:
        """Every number of the result that is shown, with its place."""
        values = self.stage.boards.right.values if self.stage.boards is not None else np.zeros((0, 0))
        return ["y", "x", "value"], ([*at, float(value)] for at, value in np.ndenumerate(values))
