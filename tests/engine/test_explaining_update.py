"""An update explains itself: for every optimizer the terms come to the weight after it, whatever is set."""

from __future__ import annotations

import numpy as np
import pytest

from graphlab.engine import SGD, Adam, Run, Trainer
from graphlab.engine import messages as m
from graphlab.engine.answers import ANSWERS
from graphlab.engine.breakpoints import Probes, numbers_of
from graphlab.engine.conditions import parse, parse_number
from graphlab.engine.optimizer_state import state_array
from graphlab.engine.optimizers import OPTIMIZERS, Adadelta, Adagrad, AdamW, Lion, NAdam, RMSprop
from graphlab.engine.workspace import Workspace
from graphlab.errors import ConditionError, ExplainError, UnknownNodeError
from graphlab.graph import Graph
from graphlab.ops.explanation import evaluated
from tests.engine.networks import winding_graph, xor_feed, xor_graph

SETTINGS = [
    (SGD, {"lr": 0.1}),
    (SGD, {"lr": 0.1, "momentum": 0.9}),
    (SGD, {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01, "nesterov": True}),
    (Adam, {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.1}),
    (Adam, {"lr": 0.1, "betas": (0.5, 0.6), "amsgrad": True, "clip_norm": 0.05}),
    (AdamW, {"lr": 0.02, "weight_decay": 0.3, "clip_value": 0.01}),
    (NAdam, {"lr": 0.02, "weight_decay": 0.1, "momentum_decay": 0.1}),
    (RMSprop, {"lr": 0.02, "alpha": 0.8, "eps": 1e-3, "weight_decay": 0.1, "momentum": 0.7}),
    (RMSprop, {"lr": 0.002, "alpha": 0.8, "centered": True, "clip_value": 0.02, "clip_norm": 0.01}),
    (Adagrad, {"lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.5}),
    (Adadelta, {"lr": 0.5, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1}),
    (Lion, {"lr": 0.01, "weight_decay": 0.1, "clip_norm": 0.03}),
]
TOLERANCE = {"float32": 1e-6, "float64": 1e-12}


def made(kind=Adam, dtype="float64", steps=3, **settings):
    run = Run(xor_graph(), optimizer=kind(**settings), dtype=dtype)
    run.feed(**xor_feed())
    if steps:
        run.train(steps, remember=True)
    return run


def some_elements(run, count=6):
    rng = np.random.default_rng(7)
    names = list(run.parameters)
    for _ in range(count):
        name = names[rng.integers(len(names))]
        yield name, tuple(int(rng.integers(n)) for n in run.parameters[name].shape)


def test_every_optimizer_is_tried():
    assert {kind for kind, _ in SETTINGS} == set(OPTIMIZERS.values())


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize(("kind", "settings"), SETTINGS, ids=lambda x: getattr(x, "__name__", str(x)))
def test_terms_add_up_to_the_weight_before_and_after(kind, settings, dtype):
    run = made(kind, dtype, 0, **settings)
    for _ in range(4):
        run.backward()
        coming = {(name, at): run.explain(name, at, "update") for name, at in some_elements(run)}
        run.step()
        for (name, at), told in coming.items():
            after = float(run.parameters[name][at])
            assert told.shown == after, "foretold to the bit"
            for found in (told, run.explain(name, at, "update")):
                assert evaluated(found.term) == pytest.approx(after, rel=TOLERANCE[dtype], abs=1e-7)
                assert found.shown == after
            if dtype == "float64":
                assert evaluated(told.term) == pytest.approx(after, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize(("kind", "settings"), SETTINGS, ids=lambda x: getattr(x, "__name__", str(x)))
def test_what_is_kept_is_explained_as_well(kind, settings):
    run = made(kind, **settings)
    for name, at in some_elements(run, 3):
        for own, vector in run.optimizer.state.items():
            found = run.explain(f"{name}.{kind.called[own]}", at)
            slot = run.names.slot(name)
            assert found.shown == vector[slot.window].reshape(slot.shape)[at]
            assert found.term.parts, "told by its parts, not as a bare number"
            assert evaluated(found.term) == pytest.approx(found.shown, rel=1e-12, abs=1e-18)


def test_the_rule_stands_in_symbols_and_in_numbers():
    told = made(Adam, lr=0.1).explain("hidden.weight", (3, 1), "update")
    assert told.title == "hidden.weight[3, 1] after update 3"
    assert told.symbols == "w − lr · m̂ / (√(v̂) + ε)"
    assert told.formula.startswith("w ← w − lr·m̂ / (√v̂ + ε)")
    assert "0.1 · " in told.numbers
    assert r"\frac{\hat{m}}" in told.latex
    names = {part.origin.name for part in _leaves(told.term) if part.origin}
    assert {"weight.exp_avg", "weight.exp_avg_sq", "weight"} == names


def test_a_gradient_that_was_clipped_and_decayed_has_primes():
    run = made(Adam, lr=0.1, weight_decay=0.1, clip_value=0.01, clip_norm=0.02)
    told = run.explain("hidden.weight", (3, 1), "update")
    labels = {term.label for term in _leaves(told.term)}
    assert {"g", "g′", "g′′", "g′′′"} <= labels
    told = made(AdamW, lr=0.1).explain("hidden.weight", (3, 1), "update")
    assert told.symbols.startswith("w′ − lr · ")


def _leaves(term):
    return [term, *(leaf for part in term.parts for leaf in _leaves(part))]


def test_plain_descent_says_no_more_than_it_does():
    assert made(SGD, lr=0.1).explain("hidden.bias", (0,), "update").formula == "w ← w − lr·g"


def test_settings_changed_since_do_not_change_what_was_done():
    run = made(Adam, lr=0.1)
    before = run.explain("hidden.weight", (0, 0), "update")
    run.optimizer.lr, run.optimizer.beta1 = 0.5, 0.1
    run.optimizer.weight_decay = 1.0
    assert run.explain("hidden.weight", (0, 0), "update").term == before.term


def test_the_rate_of_a_schedule_is_the_one_that_was_used():
    graph = winding_graph(optimizer="SGD", lr=0.1, schedule="StepLR", step_size=1, gamma=0.5, batch_size=50)
    trainer = Trainer(graph)
    for _ in range(3):
        trainer.advance(1, remember=True)
    run = trainer.run
    told = run.explain("scores.weight", (0, 0), "update")
    assert run.optimizer.rate_used == pytest.approx(0.025)
    assert told.shown == pytest.approx(evaluated(told.term), rel=1e-6)


def test_a_weight_set_by_hand_since_is_told():
    run = made(SGD, lr=0.1)
    run.set("hidden.weight", np.ones((8, 2)))
    assert "by hand" in run.explain("hidden.weight", (0, 0), "update").note


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("start", "not known any more"),
        ("backward", "under way"),
        ("other", "another since"),
    ],
)
def test_where_nothing_can_be_told_it_says_what_to_do(where, said):
    run = made(Adam, steps=0 if where == "start" else 2, lr=0.1)
    if where == "backward":
        run.forward(), run.step()
    if where == "other":
        run.optimizer = SGD()
    with pytest.raises(ExplainError, match=said) as error:
        run.explain("hidden.weight", (0, 0), "update")
    assert error.value.hint


def test_what_no_update_changes_is_refused():
    run = made(Adam)
    with pytest.raises(ExplainError, match="No update changes it"):
        run.explain("hidden", (0, 0), "update")
    with pytest.raises(ExplainError, match=r"has no element \[0, 9\]"):
        run.explain("hidden.weight", (0, 9), "update")
    with pytest.raises(ExplainError, match=r"keeps no weight\.square_avg"):
        run.explain("hidden.weight.square_avg", (0, 0))
    with pytest.raises(UnknownNodeError):
        run.explain("hidden.weight.nonsense", (0, 0))


def test_a_frozen_parameter_stays_and_keeps_nothing():
    graph = xor_graph()
    hidden = graph.document.node("hidden").id
    graph.set_flags(hidden, frozen=True)
    run = Run(graph)
    run.feed(**xor_feed())
    run.backward()
    with pytest.raises(ExplainError, match="frozen"):
        run.explain("hidden.weight", (0, 0), "update")
    assert state_array(run, (hidden, "weight.exp_avg")) is None


def a_space(**training):
    graph = xor_graph()
    graph.configure(optimizer="Adam", lr=0.1, **training)
    space = Workspace(graph.document)
    space.run.feed(**xor_feed())
    return space, graph.document.node("hidden").id


def test_the_engine_shows_what_is_kept_like_any_array():
    space, node = a_space()
    key = m.TensorKey("value", node, "weight.exp_avg")
    before, fresh = space.array(key)
    assert fresh
    assert before.shape == (8, 2)
    assert not before.any()
    space.phase("update")
    after, _ = space.array(key)
    assert after == pytest.approx(0.1 * space.run.gradients["hidden.weight"], rel=1e-4)
    assert space.array(m.TensorKey("value", node, "weight.step"))[0] == 1
    assert space.array(m.TensorKey("value", node, "weight.square_avg")) is None
    assert space.array(m.TensorKey("grad", node, "weight.exp_avg")) is None


def test_what_is_kept_can_be_watched_and_broken_on():
    space, node = a_space()
    space.phase("update")
    read = Probes(
        [m.Probe(node, "weight.exp_avg.norm"), m.Probe(node, "lr"), m.Probe(node, "weight.exp_avg[0, 1]")]
    )
    norm, rate, one = read.read(space)
    assert norm > 0
    assert rate == 0.1
    assert one == space.array(m.TensorKey("value", node, "weight.exp_avg"))[0][0, 1]
    assert parse_number("weight.exp_avg").whole == ("weight.exp_avg", False)
    assert parse("lr < 0.2").holds(lambda *_: np.zeros(1), numbers_of(space))
    with pytest.raises(ConditionError, match="keeps nothing of grad"):
        parse("grad.exp_avg.norm > 1")


def test_the_state_of_a_shared_parameter_is_found_from_its_user():
    graph = Graph()
    shared = graph.add("Parameter", shape=(1, 2), name="W")
    x = graph.add("Input", shape=("N", 2), name="x")
    graph.add("Mean", graph.add("Linear", x, name="out", units=1, weight=shared), name="loss")
    graph.configure(optimizer="Adam")
    space = Workspace(graph.document)
    space.run.feed(x=np.ones((3, 2)))
    space.phase("update")
    layer, owner = (graph.document.node(name).id for name in ("out", "W"))
    values = Probes([m.Probe(layer, "weight.exp_avg.norm"), m.Probe(owner, "value.exp_avg.norm")]).read(space)
    assert values[0] == values[1] > 0


def test_the_engine_answers_the_question_about_an_update():
    space, node = a_space()
    space.phase("update")
    ask = ANSWERS[m.Explain]
    told = ask(space, 1, m.Explain(5, "update", node, "weight", (0, 1)))
    assert told.request == 5
    assert told.explanation.shown == space.run.parameters["hidden.weight"][0, 1]
    assert m.decode_event(m.encode(told)[8:]) == told
