"""What is lit while one steps: the node, the wires it reads and writes, numbers, parts, and what is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPixmap

from graphlab.engine.messages import Loaded, ScheduleEntry, Status
from graphlab.engine.plan import Plan
from graphlab.graph import Graph
from graphlab.ui.canvas.order_marks import OrderMark
from graphlab.ui.canvas.order_told import Awaited, explain_order
from graphlab.ui.session import Session
from tests.engine.stepping_graphs import recurrent
from tests.ui.window_trial import Make

from .conftest import CTRL, Desk, Hand, show


class Stage(Hand):
    """A canvas over a graph whose schedule is known, and a run that stands wherever one says."""

    def __init__(self, qtbot: Any, graph: Graph) -> None:
        self.session = Session(graph, engine=False)
        super().__init__(show(qtbot, self.session))
        schedule = Plan(graph).schedule
        entries = tuple(ScheduleEntry(entry.phase, entry.id) for entry in schedule)
        self.session.engine.loaded = Loaded(0, entries, 0, True, 1)
        self.session.compiled.emit(self.session.loaded)

    def after(self, phase: str, path: str) -> None:
        """The run stands just after that entry."""
        schedule, names = self.session.schedule, self.session.name_of
        at = next(k for k, e in enumerate(schedule) if (e.phase, names(e.node)) == (phase, path))
        self.stand(at + 1)

    def stand(self, cursor: int, state: str = "paused") -> None:
        entry = self.session.schedule[cursor - 1] if cursor else None
        self.session.engine.status = Status(0, state, 0, 0, cursor, entry)
        self.session.status_changed.emit(self.session.status)

    def wires(self, keys: frozenset[tuple[str, str]]) -> set[str]:
        """ "x → add.a" for each."""
        document = self.session.document
        edges = (document.edges[key] for key in keys)
        return {f"{document.nodes[e.source].name} → {document.nodes[e.target].name}.{e.input}" for e in edges}

    def named(self, ids: frozenset[str]) -> set[str]:
        return {self.session.document.nodes[i].name for i in ids}

    def mark(self, name: str) -> OrderMark | None:
        return self.view.live.order_mark(self.id(name), 0)


def diamond() -> Graph:
    """x feeds left and right, both feed join, which feeds the goal; aside leads nowhere."""
    g = Graph("diamond")
    x = g.add("Input", name="x", value=(1.0, 2.0), position=(0, 100))
    left = g.add("Tanh", x, name="left", position=(240, 0))
    right = g.add("Sin", x, name="right", position=(240, 200))
    g.add(
        "Mean", g.add("Mul", left, right, name="join", position=(480, 100)), name="goal", position=(720, 100)
    )
    g.add("Exp", x, name="aside", position=(480, 320))
    return g


@pytest.fixture
def stage(qtbot: Any) -> Iterator[Stage]:
    made = Stage(qtbot, diamond())
    yield made
    made.session.close()


def test_forward_the_wires_in_are_read_and_the_wires_out_are_written(stage: Stage) -> None:
    stage.after("forward", "join")
    spot = stage.view.live.spot
    assert (spot.node, spot.phase, spot.inner) == (stage.id("join"), "forward", "")
    assert stage.wires(spot.reads) == {"left → join.a", "right → join.b"}
    assert stage.wires(spot.writes) == {"join → goal.x"}
    assert stage.named(spot.sources) == {"left", "right"}


def test_backward_it_is_the_other_way_round_and_only_where_a_gradient_flows(stage: Stage) -> None:
    stage.after("backward", "x")
    spot = stage.view.live.spot
    assert stage.wires(spot.reads) == {"x → left.x", "x → right.x"}  # not that to aside
    assert spot.writes == frozenset()
    stage.after("backward", "join")
    spot = stage.view.live.spot
    assert stage.wires(spot.reads) == {"join → goal.x"}
    assert stage.wires(spot.writes) == {"left → join.a", "right → join.b"}
    assert stage.named(spot.sources) == {"goal"}


def test_nothing_is_lit_at_the_start_after_the_update_and_while_it_trains(stage: Stage) -> None:
    stage.after("forward", "left")
    assert stage.view.live.spot.node
    for cursor, state in ((0, "paused"), (3, "training")):
        stage.stand(cursor, state)
        assert stage.view.live.spot.node == ""
        assert not stage.view.live.spot.reads


def test_a_wire_that_goes_through_a_point_is_lit_on_both_sides_of_it(stage: Stage) -> None:
    graph = stage.session.graph
    point = graph.add("Reroute", "x", name="point", position=(150, 300))
    graph.disconnect("left", "x")
    graph.connect(point, "left.x")
    stage.after("forward", "left")
    assert stage.wires(stage.view.live.spot.reads) == {"x → point.x", "point → left.x"}
    assert stage.named(stage.view.live.spot.sources) == {"x"}


def test_a_group_says_which_node_in_it_is_computed_and_lights_what_that_reads(qtbot: Any) -> None:
    stage = Stage(qtbot, recurrent())
    stage.after("forward", "cell2/state")
    spot = stage.view.live.spot
    assert (spot.node, spot.inner) == (stage.id("cell2"), "cell2/state")
    assert stage.named(spot.sources) == {"cell"}
    assert spot.writes == frozenset()  # what it gives stays inside
    stage.after("forward", "cell (shared)/in weight")
    assert stage.view.live.spot.node == stage.id("cell")  # the use that reads it first
    stage.session.enter(stage.id("cell"))
    assert stage.view.live.spot.inner == ""
    stage.session.close()


def picture(stage: Stage) -> np.ndarray:
    pixmap = QPixmap(stage.view.size())
    stage.view.picture.forget_beneath()
    stage.view.render(pixmap)
    image = pixmap.toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return pixels.copy()  # the image, and its numbers, go at the end of this function


def test_forward_and_backward_differ_in_form(stage: Stage) -> None:
    """Along the ring at a node's upper edge: one line forward, dashes backward; seen without colour."""
    rect = stage.view.camera.screen_rect(stage.view.scene.rect(stage.id("join")))
    runs = {}
    for phase in ("forward", "backward"):
        stage.after(phase, "join")
        grey = picture(stage)
        strip = grey[
            int(rect.bottom()) + 1 : int(rect.bottom()) + 8, int(rect.left()) + 20 : int(rect.right()) - 20
        ]
        lit = strip.max(axis=0) > strip.min() + 40
        runs[phase] = int(np.count_nonzero(np.diff(lit.astype(int)) == 1))
    assert runs["forward"] <= 1
    assert runs["backward"] >= 4


def test_wires_and_numbers_say_what_is_not_there_yet(stage: Stage) -> None:
    live = stage.view.live
    stage.stand(0)
    assert live.is_there(stage.id("join"), "y")  # nothing is under way
    assert stage.mark("join") == OrderMark("4")
    stage.after("forward", "left")
    assert live.is_there(stage.id("left"), "y")
    assert not live.is_there(stage.id("join"), "y")
    assert stage.mark("x") == OrderMark("1", "forward", "done")
    assert stage.mark("left") == OrderMark("2", "forward", "now")
    assert stage.mark("join") == OrderMark("4", "forward", "waits")
    stage.after("backward", "join")
    assert stage.mark("goal") == OrderMark("7", "backward", "done")
    assert stage.mark("join") == OrderMark("8", "backward", "now")
    assert stage.mark("x") == OrderMark("11", "backward", "waits")
    assert stage.mark("aside") == OrderMark("6", "forward", "done")  # it has no place in that order


def test_a_group_wears_the_numbers_of_what_is_inside(qtbot: Any) -> None:
    stage = Stage(qtbot, recurrent())
    stage.after("forward", "cell2/in")
    assert stage.mark("cell") == OrderMark("7–12", "forward", "done")
    assert stage.mark("cell2") == OrderMark("13–16", "forward", "now")
    assert stage.mark("cell3") == OrderMark("17–20", "forward", "waits")
    stage.session.enter(stage.id("cell2"))
    assert stage.mark("state") == OrderMark("14", "forward", "waits")
    stage.session.close()


def test_parts_are_told_on_the_node_and_in_words(stage: Stage) -> None:
    stage.session.graph.add("Parameter", name="free", shape=(2,))
    parts = {node.name: stage.view.looks.of(i).part for i, node in stage.session.document.nodes.items()}
    assert parts == {
        "x": "input",
        "left": "",
        "right": "",
        "join": "",
        "goal": "goal",
        "aside": "output",
        "free": "parameter",
    }
    stage.after("forward", "left")
    tip = stage.view.tip_at(QPointF(stage.header("x")))
    assert "numbers come in here" in tip
    assert "number 1 forward, 11 backward" in tip
    assert "forward: done in this pass" in tip


def test_why_this_order_lights_what_is_waited_for_and_says_what_is_done(stage: Stage) -> None:
    stage.after("forward", "left")
    explain_order(stage.view, stage.id("join"))
    bubble = stage.view.bubble
    assert bubble.about == Awaited("forward", {stage.id("left"): True, stage.id("right"): False})
    assert bubble.text == (
        "join is number 4 of 6: it waits for left (2), right (3). "
        "Backward it is number 8: it waits for the gradient from goal (7)."
    )
    assert bubble.hint.splitlines() == [
        "○ right: not yet",
        "✓ left: done",
        "Any place from 4 to 5 would do, with the same numbers.",
    ]
    bubble.hide()
    assert bubble.about is None


def test_backward_it_is_the_consumers_that_are_waited_for(stage: Stage) -> None:
    stage.after("backward", "right")
    explain_order(stage.view, stage.id("x"))
    bubble = stage.view.bubble
    assert bubble.about == Awaited("backward", {stage.id("left"): False, stage.id("right"): True})
    assert "it waits for the gradient from right (9), left (10)." in bubble.text
    assert stage.view.selected_wires == {
        (stage.id("left"), "x"),
        (stage.id("right"), "x"),
        (stage.id("aside"), "x"),
    }


def test_the_goal_comes_first_backward(stage: Stage) -> None:
    stage.after("backward", "goal")
    explain_order(stage.view, stage.id("goal"))
    assert "the goal comes first, its gradient is 1" in stage.view.bubble.text


def test_numbers_and_parts_can_be_hidden_and_that_is_remembered(make: Make, qtbot: Any) -> None:
    window = make(Graph(diamond().document))
    assert window.canvas.shows_order
    window.actions_.run("view.order")
    assert not window.canvas.shows_order
    assert not make(Graph(diamond().document)).canvas.shows_order
    window.actions_.run("view.order")
    assert window.canvas.shows_order


def test_hiding_them_changes_the_picture_and_nothing_else_does(stage: Stage) -> None:
    stage.after("forward", "left")
    for _ in range(5):  # what is told of the graph's health may come in between
        before = picture(stage)
        stage.view.shows_order = False
        without = picture(stage)
        stage.view.shows_order = True
        again = picture(stage)
        if (again == before).all():
            break
    assert (before != without).any()
    assert (again == before).all()


def test_what_was_computed_comes_into_view(stage: Stage) -> None:
    stage.view.camera.set((-5000.0, -5000.0, 1.0))
    stage.after("forward", "join")
    stage.session.strides.stepped.emit()
    rect = stage.view.camera.screen_rect(stage.view.scene.rect(stage.id("join")))
    assert stage.view.rect().contains(rect.toRect())


def test_a_run_that_is_elsewhere_is_told_in_the_corner(qtbot: Any) -> None:
    stage = Stage(qtbot, recurrent())
    stage.session.enter(stage.id("cell2"))
    pictures = {}
    for place in ("project", "zero", "cell2/in"):
        stage.after("forward", place)
        grey = picture(stage)
        pictures[place] = grey[-40:-10, 10:260].copy()
    assert (pictures["project"] != pictures["zero"]).any()  # each says its name
    assert np.ptp(pictures["project"]) > 100
    assert np.ptp(pictures["cell2/in"]) < 60  # lit on the sheet itself
    stage.session.close()


def test_ctrl_shift_o_asks_at_the_selected_node(make: Make) -> None:
    window = make(Graph(diamond().document))
    desk = Desk(window)
    desk.select("join")
    window.activateWindow()
    window.canvas.setFocus()
    desk.key(Qt.Key.Key_O, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert window.canvas.bubble.text.startswith("join is number 4")
