"""Charts of odd sweeps: each kind shows what there is, or says what it lacks; nothing falls over."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from types import SimpleNamespace

import numpy as np
import pytest

from graphlab.errors import GraphlabError
from graphlab.lab.sweeps.curves import Curves
from graphlab.lab.sweeps.records import Cost, Epoch, Fit, Key
from graphlab.lab.sweeps.trials import Trial
from graphlab.ui import sweep_charts, sweep_words
from graphlab.ui.sweep_charts import Subject
from graphlab.ui.sweep_words import BEST, BIAS, CONTOUR, COST, CURVES, IMPORTANCE, KINDS, PARALLEL, ROWS
from graphlab.ui.widgets.parallel_plot import ParallelPlot
from graphlab.ui.widgets.trial_plot import TrialPlot


def trial(number, values, score, metric="loss", state="done", seconds=1.0):
    epochs = [Epoch(k, k, score, {}, score, {metric: score}) for k in (1, 2)] if score is not None else []
    fit = Fit(
        Key(number), state, 0, metric, score, score, epochs=epochs, cost=Cost(seconds, 10, 5), train_rows=9
    )
    return Trial(number, values, (fit,), 1, metric)


def subject(searches, trials, metric="loss"):
    head = SimpleNamespace(searches=searches, sweep={}, kind="sweep")
    sweep = SimpleNamespace(head=head, metric=metric, trials={t.number: t for t in trials}, path="here")
    return Subject(sweep, Curves(metric))


TWO = {"lr": "log:0.0001:0.1", "units": "8,16"}
ODD = {
    "nothing tried": (TWO, []),
    "one trial": (TWO, [trial(0, {"lr": 0.01, "units": 8}, 0.5)]),
    "all failed": (TWO, [trial(k, {"lr": 0.01, "units": 8}, None, state="failed") for k in range(5)]),
    "all alike": (TWO, [trial(k, {"lr": 0.01, "units": 8}, 0.5) for k in range(6)]),
    "on one line": (TWO, [trial(k, {"lr": 10.0**-k, "units": 8}, k) for k in range(1, 5)]),
    "losses far apart": (TWO, [trial(k, {"lr": 10.0**-k, "units": 8 + 8 * (k % 2)}, 100.0**k) for k in range(5)]),
    "no seconds": (TWO, [trial(k, {"lr": 10.0**-k, "units": 8}, 0.5, seconds=0.0) for k in range(1, 5)]),
    "words only": ({"op": "ReLU,Tanh"}, [trial(k, {"op": op}, 0.1 * k) for k, op in enumerate(("ReLU", "Tanh"))]),
    "sizes along axes": ({"size": "(3,3),(5,5)"}, [trial(k, {"size": [k, k]}, 0.1 * k) for k in (3, 5)]),
    "not its searches": (TWO, [trial(k, {"other": k}, 0.1 * k) for k in range(5)]),
    "a broken space": ({"lr": "no space:"}, [trial(k, {"lr": 0.1 * k}, 0.1 * k) for k in range(5)]),
    "only the seed": ({"seed": "0,1,2"}, [trial(k, {"seed": k}, 0.1 * k) for k in range(3)]),
    "huge": ({"a": "0:1e30"}, [trial(k, {"a": k * 1e29}, 1e30 / (k + 1)) for k in range(5)]),
}  # fmt: skip


@pytest.mark.parametrize("odd", ODD)
def test_every_kind_shows_an_odd_sweep_or_says_what_it_lacks(qtbot, odd):
    found = subject(*ODD[odd])
    plot, parallel = TrialPlot(), ParallelPlot()
    for widget in (plot, parallel):
        qtbot.addWidget(widget)
        widget.resize(300, 160)
    for kind in KINDS:
        if sweep_words.lack(kind, found):
            continue
        (_, across), (_, up) = sweep_words.choices(kind, found)
        if kind == PARALLEL:
            parallel.show_lines(*sweep_charts.parallel(found), found.scale)
            assert not parallel.grab().isNull()
        elif kind in (ROWS, BIAS):
            plot.show_chart(sweep_charts.values_chart(found, across, as_error=kind == BIAS)[0])
        elif kind != IMPORTANCE:
            with suppress(GraphlabError) if kind == CONTOUR else nullcontext():
                plot.show_chart(sweep_charts.chart_of(kind, found, across, up))
        assert not plot.grab().isNull()
        assert isinstance(sweep_words.of_all(found, kind, None), str)
        header, lines = sweep_words.trial_lines(found)
        assert all(len(line) == len(header) for line in lines)


def test_best_so_far_of_losses_falls_and_its_time_is_what_all_trials_took():
    found = subject(
        TWO, [trial(k, {"lr": 0.01, "units": 8}, s, seconds=2.0) for k, s in enumerate((3, 4, 1))]
    )
    (line,) = sweep_charts.best(found, "seconds").strokes
    assert line.x.tolist() == [2.0, 6.0, 6.0]
    assert line.y.tolist() == [3.0, 1.0, 1.0]
    assert sweep_charts.chart_of(BEST, found, "trials", "").strokes[0].x.tolist() == [0.0, 2.0, 2.0]


def test_front_of_cost_is_coloured_and_the_others_are_grey():
    trials = [
        trial(k, {"lr": 0.01, "units": 8}, s, seconds=t) for k, (s, t) in enumerate(((3, 1), (4, 2), (1, 3)))
    ]
    chart = sweep_charts.chart_of(COST, subject(TWO, trials), "seconds", "")
    assert np.isnan(chart.dots.merit).tolist() == [False, True, False]
    assert chart.strokes[0].y.tolist() == [3.0, 1.0]


def test_curves_of_losses_are_the_losses_on_held_out_rows():
    chart = sweep_charts.chart_of(CURVES, subject(TWO, [trial(0, {"lr": 0.01, "units": 8}, 0.5)]), "", "")
    assert chart.threads.y.tolist() == [[0.5, 0.5]]
