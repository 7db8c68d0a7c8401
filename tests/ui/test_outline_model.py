"""The tree of the outline: its rows, that it follows every edit like one made anew, and that it stays quick."""

from __future__ import annotations

import time
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from graphlab.graph import Document, Edge, Graph, Node, edits
from graphlab.ui.outline import ROW, Outline
from graphlab.ui.session import Session
from tests.engine.cells import elman, unrolled
from tests.graph.random_edits import Grouper

FATAL = QAbstractItemModelTester.FailureReportingMode.Warning  # warnings of Qt fail a test


@pytest.fixture
def session(qtbot: Any) -> Any:
    """x → [cell: hidden → act] → out → loss with t; a frame, a note and a bookmark."""
    graph = Graph("rows")
    x = graph.add("Input", name="x", shape=("N", 64))
    t = graph.add("Input", name="t", shape=("N", 10))
    h = graph.add("Tanh", graph.add("Linear", x, name="hidden", units=32), name="act")
    graph.add("MSELoss", graph.add("Linear", h, name="out", units=10), t, name="loss")
    graph.group("hidden", "act", name="cell")
    graph.add_note("Remember\nthe milk", (0, 400))
    graph.replace(edits.add_frame(graph.document, "Head", (0, 0), (300, 200))[0], "Frame")
    graph.set_bookmark("start")
    made = Session(Graph(graph.document), engine=False)
    yield made
    made.close()


def dump(model: Outline, parent: QModelIndex = QModelIndex(), depth: int = 9) -> list[Any]:  # noqa: B008
    """Names of all rows, those below a row as a list after it."""
    found: list[Any] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        found.append(index.data())
        below = dump(model, index, depth - 1) if model.hasChildren(index) and depth else []
        found += [below] if below else []
    return found


def row(model: Outline, *names: str) -> QModelIndex:
    """The row of that name, by the names of the rows it stands below."""
    index = QModelIndex()
    for name in names:
        rows = [model.index(k, 0, index) for k in range(model.rowCount(index))]
        index = next(i for i in rows if i.data() == name)
    return index


def sentence(model: Outline, *names: str) -> str:
    return str(row(model, *names).data(Qt.ItemDataRole.AccessibleTextRole))


def test_it_is_the_graph_from_inputs_to_loss_with_what_is_in_groups(session: Session) -> None:
    model = Outline(session)
    tester = QAbstractItemModelTester(model, FATAL)
    assert dump(model) == [
        "x", "t", "cell", ["x", "hidden", "act", "y"], "out", "loss",
        "Frames", ["Head"], "Notes", ["Remember"], "Bookmarks", ["start"],
    ]  # fmt: skip
    assert tester.model() is model


def test_rows_say_in_a_sentence_what_they_are(session: Session) -> None:
    model = Outline(session)
    assert sentence(model, "out") == "out, Linear, output N by 10, 330 parameters, from cell, feeds loss"
    assert sentence(model, "cell", "hidden") == (
        "hidden, Linear, output N by 32, 2,080 parameters, from x, feeds act"
    )
    assert sentence(model, "cell").startswith("cell, group of 2 nodes, output N by 32, 2,080 parameters")
    assert sentence(model, "loss").endswith("from out and t, training makes it small")
    assert sentence(model, "Notes") == "Notes, 1"
    assert sentence(model, "Notes", "Remember") == "note: Remember the milk"
    assert sentence(model, "Frames", "Head") == "frame Head"
    assert sentence(model, "Bookmarks", "start") == "bookmark start"


def test_flags_faults_and_stops_are_told_and_marked(session: Session) -> None:
    model = Outline(session)
    hidden = session.graph.inside("cell")["hidden"].id
    cell = session.graph["cell"].id
    session.graph.set_flags("out", frozen=True)
    session.graph.inside("cell").set_flags("act", muted=True)
    session.toggle_breakpoint_at(f"{cell}/{hidden}", "forward")
    session.graph.add("MatMul", "x", "out", name="bad")

    def marks(*names: str) -> list[str]:
        return [said for _, _, said in row(model, *names).data(ROW).marks]

    assert marks("out") == ["frozen"]
    assert marks("cell", "act") == ["muted"]
    assert marks("cell", "hidden") == ["breakpoint"]
    assert marks("cell") == ["breakpoint"]
    assert marks("bad") == ["fault"]
    assert "the run pauses here" in sentence(model, "cell", "hidden")
    assert "fault: Cannot multiply" in sentence(model, "bad")
    assert sentence(model, "cell", "act").count("muted") == 1


def test_a_bookmark_whose_group_is_gone_is_marked(session: Session) -> None:
    session.root.set_bookmark("inside", inside=["cell"])
    model = Outline(session)
    assert row(model, "Bookmarks", "inside").data(ROW).marks == ()
    session.graph.ungroup("cell")
    assert sentence(model, "Bookmarks", "inside").endswith("its group is gone")


def test_rows_that_stay_keep_their_indices_and_a_move_touches_nothing(session: Session) -> None:
    model = Outline(session)
    loss, act = QPersistentModelIndex(row(model, "loss")), QPersistentModelIndex(row(model, "cell", "act"))
    touched: list[str] = []
    for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset, model.layoutChanged):
        signal.connect(lambda *_: touched.append("structure"))
    model.dataChanged.connect(lambda *_: touched.append("data"))
    session.graph.move({session.graph["out"].id: (500, 500)})
    assert touched == []
    session.graph.add("Tanh", "out", name="extra")
    session.graph.remove("t")
    assert (loss.data(), act.data()) == ("loss", "act")
    session.graph.ungroup("cell")
    assert not act.isValid()


def test_a_wire_that_turns_the_order_turns_the_rows(session: Session) -> None:
    graph = session.graph
    graph.add("Tanh", name="late")
    graph.add("Tanh", name="early")
    model = Outline(session)
    tester = QAbstractItemModelTester(model, FATAL)
    late = QPersistentModelIndex(row(model, "late"))
    graph.connect("early", "late")
    names = dump(model)
    assert names.index("early") < names.index("late")
    assert late.data() == "late"
    assert tester.model() is model


def test_another_document_starts_anew(session: Session) -> None:
    model = Outline(session)
    other = Graph("other")
    other.add("Input", name="alone")
    session.open(other)
    assert dump(model) == ["alone"]


def test_renaming_and_deleting_rows_of_any_sheet(session: Session) -> None:
    model = Outline(session)
    assert model.setData(row(model, "cell", "act"), "tanh")
    assert session.graph.inside("cell").document.ids_by_name.keys() >= {"tanh"}
    assert model.setData(row(model, "Bookmarks", "start"), "beginning")
    assert model.setData(row(model, "Frames", "Head"), "Top")
    assert not model.setData(row(model, "out"), "loss")  # taken
    assert "already" in session.notices[-1].text
    before = len(session.root.history)
    model.remove([row(model, "cell", "tanh"), row(model, "Notes", "Remember"), row(model, "t")])
    assert len(session.root.history) == before + 1
    assert dump(model)[:4] == ["x", "cell", ["x", "hidden", "y"], "out"]
    session.graph.undo()
    assert "Notes" in dump(model)


def test_what_two_uses_of_a_group_share_is_deleted_once(session: Session) -> None:
    definition = str(session.graph.document.node("cell").params["definition"])
    use = session.graph.add_use(definition, (0, 400)).node.name
    model = Outline(session)
    model.remove([row(model, "cell", "act"), row(model, use, "act")])
    assert "act" not in session.whole.definitions[definition].ids_by_name
    assert session.root.history[-1] == "Delete"


def test_a_frame_is_renamed_without_the_spaces_around(session: Session) -> None:
    model = Outline(session)
    assert model.setData(row(model, "Frames", "Head"), " Heads ")
    (made,) = session.document.frames.values()
    assert made.title == "Heads"


def test_a_group_is_looked_into_only_when_somebody_asks(session: Session) -> None:
    model = Outline(session)
    assert model.hasChildren(row(model, "cell"))
    assert model.root.children == {}


def test_rows_inside_an_unroll_node_tell_of_its_first_copy(qtbot: Any) -> None:
    session = Session(Graph(unrolled(elman()).document), engine=False)
    model = Outline(session)
    session.toggle_breakpoint_at(f"{session.document.node('rnn').id}/t=3/{inside(session, 'act')}", "forward")
    act = row(model, "rnn", "act").data(ROW)
    assert act.below == "Tanh · N×4"
    assert [what for _, _, what in act.marks] == ["breakpoint"]
    assert row(model, "rnn", "hh").data(ROW).below == "Linear · N×4 · 20 par."
    session.graph.inside("rnn").disconnect("act", "x")
    assert "needs x" in [what for _, _, what in row(model, "rnn", "act").data(ROW).marks]
    session.close()


def inside(session: Session, name: str) -> str:
    return session.root.inside("rnn").document.node(name).id


def test_rows_inside_are_painted_while_nothing_is_plugged_in_outside(qtbot: Any) -> None:
    """The open socket of the node is not one of the sheet inside, though a port there has its name."""
    graph = unrolled(elman())
    graph.disconnect("rnn", "x")
    session = Session(Graph(graph.document), engine=False)
    model = Outline(session)
    assert [what for _, _, what in row(model, "rnn").data(ROW).marks] == ["needs x"]
    assert row(model, "rnn", "ih").data(ROW).faint
    assert not row(model, "rnn", "x").data(ROW).marks
    session.close()


def test_rows_read_while_a_document_is_replaced_are_those_of_the_one_before(session: Session) -> None:
    """Views that are not told yet may paint: groups that are gone are looked for where they were."""
    session.root.inside("cell").group("act", name="inner")
    inner = session.root.inside("cell").document.node("inner")
    session.root.inside("cell").disconnect("inner", *inner.params["takes"])
    model = Outline(session)
    before = [tell(model)]
    session.breakpoints_changed.connect(lambda *_: before.append(tell(model)))
    session.toggle_breakpoint_at(session.document.node("out").id, "forward")
    session.open(Graph("empty"))
    assert before[2] == before[0]
    assert tell(model) == []


def tell(model: Outline, parent: QModelIndex = QModelIndex()) -> list[Any]:  # noqa: B008
    """All that rows show, as if each were painted anew."""
    found: list[Any] = []
    for k in range(model.rowCount(parent)):
        index = model.index(k, 0, parent)
        model.at(index)[0].rows.clear()
        model.at(index)[0].looks = None
        found += [index.data(ROW), tell(model, index)]
    return found


@pytest.mark.parametrize("seed", range(6))
def test_after_any_edit_it_is_as_if_made_anew(seed: int, qtbot: Any) -> None:
    person = Grouper(seed)
    session = Session(person.graph, engine=False)
    model = Outline(session)
    tester = QAbstractItemModelTester(model, FATAL)
    dump(model)  # everything is opened once, so everything has to follow
    for _ in range(60):
        person.step()
        if person.graph is not session.root:  # it was saved and loaded again
            session.open(person.graph)
        fresh = Outline(session)
        assert dump(model) == dump(fresh)
    assert tester.model() is model
    session.close()


def test_ten_thousand_rows_are_there_at_once_and_follow_an_edit_quickly(qtbot: Any) -> None:
    nodes = {f"n{k}": Node(f"n{k}", "Tanh", f"t{k}", {}, (k, 0)) for k in range(1, 10_000)}
    edges = {(f"n{k}", "x"): Edge(f"n{k - 1}", "y", f"n{k}", "x") for k in range(2, 10_000) if k % 100}
    session = Session(Graph(Document("large", nodes, edges, next_id=10_000)), engine=False)
    start = time.process_time()
    model = Outline(session)
    assert model.rowCount() == 9_999
    model.index(20, 0).data(ROW)
    assert time.process_time() - start < 0.4
    document = session.document
    start = time.process_time()
    model.follow(document, document)
    assert time.process_time() - start < 0.05
    session.close()
