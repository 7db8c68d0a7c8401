"""The pictures of a sweep, by hand: every kind, what each says, choosing, exporting; sweeps that lack something."""

from __future__ import annotations

import csv
import io
import shutil

import pytest

from graphlab.errors import SaveError
from graphlab.graph import Graph
from graphlab.io import load
from graphlab.io.examples import example
from graphlab.lab.sweeps.ready import CAPACITY, LEARNING_CURVE
from graphlab.ui.panels.sweep_views import SweepViewsPanel
from graphlab.ui.session import Session
from graphlab.ui.sweep_words import BEST, BIAS, CONTOUR, COST, CURVES, IMPORTANCE, PARALLEL, ROWS, SCATTER
from tests.lab.sweeps.made import made_sweep
from tests.lab.sweeps.made_ready import made_ready
from tests.ui import painted


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A sweep, a learning curve and a sweep over capacity, beside a document."""
    folder = tmp_path_factory.mktemp("pictured")
    shutil.copy(example("digits-mlp").path, folder / "digits.graphlab")
    made_sweep(folder / "digits.sweeps")
    for kind in (CAPACITY, LEARNING_CURVE):
        made_ready(folder / "digits.sweeps", kind, seeds=2)
    return folder


@pytest.fixture
def panel(qtbot, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHLAB_SETTINGS", str(tmp_path))
    session = Session(engine=False)
    session.open(load(folder / "digits.graphlab")[0], folder / "digits.graphlab")
    panel = SweepViewsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(900, 300)
    look_at(panel, folder, "0001", qtbot)
    panel.show()
    qtbot.waitUntil(lambda: panel.content.isVisible())
    yield panel
    panel.close()
    session.close()


def look_at(panel, folder, begins, qtbot):
    path = next(path for path in (folder / "digits.sweeps").iterdir() if path.name.startswith(begins))
    panel.sweeping.look_at(path)
    qtbot.waitUntil(lambda: panel.sweeping.path == path)


def show(panel, kind, qtbot):
    panel.set_kind(kind)
    qtbot.waitUntil(lambda: panel.missing() or kind in panel._drawn)


def lines(panel):
    return list(csv.DictReader(io.StringIO(panel._numbers(".csv").decode())))


@pytest.mark.parametrize("kind", [PARALLEL, SCATTER, CONTOUR, BEST, CURVES, COST])
def test_every_kind_shows_the_trials_and_says_which_is_best(panel, qtbot, kind):
    show(panel, kind, qtbot)
    best = max((t for t in panel.sweeping.trials if t.state == "done"), key=lambda t: t.score)
    assert f"best #{best.number} with {100 * best.score:.4g} %" in panel.said.text()
    view = panel.stack.currentWidget()
    numbers = view.lines.numbers if kind == PARALLEL else view.chart.numbers
    assert best.number in numbers
    words = {text.words for text in painted.read(panel._picture(".svg"))}
    assert words & {"accuracy", "lr", "accuracy on held-out rows"}  # letters, not pixels


def test_pointing_tells_everything_of_a_trial(panel, qtbot):
    show(panel, SCATTER, qtbot)
    trial = panel.sweeping.trial(3)
    panel.plot.point_at(3)
    said = panel.words()
    assert said.startswith(f"#3  accuracy {100 * trial.score:.4g} % ± ")
    assert f"optimizer {trial.values['optimizer']}" in said
    assert "parameters" in said


def test_what_is_chosen_is_chosen_in_all_pictures(panel, qtbot):
    show(panel, SCATTER, qtbot)
    panel.plot.pick(5)
    assert panel.sweeping.selection == panel.parallel.selection == [5]
    panel.sweeping.choose([2, 4])
    assert panel.plot.selection == [2, 4]


def test_double_click_chooses_and_asks_to_open(panel, qtbot):
    show(panel, SCATTER, qtbot)
    with qtbot.waitSignal(panel.session.command_wanted) as wanted:
        panel.plot.opened.emit(7)
    assert (panel.sweeping.selection, wanted.args) == ([7], ["run.sweep_open"])


def test_importance_is_worked_out_and_a_bar_leads_to_its_scatter(panel, qtbot):
    show(panel, IMPORTANCE, qtbot)
    qtbot.waitUntil(lambda: bool(panel.bars.shares), timeout=20_000)
    assert sum(panel.bars.shares.values()) == pytest.approx(1.0)
    assert panel.said.text().startswith(("fANOVA", "ε²"))
    assert [line["hyperparameter"] for line in lines(panel)] == list(panel.bars.shares)
    panel.bars.chosen.emit("lr")
    qtbot.waitUntil(lambda: panel.plot.chart is not None and panel.plot.chart.x.name == "lr")
    assert panel.plot.chart.y.name == "accuracy"


def test_axes_of_scatter_and_cost_are_chosen(panel, qtbot):
    show(panel, COST, qtbot)
    assert [panel.across.itemText(k) for k in range(panel.across.count())] == [
        "seconds",
        "flops",
        "parameters",
    ]
    panel.across.setCurrentText("parameters")
    panel.across.activated.emit(2)
    qtbot.waitUntil(lambda: panel.plot.chart.x.name == "parameters")


def test_contour_never_has_one_hyperparameter_on_both_axes(panel, qtbot):
    show(panel, CONTOUR, qtbot)
    assert {panel.across.currentText(), panel.up.currentText()} == {"hidden.units", "lr"}


def test_ready_made_sweeps_show_their_own_picture_and_say_it_in_words(panel, folder, qtbot):
    look_at(panel, folder, "0002", qtbot)
    qtbot.waitUntil(lambda: panel.said.text().startswith("Held-out error is least at 64"))
    assert panel.kind.currentText() == BIAS
    assert "learns by heart" in panel.said.text()
    assert [line["hidden.units"] for line in lines(panel)] == ["8", "16", "32", "64", "128", "256", "512"]
    look_at(panel, folder, "0003", qtbot)
    qtbot.waitUntil(lambda: panel.said.text().startswith("Held-out rows still gain"))
    assert panel.kind.currentText() == ROWS
    assert [line["training rows"] for line in lines(panel)][-1] == "1257.0"
    panel.plot.point_at(0)
    assert panel.words().startswith("63 rows (0.05): held-out accuracy")


def test_where_several_are_searched_errors_against_one_are_not_put_down_to_it(panel, qtbot):
    show(panel, BIAS, qtbot)
    assert "lr" in panel.words()
    assert "too, and may be why. “Capacity” in Run > Sweep" in panel.words()


def test_tables_have_every_trial_and_every_epoch(panel, qtbot):
    show(panel, SCATTER, qtbot)
    found = lines(panel)
    assert len(found) == 24
    assert float(found[0]["accuracy"]) == panel.sweeping.trial(0).score
    assert found[10]["state"] == "failed"
    show(panel, CURVES, qtbot)
    assert sum(line["trial"] == "6" for line in lines(panel)) == 2  # pruned after two


def test_pictures_say_what_would_fill_them(panel, qtbot):
    show(panel, ROWS, qtbot)
    assert "rows=0.1,0.3,1" in panel.empty.label.text()
    with pytest.raises(SaveError, match="nothing to save"):
        panel._numbers(".csv")


def test_without_a_sweep_it_offers_to_search(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHLAB_SETTINGS", str(tmp_path))
    session = Session(Graph("none"), engine=False)
    panel = SweepViewsPanel(session)
    qtbot.addWidget(panel)
    panel.resize(600, 260)
    panel.show()
    qtbot.waitUntil(lambda: panel.empty.isVisible() and bool(panel.empty.button.text()))
    with qtbot.waitSignal(session.command_wanted) as wanted:
        panel.empty.button.click()
    assert wanted.args == ["run.sweep"]
    panel.close()
    session.close()


def test_new_trials_appear_while_the_sweep_goes_on(panel, folder, qtbot):
    show(panel, SCATTER, qtbot)
    before = len(panel.plot.chart.numbers)
    path = panel.sweeping.path
    fits, proposals = (path / name for name in ("fits.jsonl", "trials.jsonl"))
    proposals.write_bytes(
        proposals.read_bytes() + b'{"trial":24,"values":{"hidden.units":8,"lr":0.01,"optimizer":"SGD"}}\n'
    )
    line = fits.read_bytes().splitlines()[0].replace(b'"key":[0,0,0]', b'"key":[24,0,0]')
    fits.write_bytes(fits.read_bytes() + line + b"\n")
    qtbot.waitUntil(lambda: len(panel.plot.chart.numbers) > before, timeout=5000)
    assert 24 in panel.plot.chart.numbers
