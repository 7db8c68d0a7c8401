"""Values computed beside a run: the same numbers as the run's own, and no bit of it changed."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import Trainer, beside
from graphlab.engine.beside import Beside, rows_at_once
from graphlab.engine.workspace import Workspace
from graphlab.errors import DataError, FeedError, UnknownNodeError
from graphlab.graph import Graph


def moons(samples: int = 64) -> Graph:
    g = Graph("moons")
    data = g.add("Dataset", dataset="moons", samples=samples, name="data")
    h = g.add("Tanh", g.add("Linear", data, name="hidden", units=4), name="act")
    h = g.add("Dropout", g.add("BatchNorm1d", h, name="norm"), name="drop")
    y = g.add("Linear", h, name="out", units=1)
    g.add("BCEWithLogitsLoss", y, data["target"], name="loss")
    return g


def keys(g: Graph, *names: str) -> list[tuple[str, str]]:
    nodes = [g.document.node(name) for name in names]
    return [(node.id, node.make().results()[0]) for node in nodes]


@pytest.fixture
def trained() -> tuple[Graph, Trainer]:
    g = moons()
    trainer = Trainer(g)
    for _ in trainer.fit(3):
        pass
    return g, trainer


def by_hand(trainer: Trainer, x: np.ndarray) -> np.ndarray:
    """The network in evaluation, in plain NumPy."""
    w = trainer.run.weights
    h = np.tanh(x @ w["hidden.weight"].T + w["hidden.bias"])
    h = (h - w["norm.running_mean"]) / np.sqrt(w["norm.running_var"] + 1e-5) * w["norm.weight"] + w[
        "norm.bias"
    ]
    return h @ w["out.weight"].T + w["out.bias"]


@pytest.mark.parametrize("at_once", [1, 7, 1024])
def test_a_grid_comes_to_what_the_network_says_in_evaluation(trained, monkeypatch, at_once) -> None:
    g, trainer = trained
    monkeypatch.setattr(beside, "MOST_ROWS", at_once)
    grid = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32)
    (out,) = keys(g, "out")
    found = Beside(trainer.run).of_arrays({(g.document.node("data").id, "x"): grid}, [out])
    assert found.values[out] == pytest.approx(by_hand(trainer, grid), rel=1e-5, abs=1e-6)


def test_held_out_rows_come_with_their_numbers_and_targets(trained) -> None:
    g, trainer = trained
    data = g.document.node("data").id
    (out,) = keys(g, "out")
    ends = [(data, "x"), (data, "target"), out]
    found = Beside(trainer.run).of_rows(trainer, "validation", np.array([3, 0]), ends)
    rows = trainer.batches.rows("validation")[[3, 0]]
    assert found.rows.tolist() == rows.tolist()
    assert np.array_equal(found.values[data, "x"], trainer.batches.columns[data, "x"][rows])
    assert np.array_equal(found.values[data, "target"], trainer.batches.columns[data, "target"][rows])
    assert found.values[out] == pytest.approx(by_hand(trainer, found.values[data, "x"]), rel=1e-5, abs=1e-6)


def test_a_whole_split_has_the_loss_that_evaluation_tells(trained) -> None:
    g, trainer = trained
    (loss,) = keys(g, "loss")
    found = Beside(trainer.run).of_rows(trainer, "validation", None, [loss])
    assert float(found.values[loss]) == pytest.approx(trainer.evaluate("validation").loss, rel=1e-6)


def test_looking_between_steps_changes_no_bit_of_training() -> None:
    quiet, busy = Trainer(moons()), Trainer(moons())
    g = moons()
    ends, look = keys(g, "act", "drop"), Beside(busy.run)
    for _ in range(5):
        quiet.train_step()
        busy.train_step()
        look.of_rows(busy, "train", None, ends)
    assert busy.run.state()["parameters"].tobytes() == quiet.run.state()["parameters"].tobytes()
    assert busy.run.state()["states"].tobytes() == quiet.run.state()["states"].tobytes()


def test_what_cannot_be_looked_at_is_named(trained) -> None:
    g, trainer = trained
    look, (out,) = Beside(trainer.run), keys(g, "out")
    with pytest.raises(UnknownNodeError, match=r"nobody\.y"):
        look.of_arrays({}, [("nobody", "y")])
    with pytest.raises(FeedError, match="data has nothing to give"):
        look.of_arrays({}, [out])
    with pytest.raises(FeedError, match="takes N×2, but was fed 4×3"):
        look.of_arrays({(g.document.node("data").id, "x"): np.zeros((4, 3))}, [out])
    with pytest.raises(DataError, match="no spare rows"):
        look.of_rows(trainer, "spare", None, [out])
    with pytest.raises(DataError, match="there is no row 999"):
        look.of_rows(trainer, "train", np.array([999]), [out])


def test_few_rows_at_once_where_a_row_is_large(monkeypatch) -> None:
    run = Trainer(moons()).run
    monkeypatch.setattr(beside, "ROOM", 20_000)
    assert 1 <= rows_at_once(run.plan) < 200
    monkeypatch.setattr(beside, "ROOM", 0)
    assert rows_at_once(run.plan) == 1


def test_a_workspace_answers_by_the_engine_s_keys_and_anew_after_an_edit() -> None:
    g = moons()
    space = Workspace(g.document)
    data, grid = g.document.node("data").id, np.zeros((3, 2), np.float32)
    ends = keys(g, "hidden")
    assert space.evaluate(ends, {f"{data}.x": grid}).values[ends[0]].shape == (3, 4)
    g.set("hidden", units=6)
    space.load(g.document)
    assert space.evaluate(ends, {f"{data}.x": grid}).values[ends[0]].shape == (3, 6)
    assert space.evaluate(ends, {}, "train", [0, 1]).values[ends[0]].shape == (2, 6)


def test_an_operation_edited_in_place_answers_as_it_is_now() -> None:
    g = moons()
    g.add("LeakyReLU", "hidden", name="leaky", negative_slope=0.1)
    workspace, (hidden, leaky) = Workspace(), keys(g, "hidden", "leaky")
    for slope in (0.1, 0.9):
        g.set("leaky", negative_slope=slope)
        is_anew = workspace.load(g.document)
        assert is_anew == (slope == 0.1)  # then the run takes the edited operation over where it is
        workspace.run.forward()
        found = workspace.evaluate([hidden, leaky], {}, "train", [0, 1, 2]).values
        below = np.minimum(found[hidden], 0)
        np.testing.assert_allclose(np.minimum(found[leaky], 0), slope * below, rtol=1e-6)
