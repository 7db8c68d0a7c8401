"""Whatever a hand does, the canvas neither raises nor disagrees with the document."""

from __future__ import annotations

import random
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.ui import frame_edits, group_edits
from graphlab.ui.canvas import framing, grouping
from graphlab.ui.canvas.scene import Scene

from .conftest import Hand

BUTTONS = (Qt.MouseButton.LeftButton,) * 4 + (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
MODIFIERS = (
    (Qt.KeyboardModifier.NoModifier,) * 4
    + (Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier)
    + (Qt.KeyboardModifier.ControlModifier,)
)
KEYS = (
    *(Qt.Key.Key_Escape, Qt.Key.Key_Tab, Qt.Key.Key_Delete, Qt.Key.Key_Space),
    *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
)


class Chance:
    """A hand without a plan."""

    def __init__(self, hand: Hand, seed: int) -> None:
        self.hand, self.random = hand, random.Random(seed)
        self.button = Qt.MouseButton.NoButton

    def place(self) -> QPoint:
        """Anywhere, but mostly near something."""
        names = [n.name for n in self.hand.view.session.document.nodes.values()]
        if names and self.random.random() < 0.7:
            name = self.random.choice(names)
            aim = self.random.choice((self.hand.header, self.hand.output, self.hand.input))
            shape = self.hand.view.scene.shape(self.hand.id(name))
            if (aim == self.hand.input and not shape.inputs) or (
                aim == self.hand.output and not shape.outputs
            ):
                aim = self.hand.header
            return aim(name) + QPoint(self.random.randint(-6, 6), self.random.randint(-6, 6))
        return QPoint(self.random.randint(0, 999), self.random.randint(0, 699))

    def act(self) -> None:
        hands = self.press, self.move, self.move, self.move, self.release, self.release
        others = self.key, self.type, self.double, self.command, self.edit, self.structure, self.frames
        self.random.choice((*hands, *others))()

    def press(self) -> None:
        button, modifiers = self.random.choice(BUTTONS), self.random.choice(MODIFIERS)
        if button == Qt.MouseButton.RightButton:
            modifiers = Qt.KeyboardModifier.ControlModifier  # else a menu would wait for an answer
        self.button = button
        self.hand.press(self.place(), button, modifiers)

    def move(self) -> None:
        self.hand.move(self.place(), self.button, self.random.choice(MODIFIERS))

    def release(self) -> None:
        self.hand.release(self.place(), self.button)
        self.button = Qt.MouseButton.NoButton

    def key(self) -> None:
        self.hand.key(self.random.choice(KEYS), self.random.choice(MODIFIERS))

    def type(self) -> None:
        target = QApplication.focusWidget() or self.hand.view
        QTest.keyClicks(target, self.random.choice(("lin", "a", "tanh", "mse", "42", "")))
        QTest.keyClick(target, Qt.Key.Key_Return)

    def double(self) -> None:
        self.hand.double_click(self.place())

    def command(self) -> None:
        view = self.hand.view
        clipboard = view.copy, view.paste, view.duplicate, view.cut, view.delete_and_rejoin
        looks = view.select_all, view.frame_all, view.zoom_in, view.zoom_out
        others = view.tidy, view.rename_selected, view.add_note, view.replace_selected
        self.random.choice((*clipboard, *looks, *others))()

    def edit(self) -> None:
        graph = self.hand.graph
        self.random.choice((graph.undo, graph.undo, graph.redo, lambda: graph.add("Add")))()

    def frames(self) -> None:
        """Frames come, are stretched and coloured, and go, alone or with what lies in them."""
        view = self.hand.view
        session = view.session
        if self.random.random() < 0.7:
            session.select([self.random.choice([*session.document.frames, *session.document.nodes] or [""])])
        chosen = frame_edits.selected(session)
        commands = [lambda: framing.put_around(view), lambda: framing.select_around(view), self.at_frame]
        if chosen:
            edits = frame_edits.fit, frame_edits.delete_with_content, frame_edits.turn_colour
            commands += [partial(session.attempt, edit, session, chosen) for edit in edits]
            commands += [lambda: frame_edits.select_content(session, chosen), self.at_frame, self.at_frame]
        self.random.choice(commands)()

    def at_frame(self) -> None:
        """Presses the title or a corner of a frame, and drags it."""
        boards, zoom = self.hand.view.scene.boards, self.hand.view.camera.zoom
        plates = list(self.hand.view.picture.frames.plates.at(zoom).values())
        if not plates or self.hand.view.gesture is not None:
            return
        plate = self.random.choice(plates)
        corner = boards.rect(plate.frame).bottomRight()
        start = self.hand.view.camera.screen(self.random.choice((plate.rect.center(), corner))).toPoint()
        end = start + QPoint(self.random.randint(-200, 200), self.random.randint(-200, 200))
        modifiers = self.random.choice(MODIFIERS)
        self.hand.drag(start, end, modifiers=modifiers, release=self.random.random() < 0.8)

    def structure(self) -> None:
        """Groups, ports, points and flags."""
        view = self.hand.view
        session = view.session
        groups = (
            lambda: grouping.group(view),
            lambda: grouping.ungroup(view),
            lambda: grouping.enter(view),
            lambda: grouping.leave(view),
            lambda: group_edits.toggle(session, self.random.choice(("muted", "frozen"))),
            lambda: grouping.add_port(view, self.random.choice(("port in", "port out"))),
            lambda: grouping.add_points(view),
            lambda: session.attempt(group_edits.unique, session, group_edits.selected_groups(session)),
        )
        if self.random.random() < 0.5:
            nodes = list(session.document.nodes)
            session.select(self.random.sample(nodes, min(len(nodes), self.random.randint(1, 3))))
        self.random.choice(groups)()


@pytest.mark.parametrize("seed", range(4))
def test_random_events_leave_canvas_and_document_in_agreement(chain: Hand, seed: int) -> None:
    chance = Chance(chain, seed)
    for step in range(400):
        chance.act()
        if step % 10 == 0:
            QApplication.processEvents()
            chain.view.repaint()
        if len(chain.graph) > 60:
            chain.graph.remove(*chain.graph.nodes[30:])
    chain.view.cancel_gesture()
    chain.view.search.dismiss()
    chain.view.setFocus()
    QApplication.processEvents()
    fresh = Scene()
    fresh.show(chain.view.session.document)
    assert chain.view.scene.ids == fresh.ids
    assert np.array_equal(chain.view.scene.rects, fresh.rects)
    assert chain.view.scene.wires.ends == pytest.approx(fresh.wires.ends)
    assert chain.view.session.selection <= {*fresh.ids, *fresh.boards}
    boards = chain.view.scene.boards
    assert {i: boards.rect(i) for i in boards} == {i: fresh.boards.rect(i) for i in fresh.boards}
    assert boards.order == fresh.boards.order
