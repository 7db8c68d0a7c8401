"""The panel of sweeps, by hand: what is searched; trials that come in, are sorted, chosen and made the document's."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from graphlab.graph import Graph
from graphlab.graph.searched import with_search, with_sweep_settings
from graphlab.graph.sweep import Search, Space
from graphlab.io.examples import example
from graphlab.io.files import load
from graphlab.lab.sweeps import kept, seal
from graphlab.lab.sweeps.records import Opening
from graphlab.ui.panels.sweep import SweepPanel
from graphlab.ui.session import Session
from graphlab.ui.widgets.space_popup import SpacePopup
from tests.lab.sweeps.made import made_sweep

CONTROL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_sweep(tmp_path_factory.mktemp("made"), trials=24)


@pytest.fixture
def session(qtbot: Any) -> Iterator[Session]:
    session = Session(Graph(load(example("digits-mlp").path)[0].document), engine=False)
    yield session
    session.close()


@pytest.fixture
def panel(session: Session, qtbot: Any) -> Iterator[SweepPanel]:
    """A document and no sweep yet."""
    made = SweepPanel(session)
    qtbot.addWidget(made)
    for tool in made.header_tools():
        qtbot.addWidget(tool)
    made.resize(1000, 360)
    made.show()
    qtbot.waitUntil(lambda: made.setup.isVisible() and bool(made.setup.form.names()))
    yield made
    made.close()


@pytest.fixture
def full(panel: SweepPanel, made: Path, qtbot: Any) -> SweepPanel:
    """The made-up sweep of 24 trials."""
    shutil.copytree(made, panel.sweeping.folder / made.name)
    panel.sweeping.look_again()
    qtbot.waitUntil(lambda: len(panel.model.trials) == 24)
    return panel


def write(panel: SweepPanel, text: str) -> None:
    line = panel.setup.searches.line
    line.setFocus()
    line.clear()
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Return)


def searched(panel: SweepPanel) -> list[tuple[str, str]]:
    return [(row.target, row.space) for row in panel.setup.searches.rows]


def numbers(panel: SweepPanel) -> list[int]:
    return [trial.number for trial in panel.model.trials]


def click(panel: SweepPanel, number: int, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    index = panel.model.index(panel.model.row_of(number), 0)
    panel.grid.scrollTo(index)
    QTest.mouseClick(panel.grid.viewport(), LEFT, modifier, panel.grid.visualRect(index).center())


def data(panel: SweepPanel, number: int, key: str, role: Any = Qt.ItemDataRole.DisplayRole) -> Any:
    return panel.model.index(panel.model.row_of(number), panel.model.column_of(key)).data(role)


# -- what is searched ----------------------------------------------------------------------------------------------


def test_what_is_written_is_searched_changed_and_taken_back_by_undo(panel: SweepPanel, qtbot: Any) -> None:
    write(panel, "hidden.units=8,16,32")
    write(panel, "lr=log:1e-4:1e-1")
    qtbot.waitUntil(lambda: searched(panel) == [("hidden.units", "8,16,32"), ("lr", "log:0.0001:0.1")])
    rows = panel.setup.searches.rows
    rows[0].setFocus()
    QTest.keyClick(rows[0], Qt.Key.Key_Return)
    popup = SpacePopup.of(panel)
    assert popup.isVisible()
    popup.editor.entered.emit(Space("list", (64,)))
    qtbot.waitUntil(lambda: searched(panel)[0] == ("hidden.units", "64"))
    QTest.keyClick(panel.setup.searches.rows[1], Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(searched(panel)) == 1)
    panel.session.root.undo()
    qtbot.waitUntil(lambda: len(searched(panel)) == 2)
    panel.session.root.undo()
    qtbot.waitUntil(lambda: searched(panel)[0] == ("hidden.units", "8,16,32"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hiden.units=8", "Did you mean 'hidden'?"),
        ("hidden.unitz=8", "Did you mean hidden.units?"),
        ("lr=log:0:0.1", "above 0"),
        ("lr=0.1:0.01", "is empty"),
    ],
)
def test_what_cannot_be_searched_is_told_below_the_line_and_stays_written(
    panel: SweepPanel, text: str, words: str
) -> None:
    write(panel, text)
    searches = panel.setup.searches
    assert words in searches.wrong.text()
    assert searches.wrong.isVisible()
    assert searches.line.text() == text
    assert panel.session.whole.sweep.searches == ()
    QTest.keyClicks(searches.line, "x")
    assert not searches.wrong.isVisible()


def test_the_line_completes_what_can_be_searched(panel: SweepPanel) -> None:
    searches = panel.setup.searches
    searches.line.setFocus()
    QTest.keyClicks(searches.line, "units")
    offered = searches.completer.completionModel()
    names = [offered.index(row, 0).data() for row in range(offered.rowCount())]
    assert names == ["hidden.units=", "out.units="]


def test_a_name_alone_gets_values_to_begin_with(panel: SweepPanel, qtbot: Any) -> None:
    write(panel, "hidden.units")
    line = panel.setup.searches.line
    assert line.text() == "hidden.units=16,32,64,128,256"
    assert line.selectedText() == "16,32,64,128,256"
    QTest.keyClicks(line, "8,16")
    QTest.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: searched(panel) == [("hidden.units", "8,16")])


def test_settings_are_the_documents_and_what_they_come_to_is_told(panel: SweepPanel, qtbot: Any) -> None:
    write(panel, "lr=log:1e-4:1e-1")
    form, sweep = panel.setup.form, lambda: panel.session.whole.sweep
    form.field("seeds").line().setText("3")
    QTest.keyClick(form.field("seeds").line(), Qt.Key.Key_Return)
    form.field("minutes").line().setText("5")
    QTest.keyClick(form.field("minutes").line(), Qt.Key.Key_Return)
    assert (sweep().seeds, sweep().seconds) == (3, 300.0)
    qtbot.waitUntil(lambda: panel.setup.told.text() == "40 trials × 3 = 120 trainings of 40 epochs.")
    write(panel, "lr=0.1,0.01,0.001")
    form.field("method").editor.setCurrentText("grid")
    form.field("method").editor.activated.emit(0)
    form.field("trials").line().setText("0")
    QTest.keyClick(form.field("trials").line(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: panel.setup.told.text() == "3 trials × 3 = 9 trainings of 40 epochs.")
    assert panel.setup.start.isEnabled()
    panel.session.root.undo()
    assert sweep().trials == 40


def test_a_grid_over_every_number_of_a_range_is_told_and_cannot_begin(panel: SweepPanel, qtbot: Any) -> None:
    write(panel, "lr=log:1e-4:1e-1")
    panel.session.root.configure_sweep(method="grid")
    qtbot.waitUntil(lambda: "every number" in panel.setup.told.text())
    assert not panel.setup.start.isEnabled()


def test_a_search_whose_values_do_not_fit_any_more_is_told_and_keeps_the_sweep_from_beginning(
    panel: SweepPanel, qtbot: Any
) -> None:
    root = panel.session.root
    bad = Search(panel.session.whole.node("hidden").id, "units", Space("list", (8, -1)))
    root.replace(with_search(root.document, bad), "by another program")
    qtbot.waitUntil(lambda: "hidden.units" in panel.setup.told.text())
    assert "-1" in panel.setup.told.text()
    assert not panel.setup.start.isEnabled()
    row = panel.setup.searches.rows[0]
    row.setFocus()
    QTest.keyClick(row, Qt.Key.Key_Return)  # what has no editor is written anew
    assert panel.setup.searches.line.text() == "hidden.units=8,-1"


def test_who_trains_is_remembered_by_the_program_and_not_by_the_document(panel: SweepPanel) -> None:
    before, where = panel.session.whole, panel.setup.where
    where.field("workers").line().setText("3")
    QTest.keyClick(where.field("workers").line(), Qt.Key.Key_Return)
    where.field("dask").line().setText("scheduler:8786")
    QTest.keyClick(where.field("dask").line(), Qt.Key.Key_Return)
    assert "tcp://scheduler:8786" in where.field("dask").error()
    assert panel.session.whole is before
    other = SweepPanel(panel.session)
    assert other.setup._crew.options == ["--workers", "3"]
    other.deleteLater()


def test_an_empty_panel_says_what_would_fill_it_and_offers_a_first_search(
    panel: SweepPanel, qtbot: Any
) -> None:
    qtbot.waitUntil(lambda: panel.nothing.button.isVisible())
    assert "hidden.units=8,16,32" in panel.nothing.label.text()
    QTest.mouseClick(panel.nothing.button, LEFT)
    qtbot.waitUntil(lambda: searched(panel) == [("lr", "log:0.0003:0.03")])
    qtbot.waitUntil(lambda: panel.nothing.button.text() == "Start")


# -- the trials ----------------------------------------------------------------------------------------------------


def test_trials_are_told_with_spread_and_the_best_and_the_failed_stand_out(full: SweepPanel) -> None:
    best = full.model.best
    assert best == 7
    assert data(full, best, "trial") == "★ 7"
    assert data(full, best, "score") == "95.5 % ± 1.0"
    assert data(full, best, "trial", Qt.ItemDataRole.BackgroundRole) is not None
    assert [data(full, 10, key) for key in ("state", "score", "error")] == [
        "failed",
        "–",
        "The loss became NaN at step 41.",
    ]
    assert "best #7: accuracy 95.5 % ± 1.0" in full.progress.said.text()
    assert "23 of 24 trials, 2 failed" in full.progress.said.text()
    assert "that may be chance" in full.warning.text()


def test_words_stand_in_the_letters_of_numbers(full: SweepPanel) -> None:
    fonts = [data(full, 10, column.key, Qt.ItemDataRole.FontRole) for column in full.model.columns]
    assert fonts == [fonts[0]] * len(fonts)


def test_why_a_trial_failed_has_the_room_that_is_left(full: SweepPanel) -> None:
    grid, at = full.grid, full.model.column_of("error")
    full.resize(2000, 360)
    assert grid.horizontalHeader().length() == grid.viewport().width()
    full.resize(1000, 360)
    assert grid.columnWidth(at) == 260  # the rest is to the right
    grid.setColumnWidth(at, 400)
    full.resize(2000, 360)
    assert grid.columnWidth(at) == 400  # as it was drawn by hand


def test_a_failed_trial_tells_the_last_lines_of_its_log(full: SweepPanel) -> None:
    logs = full.sweeping.path / kept.LOGS
    logs.mkdir()
    (logs / "10.0.0.txt").write_text("\n".join(f"line {k}" for k in range(40)))
    told = data(full, 10, "error", Qt.ItemDataRole.ToolTipRole)
    assert told.startswith("The loss became NaN at step 41.\nline 28\n")
    assert told.endswith("line 39")


def test_headings_sort_and_trials_without_a_score_stay_last(full: SweepPanel) -> None:
    header, at = full.grid.horizontalHeader(), full.model.column_of("score")
    place = QPoint(header.sectionViewportPosition(at) + 20, 8)
    for falling in (False, True):
        QTest.mouseClick(header.viewport(), LEFT, pos=place)
        scores = [trial.score for trial in full.model.trials]
        known = [score for score in scores if score == score]
        assert known == sorted(known, reverse=falling)
        assert scores[: len(known)] == known


def test_the_filter_shows_some_and_says_what_it_does_not_understand(full: SweepPanel) -> None:
    QTest.keyClicks(full.filter, "units=32 optimizer=Adam -failed")
    wanted = [
        k
        for k, trial in full.sweeping.kept.trials.items()
        if trial.values["hidden.units"] == 32
        and trial.values["optimizer"] == "Adam"
        and trial.state != "failed"
    ]
    assert sorted(numbers(full)) == wanted
    full.filter.setText("unitz>3")
    assert "Trials have no 'unitz'" in full.count.text()
    assert sorted(numbers(full)) == wanted  # what was shown before
    full.filter.clear()
    assert len(numbers(full)) == 24


def test_what_is_chosen_here_is_chosen_everywhere_and_the_other_way_round(full: SweepPanel) -> None:
    click(full, 12)
    click(full, 3, CONTROL)
    assert full.sweeping.selection == [12, 3]
    full.sweeping.choose([5])
    assert full.grid.chosen() == [5]
    full.filter.setText("lr<1")
    assert full.grid.chosen() == [5]
    full.model.sort(full.model.column_of("lr"))
    assert full.grid.chosen() == [5]


def test_two_trials_are_told_apart_with_an_interval(full: SweepPanel, qtbot: Any) -> None:
    full.sweeping.choose([3, 7])
    qtbot.waitUntil(lambda: full.foot.differs.text().startswith("#7 is better than #3 by"))
    assert "(95 %:" in full.foot.differs.text()
    full.sweeping.choose([3])
    assert not full.foot.differs.isVisible()


def test_new_trials_come_in_and_nothing_chosen_is_lost(full: SweepPanel, made: Path, qtbot: Any) -> None:
    click(full, 4)
    path = full.sweeping.path
    line = (made / kept.TRIALS).read_bytes().splitlines()[0].replace(b'"trial":0', b'"trial":24')
    fit = (made / kept.FITS).read_bytes().splitlines()[0].replace(b'"key":[0,0,0]', b'"key":[24,0,0]')
    with open(path / kept.TRIALS, "ab") as file:
        file.write(line + b"\n")
    qtbot.waitUntil(lambda: numbers(full)[0] == 24)
    assert data(full, 24, "state") == "not begun"
    with open(path / kept.FITS, "ab") as file:
        file.write(fit + b"\n")
    qtbot.waitUntil(lambda: data(full, 24, "state") == "1 of 2")
    assert full.grid.chosen() == [4]


def test_the_settings_of_a_trial_become_the_documents_in_one_undo(full: SweepPanel) -> None:
    session = full.session
    before, trial = session.whole, full.sweeping.kept.trials[7]
    click(full, 7)
    QTest.keyClick(full.grid, Qt.Key.Key_S)
    assert session.whole.node("hidden").params["units"] == trial.values["hidden.units"]
    assert session.whole.training.lr == trial.values["lr"]
    assert session.whole.training.optimizer == trial.values["optimizer"]
    session.root.undo()
    assert session.whole == before


def test_the_seed_of_a_trial_becomes_the_documents_and_its_share_of_the_rows_is_not_told_as_if(
    full: SweepPanel,
) -> None:
    session, kept = full.session, full.sweeping.kept
    trial = kept.trials[7]
    kept.trials[7] = replace(trial, values={"lr": 0.25, "seed": 3, "rows": 0.5})
    click(full, 7)
    QTest.keyClick(full.grid, Qt.Key.Key_S)
    assert (session.whole.training.lr, session.whole.training.seed) == (0.25, 3)
    assert session.notices[-1].text.endswith("now: lr 0.25, seed 3.")


def test_values_that_the_document_has_no_place_for_any_more_are_told(full: SweepPanel) -> None:
    session = full.session
    session.root.rename("hidden", "first")
    before = session.whole
    click(full, 7)
    QTest.mouseClick(full.foot.take, LEFT)
    assert session.whole is before
    assert "hidden" in session.notices[-1].text


def test_a_trial_is_opened_with_the_weights_that_were_kept(full: SweepPanel, qtbot: Any) -> None:
    click(full, 0)
    with qtbot.waitSignal(full.sweeping.use.open_wanted) as told:
        QTest.keyClick(full.grid, Qt.Key.Key_Return)
    graph, weights = told.args
    assert graph.name == f"{full.session.whole.name} trial 0"
    assert graph.document.training.lr == full.sweeping.kept.trials[0].values["lr"]
    assert list(weights) == ["hidden.weight"]


def test_columns_are_chosen_and_remembered(full: SweepPanel) -> None:
    menu = QMenu()
    full.fill_columns(menu)
    titles = {entry.text(): entry for entry in menu.actions()}
    assert not titles["spread"].isChecked()
    titles["spread"].trigger()
    titles["FLOP"].trigger()
    assert not full.grid.isColumnHidden(full.model.column_of("spread"))
    assert full.grid.isColumnHidden(full.model.column_of("flops"))
    other = SweepPanel(full.session)
    other.model.show_sweep(full.sweeping.kept)
    assert other.shown_columns() == full.shown_columns()
    other.deleteLater()


def test_rows_are_copied_with_their_headings(full: SweepPanel) -> None:
    click(full, 7)
    QTest.keyClick(full.grid, Qt.Key.Key_C, CONTROL)
    head, row = QGuiApplication.clipboard().text().splitlines()
    assert head.split("\t")[:3] == ["#", "hidden.units", "lr"]
    assert row.startswith("★ 7\t")


def test_what_is_set_up_is_copied_as_the_command_that_begins_it(panel: SweepPanel, tmp_path: Path) -> None:
    write(panel, "hidden.units=8,16,32")
    write(panel, "lr=log:1e-4:1e-1")
    panel.session.root.configure_sweep(seeds=3, seconds=90.0)
    panel.session.mark_saved(tmp_path / "a file.graphlab")
    panel.copy_search()
    assert QGuiApplication.clipboard().text() == (
        f"graphlab sweep '{tmp_path}/a file.graphlab' --search hidden.units=8,16,32 --search lr=log:0.0001:0.1 "
        "--seeds 3 --minutes 1.5"
    )


def test_the_time_left_is_told_at_the_pace_since_the_first_training_was_done(
    full: SweepPanel, monkeypatch: Any
) -> None:
    clock = [100.0]
    monkeypatch.setattr("graphlab.ui.panels.sweep_progress.time.monotonic", lambda: clock[0])
    sweeping, tally = full.sweeping, full.sweeping.tally
    sweeping.kept.head = msgspec.structs.replace(sweeping.kept.head, expected=100)
    sweeping.sittings.path = sweeping.kept.path

    def told(fits: int, at: float) -> str:
        tally.fits, clock[0] = fits, at
        full.progress.tell()
        return full.progress.said.text().rpartition(" · ")[2]

    assert "left" not in told(48, 100.0)
    assert "left" not in told(50, 110.0)  # the workers needed ten seconds to start: that is no pace
    assert told(60, 120.0).endswith("about 2 min 20 s left")  # 140 of 200 trainings at one a second


def test_the_keyboard_stays_in_the_panel_when_stop_can_be_pressed_no_longer(full: SweepPanel) -> None:
    button, sittings = full.progress.button, full.sweeping.sittings
    assert button.text() == "Resume"
    button.setFocus()
    sittings.is_stopping = True
    sittings.changed.emit()
    assert not button.isEnabled()
    assert full.focusWidget() is full.grid


# -- the sealed rows -----------------------------------------------------------------------------------------------


def test_test_rows_are_sealed_until_somebody_says_so_twice(
    full: SweepPanel, qtbot: Any, monkeypatch: Any
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(full.sweeping.sittings, "evaluate", asked.append)
    assert full.foot.sealed.text() == "Test rows: sealed"
    assert not full.foot.final.isEnabled()  # no trial is chosen
    click(full, 7)
    QTest.mouseClick(full.foot.final, LEFT)
    assert full.foot.asks.isVisible()
    assert "counts once" in full.foot.question.text()
    QTest.mouseClick(full.foot.no, LEFT)
    assert (asked, full.foot.asks.isVisible()) == ([], False)
    QTest.mouseClick(full.foot.final, LEFT)
    QTest.mouseClick(full.foot.yes, LEFT)
    assert asked == [7]


def test_looks_at_the_test_rows_are_counted_and_told(full: SweepPanel, made: Path, qtbot: Any) -> None:
    look = Opening(0.0, made.name, 7, "accuracy", 270, [0.95], 0.95, 0.92, 0.97)
    with open(full.sweeping.folder / seal.TESTS, "ab") as file:
        file.write(2 * (msgspec.json.encode(look) + b"\n"))
    full.sweeping.sittings.evaluated.emit(look)
    qtbot.waitUntil(lambda: full.foot.sealed.text() == "Test rows: opened twice")
    assert "accuracy 95.0 % (95 %: 92.0 % to 97.0 %)" in full.session.notices[-1].text
    click(full, 7)
    QTest.mouseClick(full.foot.final, LEFT)
    assert "opened twice already" in full.foot.question.text()


# -- room ----------------------------------------------------------------------------------------------------------


def test_where_there_is_little_room_the_switch_says_which_half_is_seen(full: SweepPanel) -> None:
    full.resize(600, 300)
    assert (full.setup.isVisible(), full.grid.isVisible()) == (True, False)
    full.switch.setChecked(False)
    assert (full.setup.isVisible(), full.grid.isVisible()) == (False, True)
    full.resize(1000, 300)
    full.switch.setChecked(True)
    assert (full.setup.isVisible(), full.grid.isVisible()) == (True, True)


def test_the_keyboard_stays_in_the_panel_when_a_half_is_hidden(full: SweepPanel, qtbot: Any) -> None:
    full.resize(600, 300)
    full.activateWindow()
    full.setup.start.setFocus()
    full.switch.setChecked(False)
    assert full.focusWidget() is full.grid
    full.switch.setChecked(True)
    assert full.focusWidget() is full.setup.searches.line


def test_it_looks_alright_in_each_theme(full: SweepPanel, each_theme: Any, qtbot: Any) -> None:
    qtbot.wait(1)
    assert not full.grab().isNull()


def test_how_far_ahead_is_asked_of_methods_that_learn_alone(panel: SweepPanel, qtbot: Any) -> None:
    write(panel, "lr=log:1e-4:1e-1")
    assert "ahead" not in panel.setup.form.names()
    panel.session.root.replace(with_sweep_settings(panel.session.whole, method="tpe"), "method")
    qtbot.waitUntil(lambda: "ahead" in panel.setup.form.names())
    panel.setup.form.field("ahead").line().setText("16")
    QTest.keyClick(panel.setup.form.field("ahead").line(), Qt.Key.Key_Return)
    assert panel.session.whole.sweep.ahead == 16
