"""Comparing a graph with another in the window: begun from anywhere, drawn on the canvas, gone through by keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from graphlab.data import from_arrays
from graphlab.graph import Graph
from graphlab.graph.groups import add_use, make_unique
from graphlab.io import save
from graphlab.ui.canvas.draw_comparison import colour_of
from graphlab.ui.comparing import way_to
from graphlab.ui.panels import comparison
from graphlab.ui.panels.comparison import ComparisonPanel
from graphlab.ui.session import Session
from graphlab.ui.shell import Shell
from graphlab.ui.window import MainWindow
from tests.ui.window_trial import Make, small


@pytest.fixture
def window(make: Make) -> MainWindow:
    """small() after a few edits: hidden has 8 units, act went, gate came."""
    window = make(small())
    window.canvas.motion.enabled = False
    root = window.session.root
    root.set("hidden", units=8)
    root.remove("act")
    root.add("GELU", "hidden", name="gate", position=(260, 300))
    QApplication.processEvents()
    return window


def panel_of(window: MainWindow) -> ComparisonPanel:
    panel = window.docks["comparison"].build()
    assert isinstance(panel, ComparisonPanel)
    return panel


def lines(window: MainWindow) -> list[str]:
    rows = panel_of(window).list
    return [rows.item(k).text() for k in range(rows.count())]


def with_earliest(window: MainWindow) -> None:
    window.finder.open("compare with state 1")
    QTest.keyClick(window.finder.field, Qt.Key.Key_Return)
    QApplication.processEvents()


def test_an_earlier_state_is_chosen_in_the_palette_and_told_line_by_line(window: MainWindow) -> None:
    assert window.docks["comparison"].isHidden()
    window.actions_.run("tools.compare")
    assert "Compare with state 1 of the history: Open" in window.finder.titles()
    window.finder.close_up()
    with_earliest(window)
    assert window.docks["comparison"].isVisible()
    assert lines(window) == [
        "+  gate (GELU)",
        "−  act (Tanh)",
        "~  hidden: units 3 → 8",
        "+  wire hidden.y → gate.x",
        "−  wire hidden.y → act.x",
    ]
    assert panel_of(window).head.text().endswith("2 added, 2 removed, 1 changed.")


def test_f7_goes_through_the_differences_and_round_the_end(window: MainWindow) -> None:
    with_earliest(window)
    window.canvas.setFocus()
    for expected in ("gate", "", "hidden"):
        QApplication.processEvents()
        QTest.keyClick(window.canvas, Qt.Key.Key_F7)
        chosen = window.session.selected_node
        assert (window.session.document.nodes[chosen].name if chosen else "") == expected
    assert window.session.comparing.index == 2
    assert panel_of(window).list.currentRow() == 2
    for _ in range(3):
        QTest.keyClick(window.canvas, Qt.Key.Key_F7, Qt.KeyboardModifier.ShiftModifier)
    assert window.session.comparing.index == 4


def test_a_click_on_a_line_brings_the_ghost_into_view(window: MainWindow, qtbot: Any) -> None:
    with_earliest(window)
    view = window.canvas
    view.camera.set((5000.0, 5000.0, 1.0))
    view.camera_changed()
    rows = panel_of(window).list
    place = rows.visualItemRect(rows.item(1)).center()
    qtbot.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=place)
    (gone,) = view.differences.gone.values()
    assert gone.node.name == "act"
    assert view.rect().contains(view.camera.screen_rect(gone.rect).toRect())


def test_marks_are_drawn_where_they_belong_and_taken_away_at_the_end(window: MainWindow) -> None:
    view = window.canvas
    view.camera.set((60.0, 60.0, 1.0))
    with_earliest(window)
    view.camera.set((60.0, 60.0, 1.0))
    act = next(iter(view.differences.gone.values())).rect
    places = {
        "added": view.scene.rect(window.session.document.node("gate").id),
        "changed": view.scene.rect(window.session.document.node("hidden").id),
        "removed": act,
    }

    def has_mark(kind: Any) -> bool:
        picture = view.grab().toImage()
        ratio = picture.devicePixelRatio()
        corner = view.camera.screen(places[kind].topLeft()).toPoint()
        area = QRect(corner.x() - 14, corner.y() - 14, 28, 28)
        want = colour_of(kind).name()
        pixels = ((x, y) for x in range(area.left(), area.right()) for y in range(area.top(), area.bottom()))
        return any(picture.pixelColor(round(x * ratio), round(y * ratio)).name() == want for x, y in pixels)

    assert all(has_mark(kind) for kind in places)
    window.session.comparing.end()
    assert not has_mark("changed")
    assert not has_mark("removed")
    assert not window.canvas.differences.kinds
    assert window.docks["comparison"].isHidden()


def test_from_afar_all_marks_are_drawn_too(window: MainWindow, each_theme: Any) -> None:
    with_earliest(window)
    window.canvas.camera.set((200.0, 200.0, 0.2))
    picture = window.canvas.grab().toImage()
    width, height = picture.width(), picture.height()
    colours = {picture.pixelColor(x, y).name() for x in range(width) for y in range(150, min(height, 300))}
    assert {colour_of("added").name(), colour_of("changed").name()} <= colours


def test_escape_in_the_panel_ends_the_comparison(window: MainWindow) -> None:
    with_earliest(window)
    QTest.keyClick(panel_of(window).list, Qt.Key.Key_Escape)
    assert not window.session.comparing.is_on
    assert (
        not window.actions_["tools.next_difference"].isEnabled() or not window.session.comparing.differences
    )


def test_edits_are_followed_and_moves_cost_nothing(
    window: MainWindow, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_earliest(window)
    root = window.session.root
    calls: list[int] = []
    whole = type(window.session.comparing)._compare
    monkeypatch.setattr(
        type(window.session.comparing), "_compare", lambda self: (calls.append(1), whole(self))
    )
    for k in range(20):
        root.move({"gate": (k, k)}, "drag")
    assert not window.session.comparing._timer.isActive()
    root.set("hidden", units=3)
    assert window.session.comparing._timer.isActive()
    qtbot.waitUntil(lambda: "~  hidden: units 3 → 8" not in lines(window))


def test_the_difference_looked_at_stays_when_others_go(window: MainWindow, qtbot: Any) -> None:
    with_earliest(window)
    window.session.comparing.choose(2)
    window.session.root.remove("gate")
    qtbot.waitUntil(lambda: len(lines(window)) == 3)
    comparing = window.session.comparing
    assert comparing.differences[comparing.index].text == "hidden: units 3 → 8"


def test_the_other_value_can_be_taken_as_one_undo_entry(window: MainWindow, qtbot: Any) -> None:
    root = window.session.root
    root.rename("hidden", "h")
    root.set_flags("h", muted=True)
    root.configure(lr=0.5)
    with_earliest(window)
    comparing = window.session.comparing
    panel = panel_of(window)
    assert not comparing.can_take(1)
    for param in ("units", "name", "muted", "lr"):
        row = next(k for k, d in enumerate(comparing.differences) if d.param == param)
        before = len(root.history)
        panel.menu(row).actions()[1].trigger()
        assert len(root.history) == before + 1
        comparing._compare()
    node = root.document.node("hidden")
    assert (node.make().units, node.muted) == (3, False)
    assert not [d for d in comparing.differences if d.kind == "changed"]


def test_what_the_other_searched_can_be_taken(window: MainWindow) -> None:
    root = window.session.root
    root.search("lr", "0.1,1")
    root.configure_sweep(trials=9)
    earlier = root.document
    root.search("lr", "0.5,1")
    root.configure_sweep(trials=12)
    comparing = window.session.comparing
    comparing.start(earlier, "earlier")
    for param in ("lr", "trials"):
        row = next(k for k, d in enumerate(comparing.differences) if d.param == param)
        assert comparing.can_take(row)
        comparing.take(row)
    assert root.document.sweep == earlier.sweep


def test_with_the_rows_of_a_table_goes_what_is_said_of_them(make: Make) -> None:
    window = make(Graph())
    root, comparing = window.session.root, window.session.comparing
    root.add("Table", name="t", **from_arrays(np.arange(12.0).reshape(6, 2), name="six"))
    before = root.document
    root.set("t", missing="drop", **from_arrays(np.eye(5), name="five"))
    comparing.start(before, "before")
    comparing.take(next(k for k, d in enumerate(comparing.differences) if d.param == "content"))
    assert dict(root.document.node("t").params) == {**before.node("t").params, "missing": "drop"}
    root.undo()
    assert root.document.node("t").make().file == "five"


def test_which_group_a_node_is_a_use_of_cannot_be_taken(make: Make) -> None:
    window = make(small())
    root, comparing = window.session.root, window.session.comparing
    root.group("hidden", name="cell")
    shared, use = add_use(root.document, next(iter(root.document.definitions)), (0.0, 400.0))
    root.replace(make_unique(shared, use.id), "Make unique")
    before = root.document
    root.replace(shared, "Share")
    comparing.start(before, "before")
    found = [k for k, d in enumerate(comparing.differences) if d.param == "definition"]
    assert found
    assert not any(map(comparing.can_take, found))


def test_the_saved_file_is_compared_with(make: Make, tmp_path: Path) -> None:
    window = make()
    path = tmp_path / "mine.graphlab"
    save(small(), path)
    assert not window.actions_["tools.compare_saved"].isEnabled()
    window.files.open(path)
    window.session.root.set("hidden", units=9)
    QApplication.processEvents()
    assert window.actions_.run("tools.compare_saved")
    assert lines(window) == ["~  hidden: units 3 → 9"]
    path.unlink()
    window.actions_.run("tools.compare_saved")
    assert "does not exist" in window.session.notices[-1].text
    assert lines(window) == ["~  hidden: units 3 → 9"]


def test_any_file_is_compared_with(window: MainWindow, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    save(small(), other)
    window.files.choose_open = lambda: str(other)
    window.finder.open("compare with a file")
    QTest.keyClick(window.finder.field, Qt.Key.Key_Return)
    assert window.session.comparing.title == "other.json"
    assert "~  hidden: units 3 → 8" in lines(window)


def test_another_tab_is_compared_with(qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shell = Shell()
    qtbot.addWidget(shell)
    first = shell.add(MainWindow(Session(Graph(small().document.with_(name="first")), engine=False)))
    second = shell.add(MainWindow(Session(small(), engine=False)))
    second.session.root.set("hidden", units=6)
    shell.show()
    second.finder.open("compare with the tab")
    assert second.finder.titles()[0] == "Compare with the tab first"
    QTest.keyClick(second.finder.field, Qt.Key.Key_Return)
    assert [str(d) for d in second.session.comparing.differences] == ["~ hidden: units 3 → 6"]
    for window in (first, second):
        window.files.ask = lambda name: "discard"
    shell.close()


def test_the_history_panel_compares_with_an_entry(window: MainWindow) -> None:
    history = window.docks["history"].build()
    here = window.session.root.position
    assert not history.menu(here).actions()[1].isEnabled()
    history.menu(here - 1).actions()[1].trigger()
    assert lines(window) == ["+  gate (GELU)", "+  wire hidden.y → gate.x"]


def test_a_difference_inside_a_group_opens_it(make: Make) -> None:
    window = make(small())
    root = window.session.root
    root.group("hidden", "act", name="inner")
    root.group("inner", name="outer")
    before = root.document
    root.inside("outer", "inner").set("hidden", units=7)
    window.session.comparing.start(before, "before")
    window.session.comparing.step(1)
    session = window.session
    assert len(session.inside) == 2
    assert session.document.nodes[session.selected_node].name == "hidden"
    assert window.canvas.differences.kinds == {session.selected_node: "changed"}
    session.leave()
    assert window.canvas.differences.kinds == {}
    assert way_to(root.document, "nowhere") is None


def test_another_document_ends_the_comparison(window: MainWindow) -> None:
    with_earliest(window)
    window.session.open(small())
    assert not window.session.comparing.is_on
    assert panel_of(window)._stack.currentWidget() is panel_of(window).empty


def test_an_empty_panel_offers_to_begin(window: MainWindow) -> None:
    window.docks.show("comparison")
    panel = panel_of(window)
    assert panel._stack.currentWidget() is panel.empty
    panel.empty.button.click()
    assert window.finder.isVisible()
    assert window.finder.field.text() == "compare with "


def test_a_graph_that_does_not_differ_says_so(make: Make) -> None:
    window = make(small())
    window.session.comparing.start(small().document, "its twin")
    assert panel_of(window).head.text() == "Compared with its twin: nothing differs."
    assert not panel_of(window).on.isEnabled()
    assert not window.canvas.grab().isNull()


def test_wires_to_what_went_are_drawn_from_where_it_was(window: MainWindow) -> None:
    with_earliest(window)
    differences = window.canvas.differences
    edge = next(d.edge for d in window.session.comparing.differences if str(d).startswith("− wire"))
    start, end = differences._ends(edge, was=True)
    hidden = window.canvas.scene.rect(window.session.document.node("hidden").id)
    gone = next(iter(differences.gone.values())).rect
    assert start.x() == hidden.right()
    assert end.x() == gone.left()
    assert differences.place_of(window.session.comparing.differences[4]).contains(QPointF(start))


def test_of_very_many_differences_the_first_thousand_are_listed(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparison, "MOST", 3)
    window = make(Graph())
    window.session.comparing.start(small().document, "another graph")
    assert lines(window)[3:] == ["and 2 more"]
    for _ in range(4):
        window.session.comparing.step(1)
    assert window.session.comparing.index == 3
    assert panel_of(window).list.currentRow() == -1


def test_notes_that_came_and_went_are_brought_into_view(make: Make) -> None:
    window = make(small())
    window.canvas.motion.enabled = False
    root = window.session.root
    gone = root.add_note("gone", (4000, 3000))
    before = root.document
    root.remove(gone.id)
    root.add_note("come", (-4000, 2000))
    window.session.comparing.start(before, "before")
    view = window.canvas
    for _ in range(2):
        window.session.comparing.step(1)
        difference = window.session.comparing.differences[window.session.comparing.index]
        place = view.differences.place_of(difference)
        assert not place.isNull()
        assert view.rect().contains(view.camera.screen_rect(place).toRect())


def test_ctrl_c_copies_the_lines_though_a_node_is_selected(window: MainWindow) -> None:
    with_earliest(window)
    window.session.select({window.session.document.node("hidden").id})
    rows = panel_of(window).list
    rows.setFocus()
    QTest.keyClick(rows, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text().splitlines()[0] == "+ gate (GELU)"


def test_a_value_in_a_group_that_is_used_no_more_is_not_taken_elsewhere(make: Make) -> None:
    window = make(small())
    session, root = window.session, window.session.root
    root.set("hidden", units=5)
    group = root.insert(small(), "twin").id
    before = root.document
    session.enter(group)
    session.graph.set("hidden", units=7)
    session.comparing.start(before, "before")
    (at,) = [k for k, d in enumerate(session.comparing.differences) if d.param == "units"]
    assert session.comparing.differences[at].id == root.document.node("hidden").id  # by chance
    session.go_inside(())
    root.remove(group)
    assert not session.attempt(session.comparing.take, at)
    assert root.document.node("hidden").params["units"] == 5
