"""A planner says the same of a sweep, whatever order results come in, and however often it is broken off."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from graphlab.graph import Document
from graphlab.lab.sweeps.planner import Planner
from graphlab.lab.sweeps.records import Done, Fit, Key

from .made_fits import BATCH, EPOCHS, LR, OPTIMIZER, Kept, accuracy, bad, do, drive, sweep

SETTINGS = {
    "random": {"method": "random", "trials": 20},
    "seeds and folds": {"method": "random", "trials": 8, "seeds": 2, "folds": 2},
    "grid": {"method": "grid", "trials": 0},
    "sobol": {"method": "sobol", "trials": 16},
    "asha": {"method": "random", "trials": 40, "pruning": "asha"},
    "asha of seeds": {"method": "lhs", "trials": 20, "pruning": "asha", "seeds": 3, "keep": 2},
    "hyperband": {"method": "random", "trials": 0, "pruning": "hyperband"},
    "hyperband of seeds": {"method": "random", "trials": 33, "pruning": "hyperband", "seeds": 2, "rung": 3},
    "tpe": {"method": "tpe", "trials": 24},
    "tpe with asha": {"method": "tpe", "trials": 30, "pruning": "asha", "ahead": 4},
    "tpe with hyperband": {"method": "tpe", "trials": 30, "pruning": "hyperband"},
    "cmaes": {"method": "cmaes", "trials": 30, "ahead": 1},
    "cmaes with asha": {"method": "cmaes", "trials": 30, "pruning": "asha"},
}
NEEDED = {"sobol": "scipy", "tpe": "optuna", "cmaes": "cmaes"}
work = partial(do, fails=bad)


def made(name: str, kept: Kept | None = None, journal: Path | None = None) -> Planner:
    settings = SETTINGS[name]
    if settings["method"] in NEEDED:
        pytest.importorskip(NEEDED[settings["method"]], reason='pip install "graphlab[sweep]"')
    searches = (BATCH, OPTIMIZER) if settings["method"] == "grid" else ()
    asked = sweep(*searches, **settings)
    return Planner(Document(), asked, "accuracy", EPOCHS, kept, journal, digest="d1")


@pytest.fixture(scope="module")
def alone():
    """By name: what one worker comes to, who is never disturbed."""
    found: dict[str, Kept] = {}

    def get(name: str) -> Kept:
        if name not in found:
            found[name] = Kept(SETTINGS[name].get("seeds", 1) * max(1, SETTINGS[name].get("folds", 0)))
            drive(made(name), found[name], work=work)
        return found[name]

    return get


@pytest.mark.parametrize("name", SETTINGS)
def test_results_in_any_order_lead_to_the_same_trials_and_lines(name, alone):
    for seed in range(6):
        kept = Kept()
        drive(made(name), kept, workers=1 + 2 * seed, chance=random.Random(seed), work=work)
        assert kept.proposals == alone(name).proposals
        assert kept.told == alone(name).told


def lose(kept: Kept, journal: Path, chance: random.Random) -> None:
    """What had not been written yet when the power failed."""
    if chance.random() < 0.3 and kept.lines:
        kept.lines.pop()
    last = max((line.key.trial for line in kept.lines), default=-1)
    if chance.random() < 0.5:
        kept.proposals = {k: p for k, p in kept.proposals.items() if k <= last}
    if chance.random() < 0.2 and journal.exists():
        journal.write_bytes(journal.read_bytes()[: -chance.randint(1, 200)])


@pytest.mark.parametrize("name", SETTINGS)
def test_a_sweep_that_is_killed_again_and_again_comes_to_the_same(name, alone, tmp_path):
    for seed in range(3):
        chance, kept = random.Random(seed), Kept(alone(name).fits_each)
        journal = tmp_path / f"{seed}.journal"
        for _ in range(1000):
            planner = made(name, kept, journal)
            if planner.is_over or not drive(planner, kept, 3, chance, work, most=chance.randint(5, 40)):
                break
            lose(kept, journal, chance)
        assert planner.is_over
        assert kept.proposals == alone(name).proposals
        assert kept.told == alone(name).told


@pytest.mark.parametrize("name", ["seeds and folds", "asha of seeds", "hyperband of seeds"])
def test_a_file_that_ends_after_any_line_leads_to_the_same(name, alone):
    lines = alone(name).lines
    for count in range(0, len(lines), max(1, len(lines) // 8)):
        began = max((line.key.trial for line in lines[:count]), default=-1) + 1
        kept = Kept(alone(name).fits_each, {k: alone(name).proposals[k] for k in range(began)}, lines[:count])
        drive(made(name, kept), kept, 2, work=work)
        assert kept.told == alone(name).told


def test_all_states_occur_in_what_these_tests_compare(alone):
    for name in ("asha", "asha of seeds", "hyperband", "hyperband of seeds"):
        states = {line.state for line in alone(name).lines}
        assert states == {"done", "pruned", "failed"}, name


def test_after_a_fit_that_failed_the_other_fits_of_its_trial_are_not_begun(alone):
    trials = alone("seeds and folds").trials.values()
    failed = [trial for trial in trials if trial.state == "failed"]
    assert failed
    for trial in failed:
        assert [fit.state for fit in trial.fits] == ["done"] * (len(trial.fits) - 1) + ["failed"]
    assert min(len(trial.fits) for trial in failed) < 4


def test_a_failed_fit_that_ends_before_one_of_lower_number_waits_for_it():
    planner = Planner(Document(), sweep(LR, trials=1, seeds=3), "accuracy", EPOCHS)
    _, (first, second, _) = planner.tasks(3)
    failed = Done(Fit(second.key, "failed", 1, "accuracy", error="NaN"))
    assert planner.take(failed) == []
    assert [line.key.repeat for line in planner.take(do(first))] == [0, 1]
    assert planner.is_over


def test_fits_that_were_cut_or_refused_are_given_out_again():
    planner = Planner(Document(), sweep(LR, trials=1), "accuracy", EPOCHS)
    _, (task,) = planner.tasks(5)
    assert planner.tasks(5) == ([], [])
    assert planner.take(Done(Fit(task.key, "cut", 0))) == []
    assert planner.tasks(5) == ([], [task])
    planner.take(Done(Fit(task.key, "failed", 0), refused="0.0.1"))
    assert planner.tasks(5) == ([], [task])
    assert [line.state for line in planner.take(do(task))] == ["done"]
    assert planner.take(do(task)) == [], "what was not asked for is passed over"


def test_tasks_say_seed_folds_metric_and_whose_weights_are_wanted():
    settings = sweep(LR, trials=1, seeds=2, folds=3)
    planner = Planner(Document(), settings, "accuracy", EPOCHS, digest="d1")
    (proposal,), tasks = planner.tasks(10)
    assert [task.key for task in tasks] == [Key(0, r, f) for r in range(2) for f in range(3)]
    assert [task.seed for task in tasks] == [0, 0, 0, 1, 1, 1]
    assert {(task.folds, task.metric, task.document, task.until, task.rows) for task in tasks} == {
        (3, "accuracy", "d1", 0, True)
    }
    assert [task.weights for task in tasks] == [True] + [False] * 5
    assert all(task.values == proposal.values for task in tasks)


def test_no_more_tasks_come_than_were_asked_for_and_nothing_is_proposed_before_it_begins():
    planner = Planner(Document(), sweep(LR, trials=5, seeds=2), "accuracy", EPOCHS)
    proposals, tasks = planner.tasks(3)
    assert [p.trial for p in proposals] == [0, 1]
    assert [task.key for task in tasks] == [Key(0), Key(0, 1), Key(1)]
    assert planner.tasks(0) == ([], [])


def test_states_that_are_too_large_to_keep_are_left_and_come_to_the_same(alone, monkeypatch):
    monkeypatch.setattr("graphlab.lab.sweeps.planner.MOST_STATE", 20)
    again, kept = [], Kept()

    def watched(task):
        again.append(task.until != 1 and not task.state)
        return work(task)

    drive(made("hyperband"), kept, 3, random.Random(1), watched)
    assert kept.told == alone("hyperband").told
    assert any(again)


def test_a_fit_that_ends_by_itself_before_a_rung_counts_as_it_ended():
    early = partial(do, fails=bad, stops=4)
    settings = sweep(trials=30, pruning="asha")
    alone, kept = Kept(), Kept()
    drive(Planner(Document(), settings, "accuracy", EPOCHS), alone, work=early)
    assert {line.state for line in alone.lines} == {"done", "pruned", "failed"}
    assert all(line.epochs[-1].epoch == 4 for line in alone.lines if line.state == "done")
    chance = random.Random(3)
    for _ in range(100):
        planner = Planner(Document(), settings, "accuracy", EPOCHS, kept)
        if planner.is_over or not drive(planner, kept, 4, chance, early, most=20):
            break
    assert kept.told == alone.told


def test_pruning_finds_as_good_a_trial_with_a_fraction_of_the_epochs():
    def epochs_and_best(**settings):
        kept = Kept()
        drive(Planner(Document(), sweep(trials=81, **settings), "accuracy", EPOCHS), kept)
        best = max(line.score for line in kept.lines if line.state == "done")
        return sum(line.epochs[-1].epoch for line in kept.lines), best

    whole, best = epochs_and_best()
    assert whole == 81 * EPOCHS
    for name in ("asha", "hyperband"):
        epochs, found = epochs_and_best(pruning=name)
        assert epochs < 0.4 * whole
        assert found > best - 0.03


def test_rising_and_falling_metrics_are_pruned_by_their_own_direction():
    by_accuracy, by_loss = Kept(), Kept()
    for metric, kept in (("accuracy", by_accuracy), ("loss", by_loss)):
        drive(Planner(Document(), sweep(trials=12, pruning="asha"), metric, EPOCHS), kept)
    states = [[line.state for _, line in sorted(kept.told.items())] for kept in (by_accuracy, by_loss)]
    assert states[0] == states[1], "the loss is made as 1 − accuracy"
    best = max(by_accuracy.proposals.values(), key=lambda p: accuracy(p.values, 0, EPOCHS))
    assert by_accuracy.told[Key(best.trial)].state == "done"


@pytest.mark.parametrize("name", ["random", "sobol", "asha", "tpe", "tpe with asha", "cmaes"])
def test_a_sweep_that_gets_more_trials_afterwards_has_those_it_would_have_had(
    name, alone, tmp_path, monkeypatch
):
    kept, journal = Kept(), tmp_path / "journal"
    whole = SETTINGS[name]
    monkeypatch.setitem(SETTINGS, name, {**whole, "trials": 9})
    drive(made(name, kept, journal), kept, 2, random.Random(0), work)
    assert len(kept.proposals) == 9
    monkeypatch.setitem(SETTINGS, name, whole)
    drive(made(name, kept, journal), kept, 2, random.Random(1), work)
    assert (kept.proposals, kept.told) == (alone(name).proposals, alone(name).told)
