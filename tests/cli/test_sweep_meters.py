"""What is shown while a sweep goes on."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from rich.console import Console

from graphlab.cli.sweep_meters import Signals, Standing, SweepBar, SweepText, plain
from graphlab.lab.sweeps.events import Begun, Ended, EpochNoted, FitDone, TrialDone
from graphlab.lab.sweeps.records import Epoch, Fit, Key
from graphlab.lab.sweeps.trials import Trial

BEGUN = Begun(Path("there"), "accuracy", expected=4, done=1, fits_each=2)


def trial(number, score, state="done"):
    fits = tuple(Fit(Key(number, k), state, k, "accuracy", score) for k in range(2))
    return Trial(number, {"lr": 0.1}, fits, 2, "accuracy")


def told(number, score, is_best=False):
    return [*(FitDone(fit) for fit in trial(number, score).fits), TrialDone(trial(number, score), is_best)]


EVENTS = [
    BEGUN,
    EpochNoted(Key(1), Epoch(1, 10, 0.5, {"accuracy": 0.8}, 0.6, {"accuracy": 0.7}, 0.1)),
    *told(1, 0.75, True),
    TrialDone(trial(2, None, "failed"), False),
]


def test_the_bar_says_how_far_it_is_and_what_is_best():
    console = Console(width=120, record=True)
    with SweepBar() as bar:
        for event in EVENTS:
            bar.take(event)
        console.print(bar._bar.get_renderable())
    (line,) = console.export_text().splitlines()
    assert line.startswith("trial 3/4 (1 failed)")
    assert "best accuracy 75.0 % (trial 1)" in line


def test_without_a_terminal_lines_tell_of_the_best(capsys):
    with SweepText() as text:
        for event in [*EVENTS, Ended("finished", 1.0)]:
            text.take(event)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines()[0] == "trial 2/4  best accuracy 75.0 % (trial 1)"


def test_a_trial_of_which_fits_are_missing_counts_as_one():
    standing = Standing()
    for event in EVENTS:
        standing.take(event)
    assert (standing.done, standing.failed) == (3, 1)
    assert (standing.completed, standing.total) == (6, 8)


def test_where_nobody_knows_how_many_trials_there_will_be_the_time_is_what_goes_on():
    standing = Standing()
    standing.take(Begun(Path("there"), "accuracy", 0, 1, 2, spent=30.0, limit=60.0, best=trial(0, 0.6)))
    assert standing.total == 60.0
    assert 30.0 <= standing.completed < 31.0
    assert (standing.count, standing.best) == ("1", "best accuracy 60.0 % (trial 0)")


def test_events_are_plain_values():
    epoch = plain(EVENTS[1])
    assert epoch["event"] == "epoch"
    assert (epoch["trial"], epoch["accuracy"], epoch["validation_accuracy"]) == (1, 0.8, 0.7)
    assert plain(EVENTS[2])["score"] == 0.75
    assert plain(EVENTS[4])["best"] is True
    assert plain(Ended("stopped", 2.0))["state"] == "stopped"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_for_an_end_and_ctrl_c_again_ends_at_once(number):
    asked = []
    before = signal.getsignal(number)
    with Signals(lambda: asked.append(1)) as signals:
        signal.raise_signal(number)
        assert asked == [1]
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signals.code == 128 + number
    assert signal.getsignal(number) is before
