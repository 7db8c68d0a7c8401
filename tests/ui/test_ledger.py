"""The ledger of gradients, built up in the window entry by entry with F10: on the canvas and in the inspector."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from graphlab.engine import Run
from graphlab.engine import messages as m
from graphlab.graph import Graph
from graphlab.ui import numbers
from graphlab.ui.canvas.draw_sum import plate_text, told
from graphlab.ui.ledger import Account
from tests.ui.canvas.conftest import Desk
from tests.ui.window_trial import PATIENCE, Make


def wait(qtbot: Any, condition: Any) -> None:
    qtbot.waitUntil(condition, timeout=PATIENCE)


class Steps:
    """A window that one steps through by F10, with the numbers of the same run beside it."""

    def __init__(self, make: Make, qtbot: Any, graph: Graph) -> None:
        self._qtbot = qtbot
        graph.tidy()
        window = make(Graph(graph.document), engine=True)
        window.canvas.motion.enabled = False
        window.session.strides.stepped.disconnect(
            window.canvas._follow_run
        )  # else it looks at what is in view
        self.desk, self.session = Desk(window), window.session
        wait(qtbot, lambda: self.session.loaded is not None)
        window.canvas.frame_all()
        window.canvas.camera.zoom = 0.8
        window.canvas.camera_changed()
        window.activateWindow()
        window.canvas.setFocus()
        self.run = Run(self.session.whole)
        self.run.backward()
        self.session.phase("forward")
        wait(qtbot, lambda: self.cursor == sum(e.phase == "forward" for e in self.session.schedule))
        self.watch()

    @property
    def cursor(self) -> int:
        return self.session.status.cursor

    def watch(self) -> None:
        """Looks at every node, as if all were in view."""
        view = self.desk.view
        view.live.watch(view.scene, list(view.scene.ids), view.detail)

    def step(self) -> str:
        """F10, and through the inside of a group without entering it; the path of the node whose entry that was."""
        before = self.cursor
        self.desk.view.setFocus()
        is_inside = "/" in self.session.schedule[before].node
        self.session.engine.send(m.Step(1)) if is_inside else self.desk.key(Qt.Key.Key_F10)
        wait(self._qtbot, lambda: self.cursor == before + 1)
        self._qtbot.wait(30)  # the frame comes after the status
        return self.session.name_of(self.session.schedule[before].node)

    def step_to(self, path: str) -> None:
        while self.step() != path:
            assert self.cursor < len(self.session.schedule)

    def account(self, name: str, output: str = "y") -> Account | None:
        return self.session.ledger.account(self.desk.id(name), output)

    def plate(self, name: str, output: str = "y") -> tuple[str, bool]:
        return plate_text(self.desk.view.live, self.desk.id(name), output)

    def flow(self, target: str, socket: str) -> str:
        """What stands on a wire."""
        edge = self.session.document.edges[self.desk.id(target), socket]
        found = self.desk.view.live.flow(self.desk.view.scene, edge)
        return "" if found is None else found.text

    def told_nodes(self) -> list[str]:
        """The names of the fan-outs whose bubbles are open."""
        return [self.session.document.nodes[n].name for n in self.desk.view._told_nodes()]

    def inspector(self, name: str) -> Any:
        """The gradient part of the inspector at a node."""
        self.desk.select(name)
        tensors = self.desk.window.docks["inspector"].build().node_page.tensors
        tensors.show_tab("grad")
        return tensors


@pytest.fixture
def steps(make: Make, qtbot: Any) -> Any:
    return lambda graph: Steps(make, qtbot, graph)


def signed(array: Any, *at: int) -> str:
    return numbers.number(float(np.asarray(array)[at]), 4, sign=True)


def fan() -> Graph:
    """b = 1 feeds c = a + b and d = b + 1, whose product is e: the well-known example, and a metric beside it."""
    g = Graph("fan")
    a, b = g.add("Input", name="a", value=2.0), g.add("Input", name="b", value=1.0)
    c = g.add("Add", a, b, name="c")
    d = g.add("Add", b, g.add("Constant", name="one", value=1.0), name="d")
    g.add("Mul", c, d, name="e")
    g.add("Round", b, name="beside")
    g.configure(goal="e")
    return g


def test_a_sum_builds_up_term_by_term_until_it_is_saved(steps: Any, qtbot: Any) -> None:
    here = steps(fan())
    assert here.account("b") is None
    assert here.plate("b") == ("", False)
    here.step_to("d")
    account = here.account("b")
    assert account.terms == (("d", 3.0), ("c", None))  # beside is not on the way to e
    assert account.told == "1 of 2 · +3.000 + …"
    assert here.plate("b") == ("Σ 1 of 2", False)
    assert here.told_nodes() == ["b"]
    assert (here.flow("d", "a"), here.flow("c", "b"), here.flow("beside", "x")) == ("+3.00", "", "")
    tensors = here.inspector("b")
    wait(qtbot, lambda: tensors.terms.text() == "via d +3.000, via c not yet · 1 of 2 · +3.000 + …")
    assert tensors.saved.text() == ""
    here.step_to("c")
    assert here.account("b").told == "2 of 2 · +5.000"
    assert here.plate("b") == ("Σ 2 of 2", False)
    here.step_to("b")
    assert here.account("b").told == "= +5.000"
    assert here.plate("b") == ("Σ 2", True)
    assert here.flow("c", "b") == "+2.00"
    wait(qtbot, lambda: tensors.terms.text() == "via d +3.000, via c +2.000 = +5.000")


def test_going_back_takes_terms_away_again(steps: Any, qtbot: Any) -> None:
    here = steps(fan())
    here.step_to("c")
    here.desk.key(Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    wait(qtbot, lambda: here.account("b") is not None and here.account("b").arrived == 1)
    assert here.account("b").terms == (("d", 3.0), ("c", None))


def test_what_is_saved_is_told_where_it_is_used(steps: Any, qtbot: Any) -> None:
    g = Graph("saved")
    x = g.add("Input", name="x", value=((1.0, 2.0), (0.5, -1.0)))
    h = g.add("Linear", x, name="h", units=2)
    g.add("Mean", g.add("Mul", h, g.add("Tanh", h, name="t"), name="m"), name="loss")
    here = steps(g)
    here.step_to("h")
    tensors = here.inspector("h")
    wait(qtbot, lambda: bool(tensors.saved.text()))
    assert tensors.saved.text() == (
        "Saved, not recomputed: used for x, weight and bias. Read again from forward: x and weight."
    )
    assert tensors.of.text() == "∂loss/∂h"
    (account,) = here.desk.view.live.accounts(here.desk.view.scene, here.desk.id("h"))
    said = told(account, here.desk.view.live.used_for(here.desk.id("h")))
    assert said.saved == "saved, not recomputed: used for x, weight, bias"
    tensors = here.inspector("t")
    wait(qtbot, lambda: "its own value" in tensors.saved.text())
    assert (
        tensors.saved.text() == "Saved, not recomputed: used for h. Read again from forward: its own value."
    )
    here.inspector("m")
    wait(qtbot, lambda: "used for h and t" in tensors.saved.text())


def test_the_goal_has_the_gradient_one_and_no_terms(steps: Any, qtbot: Any) -> None:
    here = steps(fan())
    here.step_to("e")
    assert here.session.ledger.keys(here.desk.id("e"), "y") == ()
    assert here.session.tensor("grad", here.desk.id("e")).array == 1
    assert here.told_nodes() == []


def recurrent() -> Graph:
    """W is used by three steps of h = tanh(W·h + x)."""
    g = Graph("rnn")
    w = g.add("Parameter", name="W", value=((0.5, -0.3), (0.2, 0.8)))
    h = g.add("Input", name="h0", value=((0.1, -0.2),))
    for t in range(3):
        x = g.add("Input", name=f"x{t}", value=((0.3 * t, 1.0 - t),))
        h = g.add(
            "Tanh", g.add("Add", g.add("MatMul", h, w, name=f"Wh{t}"), x, name=f"z{t}"), name=f"h{t + 1}"
        )
    g.add("Mean", h, name="loss")
    return g


def test_a_parameter_used_by_every_step_has_a_term_of_each(steps: Any, qtbot: Any) -> None:
    here = steps(recurrent())
    terms = here.run.contributions("W")
    so_far = np.zeros((2, 2), np.float32)
    for k, name in enumerate(("Wh2", "Wh1", "Wh0"), 1):
        here.step_to(name)
        account = here.account("W")
        so_far = so_far + terms[f"{name}.b"]
        assert account.arrived == k
        assert [name for name, _ in account.terms] == ["Wh2", "Wh1", "Wh0"]
        assert account.so_far == pytest.approx(float(so_far[account.at]), rel=1e-6)
        assert here.told_nodes() == ["W"]
    here.step_to("W")
    assert here.account("W").told == f"= {signed(here.run.grad('W'), *here.account('W').at)}"
    assert here.plate("W") == ("Σ 3", True)


def grouped() -> Graph:
    """h feeds a group that uses it twice, and the sum outside: one wire, two terms, and a third."""
    g = Graph("grouped")
    x = g.add("Input", name="x", value=((0.5, -1.0),))
    h = g.add("Tanh", x, name="h")
    up, down = g.add("Square", h, name="up"), g.add("Sigmoid", h, name="down")
    both = g.add("Mul", up, down, name="both")
    g.add("Mean", g.add("Add", both, h, name="sum"), name="loss")
    g.group("up", "down", "both", name="cell")
    return g


def test_a_wire_into_a_group_carries_the_terms_of_all_inside(steps: Any, qtbot: Any) -> None:
    here = steps(grouped())
    (socket,) = here.session.document.inputs_of(here.desk.id("cell"))
    here.step_to("sum")
    assert here.account("h").told.startswith("1 of 3 · ")
    assert here.flow("cell", socket) == ""
    here.step_to("cell/down")
    first = here.flow("cell", socket)
    assert first.startswith("‖")
    assert here.account("h").arrived == 2
    here.step_to("cell/up")
    terms = here.run.contributions("h")
    norm = float(np.linalg.norm(terms["cell/up.x"] + terms["cell/down.x"]))
    assert here.flow("cell", socket) == f"‖{numbers.number(norm, 2)}‖" != first
    account = here.account("h")
    assert [name for name, _ in account.terms] == ["sum.b", "cell/down", "cell/up"] or [
        name for name, _ in account.terms
    ] == ["sum", "cell/down", "cell/up"]
    assert account.told.startswith("3 of 3 · ")
    here.step_to("h")
    assert here.account("h").told == f"= {signed(here.run.grad('h'), *here.account('h').at)}"


def test_a_port_hands_the_terms_of_those_outside_to_a_node_inside(steps: Any, qtbot: Any) -> None:
    """act is used inside the group and, through its output, by two nodes outside."""
    g = Graph("ports")
    x = g.add("Input", name="x", value=((0.5, -1.0),))
    act = g.add("Tanh", x, name="act")
    inner = g.add("Square", act, name="inner")
    one, two = g.add("Sigmoid", act, name="one"), g.add("Neg", act, name="two")
    g.add("Mean", g.add("Add", g.add("Add", one, two), inner), name="loss")
    g.group("act", "inner", name="cell")
    here = steps(g)
    session = here.session
    session.phase("backward")
    wait(qtbot, lambda: session.status.entry is not None and session.status.entry.phase == "backward")
    session.enter(here.desk.id("cell"))
    qtbot.wait(50)
    here.watch()
    wait(qtbot, lambda: here.account("act") is not None and here.account("act").is_whole)
    account = here.account("act")
    assert {name for name, _ in account.terms} == {"one", "two", "inner"}
    port = next(
        n.id
        for n in session.document.nodes.values()
        if n.op == "GroupOutput"
        and here.desk.id("act") in [e.source for e in session.document.inputs_of(n.id).values()]
    )
    (edge,) = session.document.inputs_of(port).values()
    assert {key.socket.partition(".")[0] for key in session.ledger.along(*edge)} == {
        key for key, node in session.seen.whole.nodes.items() if node.path in ("one", "two")
    }


def shared() -> Graph:
    """Two uses of a group that share their weights."""
    g = Graph("shared")
    x = g.add("Input", name="x", value=((0.5, -1.0),))
    g.add("Tanh", g.add("Linear", x, name="lin", units=2), name="act")
    cell = g.group("lin", "act", name="cell")
    g.set("cell", weights="shared")
    again = g.add_use(cell.node.params["definition"])
    g.set(again, weights="shared")
    g.connect(cell, f"{again.name}.{again.node.params['takes'][0]}")
    g.add("Mean", again, name="loss")
    return g


def test_weights_that_uses_of_a_group_share_have_a_term_of_each(steps: Any, qtbot: Any) -> None:
    here = steps(shared())
    weight = next(
        key for key, node in here.session.seen.whole.nodes.items() if node.path.endswith("lin weight")
    )
    here.session.enter(here.desk.id("cell"))
    keys = here.session.ledger.keys(here.desk.id("lin"), "weight")
    assert {key.node for key in keys} == {weight}
    assert here.session.ledger._names(keys) == ["cell2/lin", "lin"]
    here.session.phase("backward")
    tensors = here.inspector("lin")
    tensors.choose("weight")
    wait(qtbot, lambda: tensors.terms.text().startswith("via cell2/lin ") and " = " in tensors.terms.text())


def detour() -> Graph:
    """h goes through a reroute point, a muted node, and straight."""
    g = Graph("detour")
    x = g.add("Input", name="x", value=((0.5, -1.0),))
    h = g.add("Tanh", x, name="h")
    point = g.add("Reroute", h, name="point")
    muted = g.add("Square", h, name="muted")
    g.set_flags(muted, muted=True)
    a, b, c = g.add("Sigmoid", point, name="a"), g.add("Neg", muted, name="b"), g.add("Exp", h, name="c")
    g.add("Mean", g.add("Add", g.add("Add", a, b), c), name="loss")
    return g


def test_points_and_muted_nodes_hand_terms_on(steps: Any, qtbot: Any) -> None:
    here = steps(detour())
    here.step_to("c")
    assert [name for name, value in here.account("h").terms if value is not None] == ["c"]
    assert here.flow("point", "x") == here.flow("muted", "x") == ""
    here.step_to("b")
    assert here.flow("muted", "x") == here.flow("b", "x") != ""
    assert here.told_nodes() == ["h"]
    here.step_to("a")
    assert here.flow("point", "x") == here.flow("a", "x") != ""
    assert here.account("h").told.startswith("3 of 3 · ")
    here.step_to("h")
    assert here.account("h").told == f"= {signed(here.run.grad('h'), *here.account('h').at)}"
    live = here.desk.view.live
    assert [name for name in ("h", "point", "muted") if live.is_fan_out(here.desk.id(name))] == ["h"]


def test_the_ledger_of_an_element_asked_about_has_only_what_leads_to_it(steps: Any, qtbot: Any) -> None:
    here = steps(recurrent())
    session = here.session
    session.attempt(session.asking.ask, here.desk.id("h2"), "", (0, 1))
    wait(qtbot, lambda: session.asking.title == "h2[0, 1]")
    here.watch()
    wait(qtbot, lambda: here.account("W") is not None and here.account("W").is_whole)
    account = here.account("W")
    assert [name for name, _ in account.terms] == ["Wh1", "Wh0"]
    assert account.title.startswith("∂h2[0, 1]/∂W[")


def test_bubbles_and_plates_are_painted(steps: Any, qtbot: Any, each_theme: Any) -> None:
    here = steps(fan())
    here.step_to("d")
    view = here.desk.view
    rect = view.camera.screen_rect(view.scene.rect(here.desk.id("b"))).toRect()
    below = rect.translated(0, rect.height()).adjusted(0, -6, 60, 0)
    partly = view.grab(below).toImage()
    here.step_to("b")
    assert view.grab(below).toImage() != partly


def test_a_bubble_goes_where_it_covers_less(steps: Any, qtbot: Any) -> None:
    from graphlab.ui.canvas.draw_sum import _place

    here = steps(detour())
    here.step_to("c")
    view, node = here.desk.view, here.desk.id("h")
    said = [told(account, ()) for account in view.live.accounts(view.scene, node)]
    here.session.graph.move({"c": (view.scene.rect(node).left(), view.scene.rect(node).bottom() + 20)})
    view.camera.set((view.camera.x, view.camera.y + 200, view.camera.zoom))
    rect = view.camera.screen_rect(view.scene.rect(node))
    assert _place(view.camera, view.scene, node, said).y() < rect.top()
    here.session.graph.move({"c": (view.scene.rect(node).left(), view.scene.rect(node).top() - 150)})
    assert _place(view.camera, view.scene, node, said).y() > rect.bottom()
