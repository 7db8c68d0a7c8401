"""The inspector of a group: its name, uses, weights, and what this use sets; params inside that are shown outside."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from graphlab.graph import Graph
from graphlab.graph.groups import definition_of, overridden, set_setting
from graphlab.ui.inspector.group_part import GroupPart
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot: Any) -> Any:
    """x → [cell: lin → act] → out, not running."""
    g = Graph("groups")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=4), name="act")
    g.add("Linear", act, name="out", units=1)
    g.group("lin", "act", name="cell")
    session = Session(Graph(g.document), engine=False)
    yield session
    session.close()


@pytest.fixture
def inspector(qtbot: Any, session: Session) -> InspectorPanel:
    panel = InspectorPanel(session)
    qtbot.addWidget(panel)
    panel.resize(330, 1200)
    panel.show()
    return panel


@pytest.fixture
def part(inspector: InspectorPanel, session: Session) -> GroupPart:
    """That of the selected cell."""
    pick(session, "cell")
    QApplication.processEvents()
    return inspector.node_page.group


def pick(session: Session, name: str) -> None:
    session.select([session.document.node(name).id])


def click(widget: Any) -> None:
    QTest.mouseClick(widget, LEFT, pos=QPoint(6, 6))


def promoted(session: Session) -> dict[str, tuple[str, str]]:
    return dict(session.whole.definitions["g1"].promoted)


def test_a_group_shows_its_name_and_uses_and_other_nodes_do_not(
    inspector: InspectorPanel, part: GroupPart, session: Session
) -> None:
    assert part.isVisible()
    assert part.name.text() == "cell"
    assert part.uses.text() == "2 nodes inside, used once"
    assert not part.unique.isVisible()
    assert inspector.node_page.formulas.first.formula() == ""
    pick(session, "out")
    assert not part.isVisible()
    assert inspector.node_page.formulas.first.formula()


def test_the_group_is_renamed_and_the_node_is_not(part: GroupPart, session: Session, qtbot: Any) -> None:
    part.name.setFocus()
    part.name.selectAll()
    qtbot.keyClicks(part.name, "block")
    qtbot.keyClick(part.name, Qt.Key.Key_Return)
    assert session.whole.definitions["g1"].name == "block"
    assert "cell" in session.graph
    session.graph.undo()
    assert part.name.text() == "cell"


def test_a_name_that_cannot_be_is_told_below_it(part: GroupPart, session: Session, qtbot: Any) -> None:
    part.name.setFocus()
    part.name.selectAll()
    qtbot.keyClicks(part.name, "a.b")
    qtbot.keyClick(part.name, Qt.Key.Key_Return)
    assert part.name_error.isVisible()
    assert "a.b" in part.name_error.text()
    qtbot.keyClick(part.name, Qt.Key.Key_Escape)
    assert part.name.text() == "cell"
    assert not part.name_error.isVisible()


def test_several_uses_are_counted_and_one_is_made_unique(part: GroupPart, session: Session) -> None:
    session.graph.add_use("g1", (0.0, 300.0))
    assert part.uses.text() == "2 nodes inside, used twice: edits inside change all"
    click(part.unique)
    assert session.document.node("cell").params["definition"] == "g2"
    assert part.uses.text().endswith("used once")
    assert not part.unique.isVisible()
    session.graph.undo()
    assert session.document.node("cell").params["definition"] == "g1"


def test_its_button_enters_it(part: GroupPart, session: Session) -> None:
    cell = session.document.node("cell").id
    click(part.enter)
    assert session.inside == (cell,)


def test_weights_are_own_or_shared(inspector: InspectorPanel, part: GroupPart, session: Session) -> None:
    form = inspector.node_page.form
    assert form.names() == ["weights"]
    form.field("weights").entered.emit("shared", False)
    assert session.document.node("cell").params["weights"] == "shared"


def test_the_value_of_a_group_is_that_of_its_output(inspector: InspectorPanel, part: GroupPart) -> None:
    assert inspector.node_page.shape.text() == "N×4 float"


# Params inside that are shown on the group


def test_on_the_whole_graph_params_have_no_such_button(inspector: InspectorPanel, session: Session) -> None:
    pick(session, "out")
    with pytest.raises(KeyError):
        inspector.node_page.form.sign("units")


def test_a_param_inside_is_shown_on_the_group_and_taken_off_again(
    inspector: InspectorPanel, session: Session
) -> None:
    session.enter(session.document.node("cell").id)
    pick(session, "lin")
    QApplication.processEvents()
    sign = inspector.node_page.form.sign("units")
    assert not sign.isChecked()
    click(sign)
    assert promoted(session) == {"units": (session.document.node("lin").id, "units")}
    assert inspector.node_page.form.sign("units").isChecked()
    assert "“units”" in inspector.node_page.form.sign("units").toolTip()
    click(inspector.node_page.form.sign("units"))
    assert promoted(session) == {}
    session.graph.undo()
    assert set(promoted(session)) == {"units"}
    session.graph.undo()
    assert promoted(session) == {}


def test_the_number_of_sockets_is_not_offered(inspector: InspectorPanel, session: Session) -> None:
    session.enter(session.document.node("cell").id)
    session.graph.add("Concat", name="both")
    pick(session, "both")
    with pytest.raises(KeyError):
        inspector.node_page.form.sign("count")
    assert inspector.node_page.form.sign("dim") is not None


def test_each_use_sets_for_itself_what_is_shown(part: GroupPart, session: Session) -> None:
    assert part.advice.isVisible()
    twin = session.graph.add_use("g1", (0.0, 300.0))
    inside = session.graph.inside("cell")
    from graphlab.graph.groups import settings_of
    from graphlab.graph.promoting import promote

    inside.replace(promote(inside.document, "lin", "units", "width"), "Show on the group")
    assert part.form.names() == ["width"]
    assert not part.advice.isVisible()
    assert part.form.field("width").value() == 4
    part.form.field("width").entered.emit(9, False)
    document = session.document
    assert settings_of(document, document.node("cell")) == {"width": 9}
    assert settings_of(document, document.nodes[twin.id]) == {"width": 4}
    assert str(session.inference.specs[document.node("cell").id, "y"]) == "N×9"
    click(part.form.sign("width"))  # follows the group again
    assert settings_of(session.document, session.document.node("cell")) == {"width": 4}
    with pytest.raises(KeyError):
        part.form.sign("width")
    session.graph.undo()
    session.graph.undo()
    assert settings_of(session.document, session.document.node("cell")) == {"width": 4}


def test_a_setting_that_the_node_inside_refuses_is_told_at_its_field(
    part: GroupPart, session: Session
) -> None:
    from graphlab.graph.promoting import promote

    inside = session.graph.inside("cell")
    inside.replace(promote(inside.document, "lin", "units"), "Show on the group")
    before = session.document
    part.form.field("units").entered.emit(0, False)
    assert part.form.field("units").error()
    assert session.document is before


def test_steps_of_a_setting_in_a_row_are_one_edit(part: GroupPart, session: Session) -> None:
    from graphlab.graph.promoting import promote

    inside = session.graph.inside("cell")
    inside.replace(promote(inside.document, "lin", "units"), "Show on the group")
    before = len(session.graph.history)
    for value in (5, 6, 7):
        part.form.field("units").entered.emit(value, True)
    assert len(session.graph.history) == before + 1


def test_pages_are_painted_in_both_themes(
    part: GroupPart, inspector: InspectorPanel, each_theme: Any
) -> None:
    assert not inspector.grab().isNull()


def test_the_muted_and_frozen_switches_are_there_for_a_group(
    inspector: InspectorPanel, part: GroupPart, session: Session
) -> None:
    for flag, button in inspector.node_page.flags.buttons.items():
        click(button)
        assert getattr(session.document.node("cell"), flag)


@pytest.mark.qt_log_ignore(
    "does not support", extend=True
)  # a menu asks more of the offscreen plugin than it has
def test_a_param_is_set_along_with_a_setting_that_there_is(
    session: Session, inspector: InspectorPanel
) -> None:
    """Inside, ↑ beside a size that is a multiple of one that is shown asks which is meant."""
    session.enter(session.document.node("cell").id)
    session.graph.add("Linear", "act", name="rows", units=12)
    pick(session, "lin")
    page = inspector.node_page
    click(page.form.sign("units"))
    assert promoted(session) == {"units": (session.document.node("lin").id, "units")}
    pick(session, "rows")
    click(page.form.sign("units"))
    menu = page.findChild(QMenu)
    assert [line.text() for line in menu.actions()] == [
        "Set along with “units”, 3 times as much",
        "A setting of its own",
    ]
    menu.actions()[0].trigger()
    menu.close()
    assert session.graph.history[-1] == "Set along with units"
    assert page.form.sign("units").isChecked()
    assert "“units”" in page.form.sign("units").toolTip()
    whole = set_setting(session.whole, session.whole.node("cell").id, "units", 5)
    inner = definition_of(whole, whole.node("cell"))
    assert inner is not None
    assert overridden(inner, whole.node("cell")).node("rows").params["units"] == 15
