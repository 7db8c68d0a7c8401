"""When training ends by itself, why, and that it goes back to the best epoch exactly."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from graphlab.engine import messages as m
from graphlab.engine.messages import ReportRecord
from graphlab.engine.stopping import Stopping, asks_each_epoch, is_better, watched
from graphlab.graph import Graph, Training
from tests.engine.test_journeys import Told
from tests.engine.test_travel import held, network


def report(epoch: int, loss: float, validation: float | None = None, accuracy: float | None = None) -> Any:
    metrics = {} if accuracy is None else {"accuracy": accuracy}
    return ReportRecord(epoch, 3 * epoch, loss, {}, validation, metrics, 0.0)


def after(losses: list[float], **settings: Any) -> tuple[Stopping, str]:
    """What stopping makes of these validation losses, up to the first verdict."""
    stopping, training = Stopping(), Training(**settings)
    stopping.begin(0, 0.0)
    for epoch, loss in enumerate(losses, 1):
        told = report(epoch, 1.0, loss)
        stopping.note(told, training, dict)
        if verdict := stopping.verdict(told, training):
            return stopping, verdict
    return stopping, ""


def test_held_out_rows_count_where_there_are_any_and_the_metric_where_it_is_asked_for() -> None:
    assert watched(report(1, 0.5), "loss") == ("loss", 0.5)
    assert watched(report(1, 0.5, 0.7), "loss") == ("validation loss", 0.7)
    assert watched(report(1, 0.5, 0.7, 0.9), "metric") == ("validation accuracy", 0.9)
    assert watched(report(1, 0.5, 0.7), "metric") == ("validation loss", 0.7)


def test_accuracy_rises_and_errors_fall() -> None:
    assert is_better("validation accuracy", 0.9, 0.8)
    assert is_better("rmse", 0.8, 0.9)
    assert not is_better("loss", 0.89, 0.9, by=0.02)
    assert not is_better("loss", math.nan, 0.9)


def test_patience_counts_epochs_since_the_best() -> None:
    stopping, why = after([5, 4, 3, 3.5, 3.2, 3.1, 2], stop_patience=3)
    assert why == "the validation loss has not improved for 3 epochs"
    assert (stopping.best.epoch, stopping.best.step, stopping.best.value) == (3, 9, 3)
    assert after([5, 4, 3, 3.5, 3.2, 2.9, 2], stop_patience=3)[1] == ""


def test_less_than_min_delta_is_no_improvement() -> None:
    assert after([5, 4.95, 4.9, 4.85], stop_patience=3, min_delta=0.2)[1]
    assert not after([5, 4.95, 4.9, 4.85], stop_patience=3)[1]


def test_who_trains_on_after_the_end_gets_the_whole_patience_again() -> None:
    stopping, _ = after([5, 6, 7], stop_patience=2)
    training = Training(stop_patience=2)
    stopping.begin(3, 0.0)
    assert not stopping.verdict(report(4, 1.0, 8.0), training)
    assert stopping.verdict(report(5, 1.0, 8.0), training)


def test_a_loss_that_is_small_enough_and_time() -> None:
    stopping = Stopping()
    training = Training(stop_loss=0.3, stop_seconds=10)
    assert "0.25" in stopping.verdict(report(1, 0.25), training)
    assert not stopping.verdict(report(1, 0.35), training)
    stopping.begin(5, 100.0)
    assert not stopping.overtime(109.0, training)
    assert stopping.overtime(110.0, training) == "it has taken 10 seconds"


def test_something_else_that_is_watched_begins_anew_and_only_one_state_is_kept() -> None:
    stopping, training = Stopping(), Training(keep_best=True)
    for epoch, loss in enumerate([3.0, 2.0, 1.0], 1):
        stopping.note(report(epoch, 1.0, loss, 0.5), training, lambda: {"any": 1})
    assert [one.state is not None for one in stopping.improvements] == [False, False, True]
    stopping.note(report(4, 1.0, 9.0, 0.5), Training(stop_on="metric"), dict)
    assert [one.name for one in stopping.improvements] == ["validation accuracy"]


def test_every_epoch_is_measured_only_where_that_is_needed() -> None:
    assert not asks_each_epoch(Training(stop_seconds=3))
    for setting in ({"stop_patience": 1}, {"stop_loss": 0.1}, {"keep_best": True}, {"save_best": True}):
        assert asks_each_epoch(Training(**setting))


# In the engine process


def overfits(**settings: Any) -> Graph:
    """A network that is soon at its best on held-out rows, and goes on to fit noise."""
    g = network(**{"lr": 0.05, "epochs": 300, "stop_patience": 8} | settings)
    g.set("dropout", p=0.0)
    g.set("hidden", units=32)
    return g


def test_training_ends_early_says_why_and_stands_at_the_end() -> None:
    host = Told(overfits())
    host.do(m.Train())
    host.finish()
    (stopped,) = host.heard(m.Stopped)
    assert stopped.reason == "the validation loss has not improved for 8 epochs"
    assert stopped.best is not None
    assert stopped.epoch == stopped.best.epoch + 8 < 300
    assert not stopped.returns
    assert host.heard(m.Status)[-1].state == "finished"
    assert host.space.run.steps_done == stopped.step


@pytest.mark.parametrize("has_room", [True, False])
def test_it_goes_back_to_the_best_epoch_exactly(has_room: bool) -> None:
    plain = Told(overfits(stop_patience=0, epochs=40))
    at: dict[int, bytes] = {}
    host = Told(overfits(keep_best=True))
    if not has_room:
        host.do(m.KeepStates(100))
    host.do(m.Train())
    host.finish()
    (stopped,) = host.heard(m.Stopped)
    assert stopped.returns
    plain.do(m.Train(stopped.best.step))
    plain.finish()
    at[stopped.best.step] = held(plain.space)
    assert host.space.run.steps_done == stopped.best.step
    assert held(host.space) == at[stopped.best.step]
    assert host.heard(m.Status)[-1].step == stopped.best.step


def test_best_weights_return_when_all_epochs_are_done_too() -> None:
    host = Told(overfits(stop_patience=0, epochs=30, keep_best=True))
    host.do(m.Train())
    host.finish()
    (stopped,) = host.heard(m.Stopped)
    assert (stopped.reason, stopped.returns) == ("", True)
    assert host.space.run.steps_done == stopped.best.step < stopped.step


def test_time_ends_training_within_a_slice() -> None:
    host = Told(network(epochs=10_000_000, stop_seconds=0.05))
    host.do(m.Train())
    host.finish(100_000)
    assert host.heard(m.Stopped)[0].reason == "it has taken 0.05 seconds"
    assert host.space.trainer.seconds < 1.0


def test_weights_to_be_saved_are_those_of_the_best_epoch() -> None:
    host = Told(overfits(stop_patience=0, epochs=25, save_best=True))
    host.do(m.Train())
    host.finish()
    improved = host.heard(m.Improved)
    values = [one.best.value for one in improved]
    assert values == sorted(values, reverse=True)
    host.do(m.Travel(improved[-1].best.step))
    host.finish()
    now = host.space.weights()
    assert all(np.array_equal(now[name], array) for name, array in improved[-1].arrays.items())


def test_a_training_without_such_settings_is_measured_no_more_often_than_before() -> None:
    host = Told(network(epochs=60))
    host.do(m.Train())
    host.finish()
    assert not host.heard(m.Stopped)
    reports = [r for event in host.heard(m.Scalars) for r in event.reports]
    assert len(reports) < 60


def test_a_fault_offers_the_step_before_and_that_is_reached() -> None:
    host = Told(network(optimizer="SGD", lr=0.1))
    host.do(m.Train(7))
    host.finish()
    before = held(host.space)
    node = host.graph["out"].id
    host.do(m.SetElements(1, node, "weight", ((0, 0),), (3e38,)), m.Train(50))
    host.finish()
    failed = host.heard(m.Failed)[-1]
    assert "NaN" in failed.message or "inf" in failed.message
    assert failed.node == "out"
    assert failed.step == 7
    assert host.heard(m.Status)[-1].state == "paused"
    host.do(m.Travel(7))
    host.finish()
    assert host.space.run.steps_done == 7
    assert before != held(host.space)  # the weight that was set is a part of that step


def test_settings_of_stopping_are_no_change_of_the_training() -> None:
    host = Told(network())
    host.do(m.Train(9))
    host.finish()
    host.graph.configure(stop_patience=4, keep_best=True)
    host.load()
    host.do(m.Train(3))
    host.finish()
    assert host.heard(m.Trail)[-1].changes == ()
