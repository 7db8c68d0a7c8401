"""Settings of a group that set several params along with one, and how they survive edits, files and uses."""

from __future__ import annotations

import pytest

from graphlab.engine import infer
from graphlab.errors import BrokenFileError, NameTakenError, ParamError, UnknownNodeError
from graphlab.graph import Document, Graph, edits, groups, patch
from graphlab.graph.codec import from_bytes, from_record, to_bytes, to_record
from graphlab.graph.comparison import compare
from graphlab.graph.promoting import by_end, demote, join, promote, sets


def gated() -> Graph:
    """x → [cell: rows (2·4 units) → gates → a · b, with scale of 4], whose setting "size" is 4 of all of them."""
    g = Graph("gated")
    x = g.add("Input", name="x", shape=("N", 3))
    gates = g.add("Split", g.add("Linear", x, name="rows", units=8), name="gates", sections=2)
    scale = g.add("Parameter", name="scale", shape=(4,))
    g.add("Mul", g.add("Mul", gates["y1"], gates["y2"], name="product"), scale, name="scaled")
    g.group("rows", "gates", "product", "scale", "scaled", name="cell")
    inside = g.inside("cell")
    sheet = promote(inside.document, "rows", "units", "size", times=2)
    inside.replace(join(sheet, "size", "scale", "shape"), "Settings")
    return g


def test_one_number_sets_all_each_as_many_times_as_is_said() -> None:
    g = gated()
    cell, other = g["cell"], g.add_use("g1")
    assert groups.settings_of(g.document, cell.node) == {"size": 4}
    g.replace(groups.set_setting(g.document, cell.id, "size", 7), "Set")
    inner = groups.definition_of(g.document, cell.node)
    assert inner is not None
    own = groups.overridden(inner, cell.node)
    assert own.node("rows").params["units"] == 14
    assert own.node("scale").params["shape"] == (7,)
    assert groups.settings_of(g.document, cell.node) == {"size": 7}
    assert groups.settings_of(g.document, other.node) == {"size": 4}
    assert str(infer(g.document).specs[f"{cell.id}/{inner.node('scaled').id}", "y"]) == "N×7"
    g.ungroup(cell)
    assert g.document.node("rows").params["units"] == 14


def test_what_one_of_them_refuses_is_refused_as_a_whole() -> None:
    g = gated()
    with pytest.raises(ParamError, match="units cannot be 1"):
        groups.set_setting(g.document, g["cell"].id, "size", 600_000)


def test_a_param_is_set_by_one_setting_alone() -> None:
    sheet = gated().inside("cell").document
    assert by_end(sheet)[sheet.node("scale").id, "shape"] == "size"
    assert promote(sheet, "rows", "units", "width") is sheet
    with pytest.raises(NameTakenError, match="set by 'size' already"):
        join(sheet, "size", "rows", "units")
    with pytest.raises(UnknownNodeError, match="no setting 'width'"):
        join(sheet, "width", "rows", "bias")


def test_taking_one_off_leaves_the_others() -> None:
    sheet = gated().inside("cell").document
    rows, scale = sheet.node("rows").id, sheet.node("scale").id
    assert [end.node for end in sets(demote(sheet, "size", rows), "size")] == [scale]
    assert demote(sheet, "size").promoted == {}
    assert demote(sheet, "size").along == {}


def test_what_is_removed_or_grouped_takes_its_part_of_the_setting_along() -> None:
    sheet = gated().inside("cell").document
    rows, scale = sheet.node("rows").id, sheet.node("scale").id
    assert by_end(edits.remove(sheet, [rows])) == {(scale, "shape"): "size"}
    assert edits.remove(sheet, [rows]).promoted == {"size": (scale, "shape")}
    assert edits.remove(sheet, [rows, scale]).promoted == {}


def test_files_changes_and_comparison_know_it() -> None:
    g = gated()
    before = g.document
    inside = g.inside("cell")
    assert from_bytes(to_bytes(before)) == before
    inside.replace(demote(inside.document, "size", inside.document.node("scale").id), "Take off")
    assert patch.apply(before, patch.to_bytes(before, g.document)) == g.document
    assert [d.text for d in compare(before, g.document).differences] == ["group cell: shows size"]
    assert from_bytes(to_bytes(g.document)).definitions["g1"].along == {
        "size": ((inside.document.node("rows").id, "units", 2),)
    }


@pytest.mark.parametrize(
    "along",
    [{"width": [["n2", "units", 1]]}, {"size": [["n99", "units", 2]]}, {"size": [["n2", "units", 0]]}],
)
def test_damage_is_named(along: dict[str, list[list[object]]]) -> None:
    record = to_record(gated().document)
    record["document"]["definitions"]["g1"]["along"] = along
    with pytest.raises(BrokenFileError, match=r"definitions\.g1"):
        from_record(record)


def test_a_document_without_such_settings_is_written_as_before() -> None:
    assert "along" not in to_record(Document())["document"]


# Settings of groups inside groups


def nested() -> Graph:
    """x → [outer: the cell of `gated`, used twice in a row], whose setting "width" is the size of both."""
    g = gated()
    second = g.add_use("g1").name
    g.connect("cell", second)
    g.group("cell", second, name="outer")
    inside = g.inside("outer")
    sheet = promote(inside.document, "cell", "size", "width")
    inside.replace(join(sheet, "width", second, "size"), "Settings")
    return g


def shapes_of(g: Graph) -> set[str]:
    return {str(spec) for spec in infer(g.document).specs.values()}


def test_a_setting_reaches_through_groups_to_the_layers_inside() -> None:
    g = nested()
    outer = g["outer"]
    assert groups.settings_of(g.document, outer.node) == {"width": 4}
    g.replace(groups.set_setting(g.document, outer.id, "width", 6), "Set")
    assert groups.settings_of(g.document, outer.node) == {"width": 6}
    assert {"N×12", "N×6"} <= shapes_of(g)
    assert "N×8" not in shapes_of(g)
    assert from_bytes(to_bytes(g.document)) == g.document
    g.ungroup(outer)
    assert [groups.settings_of(g.document, g[name].node) for name in ("cell", "cell2")] == [{"size": 6}] * 2


def test_what_a_layer_deep_inside_refuses_is_refused_outside() -> None:
    g = nested()
    with pytest.raises(ParamError, match="units cannot be 1"):
        groups.set_setting(g.document, g["outer"].id, "width", 600_000)


def test_a_setting_whose_group_has_it_no_more_is_passed_over() -> None:
    g = nested()
    outer = g["outer"]
    g.replace(groups.set_setting(g.document, outer.id, "width", 6), "Set")
    deep = g.inside("outer", "cell")
    deep.replace(demote(deep.document, "size"), "Take off")
    assert groups.settings_of(g.document, outer.node) == {}
    assert not infer(g.document).problems
    assert "N×8" in shapes_of(g)
    assert from_bytes(to_bytes(g.document)) == g.document
