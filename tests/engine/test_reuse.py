"""Values in the memory of others: never while anybody still reads them, and no bit of an evaluation is another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from graphlab.data import Data
from graphlab.engine import Plan, Run, Trainer, reuse
from graphlab.engine.beside import Beside
from graphlab.engine.reuse import Life, Reused, Room, lives_of
from graphlab.graph import Graph
from graphlab.graph.codec import from_bytes
from graphlab.io.examples import example
from graphlab.ops import Clock


@pytest.fixture
def eager(monkeypatch):
    """Values of every size are taken."""
    monkeypatch.setattr(reuse, "LEAST", 1)


def chain(length=6):
    g = Graph()
    h = g.add("Input", name="x", shape=("N", 4))
    for k in range(length):
        h = g.add("Tanh", h, name=f"h{k}")
    g.add("Mean", h, name="loss")
    return g


def picture_network(key, shape, **settings):
    """A network of the shelf with a loss, and rows for it."""
    g = Graph()
    y = g.add_part(key, g.add("Input", name="x", shape=("N", *shape)), name="net", **settings)["y"]
    y = g.add("Linear", g.add("Flatten", y), name="out", units=2)
    g.add("MSELoss", y, g.add("Input", name="target", shape=("N", 2)), name="loss")
    rng = np.random.default_rng(0)
    x, target = (rng.standard_normal(size).astype(np.float32) for size in ((5, *shape), (5, 2)))
    return Trainer(g, Data(x, target))


def of_example(name):
    return Trainer(from_bytes(example(name).path.read_bytes()))


TRAINERS = {
    "digits-cnn": lambda: of_example("digits-cnn"),
    "names-lstm": lambda: of_example("names-lstm"),
    "names-gpt": lambda: of_example("names-gpt"),
    "reverse": lambda: of_example("reverse"),
    "autoencoder": lambda: of_example("autoencoder"),
    "resnet": lambda: picture_network("resnet-50", (3, 32, 32), width=2, classes=5),
    "u-net": lambda: picture_network("u-net-bn", (2, 32, 32), width=2, classes=3),
    "densenet": lambda: picture_network("densenet-121", (3, 32, 32), growth=2, classes=5),
}


def evaluation(trainer):
    """With rubbish where values lie that may be gone."""
    buffers = trainer._evaluator._buffers
    for end in buffers.lost if buffers is not None else ():
        array = buffers.values[end]
        array[...] = np.nan if array.dtype.kind == "f" else -(1 << 40)
    return trainer.evaluate("train", 12)


def ends_of(plan):
    return [(key, name) for key in plan.nodes for name in plan.op(key).results()]


@pytest.mark.parametrize("name", TRAINERS)
def test_an_evaluation_comes_to_the_same_bits(name, monkeypatch):
    trainer = TRAINERS[name]()
    plan = trainer.run.plan
    asked = ends_of(plan)[:: max(1, len(plan.nodes) // 5)]
    found = []
    for least in (1 << 60, 1):  # nothing, and everything
        monkeypatch.setattr(reuse, "LEAST", least)
        trainer.renew()
        evaluated = [evaluation(trainer) for _ in range(3)]  # as bound, while noted, and as noted
        assert evaluated[0] == evaluated[1] == evaluated[2]
        values = Beside(trainer.run).of_rows(trainer, "train", np.arange(3), asked).values
        found.append((evaluated[0], {end: array.tobytes() for end, array in values.items()}))
    assert bool(trainer._evaluator._buffers.lost)
    assert found[0] == found[1]
    assert np.isfinite(found[0][0].loss)


@pytest.mark.parametrize("name", ["resnet", "u-net", "names-lstm"])
def test_values_that_are_read_at_the_same_time_lie_apart(name, eager):
    plan = TRAINERS[name]().run.plan
    asked = {ends_of(plan)[len(plan.nodes) // 2], plan.goal_end}
    sizes = dict.fromkeys(plan.symbols, 3)
    store = Run(plan).store
    buffers, lives = store.new_buffers(sizes, Clock(), asked), lives_of(plan, asked)
    kept = [end for end, array in buffers.values.items() if array.size and end not in buffers.lost]
    assert asked <= set(kept)
    for one, other in combinations(buffers.lost, 2):
        if np.may_share_memory(buffers.values[one], buffers.values[other]):
            assert lives[one].last < lives[other].first or lives[other].last < lives[one].first
    for end in buffers.lost:
        assert not any(np.may_share_memory(buffers.values[end], buffers.values[each]) for each in asked)


def test_a_chain_takes_two_rooms_and_what_is_asked_for_one_of_its_own(eager):
    run = Run(chain())
    found = run.store.new_buffers({"N": 8}, Clock(), [run.plan.goal_end]).values
    by_name = {run.plan.nodes[key].path: array for (key, _), array in found.items()}
    rooms = {by_name[f"h{k}"].__array_interface__["data"][0] for k in range(6)}
    assert len(rooms) == 2
    assert not any(np.may_share_memory(by_name["x"], by_name[f"h{k}"]) for k in range(6))


def test_resnet_50_takes_a_fraction_of_the_memory():
    g = Graph()
    y = g.add_part("resnet-50", g.add("Input", name="x", shape=("N", 3, 224, 224)), name="net")["y"]
    g.add("Mean", y, name="loss")
    plan = Plan(g)
    blocks = Reused(plan, {"N": 1}, [plan.goal_end])
    rooms = sum(room.size for room in set(blocks._rooms.values()))
    assert rooms < sum(blocks._bytes(end, {"N": 1}) for end in blocks._rooms) / 10


def test_what_looks_at_a_value_keeps_it(eager):
    g = Graph()
    h = g.add("Tanh", g.add("Input", name="x", shape=("N", 4)), name="first")
    looked = g.add("Flatten", h, name="looked")
    for k in range(3):
        h = g.add("Tanh", h, name=f"h{k}")
    g.add("Mean", g.add("Add", h, looked), name="loss")
    plan = Plan(g)
    (first, looked_at, add) = (g.document.node(name).id for name in ("first", "looked", "loss"))
    lives, places = lives_of(plan, []), list(plan.nodes)
    assert lives[first, "y"].last == lives[looked_at, "y"].last == places.index(add) - 1
    assert lives_of(plan, [(looked_at, "y")])[first, "y"].last == len(places)


def test_a_room_is_taken_once_at_a_time():
    room = Room(64)
    assert room.takes(Life(2, 4))
    assert not room.takes(Life(4, 6))
    assert not room.takes(Life(0, 2))
    assert not room.takes(Life(3, 3))
    assert not room.takes(Life(1, 9))
    assert room.takes(Life(5, 6))
    assert room.takes(Life(0, 1))
    assert not room.takes(Life(6, 7))


def test_small_values_stay_as_they_are():
    run = Run(chain())
    assert not run.store.new_buffers({"N": 8}, Clock(), [run.plan.goal_end]).lost
    assert run.store.new_buffers({"N": reuse.LEAST}, Clock(), [run.plan.goal_end]).lost


def test_whoever_asks_for_another_value_gets_it(eager):
    run = Run(chain())
    run.feed(x=np.linspace(-2, 2, 12).reshape(3, 4))
    run.forward()
    beside, x = Beside(run), {(run.names.key("x"), "y"): run.value("x").copy()}
    for name in ("h5", "h0", "h3", "h5"):
        end = (run.names.key(name), "y")
        assert np.array_equal(beside.of_arrays(x, [end]).values[end], run.value(name))


def test_passes_have_every_value_after_an_evaluation(eager):
    trainer = picture_network("resnet-8", (3, 8, 8), width=2, classes=3)
    loss = trainer.evaluate("train").loss
    for values in trainer.passes(5):
        kept = {end: array.copy() for end, array in values.items()}
    assert trainer.evaluate("train").loss == loss
    buffers = trainer.run.store.new_buffers({"N": 5}, trainer._evaluator._clock)
    trainer.batches.feed(trainer.batches.rows("train"), lambda sizes: buffers.values)
    buffers.drain("forward")
    assert kept.keys() == buffers.values.keys()
    for end, array in kept.items():
        assert np.array_equal(array, buffers.values[end]), end
