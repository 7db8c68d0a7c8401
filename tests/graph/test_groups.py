"""Groups: nodes made one and taken apart again, uses that follow their definition, what is refused."""

from __future__ import annotations

import pytest

from graphlab.errors import BrokenFileError, GraphError, NameTakenError, ParamError, UnknownNodeError
from graphlab.graph import Graph, diff, groups, promoting
from graphlab.graph.codec import from_bytes, from_record, to_bytes, to_record
from graphlab.graph.grouping import adopt


def chain() -> Graph:
    """x → lin → act → out → loss ← t"""
    g = Graph("chain")
    x = g.add("Input", name="x", shape=("N", 3))
    act = g.add("Tanh", g.add("Linear", x, name="lin", units=4), name="act")
    out = g.add("Linear", act, name="out", units=1)
    g.add("MSELoss", out, g.add("Input", name="t", shape=("N", 1)), name="loss")
    return g


def wires(g: Graph) -> set[str]:
    names = {i: node.name for i, node in g.document.nodes.items()}
    return {f"{names[e.source]}.{e.output}→{names[e.target]}.{e.input}" for e in g.document.edges.values()}


def test_cut_wires_become_sockets() -> None:
    g = chain()
    cell = g.group("lin", "act", name="cell")
    assert cell.node.params["takes"] == ("x",)
    assert cell.node.params["gives"] == ("y",)
    assert wires(g) == {"x.y→cell.x", "cell.y→out.x", "out.y→loss.input", "t.y→loss.target"}
    assert wires(g.inside("cell")) == {"x.y→lin.x", "lin.y→act.x", "act.y→y.x"}


def test_a_value_used_twice_inside_enters_once() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    g.add("Add", g.add("Tanh", x, name="a"), g.add("Sigmoid", x, name="b"), name="sum")
    assert g.group("a", "b", "sum").node.params["takes"] == ("x",)


def test_several_outputs_are_told_apart_by_what_makes_them() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2))
    a, b = g.add("Tanh", x, name="a"), g.add("Sigmoid", x, name="b")
    g.add("Add", a, b, name="sum")
    assert set(g.group("a", "b").node.params["gives"]) == {"a y", "b y"}


def test_an_end_of_the_graph_comes_out_of_the_group() -> None:
    g = chain()
    group = g.group("out", "t", "loss")
    assert group.node.params["gives"] == ("loss2",)  # "loss" is the name of the node inside


def test_grouping_and_ungrouping_leaves_the_same_graph() -> None:
    g = chain()
    before = g.document
    g.ungroup(g.group("lin", "act"))
    assert g.document.edges == before.edges
    assert {i: (n.name, n.op, n.params, n.position) for i, n in g.document.nodes.items()} == {
        i: (n.name, n.op, n.params, n.position) for i, n in before.nodes.items()
    }
    assert not g.document.definitions


def test_undo_takes_grouping_back_and_redo_does_it_again() -> None:
    g = chain()
    before = to_bytes(g.document)
    g.group("lin", "act")
    after = to_bytes(g.document)
    g.undo()
    assert to_bytes(g.document) == before
    g.redo()
    assert to_bytes(g.document) == after


def test_a_path_that_leaves_and_comes_back_is_refused() -> None:
    g = chain()
    before = g.document
    with pytest.raises(GraphError, match="leaves them for act") as caught:
        g.group("lin", "out")
    assert caught.value.hint == "Select act too."
    assert g.document is before


def test_nothing_cannot_be_grouped() -> None:
    with pytest.raises(GraphError, match="nothing to group"):
        chain().group()


def test_editing_inside_changes_every_use() -> None:
    g = chain()
    cell = g.group("lin", "act", name="cell")
    other = g.add_use("g1", (500, 300))
    inside = g.inside(cell)
    inside.set("lin", units=7)
    assert g.inside(other).document.node("lin").params["units"] == 7
    assert len(groups.uses(g.document, "g1")) == 2


def test_a_new_port_is_a_new_socket_of_every_use_in_the_order_of_the_ports() -> None:
    g = chain()
    cell, other = g.group("lin", "act", name="cell"), g.add_use("g1")
    inside = g.inside(cell)
    inside.add("GroupInput", name="state", position=(0.0, -200.0))
    assert cell.node.params["takes"] == other.node.params["takes"] == ("state", "x")
    inside.move({"state": (0.0, 400.0)})
    assert cell.node.params["takes"] == ("x", "state")


def test_a_renamed_port_keeps_its_wires() -> None:
    g = chain()
    inside = g.inside(g.group("lin", "act", name="cell"))
    inside.rename("y", "hidden")
    assert "cell.hidden→out.x" in wires(g)


def test_a_removed_port_takes_the_wires_outside_along_and_undo_brings_them_back() -> None:
    g = chain()
    inside = g.inside(g.group("lin", "act", name="cell"))
    inside.remove("y")
    assert not any(w.startswith("cell.") for w in wires(g))
    g.undo()
    assert "cell.y→out.x" in wires(g)


def test_make_unique_parts_a_use_from_the_others() -> None:
    g = chain()
    cell, other = g.group("lin", "act", name="cell"), g.add_use("g1")
    g.make_unique(other)
    g.inside(cell).set("lin", units=9)
    assert g.inside(other).document.node("lin").params["units"] == 4
    assert [d.name for d in g.document.definitions.values()] == ["cell", "cell2"]


def test_groups_nest_to_any_depth_and_edits_inside_reach_the_whole() -> None:
    g = chain()
    g.group("lin", "act", name="inner")
    g.group("inner", "out", name="outer")
    deep = g.inside("outer", "inner")
    deep.set("lin", units=11)
    assert g.document.definitions["g1"].node("lin").params["units"] == 11
    assert g.history[-1] == "Change lin"


def test_a_group_inside_a_group_can_be_made_and_taken_apart_there() -> None:
    g = chain()
    inside = g.inside(g.group("lin", "act", "out", name="outer"))
    inner = inside.group("lin", "act", name="inner")
    assert set(g.document.definitions) == {"g1", "g2"}
    inside.ungroup(inner)
    assert set(g.document.definitions) == {"g1"}


def test_a_group_lives_as_long_as_it_is_used() -> None:
    g = chain()
    cell, other = g.group("lin", "act", name="cell"), g.add_use("g1")
    g.remove(other)
    assert "g1" in g.document.definitions
    g.remove(cell)
    assert not g.document.definitions
    g.undo()
    assert "g1" in g.document.definitions


def test_a_group_cannot_contain_itself() -> None:
    g = chain()
    inside = g.inside(g.group("lin", "act", name="cell"))
    before = g.document
    with pytest.raises(GraphError, match="cell → cell"):
        inside.add_use("g1")
    assert g.document is before


def test_the_view_inside_tells_of_its_own_changes_only() -> None:
    g = chain()
    inside = g.inside(g.group("lin", "act", name="cell"))
    heard = []
    inside.changed.connect(lambda old, new: heard.append(diff(old, new)))
    g.set("out", units=2)
    assert not heard
    inside.set("lin", units=5)
    g.undo()
    assert [len(change.reworked) for change in heard] == [1, 1]


def test_the_view_inside_knows_when_its_group_is_gone() -> None:
    g = chain()
    inside = g.inside(g.group("lin", "act", name="cell"))
    g.undo()
    assert not inside.is_there
    with pytest.raises(GraphError, match="gone"):
        inside.set("lin", units=5)
    g.redo()
    assert inside.is_there


def test_promoted_params_are_set_for_one_use_alone() -> None:
    g = chain()
    cell, other = g.group("lin", "act", name="cell"), g.add_use("g1")
    inside = g.inside(cell)
    inside.replace(promoting.promote(inside.document, "lin", "units"), "Promote")
    g.replace(groups.set_setting(g.document, cell.id, "units", 9), "Set")
    assert groups.settings_of(g.document, cell.node) == {"units": 9}
    assert groups.settings_of(g.document, other.node) == {"units": 4}
    inner = groups.definition_of(g.document, cell.node)
    assert inner is not None
    assert groups.overridden(inner, cell.node).node("lin").params["units"] == 9
    g.ungroup(cell)
    assert g.document.node("lin").params["units"] == 9


def test_promoted_params_are_checked_by_the_op_inside() -> None:
    g = chain()
    cell = g.group("lin", "act", name="cell")
    inside = g.inside(cell)
    inside.replace(promoting.promote(inside.document, "lin", "units"), "Promote")
    with pytest.raises(ParamError, match="units cannot be 0"):
        groups.set_setting(g.document, cell.id, "units", 0)
    with pytest.raises(NameTakenError):
        promoting.promote(inside.document, "lin", "bias", "units")
    with pytest.raises(UnknownNodeError):
        promoting.demote(inside.document, "width")


def test_another_document_comes_in_as_a_group_with_its_inputs_as_sockets() -> None:
    guest = chain()
    guest.group("lin", "act", name="cell")
    host = Graph("host")
    document, definition = adopt(host.document, guest.document)
    with host.edit("Adopt"):
        host.replace(document, "Adopt")
        use = host.add_use(definition)
    assert use.node.params["takes"] == ("x", "t")
    assert use.node.params["gives"] == ("loss2",)
    assert {d.name for d in host.document.definitions.values()} == {"chain", "cell"}
    assert host.inside(use, "cell").document.node("lin").params["units"] == 4


def test_documents_with_groups_survive_a_file_bit_for_bit() -> None:
    g = chain()
    cell = g.group("lin", "act", name="cell")
    g.set_flags("out", frozen=True)
    g.set_flags(cell, muted=True)
    again = from_bytes(to_bytes(g.document))
    assert again == g.document
    assert to_bytes(again) == to_bytes(g.document)


def test_a_document_without_groups_is_written_as_before() -> None:
    body = to_record(chain().document)["document"]
    assert not {"definitions", "frames", "bookmarks", "promoted"} & body.keys()
    assert not {"muted", "frozen"} & body["nodes"][0].keys()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda b: b["definitions"].update(x=b["definitions"]["g1"]), "is no id"),
        (lambda b: b["definitions"]["g1"].update(definitions={"g2": {}}), "definitions of its own"),
        (lambda b: b["definitions"]["g1"]["nodes"][0].update(op=3), "definitions.g1"),
        (lambda b: b["nodes"][-1]["params"].update(takes=["x", "z"]), "not the ports"),
        (lambda b: b.update(promoted={"a": ["n99", "units"]}), "promoted.a"),
        (lambda b: b.update(frames=[{"id": "t90"}, {"id": "t90"}]), "twice"),
        (lambda b: b.update(bookmarks=[{"name": "a", "zoom": 0}]), "no zoom"),
    ],
)
def test_damage_is_named_with_its_place(spoil, said) -> None:  # type: ignore[no-untyped-def]
    g = chain()
    g.group("lin", "act", name="cell")
    record = to_record(g.document)
    record["document"]["nodes"] = [dict(n, params=dict(n["params"])) for n in record["document"]["nodes"]]
    record["document"]["next_id"] = 100
    spoil(record["document"])
    with pytest.raises(BrokenFileError, match=said):
        from_record(record)


def test_a_group_that_contains_itself_is_refused_in_a_file() -> None:
    g = chain()
    g.group("lin", "act", name="cell")
    record = to_record(g.document)
    use = dict(record["document"]["nodes"][-1], id="n50", name="again")
    inner = record["document"]["definitions"]["g1"]
    inner["nodes"].append(use)
    inner["next_id"] = 60
    with pytest.raises(BrokenFileError, match="cannot contain itself"):
        from_record(record)


def doubled(g: Graph, level: int) -> None:
    """A group that holds the last one twice."""
    use = g.document.ids_by_name["level" if level == 2 else f"level{level - 1}"]
    twin = g.add_use(g.document.nodes[use].params["definition"])
    g.connect("x", twin, "x")
    g.group(use, twin, name=f"level{level}")


def test_a_few_lines_that_expand_to_millions_of_nodes_are_refused() -> None:
    g = Graph()
    g.add("Tanh", g.add("Input", name="x", shape=("N", 2)), name="a")
    g.group("a", name="level")
    for level in range(2, 17):
        doubled(g, level)
    with pytest.raises(GraphError, match="393,211 nodes; 200,000 are the most"):
        doubled(g, 17)


def test_what_a_group_shows_goes_along_when_its_node_is_grouped_inside() -> None:
    g = Graph()
    x = g.add("Input", name="x")
    layer = g.add("Linear", x, name="layer")
    g.add("ReLU", layer, name="act")
    g.group("layer", "act", name="outer")
    inside = g.inside("outer")
    inside.replace(
        promoting.promote(inside.document, inside.document.node("layer").id, "units"), "Show units"
    )
    inside.group("layer", name="inner")
    shown = {d.name: d.promoted for d in g.document.definitions.values()}
    assert shown == {"outer": {}, "inner": {"units": (layer.id, "units")}}
    assert from_bytes(to_bytes(g.document)) == g.document
