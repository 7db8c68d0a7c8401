"""The library: every op is there, search finds it, a drag carries its name, keys are enough."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QTreeWidgetItem

from graphlab import ops
from graphlab.graph import Graph, parts
from graphlab.ui import settings
from graphlab.ui.favourites import favourites
from graphlab.ui.panels.library import LibraryPanel, found
from graphlab.ui.session import Session
from graphlab.ui.widgets.library_rows import star_place
from graphlab.ui.widgets.op_tree import OP_MIME, drag_picture, tool_tip


@pytest.fixture
def library(qtbot, quiet_session: Session) -> LibraryPanel:
    panel = LibraryPanel(quiet_session)
    qtbot.addWidget(panel)
    panel.resize(200, 600)
    panel.show()
    return panel


def by_themselves() -> list[str]:
    """What one can add on the whole graph: ready parts, and operations but groups, made of nodes, and ports of one."""
    found = []
    for category, members in ops.by_category().items():
        found += [
            op.__name__
            for op in members
            if op.role not in ("group", "unroll", "placeholder", "port in", "port out")
        ]
        families: dict[str, list[str]] = {}
        for part in parts.parts().values():
            if part.beside == category:
                families.setdefault(part.family, []).append(f"part:{part.key}")
                families.setdefault("Recurrent layers", []).extend([f"layer:{part.key}"] * part.is_cell)
        found += [key for keys in families.values() for key in keys]
    return found


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


def test_ready_cells_have_a_heading_of_their_own_and_are_found_by_what_others_call_them(
    library: LibraryPanel, quiet_session: Session, qtbot
) -> None:
    headings = library.tree.headings()
    assert headings[headings.index("Recurrent") + 1] == "Cells"
    qtbot.keyClicks(library.search, "LSTMCell")
    assert library.tree.op_names()[:2] == ["part:lstm-cell", "layer:lstm-cell"]
    with qtbot.waitSignal(quiet_session.add_requested) as asked:
        qtbot.keyClick(library.search, Qt.Key.Key_Return)
    assert asked.args == ["part:lstm-cell"]
    tip = library.tree.currentItem().toolTip(0)
    assert "LSTM cell" in tip
    assert "forget gate" not in tip  # the first paragraph alone
    assert "what is written and what is read" in tip


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


def row_of(library: LibraryPanel, heading: str, name: str) -> QTreeWidgetItem:
    tree = library.tree
    heads = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
    head = next(h for h in heads if h.text(0) == heading)
    return next(head.child(k) for k in range(head.childCount()) if head.child(k).text(0) == name)


def names_under(library: LibraryPanel, heading: str) -> list[str]:
    tree = library.tree
    heads = [tree.topLevelItem(k) for k in range(tree.topLevelItemCount())]
    return [h.child(k).text(0) for h in heads if h.text(0) == heading for k in range(h.childCount())]


def star(library: LibraryPanel, row: QTreeWidgetItem, qtbot) -> None:
    library.tree.scrollToItem(row)
    rect = library.tree.visualItemRect(row)
    place = rect.center()
    place.setX(round(star_place(QRectF(rect).adjusted(0, 1, -4, -1)).center().x()))
    qtbot.mouseClick(library.tree.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_without_favourites_and_uses_there_is_no_heading_for_them(library: LibraryPanel) -> None:
    assert not {"Favourites", "Recently used"} & set(library.tree.headings())


def test_a_click_on_the_star_makes_a_favourite_and_another_takes_it_back(
    library: LibraryPanel, qtbot
) -> None:
    star(library, row_of(library, "Activation", "Tanh"), qtbot)
    assert library.tree.headings()[0] == "Favourites"
    assert names_under(library, "Favourites") == ["Tanh"]
    star(library, row_of(library, "Favourites", "Tanh"), qtbot)
    assert "Favourites" not in library.tree.headings()


def test_a_key_on_a_row_makes_a_favourite_and_the_row_stays_the_current_one(
    library: LibraryPanel, qtbot
) -> None:
    library.tree.setCurrentItem(row_of(library, "Loss", "MSELoss"))
    qtbot.keyClicks(library.tree, "*")
    assert names_under(library, "Favourites") == ["MSELoss"]
    assert library.tree.currentItem().parent().text(0) == "Loss"
    spoken = row_of(library, "Loss", "MSELoss").data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "MSELoss, favourite"


def test_the_menu_of_a_row_offers_to_add_to_star_and_to_explain(library: LibraryPanel, qtbot) -> None:
    menu = library.tree.menu(row_of(library, "Activation", "ReLU"))
    titles = [action.text().partition("\t")[0] for action in menu.actions() if action.text()]
    assert titles == ["Add to the graph", "Add to favourites", "What is ReLU?"]
    with qtbot.waitSignal(library._session.help_requested) as asked:
        menu.actions()[-1].trigger()
    assert asked.args == ["ReLU"]
    menu.actions()[1].trigger()
    assert names_under(library, "Favourites") == ["ReLU"]


def test_favourites_are_remembered_by_the_next_window_and_unknown_ones_kept(
    library: LibraryPanel, quiet_session: Session, qtbot
) -> None:
    for key in ("Conv2d", "OfAPackageThatIsGone", "Add"):
        favourites.like(quiet_session.root, key, True)
    later = LibraryPanel(quiet_session)
    qtbot.addWidget(later)
    assert names_under(later, "Favourites") == ["Conv2d", "Add"]
    favourites.like(quiet_session.root, "Add", False)
    assert favourites.liked(quiet_session.root) == ["Conv2d", "OfAPackageThatIsGone"]


def test_what_was_used_last_stands_first_and_only_the_last_eight(
    library: LibraryPanel, quiet_session: Session
) -> None:
    for name in ("Tanh", "ReLU", "Add", "Mul", "Sub", "Div", "Exp", "Log", "Sin", "Tanh"):
        favourites.use(quiet_session.root, name)
    assert names_under(library, "Recently used") == ["Tanh", "Sin", "Log", "Exp", "Div", "Sub", "Mul", "Add"]
    menu = library.tree.menu(library.tree.topLevelItem(0))
    menu.actions()[-1].trigger()
    assert "Recently used" not in library.tree.headings()


def test_lines_that_nobody_can_read_are_passed_over(quiet_session: Session) -> None:
    settings.settings().setValue("library/used", ["Tanh", "ReLU x y", "Add 2 5.0", ""])
    assert [use.key for use in favourites.used(quiet_session.root)] == ["Add"]


def test_a_group_is_a_favourite_while_its_document_is_open(
    library: LibraryPanel, quiet_session: Session, qtbot
) -> None:
    quiet_session.graph.group("z", "h", name="cell")
    star(library, row_of(library, "Groups in this graph", "cell"), qtbot)
    favourites.use(quiet_session.root, "Tanh")
    favourites.use(quiet_session.root, "group:g1")
    assert names_under(library, "Favourites") == ["cell"]
    assert names_under(library, "Recently used") == ["cell", "Tanh"]
    assert "group" not in str(settings.settings().value("library/favourites", ""))
    quiet_session.graph.undo()
    assert "Favourites" not in library.tree.headings()
    quiet_session.open(Graph("another"))
    assert favourites.liked(quiet_session.root) == []
    assert names_under(library, "Recently used") == ["Tanh"]


def test_a_new_use_leaves_the_rows_under_the_pointer_where_they_are(
    library: LibraryPanel, quiet_session: Session, qtbot
) -> None:
    favourites.use(quiet_session.root, "Tanh")
    favourites.use(quiet_session.root, "ReLU")
    row = row_of(library, "Reduction", "Sum")
    library.tree.scrollToItem(row)
    before = library.tree.visualItemRect(row).top()
    favourites.use(quiet_session.root, "Sum")
    favourites.like(quiet_session.root, "Sum", True)
    assert library.tree.visualItemRect(row).top() == before


def test_a_family_stays_closed_after_a_search(library: LibraryPanel, qtbot) -> None:
    library.tree.topLevelItem(0).setExpanded(False)
    qtbot.keyClicks(library.search, "relu")
    library.search.clear()
    assert not library.tree.topLevelItem(0).isExpanded()


def test_of_equal_matches_a_favourite_comes_first(library: LibraryPanel, quiet_session: Session) -> None:
    favourites.like(quiet_session.root, "AvgPool2d", True)
    library.search.setText("pool")
    assert library.tree.op_names()[0] == "AvgPool2d"
    library.search.setText("tanh")
    assert library.tree.op_names()[0] == "Tanh"


def test_f1_explains_the_row(library: LibraryPanel, qtbot) -> None:
    qtbot.keyClicks(library.search, "gelu")
    with qtbot.waitSignal(library._session.help_requested) as asked:
        qtbot.keyClick(library.search, Qt.Key.Key_F1)
    assert asked.args == ["GELU"]
    library.search.clear()
    library.tree.setCurrentItem(row_of(library, "Activation", "Tanh"))
    with qtbot.waitSignal(library._session.help_requested) as asked:
        qtbot.keyClick(library.tree, Qt.Key.Key_F1)
    assert asked.args == ["Tanh"]


def test_left_goes_from_a_row_to_its_heading(library: LibraryPanel, qtbot) -> None:
    library.tree.setCurrentItem(row_of(library, "Loss", "MSELoss"))
    qtbot.keyClick(library.tree, Qt.Key.Key_Left)
    assert library.tree.currentItem().text(0) == "Loss"


def test_a_group_of_the_document_has_no_page(library: LibraryPanel, quiet_session: Session, qtbot) -> None:
    quiet_session.graph.group("z", "h", name="cell")
    asked: list[str] = []
    quiet_session.help_requested.connect(asked.append)
    library.tree.setCurrentItem(row_of(library, "Groups in this graph", "cell"))
    qtbot.keyClick(library.tree, Qt.Key.Key_F1)
    assert asked == []
    titles = [a.text() for a in library.tree.menu(library.tree.currentItem()).actions()]
    assert not [title for title in titles if title.startswith("What is")]
