"""The benchmark of the table of trials, on a few: it asks of the table what its rows say."""

from pathlib import Path

import pytest

from benchmarks import sweep_table
from graphlab.ui import settings


def test_each_thing_asked_of_the_table_is_done(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(settings.PLACE, str(tmp_path))
    panel, gaps = sweep_table.shown(tmp_path, 40)
    try:
        assert max(gaps) > 0
        model = panel.model
        before = [trial.number for trial in model.trials]
        asked = sweep_table.hands(panel)
        asked["sorted by the score"]()
        assert [trial.number for trial in model.trials] != before
        asked["filtered"]()
        assert 0 < len(model.trials) < 40
        asked["the filter cleared"]()
        asked["ten trials that changed taken in"]()
        asked["all chosen"]()
        assert len(panel.grid.chosen()) == len(model.trials) == 40
        top = panel.grid.verticalScrollBar().value()
        sweep_table.scroll(panel)()
        assert panel.grid.verticalScrollBar().value() != top
    finally:
        panel.session.close()
        panel.close()
        panel.deleteLater()
