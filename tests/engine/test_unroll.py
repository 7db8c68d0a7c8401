"""Cells repeated along a sequence: the same numbers as by hand, as the fused layers, and as PyTorch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graphlab.engine import Inference, Run, check_gradients, infer
from graphlab.engine.unrolling import state_ends, step_of
from graphlab.graph import Document, Graph
from graphlab.graph.codec import from_bytes, to_bytes
from tests.engine.cells import elman, give, gru, jordan, lstm, ports, unrolled

X = np.random.default_rng(0).normal(size=(2, 5, 3))


def ran(g: Graph, weights: dict[str, Any] | None = None, **feed: Any) -> Run:
    run = Run(g, dtype="float64", seed=1)
    for name, value in (weights or {}).items():
        run.parameters[name][...] = value
    run.feed(**(feed or {"x": X}))
    run.forward()
    run.backward()
    return run


def by_hand(steps: int = 5, hidden: int = 4) -> Graph:
    """What `unrolled(elman())` stands for: copies that are wired one to the next and share their parameters."""
    g = Graph("by hand")
    x = g.add("Input", name="x", shape=("N", steps, 3))
    parts = g.add("Split", x, sections=steps)
    shapes = {"w": (hidden, 3), "b": (hidden,), "u": (hidden, hidden), "c": (hidden,)}
    w, b, u, c = (g.add("Parameter", name=name, shape=shape) for name, shape in shapes.items())
    h: Any = g.add("Input", name="h", shape=("N", hidden))
    states = []
    for t in range(1, steps + 1):
        seen = g.add("Linear", g.add("Squeeze", parts[f"y{t}"], dim=1), units=hidden, weight=w, bias=b)
        h = g.add("Tanh", g.add("Add", seen, g.add("Linear", h, units=hidden, weight=u, bias=c)))
        states.append(h)
    g.add("Mean", g.add("Square", g.add("Stack", *states)), name="loss")
    return g


NAMES = {
    "rnn/ih weight.value": "w.value",
    "rnn/ih bias.value": "b.value",
    "rnn/hh weight.value": "u.value",
    "rnn/hh bias.value": "c.value",
}


def test_it_computes_what_the_copies_drawn_by_hand_do() -> None:
    run = ran(unrolled(elman()))
    assert list(run.parameters) == list(NAMES)
    hand = ran(
        by_hand(), {NAMES[name]: value for name, value in run.parameters.items()}, x=X, h=np.zeros((2, 4))
    )
    assert run.loss == hand.loss
    for name, other in NAMES.items():
        np.testing.assert_allclose(run.gradients[name], hand.gradients[other], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(run.grad("x"), hand.grad("x"), rtol=1e-12)


def test_a_gradient_is_the_sum_of_as_many_terms_as_there_are_steps() -> None:
    run = ran(unrolled(elman()))
    terms = run.contributions("rnn/hh weight")
    assert sorted(terms) == [f"rnn/t={t}/hh.weight" for t in range(5)]
    np.testing.assert_allclose(sum(terms.values()), run.gradients["rnn/hh weight.value"], rtol=1e-12)
    assert not terms["rnn/t=0/hh.weight"].any()  # the state began at zero


def test_copies_go_by_their_step_and_states_can_be_followed() -> None:
    run = ran(unrolled(elman()))
    np.testing.assert_array_equal(run.value("rnn")[:, 3], run.value("rnn/t=3/act"))
    np.testing.assert_array_equal(run.value("rnn.h_last"), run.value("rnn/t=4/act"))
    key = next(i for i, node in run.plan.document.nodes.items() if node.name == "rnn")
    ends = state_ends(run.plan.inference.aliases, key, run.plan.document.nodes[key].make())["h_prev"]
    assert [step_of(key) and step_of(key)[1] for key, _ in ends] == [None, 0, 1, 2, 3, 4]
    assert all(end in run.plan.inference.specs for end in ends)


FUSED = {"RNN": elman, "LSTM": lstm, "GRU": gru}


@pytest.mark.parametrize("kind", FUSED)
def test_it_equals_the_fused_layer(kind: str) -> None:
    run = ran(unrolled(FUSED[kind]()))
    g = Graph()
    layer = g.add(
        kind, g.add("Input", name="x", shape=("N", 5, 3)), name="rnn", hidden_size=4, batch_first=True
    )
    g.add("Mean", g.add("Square", layer["y"]), name="loss")
    names = {
        f"rnn/{side} {what}.value": f"rnn.{what}_{side}_l0"
        for side in ("ih", "hh")
        for what in ("weight", "bias")
    }
    fused = ran(g, {names[name]: value for name, value in run.parameters.items()})
    np.testing.assert_allclose(run.loss, fused.loss, rtol=1e-12)
    for name, other in names.items():
        np.testing.assert_allclose(run.gradients[name], fused.gradients[other], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(run.grad("x"), fused.grad("x"), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", FUSED)
def test_it_equals_pytorch(kind: str) -> None:
    torch = pytest.importorskip("torch")
    run = ran(unrolled(FUSED[kind]()))
    layer = getattr(torch.nn, kind)(3, 4, batch_first=True, dtype=torch.float64)
    with torch.no_grad():
        for name, value in run.parameters.items():
            side, what = name.removeprefix("rnn/").removesuffix(".value").split()
            getattr(layer, f"{what}_{side}_l0")[...] = torch.tensor(value)
    loss = (layer(torch.tensor(X))[0] ** 2).mean()
    loss.backward()
    np.testing.assert_allclose(run.loss, loss.item(), rtol=1e-12)
    for name, gradient in run.gradients.items():
        side, what = name.removeprefix("rnn/").removesuffix(".value").split()
        theirs = getattr(layer, f"{what}_{side}_l0").grad.numpy()
        np.testing.assert_allclose(gradient, theirs, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("cell", "how"), [(elman, "all"), (elman, "mean"), (lstm, "all"), (gru, "last"), (jordan, "mean")]
)
def test_gradients_agree_with_finite_differences(cell: Any, how: str) -> None:
    for begin in ("zeros", "learnable"):
        g = unrolled(cell(), steps=3, outputs_as=how, begin=begin)
        assert not infer(g).problems
        run = ran(g, x=X[:, :3])
        assert check_gradients(run, inputs=True).passed


def test_outputs_are_given_whole_last_or_as_their_mean() -> None:
    whole = ran(unrolled(lstm())).value("rnn")
    last = ran(unrolled(lstm(), outputs_as="last"))
    np.testing.assert_array_equal(last.value("rnn"), whole[:, -1])
    np.testing.assert_allclose(
        ran(unrolled(lstm(), outputs_as="mean")).value("rnn"), whole.mean(1), rtol=1e-12
    )
    each = ran(unrolled(lstm(), each_as=(("c", "last"),)))
    assert each.value("rnn.h").shape == (2, 5, 4)
    np.testing.assert_array_equal(each.value("rnn.c"), each.value("rnn.c_last"))


def test_a_state_begins_as_it_is_wired_or_at_what_is_learnt() -> None:
    g = unrolled(elman())
    g.connect(g.add("Input", name="h", shape=("N", 4)), "rnn", "h_prev")
    start = np.full((2, 4), 0.3)
    wired = ran(g, x=X, h=start)
    learnt = ran(unrolled(elman(), begin="learnable"), {"rnn/h_prev.start": 0.3})
    assert learnt.parameters["rnn/h_prev.start"].shape == (4,)
    assert wired.loss == learnt.loss
    np.testing.assert_allclose(learnt.gradients["rnn/h_prev.start"], wired.grad("h").sum(0), rtol=1e-12)


def test_a_wired_state_that_does_not_come_out_as_it_goes_in_is_said_in_numbers() -> None:
    g = unrolled(elman())
    g.connect(g.add("Input", name="h", shape=("N", 5)), "rnn", "h_prev")
    (problem,) = [p for p in infer(g).problems if "h_prev" in p.node]
    assert "goes in as N×5 but comes out as N×4" in problem.message


def test_rows_of_whole_numbers_go_in_step_by_step() -> None:
    cell = Graph("reader")
    x, h = ports(cell, "x", "h_prev")
    seen = cell.add("Embedding", x, num_embeddings=7, embedding_dim=4)
    give(cell, h=cell.add("Tanh", cell.add("Add", seen, cell.add("Linear", h, units=4))))
    g = Graph()
    rnn = g.unroll(cell, g.add("Input", name="x", shape=("N", 5), dtype="int"), steps=5, name="rnn")
    g.add("Mean", g.add("Square", rnn), name="loss")
    assert not infer(g).problems
    run = ran(g, x=np.arange(10).reshape(2, 5) % 7)
    assert run.value("rnn").shape == (2, 5, 4)


def test_a_running_sum_needs_no_layer_to_tell_its_shape() -> None:
    cell = Graph("sum")
    x, s = ports(cell, "x", "s_prev")
    give(cell, s=cell.add("Add", x, s))
    run = ran(unrolled(cell))
    np.testing.assert_allclose(run.value("rnn"), X.cumsum(1), rtol=1e-12)


def test_training_comes_to_the_same_bits_as_stepping() -> None:
    found = []
    for way in ("step", "train"):
        run = Run(unrolled(gru(), begin="learnable"), seed=3)
        run.feed(x=X)
        if way == "train":
            run.train(6)
        else:
            for _ in range(6):
                for _ in run.steps():
                    pass
        found.append(run.store.gradient.copy())
    np.testing.assert_array_equal(*found)


def test_cells_in_cells_and_in_shared_groups_share_as_they_say() -> None:
    g = Graph()
    x = g.add("Input", name="x", shape=("N", 5, 3))
    first = g.unroll(elman(3), x, name="a", steps=5, weights="shared")
    second = g.unroll("g1", first["h"], name="b", steps=5, weights="shared")
    g.add("Mean", second, name="loss")
    run = ran(g)
    assert list(run.parameters) == [
        f"Elman (shared)/{s} {w}.value" for s in ("ih", "hh") for w in ("weight", "bias")
    ]
    assert len(run.contributions("Elman (shared)/ih weight")) == 10


def fields(found: Inference) -> list[object]:
    """What an inference says; operations that the engine makes are compared by their names."""
    nodes = {k: replace(node, op=None) for k, node in found.nodes.items()}
    parts = (nodes, found.specs, found.learnables, found.states, found.aliases)
    return [*(list(part.items()) for part in parts), found.problems, found.unhealthy, found.goal]


def test_after_edits_inference_equals_a_fresh_one() -> None:
    g, found = unrolled(lstm(), steps=3), Inference()

    def check() -> None:
        nonlocal found
        found = infer(g, previous=found)
        fresh: Document = from_bytes(to_bytes(g.document))
        assert fields(found) == fields(infer(fresh))

    check()
    g.set("rnn", steps=5)
    check()
    g.set("x", shape=("N", 5, 2))
    check()
    g.inside("rnn").set("hh", units=12)
    check()
    g.undo()
    before = dict(found.nodes)
    check()
    g.rename("loss", "end")
    g.set("rnn", begin="learnable")
    check()
    g.move({"x": (5.0, 5.0)})
    before = dict(found.nodes)
    check()
    same = [found.nodes[key] is node for key, node in before.items() if key in found.nodes and ":" not in key]
    assert sum(same) > len(same) // 2


def test_the_wrong_number_of_steps_is_said_with_the_fix() -> None:
    problem = infer(unrolled(elman(), steps=5).document).problems
    assert not problem
    g = unrolled(elman(), steps=5)
    g.set("rnn", steps=4)
    (problem,) = infer(g).problems
    assert str(problem) == "rnn/x.x: The sequence (N×5×3) has 5 steps, not 4. Set steps to 5."
