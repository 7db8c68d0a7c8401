"""A race: every racer goes as it would have trained alone, the run stays, and who fails is told."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Trainer
from graphlab.engine.experiments.race import MOST, Race, Racer, Standing, order, read_racers
from graphlab.errors import ExperimentError, SettingsError
from graphlab.graph import Training
from tests.engine.experiments.test_cut import valley
from tests.engine.networks import winding_graph


def over(race: Race) -> Race:
    for _ in race.work():
        pass
    return race


@pytest.mark.parametrize("schedule", ["constant", "CosineAnnealingLR", "ReduceLROnPlateau"])
def test_each_ends_where_it_would_have_come_alone(schedule: str) -> None:
    settings = {"epochs": 6, "schedule": schedule, "momentum": 0.5}
    racers = [Racer("SGD", 0.05), Racer("Adam", 0.02), Racer("Lion", 0.001)]
    race = over(Race(Trainer(winding_graph(**settings)), racers))
    for runner, racer in zip(race.runners, racers, strict=True):
        alone = Trainer(winding_graph(optimizer=racer.optimizer, **settings | {"lr": racer.lr}))
        losses = np.concatenate([alone.advance(100) for _ in range(6)])
        assert runner.losses == losses.tolist()
        assert np.array_equal(runner.trainer.run.store.flat, alone.run.store.flat)
        assert runner.travelled.steps[0] == 0
        assert np.array_equal(runner.travelled.places[-1], alone.run.store.trainable)


def test_from_the_present_weights_it_goes_on_with_the_batches_that_follow() -> None:
    trainer = Trainer(winding_graph())
    trainer.advance(3)
    race = over(Race(trainer, [Racer("SGD", 0.05)], steps=5, fresh=False))
    state = trainer.run.state()
    alone = Trainer(winding_graph(optimizer="SGD"))
    own = alone.run.state()
    alone.run.load_state({**state, "optimizer": own["optimizer"]})
    losses = np.concatenate([alone.advance(5), alone.advance(2)])[:5]
    assert race.runners[0].losses == losses.tolist()


def test_the_run_keeps_every_bit() -> None:
    trainer = Trainer(winding_graph())
    trainer.advance(3)
    before = trainer.run.state()
    over(Race(trainer, [Racer("SGD", 0.05), Racer("Adam", 0.02)], steps=9))
    after = trainer.run.state()
    assert all(np.array_equal(before[name], after[name]) for name in ("parameters", "states", "step"))
    assert trainer.run.clock.step == 3


def test_one_that_diverges_ends_and_the_others_go_on() -> None:
    race = over(Race(Trainer(valley()), [Racer("SGD", 100.0), Racer("SGD", 0.01)], steps=30))
    wild, tame = race.standings()
    assert "diverged at step" in wild.ended
    assert wild.step < 30 == tame.step
    assert tame.ended == ""
    assert order(race.standings()) == [1, 0]
    losses = race.losses()
    assert losses.shape == (2, 30)
    assert np.isnan(losses[0, wild.step :]).all()
    assert np.isfinite(losses[1]).all()
    assert race.losses(28).shape == (2, 2)


def test_they_go_side_by_side() -> None:
    race = Race(Trainer(winding_graph()), [Racer("SGD", 0.05), Racer("Adam", 0.02)], steps=200)
    apart = [
        abs(len(race.runners[0].losses) - len(race.runners[1].losses))
        for _ in race.work()
        if all(r.losses for r in race.runners)
    ]
    assert max(apart) <= 200 // 40


def test_held_out_rows_are_looked_at_on_the_way_and_decide() -> None:
    race = over(Race(Trainer(winding_graph()), [Racer("SGD", 1e-6), Racer("Adam", 0.05)], steps=60))
    slow, quick = race.standings()
    assert slow.validation_loss is not None
    assert quick.validation_loss is not None
    assert quick.validation_loss < slow.validation_loss
    assert order([slow, quick]) == [1, 0]
    assert "accuracy" in quick.metrics
    steps = [step for step, _ in race.runners[0].looked]
    assert steps == list(range(1, 61))


def test_the_best_is_that_of_the_mean_loss() -> None:
    race = over(Race(Trainer(valley()), [Racer("SGD", 0.01)], steps=40))
    (found,) = race.standings()
    assert found.best == pytest.approx(
        min(np.mean(race.runners[0].losses[max(0, k - 4) : k]) for k in range(1, 41))
    )
    assert found.best_step == 40


def test_who_has_no_number_comes_last() -> None:
    standings = [
        Standing(5, 1.0, 1.0, 5, 0.1, ended="diverged"),
        Standing(5, float("nan"), 1.0, 5, 0.1),
        Standing(5, 3.0, 1.0, 5, 0.1),
        Standing(5, 2.0, 1.0, 5, 0.1),
    ]
    assert order(standings)[:2] == [3, 2]


def test_racers_are_read_as_they_are_written() -> None:
    found = read_racers("SGD, adamw:1e-3 ,Lion : 0.0001", Training(lr=0.5))
    assert found == [Racer("SGD", 0.5), Racer("AdamW", 0.001), Racer("Lion", 0.0001)]
    assert [racer.name for racer in found] == ["SGD 0.5", "AdamW 0.001", "Lion 0.0001"]


@pytest.mark.parametrize(
    ("racers", "words"),
    [
        ([], "Nobody races"),
        ([Racer("SGD", 0.1)] * 2, "races twice"),
        ([Racer("SGD", 0.1 + k) for k in range(MOST + 1)], "too many"),
    ],
)
def test_an_impossible_race_is_refused(racers: list[Racer], words: str) -> None:
    with pytest.raises(ExperimentError, match=words) as caught:
        Race(Trainer(valley()), racers)
    assert caught.value.hint


@pytest.mark.parametrize("racer", [Racer("SGD", 0.0), Racer("SGD", -1.0), Racer("Nobody", 0.1)])
def test_an_impossible_racer_is_refused(racer: Racer) -> None:
    with pytest.raises(SettingsError):
        Race(Trainer(valley()), [racer])
