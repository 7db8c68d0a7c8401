"""After a number was changed by hand, what depends on it is computed again: to the last bit as if all were."""

from __future__ import annotations

import random

import numpy as np
import pytest

from graphlab.engine import Run
from graphlab.engine.changing import change
from graphlab.engine.feeding import Feed
from graphlab.engine.partial import same_bits
from graphlab.engine.training import Trainer
from graphlab.errors import FeedError, NumericsError, UnknownNodeError
from graphlab.graph import Graph
from tests.engine.networks import winding_graph

FITTING = [
    "Tanh",
    "Sigmoid",
    "ReLU",
    "Neg",
    "Square",
    "Softplus",
    "GELU",
    "Exp",
    "Softmax",
    "Dropout",
    "Transpose",
    "Abs",
    "Sin",
    "ReLU6",
    "Sign",
    "BatchNorm1d",
    "LayerNorm",
    "Flatten",
    "Reshape",
]


def everything(run: Run) -> dict:
    """Every array that a pass leaves behind, as far as the cursor, by a name."""
    buffers, found = run.buffers, {"flat": run.store.flat, "states": run.store.states}
    found["next"] = run.store.next_states
    for entry in run.schedule[: min(run.cursor, run.backward_end)]:
        for name in run.plan.op(entry.id).results():
            end = (entry.id, name)
            if entry.phase == "forward":
                found[f"value {end}"] = buffers.values[end]
            else:
                found |= {f"grad {end}": buffers.gradients[end]} if end in buffers.gradients else {}
                found |= {f"term {edge}": buffers.terms[edge] for edge in buffers.incoming(end)}
        if entry.phase == "backward":
            slots = [slot for end, slot in run.plan.parameters.items() if end[0] == entry.id]
            found |= {f"grad {slot.name}": run.store.grad(slot) for slot in slots}
    return {name: np.array(array) for name, array in found.items()}


def twin(make, step: int = 0) -> Run:
    run = make()
    for _ in range(step):
        run.train_step()
    return run


def settable(run: Run) -> list:
    """(end, shape, whether of floats) of everything that may be changed by hand."""
    feed = run.present_feed()
    found = [(end, slot.shape, True) for end, slot in (run.plan.parameters | run.plan.states).items()]
    return found + [(end, a.shape, a.dtype.kind == "f") for end, a in feed.arrays.items()]


def anew(run: Run, end, place, value) -> None:
    """What the engine did before: sets the number and computes the whole pass again."""
    cursor = run.cursor
    slot = (run.plan.parameters | run.plan.states).get(end)
    if slot is not None:
        array = run.weights[slot.name].copy()
        array[place] = value
        run.set(slot.name, array)
    else:
        feed = run.present_feed()
        array = feed.arrays[end].copy()
        array[place] = value
        run.take(Feed({**feed.arrays, end: array}, feed.sizes))
    run.cursor = 0
    run.go_to(cursor)


def same_everywhere(one: Run, other: Run) -> None:
    a, b = everything(one), everything(other)
    assert a.keys() == b.keys()
    for name in a:
        assert same_bits(np.ascontiguousarray(a[name]), np.ascontiguousarray(b[name])), name


def tangle(seed: int) -> Graph:
    """A random network with fan-outs, views, dropout, batch norm and a parameter that several layers share."""
    rng = random.Random(seed)
    g = Graph("tangle")
    data = g.add("Dataset", name="data", dataset="blobs", samples=40)
    shared = g.add("Parameter", name="shared", shape=(4, 4))
    values = [g.add("Linear", data["x"], units=4)]
    for _ in range(rng.randint(4, 12)):
        kind = rng.random()
        source = rng.choice(values[-4:])
        if kind < 0.25:
            values.append(g.add(rng.choice(("Add", "Mul", "Sub")), source, rng.choice(values)))
        elif kind < 0.45:
            values.append(g.add("Linear", source, units=4, weight=shared))
        elif kind < 0.6:
            values.append(g.add("Linear", source, units=4))
        else:
            op = rng.choice(FITTING)
            params = {"Reshape": {"shape": ("N", 4)}}.get(op, {})
            made = g.add(op, source, **params)
            values.append(g.add("Transpose", made) if op == "Transpose" else made)
    scores = g.add("Linear", g.add("Tanh", values[-1]), name="scores", units=3)
    g.add("CrossEntropyLoss", scores, data["target"], name="loss")
    g.configure(batch_size=8, validation=0.0, test=0.0, lr=0.05)
    return g


def trained(graph: Graph, **more):
    return lambda: Trainer(Run(graph, **more)).run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("seed", range(12))
def test_random_changes_leave_the_bits_of_a_pass_computed_anew(seed, dtype):
    graph, rng = tangle(seed), random.Random(1000 + seed)
    make = trained(graph, dtype=dtype)
    steps = rng.randint(0, 2)
    one, other = twin(make, steps), twin(make, steps)
    for _ in range(8):
        cursor = rng.randint(1, one.backward_end)
        for run in (one, other):
            run.cursor %= len(run.schedule)
            run.go_to(cursor)
        end, shape, is_float = rng.choice(settable(one))
        place = tuple(rng.randrange(size) for size in shape)
        value = rng.uniform(-2, 2) if is_float else rng.randrange(3)
        change(one, end, (place,), (value,))
        anew(other, end, place, value)
        assert one.cursor == other.cursor == cursor
        same_everywhere(one, other)
    for run in (one, other):
        run.update()
    same_everywhere_after_an_update(one, other)


def same_everywhere_after_an_update(one: Run, other: Run) -> None:
    assert np.array_equal(one.store.flat, other.store.flat)
    assert np.array_equal(one.store.states, other.store.states)
    one.train_step(), other.train_step()
    assert np.array_equal(one.store.flat, other.store.flat)


@pytest.mark.parametrize("where", ["forward", "backward"])
def test_shared_parameters_dropout_and_fan_outs(where):
    one, other = trained(winding_graph())(), trained(winding_graph())()
    for run in (one, other):
        run.forward()
        if where == "backward":
            run.backward()
    for name, place in (("shared.value", (1, 1)), ("bias.value", (2,)), ("scores.weight", (0, 3))):
        end = one.names.slot(name).key
        found = change(one, end, (place,), (0.75,))
        anew(other, end, place, 0.75)
        same_everywhere(one, other)
        assert bool(found.anew.backward) == (where == "backward")


def grouped() -> Graph:
    """A group used twice, whose uses share its weights."""
    g = Graph("grouped")
    x = g.add("Input", name="x", value=((0.5, -1.0), (2.0, 0.25)))
    first = g.add("Linear", x, name="first", units=2)
    g.add("Tanh", first, name="tanh")
    group = g.group("first", "tanh", name="cell")
    use = g.add_use(str(g.document.node(group.id).params["definition"]))
    g.connect(group, use)
    g.add("Sum", use, name="goal")
    return g


def test_a_weight_that_uses_of_a_group_share():
    one, other = Run(grouped()), Run(grouped())
    for run in (one, other):
        run.backward()
    slot = next(s for s in one.plan.parameters.values() if s.name.endswith("weight") or s.size == 4)
    change(one, slot.key, ((0, 1),), (0.3,))
    anew(other, slot.key, (0, 1), 0.3)
    same_everywhere(one, other)


def chain() -> Graph:
    """x → hidden → relu → out → loss, with a branch beside that nothing here depends on."""
    g = Graph("chain")
    x = g.add("Input", name="x", value=((1.0, 2.0),))
    hidden = g.add("Linear", x, name="hidden", units=2)
    out = g.add("Linear", g.add("ReLU", hidden, name="relu"), name="out", units=1)
    g.add("Tanh", x, name="beside")
    g.add("Sum", out, name="goal")
    return g


def keys(g: Graph, *names: str) -> set[str]:
    return {g[name].id for name in names}


def test_only_what_depends_on_it_is_computed():
    g = chain()
    run = Run(g)
    run.set("hidden.weight", np.ones((2, 2)))
    run.backward()
    found = change(run, (g["out"].id, "weight"), ((0, 0),), (3.0,))
    assert set(found.anew.forward) == keys(g, "out", "goal")
    assert g["beside"].id not in found.anew.nodes
    assert found.anew.total == len(run.plan.nodes)


def test_a_unit_that_is_shut_stops_the_change():
    g = chain()
    run = Run(g)
    run.set("hidden.weight", [[-1.0, -1.0], [1.0, 1.0]])
    run.set("hidden.bias", [0.0, 0.0])
    run.forward()
    found = change(run, (g["hidden"].id, "weight"), ((0, 0),), (-2.0,))
    assert set(found.anew.forward) == keys(g, "hidden", "relu")


def test_nothing_is_computed_before_the_pass_has_come_there():
    g = chain()
    run = Run(g)
    run.run_to("hidden")
    found = change(run, (g["out"].id, "weight"), ((0, 0),), (3.0,))
    assert found.anew.nodes == ()
    run.forward()
    assert run.value("out.weight")[0, 0] == 3.0


def test_several_elements_at_once_and_what_they_were():
    g = chain()
    run = Run(g)
    run.forward()
    was = run.value("hidden.weight")
    found = change(run, (g["hidden"].id, "weight"), ((0, 0), (1, 1)), (0.1, 0.2))
    assert found.before == (float(was[0, 0]), float(was[1, 1]))
    assert found.after == (float(np.float32(0.1)), float(np.float32(0.2)))
    change(run, found.end, found.places, found.before)
    assert np.array_equal(run.value("hidden.weight"), was)


def test_where_one_number_does_not_fit_none_is_set():
    g = chain()
    run = Run(g)
    run.forward()
    was = run.value("hidden.weight")
    for value, words in ((float("nan"), "cannot hold nan"), (1e39, "cannot hold 1e"), (0.0, "no element")):
        second = (1, 1) if value else (9, 9)
        with pytest.raises(FeedError, match=words):
            change(run, (g["hidden"].id, "weight"), ((0, 0), second), (5.0, value))
        assert np.array_equal(run.value("hidden.weight"), was)
    with pytest.raises(UnknownNodeError, match="computed"):
        change(run, (g["hidden"].id, "y"), ((0, 0),), (1.0,))


def test_a_constant_can_be_tried_out():
    g = Graph()
    c = g.add("Constant", name="c", value=(1.0, 2.0))
    g.add("Sum", g.add("Square", c, name="square"), name="goal")
    run = Run(g)
    run.forward()
    change(run, (g["c"].id, "y"), ((1,),), (3.0,))
    assert run.loss == 10.0
    run.forward()
    assert run.loss == 5.0  # what the document says


def test_after_an_update_the_next_step_is_computed_with_what_was_set():
    one, other = trained(winding_graph())(), trained(winding_graph())()
    for run in (one, other):
        run.update()
    slot = one.names.slot("scores.weight")
    found = change(one, slot.key, ((0, 0),), (0.5,))
    array = other.value("scores.weight")
    array[0, 0] = 0.5
    other.set("scores.weight", array)
    other.backward()
    assert one.steps_done == 1
    assert one.cursor == other.cursor
    same_everywhere(one, other)
    assert found.anew.total == len(one.plan.nodes)


def test_stepping_back_over_the_update_after_a_change_returns_to_the_bit():
    run = trained(winding_graph())()
    run.forward()
    run.backward()
    before = everything(run)
    run.update()
    change(run, run.names.slot("scores.weight").key, ((0, 0),), (9.0,))
    while run.steps_done or run.cursor > run.backward_end:
        assert run.back() is not None
    now = everything(run)
    assert all(same_bits(np.ascontiguousarray(before[n]), np.ascontiguousarray(now[n])) for n in before)


def test_a_number_that_leads_to_infinity_stays_and_its_node_is_named():
    g = Graph()
    x = g.add("Input", name="x", value=(1.0, 2.0))
    g.add("Sum", g.add("Exp", x, name="exp"), name="goal")
    run = Run(g)
    run.forward()
    found = change(run, (g["x"].id, "y"), ((0,),), (1000.0,))
    assert isinstance(found.anew.fault, NumericsError)
    assert found.anew.fault.node == "exp"
    assert run.value("x")[0] == 1000.0
    found = change(run, found.end, found.places, found.before)
    assert found.anew.fault is None
    assert run.loss == pytest.approx(np.e + np.e**2)
