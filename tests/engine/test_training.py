"""The training loop: batches in, reports out, held-out figures."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab import data as datasets
from graphlab.engine import Adam, Trainer
from graphlab.errors import DataError, FeedError, ProblemsError, SettingsError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph, xor_graph


def test_reports_come_once_an_epoch_with_everything_in_them():
    trainer = Trainer(winding_graph())
    reports = list(trainer.fit(3))
    assert [r.epoch for r in reports] == [1, 2, 3]
    assert [r.step for r in reports] == [3, 6, 9]  # 40 rows in batches of 16
    for report in reports:
        assert report.metrics.keys() == report.validation_metrics.keys() == {"accuracy"}
        assert report.validation_loss > 0
    assert reports[0].seconds < reports[-1].seconds


def test_the_reported_loss_is_the_mean_over_the_steps_of_the_epoch():
    one, other = Trainer(winding_graph()), Trainer(winding_graph())
    (report,) = one.fit(1)
    assert report.loss == pytest.approx(np.mean([other.train_step() for _ in range(3)]))


def test_a_data_set_given_feeds_inputs_by_name():
    trainer = Trainer(xor_graph(), data=datasets.xor(), optimizer=Adam(0.05), batch_size=4)
    *_, last = trainer.fit(300)
    assert last.loss < 1e-3
    assert last.validation_loss is None


def test_inputs_with_values_are_one_batch():
    g = Graph()
    x = g.add("Input", name="x", value=((1.0,), (2.0,)))
    t = g.add("Input", name="target", value=((3.0,), (5.0,)))
    g.add("MSELoss", g.add("Linear", x, name="line", units=1), t)
    trainer = Trainer(g, optimizer=Adam(0.1))
    *_, last = trainer.fit(500)
    assert last.loss < 1e-4
    assert trainer.steps_per_epoch == 1
    assert trainer.run.parameters["line.weight"][0, 0] == pytest.approx(2, abs=0.1)


def test_every_training_row_is_seen_once_an_epoch_in_an_order_that_changes():
    trainer = Trainer(winding_graph())
    orders = []
    for _ in range(2):
        seen = []
        for _ in range(trainer.steps_per_epoch):
            trainer.train_step()
            seen.append(trainer.run.value("data"))
        orders.append(np.concatenate(seen))
    rows = trainer.batches.data.x[trainer.batches.rows("train")]
    for order in orders:
        assert np.array_equal(np.sort(order, axis=0), np.sort(rows, axis=0))
    assert not np.array_equal(*orders)


def test_held_out_rows_are_never_trained_on():
    trainer = Trainer(winding_graph())
    train, held_out = (set(trainer.batches.rows(split).tolist()) for split in ("train", "validation"))
    assert len(train) + len(held_out) == 50
    assert not train & held_out


def test_evaluation_leaves_dropout_out_and_the_run_alone():
    trainer = Trainer(winding_graph())
    trainer.run.train(4)
    before = trainer.run.state()
    value = trainer.run.value("skip")
    first, second = trainer.evaluate("validation"), trainer.evaluate("validation")
    assert first == second
    assert first.count == 10
    assert trainer.run.state()["parameters"].tobytes() == before["parameters"].tobytes()
    assert np.array_equal(trainer.run.value("skip"), value)


def test_evaluating_between_steps_changes_no_bit_of_training():
    quiet, busy = Trainer(winding_graph()), Trainer(winding_graph())
    for _ in range(10):
        quiet.train_step()
        busy.train_step()
        busy.evaluate("validation")
        busy.evaluate("train")
    assert busy.run.state()["parameters"].tobytes() == quiet.run.state()["parameters"].tobytes()


def test_evaluation_of_a_split_in_pieces_is_the_mean_over_all_rows(monkeypatch):
    from graphlab.engine import beside

    whole = Trainer(winding_graph()).evaluate("train")
    monkeypatch.setattr(beside, "MOST_ROWS", 7)
    pieces = Trainer(winding_graph()).evaluate("train")
    assert pieces.count == whole.count
    assert pieces.loss == pytest.approx(whole.loss, rel=1e-5)
    assert pieces.metrics == pytest.approx(whole.metrics)


def test_an_empty_split_is_refused():
    with pytest.raises(DataError, match="There are no test rows"):
        Trainer(winding_graph()).evaluate("test")


def test_advance_stops_at_the_end_of_an_epoch():
    trainer = Trainer(winding_graph())
    assert [len(trainer.advance(2)) for _ in range(4)] == [2, 1, 2, 1]
    assert trainer.epoch == 2
    assert trainer.at_epoch_end


def test_reset_trains_the_same_again():
    trainer = Trainer(winding_graph())
    first = [trainer.train_step() for _ in range(7)]
    trainer.reset()
    assert [trainer.train_step() for _ in range(7)] == first


def test_a_batch_size_beyond_the_data_is_one_batch():
    trainer = Trainer(winding_graph(), batch_size=1000)
    assert trainer.steps_per_epoch == 1
    trainer.train_step()
    assert trainer.run.value("data").shape == (40, 2)


@pytest.mark.parametrize("size", [0, -1, 2.5, True, "8"])
def test_an_impossible_batch_size_is_refused(size):
    with pytest.raises(SettingsError, match="batch_size cannot be"):
        Trainer(winding_graph(), batch_size=size)


def test_a_data_set_that_fits_no_input_is_refused():
    g = Graph()
    x = g.add("Input", name="features", shape=("N", 2))
    g.add("Sum", g.add("Linear", x))
    with pytest.raises(FeedError, match="The graph has no Input named 'x' for the data set xor"):
        Trainer(g, data=datasets.xor())
    with pytest.raises(FeedError, match=r"x(\.y)? takes N×2, but was fed 1797×64"):
        Trainer(xor_graph(), data=datasets.digits().with_target("one-hot"))


def test_an_input_that_nobody_feeds_is_named():
    with pytest.raises(FeedError, match="x has not been fed"):
        Trainer(xor_graph())


def test_two_data_sets_of_different_length_are_refused():
    g = Graph()
    a = g.add("Dataset", name="a", dataset="blobs", samples=50)
    b = g.add("Dataset", name="b", dataset="blobs", samples=60)
    g.add("MSELoss", g.add("Linear", a["x"], units=2), b["x"])
    with pytest.raises(DataError, match="b has 60 rows, another data set 50"):
        Trainer(g)


def test_two_data_sets_of_the_same_length_go_side_by_side():
    g = Graph()
    a = g.add("Dataset", name="a", dataset="blobs", samples=50)
    b = g.add("Dataset", name="b", dataset="moons", samples=50)
    g.add("MSELoss", g.add("Linear", a["x"], units=2), b["x"])
    trainer = Trainer(g)
    trainer.train_step()
    rows_a, rows_b = trainer.run.value("a"), trainer.run.value("b")
    all_a, all_b = datasets.blobs(samples=50).x, datasets.moons(samples=50).x
    index = [int(np.flatnonzero((all_a == row).all(axis=1))[0]) for row in rows_a]
    assert np.array_equal(rows_b, all_b[index])


def test_a_faulty_graph_is_not_trained():
    g = winding_graph()
    g.disconnect("scores", "x")
    with pytest.raises(ProblemsError, match=r"scores.x: x is not connected"):
        Trainer(g)
