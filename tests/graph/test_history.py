"""Undo entries for what was done beside the document: in one row with its edits, and passed over when they are past."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphlab.graph import Graph


@dataclass
class Weight:
    """A number that is no part of the document, as a mark sees it."""

    value: float = 0.0
    log: list[str] = field(default_factory=list)


@dataclass
class Set:
    """A mark: the weight went from one number to another."""

    weight: Weight
    before: float
    after: float
    is_past: bool = False

    def replay(self, forward: bool) -> None:
        self.weight.value = self.after if forward else self.before
        self.weight.log.append("again" if forward else "back")


def set_to(graph: Graph, weight: Weight, value: float) -> Set:
    mark = Set(weight, weight.value, value)
    weight.value = value
    graph.note(mark, f"Set w to {value:g}")
    return mark


def test_it_stands_in_one_row_with_the_edits() -> None:
    g, w = Graph(), Weight()
    g.add("Input", name="x")
    set_to(g, w, 1.0)
    set_to(g, w, 2.0)
    g.add("Tanh", "x", name="y")
    assert g.history == ["Open", "Add Input", "Set w to 1", "Set w to 2", "Add Tanh"]
    g.undo()
    assert (w.value, "y" in g) == (2.0, False)
    g.undo()
    g.undo()
    assert (w.value, "x" in g) == (0.0, True)
    g.undo()
    assert "x" not in g
    assert not g.undo()
    while g.redo():
        pass
    assert w.value == 2.0
    assert "y" in g


def test_undo_names_it_and_a_new_one_takes_what_could_be_redone() -> None:
    g, w = Graph(), Weight()
    set_to(g, w, 1.0)
    assert g.undo_label == "Set w to 1"
    assert g.can_undo
    g.undo()
    assert g.redo_label == "Set w to 1"
    set_to(g, w, 5.0)
    assert not g.can_redo
    assert g.history == ["Open", "Set w to 5"]


def test_what_is_past_is_passed_over() -> None:
    g, w = Graph(), Weight()
    g.add("Input", name="x")
    first, second = set_to(g, w, 1.0), set_to(g, w, 2.0)
    first.is_past = second.is_past = True
    assert g.undo_label == "Add Input"
    assert g.undo()
    assert "x" not in g
    assert w.value == 2.0
    assert w.log == []
    assert g.redo()
    assert "x" in g
    assert not g.can_redo


def test_where_all_is_past_there_is_nothing_to_undo() -> None:
    g, w = Graph(), Weight()
    set_to(g, w, 1.0).is_past = True
    assert not g.can_undo
    assert g.undo_label == ""
    assert not g.undo()


def test_going_to_an_entry_replays_what_lies_between_in_order() -> None:
    g, w = Graph(), Weight()
    set_to(g, w, 1.0)
    g.add("Input", name="x")
    set_to(g, w, 2.0)
    g.go_to(0)
    assert (w.value, w.log) == (0.0, ["back", "back"])
    g.go_to(3)
    assert (w.value, w.log[2:]) == (2.0, ["again", "again"])
    assert "x" in g


def test_an_edit_after_it_is_an_entry_of_its_own_whatever_its_key() -> None:
    g, w = Graph(), Weight()
    g.add("Constant", name="c", value=1.0)
    g.set("c", "drag", value=2.0)
    set_to(g, w, 1.0)
    g.set("c", "drag", value=3.0)
    g.set("c", "drag", value=4.0)
    assert g.history == ["Open", "Add Constant", "Change c", "Set w to 1", "Change c"]
    assert g.is_saved is False


def test_a_document_stays_saved_when_something_beside_it_was_set() -> None:
    g, w = Graph(), Weight()
    g.add("Input", name="x")
    g.mark_saved()
    set_to(g, w, 1.0)
    assert g.is_saved
    g.undo()
    assert g.is_saved


def test_inside_a_group_the_row_is_that_of_the_whole() -> None:
    g, w = Graph(), Weight()
    g.add("Tanh", g.add("Input", name="x"), name="y")
    group = g.group("y", name="cell")
    inside = g.inside(group)
    set_to(g, w, 1.0)
    assert inside.undo_label == "Set w to 1"
    inside.undo()
    assert w.value == 0.0
