"""Explaining a number by hand: asking in the inspector and on the canvas, reading, following terms, coming back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.engine import Run
from graphlab.engine import messages as m
from graphlab.engine.explaining import explain_element
from graphlab.errors import GraphlabError
from graphlab.graph import Graph
from graphlab.ui.canvas.menus import menu_at
from graphlab.ui.panels.explain import ExplainPanel
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.stats_line import stats_of
from graphlab.ui.widgets.term_tree import NUMBER, PLACE, TERM
from tests.ui.window_trial import Make

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def net(units: int = 4) -> Graph:
    """x → hidden → act, which goes into loss twice: by itself and doubled."""
    g = Graph("net")
    rows = np.random.default_rng(0).normal(size=(3, 2)).round(2)
    x = g.add("Input", name="x", value=tuple(map(tuple, rows.tolist())))
    act = g.add("Tanh", g.add("Linear", x, name="hidden", units=units), name="act")
    g.add("Sum", g.add("Add", act, g.add("Mul", act, b=2.0, name="twice"), name="both"), name="loss")
    return g


class Answering:
    """A run in this process that answers what a session asks its engine to explain, and sends it tensors."""

    def __init__(self, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session, self.run = session, Run(session.whole)
        self.asked: list[m.Explain] = []
        monkeypatch.setattr(session.engine, "send", self.send)

    def send(self, command: Any) -> None:
        if not isinstance(command, m.Explain):
            return
        self.asked.append(command)
        found, message = None, ""
        try:
            end = (command.node, command.socket)
            found = explain_element(self.run, end, command.index, command.kind, command.terms)
        except GraphlabError as error:
            message = error.message
        self.session.engine.explained.emit(m.Explained(0, command.request, found, message))

    def show(self, kind: str, name: str, socket: str = "y") -> None:
        """That tensor arrives in the window."""
        full = f"{name}.{socket}"
        array = self.run.value(full) if kind == "value" else self.run.grad(full)
        key = m.TensorKey(kind, self.session.document.node(name).id, socket)
        tensor = m.Tensor(key, array.shape, "float32", True, stats_of(array), array)
        self.session.engine.frame.emit(self.session.engine.tensors.take(m.Frame(0, 1, (tensor,))))


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    session = Session(net(), engine=False)
    yield session
    session.close()


@pytest.fixture
def engine(session: Session, monkeypatch: pytest.MonkeyPatch) -> Answering:
    engine = Answering(session, monkeypatch)
    engine.run.backward()
    return engine


@pytest.fixture
def panel(session: Session, engine: Answering, qtbot: Any) -> ExplainPanel:
    panel = ExplainPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1000, 300)
    panel.show()
    qtbot.waitExposed(panel)
    return panel


@pytest.fixture
def inspector(session: Session, engine: Answering, qtbot: Any) -> InspectorPanel:
    inspector = InspectorPanel(session)
    qtbot.addWidget(inspector)
    inspector.resize(340, 900)
    inspector.show()
    qtbot.waitExposed(inspector)
    return inspector


def ask(session: Session, name: str, index: tuple[int, ...], kind: str = "value", socket: str = "y") -> None:
    session.explain(kind, session.document.node(name).id, socket, index)


def lines(panel: ExplainPanel) -> list[tuple[str, str, str]]:
    tree = panel.terms
    items = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
    return [(item.text(NUMBER), item.text(TERM), item.text(PLACE)) for item in items if item]


def link(panel: ExplainPanel, row: int, column: int, number: int) -> QPoint:
    """The middle of a link in the tree."""
    item = panel.terms.topLevelItem(row)
    assert item is not None
    cell = panel.terms.visualRect(panel.terms.indexFromItem(item, column))
    links = [frame for _, origin, frame in panel.terms.pieces(item, column, cell) if origin is not None]
    return links[number].center()


def click(panel: ExplainPanel, where: QPoint) -> None:
    QTest.mouseClick(panel.terms.viewport(), LEFT, NONE, where)


def test_empty_it_says_how_to_ask(panel: ExplainPanel) -> None:
    assert panel.empty.isVisible()
    assert "press E" in panel.empty.label.text()


def test_it_tells_formula_numbers_and_terms_the_largest_first(session: Session, panel: ExplainPanel) -> None:
    ask(session, "hidden", (1, 3))
    found = session.explainer.found
    assert found is not None
    assert panel.title.text().startswith("hidden.y[1, 3] = ")
    assert panel.formula.formula()
    assert panel.symbols.text() == f"= {found.symbols}"
    assert panel.numbers.text() == f"= {found.numbers}"
    sizes = [abs(float(number.replace("−", "-"))) for number, _, _ in lines(panel)]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) == 3
    assert ("hidden.bias[3]") in {place for _, _, place in lines(panel)}


def test_numbers_tell_their_sign_in_words_as_well(session: Session, panel: ExplainPanel) -> None:
    ask(session, "hidden", (1, 3))
    assert all(number[0] in "+−" for number, _, _ in lines(panel))


def test_a_click_on_an_element_goes_there_and_alt_left_comes_back(
    session: Session, panel: ExplainPanel, qtbot: Any
) -> None:
    ask(session, "act", (1, 3))
    click(panel, link(panel, 0, TERM, 0))
    question = session.explainer.question
    assert question is not None
    assert session.explainer.title(question) == "hidden[1, 3]"
    assert session.selected_node == session.document.node("hidden").id
    panel.activateWindow()
    panel.terms.setFocus()
    QTest.keyClick(panel.terms, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert panel.title.text().startswith("act.y[1, 3]")
    QTest.keyClick(panel.terms, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert panel.title.text().startswith("hidden.y[1, 3]")


def test_each_factor_of_a_term_is_a_link_of_its_own(session: Session, panel: ExplainPanel) -> None:
    ask(session, "hidden", (1, 3))
    row = next(k for k, (_, text, _) in enumerate(lines(panel)) if "·" in text)
    click(panel, link(panel, row, PLACE, 1))
    question = session.explainer.question
    assert question is not None
    assert (question.socket, question.kind) == ("weight", "value")


def test_by_keyboard_one_walks_and_goes_to_a_term(session: Session, panel: ExplainPanel) -> None:
    ask(session, "both", (0, 0))
    panel.terms.setFocus()
    QTest.keyClick(panel.terms, Qt.Key.Key_Down)
    QTest.keyClick(panel.terms, Qt.Key.Key_Return)
    question = session.explainer.question
    assert question is not None
    assert session.explainer.title(question) in ("act[0, 0]", "twice[0, 0]")


def test_a_fan_out_has_a_row_for_each_wire(session: Session, panel: ExplainPanel) -> None:
    ask(session, "act", (2, 1), "grad")
    told = lines(panel)
    assert [number for number, _, _ in told] == ["+2", "+1"]
    assert told[0][1].startswith("through twice.a")
    click(panel, link(panel, 0, PLACE, 0))
    assert session.explainer.question is not None
    assert session.explainer.question.kind == "term"
    assert "through this wire" in panel.title.text()


def test_what_a_row_came_from_lights_up(
    session: Session, engine: Answering, panel: ExplainPanel, inspector: InspectorPanel, qtbot: Any
) -> None:
    view = shown(inspector, engine, "x")
    told: list[str] = []
    session.hovered.connect(told.append)
    ask(session, "hidden", (1, 3))
    row = next(k for k, (_, text, _) in enumerate(lines(panel)) if text.startswith("x[1, 0]"))
    panel.terms.setCurrentItem(panel.terms.topLevelItem(row))
    assert told[-1] == session.document.node("x").id
    assert view.heat_map()._hover == (1, 0)
    session.explainer.pointed.emit(())
    assert view.heat_map()._hover is None


def test_more_terms_are_told_on_demand(qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    g = Graph("wide")
    x = g.add("Input", name="x", value=tuple(float(v) for v in range(1, 201)))
    g.add("Sum", x, name="total")
    session = Session(g, engine=False)
    engine = Answering(session, monkeypatch)
    engine.run.forward()
    panel = ExplainPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    ask(session, "total", ())
    assert len(lines(panel)) == 51
    assert lines(panel)[-1][1] == "and 150 more"
    panel.terms.setFocus()
    panel.terms.setCurrentItem(panel.terms.topLevelItem(50))
    QTest.keyClick(panel.terms, Qt.Key.Key_Return)
    assert len(lines(panel)) == 200
    session.close()


def test_what_is_not_computed_yet_says_so_and_follows_the_run(
    session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: Any
) -> None:
    engine = Answering(session, monkeypatch)
    panel = ExplainPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitExposed(panel)
    ask(session, "hidden", (1, 3))
    assert "has not been computed yet" in panel.note.text()
    assert not lines(panel)
    engine.run.forward()
    session.status_changed.emit(session.status)
    qtbot.waitUntil(lambda: len(lines(panel)) == 3)


def test_another_place_can_be_typed(session: Session, panel: ExplainPanel) -> None:
    ask(session, "hidden", (1, 3))
    panel.place.setText("2, 0")
    QTest.keyClick(panel.place, Qt.Key.Key_Return)
    assert panel.title.text().startswith("hidden.y[2, 0]")
    panel.place.setText("9, 9")
    QTest.keyClick(panel.place, Qt.Key.Key_Return)
    assert "has no element" in panel.note.text()
    panel.place.setText("here")
    QTest.keyClick(panel.place, Qt.Key.Key_Return)
    assert "is no place" in session.notices[-1].text


def test_it_is_copied_as_text(session: Session, panel: ExplainPanel) -> None:
    ask(session, "hidden", (1, 3))
    panel.copy()
    text = QApplication.clipboard().text()
    assert text.startswith("hidden.y[1, 3] = ")
    assert "hidden.weight[3, 1]" in text


def test_another_document_forgets_the_trail(session: Session, panel: ExplainPanel) -> None:
    ask(session, "hidden", (1, 3))
    session.open(net())
    assert session.explainer.trail == []
    assert panel.empty.isVisible()


@pytest.mark.parametrize("width", [330, 1000])
def test_it_has_room_narrow_and_wide(session: Session, panel: ExplainPanel, width: int, qtbot: Any) -> None:
    panel.resize(width, 420)
    ask(session, "hidden", (1, 3))
    assert panel.terms.isColumnHidden(PLACE) == (width < 640)
    assert not panel.grab().isNull()


# Asking, in the inspector


def shown(inspector: InspectorPanel, engine: Answering, name: str, kind: str = "value") -> Any:
    session = engine.session
    session.select({session.document.node(name).id})
    inspector.node_page.tensors.show_tab(kind)
    engine.show(kind, name)
    tensors = inspector.node_page.tensors
    tensors.refresh()
    view = (tensors.value if kind == "value" else tensors.gradient).view
    return view


def cell(view: Any, row: int, column: int) -> QPoint:
    found: QPoint = view.heat_map()._grid.cell(row, column).center().toPoint()
    return found


def test_double_click_on_a_computed_element_explains_it(
    session: Session, engine: Answering, inspector: InspectorPanel
) -> None:
    view = shown(inspector, engine, "act")
    QTest.mouseDClick(view.heat_map(), LEFT, NONE, cell(view, 2, 1))
    found = session.explainer.found
    assert found is not None
    assert found.title == "act.y[2, 1]"


def test_e_explains_the_outlined_element_also_where_double_click_edits(
    session: Session, engine: Answering, inspector: InspectorPanel
) -> None:
    view = shown(inspector, engine, "x")
    view.heat_map().select((1, 1))
    QTest.keyClick(view.heat_map(), Qt.Key.Key_E)
    assert session.explainer.found is not None
    assert session.explainer.found.title == "x.y[1, 1]"


def test_double_click_on_a_gradient_explains_the_gradient(
    session: Session, engine: Answering, inspector: InspectorPanel
) -> None:
    view = shown(inspector, engine, "act", "grad")
    QTest.mouseDClick(view.heat_map(), LEFT, NONE, cell(view, 0, 2))
    assert session.explainer.found is not None
    assert session.explainer.found.title == "∂loss/∂act.y[0, 2]"


def test_the_element_under_the_pointer_is_found_in_every_view(
    session: Session, engine: Answering, inspector: InspectorPanel
) -> None:
    view = shown(inspector, engine, "act")
    where = view.heat_map().mapTo(view, cell(view, 2, 1)).toPointF()
    assert view.index_at(where) == (2, 1)
    view = shown(inspector, engine, "x")
    assert view.index_at(view.rect().bottomRight().toPointF() * 2) is None


def test_following_a_term_outlines_it_in_the_inspector(
    session: Session, engine: Answering, inspector: InspectorPanel, panel: ExplainPanel
) -> None:
    shown(inspector, engine, "act")
    ask(session, "act", (2, 3))
    click(panel, link(panel, 0, TERM, 0))
    engine.show("value", "hidden")
    inspector.node_page.tensors.refresh()
    assert inspector.node_page.tensors.value.view.selected_index() == (2, 3)


# Asking, in the window


def action(menu: Any, title: str) -> QAction:
    return next(a for a in menu.actions() if a.text().startswith(title))


@pytest.fixture
def window(make: Make, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    def opened() -> Any:
        window = make(net())
        answering = Answering(window.session, monkeypatch)
        answering.run.backward()
        window.resize(1400, 900)
        return window

    return opened


def test_the_panel_opens_by_itself(window: Callable[[], Any]) -> None:
    made = window()
    assert not made.docks["explain"].isVisible()
    ask(made.session, "hidden", (0, 0))
    assert made.docks["explain"].isVisible()
    assert made.docks["explain"].build().title.text().startswith("hidden.y[0, 0]")


def test_a_node_and_a_wire_can_be_asked_about_by_their_menus(window: Callable[[], Any]) -> None:
    made = window()
    canvas, session = made.canvas, made.session
    canvas.frame_all()
    hidden = session.document.node("hidden").id
    session.select({hidden})
    made.actions_.refresh()
    made.actions_["tools.explain"].trigger()
    assert session.explainer.found is not None
    assert session.explainer.found.title.startswith("hidden.y[")
    k = canvas.scene.wire_index[session.document.node("both").id, "a"]
    where = canvas.camera.screen(canvas.scene.middle(k))
    action(menu_at(canvas, where), "Explain what comes back").trigger()
    assert session.explainer.found is not None
    assert session.explainer.found.title.endswith("through this wire")


def test_copy_takes_the_explanation_while_the_panel_has_the_keyboard(make: Make) -> None:
    window = make()
    node = window.session.root.add("Tanh", name="alone")
    window.leave_start_page()
    window.session.select({node.id})
    panel = window.docks.show("explain").build()
    copied: list[str] = []
    panel.copy = lambda: copied.append("explanation")
    panel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    panel.setFocus()
    assert window.actions_.run("edit.copy")
    assert copied == ["explanation"]
    window.canvas.setFocus()
    assert window.actions_.run("edit.copy")
    assert copied == ["explanation"]
    assert "alone" in QApplication.clipboard().text()
