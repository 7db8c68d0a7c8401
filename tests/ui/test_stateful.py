"""A person at work on the real window, as hypothesis thinks one up: whatever is done, in whatever order, all agrees.

Each step is done by an action of the window, by mouse and keys on the canvas, or in the inspector's form. A failure is
shrunk to the fewest steps, and printed as what a person did. More of it: GRAPHLAB_TEST_STATEFUL=20 makes twenty times
as many runs.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.graph import Graph
from graphlab.graph.codec import to_bytes
from graphlab.io import load
from graphlab.ui.canvas.inline import NameEditor, NoteEditor
from graphlab.ui.window import MainWindow
from tests.ui import agreement
from tests.ui.canvas.conftest import CTRL, NONE, Desk
from tests.ui.window_trial import PATIENCE, Make

MORE = int(os.environ.get("GRAPHLAB_TEST_STATEFUL", "1"))
SHIFT = Qt.KeyboardModifier.ShiftModifier
OPS = (
    "Input",
    "Linear",
    "Tanh",
    "Add",
    "Concat",
    "MSELoss",
    "Constant",
    "Parameter",
    "Split",
    "Reroute",
    "BatchNorm1d",
)
TEXTS = ("3", "4", "1", "0.5", "N, 3", "N, 4", "-1", "nonsense", "")
NAMES = ("hidden", "x", "part", "", "two words", "h/1", "out")
EDITS = (
    "edit.duplicate", "edit.copy", "edit.cut", "edit.paste", "edit.paste_wired", "edit.delete", "edit.delete_rejoin",
    "edit.select_all", "graph.tidy", "graph.ungroup", "graph.make_unique", "graph.add_point", "graph.mute",
    "graph.freeze", "tools.fix",
)  # fmt: skip
RUNS = (
    "run.step", "run.back", "run.into", "run.out", "run.back_into", "run.forward", "run.backward", "run.to_end",
    "run.train", "run.pause", "run.stop", "run.reset", "run.breakpoint",
)  # fmt: skip
# Of Qt itself: menus offscreen, and an animation (a bubble that fades) that ends before its timer has begun.
QUIET = pytest.mark.qt_log_ignore("This plugin does not support", "driver is not running", extend=True)
NUMBER = st.integers(0, 99)  # which of the things there are, counted round


class Person(RuleBasedStateMachine):
    """Knows the window by sight: things are chosen by number among those that there are."""

    window: MainWindow  # put in by the test
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk(self.window)
        self.view, self.session = self.window.canvas, self.window.session
        self.first = b""

    # Looking

    @property
    def names(self) -> list[str]:
        return [node.name for node in self.session.document.nodes.values()]

    def one(self, number: int) -> str:
        return self.names[number % len(self.names)]

    def pixel_of(self, name: str) -> QPoint:
        return self.view.camera.screen(self.view.scene.rect(self.desk.id(name)).center()).toPoint()

    def settle(self) -> None:
        """What a step has opened is closed by keys, and everything in view."""
        QApplication.processEvents()
        for menu in self.view.findChildren(type(self.window.menuBar().actions()[0].menu())):
            if menu.isVisible():
                QTest.keyClick(menu, Qt.Key.Key_Escape)
        for editor in (*self.view.findChildren(NameEditor), *self.view.findChildren(NoteEditor)):
            if editor.isVisible():
                QTest.keyClick(editor, Qt.Key.Key_Escape)
        if self.view.search.isVisible():
            QTest.keyClick(self.view.search.line, Qt.Key.Key_Escape)
        self.view.frame_all()
        QApplication.processEvents()

    # Doing

    @initialize()
    def begin(self) -> None:
        self.window.files.ask = lambda name: "discard"
        self.session.open(Graph("by hand"))
        self.window.leave_start_page()
        self.first = to_bytes(self.session.whole)
        self.add("Input", 40, 60)
        self.add("Linear", 300, 60)
        self.connect(0, 1, 0)

    @rule(op=st.sampled_from(OPS), x=st.integers(0, 900), y=st.integers(0, 500))
    def add(self, op: str, x: int, y: int) -> None:
        """Double-clicks, types the name of an operation, and presses Enter."""
        place = QPoint(x, y)
        if self.view.node_under(self.view.camera.world(QPointF(place))):
            return
        note(f"double-clicks at {x}, {y} and adds {op}")
        self.desk.double_click(place)
        if self.view.search.isVisible():
            QTest.keyClicks(self.view.search.line, op)
            QTest.keyClick(self.view.search.line, Qt.Key.Key_Return)
        self.settle()

    def nodes_there(self) -> bool:
        return bool(self.session.document.nodes)

    @precondition(nodes_there)
    @rule(first=NUMBER, others=st.lists(NUMBER, max_size=2))
    def select(self, first: int, others: list[int]) -> None:
        chosen = [self.one(first), *map(self.one, others)]
        note(f"clicks {chosen[0]}, and with Shift {chosen[1:]}")
        self.desk.click(self.pixel_of(chosen[0]))
        for name in chosen[1:]:
            self.desk.click(self.pixel_of(name), SHIFT)

    @precondition(nodes_there)
    @rule(start=NUMBER, end=NUMBER, socket=NUMBER)
    def connect(self, start: int, end: int, socket: int) -> None:
        """Drags a wire from an output to an input."""
        source, sink = self.one(start), self.one(end)
        outputs = self.view.scene.shape(self.desk.id(source)).outputs
        inputs = self.view.scene.shape(self.desk.id(sink)).inputs
        if not outputs or not inputs:
            return
        out, into = outputs[socket % len(outputs)], inputs[socket % len(inputs)]
        note(f"drags a wire from {source}.{out} to {sink}.{into}")
        self.desk.drag(self.desk.output(source, out), self.desk.input(sink, into), steps=3)
        self.settle()

    @precondition(nodes_there)
    @rule(end=NUMBER, socket=NUMBER, dx=st.integers(-200, 200), dy=st.integers(-200, 200))
    def pull(self, end: int, socket: int, dx: int, dy: int) -> None:
        """Drags an input's end somewhere: unplugs, plugs elsewhere, or lets go over nothing."""
        name = self.one(end)
        inputs = self.view.scene.shape(self.desk.id(name)).inputs
        if not inputs:
            return
        at = self.desk.input(name, inputs[socket % len(inputs)])
        note(f"drags from input {inputs[socket % len(inputs)]} of {name} by {dx}, {dy}")
        self.desk.drag(at, at + QPoint(dx, dy), steps=3)
        self.settle()

    @precondition(nodes_there)
    @rule(
        number=NUMBER,
        dx=st.integers(-300, 300),
        dy=st.integers(-200, 200),
        modifiers=st.sampled_from((NONE, SHIFT)),
    )
    def move(self, number: int, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> None:
        name = self.one(number)
        note(f"drags {name} by {dx}, {dy}")
        at = self.pixel_of(name)
        self.desk.drag(at, at + QPoint(dx, dy), modifiers=modifiers, steps=3)
        self.settle()

    @rule(
        a=st.tuples(st.integers(0, 900), st.integers(0, 500)),
        b=st.tuples(st.integers(0, 900), st.integers(0, 500)),
    )
    def cut(self, a: tuple[int, int], b: tuple[int, int]) -> None:
        note(f"cuts from {a} to {b}")
        self.desk.drag(QPoint(*a), QPoint(*b), Qt.MouseButton.RightButton, CTRL, steps=3)

    @rule(id=st.sampled_from(EDITS))
    def act(self, id: str) -> None:
        if self.window.actions_.run(id):
            note(f"does “{self.window.actions_[id].text()}”")
        self.settle()

    @rule(number=NUMBER)
    def select_wire(self, number: int) -> None:
        edges = list(self.session.document.edges)
        if edges:
            note(f"clicks wire {edges[number % len(edges)]}")
            k = self.view.scene.wire_index[edges[number % len(edges)]]
            self.desk.click(self.view.camera.screen(self.view.scene.middle(k)).toPoint())

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        note(f"undoes {times}")
        for _ in range(times):
            self.window.actions_.run("edit.undo")

    @rule(times=st.integers(1, 3))
    def redo(self, times: int) -> None:
        note(f"redoes {times}")
        for _ in range(times):
            self.window.actions_.run("edit.redo")

    @rule(name=st.sampled_from(NAMES))
    def group(self, name: str) -> None:
        if self.window.actions_.run("graph.group"):
            note(f"groups and types {name!r}")
            for editor in self.view.findChildren(NameEditor):
                if editor.isVisible():
                    QTest.keyClicks(editor, name)
                    QTest.keyClick(editor, Qt.Key.Key_Return)
        self.settle()

    @precondition(nodes_there)
    @rule(number=NUMBER, name=st.sampled_from(NAMES))
    def rename(self, number: int, name: str) -> None:
        self.desk.click(self.pixel_of(self.one(number)))
        if self.window.actions_.run("edit.rename"):
            note(f"renames to {name!r}")
            for editor in self.view.findChildren(NameEditor):
                if editor.isVisible():
                    QTest.keyClick(editor, Qt.Key.Key_A, CTRL)
                    QTest.keyClicks(editor, name)
                    QTest.keyClick(editor, Qt.Key.Key_Return)
        self.settle()

    @precondition(nodes_there)
    @rule(number=NUMBER)
    def enter(self, number: int) -> None:
        note(f"double-clicks {self.one(number)}")
        self.desk.double_click(self.pixel_of(self.one(number)))
        self.settle()

    @precondition(lambda self: bool(self.session.inside))
    @rule()
    def leave(self) -> None:
        note("goes up")
        self.window.actions_.run("graph.leave")
        self.settle()

    @precondition(lambda self: bool(self.session.inside))
    @rule(id=st.sampled_from(("graph.add_input", "graph.add_output")))
    def port(self, id: str) -> None:
        note("adds a port")
        self.window.actions_.run(id)
        self.settle()

    @rule(op=st.sampled_from(OPS))
    def replace(self, op: str) -> None:
        if self.window.actions_.run("edit.replace") and self.view.search.isVisible():
            note(f"replaces by {op}")
            QTest.keyClicks(self.view.search.line, op)
            QTest.keyClick(self.view.search.line, Qt.Key.Key_Return)
        self.settle()

    @rule(text=st.sampled_from(TEXTS))
    def write_note(self, text: str) -> None:
        note(f"writes a note {text!r}")
        self.window.actions_.run("graph.add_note")
        for editor in self.view.findChildren(NoteEditor):
            QTest.keyClicks(editor, text)
        self.settle()

    @precondition(nodes_there)
    @rule(number=NUMBER, param=NUMBER, text=st.sampled_from(TEXTS))
    def set_param(self, number: int, param: int, text: str) -> None:
        """Types into a field of the inspector."""
        self.desk.click(self.pixel_of(self.one(number)))
        page = self.window.docks["inspector"].build().page()
        form = getattr(page, "form", None)
        if form is None or not form.names():
            return
        name = form.names()[param % len(form.names())]
        line = form.field(name).line()
        if line is None:
            QTest.keyClick(form.field(name).editor, (Qt.Key.Key_Space, Qt.Key.Key_Down)[param % 2])
        else:
            note(f"types {text!r} into {name}")
            QTest.keyClick(line, Qt.Key.Key_A, CTRL)
            QTest.keyClicks(line, text)
            QTest.keyClick(line, Qt.Key.Key_Return)
        self.settle()

    @rule()
    def save(self) -> None:
        note("saves")
        path = self.folder / "work.graphlab"
        self.window.files.choose_save = lambda start, kinds: str(path)
        assert self.window.files.save_as()
        assert not self.session.is_modified
        graph, _ = load(path)
        assert graph.document == self.session.whole

    @precondition(lambda self: (self.folder / "work.graphlab").exists() and self.session.path is not None)
    @rule()
    def open_again(self) -> None:
        note("opens the file again")
        assert self.window.files.open(self.folder / "work.graphlab")
        self.first = to_bytes(self.session.whole)
        self.settle()

    # What holds

    @invariant()
    def everything_agrees(self) -> None:
        agreement.all_agree(self.view)

    def teardown(self) -> None:
        if self.first:
            agreement.undo_and_redo_are_exact(self.view, self.first)
        self.session.mark_saved(None)


def run(window: MainWindow, folder: Path, kind: type[Person], examples: int, steps: int) -> None:
    window.canvas.motion.enabled = False
    window.activateWindow()
    kind.window, kind.folder = window, folder
    run_state_machine_as_test(
        kind,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=MORE == 1,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.mark.timeout(120 * MORE + 300)
@QUIET
def test_whatever_a_person_does_all_agrees(make: Make, tmp_path: Path) -> None:
    run(make(), tmp_path, Person, 25 * MORE, 40)


class Trainer(Person):
    """The same with the engine at work: steps and trains in between."""

    @rule(id=st.sampled_from(RUNS))
    def operate(self, id: str) -> None:
        if self.window.actions_.run(id):
            note(f"presses {id}")
        QTest.qWait(5)

    def teardown(self) -> None:
        self.session.pause()
        super().teardown()
        QTest.qWait(20)
        assert self.session.engine.is_up
        assert not [
            n for n in self.session.notices if "inside graphlab" in n.text or "engine" in n.text.lower()
        ]


@pytest.mark.timeout(120 * MORE + 300)
@QUIET
def test_whatever_a_person_does_while_it_runs_all_agrees(make: Make, qtbot: Any, tmp_path: Path) -> None:
    window = make(engine=True)
    qtbot.waitUntil(lambda: window.session.engine.is_up, timeout=PATIENCE)
    run(window, tmp_path, Trainer, 6 * MORE, 25)


def test_the_same_person_would_notice(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """The checks can fail: a canvas that misses an edit, a name that is there twice, a selection of what is gone."""
    window = make()
    window.session.graph.add("Tanh", name="a")
    window.session.graph.add("Tanh", name="b")
    agreement.all_agree(window.canvas)
    window.canvas.scene.rects[0, 0] += 1
    with pytest.raises(AssertionError):
        agreement.canvas_shows_the_document(window.canvas)
    window.canvas.scene.settle()
    window.session.selection = frozenset({"nobody"})
    with pytest.raises(AssertionError):
        agreement.selection_is_there(window.canvas)
