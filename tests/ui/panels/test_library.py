"""The library: every op is there, search finds it, a drag carries its name, keys are enough."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from graphlab import ops
from graphlab.ui.panels.library import OP_MIME, LibraryPanel, drag_picture, found, tool_tip
from graphlab.ui.session import Session


@pytest.fixture
def library(qtbot, quiet_session: Session) -> LibraryPanel:
    panel = LibraryPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.resize(200, 600)
    panel.show()
    return panel


def by_themselves() -> list[str]:
    """The operations that one can add on the whole graph: no groups, which are made of nodes, and no ports of one."""
    return [name for name in ops.names() if ops.get(name).role not in ("group", "port in", "port out")]


def test_every_operation_is_listed_by_family(library: LibraryPanel) -> None:
    assert library.tree.op_names() == by_themselves()


def test_search_keeps_what_fits_with_the_best_in_front(library: LibraryPanel, qtbot) -> None:
    qtbot.keyClicks(library.search, "soft")
    assert library.tree.op_names()[0] == "Softmax"
    assert library.tree.current_op() == "Softmax"
    assert "Conv2d" not in library.tree.op_names()


def test_search_also_looks_into_help_and_family() -> None:
    assert "Tanh" in [op.__name__ for _, op in found("activation")]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("swish", "SiLU"), ("dense", "Linear"), ("gemm", "Linear"), ("ReduceSum", "Sum"), ("argsort", "Sort")],
)
def test_search_knows_what_others_call_it(typed: str, meant: str) -> None:
    assert next(op.__name__ for _, op in found(typed)) == meant


def test_a_search_without_result_says_so(library: LibraryPanel) -> None:
    library.search.setText("zzz")
    assert library.tree.isVisible()
    assert library.tree.op_names() == []
    assert library._nothing.isVisible()


def test_escape_clears_the_search(library: LibraryPanel, qtbot) -> None:
    qtbot.keyClicks(library.search, "relu")
    qtbot.keyClick(library.search, Qt.Key.Key_Escape)
    assert library.search.text() == ""
    assert library.tree.op_names() == by_themselves()


def test_enter_in_the_search_box_asks_for_the_first_hit(library: LibraryPanel, qtbot) -> None:
    qtbot.keyClicks(library.search, "relu")
    with qtbot.waitSignal(library._session.add_requested) as asked:
        qtbot.keyClick(library.search, Qt.Key.Key_Return)
    assert asked.args == ["ReLU"]


def test_keys_alone_reach_a_row_and_enter_it(library: LibraryPanel, qtbot) -> None:
    qtbot.keyClicks(library.search, "pool")
    first, second = library.tree.op_names()[:2]
    qtbot.keyClick(library.search, Qt.Key.Key_Down)
    assert library.tree.current_op() == second
    qtbot.keyClick(library.tree, Qt.Key.Key_Up)
    with qtbot.waitSignal(library._session.add_requested) as asked:
        qtbot.keyClick(library.tree, Qt.Key.Key_Return)
    assert asked.args == [first]


def test_a_double_click_asks_for_the_operation(library: LibraryPanel, qtbot) -> None:
    row = library.tree.topLevelItem(0).child(0)
    place = library.tree.visualItemRect(row).center()
    qtbot.mouseClick(library.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    with qtbot.waitSignal(library._session.add_requested) as asked:
        qtbot.mouseDClick(library.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args == [row.text(0)]


def test_a_click_closes_a_family_and_a_search_does_not_open_it_for_good(library: LibraryPanel, qtbot) -> None:
    family = library.tree.topLevelItem(0)
    place = library.tree.visualItemRect(family).center()
    qtbot.mouseClick(library.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert not family.isExpanded()


def test_a_drag_carries_the_name_of_the_operation(library: LibraryPanel) -> None:
    data = library.tree.mime("Conv2d")
    assert bytes(data.data(OP_MIME).data()).decode() == "Conv2d"
    assert OP_MIME == "application/x-graphlab-op"


@pytest.mark.parametrize("name", ops.names())
def test_every_operation_has_a_tool_tip_and_a_drag_picture(name: str, qtbot) -> None:
    op = ops.get(name)
    assert name in tool_tip(op)
    assert len(tool_tip(op)) > 150
    assert drag_picture(op, 2.0).deviceIndependentSize().height() == 30


def test_rows_are_painted_in_both_themes(library: LibraryPanel, each_theme) -> None:
    assert not library.grab().isNull()


def test_the_groups_of_the_graph_have_a_heading_of_their_own(
    library: LibraryPanel, quiet_session: Session, qtbot
) -> None:
    quiet_session.graph.group("z", "h", name="cell")
    first = library.tree.topLevelItem(0)
    assert first.text(0) == "Groups in this graph"
    assert library.tree.op_names() == ["group:g1", *by_themselves()]
    assert "2 nodes inside, used once" in first.child(0).toolTip(0)
    qtbot.keyClicks(library.search, "cell")
    with qtbot.waitSignal(library._session.add_requested) as asked:
        qtbot.keyClick(library.search, Qt.Key.Key_Return)
    assert asked.args == ["group:g1"]
    quiet_session.graph.undo()
    library.search.clear()
    assert library.tree.op_names() == by_themselves()


def test_inside_a_group_its_ports_are_listed_and_it_is_not(
    library: LibraryPanel, quiet_session: Session
) -> None:
    quiet_session.graph.group("z", name="inner")
    quiet_session.graph.group("inner", "h", name="outer")
    assert set(library.tree.op_names()) - set(by_themselves()) == {"group:g1", "group:g2"}
    quiet_session.enter(quiet_session.document.node("outer").id)
    assert set(library.tree.op_names()) - set(by_themselves()) == {"group:g1", "GroupInput", "GroupOutput"}
    quiet_session.enter(quiet_session.document.node("inner").id)
    assert set(library.tree.op_names()) - set(by_themselves()) == {"GroupInput", "GroupOutput"}


def test_a_group_has_a_drag_picture(library: LibraryPanel, quiet_session: Session) -> None:
    from graphlab.ui.offers import op_of_group

    quiet_session.graph.group("z", "h", name="cell")
    assert drag_picture(op_of_group(quiet_session.whole, "g1"), 1.0).height() == 30
