"""The live graph: adding, wiring, editing, undo, and what it refuses."""

from __future__ import annotations

import dataclasses

import pytest

from graphlab.errors import (
    ConnectError,
    CycleError,
    GraphError,
    NameTakenError,
    ParamError,
    SettingsError,
    SocketError,
    UnknownNodeError,
    UnknownOpError,
)
from graphlab.graph import Document, Graph
from graphlab.graph.codec import to_bytes


def xor() -> Graph:
    g = Graph("xor")
    x = g.add("Input", name="x", shape=("N", 2))
    t = g.add("Input", name="target", shape=("N", 1))
    h = g.add("Tanh", g.add("Linear", x, name="hidden", units=8))
    y = g.add("Linear", h, name="out", units=1)
    g.add("MSELoss", y, t, name="loss")
    return g


def test_sources_are_wired_in_the_order_of_the_sockets() -> None:
    g = xor()
    edges = g.document.inputs_of(g["loss"].id)
    assert {socket: edge.source for socket, edge in edges.items()} == {
        "input": g["out"].id,
        "target": g["target"].id,
    }


def test_sources_can_be_named_by_socket_handle_name_or_output() -> None:
    g = Graph()
    data = g.add("Dataset", dataset="xor", name="data")
    out = g.add("Linear", x="data.x", units=1)
    g.add("MSELoss", input=out, target=data["target"], name="loss")
    edges = g.document.inputs_of(g["loss"].id)
    assert (edges["target"].source, edges["target"].output) == (data.id, "target")


def test_ops_with_any_number_of_inputs_grow_with_their_sources() -> None:
    g = Graph()
    parts = [g.add("Input", shape=("N", size)) for size in (1, 2, 3)]
    joined = g.add("Concat", *parts)
    assert len(g.document.inputs_of(joined.id)) == 3


def test_misspelt_op_suggests_the_right_one() -> None:
    with pytest.raises(UnknownOpError, match="Did you mean Linear"):
        Graph().add("lineer")


def test_cycle_is_refused_and_named_and_nothing_changes() -> None:
    g = xor()
    before = g.document
    with pytest.raises(CycleError) as caught:
        g.connect("out", "hidden")
    assert caught.value.path == ("hidden", "tanh", "out")
    assert "hidden → tanh → out → hidden" in str(caught.value)
    assert g.document is before


def test_node_cannot_feed_itself() -> None:
    g = xor()
    with pytest.raises(CycleError):
        g.connect("hidden", "hidden")


def test_unknown_socket_lists_those_there_are() -> None:
    g = xor()
    with pytest.raises(SocketError, match="input, target"):
        g.connect("out", "loss", "nonsense")
    with pytest.raises(SocketError, match="has no output 'z'"):
        g.connect("out.z", "loss.input")


def test_a_socket_takes_one_wire_the_newest() -> None:
    g = xor()
    g.connect("x", "loss", "target")
    assert g.document.inputs_of(g["loss"].id)["target"].source == g["x"].id
    assert len(g.document.edges) == 5


def test_failed_add_leaves_nothing_behind() -> None:
    g = xor()
    before, steps = g.document, g.history
    with pytest.raises(ConnectError, match="3"):
        g.add("MSELoss", "x", "target", "out")
    with pytest.raises(ParamError):
        g.add("Linear", "x", units=-1)
    with pytest.raises(UnknownNodeError, match="Did you mean 'hidden'"):
        g.add("Tanh", "hiden")
    assert g.document is before
    assert g.history == steps


def test_names_are_unique_readable_and_numbered() -> None:
    g = Graph()
    names = [g.add(op).name for op in ("Linear", "Linear", "ReLU", "MSELoss", "Linear")]
    assert names == ["linear", "linear2", "relu", "loss", "linear3"]
    with pytest.raises(NameTakenError, match="'relu2' is free"):
        g.rename("linear", "relu")


@pytest.mark.parametrize("name", ["", "a.b", "a/b", " a", "a\n", "x" * 61, "n5", "t12"])
def test_names_that_could_not_be_written_are_refused(name: str) -> None:
    g = xor()
    with pytest.raises(ParamError):
        g.rename("out", name)


def test_removing_a_node_takes_its_wires_along() -> None:
    g = xor()
    g.remove("tanh")
    assert "tanh" not in g
    assert {(e.source, e.target) for e in g.document.edges.values()} == {
        (g["x"].id, g["hidden"].id),
        (g["out"].id, g["loss"].id),
        (g["target"].id, g["loss"].id),
    }


def test_removing_the_goal_makes_it_automatic_again() -> None:
    g = xor()
    g.configure(goal="loss")
    g.remove("loss")
    assert g.document.training.goal == ""


def test_disconnect_needs_no_socket_when_there_is_one_wire() -> None:
    g = xor()
    g.disconnect("out")
    assert not g.document.inputs_of(g["out"].id)
    with pytest.raises(UnknownNodeError, match="input, target"):
        g.disconnect("loss")


def test_undo_all_gives_the_first_bytes_and_redo_all_the_last() -> None:
    g = Graph("xor")
    first = to_bytes(g.document)
    built = xor()
    g.replace(built.document, "Build")
    g.set("hidden", units=3)
    g.rename("hidden", "layer")
    g.move({"layer": (10, 20)})
    g.add_note("look")
    g.configure(lr=0.5)
    g.remove("out")
    last = to_bytes(g.document)
    while g.undo():
        pass
    assert to_bytes(g.document) == first
    while g.redo():
        pass
    assert to_bytes(g.document) == last


def test_moves_of_one_drag_are_one_undo_entry() -> None:
    g = xor()
    before, steps = g.document, len(g.history)
    for x in range(50):
        g.move({"out": (x, x)}, key="drag")
    g.seal()
    g.move({"out": (0, 0)}, key="drag")
    assert len(g.history) == steps + 2
    g.undo()
    g.undo()
    assert g.document is before


def test_edits_in_one_block_are_announced_once_and_undone_at_once() -> None:
    g = xor()
    heard: list[tuple[Document, Document]] = []
    g.changed.connect(lambda old, new: heard.append((old, new)))
    before = g.document
    with g.edit("Deepen"):
        h = g.add("ReLU", "tanh")
        g.connect(h, "out")
    assert heard == [(before, g.document)]
    assert g.undo_label == "Deepen"
    g.undo()
    assert g.document is before


def test_a_block_that_fails_never_happened() -> None:
    g = xor()
    before = g.document

    def half() -> None:
        with g.edit("Half"):
            g.remove("out")
            g.add("Nonsense")

    with pytest.raises(UnknownOpError):
        half()
    assert g.document is before
    assert g.undo_label == "Add MSELoss"


def test_new_edit_forgets_what_could_be_redone() -> None:
    g = xor()
    g.undo()
    g.add("ReLU")
    assert not g.can_redo
    assert "loss" not in g


def test_saved_mark_follows_undo_and_redo() -> None:
    g = xor()
    g.mark_saved()
    g.set("out", units=2)
    assert not g.is_saved
    g.undo()
    assert g.is_saved
    g.mark_unsaved()
    assert not g.is_saved


def test_same_edits_give_the_same_bytes() -> None:
    assert to_bytes(xor().document) == to_bytes(xor().document)


def test_params_that_are_the_default_are_not_stored() -> None:
    g = Graph()
    node = g.add("Linear", units=16)
    assert dict(node.node.params) == {}
    g.set(node, units=3)
    g.set(node, units=16)
    assert dict(node.node.params) == {}


def test_unknown_param_suggests_the_right_one() -> None:
    g = xor()
    with pytest.raises(ParamError, match="Did you mean units"):
        g.set("out", unit=3)


def test_wires_into_sockets_that_are_gone_go_too() -> None:
    g = Graph()
    parts = [g.add("Input", shape=("N", 2)) for _ in range(3)]
    joined = g.add("Concat", *parts)
    g.set(joined, count=2)
    assert len(g.document.inputs_of(joined.id)) == 2


@pytest.mark.parametrize(
    "setting",
    [{"lr": float("nan")}, {"lr": 0.0}, {"batch_size": 0}, {"epochs": 1.5}, {"validation": 0.6, "test": 0.5}],
)
def test_impossible_training_settings_are_refused(setting: dict[str, float]) -> None:
    g = xor()
    with pytest.raises(SettingsError):
        g.configure(**setting)


def test_handles_of_another_graph_are_refused() -> None:
    g, other = xor(), xor()
    with pytest.raises(ConnectError, match="another graph"):
        g.add("Tanh", other["x"])


def test_positions_beyond_the_canvas_are_refused() -> None:
    g = xor()
    for place in ((float("nan"), 0.0), (1e9, 0.0)):
        with pytest.raises(ParamError):
            g.move({"out": place})


def test_edits_that_change_nothing_leave_no_entry():
    g = Graph()
    g.add("Tanh", name="a")
    g.mark_saved()
    g.move({"a": g["a"].node.position})
    g.rename("a", "a")
    g.set("a")
    g.configure(lr=g.document.training.lr)
    assert g.history == ["Open", "Add Tanh"]
    assert g.is_saved


def test_undoing_inside_an_edit_is_refused_and_the_edit_does_not_happen():
    g = Graph()
    g.add("Tanh", name="a")

    def two_things():
        with g.edit("two things"):
            g.add("Tanh", name="b")
            g.undo()

    with pytest.raises(GraphError, match="under way"):
        two_things()
    assert list(g.document.ids_by_name) == ["a"]
    assert g.history == ["Open", "Add Tanh"]


def test_every_listener_hears_of_every_change_in_order():
    g, heard = Graph(), []

    def one_more(old, new):
        if len(new.nodes) < 3:
            g.add("Tanh")

    g.changed.connect(one_more)
    g.changed.connect(lambda old, new: heard.append((len(old.nodes), len(new.nodes))))
    g.add("Tanh")
    assert heard == [(0, 1), (1, 2), (2, 3)]


def test_a_listener_that_fails_keeps_no_other_from_hearing():
    g, heard = Graph(), []
    g.changed.connect(lambda old, new: 1 / 0)
    g.changed.connect(lambda old, new: heard.append(new))
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            g.add("Tanh")
    assert heard[-1] is g.document
    assert len(heard) == 2


def test_a_drag_that_goes_on_after_saving_can_be_undone_to_what_was_saved():
    g = Graph()
    g.add("Tanh", name="a")
    g.move({"a": (1, 1)}, key="drag")
    g.mark_saved()
    g.move({"a": (2, 2)}, key="drag")
    g.undo()
    assert g.is_saved
    assert g["a"].node.position == (1, 1)


def test_a_node_of_another_graph_is_refused_as_target_too():
    g, other = Graph("one"), Graph("other")
    x = g.add("Input", name="x")
    g.add("Tanh", name="mine")
    other.add("Input")
    theirs = other.add("Tanh", name="theirs")
    for act in (lambda: g.connect(x, theirs), lambda: g.remove(theirs), lambda: g.rename(theirs, "new")):
        with pytest.raises(ConnectError, match="another graph"):
            act()
    assert not g.document.edges


def test_the_handle_of_a_removed_node_says_so():
    g = Graph()
    x = g.add("Input", name="x")
    g.remove(x)
    with pytest.raises(UnknownNodeError):
        g.add("Tanh", x)
    with pytest.raises(UnknownNodeError):
        _ = x.name
    assert "removed" in repr(x)


@pytest.mark.parametrize("place", [(10**400, 0), ("left", 0), (1, 2, 3), None, (float("nan"), 0)])
def test_a_place_that_is_none_is_refused(place):
    g = Graph()
    g.add("Tanh", name="a")
    with pytest.raises(ParamError):
        g.move({"a": place})


@pytest.mark.parametrize("setting", [{"lr": 10**400}, {"optimizer": "Lioness"}, {"lr": "fast"}])
def test_settings_beyond_all_sense_are_refused(setting):
    g = Graph()
    with pytest.raises(SettingsError):
        g.configure(**setting)
    assert g.history == ["Open"]


def test_half_a_character_is_refused_wherever_text_is_typed():
    g = Graph()
    note = g.add_note("whole")
    for act in (
        lambda: g.add("Tanh", name="\ud800"),
        lambda: g.add_note("\udfff"),
        lambda: g.edit_note(note.id, text="\ud83d"),
        lambda: g.add("Dataset", dataset="\ud800"),
    ):
        with pytest.raises(ParamError):
            act()
    assert to_bytes(g.document)


def test_sources_may_be_named_by_any_socket_of_an_op_that_grows():
    g = Graph()
    for name in "abc":
        g.add("Input", name=name)
    g.add("Concat", "a", "b", x3="c", count=3, name="all")
    assert [edge.input for edge in g.document.inputs_of(g["all"].id).values()] == ["x1", "x2", "x3"]


def test_a_bare_number_as_source_is_explained() -> None:
    g = xor()
    with pytest.raises(ConnectError, match="b=3"):
        g.add("Add", "x", 3)  # type: ignore[arg-type]


def test_a_new_node_may_take_the_name_of_one_that_goes() -> None:
    g = Graph()
    old = g.add("Tanh", name="act")
    assert g.document.ids_by_name == {"act": old.id}
    new = dataclasses.replace(old.node, id="n9")
    swapped = g.document.with_nodes([new], [old.id])
    assert swapped.ids_by_name == {"act": "n9"}


def test_names_made_up_are_the_smallest_free_whatever_went_before() -> None:
    g = Graph()
    added = [g.add("Tanh") for _ in range(6)]
    assert [node.name for node in added] == ["tanh", "tanh2", "tanh3", "tanh4", "tanh5", "tanh6"]
    g.remove(added[2])
    assert g.add("Tanh").name == "tanh3"
    g.rename(added[1], "other")
    assert g.add("Tanh").name == "tanh2"
    g.undo()
    g.undo()
    assert g.add("Tanh").name == "tanh7"
    g.remove(added[0])
    assert [g.add("Tanh").name for _ in range(2)] == ["tanh", "tanh8"]


def test_many_nodes_find_room_where_nothing_lies() -> None:
    g = Graph()
    x = g.add("Input", position=(0, -500))
    for k in range(30):
        g.add("Tanh", x)
        g.add("Constant")
        if k % 7 == 3:
            g.move({x.id: (0, -500 + k)})
        if k % 10 == 9:
            g.undo()
    places = [node.position for node in g.document.nodes.values()]
    assert len(set(places)) == len(places)
    assert Graph().add("Tanh").node.position == (0, 0)


def test_adding_nodes_one_by_one_takes_time_in_proportion_to_their_number() -> None:
    """No index of names or places is made anew for each."""
    g = Graph()
    x = g.add("Input", name="x")
    looked = []
    names = type(g.document).ids_by_name.func
    for _ in range(200):
        g.add("Tanh", x)
        looked.append(g.document.taken_numbers.get("tanh", 1))
    assert looked[-1] == 199
    assert names(g.document) == g.document.ids_by_name
