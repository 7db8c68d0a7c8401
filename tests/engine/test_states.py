"""What ops keep from step to step (running statistics): changed by the update alone, and taken back with it."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import SGD, Run, Trainer
from graphlab.engine.gradient_check import check_gradients
from graphlab.engine.messages import TensorKey
from graphlab.engine.workspace import Workspace
from graphlab.errors import FeedError, UnknownNodeError
from graphlab.graph import Graph
from graphlab.io import load, save

STATES = ["bn.running_mean", "bn.running_var", "bn.num_batches_tracked"]


def normed(**training):
    g = Graph("normed")
    data = g.add("Dataset", name="data", dataset="blobs", samples=50)
    hidden = g.add("Linear", data["x"], name="hidden", units=4)
    bent = g.add("LeakyReLU", g.add("BatchNorm1d", hidden, name="bn"), name="bent")
    scores = g.add("Linear", g.add("Dropout", bent, name="dropout", p=0.3), name="scores", units=3)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    g.configure(**{"lr": 0.05, "batch_size": 16, "validation": 0.2, "test": 0.0} | training)
    return g


def bits(run):
    return {name: values.tobytes() for name, values in run.weights.items()}


def test_they_begin_with_their_numbers_before_anything_ran():
    run = Run(normed())
    assert list(run.states) == STATES
    assert run.states["bn.running_mean"].tolist() == [0] * 4
    assert run.states["bn.running_var"].tolist() == [1] * 4
    assert "bn.running_mean" not in run.parameters
    assert run.plan.parameter_size == 2 * 4 + 4 + 4 + 4 + 4 * 3 + 3


def test_only_the_update_changes_them_however_often_the_pass_is_repeated():
    once, often = Trainer(normed()).run, Trainer(normed()).run
    start = bits(often)
    for _ in range(3):
        often.forward()
        often.backward()
    assert bits(often) == start
    once.update()
    often.update()
    assert bits(once) == bits(often) != start
    assert once.states["bn.num_batches_tracked"] == 1


@pytest.mark.parametrize("optimizer", ["SGD", "Adam"])
def test_stepping_back_over_updates_restores_them_bit_for_bit(optimizer):
    run = Trainer(normed(optimizer=optimizer), input_gradients=True).run
    seen = []
    for _ in range(3 * len(run.schedule) + 5):
        seen.append(bits(run))
        run.step()
    last = bits(run)
    entries = len(seen)
    for expected in reversed(seen):
        run.back()
        assert bits(run) == expected
    assert run.back() is None
    for _ in range(entries):
        run.step()
    assert bits(run) == last


def test_back_and_on_again_in_the_middle_of_the_next_step_gives_the_same():
    run = Trainer(normed(), input_gradients=True).run
    straight = Trainer(normed(), input_gradients=True).run
    length = len(run.schedule)
    for _ in range(2 * length + 4):
        run.step()
    for _ in range(length + 2):  # to just before the update of the step before the last
        run.back()
    for _ in range(length + 2):
        run.step()
    for _ in range(2 * length + 4):
        straight.step()
    assert bits(run) == bits(straight)
    assert run.value("bn").tobytes() == straight.value("bn").tobytes()


def test_stepping_phases_and_full_speed_agree_bit_for_bit():
    fast, slow, phased = (Trainer(normed(), input_gradients=True) for _ in range(3))
    for _ in range(9):
        fast.train_step()
        list(slow.run.steps())
        phased.run.forward()
        phased.run.backward()
        phased.run.update()
        assert bits(fast.run) == bits(slow.run) == bits(phased.run)


def test_the_last_step_of_training_can_be_taken_back():
    trainer = Trainer(normed(), input_gradients=True)
    trainer.run.train(3)
    before = bits(trainer.run)
    trainer.run.train(1, remember=True)
    assert bits(trainer.run) != before
    trainer.run.back()
    assert bits(trainer.run) == before


def test_evaluation_neither_changes_them_nor_uses_the_batch():
    trainer = Trainer(normed())
    trainer.advance(3)
    before = bits(trainer.run)
    whole = trainer.evaluate("validation").loss
    assert bits(trainer.run) == before
    rows = trainer.batches.rows("validation")
    parts = []
    for row in rows:  # one example has no variance: with batch statistics this could not be
        trainer.batches.splits["validation"] = np.array([row])
        parts.append(trainer.evaluate("validation").loss)
    assert np.mean(parts) == pytest.approx(whole, rel=1e-5)
    trainer.batches.splits["validation"] = rows
    trainer.run.set("bn.running_var", np.full(4, 100.0))
    assert trainer.evaluate("validation").loss != pytest.approx(whole, rel=1e-3)


def test_a_run_that_is_told_not_to_train_keeps_them_whatever_was_recorded():
    run = Trainer(normed()).run
    for _ in range(4):
        run.forward()  # recorded as training
    run.clock.training = False
    states = {name: values.copy() for name, values in run.states.items()}
    for _ in range(3):
        run.forward()
        x, shift = run.value("hidden"), run.states["bn.running_mean"]
        expected = (x - shift) / np.sqrt(run.states["bn.running_var"] + 1e-5)
        np.testing.assert_allclose(run.value("bn"), expected, rtol=1e-5, atol=1e-6)
    run.backward()
    run.update()
    for name, values in run.states.items():
        np.testing.assert_array_equal(values, states[name])


@pytest.mark.parity
@pytest.mark.parametrize("momentum", [0.1, None])
def test_training_equals_pytorch_in_weights_and_running_statistics(momentum):
    torch = pytest.importorskip("torch")
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 2, 4, 4))
    normal = g.add(
        "BatchNorm2d",
        g.add("Conv2d", x, name="conv", out_channels=3, kernel_size=3),
        name="bn",
        momentum=momentum,
    )
    out = g.add("Linear", g.add("Flatten", g.add("SiLU", normal)), name="out", units=1)
    g.add("MSELoss", out, g.add("Input", name="target", shape=("N", 1)), name="loss")
    run = Run(g, optimizer=SGD(lr=0.1, momentum=0.9), dtype="float64")
    nn = torch.nn
    bn = nn.BatchNorm2d(3, momentum=momentum)
    model = nn.Sequential(nn.Conv2d(2, 3, 3), bn, nn.SiLU(), nn.Flatten(), nn.Linear(12, 1)).double()
    for name, layer in (("conv", model[0]), ("out", model[4])):
        layer.weight.data[...] = torch.tensor(run.parameters[f"{name}.weight"])
        layer.bias.data[...] = torch.tensor(run.parameters[f"{name}.bias"])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    rng = np.random.default_rng(0)
    for _ in range(20):
        batch, target = rng.normal(size=(5, 2, 4, 4)), rng.normal(size=(5, 1))
        run.feed(x=batch, target=target)
        loss = run.train_step()
        optimizer.zero_grad()
        expected = nn.functional.mse_loss(model(torch.tensor(batch)), torch.tensor(target))
        expected.backward()
        optimizer.step()
        assert loss == pytest.approx(expected.item(), rel=1e-9)
    for name, values in run.states.items():
        np.testing.assert_allclose(values, getattr(bn, name.partition(".")[2]).numpy(), rtol=1e-9)
    np.testing.assert_allclose(run.parameters["bn.weight"], bn.weight.detach().numpy(), rtol=1e-9)


def test_state_and_load_state_carry_them():
    trainer, other = Trainer(normed()), Trainer(normed())
    trainer.advance(2)
    other.run.load_state(trainer.run.state())
    assert bits(other.run) == bits(trainer.run)
    trainer.advance(1)
    other.advance(1)
    assert bits(other.run) == bits(trainer.run)
    with pytest.raises(FeedError, match="The state has 3 states, the graph 9"):
        other.run.load_state(trainer.run.state() | {"states": np.zeros(3)})
    without = {
        k: v for k, v in trainer.run.state().items() if k != "states"
    }  # as written before there were any
    other.run.load_state(without)


def test_reset_begins_them_anew():
    trainer = Trainer(normed())
    start = bits(trainer.run)
    trainer.advance(3)
    trainer.reset()
    assert bits(trainer.run) == start


def test_they_are_found_by_name_and_can_be_set():
    run = Trainer(normed()).run
    run.set("bn.running_mean", [1, 2, 3, 4])
    assert run.value("bn.running_mean").tolist() == [1, 2, 3, 4]
    assert run.grad("bn.running_mean").tolist() == [0] * 4
    run.update()
    assert run.states["bn.running_mean"][3] != 4
    with pytest.raises(FeedError, match="running_mean takes 4 finite numbers"):
        run.set("bn.running_mean", [1.0])
    with pytest.raises(UnknownNodeError, match="running_mean"):
        run.value("bn.average")


def test_files_keep_them_with_the_weights(tmp_path):
    trainer = Trainer(normed())
    trainer.advance(3)
    save(trainer.run.document, tmp_path / "a.graphlab", weights=trainer.run)
    graph, weights = load(tmp_path / "a.graphlab")
    assert set(STATES) < set(weights)
    again = Trainer(graph)
    for name, values in weights.items():
        again.run.set(name, values)
    assert bits(again.run) == bits(trainer.run)
    assert again.evaluate("validation") == trainer.evaluate("validation")


def test_a_checkpoint_of_the_engine_process_restores_them():
    space, other = Workspace(normed().document), Workspace(normed().document)
    space.train(3)
    weights, state = space.weights(), space.state()
    assert set(STATES) < set(weights)
    assert other.set_weights(weights, state) == []
    space.train(1)
    other.train(1)
    assert bits(space.run) == bits(other.run)


def test_an_edit_elsewhere_keeps_them_and_one_of_their_size_begins_them_anew():
    g = normed()
    space = Workspace(g.document)
    space.train(2)
    kept = bits(space.run)
    g.set("bent", negative_slope=0.3)
    space.load(g.document)
    assert bits(space.run) == kept
    g.set("hidden", units=5)
    space.load(g.document)
    assert space.run.states["bn.running_mean"].tolist() == [0] * 5


def test_the_window_can_look_at_them_and_set_one_number():
    space = Workspace(normed().document)
    node = space.document.node("bn").id
    found = space.array(TensorKey("value", node, "running_var"))
    assert found is not None
    assert found[0].tolist() == [1] * 4
    assert space.array(TensorKey("grad", node, "running_var")) is None
    space.set_element(node, "running_var", (2,), 5.0)
    assert space.run.states["bn.running_var"].tolist() == [1, 1, 5, 1]


def test_gradients_hold_with_batch_statistics_and_with_running_ones():
    run = Trainer(normed()).run
    run.update()
    assert check_gradients(run).passed
    run.clock.training = False
    assert check_gradients(run).passed


def test_they_count_in_the_estimate_of_memory():
    plain, kept = Graph(), Graph()
    for g, track in ((plain, False), (kept, True)):
        g.add(
            "BatchNorm1d", g.add("Input", name="x", shape=("N", 1000)), name="bn", track_running_stats=track
        )
    sizes = {"N": 2}
    difference = sum(Run(kept).plan.memory(sizes).values()) - sum(Run(plain).plan.memory(sizes).values())
    assert difference == 2 * 2001 * 4
