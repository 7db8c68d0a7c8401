"""Schedules: PyTorch's rates, a document's settings, and steps that can be taken again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from graphlab import data as datasets
from graphlab.engine import SCHEDULES, SGD, Trainer
from graphlab.engine.schedules import (
    CosineAnnealingLR,
    OneCycleLR,
    ReduceLROnPlateau,
    Schedule,
    StepLR,
    make_schedule,
)
from graphlab.engine.workspace import Workspace
from graphlab.errors import SettingsError
from graphlab.graph import Training
from tests.engine.networks import winding_graph, xor_graph

LR = 0.3


def torch_rates(make, steps):
    """The learning rates of PyTorch's scheduler over so many steps."""
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], LR)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


def warmed(steps, rest):
    def make(s, optimizer):
        rise = s.LinearLR(optimizer, 1 / steps, total_iters=steps - 1)
        return s.SequentialLR(optimizer, [rise, rest(s, optimizer)], [steps])

    return make


@pytest.mark.parity
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (StepLR(3), lambda s, o: s.StepLR(o, 3)),
        (StepLR(4, 0.7), lambda s, o: s.StepLR(o, 4, 0.7)),
        (CosineAnnealingLR(20), lambda s, o: s.CosineAnnealingLR(o, 20)),
        (CosineAnnealingLR(7, 0.05), lambda s, o: s.CosineAnnealingLR(o, 7, 0.05)),
        (OneCycleLR(30), lambda s, o: s.OneCycleLR(o, LR, 30, cycle_momentum=False)),
        (
            OneCycleLR(29, 0.45, "linear", 10, 100),
            lambda s, o: s.OneCycleLR(o, LR, 29, None, None, 0.45, "linear", False, 0.85, 0.95, 10, 100),
        ),
        (
            StepLR(4, 0.5, warmup=5),
            warmed(5, lambda s, o: s.StepLR(o, 4, 0.5)),
        ),
        (Schedule(8), warmed(8, lambda s, o: s.ConstantLR(o, 1.0))),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Schedule) else "",
)
@pytest.mark.filterwarnings("ignore:The epoch parameter in `scheduler.step")
def test_twenty_five_rates_agree_with_pytorch(ours, theirs):
    rates = [ours.rate(LR, step) for step in range(25)]
    np.testing.assert_allclose(rates, torch_rates(theirs, 25), rtol=1e-12, atol=1e-15)


@pytest.mark.parity
@pytest.mark.parametrize(
    "settings",
    [
        {"patience": 1},
        {"factor": 0.5, "patience": 0, "cooldown": 2, "min_lr": 0.05},
        {"factor": 0.5, "patience": 2, "threshold": 0.1},
        {"factor": 0.01, "patience": 0, "eps": 1e-4},
    ],
)
def test_reducing_on_a_plateau_agrees_with_pytorch(settings):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    losses = [*np.exp(-np.arange(10) / 4), *(0.1 + 0.02 * rng.standard_normal(20)), math.nan, -1.0, -2.0, 0.0]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], LR)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, **settings)
    ours = ReduceLROnPlateau(**settings)
    for loss in losses:
        optimizer.step()
        theirs.step(loss)
        ours.observe(loss)
        assert ours.rate(LR, 0) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-12)
    assert ours.rate(LR, 0) < LR


@pytest.mark.parity
def test_twenty_steps_of_adam_with_a_schedule_agree_with_pytorch():
    torch = pytest.importorskip("torch")
    from graphlab.engine import Adam

    rng = np.random.default_rng(0)
    ours, w = Adam(LR), rng.standard_normal(5)
    ours.schedule = CosineAnnealingLR(12, 0.01)
    tensor = torch.tensor(w, requires_grad=True)
    theirs = torch.optim.Adam([tensor], LR)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, 12, 0.01)
    for _ in range(20):
        gradient = rng.standard_normal(5)
        assert ours.rate == pytest.approx(theirs.param_groups[0]["lr"], rel=1e-12)
        ours.step(w, gradient)
        tensor.grad = torch.tensor(gradient)
        theirs.step()
        scheduler.step()
    np.testing.assert_allclose(w, tensor.detach().numpy(), rtol=1e-9, atol=1e-9)


def test_after_its_end_a_cycle_stays_at_its_least():
    assert OneCycleLR(10).rate(1.0, 9) == OneCycleLR(10).rate(1.0, 500) == pytest.approx(4e-6)
    held = CosineAnnealingLR(10, 0.1, hold=True)
    assert held.rate(1.0, 10) == held.rate(1.0, 500) == pytest.approx(0.1)


@pytest.mark.parametrize("total", [1, 2, 3, 4, 10])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
def test_the_shortest_cycles_have_a_rate_at_every_step(total, share):
    rates = [OneCycleLR(total, share).rate(1.0, step) for step in range(total + 2)]
    assert all(0 < rate <= 1 for rate in rates)


def test_what_it_learnt_of_a_plateau_is_saved_and_restored():
    one, other = ReduceLROnPlateau(patience=1), ReduceLROnPlateau(patience=1)
    for loss in (1.0, 2.0, 2.0, 2.0):
        one.observe(loss)
    other.load_state(one.save_state())
    one.observe(3.0)
    other.observe(3.0)
    assert vars(one) == vars(other)
    assert one.rate(1.0, 0) == pytest.approx(0.01)
    other.load_state({})
    assert other.rate(1.0, 0) == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda: StepLR(0),
        lambda: StepLR(2.5),
        lambda: StepLR(2, gamma=2.0),
        lambda: StepLR(2, warmup=-1),
        lambda: CosineAnnealingLR(5, eta_min=-1.0),
        lambda: OneCycleLR(5, pct_start=1.5),
        lambda: OneCycleLR(5, anneal_strategy="sine"),
        lambda: ReduceLROnPlateau(factor=True),
        lambda: ReduceLROnPlateau(patience=-1),
    ],
)
def test_impossible_settings_are_refused(make):
    with pytest.raises(SettingsError, match="cannot be"):
        make()


# A document's schedule


def test_a_document_counts_in_epochs_and_takes_them_all():
    t = Training(schedule="StepLR", step_size=2, gamma=0.5, epochs=10)
    assert make_schedule(t, 7).rate(1.0, 2 * 7 - 1) == 1
    assert make_schedule(t, 7).rate(1.0, 2 * 7) == 0.5
    for name in ("CosineAnnealingLR", "OneCycleLR"):
        rate = make_schedule(Training(schedule=name, epochs=10, warmup=5), 7).rate
        assert rate(1.0, 10 * 7) < 1e-3
    assert make_schedule(Training(), 7) is None
    assert make_schedule(Training(warmup=4), 7).rate(1.0, 0) == 0.25


def test_every_schedule_can_be_named_in_a_document_and_heeds_only_its_settings():
    for name, kind in SCHEDULES.items():
        found = make_schedule(Training(schedule=name, warmup=1), 3)
        assert type(found) is kind
        assert all(hasattr(Training(), setting) for setting in kind.heeds)
    with pytest.raises(SettingsError, match=r"There is no schedule 'Cosine'. Choose one of constant, StepLR"):
        make_schedule(Training(schedule="Cosine"), 3)


def test_what_it_observed_outlives_an_edit_of_the_graph():
    graph = winding_graph(batch_size=64, schedule="ReduceLROnPlateau")
    space = Workspace(graph.document)
    space.train(1)
    space.run.optimizer.schedule.best = -1.0  # better than any that can come
    graph.rename(next(iter(graph.document.nodes.values())).name, "other")
    space.load(graph.document)
    assert space.run.optimizer.schedule.best == -1


def trained(graph, steps, back=0):
    """The trainer after so many steps; the last `back` of them were taken back and done again entry by entry."""
    trainer = Trainer(graph)
    for _ in range(steps):
        list(trainer.run.steps())
    for _ in range(back * len(trainer.run.schedule)):
        assert trainer.run.back() is not None
    while trainer.steps_done < steps:
        trainer.run.step()
    return trainer


@pytest.mark.parametrize("name", SCHEDULES)
def test_training_stepping_and_going_back_give_the_same_weights(name):
    settings = {"epochs": 5, "step_size": 1, "patience": 0, "factor": 0.5, "warmup": 2, "batch_size": 64}
    graph = winding_graph(optimizer="Adam", schedule=name, **settings)
    stepped = trained(graph, 9, back=5)
    straight = Trainer(graph)
    while straight.steps_done < 9:
        straight.advance(9 - straight.steps_done)
    assert straight.epoch >= 2
    assert straight.run.store.flat.tobytes() == stepped.run.store.flat.tobytes()
    other = Trainer(graph)
    state = straight.run.state()
    other.run.load_state(state)
    for trainer in (straight, other):
        for _ in range(4):
            trainer.train_step()
    assert straight.run.store.flat.tobytes() == other.run.store.flat.tobytes()
    assert straight.run.optimizer.rate == other.run.optimizer.rate


def test_a_plateau_is_seen_while_training():
    graph = xor_graph()
    graph.configure(schedule="ReduceLROnPlateau", patience=1, lr=1e-6, epochs=8)
    trainer = Trainer(graph, data=datasets.xor())
    rates = []
    for _ in trainer.fit():
        trainer.run.feeder(trainer.steps_done)
        rates.append(trainer.run.optimizer.rate / 1e-6)
    assert rates[0] == 1
    assert rates[-1] < 0.2
    assert trainer.run.optimizer.schedule.epoch == 8
    trainer.reset()
    assert trainer.run.optimizer.schedule.epoch == 0


def test_an_optimizer_of_ones_own_keeps_its_own_schedule():
    graph = xor_graph()
    graph.configure(schedule="StepLR")
    mine = SGD(0.1)
    assert Trainer(graph, data=datasets.xor(), optimizer=mine).run.optimizer.schedule is None


def test_a_schedule_chosen_while_training_counts_from_the_next_step():
    graph = winding_graph(batch_size=64)
    space = Workspace(graph.document)
    space.train(2)
    graph.configure(schedule="ReduceLROnPlateau", lr=0.5)
    assert space.load(graph.document) is False
    schedule = space.run.optimizer.schedule
    schedule.observe(1.0)
    graph.configure(patience=3)
    space.load(graph.document)
    assert space.run.optimizer.schedule.patience == 3
    assert space.run.optimizer.schedule.best == 1
    graph.configure(optimizer="Lion", schedule="constant")
    space.load(graph.document)
    assert space.run.optimizer.schedule is None
    space.train(1)
