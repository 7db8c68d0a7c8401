"""Reports from the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from graphlab.graph import Graph
from graphlab.ui.actions import drawing as actions
from graphlab.ui.report_files import file_name, save_report
from graphlab.ui.session import Session
from tests.ui.test_leaving import drawn, told


@pytest.fixture
def session() -> Any:
    found = Session(Graph(drawn().document), engine=False)
    yield found
    found.close()


def test_the_document_as_it_is_now_becomes_a_page(qtbot: Any, session: Session, tmp_path: Path) -> None:
    session.graph.rename("hidden", "brain")
    said = told(qtbot, session, lambda: save_report(session, tmp_path / "small.html"))
    assert said.startswith("Saved the report as small.html.")
    text = (tmp_path / "small.html").read_text(encoding="utf-8")
    assert "brain" in text
    assert "Nothing has been trained yet" in text


def test_what_cannot_be_written_is_told(qtbot: Any, session: Session, tmp_path: Path) -> None:
    said = told(qtbot, session, lambda: save_report(session, tmp_path / "none" / "small.html"))
    assert "There is no folder" in said


def test_the_menu_asks_where_to(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    written: list[Path] = []
    monkeypatch.setattr(actions, "save_report", lambda s, path: written.append(path))

    class Files:
        answer = ""

        def choose_save(self, start: str, kinds: str) -> str:
            assert Path(start).name == file_name(session) == "small-report.html"
            assert kinds == "Report (*.html)"
            return self.answer

    window = type("Window", (), {"session": session, "files": Files()})()
    actions.export_report(window)
    assert not written
    Files.answer = "/tmp/mine"
    actions.export_report(window)
    assert written == [Path("/tmp/mine.html")]
