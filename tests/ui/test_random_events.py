"""Tens of thousands of events without a plan: nothing raises, Qt has nothing to complain of, and one can go on working.

Mouse, keys, wheel, menus, drags from the library, panels, tabs, dialogs, themes and sizes, on a real frame with real
documents in tabs (without an engine). Whoever is asked for a file or an answer gets one by chance. A failure tells the
seed, the number of the event, and the last thirty events.

    GRAPHLAB_TEST_EVENTS=1000000  how many
    GRAPHLAB_TEST_SEED=7          which ones
"""

from __future__ import annotations

import os
import random
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QThread, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtGui import (
    QContextMenuEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QHelpEvent,
    QMouseEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QInputDialog, QMessageBox, QWidget

from graphlab.io import save
from graphlab.ui import settings, shell, theme
from graphlab.ui.app import application
from graphlab.ui.canvas import CanvasView
from graphlab.ui.session import Session
from graphlab.ui.shell import Shell
from graphlab.ui.widgets.op_tree import OpTree
from graphlab.ui.window import MainWindow
from tests.ui import agreement
from tests.ui.window_trial import small

EVENTS = int(os.environ.get("GRAPHLAB_TEST_EVENTS", "6000" if os.environ.get("CI") else "30000"))
SEED = int(os.environ.get("GRAPHLAB_TEST_SEED", "1"))
SIZE = 40  # nodes on a sheet before some are deleted
PAUSE = 150  # events between two looks at what they led to: painting costs more than all of them
CHECK = 2000  # events between two times that everything must agree
WAITS = 100  # milliseconds that a menu may keep everything waiting until somebody closes it
OF_QT = (  # what Qt says of itself
    "This plugin does not support",
    "driver is not running",
    "commitData called with an editor",  # of a row that goes while its name is being written
)

Key = Qt.Key
BUTTONS = (*(Qt.MouseButton.LeftButton,) * 6, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
NO_BUTTON = Qt.MouseButton.NoButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier
MODIFIERS = (*(NONE,) * 8, SHIFT, CTRL, ALT, CTRL | SHIFT)
WALKING = (
    Key.Key_Left,
    Key.Key_Right,
    Key.Key_Up,
    Key.Key_Down,
    Key.Key_Tab,
    Key.Key_Backtab,
    Key.Key_Home,
    Key.Key_End,
)
DOING = (
    Key.Key_Return, Key.Key_Escape, Key.Key_Escape, Key.Key_Space, Key.Key_Delete, Key.Key_Backspace, Key.Key_Menu,
    Key.Key_PageUp, Key.Key_PageDown, Key.Key_Plus, Key.Key_Minus,
)  # fmt: skip
FUNCTIONS = tuple(Key(Key.Key_F1 + k) for k in (0, 1, 4, 5, 7, 8, 9))
LETTERS = tuple(Key(Key.Key_A + k) for k in range(26))
WORDS = ("lin", "tanh", "add", "mse", "42", "0.5", "(2, 3)", "x", "", "concat", "input", "nonsense")
SLOW = (
    "view.dark",
    "view.follow_system",
    "file.new",
    "view.full_screen",
    "view.reset_layout",
    *("run.sweep_start", "run.sweep_resume", "run.sweep_open", "run.learning_curve", "run.capacity"),
)  # run by others, rarely; or they begin processes that train


class Chance:
    """A hand, a keyboard and a desktop without a plan. `trail` is what they did last."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random, self.folder = random.Random(seed), folder
        self.trail: deque[str] = deque(maxlen=30)
        self.held: QWidget | None = None
        self.button = NO_BUTTON
        self.frame = self._frame()
        self._kinds: list[Callable[[], object]] = []
        self._weights: list[int] = []
        for weight, kind in (
            (2800, self.hover), (240, self.press), (1400, self.drag), (260, self.release), (60, self.click),
            (20, self.double_click), (300, self.wheel), (600, self.walk), (240, self.press_key),
            (900, self.type_letter), (16, self.type_word), (90, self.shortcut), (50, self.command),
            (14, self.context_menu), (14, self.menu_bar), (6, self.library), (16, self.tip), (5, self.panel),
            (4, self.turn), (1, self.resize), (24, self.undo),
        ):  # fmt: skip
            self._kinds.append(kind)
            self._weights.append(weight)

    # What there is

    def _frame(self) -> Shell:
        frame = Shell()
        frame.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        frame.added.connect(self._tame)
        frame.resize(1300, 850)
        frame.show()
        frame.add(MainWindow(Session(small(), engine=False)))
        frame.activateWindow()
        return frame

    def _tame(self, window: MainWindow) -> None:
        """Nobody is there to answer; nothing moves by itself."""
        files = window.files
        files.ask = lambda name: self.random.choice(("discard", "cancel", "save"))
        window.canvas.motion.enabled = False

    @property
    def window(self) -> MainWindow:
        """The document in front; another frame when the last was closed."""
        if not _is_alive(self.frame) or not self.frame.isVisible() or self.frame.current is None:
            self.frame = self._frame()
        assert self.frame.current is not None
        return self.frame.current

    @property
    def canvas(self) -> CanvasView:
        return self.window.canvas

    def focus(self) -> QWidget:
        found = QApplication.activePopupWidget() or QApplication.focusWidget()
        if (
            found is None
        ):  # a menu that has closed still counts as the active window here; a desktop would see to that
            self.window.window().activateWindow()
            self.canvas.setFocus()
            found = QApplication.focusWidget()
        return found or self.window

    def target(self) -> tuple[QWidget, QPoint]:
        """Something to aim at: mostly the canvas and what is on it, else whatever lies anywhere."""
        popup = QApplication.activePopupWidget()
        if popup is not None:
            return popup, self._anywhere(popup)
        if self.random.random() < 0.7:
            return self.canvas, self._on_canvas()
        windows = [w for w in QApplication.topLevelWidgets() if w.isVisible()]
        top = self.random.choice(windows) if windows else self.window
        place = self._anywhere(top)
        child = top.childAt(place) or top
        return child, child.mapFrom(top, place)

    def _place_in(self, widget: QWidget) -> QPoint:
        return self._on_canvas() if widget is self.canvas else self._anywhere(widget)

    def _anywhere(self, widget: QWidget) -> QPoint:
        return QPoint(
            self.random.randrange(max(widget.width(), 1)), self.random.randrange(max(widget.height(), 1))
        )

    def _on_canvas(self) -> QPoint:
        view = self.canvas
        _, places = view.scene.sockets()
        what = self.random.random()
        if len(places) and what < 0.4:
            x, y = places[self.random.randrange(len(places))].tolist()
        elif len(view.scene.rects) and what < 0.75:
            left, top, width, height = view.scene.rects[self.random.randrange(len(view.scene.rects))].tolist()
            x, y = left + self.random.random() * width, top + self.random.random() * height
        else:
            return self._anywhere(view)
        return view.camera.screen(QPointF(x, y)).toPoint()

    # Going on

    def act(self) -> None:
        self.random.choices(self._kinds, self._weights)[0]()

    def say(self, *words: object) -> None:
        self.trail.append(" ".join(map(str, words)))

    def look(self) -> None:
        """What was done takes effect, and is painted."""
        QApplication.processEvents()
        if len(self.canvas.session.document.nodes) > SIZE and self.canvas.gesture is None:
            graph = self.canvas.session.graph
            self.say("deletes what is too much")
            graph.remove(*list(graph.document.nodes)[SIZE // 2 :])
        dialogs = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        for dialog in dialogs[2:]:
            dialog.reject()
        while self.frame.tabs.count() > 3:
            self._close_one()

    def _close_one(self) -> None:
        self.say("closes a tab")
        window = self.window
        window.files.ask = lambda name: "discard"
        window.close()

    def rest(self) -> None:
        """Lets go of everything."""
        self.say("lets go of everything")
        QApplication.processEvents()
        if self.held is not None:
            self.release()
        for _ in range(9):
            popup = QApplication.activePopupWidget()
            if popup is None:
                break
            QTest.keyClick(popup, Key.Key_Escape)
            if QApplication.activePopupWidget() is popup:
                popup.close()
        self.canvas.cancel_gesture()
        self.canvas.search.dismiss()
        self.window.finder.close_up()
        self.canvas.setFocus()
        QApplication.processEvents()

    # Mouse

    def _mouse(
        self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton, down: Qt.MouseButton, keys: Any
    ) -> None:
        assert self.held is not None
        globally = QPointF(self.held.mapToGlobal(at))
        QApplication.sendEvent(self.held, QMouseEvent(kind, QPointF(at), globally, button, down, keys))

    def hover(self) -> None:
        widget, at = self.target()
        self.say("hovers over", _name(widget), at.x(), at.y())
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(at), QPointF(widget.mapToGlobal(at)), NO_BUTTON, NO_BUTTON, NONE
        )
        QApplication.sendEvent(widget, event)

    def press(self) -> None:
        if self.held is not None:
            self.release()
        self.held, at = self.target()
        if isinstance(self.held, OpTree) or isinstance(self.held.parentWidget(), OpTree):
            self.held, at = (
                self.canvas,
                self._on_canvas(),
            )  # dragging from the library runs a loop of the desktop's
        self.button, keys = self.random.choice(BUTTONS), self.random.choice(MODIFIERS)
        self.say("presses", self.button.name, keys.name, "on", _name(self.held), at.x(), at.y())
        self._mouse(QEvent.Type.MouseButtonPress, at, self.button, self.button, keys)

    def drag(self) -> None:
        if self.held is None or not _is_alive(self.held):
            self.held = None
            self.press()
            return
        at = self._place_in(self.held)
        self.say("drags to", at.x(), at.y())
        self._mouse(QEvent.Type.MouseMove, at, NO_BUTTON, self.button, self.random.choice(MODIFIERS))

    def release(self) -> None:
        if self.held is None or not _is_alive(self.held):
            self.held = None
            return
        at = self._place_in(self.held)
        self.say("releases at", at.x(), at.y())
        self._mouse(QEvent.Type.MouseButtonRelease, at, self.button, NO_BUTTON, NONE)
        self.held = None

    def click(self) -> None:
        self.press()
        self.release()

    def double_click(self) -> None:
        self.click()
        self.held, at = self.canvas, self._on_canvas()
        self.say("double-clicks", at.x(), at.y())
        self._mouse(
            QEvent.Type.MouseButtonDblClick, at, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton, NONE
        )
        self.button = Qt.MouseButton.LeftButton
        self.release()

    def wheel(self) -> None:
        widget, at = self.target()
        turn = QPoint(0, self.random.choice((120, -120, 240, -60)))
        self.say("turns the wheel over", _name(widget), turn.y())
        event = QWheelEvent(
            QPointF(at), QPointF(widget.mapToGlobal(at)), QPoint(), turn, NO_BUTTON,
            self.random.choice(MODIFIERS), Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    def tip(self) -> None:
        widget, at = self.target()
        self.say("rests over", _name(widget), at.x(), at.y())
        QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, at, widget.mapToGlobal(at)))

    # Keys

    def _key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        widget = self.focus()
        self.say("presses", keys.name if keys else "", key.name, "in", _name(widget))
        QTest.keyClick(widget, key, keys)

    def walk(self) -> None:
        self._key(self.random.choice(WALKING), self.random.choice(MODIFIERS))

    def press_key(self) -> None:
        keys = self.random.choice((*DOING, *FUNCTIONS))
        self._key(keys, self.random.choice((NONE, NONE, SHIFT)))

    def type_letter(self) -> None:
        self._key(self.random.choice(LETTERS), self.random.choice((NONE, NONE, NONE, SHIFT)))

    def type_word(self) -> None:
        word, widget = self.random.choice(WORDS), self.focus()
        self.say("types", repr(word), "into", _name(widget))
        QTest.keyClicks(widget, word)
        self._key(Key.Key_Return)

    def shortcut(self) -> None:
        letter = self.random.choice([key for key in LETTERS if key not in (Key.Key_Q, Key.Key_T, Key.Key_N)])
        self._key(letter, self.random.choice((CTRL, CTRL, CTRL | SHIFT)))

    # The rest of the desktop

    def command(self) -> None:
        """An action, as from a menu."""
        made = self.window.actions_
        id = self.random.choice([id for id in made._by_id if id not in SLOW])
        self.say("does", id)
        made.run(id)

    def undo(self) -> None:
        for _ in range(self.random.randrange(1, 6)):
            self.say("undoes or redoes")
            self.window.actions_.run(self.random.choice(("edit.undo", "edit.redo")))

    def context_menu(self) -> None:
        widget, at = self.target()
        self.say("asks for the menu of", _name(widget), at.x(), at.y())
        why = self.random.choice((QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard))
        QTimer.singleShot(0, _close_popup)  # a spin box of Qt's waits for its menu to close
        QApplication.sendEvent(widget, QContextMenuEvent(why, at, widget.mapToGlobal(at)))
        self._in_popup()

    def menu_bar(self) -> None:
        bar = self.window.menuBar()
        menu = self.random.choice([a.menu() for a in bar.actions()[1:]])  # what File asks, others ask by keys
        self.say("opens menu", menu.title())
        menu.popup(bar.mapToGlobal(QPoint(0, bar.height())))
        self._in_popup()

    def _in_popup(self) -> None:
        for _ in range(self.random.randrange(8)):
            if QApplication.activePopupWidget() is None:
                return
            self._key(self.random.choice((Key.Key_Down, Key.Key_Down, Key.Key_Up, Key.Key_Right)))
        if QApplication.activePopupWidget() is not None:
            self._key(self.random.choice((Key.Key_Return, Key.Key_Escape, Key.Key_Escape)))

    def library(self) -> None:
        """Drags a row of the library over the canvas, and mostly lets it go there."""
        panel = self.window.docks["library"].build()
        panel.search.clear()  # what was typed there may leave nothing to drag
        tree = panel.tree
        op = self.random.choice(tree.op_names())
        data, view, copy = tree.mime(op), self.canvas, Qt.DropAction.CopyAction
        at, left = self._on_canvas(), Qt.MouseButton.LeftButton
        self.say("drags", op, "from the library to", at.x(), at.y())
        QApplication.sendEvent(view, QDragEnterEvent(at, copy, data, left, NONE))
        for _ in range(2):
            at = self._on_canvas()
            QApplication.sendEvent(view, QDragMoveEvent(at, copy, data, left, self.random.choice(MODIFIERS)))
        if self.random.random() < 0.3:
            QApplication.sendEvent(view, QDragLeaveEvent())
        else:
            QApplication.sendEvent(view, QDropEvent(QPointF(at), copy, data, left, NONE))

    def panel(self) -> None:
        dock = self.random.choice(list(self.window.docks.by_id.values()))
        what = self.random.choice(("close", "show", "show", "float", "show"))
        self.say("panel", dock.panel.id, what)
        if what == "close":
            dock.close()
        elif what == "float":
            dock.setFloating(not dock.isFloating())
        else:
            self.window.docks.show(dock.panel.id)

    def turn(self) -> None:
        """Tabs: another one in front, a new one, one that closes."""
        what = self.random.choice(("turn", "turn", "turn", "new", "close"))
        self.say("tabs:", what)
        if what == "turn":
            self.window.turn_tab(1)
        elif what == "new":
            self.window.actions_.run("file.new")
        else:
            self.window.close()

    def resize(self) -> None:
        what = self.random.random()
        if what < 0.06:  # a second or two with several windows
            self.say("changes the theme")
            self.window.set_theme(self.random.choice(("dark", "light")))
        elif what < 0.15:
            self.say("puts the panels back")
            self.window.actions_.run("view.reset_layout")
        else:
            width, height = self.random.randrange(960, 1700), self.random.randrange(600, 1000)
            self.say("resizes to", width, height)
            self.window.window().resize(width, height)


def _is_alive(widget: QWidget) -> bool:
    try:
        return bool(widget.isVisible() or True)
    except RuntimeError:  # deleted by Qt
        return False


def _name(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()}".strip()


class Watch:
    """Whatever raises or is complained of while one watches, wherever."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def raised(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.faults.append("".join(traceback.format_exception(kind, error, trace)))

    def complained(self, kind: QtMsgType, context: object, text: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not any(
            words in text for words in OF_QT
        ):
            self.faults.append(f"Qt: {text}\n{''.join(traceback.format_stack()[-8:])}")


def _end_waiting() -> None:
    """A menu that was opened to be waited for, as a button does, has nobody to choose from it."""
    if QThread.currentThread().loopLevel():
        _close_popup()


def _close_popup() -> None:
    popup = QApplication.activePopupWidget()
    if popup is not None:
        popup.close()


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    found = Watch()
    monkeypatch.setattr(sys, "excepthook", found.raised)
    before = qInstallMessageHandler(found.complained)
    patience = QTimer(interval=WAITS)
    patience.timeout.connect(_end_waiting)
    patience.start()
    yield found
    patience.stop()
    qInstallMessageHandler(before)


@pytest.fixture
def folder(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Files to open, good and bad; and nothing that would leave the program or start another."""
    monkeypatch.setenv(settings.PLACE, str(tmp_path / "settings"))
    monkeypatch.setattr(shell, "Session", lambda graph: Session(graph, engine=False))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: True)
    application()
    place = tmp_path / "files"
    place.mkdir()
    save(small(), place / "0.graphlab")
    (place / "broken.graphlab").write_bytes(b"PK\x03\x04 not really")
    yield place
    while qapp.activePopupWidget() is not None:
        qapp.activePopupWidget().close()
    for window in qapp.topLevelWidgets():
        if isinstance(window, Shell):  # after a failure
            for tab in window.windows:
                tab.files.ask = lambda name: "discard"
        if isinstance(
            window, QDialog
        ):  # one that waits would keep the mouse from every window that comes after
            window.reject()
        window.close()
    QApplication.processEvents()
    theme.apply(qapp, "dark")


def go(chance: Chance, watch: Watch, events: int) -> None:
    """So many events; the first fault ends it, with all that is needed to see it again."""
    for number in range(events):
        try:
            chance.act()
            if number % PAUSE == 0:
                chance.look()
            if number % CHECK == CHECK - 1:
                chance.rest()
                agreement.all_agree(chance.canvas)
        except Exception:
            watch.faults.append(traceback.format_exc())
        if watch.faults:
            trail = "\n  ".join(chance.trail)
            sys.stderr.write(f"FAULT seed {SEED}, event {number}, after\n  {trail}\n\n{watch.faults[0]}\n")
            sys.stderr.flush()
            pytest.fail(f"seed {SEED}, event {number}, after\n  {trail}\n\n{watch.faults[0]}", pytrace=False)


@pytest.fixture(autouse=True)
def answered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever dialog of Qt's would wait for an answer gets one by chance."""
    dice = random.Random(SEED)

    def one() -> str:
        return str(dice.choice([*folder.iterdir(), ""]))

    for name, answer in {
        "getOpenFileName": lambda *_: (one(), ""),
        "getOpenFileNames": lambda *_: ([path for path in (one(), one()) if path], ""),
        "getExistingDirectory": lambda *_: dice.choice((str(folder), "")),
        "getSaveFileName": lambda *_: (
            dice.choice((str(folder / "0.graphlab"), "", "/nowhere/x.graphlab")),
            "",
        ),
    }.items():
        monkeypatch.setattr(QFileDialog, name, staticmethod(answer))
    monkeypatch.setattr(QInputDialog, "getItem", staticmethod(lambda *a: (a[3][0], dice.random() < 0.5)))
    monkeypatch.setattr(QInputDialog, "getText", staticmethod(lambda *_: ("by chance", dice.random() < 0.5)))
    monkeypatch.setattr(
        QMessageBox, "exec", lambda box: dice.choice([box.standardButton(button) for button in box.buttons()])
    )


@pytest.mark.timeout(300 + EVENTS // 200)
@pytest.mark.qt_log_ignore(".*")  # watched here, with what led to it
def test_whatever_happens_nothing_breaks_and_one_can_go_on(folder: Path, watch: Watch) -> None:
    chance = Chance(SEED, folder)
    go(chance, watch, EVENTS)
    chance.rest()
    view = chance.canvas
    agreement.all_agree(view)
    agreement.undo_and_redo_are_exact(view)
    before = len(view.session.root.document.nodes)
    view.session.go_inside(())
    added = view.session.graph.add("Tanh")
    assert len(view.session.root.document.nodes) == before + 1
    view.session.select({added.id})
    view.grab()
    assert chance.window.actions_.run("edit.undo")
    assert added.id not in view.session.document.nodes
    for window in chance.frame.windows:
        window.files.ask = lambda name: "discard"
    chance.frame.close()
    QApplication.processEvents()
    assert not watch.faults, watch.faults[0]


def test_a_fault_is_told_with_its_seed_and_what_led_to_it(
    folder: Path, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = Chance(SEED, folder)

    def broken(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(CanvasView, "wheelEvent", broken)
    with pytest.raises(pytest.fail.Exception, match=rf"(?s)seed {SEED}, event .*turns the wheel.*on purpose"):
        go(chance, watch, 2000)
    watch.faults.clear()
    for window in chance.frame.windows:
        window.files.ask = lambda name: "discard"
    chance.frame.close()
