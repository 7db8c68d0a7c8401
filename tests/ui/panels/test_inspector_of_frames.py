"""The inspector's page for a frame: title, colour, size, and what lies in it."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from graphlab.graph import Frame
from graphlab.ui.inspector.frame_page import FramePage
from graphlab.ui.panels.inspector import InspectorPanel
from graphlab.ui.session import Session


@pytest.fixture
def panel(quiet_session: Session, qtbot: Any) -> InspectorPanel:
    made = InspectorPanel(quiet_session)
    qtbot.addWidget(made)
    made.resize(320, 600)
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def frame(quiet_session: Session, panel: InspectorPanel) -> Frame:
    """Around z and h, and selected."""
    made = quiet_session.graph.add_frame("core", "z", "h")
    quiet_session.select({made.id})
    return made


def write(page: FramePage, name: str, text: str) -> None:
    line = page.form.field(name).line()
    assert line is not None
    line.selectAll()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_a_selected_frame_turns_to_its_page(
    panel: InspectorPanel, frame: Frame, quiet_session: Session
) -> None:
    page = panel.frame_page
    assert panel.page() is page
    assert page.counts.text() == "2 nodes · 16 parameters"
    assert page.swatches["blue"].isChecked()
    quiet_session.select({frame.id, quiet_session.document.node("z").id})
    assert panel.page() is panel.node_page
    quiet_session.select(())
    assert panel.page() is panel.document_page


def test_title_and_size_are_set_there_and_what_cannot_be_is_said(
    panel: InspectorPanel, frame: Frame, quiet_session: Session
) -> None:
    page, document = panel.frame_page, lambda: quiet_session.document.frames[frame.id]
    entries = len(quiet_session.graph.history)
    write(page, "title", "head")
    write(page, "width", "900")
    assert (document().title, document().size) == ("head", (900, frame.size[1]))
    assert quiet_session.graph.history[entries:] == ["Rename frame", "Resize frame"]
    write(page, "height", "-5")
    assert page.form.field("height").error() != ""
    assert document().size == (900, frame.size[1])


def test_colours_are_chosen_by_mouse_and_by_keyboard(
    panel: InspectorPanel, frame: Frame, quiet_session: Session
) -> None:
    page = panel.frame_page
    QTest.mouseClick(page.swatches["amber"], Qt.MouseButton.LeftButton)
    assert quiet_session.document.frames[frame.id].colour == "amber"
    page.swatches["red"].setFocus()
    QTest.keyClick(page.swatches["red"], Qt.Key.Key_Space)
    assert quiet_session.document.frames[frame.id].colour == "red"
    assert [c for c, swatch in page.swatches.items() if swatch.isChecked()] == ["red"]
    quiet_session.graph.undo()
    assert page.swatches["amber"].isChecked()
    assert page.swatches["amber"].accessibleName() == "Colour amber"


def test_it_follows_what_lies_in_the_frame(
    panel: InspectorPanel, frame: Frame, quiet_session: Session
) -> None:
    page = panel.frame_page
    quiet_session.graph.move({"h": (5000.0, 5000.0)})
    assert page.counts.text() == "1 node · 16 parameters"
    page.fit.click()
    assert quiet_session.document.frames[frame.id].size[0] < frame.size[0]
    quiet_session.graph.set("z", units=8)
    assert page.counts.text() == "1 node · 32 parameters"
    page.select.click()
    assert panel.page() is panel.node_page
    quiet_session.select({frame.id})
    quiet_session.graph.move({"z": (5000.0, 5000.0)})
    assert page.counts.text() == "empty"
    assert not page.fit.isEnabled()


def test_the_page_goes_with_the_frame(panel: InspectorPanel, frame: Frame, quiet_session: Session) -> None:
    quiet_session.graph.undo()
    assert panel.page() is panel.document_page
