"""The search puts first what people usually do."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from graphlab.graph import Graph
from graphlab.ops import by_category
from graphlab.ui.canvas.habits import End, Habits
from graphlab.ui.canvas.ranking import Taste, Wish, parts, ranked
from graphlab.ui.favourites import favourites

from .conftest import LEFT, Desk, Hand, grouped

EVERYTHING = [op for family in by_category().values() for op in family if not op.role]


def names(text: str = "", end: End | None = None, person: Taste | None = None) -> list[str]:
    return [op.__name__ for op in ranked(EVERYTHING, text, Wish(end), person)]


def test_what_the_examples_do_next_comes_first() -> None:
    assert names(end=End("Dataset", "x", False))[0] == "Linear"
    assert names(end=End("Dataset", "target", False))[0].endswith("Loss")
    assert "Tanh" in names(end=End("Linear", "y", False))[:4]


def test_relatives_come_first_but_after_better_matches() -> None:
    found = [op.__name__ for op in ranked(EVERYTHING, "", Wish(kin="Activation"))]
    activations = [op.__name__ for op in EVERYTHING if op.category == "Activation"]
    assert set(found[: len(activations)]) == set(activations)
    assert ranked(EVERYTHING, "linear", Wish(kin="Activation"))[0].__name__ == "Linear"


def test_words_count_more_than_habits() -> None:
    assert names("relu", End("Dataset", "x", False))[0] == "ReLU"


def test_the_names_of_other_libraries_are_known() -> None:
    assert names("swish")[0] == "SiLU"
    assert names("gemm")[0] == "Linear"


def test_what_one_added_oneself_rises() -> None:
    assert names(person=Taste(times={"Softmax": 40}))[0] == "Softmax"


def test_a_favourite_rises_among_equal_matches_and_not_over_better_ones() -> None:
    assert names("pool", person=Taste(liked=("AdaptiveMaxPool1d",)))[0] == "AdaptiveMaxPool1d"
    assert names("tanh", person=Taste(liked=("Hardtanh",)))[0] == "Tanh"


def test_the_wires_of_the_present_graph_teach_what_comes_next() -> None:
    graph = Graph()
    graph.add("Mish", graph.add("Linear", graph.add("Input", shape=("N", 2))))
    own = Habits()
    for _ in range(20):
        own.learn(graph.document)
    assert names(end=End("Linear", "y", False), person=Taste(wires=own))[0] == "Mish"


def headings(wish: Wish, person: Taste) -> dict[str, list[str]]:
    return {title: [op.__name__ for op in members] for title, members in parts(EVERYTHING, wish, person)}


def test_somebody_new_sees_one_list_without_headings() -> None:
    assert list(headings(Wish(), Taste())) == [""]


def test_parts_hold_each_operation_once() -> None:
    person = Taste(recent=("Tanh", "GELU", "Gone"), liked=("GELU", "Gone", "Linear"))
    found = headings(Wish(), person)
    assert found["Favourites"] == ["GELU", "Linear"]
    assert found["Recently used"] == ["Tanh"]
    assert list(found) == ["Favourites", "Recently used", "All operations"]
    assert sum(map(len, found.values())) == len(EVERYTHING)


def test_at_the_end_of_a_wire_what_usually_follows_comes_first() -> None:
    found = headings(Wish(End("Dataset", "target", False)), Taste(recent=("Tanh",)))
    assert list(found) == ["Usually next", "Recently used", "Also fits"]
    assert all(name.endswith("Loss") for name in found["Usually next"])


def shown(hand: Hand) -> list[str]:
    rows = hand.view.search.list
    return [rows.item(k).text() for k in range(rows.count())]


def test_the_search_puts_forward_what_was_added_before_however_it_opens(empty: Hand) -> None:
    empty.add("gelu", 100, 100)
    empty.view.session.select(())
    for open_it in (
        lambda: empty.key(Qt.Key.Key_Tab),
        lambda: empty.double_click(empty.pixel(500, 300)),
        empty.view.add_at_pointer,
    ):
        open_it()
        assert shown(empty)[:3] == ["Recently used", "GELU", "All operations"]
        assert empty.view.search.list.currentItem().text() == "GELU"
        QTest.keyClick(empty.view.search.line, Qt.Key.Key_Escape)
    empty.key(Qt.Key.Key_Tab)
    QTest.keyClick(empty.view.search.line, Qt.Key.Key_Return)
    assert [node.op for node in empty.view.session.document.nodes.values()] == ["GELU", "GELU"]


def test_arrows_pass_over_headings_and_round_the_ends(empty: Hand) -> None:
    empty.add("gelu", 100, 100)
    empty.view.add_at_pointer()
    search = empty.view.search
    QTest.keyClick(search.line, Qt.Key.Key_Down)
    assert search.list.currentRow() == 3  # below "All operations"
    QTest.keyClick(search.line, Qt.Key.Key_Up)
    QTest.keyClick(search.line, Qt.Key.Key_Up)
    assert search.list.currentRow() == search.list.count() - 1
    QTest.keyClicks(search.line, "tan")
    assert search.headings() == []
    assert search.list.currentRow() == 0


def test_a_heading_cannot_be_chosen(empty: Hand) -> None:
    empty.add("gelu", 100, 100)
    empty.view.add_at_pointer()
    rows = empty.view.search.list
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(rows.item(0)).center())
    assert empty.view.search.isVisible()
    assert len(empty.view.session.document.nodes) == 1


def test_a_wire_dropped_on_nothing_says_what_usually_comes_next(chain: Hand) -> None:
    chain.graph.add("Mish", chain.graph.add("Linear", chain.graph["out"], name="other"), name="m")
    chain.drag(chain.output("hidden"), chain.pixel(300, 420))
    assert chain.view.search.headings()[0] == "Usually next"
    assert "Mish" in shown(chain)[1:7]
    assert chain.view.search.headings()[-1] == "Also fits"


def test_a_star_in_the_search_makes_a_favourite(empty: Hand) -> None:
    empty.view.add_at_pointer()
    line = empty.view.search.line
    QTest.keyClicks(line, "mish")
    QTest.keyClicks(line, "*")
    assert line.text() == "mish"
    assert favourites.liked(empty.graph) == ["Mish"]
    QTest.keyClick(line, Qt.Key.Key_Escape)
    empty.view.add_at_pointer()
    assert shown(empty)[:2] == ["Favourites", "Mish"]


def test_f1_in_the_search_explains_the_row_and_leaves_the_search_open(empty: Hand, qtbot) -> None:
    empty.view.add_at_pointer()
    QTest.keyClicks(empty.view.search.line, "mish")
    with qtbot.waitSignal(empty.view.session.help_requested) as asked:
        QTest.keyClick(empty.view.search.line, Qt.Key.Key_F1)
    assert asked.args == ["Mish"]
    assert empty.view.search.isVisible()


def test_a_group_that_is_used_often_comes_first(desk: Desk) -> None:
    grouped(desk, "hidden", "act")
    desk.window.add_node("group:g1")
    desk.view.add_at_pointer()
    assert shown(desk)[:2] == ["Recently used", "cell"]


def test_habits_know_sockets() -> None:
    graph = Graph()
    data = graph.add("Dataset", dataset="xor")
    graph.add("BCEWithLogitsLoss", graph.add("Linear", data, units=1), data["target"])
    known = Habits()
    known.learn(graph.document)
    assert known.socket(End("Dataset", "target", False), "BCEWithLogitsLoss") == "target"
    assert known.socket(End("BCEWithLogitsLoss", "input", True), "Linear") == "y"
    assert known.following(End("Dataset", "x", False))["Tanh"] == 0


def test_a_target_dragged_to_a_loss_goes_to_its_target(chain: Hand) -> None:
    data = chain.graph.add("Dataset", dataset="xor", name="data", position=(60, 420))
    chain.drag(chain.output("data", "target"), chain.pixel(620, 480))
    chain.search("bcewith")
    (edge,) = chain.view.session.document.consumers(data.id)
    assert edge.input == "target"


def test_a_click_on_a_row_adds_it(empty: Hand) -> None:
    empty.view.add_at_pointer()
    QTest.keyClicks(empty.view.search.line, "mish")
    rows = empty.view.search.list
    QTest.mouseClick(rows.viewport(), LEFT, pos=rows.visualItemRect(rows.item(0)).center())
    assert [node.op for node in empty.view.session.document.nodes.values()] == ["Mish"]
    assert not empty.view.search.isVisible()


def test_what_is_inserted_into_a_wire_is_ranked_by_what_usually_follows(chain: Hand) -> None:
    chain.view.search_to_insert((chain.id("out"), "x"), QPointF(300, 300))
    assert chain.view.search.headings()[0] == "Usually next"
    assert shown(chain)[1] == "Linear"  # after a Tanh
